"""Drafts, and the messages that are derived from others."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from sipfast import ParseError
from sipfast._engine import Engine
from sipfast.errors import parse_error

from . import Case
from .texts import START, Make, numbered, parse, repeated

FIELDS = b"From: <sip:a>;tag=1\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n"
TO = b"To: <sip:b>\r\n"
VIA = b"Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"


def _changes(engine: Engine, data: bytes) -> object:
    """Every kind of change, once."""
    draft = parse(engine, data).edit()
    draft.push("Via", "SIP/2.0/UDP h")
    draft.append("Route", "<sip:a>")
    draft["X1"] = "one"
    draft["Max-Forwards"] = 70
    draft.discard("X")
    draft.set_body(b"x", "text/plain")
    for name in ("Route", "Via", "X2"):
        with suppress(KeyError, ParseError):
            draft.pop(name)
    return draft, bytes(draft), draft.message


def _appends(engine: Engine, size: int) -> object:
    draft = parse(engine, START + b"\r\n").edit()
    for number in range(size // 64):
        draft.append("X-A", f"{number}")
        draft.append("Route", "<sip:a>")
    return draft, bytes(draft)


def _written(engine: Engine, text: str) -> object:
    draft = parse(engine, START + b"\r\n").edit()
    with suppress(ParseError, ValueError):
        draft["Contact"] = text
    return draft, bytes(draft)


def _reply(engine: Engine, data: bytes) -> object:
    request = parse(engine, data)
    try:
        return request, request.reply(200, source=("192.0.2.1", 5060))
    except ParseError as error:
        return request, error


def _reply_to(engine: Engine, data: bytes) -> object:
    fault = parse_error("bare-cr", 0)
    return engine.module("message.reply").reply_to(fault, data, source=("192.0.2.1", 5060))


def _dialog(engine: Engine, data: bytes) -> object:
    request = parse(engine, data.replace(b"OPTIONS", b"INVITE"))
    response = request.reply(200)
    dialog = engine.module("message.dialog").Dialog.uac(request, response)
    return request, response, dialog, dialog.request("BYE")


def _second(engine: Engine, data: bytes) -> object:
    request = parse(engine, START + VIA + FIELDS + TO + b"\r\n")
    response = parse(engine, data.replace(START, b"SIP/2.0 401 Unauthorized\r\n"))
    with suppress(ParseError):
        return request.authorized(response, "a", "b")
    return response


def _between(before: bytes, make: Make, after: bytes = b"") -> Make:
    return lambda size: START + before + make(size) + after + b"\r\n"


MANY: dict[str, Make] = {
    "many Vias": _between(VIA + FIELDS + TO, repeated(b"", b"Via: a\r\n")),
    "a list of Vias": _between(b"", repeated(VIA[:-2], b", SIP/2.0/UDP h", b"\r\n"), FIELDS + TO),
    "parameters": _between(b"", repeated(VIA[:-2], b";received=1", b"\r\n"), FIELDS + TO),
    "quotes": _between(b"", repeated(VIA[:-2] + b";x=", b'"a;"', b"\r\n"), FIELDS + TO),
    "an open quote": _between(b"", repeated(VIA[:-2] + b';x="', b'\\";', b"\r\n"), FIELDS + TO),
    "a long To": _between(VIA + FIELDS, repeated(b"To: <sip:", b"b", b">\r\n")),
    "folds": _between(VIA + FIELDS, repeated(b"To: <sip:b>", b"\r\n ;x", b"\r\n")),
    "many names": _between(VIA + FIELDS + TO, numbered(b"", b"X%d:y\r\n")),
    "one name": _between(VIA + FIELDS + TO, repeated(b"", b"X:y\r\n")),
    "Routes": _between(VIA + FIELDS + TO, repeated(b"", b"Route: <sip:a>\r\n")),
    "a list of Routes": _between(VIA + FIELDS + TO, repeated(b"Route: a", b",<sip:a>", b"\r\n")),
    "empty Routes": _between(VIA + FIELDS + TO, repeated(b"", b"Route:,\r\n")),
    "a list of commas": _between(VIA + FIELDS + TO, repeated(b"Route: ", b", ", b"\r\n")),
}
ROUTES: dict[str, Make] = {
    "Record-Routes": _between(VIA + FIELDS + TO, repeated(b"", b"Record-Route: <sip:a>\r\n")),
    "a list": _between(VIA + FIELDS + TO, repeated(b"Record-Route: <a:b>", b",<sip:a>", b"\r\n")),
}
DAMAGED: dict[str, Make] = {
    "lone CRs": _between(VIA + FIELDS + TO, repeated(b"", b"X: a\rb\r\n")),
    "NULs": _between(VIA + FIELDS + TO, repeated(b"", b"\0")),
    "line feeds": lambda size: b"\r\n" * (size // 2) + START + VIA + FIELDS + TO + b"\r\n",
    "a folded line": _between(VIA + FIELDS + TO, repeated(b"X:", b"\n ")),
    "no end": lambda size: START + VIA + FIELDS + TO + b"x" * size,
    "a long method": lambda size: b"A" * size + b" sip:a\r\n" + VIA + FIELDS + TO + b"\r\n",
}
TEXTS: dict[str, Callable[[int], str]] = {
    "commas": lambda size: "," * size,
    "items": lambda size: "<sip:a>," * (size // 8) + "b",
    "brackets": lambda size: "<" * size,
    "an open quote": lambda size: '"' + '\\"' * (size // 2),
    "line ends": lambda size: "a" * size + "\n",
    "surrogates": lambda size: "\udcff" * size,
}
CHALLENGES: dict[str, Make] = {
    "realms": _between(
        VIA + FIELDS + TO, numbered(b"", b'WWW-Authenticate: Digest realm="%d", nonce="1"\r\n')
    ),
    "one realm": _between(
        VIA + FIELDS + TO, repeated(b"", b'WWW-Authenticate: Digest realm="a", nonce="1"\r\n')
    ),
}

CASES: list[Case] = [
    *(Case(f"draft, changed: {name}", make, _changes) for name, make in MANY.items()),
    Case("draft, appended to", lambda size: size, _appends),
    *(Case(f"draft, written: {name}", make, _written) for name, make in TEXTS.items()),
    *(Case(f"reply: {name}", make, _reply) for name, make in MANY.items()),
    *(Case(f"reply_to: {name}", make, _reply_to) for name, make in (MANY | DAMAGED).items()),
    *(Case(f"dialog: {name}", make, _dialog) for name, make in ROUTES.items()),
    *(Case(f"authorized: {name}", make, _second) for name, make in CHALLENGES.items()),
]
