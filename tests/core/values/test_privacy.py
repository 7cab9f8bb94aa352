"""Privacy."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import sample
from value_checks import assert_agree, hostile, tokens

from sipfast import ParseError
from sipfast._engine import Engine


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("id", ("id",)),
        ("header; Session ;user;id;critical", ("header", "session", "user", "id", "critical")),
        ("user, id", ("user", "id")),
        ("none;;", ("none",)),
        ("", ()),
    ],
)
def test_values(engine: Engine, text: str, values: tuple[str, ...]) -> None:
    privacy = engine.parse_header("Privacy", text)
    assert privacy.values == values
    assert str(privacy) == text
    assert all(value.upper() in privacy for value in values)
    assert "history" not in privacy


@pytest.mark.parametrize(
    ("text", "offset"),
    [("id;q=1", 4), ("id critical", 3), ("id; \xe9", 4), ('"id"', 0), (" a;b@", 4)],
)
def test_malformed_token(engine: Engine, text: str, offset: int) -> None:
    with pytest.raises(ParseError) as raised:
        engine.parse_header("Privacy", text)
    assert (raised.value.code, raised.value.offset) == ("token-malformed", offset)


def test_of_a_message(engine: Engine) -> None:
    privacy = engine.parse(sample(b"SIP/2.0 200 OK", b"Privacy: id ;\r\n critical")).privacy
    assert privacy is not None
    assert privacy.values == ("id", "critical")
    assert engine.parse(sample()).privacy is None


def test_built_and_compared(engine: Engine) -> None:
    cls = engine.module("values.privacy").Privacy
    assert str(cls("id", "critical")) == "id;critical"
    assert cls("id", "critical") == cls.parse("CRITICAL; id") != cls("id")
    assert cls("id").replace(values=("none",)) == cls("none")
    assert cls("id", "user").replace() == cls("id", "user")
    for bad in ("", "a;b", "a b", "é"):
        with pytest.raises(ValueError, match="token"):
            cls("id", bad)
    with pytest.raises(ParseError):
        cls.parse("id\r\nX: y")


@settings(deadline=None)
@given(st.lists(tokens, min_size=1, max_size=4))
def test_generated(native: Engine, pure: Engine, values: list[str]) -> None:
    for engine in (native, pure):
        privacy = engine.module("values.privacy").Privacy(*values)
        assert privacy.values == tuple(value.lower() for value in values)
        assert privacy.replace() == privacy == type(privacy).parse(str(privacy))
        assert hash(privacy.replace()) == hash(privacy)


@settings(deadline=None)
@given(hostile)
def test_hostile_text(native: Engine, pure: Engine, text: str) -> None:
    assert_agree(native, pure, "Privacy", text)
