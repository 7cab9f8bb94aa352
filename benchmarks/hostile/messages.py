"""Messages: header blocks and start lines, strictness, and the header fields as a mapping."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.worst import WORST
from sipfast._engine import Engine

from . import Case
from .texts import START, Make, numbered, parse, repeated

CRLF = b"\r\n\r\n"


def _strict(engine: Engine, data: bytes) -> object:
    return engine.parse(data, strict=True, limits=engine.NO_LIMITS)


def _defects(engine: Engine, data: bytes) -> object:
    message = parse(engine, data)
    return message, message.defects


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
    *(
        Case(f"headers, {name}: {what}", make, _headers(read))
        for name, read in READS.items()
        for what, make in (("distinct names", DISTINCT), ("one name", ALIKE), ("Via", KNOWN))
    ),
]
