"""The columns of the list: a table, with the SQL that sorts by each and the cell of each row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from ...._moment import moment
from ...places import endpoint
from ...screen.text import shortened, visible
from .words import BrowseWords

__all__ = ["COLUMNS", "FIELDS", "NAMES", "SEARCHED", "TIMES", "USUAL", "Column", "Look", "Row"]

FIELDS = (
    ("id", "bigint"),
    ("call_id", "varchar"),
    ("messages", "bigint"),
    ("start", "bigint"),
    ("end", "bigint"),
    ("method", "varchar"),
    ("caller", "varchar"),
    ("callee", "varchar"),
    ("from_host", "varchar"),
    ("to_host", "varchar"),
    ("source", "varchar"),
    ("source_port", "bigint"),
    ("destination", "varchar"),
    ("destination_port", "bigint"),
    ("status", "bigint"),
    ("reason", "varchar"),
    ("is_call", "boolean"),
    ("agent", "varchar"),
    ("result", "varchar"),
    ("post_dial_delay", "double"),
    ("setup_time", "double"),
    ("duration", "double"),
    ("hangup", "varchar"),
    ("cause", "bigint"),
    ("codecs", "varchar"),
    ("retransmissions", "bigint"),
)
"""What the list knows of a dialog, by the names that conditions use, with their types in SQL."""

SEARCHED = (
    *[f'"{name}"' for name, kind in FIELDS if kind == "varchar"],
    "source_port",
    "destination_port",
    "array_to_string(kinds, ' ')",
)
"""What the filter searches."""

TIMES = ("clock", "date", "since")
"""The ways to show times: of the day, with the date, since the first message."""

_LONGEST = 256


@dataclass
class Look:
    """The settings of the browser, which all screens share."""

    words: BrowseWords
    times: str = "clock"
    first: int | None = None
    """The time of the first message."""
    is_dark: bool = True

    def moment(self, time_ns: int | None) -> str:
        """A time as the settings have it."""
        if time_ns is None:
            return ""
        if self.times == "since" and self.first is not None:
            return f"{(time_ns - self.first) / 1e9:.3f}"
        full = self.full(time_ns)
        return full[5:19] if self.times == "date" else full[11:23]

    def full(self, time_ns: int) -> str:
        """Date and time in UTC, to the millisecond."""
        found = moment(time_ns)
        return f"{time_ns} ns" if found is None else f"{found:%Y-%m-%d %H:%M:%S.%f}"[:23]


class Row(NamedTuple):
    """A dialog of the list: the fields that cells read."""

    id: int
    call_id: str | None
    messages: int
    start: int | None
    end: int | None
    method: str | None
    caller: str | None
    callee: str | None
    from_host: str | None
    to_host: str | None
    source: str | None
    source_port: int | None
    destination: str | None
    destination_port: int | None
    status: int | None
    reason: str | None
    is_call: bool
    agent: str | None
    result: str | None
    post_dial_delay: float | None
    setup_time: float | None
    duration: float | None
    hangup: str | None
    cause: int | None
    codecs: str | None
    retransmissions: int | None


class Column(NamedTuple):
    """A column of the list: its least width in cells, and its share of those that are left."""

    name: str
    sort: str
    least: int
    share: int
    cell: Callable[[Row, Look], str]
    is_number: bool = False
    usual: bool = True


def _text(name: str) -> Callable[[Row, Look], str]:
    return lambda row, _look: visible(shortened(getattr(row, name) or "", _LONGEST))


def _number(name: str) -> Callable[[Row, Look], str]:
    def cell(row: Row, _look: Look) -> str:
        value = getattr(row, name)
        return "" if value is None else f"{value:,}"

    return cell


def _seconds(name: str) -> Callable[[Row, Look], str]:
    def cell(row: Row, _look: Look) -> str:
        value = getattr(row, name)
        if value is None:
            return ""
        return f"{value:.2f}" if value < 1000 else f"{value:.0f}"

    return cell


def _result(row: Row, look: Look) -> str:
    """The result of a call in words; of another dialog, its final status."""
    if row.result is not None:
        return look.words.results(row.result)
    return "" if row.status is None else f"{row.status:03}"


def _method(row: Row, _look: Look) -> str:
    return visible(shortened(row.method or "?", _LONGEST))


def _status(row: Row, _look: Look) -> str:
    if row.status is None:
        return ""
    return visible(shortened(f"{row.status:03} {row.reason or ''}".rstrip(), _LONGEST))


def _hangup(row: Row, look: Look) -> str:
    return look.words.sides(row.hangup or "")


def _cause(row: Row, _look: Look) -> str:
    return "" if row.cause is None else str(row.cause)


def _source(row: Row, _look: Look) -> str:
    return "" if row.source is None else visible(endpoint(row.source, row.source_port))


def _destination(row: Row, _look: Look) -> str:
    if row.destination is None:
        return ""
    return visible(endpoint(row.destination, row.destination_port))


# fmt: off
_ROWS = (
    Column("number", "id", 7, 0, lambda row, _look: f"{row.id + 1:,}", is_number=True, usual=False),
    Column("time", "start", 12, 0, lambda row, look: look.moment(row.start)),
    Column("method", "method", 9, 0, _method),
    Column("from", "lower(caller)", 8, 3, _text("caller")),
    Column("to", "lower(callee)", 8, 3, _text("callee")),
    Column("result", "coalesce(result, status::varchar)", 11, 0, _result),
    Column("delay", "post_dial_delay", 6, 0, _seconds("post_dial_delay"), is_number=True),
    Column("duration", "duration", 8, 0, _seconds("duration"), is_number=True),
    Column("messages", "messages", 5, 0, _number("messages"), is_number=True),
    Column("source", "source, source_port", 18, 1, _source),
    Column("destination", "destination, destination_port", 18, 1, _destination),
    Column("Call-ID", "call_id", 10, 2, _text("call_id")),
    Column("status", "status", 12, 1, _status, usual=False),
    Column("setup", "setup_time", 6, 0, _seconds("setup_time"), is_number=True, usual=False),
    Column("hung up", "hangup", 7, 0, _hangup, usual=False),
    Column("cause", "cause", 5, 0, _cause, is_number=True, usual=False),
    Column("codecs", "codecs", 10, 1, _text("codecs"), usual=False),
    Column("repeats", "retransmissions", 7, 0, _number("retransmissions"), is_number=True, usual=False),  # noqa: E501
    Column("user agent", "lower(agent)", 10, 2, _text("agent"), usual=False),
)
# fmt: on

COLUMNS = {column.name: column for column in _ROWS}
"""Every column by name."""

USUAL = tuple(column.name for column in _ROWS if column.usual)
"""The columns of the list at first; a narrow screen leaves out those that have least room."""

NAMES = tuple(name for name, _ in FIELDS)
assert Row._fields == NAMES
