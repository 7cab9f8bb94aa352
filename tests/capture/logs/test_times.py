"""The times of header lines, and what they lack."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from log_files import OF_DAY, SECOND

from sipfast.capture.logs.times import Clock

NS = 10**9
NO_YEAR = 86_400 + OF_DAY


@pytest.mark.parametrize(
    ("text", "time_ns", "lost"),
    [
        (b"2026-01-02 03:04:05", SECOND * NS, "zone"),
        (b"2026/01/02 03:04:05.123456", SECOND * NS + 123_456_000, "zone"),
        (b"2026-01-02T03:04:05,123Z", SECOND * NS + 123_000_000, ""),
        (b"2026-01-02T05:04:05+02:00", SECOND * NS, ""),
        (b"2026-01-01 20:04:05.5-0700", SECOND * NS + 500_000_000, ""),
        (b"2026-01-02\t03:04:05.000001\t1767323045.123456789", SECOND * NS + 123_456_789, ""),
        (b"1767323045.25", SECOND * NS + 250_000_000, ""),
        (b"2026-01-02 03:04:05:250 belle-sip", SECOND * NS + 250_000_000, "zone"),
        (b"Jan  2 03:04:05.123", NO_YEAR * NS + 123_000_000, "year"),
        (b"[Jan 02 03:04:05] x", NO_YEAR * NS, "year"),
        (b"Jan  2 2026 03:04:05", SECOND * NS, "zone"),
        (b"Fri Jan  2 03:04:05 2026", SECOND * NS, "zone"),
        (b"[Time:02-01@03:04:05.250]", NO_YEAR * NS + 250_000_000, "year"),
        (b"|03:04:05.250 |AppInfo", OF_DAY * NS + 250_000_000, "date"),
        (b"03:04:05", OF_DAY * NS, "date"),
        (b"Feb 29 03:04:05", (31 + 28) * 86_400 * NS + OF_DAY * NS, "year"),
        (b"2016-12-31 23:59:60Z", 1_483_228_800 * NS, ""),
        (b"", None, "time"),
        (b"at noon", None, "time"),
        (b"25:00:00", None, "time"),
        (b"12:60:00", None, "time"),
        (b"2026-13-02 03:04:05", None, "time"),
        (b"0000-01-02 03:04:05", None, "time"),
    ],
)
def test_times(text: bytes, time_ns: int | None, lost: str) -> None:
    assert Clock().read(text) == (time_ns, lost)


def test_days_go_on_after_midnight() -> None:
    clock = Clock()
    texts = [b"23:59:59", b"00:00:01", b"00:00:00", b"12:30:00", b"23:00:00", b"01:00:00"]
    times = [clock.read(text).time_ns or 0 for text in texts]
    hours = [divmod(time // NS, 3600) for time in times]
    assert hours == [(23, 3599), (24, 1), (24, 0), (36, 1800), (47, 0), (49, 0)]


def test_a_first_day_gives_the_date() -> None:
    clock = Clock(SECOND)
    assert clock.read(b"03:04:06") == ((SECOND + 1) * NS, "zone")
    assert clock.read(b"23:00:00").time_ns == (SECOND - OF_DAY + 23 * 3600) * NS
    assert clock.read(b"01:00:00").time_ns == (SECOND - OF_DAY + 25 * 3600) * NS


def test_seconds_are_read_only_where_they_may_be() -> None:
    assert Clock().read(b"call 1767323045.25 at 03:04:05", False) == (OF_DAY * NS, "date")


@given(st.binary(max_size=60))
def test_any_bytes(text: bytes) -> None:
    time_ns, lost = Clock().read(text)
    assert (time_ns is None) == (lost == "time")
