"""Hostile input of every kind costs at most the bounds of the threat model: the short form."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from samples import OPTIONS

from benchmarks.growth import BOUNDS, broken, cases, measure, measured_apart
from benchmarks.hostile import Case, fields, sets
from benchmarks.hostile.texts import header_of, parse
from sipfast._engine import Engine


def test_no_case_breaks_a_bound(engine: Engine) -> None:
    found = measured_apart(engine.name, "", quick=True)
    assert len(found) == len(cases()) > 1000
    worse = [case.case for case in broken(found)]
    if worse:  # other work of the machine makes a measurement worse: these alone, once more
        again = [each for name in worse for each in measured_apart(engine.name, name, quick=True)]
        worse = [f"{each}" for each in broken(again) if each.case in worse]
    assert worse == []


def test_names_are_unique() -> None:
    names = [case.name for case in cases()]
    assert len(names) == len(set(names))


_kept: list[object] = []


@pytest.mark.parametrize(
    ("run", "exceeds"),
    [
        (lambda _, data: [data.count(byte) for byte in data[::2]], "ratio"),
        (lambda _, data: [[at] * 80 for at in data], "held"),
        (lambda _, data: _kept.append(data * 4), "left"),
        (lambda _, data: [sum(range(1000)) for _ in data], "time"),
    ],
)
def test_what_breaks_a_bound_is_found(pure: Engine, run: Any, exceeds: str) -> None:
    case = Case("bad", lambda size: bytearray(size), run, 16 << 10)
    if exceeds == "ratio":
        case = Case("bad", lambda size: bytearray(size), run, 64 << 10)
    try:
        found = measure(case, pure)
    finally:
        _kept.clear()
    assert broken([found]) == [found]
    assert getattr(found, exceeds) > getattr(BOUNDS["pure"], exceeds)


@pytest.mark.parametrize(
    "name", ["Contact, read: beyond ASCII and malformed", "Identity, defects: names beyond ASCII"]
)
def test_texts_are_released(engine: Engine, name: str) -> None:
    (case,) = cases(name)
    found = measure(replace(case, most=64 << 10), engine)
    assert found.left <= BOUNDS[engine.name].left


def test_a_case_of_linear_cost_breaks_none(pure: Engine) -> None:
    case = Case("good", lambda size: OPTIONS + b"\r\n" * (size // 2), lambda _, data: data.split())
    assert broken([measure(case, pure, quick=True)]) == []


@pytest.mark.parametrize(
    ("attribute", "piece"),
    [
        (attribute, piece)
        for attribute, pieces in (sets.DIFFERING | sets.APART).items()
        for piece in pieces
    ],
)
def test_unequal_values_have_unequal_hashes(engine: Engine, attribute: str, piece: bytes) -> None:
    name = header_of(attribute)
    values = [engine.parse_header(name, piece % at) for at in range(100, 200)]
    assert len({hash(value) for value in values}) == len(set(values))
    assert not any(isinstance(value, str) for value in values)


def test_messages_with_hostile_fields_can_be_parsed(engine: Engine) -> None:
    """Or their fields would not be read at all."""
    for case in fields.CASES:
        parse(engine, case.make(100))
