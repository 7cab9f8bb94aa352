"""Date, Timestamp, Retry-After, Session-Expires and Min-SE."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import pytest
from cost import ratio, within
from hypothesis import given
from hypothesis import strategies as st
from values import HOSTILE, PAIRS, SECONDS, TEXT, agree, holds, parsed

from sipfast import ParseError
from sipfast._engine import Engine

GMT = dt.timezone.utc
EXAMPLE = "Sat, 13 Nov 2010 23:29:00 GMT"


def fails(engine: Engine, name: str, text: str, code: str, offset: int) -> None:
    with pytest.raises(ParseError) as caught:
        engine.parse_header(name, text)
    error = caught.value
    assert (error.code, error.offset, error.header) == (code, offset, name)


# ---- Date ----------------------------------------------------------------------------------------


def test_a_date(engine: Engine) -> None:
    message = parsed(engine, f"Date: {EXAMPLE}".encode())
    assert message.date.datetime == dt.datetime(2010, 11, 13, 23, 29, tzinfo=GMT)
    assert message.date.datetime.tzinfo is GMT
    assert str(message.date) == EXAMPLE
    assert parsed(engine).date is None
    holds(engine, message.date)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Sat, 13 Nov 2010 23:29:00 EST",  # no other zone
        "Sat, 13 Nov 2010 23:29:00 +0000",
        "Sat, 13 Nov 2010 23:29:00 gmt",  # case counts
        "SAT, 13 NOV 2010 23:29:00 GMT",
        "Fri, 13 Nov 2010 23:29:00 GMT",  # it was a Saturday
        "Sat, 31 Nov 2010 23:29:00 GMT",
        "Mon, 29 Feb 2010 23:29:00 GMT",
        "Sat, 00 Nov 2010 23:29:00 GMT",
        "Sat, 13 Nov 0000 23:29:00 GMT",
        "Sat, 13 Nov 2010 24:00:00 GMT",
        "Sat, 13 Nov 2010 23:60:00 GMT",
        "Sat, 13 Nov 2010 23:29:60 GMT",
        "Sat, 3 Nov 2010 23:29:00 GMT",
        "Sat, 13 Nov 10 23:29:00 GMT",
        "Saturday, 13-Nov-10 23:29:00 GMT",  # RFC 850
        "Sat Nov 13 23:29:00 2010",  # asctime
        "2010-11-13T23:29",
        "2010-11-13T23:29:00.",
        "2010-11-13T23:29:00.0000000001",
        "2010-11-13T23:29:00+8",
        "2010-11-13T23:29:00+08:60",
        "2010-11-13T23:29:00+24:00",
        "2010-11-13T24:00:00",
        "2010-02-29T23:29:00",
        "0001-01-01T00:00:00",
        "2010-11-13t23:29:00",
        "2010-11-13  23:29:00",
        "20101113T232900",
        "Sat, 13 Nov 2010 23:29:00 GMT GMT",
        "Sat, 1٣ Nov 2010 23:29:00 GMT",
    ],
)
def test_malformed_date(engine: Engine, text: str) -> None:
    fails(engine, "Date", text, "date-malformed" if text else "header-empty", 0)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2024-03-06T10:20:30.123", "2024-03-06T10:20:30.123000+08:00"),
        ("2024-03-06T10:20:30", "2024-03-06T10:20:30+08:00"),
        ("2024-03-06 10:20:30.1234567", "2024-03-06T10:20:30.123456+08:00"),
        ("2024-03-06T10:20:30Z", "2024-03-06T10:20:30+00:00"),
        ("2024-03-06T10:20:30.5-0330", "2024-03-06T10:20:30.500000-03:30"),
        ("2024-03-06 10:20:30+09:00", "2024-03-06T10:20:30+09:00"),
        ("0001-01-01T08:00:00", "0001-01-01T08:00:00+08:00"),
    ],
)
def test_a_date_in_the_form_of_iso_8601(engine: Engine, text: str, written: str) -> None:
    date = parsed(engine, f"Date: {text}".encode()).date
    assert date.datetime.isoformat() == written
    assert str(date) == text
    assert date == type(date).parse(text)
    assert hash(date) == hash(type(date).parse(text))
    same = type(date)(date.datetime)
    assert same.datetime == date.datetime.replace(microsecond=0)
    assert str(date.replace()) == str(same)


def test_a_date_is_built_in_gmt(engine: Engine) -> None:
    build = engine.module("values.times").Date
    when = dt.datetime(2010, 11, 14, 0, 29, 0, 999_999, dt.timezone(dt.timedelta(hours=1)))
    assert str(build(when)) == EXAMPLE
    assert build(when) == build.parse("Sat,  13\tNov 2010 23:29:00 GMT")
    assert str(build(dt.datetime(1, 1, 1, tzinfo=GMT))) == "Mon, 01 Jan 0001 00:00:00 GMT"
    assert build(when).replace() == build(when)
    assert build(when).replace(datetime=when.replace(year=2011)).datetime.year == 2011
    with pytest.raises(ValueError, match="time zone"):
        build(dt.datetime(2010, 11, 13))


@given(when=st.datetimes(timezones=st.just(GMT)))
def test_any_date(engine: Engine, when: dt.datetime) -> None:
    date = engine.module("values.times").Date(when)
    assert date.datetime == when.replace(microsecond=0)
    holds(engine, date)


# ---- Timestamp -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds", "delay"),
    [
        ("54", 54.0, None),
        ("54.", 54.0, None),
        ("54.21", 54.21, None),
        ("1234567890.123456789  0.5", 1234567890.123456789, 0.5),
        ("0 .25", 0.0, 0.25),
        ("1\t2.", 1.0, 2.0),
    ],
)
def test_a_timestamp(engine: Engine, text: str, seconds: float, delay: float | None) -> None:
    timestamp = parsed(engine, f"Timestamp: {text}".encode()).timestamp
    assert (timestamp.seconds, timestamp.delay) == (seconds, delay)
    assert timestamp.value == text.split()[0]
    holds(engine, timestamp)


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        *[(text, 0) for text in (".", ".5", "-1", "1e3", "1,5", "nan", "9" * 400, "٣")],
        *[("1 2 3", 2), ("1 x", 2), ("1  " + "9" * 400, 3), ("1 ..", 2)],
    ],
)
def test_malformed_timestamp(engine: Engine, text: str, offset: int) -> None:
    fails(engine, "Timestamp", text, "timestamp-malformed", offset)


def test_timestamps_compare_as_numbers(engine: Engine) -> None:
    build = engine.module("values.times").Timestamp
    assert build("054.20", "0.") == build.parse("54.2\t.0")
    assert hash(build("054.20")) == hash(build(54.2))
    assert build(54) != build(54, 0)
    assert build(54) != build("54.0000000000000000000001")
    assert str(build(54.5, 0.25).replace(delay=None)) == "54.5"
    with pytest.raises(ParseError):
        build(1e300)


# ---- Retry-After ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds", "comment", "duration"),
    [
        ("18000", 18000, None, None),
        ("18000;duration=3600", 18000, None, 3600),
        ("120 (I'm in a meeting)", 120, "I'm in a meeting", None),
        ('5(a;b, "c (d) );Duration=9 ;x', 5, 'a;b, "c (d) ', 9),
        ("5 (\\) \\( \\\\ \\é) ; duration = 9", 5, ") ( \\ é", 9),
        ("5 ()", 5, "", None),
        ('5 ;duration="7";x=")("', 5, None, 7),
        ("4294967295 ;", 2**32 - 1, None, None),
    ],
)
def test_a_retry_after(
    engine: Engine, text: str, seconds: int, comment: str | None, duration: int | None
) -> None:
    retry = parsed(engine, f"Retry-After: {text}".encode()).retry_after
    assert (retry.seconds, retry.comment, retry.duration) == (seconds, comment, duration)
    assert str(retry) == text
    holds(engine, retry)


@pytest.mark.parametrize(
    ("text", "code", "offset"),
    [
        ("", "header-empty", 0),
        ("soon", "number-malformed", 0),
        ("5 6", "number-malformed", 0),
        ("(why) 5", "comment-malformed", 6),
        ("(why)", "number-malformed", 0),
        ("4294967296", "number-out-of-range", 0),
        ("5 (a", "comment-malformed", 2),
        ("5 (a (b)", "comment-malformed", 2),
        ("5 (a\\)", "comment-malformed", 2),
        ("5 (a\\", "comment-malformed", 2),
        ("5 (a) x", "comment-malformed", 6),
        ("5 (a)(b)", "comment-malformed", 5),
        ('5 (a);x="', "quote-unterminated", 8),
    ],
)
def test_malformed_retry_after(engine: Engine, text: str, code: str, offset: int) -> None:
    fails(engine, "Retry-After", text, code, offset)


def test_malformed_duration(engine: Engine) -> None:
    retry = engine.parse_header("Retry-After", "5 (x);duration=long")
    with pytest.raises(ParseError) as caught:
        retry.duration  # noqa: B018
    assert (caught.value.code, caught.value.offset) == ("parameter-not-a-number", 6)


def test_a_retry_after_is_built(engine: Engine) -> None:
    build = engine.module("values.times").RetryAfter
    retry = build(5, "a (b) \\ )(", duration=7, parameters={"x": "y z"})
    assert retry.comment == "a (b) \\ )("
    assert str(retry.replace(comment=None)) == '5;duration=7;x="y z"'
    assert str(retry.replace(comment="no", duration=None, parameters=())) == "5 (no)"
    assert build(5, "a(b)") == build.parse("05 ( a(b))").replace(comment="a(b)")
    assert build(5, "a") != build(5, "A") != build(5)
    with pytest.raises(ParseError):
        build(-5)


@pytest.mark.parametrize("nest", ["()", "(a", "\\("], ids=["nested", "open", "quoted"])
def test_deep_comments_take_linear_time(engine: Engine, nest: str) -> None:
    def read(depth: int) -> None:
        middle = "(" * depth + ")" * depth if nest == "()" else nest * depth
        text = f"5 ({middle})"
        if nest == "(a":
            with pytest.raises(ParseError):
                engine.parse_header("Retry-After", text)
        else:
            assert len(engine.parse_header("Retry-After", text).comment) >= depth

    assert within(partial(read, 1_000), 0.1)
    # Eight times the text; a quadratic step would make it 64.
    assert ratio(partial(read, 20_000), partial(read, 160_000), 40) <= 40


@pytest.mark.parametrize("text", ["5" + " " * 200_000 + "(a)x", "5 (" + ")" * 200_000])
def test_much_of_the_same_takes_little_time(engine: Engine, text: str) -> None:
    def read() -> None:
        with pytest.raises(ParseError):
            engine.parse_header("Retry-After", text)

    assert within(read, 1)


# ---- Session-Expires and Min-SE ------------------------------------------------------------------


def test_session_expires(engine: Engine) -> None:
    message = parsed(engine, b"x: 1800 ; Refresher=UAC", b"Min-SE: 90;lr")
    expires, shortest = message.session_expires, message.min_se
    assert (expires.interval, expires.refresher) == (1800, "uac")
    assert (shortest.interval, [*shortest.parameters.items()]) == (90, [("lr", None)])
    assert engine.parse_header("Session-Expires", "4000").refresher is None
    assert parsed(engine).session_expires is None
    holds(engine, expires)
    holds(engine, shortest)


def test_session_intervals_are_built(engine: Engine) -> None:
    times = engine.module("values.times")
    expires = times.SessionExpires(1800, "uas", parameters={"a": "b"})
    assert str(expires) == "1800;refresher=uas;a=b"
    assert str(expires.replace(refresher="uac")) == "1800;refresher=uac;a=b"
    assert str(times.SessionInterval(90).replace(interval=120)) == "120"
    assert expires == times.SessionExpires.parse("01800;A=B;refresher=UAS")
    assert expires != expires.replace(refresher=None)
    assert times.SessionInterval(90) != times.SessionExpires(90)
    with pytest.raises(ParseError):
        times.SessionExpires(-1)


@pytest.mark.parametrize("name", ["Session-Expires", "Min-SE"])
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "header-empty"),
        (";refresher=uac", "number-malformed"),
        ("90 x", "number-malformed"),
        ("4294967296", "number-out-of-range"),
    ],
)
def test_malformed_session_interval(engine: Engine, name: str, text: str, code: str) -> None:
    fails(engine, name, text, code, 0)


# ---- any -----------------------------------------------------------------------------------------


@given(
    seconds=SECONDS,
    comment=st.one_of(st.none(), TEXT),
    duration=st.one_of(st.none(), SECONDS),
    pairs=PAIRS,
)
def test_any_retry_after(
    engine: Engine, seconds: int, comment: str | None, duration: int | None, pairs: Any
) -> None:
    build = engine.module("values.times").RetryAfter
    retry = build(seconds, comment, duration=duration, parameters=pairs)
    assert (retry.seconds, retry.comment, retry.duration) == (seconds, comment, duration)
    holds(engine, retry)


@given(interval=SECONDS, refresher=st.sampled_from([None, "uac", "UAS"]), pairs=PAIRS)
def test_any_session_expires(
    engine: Engine, interval: int, refresher: str | None, pairs: Any
) -> None:
    expires = engine.module("values.times").SessionExpires(interval, refresher, parameters=pairs)
    assert (expires.interval, expires.refresher) == (interval, refresher and refresher.lower())
    holds(engine, expires)


@given(
    name=st.sampled_from(["Date", "Timestamp", "RetryAfter", "SessionExpires", "SessionInterval"]),
    text=st.one_of(HOSTILE, st.text('15 (\\);="adurtion.\t', max_size=30)),
)
def test_the_engines_agree(native: Engine, pure: Engine, name: str, text: str | bytes) -> None:
    agree(native, pure, "values.times", name, text)
