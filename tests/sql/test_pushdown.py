"""Conditions of queries: what a scan tests finds the rows that DuckDB finds itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
import pyarrow.compute
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sipfast
from sipfast.columns import COLUMNS
from sipfast.columns.names import BOOL, TEXT, TIME, Column
from sipfast.sql.messages import Messages
from sipfast.sql.pushdown import split

ROOT = Path(__file__).parents[2]
SOURCES: list[Any] = [
    ROOT / "bench_data" / "calls.pcap",
    b"\r\n\r\n".join(
        b"INVITE sip:%s@h SIP/2.0\r\nFrom: <sip:%s@h>;tag=%s\r\nX-Q: %s" % (text, text, text, text)
        for text in (b"a", b"A", b"a\xff", b"a%20b", b"", b"\xc3\xa9", b"\xf0\x9f\x98\x80", b"z'z")
    )
    + b"\r\n\r\n",
]
HEADER = "header:X-Q"
WHOLE = {**COLUMNS, HEADER: Column(HEADER, TEXT, "", "", "")}
field = pyarrow.compute.field


@pytest.fixture(scope="module")
def schema() -> Any:
    return Messages(SOURCES, [HEADER], 1, sipfast._engine.ENGINE).schema


@pytest.fixture(scope="module")
def connections() -> Iterator[list[duckdb.DuckDBPyConnection]]:
    """One that pushes conditions down, and one with the rows in a table."""
    with (
        closing(sipfast.connect(SOURCES, headers=["X-Q"])) as one,
        closing(sipfast.connect(SOURCES, headers=["X-Q"])) as other,
    ):
        other.execute("create table held as from messages")
        other.execute("create or replace temp view messages as from held")
        yield [one, other]


# ---- what is pushed ------------------------------------------------------------------------------

PUSHED = {
    "status >= 400": "status >= 400",
    "status is null and method in ('INVITE', 'BYE')": (
        "(status is null and method in ('INVITE', 'BYE'))"
    ),
    "status in (486, 487)": "status in (486, 487)",
    "method <> 'BYE'": "method != 'BYE'",
    "is_request = false": "is_request == false",
    "error is not null and (error_offset = 3 or error_offset > 90)": (
        "(error is not null and (error_offset == 3 or error_offset > 90))"
    ),
    "\"header:X-Q\" = 'it''s'": "header:X-Q == 'it''s'",
    "from_user = 'a\"b\\c' and packet < 7": "(from_user == 'a\"b\\c' and packet < 7)",
    "from_user = chr(10) || chr(9) || 'é'": "from_user == '\n\té'",
}


@pytest.mark.parametrize("condition", PUSHED)
def test_a_condition_of_duckdb_goes_into_the_scan(
    condition: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheres = []
    scan = Messages._scan

    def noted(self: Messages, columns: Any, where: str | None = None) -> Any:
        wheres.append(where)
        return scan(self, columns, where)

    monkeypatch.setattr(Messages, "_scan", noted)
    with closing(sipfast.connect(SOURCES, headers=["X-Q"])) as connection:
        connection.execute(f"select count(*) from messages where {condition}").fetchall()
    (where,) = wheres
    # The order of two conditions is that of DuckDB's estimates.
    assert sorted(str(where)) == sorted(PUSHED[condition])


# ---- what pyarrow may hand over ------------------------------------------------------------------

TIMES = pyarrow.timestamp("ns")
TREES = [
    (field("status") == pyarrow.scalar(486, pyarrow.uint16()), "status == 486"),
    (
        field("time") > pyarrow.scalar(1_700_000_000_123_456_789, TIMES),
        "time > '2023-11-14 22:13:20.123456789'",
    ),
    (field("time") < pyarrow.scalar(-1, TIMES), "time < '1969-12-31 23:59:59.999999999'"),
    (~field("is_request"), "not (is_request = true)"),
    (field("method") == "null\0byte", "method == 'null\0byte'"),
    (field("packet") == pyarrow.scalar(-4, pyarrow.int64()), "packet == -4"),
]
LEFT = [
    field("status") == 486,  # of another type
    field("status") == field("error_offset"),
    field("sdp_codecs") == pyarrow.scalar(["PCMA"]),
    pyarrow.compute.starts_with(field("method"), "INV"),
    pyarrow.compute.utf8_lower(field("method")) == "invite",
    field("method").isin(["a\n", '"']),
    field("method").isin([f"a{number}" for number in range(40)]),
    field("nowhere") == "x",
    field("method") == 'x") or (method == "y',
]


@pytest.mark.parametrize(("condition", "where"), TREES, ids=str)
def test_a_condition_is_taken_whole(schema: Any, condition: Any, where: str) -> None:
    assert split(condition, schema) == (where, None)


@pytest.mark.parametrize("condition", LEFT, ids=str)
def test_a_condition_that_is_not_surely_the_same_is_left(schema: Any, condition: Any) -> None:
    where, rest = split(condition, schema)
    assert rest is condition or (rest is None and where == "method == 'x\") or (method == \"y'")


def test_a_condition_that_is_left_is_tested_all_the_same() -> None:
    messages = Messages(SOURCES, [], 1, sipfast._engine.ENGINE)
    condition = pyarrow.compute.utf8_lower(field("from_user")) == "a"
    (batch,) = messages.read(["call_id", "from_user"], condition)
    assert batch.to_pydict() == {"call_id": [None, None], "from_user": ["a", "A"]}
    many = field("packet") == pyarrow.scalar(1, pyarrow.int64())
    for number in range(2, 40):
        many = (field("packet") == pyarrow.scalar(number, pyarrow.int64())) | many
    packets = pyarrow.Table.from_batches(messages.read(["packet"], None))["packet"].to_pylist()
    rows = sum(map(len, messages.read(["packet"], many)))
    assert rows == len([packet for packet in packets if packet < 40]) > 20


# ---- the same rows -------------------------------------------------------------------------------

_TEXTS = st.sampled_from(
    [
        "",
        "a",
        "A",
        "a\ufffd",
        "a b",
        "é",
        "\U0001f600",
        "z'z",
        "INVITE",
        "4100",
        "%",
        '"',
        "\\",
        "~",
    ]
) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=3)
_OPS = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])


def _constant(column: Column) -> st.SearchStrategy[str]:
    if column.type == TEXT:
        return _TEXTS.map(lambda text: "'" + text.replace("'", "''") + "'")
    if column.type == BOOL:
        return st.sampled_from(["true", "false"])
    if column.type == TIME:
        return st.sampled_from(
            [
                f"timestamp_ns '{t}'"
                for t in ("2024-03-12 08:30:00.195652", "1999-01-01", "2030-01-01")
            ]
        )
    return st.sampled_from([0, 1, 90, 100, 180, 200, 300, 486, 5060, 65535]).map(str)


@st.composite
def _tests(draw: st.DrawFn) -> str:
    names = [name for name, column in WHOLE.items() if column.type in (*range(6),)]
    column = WHOLE[draw(st.sampled_from(names))]
    name, constant = f'"{column.name}"', _constant(column)
    kind = draw(st.sampled_from(["compare", "null", "in", "between", "distinct"]))
    if kind == "null":
        return f"{name} is {draw(st.sampled_from(['', 'not ']))}null"
    if kind == "in":
        several = ", ".join(draw(st.lists(constant, min_size=1, max_size=4)))
        return f"{name} {draw(st.sampled_from(['', 'not ']))}in ({several})"
    if kind == "between":
        return f"{name} between {draw(constant)} and {draw(constant)}"
    if kind == "distinct":
        return f"{name} is distinct from {draw(constant)}"
    return f"{name} {draw(_OPS)} {draw(constant)}"


_CONDITIONS = st.recursive(
    _tests(),
    lambda inner: (
        st.builds("({} and {})".format, inner, inner)
        | st.builds("({} or {})".format, inner, inner)
        | st.builds("(not {})".format, inner)
    ),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_CONDITIONS)
def test_the_rows_are_those_that_duckdb_finds(
    connections: list[duckdb.DuckDBPyConnection], condition: str
) -> None:
    query = f'select file, packet, "offset", status from messages where {condition}'
    pushed, held = (one.execute(query).fetchall() for one in connections)
    assert pushed == held
