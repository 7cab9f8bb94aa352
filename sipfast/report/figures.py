"""The figures of a report: SQL over the tables of `sipfast.connect`.

Messages, calls and registrations are read once each, into sums or temporary tables, which DuckDB
may spill. What comes back is bounded for any capture: bins, and the first rows of each list.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple

from ..registry.results import FAILED_CALLS
from ..sql import queries
from .charts import EDGES

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "BY",
    "LONGEST_LADDER",
    "Busiest",
    "Delay",
    "Failure",
    "Figures",
    "Group",
    "Groups",
    "Metrics",
    "Traffic",
    "figures_of",
    "metrics_of",
    "prepare",
]

LONGEST_LADDER = 60
"""The most messages of a call that is drawn."""

_BINS = 120
"""Of traffic over time, at most."""
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200)
"""The seconds of a bin; beyond, days."""
_DAY = 86400
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_SHORTEST = 1e-6
"""Seconds: what takes no time that a capture could show counts as this, for the logarithm."""


class _Key(NamedTuple):
    """What groups are made by: an expression over calls, and one over registrations."""

    calls: str
    registrations: str


_TRUNK = """case
    when source_address is not null or destination_address is not null
    then concat(coalesce(source_address, '?'), ' → ', coalesce(destination_address, '?'))
end"""
"""A log may tell one address, and a file of messages tells none."""
BY = {
    "trunk": _Key(_TRUNK, _TRUNK),
    "source": _Key("source_address", "source_address"),
    "destination": _Key("destination_address", "destination_address"),
    "host": _Key("source_address", "source_address"),  # and the destinations, too
    "domain": _Key("from_host", "to_host"),
    "agent": _Key("caller_agent", "user_agent"),
}
"""What calls and registrations can be grouped by."""


class Traffic(NamedTuple):
    """Messages over time, in bins of the same length."""

    edges: list[int]
    """Seconds since 1970: one more than bins."""
    requests: list[int]
    responses: list[int]
    """Those below 400."""
    failures: list[int]
    """Responses from 400 on."""

    @property
    def step(self) -> int:
        """The seconds of a bin."""
        return self.edges[1] - self.edges[0]


class Busiest(NamedTuple):
    """The second with the most messages; the first of several."""

    start: datetime
    messages: int


class Delay(NamedTuple):
    """How long something took, in seconds."""

    name: str
    number: int
    median: float
    late: float
    """95 of 100 took no longer."""
    longest: float
    bins: dict[int, int]
    """As `charts.histogram` takes them."""


class Failure(NamedTuple):
    """The calls that ended with the same status."""

    status: int | None
    """None without a final response."""
    calls: int
    reason: str | None
    """The most frequent reason phrase."""
    cause: int | None
    """The most frequent cause of Reason."""
    trunk: str | None
    """The addresses between which most of them went."""
    call_id: str | None
    """A typical one, short enough to be drawn."""


class Metrics(NamedTuple):
    """The columns of `METRICS` from `attempts` on, by name, of all calls or of a group."""

    attempts: int
    answers: int
    asr: float | None
    ner: float | None
    ser: float | None
    seer: float | None
    isa: float | None
    scr: float | None
    srd_successful: float | None
    srd_failed: float | None
    sdd: float | None
    sdd_failures: int
    sdt: float | None
    registrations: int
    rrd: float | None
    ira: float | None
    retransmissions: int
    messages: int


class Group(NamedTuple):
    """The calls and registrations of one trunk, host or the like."""

    name: str | None
    metrics: Metrics


class Groups(NamedTuple):
    """The groups with the most messages, and the number of all groups."""

    by: str
    first: tuple[Group, ...]
    number: int


class Figures(NamedTuple):
    """All that a page shows of calls and times."""

    start: datetime | None
    end: datetime | None
    """None without times."""
    traffic: Traffic | None
    results: dict[str, int]
    """Calls by result, the most frequent first."""
    delays: tuple[Delay, ...]
    failures: tuple[Failure, ...]


_KEPT = {
    "calls": "call_id, start, from_host, source_address, destination_address, caller_agent, "
    "invites, result, status, reason, progress, cause, post_dial_delay, setup_time, duration, "
    "disconnect_delay, hung_up, hangup, bye_status, retransmissions, messages",
    "registrations": "to_host, source_address, destination_address, user_agent, attempts, "
    "accepted, refused, unanswered, delay, retransmissions, messages",
}
"""The columns that the figures and the metrics are made of: others need not be read."""


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Read the calls and registrations once, into temporary tables."""
    for name, columns in _KEPT.items():
        query = f"select {columns} from {name}"
        connection.execute(f"create or replace temp table report_{name} as {query}")


def metrics_of(
    connection: duckdb.DuckDBPyConnection, by: str | None = None, top: int = 10
) -> tuple[Metrics, Groups | None]:
    """The metrics of all calls, and those of the groups `by` one of BY.  After `prepare`."""
    key = BY["source" if by is None else by]
    sources = []
    for name, expression in (("calls", key.calls), ("registrations", key.registrations)):
        nowhere = "cast(null as varchar) as destination_address"
        text = f"select * replace ({expression} as source_address, {nowhere}) from report_{name}"
        if by == "host":
            text += (
                f" union all select * replace (destination_address as source_address, {nowhere})"
                f" from report_{name} where destination_address is distinct from source_address"
            )
        sources.append(f"{name} as ({text})")
    columns = ", ".join(Metrics._fields)
    query = (
        f"with {', '.join(sources)}, metrics as ({queries.query('metrics')}\n) "
        f"select host, {columns}, count(*) over () from metrics where scope = ? "
        "order by messages desc, host limit ?"
    )
    groups = None
    if by is not None:
        rows = connection.execute(query, ["source_address", top]).fetchall()
        number = rows[0][-1] if rows else 0
        groups = Groups(by, tuple([Group(row[0], Metrics(*row[1:-1])) for row in rows]), number)
    if by == "host":  # in whose groups every call is twice
        return metrics_of(connection)[0], groups
    return Metrics(*connection.execute(query, ["all", 1]).fetchall()[0][1:-1]), groups


def busiest_of(connection: duckdb.DuckDBPyConnection) -> Busiest | None:
    """The busiest second; None without times."""
    _count_seconds(connection)
    row = connection.execute(
        "select second, requests + responses + failures as messages from report_seconds "
        "order by messages desc, second limit 1"
    ).fetchone()
    return row and Busiest(_EPOCH + timedelta(seconds=row[0]), row[1])


def figures_of(connection: duckdb.DuckDBPyConnection, top: int = 10) -> Figures:
    """The figures of a page.  After `prepare`."""
    _count_seconds(connection)
    start, end = connection.execute("select min(first), max(last) from report_seconds").fetchall()[
        0
    ]
    results = connection.execute(
        "select result, count(*) from report_calls group by all order by 2 desc, 1"
    ).fetchall()
    return Figures(
        start=_moment(start),
        end=_moment(end),
        traffic=_traffic(connection),
        results=dict(results),
        delays=_delays(connection),
        failures=_failures(connection, top),
    )


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else _EPOCH + timedelta(microseconds=micros)


def _count_seconds(connection: duckdb.DuckDBPyConnection) -> None:
    """A table with a row for each second with messages: one pass over the messages."""
    connection.execute("""
        create temp table if not exists report_seconds as
        select
            cast(floor(epoch_us(time) / 1e6) as bigint) as second,
            count(*) filter (where is_request) as requests,
            count(*) filter (where not is_request and status < 400) as responses,
            count(*) filter (where not is_request and status >= 400) as failures,
            min(epoch_us(time)) as first,
            max(epoch_us(time)) as last
        from messages
        where time is not null and is_request is not null
        group by second
    """)


def _traffic(connection: duckdb.DuckDBPyConnection) -> Traffic | None:
    first, last = connection.execute(
        "select min(second), max(second) from report_seconds"
    ).fetchall()[0]
    if first is None:
        return None
    step = _step(last - first + 1)
    begin = first - first % step
    bins = (last - begin) // step + 1
    rows = connection.execute(
        "select (second - ?) // ?, sum(requests), sum(responses), sum(failures) "
        "from report_seconds group by 1",
        [begin, step],
    ).fetchall()
    counts = [[0] * bins for _ in range(3)]
    for at, *sums in rows:
        for kind, count in zip(counts, sums, strict=True):
            kind[at] = int(count)
    return Traffic([begin + step * at for at in range(bins + 1)], *counts)


def _step(seconds: int) -> int:
    """The seconds of a bin, for a capture of so many seconds."""
    for step in _STEPS:
        if seconds <= step * (_BINS - 1):
            return step
    return _DAY * -(-seconds // (_DAY * (_BINS - 1)))


_DELAYS = (
    ("post_dial_delay", "report_calls"),
    ("setup_time", "report_calls"),
    ("duration", "report_calls"),
    ("delay", "report_registrations"),
)


def _delays(connection: duckdb.DuckDBPyConnection) -> tuple[Delay, ...]:
    found = []
    for name, table in _DELAYS:
        row = connection.execute(
            f"select count({name}), quantile_cont({name}, 0.5), quantile_cont({name}, 0.95), "
            f"max({name}) from {table} where {name} >= 0"
        ).fetchall()[0]
        if not row[0]:
            continue
        # The decade, and the last edge in it that is not above.
        above = " + ".join([f"(mantissa >= {edge})::int" for edge in EDGES[1:]])
        bins = connection.execute(
            f"with delays as (select greatest({name}, {_SHORTEST}) as delay from {table} "
            f"where {name} >= 0), parts as (select floor(log10(delay) + 1e-9) as decade, "
            "delay / pow(10, decade) + 1e-9 as mantissa from delays) "
            f"select cast(decade as bigint) * {len(EDGES)} + {above}, count(*) "
            "from parts group by 1 order by 1"
        ).fetchall()
        number, median, late, longest = row
        found.append(Delay(name, number, median, late, longest, dict(bins)))
    return tuple(found)


def _failures(connection: duckdb.DuckDBPyConnection, top: int) -> tuple[Failure, ...]:
    """The statuses of failed calls, and no status for those without a final response."""
    rows = connection.execute(
        f"""
        with failed as (
            select *, {_TRUNK} as trunk
            from report_calls
            where list_contains(?, result)
        ),
        usual as (
            select
                status,
                mode(messages order by messages) filter (where messages <= {LONGEST_LADDER}) as size
            from failed
            group by status
        )
        select
            status, count(*), mode(nullif(reason, '') order by reason),
            mode(cause order by cause), mode(trunk order by trunk),
            min_by(call_id, packet_order) filter (where messages = size)
        from (
            select failed.*, size, row_number() over (order by start, call_id) as packet_order
            from failed join usual on failed.status is not distinct from usual.status
        )
        group by status
        order by 2 desc, 1
        limit ?
        """,
        [list(FAILED_CALLS), top],
    ).fetchall()
    return tuple([Failure(*row) for row in rows])
