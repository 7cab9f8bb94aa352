"""The method itself: what is compared is equal, and the machine is left as it was found."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

from benchmarks.corpora import load_corpus
from benchmarks.engines import engine_parse, engines
from benchmarks.long_values import LONG, long_message
from benchmarks.report import BEGIN, END, write_results
from benchmarks.rivals import DisagreementError, Facts, agreement
from benchmarks.rivals.python import BY_HAND, BY_REGEX, as_http
from benchmarks.timing import Timing, interleave, reads, statement
from benchmarks.typed import plain, plain_sipmessage, sipmessage_reader, typed_reader
from benchmarks.worst import START, WORST

MESSAGE = b"BYE sip:a@b SIP/2.0\r\nVia: x\r\ni : 1@a\r\nContent-Length: 2\r\n\r\nhi"


def test_a_rival_that_reads_other_things_is_refused() -> None:
    truth = [Facts("BYE", str(number), 3) for number in range(100)]
    nearly: list[Facts | None] = [*truth[:96], None, None, None, Facts("ACK", "99", 3)]
    assert agreement(nearly, truth) == 0.96
    with pytest.raises(DisagreementError, match="94 of 100"):
        agreement([*truth[:94], *[None] * 6], truth)


def test_what_a_rival_cannot_tell_is_not_held_against_it() -> None:
    assert agreement([Facts(None, "1", None)], [Facts("BYE", "1", 3)]) == 1
    assert not Facts(None, "2", None).agrees(Facts("BYE", "1", 3))


def test_the_hand_made_rivals_read_a_message() -> None:
    assert BY_HAND.read(MESSAGE) == Facts("BYE", "1@a", 3)
    assert BY_REGEX.read(MESSAGE) == Facts("BYE", "1@a", None)


def test_a_refused_message_reads_as_none() -> None:
    assert BY_REGEX.read(b"no message") is None


@pytest.mark.parametrize(
    ("sip", "http"),
    [
        (b"BYE sip:a@b SIP/2.0", b"GET /sip:a@b HTTP/1.1"),
        (b"SIP/2.0 200 All well", b"HTTP/1.1 200 All well"),
    ],
)
def test_as_http_keeps_the_header_fields(sip: bytes, http: bytes) -> None:
    fields = b"\r\nVia: x\r\nl: %d\r\n\r\n"
    assert as_http(sip + fields % 2 + b"hi") == http + fields % 0


def test_interleave_takes_turns_and_restores_the_machine() -> None:
    turns: list[str] = []

    def subject(name: str, took: list[float]) -> float:
        turns.append(name)
        return took[turns.count(name) - 1]

    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    timings = interleave(
        {"a": lambda: subject("a", [9, 1, 2, 6]), "b": lambda: subject("b", [9, 4, 4, 5])}, 3
    )
    assert turns == list("abababab")
    assert timings == {"a": Timing(2, 1), "b": Timing(4, 4)}
    assert gc.isenabled()
    if cores is not None:
        assert os.sched_getaffinity(0) == cores


def test_reads_asks_for_objects_before_every_pass() -> None:
    passes = 0

    def objects() -> list[object]:
        nonlocal passes
        passes += 1
        return [1.0] * 16

    assert reads(".real", objects, passes=5)() > 0
    assert passes == 5


@pytest.mark.parametrize("engine", engines())
def test_typed_properties_compare_by_what_they_say(engine: str) -> None:
    library = pytest.importorskip("sipmessage")
    ours, theirs = typed_reader(engine_parse(engine)), sipmessage_reader(library.Message.parse)
    for corpus in ("invite", "register", "small"):
        message = load_corpus(corpus)[0]
        read = plain(ours(message))
        assert read == plain_sipmessage(theirs(message))
        assert read != plain_sipmessage(theirs(message.replace(b";branch=", b";branch=x")))


def test_statement_runs_with_its_names() -> None:
    ran: list[int] = []
    assert statement("ran.append(one)", ran=ran, one=1)() > 0
    assert set(ran) == {1}


@pytest.mark.parametrize("name", LONG)
def test_a_long_value_is_as_long_as_was_asked_for(name: str) -> None:
    sizes = [len(long_message(LONG[name], count)) for count in (500, 1000)]
    assert 1.8 < (sizes[1] - len(START)) / (sizes[0] - len(START)) < 2.2


@pytest.mark.parametrize("block", WORST)
def test_a_worst_block_has_the_size_that_was_asked_for(block: str) -> None:
    for size in (1000, 64_000):
        assert abs(len(WORST[block](size)) - len(START) - size) < 64


def test_results_go_between_the_markers(tmp_path: Path) -> None:
    path = tmp_path / "RESULTS.md"
    path.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write_results(path, "new")
    assert path.read_text() == f"before\n{BEGIN}\nnew\n{END}\nafter\n"


def test_results_without_markers_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "RESULTS.md"
    path.write_text("mine\n")
    with pytest.raises(ValueError, match="results begin"):
        write_results(path, "new")
    assert path.read_text() == "mine\n"
