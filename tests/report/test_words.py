"""How figures are written for people."""

from __future__ import annotations

import pytest

from sipfast.report.words import percent, seconds


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((None, "–"), (0.0, "0.0 ms"), (0.00951, "9.5 ms"), (0.01, "10 ms"), (0.9994, "999 ms")),
        *((0.9995, "1.00 s"), (1.234, "1.23 s"), (9.996, "10.0 s"), (59.94, "59.9 s")),
        *(
            (59.96, "1 min 00 s"),
            (125.4, "2 min 05 s"),
            (3599.6, "1 h 00 min"),
            (7380, "2 h 03 min"),
        ),
    ],
)
def test_durations(value: float | None, text: str) -> None:
    assert seconds(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0.0, "0%"), (100.0, "100%"), (66.66, "66.7%"), (0.04, "0.0%")],
)
def test_percentages(value: float | None, text: str) -> None:
    assert percent(value) == text
