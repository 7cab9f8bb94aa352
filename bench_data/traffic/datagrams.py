"""The traffic as a capture: each message a UDP datagram over Ethernet, at its time.

A capture of millions repeats the first messages. Each time, two characters of every Call-ID, tag
and branch are others, the same ones throughout, so calls stay whole and differ from all others.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from itertools import product
from string import ascii_letters, digits
from typing import BinaryIO, NamedTuple

from .capture import PCAP_HEADER, record, sip_frame
from .exchange import SECOND, Sent

_IDENTITY = re.compile(
    rb"\r\n(?:call-id|i)[ \t]*:[ \t]*(..)|;tag=(..)|;branch=z9hG4bK(..)", re.IGNORECASE | re.DOTALL
)
_PAIRS = [first + second for first, second in product("_~!*", digits + ascii_letters)]
"""Pairs that begin no Call-ID, tag or branch of the generator (of RFC 3261's `token`)."""

MOST_TURNS = 1 + len(_PAIRS)

_RECORD, _ETHERNET, _UDP = 16, 14, 8
_CHECKSUM = 6
"""The byte of the checksum in a header of UDP."""


class _Place(NamedTuple):
    """Where a record changes from turn to turn, in the bytes of all records.

    Attributes:
        record: its first byte.
        at: its time, in microseconds.
        datagram: the first byte of the header of UDP.
        sum: the sum of RFC 1071 of all words that stay.
        even, odd: the number of changed pairs that are one word, and that are in two.
    """

    record: int
    at: int
    datagram: int
    sum: int
    even: int
    odd: int


def write(out: BinaryIO, sent: Sequence[Sent], count: int) -> None:
    """Write a capture of `count` messages, which repeats those of `sent` as often as necessary.

    Raises ValueError if that is more than `MOST_TURNS` times.
    """
    if count > MOST_TURNS * len(sent):
        raise ValueError(f"{len(sent)} messages can be repeated {MOST_TURNS} times, not more")
    out.write(PCAP_HEADER)
    for records, ends in _turns(sent):
        if count <= len(ends):
            out.write(memoryview(records)[: ends[count - 1] if count else 0])
            return
        out.write(records)
        count -= len(ends)


def _turns(sent: Sequence[Sent]) -> Iterator[tuple[bytearray, list[int]]]:
    """The records of all messages, and the end of each; then the same with other identities."""
    records, ends = bytearray(), []
    pairs: list[int] = []
    places: list[_Place] = []
    for one in sent:
        frame = sip_frame(one)
        start = len(records)
        datagram = start + _RECORD + len(frame.data) - len(one.data) - _UDP
        records += record(frame)
        ends.append(len(records))
        found = _pairs_of(one.data)
        pairs += (datagram + _UDP + at for at in found)
        places.append(_place(start, frame.at, datagram, records, found))
    yield records, ends
    span = sent[-1].at - sent[0].at + SECOND if sent else 0
    for turn, text in enumerate(_PAIRS, 1):
        pair = text.encode()
        for at in pairs:
            records[at : at + 2] = pair
        whole, split = struct.unpack("!H", pair)[0], struct.unpack("<H", pair)[0]
        for start, at, datagram, sum_, even, odd in places:
            struct.pack_into("<II", records, start, *divmod(at + turn * span, SECOND))
            changed = 0xFFFF - (sum_ + even * whole + odd * split) % 0xFFFF
            struct.pack_into("!H", records, datagram + _CHECKSUM, changed)
        yield records, ends


def _pairs_of(data: bytes) -> list[int]:
    """Where the identities of a message begin, in its header."""
    head = data[: data.find(b"\r\n\r\n") + 2]
    return [found.start(found.lastindex or 0) for found in _IDENTITY.finditer(head)]


def _place(start: int, at: int, datagram: int, records: bytearray, pairs: Sequence[int]) -> _Place:
    (checksum,) = struct.unpack_from("!H", records, datagram + _CHECKSUM)
    sum_ = 0xFFFF - checksum
    even = 0
    for pair in pairs:
        is_even = pair % 2 == 0
        even += is_even
        (word,) = struct.unpack_from("!H" if is_even else "<H", records, datagram + _UDP + pair)
        sum_ -= word
    return _Place(start, at, datagram, sum_, even, len(pairs) - even)
