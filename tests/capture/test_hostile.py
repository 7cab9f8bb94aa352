"""Hostile files: the iteration ends, or raises CaptureError, at a low cost."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import capture_files as made
import pytest
from capture_files import OPTIONS, Pcapng, frame
from hypothesis import given, settings
from hypothesis import strategies as st

from sipfast.capture import CaptureError
from sipfast.capture import open as open_capture

LITTLE, BIG = Pcapng("<"), Pcapng(">")
UPGRADE = b"GET / HTTP/1.1\r\nSec-WebSocket-Protocol: sip\r\n\r\n"
PACKETS = [
    frame(),
    made.ethernet(made.ipv4(made.udp(OPTIONS), options=bytes(8)), tags=(made.QINQ, made.VLAN)),
    made.ethernet(
        made.ipv6(
            made.extension(51)
            + made.authentication(44)
            + made.fragment_header(17)
            + made.udp(OPTIONS),
            following=0,
        ),
        made.IPV6,
    ),
    made.ethernet(made.ipv4(made.tcp(OPTIONS), protocol=made.TCP)),
    made.ethernet(made.ipv4(made.tcp(UPGRADE, 40000, 80), protocol=made.TCP)),
    made.ethernet(made.ipv4(made.udp(OPTIONS), fragment=0x2000)),
    made.ethernet(made.ipv4(bytes(12) + b"\0\3\0\x40" + bytes(60), protocol=132)),
    frame(b"\x08" + bytes(7) + frame(), 49152, 4789),
    frame()[:-9],
    *made.in_segments([OPTIONS * 2, b"\r\n\r\n", OPTIONS[:40], OPTIONS[40:]], 5060),
    *made.in_segments([UPGRADE + b"\x82\x7e\0\x7e" + OPTIONS], 80),
    *made.in_fragments(made.udp(OPTIONS * 2), 64),
    frame(made.hep_3(OPTIONS), 40000, 9060),
    frame(b"\x32\xff\0\xfa\0\0\0\7" + bytes(4) + made.ipv4(made.udp(OPTIONS)), 2152, 2152),
    made.ethernet(made.ipv4(b"\x10\0\x88\xbe\0\0\0\1\x10" + bytes(7) + frame(), protocol=47)),
    made.ethernet(made.pppoe(made.ipv4(made.udp(OPTIONS))), made.PPPOE),
    made.ethernet(made.ipv4(made.esp(made.udp(OPTIONS)), protocol=50)),
    *(made.ethernet(made.ipv4(packet, protocol=132)) for packet in made.in_chunks(OPTIONS, 50)),
]
BLOCKS = [
    LITTLE.section(),
    LITTLE.interface(options=LITTLE.resolution(9) + LITTLE.offset(5) + LITTLE.option(0, b"")),
    *(LITTLE.enhanced(packet, timestamp=2**60) for packet in PACKETS),
    LITTLE.block(5, bytes(20)),
    LITTLE.simple(PACKETS[0]),
    BIG.section(),
    BIG.interface(options=BIG.resolution(0x94)),
    BIG.obsolete(PACKETS[1]),
]
FILES = {
    "pcap": made.pcap(*PACKETS),
    "cooked": made.pcap(made.cooked(made.ipv4(made.udp(OPTIONS))), link_type=made.COOKED),
    "cooked v2": made.pcap(made.cooked_2(made.ipv4(made.udp(OPTIONS))), link_type=made.COOKED_2),
    "null": made.pcap(made.loopback(made.ipv6(made.udp(OPTIONS)), 30), link_type=made.NULL),
    "nflog": made.pcap(made.nflog(made.ipv4(made.udp(OPTIONS))), link_type=239),
    "exported": made.pcap(made.exported(OPTIONS), link_type=252),
    "radiotap": made.pcap(
        bytes(2) + b"\x08\0" + bytes(4) + made.wifi(made.ipv4(made.udp(OPTIONS))), link_type=127
    ),
    "snoop": made.snoop(frame(), frame()),
    "netmon": made.netmon(frame(), frame()),
    "hep": made.hep_3(OPTIONS) * 2,
    "gzip": gzip.compress(made.pcap(frame()), mtime=0),
    "raw": made.pcap(made.ipv6(made.udp(OPTIONS)), link_type=made.RAW),
    "pcapng": b"".join(BLOCKS),
    "messages": OPTIONS * 3,
}
# Bytes with a meaning to a reader, so that a change has an effect.
_BYTE = st.one_of(
    st.sampled_from(b"\0\1\2\3\4\x06\x08\n\r\x0c\x10 :A\x2c\x33\x45\xff"), st.integers(0, 255)
)
_CHANGE = st.tuples(st.integers(0, 2**16), st.binary(max_size=4) | _BYTE.map(lambda b: bytes([b])))


def _drain(content: bytes) -> None:
    """Read `content`, and check the rules for all files."""
    try:
        capture = open_capture(content)
    except CaptureError:
        return
    records = list(capture)
    for record in records:
        start, end = record.offset, record.offset + len(record.data)
        if record.data.obj is content:
            assert 0 <= start <= end <= len(content)
            assert record.data == content[start:end]
        assert record.data or record.is_cut
        assert 0 < record.packet <= len(content)
    assert capture.position <= capture.size
    # Every reason has its row.
    assert capture.unread.total() <= capture.skipped.total()
    # The smallest counted item is a block of 12 bytes; a packet's record has 16. A segment may end
    # a gap, and close another connection.
    assert sum(capture.skipped.values()) <= len(content) // 4 + 1


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_every_cut(content: bytes) -> None:
    for size in range(len(content)):
        _drain(content[:size])


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_every_byte_changed(content: bytes) -> None:
    for place in range(len(content)):
        for value in (0, content[place] ^ 0x80, 0xFF):
            _drain(content[:place] + bytes([value]) + content[place + 1 :])


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(sorted(FILES)), changes=st.lists(_CHANGE, min_size=1, max_size=12))
def test_random_changes(name: str, changes: list[tuple[int, bytes]]) -> None:
    content = bytearray(FILES[name])
    for place, value in changes:
        place %= len(content) + 1
        content[place : place + len(value)] = value
    _drain(bytes(content))


@settings(max_examples=200, deadline=None)
@given(blocks=st.lists(st.sampled_from(BLOCKS) | st.binary(max_size=40), max_size=12))
def test_blocks_in_any_order(blocks: list[bytes]) -> None:
    _drain(LITTLE.section() + b"".join(blocks))


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=400), magic=st.sampled_from([FILES["pcap"][:24], b"", OPTIONS]))
def test_noise(content: bytes, magic: bytes) -> None:
    _drain(magic + content)


@settings(max_examples=200, deadline=None)
@given(
    packet=st.binary(max_size=120),
    link_type=st.sampled_from(
        [0, 1, 9, 12, 51, 101, 105, 108, 109, 113, 117, 127, 192, 228, 229, 239, 252, 258, 276]
    ),
    prefix=st.sampled_from([b"", *PACKETS, PACKETS[1][:14], PACKETS[2][:54]]),
)
def test_noise_in_a_packet(packet: bytes, link_type: int, prefix: bytes) -> None:
    _drain(made.pcap(prefix + packet, link_type=link_type))


OTHERS = (
    "connections",
    "websockets",
    "fragments",
    "chunks",
    "segments of a byte",
    "segments backwards",
    "segments with gaps",
    "early segments",
    "a header without end",
    "unfinished messages",
    "no start lines",
    "handshakes",
    "websocket frames",
    "tiny fragments",
    "overlapping fragments",
    "parts of chunks",
    "HEP chunks",
    "GTP-U headers",
    "tunnels",
)


def _others(name: str, size: int) -> Iterator[bytes]:
    match name:
        case "connections":
            for n in range(size // 64):
                yield made.ipv4(made.tcp(b"SIP/", n & 0xFFFF, n >> 16), protocol=made.TCP)
        case "websockets":
            lines = b"GET / HTTP/1.1\n" + b"Sec-WebSocket-Protocol:   s\n" * 2000
            segment = made.ipv4(made.tcp(lines), protocol=made.TCP)
            yield from (segment for _ in range(size // len(segment)))
        case "segments of a byte":
            text = OPTIONS * (size // len(OPTIONS) // 60 + 1)
            for n in range(size // 60):
                yield made.ipv4(made.tcp(text[n : n + 1], number=n), protocol=made.TCP)
        case "segments backwards":
            for n in range(size // 240):
                segment = made.tcp(OPTIONS, number=(1 << 31) - 200 * n)
                yield made.ipv4(segment, protocol=made.TCP)
        case "segments with gaps":
            for n in range(size // 240):
                yield made.ipv4(made.tcp(OPTIONS, number=1000 * n), protocol=made.TCP)
        case "early segments":
            yield made.ipv4(made.tcp(OPTIONS), protocol=made.TCP)
            for n in range(size // 60):
                number = 10_000 + 2 * (n * 40_503 % 30_000)
                yield made.ipv4(made.tcp(b"x", number=number), protocol=made.TCP)
        case "a header without end":
            yield made.ipv4(made.tcp(b"OPTIONS sip:a SIP/2.0\r\n", number=0), protocol=made.TCP)
            for n in range(size // 70):
                segment = made.tcp(b"X-A: b\r\n", number=23 + 8 * n)
                yield made.ipv4(segment, protocol=made.TCP)
        case "unfinished messages":
            for n in range(size // 400):
                source = f"10.0.{n >> 8 & 255}.{n & 255}"
                text = OPTIONS[:-2] + b"X" * 200
                yield made.ipv4(made.tcp(text, number=0), protocol=made.TCP, source=source)
        case "no start lines":
            for n in range(size // 1060):
                yield made.ipv4(made.tcp(b"A b\n" * 250, number=1000 * n), protocol=made.TCP)
        case "handshakes":
            text = b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * size
            for n in range(size // 60):
                segment = made.tcp(text[n : n + 1], 40000, 80, number=n)
                yield made.ipv4(segment, protocol=made.TCP)
        case "websocket frames":
            head = UPGRADE
            yield made.ipv4(made.tcp(head, 40000, 80, number=0), protocol=made.TCP)
            for n in range(size // 560):
                segment = made.tcp(b"\x89\0" * 250, 40000, 80, number=len(head) + 500 * n)
                yield made.ipv4(segment, protocol=made.TCP)
        case "tiny fragments":
            whole = made.udp(b"SIP/" + bytes(60_000))
            while size > 0:
                for packet in made.in_fragments(whole, 8):
                    size -= len(packet)
                    yield packet[14:]
        case "overlapping fragments":
            for n in range(size // 1500):
                small = made.ipv4(bytes(8), identification=n & 3, fragment=0x2000 | n * 2 % 8000)
                large = made.ipv4(bytes(1400), identification=n & 3, fragment=0x2000 | n % 8000)
                yield from (small, large)
        case "parts of chunks":
            for n in range(size // 56):
                chunk = b"\0\0\0\x14" + (n * 2_654_435_761 % 2**32).to_bytes(4, "big") + bytes(12)
                yield made.ipv4(bytes(12) + chunk, protocol=132)
        case "HEP chunks":
            packet = b"HEP3\xff\xfe" + b"\0\1\0\1\0\6" * 10_000
            datagram = made.ipv4(made.udp(packet, 1, 9060))
            yield from (datagram for _ in range(size // len(datagram)))
        case "GTP-U headers":
            packet = b"\x34\xff\0\0" + bytes(7) + b"\x85" + b"\1\0\0\x85" * 10_000
            datagram = made.ipv4(made.udp(packet, 1, 2152))
            yield from (datagram for _ in range(size // len(datagram)))
        case "tunnels":
            packet = made.udp(OPTIONS)
            for _ in range(40):
                packet = made.ipv4(packet, protocol=4 if len(packet) > 200 else 17)
            yield from (packet for _ in range(size // len(packet)))
        case "fragments":
            for n in range(size // 48):
                yield made.ipv4(
                    b"SIP/" * 3,
                    identification=n & 0xFFFF,
                    fragment=0x2000 | n & 1,
                    source=f"10.0.0.{n >> 16}",
                )
        case "chunks":
            chunks = (b"\0\0\0\x14" + bytes(16)) * 3000
            packet = made.ipv4(bytes(12) + chunks, protocol=132)
            yield from (packet for _ in range(size // len(packet)))


def _hostile(name: str, size: int) -> bytes:
    """A capture of about `size` bytes."""
    match name:
        case "empty records":
            return made.pcap_header() + made.pcap_record(b"") * (size // 16)
        case "empty blocks":
            return LITTLE.section() + LITTLE.block(99, b"") * (size // 12)
        case "sections":
            return LITTLE.section() * (size // 28)
        case "interfaces":
            return LITTLE.section() + LITTLE.interface() * (size // 20)
        case "options":
            options = LITTLE.option(2, b"") * (size // 4)
            return LITTLE.section() + LITTLE.interface(options=options)
        case "link types":
            interfaces = (LITTLE.interface(200 + n % 60000) for n in range(size // 60))
            packets = (LITTLE.enhanced(b"", n) for n in range(size // 60))
            return LITTLE.section() + b"".join(interfaces) + b"".join(packets)
        case "extension headers":
            chain = made.ipv6(made.extension(0) * 8000, following=0)
            record = made.pcap_record(made.ethernet(chain, made.IPV6))
            return made.pcap_header() + record * (size // len(record))
        case "tags":
            tagged = made.ethernet(b"", tags=(made.VLAN,) * 15000)
            record = made.pcap_record(tagged)
            return made.pcap_header() + record * (size // len(record))
        case "line ends":
            record = made.pcap_record(frame(b"\r\n" * 32000 + b"x"))
            return made.pcap_header() + record * (size // len(record))
        case "NULs":
            record = made.pcap_record(frame(b"\0" * 64000 + b"x"))
            return made.pcap_header() + record * (size // len(record))
        case "tokens":
            record = made.pcap_record(frame(b"A " + b" SIP" * 16000, 1, 1))
            return made.pcap_header() + record * (size // len(record))
        case name if name in OTHERS:
            return made.pcap(*_others(name, size), link_type=made.RAW)
        case "lines":
            record = made.pcap_record(frame(b"\n" + b"A" * 62 + b"\nAB" * 20000))
            return made.pcap_header() + record * (size // len(record))
        case "names":
            record = made.pcap_record(frame(b"\nAA " * 16000))
            return made.pcap_header() + record * (size // len(record))
        case "words":
            record = made.pcap_record(frame(b"A" + b" x" * 30000)[:60000])
            return made.pcap_header() + record * (size // len(record))
        case "addresses":
            packets = (
                made.ipv4(made.udp(b"SIP/"), source=f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}")
                for n in range(size // 62)
            )
            return made.pcap(*packets, link_type=made.RAW)
        case _:
            raise AssertionError(name)


@pytest.mark.parametrize(
    "name",
    [
        "empty records",
        "empty blocks",
        "sections",
        "interfaces",
        "options",
        "link types",
        "extension headers",
        "tags",
        "line ends",
        "NULs",
        "tokens",
        *OTHERS,
        "lines",
        "names",
        "words",
        "addresses",
    ],
)
def test_cost_is_linear(tmp_path: Path, name: str) -> None:
    made.assert_linear(tmp_path, lambda size: _hostile(name, size), most_ns=500)
