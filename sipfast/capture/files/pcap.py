"""The classic capture file: one header, then records of a timestamp, two lengths and the bytes.

Format: draft-ietf-opsawg-pcap.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct

from ..base import CaptureError, Data, Datagram, Tally
from ..link import Packet
from ..link import datagrams as datagrams_of

# The magic number gives the byte order, and the nanoseconds in one unit of a record's fraction.
_MAGICS = {
    b"\xa1\xb2\xc3\xd4": (">", 1000),
    b"\xd4\xc3\xb2\xa1": ("<", 1000),
    b"\xa1\xb2\x3c\x4d": (">", 1),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
}
_FILE_HEADER = 24
_RECORD_HEADER = 16


def recognises(data: Data) -> bool:
    """Whether `data` is a classic capture. Raises CaptureError for a truncated header."""
    if data[:4] not in _MAGICS:
        return False
    if len(data) < _FILE_HEADER:
        raise CaptureError("truncated pcap file header", len(data))
    return True


def datagrams(data: Data, tally: Tally) -> Iterator[Datagram]:
    return datagrams_of(data, _packets(data, tally), tally)


def _packets(data: Data, tally: Tally) -> Iterator[Packet | str]:
    order, unit = _MAGICS[data[:4]]
    record = Struct(f"{order}IIII")
    # The upper bits may state the length of a frame check sequence.
    link_type = Struct(f"{order}I").unpack_from(data, 20)[0] & 0xFFFF
    size = len(data)
    position = _FILE_HEADER
    while position + _RECORD_HEADER <= size:
        seconds, fraction, captured, _ = record.unpack_from(data, position)
        start = position + _RECORD_HEADER
        end = start + captured
        if end > size:
            break
        yield seconds * 1_000_000_000 + fraction * unit, link_type, start, end
        position = end
    tally.position = position
    if position < size:
        yield "truncated record"
