"""Points in time and durations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sipfast import _late
from sipfast.errors import parse_error

from ..building import built_item, changed, check, digits, free, gathered, number_text
from ..comments import without_pairs
from ..parameters import CONTROLS, Pairs, Parameters, alike, others, parameter_number, written
from ..value import MOST_UNSIGNED, Value
from ..wire.text import FIRST, SECOND

if TYPE_CHECKING:
    import datetime as dt
    from types import EllipsisType

    from typing_extensions import Self

__all__ = ["Date", "RetryAfter", "SessionExpires", "SessionInterval", "Timestamp"]

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE = re.compile(
    rf"({'|'.join(_DAYS)}),[ \t]*([0-9]{{2}})[ \t]+({'|'.join(_MONTHS)})[ \t]+([0-9]{{4}})[ \t]+"
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})[ \t]+GMT"
)
# RFC 3261 sets no bound; with this one, every number fits a float.
_MOMENT = re.compile(r"[0-9]{1,32}(?:\.[0-9]{0,32})?")
_DELAY = re.compile(r"[0-9]{1,32}(?:\.[0-9]{0,32})?|\.[0-9]{0,32}")
_ISO_DATE = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"(?:\.([0-9]{1,9}))?(?:(Z)|([-+])([0-9]{2}):?([0-5][0-9]))?"
)
_CHINA = 8 * 3600
_BEYOND = 10**33
_QUOTABLE = re.compile(rf"[\\(){CONTROLS}]")


class Date(Value):
    """A Date: a time in whole seconds, always in GMT (RFC 3261 20.17).

    >>> Date.parse("Sat, 13 Nov 2010 23:29:00 GMT").datetime.isoformat()
    '2010-11-13T23:29:00+00:00'

    The form of ISO 8601 is read too: servers of GB/T 28181 send it to set the clocks of cameras.
    Without a time zone it is the time of China, UTC+8.

    >>> Date.parse("2024-03-06T10:20:30.123").datetime.isoformat()
    '2024-03-06T10:20:30.123000+08:00'
    """

    __slots__ = ()

    def __init__(self, datetime: dt.datetime) -> None:
        """Build one from an aware datetime; its fraction of a second is dropped.

        Raises ValueError if it has no time zone, and `ParseError` if its year in GMT is out of
        range.
        """
        if not isinstance(datetime, _late.datetime.datetime):
            raise TypeError(f"datetime must be datetime, not {type(datetime).__name__}")
        if datetime.utcoffset() is None:
            raise ValueError("datetime must have a time zone (RFC 3261 20.17)")
        try:
            gmt = datetime.astimezone(_late.datetime.timezone.utc)
        except OverflowError:
            raise parse_error("date-malformed", 0) from None
        day = f"{_DAYS[gmt.weekday()]}, {gmt.day:02} {_MONTHS[gmt.month - 1]} {gmt.year:04}"
        built = self._built(f"{day} {gmt.hour:02}:{gmt.minute:02}:{gmt.second:02} GMT")
        self._become(built)

    def _read(self) -> Any:
        text = str(self)
        when = _date(text) or _iso_date(text)
        if when is None:
            self._raise("date-malformed", 0)
        self._keep(when)
        return self

    @property
    def datetime(self) -> dt.datetime:
        """The time as a datetime in UTC; one in the form of ISO 8601 keeps its time zone."""
        when: dt.datetime = self._kept()
        return when

    def replace(
        self,
        *,
        datetime: dt.datetime | EllipsisType = ...,
    ) -> Date:
        """A copy with another `datetime`."""
        given = changed(locals())
        return Date(**({"datetime": self.datetime} | given))

    def _key(self) -> Any:
        return self._kept()


class Timestamp(Value):
    """A Timestamp: the time of sending by the client's clock (RFC 3261 20.38).

    >>> timestamp = Timestamp.parse("54.21 0.5")
    >>> timestamp.value, timestamp.seconds, timestamp.delay
    ('54.21', 54.21, 0.5)
    """

    __slots__ = ()

    def __init__(self, value: str | float, delay: str | float | None = None) -> None:
        """Build one from decimal numbers.  Raises `ParseError` if one cannot be written."""
        check(locals())
        parts = (_decimal(value), None if delay is None else _decimal(delay))
        built = self._built(" ".join([part for part in parts if part is not None]))
        if (built._part(FIRST), built._part(SECOND)) != parts:
            built._fail("timestamp-malformed", FIRST)
        self._become(built)

    def _read(self) -> Any:
        self._split_words(2)
        if not _MOMENT.fullmatch(self._part(FIRST) or ""):
            self._fail("timestamp-malformed", FIRST)
        if self._has(SECOND) and not _DELAY.fullmatch(self._part(SECOND) or ""):
            self._fail("timestamp-malformed", SECOND)
        return self

    @property
    def value(self) -> str:
        """The time as written, with all its decimals."""
        return self._part(FIRST) or ""

    @property
    def seconds(self) -> float:
        """The time in seconds."""
        return float(self.value)

    @property
    def delay(self) -> float | None:
        """The server's delay before its response in seconds, or None."""
        delay = self._part(SECOND)
        return None if delay is None else float(f"0{delay}")

    def replace(
        self,
        *,
        value: str | float | EllipsisType = ...,
        delay: str | float | EllipsisType | None = ...,
    ) -> Timestamp:
        """A copy with some arguments of `Timestamp` replaced."""
        given = changed(locals())
        return Timestamp(**({"value": self.value, "delay": self._part(SECOND)} | given))

    def _key(self) -> Any:
        delay = self._part(SECOND)
        return _shortest(self.value), None if delay is None else _shortest(delay)


class RetryAfter(Value):
    """A Retry-After: when to retry, a comment, and for how long (RFC 3261 20.33).

    >>> retry = RetryAfter.parse("18000 (in a meeting (again));duration=3600")
    >>> retry.seconds, retry.comment, retry.duration
    (18000, 'in a meeting (again)', 3600)
    """

    __slots__ = ()

    def __init__(
        self,
        seconds: int,
        comment: str | None = None,
        *,
        duration: int | None = None,
        parameters: Pairs = (),
    ) -> None:
        """Build one.  Raises `ParseError` if a part cannot be written."""
        check(locals())
        why = "" if comment is None else f" ({_QUOTABLE.sub(_escape, comment)})"
        pairs = gathered((("duration", number_text(duration)),), parameters)
        built = self._built(f"{digits(seconds)}{why}{written(pairs)}")
        built.duration  # noqa: B018  raises if malformed
        self._become(built)

    def _read(self) -> Any:
        self._split_commented()
        self._number(FIRST, MOST_UNSIGNED)
        return self

    @property
    def seconds(self) -> int:
        """The seconds to wait."""
        return self._number(FIRST, MOST_UNSIGNED)

    @property
    def comment(self) -> str | None:
        """The text of the comment, without parentheses and backslashes, or None."""
        comment = self._part(SECOND)
        return None if comment is None else without_pairs(comment[1 : len(comment) - 1])

    @property
    def duration(self) -> int | None:
        """``duration``: how long the callee can then be reached, in seconds, or None."""
        return parameter_number(self, "duration", MOST_UNSIGNED)

    @property
    def parameters(self) -> Parameters:
        """The parameters as a mapping."""
        return Parameters(self)

    def replace(
        self,
        *,
        seconds: int | EllipsisType = ...,
        comment: str | EllipsisType | None = ...,
        duration: int | EllipsisType | None = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> RetryAfter:
        """A copy with some arguments of `RetryAfter` replaced."""
        given = changed(locals())
        parts = {
            "seconds": self.seconds,
            "comment": self.comment,
            "duration": self.duration,
            "parameters": others(self, ("duration",)),
        }
        return self._again(RetryAfter, parts, given)

    def _key(self) -> Any:
        return self.seconds, self.comment, self.duration, alike(self, ("duration",))


class SessionInterval(Value):
    """A Min-SE: the shortest session interval that a party accepts, in seconds (RFC 4028 5)."""

    __slots__ = ()

    def __init__(self, interval: int, *, parameters: Pairs = ()) -> None:
        """Build one.  Raises `ParseError` if a part cannot be written."""
        check(locals())
        built = built_item(self, digits(interval), free(parameters))
        self._become(built)

    def _read(self) -> Any:
        self._split_item()
        self._number(FIRST, MOST_UNSIGNED)
        return self

    @property
    def interval(self) -> int:
        """The session interval in seconds."""
        return self._number(FIRST, MOST_UNSIGNED)

    @property
    def parameters(self) -> Parameters:
        """The parameters as a mapping."""
        return Parameters(self)

    def replace(
        self,
        *,
        interval: int | EllipsisType = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> Self:
        """A copy with some constructor arguments replaced."""
        given = changed(locals())
        parts: dict[str, Any] = {"interval": self.interval, "parameters": self._parameters()}
        return self._again(type(self), parts, given)

    def _key(self) -> Any:
        return self.interval, self.parameters


class SessionExpires(SessionInterval):
    """A Session-Expires: the session interval and the refresher (RFC 4028 4).

    >>> expires = SessionExpires.parse("4000;refresher=uac")
    >>> expires.interval, expires.refresher
    (4000, 'uac')
    """

    __slots__ = ()

    def __init__(
        self, interval: int, refresher: str | None = None, *, parameters: Pairs = ()
    ) -> None:
        """Build one.  Raises `ParseError` if a part cannot be written."""
        check(locals())
        pairs = gathered((("refresher", refresher),), parameters)
        built = built_item(self, digits(interval), pairs)
        self._become(built)

    @property
    def refresher(self) -> str | None:
        """The refresher, ``"uac"`` or ``"uas"``, in lower case, or None."""
        refresher = self._parameter("refresher")
        return refresher and refresher.lower()

    def replace(
        self,
        *,
        interval: int | EllipsisType = ...,
        refresher: str | EllipsisType | None = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> Self:
        """A copy with some arguments of `SessionExpires` replaced."""
        given = changed(locals())
        parts = {
            "interval": self.interval,
            "refresher": self._parameter("refresher"),
            "parameters": others(self, ("refresher",)),
        }
        return self._again(type(self), parts, given)


def _date(text: str) -> dt.datetime | None:
    """The time of a SIP-date, or None if it is malformed (RFC 3261 25.1)."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    weekday, day, month, year, *clock = match.groups()
    hour, minute, second = map(int, clock)
    try:
        of = _late.datetime
        date = of.date(int(year), _MONTHS.index(month) + 1, int(day))
        when = of.datetime.combine(date, of.time(hour, minute, second, tzinfo=of.timezone.utc))
    except ValueError:
        return None
    return when if _DAYS[when.weekday()] == weekday else None


def _iso_date(text: str) -> dt.datetime | None:
    """The time in the form of ISO 8601, or None if it is malformed."""
    match = _ISO_DATE.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    fraction, utc, sign, hours, minutes = match.groups()[6:]
    if utc:
        offset = 0
    elif sign:
        offset = (int(hours) * 60 + int(minutes)) * (-60 if sign == "-" else 60)
    else:
        offset = _CHINA
    microsecond = int((fraction or "0").ljust(6, "0")[:6])
    of = _late.datetime
    try:
        zone = of.timezone(of.timedelta(seconds=offset)) if offset else of.timezone.utc
        when = of.datetime(year, month, day, hour, minute, second, microsecond, zone)
        when.astimezone(of.timezone.utc)  # it must be within the years of UTC
    except (ValueError, OverflowError):
        return None
    return when


def _decimal(number: str | float) -> str:
    """A number as written in a Timestamp."""
    return digits(number, _BEYOND) if isinstance(number, int) else f"{number}"


def _shortest(decimal: str) -> str:
    """The same number without redundant zeros."""
    whole, _, fraction = decimal.partition(".")
    return f"{whole.lstrip('0')}.{fraction.rstrip('0')}"


def _escape(match: re.Match[str]) -> str:
    return f"\\{match[0]}"
