"""Ladders for Mermaid: no character of a message has a meaning in its grammar."""

from __future__ import annotations

import re

from ladders import UNSEEN, call_of, hostile_call

import sipfast

TEXT = r"(?:[A-Za-z0-9 ._/()\-\u3000-\ufaff]|#[0-9]+;)+"
LINE = re.compile(rf"    (?:participant h\d+ as {TEXT}|h\d+--?>>h\d+: {TEXT})")


def decoded(text: str) -> str:
    return re.sub(r"#([0-9]+);", lambda found: chr(int(found[1])), text)


def test_a_diagram() -> None:
    lines = call_of().ladder().mermaid().splitlines()
    assert lines[:6] == [
        "sequenceDiagram",
        "    participant h1 as 192.0.2.1#58;5060",
        "    participant h2 as 192.0.2.2#58;5060",
        "    participant h3 as 192.0.2.3#58;5062",
        "    h1->>h2: INVITE (SDP)",
        "    h1->>h2: INVITE (SDP) - retransmission",
    ]
    assert "    h3-->>h1: 200 OK (BYE)" in lines


def test_hostile_texts_are_escaped() -> None:
    ladder = hostile_call().ladder()
    first, *lines = ladder.mermaid().splitlines()
    assert first == "sequenceDiagram"
    assert len(lines) == len(ladder.hosts) + len(ladder.arrows)
    for line in lines:
        assert LINE.fullmatch(line), line
        assert not UNSEEN & {*line}
        assert not re.search(r"\bend\b", line.partition(": ")[2], re.IGNORECASE)
    assert ladder.arrows[1].text in decoded(lines[3])


def test_a_ladder_without_messages_is_a_diagram_too() -> None:
    assert sipfast.Call("a", ()).ladder().mermaid() == "sequenceDiagram\n    participant h1 as _\n"
