"""Memory: no leaks, small messages, and a bound for every parse."""

from __future__ import annotations

import gc
import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from samples import OPTIONS, attempt, sample
from seen import properties, seen

from benchmarks.corpora import load_corpus
from benchmarks.memory import STATM
from sipfast import ParseError
from sipfast._engine import Engine

KIB = 1 << 10
MIB = 1 << 20

needs_statm = pytest.mark.skipif(not STATM.exists(), reason="there is no /proc/self/statm here")

PARSED = 200_000
"""Enough to show a leak of two bytes a message; `benchmarks` parses the million."""
KEPT = 20_000
ALLOWED = 256 * KIB

ROOT = Path(__file__).parents[2]
MEASURE = """
import sys
from benchmarks.corpora import load_corpus
from benchmarks.memory import growth, kept
from sipfast import _engine

engine = _engine.load(sys.argv[1])
messages = load_corpus("mixed")
print(growth(engine.parse, messages, int(sys.argv[2])))
print(kept(engine.parse, messages, int(sys.argv[3])))
"""
# The peak memory of one parse: that of the process, less the memory before the parse.
PEAK = """
import resource, sys
from sipfast import _engine

engine = _engine.load(sys.argv[1])
limits = engine.Limits() if sys.argv[2] == "usual" else engine.NO_LIMITS
data = sys.stdin.buffer.read()
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = peak()
try:
    engine.parse(data, limits=limits)
except ValueError:
    pass
print(peak() - before)
"""


def measured(code: str, *arguments: str, data: bytes = b"") -> list[float]:
    """The numbers that a program prints, in a process that nothing else has worn in."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        input=data,
        capture_output=True,
        timeout=120,
        check=True,
    )
    return [float(line) for line in done.stdout.split()]


# ---- over many messages -------------------------------------------------------------------------


@needs_statm
def test_messages_leave_nothing_and_are_small(engine: Engine) -> None:
    growth, kept = measured(MEASURE, engine.name, str(PARSED), str(KEPT))
    assert growth < ALLOWED
    assert kept < KIB


def test_sizeof_of_a_message(engine: Engine) -> None:
    for data in (sample(), sample(body=b"x" * 100_000)):
        assert sys.getsizeof(engine.parse(data)) < KIB


def read_all(message: Any) -> None:
    headers = message.headers
    headers.items(), headers.raw, headers.getall("Via"), headers.get("Z"), [*headers]
    repr(message), hash(message), message.raw, message.body, message.body_view, message.defects
    message.call_id, message.version, message.content_length  # noqa: B018


def refuse(engine: Engine, data: Any, kind: type[Exception] = ParseError, **options: Any) -> None:
    with pytest.raises(kind):
        engine.parse(data, **options)


MANY = sample(OPTIONS, *[b"z-%d: %d" % (n, n) for n in range(300)], b"Subject: late")
BROKEN = sample(CSeq=b"x", To=b'"', Max_Forwards=b"x", Via=b"y")
WORK: dict[str, Callable[[Engine], object]] = {
    "reading": lambda engine: read_all(engine.parse(sample(body=b"v=0"))),
    "reading many fields": lambda engine: read_all(engine.parse(MANY)),
    "defects": lambda engine: read_all(engine.parse(BROKEN)),
    "strict": lambda engine: refuse(engine, BROKEN, strict=True),
    "no message": lambda engine: refuse(engine, b"\r\n"),
    "nonsense": lambda engine: refuse(engine, b"\xff" * 99),
    "unfinished": lambda engine: refuse(engine, MANY[:-2]),
    "an error after many fields": lambda engine: refuse(engine, MANY[:-2] + b"no colon\r\n\r\n"),
    "a limit": lambda engine: refuse(engine, MANY, limits=engine.Limits(headers=200)),
    "bytearrays": lambda engine: read_all(engine.parse(bytearray(MANY))),
    "views": lambda engine: read_all(engine.parse(memoryview(BROKEN))),
    "errors in bytearrays": lambda engine: refuse(engine, bytearray(MANY[:-2])),
    "no buffers": lambda engine: refuse(engine, "text", TypeError),
    "gaps": lambda engine: refuse(engine, memoryview(MANY)[::2], BufferError),
    "pickles": lambda engine: pickle.loads(pickle.dumps(engine.parse(MANY))),
    "comparing": lambda engine: engine.parse(MANY) == engine.parse(MANY),
}


def left_over(work: Callable[[], object]) -> int:
    """How many objects are more after the work was done a hundred times."""
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(100):
        work()
    gc.collect()
    return sys.getallocatedblocks() - before


@pytest.mark.parametrize("name", WORK)
def test_no_object_is_left_over(engine: Engine, name: str) -> None:
    """The interpreter's freelists fill up for a while; a leak repeats every time."""
    for _ in range(10):
        if left_over(lambda: WORK[name](engine)) < 50:
            return
    pytest.fail("objects are left over, again and again")


# ---- references to the buffer -------------------------------------------------------------------


@pytest.mark.parametrize("data", [sample(), MANY, BROKEN])
def test_message_holds_and_releases_its_buffer(engine: Engine, data: bytes) -> None:
    data = bytes(bytearray(data))
    before = sys.getrefcount(data)
    message = engine.parse(data)
    assert sys.getrefcount(data) > before
    read_all(message)
    del message
    assert sys.getrefcount(data) == before


@pytest.mark.parametrize("make", [bytes, memoryview])
@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(
    "data",
    [
        *(b"\r\n\r\n", b"nonsense\r\n", b"SIP/2.0 2 x\r\n\r\n", MANY[:-2], MANY[:200]),
        *(MANY[:-2] + b"x\r\n\r\n", sample(OPTIONS, b"l: 9"), sample(Content_Length=b"-1")),
    ],
)
def test_an_error_holds_nothing(
    engine: Engine, data: bytes, strict: bool, make: Callable[[bytes], Any]
) -> None:
    data = bytes(bytearray(data) + b"\xff")[:-1]
    before = sys.getrefcount(data)
    error = attempt(engine, make(data), strict=strict)
    assert isinstance(error, ParseError)
    error.__traceback__ = None  # its frames hold their arguments
    assert sys.getrefcount(data) == before


def test_a_message_and_its_values_go_without_the_collector(engine: Engine) -> None:
    data = bytearray(
        sample(OPTIONS, b'Contact: "A" <sip:a>;expires=5, <sip:b>', b"Allow: ACK, BYE")
    )
    message: Any = engine.parse(data)
    gc.disable()
    try:
        for name in properties(type(message)):
            seen(getattr(message, name))
        del message
        data.clear()  # nothing holds the buffer any more
    finally:
        gc.enable()


def test_native_messages_are_untracked_by_the_collector(native: Engine) -> None:
    message = native.parse(MANY)
    read_all(message)
    assert not gc.is_tracked(message)


# ---- the memory of one parse --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "bar"),
    [
        ("usual", 12 * MIB),
        ("none", 64 * MIB),  # 350,000 fields
    ],
)
@pytest.mark.parametrize("field", [b"a:\n", b"v:\n ", b"a:\r\n\r"])
def test_a_hostile_message_of_a_mebibyte_takes_little(
    engine: Engine, field: bytes, limits: str, bar: int
) -> None:
    pytest.importorskip("resource")
    data = (OPTIONS + b"\n" + field * MIB)[: MIB - 1] + b"\n"
    (taken,) = measured(PEAK, engine.name, limits, data=data)
    assert taken * KIB < bar


# ---- many threads -------------------------------------------------------------------------------


def test_many_threads_agree(engine: Engine) -> None:
    messages = [*load_corpus("mixed")[:300], MANY, BROKEN]
    expected = [(engine.parse(data)._dump(), engine.parse(data).defects) for data in messages]
    shared = [engine.parse(data) for data in messages]

    def work(turn: int) -> list[tuple[object, object]]:
        found: list[tuple[object, object]] = []
        for data, message in zip(messages, shared, strict=True):
            mine = engine.parse(bytearray(data) if turn % 2 else data)
            assert [*mine.headers.items()] == [*message.headers.items()]
            assert message.call_id == mine.call_id
            assert mine == message
            found.append((message._dump(), mine.defects))
        return found

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(8) as pool:
            for found in pool.map(work, range(16)):
                assert found == expected
    finally:
        sys.setswitchinterval(before)
