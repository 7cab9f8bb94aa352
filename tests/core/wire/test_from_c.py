"""The tokenizer as C calls it: no GIL, no object, one table for many messages."""

from __future__ import annotations

import re
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tables import Outcome

from bench_data import corpus
from benchmarks.corpora import load_corpus
from sipfast._engine import Engine
from sipfast.errors import TOKENIZER_FAULTS, ParseError
from sipfast.registry.header_names import HEADER_IDS
from sipfast.registry.methods import METHODS

pytest.importorskip("Cython", reason="Cython is not installed (pip install sipfast[native])")

FIELDS = 600
START = b"OPTIONS sip:a@example.com SIP/2.0\r\n"
MANY = START + b"X-Odd: 1\r\nv: x\r\n" * 200 + b"Subject: late\r\nl: 0\r\n\r\n"
FAULTY = [b"", b"\r\n", b"x", START, START + b"no colon\r\n\r\n", MANY[:-2], MANY * 2, START[:5]]
BY_HAND = [path.read_bytes() for path in Path(corpus.__file__).parent.glob("messages/*/*.sip")]
MESSAGES = [*load_corpus("mixed")[:300], MANY, *FAULTY, *BY_HAND, MANY]


@pytest.fixture(scope="module")
def from_c(native: Engine, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The module `from_c.pyx`, compiled."""
    from benchmarks.compiled import compiled

    assert native.name == "native"
    return compiled("from_c", tmp_path_factory.mktemp("from_c"), Path(__file__).parent)


def expected(engine: Engine, data: bytes, start: int = 0) -> Outcome:
    """What `parse` finds, moved by so many bytes."""
    try:
        message: Any = engine.parse(data, limits=engine.Limits(headers=FIELDS))
    except ParseError as error:
        codes = [fault.code for fault in TOKENIZER_FAULTS]
        return codes.index(error.code) + 1, start + error.offset
    begin, line_end, body, end, method, target, target_length, version, *rest, fields = (
        message._dump()
    )
    return (
        *(start + at for at in (begin, line_end, body, end)),
        *(method, start + target, target_length, start + version),
        *rest,
        tuple(
            [
                (field[0], start + field[1], field[2], start + field[3], *field[4:])
                for field in fields
            ]
        ),
    )


def in_a_row(messages: list[bytes]) -> tuple[bytes, list[tuple[int, int]]]:
    """The messages one after the other, and where each is."""
    starts = [sum(map(len, messages[:i])) for i in range(len(messages))]
    return b"".join(messages), list(zip(starts, map(len, messages), strict=True))


@pytest.mark.parametrize("fixed", [True, False])
def test_messages_in_a_row_are_read_where_they_are(from_c: Any, pure: Engine, fixed: bool) -> None:
    data, pieces = in_a_row(MESSAGES)
    found = from_c.dumps(data, pieces, len(data), FIELDS, fixed)
    for one, message, (start, _) in zip(found, MESSAGES, pieces, strict=True):
        assert one == expected(pure, message, start), message


@pytest.mark.parametrize("more", [0, 1, 5, 19, 35, 64, 100])
def test_what_may_be_read_after_a_message_does_not_count(
    from_c: Any, pure: Engine, more: int
) -> None:
    for message in MESSAGES:
        for after in (b"\0", b":", b" ", b"\n", b"Via: x\r\n"):
            data = message + (after * more)[:more]
            (found,) = from_c.dumps(data, [(0, len(message))], len(data), FIELDS)
            assert found == expected(pure, message), (message, after)


@pytest.mark.parametrize("before", [b"\r", b"x\rx", b"\rx" * 40, b"\n\r" * 33], ids=repr)
def test_what_is_before_a_message_does_not_count(from_c: Any, pure: Engine, before: bytes) -> None:
    bare = START + b"X-Odd: 1\r\n" * 9 + b"Odd: \r \r\n\r\n"
    for message in (b"A a SIP/2.0\r\n\r\n", bare, *MESSAGES):
        data = before + message
        (found,) = from_c.dumps(data, [(len(before), len(message))], len(data), FIELDS)
        assert found == expected(pure, message, len(before)), message


def test_the_end_of_a_message_may_be_anywhere(from_c: Any, pure: Engine) -> None:
    for name in (
        b"l",
        b"To",
        b"Content-Length",
        b"Content-Encoding",
        b"X-Odd",
        b"P-Asserted-Identity",
    ):
        for value in (b"", b" ", b"0", b" 0", b" " * 40, b"0" * 8):
            message = START + b"Via: x\r\n" + name + b":" + value + b"\r\n\r\n"
            for size in range(len(START), len(message) + 1):
                (found,) = from_c.dumps(message[:size], [(0, size)], size, FIELDS)
                assert found == expected(pure, message[:size]), message[:size]


def test_sizes_beyond_the_limits(from_c: Any) -> None:
    too_large = 1 + [fault.code for fault in TOKENIZER_FAULTS].index("message-too-large")
    big = (1 << 20) + 1
    data = START + b"x" * big
    assert from_c.dumps(data, [(0, big)], big, FIELDS) == [(too_large, 1 << 20)]
    assert from_c.dumps(data, [(5, big)], 5 + big, FIELDS) == [(too_large, 5 + (1 << 20))]
    for start in (2**32 - 1, 2**40, 2**64 - 1):
        ((fault, _),) = from_c.dumps(data, [(start, 10)], big, FIELDS)
        assert fault == too_large


def test_threads_each_with_a_table(from_c: Any) -> None:
    data, pieces = in_a_row(MESSAGES)
    alone = from_c.dumps(data, pieces, len(data), FIELDS)
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(from_c.dumps, data, pieces, len(data), FIELDS) for _ in range(12)]
        assert all(run.result() == alone for run in runs)


def test_all_memory_comes_back(from_c: Any) -> None:
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(200):
            from_c.look_up(MANY, b"To")
        # Of 16 bytes for each of 402 fields, 200 times; Python itself keeps some for later.
        assert tracemalloc.get_traced_memory()[0] - before < 16 * 402 * 10
    finally:
        tracemalloc.stop()


def test_look_ups(from_c: Any) -> None:
    odd = list(range(0, 400, 2))
    options = 1 + [*METHODS].index("OPTIONS")
    assert from_c.look_up(MANY, b"x-oDD") == (options, False, odd, [0])
    for name in (b"Via", b"v", b"VIA"):
        assert from_c.look_up(MANY, name) == (options, False, [i + 1 for i in odd], [1])
    assert from_c.look_up(MANY, b"s") == (options, False, [400], [400])
    for name in (b"To", b"X-Od", b"X-Odd:", b"", b"x" * 40, b"\xe9", b"v:"):
        assert from_c.look_up(MANY, name) == (options, False, [], [])
    for method in METHODS:
        message = method.encode() + b" sip:a SIP/2.0\r\n\r\n"
        assert from_c.look_up(message, b"To")[:2] == (1 + [*METHODS].index(method), False)
    assert from_c.look_up(b"options sip:a SIP/2.0\r\n\r\n", b"To")[:2] == (0, False)
    assert from_c.look_up(b"\r\nsip/2.0 200 OK\r\n\r\n", b"To")[:2] == (0, True)


def test_every_name_is_found(from_c: Any) -> None:
    for name, header_id in HEADER_IDS.items():
        message = START + b"X-Other: y\r\n" + name.upper().encode() + b": 1\r\n\r\n"
        assert from_c.look_up(message, name.encode())[2:] == ([1], [1]), header_id


@pytest.mark.usefixtures("native")
def test_out_of_memory(native: Engine) -> None:
    """Wherever the memory ends: the message, or MemoryError, and nothing lost."""
    testcapi: Any = pytest.importorskip("_testcapi", reason="Python has no _testcapi here")
    found: set[int | None] = set()
    for enough in range(12):
        testcapi.set_nomemory(enough, enough + 1)
        try:
            found.add(len(native.parse(MANY).headers))
        except MemoryError:
            found.add(None)
        finally:
            testcapi.remove_mem_hooks()
    assert found == {402, None}


def test_the_declaration_names_what_the_page_names() -> None:
    """`docs/tokenizer.md` lists what C callers get."""
    root = Path(__file__).resolve().parents[3]
    declared = (root / "sipfast" / "_core" / "wire" / "tokenizer.pxd").read_text()
    names = set(re.findall(r"^cdef (?!struct|enum|extern).*?(\w+)\(", declared, re.MULTILINE))
    names |= set(re.findall(r"^cdef struct (\w+)", declared, re.MULTILINE))
    page = (root / "docs" / "tokenizer.md").read_text()
    assert {name for name in names if f"`{name}" not in page} == set()
