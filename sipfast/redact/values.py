"""URIs, addresses and parameters, written anew from what was read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from .._engine import Engine
from ..errors import ParseError
from . import words
from .pseudonyms import Pseudonyms

__all__ = ["Kind", "Policies", "Values", "quoted"]

_SAFE_IN_USER = "+$-_.!~*'()"
_SAFE_IN_HEADER = "-_.!~*'()[]/?:+$"
_NUMERIC = re.compile("[0-9]{1,10}", re.ASCII)
_PORT = re.compile("[0-9]{1,5}", re.ASCII)


class Kind(NamedTuple):
    """What becomes of the value of a parameter."""

    en: str
    """The same in words, for the documentation."""
    write: Callable[[Values, str | None], str | None]
    """The new text after the equals sign, empty for a name alone, or None to drop the parameter."""


Policies = Mapping[str, Kind]
"""What becomes of parameters, by their names in lower case.  All others are dropped."""


def quoted(text: str) -> str:
    """A quoted string of a pseudonym, which has no character to escape."""
    return f'"{text}"'


class Values:
    """Writes what several header fields have in common."""

    def __init__(
        self,
        names: Pseudonyms,
        engine: Engine,
        *,
        shift: int = 0,
        keep_agents: bool = False,
    ) -> None:
        self.names = names
        self.shift = shift
        """Seconds to add to each time."""
        self.keep_agents = keep_agents
        self.removed: list[str] = []
        """What the message in hand has lost, for the counts."""
        self.read = engine.parse_header
        self.lines: Mapping[str, str] = {}
        """The lines of session descriptions, written anew: a cache."""
        self._parse_uri = engine.module("values.uri").URI.parse

    # ---- parameters ----

    def parameters(self, policies: Policies, parameters: Mapping[str, str | None]) -> str:
        """The parameters, each after a semicolon."""
        made = ""
        for name, value in parameters.items():
            kind = policies.get(name.lower()) if name.isascii() else None
            if kind is not None:
                text = kind.write(self, value)
                if text is not None:
                    made += f";{name}={text}" if text else f";{name}"
        return made

    # ---- URIs ----

    def uri_in(self, text: str) -> str | None:
        """The text of a URI, written anew; None if it is malformed or of an unknown scheme."""
        try:
            return self.uri(self._parse_uri(text))
        except ParseError:
            return None

    def uri(self, uri: Any) -> str | None:
        """A URI, written anew; None for one of an unknown scheme. Raises ParseError."""
        scheme = uri.scheme.lower()
        if scheme in ("sip", "sips"):
            return self._sip(scheme, uri)
        if scheme == "tel":
            return self._tel(uri)
        text = str(uri)
        return text.lower() if text in words.URNS else None

    def _sip(self, scheme: str, uri: Any) -> str:
        made = f"{scheme}:"
        if uri.user is not None:
            made += f"{self.user(uri.user)}@"
        made += self.names.host(uri.host)
        if uri.port is not None:
            made += f":{uri.port}"
        parameters = uri.parameters
        if parameters:
            made += self.parameters(URI_PARAMETERS, parameters)
        headers = uri.headers
        return made + self._headers(headers) if headers else made

    def _tel(self, uri: Any) -> str | None:
        number = self.names.number(uri.number)
        if number is None:
            return None
        return f"tel:{number}{self.parameters(TEL_PARAMETERS, uri.parameters)}"

    def user(self, text: str) -> str:
        """The user of a URI, which may be a number with parameters or have a host of its own."""
        number, semicolon, rest = text.partition(";")
        if semicolon:
            made = self.names.number(number)
            if made is not None:
                return quote(made, _SAFE_IN_USER) + self._of_number(rest)
        name, at, host = text.rpartition("@")
        if at and name and host:
            made = f"{self.names.user(name)}@{self.names.host(host)}"
            return quote(made, _SAFE_IN_USER)
        return quote(self.names.user(text), _SAFE_IN_USER)

    def _of_number(self, text: str) -> str:
        """The parameters of a number in the user of a SIP URI (RFC 3261 19.1.6)."""
        read: dict[str, str | None] = {}
        for part in text.split(";"):
            name, equals, value = part.partition("=")
            if name in TEL_PARAMETERS:
                read.setdefault(name, value if equals else None)
        return self.parameters(TEL_PARAMETERS, read)

    def _headers(self, headers: Iterable[tuple[str, str]]) -> str:
        made = []
        for name, value in headers:
            write = URI_HEADERS.get(name.lower()) if name.isascii() else None
            text = None if write is None else self.safely(write, name, value)
            if text is not None:
                made.append(f"{name}={quote(text, _SAFE_IN_HEADER)}")
        return "?" + "&".join(made) if made else ""

    def safely(
        self, write: Callable[[Values, str, str], str | None], name: str, value: str
    ) -> str | None:
        """What a function writes; None if it cannot read the value."""
        try:
            return write(self, name, value)
        except ParseError:
            return None

    # ---- addresses ----

    def address(self, policies: Policies, address: Any) -> str | None:
        """A name-addr with its parameters, written anew. Raises ParseError."""
        uri = address.uri
        made = None if uri is None else self.uri(uri)
        if made is None:
            return None
        name = address.display_name
        head = f'"{self.names.name(name)}" <{made}>' if name and name.strip() else f"<{made}>"
        parameters = address.parameters
        return head + self.parameters(policies, parameters) if parameters else head

    def host_and_port(self, text: str) -> str:
        """A host, and the port after it if there is one."""
        host, colon, port = text.rpartition(":")
        if colon and _PORT.fullmatch(port) and (":" not in host or host.endswith("]")):
            return f"{self.names.host(host)}:{port}"
        return self.names.host(text)


# ---- what becomes of a parameter -----------------------------------------------------------------


def one_of(known: words.Words, en: str) -> Kind:
    """A parameter that stays if its value is a known word."""

    def write(_values: Values, value: str | None) -> str | None:
        return value if value is not None and value in known else None

    return Kind(en, write)


def _number(_values: Values, value: str | None) -> str | None:
    return value if value is not None and _NUMERIC.fullmatch(value) else None


def _optional_number(values: Values, value: str | None) -> str | None:
    return _number(values, value) if value else ""


def matching(pattern: str, en: str) -> Kind:
    """A parameter that stays if its value has a form, which has room for numbers alone."""
    fits = re.compile(pattern, re.ASCII).fullmatch

    def write(_values: Values, value: str | None) -> str | None:
        return value if value is not None and fits(value) else None

    return Kind(en, write)


def pseudonym(make: str, en: str, *, in_quotes: bool = False) -> Kind:
    """A parameter whose value has a pseudonym, by a method of `Pseudonyms`."""

    def write(values: Values, value: str | None) -> str | None:
        if not value:
            return None
        made: str = getattr(values.names, make)(value)
        return f'"{made}"' if in_quotes else made

    return Kind(en, write)


def _gruu(values: Values, value: str | None) -> str | None:
    if value is None:
        return ""
    if value[:9].lower() == "urn:uuid:":
        return "urn:uuid:" + values.names.uuid(value[9:])
    return values.names.identifier(value)


def _instance(values: Values, value: str | None) -> str | None:
    if value is None:
        return None
    text = value.strip().strip("<>")
    scheme = text.rpartition(":")[0].lower()
    if scheme == "urn:gsma:imei":
        number = values.names.number(text.rpartition(":")[2])
        return None if number is None else f'"<urn:gsma:imei:{number}>"'
    rest = text[9:] if scheme == "urn:uuid" else text
    return f'"<urn:uuid:{values.names.uuid(rest)}>"'


def _uri(values: Values, value: str | None) -> str | None:
    made = None if value is None else values.uri_in(value.strip("<>"))
    return None if made is None else f'"{made}"'


def _received(values: Values, value: str | None) -> str | None:
    """The source of a request: an address, or a URI with one, as Kamailio writes it."""
    if not value:
        return None
    text = value.partition(";")[0]
    if text[:4].lower() == "sip:":
        return f'"sip:{values.host_and_port(text[4:].rpartition("@")[2])}"'
    return values.names.address(value)


def _alias(values: Values, value: str | None) -> str | None:
    """``alias=192.0.2.1~5060~1`` of Kamailio: a flag, or the source of a request."""
    if value is None:
        return ""
    parts = value.split("~")
    address = values.names.address(parts[0])
    if address is None or not all(_NUMERIC.fullmatch(part) for part in parts[1:]):
        return None
    return "~".join([address, *parts[1:3]])


def _context(values: Values, value: str | None) -> str | None:
    if not value:
        return None
    return values.names.number(value) if value[0] == "+" else values.names.host(value)


def _telephone(values: Values, value: str | None) -> str | None:
    return None if value is None else values.names.number(value)


def _methods(_values: Values, value: str | None) -> str | None:
    kept = [word.strip() for word in (value or "").split(",") if word.strip() in words.METHODS]
    return f'"{",".join(kept)}"' if kept else None


def _flag(_values: Values, value: str | None) -> str | None:
    return "" if value is None or value.lower() in ("on", "true", "yes", "") else None


def _feature(_values: Values, value: str | None) -> str | None:
    if value is None:
        return ""
    return f'"{value}"' if value in _FEATURES or value in words.SERVICES else None


def _cid(values: Values, value: str | None) -> str | None:
    return f'"{values.names.call_id(value.strip("<>"))}"' if value else None


_FEATURES = words.Words(
    {"true", "false", "fixed", "mobile", "full", "half", "business", "personal", "principal"}
)

NUMBER = Kind("kept if a number", _number)
OPTIONAL_NUMBER = Kind("kept if a number or alone", _optional_number)
FLAG = Kind("kept without a value", _flag)
Q = matching(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?", "kept if from 0 to 1")
INDEX = matching(r"[0-9]{1,4}(?:\.[0-9]{1,4}){0,31}", "kept if numbers with dots")
TAG = pseudonym("identifier", "pseudonym of an identifier")
BRANCH = pseudonym("branch", "pseudonym of an identifier, `z9hG4bK` kept")
CALL_ID = pseudonym("call_id", "pseudonym of a Call-ID")
HOST = pseudonym("host", "pseudonym of a host")
ADDRESS = pseudonym("address", "pseudonym of an address")
SESSION = pseudonym("session", "pseudonym of 32 hexadecimal digits")
GRUU = Kind("pseudonym of an identifier or a UUID", _gruu)
INSTANCE = Kind("pseudonym of a UUID, or of the digits of an IMEI", _instance)
URI = Kind("as a URI", _uri)
RECEIVED = Kind("pseudonym of the address", _received)
ALIAS = Kind("pseudonym of the address; kept alone", _alias)
CONTEXT = Kind("pseudonym of a number or host", _context)
TELEPHONE = Kind("pseudonym of a number", _telephone)
METHODS = Kind("registered methods kept", _methods)
FEATURE = Kind("kept alone, or with a usual word", _feature)
CID = Kind("pseudonym of an identifier and host", _cid)
TRANSPORT = one_of(words.TRANSPORTS, "kept if registered")

URI_PARAMETERS: dict[str, Kind] = {
    "transport": TRANSPORT,
    "user": one_of(words.Words({"phone", "ip", "dialstring"}), "kept if registered"),
    "method": one_of(words.Words(map(str.lower, words.METHODS)), "kept if registered"),
    "ttl": NUMBER,
    "maddr": HOST,
    "lr": FLAG,
    "ob": FLAG,
    "comp": one_of(words.Words({"sigcomp"}), "kept if registered"),
    "gr": GRUU,
    "cause": NUMBER,
    "received": RECEIVED,
    "alias": ALIAS,
    **dict.fromkeys(("ftag", "line", "rinstance", "did", "sid", "opaque"), TAG),
}
"""Parameters of sip and sips URIs."""

TEL_PARAMETERS: dict[str, Kind] = {
    "phone-context": CONTEXT,
    **dict.fromkeys(("ext", "postd", "rn", "cic"), TELEPHONE),
    "npdi": FLAG,
    "verstat": one_of(
        words.Words({"tn-validation-passed", "tn-validation-failed", "no-tn-validation"}),
        "kept if registered",
    ),
}
"""Parameters of tel URIs, and of numbers in the user of SIP URIs."""

URI_HEADERS: dict[str, Callable[[Values, str, str], str | None]] = {}
"""What becomes of the header fields in a URI; the module of header fields has them."""
