"""Requests and responses that a proxy forwards."""

from __future__ import annotations

from collections.abc import Callable

from sipfast import ParseError
from sipfast._engine import Engine

from . import Case
from .drafts import FIELDS, TO, VIA
from .texts import START, Make, numbered, parse, repeated

SECRET = b"an element's secret"
SOURCE = ("192.0.2.1", 5060)
OURS = b"Via: SIP/2.0/UDP p;branch=z9hG4bK0123456789abcdef;loop=0123456789abcdef\r\n"
OLD = b"Via: SIP/2.0/UDP h\r\n"
OTHERS = TO + FIELDS.replace(b"Call-ID: 1", b"Max-Forwards: 70")
REST = FIELDS + TO + b"Max-Forwards: 70\r\n"


def _forward(target: str | None, trusted: bool) -> Callable[[Engine, bytes], object]:
    """Forward a request, and the response that comes back."""

    def run(engine: Engine, data: bytes) -> object:
        hop = engine.module("message.hop").Hop("p", secret=SECRET)
        pair = (engine.module("message.hop").Hop("p", transport="TCP", secret=SECRET), hop)
        relay = engine.module("message.forward").relay_request
        request = parse(engine, data)
        try:
            passed, where = relay(request, target, hop, SOURCE, pair, None, 0, trusted)
        except ParseError as error:
            return request, error
        ours = b"Via: " + parse(engine, passed).headers["Via"].encode() + b"\r\n"
        rest = data.partition(b"\r\n")[2]
        response = parse(engine, b"SIP/2.0 200 OK\r\n" + ours + rest)
        return request, passed, where, _forwarded(hop, response)

    return run


def _forwarded(hop: object, response: object) -> object:
    try:
        return response, response.forward(via=hop), response.next_hop(via=hop)  # type: ignore[attr-defined]
    except ParseError as error:
        return response, error


def _response(engine: Engine, data: bytes) -> object:
    hop = engine.module("message.hop").Hop("p", secret=SECRET)
    response = parse(engine, data.replace(START, b"SIP/2.0 200 OK\r\n"))
    return _forwarded(hop, response)


def _target(engine: Engine, text: str) -> object:
    hop = engine.module("message.hop").Hop("p", secret=SECRET)
    request = parse(engine, START + VIA + REST + b"\r\n")
    try:
        return request, request.forward(text, via=hop, source=SOURCE)
    except ParseError as error:
        return request, error


def _between(before: bytes, make: Make, after: bytes = b"") -> Make:
    return lambda size: START + before + make(size) + after + b"\r\n"


def _text(make: Make) -> Callable[[int], str]:
    return lambda size: make(size).decode()


MANY: dict[str, Make] = {
    "many Vias": _between(VIA + REST, repeated(b"", b"Via: SIP/2.0/UDP p;loop=0\r\n")),
    "a list of Vias": _between(b"", repeated(VIA[:-2], b",SIP/2.0/UDP p;loop=0", b"\r\n"), REST),
    "malformed Vias": _between(VIA + REST, repeated(b"", b"Via: p;loop=\r\n")),
    "empty Vias": _between(b"", repeated(b"Via: ", b",", b"\r\n"), VIA + REST),
    "parameters": _between(b"", repeated(VIA[:-2], b";received=1", b"\r\n"), REST),
    "flags": _between(b"", repeated(VIA[:-2], b";x", b"\r\n"), REST),
    "quotes": _between(b"", repeated(VIA[:-2] + b";x=", b'"a;"', b"\r\n"), REST),
    "an open quote": _between(b"", repeated(VIA[:-2] + b';x="', b'\\";', b"\r\n"), REST),
    "folds": _between(b"", repeated(VIA[:-2], b"\r\n ;rport", b"\r\n"), REST),
    "a long branch": _between(b"", repeated(VIA[:-2], b"a", b"\r\n"), REST),
    "an old Via": _between(b"", repeated(OLD[:-2], b";x=1", b"\r\n"), REST),
    "a folded old Via": _between(b"", repeated(OLD[:-2], b"\r\n ;x=1", b"\r\n"), REST),
    "a long Call-ID": _between(VIA + OTHERS, repeated(b"i: ", b"a", b"\r\n")),
    "many Routes": _between(VIA + REST, repeated(b"", b"Route: <sip:p;lr;mac=0>\r\n")),
    "a list of Routes": _between(VIA + REST, repeated(b"Route: <sip:p;lr>", b",<sip:a>", b"\r\n")),
    "strict Routes": _between(VIA + REST, repeated(b"Route: <sip:s>", b",<sip:a>", b"\r\n")),
    "folded Routes": _between(VIA + REST, repeated(b"Route: <sip:s>", b",\r\n <sip:a>", b"\r\n")),
    "empty Routes": _between(VIA + REST, repeated(b"Route: ", b",", b"\r\n")),
    "parameters of a Route": _between(REST + VIA, repeated(b"Route: <sip:p", b";mac=0", b">\r\n")),
    "a quoted Route": _between(VIA + REST, repeated(b'Route: "', b'\\",', b'" <sip:p;lr>\r\n')),
    "Max-Forwards": _between(VIA + REST, repeated(b"", b"Max-Forwards: 70\r\n")),
    "zeros": _between(VIA, repeated(b"Max-Forwards: ", b"0", b"7\r\n"), FIELDS + TO),
    "extensions": _between(VIA + REST, repeated(b"Proxy-Require: a", b",b", b"\r\n")),
    "credentials": _between(VIA + REST, repeated(b"", b"Proxy-Authorization: a\r\n")),
    "Record-Routes": _between(VIA + REST, repeated(b"", b"Record-Route: <sip:a;lr>\r\n")),
    "many names": _between(VIA + REST, numbered(b"", b"X%d:y\r\n")),
    "a Request-URI": lambda size: (
        b"OPTIONS sip:a%b SIP/2.0\r\n%b\r\n" % (b";a=%41" * (size // 6), VIA + REST)
    ),
    "a body": lambda size: START + VIA + REST + b"\r\n" + bytes(size),
}  # fmt: skip

CASES = [
    *(
        Case(f"forwarded {way}: {name}", make, _forward(target, trusted))
        for way, target, trusted in (
            ("to a target", "sip:b@h", False),
            ("along the Route", None, True),
            ("for a stranger", None, False),
        )
        for name, make in MANY.items()
    ),
    *(
        Case(f"a response forwarded: {name}", _between(OURS, make, REST), _response)
        for name, make in {
            "many Vias": repeated(b"", VIA),
            "a list of Vias": repeated(VIA[:-2], b", SIP/2.0/UDP h", b"\r\n"),
            "parameters": repeated(VIA[:-2], b";received=1", b"\r\n"),
            "quotes": repeated(VIA[:-2] + b";x=", b'"a;"', b"\r\n"),
            "empty Vias": repeated(b"Via: ", b",", b"\r\n"),
            "an old Via": repeated(OLD[:-2], b";x=1", b"\r\n"),
        }.items()
    ),
    Case(
        "a response forwarded: a list below ours",
        _between(b"", repeated(OURS[:-2], b", SIP/2.0/UDP h", b"\r\n"), REST),
        _response,
    ),
    Case(
        "a response forwarded: parameters of ours",
        _between(b"", repeated(OURS[:-2], b";conn=1", b"\r\n"), VIA + REST),
        _response,
    ),
    *(
        Case(f"a target of {name}", _text(make), _target)
        for name, make in {
            "parameters": repeated(b"sip:b@h", b";method=x"),
            "header fields": repeated(b"sip:b@h?a=b", b"&a=b"),
            "escapes": repeated(b"sip:", b"%41", b"@h"),
            "spaces": repeated(b"sip:b@h", b" "),
        }.items()
    ),
]  # fmt: skip
