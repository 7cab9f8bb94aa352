"""Captures of blocks: sections, interfaces, resolutions, and malformed blocks."""

from __future__ import annotations

import struct
from pathlib import Path

import capture_files as made
import pytest
from capture_files import OPTIONS, Pcapng, frame

from sipfast.capture import CaptureError

LITTLE, BIG = Pcapng("<"), Pcapng(">")
STAMP = 1_700_000_000_123_456


@pytest.mark.parametrize("ng", [LITTLE, BIG], ids=["little", "big"])
def test_each_kind_of_packet_block(tmp_path: Path, ng: Pcapng) -> None:
    content = b"".join(
        (
            ng.section(),
            ng.interface(),
            ng.enhanced(frame(), timestamp=STAMP),
            ng.obsolete(frame(), timestamp=STAMP),
            ng.simple(frame()),
        )
    )
    capture, datagrams = made.read(tmp_path, content, format="pcapng")
    assert made.payloads(datagrams) == [OPTIONS] * 3
    assert [datagram.packet for datagram in datagrams] == [1, 2, 3]
    assert [datagram.time_ns for datagram in datagrams] == [STAMP * 1000, STAMP * 1000, None]
    assert all(content[d.offset : d.offset + len(OPTIONS)] == OPTIONS for d in datagrams)
    assert not capture.skipped
    assert capture.position == capture.size


@pytest.mark.parametrize("ng", [LITTLE, BIG], ids=["little", "big"])
@pytest.mark.parametrize(
    ("resolution", "timestamp", "expected"),
    [
        (0, 1_700_000_000, 1_700_000_000_000_000_000),
        (3, 1_700_000_000_123, 1_700_000_000_123_000_000),
        (6, STAMP, STAMP * 1000),
        (9, 2**64 - 1, 2**64 - 1),
        (12, 1_234_567_890_123_456_789, 1_234_567_890_123_456),
        (127, 2**64 - 1, 0),
        (0x80, 1_700_000_000, 1_700_000_000_000_000_000),
        (0x80 | 1, 3, 1_500_000_000),
        (0x80 | 20, 1_700_000_000 * 2**20 + 2**19, 1_700_000_000_500_000_000),
        (0x80 | 32, 2**64 - 1, 4_294_967_295_999_999_999),
        (0x80 | 127, 2**64 - 1, 0),
    ],
)
def test_resolutions_are_exact(
    tmp_path: Path, ng: Pcapng, resolution: int, timestamp: int, expected: int
) -> None:
    options = ng.option(2, b"eth0") + ng.resolution(resolution) + ng.option(0, b"")
    _, [datagram] = made.read(
        tmp_path, ng.section(), ng.interface(options=options), ng.enhanced(frame(), 0, timestamp)
    )
    assert datagram.time_ns == expected


@pytest.mark.parametrize("seconds", [-3600, 0, 7200])
def test_time_offset(tmp_path: Path, seconds: int) -> None:
    options = LITTLE.offset(seconds) + LITTLE.resolution(9)
    _, [datagram] = made.read(
        tmp_path,
        LITTLE.section(),
        LITTLE.interface(options=options),
        LITTLE.enhanced(frame(), timestamp=5),
    )
    assert datagram.time_ns == seconds * 1_000_000_000 + 5


def test_each_interface_has_its_own_link_type_and_resolution(tmp_path: Path) -> None:
    _, datagrams = made.read(
        tmp_path,
        LITTLE.section(),
        LITTLE.interface(made.ETHERNET),
        LITTLE.interface(made.RAW, LITTLE.resolution(9)),
        LITTLE.enhanced(made.ipv4(made.udp(OPTIONS)), 1, 7),
        LITTLE.enhanced(frame(), 0, 7),
        LITTLE.obsolete(made.ipv4(made.udp(OPTIONS)), 1, 8),
    )
    assert made.payloads(datagrams) == [OPTIONS] * 3
    assert [datagram.time_ns for datagram in datagrams] == [7, 7000, 8]


def test_a_section_has_its_own_byte_order_and_interfaces(tmp_path: Path) -> None:
    capture, datagrams = made.read(
        tmp_path,
        LITTLE.section(),
        LITTLE.interface(made.ETHERNET),
        LITTLE.interface(made.ETHERNET),
        LITTLE.enhanced(frame(), 1),
        BIG.section(length=1234),
        BIG.interface(made.RAW),
        BIG.enhanced(made.ipv4(made.udp(OPTIONS)), 0),
        BIG.enhanced(frame(), 1),
        LITTLE.section(),
        LITTLE.enhanced(frame(), 0),
        LITTLE.simple(frame()),
    )
    assert [datagram.packet for datagram in datagrams] == [1, 2]
    assert capture.skipped == {"unknown interface": 3}


def test_other_blocks_are_passed_over(tmp_path: Path) -> None:
    capture, datagrams = made.read(
        tmp_path,
        LITTLE.section(),
        LITTLE.block(4, bytes(20)),
        LITTLE.interface(),
        LITTLE.block(5, bytes(13)),
        LITTLE.block(0xFFFFFFFF, b""),
        LITTLE.block(0x80000BAD, bytes(100)),
        LITTLE.enhanced(frame()),
    )
    assert made.payloads(datagrams) == [OPTIONS]
    assert datagrams[0].index == 1
    assert not capture.skipped


def test_a_simple_packet_may_be_cut_to_the_snap_length(tmp_path: Path) -> None:
    packet = frame(OPTIONS * 10)
    capture, datagrams = made.read(
        tmp_path,
        LITTLE.section(),
        LITTLE.interface(snap_length=100),
        LITTLE.simple(packet[:100], length=len(packet)),
        LITTLE.simple(frame(b"SIP/")),
    )
    assert made.payloads(datagrams) == [OPTIONS[:58], b"SIP/"]
    assert [datagram.is_cut for datagram in datagrams] == [True, False]
    assert not capture.skipped


def test_padding_of_a_block_is_not_payload(tmp_path: Path) -> None:
    for size in range(1, 9):
        payload = b"SIP/" + b"x" * size
        packet = made.ipv4(made.udp(payload, length=0), total=0)
        _, datagrams = made.read(
            tmp_path,
            LITTLE.section(),
            LITTLE.interface(made.RAW),
            LITTLE.enhanced(packet),
            LITTLE.simple(packet),
        )
        assert made.payloads(datagrams) == [payload, payload]


@pytest.mark.parametrize(
    "packet",
    [
        pytest.param(LITTLE.enhanced(frame(), captured=2**32 - 1), id="captured"),
        pytest.param(LITTLE.enhanced(frame(), captured=len(frame()) + 5), id="captured + 5"),
        pytest.param(LITTLE.block(6, bytes(16)), id="short enhanced"),
        pytest.param(LITTLE.block(2, bytes(16)), id="short obsolete"),
        pytest.param(LITTLE.block(3, b""), id="short simple"),
        pytest.param(LITTLE.simple(frame(), length=2**32 - 1), id="simple, no snap length"),
    ],
)
def test_a_malformed_packet_block_is_counted(tmp_path: Path, packet: bytes) -> None:
    capture, datagrams = made.read(
        tmp_path, LITTLE.section(), LITTLE.interface(), packet, LITTLE.enhanced(frame())
    )
    assert [datagram.packet for datagram in datagrams] == [2]
    assert capture.skipped == {"malformed block": 1}
    assert capture.position == capture.size


@pytest.mark.parametrize("number", [1, 2, 2**31, 2**32 - 1])
def test_an_undeclared_interface(tmp_path: Path, number: int) -> None:
    capture, datagrams = made.read(
        tmp_path, LITTLE.section(), LITTLE.interface(), LITTLE.enhanced(frame(), number)
    )
    assert (datagrams, capture.skipped) == ([], {"unknown interface": 1})


def test_an_interface_that_cannot_be_read_keeps_its_place(tmp_path: Path) -> None:
    capture, datagrams = made.read(
        tmp_path,
        LITTLE.section(),
        LITTLE.block(1, bytes(4)),
        LITTLE.interface(),
        LITTLE.enhanced(frame(), 0),
        LITTLE.enhanced(frame(), 1),
        LITTLE.simple(frame()),
    )
    assert [datagram.packet for datagram in datagrams] == [2]
    assert capture.skipped == {"malformed block": 1, "unknown interface": 2}


def test_a_section_has_at_most_65536_interfaces(tmp_path: Path) -> None:
    capture, datagrams = made.read(
        tmp_path,
        LITTLE.section(),
        LITTLE.interface() * 65_538,
        LITTLE.enhanced(frame(), 65_535),
        LITTLE.enhanced(frame(), 65_536),
        LITTLE.section(),
        LITTLE.interface(),
        LITTLE.enhanced(frame(), 0),
    )
    assert [datagram.packet for datagram in datagrams] == [1, 3]
    assert capture.skipped == {"malformed block": 2, "unknown interface": 1}


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(LITTLE.option(9, b"\x09", length=60000), id="past the block"),
        pytest.param(LITTLE.option(2, b"eth0", length=9), id="past the block by one"),
    ],
)
def test_options_that_overrun(tmp_path: Path, options: bytes) -> None:
    capture, [datagram] = made.read(
        tmp_path,
        LITTLE.section(),
        LITTLE.interface(options=options),
        LITTLE.enhanced(frame(), timestamp=7),
    )
    assert datagram.time_ns == 7000
    assert capture.skipped == {"malformed block": 1}


def test_options_of_another_length_or_after_the_end_do_not_count(tmp_path: Path) -> None:
    options = (
        LITTLE.option(9, b"\x09\x09")
        + LITTLE.option(14, bytes(4))
        + LITTLE.option(0, b"")
        + LITTLE.resolution(9)
    )
    capture, [datagram] = made.read(
        tmp_path,
        LITTLE.section(),
        LITTLE.interface(options=options),
        LITTLE.enhanced(frame(), timestamp=7),
    )
    assert datagram.time_ns == 7000
    assert not capture.skipped


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        pytest.param(LITTLE.block(6, bytes(40), length=0), "malformed block", id="zero"),
        pytest.param(LITTLE.block(6, bytes(40), length=11), "malformed block", id="below 12"),
        pytest.param(LITTLE.block(6, bytes(40), length=30), "malformed block", id="not by four"),
        pytest.param(LITTLE.block(6, bytes(40), length=48), "malformed block", id="no agreement"),
        pytest.param(LITTLE.block(6, bytes(40), length=2**32 - 4), "truncated record", id="end"),
        pytest.param(BIG.enhanced(frame()), "truncated record", id="other byte order"),
        pytest.param(
            LITTLE.block(0x0A0D0D0A, bytes(16)), "malformed block", id="section of no byte order"
        ),
        pytest.param(b"\0" * 11, "truncated record", id="less than a block"),
    ],
)
def test_reading_ends_at_a_block_whose_length_cannot_be_right(
    tmp_path: Path, block: bytes, reason: str
) -> None:
    start = LITTLE.section() + LITTLE.interface() + LITTLE.enhanced(frame())
    capture, datagrams = made.read(tmp_path, start, block)
    assert made.payloads(datagrams) == [OPTIONS]
    assert capture.skipped == {reason: 1}
    assert capture.position == len(start) < capture.size


def test_every_cut_yields_all_that_is_whole(tmp_path: Path) -> None:
    blocks = [
        LITTLE.section(),
        LITTLE.interface(),
        LITTLE.enhanced(frame()),
        LITTLE.simple(frame()),
    ]
    content = b"".join(blocks)
    ends = [sum(map(len, blocks[: count + 1])) for count in range(len(blocks))]
    for size in range(len(blocks[0]), len(content) + 1):
        capture, datagrams = made.read(tmp_path, content[:size])
        assert made.payloads(datagrams) == [OPTIONS] * sum(size >= end for end in ends[2:])
        assert capture.skipped["truncated record"] == (size not in ends)


@pytest.mark.parametrize("size", range(4, 28))
def test_a_cut_section_header(tmp_path: Path, size: int) -> None:
    with pytest.raises(CaptureError, match=rf"truncated pcapng section header \(byte {size}\)$"):
        made.read(tmp_path, LITTLE.section()[:size])


def test_a_section_header_without_a_byte_order(tmp_path: Path) -> None:
    section = struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4E, 1, 0, -1, 28)
    with pytest.raises(CaptureError, match=r"byte order \(byte 8\)$"):
        made.read(tmp_path, section)
