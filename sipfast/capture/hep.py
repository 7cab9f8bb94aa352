"""HEP, which copies messages to a collector: versions 1, 2 and 3 (github.com/sipcapture/HEP)."""

from __future__ import annotations

import zlib
from struct import Struct
from typing import NamedTuple

from .base import Data

_HEADER_3 = 6
_CHUNK = Struct(">HHH")
_HEADER = Struct(">BBBBHH")
_TIMES = Struct("<II"), Struct(">II")

_SIP = 1
_TRANSPORTS = {6: "TCP", 17: "UDP", 132: "SCTP"}
# No datagram is longer; zlib makes a thousand times its bytes.
_INFLATED = 65_536

_FAMILY, _PROTOCOL, _SOURCE_4, _DESTINATION_4, _SOURCE_6, _DESTINATION_6 = range(1, 7)
_SOURCE_PORT, _DESTINATION_PORT, _SECONDS, _MICROSECONDS, _KIND = range(7, 12)
_PAYLOAD, _PAYLOAD_ZLIB = 15, 16
_SIZES = {
    **dict.fromkeys((_FAMILY, _PROTOCOL, _KIND), 1),
    **dict.fromkeys((_SOURCE_PORT, _DESTINATION_PORT), 2),
    **dict.fromkeys((_SOURCE_4, _DESTINATION_4, _SECONDS, _MICROSECONDS), 4),
    **dict.fromkeys((_SOURCE_6, _DESTINATION_6), 16),
}


class Copied(NamedTuple):
    """A message that was copied: its bytes, and the packet that it came in."""

    data: Data
    start: int
    end: int
    time_ns: int | None
    source: bytes | None
    source_port: int | None
    destination: bytes | None
    destination_port: int | None
    transport: str | None
    is_cut: bool


def is_packet(data: Data, start: int, end: int) -> bool:
    """Whether a packet of version 3 begins here."""
    return end - start >= _HEADER_3 and data[start : start + 4] == b"HEP3"


def read(data: Data, start: int, end: int) -> Copied | str:
    """The message in a packet of HEP; or why there is none."""
    if is_packet(data, start, end):
        return _read_3(data, start, end)
    return _read_2(data, start, end)


def _read_3(data: Data, start: int, end: int) -> Copied | str:
    """Chunks: a vendor, a type, a length, and the value."""
    stated = start + int.from_bytes(data[start + 4 : start + 6], "big")
    values: dict[int, bytes] = {}
    payload: tuple[Data, int, int] | None = None
    is_cut = False
    at = start + _HEADER_3
    limit = min(end, stated)
    while at + 6 <= limit:
        vendor, kind, length = _CHUNK.unpack_from(data, at)
        if length < 6:
            return "malformed HEP"
        value, at = at + 6, at + length
        if vendor:
            continue
        value_end = min(at, limit)
        if kind == _PAYLOAD:
            payload = data, value, value_end
            is_cut = value_end < at
        elif kind == _PAYLOAD_ZLIB:
            text = _inflated(bytes(data[value:value_end]))
            if text is None:
                return "malformed HEP"
            payload = text, 0, len(text)
        elif _SIZES.get(kind) == value_end - value:
            values[kind] = bytes(data[value:value_end])
    if payload is None:
        return "truncated" if at > end or stated > end else "not SIP"
    if values.get(_KIND, KIND_OF_SIP) != KIND_OF_SIP:
        return "not SIP"

    def number(kind: int) -> int | None:
        value = values.get(kind)
        return None if value is None else int.from_bytes(value, "big")

    seconds = number(_SECONDS)
    return Copied(
        *payload,
        None if seconds is None else seconds * 10**9 + (number(_MICROSECONDS) or 0) * 1000,
        values.get(_SOURCE_4) or values.get(_SOURCE_6),
        number(_SOURCE_PORT),
        values.get(_DESTINATION_4) or values.get(_DESTINATION_6),
        number(_DESTINATION_PORT),
        _TRANSPORTS.get(number(_PROTOCOL) or 0),
        is_cut,
    )


KIND_OF_SIP = bytes([_SIP])


def _inflated(text: bytes) -> bytes | None:
    inflate = zlib.decompressobj(47)  # zlib or gzip
    try:
        found = inflate.decompress(text, _INFLATED)
    except zlib.error:
        return None
    return found if inflate.eof else None


def _read_2(data: Data, start: int, end: int) -> Copied | str:
    """A header that states its length, addresses, in version 2 a time, and the message.

    The time is in the order of the sending machine, nearly always with the lowest byte first.
    """
    if end - start < 8:
        return "truncated"
    version, size, family, protocol, source_port, destination_port = _HEADER.unpack_from(
        data, start
    )
    width = {2: 4, 10: 16}.get(family)
    if width is None or version not in (1, 2):
        return "malformed HEP"
    addresses = start + 8
    at = addresses + 2 * width
    time_ns = None
    if version == 2:
        if at + 12 > end:
            return "truncated"
        little, big = _TIMES
        seconds, microseconds = little.unpack_from(data, at)
        if microseconds >= 10**6:
            seconds, microseconds = big.unpack_from(data, at)
        time_ns = seconds * 10**9 + microseconds * 1000
        at += 12
    if not size <= at - start <= size + 12:
        return "malformed HEP"
    if at > end:
        return "truncated"
    return Copied(
        data,
        at,
        end,
        time_ns,
        bytes(data[addresses : addresses + width]),
        source_port,
        bytes(data[addresses + width : addresses + 2 * width]),
        destination_port,
        _TRANSPORTS.get(protocol),
        False,
    )
