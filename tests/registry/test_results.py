"""The terms of results: those that SQL and live traffic give, in two languages."""

from __future__ import annotations

import re

import pytest

from sipfast.cli.screen.words import Words
from sipfast.live.calls import result_of
from sipfast.registry.results import CALLS, REGISTRATIONS, SIDES
from sipfast.sql import query


def given(table: str, column: str) -> set[str]:
    """The texts that the query of a table gives as a column."""
    case = re.search(rf"case(?:(?!\bcase\b).)*?end as {column}\b", query(table), re.DOTALL)
    assert case is not None
    return {*re.findall(r"(?:then|else) '([^']+)'", case[0])}


@pytest.mark.parametrize(
    ("table", "column", "terms"),
    [
        ("calls", "result", CALLS),
        ("calls", "hangup", SIDES),
        ("registrations", "result", REGISTRATIONS),
    ],
)
def test_the_terms_are_those_of_sql(table: str, column: str, terms: dict[str, str]) -> None:
    assert given(table, column) == {*terms}


def test_the_terms_are_those_of_live_calls() -> None:
    statuses = (None, *range(200, 700))
    found = {
        result_of(status, progress, cancelled)
        for status in statuses
        for progress in (None, 180)
        for cancelled in (False, True)
    }
    assert found == {*CALLS}


@pytest.mark.parametrize("term", sorted({*CALLS, *REGISTRATIONS}))
def test_both_languages(term: str) -> None:
    assert Words("en").results(term) == term
    assert re.fullmatch(r"[\u4e00-\u9fff]+", Words("zh").results(term))
    if term in CALLS and term in REGISTRATIONS:  # the commands have one table of both
        assert CALLS[term] == REGISTRATIONS[term]
