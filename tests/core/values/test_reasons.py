"""Reason and Warning."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import sample
from value_checks import assert_agree, assert_same_text, hostile, pairs, texts, tokens

from sipfast import ParseError
from sipfast._engine import Engine


@pytest.mark.parametrize(
    ("text", "protocol", "cause", "said", "name", "name_zh"),
    [
        (
            'Q.850;cause=16;text="Terminated"',
            "Q.850",
            16,
            "Terminated",
            "Normal call clearing",
            "正常释放",
        ),
        ('q.850 ; cause = 017 ;text=""', "q.850", 17, "", "User busy", "用户忙"),
        (
            'SIP;cause=200;text="Call completed elsewhere"',
            "SIP",
            200,
            "Call completed elsewhere",
            "OK",
            None,
        ),
        ('STIR ;cause=436 ;text="Bad"', "STIR", 436, "Bad", "Bad Identity Info", None),
        ("SIP;cause=799", "SIP", 799, None, None, None),
        ("Q.850;cause=128", "Q.850", 128, None, None, None),
        ("Preemption;cause=1", "Preemption", 1, None, None, None),
        ("SIP", "SIP", None, None, None, None),
    ],
)
def test_reason(
    engine: Engine,
    text: str,
    protocol: str,
    cause: int | None,
    said: str | None,
    name: str | None,
    name_zh: str | None,
) -> None:
    (reason,) = engine.parse_header("Reason", text)
    assert (reason.protocol, reason.cause, reason.text) == (protocol, cause, said)
    assert reason.cause_name == name
    if name_zh:
        assert reason.cause_name_zh == name_zh
    assert (reason.cause_name_zh is None) == (name is None)


def test_reasons_of_a_message(engine: Engine) -> None:
    """One for each protocol, on one line or several; the reason phrase is another thing."""
    fields = [
        b'Reason: SIP;cause=580;text="Precondition, failed"',
        b"Reason: Q.850;cause=16;location=LN, X",
    ]
    message: Any = engine.parse(sample(b"SIP/2.0 487 Gone", *fields))
    assert [reason.protocol for reason in message.reasons] == ["SIP", "Q.850", "X"]
    assert [reason.location for reason in message.reasons] == [None, "LN", None]
    assert message.reasons[0].text == "Precondition, failed"
    assert message.reason == "Gone"
    assert engine.parse(sample()).reasons == ()


@pytest.mark.parametrize(
    ("text", "code", "offset"),
    [
        (";cause=1", "item-malformed", 0),
        ("SIP, ;cause=1", "item-malformed", 5),
        ('SIP;text="open', "quote-unterminated", 9),
    ],
)
def test_malformed_reason(engine: Engine, text: str, code: str, offset: int) -> None:
    with pytest.raises(ParseError) as raised:
        engine.parse_header("Reason", text)
    assert (raised.value.code, raised.value.offset) == (code, offset)
    assert raised.value.header == "Reason"


@pytest.mark.parametrize("cause", ["x", "-1", "2147483648", "1" * 5000, "", "\uff11"])
def test_bad_cause_raises_on_access(engine: Engine, cause: str) -> None:
    (reason,) = engine.parse_header("Reason", f"SIP ;cause={cause}")
    assert reason.protocol == "SIP"
    for name in ("cause", "cause_name"):
        with pytest.raises(ParseError) as raised:
            getattr(reason, name)
        assert (raised.value.code, raised.value.offset) == ("parameter-not-a-number", 5)


def test_reason_is_built_and_compared(engine: Engine) -> None:
    cls = engine.module("values.reasons").Reason
    reason = cls("Q.850", 16, 'a "b"', parameters={"location": "LN"})
    assert str(reason) == r'Q.850;cause=16;text="a \"b\"";location=LN'
    assert reason == cls.parse(r'q.850 ; location=ln;Cause=16;text="a \"b\""')
    assert reason != reason.replace(cause=17)
    assert str(reason.replace(text=None)) == "Q.850;cause=16;location=LN"
    for bad in ("", "a b", "a;b", "a,b"):
        with pytest.raises(ParseError, match="Missing word before"):
            cls(bad)
    with pytest.raises(ParseError):
        cls("SIP", 200, "a\nb")
    with pytest.raises(AttributeError):
        reason.cause = 5


@pytest.mark.parametrize(
    ("text", "code", "agent", "said", "meaning"),
    [
        (
            """307 isi.edu "Session parameter 'foo' not understood\"""",
            307,
            "isi.edu",
            "Session parameter 'foo' not understood",
            "Session description parameter not understood",
        ),
        ('399 192.0.2.1:5060 "a, b"', 399, "192.0.2.1:5060", "a, b", "Miscellaneous warning"),
        ('381 [2001:db8::1] "x"', 381, "[2001:db8::1]", "x", "SIPS required"),
        ('392 host:05060 ""', 392, "host:05060", "", None),
    ],
)
def test_warning(
    engine: Engine, text: str, code: int, agent: str, said: str, meaning: str | None
) -> None:
    (warning,) = engine.parse_header("Warning", text)
    assert (warning.code, warning.agent, warning.text) == (code, agent, said)
    assert warning.meaning == meaning
    assert (warning.meaning_zh is None) == (meaning is None)


def test_several_warnings(engine: Engine) -> None:
    message = engine.parse(sample(b"SIP/2.0 488 No", b'Warning: 304 a "x, y", 305 b "z"'))
    assert [warning.text for warning in message.warning] == ["x, y", "z"]


@pytest.mark.parametrize(
    ("text", "code", "offset"),
    [
        ('3x0 a "b"', "number-malformed", 0),
        ('1000 a "b"', "number-out-of-range", 0),
        ('3 a "b"', "warning-malformed", 0),
        ('0399 a "b"', "warning-malformed", 0),
        ("399", "warning-malformed", 0),
        ('399 "b"', "warning-malformed", 4),
        ('399 a@b "b"', "warning-malformed", 4),
        ('399 a: "b"', "warning-malformed", 4),
        ("399 a", "warning-malformed", 0),
        ("399 a text", "warning-malformed", 6),
        ('399 a b "text"', "warning-malformed", 6),
        ('399  a "text" x', "warning-malformed", 7),
    ],
)
def test_malformed_warning(engine: Engine, text: str, code: str, offset: int) -> None:
    with pytest.raises(ParseError) as raised:
        engine.parse_header("Warning", f'399 a "b", {text}')
    assert (raised.value.code, raised.value.offset) == (code, 11 + offset)
    assert raised.value.header == "Warning"


def test_warning_is_built_and_compared(engine: Engine) -> None:
    cls = engine.module("values.reasons").WarningValue
    warning = cls(99, "proxy", "low")
    assert str(warning) == '099 proxy "low"'
    assert warning == cls.parse('099 \t PROXY  "low"')
    assert warning != cls.parse('099 proxy "LOW"')
    assert str(warning.replace(code=399)) == '399 proxy "low"'
    for bad in ("", "a b", 'a"b', "a,b"):
        with pytest.raises(ParseError, match="Malformed warning"):
            cls(399, bad, "x")


@settings(deadline=None)
@given(tokens, st.none() | st.integers(0, 2**31 - 1), st.none() | texts, pairs)
def test_generated_reasons(
    native: Engine, pure: Engine, protocol: str, cause: int | None, text: str | None, more: Any
) -> None:
    others = [pair for pair in more if pair[0].lower() not in ("cause", "text")]
    assert_same_text(
        native, pure, "values.reasons", "Reason", protocol, cause, text, parameters=others
    )


@settings(deadline=None)
@given(st.integers(0, 999), tokens, texts)
def test_generated_warnings(native: Engine, pure: Engine, code: int, agent: str, text: str) -> None:
    assert_same_text(native, pure, "values.reasons", "WarningValue", code, agent, text)


@settings(deadline=None)
@given(st.sampled_from(["Reason", "Warning"]), hostile)
def test_hostile_text(native: Engine, pure: Engine, header: str, text: str) -> None:
    assert_agree(native, pure, header, text)
