"""Comma lists, and the functions that read values."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import pytest
from core.test_value import WHOLE, short_texts

from sipfast import ParseError
from sipfast._engine import Engine


def test_all_short_lists(native: Engine, pure: Engine) -> None:
    def read(engine: Engine, text: str) -> Any:
        try:
            return [str(value) for value in engine.parse_header("Contact", text)]
        except ParseError as error:
            return error.code, error.offset, error.header

    for text in short_texts("", '",\\<>a ', 5):
        assert read(native, text) == read(pure, text), text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" , ,\t", []),
        ("a,b", ["a", "b"]),
        (" a ,, b ", ["a", "b"]),
        ('"a,b" <sip:c>,sip:d', ['"a,b" <sip:c>', "sip:d"]),
        ('"a\\",b" <sip:c>,d', ['"a\\",b" <sip:c>', "d"]),
        ("<sip:a,b>,<sip:c>", ["<sip:a,b>", "<sip:c>"]),
        ('<sip:a">,"," <b>', ['<sip:a">', '"," <b>']),
        ("a<b,c<d>", None),
    ],
)
def test_a_list_is_cut_where_its_commas_are(
    engine: Engine, text: str, expected: list[str] | None
) -> None:
    if expected is None:
        with pytest.raises(ParseError) as caught:
            engine.parse_header("Contact", text)
        assert (caught.value.code, caught.value.offset) == ("address-malformed", 1)
    else:
        assert [str(value) for value in engine.parse_header("Contact", text)] == expected


@pytest.mark.parametrize("cls", [int, object, str, types.GeneratorType, None, 3])
def test_class_other_than_value_raises(engine: Engine, cls: Any) -> None:
    lists = engine.module("lists")
    message: Any = engine.parse(WHOLE)
    reads: list[Callable[[], Any]] = [
        lambda: lists.read_text(cls, "a", 0),
        lambda: lists.read_list(cls, "a", 0),
        lambda: lists.read_field(message, 1, cls),
        lambda: lists.read_first(message, 1, cls),
        lambda: lists.read_fields(message, 1, cls, None),
    ]
    for read in reads:
        with pytest.raises((TypeError, AttributeError)):
            read()
