"""What is counted as unread: what may have held SIP; and what is read in spite of its wrapping."""

from __future__ import annotations

import struct
from collections import Counter

import capture_files as made
import pytest
from capture_files import OPTIONS, Pcapng, ethernet, frame, ipv4, ipv6, tcp, udp

import sipfast.capture
from sipfast.capture import REASONS, reason_of

GET = b"GET /index.html HTTP/1.1\r\nHost: example.com\r\n\r\n"
HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>"


def read(*packets: bytes, link_type: int = made.ETHERNET) -> tuple[dict[str, int], dict[str, int]]:
    """The packets that are skipped, and those that are unread."""
    found, skipped, unread = all_of(*packets, link_type=link_type)
    assert found == []
    return skipped, unread


def all_of(
    *packets: bytes, link_type: int = made.ETHERNET
) -> tuple[list[sipfast.capture.Record], dict[str, int], dict[str, int]]:
    with sipfast.capture.open(made.pcap(*packets, link_type=link_type)) as capture:
        return list(capture), capture.skipped, capture.unread


def segment(
    payload: bytes = b"", source: int = 40000, destination: int = 5060, *, flags: int = 0x18
) -> bytes:
    content = tcp(payload, source, destination, flags=flags)
    if source < destination:
        return ethernet(ipv4(content, protocol=6, source="192.0.2.2", destination="192.0.2.1"))
    return ethernet(ipv4(content, protocol=6))


# ---- fragments ----

LONG = OPTIONS.replace(b"h: 0", b"h: 1500") + b"x" * 1500
DATAGRAM = udp(LONG)
INSIDE_LONG = b"\0\0\x08\0" + ipv4(DATAGRAM)


def fragments_4(content: bytes, protocol: int = 17, identification: int = 1) -> list[bytes]:
    pieces = [content[:800], content[800:1200], content[1200:]]
    return [
        ethernet(
            ipv4(
                piece,
                protocol=protocol,
                identification=identification,
                fragment=(n < 2) * 0x2000 | (0, 100, 150)[n],
            )
        )
        for n, piece in enumerate(pieces)
    ]


def fragments_6(content: bytes, protocol: int = 17, identification: int = 1) -> list[bytes]:
    pieces = [content[:800], content[800:]]
    return [
        ethernet(
            ipv6(
                made.fragment_header(protocol, 100 * n, n == 0, identification) + piece,
                following=44,
            ),
            made.IPV6,
        )
        for n, piece in enumerate(pieces)
    ]


RTP = udp(b"\x80\x60" + bytes(1500), 16384, 16386)


@pytest.mark.parametrize(
    ("packets", "payloads", "expected"),
    [
        pytest.param(fragments_4(DATAGRAM), [LONG], {}, id="IPv4"),
        pytest.param(fragments_4(DATAGRAM)[::-1], [LONG], {}, id="IPv4, backwards"),
        pytest.param(fragments_6(DATAGRAM), [LONG], {}, id="IPv6"),
        pytest.param(fragments_6(DATAGRAM)[::-1], [LONG], {}, id="IPv6, backwards"),
        pytest.param(fragments_4(udp(LONG, 1, 2)), [LONG], {}, id="another port"),
        pytest.param(fragments_4(udp(b"\0" + LONG)), [b"\0" + LONG], {}, id="damaged"),
        pytest.param(fragments_4(RTP), [], {"rtp": 1}, id="RTP"),
        pytest.param(fragments_6(RTP), [], {"rtp": 1}, id="RTP, IPv6"),
        pytest.param(fragments_4(RTP)[1:], [], {"fragment of SIP": 2}, id="no first"),
        pytest.param(fragments_4(RTP)[:2], [], {"fragment": 2}, id="RTP, no last"),
        pytest.param(
            [*fragments_4(DATAGRAM), *fragments_4(DATAGRAM, identification=2)],
            [LONG] * 2,
            {},
            id="two packets",
        ),
        pytest.param(
            [
                packet
                for pair in zip(
                    fragments_4(DATAGRAM), fragments_4(DATAGRAM, identification=2), strict=True
                )
                for packet in pair
            ],
            [LONG] * 2,
            {},
            id="two packets, mixed",
        ),
        pytest.param(
            [*fragments_4(RTP), *fragments_4(DATAGRAM)],
            [LONG],
            {"rtp": 1},
            id="two packets with one number",
        ),
        pytest.param(
            fragments_4(DATAGRAM) * 2, [LONG], {"repeated fragment": 3}, id="a copy of all"
        ),
        pytest.param(
            [packet for packet in fragments_4(DATAGRAM) for _ in range(2)],
            [LONG],
            {"repeated fragment": 3},
            id="a copy of each",
        ),
        pytest.param(
            [
                fragments_4(DATAGRAM)[0],
                fragments_4(bytes(len(DATAGRAM)))[1],
                *fragments_4(DATAGRAM)[1:],
            ],
            [LONG[:792] + bytes(400) + LONG[1192:]],
            {"overlapping fragment": 1},
            id="other bytes: those that came first are kept",
        ),
        pytest.param(
            [fragments_4(RTP)[0], *fragments_6(RTP)[1:]],
            [],
            {"fragment": 1, "fragment of SIP": 1},
            id="packets of others",
        ),
        pytest.param(
            [ethernet(ipv4(DATAGRAM[:8], fragment=0x2000))], [], {"fragment of SIP": 1}, id="header"
        ),
        pytest.param(
            [ethernet(ipv4(DATAGRAM[:4], fragment=0x2000))], [], {"malformed IP": 1}, id="length"
        ),
        pytest.param(
            [ethernet(ipv4(udp(LONG)[:16], fragment=0x2000))], [], {"fragment of SIP": 1}, id="word"
        ),
        pytest.param(fragments_4(bytes(1500), 1), [], {"icmp": 1}, id="icmp"),
        pytest.param(fragments_4(bytes(1500), 1)[2:], [], {"fragment": 1}, id="icmp, no first"),
        pytest.param(fragments_4(bytes(1500), 89)[2:], [], {"fragment": 1}, id="OSPF, no first"),
        pytest.param(fragments_4(bytes(1500), 50), [], {"esp": 1}, id="esp"),
        pytest.param(fragments_4(bytes(1500), 50)[1:], [], {"fragment of SIP": 2}, id="esp, rest"),
        pytest.param(fragments_4(INSIDE_LONG, 47), [LONG], {}, id="gre"),
        pytest.param(fragments_4(tcp(LONG), 6), [LONG], {}, id="tcp"),
        pytest.param(
            fragments_4(tcp(HTML * 20, 80, 1), 6)[:1], [], {"fragment of SIP": 1}, id="http"
        ),
    ],
)
def test_fragments(packets: list[bytes], payloads: list[bytes], expected: dict[str, int]) -> None:
    found, skipped, unread = all_of(*packets)
    assert [bytes(record.data) for record in found] == payloads
    assert skipped == expected
    of_unread = ("fragment of SIP", "overlapping fragment", "malformed IP", "esp")
    assert unread == {name: expected[name] for name in of_unread if name in expected}
    assert not any(record.is_cut for record in found)


def test_a_datagram_without_its_last_fragment_is_handed_out_cut() -> None:
    found, skipped, _ = all_of(*fragments_4(DATAGRAM)[:2], frame())
    assert [bytes(record.data) for record in found] == [OPTIONS, LONG[:1192]]
    assert [record.is_cut for record in found] == [False, True]
    assert [record.packet for record in found] == [3, 1]
    assert skipped == {"fragment of SIP": 2}


def test_fragments_are_given_up_after_their_time() -> None:
    def capture(seconds: int) -> sipfast.capture.Capture:
        first, second, third = fragments_4(DATAGRAM)
        return sipfast.capture.open(
            made.pcap(first)
            + made.pcap_record(frame(), seconds)
            + made.pcap_record(second, seconds)
            + made.pcap_record(third, seconds)
        )

    soon, late = capture(29), capture(31)
    assert [len(record.data) for record in soon] == [len(OPTIONS), len(LONG)]
    assert soon.skipped == {}
    # What is given up comes before the packet that is later than its time.
    assert [len(record.data) for record in late] == [792, len(OPTIONS)]
    assert late.skipped == {"fragment of SIP": 3}


# ---- tunnels ----


def in_udp(port: int, header: bytes, inside: bytes = b"") -> bytes:
    return frame(header + inside, 49152, port)


INSIDE_4 = ipv4(udp(OPTIONS))
SESSION = b"\x11\0\0\1" + struct.pack(">H", len(INSIDE_4) + 2)


def sctp(kind: int, content: bytes, source: int = 40000, destination: int = 40001) -> bytes:
    padded = content + bytes(-len(content) % 4)
    chunk = struct.pack(">BBH", kind, 3, 4 + len(content)) + padded
    selective = struct.pack(">BBH", 3, 0, 14) + bytes(12)  # the last two are padding
    packet = struct.pack(">HHII", source, destination, 1, 0) + selective + chunk
    return ethernet(ipv4(packet, protocol=132))


INSIDE_6 = ipv6(udp(OPTIONS))
LABELS = bytes.fromhex("00064000 00010140")
GTP_MORE = b"\x34\xff\0\xfa\0\0\0\7\0\0\0\x85\1\0\0\0"
PADDED = b"\1\2\2"
NULL_ESP = bytes(8) + udp(OPTIONS) + PADDED


def esp(content: bytes, following: int, check: int) -> bytes:
    padding = -(len(content) + 2) % 4
    trailer = bytes(range(1, padding + 1)) + bytes([padding, following])
    return b"\0\0\x10\1\0\0\0\1" + content + trailer + b"\xa5" * check


@pytest.mark.parametrize(
    "packet",
    [
        pytest.param(ethernet(SESSION + b"\0\x21" + INSIDE_4, made.PPPOE), id="PPPoE"),
        pytest.param(ethernet(SESSION + b"\x21" + INSIDE_4, made.PPPOE), id="PPPoE, short"),
        pytest.param(ethernet(SESSION[:5] + b"\xff\0\x57" + INSIDE_6, made.PPPOE), id="PPPoE 6"),
        pytest.param(ethernet(LABELS + INSIDE_4, 0x8847), id="MPLS"),
        pytest.param(ethernet(LABELS + INSIDE_6, 0x8848), id="MPLS, upstream label"),
        pytest.param(ethernet(LABELS + frame(), 0x8847), id="pseudowire"),
        pytest.param(ethernet(LABELS + bytes(4) + frame(), 0x8847), id="pseudowire, control"),
        pytest.param(ethernet(bytes(4) + frame(), 0x88E7), id="PBB"),
        pytest.param(ethernet(b"\xaa\xaa\x03\0\0\0\x08\x00" + INSIDE_4, 300), id="SNAP"),
        pytest.param(ethernet(b"\xaa\xaa\x03\0\0\0\x86\xdd" + INSIDE_6, 300), id="SNAP 6"),
        pytest.param(ethernet(b"\x06\x06\x03" + INSIDE_4, 300), id="LLC"),
        pytest.param(ethernet(ipv4(INSIDE_4, protocol=4)), id="IP in IP"),
        pytest.param(ethernet(ipv4(INSIDE_6, protocol=41)), id="IPv6 in IPv4"),
        pytest.param(ethernet(ipv6(INSIDE_4, following=4), made.IPV6), id="4 in 6"),
        pytest.param(ethernet(ipv6(INSIDE_6, following=41), made.IPV6), id="6 in 6"),
        pytest.param(ethernet(ipv4(INSIDE_4, protocol=94)), id="IPIP"),
        pytest.param(ethernet(ipv4(b"\0\0\x08\0" + INSIDE_4, protocol=47)), id="GRE"),
        pytest.param(
            ethernet(ipv4(b"\xb0\0\x86\xdd" + bytes(12) + INSIDE_6, protocol=47)), id="GRE, long"
        ),
        pytest.param(ethernet(ipv4(b"\0\0\x65\x58" + frame(), protocol=47)), id="NVGRE"),
        pytest.param(ethernet(ipv4(b"\0\0\x88\xbe" + frame(), protocol=47)), id="ERSPAN 1"),
        pytest.param(
            ethernet(ipv4(b"\x10\0\x88\xbe\0\0\0\1\x10" + bytes(7) + frame(), protocol=47)),
            id="ERSPAN 2",
        ),
        pytest.param(
            ethernet(ipv4(b"\x10\0\x22\xeb\0\0\0\1\x20" + bytes(11) + frame(), protocol=47)),
            id="ERSPAN 3",
        ),
        pytest.param(
            ethernet(
                ipv4(
                    b"\x10\0\x22\xeb\0\0\0\1\x20" + bytes(10) + b"\1" + bytes(8) + frame(),
                    protocol=47,
                )
            ),
            id="ERSPAN 3, more",
        ),
        pytest.param(
            ethernet(ipv4(b"\x20\x81\x88\x0b" + bytes(8) + b"\x21" + INSIDE_4, protocol=47)),
            id="PPTP",
        ),
        pytest.param(ethernet(ipv4(made.authentication(17) + udp(OPTIONS), protocol=51)), id="AH"),
        pytest.param(ethernet(ipv4(b"\x30\0" + frame(), protocol=97)), id="EtherIP"),
        pytest.param(ethernet(ipv6(frame(), following=143), made.IPV6), id="SRv6"),
        pytest.param(ethernet(ipv4(LABELS + INSIDE_4, protocol=137)), id="MPLS in IP"),
        *(
            pytest.param(
                ethernet(ipv4(esp(udp(OPTIONS), 17, check), protocol=50)), id=f"ESP {check}"
            )
            for check in (0, 12, 16, 24, 32)
        ),
        pytest.param(ethernet(ipv4(esp(INSIDE_4, 4, 12), protocol=50)), id="ESP, tunnel"),
        pytest.param(ethernet(ipv6(esp(INSIDE_6, 41, 12), following=50), made.IPV6), id="ESP, 6"),
        pytest.param(ethernet(ipv4(esp(tcp(OPTIONS), 6, 12), protocol=50)), id="ESP, TCP"),
        pytest.param(in_udp(4500, esp(udp(OPTIONS), 17, 12)), id="ESP in UDP"),
        pytest.param(in_udp(2152, b"\x30\xff\0\xfa\0\0\0\7", INSIDE_4), id="GTP-U"),
        pytest.param(in_udp(2152, b"\x32\xff\0\xfa\0\0\0\7" + bytes(4), INSIDE_6), id="GTP-U, N"),
        pytest.param(in_udp(2152, GTP_MORE, INSIDE_4), id="GTP-U, extension header"),
        pytest.param(in_udp(4789, b"\x08" + bytes(7), frame()), id="VXLAN"),
        pytest.param(in_udp(8472, b"\x08" + bytes(7), frame()), id="VXLAN, Linux"),
        pytest.param(in_udp(4790, b"\x0c\0\0\1" + bytes(4), INSIDE_4), id="VXLAN-GPE"),
        pytest.param(in_udp(6081, b"\0\0\x65\x58" + bytes(4), frame()), id="Geneve"),
        pytest.param(in_udp(6081, b"\1\0\x08\0" + bytes(8), INSIDE_4), id="Geneve, options"),
        pytest.param(in_udp(1701, b"\0\2\0\1\0\1\0\x21", INSIDE_4), id="L2TP"),
        pytest.param(
            in_udp(1701, b"\x4a\2" + bytes(10) + b"\0\2??\xff\3\0\x21", INSIDE_4), id="L2TP, long"
        ),
        pytest.param(in_udp(4754, b"\0\0\x08\0", INSIDE_4), id="GRE in UDP"),
        pytest.param(in_udp(6635, LABELS, INSIDE_4), id="MPLS in UDP"),
        pytest.param(in_udp(4341, bytes(8), INSIDE_4), id="LISP"),
        pytest.param(in_udp(3544, INSIDE_6), id="Teredo"),
        pytest.param(in_udp(37008, b"\1\0\0\1\x0a\1?\0\1", frame()), id="TZSP"),
        pytest.param(sctp(0, bytes(12) + OPTIONS), id="SCTP"),
        pytest.param(sctp(64, bytes(16) + OPTIONS), id="SCTP, I-DATA"),
        pytest.param(sctp(0, bytes(12) + OPTIONS, 5060), id="SCTP, from the port"),
    ],
)
def test_tunnels(packet: bytes) -> None:
    found, skipped, unread = all_of(packet)
    assert [bytes(record.data) for record in found] == [OPTIONS]
    assert (skipped, unread) == ({}, {})
    assert not found[0].is_cut
    [record] = found
    assert record.source in ("192.0.2.1", "2001:db8::1")
    assert record.destination in ("192.0.2.2", "2001:db8::2")
    with sipfast.capture.open(made.pcap(packet)) as capture:
        content = made.pcap(packet)
        assert content[record.offset :][: len(OPTIONS)] == OPTIONS
        assert capture.size == len(content)


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        pytest.param(ethernet(bytes(30), 0x88E5), "macsec", id="MACsec"),
        pytest.param(ethernet(ipv4(bytes(40), protocol=55)), "IP in IP", id="minimal"),
        pytest.param(ethernet(ipv4(bytes(40), protocol=98)), "IP in IP", id="ENCAP"),
        pytest.param(ethernet(ipv4(bytes(40), protocol=50)), "esp", id="ESP"),
        pytest.param(
            ethernet(ipv4(esp(udp(OPTIONS) + b"x", 17, 12), protocol=50)), "esp", id="ESP, length"
        ),
        pytest.param(
            ethernet(ipv4(esp(udp(OPTIONS), 47, 12), protocol=50)), "esp", id="ESP, another header"
        ),
        pytest.param(in_udp(4500, b"\0\0\1\0" + bytes(20)), "esp", id="ESP in UDP"),
        pytest.param(ethernet(ipv4(b"\x40" + bytes(40), protocol=47)), "gre", id="GRE, routing"),
        pytest.param(ethernet(ipv4(bytes(40), protocol=108)), "ipcomp", id="IPComp"),
        pytest.param(ethernet(ipv4(bytes(40), protocol=115)), "l2tp", id="L2TPv3"),
        pytest.param(in_udp(1701, b"\0\3\0\1\0\1", INSIDE_4), "l2tp", id="L2TPv3 in UDP"),
        pytest.param(in_udp(4790, b"\x0c\0\0\4" + bytes(4)), "vxlan", id="VXLAN with NSH"),
        pytest.param(in_udp(5247, bytes(8), INSIDE_4), "capwap", id="CAPWAP"),
        pytest.param(in_udp(37008, b"\1\0\0\x12\1", frame()), "tzsp", id="TZSP, wireless"),
        pytest.param(in_udp(9060, b"HEP3\0\x50\0\0\0\1\0\0"), "malformed HEP", id="HEP"),
        pytest.param(in_udp(9060, b"\2\x1c\2\x11" + bytes(40)), "keep-alive", id="HEP 2, empty"),
        pytest.param(in_udp(9060, b"\2\x0c\2\x11" + bytes(40)), "malformed HEP", id="HEP 2"),
        pytest.param(in_udp(51820, b"\4\0\0\0" + bytes(28)), "wireguard", id="WireGuard"),
        pytest.param(frame(b"\4\0\0\0" + bytes(28), 51820, 40000), "wireguard", id="its answer"),
        pytest.param(in_udp(1194, b"\x48" + bytes(28)), "openvpn", id="OpenVPN"),
        pytest.param(in_udp(5060, b"\xf8\xa1" + bytes(60)), "sigcomp", id="SigComp"),
        pytest.param(
            ethernet((LABELS + ethernet(b"", 0x8847)) * 40, 0x8847), "nested too deep", id="deep"
        ),
        pytest.param(in_udp(2152, b"\x30\xff\0\xfa\0\0\0\7"), "truncated", id="GTP-U, empty"),
    ],
)
def test_tunnels_that_are_not_read(packet: bytes, reason: str) -> None:
    of_unread = {} if reason == "keep-alive" else {reason: 1}
    assert read(packet) == ({reason: 1}, of_unread)


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        pytest.param(ethernet(SESSION + b"\xc0\x21" + bytes(8), made.PPPOE), "not IP", id="LCP"),
        pytest.param(ethernet(b"\x11\x09" + bytes(30), 0x8863), "not IP", id="PPPoE discovery"),
        pytest.param(ethernet(b"\x42\x42\x03" + bytes(35), 38), "not IP", id="spanning tree"),
        pytest.param(in_udp(2152, b"\x32\1\0\4" + bytes(8)), "not SIP", id="GTP-U echo"),
        pytest.param(in_udp(4789, b"\x80" + bytes(20)), "rtp", id="RTP on port 4789"),
        pytest.param(in_udp(4500, b"\xff"), "not SIP", id="NAT keep-alive"),
        pytest.param(in_udp(4500, bytes(4) + b"IKE" * 9), "not SIP", id="IKE"),
        pytest.param(in_udp(1701, b"\xc8\2" + bytes(10)), "not SIP", id="L2TP control"),
        pytest.param(in_udp(51820, b"\1\0\0\0" + bytes(140)), "not SIP", id="WireGuard handshake"),
        pytest.param(in_udp(40001, b"\x08" + bytes(7), frame()), "not SIP", id="another port"),
        pytest.param(sctp(0, bytes(12) + b"x"), "sctp", id="SCTP, other data"),
        pytest.param(sctp(4, bytes(40), 5060, 5060), "sctp", id="SCTP heartbeat"),
    ],
)
def test_packets_without_sip(packet: bytes, reason: str) -> None:
    assert read(packet) == ({reason: 1}, {})


@pytest.mark.parametrize(
    ("packet", "seconds", "reason"),
    [
        (ethernet(SESSION, made.PPPOE), 0x2100, "truncated"),
        (ethernet(b"\xaa\xaa\x03\0\0\0", 300), 0x0008, "truncated"),
        (ethernet(ipv4(bytes(40), protocol=47, options=bytes(8)))[:40], 0, "truncated"),
    ],
)
def test_a_cut_packet_ends_before_the_next_record(packet: bytes, seconds: int, reason: str) -> None:
    content = made.pcap(packet) + made.pcap_record(b"", seconds)
    with sipfast.capture.open(content) as capture:
        assert list(capture) == []
        assert capture.skipped == Counter([reason, "truncated"])


@pytest.mark.parametrize("size", range(12))
def test_a_cut_sctp_header(size: int) -> None:
    packet = sctp(0, bytes(12) + OPTIONS)
    assert read(packet[: 34 + size])[0] == {"truncated": 1}
    assert read(ethernet(ipv4(packet[34 : 34 + size], protocol=132)))[0] == {"sctp": 1}


# ---- the file ----


def test_incomplete_and_malformed_files() -> None:
    with sipfast.capture.open(made.pcap(frame())[:-1]) as capture:
        assert list(capture) == []
        assert capture.unread == {"truncated record": 1}
    assert read(frame()[:30], link_type=147)[1] == {"link type 147": 1}
    assert read(frame()[:30])[1] == {"truncated": 1}
    little = Pcapng()
    content = little.section() + little.enhanced(frame()) + little.block(6, b"") + b"\0" * 12
    with sipfast.capture.open(content) as capture:
        assert list(capture) == []
        assert capture.unread == {"unknown interface": 1, "malformed block": 2}


def test_unread_is_a_part_of_skipped() -> None:
    tls = ethernet(ipv4(tcp(b"\x17\x03\x03\0\x40" + bytes(64), 40000, 5061), protocol=6))
    get = ethernet(ipv4(tcp(GET, 1), protocol=6))
    with sipfast.capture.open(made.pcap(tls, frame(b"\r\n"), frame(), get, tls)) as capture:
        assert not capture.unread
        assert len(list(capture)) == 1
        assert capture.skipped == {"SIP over TLS": 2, "keep-alive": 1, "tcp": 1}
        assert capture.unread == {"SIP over TLS": 2}
        capture.unread.clear()
        assert capture.unread == {"SIP over TLS": 2}


def test_each_reason_has_its_row() -> None:
    assert reason_of("link type 105").name == "link type"
    assert reason_of("IP protocol 89").name == "IP protocol"
    for reason in REASONS.values():
        assert reason_of(reason.name) is reason
        assert reason.text
        assert reason.text_zh
    with pytest.raises(KeyError):
        reason_of("unheard of")
