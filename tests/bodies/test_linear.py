"""Cost of bodies: four times the bytes take no more than a linear reader could need for them."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Callable
from contextlib import suppress

import pytest
from cost import READ_OF_FOUR, Maker, growth, steadiness, within

from benchmarks.hostile import Case
from benchmarks.hostile.bodies import CASES as HOSTILE
from sipfast import ParseError
from sipfast._engine import Engine
from sipfast.bodies import decode, split_multipart

__all__ = ["steadiness"]  # the fixture, for this module

MANY = 1 << 20


def repeat(part: bytes, before: bytes = b"", after: bytes = b"") -> Maker:
    return lambda size: before + part * (size // len(part)) + after


def split(boundary: str) -> Callable[[bytes], object]:
    return lambda data: split_multipart(data, boundary, limit=MANY)


def read(content_type: str, *encodings: str) -> Callable[[bytes], object]:
    def work(data: bytes) -> object:
        try:
            return decode(data, content_type, encodings)
        except ParseError as error:
            return error

    return work


def read_type(data: bytes) -> None:
    with suppress(ParseError):
        decode(b"", data.decode("latin-1"))


def split_and_read(data: bytes) -> object:
    parts = split_multipart(data, "b", limit=MANY)
    for part in parts:
        with suppress(ParseError):
            part.headers  # noqa: B018
    return parts


MEMBER = gzip.compress(b"", mtime=0)
XML = "application/pidf+xml"
DTMF = "application/dtmf-relay"
CASES: dict[str, tuple[Callable[[bytes], object], Maker]] = {
    "parts": (split("b"), repeat(b"--b\r\n\r\n\r\n")),
    "parts that are read": (split_and_read, repeat(b"--b\r\nA: b\r\n\r\n\r\n")),
    "a part of header fields": (split_and_read, repeat(b"A: b\r\n", b"--b\r\n")),
    "parts without a body": (split_and_read, repeat(b"--b\r\nA: b\r\n")),
    "dashes": (split("-" * 70), repeat(b"-")),
    "dashes on lines": (split("-" * 70), repeat(b"\n-------")),
    "almost delimiters": (split("b"), repeat(b"\n--bx")),
    "delimiters of spaces": (split("b"), repeat(b" ", b"\n--b", b"x")),
    "line ends": (split("b"), repeat(b"\r\n", b"--b\r\n")),
    "carriage returns": (split("b"), repeat(b"\r", b"--b\r\n")),
    "one header of a fragment": (read("message/sipfrag"), repeat(b"A: b\r\n")),
    "tokens of a fragment": (read("message/sipfrag"), repeat(b"A")),
    "lines of DTMF": (read(DTMF), repeat(b"\nsigna")),
    "signals": (read(DTMF), repeat(b"Signal=1\n")),
    "spaces of DTMF": (read(DTMF), repeat(b" ", b"Signal=", b"1")),
    "spaces before DTMF": (read(DTMF), repeat(b" ")),
    "digits of a duration": (read(DTMF), repeat(b"9", b"Signal=1\nDuration=")),
    "elements": (read(XML), repeat(b"<tuple/>", b"<presence>", b"</presence>")),
    "open elements": (read(XML), repeat(b"<a>")),
    "attributes": (
        read(XML),
        lambda size: b"<a %b/>" % b" ".join(b'a%d=""' % n for n in range(size // 10)),
    ),
    "namespaces": (
        read(XML),
        lambda size: b"<a %b/>" % b" ".join(b'xmlns:a%d="%d"' % (n, n) for n in range(size // 20)),
    ),
    "references": (read(XML), repeat(b"&lt;", b"<presence>", b"</presence>")),
    "a declaration of spaces": (read(XML), repeat(b" ", b"<?xml ", b"?>")),
    "Chinese": (read(f"{XML};charset=gbk"), repeat("门".encode("gbk"), b"<a>", b"<")),
    "optional parameters": (read("application/isup"), repeat(b"\x21\x00", b"\x09\x01")),
    "members": (read("text/plain", "gzip"), repeat(MEMBER)),
    "text": (read("text/plain;charset=gb2312"), repeat(b"\x81")),
    "escapes of ISO-2022-JP": (read("text/plain;charset=iso-2022-jp"), repeat(b"\x1b$B")),
    "parameters of a type": (read_type, repeat(b";a=b", b"text/b")),
    "an open quote": (read_type, repeat(b"\\\\", b'text/b;a="')),
    "quotes": (read_type, repeat(b'"', b"text/b;a=")),
    "spaces of a type": (read_type, repeat(b" ", b"text/b;a")),
}


@pytest.mark.parametrize("name", CASES)
def test_reading_takes_linear_time(name: str) -> None:
    work, maker = CASES[name]
    assert growth(work, maker, 4, READ_OF_FOUR) <= READ_OF_FOUR


SIZE = 64 << 10
MOST_US_PER_BYTE = {"native": 2, "pure": 5}
MOST_HELD_PER_BYTE = 64
OF_FIELDS = 150
"""Parts whose header fields have been read are messages of a few bytes each."""


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case.name)
def test_hostile_bodies_cost_no_more_than_so_much_a_byte(engine: Engine, case: Case) -> None:
    data = case.make(SIZE)
    case.run(engine, data)  # for imports and permanent caches
    tracemalloc.start()
    try:
        held = case.run(engine, data)
        assert tracemalloc.get_traced_memory()[0] <= len(data) * (
            OF_FIELDS if case.name.endswith(", all") else MOST_HELD_PER_BYTE
        )
    finally:
        tracemalloc.stop()
    del held
    most = MOST_US_PER_BYTE[engine.name] * len(data) / 1e6
    assert within(lambda: case.run(engine, data), most)


GROWING = (
    *("parts, all", "parts with a field, all", "nested, all"),
    *("short elements of a long namespace", "attributes of a long namespace"),
    *("declarations and more within", "declarations of one element", "an open comment"),
    *("different elements of a command", "items within items", "parameters of ISUP"),
    *("fragments within fragments, defects", "malformed fields of a fragment, defects"),
    *("bundles of a mid, defects", "labels of an address, defects", "candidates, defects"),
    *("unlisted formats, defects", "descriptions in parts, defects", "nested, defects"),
)


@pytest.mark.parametrize("name", GROWING)
def test_hostile_bodies_take_linear_time(engine: Engine, name: str) -> None:
    case = next(case for case in HOSTILE if case.name == name)
    assert growth(lambda data: case.run(engine, data), case.make, 4, READ_OF_FOUR) <= READ_OF_FOUR
