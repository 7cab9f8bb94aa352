"""Exported PDUs: what a dissector of Wireshark read, with tags that say where it came from."""

from __future__ import annotations

from struct import Struct

from .base import Data
from .ip import Layer
from .link import ethernet, raw_ip

_TAG = Struct(">HH")
_END, _PROTOCOL, _TABLE = 0, 12, 14
_SOURCE_4, _DESTINATION_4, _SOURCE_6, _DESTINATION_6 = 20, 21, 22, 23
_PORT_TYPE, _SOURCE_PORT, _DESTINATION_PORT = 24, 25, 26
_TRANSPORTS = {1: "SCTP", 2: "TCP", 3: "UDP"}
_LAYERS: dict[bytes, Layer] = {
    b"ip": raw_ip,
    b"ipv6": raw_ip,
    b"eth": ethernet,
    b"eth_maybefcs": ethernet,
    b"eth_withoutfcs": ethernet,
}

Exported = tuple[int, bytes | None, int | None, bytes | None, int | None, str | None, Layer | None]


def read(data: Data, start: int, end: int) -> Exported | str:
    """Where the PDU begins, its addresses and ports, its transport, and its layer if not SIP."""
    tags: dict[int, bytes] = {}
    at = start
    while True:
        if end - at < 4:
            return "truncated"
        tag, length = _TAG.unpack_from(data, at)
        at += 4
        if tag == _END:
            at += length
            break
        if at + length > end:
            return "truncated"
        if length <= 64:
            tags[tag] = bytes(data[at : at + length])
        at += length
    if at > end:
        return "truncated"

    def number(tag: int) -> int | None:
        value = tags.get(tag, b"")
        return int.from_bytes(value, "big") if len(value) == 4 else None

    def port(tag: int) -> int | None:
        value = number(tag)
        return None if value is None else value & 0xFFFF

    def host(tag_4: int, tag_6: int) -> bytes | None:
        for tag, size in ((tag_4, 4), (tag_6, 16)):
            value = tags.get(tag, b"")
            if len(value) == size:
                return value
        return None

    name = (tags.get(_PROTOCOL) or tags.get(_TABLE) or b"").rstrip(b"\0")
    return (
        at,
        host(_SOURCE_4, _SOURCE_6),
        port(_SOURCE_PORT),
        host(_DESTINATION_4, _DESTINATION_6),
        port(_DESTINATION_PORT),
        _TRANSPORTS.get(number(_PORT_TYPE) or 0),
        _LAYERS.get(name),
    )
