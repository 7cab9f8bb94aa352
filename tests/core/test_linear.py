"""Cost: twice the bytes take at most twice the time, and no byte costs too much."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from cost import READ_OF_FOUR, WHOLE, Maker, growth, ratio, steadiness
from samples import OPTIONS, attempt

from benchmarks.corpora import load_corpus
from benchmarks.worst import WORST
from sipfast import ParseError
from sipfast._engine import Engine

__all__ = ["steadiness"]  # the fixture, for this module

DOUBLED = 2.2
PER_BYTE = 24
"""Generous, for busy machines: the bar in benchmarks/ is 12."""


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
    """Fields of one kind, then as many of another."""
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
    # fields that defects and typed values read
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


def parse(engine: Engine, data: bytes) -> Any:
    """The message, or the error."""
    return attempt(engine, data, limits=engine.NO_LIMITS)


def read(engine: Engine, data: bytes) -> object:
    """Take a message apart and read all there is in it."""
    message = parse(engine, data)
    if isinstance(message, ParseError):
        return message
    headers = message.headers
    with suppress(ParseError):
        message.max_forwards  # noqa: B018
    names = ("Via", "l", "s", "z", "Odd", "same-prefix-0299", "Missing")
    found = [headers.getall(name, ()) for name in names]
    all_of_it = [*headers.items()], headers.raw, list(headers), repr(message), message.raw
    return message, message.body, message.defects, all_of_it, found


@pytest.mark.parametrize("name", MAKERS)
def test_parsing_takes_linear_time(engine: Engine, name: str) -> None:
    assert growth(partial(parse, engine), MAKERS[name], 2, DOUBLED, blocks=8) <= DOUBLED


@pytest.mark.parametrize("name", MAKERS)
def test_reading_takes_linear_time(engine: Engine, name: str) -> None:
    assert growth(partial(read, engine), MAKERS[name], 4, READ_OF_FOUR) <= READ_OF_FOUR


@pytest.fixture(scope="module")
def corpus() -> list[bytes]:
    return load_corpus("mixed")


@pytest.mark.parametrize("name", MAKERS)
def test_no_byte_costs_too_much(engine: Engine, name: str, corpus: list[bytes]) -> None:
    """The cost per byte is at most `PER_BYTE` times that of the corpus."""
    worst = MAKERS[name](WHOLE)

    def usual() -> None:
        for message in corpus:
            engine.parse(message)

    bar = PER_BYTE * len(worst) / sum(map(len, corpus))
    assert ratio(usual, partial(parse, engine, worst), bar) <= bar
