"""The freshness of Date and PASSporTs in a message with an Identity (RFC 8224)."""

from __future__ import annotations

from sipfast.errors import Defect, ParseError, defect
from sipfast.registry.header_names import HEADER_IDS

from ..lists import read_field
from ..values.identity import Identity
from ..values.times import Date
from ..wire.table import Table

__all__ = ["FRESH", "check_dates", "find_stale"]

FRESH = 60
"""The seconds for which a Date or PASSporT is fresh (RFC 8224 4.1, 6.2)."""

_DATE = HEADER_IDS["date"]
_IDENTITY = HEADER_IDS["identity"]


def check_dates(table: Table, found: list[Defect]) -> None:
    """Report each PASSporT whose time differs too much from Date (RFC 8224 4.1)."""
    date = _date(table)
    if date is None:
        return
    for index, issued in _issued(table):
        if abs(issued - date) > FRESH:
            at = table._value_at(index)
            found.append(defect("passport-date-mismatch", at, "Identity"))


def find_stale(table: Table, now: float) -> list[Defect]:
    """The stale times at `now`, in seconds since 1970 (RFC 8224 6.2).

    Checks Date, or the PASSporTs if there is no Date; nothing without an Identity.
    """
    if table._first(_IDENTITY) < 0:
        return []
    index = table._first(_DATE)
    if index >= 0:
        date = _date(table)
        is_stale = date is not None and abs(now - date) > FRESH
        return [defect("date-stale", table._value_at(index), "Date")] if is_stale else []
    return [
        defect("date-stale", table._value_at(index), "Identity")
        for index, issued in _issued(table)
        if abs(now - issued) > FRESH
    ]


def _date(table: Table) -> float | None:
    """Date in seconds since 1970; None if absent or malformed."""
    index = table._first(_DATE)
    if index < 0:
        return None
    try:
        date: Date = read_field(table, index, Date)
    except ParseError:
        return None
    return date.datetime.timestamp()


def _issued(table: Table) -> list[tuple[int, float]]:
    """The place of each Identity whose PASSporT has a time, and that time in seconds since 1970."""
    found = []
    index = table._first(_IDENTITY)
    while index >= 0:
        try:
            identity: Identity = read_field(table, index, Identity)
            passport = identity.passport
            issued = None if passport is None else passport.iat
        except ParseError:
            issued = None
        if issued is not None:
            found.append((index, issued.timestamp()))
        index = table._next(index)
    return found
