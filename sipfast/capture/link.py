"""Link layers: from a captured packet to the IP packet in it.

As in `ip`, each layer is a function of a buffer and the bounds of its packet in it.
"""

from __future__ import annotations

from struct import Struct

from .base import Data
from .ip import Found, Inner, Layer, ipv4, ipv6

_UINT16 = Struct(">H")
_UINT32 = Struct(">I")
_PPI = Struct("<HI")
_PKTAP = Struct("<I4xI")

_IPV4_ETHERTYPE, _IPV6_ETHERTYPE = 0x0800, 0x86DD
# Tags, and their bytes before the next EtherType: IEEE 802.1Q and 802.1ad, and two older ones for
# stacked tags; VN-Tag, 802.1BR, 802.1CB.
_TAGS = {
    **dict.fromkeys((0x8100, 0x88A8, 0x9100, 0x9200), 2),
    0x8926: 4,
    0x893F: 6,
    0xF1C1: 4,
}
_MPLS_ETHERTYPES = frozenset({0x8847, 0x8848})
_PBB_ETHERTYPE = 0x88E7
_PPPOE_SESSION = 0x8864
_ETHERNET_ETHERTYPE = 0x6558  # in GRE and Geneve
_ETHERTYPES = {0x0806: "arp", 0x88E5: "macsec"}

# Protocols of PPP (RFC 1661 2), as EtherTypes.
_PPP = {
    0x21: _IPV4_ETHERTYPE,
    0x57: _IPV6_ETHERTYPE,
    0x281: 0x8847,
    0x283: 0x8848,
}

# In a frame of IEEE 802.3, up to this value is a length, and LLC follows.
_LARGEST_LENGTH = 1500
_SNAP = b"\xaa\xaa\x03"
_LLC_IP = b"\x06\x06\x03"

# AF_INET is 2 everywhere; AF_INET6 depends on the system: Linux 10, Windows 23, NetBSD and
# OpenBSD 24, FreeBSD 28, macOS 30.
_FAMILIES = {2: _IPV4_ETHERTYPE} | dict.fromkeys((10, 23, 24, 28, 30), _IPV6_ETHERTYPE)

_NFLOG_PAYLOAD = 9

_WIFI_DATA, _WIFI_QOS, _WIFI_PROTECTED = 0x08, 0x80, 0x40


def ethernet(data: Data, start: int, end: int) -> Found:
    """LINKTYPE_ETHERNET."""
    if end - start < 14:
        return "truncated"
    return network(data, start + 14, end, _UINT16.unpack_from(data, start + 12)[0])


def linux_cooked(data: Data, start: int, end: int) -> Found:
    """LINKTYPE_LINUX_SLL: 16 bytes, the last two an EtherType."""
    if end - start < 16:
        return "truncated"
    return _cooked(data, start + 16, end, _UINT16.unpack_from(data, start + 14)[0])


def linux_cooked_2(data: Data, start: int, end: int) -> Found:
    """LINKTYPE_LINUX_SLL2: 20 bytes, the first two an EtherType."""
    if end - start < 20:
        return "truncated"
    return _cooked(data, start + 20, end, _UINT16.unpack_from(data, start)[0])


def _cooked(data: Data, start: int, end: int, ethertype: int) -> Found:
    if ethertype == 4:  # LLC, as the numbers below 1536 are those of Linux
        return _llc(data, start, end)
    return network(data, start, end, ethertype) if ethertype > _LARGEST_LENGTH else "not IP"


def bsd_loopback(data: Data, start: int, end: int, header: int = 4) -> Found:
    """LINKTYPE_NULL and LINKTYPE_LOOP: an address family of four bytes.

    The order of those bytes is the capturing machine's (NULL) or the network's (LOOP). Families are
    below 256, so exactly one byte is nonzero.
    """
    if end - start < header:
        return "truncated"
    family = data[start : start + 4].strip(b"\0")
    ethertype = _FAMILIES.get(family[0]) if len(family) == 1 else None
    return "not IP" if ethertype is None else network(data, start + header, end, ethertype)


def raw_ip(data: Data, start: int, end: int) -> Found:
    """LINKTYPE_RAW: an IP packet, with its version in the first four bits."""
    if start >= end:
        return "truncated"
    version = data[start] >> 4
    if version == 4:
        return ipv4(data, start, end)
    return ipv6(data, start, end) if version == 6 else "not IP"


def ppp(data: Data, start: int, end: int) -> Found:
    """LINKTYPE_PPP: a protocol of one byte, if that is odd, or two (RFC 1661 6.5)."""
    if data[start : min(start + 2, end)] == b"\xff\x03":  # address and control of HDLC
        start += 2
    if end - start < 2:
        return "truncated"
    protocol = data[start]
    if protocol & 1:
        start += 1
    else:
        protocol = _UINT16.unpack_from(data, start)[0]
        start += 2
    ethertype = _PPP.get(protocol)
    return "not IP" if ethertype is None else network(data, start, end, ethertype)


def pppoe(data: Data, start: int, end: int) -> Found:
    """RFC 2516 4: six bytes, of which the last two state the length of the PPP frame."""
    if end - start < 6:
        return "truncated"
    if data[start + 1]:  # a code: discovery
        return "not IP"
    length = _UINT16.unpack_from(data, start + 4)[0]
    start += 6
    return ppp(data, start, min(end, start + length))


def nflog(data: Data, start: int, end: int) -> Found:
    """LINKTYPE_NFLOG: an address family, and attributes in the order of the capturing machine."""
    if end - start < 4:
        return "truncated"
    ethertype = _FAMILIES.get(data[start], 0)
    at = start + 4
    # The first attribute is shorter than 256 bytes, so its length tells the order.
    order = "big" if at + 2 <= end and data[at] == 0 and data[at + 1] else "little"
    while at + 4 <= end:
        length = int.from_bytes(data[at : at + 2], order)  # type: ignore[arg-type]
        kind = int.from_bytes(data[at + 2 : at + 4], order)  # type: ignore[arg-type]
        if length < 4:
            return "malformed IP"
        if kind & 0x7FFF == _NFLOG_PAYLOAD:
            packet_end = min(end, at + length)
            if not ethertype:
                return raw_ip(data, at + 4, packet_end)
            return network(data, at + 4, packet_end, ethertype)
        at += (length + 3) & ~3
    return "truncated" if at > end else "not IP"


def wifi(data: Data, start: int, end: int) -> Found:
    """LINKTYPE_IEEE802_11: data frames that are not encrypted."""
    if end - start < 24:
        return "truncated"
    kind, flags = data[start], data[start + 1]
    if kind & 0x0C != _WIFI_DATA or kind & 0x40:  # other frames, or data frames without data
        return "not IP"
    if flags & _WIFI_PROTECTED:
        return "wifi"
    start += 30 if flags & 3 == 3 else 24  # between access points, with a fourth address
    if kind & _WIFI_QOS:
        start += 6 if flags & 0x80 else 2
    return _llc(data, start, end)


def radiotap(data: Data, start: int, end: int) -> Found:
    """LINKTYPE_IEEE802_11_RADIOTAP: a header that states its length, then IEEE 802.11."""
    if end - start < 4:
        return "truncated"
    return wifi(data, start + int.from_bytes(data[start + 2 : start + 4], "little"), end)


def network(data: Data, start: int, end: int, ethertype: int) -> Found:
    """The packet of an EtherType, after any tags."""
    while ethertype in _TAGS:
        size = _TAGS[ethertype]
        if end - start < size + 2:
            return "truncated"
        ethertype = _UINT16.unpack_from(data, start + size)[0]
        start += size + 2
    if ethertype == _IPV4_ETHERTYPE:
        return ipv4(data, start, end)
    if ethertype == _IPV6_ETHERTYPE:
        return ipv6(data, start, end)
    if ethertype in _MPLS_ETHERTYPES:
        return mpls(data, start, end)
    if ethertype == _PPPOE_SESSION:
        return pppoe(data, start, end)
    if ethertype == _ETHERNET_ETHERTYPE:
        return Inner(ethernet, start, end)
    if ethertype == _PBB_ETHERTYPE:
        return Inner(ethernet, start + 4, end)  # after the service's tag (IEEE 802.1ah)
    if ethertype <= _LARGEST_LENGTH:
        return _llc(data, start, min(end, start + ethertype))
    return _ETHERTYPES.get(ethertype, "not IP")


def hdlc(data: Data, start: int, end: int) -> Found:
    """LINKTYPE_C_HDLC: an address, a control byte, and an EtherType."""
    if end - start < 4:
        return "truncated"
    return network(data, start + 4, end, _UINT16.unpack_from(data, start + 2)[0])


def frame_relay(data: Data, start: int, end: int) -> Found:
    """LINKTYPE_FRELAY (RFC 2427): an address of two to four bytes, and a protocol."""
    at = start
    while at < end and not data[at] & 1:
        at += 1
    if end - at < 3:
        return "truncated"
    # After the control byte, there may be one of padding.
    at += 2 if data[at + 2] else 3
    kind = data[at] if at < end else 0
    if kind == 0xCC:
        return ipv4(data, at + 1, end)
    if kind == 0x8E:
        return ipv6(data, at + 1, end)
    if kind == 0x80 and end - at >= 6:  # SNAP
        return network(data, at + 6, end, _UINT16.unpack_from(data, at + 4)[0])
    return "not IP"


def token_ring(data: Data, start: int, end: int) -> Found:
    """LINKTYPE_IEEE802_5: two bytes, two addresses, perhaps a route."""
    if end - start < 15:
        return "truncated"
    route = data[start + 14] & 0x1F if data[start + 8] & 0x80 else 0
    return _llc(data, start + 14 + route, end)


def fddi(data: Data, start: int, end: int) -> Found:
    """LINKTYPE_FDDI: a control byte and two addresses."""
    return _llc(data, start + 13, end)


def atm(data: Data, start: int, end: int) -> Found:
    """LINKTYPE_ATM_RFC1483: LLC and SNAP."""
    return _llc(data, start, end)


def ppp_with_direction(data: Data, start: int, end: int) -> Found:
    """LINKTYPE_PPP_WITH_DIR: a byte for the direction."""
    return ppp(data, start + 1, end)


def ip_over_firewire(data: Data, start: int, end: int) -> Found:
    """LINKTYPE_APPLE_IP_OVER_IEEE1394: two addresses of eight bytes, and an EtherType."""
    if end - start < 18:
        return "truncated"
    return network(data, start + 18, end, _UINT16.unpack_from(data, start + 16)[0])


def prism(data: Data, start: int, end: int) -> Found:
    """LINKTYPE_IEEE802_11_PRISM, or AVS: a header that states its length."""
    if end - start < 8:
        return "truncated"
    if data[start : start + 2] == b"\x80\x21":
        return avs(data, start, end)
    stated = data[start + 4 : start + 8]
    little, big = int.from_bytes(stated, "little"), int.from_bytes(stated, "big")
    return wifi(data, start + min(little, big), end)


def avs(data: Data, start: int, end: int) -> Found:
    """LINKTYPE_IEEE802_11_AVS: a header that states its length."""
    if end - start < 8:
        return "truncated"
    return wifi(data, start + _UINT32.unpack_from(data, start + 4)[0], end)


def ppi(data: Data, start: int, end: int) -> Found:
    """LINKTYPE_PPI: a header that states its length and another link type."""
    if end - start < 8:
        return "truncated"
    length, kind = _PPI.unpack_from(data, start + 2)
    return _linked(kind, start + length, end)


def pktap(data: Data, start: int, end: int) -> Found:
    """LINKTYPE_PKTAP, of macOS: a header that states its length and another link type."""
    if end - start < 12:
        return "truncated"
    length, kind = _PKTAP.unpack_from(data, start)
    return _linked(kind, start + length, end)


def _linked(kind: int, start: int, end: int) -> Found:
    layer = LINKS.get(kind)
    return f"link type {kind & 0xFFFF}" if layer is None else Inner(layer, start, end)


def pflog(data: Data, start: int, end: int) -> Found:
    """LINKTYPE_PFLOG: a header that states its length without its padding, and a family."""
    if end - start < 4:
        return "truncated"
    ethertype = _FAMILIES.get(data[start + 1])
    start += (data[start] + 3) & ~3
    return "not IP" if ethertype is None else network(data, start, end, ethertype)


def enc(data: Data, start: int, end: int) -> Found:
    """LINKTYPE_ENC: what IPsec of OpenBSD took in or out; a family, an SPI, and flags."""
    return bsd_loopback(data, start, end, 12)


def mpls(data: Data, start: int, end: int) -> Found:
    """RFC 3032: labels up to the last of the stack, and a packet without a type."""
    at = start
    while True:
        if end - at < 5:
            return "truncated"
        at += 4
        if data[at - 2] & 1:
            break
    version = data[at] >> 4
    if version == 4:
        return ipv4(data, at, end)
    if version == 6:
        return ipv6(data, at, end)
    # A pseudowire of Ethernet, with a control word (RFC 4448 4.6) or without.
    if data[at : at + 2] == b"\0\0":
        return Inner(ethernet, at + 4, end)
    return Inner(ethernet, at, end)


def _llc(data: Data, start: int, end: int) -> Found:
    """IEEE 802.2, and the EtherType in SNAP (RFC 1042)."""
    if end - start < 3:
        return "truncated"
    if data[start : min(start + 3, end)] == _SNAP:
        if end - start < 8:
            return "truncated"
        ethertype = _UINT16.unpack_from(data, start + 6)[0]
        if ethertype <= _LARGEST_LENGTH:
            return "not IP"
        return Inner(_NETWORKS.get(ethertype, _no_network), start + 8, end)
    if data[start : min(start + 3, end)] == _LLC_IP:
        return ipv4(data, start + 3, end)
    return "not IP"


def _vlan(data: Data, start: int, end: int) -> Found:
    return network(data, start, end, 0x8100)


def _arp(data: Data, start: int, end: int) -> Found:
    return "arp"


def _no_network(data: Data, start: int, end: int) -> Found:
    return "not IP"


_NETWORKS: dict[int, Layer] = {
    _IPV4_ETHERTYPE: ipv4,
    _IPV6_ETHERTYPE: ipv6,
    _PPPOE_SESSION: pppoe,
    0x0806: _arp,
    **dict.fromkeys(_MPLS_ETHERTYPES, mpls),
    0x8100: _vlan,
    0x88A8: _vlan,
}


#: The numbers are those of the registry at tcpdump.org/linktypes.html; 12 and 14 are other numbers
#: of raw IP on some systems.
LINKS: dict[int, Layer] = {
    0: bsd_loopback,
    1: ethernet,
    6: token_ring,
    9: ppp,
    10: fddi,
    11: atm,
    12: raw_ip,
    14: raw_ip,
    50: ppp,
    51: pppoe,
    100: atm,
    101: raw_ip,
    104: hdlc,
    105: wifi,
    107: frame_relay,
    108: bsd_loopback,
    109: enc,
    113: linux_cooked,
    117: pflog,
    119: prism,
    127: radiotap,
    138: ip_over_firewire,
    163: avs,
    166: ppp_with_direction,
    192: ppi,
    204: ppp_with_direction,
    228: ipv4,
    229: ipv6,
    239: nflog,
    258: pktap,
    276: linux_cooked_2,
}
