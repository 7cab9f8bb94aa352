"""Opening a file, whose format is detected by its first bytes, regardless of its name."""

from __future__ import annotations

import contextlib
import io
import mmap
import os
import stat
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from .base import CaptureError, Data, Datagram, Tally
from .files import messages, pcap, pcapng
from .reasons import unread_of

# Some systems lack some of these.
_FLAGS: int = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0)
# A pipe that took the place of a file since it was looked at does not wait for its writer.
_FLAGS_OF_FILES: int = _FLAGS | getattr(os, "O_NONBLOCK", 0)

# Of a pipe, so much is kept in memory; the rest goes into a temporary file.
_IN_MEMORY = 16 * 1024 * 1024
_CHUNK = 256 * 1024


class Readable(Protocol):
    """A binary file object."""

    def read(self, size: int, /) -> bytes | None:
        """Return up to `size` bytes; none at the end."""


class _Reader(NamedTuple):
    format: str
    recognises: Callable[[Data], bool]
    datagrams: Callable[[Data, Tally], Iterator[Datagram]]


_READERS = (
    _Reader("pcap", pcap.recognises, pcap.datagrams),
    _Reader("pcapng", pcapng.recognises, pcapng.datagrams),
    _Reader("messages", messages.recognises, messages.datagrams),
)

# Similar files, and advice for them.
_HINTS = {
    b"\x1f\x8b": "compressed with gzip; decompress it first",
    b"\x28\xb5\x2f\xfd": "compressed with zstd; decompress it first",
    b"\xfd7zXZ": "compressed with xz; decompress it first",
    b"BZh": "compressed with bzip2; decompress it first",
    b"GMBU": "a file of Microsoft Network Monitor; convert it with editcap",
    b"snoop\0": "a file of snoop; convert it with editcap",
}


class Capture:
    """A file open for reading: iterate over it for its `Datagram` records.

    Each iteration begins at the start of the file and resets `skipped` and `position`. A payload is
    a view of the mapped file and stays valid after `close`: the file is unmapped with the last of
    them. As with every mapped file, it must not be truncated before.

    Attributes:
        format: "pcap", "pcapng" or "messages".
        size: bytes in the file, or read from the pipe.
    """

    def __init__(self, data: Data, reader: _Reader) -> None:
        self._data: Data | None = data
        self._reader = reader
        self._tally = Tally()
        self.format = reader.format
        self.size = len(data)

    @property
    def position(self) -> int:
        """Bytes read so far.

        Less than `size` after the last datagram means that the rest is unreadable; `skipped` has
        the reason: "truncated record" or "malformed block".
        """
        return self._tally.position

    @property
    def skipped(self) -> Counter[str]:
        """The number of skipped packets so far, by reason.

        `sipfast.capture.REASONS` has the meaning of each.
        """
        return self._tally.skipped

    @property
    def unread(self) -> Counter[str]:
        """Those of `skipped` that may have held SIP: SIP over TCP, fragments, tunnels, packets that
        are truncated or malformed.

        Only if this is empty after the iteration was all SIP of the capture read.
        """
        return unread_of(self._tally.skipped)

    def __iter__(self) -> Iterator[Datagram]:
        if self._data is None:
            raise ValueError("the capture is closed")
        self._tally = Tally()
        return self._reader.datagrams(self._data, self._tally)

    def __enter__(self) -> Capture:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. Its payloads stay valid."""
        # Closing the map itself would fail while a view of it is alive.
        self._data = None

    def __repr__(self) -> str:
        return f"<Capture {self.format}, {self.size} bytes>"


def open(source: str | os.PathLike[str] | Readable | bytes | bytearray | memoryview) -> Capture:
    """Open a capture (pcap or pcapng), or a file of concatenated SIP messages.

    `source` is a path, also of a named pipe; "-" for standard input (a file of that name is
    "./-"); a binary file object; or the bytes of the file themselves. Regular files are mapped.
    Pipes and file objects are read to their end first, into memory up to 16 MiB and into a
    temporary file beyond.

    Raises:
        CaptureError: the format is unknown, or the path is neither a file nor a pipe.
        OSError: the file cannot be opened or read.
        TypeError: `source` is of another type, or a file object that reads text.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        return _opened(bytes(source))
    if isinstance(source, str) and source == "-":
        source = _standard_input()
    if isinstance(source, str | os.PathLike):
        return _opened(_of_path(os.fspath(source)))
    if not hasattr(source, "read"):
        kind = type(source).__name__
        raise TypeError(f"source must be a path, a binary file object or bytes, not {kind}")
    return _opened(_of_file(source))


def _opened(data: Data) -> Capture:
    if not len(data):
        raise CaptureError("the file is empty")
    return capture_of(data)


def _standard_input() -> Readable:
    file = getattr(sys.stdin, "buffer", None)
    if file is None:
        raise CaptureError("standard input is closed")
    readable: Readable = file
    return readable


def _of_path(path: str) -> Data:
    kind = _kind(os.stat(path))  # before opening, which may be a command to a device
    descriptor = os.open(path, _FLAGS if kind == stat.S_IFIFO else _FLAGS_OF_FILES)
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        if _kind(os.fstat(descriptor)) != kind:
            raise CaptureError("the file was replaced during its opening")
        return _read(file) if kind == stat.S_IFIFO else _mapped(file)


def _kind(status: os.stat_result) -> int:
    kind = stat.S_IFMT(status.st_mode)
    if kind not in (stat.S_IFREG, stat.S_IFIFO):
        raise CaptureError("neither a file nor a pipe")
    return kind


def _of_file(file: Readable) -> Data:
    # Other classes have the descriptor of other bytes than `read` returns, such as gzip's.
    raw = file.raw if type(file) is io.BufferedReader else file
    if type(raw) is io.FileIO and stat.S_ISREG(os.fstat(raw.fileno()).st_mode):
        assert isinstance(file, io.BufferedReader | io.FileIO)
        if file.tell() == 0:
            file.seek(0, os.SEEK_END)  # as after reading
            return _mapped(raw)
    return _read(file)


def _mapped(file: io.FileIO) -> Data:
    size = os.fstat(file.fileno()).st_size
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""


def _read(file: Readable) -> Data:
    """All bytes of `file`, which may be more than fit into memory."""
    pending = bytearray()
    with contextlib.ExitStack() as stack:
        spool = None
        while chunk := file.read(_CHUNK):
            if not isinstance(chunk, bytes | bytearray | memoryview):
                raise TypeError(f"the file object must read bytes, not {type(chunk).__name__}")
            pending += chunk
            if len(pending) > _IN_MEMORY:
                if spool is None:
                    import tempfile  # rarely needed, and not small

                    spool = stack.enter_context(tempfile.TemporaryFile())
                spool.write(pending)
                pending.clear()
        if chunk is None:
            raise BlockingIOError("the file object has no bytes ready")
        if spool is None:
            return bytes(pending)
        spool.write(pending)
        spool.flush()
        return mmap.mmap(spool.fileno(), 0, access=mmap.ACCESS_READ)


def capture_of(data: Data) -> Capture:
    """Choose the reader of `data` by its first bytes. Raises CaptureError for an unknown format."""
    for reader in _READERS:
        if reader.recognises(data):
            return Capture(data, reader)
    raise CaptureError(f"neither a capture nor SIP messages: {_described(data)}", 0)


def _described(data: Data) -> str:
    for magic, hint in _HINTS.items():
        if data[: len(magic)] == magic:
            return hint
    return f"it begins with {data[:16]!r}"
