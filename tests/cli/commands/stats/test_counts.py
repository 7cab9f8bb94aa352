"""The counts of ``sipfast stats``, and the memory they take."""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from random import Random

import capture_files as made
import pytest
from command import BAD_TO, NO_CALL_ID, broken, request, response
from hypothesis import given
from hypothesis import strategies as st
from random_captures import blocks, classic

from bench_data import generate
from sipfast import capture, engine
from sipfast.capture import Record
from sipfast.cli.commands.stats.counts import (
    Place,
    Ranking,
    Stats,
    Unparsable,
    Wish,
    gather,
    total,
)
from sipfast.errors import FAULTS


def datagrams(*payloads: bytes, first_packet: int = 1) -> Iterator[Record]:
    """As a capture yields them: with skipped packets and 50 bytes between them."""
    offset = 50
    for number, payload in enumerate(payloads):
        yield Record(memoryview(payload), offset, first_packet + 2 * number)
        offset += len(payload) + 50


# ---- gathering ----


def test_requests_and_responses() -> None:
    stats = gather(
        datagrams(
            request("INVITE"),
            request("INVITE"),
            request("FOO"),
            response(180, "Ringing"),
            response(486, "Busy"),
            response(480, "No"),
            response(486, ""),
        )
    )
    assert (stats.messages, stats.requests, stats.responses, stats.unparsed) == (7, 3, 4, 0)
    assert stats.methods.ordered() == (("INVITE", 2), ("FOO", 1))
    assert list(stats.statuses.items()) == [(180, 1), (480, 1), (486, 2)]
    assert stats.status_classes == {1: 1, 4: 3}


def test_user_agents_of_requests_and_responses() -> None:
    stats = gather(
        datagrams(
            request("OPTIONS", "User-Agent: Phone/1", "Server: not counted"),
            response(200, "OK", "Server: Proxy/2", "User-Agent: Proxy/3"),
            request("OPTIONS", "User-Agent: Phone/1"),
            request("OPTIONS", "User-Agent:"),
            response(200, "OK", "User-Agent: Phone/1"),
        )
    )
    assert stats.agents.ordered() == (("Phone/1", 3), ("Proxy/2", 1))
    assert stats.without_agent == 1


def test_defects_are_counted_by_kind_with_their_first_place() -> None:
    stats = gather(datagrams(request(), BAD_TO, NO_CALL_ID, BAD_TO), file="x")
    assert stats.defective == 3
    to, call_id = stats.defects
    assert (to.code, to.header, to.count) == ("quote-unterminated", "To", 2)
    offset = 50 + len(request()) + 50 + BAD_TO.index(b'"Bob')
    assert to.first == Place("x", message=2, packet=3, offset=offset)
    assert (call_id.code, call_id.header, call_id.count) == ("header-missing", "Call-ID", 1)
    assert (call_id.text, call_id.rfc) == ("Missing Call-ID header field", "RFC 3261 8.1.1")


def test_a_count_names_a_place_only_if_all_its_defects_are_there() -> None:
    description = ("Content-Type: application/sdp", "X-A: \x01", "X-B: \x01")
    stats = gather(datagrams(request("INVITE", *description, body=b"v=0\r\n")))
    lines = [row for row in stats.defects if row.code == "sdp-line-missing"]
    assert [(row.header, row.text, row.count) for row in lines] == [
        ("o=", "Missing o= line", 1),
        ("s=", "Missing s= line", 1),
        ("t=", "Missing t= line", 1),
    ]
    for counted in (stats, total([stats, stats])):
        (control,) = [row for row in counted.defects if row.code == "value-control"]
        assert (control.header, control.text) == (None, "Control character in …")
        assert control.text_zh == "… 中有控制字符"
        assert control.count in (2, 4)


def test_unparsable_messages_are_counted_and_the_first_kept() -> None:
    parts = [broken(), request(), b"", broken(), broken("99999999999")]
    stats = gather(datagrams(*parts), file="x", wish=Wish(errors=2))
    assert (stats.messages, stats.unparsed) == (1, 4)
    assert stats.faults == {
        "content-length-not-a-number": 2,
        "no-message": 1,
        "content-length-too-large": 1,
    }
    byte = broken().rindex(b"x")
    row = FAULTS["content-length-not-a-number"]
    assert stats.unparsable[0] == Unparsable(
        Place("x", 1, 1, 50 + byte), row.code, row.text, row.text_zh, row.rfc, byte
    )
    assert [item.place.message for item in stats.unparsable] == [1, 3]


def test_no_datagrams() -> None:
    stats = gather([])
    assert (stats.messages, stats.unparsed, stats.statuses, stats.defects) == (0, 0, {}, ())


def test_time_is_that_of_parsing_and_of_all() -> None:
    # Read at the start; before and after each of three batches of at most 256; at the end.
    times = iter([0.0, 10.0, 11.0, 20.0, 22.0, 30.0, 34.0, 50.0])
    stats = gather(datagrams(*[request()] * 600), clock=lambda: next(times))
    assert (stats.parse_seconds, stats.seconds) == (7.0, 50.0)
    assert next(times, None) is None


def test_the_total_equals_one_pass_over_all() -> None:
    parts = [
        [request("INVITE"), BAD_TO, broken()],
        [],
        [broken("-1"), NO_CALL_ID, BAD_TO, broken()],
    ]
    clock = iter(range(1000)).__next__
    each = [gather(datagrams(*part), wish=Wish(errors=2), clock=clock) for part in parts]
    together = gather(datagrams(*itertools.chain(*parts)), wish=Wish(errors=2), clock=clock)
    added = total(each, wish=Wish(errors=2))
    for name in (
        "requests",
        "responses",
        "statuses",
        "without_agent",
        "defective",
        "erroneous",
        "faults",
    ):
        assert getattr(added, name) == getattr(together, name)
    assert added.methods.ordered() == together.methods.ordered()
    assert added.agents.ordered() == together.agents.ordered()
    assert [(row.code, row.count) for row in added.defects] == [
        (row.code, row.count) for row in together.defects
    ]
    assert added.defects[0].first == each[0].defects[0].first
    assert added.unparsable == (each[0].unparsable[0], each[2].unparsable[0])
    assert added.seconds == sum(part.seconds for part in each)


# ---- bounded memory ----


def test_a_ranking_is_bounded() -> None:
    ranking = Ranking(most=100, length=10)
    for number in range(10_000):
        ranking.add("regular")
        ranking.add(f"agent number {number}")
        ranking.add(str(number))
    ordered = ranking.ordered()
    assert len(ordered) <= 100
    assert ordered[0] == ("agent num…", 10_000)
    assert ordered[1] == ("regular", 10_000)
    assert max(len(name) for name, _ in ordered) == 10


names = st.lists(st.sampled_from("abcdefghijklmnop"), max_size=300)


@given(names, names)
def test_a_ranking_errs_by_its_shortfall_at_the_most(first: list[str], second: list[str]) -> None:
    one, other = Ranking(most=6), Ranking(most=6)
    for name in first:
        one.add(name)
    for name in second:
        other.add(name)
    one.merge(other)
    counted_ones = dict(one.ordered())
    for name, true in Counter(first + second).items():
        assert true - one.shortfall <= counted_ones.get(name, 0) <= true


def test_memory_is_bounded_for_names_of_senders() -> None:
    def made_up(count: int) -> Iterator[Record]:
        for number in range(count):
            yield from datagrams(request(f"M{number}", f"User-Agent: {'x' * 500}{number:09}"))

    few, many = gather(made_up(100)), gather(made_up(9_000))
    assert len(few.methods.ordered()) == 100
    assert len(many.methods.ordered()) <= 4096
    assert many.methods.shortfall > 0
    assert len(many.agents.ordered()) == 1  # all alike as far as they are kept
    assert many.agents.ordered()[0] == ("x" * 119 + "…", 9_000)


# ---- what the engine counts ----


def numbers(stats: Stats) -> dict[str, object]:
    """All that was counted."""
    names = {field.name for field in fields(Stats)} - {"parse_seconds", "seconds", "wish"}
    found = {name: getattr(stats, name) for name in names}
    for name in ("methods", "agents"):
        found[name] = found[name].ordered(), found[name].shortfall
    return found


WISHES = [
    *(
        Wish(),
        Wish(defects=False),
        Wish(defects=False, repeats=False),
        Wish(errors=1, repeats=False),
    ),
]


def check_alike(data: bytes, wish: Wish) -> Stats:
    """Count a capture as a whole, and its records one by one."""
    whole = capture.open(data)
    stats = gather(whole, file="x", wish=wish)
    single = capture.open(data)
    one_by_one = gather(iter(single), file="x", wish=wish)
    assert numbers(stats) == numbers(one_by_one)
    assert whole.skipped == single.skipped
    return stats


@pytest.mark.parametrize("wish", WISHES)
def test_a_capture_is_counted_as_its_records_are(wish: Wish) -> None:
    odd = [
        *(BAD_TO, NO_CALL_ID, broken(), broken("-1"), b"SIP/2.0 099 x\r\n\r\n"),
        *(
            request("FOO"),
            request("OPTIONS", "User-Agent:\r\n folded"),
            request("OPTIONS", "User-Agent:"),
        ),
        response(200, "OK", "Server:", "User-Agent: b\xe4"),
        response(200, "OK", "Server: s", "User-Agent: u"),
        request("OPTIONS", "Identity: x", "Date: Sat, 13 Nov 2010 23:29:00 GMT"),
    ]
    rng = Random(1)
    sent = [one.data for one in generate.sent_messages(400)]
    packets = [made.frame(data) for data in sent]
    for _ in range(150):
        packets.insert(rng.randrange(len(packets)), made.frame(rng.choice((*odd, *sent))))
    packets[70] = packets[70][:-200]
    stats = check_alike(made.pcap(*packets), wish)
    assert stats.messages > 300
    assert stats.retransmissions + stats.duplicates > 10
    check_alike(b"".join([*sent[:50], *odd, *sent[50:100]]), wish)


@pytest.mark.parametrize("seed", range(10))
def test_random_captures_are_counted_as_their_records_are(seed: int) -> None:
    data = (classic if seed % 2 else blocks)(Random(seed))
    for wish in WISHES:
        check_alike(data, wish)


def test_very_many_names_of_user_agents() -> None:
    """More than a ranking keeps, and longer than it keeps them, between frequent ones."""
    rng = Random(2)
    packets = []
    for number in range(12000):
        name = rng.choice(
            (f"a{number % 7}", f"b{number}", f"b{-number}", "c" * (100 + number % 2000))
        )
        packets.append(
            made.frame(request("OPTIONS" if number % 9 else f"M{number}", f"User-Agent: {name}"))
        )
    stats = check_alike(made.pcap(*packets), Wish(defects=False))
    assert stats.agents.shortfall


def test_the_time_of_parsing_a_capture_is_estimated() -> None:
    packets = [made.frame(request()) for _ in range(3000)]
    clock = iter(range(100_000)).__next__
    stats = gather(capture.open(made.pcap(*packets)), wish=Wish(defects=False), clock=clock)
    assert stats.messages == 3000
    assert 0 < stats.parse_seconds < stats.seconds or engine == "pure"


def test_what_a_file_lost_is_not_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    packets = [made.frame(request()) for _ in range(3000)]
    path.write_bytes(made.pcap(*packets))
    opened = capture.open(path)
    os.truncate(path, path.stat().st_size // 2)
    stats = gather(opened, wish=Wish(defects=False))
    assert opened.skipped["file shrank"] == 1
    assert stats.messages <= 1500
    assert stats.unparsed == 0
