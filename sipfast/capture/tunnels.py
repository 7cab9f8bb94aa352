"""Tunnels: from what an IP packet or a UDP datagram holds to the packet within.

As in `ip`, each is a function of a buffer and bounds; the layers within are those of `link`.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct

from .base import Data
from .ip import Found, Inner, Other, Udp, after_ipv6, ipv4, ipv6, transport
from .link import ethernet, mpls, network, ppp, raw_ip

_UINT16 = Struct(">H")
_GRE = Struct(">HH")

_CHECKSUM, _ROUTING, _KEY, _SEQUENCE, _ACKNOWLEDGED = 0x8000, 0x4000, 0x2000, 0x1000, 0x0080
_ERSPAN, _ERSPAN_3, _PPP = 0x88BE, 0x22EB, 0x880B

# What follows ESP with the NULL cipher: IP in IP, TCP, UDP, IPv6, SCTP.
_WITHIN_ESP = frozenset({4, 6, 17, 41, 132})
# Bytes of the usual integrity check values: of HMAC-SHA-1 and MD5 (96 bits), SHA-256, none,
# SHA-384, SHA-512.
_CHECK_VALUES = (12, 16, 0, 24, 32)
_PADDING = bytes(range(1, 256))

_GTP_MESSAGE = 0xFF


def gre(data: Data, start: int, end: int) -> Found:
    """RFC 2784, 2890 and 2637, with ERSPAN in it (draft-foschiano-erspan)."""
    if end - start < 4:
        return "truncated"
    flags, kind = _GRE.unpack_from(data, start)
    if flags & _ROUTING or flags & 7 > 1:
        return "gre"
    at = start + 4
    for flag in (_CHECKSUM, _KEY, _SEQUENCE):
        if flags & flag:
            at += 4
    if flags & 7 == 1 and flags & _ACKNOWLEDGED:
        at += 4
    if at > end:
        return "truncated"
    if kind == _PPP:
        return "not IP" if at == end else ppp(data, at, end)
    if kind == _ERSPAN:
        return Inner(ethernet, at + 8 if flags & _SEQUENCE else at, end)  # version 2, or 1
    if kind == _ERSPAN_3:
        if end - at < 12:
            return "truncated"
        return Inner(ethernet, at + (20 if data[at + 11] & 1 else 12), end)
    return network(data, at, end, kind)


def etherip(data: Data, start: int, end: int) -> Found:
    """RFC 3378: two bytes before the frame."""
    return Inner(ethernet, start + 2, end)


def vxlan(data: Data, start: int, end: int) -> Found:
    """RFC 7348 5, and the Generic Protocol Extension, whose flag P says that a protocol follows."""
    if end - start < 8:
        return "truncated"
    protocol = data[start + 3] if data[start] & 4 else 3
    layer = {1: ipv4, 2: ipv6, 3: ethernet, 5: mpls}.get(protocol)
    return "vxlan" if layer is None else Inner(layer, start + 8, end)


def geneve(data: Data, start: int, end: int) -> Found:
    """RFC 8926 3.4."""
    if end - start < 8:
        return "truncated"
    kind = _UINT16.unpack_from(data, start + 2)[0]
    return network(data, start + 8 + (data[start] & 0x3F) * 4, end, kind)


def gtp(data: Data, start: int, end: int) -> Found:
    """TS 29.281 5.1: a header of 8 bytes, 12 with any option, and extension headers."""
    if end - start < 8:
        return "truncated"
    flags, kind = data[start], data[start + 1]
    if kind != _GTP_MESSAGE:
        return "not SIP"
    at = start + 8
    if flags & 7:
        at += 4
        if at > end:
            return "truncated"
        following = data[at - 1] if flags & 4 else 0
        while following:
            size = data[at] * 4 if at < end else 0
            if not size or at + size > end:
                return "truncated"
            at += size
            following = data[at - 1]
    return Inner(raw_ip, at, end)


def teredo(data: Data, start: int, end: int) -> Found:
    """RFC 4380: an IPv6 packet, after the headers of 5.1.1 if there are any."""
    if data[start : start + 2] == b"\0\1" and end - start >= 4:  # authentication
        start += 13 + data[start + 2] + data[start + 3]
    if data[start : start + 2] == b"\0\0":  # origin
        start += 8
    return Inner(ipv6, start, end)


def l2tp(data: Data, start: int, end: int) -> Found:
    """RFC 2661 3.1, and PPP in it."""
    if end - start < 6:
        return "truncated"
    flags = _UINT16.unpack_from(data, start)[0]
    if flags & 15 == 3:
        return "l2tp"
    at = start + 6
    if flags & 0x4000:  # length
        at += 2
    if flags & 0x0800:  # sequence
        at += 4
    if flags & 0x0200:  # offset
        if at + 2 > end:
            return "truncated"
        at += 2 + _UINT16.unpack_from(data, at)[0]
    return Inner(ppp, at, end)


def tzsp(data: Data, start: int, end: int) -> Found:
    """A header of four bytes, tags up to the tag 1, and a frame, here of Ethernet."""
    if end - start < 4:
        return "truncated"
    if data[start + 2 : start + 4] != b"\0\1":
        return "tzsp"
    at = start + 4
    while at < end:
        tag = data[at]
        if tag == 1:
            return Inner(ethernet, at + 1, end)
        if tag == 0:
            at += 1
        elif at + 1 < end:
            at += 2 + data[at + 1]
        else:
            break
    return "truncated"


def lisp(data: Data, start: int, end: int) -> Found:
    """RFC 9300 5.1: eight bytes."""
    return Inner(raw_ip, start + 8, end)


def esp(packet: Other, data: Data) -> Found:
    """RFC 4303 with the NULL cipher (RFC 2410), where it can be told (RFC 5879).

    Nothing says that a packet is not encrypted. It is taken as such if, before a check value of a
    usual size, the padding counts up from 1 and the next header fits what begins after the eight
    bytes of ESP: a UDP length that leads to the padding, an IP packet of that length, or a TCP or
    SCTP segment whose checksum is right or, for TCP, whose header is sane.
    """
    _, start, end, stated_end, source, destination, *_ = packet
    if end < stated_end or end - start < 18:
        return "esp"
    at = start + 8
    for check in _CHECK_VALUES:
        trailer = end - check - 2
        if trailer < at + 8:
            continue
        padding, following = data[trailer], data[trailer + 1]
        last = trailer - padding
        if following not in _WITHIN_ESP or last < at + 8:
            continue
        if data[last:trailer] == _PADDING[:padding] and _fits(data, at, last, following):
            rest = at, last, last, following, source, destination
            if following == 4:
                return Inner(ipv4, at, last)
            if following == 41:
                return Inner(ipv6, at, last)
            return (after_ipv6 if len(source) == 16 else transport)(data, *rest)
    return "esp"


def _fits(data: Data, start: int, end: int, protocol: int) -> bool:
    size = end - start
    if protocol == 17:
        return bool(_UINT16.unpack_from(data, start + 4)[0] == size)
    if protocol == 4:
        return (
            size >= 20 and data[start] >> 4 == 4 and _UINT16.unpack_from(data, start + 2)[0] == size
        )
    if protocol == 41:
        return (
            size >= 40
            and data[start] >> 4 == 6
            and _UINT16.unpack_from(data, start + 4)[0] == size - 40
        )
    if protocol == 6:
        # The four reserved bits are zero, and so is the urgent pointer of nearly every segment.
        return (
            size >= 20
            and 20 <= (data[start + 12] >> 4) * 4 <= size
            and not data[start + 12] & 15
            and data[start + 18 : start + 20] == b"\0\0"
        )
    chunk = start + 12  # SCTP: the first chunk lies within
    return size >= 16 and 4 <= _UINT16.unpack_from(data, chunk + 2)[0] <= end - chunk


def of_ip(data: Data, packet: Other) -> Found:
    """The packet in an IP packet of another protocol than UDP, TCP or SCTP."""
    protocol, start, end, stated_end, source, destination, *_ = packet
    if protocol == 50:
        return esp(packet, data)
    if protocol == 51:  # RFC 4302
        if end - start < 12:
            return "truncated"
        rest = start + (data[start + 1] + 2) * 4
        rest_of = (rest, end, stated_end, data[start], source, destination)
        return after_ipv6(data, *rest_of) if len(source) == 16 else transport(data, *rest_of)
    layer = _IN_IP.get(protocol)
    if layer is not None:
        return Inner(layer, start, end)
    return _REASONS.get(protocol) or f"IP protocol {protocol}"


def of_udp(name: str, data: Data, datagram: Udp) -> Found:
    """The packet in a datagram that `why_not_sip` takes for a tunnel; another word as it is."""
    start, end, source, _, destination, *_ = datagram
    if name == "esp":  # RFC 3948; in transport mode, the addresses are those of the datagram
        return esp(Other(50, start, end, end, source, destination), data)
    tunnel = _IN_UDP.get(name)
    return name if tunnel is None else tunnel(data, start, end)


_IN_IP: dict[int, Callable[[Data, int, int], Found]] = {
    4: ipv4,
    41: ipv6,
    47: gre,
    94: ipv4,
    97: etherip,
    137: mpls,
    143: ethernet,  # RFC 8986 10.1
}
_IN_UDP: dict[str, Callable[[Data, int, int], Found]] = {
    "geneve": geneve,
    "gre": gre,
    "gtp-u": gtp,
    "l2tp": l2tp,
    "lisp": lisp,
    "mpls": mpls,
    "teredo": teredo,
    "tzsp": tzsp,
    "vxlan": vxlan,
}
_REASONS = {
    1: "icmp",
    2: "igmp",
    55: "IP in IP",  # RFC 2004
    58: "icmpv6",
    98: "IP in IP",  # RFC 1241
    108: "ipcomp",
    115: "l2tp",
}


def is_carrier(protocol: int) -> bool:
    """Whether packets of a protocol may hold SIP."""
    return protocol in (6, 17, 50, 51, 132) or protocol in _IN_IP
