"""Whatever a property of a typed value raises is a defect: the same code, at the same byte."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any

import pytest
from seen import properties

from sipfast import ParseError
from sipfast._core.message.properties import Typed
from sipfast._engine import Engine
from sipfast.errors import VALUE_FAULTS
from sipfast.registry.header_names import HEADER_NAMES

Fault = tuple[str, int]

FIELDS = {
    attribute: HEADER_NAMES[field.header_id - 1].name
    for attribute, field in vars(Typed).items()
    if hasattr(field, "header_id")
}
PER_FIELD = 400

FREE = ("organization", "subject", "user_agent", "server", "privacy")
"""Any text will do there."""

NOT_CHECKED = ("telephone",)
"""The user of a URI with ``user=phone`` may be any text (RFC 3261 19.1.1, 25.1)."""

NOT_HERE = {
    "uri-scheme-unexpected": "a message reads a URI as what its scheme says",
    "passport-too-large": "no example is so long",
    "value-surrogate": "no bytes are read as one",
    "value-control": "reading tolerates it, constructors do not",
}


def encoded(*parts: bytes) -> str:
    return ".".join([urlsafe_b64encode(part).decode().rstrip("=") for part in parts])


NESTED = b'{"a":' * 20 + b"1" + b"}" * 20
URIS = (
    *("sip:a@b", "sip:a@b:70000", "sip:@b", "sip:a@", "sip:a b", "sip:b;ttl=x", "sip:b;ttl=256"),
    *("sip:bob@h;user=phone", "sip:\xe9;x@h;user=phone", "sip:7042@h;user=phone", "tel:x"),
    *("sip:a@b?Reason=x%3bcause%3dx", "sip:a@b?Reason=%3bx", "sip:a;cause=x", "urn:x", "a@b", "*"),
    *("tel:+1", "sip:a@b?Reason=%0a", "sip:%0a@h;user=phone"),
)
PARAMETERS = (
    *("q", "expires", "reg-id", "counter", "limit", "index", "rc", "mp", "np", "cause", "tag"),
    *("rport", "ttl", "refresher", "duration", "retry-after", "remote", "encoding", "port-c"),
    *("port-s", "nc", "nonce", "algorithm", "username*", "to-tag", "from-tag", "local-tag"),
    *("remote-tag", "icid-value", "ccf", "branch", "received", "info"),
)
ARGUMENTS = (
    *("x", "1", "0.5", "9", "-1", "1.1", "9999999999", "a.b", '"\xe9"', "", "AKAv1-MD5", "hex"),
)
WORDS = (
    *("SIP/2.0/UDP h", "SIP/2.0/TCP h:99999", "Digest a=b", "Digest nc=x", "Bearer t", "1", "-1"),
    *("4294967296", "99999999999", "1 INVITE", "1 2 INVITE", "x 2 INVITE", "token", '"a"', "a/b"),
    *("id;to-tag=1;from-tag=2", "id;local-tag=1;remote-tag=2", "0123456789abcdef" * 2, "ets.0"),
    *(
        "Q.850",
        "SIP",
        "04c8",
        "04c",
        "18000 (a (b))",
        "18000 (a",
        "54.21 x",
        "1.0",
        "*",
        "presence",
    ),
    *("Fri, 01 Jan 2010 16:00:00 GMT", "300 h x", "x h y", "yesterday", '"a', "<", "a@b@c", "\xe9"),
    *("Digest nonce=x, algorithm=AKAv1-MD5", "Digest username*=x", "Digest nc=123456789"),
    *(encoded(b"{}", b"{}", b"s"), encoded(b"", b"x", b"s"), encoded(b"[]", b"", b""), "e30.e30.A"),
    *(encoded(NESTED, b"{}", b""), "a.b", "a.b.c!", "..", "c2lnbmVk"),
)
PIECES = (*';,="<>:@?*% \t\\()/.', "\xe9", "\r\n ", "1", "x")


def texts(random: Random) -> Iterator[str]:
    """Values of header fields, most of them with a fault for some field."""
    for _ in range(PER_FIELD):
        uri = random.choice(URIS)
        first = random.choice([random.choice(WORDS), uri, f"<{uri}>", f'"\xe9" <{uri}>'])
        separator = ", " if first.startswith("Digest") else ";"
        pairs = [
            f"{separator}{random.choice(PARAMETERS)}={random.choice(ARGUMENTS)}"
            for _ in range(random.choice([0, 1, 1, 2]))
        ]
        text = first + "".join(pairs)
        if random.random() < 0.3:
            at = random.randrange(len(text) + 1)
            text = text[:at] + random.choice(PIECES) + text[at + random.randrange(2) :]
        if text.strip(" ,\r\n\t"):  # an empty field has a defect of its own
            yield text


def raised(values: Any) -> Iterator[Fault]:
    """What the properties of values raise, and those of values within."""
    for value in values if isinstance(values, tuple) else (values,):
        if not hasattr(type(value), "parse"):
            continue
        for name in properties(type(value)):
            if name in NOT_CHECKED:
                continue
            try:
                part = getattr(value, name)
            except ParseError as error:
                yield error.code, error.offset
            else:
                yield from raised(part)


def faults_of(message: Any, attribute: str) -> set[Fault]:
    try:
        return set(raised(getattr(message, attribute)))
    except ParseError as error:
        return {(error.code, error.offset)}


@cache
def tried(engine: Engine, attribute: str) -> frozenset[str]:
    """The codes of the errors of properties; fails unless each is also a defect."""
    found = set()
    for text in texts(Random(attribute)):
        data = f"OPTIONS sip:a SIP/2.0\r\n{FIELDS[attribute]}:\r\n {text}\r\n\r\n".encode()
        message: Any = engine.parse(data)
        faults = faults_of(message, attribute)
        defects = message.defects
        assert faults <= {(defect.code, defect.offset) for defect in defects}, text
        assert len(set(defects)) == len(defects), text
        found |= {code for code, _ in faults}
    return frozenset(found)


@pytest.mark.parametrize("attribute", FIELDS)
def test_what_a_property_raises_is_a_defect_and_one_only(engine: Engine, attribute: str) -> None:
    assert tried(engine, attribute) or attribute in FREE


def test_every_fault_of_a_value_was_tried(engine: Engine) -> None:
    codes = {code for attribute in FIELDS for code in tried(engine, attribute)}
    assert {fault.code for fault in VALUE_FAULTS} - codes == set(NOT_HERE)
