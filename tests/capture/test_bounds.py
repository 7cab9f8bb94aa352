"""Memory is bounded, whatever waits for its other parts."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import capture_files as made
import pytest
from capture_files import OPTIONS

import sipfast

COUNT = 6000


def _address(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def _unfinished_messages(count: int) -> Iterator[bytes]:
    text = OPTIONS[:-2] + b"X-Long: " + b"x" * 400
    for n in range(count):
        yield made.ipv4(made.tcp(text), protocol=6, source=_address(n))


def _early_segments(count: int) -> Iterator[bytes]:
    for n in range(count // 20):
        for number in (0, *range(1000, 1000 + 19 * 30, 30)):
            text = OPTIONS if number == 0 else b"x"
            yield made.ipv4(made.tcp(text, number=number), protocol=6, source=_address(n))


def _unknown_connections(count: int) -> Iterator[bytes]:
    for n in range(count):
        yield made.ipv4(made.tcp(b"GET / HT", 40000, 80), protocol=6, source=_address(n))


def _half_frames(count: int) -> Iterator[bytes]:
    head = b"GET / HTTP/1.1\r\nSec-WebSocket-Protocol: sip\r\n\r\n"
    for n in range(count):
        text = head + b"\x81\x7e\xff\xff" + b"x" * 300
        yield made.ipv4(made.tcp(text, 40000, 80), protocol=6, source=_address(n))


def _half_packets_of_hep(count: int) -> Iterator[bytes]:
    for n in range(count):
        text = b"HEP3\xff\xff" + b"x" * 300
        yield made.ipv4(made.tcp(text, 40000, 9060), protocol=6, source=_address(n))


def _fragments(count: int) -> Iterator[bytes]:
    for n in range(count):
        yield made.ipv4(bytes(400), identification=n & 0xFFFF, fragment=0x2001)


def _tiny_fragments(count: int) -> Iterator[bytes]:
    for n in range(count):
        fragment = 0x2000 | n % 4000 * 2
        yield made.ipv4(bytes(8), identification=n // 4000, fragment=fragment)


def _whole_datagrams(count: int) -> Iterator[bytes]:
    for n in range(count // 4):
        for packet in made.in_fragments(made.udp(OPTIONS), 40, identification=n):
            yield packet[14:]


def _chunks(count: int) -> Iterator[bytes]:
    for n in range(count):
        packet = made.in_chunks(bytes(800), 400, number=2 * n)[0]
        yield made.ipv4(packet, protocol=132)


def _datagrams(count: int) -> Iterator[bytes]:
    for n in range(count):
        yield made.ipv4(made.udp(OPTIONS + b"%d" % n), source=_address(n))


def _segments_of_a_byte(count: int) -> Iterator[bytes]:
    text = b"OPTIONS sip:a SIP/2.0\r\n" + b"X: y\r\n" * count
    for n in range(count):
        part = text[n // 20 : n // 20 + 1]
        yield made.ipv4(made.tcp(part, number=n // 20), protocol=6, source=_address(n % 20))


WAITING = {
    "segments of a byte": _segments_of_a_byte,
    "unfinished messages": _unfinished_messages,
    "early segments": _early_segments,
    "unknown connections": _unknown_connections,
    "half frames": _half_frames,
    "half packets of HEP": _half_packets_of_hep,
    "fragments": _fragments,
    "tiny fragments": _tiny_fragments,
    "whole datagrams": _whole_datagrams,
    "chunks": _chunks,
    "datagrams": _datagrams,
}


@pytest.mark.parametrize("name", WAITING)
def test_memory_is_bounded(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sipfast.capture.tcp.MOST_CONNECTIONS", 300)
    monkeypatch.setattr("sipfast.capture.tcp.MOST_BYTES", 600_000)
    monkeypatch.setattr("sipfast.capture.fragments.MOST_PACKETS", 300)
    monkeypatch.setattr("sipfast.capture.fragments.MOST_BYTES", 200_000)
    monkeypatch.setattr("sipfast.capture.fragments.MOST_COPIES", 1000)
    monkeypatch.setattr("sipfast.capture.sctp.MOST_PIECES", 300)
    monkeypatch.setattr("sipfast.capture.sctp.MOST_TAKEN", 300)
    monkeypatch.setattr("sipfast.capture.packets.MOST_NAMES", 300)
    monkeypatch.setattr("sipfast.capture.packets.MOST_RECENT", 300)
    content = made.pcap(*WAITING[name](COUNT), link_type=made.RAW)

    tracemalloc.start()
    with sipfast.open(content) as capture:
        for _ in capture:
            pass
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert capture.position == len(content)
    assert most < 900_000


def test_bytes_of_connections_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sipfast.capture.tcp.MOST_BYTES", 100_000)
    content = made.pcap(*_unfinished_messages(2000), link_type=made.RAW)
    tracemalloc.start()
    with sipfast.open(content) as capture:
        found = sum(record.is_cut for record in capture)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == 2000
    assert most < 900_000
