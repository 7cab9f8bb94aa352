"""The window through which a log is read, and the header lines in it.

The marks of all formats are searched in it, each byte once a mark; what has a mark and matches the
pattern of its format begins a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from ..base import Data
from .formats import LONGEST_HEAD, Format

__all__ = ["Head", "Heads", "Readable", "Window", "header_line"]

# A line of a log that has its mark later than this is none.
_LATEST_MARK = 1024

_WORD = re.compile(rb"\w")


class Readable(Protocol):
    """A binary file."""

    def read(self, size: int, /) -> bytes | None:
        """Return up to `size` bytes; none at the end."""


class Head(NamedTuple):
    """A header line in the window."""

    start: int
    end: int
    format: Format
    found: re.Match[bytes]


class Window:
    """A part of the log: `data`, which begins at byte `base` of the log."""

    __slots__ = ("_ahead", "_block", "_read", "base", "data", "is_last")

    def __init__(self, source: Data | Readable, block: int, ahead: int) -> None:
        self._block = block
        self._ahead = ahead
        self._read = _BytesReader(source).read if not hasattr(source, "read") else source.read
        self.data = b""
        self.base = 0
        self.is_last = False

    def advance(self, at: int) -> None:
        """Drop what is before `at`, and read on until the window is full."""
        parts = [self.data[at:]]
        size = len(parts[0])
        self.base += at
        while size < self._ahead + self._block:
            block = self._read(self._block)
            if not block:
                if block is None:
                    raise BlockingIOError("the file object has no bytes ready")
                self.is_last = True
                break
            parts.append(bytes(block))
            size += len(block)
        self.data = b"".join(parts)

    def has(self, at: int) -> bool:
        """Whether a whole message at `at` would be in the window."""
        return self.is_last or at + self._ahead <= len(self.data)


class _BytesReader:
    """Reads a buffer as a file."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: Data) -> None:
        self._data = data
        self._at = 0

    def read(self, size: int, /) -> bytes:
        block = self._data[self._at : self._at + size]
        self._at += len(block)
        return block


class _Mark:
    """A mark, the formats that have it, and how far it was searched."""

    __slots__ = ("formats", "head", "searched", "text")

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.formats: list[Format] = []
        self.head: Head | None = None
        self.searched = 0


class Heads:
    """Finds the header lines in a window, in their order."""

    __slots__ = ("_found", "_marks", "_searched", "_window")

    def __init__(self, window: Window, formats: Iterable[Format]) -> None:
        self._window = window
        marks: dict[bytes, _Mark] = {}
        for format in formats:
            for text in format.marks:
                marks.setdefault(text, _Mark(text)).formats.append(format)
        self._marks = list(marks.values())
        # Those with a header line in this window: few, as a rule.
        self._found: list[_Mark] = []
        self._searched = False

    def moved(self, by: int) -> None:
        """The window has moved on by so many bytes."""
        for mark in self._marks:
            head = mark.head
            if head is not None and head.start >= by:
                mark.head = head._replace(start=head.start - by, end=head.end - by)
            else:
                mark.head = None
            mark.searched = max(0, mark.searched - by)
        self._searched = False

    def next(self, at: int) -> Head | None:
        """The first header line at or after `at`."""
        if not self._searched:
            for mark in self._marks:
                if mark.head is None:
                    self._search(mark, max(at, mark.searched), at)
            self._found = [mark for mark in self._marks if mark.head is not None]
            self._searched = True
        first = None
        for mark in self._found:
            head = mark.head
            if head is not None and head.start < at:
                head = self._search(mark, at, at)
            if head is not None and (first is None or head.start < first.start):
                first = head
        return first

    def _search(self, mark: _Mark, at: int, floor: int) -> Head | None:
        """Find the first header line with `mark` at or after `at`."""
        data, is_last = self._window.data, self._window.is_last
        size, text = len(data), mark.text
        mark.head = None
        while True:
            hit = data.find(text, at)
            if hit < 0:
                mark.searched = max(at, size if is_last else size - len(text))
                return None
            start = _line_start(data, floor, hit)
            if start is not None:
                mark.searched = start
                if not is_last and start + LONGEST_HEAD > size:
                    return None
                for format in mark.formats:
                    begin: int | None = start
                    if format.is_below and start > floor:
                        begin = _line_start(data, floor, start - 1)
                    if begin is None:
                        continue
                    matched = format.match(data, begin)
                    if matched is not None:
                        found, end = matched
                        mark.head = Head(begin, end, format, found)
                        return mark.head
            line_end = data.find(b"\n", hit + len(text) - 1)
            at = size if line_end < 0 else line_end + 1


def _line_start(data: bytes, floor: int, place: int) -> int | None:
    """Where the line of `place` begins, at `floor` or after it; None if that is too far before."""
    start = data.rfind(b"\n", max(floor, place - _LATEST_MARK), place) + 1
    if start:
        return start
    return floor if place - floor <= _LATEST_MARK else None


def header_line(data: bytes, format: Format) -> bytes:
    """The first header line of `format` in `data`, without lines that are only drawn."""
    window = Window(data, len(data) + 1, 0)
    window.advance(0)
    head = Heads(window, (format,)).next(0)
    lines = [] if head is None else window.data[head.start : head.end].splitlines()
    return next((line for line in lines if _WORD.search(line)), b"")
