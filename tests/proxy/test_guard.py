"""The rate limit: what passes, what a source is, and what a flood changes."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipfast.proxy.guard import RateLimit

ROWS = [
    # rate, burst, times, which pass
    (10, 2, [0, 0, 0, 0.1, 0.1, 0.3, 0.3, 0.3], [1, 1, 0, 1, 0, 1, 1, 0]),
    (1, 1, [5, 5, 5.9, 6, 6.5, 7], [1, 0, 0, 1, 0, 1]),
    (1, 1, [5, 4, 3, 6], [1, 0, 0, 1]),  # a clock that goes back
    (100, 3, [-9, -9, -9, -9, 0], [1, 1, 1, 0, 1]),
    (0.5, 1, [0, 1, 2, 3, 4], [1, 0, 1, 0, 1]),
    (10, 2.5, [0, 0, 0, 0.05, 0.05], [1, 1, 0, 1, 0]),
]


@pytest.mark.parametrize(("rate", "burst", "times", "passed"), ROWS)
def test_what_passes(rate: float, burst: float, times: list[float], passed: list[int]) -> None:
    limit = RateLimit(rate, burst)
    assert [limit.allow("192.0.2.7", now) for now in times] == [bool(flag) for flag in passed]


SAME = [
    ("192.0.2.7", b"\xc0\x00\x02\x07"),
    ("192.0.2.7", "::ffff:192.0.2.7"),
    ("192.0.2.7", bytes(10) + b"\xff\xff\xc0\x00\x02\x07"),
    ("2001:db8::1", "2001:DB8:0:0:ffff::2"),
    ("2001:db8::1", b"\x20\x01\x0d\xb8" + bytes(12)),
    ("fe80::1%lo", "fe80::2"),
]
OTHERS = [
    ("192.0.2.7", "192.0.2.8"),
    ("2001:db8::1", "2001:db8:0:1::1"),
    ("::ffff:192.0.2.7", "::ffff:192.0.2.8"),
    ("::1", "0.0.0.0"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_source(one: str | bytes, other: str | bytes) -> None:
    limit = RateLimit(1, 1)
    assert limit.allow(one, 0)
    assert not limit.allow(other, 0)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_two_sources(one: str, other: str) -> None:
    limit = RateLimit(1, 1, most=1 << 20)
    assert limit.allow(one, 0)
    assert limit.allow(other, 0)


@pytest.mark.parametrize("text", ["", "example.com", "[::1]", "192.0.2.256", "::g"])
def test_names_are_no_sources(text: str) -> None:
    with pytest.raises(ValueError, match="IP address"):
        RateLimit(1, 1).allow(text, 0)


@pytest.mark.parametrize(
    "arguments",
    [(0, 1), (-1, 1), (1, 0.5), (1, 2e9), (2e9, 1), (1, 1, 0), (1, 1, 3), (1, 1, 1 << 25)],
)
def test_what_it_is_made_of(arguments: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="must be"):
        RateLimit(*arguments)  # type: ignore[arg-type]


times = st.lists(st.floats(0, 10), min_size=1, max_size=60).map(sorted)


@given(times, st.floats(0.5, 50), st.integers(1, 10))
def test_as_a_bucket_of_tokens(moments: list[float], rate: float, burst: int) -> None:
    """Alone, a source passes as by the usual bucket."""
    limit = RateLimit(rate, burst)
    tokens, last = float(burst), 0.0
    for now in moments:
        tokens, last = min(burst, tokens + (now - last) * rate), now
        if abs(tokens - round(tokens)) < 1e-6:  # a question of rounding
            return
        passes = tokens >= 1
        assert limit.allow("192.0.2.7", now) == passes
        tokens -= passes


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 2), st.integers(0, 5)), max_size=300), st.integers(1, 4))
def test_no_source_passes_more_than_its_rate(calls: list[tuple[float, int]], size: int) -> None:
    """However many share its buckets, of two to sixteen, and in whichever order."""
    limit = RateLimit(5, 3, most=1 << size)
    passed: dict[int, list[float]] = {}
    for now, number in sorted(calls):
        if limit.allow(bytes([192, 0, 2, number]), now):
            passed.setdefault(number, []).append(now)
    for when in passed.values():
        for at, begin in enumerate(when):
            for count, end in enumerate(when[at:], 1):
                assert count <= 3 + 5 * (end - begin) + 1e-6


def test_a_flood_of_addresses_lifts_no_limit_and_takes_no_memory() -> None:
    limit = RateLimit(1, 2, most=1 << 10)
    before = sys.getsizeof(limit._full_at)
    assert limit.allow("192.0.2.7", 0)
    assert limit.allow("192.0.2.7", 0)
    passed = 0
    for number in range(50_000):
        limit.allow(b"\x0a" + number.to_bytes(3, "big"), 0)
        passed += limit.allow("192.0.2.7", 0)
    assert passed == 0
    assert sys.getsizeof(limit._full_at) == before


def test_a_flood_below_the_rate_of_the_table_slows_nobody() -> None:
    limit = RateLimit(10, 20, most=1 << 10)
    refused = 0
    for step in range(2_000):  # 1,000 forged addresses a second, and one true one
        now = step / 1_000
        limit.allow(step.to_bytes(4, "big"), now)
        if step % 200 == 0:
            refused += not limit.allow("192.0.2.7", now)
    assert refused == 0


def test_who_shares_a_bucket_with_a_flooder_has_another() -> None:
    """With one bucket each, a sixteenth would be starved."""
    starved = 0
    for number in range(4_000):
        limit = RateLimit(1, 1, most=1 << 4)
        limit.allow("192.0.2.7", 0)
        starved += not limit.allow(number.to_bytes(4, "big"), 0)
    assert starved < 120
