"""URIs of each scheme, in each form of hostile text, with all their operations."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

from sipfast._engine import Engine
from sipfast.uri_parts import uri_parts

from . import Case
from .fields import VIEWS
from .texts import Make, numbered, read_all, repeated

SHAPES: dict[str, Make] = {
    "parameters": repeated(b"sip:h", b";a"),
    "distinct parameters": numbered(b"sip:h", b";x%d=1"),
    "escaped parameters": repeated(b"sip:h", b";%41=%41"),
    "empty parameters": repeated(b"sip:h", b";"),
    "header fields": repeated(b"sip:h?", b"a=%41&"),
    "distinct header fields": numbered(b"sip:h?", b"x%d=1&"),
    "escapes in a user": repeated(b"sip:", b"%41", b"@h"),
    "broken escapes": repeated(b"sip:", b"%", b"@h"),
    "a user beyond ASCII": repeated(b"sip:", b"\xc3\xa9", b"@h"),
    "parameters beyond ASCII": repeated(b"sip:h", b";\xc3\xa9=\xc3\xa9"),
    "at signs": repeated(b"sip:a", b"@"),
    "colons": repeated(b"sip:a", b":", b"@h"),
    "digits of a port": repeated(b"sip:h:", b"0", b"x"),
    "an IPv6 reference": repeated(b"sip:[", b":1", b"]"),
    "an open IPv6 reference": repeated(b"sip:[", b":1"),
    "a long host": repeated(b"sip:", b"a."),
    "a host of hyphens": repeated(b"sip:a", b"-"),
    "quotes in a parameter": repeated(b"sip:h;x=", b'"@'),
    "colons of a host": repeated(b"sip:u@", b"1:"),
    "a telephone number": repeated(b"tel:", b"-1"),
    "separators alone": repeated(b"tel:", b"-"),
    "parameters of a number": repeated(b"tel:1", b";a=b"),
    "distinct parameters of a number": numbered(b"tel:1", b";x%d=1"),
    "a telephone number as the user": repeated(b"sip:+1", b"%2D1", b"@h;user=phone"),
    "parameters in a user": repeated(b"sip:+1", b";a=1", b"@h;user=phone"),
    "a URN": repeated(b"urn:uuid:", b"a%2C"),
    "components of a URN": repeated(b"urn:ab:c", b"?+a?=b#c"),
    "a long scheme": repeated(b"a", b"a", b":"),
    "no scheme": repeated(b"a", b"a"),
    "spaces": repeated(b"sip:a", b" ", b"b"),
}


def _read(engine: Engine, text: bytes) -> object:
    uri = engine.module("values.uri").URI.parse(text)
    read_all(uri)
    return uri


def _done(work: Callable[[Any], object]) -> Callable[[Engine, bytes], object]:
    return lambda engine, text: work(engine.module("values.uri").URI.parse(text))


def _again(uri: Any) -> Any:
    return type(uri).parse(str(uri) + " ")


def _parts(_: Engine, text: bytes) -> object:
    return uri_parts(text.decode())


def _defects(engine: Engine, text: bytes) -> object:
    message = engine.parse(
        b"A %b SIP/2.0\r\nm: <%b>\r\n\r\n" % (text, text), limits=engine.NO_LIMITS
    )
    return message, message.defects


WORKS: dict[str, Callable[[Any], object]] = {
    "hash": hash,
    "==": lambda uri: uri == _again(uri),
    "matches": lambda uri: uri.matches(_again(uri)),
    "repr": repr,
    "pickle": pickle.dumps,
    "replace": lambda uri: uri.replace() if hasattr(uri, "replace") else None,
}
WHOLE = (
    *("distinct parameters", "escaped parameters", "distinct header fields", "escapes in a user"),
    *("an IPv6 reference", "distinct parameters of a number", "a URN"),
)

CASES = [
    *(Case(f"URI, read: {what}", make, _read) for what, make in SHAPES.items()),
    *(Case(f"URI, parts: {what}", make, _parts) for what, make in SHAPES.items()),
    *(Case(f"URI, defects: {what}", make, _defects) for what, make in SHAPES.items()),
    *(
        Case(f"URI, {name}: {what}", SHAPES[what], _done(work))
        for name, work in WORKS.items()
        for what in WHOLE
    ),
    *(
        Case(
            f"parameters of a URI, {name}: {what}",
            SHAPES[what],
            _done(lambda uri, view=view: view(uri.parameters)),  # type: ignore[misc]
        )
        for name, view in VIEWS.items()
        for what in ("distinct parameters", "distinct parameters of a number")
    ),
]
