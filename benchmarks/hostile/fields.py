"""Each class of typed header fields, in each form of hostile text, with all its operations."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from sipfast import ParseError
from sipfast._core.message.fields import Field
from sipfast._core.message.properties import Typed
from sipfast._engine import Engine

from . import Case
from .texts import (
    Make,
    folded,
    header_of,
    in_message,
    numbered,
    parse,
    read_all,
    repeated,
    values_of,
)

# A well-formed value of each class, which parameters may follow if it takes any.
BEGINNINGS = {
    "AccessNetworkInfo": b"IEEE-802.11",
    "Accepted": b"en",
    "Address": b"<sip:a@h>",
    "AnswerMode": b"Auto",
    "AuthenticationInfo": b'nextnonce="a"',
    "CallID": b"a@h",
    "CallInfo": b"<http://h/>",
    "Challenge": b'Digest realm="a"',
    "ChargingFunctionAddresses": b"ccf=h",
    "ChargingVector": b"icid-value=a",
    "Contact": b"<sip:a@h>",
    "ContactPreference": b"*",
    "ContentDisposition": b"session",
    "ContentType": b"application/sdp",
    "Credentials": b'Digest username="a"',
    "CSeq": b"1 INVITE",
    "Date": b"Sat, 13 Nov 2010 23:29:00 GMT",
    "Diversion": b"<sip:a@h>",
    "Event": b"presence",
    "FeatureCaps": b"*",
    "GeolocationRouting": b"yes",
    "HistoryInfo": b"<sip:a@h>;index=1",
    "Identity": b"a.b.c;info=<https://h/>",
    "InfoPackage": b"a",
    "Join": b"a@h;from-tag=1;to-tag=2",
    "LargeNumber": b"1",
    "MediaRange": b"text/*",
    "MimeVersion": b"1.0",
    "Number": b"1",
    "Priority": b"urgent",
    "Privacy": b"id",
    "Products": b"a/1",
    "RAck": b"1 1 INVITE",
    "Reason": b"SIP;cause=200",
    "ReferredBy": b"<sip:a@h>",
    "ReferSub": b"true",
    "RemotePartyID": b"<sip:a@h>",
    "Replaces": b"a@h;from-tag=1;to-tag=2",
    "ResourcePriority": b"q735.1",
    "RetryAfter": b"1",
    "SecurityMechanism": b"digest",
    "ServedUser": b"<sip:a@h>",
    "SessionExpires": b"90",
    "SessionID": b"ab30317f1a784dc48ff824d0d3715d86",
    "SessionInterval": b"90",
    "SubscriptionState": b"active",
    "TargetDialog": b"a@h;local-tag=1;remote-tag=2",
    "Text": b"a",
    "Timestamp": b"1",
    "Token": b"a",
    "UserToUser": b"56",
    "Via": b"SIP/2.0/UDP h",
    "VisitedNetwork": b"a",
    "WarningValue": b'399 h "a"',
}
SPLIT_ALIKE = (
    *("Challenge", "Contact", "CSeq", "Event", "Identity", "MediaRange", "Products", "RetryAfter"),
    *("Text", "Via", "AuthenticationInfo"),
)
"""A class for each way of splitting values: read in every form, the others in few."""
FEW = ("items", "parameters", "distinct parameters", "a long token", "beyond ASCII and malformed")
FAULTY = ("items", "parameters", "folded and malformed", "beyond ASCII and malformed")
COMMAS = ("AuthenticationInfo", "Challenge", "Credentials")
"""Fields with parameters between commas."""


def _fields() -> dict[str, tuple[str, Field]]:
    """A field of each class, as a list if possible, and its property."""
    found: dict[str, tuple[str, Field]] = {}
    for name in dir(Typed):
        field = getattr(Typed, name)
        if isinstance(field, Field):
            known = found.get(field._cls.__name__)
            if known is None or type(field).__name__ == "All" != type(known[1]).__name__:
                found[field._cls.__name__] = name, field
    return found


def _shapes(kind: str) -> dict[str, Make]:
    """Texts for a class."""
    begin = BEGINNINGS[kind]
    mark = b"," if kind in COMMAS else b";"
    some, each = (begin + b" ", b"") if kind == "Products" else (begin + mark, mark)
    return {
        "items": repeated(begin, b"," + begin),
        "empty items": repeated(begin, b","),
        "parameters": repeated(begin, mark + b"a"),
        "distinct parameters": numbered(begin, mark + b"x%d=1"),
        "parameters in quotes": repeated(begin, mark + b'a="b\\""'),
        "parameters in brackets": repeated(begin + mark + b"info=<", b";a", b">"),
        "parameters beyond ASCII": repeated(
            begin + mark + b'n="', b"\xc3\xa9", b'"' + mark + b"x=1"
        ),
        "names beyond ASCII": repeated(begin, mark + b"\xc3\xa9=\xc3\xa9"),
        "spaces in parameters": repeated(some + b"a", b" ", b"=b"),
        "a long quoted string": repeated(some + b'a="', b"x", b'"'),
        "quoted pairs": repeated(some + b'a="', b"\\a", b'"'),
        "an open quoted string": repeated(some + b'a="', each + b'a="'),
        "a long token": repeated(b"", b"a"),
        "digits": repeated(b"", b"9"),
        "spaces": repeated(begin, b" ", b"x"),
        "nested comments": lambda size: begin + b" " + b"(" * (size // 2) + b")" * (size // 2),
        "open comments": repeated(begin + b" ", b"(a"),
        "open brackets": repeated(b"", b"<"),
        "folded parameters": folded(repeated(begin, mark + b"a"), mark),
        "folded and malformed": folded(repeated(begin, mark + b"a b"), mark),
        "beyond ASCII and malformed": repeated(begin, mark + b"\xc3\xa9 b"),
    }


def _read(attribute: str) -> Callable[[Engine, bytes], object]:
    """Read a field, and every property of its values."""

    def run(engine: Engine, data: bytes) -> object:
        message = parse(engine, data)
        value = getattr(message, attribute)
        read_all(*values_of(value))
        return message, value

    return run


def _hold(attribute: str) -> Callable[[Engine, bytes], object]:
    """Read a field without the properties of its values."""

    def run(engine: Engine, data: bytes) -> object:
        message = parse(engine, data)
        return message, getattr(message, attribute)

    return run


def _defects(engine: Engine, data: bytes) -> object:
    message = parse(engine, data)
    return message, message.defects


VIEWS: dict[str, Callable[[Any], object]] = {
    "dict": dict,
    "items, repr": lambda parameters: ([*parameters.items()], repr(parameters)),
    "getall": lambda parameters: [parameters.getall(name) for name in list(parameters)],
    "get none": lambda parameters: [parameters.get(f"y{at}") for at in range(len(parameters))],
    "contains": lambda parameters: [name in parameters for name in list(parameters)],
    "hash": hash,
}

WORKS: dict[str, Callable[[Any], object]] = {
    "hash": hash,
    "repr, pickle": lambda value: (repr(value), pickle.dumps(value)),
    "replace": lambda value: value.replace() if hasattr(value, "replace") else None,
}


def _each(attribute: str, work: Callable[[Any], object]) -> Callable[[Engine, bytes], object]:
    """Do something with each value of a field."""

    def run(engine: Engine, data: bytes) -> object:
        found = []
        for value in values_of(getattr(parse(engine, data), attribute)):
            with suppress(ParseError, ValueError, TypeError):
                found.append(work(value))
        return found

    return run


def _views(attribute: str, view: Callable[[Any], object]) -> Callable[[Engine, bytes], object]:
    return _each(attribute, lambda value: view(value.parameters))


def _cases() -> Iterator[Case]:
    for kind, (attribute, field) in _fields().items():
        name = header_of(attribute).encode()
        shapes = {what: in_message(name, make) for what, make in _shapes(kind).items()}
        for what in shapes if kind in SPLIT_ALIKE else FEW:
            yield Case(f"{kind}, read: {what}", shapes[what], _read(attribute))
        for what in shapes if kind in SPLIT_ALIKE else FAULTY:
            yield Case(f"{kind}, defects: {what}", shapes[what], _defects)
        yield Case(f"{kind}, held: items", shapes["items"], _hold(attribute))
        for done, work in WORKS.items():
            make = shapes["distinct parameters"]
            yield Case(f"{kind}, {done}: parameters", make, _each(attribute, work))
        if kind in SPLIT_ALIKE and hasattr(field._cls, "parameters"):
            for seen, view in VIEWS.items():
                run = _views(attribute, view)
                yield Case(f"parameters of {kind}, {seen}", shapes["distinct parameters"], run)


CASES = list(_cases())
