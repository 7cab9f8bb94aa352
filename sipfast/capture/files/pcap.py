"""The classic capture file: one header, then records of a timestamp, two lengths and the bytes.

Format: draft-ietf-opsawg-pcap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from struct import Struct
from typing import Any, NamedTuple

from ..base import CaptureError, Data, Record, Tally, intact
from ..packets import Captured, walked

# The magic number gives the byte order, the nanoseconds in one unit of a record's fraction, and the
# bytes of a record's header: an old one of Linux has eight more, for the interface.
_MAGICS = {
    b"\xa1\xb2\xc3\xd4": (">", 1000, 16),
    b"\xd4\xc3\xb2\xa1": ("<", 1000, 16),
    b"\xa1\xb2\x3c\x4d": (">", 1, 16),
    b"\x4d\x3c\xb2\xa1": ("<", 1, 16),
    b"\xa1\xb2\xcd\x34": (">", 1000, 24),
    b"\x34\xcd\xb2\xa1": ("<", 1000, 24),
}
SIZE_OF_HEADER = 24


def recognises(data: Data) -> bool:
    """Whether `data` is a classic capture. Raises CaptureError for a truncated header."""
    if data[:4] not in _MAGICS:
        return False
    if len(data) < SIZE_OF_HEADER:
        raise CaptureError("truncated pcap file header", len(data))
    return True


def datagrams(data: Data, tally: Tally) -> Iterable[Record]:
    return walked(data, tally, _Records(data), _packets(data, tally))


class _Records:
    """The records, for C."""

    def __init__(self, data: Data) -> None:
        self._data = data
        self._order, self._unit, self._header = _MAGICS[data[:4]]

    def begin(self, walk: Any) -> None:
        link_type = _link_type(self._data, self._order)
        kind = self._order == ">", self._unit, self._header, link_type
        walk.begin_records(SIZE_OF_HEADER, *kind)

    def is_lost(self, walk: Any) -> bool:
        start: int = walk.start
        return start == walk.end and start - self._header >= intact(self._data)

    def block(self, walk: Any, tally: Tally) -> Captured | str | None:
        return None

    def copy(self) -> _Records:
        return self

    def end(self, walk: Any, tally: Tally) -> int:
        number: int = walk.number
        if walk.position < len(self._data):
            tally.skipped["truncated record"] += 1
            number += 1
        return number


def _link_type(data: Data, order: str) -> int:
    """Without the upper bits, which may state the length of a frame check sequence."""
    number: int = Struct(f"{order}I").unpack_from(data, 20)[0]
    return number & 0xFFFF


def _packets(data: Data, tally: Tally) -> Iterator[Captured | str]:
    yield from whole_packets(data, Shape.of(data), SIZE_OF_HEADER, tally)
    if tally.position < len(data):
        yield "truncated record"


class Shape(NamedTuple):
    """What the header of the file says of its records."""

    order: str
    unit: int
    header: int
    link_type: int

    @classmethod
    def of(cls, data: Data) -> Shape:
        order, unit, header = _MAGICS[data[:4]]
        return cls(order, unit, header, _link_type(data, order))


def whole_packets(data: Data, shape: Shape, position: int, tally: Tally) -> Iterator[Captured]:
    """The packets from a record on; at the end, `tally.position` is where no whole one follows."""
    order, unit, header, link_type = shape
    record = Struct(f"{order}III4x").unpack_from
    size = len(data)
    last = size - header
    while position <= last:
        seconds, fraction, captured = record(data, position)
        start = position + header
        end = start + captured
        if end > size or (not captured and position >= intact(data)):
            break
        yield seconds * 1_000_000_000 + fraction * unit, link_type, start, end
        position = end
    tally.position = position


def size_of_record(data: Data, shape: Shape, position: int) -> int:
    """The bytes of the record at `position`, or those that tell it if they are not all there."""
    order, _, header, _ = shape
    if position + header > len(data):
        return header
    captured: int = Struct(f"{order}I").unpack_from(data, position + 8)[0]
    return header + captured
