"""The method of the benchmarks: compared results are equal, and the machine's state is restored."""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import proxying, readme, report
from benchmarks.alike import WORKS, look_up_by_hand
from benchmarks.bar import Bar
from benchmarks.bars import ALIKE
from benchmarks.corpora import load_corpus
from benchmarks.engines import Variant
from benchmarks.lineup import Lineup, gather
from benchmarks.long_values import LONG, long_message
from benchmarks.report import BEGIN, END, write_results
from benchmarks.rivals import DisagreementError, Facts, agreeing
from benchmarks.rivals.python import BY_HAND, BY_REGEX, as_http
from benchmarks.timing import Timing, Took, interleave, reads, statement
from benchmarks.worst import START, WORST
from sipfast._engine import Engine

MESSAGE = b"BYE sip:a@b SIP/2.0\r\nVia: x\r\ni : 1@a\r\nContent-Length: 2\r\n\r\nhi"


def test_messages_that_a_rival_reads_alike_are_counted() -> None:
    truth = [Facts("BYE", str(number), 3) for number in range(100)]
    nearly: list[Facts | None] = [*truth[:96], None, None, None, Facts("ACK", "99", 3)]
    assert agreeing(nearly, truth) == 96


def test_fields_a_rival_lacks_are_not_compared() -> None:
    assert agreeing([Facts(call_id="1")], [Facts("BYE", "1", 3)]) == 1
    assert not Facts(None, "2", None).agrees(Facts("BYE", "1", 3))


def test_what_is_read_of_the_same_work_has_to_agree() -> None:
    truth = Facts("BYE", more={"nine look-ups": (1, 2), "defects": ()})
    assert Facts(more={"nine look-ups": (1, 2)}).agrees(truth)
    assert not Facts(more={"nine look-ups": (1, 3)}).agrees(truth)


@pytest.mark.parametrize("corpus", ["invite", "register", "small"])
def test_both_sides_read_alike(corpus: str, tmp_path: Path) -> None:
    """The engines, the splits by hand, and sipmessage if installed."""
    messages = load_corpus(corpus)
    shares = gather(tmp_path, programs=False).check(messages)
    assert shares["by hand: split, nine look-ups"] == 1


def test_another_value_is_found(engine: Engine) -> None:
    (message, *_) = load_corpus("invite")
    parse = Variant(engine.name, None).select()
    for work in WORKS[:3]:
        read = work.reader(parse, [message])
        other = message.replace(b"Max-Forwards: ", b"Max-Forwards: 1")
        assert other != message
        assert work.plain(read(other)) != work.plain(read(message)) == work.plain(read(message))


def test_a_contender_that_reads_other_values_is_not_timed(tmp_path: Path) -> None:
    hasty = gather(tmp_path, programs=False).contender("by hand: split, nine look-ups")
    lineup = Lineup([replace(hasty, read=read_less)], [])
    with pytest.raises(DisagreementError, match=r"by hand: .* reads only 0.0%"):
        lineup.check(load_corpus("small"))


def read_less(messages: Sequence[bytes]) -> list[Facts | None]:
    return [Facts(more={"nine look-ups": look_up_by_hand(each)[:9]}) for each in messages]


def test_both_engines_do_what_is_timed_of_a_proxy_alike() -> None:
    proxying.check()


def test_a_proxy_that_makes_other_bytes_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DisagreementError, match="forward: the engines differ over message 1"):
        proxying.agree("forward", [b"a", b"b"], [bytes.upper, lambda _: b"A"])
    monkeypatch.setattr(proxying, "_fed", lambda *_: [b"less"])
    with pytest.raises(DisagreementError, match="the messages are not those of the corpus"):
        proxying.check()


def test_a_stream_is_cut_into_all_of_its_bytes() -> None:
    assert proxying.cut([b"abc", b"de"], 2) == [b"ab", b"cd", b"e"]


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

    def subject(name: str, took: list[float]) -> Took:
        turns.append(name)
        cpu = took[turns.count(name) - 1]
        return Took(cpu, 10 * cpu)

    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    timings = interleave(
        {"a": lambda: subject("a", [9, 1, 2, 6]), "b": lambda: subject("b", [9, 4, 4, 5])}, 3
    )
    assert turns == list("abababab")
    assert timings == {"a": Timing(2, 1, 20), "b": Timing(4, 4, 40)}
    assert gc.isenabled()
    if cores is not None:
        assert os.sched_getaffinity(0) == cores


def test_reads_asks_for_objects_before_every_pass() -> None:
    passes = 0

    def objects() -> list[object]:
        nonlocal passes
        passes += 1
        return [1.0] * 16

    assert reads(".real", objects, passes=5)().cpu > 0
    assert passes == 5


def test_statement_runs_with_its_names() -> None:
    ran: list[int] = []
    assert statement("ran.append(one)", ran=ran, one=1)().cpu > 0
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


def test_the_readmes_get_the_figures(tmp_path: Path) -> None:
    for language in (readme.ENGLISH, readme.CHINESE):
        marked = f"before\n{readme.BEGIN}\nold\n{readme.END}\nafter\n"
        (tmp_path / language.file).write_text(marked)
    found = [
        Bar(readme.ALIKE[0].bar, 6, 3.44, at_least=True),
        Bar(readme.ALIKE[1].bar, 10, 12.41, at_least=True),
        Bar(readme.COSTS[0].bar, 3, 2.96),
        Bar(readme.COSTS[1].bar, 1.6, 2),
    ]
    readme.write_tables(found, tmp_path)
    english, chinese = ((tmp_path / name).read_text() for name in ("README.md", "README.zh-CN.md"))
    assert "lists | 3.4x faster | 6x, open |\n" in english
    assert "sipmessage | 12.4x faster | 10x |\n" in english
    assert "properties | 3.0x | 3x |\n" in english
    assert "line end | 2.0x | 1.6x, exceeded |\n" in english
    assert "in C | not measured | - |\n" in english
    assert "| 快 3.4 倍 | 6 倍，未达到 |\n" in chinese
    assert "| 2.0 倍 | 1.6 倍，已超出 |\n" in chinese
    for text in (english, chinese):
        assert text.startswith(f"before\n{readme.BEGIN}\n| ")
        assert text.endswith(f"\n{readme.END}\nafter\n")
        assert "old" not in text


def test_what_is_alike_is_in_one_table() -> None:
    mixed = {
        "sofia-sip": Timing(3000, 2900, 4000),
        "sipfast native avx2, every field": Timing(1500, 1400, 1600),
    }
    sheet = report.alike_sheet(ALIKE, "sipfast native avx2", mixed, {}, {"sofia-sip": 1.0})
    times = ["3,000 (2,900)", "1,500 (1,400)", "2.00x"]
    assert sheet.rows[2][1:] == ["sofia-sip", *times, "-", "-", "-", "1x", "100.0%"]
    assert sheet.rows[0][2:] == ["-"] * 6 + ["6x", "-"]


def test_a_bar_of_none_at_all() -> None:
    none = Bar("failed calls", 0, 0, unit="calls")
    some = Bar("failed calls", 0, 3, unit="calls")
    assert (none.met, none.verdict, none.clearly_missed) == (True, "met", False)
    assert (some.met, some.verdict, some.clearly_missed) == (False, "open", True)
    assert Bar("messages a second", 5, 0, at_least=True).met is False
