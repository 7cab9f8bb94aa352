"""From a captured packet to a payload: each link type, and each kind of malformed packet."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import capture_files as made
import pytest
from capture_files import OPTIONS, ethernet, extension, frame, ipv4, ipv6, udp

from sipfast.capture import Record


def read(
    path: Path, *packets: bytes, link_type: int = made.ETHERNET
) -> tuple[list[Record], Counter[str]]:
    capture, datagrams = made.read(path, made.pcap(*packets, link_type=link_type))
    return datagrams, capture.skipped


INSIDE_4 = ipv4(udp(OPTIONS))
INSIDE_6 = ipv6(udp(OPTIONS))


@pytest.mark.parametrize(
    ("link_type", "packet"),
    [
        pytest.param(made.ETHERNET, ethernet(INSIDE_4), id="ethernet, IPv4"),
        pytest.param(made.ETHERNET, ethernet(INSIDE_6, made.IPV6), id="ethernet, IPv6"),
        pytest.param(made.ETHERNET, ethernet(INSIDE_4, tags=(made.VLAN,)), id="VLAN"),
        pytest.param(made.ETHERNET, ethernet(INSIDE_4, tags=(made.QINQ, made.VLAN)), id="QinQ"),
        pytest.param(
            made.ETHERNET, ethernet(INSIDE_6, made.IPV6, (0x9100, 0x9200, made.VLAN)), id="old QinQ"
        ),
        pytest.param(made.COOKED, made.cooked(INSIDE_4), id="cooked, IPv4"),
        pytest.param(made.COOKED, made.cooked(INSIDE_6, made.IPV6), id="cooked, IPv6"),
        pytest.param(
            made.COOKED, made.cooked(b"\0\x07\x08\0" + INSIDE_4, made.VLAN), id="cooked, VLAN"
        ),
        pytest.param(made.COOKED_2, made.cooked_2(INSIDE_4), id="cooked v2, IPv4"),
        pytest.param(made.COOKED_2, made.cooked_2(INSIDE_6, made.IPV6), id="cooked v2, IPv6"),
        pytest.param(made.RAW, INSIDE_4, id="raw, IPv4"),
        pytest.param(made.RAW, INSIDE_6, id="raw, IPv6"),
        pytest.param(made.RAW_BSD, INSIDE_4, id="raw 12"),
        pytest.param(made.RAW_IPV4, INSIDE_4, id="raw IPv4"),
        pytest.param(made.RAW_IPV6, INSIDE_6, id="raw IPv6"),
        pytest.param(made.NULL, made.loopback(INSIDE_4), id="null"),
        pytest.param(made.NULL, made.loopback(INSIDE_4, order=">"), id="null, other order"),
        pytest.param(made.LOOP, made.loopback(INSIDE_4, order=">"), id="loop"),
        *(
            pytest.param(made.NULL, made.loopback(INSIDE_6, family), id=f"null, family {family}")
            for family in (10, 23, 24, 28, 30)
        ),
        pytest.param(
            made.ETHERNET | 0x54000000, ethernet(INSIDE_4) + b"FCS!", id="frame check sequence"
        ),
    ],
)
def test_every_link_leads_to_the_payload(tmp_path: Path, link_type: int, packet: bytes) -> None:
    datagrams, skipped = read(tmp_path, packet, link_type=link_type)
    assert not skipped
    [datagram] = datagrams
    version = 4 if INSIDE_4 in packet else 6
    assert datagram.data == OPTIONS
    assert datagram[2:10] == (
        1,
        0,
        "192.0.2.1" if version == 4 else "2001:db8::1",
        5060,
        "192.0.2.2" if version == 4 else "2001:db8::2",
        5060,
        "UDP",
        False,
    )


@pytest.mark.parametrize(
    "packet",
    [
        pytest.param(frame() + bytes(18), id="padding of the link"),
        pytest.param(ethernet(ipv4(udp(OPTIONS), options=b"\x01" * 8)), id="IPv4 options"),
        pytest.param(ethernet(ipv4(udp(OPTIONS) + b"tail")), id="IPv4 longer than UDP"),
        pytest.param(ethernet(ipv4(udp(OPTIONS) + b"tail")[:-2]), id="cut after UDP"),
        pytest.param(ethernet(ipv4(udp(OPTIONS), total=0)), id="IPv4 length left to the card"),
        pytest.param(ethernet(ipv4(udp(OPTIONS), fragment=0x4000)), id="do not fragment"),
        pytest.param(ethernet(ipv4(udp(OPTIONS, length=0))), id="UDP length left to the card"),
        pytest.param(ethernet(ipv6(udp(OPTIONS), length=0), made.IPV6), id="jumbogram"),
        pytest.param(ethernet(ipv6(udp(OPTIONS)) + bytes(6), made.IPV6), id="IPv6 and padding"),
        pytest.param(
            ethernet(ipv6(extension(made.UDP, 2) + udp(OPTIONS), following=0), made.IPV6),
            id="hop-by-hop",
        ),
        pytest.param(
            ethernet(
                ipv6(
                    extension(43)
                    + extension(60, 1)
                    + extension(51)
                    + made.authentication(made.UDP)
                    + udp(OPTIONS),
                    following=0,
                ),
                made.IPV6,
            ),
            id="routing, destination, authentication",
        ),
        pytest.param(
            ethernet(ipv6(made.fragment_header(made.UDP) + udp(OPTIONS), following=44), made.IPV6),
            id="fragment header of a whole packet",
        ),
    ],
)
def test_odd_but_right(tmp_path: Path, packet: bytes) -> None:
    datagrams, skipped = read(tmp_path, packet)
    assert made.payloads(datagrams) == [OPTIONS]
    assert not skipped


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        # Other protocols than SIP over UDP.
        pytest.param(ethernet(bytes(28), made.ARP), "arp", id="arp"),
        pytest.param(ethernet(bytes(30), 0x88CC), "not IP", id="LLDP"),
        pytest.param(ethernet(bytes(38), 38), "not IP", id="802.3 length"),
        pytest.param(ethernet(ipv4(bytes(20), protocol=made.TCP)), "tcp", id="tcp"),
        pytest.param(ethernet(ipv4(bytes(8), protocol=1)), "icmp", id="icmp"),
        pytest.param(ethernet(ipv4(bytes(12), protocol=132)), "sctp", id="sctp"),
        pytest.param(ethernet(ipv4(bytes(8), protocol=89)), "IP protocol 89", id="OSPF"),
        pytest.param(ethernet(ipv6(bytes(20), following=6), made.IPV6), "tcp", id="tcp, IPv6"),
        pytest.param(ethernet(ipv6(b"", following=59), made.IPV6), "IP protocol 59", id="nothing"),
        # Truncated by the capture.
        pytest.param(b"", "truncated", id="nothing captured"),
        pytest.param(frame()[:13], "truncated", id="in the link header"),
        pytest.param(ethernet(INSIDE_4, tags=(made.VLAN,))[:17], "truncated", id="in the tag"),
        pytest.param(frame()[:33], "truncated", id="in the IPv4 header"),
        pytest.param(frame()[:41], "truncated", id="in the UDP header"),
        pytest.param(frame()[:42], "truncated", id="before the payload"),
        pytest.param(ethernet(INSIDE_6[:39], made.IPV6), "truncated", id="in the IPv6 header"),
        pytest.param(
            ethernet(ipv6(extension(17) + udp(OPTIONS), following=60)[:44], made.IPV6),
            "truncated",
            id="in an extension header",
        ),
        # Malformed.
        pytest.param(ethernet(ipv4(udp(OPTIONS), first=0x65)), "malformed IP", id="version"),
        pytest.param(ethernet(ipv4(udp(OPTIONS), first=0x44)), "malformed IP", id="IHL below 5"),
        pytest.param(ethernet(ipv4(udp(OPTIONS), first=0x4F, total=40)), "malformed IP", id="IHL"),
        pytest.param(ethernet(ipv4(udp(OPTIONS), total=19)), "malformed IP", id="total below 20"),
        pytest.param(ethernet(ipv4(udp(OPTIONS), total=27)), "malformed UDP", id="no UDP header"),
        pytest.param(ethernet(ipv4(udp(OPTIONS), total=40)), "malformed UDP", id="total too small"),
        pytest.param(ethernet(ipv4(udp(OPTIONS, length=7))), "malformed UDP", id="length 7"),
        pytest.param(ethernet(ipv4(udp(OPTIONS, length=65535))), "malformed UDP", id="length"),
        pytest.param(ethernet(ipv6(udp(b""), version=4), made.IPV6), "malformed IP", id="not 6"),
        pytest.param(
            ethernet(ipv6(extension(17, 255), following=0, length=2056)[:-8], made.IPV6),
            "truncated",
            id="extension header to the end",
        ),
        pytest.param(
            ethernet(ipv6(bytes([17, 200]) + bytes(30), following=0), made.IPV6),
            "malformed IP",
            id="extension header past the end",
        ),
        pytest.param(
            ethernet(ipv6(extension(0) * 100, following=0), made.IPV6),
            "malformed IP",
            id="extension headers only",
        ),
    ],
)
def test_counted_by_reason(tmp_path: Path, packet: bytes, reason: str) -> None:
    datagrams, skipped = read(tmp_path, packet, frame())
    assert skipped == {reason: 1}
    assert [datagram.packet for datagram in datagrams] == [2]
    assert made.payloads(datagrams) == [OPTIONS]


@pytest.mark.parametrize(
    ("link_type", "packet", "reason"),
    [
        (made.COOKED, made.cooked(INSIDE_4)[:15], "truncated"),
        (made.COOKED, made.cooked(bytes(20), 4), "not IP"),
        (made.COOKED_2, made.cooked_2(INSIDE_4)[:19], "truncated"),
        (made.COOKED_2, made.cooked_2(bytes(28), made.ARP), "arp"),
        (made.RAW, b"", "truncated"),
        (made.RAW, b"\x55" * 60, "not IP"),
        (made.RAW_IPV4, INSIDE_6, "malformed IP"),
        (made.RAW_IPV6, INSIDE_4, "malformed IP"),
        (made.NULL, b"\2\0\0", "truncated"),
        (made.NULL, made.loopback(INSIDE_4, 7), "not IP"),
        (made.NULL, made.loopback(INSIDE_4, 0x0202), "not IP"),
        (made.NULL, made.loopback(INSIDE_4, 0), "not IP"),
        (147, bytes(64), "link type 147"),
    ],
)
def test_counted_by_reason_on_other_links(
    tmp_path: Path, link_type: int, packet: bytes, reason: str
) -> None:
    assert read(tmp_path, packet, link_type=link_type) == ([], {reason: 1})


WHOLE = ethernet(
    ipv6(extension(51) + made.authentication(17) + udp(OPTIONS), following=0),
    made.IPV6,
    (made.VLAN,),
)
HEADERS = len(WHOLE) - len(OPTIONS)


def test_a_cut_packet_is_handed_out_from_where_sip_can_be_told(tmp_path: Path) -> None:
    told = HEADERS + len(b"OPTIONS sip:")
    unfinished = [WHOLE[:size] for size in range(told)]
    assert read(tmp_path, *unfinished) == ([], {"truncated": len(unfinished)})
    cuts = [WHOLE[:size] for size in range(told, len(WHOLE) + 1)]
    datagrams, skipped = read(tmp_path, *cuts)
    assert not skipped
    assert made.payloads(datagrams) == [cut[HEADERS:] for cut in cuts]
    assert [datagram.is_cut for datagram in datagrams] == [*(True,) * (len(cuts) - 1), False]


@pytest.mark.parametrize(
    ("payload", "size", "reason"),
    [
        pytest.param(b"\x80\x08" + bytes(160), 20, "rtp", id="RTP"),
        pytest.param(b"\x80\x08" + bytes(160), 1, "not SIP", id="RTP, one byte"),
        pytest.param(b"M-SEARCH * HTTP/1.1\r\nST: x\r\n", 21, "not SIP", id="SSDP"),
        pytest.param(b"M-SEARCH * HTTP/1.1\r\nST: x\r\n", 19, "truncated", id="SSDP, earlier"),
        pytest.param(b"\r\n\r\n" + OPTIONS, 4, "truncated", id="line ends"),
        pytest.param(b"\r\n\r\n" + OPTIONS, 10, "truncated", id="line ends, method"),
        pytest.param(b"x" * 200, 140, "not SIP", id="long word"),
        pytest.param(bytes.fromhex("000100002112a442") + bytes(12), 9, "stun", id="stun"),
        pytest.param(bytes(12), 9, "keep-alive", id="NULs"),
    ],
)
@pytest.mark.parametrize("port", [5060, 16384])
def test_a_cut_packet_that_can_be_told_from_sip(
    tmp_path: Path, payload: bytes, size: int, reason: str, port: int
) -> None:
    cut = frame(payload, port, port)[: 42 + size]
    assert read(tmp_path, cut) == ([], {reason: 1})


def test_a_damaged_message_is_handed_out_cut(tmp_path: Path) -> None:
    datagrams, _ = read(tmp_path, frame(b"\0" + OPTIONS)[:-9])
    assert made.payloads(datagrams) == [b"\0" + OPTIONS[:-9]]
    assert datagrams[0].is_cut


def test_addresses_and_ports_are_those_of_the_packet(tmp_path: Path) -> None:
    inside = udp(OPTIONS, 40000, 65535)
    datagrams, _ = read(
        tmp_path,
        ethernet(ipv4(inside, source="10.1.2.3", destination="255.255.255.255")),
        ethernet(ipv6(inside, source="::", destination="fe80::1:0:0:2"), made.IPV6),
    )
    assert [datagram[4:8] for datagram in datagrams] == [
        ("10.1.2.3", 40000, "255.255.255.255", 65535),
        ("::", 40000, "fe80::1:0:0:2", 65535),
    ]
