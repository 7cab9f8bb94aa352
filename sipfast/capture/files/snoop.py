"""The capture file of snoop (RFC 1761): records with their lengths, in the network's byte order."""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct

from ..base import CaptureError, Data, Record, Tally
from ..packets import Captured, records

_MAGIC = b"snoop\0\0\0"
_HEADER = Struct(">8sII")
# The bytes of the packet that were captured, those of the record, and the time.
_RECORD = Struct(">4xII4xII")

# The numbers of RFC 1761 and of Solaris, as link types.
_LINKS = {2: 6, 4: 1, 8: 10, 9: 11}
_UNKNOWN = 65_535


def recognises(data: Data) -> bool:
    """Whether `data` is such a file. Raises CaptureError for a truncated header."""
    if data[:8] != _MAGIC:
        return False
    if len(data) < _HEADER.size:
        raise CaptureError("truncated snoop file header", len(data))
    return True


def datagrams(data: Data, tally: Tally) -> Iterator[Record]:
    return records(data, _packets(data, tally), tally)


def _packets(data: Data, tally: Tally) -> Iterator[Captured | str]:
    _, _, kind = _HEADER.unpack_from(data)
    link_type = _LINKS.get(kind, _UNKNOWN)
    at, size = _HEADER.size, len(data)
    fault = "truncated record"
    while at + _RECORD.size <= size:
        captured, length, seconds, microseconds = _RECORD.unpack_from(data, at)
        start = at + _RECORD.size
        if length < _RECORD.size + captured:
            fault = "malformed block"
            break
        if at + length > size:
            break
        yield seconds * 10**9 + microseconds * 1000, link_type, start, start + captured
        at += length
    tally.position = at
    if at < size:
        yield fault
