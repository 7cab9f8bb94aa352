"""A file of HEP packets of version 3, one after another, as a collector's connection has them."""

from __future__ import annotations

from collections.abc import Iterator

from ..base import Data, Record, Tally
from ..packets import Captured, records

_HEADER = 6
HEP = -3
"""The link type of a packet that is HEP."""


def recognises(data: Data) -> bool:
    """Whether `data` begins with a packet of HEP that states its length."""
    return (
        data[:4] == b"HEP3" and len(data) >= _HEADER and int.from_bytes(data[4:6], "big") >= _HEADER
    )


def datagrams(data: Data, tally: Tally) -> Iterator[Record]:
    return records(data, _packets(data, tally), tally)


def _packets(data: Data, tally: Tally) -> Iterator[Captured | str]:
    at, size = 0, len(data)
    while at + _HEADER <= size:
        length = int.from_bytes(data[at + 4 : at + 6], "big")
        if data[at : at + 4] != b"HEP3" or length < _HEADER:
            tally.position = at
            yield "malformed block"
            return
        if at + length > size:
            break
        yield None, HEP, at, at + length
        at += length
    tally.position = at
    if at < size:
        yield "truncated record"
