"""Lengths in texts without their CRs, and streams cut into reads."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from log_files import MESSAGES

from sipfast.capture.logs.connections import Connections, Whole
from sipfast.capture.logs.text import _place, wire_length, with_crlf


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from([b"a", b"\n", b"bc", b"\n\n"]), max_size=30).map(b"".join),
    st.integers(0, 60),
    st.integers(0, 60),
)
def test_a_length_of_the_wire_leads_where_counting_leads(
    text: bytes, length: int, limit: int
) -> None:
    limit = min(limit, len(text))
    ends = [end for end in range(limit + 1) if len(text[:end].replace(b"\n", b"\r\n")) == length]
    assert _place(text, 0, length, limit, True) == (ends[0] if ends else None)
    for end in ends:
        assert wire_length(text, 0, end, True) == length


@given(st.lists(st.sampled_from([b"a", b"\n", b"\r\n"]), max_size=30).map(b"".join))
def test_line_ends_are_restored_once(text: bytes) -> None:
    restored = with_crlf(text)
    assert restored.replace(b"\r\n", b"\n") == text.replace(b"\r\n", b"\n")
    assert restored.count(b"\r") == restored.count(b"\n")
    assert with_crlf(restored) == restored


@settings(max_examples=200)
@given(
    st.lists(st.sampled_from([*MESSAGES, b"\r\n", b"\r\n\r\n"]), max_size=6),
    st.lists(st.integers(1, 400), min_size=1, max_size=40),
)
def test_messages_are_the_same_however_they_were_read(parts: list[bytes], sizes: list[int]) -> None:
    stream = b"".join(parts)
    connections: Connections[str, int] = Connections(10_000, 100_000)
    found: list[Whole] = []
    at = number = 0
    while at < len(stream):
        size = sizes[number % len(sizes)]
        found += connections.feed("one", number, stream[at : at + size])
        at += size
        number += 1
    assert [whole.text for whole in found] == [part for part in parts if part.strip()]
    assert not any(whole.is_cut for whole in found)
    assert list(connections.close()) == []


def test_the_connections_read_longest_ago_are_cut_first() -> None:
    connections: Connections[int, str] = Connections(1000, 250)
    begun = [
        list(connections.feed(key, f"read {key}", b"INVITE sip" + b"x" * 90)) for key in (1, 2)
    ]
    assert begun == [[], []]
    assert list(connections.feed(1, "more", b"y")) == []
    [cut] = connections.feed(3, "read 3", b"z" * 100)
    assert (cut.origin, cut.is_cut) == ("read 2", True)
    assert connections.is_open(1)
    assert not connections.is_open(2)


def test_a_message_beyond_the_longest_is_cut() -> None:
    connections: Connections[int, int] = Connections(300, 10_000)
    length = MESSAGES[0].replace(b"Length: 84", b"Length: 9999999")
    [cut] = connections.feed(1, 1, length)
    assert cut.is_cut
    assert [whole.text for whole in connections.feed(1, 2, MESSAGES[1])] == [MESSAGES[1]]
