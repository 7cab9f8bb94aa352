"""Threads read the parts of a capture: the rows, their order and the counts stay those of one."""

from __future__ import annotations

from random import Random
from typing import Any

import capture_files as made
import pytest
from capture_files import OPTIONS
from random_captures import blocks, classic

import sipfast
from sipfast.capture.packets import can_walk

pytest.importorskip("pyarrow")

COLUMNS = ("packet", "offset", "time", "transport", "source_port", "method", "call_id", "error")


def read(content: bytes, threads: int, **options: Any) -> Any:
    scan = sipfast.scan(content, COLUMNS, threads=threads, **options)
    table = scan.to_arrow()
    return table.to_pylist(), dict(scan.skipped), scan.rows, scan.left_out


@pytest.fixture
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sipfast.capture.packets._PART", 7)


@pytest.mark.usefixtures("_small_parts")
@pytest.mark.parametrize("make", [classic, blocks])
def test_rows_are_those_of_one_thread(make: Any) -> None:
    for seed in range(60):
        content = make(Random(seed))
        for errors in ("keep", "skip"):
            assert read(content, 3, errors=errors) == read(content, 1, errors=errors), seed


def datagrams(count: int) -> bytes:
    packets = [made.frame(OPTIONS.replace(b"1@", b"%d@" % n), 5060 + n % 7) for n in range(count)]
    return made.pcap(*packets)


@pytest.mark.usefixtures("_small_parts")
def test_parts_of_datagrams_are_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    if not can_walk():
        pytest.skip("the pure engine has no parts")
    read_again = []

    def taken(self: Any, part: Any, future: Any, make: Any) -> Any:
        read_again.append(future.result() is None)
        return of_walked(self, part, future, make)

    of_walked = sipfast.capture.packets.Walked._taken
    monkeypatch.setattr("sipfast.capture.packets.Walked._taken", taken)
    rows, *_ = read(datagrams(100), 2)
    assert [row["call_id"] for row in rows] == [f"{n}@example.net" for n in range(100)]
    assert read_again == [False] * 15
    read_again.clear()
    fragments = made.in_fragments(made.udp(OPTIONS), 16)
    rows, *_ = read(datagrams(100) + made.pcap(*fragments)[24:] + datagrams(50)[24:], 2)
    assert len(rows) == 151
    assert sum(read_again) == 2  # the fragments lie in two parts


@pytest.mark.usefixtures("_small_parts")
def test_a_refused_message_stops_all_threads() -> None:
    content = datagrams(30) + made.pcap(made.frame(b"INVITE sip:a SIP/2.0\r\nX\r\n\r\n"))[24:]
    scan = sipfast.scan(content + datagrams(30)[24:], COLUMNS, threads=2, errors="raise")
    with pytest.raises(sipfast.ParseError, match="Missing colon"):
        list(scan)


@pytest.mark.usefixtures("_small_parts")
def test_what_stops_early_ends_the_threads() -> None:
    batches = iter(sipfast.scan(datagrams(500), COLUMNS, threads=2))
    assert len(next(batches)) == 7 if can_walk() else True
    del batches
