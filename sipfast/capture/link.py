"""Link layers: from a captured packet to its datagram, and the choice of those that may be SIP.

As in `ip`, each layer is a function of a buffer and the bounds of its packet in it.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from struct import Struct

from .base import Data, Datagram, Tally
from .ip import Other, Udp, ipv4, ipv6
from .recognise import why_not_sip
from .unread import Unread

#: Nanoseconds since 1970 or None, link type, start and end in the file.
Packet = tuple[int | None, int, int, int]

_Layer = Callable[[Data, int, int], Udp | Other | str]

_UINT16 = Struct(">H")

_IPV4_ETHERTYPE, _IPV6_ETHERTYPE = 0x0800, 0x86DD
# IEEE 802.1Q and 802.1ad, and two older ones for stacked tags.
_VLAN_ETHERTYPES = frozenset({0x8100, 0x88A8, 0x9100, 0x9200})
_ETHERTYPES = {
    0x0806: "arp",
    0x8847: "mpls",
    0x8848: "mpls",
    0x88E5: "macsec",
    0x88E7: "pbb",
}

# Bytes that tell IP in other frames: in a session of PPPoE the PPP protocol (RFC 2516 4), in a
# frame of IEEE 802.3 LLC and SNAP (RFC 1042).
_PPPOE_SESSION = 0x8864
_PPP_IP = (b"\x00\x21", b"\x00\x57")
_LARGEST_LENGTH = 1500
_SNAP_IP = (b"\xaa\xaa\x03\0\0\0\x08\x00", b"\xaa\xaa\x03\0\0\0\x86\xdd")

# AF_INET is 2 everywhere; AF_INET6 depends on the system: Linux 10, Windows 23, NetBSD and
# OpenBSD 24, FreeBSD 28, macOS 30.
_FAMILIES = {2: _IPV4_ETHERTYPE} | dict.fromkeys((10, 23, 24, 28, 30), _IPV6_ETHERTYPE)


def datagrams(data: Data, packets: Iterable[Packet | str], tally: Tally) -> Iterator[Datagram]:
    """Yield the `packets` that may be SIP, and count the others by reason in `tally`.

    A word in place of a packet is the reason for skipping it.
    """
    view = memoryview(data)
    skipped = tally.skipped
    unread = Unread(data)
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
        if isinstance(found, Other):
            skipped[unread.reason(found)] += 1
            continue
        start, end, source, source_port, destination, destination_port, is_cut = found
        reason = why_not_sip(data, start, end, source_port, destination_port, is_cut)
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
            is_cut,
        )


@lru_cache(maxsize=4096)
def _address(packed: bytes) -> str:
    return socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed)


def ethernet(data: Data, start: int, end: int) -> Udp | Other | str:
    """LINKTYPE_ETHERNET."""
    if end - start < 14:
        return "truncated"
    return _network(data, start + 14, end, _UINT16.unpack_from(data, start + 12)[0])


def linux_cooked(data: Data, start: int, end: int) -> Udp | Other | str:
    """LINKTYPE_LINUX_SLL: 16 bytes, the last two an EtherType."""
    if end - start < 16:
        return "truncated"
    return _network(data, start + 16, end, _UINT16.unpack_from(data, start + 14)[0])


def linux_cooked_2(data: Data, start: int, end: int) -> Udp | Other | str:
    """LINKTYPE_LINUX_SLL2: 20 bytes, the first two an EtherType."""
    if end - start < 20:
        return "truncated"
    return _network(data, start + 20, end, _UINT16.unpack_from(data, start)[0])


def bsd_loopback(data: Data, start: int, end: int) -> Udp | Other | str:
    """LINKTYPE_NULL and LINKTYPE_LOOP: an address family of four bytes.

    The order of those bytes is the capturing machine's (NULL) or the network's (LOOP). Families are
    below 256, so exactly one byte is nonzero.
    """
    if end - start < 4:
        return "truncated"
    family = data[start : start + 4].strip(b"\0")
    ethertype = _FAMILIES.get(family[0]) if len(family) == 1 else None
    return "not IP" if ethertype is None else _network(data, start + 4, end, ethertype)


def raw_ip(data: Data, start: int, end: int) -> Udp | Other | str:
    """LINKTYPE_RAW: an IP packet, with its version in the first four bits."""
    if start == end:
        return "truncated"
    version = data[start] >> 4
    if version == 4:
        return ipv4(data, start, end)
    return ipv6(data, start, end) if version == 6 else "not IP"


def _network(data: Data, start: int, end: int, ethertype: int) -> Udp | Other | str:
    """The packet of an EtherType, after any VLAN tags."""
    while ethertype in _VLAN_ETHERTYPES:
        if end - start < 4:
            return "truncated"
        ethertype = _UINT16.unpack_from(data, start + 2)[0]
        start += 4
    if ethertype == _IPV4_ETHERTYPE:
        return ipv4(data, start, end)
    if ethertype == _IPV6_ETHERTYPE:
        return ipv6(data, start, end)
    if ethertype == _PPPOE_SESSION:
        if end - start < 8:
            return "truncated"
        return "pppoe" if data[start + 6 : start + 8] in _PPP_IP else "not IP"
    if ethertype <= _LARGEST_LENGTH and data[start : min(start + 8, end)] in _SNAP_IP:
        return "snap"
    return _ETHERTYPES.get(ethertype, "not IP")


# The numbers are those of the registry at tcpdump.org/linktypes.html; 12 is another number of raw
# IP on some systems.
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
