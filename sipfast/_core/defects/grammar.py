"""The grammar of the values in the header fields.

Each header field with a type is read once.  Then the properties of its values that are read on
access, such as numbers in parameters, are read, and the text is checked for errors that reading
tolerates.
"""

from __future__ import annotations

import re
import string
from inspect import isdatadescriptor
from typing import Any

from sipfast.errors import Defect, ParseError, defect
from sipfast.registry.header_names import HEADER_IDS, HEADER_NAMES

from ..folds import Folds
from ..message.fields import All, Field, One
from ..message.properties import Typed
from ..parameters import QUOTED
from ..value import Value
from ..values.address import Address, Contact
from ..values.identity import Identity, PASSporT
from ..values.tokens import CallID
from ..values.uri import URI, URN, SipURI, TelURI
from ..values.via import Via
from ..wire.table import Table
from .parameters import (
    Found,
    add_fault,
    bytes_in,
    check_first,
    check_forms,
    check_parameters,
    place_of,
)

__all__ = ["IN_BRACKETS", "check_odd_fields", "read_fields_of", "read_request_uri"]

MOST_FAULTS = 8
"""The maximum number of faults reported per list; locating each costs time."""

REMEMBERED = 256
LONGEST_REMEMBERED = 192
WELL_FORMED: set[tuple[int, str]] = set()
"""Recent well-formed values, by header id and text, such as a Date of the same second."""
# A Basic credential is a password, and no secret outlives its message.
_SECRET = frozenset(HEADER_IDS[name] for name in ("authorization", "proxy-authorization"))

# CSeq and Max-Forwards are checked in `defects`, with the parts that they must agree with.
_APART = frozenset(HEADER_IDS[name] for name in ("cseq", "max-forwards"))
_TYPES: dict[int, Any] = {
    field.header_id: field
    for field in vars(Typed).values()
    if isinstance(field, Field) and field.header_id not in _APART
}
_TYPES[HEADER_IDS["call-id"]] = One("Call-ID", CallID)  # a message's own property does not check it
_NEVER_EMPTY = dict.fromkeys(
    (HEADER_IDS[name] for name in ("from", "to", "call-id", "contact", "route", "record-route")),
    "header-empty",
) | {HEADER_IDS["via"]: "via-malformed"}

# The grammar of these requires <>: RFC 3261 25.1, 3327 4, 3608 5, 5806 4, 6442 4.1, 7044 5.1,
# 7315 5, draft-ietf-sip-privacy-04 5.
IN_BRACKETS = frozenset(
    HEADER_IDS[name]
    for name in (
        *("route", "record-route", "path", "service-route"),
        *("alert-info", "call-info", "error-info", "geolocation"),
        *("diversion", "history-info", "remote-party-id"),
        *("p-associated-uri", "p-called-party-id"),
    )
)

# The same by header id; 0 means unknown header fields.
_TYPE_OF = tuple(_TYPES.get(header_id) for header_id in range(len(HEADER_NAMES) + 1))
_IF_EMPTY = tuple(_NEVER_EMPTY.get(header_id) for header_id in range(len(HEADER_NAMES) + 1))

# The properties of the commonest classes that may raise; for other classes, all are read.
_RAISING: dict[type, tuple[str, ...]] = {
    Address: ("uri",),
    Contact: ("uri", "q", "expires", "reg_id"),
    Via: ("rport", "ttl"),
    Identity: ("passport",),
    PASSporT: ("header", "payload", "signature"),
    SipURI: ("ttl", "telephone"),
    TelURI: (),
    URN: (),
    URI: (),
}

_TOKENS = re.compile(r"[-A-Za-z0-9.!%*_+`'~ \t]*")
_PLAIN = b"-_.!~*'()&=+$,;?/:@[]" + string.ascii_letters.encode() + string.digits.encode()
_UNESCAPED = re.compile(r"[^-A-Za-z0-9_.!~*'()%&=+$,;?/:@\[\]]|%(?![0-9A-Fa-f]{2})")
_NAME_AND_ADDRESS = re.compile(rf'({QUOTED.pattern}[ \t]*|[^";<]*)<([^<>]*)>', re.DOTALL)
_CONTEXT = re.compile(
    r"\+[-.()]*[0-9][-.()0-9]*|(?:[-A-Za-z0-9]+\.)*[A-Za-z][-A-Za-z0-9]*\.?"
)  # RFC 3966 3: descriptor


def read_fields_of(table: Table, odd: set[int] | None, found: list[Defect]) -> dict[int, list[Any]]:
    """Read all header fields with a type, and report the faults of the odd ones.

    Returns the well-formed values by header id.
    """
    read: dict[int, list[Any]] = {}
    for index in range(table._parsed.count):
        header_id = table._id(index)
        if _TYPE_OF[header_id] is None:
            continue
        if odd is not None and index in odd:
            values = _check_text(table, index, table._value(index), found)
        else:
            values = _values(_TYPE_OF[header_id], table._value(index), [])
        read.setdefault(header_id, []).extend(values)
    return read


def check_odd_fields(table: Table, odd: set[int], found: list[Defect]) -> None:
    """Report the faults of these header fields, in a message that is usual otherwise."""
    for index in range(table._parsed.count):
        if index not in odd:
            continue
        header_id, text = table._id(index), table._value(index)
        if (header_id, text) in WELL_FORMED:
            continue
        before = len(found)
        _check_text(table, index, text, found)
        if len(found) > before or header_id in _SECRET:
            continue
        if len(text) <= LONGEST_REMEMBERED:
            if len(WELL_FORMED) >= REMEMBERED:
                WELL_FORMED.clear()
            WELL_FORMED.add((header_id, text))


def _check_text(table: Table, index: int, text: str, found: list[Defect]) -> tuple[Any, ...]:
    """Report the faults in the text of a header field; returns the well-formed values."""
    header_id = table._id(index)
    field, if_empty = _TYPE_OF[header_id], _IF_EMPTY[header_id]
    faults: Found = []
    values: tuple[Any, ...] = ()
    if if_empty is not None and not text.strip(" \t,"):
        faults.append((if_empty, 0))
    elif field is not None:
        values = _values(field, text, faults)
        for value in _values_before(field, text, faults) if faults else values:
            if len(faults) >= MOST_FAULTS:
                break
            if isinstance(value, Value):
                _check(value, header_id, faults)
            check_first(value, header_id, faults)
    if faults:
        _report(table, index, faults, found)
    return values


def read_request_uri(text: str, faults: Found) -> None:
    """Report the faults in a Request-URI."""
    try:
        uri = URI.parse(text)
    except ParseError as error:
        faults.append((error.code, error.offset))
        return
    _check_uri(uri, faults)
    if isinstance(uri, SipURI):
        mark = text.find("?", text.find("@") + 1)
        if mark >= 0:
            faults.append(("request-uri-headers", bytes_in(text[:mark])))


def _report(table: Table, index: int, faults: Found, found: list[Defect]) -> None:
    """Report the faults in the text of a header field."""
    name = HEADER_NAMES[table._id(index) - 1].name
    at, raw = table._value_at(index), table._raw_value(index)
    folds = Folds(raw)
    found += [defect(code, at + folds.offset(offset), name) for code, offset in faults]


def _values(field: Any, text: str | bytes, faults: Found) -> tuple[Any, ...]:
    try:
        value = field.read(text)
    except ParseError as error:
        faults.append((error.code, error.offset))
        return ()
    return value if type(value) is tuple else (value,)


def _values_before(field: Any, text: str, faults: Found) -> tuple[Any, ...]:
    """The values of a list before the malformed one."""
    if not isinstance(field, All):
        return ()
    octets = text.encode("utf-8", "surrogateescape")
    return _values(field, octets[: max(octets.rfind(b",", 0, faults[0][1]), 0)], [])


def _check(value: Value, header_id: int, faults: Found) -> None:
    """Check all parts of a value of this header field."""
    uri = _ask(value, faults)
    if isinstance(value, Address) or hasattr(value, "parameters"):
        text = str(value)
        if check_parameters(value, text, 0, faults):
            check_forms(value, text, header_id, faults)
        if isinstance(value, Address):
            _check_address(value, text, uri, header_id in IN_BRACKETS, faults)
    if uri is not None:
        _check_uri(uri, faults)


def _ask(value: Value, faults: Found) -> Any:
    """Read the properties of a value, and of the values in it, that may raise; returns its URI."""
    uri = None
    for name in _raising(type(value)):
        try:
            part = getattr(value, name)
        except ParseError as error:
            add_fault(error.code, error.offset, faults)
        else:
            if isinstance(part, URI):
                uri = part
            elif isinstance(part, Value):
                _ask(part, faults)
            elif type(part) is tuple:
                _ask_each(part, faults)
    return uri


def _ask_each(parts: tuple[Any, ...], faults: Found) -> None:
    """Check the values in a tuple up to the first that raises: all have the same place."""
    before = len(faults)
    for part in parts:
        if isinstance(part, Value) and len(faults) == before:
            _ask(part, faults)


def _raising(cls: type) -> tuple[str, ...]:
    """The properties of a class that may raise."""
    names = _RAISING.get(cls)
    if names is None:
        public = [name for name in dir(cls) if not name.startswith("_")]
        names = tuple([name for name in public if isdatadescriptor(getattr(cls, name))])
        _RAISING[cls] = names
    return names


def _check_address(value: Value, text: str, uri: Any, in_brackets: bool, faults: Found) -> None:
    """Report errors in a name-addr or addr-spec that reading tolerates (RFC 3261 20.10, 25.1)."""
    match = _NAME_AND_ADDRESS.match(text)
    if match is None:
        if uri is not None and (in_brackets or "?" in str(uri) or "," in str(uri)):
            faults.append(("address-needs-brackets", place_of(value)))
        return
    name, address = match.groups()
    if not name.startswith('"') and not _TOKENS.fullmatch(name):
        faults.append(("display-name-unquoted", place_of(value)))
    if address != address.strip(" \t"):
        at = match.end(1) if address[0] in " \t" else match.end(2) - 1
        faults.append(("address-whitespace", place_of(value) + bytes_in(text[:at])))


def _check_uri(uri: URI, faults: Found) -> None:
    """Report the faults within a URI."""
    if isinstance(uri, SipURI):
        _check_sip(uri, faults)
    elif isinstance(uri, TelURI):
        _check_tel(uri, faults)


def _check_sip(uri: SipURI, faults: Found) -> None:
    """RFC 3261 19.1.1, 25.1."""
    text = str(uri)
    if text.encode("utf-8", "surrogateescape").translate(None, _PLAIN):
        unescaped = _UNESCAPED.search(text)
        if unescaped:
            at = place_of(uri) + bytes_in(text[: unescaped.start()])
            faults.append(("uri-character-unescaped", at))
    host = text.find("@") + 1
    if text.find(";", host) >= 0:
        _ask(uri, faults)
        check_parameters(uri, text, host, faults)


def _check_tel(uri: TelURI, faults: Found) -> None:
    """RFC 3966 3, 5.1.5."""
    if not uri.is_global:
        context = uri.context
        if not context:
            faults.append(("tel-context-missing", place_of(uri)))
        elif not _CONTEXT.fullmatch(context):
            faults.append(("tel-context-malformed", place_of(uri)))
    check_parameters(uri, str(uri), 0, faults)
