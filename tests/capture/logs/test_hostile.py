"""Hostile logs: nothing is fatal, all is counted, and the cost is linear in the bytes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import log_files as made
import pytest
from cost import ratio, within
from hypothesis import given, settings
from hypothesis import strategies as st
from log_files import LOGS, MESSAGES, NOISE, Written

from sipfast.capture import logs
from sipfast.capture.base import Tally
from sipfast.capture.reasons import reason_of

INVITE, OPTIONS = MESSAGES[0], MESSAGES[3]
LF_OPTIONS = OPTIONS.replace(b"\r\n", b"\n")
MARKS = sorted({mark for row in logs.FORMATS for mark in row.marks})


def drain(content: bytes) -> list[logs.Entry]:
    """Read `content`, and check the rules for all logs."""
    tally = Tally()
    found = list(logs.entries(content, tally))
    assert tally.position == len(content)
    for name in tally.skipped:
        reason_of(name)
    heads = sum(tally.skipped.values())
    for entry in found:
        assert 0 <= entry.offset <= len(content)
        assert set(entry.lost) <= set(logs.LOST)
        assert entry.is_cut == ("end" in entry.lost)
        assert entry.data
    numbers = [entry.number for entry in found]
    assert not numbers or max(numbers) <= len(found) + heads + content.count(b"\n")
    if len(content) % 8 == 0:
        logs.detect(content)
    return found


@pytest.mark.parametrize("written", LOGS.values(), ids=LOGS)
def test_every_cut(written: Written) -> None:
    content = made.log(written, written.messages[:2], NOISE)
    whole = len(drain(content))
    for size in range(len(content)):
        assert len(drain(content[:size])) <= whole


@pytest.mark.parametrize("written", LOGS.values(), ids=LOGS)
def test_every_cut_at_the_beginning(written: Written) -> None:
    content = made.log(written, written.messages[:3], NOISE)
    for size in range(0, len(content), 3):
        drain(content[size:])


_PIECES = st.sampled_from(
    [
        *(made.log(written, written.messages[:1]) for written in LOGS.values()),
        *(mark + b"\n" for mark in MARKS),
        *NOISE,
        *MESSAGES,
        *(b"\n", b"\r\n\r\n", b"#012", b"   ", b"\v\n", b"-" * 72 + b"\n", b"[Time:", b"\0"),
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_PIECES, max_size=12))
def test_pieces_in_any_order(pieces: list[bytes]) -> None:
    drain(b"".join(pieces))


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(LOGS)),
    st.lists(st.tuples(st.integers(0, 2**14), st.binary(max_size=6)), max_size=8),
)
def test_random_changes(name: str, changes: list[tuple[int, bytes]]) -> None:
    content = bytearray(made.log(LOGS[name], LOGS[name].messages[:4], NOISE))
    for place, value in changes:
        place %= len(content) + 1
        content[place : place + len(value)] = value
    drain(bytes(content))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(MARKS))
def test_noise_around_a_mark(noise: bytes, mark: bytes) -> None:
    drain(noise + mark + noise)


def test_a_cut_in_one_format_leaves_the_others_whole() -> None:
    """The message after what was cut is read, whatever the formats are."""
    after = made.log(LOGS["Asterisk PJSIP"], [OPTIONS])
    for name, written in LOGS.items():
        content = made.log(written, written.messages[:1])
        for size in range(0, len(content), 5):
            found = drain(content[:size] + b"\n" + after)
            assert any(entry.data == OPTIONS for entry in found), (name, size)


# The cost.


def _repeated(piece: bytes) -> Callable[[int], bytes]:
    return lambda size: piece * (size // len(piece))


def _below(head: bytes, piece: bytes) -> Callable[[int], bytes]:
    return lambda size: head + piece * (size // len(piece))


def _numbered(make: Callable[[int], bytes]) -> Callable[[int], bytes]:
    each = len(make(99_999))
    return lambda size: b"".join(make(n) for n in range(size // each))


_PJSIP = b"<--- Received SIP request (%d bytes) from TCP:192.0.2.1:5060 --->\n"
_READ = b"recv %d bytes from tcp/[192.0.2.%d]:5060 at 03:04:05.250000:\n"
_LONG = LF_OPTIONS.replace(b"Length: 0", b"Length: 900000")
_FREESWITCH = b"recv %d bytes from udp/[192.0.2.1]:5060 at 03:04:05:\n" + b"-" * 72 + b"\n"

HOSTILE = {
    "messages": _repeated(made.log(LOGS["FreeSWITCH"], MESSAGES)),
    **{f"a line of {mark!r}": _repeated(mark) for mark in MARKS},
    **{f"lines of {mark!r}": _repeated(mark + b"\n") for mark in MARKS},
    "header lines": _repeated(_PJSIP % 100),
    "a long line": _repeated(b"x"),
    "line ends": _repeated(b"\n"),
    "a text without end": _below(_PJSIP % 10**7, b"x"),
    "a text of line ends": _below(_PJSIP % 10**7, b"\r\n"),
    "a text of blank lines": _below(_PJSIP % 10**7 + b"INVITE sip:a SIP/2.0", b"\r\n\r\n"),
    "stated lengths": _repeated(_PJSIP % 10**6 + OPTIONS),
    "Content-Lengths": _repeated(_PJSIP % 10**6 + _LONG),
    "Content-Lengths without CRs": _repeated(_FREESWITCH % 10**6 + _LONG),
    "messages without header lines": _below(_PJSIP % 10**7, OPTIONS),
    "long messages without header lines": _below(_PJSIP % 10**7, _LONG),
    "long ones without a length": _below(b"<--- SIP read from UDP:192.0.2.1:5060 --->\n", _LONG),
    "headers without end": _repeated(_PJSIP % 10**6 + b"INVITE sip:a SIP/2.0\r\nl" + b" " * 900),
    "reads of a byte": _repeated(_READ % (1, 1) + b"x\v\n"),
    "reads of a message": _repeated(_READ % (40, 1) + OPTIONS[:40] + b"\v\n"),
    "reads of a long message": _below(
        _READ % (len(_LONG), 1) + _LONG + b"\v\n", _READ % (20, 1) + b"y" * 20 + b"\v\n"
    ),
    "reads of line ends": _repeated(_READ % (2, 1) + b"\r\n\v\n"),
    "connections": _numbered(
        lambda n: (
            b"recv 9 bytes from tcp/[10.%d.%d.%d]:5060 at 03:04:05:\nINVITE si\v\n"
            % (n >> 16, n >> 8 & 255, n & 255)
        )
    ),
    "prefixes": _numbered(
        lambda n: (
            b"".join(b"%c " % (65 + (n >> 4 * k) % 16) for k in range(8)) * 6
            + _PJSIP % 100
            + b"y\n"
        )
    ),
    "prefixed lines": _below(b"1 2 3 a " + _PJSIP % 10**7, b"1 2 3 a \n"),
    "digits before": _repeated(b"1 " * 100 + _PJSIP % 10 + b"1 " * 99 + b"x\n"),
    "escapes": _below(b"Jan  2 03:04:05 h o[1]: in udp 192.0.2.1:1 -> 192.0.2.2:2#012", b"#012"),
    "escaped lines": _below(
        b"Jan  2 03:04:05 h o[1]: in udp 192.0.2.1:1 -> 192.0.2.2:2#012x\n",
        b"Jan  2 03:04:05 h o[1]: #012\n",
    ),
    "dots": _below(b"U 192.0.2.1:1 -> 192.0.2.2:2 #1\n", b"  " + b"." * 70 + b"\n"),
    "in and out": _repeated(b"in x out y " * 40 + b" -> \n"),
    "paths": _repeated(b"in udp " + b"1:2" * 80 + b" -> " + b"3:4" * 80 + b"\n"),
    "dashes": _repeated(_FREESWITCH[:60] % 9 + b"\n" + (b"-" * 59 + b" ") * 8 + b"\n"),
    "interfaces": _repeated(
        b"---- Incoming SIP Message from " + b"x to SIPInterface #" * 30 + b"\n"
    ),
    "channels": _repeated(b"channel [x]: " * 40 + b"message sent to [\n"),
    "display": _repeated(b"ccsipDisplayMsg:" * 20 + b"\n" + b"x" * 200 + b"\n"),
    "marks of the end": _below(b"<--- SIP read from UDP:192.0.2.1:5060 --->\n", b"\n---"),
    "Kamailio": _repeated(b"====================\ntag: x\n" * 10 + b"pid: 1\n"),
}

MOST_NS = 700


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_cost_is_linear(make: Callable[[int], bytes]) -> None:
    def read(content: bytes) -> None:
        for _entry in logs.entries(content, Tally()):
            pass

    small, large = (partial(read, make(size)) for size in (250_000, 1_000_000))
    # Four times the bytes; a quadratic step would make it 16.
    assert ratio(small, large, 10) <= 10
    assert within(large, 1_000_000 * MOST_NS * 1e-9)
