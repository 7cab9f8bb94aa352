"""Connections to DuckDB: the columns and rows that a query reads, and what it says of them."""

from __future__ import annotations

import gc
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import capture_files as made
import duckdb
import pyarrow
import pytest

import sipfast
from sipfast import sql
from sipfast._engine import Engine
from sipfast._install import how_to_get
from sipfast.capture import CaptureError
from sipfast.columns import COLUMNS, ColumnError
from sipfast.columns.names import DEFAULT
from sipfast.sql import messages as module
from sipfast.sql.messages import Messages
from sipfast.sql.tables import TABLES

ROOT = Path(__file__).parents[2]
CALLS = ROOT / "bench_data" / "calls.pcap"
MIXED = ROOT / "bench_data" / "mixed.sip"


class Asked(list[tuple[tuple[str, ...], str | None]]):
    """The columns and the `where` of each pass."""

    @property
    def columns(self) -> list[set[str]]:
        return [set(columns) for columns, _ in self]

    @property
    def wheres(self) -> list[str | None]:
        return [where for _, where in self]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    found = Asked()
    scan = Messages._scan

    def noted(self: Messages, columns: list[str], where: str | None = None) -> Any:
        found.append((tuple(columns), where))
        return scan(self, columns, where)

    monkeypatch.setattr(Messages, "_scan", noted)
    return found


@pytest.fixture
def calls(asked: Asked) -> Iterator[duckdb.DuckDBPyConnection]:
    with closing(sipfast.connect(CALLS)) as connection:
        yield connection


def test_the_columns_are_those_of_scans(calls: duckdb.DuckDBPyConnection) -> None:
    described = calls.execute("describe messages").fetchall()
    assert [row[0] for row in described] == list(COLUMNS)
    types = ["VARCHAR", "BOOLEAN", "USMALLINT", "UINTEGER", "BIGINT", "TIMESTAMP_NS", "VARCHAR[]"]
    assert [row[1] for row in described] == [types[column.type] for column in COLUMNS.values()]


def test_the_tables_are_those_of_the_documents(calls: duckdb.DuckDBPyConnection) -> None:
    for name, columns in TABLES.items():
        described = calls.execute(f"describe {name}").fetchall()
        assert [row[0] for row in described] == [column.name for column in columns]


@pytest.mark.parametrize("source", [CALLS, MIXED])
def test_the_values_are_those_of_scans(engine: Engine, source: Path) -> None:
    with closing(sipfast.connect(source, headers=["Via", "v"], engine=engine)) as connection:
        found = connection.sql("select * from messages").to_arrow_table()
    expected = sipfast.columns.Scan(
        source, [*COLUMNS, "header:Via", "header:v"], engine=engine
    ).to_arrow()
    at = expected.schema.get_field_index("time")
    expected = expected.set_column(at, "time", expected["time"].cast(pyarrow.timestamp("ns")))
    assert found.num_rows > 100
    assert found.to_pylist() == expected.to_pylist()


QUERIES: dict[str, list[set[str]]] = {
    "select count(*) from messages": [set()],
    "select method, count(*) from messages group by all": [{"method"}],
    "select max(status) from (from messages)": [{"status"}],
    "with m as (from messages) select count(distinct call_id) from m": [{"call_id"}],
    "select time from messages order by call_id limit 3": [{"time", "call_id"}],
    "select a.method, b.status from messages a join messages b using (call_id)": [
        {"method", "call_id"},
        {"status", "call_id"},
    ],
    "select (select max(status) from messages), method from messages": [{"status"}, {"method"}],
    "select call_id from messages union select from_tag from messages": [{"call_id"}, {"from_tag"}],
}


@pytest.mark.parametrize("query", QUERIES)
def test_only_what_a_query_uses_is_read(
    calls: duckdb.DuckDBPyConnection, asked: Asked, query: str
) -> None:
    calls.execute(query).fetchall()
    # To count rows takes some column.
    expected = [columns or {"file"} for columns in QUERIES[query]]
    assert sorted(map(sorted, asked.columns)) == sorted(map(sorted, expected))


def test_a_view_reads_what_is_used_of_it(calls: duckdb.DuckDBPyConnection, asked: Asked) -> None:
    calls.execute("create view answers as select call_id, status, reason, uri from messages")
    calls.execute("select max(status) from answers").fetchall()
    assert asked.columns == [{"status"}]
    asked.clear()
    calls.execute("select count(*), min(start) from calls").fetchall()
    assert {"call_id", "time"} <= asked.columns[0]
    assert not asked.columns[0] & {"from_display", "content_type", "retransmission", "defects"}


def test_relations_and_parameters(calls: duckdb.DuckDBPyConnection, asked: Asked) -> None:
    relation = calls.sql("select method, status, user_agent from messages")
    assert asked == []  # nothing is read before it is asked for
    assert relation.filter("status = 486").project("method").fetchall() == [(None,)] * 3
    assert asked.columns[0] <= {"method", "status"}
    asked.clear()
    found = calls.execute("select count(*) from messages where status = ?", [486]).fetchall()
    assert found == [(3,)]
    assert asked.wheres == ["status == 486"]
    calls.execute("prepare p as select count(*) from messages where from_user = $1")
    assert calls.execute("execute p('4100')").fetchall() != [(0,)]


def test_each_query_is_a_pass_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(made.pcap(made.frame()))
    with closing(sipfast.connect(path)) as connection:
        count = "select count(*) from messages"
        assert connection.execute(count).fetchall() == [(1,)]
        path.write_bytes(made.pcap(made.frame(), made.frame()))
        assert connection.execute(count).fetchall() == [(2,)]


def test_times_are_of_nanoseconds_in_utc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    path = tmp_path / "a.pcapng"
    of = made.Pcapng()
    path.write_bytes(
        of.section()
        + of.interface(options=of.resolution(9))
        + of.enhanced(made.frame(), timestamp=1_700_000_000_123_456_789)
    )
    with closing(sipfast.connect(path)) as connection:
        connection.execute("set TimeZone = 'America/Caracas'")
        query = "select time::varchar, epoch_ns(time), hour(time), unix_micros(time) from messages"
        assert connection.execute(query).fetchall() == [
            ("2023-11-14 22:13:20.123456789", 1_700_000_000_123_456_789, 22, 1_700_000_000_123_456)
        ]


# ---- errors --------------------------------------------------------------------------------------


def test_an_error_is_the_same_in_every_query(
    calls: duckdb.DuckDBPyConnection, asked: Asked
) -> None:
    text = b"OPTIONS sip:a@h SIP/2.0\r\nCSeq: x OPTIONS\r\nX: \xff\r\nContent-Length: 0\r\n\r\n"
    with closing(sipfast.connect(text)) as connection:
        for query in ("select error from messages", "select * from messages where error > ''"):
            assert "cseq-malformed" in connection.execute(query).fetchall()[0]
    asked.clear()
    calls.execute("select error from messages").fetchall()
    assert asked.columns == [set(DEFAULT)]
    with closing(sipfast.connect(text, headers=["X"])) as connection:
        connection.execute("select error_offset from messages").fetchall()
        assert set(asked.columns[-1]) == {*DEFAULT, "header:X"}


def test_what_was_not_read_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "cut.pcap"
    path.write_bytes(made.pcap(made.frame(), made.frame())[:-7])
    with closing(sipfast.connect([CALLS, path, b"# Notes"])) as connection:
        messages = sql.messages_of(connection)
        assert messages.unread == messages.refused == {}
        connection.execute("select count(*) from messages").fetchall()
        assert messages.unread == Counter({"truncated record": 1, "unreadable file": 1})
        connection.execute("select 1 from messages limit 1").fetchall()
        connection.execute("select max(a.status) from messages a, messages b").fetchall()
        assert messages.unread == Counter({"truncated record": 1, "unreadable file": 1})
        assert list(messages.refused) == ["source 2"]


def test_a_source_that_is_no_capture() -> None:
    with closing(sipfast.connect(b"# Notes")) as connection:
        with pytest.raises(duckdb.Error, match="neither a capture nor SIP messages"):
            connection.execute("select * from messages").fetchall()
        assert isinstance(sql.messages_of(connection).error, CaptureError)


def test_wrong_arguments(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sipfast.connect(tmp_path / "none")
    with pytest.raises(TypeError, match="list of names"):
        sipfast.connect(CALLS, headers="X-CID")
    with pytest.raises(ColumnError, match="twice"):
        sipfast.connect(CALLS, headers=["Via", "Via"])
    with pytest.raises(ColumnError, match="twice"):
        sipfast.connect(CALLS, headers=["Via", "via"])
    with pytest.raises(ColumnError, match="unknown column"):
        sipfast.connect(CALLS, headers=['Via" from messages; --'])
    with pytest.raises(ColumnError, match="unknown column"):
        sipfast.connect(CALLS, correlate="X-CID")
    with pytest.raises(ColumnError, match="is a list"):
        sipfast.connect(CALLS, correlate="headers:X-CID")
    with pytest.raises(ValueError, match="threads"):
        sipfast.connect(CALLS, threads=0)
    with pytest.raises(KeyError), closing(duckdb.connect()) as other:
        sql.messages_of(other)


@pytest.mark.parametrize("missing", ["duckdb", "pyarrow"])
def test_without_its_packages(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.delitem(sys.modules, module.__name__)
    text = f"this needs {missing}: {how_to_get('duckdb')}"
    with pytest.raises(ImportError, match=re.escape(text)):
        sipfast.connect(CALLS)


READ_BY = {
    "registrations": ("transactions",),
    "metrics": ("transactions", "calls", "registrations"),
}
"""The queries that a query reads."""


@pytest.mark.parametrize("name", sql.VIEWS)
def test_the_columns_of_a_query_are_those_that_it_needs(name: str) -> None:
    columns = sql.columns_of(name)
    queries = (*READ_BY.get(name, ()), name)
    with closing(sipfast.connect(CALLS)) as connection:
        described = connection.execute("describe messages").fetchall()
    types = {row[0]: row[1] for row in described}

    def bind(kept: Iterable[str]) -> None:
        with closing(duckdb.connect()) as other:
            other.execute(sql.queries.macros())
            table = ", ".join([f"{column} {types[column]}" for column in kept])
            other.execute(f"create table messages ({table})")
            for view in queries:
                other.execute(f"create view {view} as {sql.query(view)}")

    bind(columns)
    for column in columns:
        with pytest.raises(duckdb.BinderException):
            bind([other for other in columns if other != column])


def test_a_response_alone_does_not_tell_whether_its_request_is_initial(engine: Engine) -> None:
    head = "{}\r\nCall-ID: {}\r\nCSeq: 1 INVITE\r\nTo: <sip:b@h>{}\r\nContent-Length: 0\r\n\r\n"
    rows = [
        ("INVITE sip:b@h SIP/2.0", "first", ""),
        ("INVITE sip:b@h SIP/2.0", "later", ";tag=1"),
        ("SIP/2.0 200 OK", "response", ";tag=1"),
    ]
    data = "".join([head.format(*row) for row in rows]).encode()
    with closing(sipfast.connect(data, engine=engine)) as connection:
        found = connection.sql("select call_id, is_initial from transactions").fetchall()
    assert dict(found) == {"first": True, "later": False, "response": None}


# ---- correlation, memory, threads ----------------------------------------------------------------


def test_legs_of_a_call() -> None:
    head = "INVITE sip:b@h SIP/2.0\r\nCall-ID: {}\r\nCSeq: 1 INVITE\r\nX-CID: {}\r\n"
    head += "From: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK{}\r\n"
    rows = [("a", "one", 1), ("b", "one", 2), ("c", "two", 3)]
    text = "".join([head.format(*row) + "Content-Length: 0\r\n\r\n" for row in rows])
    query = "select call_id, correlation, legs from calls order by 1"
    with closing(sipfast.connect(text.encode(), correlate="header:X-CID")) as connection:
        found = connection.execute(query).fetchall()
    assert found == [("a", "one", 2), ("b", "one", 2), ("c", "two", 1)]
    with closing(sipfast.connect(text.encode())) as connection:
        assert connection.execute(query).fetchall() == [(name, None, 1) for name in ("a", "b", "c")]


def test_legs_by_a_column_of_any_type() -> None:
    """Its values as text; the header field may be spelled in any way."""
    for column in ("status", "time", "sdp_codecs", "is_request", "from_user"):
        with closing(sipfast.connect(CALLS, correlate=column)) as connection:
            found = connection.execute("select correlation, legs from calls").fetchall()
            assert len(found) == 15, column
            assert all(isinstance(value, str) and legs >= 1 for value, legs in found), column
    with closing(
        sipfast.connect(CALLS, headers=["User-Agent"], correlate="header:user-agent")
    ) as connection:
        names = [row[0] for row in connection.execute("describe messages").fetchall()]
        assert [name for name in names if name.startswith("header:")] == ["header:User-Agent"]
        assert connection.execute("select max(legs) from calls").fetchone() != (1,)


def test_what_does_not_fit_into_memory_is_spilled_and_removed() -> None:
    connection = sipfast.connect(CALLS, memory_limit="100MB")
    setting = "select current_setting('temp_directory'), current_setting('memory_limit')"
    ((folder, limit),) = connection.execute(setting).fetchall()
    assert limit == "95.3 MiB"
    connection.execute("set threads = 1")
    connection.execute(
        "create temp table big as select call_id, uri, user_agent, hash(x) as h "
        "from messages, range(5000) as t(x) order by h"
    )
    assert os.listdir(folder)
    assert os.stat(folder).st_mode & 0o077 == 0
    assert connection.execute("select count(*) from big").fetchall() == [(810_000,)]
    connection.close()
    del connection
    gc.collect()
    assert not os.path.exists(folder)


def test_threads_read_the_same(engine: Engine) -> None:
    query = "select packet, call_id, status from messages"
    with (
        closing(sipfast.connect(CALLS, threads=2, engine=engine)) as two,
        closing(sipfast.connect(CALLS, engine=engine)) as one,
    ):
        assert two.execute(query).fetchall() == one.execute(query).fetchall()
