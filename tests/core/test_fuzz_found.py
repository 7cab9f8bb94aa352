"""What the fuzzer asserts holds for all that it starts from, and for all that it once found."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("sipfast._native.message.message", reason="the native engine is not built here")

from core.test_page_edge import survives

from fuzz import engine
from fuzz.engine import CHECKS, Disagreement, check
from fuzz.inputs import BUILT, CHOICES, KINDS
from fuzz.seeds import VALUES, engine_inputs, messages
from fuzz.values import FIELDS, NAMES
from fuzz.words import words
from sipfast.registry.header_names import HEADER_NAMES

FOUND = {
    # A look-up of the method read 32 bytes where 27 were left.
    "a request line near the buffer's end": b"OPTIONxample.com SIP/2.0\r\nV",
}
SMALL_LIMITS = (bytes(CHOICES), b"\0\1\0\0\40", b"\0\2\0\3\0", b"\0\3\30\0\0")
"""Choices: none, then a kernel each with one small limit."""


@pytest.fixture(autouse=True)
def compare_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "COMPARE_EVERY", 1)


@pytest.mark.parametrize("message", FOUND.values(), ids=FOUND)
def test_engines_agree_on_what_was_found(message: bytes) -> None:
    for choices in SMALL_LIMITS:
        check(choices + message)


def test_nothing_outside_of_what_was_found_is_read() -> None:
    survives(FOUND.values())


@pytest.mark.parametrize("choices", SMALL_LIMITS)
def test_engines_agree_on_every_seed(choices: bytes) -> None:
    seeds = list(messages())
    assert len(seeds) > 300
    for message in seeds:
        check(choices + message)


@pytest.mark.parametrize("kind", CHECKS)
def test_engines_agree_on_every_seed_of_each_kind(kind: str) -> None:
    seeds = [seed for seed in engine_inputs() if KINDS[seed[0]] == kind]
    assert seeds
    for seed in seeds:
        check(seed)


def test_each_class_has_a_seed() -> None:
    """With all of its parameters; a new class is fuzzed from its first day."""
    typed = {HEADER_NAMES[field.header_id - 1].name for field in FIELDS.values()}
    assert typed.intersection(NAMES) - {*VALUES} == set()
    assert {seed[1] for seed in engine_inputs() if KINDS[seed[0]] == "built"} == {
        *range(len(BUILT))
    }


def test_words_are_the_parameters_of_the_source() -> None:
    found = {*words()}
    assert {b"refresher", b"P-Asserted-Identity", b"SUBSCRIBE", b"rspauth", b"\xc3\xa9"} <= found
    assert not any(b"Raises" in word for word in found)  # that is in docstrings


@pytest.mark.parametrize("size", range(CHOICES + 1))
def test_input_may_be_shorter_than_its_choices(size: int) -> None:
    check(b"\x07" * size)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b"OPTIONS", b"options"),
        (b"Via", b"via"),
        (b"Via: x", b"Via:x "),
        (b"Via: x", b"Vib: x"),
        (b"a body", b"A body"),
        (b"\r\n\r\n", b"\n\r\n\r"),
        (b": 6", b": 4"),
        (b": 6", b": z"),
    ],
)
def test_one_difference_is_noticed(
    right: bytes, wrong: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pure engine is made to see other bytes: the fuzzer's target must say so."""
    message = b"OPTIONS sip:a@b SIP/2.0\r\nVia: x\r\nContent-Length: 6\r\n\r\na body"
    parse = engine.PURE.parse

    def parse_other(data: bytes, **options: Any) -> Any:
        return parse(data.replace(right, wrong), **options)

    check(bytes(CHOICES) + message)
    monkeypatch.setattr(engine, "PURE", engine.PURE._replace(parse=parse_other))
    with pytest.raises(Disagreement):
        check(bytes(CHOICES) + message)
