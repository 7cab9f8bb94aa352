"""The cost of typed values: twice the bytes take at most about twice the time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from cost import READ_OF_FOUR, WHOLE, Maker, growth, steadiness
from seen import properties

from sipfast import ParseError
from sipfast._engine import Engine

__all__ = ["steadiness"]  # the fixture, for this module

Read = Callable[[Engine, bytes], object]


def header(name: str) -> Read:
    """Read a header field from text, and all properties of its values."""

    def read(engine: Engine, text: bytes) -> object:
        try:
            return read_values(engine.parse_header(name, text))
        except ParseError as error:
            return error

    return read


def field(name: str, attribute: str) -> Read:
    """Read a folded header field of a message, and all properties of its values."""

    def read(engine: Engine, text: bytes) -> object:
        data = b"OPTIONS sip:a SIP/2.0\r\n%b: %b\r\n\r\n" % (name.encode(), text)
        try:
            message: Any = engine.parse(data, limits=engine.NO_LIMITS)
            return read_values(getattr(message, attribute))
        except ParseError as error:
            return error

    return read


def each(judge: Callable[[Any], object]) -> Read:
    """Read every Contact of a message, and of the text alone; all are malformed."""

    def read(engine: Engine, text: bytes) -> None:
        data = b"OPTIONS sip:a SIP/2.0\r\nContact: %b\r\n\r\n" % text
        message = engine.parse(data, limits=engine.NO_LIMITS)
        judge(message.contacts)
        judge(engine.parse_header("Contact", text.replace(b"\r\n", b"")))

    return read


def errors_of(contacts: Any) -> None:
    """Ask each for its URI, and the error for its place."""
    places = []
    for contact in contacts:
        try:
            contact.uri  # noqa: B018  it raises
        except ParseError as error:
            places.append(error.offset)
    assert places == sorted(places)
    assert len(places) == len(contacts)


def comparisons_of(contacts: Any) -> None:
    assert not any(one == other for one, other in pairwise(contacts))


def read_values(values: Any) -> object:
    """Read all properties of one of few values, or of the last of many."""
    found: list[object] = [values]
    few = values if isinstance(values, tuple) and len(values) < 10 else ()
    last = values[-1:] if isinstance(values, tuple) else (values,)
    for value in few or last:
        if not hasattr(type(value), "parse"):
            continue
        for name in properties(type(value)):
            with suppress(ParseError):
                found.append(getattr(value, name))
        with suppress(ParseError):
            found.append(list(getattr(value, "parameters", ())))
        again = type(value).parse(str(value) + " ")
        found.append((hash(value), repr(value), again, value == again))
    return found


def uri(engine: Engine, text: bytes) -> object:
    """Read a URI and all of its properties."""
    try:
        return read_values(engine.module("values.uri").URI.parse(text))
    except ParseError as error:
        return error


def repeated(before: bytes, piece: bytes, after: bytes = b"") -> Maker:
    return lambda size: before + piece * (size // len(piece)) + after


CASES: dict[str, tuple[Read, Maker]] = {
    "Contacts": (header("Contact"), repeated(b"", b"<sip:a@h>;q=1,", b"<sip:b>")),
    "short Contacts": (header("Contact"), repeated(b"", b"a:,")),
    "malformed Contacts": (header("Contact"), repeated(b"<sip:a>,", b'<sip:a b>,"x" <y>,', b'"')),
    "commas": (header("Contact"), repeated(b"", b",")),
    "commas in brackets": (header("Contact"), repeated(b"<", b",")),
    "open brackets": (header("Contact"), repeated(b",", b"<")),
    "open brackets with text": (header("Contact"), repeated(b",", b"<aaaa;")),
    "quotes": (header("Contact"), repeated(b"", b'"')),
    "quotes in a list": (header("Contact"), repeated(b",", b'"')),
    "an odd quote": (header("Contact"), repeated(b'"', b'"')),
    "backslashes": (header("Contact"), repeated(b'"', b"\\", b'"<a>')),
    "escaped quotes": (header("From"), repeated(b'"', b'\\"')),
    "a long quoted string": (header("From"), repeated(b'"', b"a", b'" <sip:a>')),
    "quoted pairs": (header("From"), repeated(b'"', b"\\a", b'" <sip:a>')),
    "quoted strings in parameters": (header("From"), repeated(b"<sip:a>", b';a="b\\""')),
    "an open quoted string in parameters": (header("From"), repeated(b'<sip:a>;x="', b';a="')),
    "parameters": (header("From"), repeated(b"<sip:a>", b";abc=def")),
    "empty parameters": (header("From"), repeated(b"sip:a", b";")),
    "spaces in parameters": (header("From"), repeated(b"sip:a;x", b" ", b"=y")),
    "spaces before brackets": (header("From"), repeated(b"x", b" ", b"y")),
    "spaces after brackets": (header("From"), repeated(b"<sip:a>", b" ", b"y")),
    "spaces in a Via": (header("Via"), repeated(b"SIP/2.0/UDP h", b" ", b"y")),
    "spaces at a slash": (header("Via"), repeated(b"SIP", b" ", b"y")),
    "tokens in a Via": (header("Via"), repeated(b"", b"a")),
    "digits in a Via": (header("Via"), repeated(b"SIP/2.0/UDP h:", b"0")),
    "parameters of a Via": (header("Via"), repeated(b"SIP/2.0/UDP h", b";a")),
    "Vias": (header("Via"), repeated(b"", b"SIP/2.0/UDP h;branch=1,")),
    "digits": (header("Expires"), repeated(b"", b"9")),
    "zeros": (header("Expires"), repeated(b"", b"0", b"x")),
    "tokens": (header("Allow"), repeated(b"", b"A,")),
    "numbers of History-Info": (header("History-Info"), repeated(b"<sip:a>;index=1", b".1")),
    "methods of a Contact": (header("Contact"), repeated(b'<sip:a>;methods="', b"A,", b'"')),
    "escapes in a user": (uri, repeated(b"sip:", b"%41", b"@h")),
    "broken escapes": (uri, repeated(b"sip:", b"%", b"@h")),
    "escapes in parameters": (uri, repeated(b"sip:h", b";%41=%41")),
    "escapes in header fields": (uri, repeated(b"sip:h?", b"%41=%41&")),
    "at signs": (uri, repeated(b"sip:a", b"@")),
    "at signs after a host": (uri, repeated(b"sip:a@h;x=", b"@")),
    "colons": (uri, repeated(b"sip:a", b":")),
    "colons before an at sign": (uri, repeated(b"sip:a", b":", b"@h")),
    "digits of a port": (uri, repeated(b"sip:h:", b"0", b"x")),
    "an IPv6 reference": (uri, repeated(b"sip:[", b":1", b"]")),
    "an open IPv6 reference": (uri, repeated(b"sip:[", b":1")),
    "a long host": (uri, repeated(b"sip:", b"a.")),
    "a long number": (uri, repeated(b"tel:", b"-1")),
    "separators": (uri, repeated(b"tel:", b"-")),
    "parameters of a number": (uri, repeated(b"tel:1", b";a=b")),
    "a telephone number as the user": (uri, repeated(b"sip:+1", b"%2D1", b"@h;user=phone")),
    "a long URN": (uri, repeated(b"urn:uuid:", b"a%2C")),
    "a long scheme": (uri, repeated(b"a", b"a", b":")),
    "no scheme": (uri, repeated(b"a", b"a")),
    "no UTF-8": (header("From"), repeated(b'"', b"\xff", b'" <sip:a>;x')),
    "folds": (field("From", "from_"), repeated(b"<sip:a>;x=1", b";a\r\n ", b"=@ @")),
    "folds that are empty": (field("From", "from_"), repeated(b"<sip:a>", b"\r\n ", b"b")),
    "spaces that are no fold": (field("From", "from_"), repeated(b"<sip:a>;\r\n x", b" ", b"b")),
    "spaces and an error": (field("To", "to"), repeated(b"<sip:a>", b" ", b"b")),
    "errors in folded Contacts": (each(errors_of), repeated(b"<a>", b",\r\n <x>")),
    "errors behind text beyond ASCII": (each(errors_of), repeated(b"<\xc3\xa9>", b", <x>")),
    "a set of malformed Contacts": (each(set), repeated(b"<a>", b",\r\n <x>")),
    "malformed Contacts compared": (each(comparisons_of), repeated(b"<a>", b",\r\n <x>, <y>")),
    "folded Contacts": (field("Contact", "contacts"), repeated(b"", b"<sip:a>,\r\n ", b"x")),
}


@pytest.mark.parametrize("name", CASES)
def test_reading_takes_linear_time(engine: Engine, name: str) -> None:
    read, maker = CASES[name]
    assert growth(partial(read, engine), maker, 4, READ_OF_FOUR) <= READ_OF_FOUR


def test_ten_thousand_of_each(engine: Engine) -> None:
    contacts = engine.parse_header(
        "Contact", ", ".join(f"<sip:{n}@h>;q=0.{n % 10}" for n in range(10_000))
    )
    assert len(contacts) == 10_000
    assert (contacts[-1].uri.user, contacts[-1].q) == ("9999", 0.9)
    address = engine.module("values.address").Address
    many = address.parse("<sip:a>" + "".join(f";p{n}={n}" for n in range(10_000)))
    assert len(many.parameters) == 10_000
    assert many.parameters["P9999"] == "9999"
    assert address.parse('"' + "a" * WHOLE + '" <sip:a>').display_name == "a" * WHOLE
    assert (
        engine.module("values.uri").SipURI.parse("sip:" + "%41" * WHOLE + "@h").user == "A" * WHOLE
    )
