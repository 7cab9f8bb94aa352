"""The pure twin of `maps.pyx`: files are copied where others could shrink them.

A mapped file that shrinks ends a process that reads it, unless a handler in C prevents that.  On
Windows, a mapped file cannot be shrunk.
"""

from __future__ import annotations

import mmap
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

__all__ = ["intact", "mapped", "watched"]

T = TypeVar("T")

Data = bytes | mmap.mmap

IN_MEMORY = 16 * 1024 * 1024
_CHUNK = 1024 * 1024


def mapped(descriptor: int, is_private: bool = False) -> Data:
    """The content of a regular file; b"" of an empty one.

    A copy of it, unless nobody else can write to it: in memory up to 16 MiB, and in a temporary
    file without a name beyond.
    """
    size = os.fstat(descriptor).st_size
    if not size:
        return b""
    if is_private or sys.platform == "win32":
        return mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
    if size <= IN_MEMORY:
        return b"".join(_chunks(descriptor, size))
    import tempfile  # seldom needed, and not small

    with tempfile.TemporaryFile(buffering=0) as copy:
        for chunk in _chunks(descriptor, size):
            written = 0
            while written < len(chunk):
                written += copy.write(memoryview(chunk)[written:])
        return mapped(copy.fileno(), is_private=True)


def _chunks(descriptor: int, size: int) -> Iterator[bytes]:
    """The first `size` bytes of a file, or fewer if it shrinks meanwhile."""
    at = 0
    while at < size:
        chunk = os.pread(descriptor, min(_CHUNK, size - at), at)
        if not chunk:
            return
        at += len(chunk)
        yield chunk


def intact(data: Data) -> int:
    """So many bytes at the beginning of `data` are still those of its file."""
    return len(data)


def watched(records: Iterable[T], data: Data, is_kept: Callable[[T | None], bool]) -> Iterator[T]:
    """The records of a reader of `data`, without those that the file has lost: none."""
    return iter(records)
