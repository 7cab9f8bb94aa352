"""DTMF in INFO."""

from __future__ import annotations

import pickle

import pytest
from body_samples import outcome
from hypothesis import given
from hypothesis import strategies as st

from sipfast import ParseError
from sipfast.bodies import Dtmf


@pytest.mark.parametrize(
    ("body", "signal", "duration_ms"),
    [
        (b"Signal=5\r\nDuration=160\r\n", "5", 160),
        (b"Signal= 5\r\nDuration= 160", "5", 160),
        (b"Signal=5\nDuration=160\n", "5", 160),
        (b"  signal = # \r\n\tDURATION : 0250 ", "#", 250),
        (b"Duration=100\r\nSignal=*\r\n", "*", 100),
        (b"Signal=*", "*", None),
        (b"Signal=d\r\n", "D", None),
        (b"Signal=10", "*", None),
        (b"Signal=11", "#", None),
        (b"Signal=12", "A", None),
        (b"Signal=15", "D", None),
        (b"Signal=1\r\nSignal=2\r\nVolume=10\r\n", "1", None),
        (b"7", "7", None),
        (b" 0\r\n", "0", None),
        (b"#", "#", None),
        (b"11", "#", None),
        *((b"Signal=" + flash, "!", None) for flash in (b"16", b"hf", b"!", b"R", b" Flash ")),
        (b"16", "!", None),
        (b"hf\r\n", "!", None),
        (b"Signal=1\r\nDuration=", "1", None),
        (b"Signal=1\r\nDuration=250ms", "1", None),
        (b"Duration=-5\r\nSignal=1", "1", None),
        (b"Signal=1\r\nDuration= 1.5", "1", None),
        (b"Signal=1\r\nDuration=" + b"9" * 9000, "1", None),
        (b"9\r\nDuration=90", None, None),
    ],
)
def test_bodies(body: bytes, signal: str | None, duration_ms: int | None) -> None:
    if signal is None:
        with pytest.raises(ParseError):
            Dtmf.parse(body)
    else:
        assert Dtmf.parse(body) == Dtmf(signal, duration_ms)
        assert Dtmf.parse(memoryview(body)) == Dtmf(signal, duration_ms)


@pytest.mark.parametrize(
    ("body", "code", "offset"),
    [
        (b"", "dtmf-signal-malformed", 0),
        (b" \r\n ", "dtmf-signal-malformed", 4),
        (b"\r\nhello", "dtmf-signal-malformed", 2),
        (b"Signal=17", "dtmf-signal-malformed", 7),
        (b"Signal=RR", "dtmf-signal-malformed", 7),
        (b"Signal=\r\nDuration=160", "dtmf-signal-malformed", 7),
        (b"Signal=\xb2", "dtmf-signal-malformed", 7),
        (b"Duration=160", "dtmf-signal-malformed", 0),
    ],
)
def test_malformed_signals(body: bytes, code: str, offset: int) -> None:
    with pytest.raises(ParseError) as caught:
        Dtmf.parse(body)
    assert (caught.value.code, caught.value.offset) == (code, offset)


def test_written_as_it_is_read() -> None:
    assert str(Dtmf("5", 160)) == "Signal=5\r\nDuration=160\r\n"
    assert str(Dtmf("*")) == "Signal=*\r\n"


@pytest.mark.parametrize(("signal", "duration_ms"), [("x", 1), ("", 1), ("12", 1), ("1", -1)])
def test_values_refused_by_the_constructor(signal: str, duration_ms: int) -> None:
    with pytest.raises(ValueError, match=r"DTMF|0 or above"):
        Dtmf(signal, duration_ms)


SIGNALS = st.builds(
    Dtmf, st.sampled_from("0123456789*#ABCD!"), st.none() | st.integers(0, 999_999_999)
)


@given(SIGNALS)
def test_round_trip(signal: Dtmf) -> None:
    assert Dtmf.parse(str(signal).encode()) == signal
    assert pickle.loads(pickle.dumps(signal)) == signal
    assert hash(signal) == hash(Dtmf.parse(str(signal).encode()))


@given(st.binary(max_size=40) | st.binary(max_size=20).map(b"Signal=1\r\nDuration=".__add__))
def test_any_bytes(body: bytes) -> None:
    signal = outcome(Dtmf.parse, body, most=len(body))
    if isinstance(signal, Dtmf):
        assert Dtmf.parse(str(signal).encode()) == signal
