"""The classic capture file: one header, then records of a timestamp, two lengths and the bytes.

Format: draft-ietf-opsawg-pcap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from struct import Struct
from typing import Any

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
_FILE_HEADER = 24


def recognises(data: Data) -> bool:
    """Whether `data` is a classic capture. Raises CaptureError for a truncated header."""
    if data[:4] not in _MAGICS:
        return False
    if len(data) < _FILE_HEADER:
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
        walk.begin_records(_FILE_HEADER, *kind)

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
    order, unit, header = _MAGICS[data[:4]]
    record = Struct(f"{order}III4x").unpack_from
    link_type = _link_type(data, order)
    size = len(data)
    position = _FILE_HEADER
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
    if position < size:
        yield "truncated record"
