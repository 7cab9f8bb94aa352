"""Attacks on the engine from its own process and machine: writers to its buffers, lying classes.

    python -m fuzz.attacks [--seconds N] [NAME...]          each for N seconds, under sanitizers
    python -m fuzz.attacks --plain [--engine native|pure]   the same on the installed engine

They need no malformed message.  The engine may only raise its documented exceptions: no crash, no
byte from outside the buffer, no str that contradicts its flags.  Each attack runs in a process of
its own, bounded in time; exit code 1 means that one of them found a fault.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import gc
import importlib
import inspect
import itertools
import mmap
import os
import pkgutil
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from sipfast import _engine
from sipfast._engine import Engine
from sipfast.errors import ParseError

ROOT = Path(__file__).resolve().parent.parent

Attack = Callable[[Engine, float], int]

ATTACKS: dict[str, Attack] = {}

SPARE_S = 60
"""The extra seconds after which an attack counts as hung."""

MESSAGE = (
    b"INVITE sip:al%%69ce@[2001:db8::1]:5070;transport=tcp;lr?Subject=a%%20b SIP/2.0\r\n"
    b'Via: SIP/2.0/UDP h.example:5060;branch=z9hG4bK-1;received=192.0.2.1;x="a\\"b;c",\r\n'
    b" SIP/2.0/TCP [2001:db8::2] ;branch=z9hG4bK-2\r\n"
    b'From: "A \\"quoted\\" \xc3\xa9 name" <sip:a@example.com;user=phone>;tag=1;y="\\\\z"\r\n'
    b"To: Bob <sip:b:secret@example.com:5060?Replaces=1%%40h>\r\n"
    b"Call-ID: 123@example.com\r\nCSeq: 4711 INVITE\r\nMax-Forwards: 70\r\n"
    b'Contact: "C, D" <sip:c@d>;q=0.5;expires=60, <tel:+1-201-555-0123;phone-context=e.f>\r\n'
    b'Authorization: Digest username="u\\"v", realm="r", nonce="n", uri="sip:a", nc=00000001,\r\n'
    b' cnonce="c", qop=auth, response="0123456789abcdef0123456789abcdef", algorithm=MD5\r\n'
    b'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth,auth-int", algorithm=SHA-256\r\n'
    b"Allow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\nSupported: timer, 100rel, replaces\r\n"
    b'Accept: application/sdp;level=1, text/html;q=0.7\r\nWarning: 399 h "text \\"q\\""\r\n'
    b'Reason: SIP;cause=200;text="Call \xe6\x8e\xa5 completed", Q.850;cause=16\r\n'
    b"Session-Expires: 1800;refresher=uac\r\nMin-SE: 90\r\n"
    b"Retry-After: 18 (why (not)) ;duration=3\r\n"
    b"Identity: a.b.c;info=<https://c.example/x>;alg=ES256;ppt=shaken\r\n"
    b"Date: Sat, 13 Nov 2010 23:29:00 GMT\r\nTimestamp: 54.1 0.2\r\nUser-Agent: X/1.0 (y) Z\r\n"
    b"P-Asserted-Identity: <sip:a@b>\r\n"
    b"History-Info: <sip:a@b?Reason=SIP%%3Bcause%%3D302>;index=1\r\n"
    b"Content-Type: application/sdp\r\nX-Unknown: \xff\xfe text\r\nContent-Length: %d\r\n\r\n%b"
)
BODY = (
    b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    b"m=audio 49170 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"
)
WHOLE = MESSAGE % (len(BODY), BODY)

ORDINARY = (
    *(ArithmeticError, AttributeError, BufferError, LookupError, NotImplementedError),
    *(RuntimeError, TypeError, ValueError),
)
"""The allowed exceptions for misuse by Python code; AssertionError is not one of them."""

MEANT = (ParseError, BufferError)
"""The allowed exceptions when a buffer is read during writes."""

HOSTILE = b'",;<>\\\r\n \t%@:=/?[]()\x00\x7f\x80\xc3\xff019aZ'
"""Bytes that change the meaning of the bytes around them."""


NATIVE_ONLY: set[str] = set()
"""Attacks that only C must withstand: arguments can do anything to a Python module."""


def attack(function: Attack) -> Attack:
    ATTACKS[function.__name__] = function
    return function


def native_only(function: Attack) -> Attack:
    NATIVE_ONLY.add(function.__name__)
    return function


# ---- reading ------------------------------------------------------------------------------------


def read_all(thing: Any, depth: int = 0) -> None:
    """Read every property of a message or value, and check each str."""
    if isinstance(thing, str):
        check_text(thing)
        return
    if isinstance(thing, (tuple, list)):
        for item in thing[:50]:
            read_all(item, depth)
        return
    if not type(thing).__module__.startswith(("sipfast.", "__main__", "fuzz.")) or depth > 3:
        return
    for way in (str, repr, hash, _same, getattr(type(thing), "__bytes__", str)):
        with contextlib.suppress(*MEANT):
            way(thing)
    with contextlib.suppress(*MEANT, TypeError):
        check_text(str(thing))
    for name in dir(type(thing)):
        if name.startswith("_") or name in ("parse", "parts", "content", "body_view"):
            continue
        with contextlib.suppress(*MEANT):
            found = getattr(thing, name)
            if name in ("parameters", "headers") and hasattr(found, "items"):
                found = [*found.items()]
            if not callable(found):
                read_all(found, depth + 1)


def _same(thing: Any) -> bool:
    return bool(thing == thing)


def check_text(text: str) -> None:
    """Check that a str is flagged ASCII only if it is, and can be encoded."""
    octets = text.encode("utf-8", "surrogatepass")
    if text.isascii() != all(byte < 0x80 for byte in octets):
        raise AssertionError(f"a str contradicts its flags: {octets[:80]!r}")
    if octets.decode("utf-8", "surrogatepass") != text:
        raise AssertionError("a str does not survive encoding")


def parse_and_read(engine: Engine, buffer: Any) -> bool:
    """Whether the buffer held a message, all of which was read."""
    with contextlib.suppress(*MEANT):
        message: Any = engine.parse(buffer)
        with message.body_view as view:
            bytes(view)
        read_all(message)
        with contextlib.suppress(*MEANT):
            repr((message.sdp, message.parts, message.content))
        with contextlib.suppress(*MEANT):
            repr((message.transaction_key, message.dialog_id, message.loop_key))
        derive(engine, message)
        return True
    return False


def derive(engine: Engine, message: Any) -> None:
    """Make drafts and other messages of a message, and check that they can be parsed."""
    with contextlib.suppress(*MEANT, LookupError, ValueError):
        draft = message.edit()
        draft.push("Via", "SIP/2.0/UDP h")
        draft["Max-Forwards"] = 69
        draft.discard("X-Unknown")
        made = bytes(draft)
        if bytes(parsed_again(engine, made)) != b"".join(draft.pieces()):
            raise AssertionError("the pieces of a draft are other bytes")
        draft.pop("Via")
    makers: list[Callable[[], Any]] = [
        lambda: message.reply(200, source=("192.0.2.1", 5060)),
        lambda: message.cancel(),
    ]
    for make in makers:
        with contextlib.suppress(*MEANT, LookupError, ValueError):
            made = bytes(make())
            again = parsed_again(engine, made)
            if made.count(b"\n") != made.count(b"\r\n") or again.call_id != again.headers["i"]:
                raise AssertionError(f"a derived message has a second reading: {made!r}")
    forward(engine, message)
    with contextlib.suppress(*MEANT, LookupError):
        for name in ("Via", "X-Unknown"):
            repr(message.headers.span(name))


def forward(engine: Engine, message: Any) -> None:
    """Forward a message, and check that what is sent has one reading."""
    hop_of, of = engine.module("message.hop").Hop, engine.module("message.forward")
    hop = hop_of("h.example", 5060, secret=bytes(16))
    with contextlib.suppress(*MEANT, LookupError):
        if not isinstance(message, engine.Request):
            parsed_again(engine, of.relay_response(message, hop)[0])
            return
        pair = (hop_of("h.example", 5060, transport="TCP", secret=bytes(16)), hop)
        source = ("192.0.2.1", 5060)
        for path in (hop, pair):
            made, where = of.relay_request(message, "sip:b@h", hop, source, path, 7, 1, True)
            again = parsed_again(engine, made)
            if again.end != len(made) or again.via.sent_by != "h.example:5060":
                raise AssertionError(f"a forwarded message has a second reading: {made!r}")
            if where != message.next_hop("sip:b@h", via=hop, record_route=path, trusted=True):
                raise AssertionError(f"a forwarded message goes elsewhere: {where!r}")


def parsed_again(engine: Engine, made: bytes) -> Any:
    """What was written, as a message."""
    try:
        return engine.parse(made, limits=engine.NO_LIMITS)
    except ParseError as error:
        raise AssertionError(f"what was written cannot be parsed: {made!r}") from error


def must_have_read(reads: int) -> int:
    """Check that an attack has read something, for otherwise it tested nothing."""
    if reads == 0:
        raise AssertionError("nothing was read")
    return reads


def until(seconds: float) -> Iterator[int]:
    """Count turns until the time is over, at least one."""
    end = time.monotonic() + seconds
    for turn in itertools.count():
        yield turn
        if time.monotonic() > end:
            return


# ---- writers ------------------------------------------------------------------------------------

WRITER = """
import mmap, os, random, sys, time
path, seconds, original = sys.argv[1], float(sys.argv[2]), open(sys.argv[3], "rb").read()
hostile = bytes.fromhex(sys.argv[4])
start = os.path.getsize(path) - len(original)
with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
    pick = random.Random(1)
    print("ready", flush=True)
    end = time.monotonic() + seconds
    while time.monotonic() < end and os.getppid() != 1:
        at = pick.randrange(len(original))
        byte = pick.choice(hostile)
        for _ in range(300):
            memory[start + at] = byte
            memory[start + at] = original[at]
"""


@contextlib.contextmanager
def other_process(path: Path, original: bytes, seconds: float) -> Iterator[None]:
    """A process that changes single bytes at a file's end while it is read, and restores them."""
    with tempfile.NamedTemporaryFile() as kept:
        kept.write(original)
        kept.flush()
        command = [sys.executable, "-c", WRITER, str(path), str(seconds), kept.name, HOSTILE.hex()]
        # The writer itself is not under test.
        environment = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
            try:
                assert process.stdout is not None
                process.stdout.readline()
                yield
            finally:
                process.kill()


@attack
def shared_mapping(engine: Engine, seconds: float) -> int:
    """Another process writes to the mapping during reads."""
    reads = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "message")
        path.write_bytes(WHOLE)
        with (
            path.open("r+b") as file,
            mmap.mmap(file.fileno(), 0) as memory,
            other_process(path, WHOLE, seconds + SPARE_S),
        ):
            for turns in until(seconds):  # noqa: B007
                reads += parse_and_read(engine, memory)
            gc.collect()  # caught errors may hold references to the buffer
    return must_have_read(reads)


@attack
def capture_file(engine: Engine, seconds: float) -> int:
    """Another process writes to a capture during reads."""
    from sipfast import capture

    reads = 0
    packet = _packet(WHOLE)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "trace.pcap")
        path.write_bytes(_PCAP + packet * 20)
        with other_process(path, packet * 20, seconds + SPARE_S):
            for turns in until(seconds):  # noqa: B007
                with (
                    contextlib.suppress(*MEANT, capture.CaptureError),
                    capture.open(path) as source,
                ):
                    for datagram in source:
                        reads += parse_and_read(engine, datagram.payload)
    return must_have_read(reads)


@attack
def scanned_file(engine: Engine, seconds: float) -> int:
    """Another process writes to a capture while it is read into columns."""
    from sipfast.capture import CaptureError
    from sipfast.columns import COLUMNS
    from sipfast.columns.scan import Scan

    rows = 0
    with _changing_files(seconds) as paths:
        for turn in until(seconds):
            path = paths[turn // 2 % 2]
            with contextlib.suppress(*MEANT, CaptureError):
                for batch in Scan(path, [*COLUMNS], threads=1 + turn % 2, engine=engine):
                    rows += len(batch)
    return must_have_read(rows)


@attack
def counted_file(engine: Engine, seconds: float) -> int:
    """Another process writes to a capture while its messages are counted."""
    from sipfast import capture

    counted = 0
    with _changing_files(seconds) as paths:
        for turn in until(seconds):
            counter = _counter(engine, lambda *_: 0.0)
            with (
                contextlib.suppress(*MEANT, capture.CaptureError),
                capture.open(paths[turn % 2]) as source,
            ):
                for _ in source.feed(counter):
                    counter.take()
                counter.take()
            counted += counter.number
    return must_have_read(counted)


@attack
@native_only
def counter_in_use(engine: Engine, seconds: float) -> int:
    """What counts messages is used again by the functions that it calls, and by another thread."""
    from sipfast import capture

    content = b"".join([_hep(b"%d" % at + WHOLE[1:] if at % 3 else WHOLE) for at in range(200)])
    record = capture.Record(memoryview(WHOLE), 0, 1)
    pick = random.Random(5)
    counted = 0
    counters: list[Any] = []

    depth = threading.local()

    def use(*_: Any) -> float:
        if getattr(depth, "now", 0) or time.monotonic() > over:
            return 1.0  # a use within a use within a use would take for ever
        depth.now = 1
        try:
            use_once()
        finally:
            depth.now = 0
        return 1.0

    def use_once() -> None:
        with contextlib.suppress(ValueError):
            pick.choice(
                (
                    lambda one: one.take(),
                    lambda one: one.cut(pick.choice((-9, 0, 1, 2**40))),
                    lambda one: [one.add(record) for _ in range(2000)],
                    lambda one: [*source.feed(one)],
                )
            )(pick.choice(counters))

    over = time.monotonic() + seconds

    def use_on_and_on() -> None:
        while time.monotonic() < over:
            with contextlib.suppress(*ORDINARY):
                use()

    with capture.open(content) as source:
        alone = _counter(
            engine, lambda *_: 1.0
        )  # the others may be in use whenever it is their turn
        for _ in source.feed(alone):
            alone.take()
        counted += alone.number
        counters = [_counter(engine, use) for _ in range(3)]
        thread = threading.Thread(target=use_on_and_on)
        thread.start()
        for turn in until(seconds):
            if turn % 20 == 0:
                counters = [_counter(engine, use) for _ in range(3)]
            with contextlib.suppress(ValueError):
                for _ in source.feed(counters[0]):
                    counters[0].take()
                counters[0].take()
            counted += counters[0].number
        thread.join()
    return must_have_read(counted)


@attack
@native_only
def feeds_in_use(engine: Engine, seconds: float) -> int:
    """What finds messages, and what takes them, is used by several threads at once."""
    pick = random.Random(6)
    packets, texts = _PCAP + _packet(WHOLE) * 40 + _segments(), WHOLE * 40
    taken = 0

    def use_once() -> None:
        nonlocal taken
        walk, run, flows, sinks = kit
        sink = pick.choice(sinks)
        pick.choice(
            (
                lambda: walk.run(sink),
                lambda: run.feed(sink, pick.randrange(-1, len(texts) + 2), 0),
                lambda: next(walk, None),
                lambda: walk.pass_over(pick.randrange(50)),
                lambda: walk.begin_records(pick.randrange(2000), False, 1, 16, 1),
                lambda: walk.add_interface(1, 0, 1000, 0),
                lambda: walk.begin_blocks(True),
                lambda: walk.give_up(),
                lambda: walk.end_like(kit[0]),
                lambda: flows.get(_ENDS),
                lambda: flows.remove(_ENDS),
                lambda: flows.drop_idle(),
                lambda: flows.add(_ENDS, _Connection(flows)),
                lambda: sink.begin(pick.choice((packets, texts, b"")), "file", True),
                lambda: sink.cut(pick.randrange(3)),
            )
        )()
        taken += len(sink)
        sink.take()

    def use_on_and_on() -> None:
        while time.monotonic() < over:
            with contextlib.suppress(*ORDINARY):
                use_once()

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    over = time.monotonic() + seconds
    try:
        kit = _kit(engine, packets, texts)
        threads = [threading.Thread(target=use_on_and_on) for _ in range(2)]
        for thread in threads:
            thread.start()
        for turn in until(seconds):
            if turn % 50 == 0:
                kit = _kit(engine, packets, texts)
            with contextlib.suppress(*ORDINARY):
                use_once()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    return must_have_read(taken)


_ENDS = (b"\xc0\0\2\1", 5060, b"\xc0\0\2\2", 5060)


class _Connection:
    """A connection that changes the others when it is brought up to date."""

    def __init__(self, flows: Any) -> None:
        self._flows = flows

    def resume(self, *_: Any) -> None:
        self._flows.remove(_ENDS)
        for port in range(200):
            self._flows.add((*_ENDS[:3], port), self)


def _kit(engine: Engine, packets: bytes, texts: bytes) -> Any:
    """A walk through packets, a run of messages, connections, and what takes messages."""
    from sipfast.capture import Record
    from sipfast.capture.packets import address
    from sipfast.capture.recognise import JUDGED_PORTS
    from sipfast.columns.scan import _columns_of

    wire = engine.module("wire.packets")
    flows: Any = wire.Flows(lambda _: _Connection(flows), 50, 1 << 20, 100)
    kept: tuple[Any, ...] = flows, wire.Recent(64), engine.Limits(), Record, address, {}
    walk = wire.Walk(packets, JUDGED_PORTS, *kept, "file")
    walk.begin_records(24, False, 1000, 16, 1)
    columns = ("file", "method", "call_id", "sdp_codecs", "headers:Via", "retransmission")
    builders = [
        _columns_of(engine).Builder(columns, None, text, 7, "keep") for text in ("view", "utf8")
    ]
    for builder in builders:
        builder.begin(packets, "file", False)
    sinks = [_counter(engine, lambda *_: 0.0), *builders]
    return walk, engine.module("wire.runs").Run(texts), flows, sinks


def _segments() -> bytes:
    """A connection whose messages are cut."""
    number, found = 1, [_segment(0, b"", 2)]
    for text in (WHOLE[:200], WHOLE[200:], WHOLE * 3, WHOLE[:-40], WHOLE[-40:] + WHOLE):
        found.append(_segment(number, text))
        number += len(text)
    return b"".join(found)


@attack
def shared_iterators(engine: Engine, seconds: float) -> int:
    """Two threads read from the same iterators: of records, of batches, and of counting."""
    from sipfast import capture
    from sipfast.columns.scan import Scan

    content = _PCAP + _packet(WHOLE) * 300 + _segments()
    found = [0]

    def read(iterators: list[Iterator[Any]]) -> None:
        for iterator in iterators:
            with contextlib.suppress(ValueError):  # it is in use
                for _ in iterator:
                    found[0] += 1

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for _ in until(seconds):
            columns = ["method", "from_user", "headers:Via"]
            with capture.open(content) as source, capture.open(WHOLE * 300) as other:
                counter = _counter(engine, lambda *_: 0.0)
                scan = Scan(content, columns, batch_rows=7, threads=2, engine=engine)
                shared = [iter(source), iter(scan), source.feed(counter), other.feed(counter)]
                threads = [
                    threading.Thread(target=read, args=(order,)) for order in (shared, shared[::-1])
                ]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                with contextlib.suppress(ValueError):
                    counter.take()
    finally:
        sys.setswitchinterval(before)
    return must_have_read(found[0])


class Odd:
    """A record that says something else each time, and does something meanwhile."""

    def __init__(self, meanwhile: Callable[[], Any], pick: random.Random) -> None:
        self._meanwhile = meanwhile
        self._pick = pick

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        with contextlib.suppress(*ORDINARY):
            self._meanwhile()
        if self._pick.random() < 0.8:
            text = name + "x" * 40 + str(self._pick.random())
            likely: dict[str, Any] = {"data": WHOLE, "packet": 1, "offset": 2, "time_ns": 5}
            likely |= {"source_port": 5060, "destination_port": 5060, "is_cut": False}
            return likely.get(name, text) if name != "_replace" else lambda **_: self
        texts = "UDP", bytearray(WHOLE), memoryview(WHOLE * 2), b"", Lie("TCP"), None, ("UDP",)
        numbers = 5060, 0, None, 2**63, -1, 1.5, Number(3, self._meanwhile)
        return self._pick.choice((*texts, *numbers))


class Number(int):
    """A number that compares as it likes, and does something when it is asked for its value."""

    _meanwhile: Callable[[], Any]

    def __new__(cls, value: int, meanwhile: Callable[[], Any] = lambda: None) -> Number:
        made = super().__new__(cls, value)
        made._meanwhile = meanwhile
        return made

    def __lt__(self, _: object) -> bool:
        return False

    def __gt__(self, _: object) -> bool:
        return False

    def __index__(self) -> int:
        with contextlib.suppress(*ORDINARY):
            self._meanwhile()
        return int.__add__(self, 0)


class Index:
    """The same of what is no int."""

    def __init__(self, value: int, meanwhile: Callable[[], Any]) -> None:
        self._value = value
        self._meanwhile = meanwhile

    def __index__(self) -> int:
        with contextlib.suppress(*ORDINARY):
            self._meanwhile()
        return self._value

    __int__ = __index__


@attack
@native_only
def odd_records(engine: Engine, seconds: float) -> int:
    """Records that lie, fail, and use what takes them."""
    from sipfast.capture.repeats import Repeats
    from sipfast.columns.scan import _columns_of
    from sipfast.columns.where import parse

    pick = random.Random(7)
    columns = (
        "file",
        "packet",
        "transport",
        "source_address",
        "method",
        "headers:Via",
        "from_user",
    )
    conditions = (None, parse("transport = 'UDP' or source_port > 7"), parse("method = 'INVITE'"))
    rows = 0
    for turn in until(seconds):
        tree = conditions[turn % len(conditions)]
        builder = _columns_of(engine).Builder(columns, tree, ("view", "utf8")[turn % 2], 3, "keep")
        counter = _counter(engine, lambda *_: 0.0)
        uses: tuple[Callable[[], Any], ...] = (
            *(builder.take, counter.take, lambda: gc.collect(0), lambda: builder.add(record)),  # noqa: B023
            *(lambda: builder.begin(b"x" * 5000, "b" * 50, True), lambda: builder.cut(0)),  # noqa: B023
        )
        record: Any = Odd(lambda: pick.choice(uses)(), pick)  # noqa: B023
        for _ in range(20):
            with contextlib.suppress(*ORDINARY):
                builder.begin(
                    pick.choice((WHOLE, bytearray(WHOLE))), pick.choice((None, "a" * 40)), False
                )
            with contextlib.suppress(*ORDINARY):
                builder.add(record)
            with contextlib.suppress(*ORDINARY):
                counter.add(record)
            with contextlib.suppress(*ORDINARY):
                rows += len(builder)
                builder.take()
        with contextlib.suppress(*ORDINARY):
            counter.take()
        with contextlib.suppress(*ORDINARY):
            Repeats(most=Number(turn % 3 - 1), engine=engine).of(record, None)
    return must_have_read(rows)


@attack
@native_only
def odd_values(engine: Engine, seconds: float) -> int:
    """Values for columns and conditions that do something when they are read."""
    arrow = engine.module("wire.arrow")
    pick = random.Random(8)
    fields = (("a", 0), ("b", 6), ("c", 2), ("d", 4))
    where = arrow.Where(("or", ("like", "b", "%x%"), ("compare", ">", "c", 7)), fields)
    taken = 0
    for turn in until(seconds):
        own = arrow.Assembler(arrow.Schema(fields, ("view", "utf8")[turn % 2]), 5)
        own.begin(bytes(1 << 17), False)
        uses: tuple[Callable[[], Any], ...] = (
            lambda: own.begin(bytes(1 << 18), pick.random() < 0.5),  # noqa: B023
            *(own.take, lambda: own.cut(0), lambda: own.append_values(values())),  # noqa: B023
        )

        def number() -> Any:
            value = pick.choice((0, 1, 7, 1 << 16, 1 << 31, 1 << 32, (1 << 63) - 1, -1, -(1 << 63)))
            kinds = (int, Number, Index)
            kind: Any = pick.choice(kinds)
            return value if kind is int else kind(value, lambda: pick.choice(uses)())  # noqa: B023

        def text() -> Any:
            return pick.choice(
                ("", "INVITE", "x" * 30, Lie("é"), slice(number(), number()), None, 5)
            )

        def values() -> tuple[Any, ...]:
            texts = pick.choice((tuple, list))(text() for _ in range(pick.randrange(4)))
            return text(), pick.choice((texts, "x" * 32, None)), number(), number()

        for _ in range(30):
            with contextlib.suppress(*ORDINARY):
                own.append_values(values())
            with contextlib.suppress(*ORDINARY):
                where.tested(own, values()[: pick.choice((4, 4, 4, 2, 0))])
            with contextlib.suppress(*ORDINARY):
                taken += own.take() is not None
        own.append_values(("a", (), 1, 1))
        taken += len(own)
    return must_have_read(taken)


@attack
def live_bytes(engine: Engine, seconds: float) -> int:
    """A thread writes to the bytes of live traffic: packets of HEP, and a capture bit by bit."""
    from sipfast.capture import CaptureError
    from sipfast.capture.continued import Continued

    contents = (_hep(WHOLE) * 5, _PCAP + _packet(WHOLE) * 5 + _segments(), WHOLE * 5)
    pick = random.Random(9)
    buffers = [bytearray(content) for content in contents]
    stop = threading.Event()

    def write() -> None:
        while not stop.wait(1e-5):
            buffer = pick.choice(buffers)
            buffer[pick.randrange(len(buffer))] = pick.choice(HOSTILE)

    writer = threading.Thread(target=write, daemon=True)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    reads = 0
    try:
        writer.start()
        for turn in until(seconds):
            buffer, content = buffers[turn % 3], contents[turn % 3]
            buffer[:] = content
            continued, step = Continued(), pick.choice((300, 3000, 1 << 20))
            with contextlib.suppress(*MEANT, CaptureError):
                for at in range(0, len(buffer), step):
                    for record in continued.feed(memoryview(buffer)[at : at + step]):
                        reads += 1
                        parse_and_read(engine, record.data)
                continued.close()
    finally:
        stop.set()
        sys.setswitchinterval(before)
        writer.join(10)
    return must_have_read(reads)


def _counter(engine: Engine, use: Any) -> Any:
    """What counts messages, and calls `use` for some of them."""
    from sipfast.capture import Record
    from sipfast.capture.repeats import Repeats
    from sipfast.cli.commands.stats.counts import Ranking

    class Used(Ranking):
        def add(self, name: str, times: int = 1) -> None:
            super().add(name, times)
            use()

    def parse(data: Any, **how: Any) -> Any:
        use()
        return engine.parse(data, **how)

    return engine.module("wire.counting").Counter(
        *(use, use, parse, Record, Used(8), Used(8), Repeats(engine=engine), True, use)
    )


@contextlib.contextmanager
def _changing_files(seconds: float) -> Iterator[list[Path]]:
    """A capture of packets and one of HEP, to which another process writes."""
    texts = [WHOLE, WHOLE * 3, WHOLE[:200], WHOLE[200:], WHOLE[:-40], WHOLE[-40:] + WHOLE]
    records = [_packet(WHOLE), _segment(0, b"", 2)]
    number = 1
    for text in texts * 3:
        records += [_segment(number, text), _packet(WHOLE)]
        number += len(text)
    contents = {"trace.pcap": b"".join(records), "trace.hep": _hep(WHOLE) * 20}
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as writers:
        paths = []
        for name, content in contents.items():
            paths.append(Path(folder, name))
            paths[-1].write_bytes((_PCAP if name.endswith("pcap") else b"") + content)
            writers.enter_context(other_process(paths[-1], content, seconds + SPARE_S))
        yield paths


_PCAP = bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000")


def _packet(payload: bytes) -> bytes:
    """A record of a capture: Ethernet, IPv4, UDP, payload."""
    udp = b"\x13\xc4\x13\xc4" + (8 + len(payload)).to_bytes(2, "big") + b"\0\0" + payload
    return _record(udp, 17)


def _segment(number: int, text: bytes, flags: int = 24) -> bytes:
    """The same of a segment of TCP."""
    head = b"\x13\xc4\x13\xc4" + number.to_bytes(4, "big") + bytes(4) + bytes([80, flags])
    return _record(head + bytes(6) + text, 6)


def _hep(payload: bytes) -> bytes:
    """A packet of HEP version 3: UDP over IPv4, with a time."""
    values = {
        1: b"\2",
        2: b"\x11",
        3: b"\xc0\0\2\1",
        4: b"\xc0\0\2\2",
        7: b"\x13\xc4",
        8: b"\x13\xc4",
    }
    values |= {9: b"\x60\0\0\0", 10: bytes(4), 11: b"\1", 15: payload}
    chunks = b"".join(
        bytes((0, 0, 0, kind)) + (6 + len(value)).to_bytes(2, "big") + value
        for kind, value in values.items()
    )
    return b"HEP3" + (6 + len(chunks)).to_bytes(2, "big") + chunks


def _record(content: bytes, protocol: int) -> bytes:
    size = (20 + len(content)).to_bytes(2, "big")
    ip = b"\x45\0" + size + b"\0\0\0\0\x40" + bytes([protocol]) + bytes(10) + content
    frame = bytes(12) + b"\x08\0" + ip
    size = len(frame).to_bytes(4, "little")
    return bytes(8) + size + size + frame


@attack
def receiving_thread(engine: Engine, seconds: float) -> int:
    """A thread receives into the bytearray during reads: the system writes without a lock."""
    buffer = bytearray(WHOLE)
    pick = random.Random(2)
    stop = threading.Event()
    reader, writer = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    values = [at for at in range(len(WHOLE)) if WHOLE[at] in b'"\\;,<>=@:']
    changes = [WHOLE]
    for _ in range(64):
        changed = bytearray(WHOLE)
        for _ in range(pick.randrange(1, 4)):
            changed[pick.choice(values)] = pick.choice(HOSTILE)
        changes.append(bytes(changed))

    def send() -> None:
        with contextlib.suppress(OSError):
            while not stop.is_set():
                writer.send(pick.choice(changes))
                writer.send(WHOLE)

    def receive() -> None:
        with contextlib.suppress(OSError):
            while not stop.is_set():
                reader.recv_into(buffer)

    threads = [threading.Thread(target=work, daemon=True) for work in (send, receive)]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    reads = 0
    try:
        for thread in threads:
            thread.start()
        for turns in until(seconds):  # noqa: B007
            reads += parse_and_read(engine, buffer)
    finally:
        sys.setswitchinterval(before)
        stop.set()
        for end in (writer, reader):  # wakes waiting threads
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        for thread in threads:
            thread.join(10)
    return must_have_read(reads)


@attack
def between_reads(engine: Engine, seconds: float) -> int:
    """The buffer's owner writes to it between two reads."""
    pick = random.Random(3)
    turns = 0
    for turns in until(seconds):  # noqa: B007
        buffer = bytearray(WHOLE)
        message: Any = engine.parse(buffer)
        names = [name for name in dir(type(message)) if not name.startswith("_")]
        pick.shuffle(names)
        for name in names:
            buffer[pick.randrange(len(buffer))] = pick.choice(HOSTILE)
            with contextlib.suppress(*MEANT):
                found = getattr(message, name)
                buffer[pick.randrange(len(buffer))] = pick.choice(HOSTILE)
                if name not in ("content", "parts", "sdp"):
                    read_all(found, 1)
    return turns


# ---- Python code --------------------------------------------------------------------------------


def modules(engine: Engine) -> list[ModuleType]:
    """All modules of an engine."""
    package = importlib.import_module(engine.module("wire").__name__.removesuffix(".wire"))
    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    return [importlib.import_module(module.name) for module in found]


def value_classes(engine: Engine) -> list[Any]:
    """All classes of values."""
    base = engine.module("value").Value
    found = {
        thing
        for module in modules(engine)
        for thing in vars(module).values()
        if isinstance(thing, type) and issubclass(thing, base)
    }
    return sorted(found, key=lambda cls: cls.__qualname__)


SAMPLES = (
    "sip:a%20b:c@[2001:db8::1]:5060;x=%41;lr?y=z",
    '"A \\" é" <sip:a@b>;tag=1;x="\\"',
    'SIP/2.0/UDP h:5060;branch=z9hG4bK1;x="a;b"',
    'Digest username="a\\"b", realm="é", nonce="x", uri="sip:a", response="0", nc=00000001',
    *("1 INVITE", "1 2 INVITE", "token;a=b", '"quoted";a', "180 (comment (nested));duration=5"),
    *("text/plain;charset=utf-8", "Sat, 13 Nov 2010 23:29:00 GMT", "a.b.c;info=<https://x>"),
    *("urn:service:sos", "tel:+1-201;ext=1", "http://x", "*", "a.b", "70", "id;critical"),
    *('399 h "text"', "0123456789abcdef0123456789abcdef;remote=0123456789abcdef0123456789abcdef"),
    *("54.1 0.2", "é", "", "a\r\nX: 1", "\0", "\udcff"),
)


@attack
def lying_new(engine: Engine, seconds: float) -> int:
    """Value classes whose `__new__` returns wrong objects."""
    kinds = [*itertools.product(value_classes(engine), _LIARS)]
    random.Random(5).shuffle(kinds)
    turns = 0
    for turns in until(seconds):
        cls = _subclass(*kinds[turns % len(kinds)])
        for text in SAMPLES:
            with contextlib.suppress(ParseError, TypeError):
                read_all(cls.parse(text * (1 + turns % 3)))
        _read_fields(engine, cls)
    return turns


def _read_fields(engine: Engine, cls: Any) -> None:
    """Read header fields of a message with the functions of the properties."""
    of = engine.module("lists")
    message: Any = engine.parse(bytearray(WHOLE))
    for index in range(min(30, len(message.headers))):
        for read in (of.read_field, of.read_first, of.read_each, of.read_again):
            with contextlib.suppress(ParseError, TypeError):
                read_all(read(message, index, cls))
        with contextlib.suppress(ParseError, TypeError):
            read_all(of.read_fields(message, index, cls, None))
    with contextlib.suppress(ParseError, TypeError):
        read_all(of.read_list(cls, ", ".join(SAMPLES), 0))


def _old(kind: Any, kept: list[Any]) -> Any:
    return kept[0] if kept else None


def _foreign(kind: Any, kept: list[Any]) -> Any:
    return object()


def _nothing(kind: Any, kept: list[Any]) -> Any:
    return None


def _twice(kind: Any, kept: list[Any]) -> Any:
    if len(kept) < 2:
        kept.append(kind.__mro__[1].__new__(kind))
    return kept[-1]


def _other_kind(kind: Any, kept: list[Any]) -> Any:
    return kind.__mro__[2].__new__(kind.__mro__[1])


def _collecting(kind: Any, kept: list[Any]) -> Any:
    gc.collect()
    return kind.__mro__[1].__new__(kind)


def _failing(kind: Any, kept: list[Any]) -> Any:
    raise TypeError("no")


_LIARS = (_old, _foreign, _nothing, _twice, _other_kind, _collecting, _failing)


def _subclass(kind: Any, maker: Any) -> Any:
    kept: list[Any] = []
    with contextlib.suppress(ParseError, TypeError):
        kept += [kind.parse(text) for text in SAMPLES[:1]]

    def new(cls: Any, *_: Any, **__: Any) -> Any:
        return maker(cls, kept)

    return type(kind)("User" + kind.__name__, (kind,), {"__new__": new})


class Lie(str):
    """A str whose methods return wrong results."""

    __slots__ = ()

    def encode(self, *_: Any) -> Any:
        return 5

    def __len__(self) -> int:
        return 1 << 40

    def __str__(self) -> str:
        return "other\r\nX: 1"

    def __format__(self, _: str) -> str:
        return "other\r\nX: 1"

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = str.__hash__

    def lower(self) -> Any:
        return None

    def isascii(self) -> bool:
        return True

    def isalnum(self) -> bool:
        return True

    def strip(self, *_: Any) -> Any:
        return self

    def partition(self, *_: Any) -> Any:
        return 1, 2, 3


class Octets(bytes):
    """Bytes whose methods return wrong results."""

    __slots__ = ()

    def __len__(self) -> int:
        return 1 << 40

    def decode(self, *_: Any) -> Any:
        return 5

    def __getitem__(self, _: Any) -> Any:
        return 5


def _given(engine: Engine) -> list[Any]:
    """Arguments for calls."""
    message: Any = engine.parse(bytearray(WHOLE))
    values = []
    for name in ("via", "from_", "contacts", "cseq", "authorization", "identity", "accept"):
        with contextlib.suppress(ParseError, AttributeError):
            values.append(getattr(message, name))
    made = []
    for kind in value_classes(engine):
        made.append(kind.__new__(kind))
        for text in SAMPLES:
            with contextlib.suppress(ParseError, TypeError):
                made.append(kind.parse(text))
                break
    numbers = [0, 1, 2, 6, 7, 8, 255, 256, 10**6, 2**31, 2**32 - 1, 2**63, -1, -(2**31), 10**40]
    texts = ["", "tag", "é", "sip:a@b", Lie("a;b=c"), Lie("é"), "a\r\nb", "\ud800", "x" * 5000]
    octets = [b"", b"a;b", Octets(b"sip:a@b"), bytearray(b"abc"), memoryview(WHOLE)]
    things = [None, (), [], {}, ("a",), ["a"], {"a": "b"}, 1.5, object(), str, type(message)]
    kinds = value_classes(engine)[:6]
    wire = _of_wire(engine)
    return [message, *values, *made, *numbers, *texts, *octets, *things, *kinds, *wire]


def _of_wire(engine: Engine) -> list[Any]:
    """Objects that read captures and make columns, also some that were never filled."""
    from sipfast.columns.scan import _columns_of

    _columns_of.cache_clear()  # a call of `read_with` may have changed what columns stand on
    walk, run, flows, sinks = _kit(engine, _PCAP + _packet(WHOLE) + _segments(), WHOLE * 2)
    arrow, repeats = engine.module("wire.arrow"), engine.module("wire.repeats")
    fields = (("a", 0), ("b", 6))
    assembler = arrow.Assembler(arrow.Schema(fields, "view"), 4)
    assembler.append_values(("x" * 20, ("y",)))
    where = arrow.Where(("compare", "=", "a", "x"), fields)
    window = repeats.Window(10**9, 4)
    kinds: tuple[Any, ...] = (type(walk), arrow.Batch)
    unmade = [kind.__new__(kind) for kind in kinds]
    made = [assembler.take(), assembler, assembler.schema, where, window]
    return [walk, run, flows, *sinks, *made, *unmade, fields]


OUTSIDE = ("use_kernel", "exec_module")
"""Functions that change the process itself."""


@attack
@native_only
def any_argument(engine: Engine, seconds: float) -> int:
    """Every function and method of every module is called with all kinds of arguments."""
    pick = random.Random(4)
    given = _given(engine)
    calls = [*_functions(engine)]
    turns = 0
    for turns in until(seconds):
        if turns % 500 == 0:
            given = _given(engine)
        for function in pick.sample(calls, min(len(calls), 40)):
            arguments = [pick.choice(given) for _ in range(pick.randrange(5))]
            owner = getattr(function, "__objclass__", None)
            if owner is not None and pick.random() < 0.9:
                fitting = [one for one in given if isinstance(one, owner)]
                arguments = [pick.choice(fitting), *arguments] if fitting else arguments
            with contextlib.suppress(Exception):
                read_all(function(*arguments))
    return turns


def _functions(engine: Engine) -> Iterator[Any]:
    """All callables: functions, classes, methods, getters of properties."""
    for module in modules(engine):
        for name, thing in [*vars(module).items()]:
            if name in OUTSIDE or not str(getattr(thing, "__module__", "")).startswith("sipfast."):
                continue
            if inspect.isclass(thing) and issubclass(thing, BaseException):
                continue
            if callable(thing):
                yield thing
            if inspect.isclass(thing):
                for part in [*vars(thing).values()]:
                    if callable(part):
                        yield part
                    elif hasattr(part, "__get__"):
                        yield part.__get__


@attack
def lying_texts(engine: Engine, seconds: float) -> int:
    """Lying subclasses of str and bytes in place of every text."""
    names = [*_TYPED_NAMES]
    turns = 0
    for turns in until(seconds):
        text = SAMPLES[turns % len(SAMPLES)]
        lies: list[Any] = [Lie(text), Lie(text + "é")]
        with contextlib.suppress(UnicodeEncodeError):
            lies.append(Octets(text.encode()))
        for lie in lies:
            for kind in value_classes(engine):
                for call in (kind.parse, kind, _with_keywords(kind, lie)):
                    with contextlib.suppress(Exception):
                        read_all(call(lie))
            for name in names:
                with contextlib.suppress(Exception):
                    read_all(engine.parse_header(name, lie))
                with contextlib.suppress(Exception):
                    read_all(engine.parse_header(Lie(name), lie))
                with contextlib.suppress(Exception):
                    check_text(engine.format_header(lie))
            message: Any = engine.parse(WHOLE)
            for look in (message.headers.get, message.headers.getall, message.headers.__contains__):
                with contextlib.suppress(KeyError, TypeError):
                    look(lie)
            credentials = message.authorization[0]
            for password, method in ((lie, "INVITE"), ("p", lie), (None, None), (lie, lie)):
                with contextlib.suppress(Exception):
                    credentials.check(password, method=method)
                with contextlib.suppress(Exception):
                    credentials.check(None, method=method, ha1=password)
    return turns


_TYPED_NAMES = ("Via", "From", "CSeq", "Contact", "Authorization", "Identity", "Subject", "X-Any")


def _with_keywords(kind: Any, lie: Any) -> Callable[[Any], Any]:
    """A call of a constructor with a lying text for each argument."""

    def call(_: Any) -> Any:
        arguments = [*inspect.signature(kind.__init__).parameters][1:]
        return kind(**dict.fromkeys(arguments, lie))

    return call


@attack
def half_made(engine: Engine, seconds: float) -> int:
    """Values and messages that were never filled, or whose constructor raised."""
    turns = 0
    hostile: list[Any] = ["a\r\nX: 1", "a>;x=<sip:b", 'a"', "a,b", "a;b", "", "\0", "é", 10**5000]
    for turns in until(seconds):
        for kind in value_classes(engine):
            for part in hostile:
                half: Any = kind.__new__(kind)
                with contextlib.suppress(*ORDINARY):
                    half.__init__(part, *[part] * (turns % 3))
                    read_all(half)
                    continue
                with contextlib.suppress(AttributeError):  # pure: the slots are empty
                    if str(half):
                        raise AssertionError(f"{kind.__name__} keeps the refused {str(half)!r}")
                for name in dir(kind):
                    with contextlib.suppress(*ORDINARY):
                        getattr(half, name)
        for kind in (engine.Request, engine.Response, engine.Message, engine.Headers):
            for name in dir(kind):
                with contextlib.suppress(*ORDINARY):
                    read_all(getattr(kind.__new__(kind), name))
    return turns


@attack
def streams(engine: Engine, seconds: float) -> int:
    """Reads cut anywhere, of a buffer that a thread writes to; finalizers use the stream."""
    made = engine.module("message.stream").Stream
    pick = random.Random(5)
    whole = WHOLE * 2 + WHOLE.replace(b"Length:", b"Longth:") + WHOLE
    buffer = bytearray(whole)
    stop = threading.Event()
    stream = made()

    class Loop:
        """Garbage for the collector."""

        def __init__(self) -> None:
            self.itself = self

        def __del__(self) -> None:
            with contextlib.suppress(*ORDINARY):
                pick.choice((lambda: stream.feed(WHOLE), lambda: made.__init__(stream)))()

    def write() -> None:
        while not stop.wait(1e-5):
            buffer[pick.randrange(len(buffer))] = pick.choice(HOSTILE)

    writer = threading.Thread(target=write, daemon=True)
    before, threshold = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-5)
    gc.set_threshold(3)
    reads = 0
    try:
        writer.start()
        for turns in until(seconds):
            stream = made(engine.Limits(size=1 << 14), recover=turns % 3 > 0)
            buffer[:] = whole
            at = 0
            while at < len(buffer):
                step = pick.choice((1, 7, 300, 3000))
                if pick.random() < 0.1:
                    Loop()
                for event in stream.feed(memoryview(buffer)[at : at + step]):
                    reads += isinstance(event, engine.Message)
                    read_all(event)
                at += step
            stream.eof()
    finally:
        stop.set()
        gc.set_threshold(*threshold)
        sys.setswitchinterval(before)
        writer.join(10)
    return must_have_read(reads)


@attack
def collector(engine: Engine, seconds: float) -> int:
    """All objects that the collector lists are released, cleared and resized if possible."""
    turns = 0
    for turns in until(seconds):  # noqa: B007
        data = bytearray(WHOLE)
        message: Any = engine.parse(data)
        values = (message.via, message.contacts, message.from_, message.parts, message.body_view)
        for found in [*gc.get_objects(), *gc.get_referrers(data), *gc.get_referents(message)]:
            if type(found) is memoryview and found is not values[-1]:
                with contextlib.suppress(BufferError, ValueError):
                    found.release()
        with contextlib.suppress(BufferError):
            data.clear()
            data.extend(b"\xff" * 16)
        _scribble()
        parse_and_read(engine, data)
        released = () if engine.name == "native" else (ValueError,)  # a view of Python's own
        with contextlib.suppress(*released):
            read_all(message)
        for value in values[:3]:
            with contextlib.suppress(*released):
                read_all(value)
    return turns


def lying_class(kind: Any, answer: Any) -> Any:
    """A value class that lies about its bases."""

    def lie(_: Any) -> Any:
        return answer

    said = {name: property(lie) for name in ("__base__", "__bases__", "__mro__")}
    meta: Any = type("Meta", (type,), said)
    return meta("User" + kind.__name__, (kind,), {})


@attack
def lying_metaclass(engine: Engine, seconds: float) -> int:
    """Value classes whose metaclass lies about their bases."""
    turns = 0
    answers = (object, dict, str, bytearray, int, tuple, None, 5)
    kinds = [*itertools.product(value_classes(engine), answers)]
    for turns in until(seconds):
        kind, answer = kinds[turns % len(kinds)]
        cls = lying_class(kind, answer)
        for text in SAMPLES:
            for call in (cls, cls.parse):
                with contextlib.suppress(*ORDINARY):
                    read_all(call(text))
    return turns


def _scribble() -> None:
    """Overwrite recently freed memory."""
    for size in (len(WHOLE), len(WHOLE) + 1, 2 * len(WHOLE)):
        ctypes.memset(ctypes.create_string_buffer(size), 0xAA, size)
        bytearray(b"\xaa" * size)


@attack
def another_class(engine: Engine, seconds: float) -> int:
    """Objects of a user's class pretend to be of another class."""
    kinds = [type(kind)("User" + kind.__name__, (kind,), {}) for kind in value_classes(engine)]
    base: Any = engine.Message
    while base.__mro__[1] is not object:
        base = base.__mro__[1]
    tables = {base, engine.Message, engine.Request, engine.Response}
    kinds += [type(kind)("User" + kind.__name__, (kind,), {}) for kind in tables]
    pairs = [*itertools.permutations(kinds, 2)]
    random.Random(6).shuffle(pairs)
    turns = 0
    for turns in until(seconds):
        one, other = pairs[turns % len(pairs)]
        for text in SAMPLES:
            value: Any = None
            with contextlib.suppress(*ORDINARY):
                value = one.parse(text)
            if value is None:
                value = one.__new__(one)
            try:
                value.__class__ = other
            except TypeError:
                break
            for name in (*_names(other), "__str__", "__hash__", "__reduce__"):
                with contextlib.suppress(*ORDINARY):
                    found = getattr(value, name)
                    read_all(found() if callable(found) else found, 2)
            with contextlib.suppress(*ORDINARY):
                _same(value)
    return turns


def _names(kind: Any) -> list[str]:
    return [name for name in dir(kind) if not name.startswith("__")]


# ---- the command --------------------------------------------------------------------------------


def run(name: str, engine: str, seconds: float) -> int:
    """Run an attack in this process; return the number of turns."""
    return ATTACKS[name](_engine.load(engine), seconds)


def child(
    name: str, engine: str, seconds: float, environment: dict[str, str], folder: Path = ROOT
) -> str:
    """Run an attack in a new process, on the sipfast in `folder`; return its finding, or ""."""
    command = [sys.executable, "-X", "faulthandler", "-m", "fuzz.attacks", "--here", "--plain"]
    try:
        done = subprocess.run(
            [*command, "--engine", engine, "--seconds", str(seconds), name],
            check=False,
            capture_output=True,
            text=True,
            errors="replace",
            env=environment,
            cwd=folder,
            timeout=seconds + SPARE_S,
        )
    except subprocess.TimeoutExpired:
        return f"hung for {SPARE_S} s"
    if done.returncode == 0:
        print(f"{name} ({engine}): {done.stdout.strip()} turns, nothing found", flush=True)
        return ""
    return f"exit code {done.returncode}\n{done.stderr[-20_000:]}"


def sanitized() -> dict[str, str]:
    """The environment of a process that imports the sanitized engine."""
    from fuzz.build import build_package, python_environment
    from fuzz.tests import runtime

    environment = {**os.environ, **python_environment(), "LD_PRELOAD": runtime()}
    environment.pop("PYTHONHOME")
    build_package()
    return environment


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m fuzz.attacks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(ATTACKS)} (all)")
    parser.add_argument("--seconds", type=float, default=60, help="for each (60)")
    parser.add_argument("--engine", choices=("native", "pure"), default="native")
    parser.add_argument("--plain", action="store_true", help="without sanitizers")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if unknown := {*asked.names} - {*ATTACKS}:
        parser.error(f"unknown attack: {', '.join(sorted(unknown))}")
    names = asked.names or [*ATTACKS]
    if asked.engine == "pure":
        names = [name for name in names if name not in NATIVE_ONLY]
    if asked.here:
        print(sum(run(name, asked.engine, asked.seconds) for name in names))
        return 0
    folder = ROOT
    if asked.plain:
        environment = {**os.environ}
    else:
        from fuzz.build import PACKAGE, CannotBuild

        folder = PACKAGE  # the working directory is first on the path

        try:
            environment = sanitized()
        except CannotBuild as problem:
            print(problem, file=sys.stderr)
            return 2
    found = 0
    for name in names:
        problem_text = child(name, asked.engine, asked.seconds, environment, folder)
        if problem_text:
            found += 1
            print(f"{name} ({asked.engine}): {problem_text}", flush=True)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
