"""What is counted as unread: what may have held SIP in a form that is not read."""

from __future__ import annotations

import struct
import tracemalloc
from collections import Counter

import capture_files as made
import pytest
from capture_files import OPTIONS, Pcapng, ethernet, extension, frame, ipv4, ipv6, tcp, udp

import sipfast.capture
from sipfast.capture import REASONS, reason_of
from sipfast.capture.ip import Other
from sipfast.capture.unread import Unread

SIP_TLS = b"\x17\x03\x03\x00\x40" + bytes(range(64))
GET = b"GET /index.html HTTP/1.1\r\nHost: example.com\r\n\r\n"
HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>"
UPGRADE = (
    b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: sip\r\n"
    b"Sec-WebSocket-Version: 13\r\n\r\n"
)
ACCEPT = b"HTTP/1.1 101 Switching Protocols\r\nsec-websocket-protocol: sip\r\n\r\n"
MASKED = b"\x81\xfe\x01\x02" + bytes(range(1, 100))


def read(*packets: bytes, link_type: int = made.ETHERNET) -> tuple[dict[str, int], dict[str, int]]:
    """The packets that are skipped, and those that are unread."""
    with sipfast.capture.open(made.pcap(*packets, link_type=link_type)) as capture:
        assert list(capture) == []
        return capture.skipped, capture.unread


def segment(
    payload: bytes = b"", source: int = 40000, destination: int = 5060, *, flags: int = 0x18
) -> bytes:
    content = tcp(payload, source, destination, flags=flags)
    if source < destination:
        return ethernet(ipv4(content, protocol=6, source="192.0.2.2", destination="192.0.2.1"))
    return ethernet(ipv4(content, protocol=6))


# ---- TCP ----


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        pytest.param([segment(OPTIONS)], ["SIP over TCP"], id="SIP"),
        pytest.param([segment(b"Via: x\r\n")], ["SIP over TCP"], id="the middle of SIP"),
        pytest.param([segment(OPTIONS, 5060, 40000)], ["SIP over TCP"], id="from the port"),
        pytest.param([segment(OPTIONS, 40000, 5061)], ["SIP over TCP"], id="SIP on port 5061"),
        pytest.param(
            [segment(OPTIONS, 40000, 8080), segment(b"Via: x\r\n", 40000, 8080)],
            ["SIP over TCP"] * 2,
            id="another port, from the first segment on",
        ),
        pytest.param(
            [segment(b"\r\n\r\n" + OPTIONS, 40000, 8080), segment(b"SIP/2.0 200 OK", 8080, 40000)],
            ["SIP over TCP"] * 2,
            id="another port, in both directions",
        ),
        pytest.param([segment(b"Via: x\r\n", 40000, 8080)], ["tcp"], id="another port, unknown"),
        pytest.param([segment(SIP_TLS, 40000, 5061)], ["SIP over TLS"], id="TLS"),
        pytest.param([segment(b"\xaa" * 9, 40000, 5061)], ["SIP over TLS"], id="TLS, its middle"),
        pytest.param([segment(SIP_TLS, 40000, 5060)], ["SIP over TLS"], id="TLS on port 5060"),
        pytest.param([segment(SIP_TLS, 40000, 443)], ["tcp"], id="HTTPS"),
        pytest.param([segment(GET, 40000, 80), segment(HTML, 80, 40000)], ["tcp"] * 2, id="HTTP"),
        pytest.param(
            [segment(GET), segment(HTML, 5060, 40000), segment(b"</html>", 5060, 40000)],
            ["tcp"] * 3,
            id="HTTP on a port of SIP, with all that follows",
        ),
        pytest.param(
            [segment(GET), segment(b"SIP/2.0 400 Bad Request\r\n", 5060, 40000)],
            ["tcp", "SIP over TCP"],
            id="HTTP answered with SIP",
        ),
        pytest.param(
            [segment(b"GET /" + b"x" * 1400), segment(b"x HTTP/1.1\r\n\r\n")],
            ["tcp"] * 2,
            id="HTTP with a long path",
        ),
        pytest.param(
            [segment(GET), segment(flags=2), segment(b"Via: x\r\n")],
            ["tcp", "tcp", "SIP over TCP"],
            id="a new connection between the same ports",
        ),
        pytest.param(
            [segment(UPGRADE, 40000, 443 + 8000), segment(MASKED, 40000, 8443)],
            ["SIP over WebSocket"] * 2,
            id="WebSocket, as asked for",
        ),
        pytest.param(
            [*(segment(content, 40000, 80) for content in (GET, UPGRADE, MASKED))],
            ["tcp", *("SIP over WebSocket",) * 2],
            id="WebSocket after HTTP",
        ),
        pytest.param(
            [segment(ACCEPT, 8080, 40000), segment(MASKED, 40000, 8080)],
            ["SIP over WebSocket"] * 2,
            id="WebSocket, as accepted",
        ),
        pytest.param(
            [segment(UPGRADE.replace(b"sip", b"mqtt"), 40000, 80), segment(MASKED, 40000, 80)],
            ["tcp"] * 2,
            id="WebSocket for others",
        ),
        pytest.param(
            [
                segment(b"\x81\x7e\x01\x02SIP/2.0 200 OK\r\n", 8080, 40000),
                segment(MASKED, 40000, 8080),
            ],
            ["SIP over WebSocket"] * 2,
            id="a frame of WebSocket",
        ),
        pytest.param(
            [segment(flags=2), segment(flags=0x10), segment(flags=0x11)], ["tcp"] * 3, id="no data"
        ),
        pytest.param(
            [segment(b"\r\n\r\n"), segment(b"\0"), segment(b"\r\n", 5060, 40000)],
            ["keep-alive"] * 3,
            id="keep-alive",
        ),
        pytest.param([segment(b"\r\n\r\n", 40000, 80)], ["tcp"], id="line ends elsewhere"),
    ],
)
def test_segments(segments: list[bytes], expected: list[str]) -> None:
    assert read(*segments)[0] == Counter(expected)


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        pytest.param(segment(OPTIONS)[:60], "SIP over TCP", id="in the payload"),
        pytest.param(segment(OPTIONS)[:54], "SIP over TCP", id="before the payload"),
        pytest.param(segment(OPTIONS)[:53], "truncated", id="in the TCP header"),
        pytest.param(segment(OPTIONS, 40000, 80)[:54], "tcp", id="another port"),
        pytest.param(segment(b"\r\n" * 90)[:70], "SIP over TCP", id="line ends"),
        pytest.param(ethernet(ipv4(tcp()[:19], protocol=6)), "tcp", id="TCP header too short"),
        pytest.param(ethernet(ipv4(bytes(60), protocol=6)), "tcp", id="data offset of zero"),
        pytest.param(
            ethernet(ipv4(tcp(OPTIONS, options=bytes(40)), protocol=6))[:60],
            "SIP over TCP",
            id="in the TCP options",
        ),
        pytest.param(
            ethernet(ipv6(extension(6) + tcp(OPTIONS), following=0), made.IPV6),
            "SIP over TCP",
            id="IPv6",
        ),
    ],
)
def test_cut_and_odd_segments(packet: bytes, reason: str) -> None:
    assert read(packet)[0] == {reason: 1}


# ---- fragments ----

LONG = OPTIONS + b"x" * 1500
DATAGRAM = udp(LONG)


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
    ("packets", "expected"),
    [
        pytest.param(fragments_4(DATAGRAM), {"fragment of SIP": 3}, id="IPv4"),
        pytest.param(fragments_6(DATAGRAM), {"fragment of SIP": 2}, id="IPv6"),
        pytest.param(fragments_4(udp(LONG, 1, 2)), {"fragment of SIP": 3}, id="another port"),
        pytest.param(
            fragments_4(udp(b"\0" + LONG)), {"fragment of SIP": 3}, id="damaged, on a port of SIP"
        ),
        pytest.param(fragments_4(RTP), {"fragment": 3}, id="RTP"),
        pytest.param(fragments_6(RTP), {"fragment": 2}, id="RTP, IPv6"),
        pytest.param(fragments_4(RTP)[1:], {"fragment of SIP": 2}, id="no first"),
        pytest.param(
            [*fragments_4(RTP), *fragments_4(DATAGRAM, identification=2)],
            {"fragment": 3, "fragment of SIP": 3},
            id="two packets",
        ),
        pytest.param(
            [*fragments_4(RTP), *fragments_4(DATAGRAM)],
            {"fragment": 3, "fragment of SIP": 3},
            id="two packets with one number",
        ),
        pytest.param(
            [fragments_4(RTP)[0], *fragments_6(RTP)[1:]],
            {"fragment": 1, "fragment of SIP": 1},
            id="packets of others",
        ),
        pytest.param(
            [ethernet(ipv4(DATAGRAM[:4], fragment=0x2000))], {"fragment of SIP": 1}, id="no header"
        ),
        pytest.param(
            [ethernet(ipv4(udp(b"OPTIO"), fragment=0x2000))], {"fragment of SIP": 1}, id="unclear"
        ),
        pytest.param(fragments_4(bytes(1500), 1), {"fragment": 3}, id="icmp"),
        pytest.param(fragments_4(bytes(1500), 1)[2:], {"fragment": 1}, id="icmp, no first"),
        pytest.param(fragments_4(bytes(1500), 89)[2:], {"fragment": 1}, id="OSPF, no first"),
        pytest.param(fragments_4(bytes(1500), 47), {"gre": 3}, id="gre"),
        pytest.param(fragments_4(bytes(1500), 50)[1:], {"esp": 2}, id="esp, no first"),
        pytest.param(fragments_4(tcp(LONG), 6), {"SIP over TCP": 3}, id="tcp"),
        pytest.param(fragments_4(tcp(LONG, 1, 80)[:99], 6), {"SIP over TCP": 3}, id="tcp, 80"),
        pytest.param(fragments_4(tcp(HTML, 80, 1), 6)[:1], {"fragment": 1}, id="http"),
    ],
)
def test_fragments(packets: list[bytes], expected: dict[str, int]) -> None:
    skipped, unread = read(*packets)
    assert skipped == expected
    expected.pop("fragment", None)
    assert unread == expected


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


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        pytest.param(ethernet(SESSION + b"\0\x21" + INSIDE_4, made.PPPOE), "pppoe", id="PPPoE"),
        pytest.param(ethernet(SESSION + b"\0\x57" + INSIDE_4, made.PPPOE), "pppoe", id="PPPoE 6"),
        pytest.param(ethernet(INSIDE_4, 0x8847), "mpls", id="MPLS"),
        pytest.param(ethernet(INSIDE_4, 0x8848), "mpls", id="MPLS, upstream label"),
        pytest.param(ethernet(bytes(30), 0x88E5), "macsec", id="MACsec"),
        pytest.param(ethernet(bytes(30), 0x88E7), "pbb", id="PBB"),
        pytest.param(
            ethernet(b"\xaa\xaa\x03\0\0\0\x08\x00" + INSIDE_4, 300), "snap", id="LLC and SNAP"
        ),
        pytest.param(ethernet(ipv4(INSIDE_4, protocol=4)), "IP in IP", id="IP in IP"),
        pytest.param(ethernet(ipv4(bytes(60), protocol=41)), "IP in IP", id="IPv6 in IPv4"),
        pytest.param(ethernet(ipv6(INSIDE_4, following=4), made.IPV6), "IP in IP", id="4 in 6"),
        pytest.param(ethernet(ipv4(bytes(40), protocol=55)), "IP in IP", id="minimal"),
        pytest.param(ethernet(ipv4(bytes(40), protocol=94)), "IP in IP", id="IPIP"),
        pytest.param(ethernet(ipv4(bytes(40), protocol=98)), "IP in IP", id="ENCAP"),
        pytest.param(ethernet(ipv4(bytes(8) + INSIDE_4, protocol=47)), "gre", id="GRE"),
        pytest.param(ethernet(ipv4(bytes(40), protocol=50)), "esp", id="ESP"),
        pytest.param(ethernet(ipv4(bytes(40), protocol=51)), "ah", id="AH"),
        pytest.param(ethernet(ipv4(bytes(40), protocol=97)), "etherip", id="EtherIP"),
        pytest.param(ethernet(ipv6(frame(), following=143), made.IPV6), "etherip", id="SRv6"),
        pytest.param(ethernet(ipv4(bytes(40), protocol=108)), "ipcomp", id="IPComp"),
        pytest.param(ethernet(ipv4(bytes(40), protocol=115)), "l2tp", id="L2TPv3"),
        pytest.param(ethernet(ipv4(bytes(40), protocol=137)), "mpls", id="MPLS in IP"),
        pytest.param(in_udp(2152, b"\x30\xff\0\xfa\0\0\0\7", INSIDE_4), "gtp-u", id="GTP-U"),
        pytest.param(in_udp(2152, b"\x34\xff\0\xfa\0\0\0\7", INSIDE_4), "gtp-u", id="GTP-U, more"),
        pytest.param(in_udp(4789, b"\x08" + bytes(7), frame()), "vxlan", id="VXLAN"),
        pytest.param(in_udp(8472, b"\x08" + bytes(7), frame()), "vxlan", id="VXLAN, Linux"),
        pytest.param(in_udp(4790, b"\x0c\0\0\1" + bytes(4)), "vxlan", id="VXLAN-GPE"),
        pytest.param(in_udp(6081, b"\0\0\x65\x58" + bytes(4), frame()), "geneve", id="Geneve"),
        pytest.param(in_udp(4500, b"\0\0\1\0" + bytes(20)), "esp", id="ESP in UDP"),
        pytest.param(in_udp(1701, b"\0\2\0\1\0\1", INSIDE_4), "l2tp", id="L2TP"),
        pytest.param(in_udp(4754, bytes(4), INSIDE_4), "gre", id="GRE in UDP"),
        pytest.param(in_udp(6635, bytes(4), INSIDE_4), "mpls", id="MPLS in UDP"),
        pytest.param(in_udp(4341, bytes(8), INSIDE_4), "lisp", id="LISP"),
        pytest.param(in_udp(3544, ipv6(udp(OPTIONS))), "teredo", id="Teredo"),
        pytest.param(in_udp(5247, bytes(8), INSIDE_4), "capwap", id="CAPWAP"),
        pytest.param(in_udp(37008, b"\1\0\0\1\1", frame()), "tzsp", id="TZSP"),
        pytest.param(in_udp(9060, b"HEP3\0\x50", OPTIONS), "hep", id="HEP"),
        pytest.param(in_udp(9060, b"\2\x1c\2\x11" + bytes(20), OPTIONS), "hep", id="HEP 2"),
        pytest.param(in_udp(51820, b"\4\0\0\0" + bytes(28)), "wireguard", id="WireGuard"),
        pytest.param(frame(b"\4\0\0\0" + bytes(28), 51820, 40000), "wireguard", id="its answer"),
        pytest.param(in_udp(1194, b"\x48" + bytes(28)), "openvpn", id="OpenVPN"),
        pytest.param(in_udp(5060, b"\xf8\xa1" + bytes(60)), "sigcomp", id="SigComp"),
        pytest.param(sctp(0, bytes(12) + OPTIONS), "SIP over SCTP", id="SCTP"),
        pytest.param(sctp(64, bytes(16) + OPTIONS), "SIP over SCTP", id="SCTP, I-DATA"),
        pytest.param(sctp(0, bytes(12) + b"x", 5060), "SIP over SCTP", id="SCTP, from the port"),
        pytest.param(sctp(0, bytes(12) + b"x", 1, 5061), "SIP over SCTP", id="SCTP, to the port"),
    ],
)
def test_tunnels(packet: bytes, reason: str) -> None:
    assert read(packet) == ({reason: 1}, {reason: 1})


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        pytest.param(ethernet(SESSION + b"\xc0\x21" + bytes(8), made.PPPOE), "not IP", id="LCP"),
        pytest.param(ethernet(b"\x11\x09" + bytes(30), 0x8863), "not IP", id="PPPoE discovery"),
        pytest.param(ethernet(b"\x42\x42\x03" + bytes(35), 38), "not IP", id="spanning tree"),
        pytest.param(in_udp(2152, b"\x32\1\0\4" + bytes(8)), "not SIP", id="GTP-U echo"),
        pytest.param(in_udp(4789, b"\x80" + bytes(20)), "not SIP", id="RTP on port 4789"),
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
        (ethernet(b"\xaa\xaa\x03\0\0\0", 300), 0x0008, "not IP"),
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
    assert read(frame()[:30], link_type=105)[1] == {"link type 105": 1}
    assert read(frame()[:30])[1] == {"truncated": 1}
    little = Pcapng()
    content = little.section() + little.enhanced(frame()) + little.block(6, b"") + b"\0" * 12
    with sipfast.capture.open(content) as capture:
        assert list(capture) == []
        assert capture.unread == {"unknown interface": 1, "malformed block": 2}


def test_unread_is_a_part_of_skipped() -> None:
    content = made.pcap(
        segment(OPTIONS), frame(b"\r\n"), frame(), segment(GET, 1), segment(OPTIONS)
    )
    with sipfast.capture.open(content) as capture:
        assert not capture.unread
        assert len(list(capture)) == 1
        assert capture.skipped == {"SIP over TCP": 2, "keep-alive": 1, "tcp": 1}
        assert capture.unread == {"SIP over TCP": 2}
        capture.unread.clear()
        assert capture.unread == {"SIP over TCP": 2}


def test_each_reason_has_its_row() -> None:
    assert reason_of("link type 105").name == "link type"
    assert reason_of("IP protocol 89").name == "IP protocol"
    for reason in REASONS.values():
        assert reason_of(reason.name) is reason
        assert reason.text
        assert reason.text_zh
    with pytest.raises(KeyError):
        reason_of("unheard of")


# ---- bounds ----


def _connections(count: int) -> list[bytes]:
    return [segment(OPTIONS, 1024 + n % 60000, 100 + n // 60000) for n in range(count)]


def test_memory_is_bounded() -> None:
    content = b"".join([OPTIONS, DATAGRAM])
    unread = Unread(content)

    def many(begin: int, end: int) -> None:
        for n in range(begin, end):
            source = n.to_bytes(4, "big")
            segment = tcp(OPTIONS, 1000, 80)
            of_tcp = Other(6, 0, len(segment), len(segment), source, b"\0\0\0\0")
            unread._data = segment
            assert unread.reason(of_tcp) == "SIP over TCP"
            unread._data = DATAGRAM
            of_udp = Other(17, 0, 900, 900, source, b"\0\0\0\0", n)
            assert unread.reason(of_udp) == "fragment of SIP"

    many(0, 5000)
    tracemalloc.start()
    many(5000, 20_000)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 4_000_000


def test_a_connection_in_use_is_remembered() -> None:
    unread = Unread(tcp(OPTIONS, 1000, 80))

    def reason(payload: bytes, source: int) -> str:
        unread._data = segment = tcp(payload, 1000, 80)
        host = source.to_bytes(4, "big")
        return unread.reason(Other(6, 0, len(segment), len(segment), host, b"\0\0\0\0"))

    for n in range(9000):
        assert reason(OPTIONS, n) == "SIP over TCP"
        assert reason(b"Via: x", 0) == "SIP over TCP"
    assert reason(b"Via: x", 1) == "tcp"
