"""Streams: framing, keep-alives and faults, the same however the bytes are cut."""

from __future__ import annotations

import gc
import pickle
import random
import re
import sys
import tracemalloc
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import OPTIONS, RINGING, sample

import bench_data.corpus
import sipfast
from sipfast import FramingError, ParseError, Ping, Pong
from sipfast._engine import Engine, load

ROOT = Path(__file__).parents[3]
ONE = sample(OPTIONS, body=b"one")
TWO = sample(RINGING, b"Subject: two")
NO_BODY = sample()


def stream_of(engine: Engine, *args: Any, **options: Any) -> Any:
    return engine.module("message.stream").Stream(*args, **options)


def events_in(engine: Engine, pieces: Iterable[bytes], **options: Any) -> list[Any]:
    """The events in the pieces, and at their end."""
    stream = stream_of(engine, **options)
    found = []
    for piece in pieces:
        found += stream.feed(piece)
    found += stream.eof()
    return found


def plain(events: Iterable[Any], pongs: bool = False) -> list[Any]:
    """Events as values that compare across engines; a Pong depends on how the bytes are cut."""
    return [plain_event(event) for event in events if pongs or not isinstance(event, Pong)]


def plain_event(event: Any) -> Any:
    if isinstance(event, FramingError):
        raw = event.response and event.response.raw.partition(b"\r\nTo:")[0]  # its tag is random
        return event.code, event.offset, event.header, event.status_hint, raw
    if isinstance(event, (Ping, Pong)):
        return type(event)
    return event.raw


def cut(data: bytes, *places: int) -> list[bytes]:
    ends = [0, *sorted(places), len(data)]
    return [data[at:end] for at, end in pairwise(ends)]


def by_bytes(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


def corpus() -> list[bytes]:
    """The messages of bench_data, and the torture messages of the tests."""
    found = [path.read_bytes() for path in sorted((ROOT / "bench_data/messages").rglob("*.sip"))]
    for path in sorted((ROOT / "bench_data/dialogues").glob("*.sip")):
        found += bench_data.corpus.load(path)
    for name in ("small", "invite", "register"):
        found += bench_data.corpus.load(ROOT / "bench_data" / f"{name}.sip")
    return found + bench_data.corpus.load(ROOT / "bench_data/mixed.sip")[::40]


CORPUS = corpus()


def assert_cuts_agree(engine: Engine, data: bytes, places: Sequence[int]) -> None:
    """The events do not depend on where a message, and its fault, is cut."""
    whole = plain(events_in(engine, [data]))
    for at in places:
        assert plain(events_in(engine, cut(data, at))) == whole, at
    draw = random.Random(len(data))
    for _ in range(4):
        pieces = cut(data, *(draw.randrange(len(data) + 1) for _ in range(draw.randrange(9))))
        assert plain(events_in(engine, pieces)) == whole, pieces
    assert plain(events_in(engine, by_bytes(data))) == whole


# ---- framing -------------------------------------------------------------------------------------


def test_every_message_cut_at_every_byte(engine: Engine) -> None:
    for data in CORPUS:
        step = 1 if engine.name == "native" else 7
        assert_cuts_agree(engine, data, range(0, len(data) + 1, step))


def test_messages_of_others(engine: Engine, shared: Path) -> None:
    for path in sorted(shared.rglob("*.dat")) + sorted(shared.rglob("*.sip")):
        data = path.read_bytes()
        if len(data) < 1 << 14:
            assert_cuts_agree(engine, data, range(0, len(data) + 1, 3))


def test_pipelined(engine: Engine) -> None:
    whole = b"".join(bench_data.corpus.load(ROOT / "bench_data/mixed.sip")[:300])
    expected = bench_data.corpus.load(ROOT / "bench_data/mixed.sip")[:300]
    for size in (1, 100, 1400, 16384, len(whole)):
        pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
        assert [event.raw for event in events_in(engine, pieces)] == expected


def test_engines_agree(native: Engine, pure: Engine) -> None:
    for data in CORPUS:
        for options in ({}, {"recover": True}):
            pieces = cut(data * 2, len(data) // 2, len(data) + 3)
            one, other = (plain(events_in(of, pieces, **options), True) for of in (native, pure))
            assert one == other


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
def test_a_message_says_the_same_as_alone(engine: Engine, line_end: bytes) -> None:
    alone = sample(OPTIONS, b"X: a", b" b", b"Supported: x, y", body=b"v=0", line_end=line_end)
    long = sample(OPTIONS, *[b"X-%d: y" % number for number in range(300)], line_end=line_end)
    data = alone + long + alone
    for pieces in ([data], cut(data, len(alone) + 5), by_bytes(data)):
        for message, raw in zip(events_in(engine, pieces), [alone, long, alone], strict=True):
            expected = engine.parse(raw)
            assert message == expected
            assert message.raw == raw
            assert bytes(message.edit()) == raw
            assert dict(message.headers) == dict(expected.headers)
            assert message.headers.raw == expected.headers.raw
            assert (message.via, message.to, message.body) == (
                *(expected.via, expected.to),
                expected.body,
            )
            shift = message.start - expected.start
            assert [(item.code, item.offset - shift) for item in message.defects] == [
                (item.code, item.offset) for item in expected.defects
            ]
            assert bytes(message.body_view) == expected.body
            assert pickle.loads(pickle.dumps(message)).raw == raw


def test_a_message_stands_in_the_chunk(engine: Engine) -> None:
    data = ONE + TWO + ONE[:20]
    one, two = stream_of(engine).feed(data)
    assert (one.start, one.end, two.start, two.end) == (0, len(ONE), len(ONE), len(ONE + TWO))
    assert one.body_view.obj is data
    stream = stream_of(engine)
    stream.feed(ONE[:9])
    later, whole = stream.feed(ONE[9:] + TWO)
    assert (later.start, later.end) == (0, len(ONE))
    assert (whole.start, whole.end) == (len(ONE) - 9, len(ONE) - 9 + len(TWO))


def test_a_mutable_chunk_is_copied(engine: Engine) -> None:
    for kind in (bytearray, memoryview, lambda data: memoryview(bytearray(data))[::1]):
        data = kind(bytearray(ONE))
        (message,) = stream_of(engine).feed(data)
        if isinstance(data, memoryview):
            data.release()
        else:
            data.clear()  # nothing is exported any more
        assert message.raw == ONE


def test_pending(engine: Engine) -> None:
    stream = stream_of(engine)
    assert stream.pending == 0
    stream.feed(b"\r\n" + ONE[:7])
    assert stream.pending == 7
    stream.feed(ONE[7:-1])
    assert stream.pending == len(ONE) - 1
    assert stream.feed(ONE[-1:] + b"\r")[0].raw == ONE
    assert (stream.pending, stream.is_closed) == (0, False)


@pytest.mark.parametrize("name", [b"Content-Length", b"l", b"L", b"cOnTeNt-LeNgTh", b"l \t"])
@pytest.mark.parametrize("value", [b"3", b" 3 ", b"\r\n 3", b" \r\n\t 03\r\n ", b"000000000003"])
def test_forms_of_content_length(engine: Engine, name: bytes, value: bytes) -> None:
    data = sample(OPTIONS, name + b":" + value, Content_Length=None)
    data += b"abc"
    for pieces in ([data + TWO], by_bytes(data + TWO)):
        one, two = events_in(engine, pieces)
        assert (one.body, two.raw) == (b"abc", TWO)


# ---- keep-alives ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([b"\r\n\r\n"], [Ping]),
        ([b"\r\n"], [Pong]),
        ([b"\r\n", b"\r\n"], [Pong, Ping]),
        ([b"\r", b"\n\r", b"\n"], [Ping]),
        ([b"\r\n\r", b"\n"], [Ping]),
        ([b"\r\n\r\n\r\n"], [Ping, Pong]),
        ([b"\r\n\r\n" * 3], [Ping] * 3),
        ([b"\n", b"\n\n"], []),
        ([b"\r\n\n\r\n"], [Pong, Pong]),
        ([b"\r\n", TWO], [Pong, TWO]),
        ([b"\r\n" + TWO + b"\r\n\r\n" + TWO], [Pong, TWO, Ping, TWO]),
        ([b"\r\n", TWO + b"\r\n"], [Pong, TWO, Pong]),
        ([b"\r"], []),
        ([b""], []),
    ],
)
def test_keep_alives(engine: Engine, pieces: list[bytes], expected: list[Any]) -> None:
    assert plain(events_in(engine, pieces), pongs=True) == expected


def test_keep_alives_at_every_place_between(engine: Engine) -> None:
    for keep_alive in (b"\r\n\r\n", b"\r\n", b"\n", b"\r\n\r\n\r\n"):
        pings = [Ping] * (keep_alive.count(b"\r\n") // 2)
        for at in range(4):
            parts = [ONE, TWO, NO_BODY]
            parts.insert(at, keep_alive)
            expected: list[Any] = [ONE, TWO, NO_BODY]
            expected[at:at] = pings
            data = b"".join(parts)
            for pieces in ([data], by_bytes(data), *(cut(data, at) for at in range(len(data)))):
                assert plain(events_in(engine, pieces)) == expected


def test_a_ping_is_answered_by_a_crlf() -> None:
    assert Ping.response == b"\r\n"
    assert (Ping(), Pong()) == (Ping(), Pong())
    assert Ping() != Pong()
    assert len({Ping(), Ping(), Pong()}) == 2
    assert repr([Ping(), Pong()]) == "[Ping(), Pong()]"


# ---- faults --------------------------------------------------------------------------------------

LENGTH = (
    OPTIONS + b"\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:b>\r\n"
)
LENGTH += b"Call-ID: 1\r\nCSeq: 1 OPTIONS\r\n%b\r\n"
FIELDS = len(LENGTH) - 4  # where the replaced field begins


def refused(engine: Engine, data: bytes, **options: Any) -> Any:
    """The one event, a fault, after a message; the same for every cut."""
    for pieces in ([ONE + data], [ONE, data], by_bytes(ONE + data), cut(ONE + data, len(ONE) + 40)):
        stream = stream_of(engine, **options)
        events = [event for piece in pieces for event in stream.feed(piece)]
        assert [event.raw for event in events[:-1]] == [ONE]
        fault = events[-1]
        assert isinstance(fault, FramingError)
        assert stream.is_closed
        assert (stream.pending, stream.feed(TWO), stream.eof()) == (0, [], [])
    return fault


@pytest.mark.parametrize(
    ("fields", "code", "at", "status"),
    [
        (b"", "content-length-missing", -FIELDS, 400),
        (b"l: -1\r\n", "content-length-not-a-number", 3, 400),
        (b"l: +1\r\n", "content-length-not-a-number", 3, 400),
        (b"l: 1, 1\r\n", "content-length-not-a-number", 3, 400),
        (b"l: 1;x\r\n", "content-length-not-a-number", 3, 400),
        (b"l:\r\n", "content-length-not-a-number", 2, 400),
        (b"l: 0x1\r\n", "content-length-not-a-number", 3, 400),
        (b"l: 1\r\n 2\r\n", "content-length-not-a-number", 3, 400),
        (b"l: \xd9\xa3\r\n", "content-length-not-a-number", 3, 400),
        (b"l: 1\r\nContent-Length: 2\r\n", "content-length-conflict", 22, 400),
        (b"l: 2147483648\r\n", "content-length-too-large", 3, 400),
        (b"l: 99999999999999999999\r\n", "content-length-too-large", 3, 400),
        (b"l: 2000000\r\n", "message-too-large", 3, 513),
        (b"Content-Length 5\r\nl: 0\r\n", "header-without-colon", 0, 400),
        (b"Content-Length\0: 5\r\nl: 0\r\n", "header-name-malformed", 14, 400),
        (b"l: 0\r\r\n", "bare-cr", 4, 400),
        (b"l: 0\nX: y\r\n", "line-ends-mixed", 4, 400),
        (b"X: y\r\n z\nl: 0\r\n", "line-ends-mixed", 8, 400),
    ],
)
def test_framing_faults(engine: Engine, fields: bytes, code: str, at: int, status: int) -> None:
    data = LENGTH % fields
    fault = refused(engine, data)
    assert (fault.code, fault.offset, fault.status_hint) == (code, len(ONE) + FIELDS + at, status)
    assert fault.header == ("Content-Length" if "length" in code or "large" in code else None)
    assert fault.rfc.startswith("RFC 3261 ")
    assert (fault.response.status, fault.response.reason) == (status, fault.text)
    assert fault.response.call_id == "1"
    assert fault.response.to.tag


def test_mixed_line_ends_of_the_blank_line(engine: Engine) -> None:
    for data in (LENGTH % b"l: 0\r\n", (LENGTH % b"l: 0\r\n").replace(b"\r\n", b"\n")):
        assert [event.raw for event in events_in(engine, [data])] == [data]
    mixed = (LENGTH % b"l: 0\r\n")[:-2] + b"\n"
    assert refused(engine, mixed).code == "line-ends-mixed"
    mixed = (LENGTH % b"l: 0\r\n").replace(b"\r\n", b"\n")[:-1] + b"\r\n"
    assert refused(engine, mixed).code == "line-ends-mixed"


@pytest.mark.parametrize(
    ("data", "code", "offset"),
    [
        (b"\x16\x03\x01\x02\x00", "not-sip", 0),
        (b"GET/", "not-sip", 3),
        (b"SIPS/2.0 200 OK", "not-sip", 4),
        (b"OPTIONS\0", "not-sip", 7),
        (b"\rx", "bare-cr", 0),
        (b"\r\r", "bare-cr", 0),
        (b" OPTIONS", "not-sip", 0),
        (b"GET / HTTP/1.1\r\n\r\n", "version-malformed", 6),
        (b"OPTIONS\r\n\r\n", "request-line-incomplete", 7),
        (b"SIP/2.0 20 OK\r\nl: 0\r\n\r\n", "status-code-malformed", 8),
        (b"OPTIONS sip:a\r\n SIP/2.0\r\n\r\n", "start-line-folded", 15),
        (b"SIP/2.0 200 OK\r\n\r\n", "content-length-missing", 0),
        (LENGTH.replace(b"OPTIONS", b"ACK") % b"", "content-length-missing", 0),
    ],
)
def test_what_gets_no_response(engine: Engine, data: bytes, code: str, offset: int) -> None:
    fault = refused(engine, data)
    assert (fault.code, fault.offset, fault.response) == (code, len(ONE) + offset, None)
    if data.startswith((b"SIP/2", b"ACK")):
        assert fault.status_hint is None


def test_limits(engine: Engine) -> None:
    head = LENGTH % b""
    limits = engine.Limits(size=400, headers=8, line=64)
    assert events_in(engine, [LENGTH % b"l: 0\r\n"], limits=limits)[0].raw == LENGTH % b"l: 0\r\n"
    long = head[:-2] + b"X: %b\r\nl: 0\r\n\r\n"
    assert not isinstance(events_in(engine, [long % (b"y" * 61)], limits=limits)[0], ParseError)
    fault = refused(engine, long % (b"y" * 62), limits=limits)
    assert (fault.code, fault.offset) == ("line-too-long", len(ONE) + FIELDS + 64)
    assert fault.response.status == 513
    fault = refused(
        engine, head[:-2] + b"X: y\r\n" * 90, limits=engine.Limits(size=len(head) + 320)
    )
    assert (fault.code, fault.offset) == ("message-too-large", len(ONE) + len(head) + 320)
    fault = refused(engine, head[:-2] + b"X: y\r\n" * 4 + b"l: 0\r\n\r\n", limits=limits)
    assert (fault.code, fault.offset) == ("too-many-header-fields", len(ONE) + FIELDS + 18)
    exact = LENGTH % b"l: 9\r\n" + b"123456789"
    limits = engine.Limits(size=len(exact))
    assert events_in(engine, [exact], limits=limits)[0].raw == exact
    limits = engine.Limits(size=len(exact) - 1)
    for pieces in ([exact], by_bytes(exact)):
        (fault,) = events_in(engine, pieces, limits=limits)
        assert (fault.code, fault.offset) == ("message-too-large", FIELDS + 3)


@pytest.mark.parametrize("line", [b"X: " + b"y" * 70, b"y" * 70, b"X: y\r\n " + b"z" * 60])
def test_a_line_without_end_is_refused_early(engine: Engine, line: bytes) -> None:
    limits = engine.Limits(line=64)
    data = LENGTH[:-4] + line
    fault = refused(engine, data, limits=limits)
    assert (fault.code, fault.offset) == ("line-too-long", len(ONE) + FIELDS + 64)


def test_the_end_of_the_stream(engine: Engine) -> None:
    head = LENGTH % b"l: 3\r\n"
    for data, code, at, status in (
        (head + b"ab", "body-too-short", len(head), 400),
        (head, "body-too-short", len(head), 400),
        (head[:-1], "header-block-unfinished", len(head) - 1, 400),
        (head[:-8], "header-block-unfinished", len(head) - 8, 400),
        (b"OPT", "header-block-unfinished", 3, None),
        (b"SIP/2.0 200 OK\r\n", "header-block-unfinished", 16, None),
    ):
        for pieces in ([TWO + data], by_bytes(TWO + data)):
            for options in ({}, {"recover": True}):
                message, fault = events_in(engine, pieces, **options)
                assert (message.raw, fault.code, fault.offset) == (TWO, code, len(TWO) + at)
                assert (fault.response and fault.response.status) == status
    for data in (b"", b"\r", b"\n", b"\r\n\r\n", TWO, TWO + b"\r\n\r"):
        assert not [one for one in events_in(engine, [data]) if isinstance(one, ParseError)]
    stream = stream_of(engine)
    assert (stream.eof(), stream.is_closed, stream.feed(TWO)) == ([], True, [])


def test_a_fault_can_be_raised_and_pickled(engine: Engine) -> None:
    fault = refused(engine, LENGTH % b"l: x\r\n")
    with pytest.raises(ParseError, match=r"Malformed Content-Length \(byte \d+\)"):
        raise fault
    again = pickle.loads(pickle.dumps(fault))
    assert (type(again), again.args) == (FramingError, fault.args)
    assert again.response.raw == fault.response.raw


# ---- recovery ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("junk", "code"),
    [
        (b"hello\r\n", "request-line-incomplete"),
        (b"\0\0\0\r\n", "not-sip"),
        (b"jaK\x00\n", "not-sip"),
        (b"\rx\n", "bare-cr"),
        (LENGTH % b"" + b"v=0\r\no=- 1\r\n", "content-length-missing"),
        (LENGTH % b"l: x\r\n" + b"v=0\r\n", "content-length-not-a-number"),
        (b"X" * 40_000 + b"\n", "line-too-long"),
        (b"X " + b"y" * 40_000 + b"\r\n", "line-too-long"),
        (LENGTH[:-4], "header-name-malformed"),
        (LENGTH[:-4] + b"no colon\r\n" + b"A: b\r\n" * 9, "header-without-colon"),
        ((b"INVITE sip:a SIP/2.0\r\nbad\r\n") * 50, "header-without-colon"),
    ],
)
def test_recovery(engine: Engine, junk: bytes, code: str) -> None:
    # A request: a status line within a header is a field without a colon as well.
    data = ONE + junk + NO_BODY + b"\r\n\r\n" + TWO
    every = [by_bytes(data)] if len(data) < 5000 else []
    for pieces in ([data], cut(data, len(ONE + junk) + 9), cut(data, len(ONE) + 3), *every):
        one, fault, *rest = events_in(engine, pieces, recover=True)
        assert (one.raw, fault.code) == (ONE, code)
        assert plain(rest) == [NO_BODY, Ping, TWO]
    closed = events_in(engine, [data])
    assert [type(event).__name__ for event in closed] == ["Request", "FramingError"]


def test_recovery_goes_on_within_a_body(engine: Engine) -> None:
    data = b"hello\r\n" + ONE + TWO
    for at in range(len(data)):
        fault, *messages = events_in(engine, cut(data, at), recover=True)
        assert fault.offset <= len(b"hello")
        assert [message.raw for message in messages] == [ONE, TWO], at


def test_recovery_after_each_fault(engine: Engine) -> None:
    data = (b"bad\r\n\r\n" + ONE) * 20
    for pieces in ([data], by_bytes(data)):
        events = events_in(engine, pieces, recover=True)
        assert [event.raw for event in events[1::2]] == [ONE] * 20
        assert [fault.offset for fault in events[::2]] == [
            3 + number * (len(ONE) + 7) for number in range(20)
        ]


# ---- cost ----------------------------------------------------------------------------------------


def test_memory_is_bounded(engine: Engine) -> None:
    stream = stream_of(engine, engine.Limits(size=20_000))
    head = LENGTH % b"l: 18000\r\n"
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for byte in by_bytes(head + b"x" * 17_000):
            assert stream.feed(byte) == []
        held = tracemalloc.get_traced_memory()[0] - before
        assert held < 40_000
        (message,) = stream.feed(b"x" * 1_000)
        assert message.body == b"x" * 18_000
        del message
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] - before < 8_000
    finally:
        tracemalloc.stop()


def test_a_line_of_junk_takes_no_memory(engine: Engine) -> None:
    stream = stream_of(engine, recover=True)
    stream.feed(b"\0\n")
    tracemalloc.start()
    try:
        for _ in range(300):
            assert stream.feed(b"x" * 1000) == []
        assert tracemalloc.get_traced_memory()[0] < 50_000
    finally:
        tracemalloc.stop()
    assert plain(stream.feed(b"\n" + TWO)) == [TWO]


def test_a_claimed_length_takes_no_memory(engine: Engine) -> None:
    stream = stream_of(engine, engine.Limits(size=2**31 - 1))
    tracemalloc.start()
    try:
        stream.feed(LENGTH % b"l: 2000000000\r\n")
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


def test_a_kept_message_keeps_only_its_chunk(engine: Engine) -> None:
    stream = stream_of(engine)
    messages = stream.feed(b"x" * 0 + ONE * 3 + ONE[:30])
    assert sys.getrefcount(messages[0].body_view.obj) > 3
    (cut_in_two,) = stream.feed(ONE[30:])
    assert len(cut_in_two.body_view.obj) == len(ONE)


# ---- misuse --------------------------------------------------------------------------------------


def test_wrong_arguments(engine: Engine) -> None:
    with pytest.raises(TypeError, match="limits must be Limits, not int"):
        stream_of(engine, 5)
    stream = stream_of(engine)
    for wrong in ("text", 5, None, [1]):
        with pytest.raises(TypeError, match="bytes-like"):
            stream.feed(wrong)
    with pytest.raises(BufferError):
        stream.feed(memoryview(b"abcdef")[::2])
    assert stream.feed(ONE)[0].raw == ONE


def test_the_bytes_of_a_subclass_are_copied(engine: Engine) -> None:
    class Octets(bytes):
        def __getitem__(self, at: Any) -> Any:
            raise AssertionError

        def __len__(self) -> int:
            return 1 << 40

        def __bytes__(self) -> bytes:
            raise AssertionError

    (message,) = stream_of(engine).feed(Octets(ONE))
    assert type(message.body_view.obj) is bytes
    assert message.raw == ONE


def test_a_stream_is_not_fed_by_what_it_makes(pure: Engine, monkeypatch: Any) -> None:
    """Code that runs within `feed`, such as a finalizer, cannot mix the bytes up."""
    module = pure.module("message.stream")
    stream = module.Stream()
    seen = []

    def answer(*_: Any) -> None:
        for function in (lambda: stream.feed(TWO), stream.eof):
            try:
                function()
            except RuntimeError as error:
                seen.append(str(error))

    monkeypatch.setattr(module, "answer", answer)
    (fault,) = stream.feed(LENGTH % b"")
    assert fault.code == "content-length-missing"
    assert seen == ["the stream is being fed"] * 2


def test_an_exception_closes_the_stream(pure: Engine, monkeypatch: Any) -> None:
    module = pure.module("message.stream")
    stream = module.Stream()

    def answer(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "answer", answer)
    with pytest.raises(KeyboardInterrupt):
        stream.feed(LENGTH % b"")
    assert stream.is_closed
    assert stream.feed(TWO) == []


def test_a_stream_without_its_constructor(engine: Engine) -> None:
    kind = engine.module("message.stream").Stream
    with pytest.raises((AttributeError, TypeError)):
        kind.__new__(kind).feed(ONE)
    with pytest.raises((AttributeError, TypeError)):
        kind.__new__(kind).feed(ONE[:9])
    with pytest.raises((AttributeError, TypeError)):
        kind.__new__(kind).eof()


def test_a_finalizer_cannot_feed(engine: Engine) -> None:
    class Loop:
        """Garbage that the collector finds while the stream makes a response."""

        def __init__(self) -> None:
            self.me = self

        def __del__(self) -> None:
            with suppress(RuntimeError):
                stream.feed(ONE[:40])

    threshold = gc.get_threshold()
    gc.set_threshold(1)
    try:
        for _ in range(200):
            stream = stream_of(engine)
            Loop()
            events = stream.feed(LENGTH % b"")
            assert len(events) <= 1
    finally:
        gc.set_threshold(*threshold)
        gc.collect()


def test_a_stream_is_made_once(engine: Engine) -> None:
    stream: Any = stream_of(engine)
    stream.feed(ONE[:40])
    with pytest.raises(TypeError, match="initialized once"):
        stream.__init__(recover=True)
    assert stream.feed(ONE[40:])[0].raw == ONE


def test_public_names() -> None:
    assert sipfast.Stream is load(sipfast.engine).module("message.stream").Stream
    (message, ping) = sipfast.Stream().feed(ONE + b"\r\n\r\n")
    assert isinstance(message, sipfast.Request)
    assert isinstance(ping, sipfast.Ping)


# ---- smuggling -----------------------------------------------------------------------------------

PIECES = [
    *(b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b"\0", b"\r\n\r\n", b"\n\n", b"\n\r\n", b"\xe9"),
    *(b"OPTIONS sip:a SIP/2.0", b"SIP/2.0 200 OK", b"INVITE sip:b SIP/2.0\r\n", b"sip/2.0 1"),
    *(b"Content-Length", b"l", b"Content-Length: 5\r\n", b"l:0\r\n", b"l: 9\n", b"\r\n 7\r\n"),
    *(
        b"content-length : 3\r\n",
        b"X: y\r\n",
        b"0",
        b"5",
        b"-1",
        b"+5",
        b"5,5",
        b"hello",
        b"L:\r\n ",
    ),
]
MESSAGES = [sample(OPTIONS, body=b"12"), b"OPTIONS sip:a SIP/2.0\nl:3\n\nabc", TWO, b"\r\n\r\n"]
BYTES = st.lists(st.sampled_from(PIECES + MESSAGES + MESSAGES), max_size=12).map(b"".join)


def by_parse(engine: Engine, data: bytes) -> list[Any]:
    """The messages as `parse` frames them, one after the other; an error where it refuses one."""
    found: list[Any] = []
    at = 0
    while not re.fullmatch(rb"(?:\r?\n)*\r?", data[at:]):
        try:
            message = engine.parse(data[at:])
        except ParseError as error:
            return [*found, error.code]
        length = message.content_length
        codes = [item.code for item in message.defects]
        if (
            "line-ends-mixed" in codes
            or length is None
            or length > message.end - message.body_offset
        ):
            return [*found, "not in a stream"]
        found.append(message.raw)
        at += message.end
    return found


@settings(max_examples=300, deadline=None)
@given(data=BYTES, seed=st.integers(0, 1 << 16))
def test_every_reader_frames_the_same(data: bytes, seed: int) -> None:
    draw = random.Random(seed)
    found = []
    for name in ("native", "pure"):
        try:
            engine = load(name)
        except ImportError:
            continue
        places = [draw.randrange(len(data) + 1) for _ in range(draw.randrange(6))]
        cuts = [data], cut(data, *places), by_bytes(data)
        found += [plain(events_in(engine, pieces)) for pieces in cuts]
        raws = [raw for raw in found[0] if isinstance(raw, bytes)]
        framed = by_parse(engine, data)
        assert [raw for raw in framed if isinstance(raw, bytes)] == raws
        refused = [one for one in found[0] if isinstance(one, tuple)]
        assert any(isinstance(one, str) for one in framed) == bool(refused)
    assert all(events == found[0] for events in found)


@settings(max_examples=150, deadline=None)
@given(data=BYTES, seed=st.integers(0, 1 << 16))
def test_engines_recover_alike(data: bytes, seed: int) -> None:
    draw = random.Random(seed)
    places = [draw.randrange(len(data) + 1) for _ in range(draw.randrange(6))]
    native, pure = (
        plain(events_in(load(name), cut(data, *places), recover=True), pongs=True)
        for name in ("native", "pure")
    )
    assert native == pure
