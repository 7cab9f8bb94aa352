"""Times in log lines: with or without a date, a year, a zone."""

from __future__ import annotations

import re
from calendar import timegm
from typing import NamedTuple

__all__ = ["Clock", "Moment"]

_MONTHS = b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_NAMED_MONTH = rb"(?P<named>" + b"|".join(_MONTHS) + rb")"

_SINCE_1970 = re.compile(rb"(?<![\d.])(\d{9,10})\.(\d{1,9})(?!\d)")
_TIME = re.compile(
    rb"(?<!\d)(?:(?P<year>\d{4})[-/](?P<month>\d\d)[-/](?P<day>\d\d)[ T\t]"
    rb"|" + _NAMED_MONTH + rb" {1,2}(?P<named_day>\d{1,2})(?: (?P<named_year>\d{4}))?,? "
    rb"|(?P<first_day>\d\d)-(?P<second_month>\d\d)@)?"
    rb"(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d):(?P<second>[0-5]\d|60)"
    rb"(?:[.,:](?P<fraction>\d{1,9}))?(?P<zone>Z|[+-]\d\d:?\d\d)?(?: (?P<last_year>\d{4})(?!\d))?"
)

_DAY = 86_400
_HALF_A_DAY = _DAY // 2


class Moment(NamedTuple):
    """A time, and the part of it that the log lacks: "time", "date", "year", "zone" or ""."""

    time_ns: int | None
    lost: str


NEVER = Moment(None, "time")


class Clock:
    """Reads the times of one log, in their order.

    A time of day alone belongs to the day before it, until the clock passes midnight: where it goes
    back by more than 12 hours, the next day has begun. The first day is that of `first_day`,
    seconds since 1970-01-01 00:00 UTC.
    """

    __slots__ = ("_date_read", "_dated", "_day", "_last")

    def __init__(self, first_day: int | None = None) -> None:
        self._dated = first_day is not None
        self._day = 0 if first_day is None else first_day - first_day % _DAY
        self._last = 0
        # Most lines have the date of the one before.
        self._date_read: tuple[tuple[bytes | None, ...], int] = (), 0

    def read(self, text: bytes, may_be_seconds: bool = True) -> Moment:
        """The time in a piece of a log line; perhaps in seconds since 1970."""
        found = _SINCE_1970.search(text) if may_be_seconds else None
        if found:
            return Moment(int(found[1]) * 1_000_000_000 + _nanoseconds(found[2]), "")
        found = _TIME.search(text)
        if found is None:
            return NEVER
        of_day = int(found["hour"]) * 3600 + int(found["minute"]) * 60 + int(found["second"])
        try:
            day, lost = self._date(found, of_day)
        except ValueError:
            return NEVER
        zone = found["zone"]
        if zone and zone != b"Z":
            minutes = int(zone[1:3]) * 60 + int(zone[-2:])
            of_day += minutes * (60 if zone[:1] == b"-" else -60)
        seconds = day + of_day
        lost = lost or ("" if zone else "zone")
        return Moment(seconds * 1_000_000_000 + _nanoseconds(found["fraction"] or b""), lost)

    def _date(self, found: re.Match[bytes], of_day: int) -> tuple[int, str]:
        """The day of a time, in seconds since 1970, and what its date lacks."""
        month = found["month"] or found["second_month"]
        day = found["day"] or found["named_day"] or found["first_day"]
        if found["named"]:
            month = b"%d" % (_MONTHS.index(found["named"]) + 1)
        if day is None:
            if of_day < self._last - _HALF_A_DAY:
                self._day += _DAY
            self._last = of_day
            return self._day, "" if self._dated else "date"
        year = found["year"] or found["named_year"]
        if year is None and found["named"]:
            year = found["last_year"]
        date = year, month, day
        if date != self._date_read[0]:
            self._date_read = date, timegm((int(year or 1970), int(month), int(day), 0, 0, 0))
        return self._date_read[1], "" if year else "year"


def _nanoseconds(digits: bytes) -> int:
    return int(digits.ljust(9, b"0"))
