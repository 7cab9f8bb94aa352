"""From a captured packet to the payload of its UDP datagram: link layer, IP, UDP.

Each layer is a function of a buffer and the bounds of its packet in it. It returns where the
payload lies and between whom it went, or a word that says why there is none to read. It never
reads outside its bounds, and no field of a packet is trusted further than they reach.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from struct import Struct

from .base import Data, Datagram, Tally
from .recognise import why_not_sip

#: Nanoseconds since 1970 or None, link type, start and end in the file.
Packet = tuple[int | None, int, int, int]

#: Start and end of the payload, source address and port, destination address and port.
Udp = tuple[int, int, bytes, int, bytes, int]

_Layer = Callable[[Data, int, int], Udp | str]

_UINT16 = Struct(">H")
_IPV4 = Struct(">BxH2xHxB2x4s4s")
_IPV4_UDP = Struct(">BxH2xHxB2x4s4sHHH2x")
_IPV6 = Struct(">B3xHBx16s16s")
_EXTENSION = Struct(">BBH")
_UDP = Struct(">HHH2x")

_IPV4_ETHERTYPE, _IPV6_ETHERTYPE = 0x0800, 0x86DD
# IEEE 802.1Q and 802.1ad, and two that were in use for stacked tags before 802.1ad.
_VLAN_ETHERTYPES = frozenset({0x8100, 0x88A8, 0x9100, 0x9200})
_ETHERTYPES = {
    0x0806: "arp",
    0x8847: "mpls",
    0x8848: "mpls",
    0x8863: "pppoe",
    0x8864: "pppoe",
}

# AF_INET is 2 everywhere; AF_INET6 depends on the system: Linux 10, Windows 23, NetBSD and
# OpenBSD 24, FreeBSD 28, macOS 30.
_FAMILIES = {2: _IPV4_ETHERTYPE} | dict.fromkeys((10, 23, 24, 28, 30), _IPV6_ETHERTYPE)

_UDP_PROTOCOL = 17
_PROTOCOLS = {1: "icmp", 2: "igmp", 6: "tcp", 50: "esp", 58: "icmpv6", 132: "sctp"}

_FRAGMENT = 44
_AUTHENTICATION = 51
# Hop-by-hop, routing, fragment, authentication, destination, mobility, HIP, shim6.
_EXTENSIONS = frozenset({0, 43, _FRAGMENT, _AUTHENTICATION, 60, 135, 139, 140})


def datagrams(data: Data, packets: Iterable[Packet | str], tally: Tally) -> Iterator[Datagram]:
    """Yield what may be SIP of `packets`, and count the others by reason in `tally`.

    A word in place of a packet is the reason why it could not be read.
    """
    view = memoryview(data)
    skipped = tally.skipped
    for index, packet in enumerate(packets, 1):
        if isinstance(packet, str):
            skipped[packet] += 1
            continue
        timestamp_ns, link_type, packet_start, packet_end = packet
        tally.position = packet_end
        link = _LINKS.get(link_type)
        if link is None:
            skipped[f"link type {link_type}"] += 1
            continue
        found = link(data, packet_start, packet_end)
        if isinstance(found, str):
            skipped[found] += 1
            continue
        start, end, source, source_port, destination, destination_port = found
        reason = why_not_sip(data, start, end, source_port, destination_port)
        if reason is not None:
            skipped[reason] += 1
            continue
        yield Datagram(
            view[start:end],
            start,
            index,
            timestamp_ns,
            _address(source),
            source_port,
            _address(destination),
            destination_port,
            "UDP",
        )


@lru_cache(maxsize=4096)
def _address(packed: bytes) -> str:
    return socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed)


def ethernet(data: Data, start: int, end: int) -> Udp | str:
    """LINKTYPE_ETHERNET."""
    if end - start < 14:
        return "truncated"
    return _network(data, start + 14, end, _UINT16.unpack_from(data, start + 12)[0])


def linux_cooked(data: Data, start: int, end: int) -> Udp | str:
    """LINKTYPE_LINUX_SLL: 16 bytes, the last two an EtherType."""
    if end - start < 16:
        return "truncated"
    return _network(data, start + 16, end, _UINT16.unpack_from(data, start + 14)[0])


def linux_cooked_2(data: Data, start: int, end: int) -> Udp | str:
    """LINKTYPE_LINUX_SLL2: 20 bytes, the first two an EtherType."""
    if end - start < 20:
        return "truncated"
    return _network(data, start + 20, end, _UINT16.unpack_from(data, start)[0])


def bsd_loopback(data: Data, start: int, end: int) -> Udp | str:
    """LINKTYPE_NULL and LINKTYPE_LOOP: an address family of four bytes.

    The order of those bytes is the capturing machine's (NULL) or the network's (LOOP). Families
    are below 256, so that the one byte that is not zero tells.
    """
    if end - start < 4:
        return "truncated"
    family = data[start : start + 4].strip(b"\0")
    ethertype = _FAMILIES.get(family[0]) if len(family) == 1 else None
    return "not IP" if ethertype is None else _network(data, start + 4, end, ethertype)


def raw_ip(data: Data, start: int, end: int) -> Udp | str:
    """LINKTYPE_RAW: an IP packet, of the version that its first four bits state."""
    if start == end:
        return "truncated"
    version = data[start] >> 4
    if version == 4:
        return ipv4(data, start, end)
    return ipv6(data, start, end) if version == 6 else "not IP"


def _network(data: Data, start: int, end: int, ethertype: int) -> Udp | str:
    """What an EtherType announces, after any VLAN tags."""
    while ethertype in _VLAN_ETHERTYPES:
        if end - start < 4:
            return "truncated"
        ethertype = _UINT16.unpack_from(data, start + 2)[0]
        start += 4
    if ethertype == _IPV4_ETHERTYPE:
        return ipv4(data, start, end)
    if ethertype == _IPV6_ETHERTYPE:
        return ipv6(data, start, end)
    return _ETHERTYPES.get(ethertype, "not IP")


def ipv4(data: Data, start: int, end: int) -> Udp | str:
    """RFC 791. The total length bounds the packet: what follows it is the link's padding."""
    # Nearly every packet is this one: no options, no fragment, every length right.
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
            return start + 28, start + 20 + length, source, sport, destination, dport
    return _any_ipv4(data, start, end)


def _any_ipv4(data: Data, start: int, end: int) -> Udp | str:
    if end - start < 20:
        return "truncated"
    first, total, fragment, protocol, source, destination = _IPV4.unpack_from(data, start)
    header = (first & 15) * 4
    if first >> 4 != 4 or header < 20:
        return "malformed IP"
    if fragment & 0x3FFF:  # more fragments follow, or this is not the first
        return "fragment"
    # A total length of zero is what a capture on the sending machine shows of a packet that its
    # network card was left to cut into segments.
    return _transport(
        data, start + header, start + (total or end - start), end, protocol, source, destination
    )


def ipv6(data: Data, start: int, end: int) -> Udp | str:
    """RFC 8200, and the chain of extension headers."""
    if end - start < 40:
        return "truncated"
    first, length, following, source, destination = _IPV6.unpack_from(data, start)
    if first >> 4 != 6:
        return "malformed IP"
    start += 40
    # A payload length of zero belongs to a jumbogram (RFC 2675), or to a packet as above.
    stated_end = start + (length or end - start)
    while following in _EXTENSIONS:
        if min(end, stated_end) - start < 8:
            return "truncated" if end < stated_end else "malformed IP"
        kind = following
        following, size, fragment = _EXTENSION.unpack_from(data, start)
        if kind == _FRAGMENT:
            # All but the two reserved bits; none set is a packet in one piece (RFC 6946).
            if fragment & 0xFFF9:
                return "fragment"
            start += 8
        else:
            start += (size + 2) * 4 if kind == _AUTHENTICATION else (size + 1) * 8
    return _transport(data, start, stated_end, end, following, source, destination)


def _transport(
    data: Data,
    start: int,
    stated_end: int,
    end: int,
    protocol: int,
    source: bytes,
    destination: bytes,
) -> Udp | str:
    """RFC 768, between `start` and the end that IP states, of which `end` was captured."""
    if start > stated_end:
        return "malformed IP"
    if protocol != _UDP_PROTOCOL:
        return _PROTOCOLS.get(protocol) or f"IP protocol {protocol}"
    if stated_end - start < 8:
        return "malformed UDP"
    if stated_end > end:
        return "truncated"
    source_port, destination_port, length = _UDP.unpack_from(data, start)
    length = length or stated_end - start  # zero as in the IP headers above
    if not 8 <= length <= stated_end - start:
        return "malformed UDP"
    return start + 8, start + length, source, source_port, destination, destination_port


# The numbers are those of the registry at tcpdump.org/linktypes.html; 12 is what raw IP is
# called by some systems' own number.
_LINKS: dict[int, _Layer] = {
    0: bsd_loopback,
    1: ethernet,
    12: raw_ip,
    101: raw_ip,
    108: bsd_loopback,
    113: linux_cooked,
    228: ipv4,
    229: ipv6,
    276: linux_cooked_2,
}
