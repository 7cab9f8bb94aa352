"""Classic captures: both byte orders, both resolutions, and files that end too soon."""

from __future__ import annotations

from pathlib import Path

import capture_files as made
import pytest
from capture_files import OPTIONS, frame

from sipfast.capture import CaptureError


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("magic", "fraction_ns"), [(made.MICRO, 999_999_000), (made.NANO, 999_999)]
)
def test_byte_orders_and_resolutions(
    tmp_path: Path, order: str, magic: int, fraction_ns: int
) -> None:
    _, datagrams = made.read(
        tmp_path,
        made.pcap_header(order=order, magic=magic),
        made.pcap_record(frame(), 1_700_000_000, 999_999, order),
        made.pcap_record(frame(), 2**32 - 1, 0, order),
        format="pcap",
    )
    assert [datagram.time_ns for datagram in datagrams] == [
        1_700_000_000_000_000_000 + fraction_ns,
        (2**32 - 1) * 1_000_000_000,
    ]
    assert made.payloads(datagrams) == [OPTIONS, OPTIONS]
    assert [datagram.packet for datagram in datagrams] == [1, 2]


def test_offset_is_the_place_of_the_payload(tmp_path: Path) -> None:
    content = made.pcap(frame(b"\r\n"), frame(), frame(OPTIONS[:60]))
    _, datagrams = made.read(tmp_path, content)
    assert [datagram.packet for datagram in datagrams] == [2, 3]
    assert [datagram.offset for datagram in datagrams] == [
        content.index(OPTIONS),
        content.rindex(OPTIONS[:60]),
    ]


def test_a_capture_without_packets(tmp_path: Path) -> None:
    capture, datagrams = made.read(tmp_path, made.pcap(), format="pcap")
    assert datagrams == []
    assert not capture.skipped
    assert capture.position == capture.size == 24


@pytest.mark.parametrize("size", range(4, 24))
def test_a_cut_file_header(tmp_path: Path, size: int) -> None:
    with pytest.raises(
        CaptureError, match=rf"truncated pcap file header \(byte {size}\)$"
    ) as caught:
        made.read(tmp_path, made.pcap(frame())[:size])
    assert caught.value.offset == size


def test_every_cut_yields_all_that_is_whole(tmp_path: Path) -> None:
    content = made.pcap(frame(), frame())
    second = 24 + 16 + len(frame())
    for size in range(24, len(content)):
        capture, datagrams = made.read(tmp_path, content[:size])
        whole = size >= second
        assert made.payloads(datagrams) == [OPTIONS] * whole
        assert capture.skipped["truncated record"] == (size not in (24, second))
        assert capture.position == (second if whole else 24)


@pytest.mark.parametrize("length", [len(frame()) + 1, 2**31, 2**32 - 1])
def test_a_record_longer_than_the_file(tmp_path: Path, length: int) -> None:
    capture, datagrams = made.read(
        tmp_path, made.pcap(frame()), made.pcap_record(frame(), length=length)
    )
    assert made.payloads(datagrams) == [OPTIONS]
    assert capture.skipped == {"truncated record": 1}


def test_empty_records(tmp_path: Path) -> None:
    capture, datagrams = made.read(tmp_path, made.pcap(*[b""] * 1000))
    assert datagrams == []
    assert capture.skipped == {"truncated": 1000}
    assert capture.position == capture.size
