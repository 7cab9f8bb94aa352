"""Rows of a result as lines, made by columns: the same as value by value."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from typing import Any

import pytest

pyarrow = pytest.importorskip("pyarrow")

from sipfast.cli.rows import cells  # noqa: E402
from sipfast.cli.rows import csv as csv_cells  # noqa: E402
from sipfast.cli.rows.forms import FORMS, Result  # noqa: E402

HOSTILE = [
    "",
    "a,b",
    '"',
    "=cmd",
    "line\r\nend",
    "\x1b[31m",
    "\u202e",
    "<script>",
    "呼叫",
    None,
    "a",
]
TIMES = [0, -1, 1, 1_710_232_200_123_456_789, -(2**62), 2**62, None, 0, 0, 0, 0]


def batch() -> Any:
    return pyarrow.record_batch(
        {
            "text": pyarrow.array(HOSTILE, "string"),
            "number": pyarrow.array([0, 1, 1, None, -5, 2**62, 0, 0, 0, 0, 0], "int64"),
            "share": pyarrow.array([0.0, -0.0, 1.5, None, float("nan"), 1e300, *[0.1] * 5]),
            "flag": pyarrow.array([True, False, None, *[True] * 8]),
            "time": pyarrow.array(TIMES, pyarrow.timestamp("ns")),
            "list": pyarrow.array([["a"], [], None, ["b", None], *[["c"]] * 7]),
        }
    )


def written(form: str, *batches: Any) -> str:
    out = io.BytesIO()
    FORMS[form](Result((batches[0] if batches else batch()).schema, iter(batches)), out)
    return out.getvalue().decode()


@pytest.fixture(params=["whole", "in pieces"])
def in_pieces(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "in pieces":
        monkeypatch.setattr(cells, "_PIECE", 100)
        assert len([*cells.pieces([batch()])]) > 3


@pytest.mark.usefixtures("in_pieces")
def test_csv_is_that_of_each_value() -> None:
    rows = zip(*[[*cells.values(column)] for column in batch().columns], strict=True)
    lines = [",".join(map(cells.csv_cell, row)) for row in [batch().schema.names, *rows]]
    assert written("csv", batch()) == "\n".join(lines) + "\n"
    assert len([*csv.reader(io.StringIO(written("csv", batch()), newline=""))]) == 12


@pytest.mark.usefixtures("in_pieces")
def test_json_is_that_of_each_value() -> None:
    rows = zip(*[[*cells.values(column)] for column in batch().columns], strict=True)
    found = [json.loads(line) for line in written("jsonl", batch(), batch()).splitlines()]
    expected = [
        dict(zip(batch().schema.names, map(cells.json_value, row), strict=True)) for row in rows
    ]
    assert found == expected * 2
    assert [row["share"] for row in found][1:5] == [-0.0, 1.5, None, None]


def test_each_of_columns_with_a_name_is_in_the_object() -> None:
    twice = pyarrow.record_batch([pyarrow.array([1]), pyarrow.array([2])], names=["a", "a"])
    assert written("jsonl", twice) == '{"a":1,"a_1":2}\n'


def test_no_rows_are_no_lines() -> None:
    nothing = batch().slice(0, 0)
    assert written("jsonl", nothing) == ""
    assert written("csv", nothing, nothing).count("\n") == 1


def test_moments_have_all_their_digits() -> None:
    found = [*cells.values(batch()["time"])]
    assert found[:4] == [
        "1970-01-01T00:00:00.000000000Z",
        "1969-12-31T23:59:59.999999999Z",
        "1970-01-01T00:00:00.000000001Z",
        "2024-03-12T08:30:00.123456789Z",
    ]
    assert found[6] is None
    for text, count in zip(found[4:6], TIMES[4:6], strict=True):
        assert count is not None
        whole = datetime.fromisoformat(f"{text[:19]}+00:00").timestamp()
        assert whole == count // 10**9
        assert int(text[20:29]) == count % 10**9


def test_a_cell_is_asked_once_for_each_value() -> None:
    asked = []

    def cell(value: object) -> str:
        asked.append(value)
        return f"<{value}>"

    column = pyarrow.array(["a", "b", None, "a", None])
    assert cells.cells([column], cell).to_pylist() == ["<a>", "<b>", "<None>", "<a>", "<None>"]
    assert asked == ["a", "b", None]


def test_a_column_has_an_apostrophe_where_a_text_has_one() -> None:
    texts = [*HOSTILE, "+442079460123", "-1.5", "+1.2.3", "\uff1d1", "\uff0b1", "\t=1", "@a", "-"]
    found = csv_cells.harmless_texts(pyarrow.array(texts)).to_pylist()
    assert found == [None if text is None else csv_cells.harmless(text) for text in texts]
    assert found[3] == "'=cmd"
    plain = pyarrow.array(["a", None, ""])
    assert csv_cells.harmless_texts(plain) is plain
