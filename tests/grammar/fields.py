"""The message around each header field: right, but for the value that is tried."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from samples import FIELDS as FIRST
from samples import sample

from sipfast._core.message.properties import Typed
from sipfast.registry.header_names import HEADER_NAMES

from .abnf import Grammar
from .automaton import Automaton
from .drawing import Drawer


class Around(NamedTuple):
    """The rest of a message."""

    start: str
    """The start line: a method, or a status code."""
    fields: str = ""
    """Header fields that belong there, one a line."""


REQUEST = Around("OPTIONS")
IN_DIALOG = Around("INVITE", "Contact: <sip:a@b>")
REGISTRATION = Around("REGISTER")
REGISTERED = Around("200 REGISTER")

AROUND = {
    "Accept-Resource-Priority": Around("417"),
    "Allow-Events": Around("489"),
    "Answer-Mode": IN_DIALOG,
    "Authentication-Info": Around("200"),
    "CSeq": Around("200"),
    "Contact": REGISTRATION,
    "Diversion": IN_DIALOG,
    "Error-Info": Around("486"),
    "Event": Around("SUBSCRIBE", "Contact: <sip:a@b>\nExpires: 9"),
    "Expires": REGISTRATION,
    "Feature-Caps": IN_DIALOG,
    "Flow-Timer": REGISTERED,
    "History-Info": IN_DIALOG,
    "Info-Package": Around("INFO"),
    "Join": IN_DIALOG,
    "Min-Expires": Around("423 REGISTER"),
    "Min-SE": IN_DIALOG,
    "P-Associated-URI": REGISTERED,
    "P-Early-Media": IN_DIALOG,
    "Path": REGISTRATION,
    "Permission-Missing": Around("470 INVITE"),
    "Priv-Answer-Mode": IN_DIALOG,
    "Proxy-Authenticate": Around("407"),
    "RAck": Around("PRACK"),
    "Reason-Phrase": Around("486"),
    "RSeq": Around("183 INVITE", "Require: 100rel\nContact: <sip:a@b>"),
    "Recv-Info": IN_DIALOG,
    "Refer-Sub": Around("REFER", "Contact: <sip:a@b>\nRefer-To: <sip:a@b>"),
    "Refer-To": Around("REFER", "Contact: <sip:a@b>"),
    "Replaces": IN_DIALOG,
    "Retry-After": Around("503"),
    "SIP-ETag": Around("200 PUBLISH", "Expires: 9"),
    "SIP-If-Match": Around("PUBLISH", "Event: presence\nExpires: 9"),
    "Security-Server": Around("494", "Require: sec-agree"),
    "Server": Around("200"),
    "Service-Route": REGISTERED,
    "Session-Expires": IN_DIALOG,
    "Subscription-State": Around("NOTIFY", "Contact: <sip:a@b>\nEvent: presence"),
    "Suppress-If-Match": Around("SUBSCRIBE", "Contact: <sip:a@b>\nEvent: presence\nExpires: 9"),
    "Target-Dialog": IN_DIALOG,
    "Trigger-Consent": IN_DIALOG,
    "Unsupported": Around("420"),
    "User-to-User": IN_DIALOG,
    "WWW-Authenticate": Around("401"),
    "Warning": Around("488"),
}
"""Where a field belongs, if not in an OPTIONS request."""

FIELDS = {
    HEADER_NAMES[field.header_id - 1].name: attribute
    for attribute, field in vars(Typed).items()
    if hasattr(field, "header_id")
}
"""The typed header fields, and their properties."""

PLACES = ("Request-URI", "Reason-Phrase", "Extension", "Content-Length")
"""Other places in a message with a rule of their own."""

RULES = (*FIELDS, *PLACES)


@cache
def grammar() -> Grammar:
    """The rules as the RFCs have them."""
    return Grammar.of("sip", "extensions")


@cache
def narrowed() -> Grammar:
    """The same, without what prose forbids."""
    return Grammar.of("sip", "extensions", "narrowed")


@cache
def automaton(field: str) -> Automaton:
    """Tells whether a text is a value of the field."""
    return Automaton(grammar(), field)


@cache
def drawer(field: str) -> Drawer:
    """Draws values of the field that are right."""
    return Drawer(narrowed(), field)


def is_value(field: str, text: str) -> bool:
    """Whether a text, in Latin-1, is a value of the field by its grammar."""
    return automaton(field).matches(text)


@cache
def _halves(field: str) -> tuple[bytes, bytes]:
    """What stands before and after the value of the field in its message."""
    start, more = AROUND.get(field, REQUEST)
    first, _, method = start.partition(" ")
    is_request = first.isalpha()
    method = method or (first if is_request else "OPTIONS")
    line = f"{first} sip:b.example.com SIP/2.0" if is_request else f"SIP/2.0 {first} x"
    mark = "\0value\0"
    lines = [name for name in more.split("\n") if name]
    changed: dict[str, Any] = {"CSeq": f"1 {method}".encode()}
    if field == "Request-URI":
        line = f"{first} {mark} SIP/2.0"
    elif field == "Reason-Phrase":
        line = f"SIP/2.0 {first} {mark}"
    elif field in FIRST or field == "Content-Length":
        changed[field.replace("-", "_")] = mark.encode()
    else:
        lines.append(f"{field}: {mark}")
    data = sample(line.encode(), *[each.encode() for each in lines], **changed)
    before, after = data.split(mark.encode())
    return before, after


def message(field: str, text: str) -> bytes:
    """The message with a value of the field, in Latin-1."""
    before, after = _halves(field)
    return before + text.encode("latin-1") + after


def start_of(field: str) -> int:
    """The byte at which the value begins."""
    return len(_halves(field)[0])
