"""The grammar of the values in the header fields.

Each header field with a type is read once.  Then the properties of its values that are read on
access, such as numbers in parameters, are read, and the text is checked for errors that reading
tolerates.
"""

from __future__ import annotations

import re
from inspect import isdatadescriptor
from typing import Any

from sipfast._uris import host_fault, uri_faults
from sipfast.errors import ERROR, FAULTS, Defect, ParseError, defect
from sipfast.registry.header_names import HEADER_IDS, HEADER_NAMES
from sipfast.registry.parameters import FIELDS
from sipfast.registry.words import WORD_FAULTS

from ..folds import Folds
from ..lists import empty_item
from ..message.fields import All, Field, Joined, One
from ..message.properties import Typed
from ..parameters import QUOTED
from ..value import Value
from ..values.address import Address, Contact
from ..values.auth import AuthenticationInfo, Challenge, Credentials
from ..values.identity import Identity, PASSporT
from ..values.tokens import CallID
from ..values.uri import URI, URN, SipURI, TelURI
from ..values.via import Via
from ..wire.table import Table
from ..wire.text import HOST, PARAMETERS
from .parameters import (
    Found,
    add_fault,
    bytes_in,
    check_first,
    check_forms,
    check_parameters,
    place_of,
)

__all__ = ["IN_BRACKETS", "check_odd_fields", "errors_of", "read_fields_of", "read_request_uri"]

MOST_FAULTS = 8
"""The maximum number of faults reported per list; locating each costs time."""

REMEMBERED = 256
LONGEST_REMEMBERED = 192
WELL_FORMED: set[tuple[int, str]] = set()
"""Recent well-formed values, by header id and text, such as a Date of the same second."""
# A Basic credential is a password, and no secret outlives its message.
_SECRET = frozenset(HEADER_IDS[name] for name in ("authorization", "proxy-authorization"))

# CSeq and Max-Forwards are checked in `defects`, with the parts that they must agree with, and
# Content-Length is in `parse`.
_APART = frozenset(HEADER_IDS[name] for name in ("cseq", "max-forwards", "content-length"))
_TYPES: dict[int, Any] = {
    field.header_id: field
    for field in vars(Typed).values()
    if isinstance(field, Field) and field.header_id not in _APART
}
_TYPES[HEADER_IDS["call-id"]] = One("Call-ID", CallID)  # a message's own property does not check it
_VIA = HEADER_IDS["via"]

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
_FIRST_ID: dict[type, int] = {}
"""By class: the header field, the first of several, whose grammar constructors follow."""
for _field in vars(Typed).values():
    if isinstance(_field, Field):
        _FIRST_ID.setdefault(_field.value_class, _field.header_id)
for _cls in (Challenge, Credentials, AuthenticationInfo):
    del _FIRST_ID[_cls]  # wrong ones are built to be refused; schemes other than Digest are free
_FOR_THE_MESSAGE = frozenset(
    (
        "parameter-repeated",  # the parameters are those given
        "tel-context-missing",  # a local number where the context is known
        *[row.missing for field in FIELDS.values() for row in field.parameters if row.missing],
    )
) - {"dialog-tag-missing"}
"""Errors that a value alone may have: it may be completed, or not be meant for a message."""
_WORD_FAULTS = {HEADER_IDS[name]: rows for name, rows in WORD_FAULTS.items()}
_MAY_BE_EMPTY = bytes([True, *(header.may_be_empty for header in HEADER_NAMES)])

# The properties of the commonest classes that may raise; for other classes, all are read.
_RAISING: dict[type, tuple[str, ...]] = {
    Address: ("uri",),
    Contact: ("uri", "q", "expires", "reg_id"),
    Via: ("rport", "ttl"),
    Identity: ("passport",),
    PASSporT: ("header", "payload", "signature"),
    SipURI: (),  # `_uris` checks what may raise
    TelURI: (),
    URN: (),
    URI: (),
}

_EMPTY_ITEM = re.compile(r"(?:\A|,)[ \t]*(?=,|\Z)")  # or text in quotes that looks like one
_TOKENS = re.compile(r"[-A-Za-z0-9.!%*_+`'~ \t]*")
_NAME_AND_ADDRESS = re.compile(rf'({QUOTED.pattern}[ \t]*|[^";<]*)<([^<>]*)>', re.DOTALL)


def read_fields_of(table: Table, odd: set[int] | None, found: list[Defect]) -> dict[int, list[Any]]:
    """Read all header fields with a type, and report the faults of the odd ones.

    Returns the well-formed values by header id.
    """
    read: dict[int, list[Any]] = {}
    for index in range(table._parsed.count):
        header_id = table._id(index)
        is_odd = odd is not None and index in odd
        if _TYPE_OF[header_id] is None:
            if is_odd and header_id not in _APART:
                _check_text(table, index, table._value(index), found)
            continue
        if is_odd:
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
    field = _TYPE_OF[header_id]
    faults: Found = []
    values: tuple[Any, ...] = ()
    if _is_empty(field, header_id, text):
        faults.append(("header-empty", 0))
    elif field is not None:
        values = _values(field, text, faults)
        for value in _values_before(field, text, faults) if faults else values:
            if len(faults) >= MOST_FAULTS:
                break
            if isinstance(value, Value):
                _check(value, header_id, faults)
            check_first(value, header_id, faults)
        if values and header_id in _WORD_FAULTS and not _has_word_fault(faults):
            _check_words(header_id, text, faults)
        if "," in text and _has_items(field) and _EMPTY_ITEM.search(text):
            at = empty_item(field.value_class, text)
            if at >= 0:
                faults.append(("via-item-empty" if header_id == _VIA else "list-item-empty", at))
    if faults:
        _report(table, index, faults, found)
    return values


def errors_of(value: Value) -> Found:
    """The errors of a value by itself, in the order of their bytes; none of a value within another.

    A class for several header fields follows the grammar of the first.
    """
    faults: Found = []
    header_id = _FIRST_ID.get(type(value), 0)
    if header_id:
        if not value._length and not _MAY_BE_EMPTY[header_id]:
            return [("header-empty", 0)]
        _check(value, header_id, faults)
        check_first(value, header_id, faults)
        if header_id in _WORD_FAULTS and not _has_word_fault(faults):
            _check_words(header_id, str(value), faults)
    elif isinstance(value, URI):
        _ask(value, faults)
        _check_uri(value, faults)
    if not faults:
        return faults
    errors = [
        (code, at)
        for code, at in faults
        if FAULTS[code].severity == ERROR and code not in _FOR_THE_MESSAGE
    ]
    return sorted(errors, key=_place)


def _place(fault: tuple[str, int]) -> int:
    return fault[1]


def _has_word_fault(faults: Found) -> bool:
    return any(code == "token-malformed" for code, _ in faults)


def _check_words(header_id: int, text: str, faults: Found) -> None:
    """Report a malformed word of a header field whose values can be read."""
    for pattern, code in _WORD_FAULTS[header_id]:
        fit = pattern.search(text)
        if fit is None:
            continue
        # A property may have raised the same fault at another byte of the word.
        if code not in [found for found, _ in faults]:
            faults.append((code, bytes_in(text[: fit.start(fit.lastindex or 0)])))
        return


def _has_items(field: Any) -> bool:
    """Whether the class of a field reads the items of a comma list."""
    return isinstance(field, All) or (isinstance(field, Joined) and field.is_listed)


def _is_empty(field: Any, header_id: int, text: str) -> bool:
    """Whether a header field has no value although it needs one, or only commas."""
    if isinstance(field, (All, Joined)):
        text, commas = text.replace(",", ""), "," in text
    else:
        commas = False
    return not text.strip(" \t") and (commas or not _MAY_BE_EMPTY[header_id])


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
    if b"\n" in raw:
        folds = Folds(raw)
        faults = [(code, folds.offset(offset)) for code, offset in faults]
    found += [defect(code, at + offset, name) for code, offset in faults]


def _values(field: Any, text: str | bytes, faults: Found) -> tuple[Any, ...]:
    try:
        value = field.read(text)
    except ParseError as error:
        faults.append((error.code, error.offset))
        return ()
    if isinstance(field, Joined):
        joined: Value = value
        return joined._kept() or (value,)
    return value if type(value) is tuple else (value,)


def _values_before(field: Any, text: str, faults: Found) -> tuple[Any, ...]:
    """The values of a list before the malformed one."""
    if not _has_items(field):
        return ()
    octets = text.encode("utf-8", "surrogateescape")
    return _values(field, octets[: max(octets.rfind(b",", 0, faults[0][1]), 0)], [])


def _check(value: Value, header_id: int, faults: Found) -> None:
    """Check all parts of a value of this header field."""
    uri = _ask(value, faults)
    if isinstance(value, Address) or hasattr(type(value), "parameters"):
        text = str(value)
        # Whatever is before the parameters, such as a comment, may have semicolons of its own.
        begin = len(text) - len(value._part(PARAMETERS) or "")
        is_read = check_parameters(value, text, max(begin - 1, 0), faults)
        if is_read and not _has_lost_its_end(value, text, uri):
            check_forms(value, text, header_id, faults)
        if isinstance(value, Address):
            _check_address(value, text, uri, header_id in IN_BRACKETS, faults)
        elif isinstance(value, Via):
            _check_host(value, faults)
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


def _has_lost_its_end(value: Value, text: str, uri: Any) -> bool:
    """Whether the parameters of an address without angle brackets contain the rest of its URI.

    A ? is the beginning of header fields, and an @ the end of a user.
    """
    if not isinstance(value, Address) or uri is None:
        return False
    written = str(uri)
    if not text.startswith(written):
        return False
    rest = QUOTED.sub("", text[len(written) :])
    return "?" in rest or ("@" in rest and isinstance(uri, SipURI) and "@" not in written)


def _check_address(value: Value, text: str, uri: Any, in_brackets: bool, faults: Found) -> None:
    """Report errors in a name-addr or addr-spec that reading tolerates (RFC 3261 20.10, 25.1)."""
    match = _NAME_AND_ADDRESS.match(text)
    if match is None:
        if uri is None:
            return
        written = str(uri)
        if in_brackets or "?" in written or "," in written or _has_lost_its_end(value, text, uri):
            faults.append(("address-needs-brackets", place_of(value)))
        return
    name, address = match.groups()
    if not name.startswith('"') and not _TOKENS.fullmatch(name):
        faults.append(("display-name-unquoted", place_of(value)))
    if address != address.strip(" \t"):
        at = match.end(1) if address[0] in " \t" else match.end(2) - 1
        faults.append(("address-whitespace", place_of(value) + bytes_in(text[:at])))


def _check_uri(uri: URI, faults: Found) -> None:
    """Report the faults within a URI that was read."""
    found = uri_faults(str(uri))
    if found:
        start = place_of(uri)
        for code, at in found:
            faults.append((code, start + at))


def _check_host(via: Via, faults: Found) -> None:
    """Report the fault of the host of a Via."""
    fault = host_fault(via.host)
    if fault:
        try:
            via._fail(fault[0], HOST)
        except ParseError as error:
            faults.append((error.code, error.offset + fault[1]))
