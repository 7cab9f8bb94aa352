"""Messages: header blocks and start lines, strictness, and the header fields as a mapping."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.worst import WORST
from sipfast import ParseError
from sipfast._engine import Engine

from . import Case
from .texts import START, Make, numbered, parse, repeated

CRLF = b"\r\n\r\n"


def _strict(engine: Engine, data: bytes) -> object:
    return engine.parse(data, strict=True, limits=engine.NO_LIMITS)


def _defects(engine: Engine, data: bytes) -> object:
    message = parse(engine, data)
    return message, message.defects


def _lenient(engine: Engine, data: bytes) -> object:
    try:
        message = engine.parse(data, lenient=True, limits=engine.NO_LIMITS)
    except ParseError:
        return None
    return message, message.defects, message.is_complete


def _headers(read: Callable[[Any], object]) -> Callable[[Engine, bytes], object]:
    return lambda engine, data: read(parse(engine, data).headers)


def _each(look_up: Callable[[Any, str], object]) -> Callable[[Any], object]:
    """Look up every name that is there."""
    return lambda headers: [look_up(headers, name) for name in set(headers)]


DISTINCT = numbered(START, b"X%d:y\r\n", b"\r\n")
ALIKE = repeated(START, b"X:y\r\n", b"\r\n")
KNOWN = repeated(START, b"Via:y\r\n", b"\r\n")

STARTS: dict[str, Make] = {
    "a long method": repeated(b"", b"A", b" sip:a SIP/2.0" + CRLF),
    "a long target": repeated(b"OPTIONS sip:", b"a", b" SIP/2.0" + CRLF),
    "spaces in a request line": repeated(b"OPTIONS sip:a", b" ", b"SIP/2.0" + CRLF),
    "spaces in a request line and no version": repeated(b"OPTIONS sip:a", b" ", CRLF),
    "a version of digits": repeated(b"OPTIONS sip:a SIP/2.", b"0", CRLF),
    "a long reason": repeated(b"SIP/2.0 200 ", b"x", CRLF),
    "spaces in a status line": repeated(b"SIP/2.0", b" ", b"200 OK" + CRLF),
    "a status code of digits": repeated(b"SIP/2.0 ", b"2", b" OK" + CRLF),
    "a folded start line": repeated(b"OPTIONS sip:a\r\n", b" a\r\n", CRLF),
    "a token without end": repeated(b"", b"A"),
    "a start line beyond ASCII": repeated(b"OPTIONS sip:", b"\xc3\xa9", b" SIP/2.0" + CRLF),
}

MALFORMED: dict[str, Make] = {
    "lines without a colon": repeated(START, b"a\n", b"\n"),
    "lines without a name": repeated(START, b":\n", b"\n"),
    "malformed names": repeated(START, b"a a:\n", b"\n"),
    "malformed Content-Lengths": repeated(START, b"l:x\n", b"\n"),
    "a name of words": repeated(START, b"a ", b"\x80:\n\n"),
    "a header without end": repeated(START, b"a:\n"),
    "a fold without end": repeated(START + b"a:", b"\n "),
    "CRs before the start line": repeated(b"", b"\r", START + b"\n"),
    "CRs in a field": repeated(START + b"a:", b"\r", b"\n\n"),
    "control characters": repeated(START, b"y:\1\n", b"\n"),
    "quoted pairs": repeated(START + b'm:"', b"\\\1", b"\1\n\n"),
    "comments": repeated(START + b"Server:", b"(", b"\\\1\1\n\n"),
}

READS: dict[str, Callable[[Any], object]] = {
    "dict": dict,
    "items": lambda headers: [*headers.items()],
    "keys": lambda headers: [*headers.keys()],
    "values": lambda headers: [*headers.values()],
    "raw": lambda headers: headers.raw,
    "list": list,
    "repr": repr,
    "hash": hash,
    "get": _each(lambda headers, name: headers.get(name)),
    "getitem": _each(lambda headers, name: headers[name]),
    "getall": _each(lambda headers, name: headers.getall(name)),
    "contains": _each(lambda headers, name: name.upper() in headers),
    "absent": lambda headers: [headers.get(f"Y{at}") for at in range(len(headers))],
}

CASES = [
    *(Case(f"parse: {name}", make, parse) for name, make in WORST.items()),
    *(Case(f"parse: {name}", make, parse) for name, make in STARTS.items()),
    *(Case(f"parse strictly: {name}", make, _strict) for name, make in WORST.items()),
    *(Case(f"defects: {name}", make, _defects) for name, make in WORST.items()),
    *(Case(f"defects: {name}", make, _defects) for name, make in STARTS.items()),
    *(Case(f"parse leniently: {name}", make, _lenient) for name, make in WORST.items()),
    *(Case(f"parse leniently: {name}", make, _lenient) for name, make in STARTS.items()),
    *(Case(f"parse leniently: {name}", make, _lenient) for name, make in MALFORMED.items()),
    *(
        Case(f"headers, {name}: {what}", make, _headers(read))
        for name, read in READS.items()
        for what, make in (("distinct names", DISTINCT), ("one name", ALIKE), ("Via", KNOWN))
    ),
]
