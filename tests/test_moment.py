"""Times in nanoseconds, as Python's."""

from __future__ import annotations

from datetime import datetime, timezone

from sipfast._moment import moment, moment_text


def test_moments() -> None:
    form = "%Y-%m-%d %H:%M:%S.%f UTC"
    assert moment_text(1_700_000_000_123_456_789, form) == "2023-11-14 22:13:20.123456 UTC"
    assert moment_text(2**64 * 1000, form) == f"{2**64 * 1000} ns"  # pcapng can state it


def test_times_that_python_lacks() -> None:
    assert moment(None) is None
    assert moment(2**64 * 1000) is None
    assert moment(-1) == datetime(1969, 12, 31, 23, 59, 59, 999_999, timezone.utc)
