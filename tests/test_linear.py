"""Cost: twice the bytes take at most twice the time, whatever they are, and no byte costs too much.

Times are the least of several rounds of CPU time, and a bar is missed only if it is missed again
and again: other work on the machine makes a round slower, never faster.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from time import process_time_ns, sleep
from typing import Any

import pytest
from samples import OPTIONS, attempt

from benchmarks.corpora import load_corpus
from benchmarks.timing import steady
from benchmarks.worst import WORST
from sipfast import ParseError
from sipfast._engine import Engine

KIB = 1 << 10
WHOLE = 64 * KIB
DOUBLED = 2.2
READ_OF_FOUR = 7.0
PER_BYTE = 24
"""Generous: benchmarks/ holds the engines to 12, without other work beside them."""
ATTEMPTS = 20
PAUSE_S = 0.01
"""Attempts lie ever further apart, to outlast what else the machine has to do."""
LEAST_NS = 1_000_000
"""A round repeats its work for about so long, so that the clock's grain does not show."""

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of malloc.h

Maker = Callable[[int], bytes]


def fields(*parts: bytes) -> Maker:
    """Header fields over and over."""
    block = b"".join(parts)
    return lambda size: OPTIONS + b"\r\n" + block * (size // len(block)) + b"\r\n"


def value(before: bytes, repeated: bytes, after: bytes = b"") -> Maker:
    """One field with a value that repeats itself."""
    return lambda size: (
        b"%b\r\n%b%b%b\r\n\r\n"
        % (
            OPTIONS,
            before,
            repeated * (size // len(repeated)),
            after,
        )
    )


def halves(first: bytes, second: bytes) -> Maker:
    """Fields of one kind, and then as many of another."""
    return lambda size: (
        b"%b\n%b%b\n"
        % (
            OPTIONS,
            first * (size // 2 // len(first)),
            second * (size // 2 // len(second)),
        )
    )


def start_line(before: bytes, repeated: bytes, after: bytes = b"") -> Maker:
    return lambda size: before + repeated * (size // len(repeated)) + after + b"\r\n\r\n"


MAKERS: dict[str, Maker] = {
    **WORST,
    # trimming, on both sides of a value and of a name
    "spaces after a value": value(b"Subject: a", b" "),
    "spaces before a value": value(b"Subject:", b" ", b"a"),
    "spaces within a value": value(b"Subject: a", b" ", b"b"),
    "spaces before a colon": value(b"Subject", b" \t", b": a"),
    "spaces after a known value": value(b"CSeq: 1 OPTIONS", b" "),
    "spaces in short values": fields(b"a:" + b" " * 60 + b"b" + b" " * 60 + b"\n"),
    "words far apart": value(b"Subject: a", b"  b"),
    "folds after a value": value(b"Subject: a", b"\r\n "),
    "folds within a value": value(b"Subject: a", b"\r\n ", b"b"),
    "folds with trailing spaces": value(b"Subject: a", b"    \r\n b"),
    "line feeds only": lambda size: b"\n" * size,
    "carriage returns before the start line": start_line(b"\r\n\r", b"\r", OPTIONS),
    # start lines
    "a long method": start_line(b"", b"M", b" sip:a SIP/2.0"),
    "a long URI": start_line(b"OPTIONS sip:", b"a", b" SIP/2.0"),
    "words for a URI": start_line(b"OPTIONS", b" a", b" SIP/2.0"),
    "spaces for a URI": start_line(b"OPTIONS", b" ", b"SIP/2.0"),
    "spaces at the end": start_line(b"OPTIONS sip:a SIP/2.0", b" "),
    "versions": start_line(b"OPTIONS", b" SIP/2.0"),
    "a version without an end": start_line(b"OPTIONS sip:a SIP/2.", b"0", b"x"),
    "a long reason": start_line(b"SIP/2.0 200 ", b"x "),
    "spaces before a status": start_line(b"SIP/2.0", b" ", b"200"),
    "a status without an end": start_line(b"SIP/2.0 ", b"2"),
    # what defects and typed values look at
    "quotes": value(b"From: ", b'"'),
    "quotes and backslashes": value(b"From: ", b'"\\'),
    "quotes and backslashes in brackets": value(b"From: < sip:a", b'"\\', b">"),
    "quotes and backslashes behind brackets": value(b'From: <">;x="', b'\\"', b";;"),
    "escaped quotes": value(b'From: "', b'\\"'),
    "backslashes": value(b"To: ", b"\\"),
    "many fields with quotes": fields(b'm: "\\"\n', b'Route: ""\n'),
    "digits for a CSeq": value(b"CSeq: ", b"9"),
    "zeros for a CSeq": value(b"CSeq: ", b"0", b"1 OPTIONS"),
    "spaces in a CSeq": value(b"CSeq: 1", b" ", b"/"),
    "a long method in a CSeq": value(b"CSeq: 1 ", b"A", b"/"),
    "digits for Max-Forwards": value(b"Max-Forwards: ", b"9"),
    "zeros for Max-Forwards": value(b"Max-Forwards: ", b"0"),
    "digits for a Content-Length": value(b"l: ", b"9"),
    "a Via of one token": value(b"Via: ", b"a"),
    "a Via of spaces": value(b"Via: SIP", b" ", b"x"),
    "a Via of slashes": value(b"Via: SIP/2.0/UDP", b" /"),
    "a Via without a host": value(b"Via: SIP/2.0/UDP", b" ", b";"),
    "a Via of empty parameters": value(b"Via: SIP/2.0/UDP a", b";"),
    "a Via of empty values": value(b"Via: SIP/2.0/UDP a", b" ,"),
    "a Via of quotes": value(b"Via: SIP/2.0/UDP a;b=", b'"\\"'),
    # repetitions, and look-ups far into the table
    "one unknown name": fields(b"Odd: a\r\n"),
    "names of one length": fields(*(b"same-prefix-%04d: a\r\n" % number for number in range(300))),
    "known after unknown": halves(b"z:\n", b"s:\n"),
    "unknown after known": halves(b"v:a\n", b"z:\n"),
    "Content-Length after unknown": halves(b"z:\n", b"l:0\n"),
    "many of those that stand once": fields(b"i:a\nt:\nf:\nCSeq:1 A\nMax-Forwards:x\ns:\nc:\n"),
    "Content-Lengths of many zeros": fields(b"l: " + b"0" * 500 + b"\n"),
    "no UTF-8": value(b"Subject: ", b"\xff\xc3"),
}


@pytest.fixture(scope="module", autouse=True)
def steadiness() -> Iterator[None]:
    """One core, no garbage collector, and an allocator that keeps what it has.

    It would give pages back to the system and fault them in again, a block of twice the size more
    often than one that just fits: that is no cost of the parser's.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # glibc has it
    if mallopt:
        mallopt(M_TRIM_THRESHOLD, 1 << 30)
        mallopt(M_MMAP_THRESHOLD, 32 << 20)
    with steady():
        yield


def parse(engine: Engine, data: bytes) -> Any:
    """The message, or the error where there is none."""
    return attempt(engine, data, limits=engine.NO_LIMITS)


def read(engine: Engine, data: bytes) -> None:
    """Take a message apart and read all there is in it."""
    message = parse(engine, data)
    if isinstance(message, ParseError):
        return
    headers = message.headers
    headers.items(), headers.raw, list(headers), repr(message), message.raw, message.body
    for name in ("Via", "l", "s", "z", "Odd", "same-prefix-0299", "Missing"):
        headers.getall(name)
    with suppress(ParseError):
        message.max_forwards  # noqa: B018
    message.defects  # noqa: B018


def least(work: Callable[[], object]) -> float:
    """CPU time of one call in ns: of the first, or the mean of more, whichever is less."""
    started = process_time_ns()
    work()
    once = max(process_time_ns() - started, 1)
    calls = max(1, LEAST_NS // once)
    started = process_time_ns()
    for _ in range(calls):
        work()
    return min(once, (process_time_ns() - started) / calls)


def ratio(one: Callable[[], object], other: Callable[[], object], bar: float) -> float:
    """How many times as long `other` takes as `one`; measured until it is within the bar."""
    least_one = least_other = float("inf")
    for attempts in range(ATTEMPTS):
        sleep(PAUSE_S * attempts)
        least_one, least_other = min(least_one, least(one)), min(least_other, least(other))
        if least_other <= bar * least_one:
            break
    return least_other / least_one


def growth(work: Callable[[bytes], object], maker: Maker, parts: int, most: float) -> float:
    """The time of a block over that of a part of it; tried again while it is over `most`.

    The parts differ: one over and over would be learnt by heart by the processor, and the whole
    block not.
    """
    whole = maker(WHOLE)
    pieces = [maker(WHOLE // parts + 64 * (2 * part - parts + 1)) for part in range(parts)]

    def all_pieces() -> None:
        for piece in pieces:
            work(piece)

    return parts * ratio(all_pieces, lambda: work(whole), most / parts)


@pytest.mark.parametrize("name", MAKERS)
def test_parsing_takes_linear_time(engine: Engine, name: str) -> None:
    assert growth(partial(parse, engine), MAKERS[name], 2, DOUBLED) <= DOUBLED


@pytest.mark.parametrize("name", MAKERS)
def test_reading_takes_linear_time(engine: Engine, name: str) -> None:
    # Thousands of str and tuples outgrow the caches, so the step is larger than for parsing, and so
    # is what a quadratic cost would make of it: 16.
    assert growth(partial(read, engine), MAKERS[name], 4, READ_OF_FOUR) <= READ_OF_FOUR


@pytest.fixture(scope="module")
def corpus() -> list[bytes]:
    return load_corpus("mixed")


@pytest.mark.parametrize("name", MAKERS)
def test_no_byte_costs_too_much(engine: Engine, name: str, corpus: list[bytes]) -> None:
    """At most so many times what a byte of the corpus costs."""
    worst = MAKERS[name](WHOLE)

    def usual() -> None:
        for message in corpus:
            engine.parse(message)

    bar = PER_BYTE * len(worst) / sum(map(len, corpus))
    assert ratio(usual, partial(parse, engine, worst), bar) <= bar
