"""The line and the column of a fault, in a file that is text."""

from __future__ import annotations

from typing import NamedTuple

from ...reading import is_apart
from .find import Found

__all__ = ["LineAndColumn", "Lines"]

_CHUNK = 1 << 20


class LineAndColumn(NamedTuple):
    """Both count from 1; the column in characters."""

    line: int
    column: int


class Lines:
    """Counts the lines of the files once, from one fault to the next."""

    def __init__(self) -> None:
        self._file: str | None = None
        self._begun = 0  # the first message again, of a file named twice
        self._offset = 0
        self._line = 1

    def at(self, found: Found) -> LineAndColumn | None:
        """The place of a fault; None in a capture or a log."""
        datagram = found.datagram
        if is_apart(datagram):
            return None
        data = memoryview(datagram.data.obj)
        offset = min(datagram.offset + found.fault.offset, len(data))
        if found.file != self._file or (offset < self._offset and datagram.offset < self._begun):
            self._file, self._offset, self._line = found.file, 0, 1
        if offset < self._offset:  # an earlier byte of the same message
            self._line -= bytes(data[offset : self._offset]).count(b"\n")
        else:
            for at in range(self._offset, offset, _CHUNK):
                self._line += bytes(data[at : min(offset, at + _CHUNK)]).count(b"\n")
        self._begun, self._offset = datagram.offset, offset
        within = bytes(data[datagram.offset : offset])
        line = within[within.rfind(b"\n") + 1 :]
        return LineAndColumn(self._line, len(line.decode("utf-8", "replace")) + 1)
