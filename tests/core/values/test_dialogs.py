"""Replaces, Join and Target-Dialog: a dialog that another one is about."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from values import HOSTILE, PAIRS, TOKEN, agree, holds, parsed

from sipfast import ParseError
from sipfast._engine import Engine


def test_replaces(engine: Engine) -> None:
    field = b"Replaces: 425928@bobster.example.org ;to-tag=7743 ;From-Tag=6472;early-only;x=y"
    replaces = parsed(engine, field).replaces
    assert replaces.call_id == "425928@bobster.example.org"
    assert (replaces.to_tag, replaces.from_tag, replaces.early_only) == ("7743", "6472", True)
    assert replaces.parameters["X"] == "y"
    assert parsed(engine).replaces is None
    holds(engine, replaces)


def test_replaces_out_of_a_uri(engine: Engine) -> None:
    """As REFER carries it, with %HH (RFC 3891 6.1)."""
    text = "<sip:bob@example.com?Replaces=090459243588173445%3Bto-tag%3Dm2n3%3Bfrom-tag%3D31>"
    refer_to = engine.module("values.address").Address.parse(text)
    replaces = engine.module("values.dialogs").Replaces.parse(
        dict(refer_to.uri.headers)["Replaces"]
    )
    assert (replaces.call_id, replaces.to_tag) == ("090459243588173445", "m2n3")


def test_join_and_target_dialog(engine: Engine) -> None:
    message = parsed(
        engine,
        b"Join: 12adf2f34456gs5;to-tag=12345;from-tag=54321",
        b"Target-Dialog: fa77@host.example.com;local-tag=kkaz-;remote-tag=6544",
    )
    join, target = message.join, message.target_dialog
    assert (join.call_id, join.to_tag, join.from_tag) == ("12adf2f34456gs5", "12345", "54321")
    assert (target.call_id, target.local_tag, target.remote_tag) == (
        "fa77@host.example.com",
        "kkaz-",
        "6544",
    )
    holds(engine, join)
    holds(engine, target)


@pytest.mark.parametrize(
    ("name", "text", "code", "offset"),
    [
        ("Replaces", "", "header-empty", 0),
        ("Replaces", ";to-tag=1;from-tag=2", "call-id-malformed", 0),
        ("Replaces", "a@b@c;to-tag=1;from-tag=2", "call-id-malformed", 3),
        ("Replaces", "a b;to-tag=1;from-tag=2", "call-id-malformed", 1),
        ("Replaces", "a", "dialog-tag-missing", 0),
        ("Replaces", "a;to-tag=1", "dialog-tag-missing", 0),
        ("Replaces", "a;to-tag=1;from-tag", "dialog-tag-missing", 0),
        ("Join", "a;from-tag=1", "dialog-tag-missing", 0),
        ("Target-Dialog", "a;to-tag=1;from-tag=2", "dialog-tag-missing", 0),
        ("Target-Dialog", "a;local-tag=1", "dialog-tag-missing", 0),
    ],
)
def test_malformed_dialog_reference(
    engine: Engine, name: str, text: str, code: str, offset: int
) -> None:
    with pytest.raises(ParseError) as caught:
        engine.parse_header(name, text)
    error = caught.value
    assert (error.code, error.offset, error.header) == (code, offset, name)


def test_how_they_compare(engine: Engine) -> None:
    dialogs = engine.module("values.dialogs")
    parse = dialogs.Replaces.parse
    assert parse("a@b;to-tag=1;from-tag=2") == parse("a@b ;x; FROM-TAG=2;to-tag=1")
    assert parse("a@b;to-tag=1;from-tag=2") != parse("a@b;to-tag=2;from-tag=1")
    assert parse("a@b;to-tag=1;from-tag=2") != parse("A@b;to-tag=1;from-tag=2")
    assert parse("a@b;to-tag=1;from-tag=2") != parse("a@b;to-tag=1;from-tag=2;early-only")
    assert parse("a@b;to-tag=1;from-tag=2") != dialogs.Join.parse("a@b;to-tag=1;from-tag=2")


def test_they_are_built(engine: Engine) -> None:
    dialogs = engine.module("values.dialogs")
    replaces = dialogs.Replaces("a@b", "1", "2", early_only=True, parameters={"x": "y"})
    assert str(replaces) == "a@b;to-tag=1;from-tag=2;early-only;x=y"
    assert str(replaces.replace(early_only=False, to_tag="3")) == "a@b;to-tag=3;from-tag=2;x=y"
    assert str(dialogs.Join("a", "1", "2").replace(call_id="b")) == "b;to-tag=1;from-tag=2"
    target = dialogs.TargetDialog("a", "1", "2")
    assert str(target.replace(remote_tag="3")) == "a;local-tag=1;remote-tag=3"
    with pytest.raises(ParseError):
        dialogs.Join("a b", "1", "2")
    with pytest.raises(ParseError):
        dialogs.Replaces("a", "", "2")


@given(call_id=TOKEN, one=TOKEN, other=TOKEN, early=st.booleans(), pairs=PAIRS)
def test_any(engine: Engine, call_id: str, one: str, other: str, early: bool, pairs: Any) -> None:
    dialogs = engine.module("values.dialogs")
    replaces = dialogs.Replaces(call_id, one, other, early_only=early, parameters=pairs)
    assert (replaces.call_id, replaces.to_tag, replaces.from_tag) == (call_id, one, other)
    assert replaces.early_only is early
    for value in (
        replaces,
        dialogs.Join(call_id, one, other, parameters=pairs),
        dialogs.TargetDialog(call_id, one, other, parameters=pairs),
    ):
        holds(engine, value)


@given(
    name=st.sampled_from(["Replaces", "Join", "TargetDialog"]),
    text=st.one_of(
        HOSTILE,
        st.lists(
            st.sampled_from(["a@b", ";to-tag=1", ";from-tag=", ";local-tag=2", "3", '"', " ", "é"]),
            max_size=6,
        ).map("".join),
        st.just("a@b;to-tag=1;from-tag=2;local-tag=3;remote-tag=4"),
    ),
)
def test_the_engines_agree(native: Engine, pure: Engine, name: str, text: str | bytes) -> None:
    agree(native, pure, "values.dialogs", name, text)
