"""User-Agent and Server."""

from __future__ import annotations

import re
from functools import partial

import pytest
from cost import ratio
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import sample
from value_checks import assert_agree, hostile, texts

from sipfast import ParseError
from sipfast._engine import Engine

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@pytest.mark.parametrize(
    ("text", "products", "comments"),
    [
        ("HomeServer v2", [("HomeServer", None), ("v2", None)], ()),
        ("Linphone/3.6.1 (eXosip2/4.1.0)", [("Linphone", "3.6.1")], ("eXosip2/4.1.0",)),
        ("FPBX-15.0.16(16.9.0)", [("FPBX-15.0.16", None)], ("16.9.0",)),
        ("a / 1 b/ 2 c /3", [("a", "1"), ("b", "2"), ("c", "3")], ()),
        ("a/1/2", [("a", "1/2")], ()),
        ("a/ (x)", [("a", None)], ("x",)),
        ("/1", [("", "1")], ()),
        (r"(a \) b (c (d)) e) f", [("f", None)], ("a ) b (c (d)) e",)),
        ("a (open (more)", [("a", None)], ("open (more)",)),
        ("a ) b", [("a", None), (")", None), ("b", None)], ()),
        ("()", [], ("",)),
        ("Ünï/1 (é)", [("Ünï", "1")], ("é",)),
        ("", [], ()),
    ],
)
def test_parts(
    engine: Engine,
    text: str,
    products: list[tuple[str, str | None]],
    comments: tuple[str, ...],
) -> None:
    for header in ("User-Agent", "Server"):
        agent = engine.parse_header(header, text)
        assert list(agent.products) == products
        assert agent.comments == comments
        assert str(agent) == text


def test_of_a_message(engine: Engine) -> None:
    message = engine.parse(sample(b"SIP/2.0 200 OK", b"Server: gate/7", b"User-Agent:  desk \t"))
    assert message.server is not None
    assert [str(product) for product in message.server.products] == ["gate/7"]
    assert str(message.user_agent) == "desk"
    assert message.user_agent is message.user_agent
    assert engine.parse(sample()).user_agent is None


def test_product_as_text(engine: Engine) -> None:
    product = engine.module("values.agents").Product
    assert [str(product("a")), str(product("a", "1"))] == ["a", "a/1"]


def test_built_and_compared(engine: Engine) -> None:
    cls = engine.module("values.agents").Products
    assert cls("a/1 (b)") == cls.parse(" a/1 (b)\t") != cls("A/1 (b)")
    assert hash(cls("a")) == hash(cls.parse("a"))
    assert cls("a").replace(text="b") == cls("b") != cls("a").replace() == cls("a")
    with pytest.raises(ParseError) as raised:
        cls("a\r\nVia: b")
    assert (raised.value.code, raised.value.offset) == ("value-line-end", 1)


def test_nested_comments_do_not_recurse(engine: Engine) -> None:
    deep = "(" * 1000 + "x" + ")" * 1000
    agent = engine.parse_header("User-Agent", f"a {deep} b")
    assert agent.comments == (deep[1:-1],)
    assert [product.name for product in agent.products] == ["a", "b"]
    assert engine.parse_header("User-Agent", "(" * 5000).comments == ("(" * 4999,)


@pytest.mark.parametrize("piece", ["(", ")", "()", "a ", "a/", "/", " ", "\\(", "a/1 (b) ", "(\\"])
def test_cost_is_linear(engine: Engine, piece: str) -> None:
    cls = engine.module("values.agents").Products

    def read(size: int) -> None:
        agent = cls.parse(piece * (size // len(piece)) + "x")
        assert isinstance(agent.products + agent.comments, tuple)

    # Eight times the text; a quadratic step would make it 64.
    assert ratio(partial(read, 10_000), partial(read, 80_000), 40) <= 40


@settings(deadline=None)
@given(texts.filter(lambda text: text.strip(" \t") and not CONTROL.search(text)))
def test_any_text_stays(native: Engine, pure: Engine, text: str) -> None:
    for engine in (native, pure):
        agent = engine.module("values.agents").Products(text)
        assert str(agent) == text.strip(" \t")
        assert type(agent).parse(bytes(agent)) == agent


@settings(deadline=None)
@given(st.one_of(hostile, st.text("a/() \t\\é")))
def test_hostile_text(native: Engine, pure: Engine, text: str) -> None:
    assert_agree(native, pure, "User-Agent", text)
