"""The figures of a report, against sums over the messages and calls themselves."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from failed_calls import START, call, capture

import sipfast
from sipfast._engine import Engine
from sipfast.report.charts import EDGES
from sipfast.report.figures import (
    BY,
    LONGEST_LADDER,
    Metrics,
    busiest_of,
    figures_of,
    metrics_of,
    prepare,
)
from sipfast.sql import connect
from sipfast.sql.tables import METRICS

CALLS = "bench_data/calls.pcap"


@pytest.fixture(scope="module")
def connection(engine: Engine) -> Iterator[Any]:
    with closing(connect(CALLS, engine=engine)) as opened:
        prepare(opened)
        yield opened


def rows(connection: Any, query: str) -> list[dict[str, Any]]:
    result = connection.execute(query)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def test_the_metrics_are_those_of_the_table(connection: Any) -> None:
    assert Metrics._fields == tuple([column.name for column in METRICS[2:]])
    (whole,) = rows(connection, "from metrics where scope = 'all'")
    metrics, groups = metrics_of(connection)
    assert groups is None
    assert metrics._asdict() == pytest.approx({name: whole[name] for name in Metrics._fields})


@pytest.mark.parametrize("by", ["source", "destination"])
def test_groups_by_address_are_those_of_the_table(by: str, connection: Any) -> None:
    _, groups = metrics_of(connection, by, 1000)
    assert groups is not None
    found = {row.name: row.metrics._asdict() for row in groups.first}
    table = {
        row["host"]: pytest.approx({name: row[name] for name in Metrics._fields}, nan_ok=True)
        for row in rows(connection, f"from metrics where scope = '{by}_address'")
    }
    assert found == table
    assert groups.number == len(table)


@pytest.mark.parametrize("by", BY)
def test_every_call_is_in_its_groups(by: str, connection: Any) -> None:
    calls = rows(connection, "from calls")
    keys: dict[str, Callable[[dict[str, Any]], set[str]]] = {
        "trunk": lambda row: {f"{row['source_address']} → {row['destination_address']}"},
        "source": lambda row: {row["source_address"]},
        "destination": lambda row: {row["destination_address"]},
        "host": lambda row: {row["source_address"], row["destination_address"]},
        "domain": lambda row: {row["from_host"]},
        "agent": lambda row: {row["caller_agent"]},
    }
    attempts, answers = Counter[str](), Counter[str]()
    for row in calls:
        for key in keys[by](row):
            attempts[key] += 1
            answers[key] += row["result"] == "answered"
    whole, groups = metrics_of(connection, by, 1000)
    assert groups is not None
    assert whole == metrics_of(connection)[0]
    found = {row.name: row.metrics for row in groups.first}
    assert {key: row.attempts for key, row in found.items() if row.attempts} == attempts
    for key, count in attempts.items():
        assert found[str(key)].asr == pytest.approx(100 * answers[key] / count)


def test_groups_are_the_first_of_all(connection: Any) -> None:
    _, every = metrics_of(connection, "trunk", 1000)
    _, first = metrics_of(connection, "trunk", 3)
    assert every is not None
    assert first is not None
    assert first.first == every.first[:3]
    assert first.number == every.number == len(every.first)
    sizes = [row.metrics.messages for row in every.first]
    assert sizes == sorted(sizes, reverse=True)


def test_traffic_and_the_busiest_second(connection: Any, engine: Engine) -> None:
    seconds: dict[str, Counter[int]] = {
        kind: Counter() for kind in ("requests", "responses", "failures")
    }
    times = []
    with sipfast.open(CALLS) as file:
        for record in file:
            try:
                message = engine.parse(record.data, datagram=True)
            except sipfast.ParseError:
                continue
            assert record.time_ns is not None
            times.append(record.time_ns)
            status = getattr(message, "status", None)
            kind = "requests" if status is None else "failures" if status >= 400 else "responses"
            seconds[kind][record.time_ns // 1_000_000_000] += 1
    found = figures_of(connection)
    traffic = found.traffic
    assert traffic is not None
    assert traffic.step == 1
    for kind, counts in seconds.items():
        assert getattr(traffic, kind) == [counts[second] for second in traffic.edges[:-1]]
    assert found.start is not None
    assert found.end is not None
    assert found.start.timestamp() == pytest.approx(min(times) / 1e9, abs=1e-5)
    assert found.end.timestamp() == pytest.approx(max(times) / 1e9, abs=1e-5)
    whole = sum(seconds.values(), Counter[int]())
    busiest = busiest_of(connection)
    assert busiest is not None
    assert busiest.messages == max(whole.values())
    assert whole[int(busiest.start.timestamp())] == busiest.messages


def test_delays(connection: Any) -> None:
    calls, registrations = rows(connection, "from calls"), rows(connection, "from registrations")
    found = {delay.name: delay for delay in figures_of(connection).delays}
    assert list(found) == ["post_dial_delay", "setup_time", "duration", "delay"]
    for name, delay in found.items():
        table = registrations if name == "delay" else calls
        values = sorted([row[name] for row in table if row[name] is not None])
        assert delay.number == len(values)
        assert delay.longest == values[-1]
        at = (len(values) - 1) / 2
        middle = values[math.floor(at)], values[math.ceil(at)]
        assert delay.median == pytest.approx(sum(middle) / 2)
        bins = Counter[int]()
        for value in values:
            decade = math.floor(math.log10(value))
            last = max(at for at, edge in enumerate(EDGES) if edge * 10.0**decade <= value)
            bins[decade * len(EDGES) + last] += 1
        assert delay.bins == bins


@pytest.mark.parametrize(
    ("delay", "number"),
    [(0.0, -36), (0.001, -18), (0.0015, -17), (0.1, -6), (0.5, -2), (1.0, 0), (2.0, 2), (70.0, 11)],
)
def test_an_edge_belongs_to_the_bin_that_it_begins(
    delay: float, number: int, tmp_path: Path, engine: Engine
) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(capture(call(486, ring=delay, final=delay + 1)))
    with closing(connect(path, engine=engine)) as opened:
        prepare(opened)
        (found,) = figures_of(opened).delays
    assert found.bins == {number: 1}


def test_failures(tmp_path: Path, engine: Engine) -> None:
    path = tmp_path / "a.pcap"
    cause = ('Reason: Q.850;cause=17;text="busy"',)
    path.write_bytes(
        capture(
            call(486, "Busy", call_id="b1", at=1, more=cause),
            call(486, "Busy", call_id="b2", at=2, source="192.0.2.9", ring=None),
            call(486, "Engaged", call_id="b3", at=3),
            call(503, "Full", call_id="f1", at=4),
            call(None, call_id="u1", at=5),
            call(200, "OK", call_id="a1", at=6),
        )
    )
    with closing(connect(path, engine=engine)) as opened:
        prepare(opened)
        found = figures_of(opened)
        busy, *others = found.failures
        assert (busy.status, busy.calls, busy.reason, busy.cause) == (486, 3, "Busy", 17)
        assert busy.trunk == "192.0.2.1 → 192.0.2.2"
        assert busy.call_id == "b1"  # the first of those with as many messages as most
        assert [(row.status, row.calls, row.call_id) for row in others] == [
            (503, 1, "f1"),
            (None, 1, "u1"),
        ]
        assert found.results == {"busy": 3, "answered": 1, "failed": 1, "unfinished": 1}
        assert len(figures_of(opened, 1).failures) == 1


def test_a_call_that_is_too_long_is_no_example(tmp_path: Path, engine: Engine) -> None:
    path = tmp_path / "a.pcap"
    long = call(486, call_id="long")
    while len(long) <= LONGEST_LADDER:
        long.append((len(long), long[1][1]))
    path.write_bytes(capture(long))
    with closing(connect(path, engine=engine)) as opened:
        prepare(opened)
        (failure,) = figures_of(opened).failures
    assert (failure.calls, failure.call_id) == (1, None)


def test_messages_without_times(engine: Engine) -> None:
    with closing(connect("bench_data/mixed.sip", engine=engine)) as opened:
        prepare(opened)
        found = figures_of(opened)
        assert (found.start, found.end, found.traffic, found.delays) == (None, None, None, ())
        assert busiest_of(opened) is None
        metrics, trunks = metrics_of(opened, "trunk")
        assert metrics.attempts
        assert trunks is not None
        assert [group.name for group in trunks.first] == [None]
        assert {failure.trunk for failure in found.failures} <= {None}


def test_files_without_sip(engine: Engine) -> None:
    with closing(connect(capture(), engine=engine)) as opened:
        prepare(opened)
        metrics, groups = metrics_of(opened, "host")
        assert (metrics.attempts, metrics.asr, metrics.messages) == (0, None, 0)
        assert groups is not None
        assert (groups.first, groups.number) == ((), 0)
        assert figures_of(opened).failures == ()


@pytest.mark.parametrize("days", [0.0001, 0.02, 0.5, 3, 40, 4000, 15_000])
def test_there_are_a_hundred_bins_however_long_it_took(days: float, engine: Engine) -> None:
    whole = days * 86400
    calls = [call(486, call_id=f"c{n}", at=whole * n / 9 - 2 * (n == 9)) for n in range(10)]
    with closing(connect(capture(*calls), engine=engine)) as opened:
        prepare(opened)
        traffic = figures_of(opened).traffic
    assert traffic is not None
    assert len(traffic.requests) <= 120
    assert len(traffic.requests) * traffic.step >= whole - 1
    assert len(traffic.requests) > 45 or traffic.step == 1
    assert traffic.edges[0] <= START < traffic.edges[1]
    counts = traffic.requests, traffic.responses, traffic.failures
    assert [sum(kind) for kind in counts] == [20, 10, 10]


def test_of_seconds_with_as_many_messages_the_first_is_the_busiest(engine: Engine) -> None:
    calls = [call(486, call_id=f"c{at}", at=at) for at in (60, 5, 20, 90, 40, 10)]
    with closing(connect(capture(*calls), engine=engine)) as opened:
        found = busiest_of(opened)
    assert found is not None
    assert found.start.timestamp() == START + 5


def test_of_equals_the_least_is_named(tmp_path: Path) -> None:
    """Whichever thread finds them first."""
    several = [
        call(486, reason, call_id=reason, at=at, source=f"192.0.2.{at}")
        for at, reason in enumerate(["zebra", "apple", "mango"], 20)
    ]
    path = tmp_path / "a.pcap"
    path.write_bytes(capture(*several))
    with closing(connect(path)) as opened:
        prepare(opened)
        (failure,) = figures_of(opened, 10).failures
    assert failure.reason == "apple"
    assert failure.trunk is not None
    assert failure.trunk.startswith("192.0.2.20 ")
