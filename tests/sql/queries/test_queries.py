"""The shipped queries against a plain program, and against figures worked by hand."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path
from random import Random
from typing import Any

import capture_files
import pytest
from call_flows import captures
from plain_calls import plain_calls, plain_metrics, plain_registrations

from sipfast._engine import Engine
from sipfast.sql import VIEWS, connect, query
from sipfast.sql.tables import TABLES

pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")

CALLS = Path(__file__).parents[3] / "bench_data" / "calls.pcap"


def rows(connection: Any, question: str) -> list[dict[str, Any]]:
    cursor = connection.execute(question)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def close(found: Any, expected: Any) -> bool:
    if isinstance(found, datetime):
        found = round(found.replace(tzinfo=timezone.utc).timestamp() * 1e6)
    if isinstance(found, float) and isinstance(expected, float):
        return abs(found - expected) < 2e-6
    return bool(found == expected)


def differences(found: dict[Any, dict[str, Any]], expected: dict[Any, dict[str, Any]]) -> list[Any]:
    """What differs, by key and column."""
    different: list[Any] = sorted(map(str, found.keys() ^ expected.keys()))
    for key in found.keys() & expected.keys():
        for name, value in expected[key].items():
            if not close(found[key][name], value):
                different.append((key, name, found[key][name], value))
    return different


def check(sources: list[Any], engine: Engine) -> int:
    """Compare the queries with the plain program; how many rows there were."""
    connection = connect(sources, engine=engine)
    calls = {row["call_id"]: row for row in rows(connection, "select * from calls")}
    registrations = {
        (row["call_id"], row["to_user"], row["to_host"]): row
        for row in rows(connection, "select * from registrations")
    }
    assert differences(calls, plain_calls(sources)) == []
    assert differences(registrations, plain_registrations(sources)) == []
    (metrics,) = rows(connection, "select * from metrics where scope = 'all'")
    assert differences({"all": metrics}, {"all": plain_metrics(sources)}) == []
    return len(calls) + len(registrations)


def test_tables(engine: Engine) -> None:
    """The columns of the queries are those of the table of columns, with its types."""
    kinds = {
        "text": {"VARCHAR"},
        "number": {"BIGINT", "UINTEGER", "USMALLINT"},
        "seconds": {"DOUBLE"},
        "percent": {"DOUBLE"},
        "time": {"TIMESTAMP_NS", "TIMESTAMP"},
        "boolean": {"BOOLEAN"},
    }
    connection = connect(CALLS, engine=engine)
    for table, columns in TABLES.items():
        described = connection.execute(f"describe {table}").fetchall()
        assert [row[0] for row in described] == [column.name for column in columns], table
        for row, column in zip(described, columns, strict=True):
            assert row[1] in kinds[column.type], (table, row)


def test_calls_of_the_bench(engine: Engine) -> None:
    assert check([str(CALLS)], engine) == 20


@pytest.mark.skipif("SIPFAST_SHARED" not in os.environ, reason="SIPFAST_SHARED is not set")
def test_calls_of_captures(native: Engine) -> None:
    found = 0
    for path in sorted(Path(os.environ["SIPFAST_SHARED"], "captures").glob("*/*cap*")):
        found += check([str(path)], native)
    assert found > 2_000


@pytest.mark.parametrize("seed", range(12))
def test_generated_captures(engine: Engine, seed: int) -> None:
    """Random flows, with what networks do to them."""
    files = list(captures(Random(seed), 60))
    assert check(files, engine) > 10


FIGURES: dict[str, dict[str, Any]] = {
    # A caller 201, a proxy, a callee 101 who hangs up: 180 and 200 as the caller got them.
    "NormB-sipnab/sip-proxy.pcap": {
        "attempts": 1,
        "answers": 1,
        "ser": 100.0,
        "seer": 100.0,
        "isa": 0.0,
        "scr": 100.0,
        "srd_successful": 30.575615 - 30.454022,
        "srd_failed": None,
        "sdd": 33.424145 - 33.411284,
        "sdt": 33.411284 - 31.179161,
    },
    # An INVITE, 401, the INVITE again, 488: one call, whose delay begins with the first INVITE.
    "NormB-sipnab/sip-488-codec-reject.pcapng": {
        "attempts": 1,
        "answers": 0,
        "ser": 0.0,
        "seer": 0.0,
        "isa": 0.0,
        "ner": 0.0,
        "srd_successful": None,
        "srd_failed": 48.887985 - 48.834678,
        "sdd": None,
    },
    # A call that is declined (603), and one that is answered through a proxy and does not end; five
    # REGISTERs of three phones, each accepted.
    "NormB-sipnab/SIP_DTMF2.cap": {
        "attempts": 2,
        "answers": 1,
        "asr": 50.0,
        "ser": 50.0,
        "seer": 100.0,
        "ner": 100.0,
        "isa": 0.0,
        "scr": 0.0,
        "srd_successful": 18.441699 - 17.334915,
        "srd_failed": 1.350803 - 1.333701,
        "sdd": None,
        "registrations": 5,
        "rrd": (0.032186 + 0.031749 + 0.032903 + 0.031135 + 0.031738) / 5,
        "ira": 0.0,
    },
    # A registration and its refresh, with a challenge each.
    "ntop-nDPI/sip_hello.pcapng": {
        "attempts": 0,
        "ser": None,
        "registrations": 2,
        "rrd": ((35.399101 - 35.292160) + (35.555308 - 35.444452)) / 2,
        "ira": 0.0,
    },
    # Calls with 408, 403, 403 (after 407), 183 and 480 (after 407), and ten attempts to register: a
    # 403, six that end with challenges, and three that are accepted after one.
    "zeek-zeek/wireshark.pcap": {
        "attempts": 4,
        "answers": 0,
        "ser": 0.0,
        "seer": 25.0,
        "isa": 25.0,
        "srd_failed": (36.772805 + 34.333713 + 51.527910 + 17.846036) / 4,
        "registrations": 10,
        "rrd": (17.496509 + 17.545464 + 17.618603) / 3,
        "ira": 100 / 10,
    },
}
"""Worked by hand, from the times of the messages."""


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("-- The order of messages", "end as instant"),
        ("min_by(\n            named_struct(", "),\n"),
    ],
)
def test_calls_and_transactions_say_the_same(begin: str, end: str) -> None:
    """Each stands on `messages` alone: where one is run, there need be no other view."""
    parts = [query(name).partition(begin)[2].partition(end)[0] for name in VIEWS[:2]]
    assert len(parts[0]) > 100
    assert parts[0] == parts[1]


@pytest.mark.skipif("SIPFAST_SHARED" not in os.environ, reason="SIPFAST_SHARED is not set")
@pytest.mark.parametrize("name", FIGURES)
def test_figures_of_rfc_6076(native: Engine, name: str) -> None:
    connection = connect(Path(os.environ["SIPFAST_SHARED"], "captures", name), engine=native)
    (metrics,) = rows(connection, "select * from metrics where scope = 'all'")
    assert differences({name: metrics}, {name: FIGURES[name]}) == []


def test_metrics_of_hosts(engine: Engine) -> None:
    """Those of the senders add up to all, and so do those of the receivers."""
    connection = connect(CALLS, engine=engine)
    every = rows(connection, "select * from metrics")
    (of_all,) = [row for row in every if row["scope"] == "all"]
    for scope in ("source_address", "destination_address"):
        parts = [row for row in every if row["scope"] == scope]
        assert len({row["host"] for row in parts}) == len(parts) > 5
        for name in ("attempts", "answers", "registrations", "messages", "sdd_failures"):
            assert sum(row[name] for row in parts) == of_all[name], name


def test_the_answers_that_make_a_registration_ineffective() -> None:
    """The example of docs/calls.md: 401, 402 and 407 are no failures (RFC 6076 4.2)."""
    attempts = {
        "registered": (401, 200),
        "refused": (401, 403),
        "left": (401,),
        "unanswered": (None,),
    }
    found: list[bytes] = []
    for call_id, answers in attempts.items():
        for number, status in enumerate(answers, 1):
            lines = ["REGISTER sip:r SIP/2.0", *([f"SIP/2.0 {status} X"] if status else [])]
            found += [
                f"{first}\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{call_id}{number}\r\n"
                "From: <sip:a@r>;tag=1\r\nTo: <sip:a@r>\r\n"
                f"Call-ID: {call_id}\r\nCSeq: {number} REGISTER\r\n\r\n".encode()
                for first in lines
            ]
    records = [
        capture_files.pcap_record(capture_files.frame(data), 1_700_000_000 + at)
        for at, data in enumerate(found)
    ]
    connection = connect(capture_files.pcap_header() + b"".join(records))
    asked = "select registrations, ira from metrics where scope = 'all'"
    assert connection.sql(asked).fetchall() == [(4, 50.0)]
