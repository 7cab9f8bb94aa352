"""The messages of streams that a log shows read by read."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, Generic, NamedTuple, TypeVar

from ..recognise import is_start_line, next_line
from .text import BLANK_LINE, CONTENT_LENGTH, past_line_ends

__all__ = ["Connections", "Whole"]

_OVERLAP = 3

_Key = TypeVar("_Key")
_Origin = TypeVar("_Origin")


class Whole(NamedTuple):
    """A message of a connection, and the read in which it began."""

    origin: Any  # Python 3.10 has no generic NamedTuple
    text: bytes
    is_cut: bool


class _Connection(Generic[_Origin]):
    """The bytes of one direction that are not a message yet."""

    __slots__ = ("origin", "pending", "searched", "wanted")

    def __init__(self, origin: _Origin) -> None:
        self.pending = bytearray()
        self.origin = origin
        self.searched = 0
        self.wanted = 0


class Connections(Generic[_Key, _Origin]):
    """Puts messages together from the reads of many connections.

    The unfinished messages of all connections take at most `most` bytes, each at most `longest`;
    those of the connections read longest ago are cut first. The cost is linear in the bytes.
    """

    def __init__(self, longest: int, most: int) -> None:
        self._longest = longest
        self._most = most
        self._size = 0
        self._open: OrderedDict[_Key, _Connection[_Origin]] = OrderedDict()

    def is_open(self, key: _Key) -> bool:
        """Whether a message of the connection is unfinished."""
        return key in self._open

    def feed(self, key: _Key, origin: _Origin, data: bytes) -> Iterator[Whole]:
        """The messages that end in `data`, and those cut to stay within the bounds."""
        connection = self._open.pop(key, None)
        if connection is None:
            connection = _Connection(origin)
        self._size -= len(connection.pending)
        connection.pending += data
        yield from self._taken(connection, origin)
        if connection.pending:
            self._open[key] = connection
            self._size += len(connection.pending)
        while self._size > self._most:
            yield from self._closed(self._open.popitem(last=False)[1])

    def close(self) -> Iterator[Whole]:
        """What is left at the end of the log."""
        while self._open:
            yield from self._closed(self._open.popitem(last=False)[1])

    def _closed(self, connection: _Connection[_Origin]) -> Iterator[Whole]:
        self._size -= len(connection.pending)
        yield Whole(connection.origin, bytes(connection.pending), True)

    def _taken(self, connection: _Connection[_Origin], origin: _Origin) -> Iterator[Whole]:
        data = bytes(connection.pending) if self._may_end(connection) else b""
        start = 0
        while start < len(data):
            begin = past_line_ends(data, start)
            if begin == len(data):
                start = begin
                break
            end = self._end(data, begin, connection)
            if end is None:
                start = begin
                break
            yield Whole(connection.origin, data[begin:end], False)
            start = end
            connection.origin = origin
            connection.searched = connection.wanted = 0
        if start:
            del connection.pending[:start]
            connection.searched = 0
        if len(connection.pending) > self._longest:
            yield Whole(connection.origin, bytes(connection.pending), True)
            connection.pending.clear()
            connection.origin = origin
            connection.searched = connection.wanted = 0

    def _may_end(self, connection: _Connection[_Origin]) -> bool:
        """Whether a message may end now, so that each byte is looked at once."""
        pending = connection.pending
        if connection.wanted:
            return len(pending) >= connection.wanted
        if len(pending) > self._longest:
            return False
        found = BLANK_LINE.search(pending, connection.searched)
        connection.searched = max(0, len(pending) - _OVERLAP)
        return found is not None or pending.startswith((b"\r", b"\n"))

    def _end(self, data: bytes, begin: int, connection: _Connection[_Origin]) -> int | None:
        blank = BLANK_LINE.search(data, begin)
        if blank is None:
            return None
        if not is_start_line(data, begin, len(data)):
            # Something else, up to the next message.
            return next_line(data, begin, len(data), False)
        found = CONTENT_LENGTH.search(data, begin, blank.start() + 2)
        end = blank.end() + (int(found[1]) if found else 0)
        if end > len(data):
            connection.wanted = end - begin
            return None
        return end
