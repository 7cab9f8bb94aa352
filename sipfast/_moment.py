"""Times of records, in nanoseconds, as those of Python."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

__all__ = ["moment", "moment_text"]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def moment(time_ns: int | None) -> datetime | None:
    """The time in UTC, to the microsecond; None for None, and beyond the years 1 to 9999."""
    if time_ns is None:
        return None
    try:
        return _EPOCH + timedelta(microseconds=time_ns // 1000)
    except OverflowError:
        return None


def moment_text(time_ns: int, form: str) -> str:
    """The time in a form of `strftime`; its nanoseconds beyond the years 1 to 9999."""
    found = moment(time_ns)
    return f"{time_ns} ns" if found is None else format(found, form)
