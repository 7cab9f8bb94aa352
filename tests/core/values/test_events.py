"""Event and Subscription-State."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from values import HOSTILE, PAIRS, SECONDS, TOKEN, agree, holds, parsed

from sipfast import ParseError
from sipfast._engine import Engine


@pytest.mark.parametrize(
    ("text", "package", "template", "identifier"),
    [
        ("presence", "presence", None, None),
        ("presence.winfo", "presence", "winfo", None),
        ("presence.winfo.winfo;id=7", "presence", "winfo.winfo", "7"),
        ("refer ; ID=93809823", "refer", None, "93809823"),
        ('ua-profile;profile-type="device";model="a;id=5"', "ua-profile", None, None),
        ("dialog;sla;id", "dialog", None, ""),
    ],
)
def test_an_event(
    engine: Engine, text: str, package: str, template: str | None, identifier: str | None
) -> None:
    event = parsed(engine, f"o: {text}".encode()).event
    assert (event.package, event.template, event.id) == (package, template, identifier)
    assert event.event_type == text.partition(";")[0].strip()
    holds(engine, event)


def test_how_events_compare(engine: Engine) -> None:
    parse = engine.module("values.events").Event.parse
    assert parse("presence;id=1;x=y") == parse("presence ; ID=1;z")
    assert parse("presence") == parse("presence;x=y")
    assert parse("presence") != parse("Presence")
    assert parse("presence") != parse("presence.winfo")
    assert parse("presence;id=a") != parse("presence;id=A")
    assert parse("presence") != parse("presence;id=1")


def test_an_event_is_built(engine: Engine) -> None:
    build = engine.module("values.events").Event
    event = build("presence.winfo", "1", parameters={"a": "b"})
    assert str(event) == "presence.winfo;id=1;a=b"
    assert str(event.replace(id=None)) == "presence.winfo;a=b"
    assert str(event.replace(event_type="reg", parameters=())) == "reg;id=1"
    for event_type in ("", "a b", "a,b", ".", "a.", ".a", "a..b"):
        with pytest.raises(ParseError):
            build(event_type)


@pytest.mark.parametrize(
    ("name", "text", "code", "offset"),
    [
        ("Event", "", "header-empty", 0),
        ("Event", ";id=1", "token-malformed", 0),
        ("Event", "presence id=1", "token-malformed", 8),
        ("Event", 'presence;x="', "quote-unterminated", 11),
        ("Subscription-State", "", "header-empty", 0),
        ("Subscription-State", "active, pending", "token-malformed", 6),
    ],
)
def test_malformed_event_or_state(
    engine: Engine, name: str, text: str, code: str, offset: int
) -> None:
    with pytest.raises(ParseError) as caught:
        engine.parse_header(name, text)
    error = caught.value
    assert (error.code, error.offset, error.header) == (code, offset, name)


def test_a_subscription_state(engine: Engine) -> None:
    field = b"Subscription-State: Terminated;Reason=Probation;retry-after=060;expires=4294967295"
    state = parsed(engine, field).subscription_state
    assert (state.state, state.reason, state.expires, state.retry_after) == (
        "terminated",
        "probation",
        2**32 - 1,
        60,
    )
    assert parsed(engine).subscription_state is None
    holds(engine, state)
    bare = engine.parse_header("Subscription-State", "active")
    assert (bare.reason, bare.expires, bare.retry_after) == (None, None, None)
    assert [*bare.parameters.items()] == []


@pytest.mark.parametrize("number", ["x", "", "4294967296", "-1"])
def test_state_with_malformed_number(engine: Engine, number: str) -> None:
    text = f"active;retry-after={number};expires={number}"
    state = engine.parse_header("Subscription-State", text)
    for name, attribute in (("expires", "expires"), ("retry-after", "retry_after")):
        with pytest.raises(ParseError) as caught:
            getattr(state, attribute)
        assert caught.value.code == "parameter-not-a-number"
        assert caught.value.offset == text.index(name)


def test_a_subscription_state_is_built(engine: Engine) -> None:
    build = engine.module("values.events").SubscriptionState
    state = build("terminated", reason="rejected", retry_after=7, parameters={"a": "b"})
    assert str(state) == "terminated;reason=rejected;retry-after=7;a=b"
    assert str(state.replace(reason=None, expires=9)) == "terminated;expires=9;retry-after=7;a=b"
    assert state == build.parse("TERMINATED;A=B;retry-after=7;REASON=Rejected")
    assert state != state.replace(reason="timeout")
    assert build("active", expires=60) != build("pending", expires=60)
    with pytest.raises(ParseError):
        build("")


EVENT_TYPE = TOKEN.filter(lambda text: all(text.split(".")))


@given(event_type=EVENT_TYPE, identifier=st.one_of(st.none(), TOKEN), pairs=PAIRS)
def test_any_event(engine: Engine, event_type: str, identifier: str | None, pairs: Any) -> None:
    event = engine.module("values.events").Event(event_type, identifier, parameters=pairs)
    assert (event.event_type, event.id) == (event_type, identifier)
    assert ".".join(filter(None, [event.package, event.template])).strip(".") == (
        event_type.strip(".")
    )
    holds(engine, event)


@given(state=TOKEN, expires=st.one_of(st.none(), SECONDS), pairs=PAIRS)
def test_any_subscription_state(
    engine: Engine, state: str, expires: int | None, pairs: Any
) -> None:
    value = engine.module("values.events").SubscriptionState(
        state, expires=expires, parameters=pairs
    )
    assert (value.state, value.expires) == (state.lower(), expires)
    holds(engine, value)


@given(
    name=st.sampled_from(["Event", "SubscriptionState"]),
    text=st.one_of(HOSTILE, st.text('adi.;="\t 1', max_size=20)),
)
def test_the_engines_agree(native: Engine, pure: Engine, name: str, text: str | bytes) -> None:
    agree(native, pure, "values.events", name, text)
