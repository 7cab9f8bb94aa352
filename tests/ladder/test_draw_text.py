"""Ladders as text: as they are drawn, in any width."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from ladders import ALICE, BOB, INVITE, PROXY, UNSEEN, call_of, capture, hostile_call, sip
from rich.cells import cell_len

import sipfast
from sipfast.ladder import Ladder

OPTIONS = "OPTIONS sip:a SIP/2.0"


def drawn(ladder: Ladder, width: int = 80, *, heading: bool = False) -> str:
    return "\n".join(map(str, ladder.text(width, heading=heading)))


def test_two_hosts() -> None:
    ladder = call_of(
        capture(
            (0.0, ALICE, BOB, sip(INVITE)),
            (1.5, BOB, ALICE, sip("SIP/2.0 486 Busy Here", "1 INVITE")),
        )
    ).ladder()
    assert drawn(ladder, heading=True) == (
        "Call-ID a@x\n"
        "alice → bob · 1970-01-01 UTC · 2 messages\n"
        "\n"
        "              192.0.2.1:5060          192.0.2.3:5062\n"
        "00:00:00.000         │─────── INVITE ───────→│\n"
        "00:00:01.500         │←─── 486 Busy Here ────│"
    )
    assert drawn(ladder, 100) == (
        "                       192.0.2.1:5060          192.0.2.3:5062\n"
        "00:00:00.000                  │─────── INVITE ───────→│\n"
        "00:00:01.500   +1.500         │←─── 486 Busy Here ────│"
    )


def test_labels_without_room_have_a_line_above() -> None:
    ladder = call_of(
        capture(
            (0.0, ALICE, PROXY, sip(INVITE)),
            (0.1, PROXY, ALICE, sip("SIP/2.0 100 " + "long " * 6 + "text", "1 INVITE")),
            (0.2, PROXY, BOB, sip("SIP/2.0 100 " + "long " * 6 + "text", "1 INVITE")),
        )
    ).ladder()
    assert drawn(ladder, 72) == (
        "              192.0.2.1:5060       192.0.2.2:5060        192.0.2.3:5062\n"
        "00:00:00.000         │────── INVITE ─────→│                     │\n"
        "                     │ 100 long long long long long long text   │\n"
        "00:00:00.100         │←───────────────────│                     │\n"
        "                     │            100 long long long long long long text\n"
        "00:00:00.200         │                    │────────────────────→│"
    )


def many(count: int) -> Ladder:
    places = [(f"192.0.2.{n + 1}", 5060) for n in range(count)]
    steps = [
        (float(n), places[n % count], places[(n + 1) % count], sip(OPTIONS, f"{n + 1} OPTIONS"))
        for n in range(count + 1)
    ]
    return call_of(capture(*steps)).ladder()


def test_narrow_lifelines_have_numbers() -> None:
    lines = drawn(many(6), 80).split("\n")
    assert lines[:6] == [f"{n} 192.0.2.{n}:5060" for n in range(1, 7)]
    assert lines[6:10] == [
        "",
        "               1   2   3   4   5   6",
        "00:00:00.000   │──→│   │   │   │   │   OPTIONS",
        "00:00:01.000   │   │──→│   │   │   │   OPTIONS",
    ]
    assert lines[13] == "00:00:05.000   │←──────────────────│   OPTIONS"


def test_more_hosts_have_numbers_alone() -> None:
    lines = drawn(many(20), 80).split("\n")
    assert lines[:2] == [" 1 192.0.2.1:5060", " 2 192.0.2.2:5060"]
    assert lines[21:23] == ["00:00:00.000   1 → 2   OPTIONS", "00:00:01.000   2 → 3   OPTIONS"]
    assert lines[40] == "00:00:19.000  20 → 1   OPTIONS"


def test_an_arrow_from_a_host_to_itself() -> None:
    other = (ALICE[0], 5070)
    data = capture((0.0, ALICE, other, sip(OPTIONS, "1 OPTIONS")), (1.0, ALICE, BOB, sip(INVITE)))
    ladder = call_of(data).ladder(merge=True)
    assert "│ ↺ OPTIONS" in drawn(ladder)
    assert drawn(call_of(data[:-1] + b"\n").ladder(merge=True), 40)


def test_long_names_of_hosts_are_listed() -> None:
    text = sip(OPTIONS).replace(b"192.0.2.1;", b"a-very-long-name-of-a-host.example.net;")
    text = text.replace(b"sip:a ", b"sip:another-long-name-of-a-host.example.net:5060 ")
    shown = drawn(call_of(text).ladder(), 50)
    assert "1 a-very-long-name-of-a-host.example.net\n2 another-" in shown
    assert "(1)" in shown


def test_legs_have_numbers() -> None:
    data = capture(
        (0.0, ALICE, PROXY, sip(INVITE)),
        (0.1, PROXY, BOB, sip(INVITE, call_id="b@x")),
    )
    ladder = sipfast.Call.merged(sipfast.read_calls(data, ["a@x", "b@x"]).values()).ladder()
    lines = drawn(ladder, heading=True).split("\n")
    assert lines[:2] == ["Call-ID 1 a@x", "Call-ID 2 b@x"]
    assert lines[5].startswith("00:00:00.000 1 ")
    assert lines[6].startswith("00:00:00.100 2 ")
    several = [sipfast.Call(f"{n}@x", call_of(data).messages) for n in range(20)]
    assert "12 more Call-IDs" in drawn(sipfast.Call.merged(several).ladder(), heading=True)


def test_marks_and_their_legend() -> None:
    shown = drawn(call_of().ladder(), heading=True)
    assert "INVITE (SDP) ↻" in shown
    assert "INVITE (SDP) =" in shown
    assert shown.endswith("\n↻ retransmission   = duplicate of the capture   ! number of defects")
    chinese = "\n".join(map(str, call_of().ladder().text(80, "zh")))
    assert "9 条消息" in chinese
    assert chinese.endswith("\n↻ 重传   = 抓包中的重复副本   ! 缺陷数")


def random_ladders() -> Iterator[Ladder]:
    chance = random.Random(13)
    titles = [
        OPTIONS,
        INVITE,
        "SIP/2.0 183 Session Progress",
        "SIP/2.0 486 " + "忙" * 30,
        "BYE sip:b SIP/2.0",
    ]
    for _ in range(40):
        places = [
            (f"192.0.2.{n + 1}", chance.choice((5060, 5080))) for n in range(chance.randint(1, 30))
        ]
        steps = []
        for n in range(chance.randint(1, 12)):
            source, target = chance.choice(places), chance.choice(places)
            call_id = chance.choice(("a@x", "b@x"))
            message = sip(chance.choice(titles), chance.choice(("1 INVITE", "x")), call_id=call_id)
            steps.append((n * 0.4, source, target, message))
        calls = sipfast.read_calls(capture(*steps), ["a@x", "b@x"])
        yield sipfast.Call.merged(calls.values()).ladder(merge=chance.choice((None, True, False)))
    yield hostile_call().ladder()


@pytest.mark.parametrize("width", [1, 40, 60, 80, 99, 100, 133, 300])
def test_every_arrow_has_a_line_and_no_line_is_too_wide(width: int) -> None:
    for ladder in random_ladders():
        lines = ladder.text(width)
        assert max(cell_len(str(line)) for line in lines) <= max(width, 40)
        assert {line.arrow for line in lines} - {None} == {*range(len(ladder.arrows))}
        for line in lines:
            assert not UNSEEN & {*str(line)}
            assert {style for _, style in line.parts} <= STYLES
        for index, arrow in enumerate(ladder.arrows):
            own = "\n".join([str(line) for line in lines if line.arrow == index])
            assert own.count("!") >= bool(arrow.defects), "marks are never cut"
            assert arrow.source == arrow.target or "→" in own or "←" in own


STYLES = {"", "title", "name", "quiet", "good", "defect", "error"}


def test_the_heading_names_the_parties() -> None:
    text = sip(OPTIONS)
    hostile = text.replace(b"sip:alice@", b"sip:%1b%5b31m%3ci%3e%e2%80%ae@")
    ladder = call_of(hostile).ladder()
    assert "\\x1b[31m<i>\\u202e → bob · " in str(ladder)
    assert "<i>" not in ladder.svg() + ladder.html()
    number = text.replace(b"<sip:alice@example.org>", b"<tel:+1-202-555-0123>")
    assert "+12025550123 → bob · " in str(call_of(number).ladder())
    host = text.replace(b"sip:bob@", b"sip:").replace(b"sip:alice@", b"sip:" + b"a" * 100 + b"@")
    assert f"{'a' * 39}… → example.com · " in str(call_of(host).ladder())
    malformed = text.replace(b"To: <sip", b'To: "<sip')
    assert " → " not in "\n".join(map(str, call_of(malformed).ladder().text()[:3]))
