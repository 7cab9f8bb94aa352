"""Compressed files: gzip, bzip2, xz by the standard library; zstd, lz4 by the extra `capture`.

A file that is cut, or has a fault, is read up to there.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol

from ..._install import how_to_get
from ..base import CaptureError, Data

_CHUNK = 256 * 1024

#: Compressed files within compressed files.
DEEPEST = 4

# Captures shrink to a tenth, those that repeat themselves to a hundredth; bombs to much less.
_LARGEST_RATIO = 1000
_SMALL = 256 * 1024 * 1024


class _Decompressor(Protocol):
    """As those of `bz2` and `lzma`."""

    eof: bool
    needs_input: bool
    unused_data: bytes | None

    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Gzip:
    """The decompressor of zlib, with the methods of the others."""

    def __init__(self) -> None:
        zlib = importlib.import_module("zlib")
        self._inflate = zlib.decompressobj(31)

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        found: bytes = self._inflate.decompress(self._inflate.unconsumed_tail + data, max_length)
        return found

    @property
    def eof(self) -> bool:
        return bool(self._inflate.eof)

    @property
    def needs_input(self) -> bool:
        return not self._inflate.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        unused: bytes = self._inflate.unused_data
        return unused


class _Format(NamedTuple):
    name: str
    magic: bytes
    modules: tuple[str, ...]
    """The module of its decompressor: the first of these that is installed."""
    decompressor: str
    faults: tuple[str, ...] = ()
    """The module's errors for a fault in the content."""


_FORMATS = (
    _Format("gzip", b"\x1f\x8b\x08", ("zlib",), "", ("error",)),
    _Format("bzip2", b"BZh", ("bz2",), "BZ2Decompressor"),
    _Format("xz", b"\xfd7zXZ\0", ("lzma",), "LZMADecompressor", ("LZMAError",)),
    _Format(
        "zstd",
        b"\x28\xb5\x2f\xfd",
        ("compression.zstd", "backports.zstd"),
        "ZstdDecompressor",
        ("ZstdError",),
    ),
    _Format("lz4", b"\x04\x22\x4d\x18", ("lz4.frame",), "LZ4FrameDecompressor"),
)


def format_of(data: Data) -> str | None:
    """The name of the compression of a file; None for another file."""
    found = _of(data)
    return None if found is None else found.name


def _of(data: Data) -> _Format | None:
    for row in _FORMATS:
        if data[: len(row.magic)] == row.magic:
            return row
    return None


class Expanded:
    """The content of a compressed file: a binary file object.

    Attributes:
        fault: why the content ends early, a reason of `reasons`; None at a proper end.
    """

    def __init__(self, data: Data, budget: int | None = None) -> None:
        row = _of(data)
        assert row is not None
        self.format = row.name
        self.fault: str | None = None
        self._left = max(_SMALL, _LARGEST_RATIO * len(data)) if budget is None else budget
        module = _module(row)
        make: Any = getattr(module, row.decompressor) if row.decompressor else _Gzip
        faults = (OSError, ValueError, EOFError, RuntimeError)
        self._faults = faults + tuple(getattr(module, name) for name in row.faults)
        self._magic = row.magic
        self._chunks = self._expand(data, make)

    @property
    def budget(self) -> int:
        """The bytes that may still follow."""
        return self._left

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most 256 KiB of them; none at the end."""
        chunk = next(self._chunks, b"")
        self._left -= len(chunk)
        if self._left < 0:
            raise CaptureError(f"compressed with {self.format} by a factor of over a thousand")
        return chunk

    def _expand(self, data: Data, make: Callable[[], _Decompressor]) -> Iterator[bytes]:
        """The content of all frames, one after another."""
        at, size = 0, len(data)
        while at < size:
            if at and data[at : at + len(self._magic)] != self._magic:
                # Padding after the last frame is common on tapes and block devices.
                if data[at : at + _CHUNK].strip(b"\0"):
                    self.fault = "malformed compression"
                return
            decompressor = make()
            try:
                while not decompressor.eof:
                    part = b""
                    if decompressor.needs_input:
                        part = data[at : at + _CHUNK]
                        at += len(part)
                        if not part:
                            self.fault = "truncated compression"
                            return
                    chunk = decompressor.decompress(part, _CHUNK)
                    if chunk:
                        yield chunk
            except self._faults:
                self.fault = "malformed compression"
                return
            at -= len(decompressor.unused_data or b"")


def _module(row: _Format) -> Any:
    for name in row.modules:
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError:
            continue
    raise CaptureError(f"compressed with {row.name}, which needs {how_to_get('capture')}", 0)
