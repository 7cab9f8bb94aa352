"""Hostile files: the iteration ends, or raises CaptureError, at a low cost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import capture_files as made
import pytest
from capture_files import OPTIONS, Pcapng, frame
from hypothesis import given, settings
from hypothesis import strategies as st

from sipfast.capture import CaptureError
from sipfast.capture.source import capture_of

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
        capture = capture_of(content)
    except CaptureError:
        return
    datagrams = list(capture)
    previous = 0
    for datagram in datagrams:
        start, end = datagram.offset, datagram.offset + len(datagram.payload)
        assert previous <= start <= end <= len(content)
        assert datagram.payload == content[start:end]
        previous = start
    assert len({datagram.index for datagram in datagrams}) == len(datagrams)
    assert previous <= capture.position <= capture.size
    # Every reason has its row.
    assert capture.unread.total() <= capture.skipped.total()
    # The smallest counted item is a block of 12 bytes; a packet's record has 16.
    assert sum(capture.skipped.values()) <= len(content) // 12 + 1


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
    link_type=st.sampled_from([0, 1, 12, 101, 108, 113, 228, 229, 276]),
    prefix=st.sampled_from([b"", *PACKETS, PACKETS[1][:14], PACKETS[2][:54]]),
)
def test_noise_in_a_packet(packet: bytes, link_type: int, prefix: bytes) -> None:
    _drain(made.pcap(prefix + packet, link_type=link_type))


def _others(name: str, size: int) -> Iterator[bytes]:
    match name:
        case "connections":
            for n in range(size // 64):
                yield made.ipv4(made.tcp(b"SIP/", n & 0xFFFF, n >> 16), protocol=made.TCP)
        case "websockets":
            lines = b"GET / HTTP/1.1\n" + b"Sec-WebSocket-Protocol:   s\n" * 2000
            segment = made.ipv4(made.tcp(lines), protocol=made.TCP)
            yield from (segment for _ in range(size // len(segment)))
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
        case "connections" | "websockets" | "fragments" | "chunks":
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
        "connections",
        "websockets",
        "fragments",
        "chunks",
        "lines",
        "names",
        "words",
        "addresses",
    ],
)
def test_cost_is_linear(tmp_path: Path, name: str) -> None:
    made.assert_linear(tmp_path, lambda size: _hostile(name, size), most_ns=500)
