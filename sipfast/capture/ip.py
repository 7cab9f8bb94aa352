"""IP and UDP: from a network layer's packet to the payload of its UDP datagram.

Each layer is a function of a buffer and the bounds of its packet in it. It returns the bounds of
the payload and its addresses; or the `Other` that the IP packet holds; or the `Inner` packet; or a
word with the reason why there is nothing. It reads only inside its bounds, whatever the fields of a
packet claim.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import NamedTuple

from .base import Data

#: Start and end of the payload, source address and port, destination address and port, and whether
#: the capture cut the payload.
Udp = tuple[int, int, bytes, int, bytes, int, bool]


class Other(NamedTuple):
    """What an IP packet holds other than a whole UDP datagram.

    Attributes:
        protocol: the number of the transport protocol, also in a fragment.
        start, end: the bounds of the captured bytes after the IP header.
        stated_end: where the packet ends by its header; after `end` if the capture cut it.
        source, destination: addresses.
        identification: the number that the fragments of a packet share; None for a whole packet.
        fragment_offset: the place of a fragment in its packet; 0 for the first, and for a whole
            packet.
        more: whether fragments follow.
    """

    protocol: int
    start: int
    end: int
    stated_end: int
    source: bytes
    destination: bytes
    identification: int | None = None
    fragment_offset: int = 0
    more: bool = False


class Inner(NamedTuple):
    """A packet within a packet: the function of its layer, and its bounds."""

    layer: Layer
    start: int
    end: int


Found = Udp | Other | Inner | str
"""What a layer returns."""

Layer = Callable[[Data, int, int], Found]

_IPV4 = Struct(">BxHHHxB2x4s4s")
_IPV4_UDP = Struct(">BxH2xHxB2x4s4sHHH2x")
_IPV6 = Struct(">B3xHBx16s16s")
_EXTENSION = Struct(">BBHI")
_UDP = Struct(">HHH2x")

_TCP_PROTOCOL, _UDP_PROTOCOL = 6, 17

_FRAGMENT = 44
_AUTHENTICATION = 51
# Hop-by-hop, routing, fragment, authentication, destination, mobility, HIP, shim6.
_EXTENSIONS = frozenset({0, 43, _FRAGMENT, _AUTHENTICATION, 60, 135, 139, 140})


_new = tuple.__new__  # a third of the time of calling the NamedTuple


def ipv4(data: Data, start: int, end: int) -> Found:
    """RFC 791. The total length bounds the packet; the bytes after it are padding of the link."""
    # Nearly every packet has no options, is whole, and has consistent lengths.
    if end - start >= 28:
        first, total, fragment, protocol, source, destination, sport, dport, length = (
            _IPV4_UDP.unpack_from(data, start)
        )
        if (
            first == 0x45
            and protocol == _UDP_PROTOCOL
            and not fragment & 0x3FFF
            and 8 <= length <= total - 20
            and total <= end - start
        ):
            return start + 28, start + 20 + length, source, sport, destination, dport, False
        if first == 0x45 and protocol == _TCP_PROTOCOL and not fragment & 0x3FFF:
            stated_end = start + total
            if total >= 20 and stated_end <= end:
                place = start + 20, stated_end, stated_end
                return _new(Other, (protocol, *place, source, destination, None, 0, False))
    return _any_ipv4(data, start, end)


def _any_ipv4(data: Data, start: int, end: int) -> Found:
    if end - start < 20:
        return "truncated"
    first, total, identification, fragment, protocol, source, destination = _IPV4.unpack_from(
        data, start
    )
    header = (first & 15) * 4
    if first >> 4 != 4 or header < 20:
        return "malformed IP"
    # A capture on the sending machine shows a total length of zero for a packet that the network
    # card will cut into segments.
    stated_end = start + (total or end - start)
    start += header
    if fragment & 0x3FFF:  # more fragments follow, or this is not the first
        offset = (fragment & 0x1FFF) * 8
        place = start, end, stated_end
        more = bool(fragment & 0x2000)
        return _other(protocol, *place, source, destination, identification, offset, more)
    return transport(data, start, end, stated_end, protocol, source, destination)


def ipv6(data: Data, start: int, end: int) -> Found:
    """RFC 8200, and the chain of extension headers."""
    if end - start < 40:
        return "truncated"
    first, length, following, source, destination = _IPV6.unpack_from(data, start)
    if first >> 4 != 6:
        return "malformed IP"
    start += 40
    # A payload length of zero belongs to a jumbogram (RFC 2675), or to a packet as above.
    stated_end = start + (length or end - start)
    return after_ipv6(data, start, end, stated_end, following, source, destination)


def after_ipv6(
    data: Data,
    start: int,
    end: int,
    stated_end: int,
    following: int,
    source: bytes,
    destination: bytes,
) -> Found:
    """The chain of extension headers, and what follows it."""
    while following in _EXTENSIONS:
        if min(end, stated_end) - start < 8:
            return "truncated" if end < stated_end else "malformed IP"
        kind = following
        following, size, fragment, identification = _EXTENSION.unpack_from(data, start)
        if kind == _FRAGMENT:
            start += 8
            # All but the two reserved bits; zero means a packet in one piece (RFC 6946).
            if fragment & 0xFFF9:
                place = start, end, stated_end
                offset = fragment & 0xFFF8
                more = bool(fragment & 1)
                return _other(following, *place, source, destination, identification, offset, more)
        else:
            start += (size + 2) * 4 if kind == _AUTHENTICATION else (size + 1) * 8
    return transport(data, start, end, stated_end, following, source, destination)


def transport(
    data: Data,
    start: int,
    end: int,
    stated_end: int,
    protocol: int,
    source: bytes,
    destination: bytes,
) -> Found:
    """RFC 768, between `start` and the end that IP states, of which `end` was captured."""
    if protocol != _UDP_PROTOCOL:
        return _other(protocol, start, end, stated_end, source, destination)
    if start > stated_end:
        return "malformed IP"
    if stated_end - start < 8:
        return "malformed UDP"
    if end - start < 8:
        return "truncated"
    source_port, destination_port, length = _UDP.unpack_from(data, start)
    length = length or stated_end - start  # zero as in the IP headers above
    if not 8 <= length <= stated_end - start:
        return "malformed UDP"
    payload_end = min(start + length, end)
    is_cut = payload_end < start + length
    return start + 8, payload_end, source, source_port, destination, destination_port, is_cut


def _other(
    protocol: int,
    start: int,
    end: int,
    stated_end: int,
    source: bytes,
    destination: bytes,
    identification: int | None = None,
    fragment_offset: int = 0,
    more: bool = False,
) -> Other | str:
    if start > stated_end:
        return "malformed IP"
    if start > end:
        return "truncated"
    end = min(end, stated_end)
    place = source, destination, identification, fragment_offset, more
    return _new(Other, (protocol, start, end, stated_end, *place))
