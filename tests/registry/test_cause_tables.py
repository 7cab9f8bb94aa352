"""The tables of Q.850 causes and warn-codes: complete, in order, and in two languages."""

from __future__ import annotations

import re

import pytest

from sipfast.registry.q850 import CAUSES, cause_text
from sipfast.registry.status import STATUSES
from sipfast.registry.warning_codes import WARNINGS

ROWS = [*CAUSES.values(), *WARNINGS.values()]


def test_warn_codes_are_those_registered() -> None:
    assert [*WARNINGS] == [*range(300, 309), 330, 331, 370, 380, 381, 399]
    assert all(code == row.code for code, row in WARNINGS.items())
    assert WARNINGS[308].rfc == "RFC 8373"


def test_causes_are_in_order() -> None:
    assert [*CAUSES] == sorted(CAUSES)
    assert all(value == row.value and 1 <= value <= 127 for value, row in CAUSES.items())
    assert (CAUSES[16].en, CAUSES[17].en, CAUSES[127].en) == (
        "Normal call clearing",
        "User busy",
        "Interworking, unspecified",
    )


def test_names_are_unique() -> None:
    for table in (CAUSES, WARNINGS):
        assert len({row.en for row in table.values()}) == len(table)
    assert len({row.zh for row in WARNINGS.values()}) == len(WARNINGS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row[0]))
def test_both_languages(row: tuple[int, str, str]) -> None:
    assert re.fullmatch(r"[A-Z][ -~]+[a-z)A-Z]", row[1])
    assert re.search(r"[\u4e00-\u9fff]", row[2])
    assert not re.search(r"[,;()!?]", row[2])


@pytest.mark.parametrize(
    ("number", "english", "chinese"),
    [
        (17, "User busy", CAUSES[17].zh),
        (120, "", ""),
        (-1, "", ""),
        (486, "Busy Here", STATUSES[486].phrase_zh),
        (499, STATUSES[400].phrase, STATUSES[400].phrase_zh),
        (128, STATUSES[183].phrase, STATUSES[183].phrase_zh),
        (700, "", ""),
        (2**62, "", ""),
    ],
)
def test_the_text_of_any_cause(number: int, english: str, chinese: str) -> None:
    assert english in cause_text(number)
    assert chinese in cause_text(number, chinese=True)
    assert bool(cause_text(number)) == bool(english)
