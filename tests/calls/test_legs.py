"""Legs: calls that belong together by a value that both have, or by a Call-ID."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from ladders import ALICE, BOB, INVITE, PROXY, capture, sip

import sipfast
from sipfast.calls import legs
from sipfast.calls.call import CallMessage
from sipfast.calls.legs import read_legs
from sipfast.calls.read import message_of
from sipfast.capture import Record

DATA = capture(
    (0.0, ALICE, PROXY, sip(INVITE, "1 INVITE", "X-CID: group-1")),
    (0.1, PROXY, BOB, sip(INVITE, "1 INVITE", "X-CID: group-1", call_id="b@x")),
    (0.2, PROXY, BOB, sip(INVITE, "1 INVITE", "X-CID: b@x", call_id="c@x")),
    (0.3, PROXY, BOB, sip(INVITE, "1 INVITE", "X-CID: c@x", call_id="d@x")),
    (0.4, PROXY, BOB, sip(INVITE, "1 INVITE", "X-Other: group-1", call_id="e@x")),
    (0.5, PROXY, BOB, sip(INVITE, "1 INVITE", "X-CID: group-2", call_id="f@x")),
    (0.6, PROXY, BOB, sip("BYE sip:b SIP/2.0", "2 BYE", call_id="b@x")),
)


@contextlib.contextmanager
def opened(data: bytes = DATA) -> Iterator[list[sipfast.capture.Capture]]:
    with sipfast.open(data) as capture:
        yield [capture]


@pytest.mark.parametrize("start", ["a@x", "b@x", "c@x", "d@x"])
def test_legs_of_legs_are_found_from_any_of_them(start: str) -> None:
    with opened() as captures:
        calls = read_legs(captures, [start], "header:X-CID")
    assert sorted(calls) == ["a@x", "b@x", "c@x", "d@x"]
    assert [len(calls[name]) for name in sorted(calls)] == [1, 2, 1, 1]


def chain(length: int, *, backwards: bool) -> bytes:
    """Calls of which each names the one before it, or the one after it."""
    step = 1 if backwards else -1
    return capture(
        *[
            (
                n * 0.1,
                PROXY,
                BOB,
                sip(INVITE, "1 INVITE", f"x-cid: {n + step}@x", call_id=f"{n}@x"),
            )
            for n in range(length)
        ]
    )


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("start", [0, 29, 59])
def test_a_chain_is_followed_to_its_ends_in_one_pass(
    monkeypatch: pytest.MonkeyPatch, backwards: bool, start: int
) -> None:
    read = 0

    def counted(number: int, record: Record) -> CallMessage:
        nonlocal read
        read += 1
        return message_of(number, record)

    monkeypatch.setattr(legs, "message_of", counted)
    with opened(chain(60, backwards=backwards)) as captures:
        calls = read_legs(captures, [f"{start}@x"], "header:X-CID")
    assert sorted(calls) == sorted(f"{n}@x" for n in range(60))
    assert read == 60


def test_of_more_legs_the_nearest_are_found() -> None:
    with opened(chain(120, backwards=True)) as captures:
        assert len(read_legs(captures, ["60@x"], "header:X-CID")) == 100
        nearest = read_legs(captures, ["60@x"], "header:X-CID", most=5)
    assert sorted(nearest) == ["58@x", "59@x", "60@x", "61@x", "62@x"]


def test_a_compact_form_is_the_same_field() -> None:
    first = sip(INVITE, "1 INVITE", "s: Sales")
    data = capture(
        (0.0, ALICE, PROXY, first),
        (0.1, PROXY, BOB, sip(INVITE, "1 INVITE", "Subject: Sales", call_id="b@x")),
    )
    with opened(data) as captures:
        assert sorted(read_legs(captures, ["a@x"], "header:Subject")) == ["a@x", "b@x"]
        assert sorted(read_legs(captures, ["b@x"], "header:s")) == ["a@x", "b@x"]


def test_others_are_not_legs() -> None:
    with opened() as captures:
        assert list(read_legs(captures, ["e@x"], "header:X-CID")) == ["e@x"]
        assert list(read_legs(captures, ["f@x"], "header:X-CID")) == ["f@x"]
        assert read_legs(captures, ["none@x"], "header:X-CID") == {}


def test_any_column_of_text() -> None:
    with opened() as captures:
        assert len(read_legs(captures, ["a@x"], "from_user")) == 6


def test_the_number_of_legs_is_bounded() -> None:
    with opened() as captures:
        assert len(read_legs(captures, ["a@x"], "from_user", most=3)) == 3
