"""The table of methods: complete, case-sensitive, in both languages."""

from __future__ import annotations

import ast
import inspect
import re

import pytest

from sipfast.registry.methods import METHODS, Method, method

SECTIONS = {
    "ACK": "RFC 3261 13.2.2.4",
    "BYE": "RFC 3261 15.1.2",
    "CANCEL": "RFC 3261 9.2",
    "INFO": "RFC 6086 4.2.2",
    "INVITE": "RFC 3261 13.3.1",
    "MESSAGE": "RFC 3428 7",
    "NOTIFY": "RFC 6665 4.1.3",
    "OPTIONS": "RFC 3261 11.2",
    "PRACK": "RFC 3262 3",
    "PUBLISH": "RFC 3903 6",
    "REFER": "RFC 3515 2.4.2",
    "REGISTER": "RFC 3261 10.3",
    "SUBSCRIBE": "RFC 6665 4.2.1",
    "UPDATE": "RFC 3311 5.2",
}

CJK = re.compile(r"[\u4e00-\u9fff]")
# What survives translation: acronyms and methods, header field names, numbers and code classes.
UNTRANSLATED = re.compile(
    r"(?<![A-Za-z])(?:[A-Z]{2,}|[A-Z][A-Za-z]*-[A-Za-z-]+|\d[\dx.]*\d)(?![A-Za-z])"
)

every_row = pytest.mark.parametrize("row", METHODS.values(), ids=lambda row: row.name)


def test_exactly_the_registered_methods_in_order() -> None:
    assert list(METHODS) == sorted(SECTIONS)
    assert {name: row.rfc for name, row in METHODS.items()} == SECTIONS
    assert all(name == row.name for name, row in METHODS.items())


@every_row
def test_english_is_whole_sentences(row: Method) -> None:
    for text in (row.en, row.action):
        assert re.fullmatch(r"[A-Z][ -~]{30,}\.", text), text
        assert "  " not in text


@every_row
def test_chinese_is_whole_sentences(row: Method) -> None:
    for text in (row.zh, row.action_zh):
        assert CJK.search(text), text
        assert text.endswith("。"), text
        # no western punctuation or missing space where the two scripts meet
        assert not re.search(r"[\u4e00-\u9fff][,;:!?]|[\u4e00-\u9fff][A-Za-z0-9]", text), text
        assert not re.search(r"[A-Za-z0-9][\u4e00-\u9fff]", text), text


@every_row
def test_both_languages_name_the_same_things(row: Method) -> None:
    english = set(UNTRANSLATED.findall(f"{row.en} {row.action}"))
    assert set(UNTRANSLATED.findall(f"{row.zh} {row.action_zh}")) == english


@pytest.mark.parametrize("name", SECTIONS)
def test_look_up_is_case_sensitive(name: str) -> None:
    assert method(name) is METHODS[name]
    assert method(name.lower()) is None
    assert method(name.title()) is None


@pytest.mark.parametrize("name", ["", "RE%47IST%45R", "INVITE ", " INVITE", "NEWMETHOD", "\0"])
def test_an_unknown_method_is_none(name: str) -> None:
    assert method(name) is None


def test_the_table_needs_no_other_part_of_the_package() -> None:
    module = inspect.getmodule(Method)
    assert module is not None
    tree = ast.parse(inspect.getsource(module))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported == {"__future__", "typing"}
    assert not any(isinstance(node, ast.Import) for node in ast.walk(tree))
