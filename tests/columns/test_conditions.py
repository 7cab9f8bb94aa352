"""Conditions on slots in C: what `sipfast.columns.where` says of the same values."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest

from sipfast._engine import Engine
from sipfast.columns import where

TEXT, BOOL, UINT16, UINT32, INT64, TIME, TEXTS = range(7)
FIELDS = (
    ("text", TEXT),
    ("other", TEXT),
    ("bool", BOOL),
    ("uint16", UINT16),
    ("time", TIME),
    ("texts", TEXTS),
)
SETS = {1: True, 2: False, 4: None}
LETTERS = ("a", "b", "é", "漢", "%", "_", "aa", "")


class Conditions:
    """The conditions of the native engine, on rows of `FIELDS`."""

    def __init__(self, engine: Engine) -> None:
        arrow = engine.module("wire.arrow")
        self._assembler = arrow.Assembler(arrow.Schema(FIELDS, "view"), 1)
        self._condition = arrow.Where

    def test(self, tree: where.Tree, row: tuple[Any, ...]) -> set[bool | None]:
        """What a condition can be of a row; ... is a value that is not read yet."""
        found = self._condition(tree, FIELDS).tested(self._assembler, row)
        return {meaning for bit, meaning in SETS.items() if found & bit}


@pytest.fixture(scope="module")
def conditions(native: Engine) -> Conditions:
    return Conditions(native)


def some_text(chance: random.Random) -> str:
    return "".join(chance.choices(LETTERS, k=chance.randrange(5)))


def some_value(chance: random.Random, type_: int) -> Any:
    if type_ == TEXT:
        return some_text(chance)
    if type_ == BOOL:
        return chance.random() < 0.5
    if type_ == TEXTS:
        return tuple(some_text(chance) for _ in range(chance.randrange(3)))
    return chance.choice((0, 1, 2, 200, 65535))


def some_tree(chance: random.Random, depth: int = 4) -> where.Tree:
    if depth and chance.random() < 0.6:
        kind = chance.choice(("and", "or", "not"))
        return (kind, *(some_tree(chance, depth - 1) for _ in range(1 if kind == "not" else 2)))
    name, type_ = chance.choice(FIELDS)
    of_one = TEXT if type_ == TEXTS else type_
    kind = chance.choice(("compare", "compare", "in", "like", "null"))
    if kind == "null" or (kind == "like" and of_one != TEXT):
        return ("null", name)
    if kind == "like":
        return ("like", name, some_text(chance))
    if kind == "in":
        return ("in", name, tuple(some_value(chance, of_one) for _ in range(4)))
    signs = ("=", "!=") if type_ in (BOOL, TEXTS) else ("=", "!=", "<", "<=", ">", ">=")
    return ("compare", chance.choice(signs), name, some_value(chance, of_one))


def some_row(chance: random.Random) -> tuple[Any, ...]:
    return tuple(
        None if chance.random() < 0.2 else some_value(chance, type_) for _, type_ in FIELDS
    )


def named(row: tuple[Any, ...]) -> dict[str, Any]:
    return dict(zip([name for name, _ in FIELDS], row, strict=True))


def test_random_conditions_are_what_python_says(conditions: Conditions) -> None:
    chance = random.Random(1)
    seen = set()
    for _ in range(6000):
        tree, row = some_tree(chance), some_row(chance)
        expected = where.evaluate(tree, named(row))
        assert conditions.test(tree, row) == {expected}, (tree, row)
        seen.add(expected)
    assert seen == {True, False, None}


def test_unread_values_leave_open_what_they_decide(conditions: Conditions) -> None:
    chance = random.Random(2)
    closed = 0
    for _ in range(3000):
        tree, row = some_tree(chance), some_row(chance)
        partly = tuple(... if chance.random() < 0.4 else value for value in row)
        possible = conditions.test(tree, partly)
        assert where.evaluate(tree, named(row)) in possible, (tree, row, partly)
        closed += ... in partly and len(possible) == 1
    assert closed > 300


@pytest.mark.parametrize(
    ("tree", "possible"),
    [
        (("and", ("compare", "=", "text", "x"), ("null", "other")), {False}),
        (("or", ("compare", "=", "text", "a"), ("null", "other")), {True}),
        (("and", ("null", "other"), ("compare", "=", "text", "x")), {False}),
        (("and", ("compare", "=", "text", "a"), ("null", "other")), {True, False}),
        (("compare", "=", "other", "a"), {True, False, None}),
        (("and", ("compare", "=", "uint16", 1), ("null", "other")), {False, None}),
    ],
)
def test_a_row_is_refused_before_all_is_read(
    conditions: Conditions, tree: where.Tree, possible: set[bool | None]
) -> None:
    assert conditions.test(tree, ("a", ..., True, None, 1, ())) == possible


@pytest.mark.parametrize("marks", [63, 64, 65, 127, 128, 129, 1000])
def test_long_patterns(conditions: Conditions, marks: int) -> None:
    pattern = "".join(f"a{'_' * (i % 3 == 0)}{'%' * (i % 5 == 0)}" for i in range(marks))
    text = "".join("aé" if i % 3 == 0 else "a" for i in range(marks))
    for subject in (text, text + "a", text[:-1], text.replace("é", ""), "b" + text, text + "b"):
        expected = where.like(pattern)(subject)
        found = conditions.test(("like", "text", pattern), (subject, None, None, None, None, None))
        assert found == {expected}, (marks, subject)
    exact = "b" * marks
    for subject in (exact, exact + "b", exact[1:], ""):
        found = conditions.test(("like", "text", exact), (subject, *[None] * 5))
        assert found == {subject == exact}


def test_the_cost_of_like_is_linear(conditions: Conditions) -> None:
    def cost(size: int) -> float:
        pattern, text = "%" + "a%" * 20 + "b", "a" * size
        best = 1e9
        for _ in range(5):
            start = time.process_time()
            conditions.test(("like", "text", pattern), (text, *[None] * 5))
            best = min(best, time.process_time() - start)
        return best

    assert cost(800_000) < 6 * cost(200_000)


def test_many_and_deep_conditions(conditions: Conditions) -> None:
    one = ("compare", "=", "text", "a")
    left: where.Tree = one
    right: where.Tree = one
    for _ in range(400):
        left, right = ("and", left, one), ("and", one, right)
    row = ("a", None, None, None, None, None)
    assert conditions.test(left, row) == conditions.test(right, row) == {True}
    among = ("in", "text", tuple(f"x{i}" for i in range(5000)))
    assert conditions.test(among, ("x4999", *row[1:])) == {True}
    assert conditions.test(among, ("x5000", *row[1:])) == {False}
