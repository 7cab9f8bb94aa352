"""The capture file of Microsoft Network Monitor, version 2: a table of the places of its frames.

Times count from the start of the capture, in the local time of the capturing machine, whose offset
the file lacks: they are given as if that were UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct

from ..base import CaptureError, Data, Record, Tally
from ..packets import Captured, records

_MAGIC = b"GMBU"
_HEADER = Struct("<4sBBHHHHHHHHHII")
_PLACE = Struct("<I")
_FRAME = Struct("<QII")  # microseconds, bytes of the packet, bytes that were captured
_LINK = Struct("<H")

# Network Monitor's numbers of links, and those of pcap plus 0xE000.
_LINKS = {1: 1, 6: 105}
_OF_PCAP = 0xE000
_UNKNOWN = 65_535


def recognises(data: Data) -> bool:
    """Whether `data` is such a file. Raises CaptureError for another version."""
    if data[:4] != _MAGIC:
        return False
    if len(data) < _HEADER.size:
        raise CaptureError("truncated Network Monitor file header", len(data))
    if data[5] != 2:
        raise CaptureError("a file of Microsoft Network Monitor 1; convert it with editcap", 0)
    return True


def datagrams(data: Data, tally: Tally) -> Iterator[Record]:
    return records(data, _packets(data, tally), tally)


def _packets(data: Data, tally: Tally) -> Iterator[Captured | str]:
    _, minor, _, link, year, month, _, day, *clock, table, length = _HEADER.unpack_from(data)
    hour, minute, second, millisecond = clock
    begun = None
    if 1970 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= 31:
        import calendar  # rarely needed

        seconds = calendar.timegm((year, month, day, hour, minute, second))
        begun = seconds * 10**9 + millisecond * 10**6
    size = len(data)
    position = _HEADER.size
    for entry in range(table, min(table + length, size) - 3, 4):
        at = _PLACE.unpack_from(data, entry)[0]
        # In their order: a frame is read once, whatever the table says.
        if at < position:
            tally.position = size
            yield "malformed block"
            return
        start = at + _FRAME.size
        if start > size:
            yield "truncated record"
            break
        microseconds, _, captured = _FRAME.unpack_from(data, at)
        end = start + captured
        if end > size:
            yield "truncated record"
            break
        kind = link
        if minor >= 1 and end + _LINK.size <= size:
            kind = _LINK.unpack_from(data, end)[0]
        of_pcap = kind - _OF_PCAP if kind >= _OF_PCAP else _UNKNOWN
        time_ns = None if begun is None else begun + microseconds * 1000
        yield time_ns, _LINKS.get(kind, of_pcap), start, end
        position = end
    else:
        if table + length > size:
            yield "truncated record"
    tally.position = size
