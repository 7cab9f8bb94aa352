"""The shapes: patterns that find what the one text finds, and callers in C."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from core.test_value import STARTS, WORDS, octets, started
from hypothesis import given, settings
from hypothesis import strategies as st

from sipfast import ParseError
from sipfast._core import shapes
from sipfast._core.value import Value
from sipfast._core.wire import text as chars
from sipfast._engine import Engine
from sipfast.errors import parse_error

Split = Callable[[str, int, Any], int]


def split_uri(text: str, end: int, parts: Any) -> int:
    return shapes.split_uri(text, end, chars.scheme_of(text, end), parts)


def words(most: int) -> Split:
    return lambda text, end, parts: shapes.split_words(text, end, most, parts)


SHAPES: dict[str, Split] = {
    "uri": split_uri,
    "address": shapes.split_address,
    "via": shapes.split_via,
    "item": shapes.split_item,
    "media": shapes.split_media,
    "commented": shapes.split_commented,
    "credentials": shapes.split_credentials,
    "parameters": lambda text, end, parts: shapes.split_parameters(text, 0, end, parts),
    "listed": lambda text, end, parts: shapes.past_listed(text, 0, end),
    "one word": words(1),
    "two words": words(2),
    "three words": words(3),
}
"""In the order that `splitting.pyx` numbers them in."""

GOOD = {
    "uri": ["sip:a%20b:c@[2001:db8::1]:5060;x=%41;lr?y=z", "tel:+1-201;ext=1", "urn:a:b", "x:"],
    "address": ['"A \\" b" <sip:a@b>;tag=1;x="\\""', "A b <sip:a>", "sip:a ;tag=1", "<sip:a>"],
    "via": ['SIP/2.0/UDP h:5060;branch=z9hG4bK1;x="a;b"', "SIP / 2.0 / TCP  [::1] : 5 ; x"],
    "item": ['token;a="b;c"', '"quoted;" x ;a', "presence.winfo"],
    "media": ["text/plain;charset=utf-8", "a / b ; c=d", "*/*"],
    "commented": ["180;duration=5", "18000"],
    "credentials": ['Digest username="a\\"b", realm="c", nc=00000001', "Basic abc+/==", "Digest"],
    "parameters": ['a=1;b="c;d"; e', "lr"],
    "listed": ['"a,b" <sip:c,d>;x, <e>'],
    "one word": ["a b"],
    "two words": ["1 INVITE", "1"],
    "three words": ["1 2 INVITE", "399 host text of it"],
}


PATTERNS: dict[str, Callable[[Any], object]] = {
    "uri": lambda value: value._split_uri(),
    "address": lambda value: value._split_address(),
    "via": lambda value: value._split_via(),
    "item": lambda value: value._split_item(),
    "media": lambda value: value._split_media(),
    "commented": lambda value: value._split_commented(),
    "credentials": lambda value: value._split_credentials(),
    "parameters": lambda value: value._split_parameters(";"),
    "one word": lambda value: value._split_words(1),
    "two words": lambda value: value._split_words(2),
    "three words": lambda value: value._split_words(3),
}
"""How a value is split: first by the patterns."""


class Apart(Value):
    """A value that any of the shapes may split."""

    __slots__ = ()

    def _read(self) -> Any:
        return self


def found(split: Split, text: str) -> tuple[int, list[tuple[int, int]]]:
    """The fault and the parts, found by the one text."""
    parts = chars.no_parts()
    return split(text, len(text), parts), parts[1:]


def found_by_value(split: Callable[[Any], object], text: str) -> list[tuple[int, int]] | ParseError:
    """The parts that a value has, or its fault."""
    value = Apart.parse(text)
    try:
        split(value)
    except ParseError as error:
        return error
    return [value._parts.span(1 + part) for part in range(chars.ALL_PARTS)]


def mutated(text: str, random: random.Random) -> str:
    """A text that differs from this one in some places."""
    for _ in range(random.randrange(4)):
        at = random.randrange(len(text) + 1)
        piece = random.choice([*WORDS, "", "", " ", '"', ";", "\\"])
        text = text[:at] + piece + text[at + random.randrange(4) :]
    return text


@st.composite
def mutations(draw: st.DrawFn, shape: str) -> str:
    """Texts of a shape, and texts that are nearly of it."""
    return mutated(draw(st.sampled_from(GOOD[shape])), draw(st.randoms(use_true_random=False)))


def check(shape: str, text: str) -> None:
    try:
        text = str(Apart.parse(text))
    except ParseError:  # a line end in it, or what is not UTF-8
        return
    fault, parts = found(SHAPES[shape], text)
    by_value = found_by_value(PATTERNS[shape], text)
    if isinstance(by_value, ParseError):
        assert by_value.code == shapes.FAULTS[chars.high(fault)]
        assert by_value.offset == chars.octets_before(text, chars.low(fault))
    else:
        assert (0, by_value) == (fault, parts)


@pytest.mark.parametrize("shape", PATTERNS)
@settings(max_examples=500, deadline=None)
@given(data=st.data())
def test_the_pattern_finds_what_the_text_finds(shape: str, data: st.DataObject) -> None:
    check(shape, data.draw(mutations(shape)))


@pytest.mark.parametrize("shape", PATTERNS)
@settings(max_examples=300, deadline=None)
@given(text=started)
def test_the_pattern_finds_what_the_text_finds_in_any_text(shape: str, text: str) -> None:
    check(shape, text)


@pytest.mark.parametrize(
    ("shape", "text"),
    [(shape, text) for shape in PATTERNS for text in GOOD[shape]],
)
def test_a_pattern_fits_what_is_usual(
    shape: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it does, the interpreted engine does not look at each character."""
    monkeypatch.setattr(chars, "put", None)
    monkeypatch.setattr(chars, "past", None)
    assert not isinstance(found_by_value(PATTERNS[shape], text), ParseError)


@settings(max_examples=500, deadline=None)
@given(
    text=started, name=st.sampled_from(["x", "tag", "n", "lr", "a", "b", "a%", "%41", "", "\xe9"])
)
def test_parameters_that_are_plain_to_see(pure: Engine, text: str, name: str) -> None:
    def read(kind: str) -> Any:
        value = getattr(pure.module("values.uri" if kind == "URI" else "values.address"), kind)
        try:
            of = value.parse(text)
            return of._parameter(name), of._parameters()
        except ParseError as error:
            return error.code, error.offset

    for kind in ("URI", "Address"):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(chars, "quick_parameter", lambda *_: None)
            patched.setattr(chars, "quick_parameters", lambda *_: None)
            expected = read(kind)
        assert read(kind) == expected


def test_each_fault_has_its_code() -> None:
    assert len(set(shapes.FAULTS)) == len(shapes.FAULTS) == shapes.CREDENTIALS_MALFORMED + 1
    for code in shapes.FAULTS[1:]:
        assert parse_error(code, 0).code == code


# ---- callers in C --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def splitting(native: Engine, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The module `splitting.pyx`, compiled."""
    pytest.importorskip("Cython", reason="Cython is not installed (pip install sipfast[native])")
    from benchmarks.compiled import compiled

    assert native.name == "native"
    return compiled("splitting", tmp_path_factory.mktemp("splitting"), Path(__file__).parent)


@pytest.mark.parametrize("shape", SHAPES)
def test_texts_are_split_in_c_without_the_gil(splitting: Any, shape: str) -> None:
    chance = random.Random(shape)
    texts = [*STARTS, *WORDS, *GOOD[shape], ""]
    texts += [mutated(chance.choice(GOOD[shape]), chance) for _ in range(2000)]
    texts = [text.strip(" \t") for text in texts if text.isascii()]
    found_in_c = splitting.splits([*SHAPES].index(shape), [*map(octets, texts)], b"x")
    for text, (fault, parts, place) in zip(texts, found_in_c, strict=True):
        expected_parts = chars.no_parts()
        assert fault == SHAPES[shape](text, len(text), expected_parts), text
        if not fault:
            assert parts == expected_parts[1:], text
            assert place == shapes.find_parameter(text, expected_parts, ";", "x", 1), text
