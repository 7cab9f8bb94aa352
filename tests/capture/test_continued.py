"""Captures that come bit by bit: the records of the whole file, each as soon as it is whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from time import process_time

import pytest
from capture_files import OPTIONS, frame, hep_2, hep_3, payloads, pcap, pcap_header
from log_files import LOGS, log, request, response
from random_captures import blocks, classic

from sipfast import capture
from sipfast.capture.continued import MOST_PENDING, Continued

BENCH = Path(__file__).parents[2] / "bench_data"
MESSAGES = b"".join((request(1, b"INVITE"), response(1, b"200 OK"), request(1, b"BYE")))


def bit_by_bit(data: bytes, random: Random, most: int) -> tuple[Continued, list[capture.Record]]:
    continued = Continued()
    found: list[capture.Record] = []
    at = 0
    while at < len(data):
        size = random.randint(1, most)
        found += continued.feed(data[at : at + size])
        at += size
    found += continued.close()
    return continued, found


def told(records: list[capture.Record]) -> Iterator[object]:
    for record in records:
        yield record._replace(data=memoryview(bytes(record.data)))


def assert_same(data: bytes, seed: int, most: int) -> None:
    continued, found = bit_by_bit(data, Random(seed), most)
    with capture.open(data) as whole:
        assert [*told(found)] == [*told([*whole])]
    assert continued.format == whole.format
    assert continued.skipped == whole.skipped


@pytest.mark.parametrize("most", [3, 400, 70_000])
@pytest.mark.parametrize("make", [classic, blocks], ids=["pcap", "pcapng"])
def test_random_captures_read_as_the_whole_file(make: object, most: int) -> None:
    for seed in range(10):
        assert_same(make(Random(seed)), seed, most)  # type: ignore[operator]


@pytest.mark.parametrize("most", [7, 5_000])
def test_hep_reads_as_the_whole_file(most: int) -> None:
    data = b"".join([hep_3(OPTIONS)] * 5)
    assert_same(data, 1, most)
    assert_same(data[:-1], 1, most)
    assert_same(data + b"HEP4\0\x06", 1, most)


@pytest.mark.parametrize("most", [50, 4_000])
def test_messages_read_as_the_whole_file(most: int) -> None:
    assert_same(MESSAGES * 3, 1, most)


@pytest.mark.parametrize("name", LOGS)
def test_logs_read_as_the_whole_file(name: str) -> None:
    texts = [request(1, b"INVITE"), response(1, b"486 Busy Here"), request(1, b"ACK")]
    data = log(LOGS[name], texts * 3)
    for most in (200, 3_000):
        assert_same(data, most, most)


def test_a_packet_is_read_as_soon_as_it_is_whole() -> None:
    data = pcap(frame(), frame())
    continued = Continued()
    assert [*continued.feed(data[:-1])] != []
    assert len([*continued.feed(data[-1:])]) == 1
    assert continued.pending == 0


def test_a_text_waits_for_what_follows_or_for_quiet() -> None:
    first, second = request(1, b"INVITE"), request(2, b"INVITE")
    continued = Continued()
    assert [*continued.feed(first)] == []
    assert payloads([*continued.settle()]) == [first]
    assert [*continued.settle()] == []
    assert [*continued.feed(second)] == []
    assert payloads([*continued.feed(first * 2)]) == [second, first]
    assert payloads([*continued.close()]) == [first]


def test_a_size_beyond_all_bounds_ends_the_capture() -> None:
    record = bytes(8) + MOST_PENDING.to_bytes(4, "little") + bytes(4)
    continued = Continued()
    assert [*continued.feed(pcap_header() + record)] == []
    assert [*continued.feed(pcap(frame()))] == []
    assert continued.pending == 0
    assert continued.skipped == {"truncated record": 1}


@pytest.mark.parametrize(
    "data", [b"\x1f\x8b\x08" + bytes(100), b"\0" * 70_000, b"RTSS" + b"\0" * 70_000]
)
def test_what_cannot_be_read_bit_by_bit_is_refused(data: bytes) -> None:
    with pytest.raises(capture.CaptureError):
        [*Continued().feed(data)]


def test_text_of_no_messages_is_refused_at_its_end() -> None:
    continued = Continued()
    assert [*continued.feed(b"hello\n" * 100)] == []
    assert [*continued.settle()] == []
    with pytest.raises(capture.CaptureError, match="neither a capture nor SIP"):
        [*continued.close()]


def _packet_of(size: int) -> bytes:
    return pcap_header() + bytes(8) + size.to_bytes(4, "little") * 2


def _message_of(_size: int) -> bytes:
    return OPTIONS.replace(b"Content-Length: 0\r\n", b"")


def _entry_of(_size: int) -> bytes:
    return log(LOGS["Asterisk PJSIP"], [_message_of(0)])


@pytest.mark.parametrize("head", [_packet_of, _message_of, _entry_of])
def test_long_ones_in_small_pieces_cost_no_more(head: Callable[[int], bytes]) -> None:
    def seconds(size: int) -> float:
        continued = Continued()
        began = process_time()
        [*continued.feed(head(size))]
        [*continued.settle()]
        for _ in range(size // 100):
            [*continued.feed(b"x" * 99 + b"\n")]
        return process_time() - began

    assert seconds(4_000_000) < 24 * max(seconds(500_000), 0.01)


def test_hep_of_version_2_in_datagrams_only() -> None:
    continued = Continued()
    assert [*continued.feed(hep_2(OPTIONS))] == []
    with pytest.raises(capture.CaptureError):
        [*continued.close()]
