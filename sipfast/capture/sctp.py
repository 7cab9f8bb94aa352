"""SCTP: from a packet to the user messages in its DATA chunks (RFC 9260 3.3.1, RFC 8260).

One user message is one SIP message (RFC 4168 3). Those in several chunks are put together; memory
is bounded, and the oldest is given up first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from struct import Struct

from .base import Data
from .ip import Other
from .streams import Piece

_HEADER = Struct(">HHI4x")
_CHUNK = Struct(">BBH")
_TSN = Struct(">I")
_DATA, _I_DATA = 0, 64
#: Types of chunks with data, and the length of their headers.
_SIZES = {_DATA: 16, _I_DATA: 20}
_FIRST, _LAST = 2, 1

MOST_PIECES = 8192
MOST_BYTES = 16 * 1024 * 1024
MOST_TAKEN = 8192
_NUMBERS = 0xFFFFFFFF

_Key = tuple[bytes, int, bytes, int, int]


class Messages:
    """The user messages of a capture's associations."""

    __slots__ = ("_begins", "_ends", "_pieces", "_size", "_taken", "repeated")

    def __init__(self) -> None:
        # The chunks of unfinished messages, by association and number; and the runs of them, by
        # the first number and by the last.
        self._pieces: dict[tuple[_Key, int], tuple[int, bytes, int]] = {}
        self._ends: OrderedDict[tuple[_Key, int], int] = OrderedDict()
        self._begins: dict[tuple[_Key, int], int] = {}
        self._taken: OrderedDict[tuple[_Key, int], None] = OrderedDict()
        self._size = 0
        self.repeated = 0

    @property
    def is_new(self) -> bool:
        """Whether there was no data yet."""
        return not self._pieces and not self._taken

    def read(
        self, data: Data, packet: Other, where: int
    ) -> tuple[list[Piece], int, int, bool] | str:
        """The messages that a packet completes, its ports, and whether it holds other chunks only.

        `where` is what to add to an index of `data` for the place in the file.
        """
        at, end = packet.start, packet.end
        if end - at < 12:
            return "truncated" if end < packet.stated_end else "sctp"
        source_port, destination_port, tag = _HEADER.unpack_from(data, at)
        key = packet.source, source_port, packet.destination, destination_port, tag
        found: list[Piece] = []
        has_data = False
        at += 12
        while at + 4 <= end:
            kind, flags, length = _CHUNK.unpack_from(data, at)
            header = _SIZES.get(kind)
            if header is not None and at + header <= end and length >= header:
                has_data = True
                stated = at + length
                stop = min(end, stated)
                number = _TSN.unpack_from(data, at + 4)[0]
                start = at + header
                self._take(
                    data, start, stop, where + start, key, number, flags, stop < stated, found
                )
            at += max(4, (length + 3) & ~3)
        return found, source_port, destination_port, has_data

    def _take(
        self,
        data: Data,
        start: int,
        stop: int,
        offset: int,
        key: _Key,
        number: int,
        flags: int,
        is_cut: bool,
        found: list[Piece],
    ) -> None:
        place = key, number
        if place in self._taken or place in self._pieces:
            self.repeated += 1
            return
        if flags & 3 == _FIRST | _LAST:
            self._took(place)
            found.append(Piece(data, start, stop, offset, is_cut))
            return
        self._pieces[place] = flags, bytes(data[start:stop]), offset
        self._size += stop - start
        whole = self._joined(key, number)
        if whole is not None:
            found.append(whole)

    def _took(self, place: tuple[_Key, int]) -> None:
        self._taken[place] = None
        if len(self._taken) > MOST_TAKEN:
            self._taken.popitem(last=False)

    def _joined(self, key: _Key, number: int) -> Piece | None:
        """The message of the chunk that just came, if that completes it."""
        pieces = self._pieces
        first = last = number
        flags = pieces[key, number][0]
        # Join the runs of chunks before and after it, which end where a message does.
        before = key, number - 1 & _NUMBERS
        if not flags & _FIRST and before in self._begins and not pieces[before][0] & _LAST:
            first = self._begins.pop(before)
            del self._ends[key, first]
        after = key, number + 1 & _NUMBERS
        if not flags & _LAST and after in self._ends and not pieces[after][0] & _FIRST:
            last = self._ends.pop(after)
            del self._begins[key, last]
        self._begins[key, last] = first
        self._ends[key, first] = last
        if not (pieces[key, first][0] & _FIRST and pieces[key, last][0] & _LAST):
            return None
        return self._popped(key, first)

    def _popped(self, key: _Key, first: int) -> Piece:
        """Take out the run of chunks that begins with a number."""
        last = self._ends.pop((key, first))
        del self._begins[key, last]
        offset = self._pieces[key, first][2]
        parts = []
        for step in range((last - first & _NUMBERS) + 1):
            place = key, first + step & _NUMBERS
            text = self._pieces.pop(place)[1]
            parts.append(text)
            self._size -= len(text)
            self._took(place)
        whole = b"".join(parts)
        return Piece(whole, 0, len(whole), offset)

    def given_up(self, *, all_of_them: bool = False) -> Iterator[tuple[_Key, Piece]]:
        """Take out unfinished messages, if there are too many, or all at the end.

        One without its beginning is empty.
        """
        pieces = self._pieces
        while pieces and (all_of_them or len(pieces) > MOST_PIECES or self._size > MOST_BYTES):
            key, first = next(iter(self._ends))
            has_first = pieces[key, first][0] & _FIRST
            data, start, end, offset, _ = self._popped(key, first)
            yield key, Piece(data, start, end if has_first else start, offset, True)
