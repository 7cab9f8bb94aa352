"""Whether the values in the header fields are well formed: what they are, and what is in them.

Each header field that has a type is read once.  A value is asked for what is read from it only
when somebody asks, such as a number in a parameter; then its text is looked at for what reading
tolerates.
"""

from __future__ import annotations

import re
import string
from inspect import isdatadescriptor
from typing import Any

from sipfast._pure.folds import folded_offset
from sipfast.errors import Defect, ParseError, defect
from sipfast.header_names import HEADER_IDS, HEADER_NAMES

from .address import Address, Contact
from .fields import Field
from .parties import Diversion, HistoryInfo
from .splitters import Value
from .tokenizer import Table
from .typed import Typed
from .uri import URI, URN, SipURI, TelURI
from .via import Via

__all__ = ["Found", "read_fields_of", "read_request_uri"]

Found = list[tuple[str, int]]
"""Codes of faults, and where they are in a text, in bytes."""

MOST_FAULTS = 8
"""A list in which so many were found is not looked at further: finding where each is costs time."""

# CSeq and Max-Forwards are read with what they have to agree with, in `defects`.
_APART = frozenset(HEADER_IDS[name] for name in ("cseq", "max-forwards"))
_TYPES: dict[int, Any] = {
    field.header_id: field
    for field in vars(Typed).values()
    if isinstance(field, Field) and field.header_id not in _APART
}
_NEVER_EMPTY = dict.fromkeys(
    (HEADER_IDS[name] for name in ("from", "to", "call-id", "contact", "route", "record-route")),
    "header-empty",
) | {HEADER_IDS["via"]: "via-malformed"}

# The same by id; 0 is that of unknown header fields.
_TYPE_OF = tuple(_TYPES.get(header_id) for header_id in range(len(HEADER_NAMES) + 1))
_IF_EMPTY = tuple(_NEVER_EMPTY.get(header_id) for header_id in range(len(HEADER_NAMES) + 1))

# The properties of the commonest values that may raise; of other classes, all are read.
_RAISING: dict[type, tuple[str, ...]] = {
    Address: ("uri",),
    Contact: ("uri", "q", "expires", "reg_id"),
    Diversion: ("uri", "counter"),
    HistoryInfo: ("uri",),
    Via: ("rport", "ttl"),
    SipURI: ("ttl",),
    TelURI: (),
    URN: (),
    URI: (),
}

_TOKENS = re.compile(r"[-A-Za-z0-9.!%*_+`'~ \t]*")
_PLAIN = b"-_.!~*'()&=+$,;?/:@[]" + string.ascii_letters.encode() + string.digits.encode()
_UNESCAPED = re.compile(r"[^-A-Za-z0-9_.!~*'()%&=+$,;?/:@\[\]]|%(?![0-9A-Fa-f]{2})")
_SPACE_IN_BRACKETS = re.compile(r"<[ \t]|[ \t]>")
_QUOTED = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_QUOTED_OR_ADDRESS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|<[^<>]*>', re.DOTALL)
_EMPTY_PARAMETER = re.compile(r";[ \t]*(?=[;?]|\Z)")


def read_fields_of(table: Table, found: list[Defect]) -> dict[int, list[Any]]:
    """Read all header fields that have a type, and report what is malformed.

    Returns what could be read, by header id.
    """
    read: dict[int, list[Any]] = {}
    for index in range(table._count):
        header_id = table._id(index)
        field, if_empty = _TYPE_OF[header_id], _IF_EMPTY[header_id]
        if field is None and if_empty is None:
            continue
        text = table._value(index)
        faults: Found = []
        if if_empty is not None and not text.strip(" \t,"):
            faults.append((if_empty, 0))
        elif field is not None:
            values = _values(field, text, faults)
            read.setdefault(header_id, []).extend(values)
            for value in values:
                if len(faults) >= MOST_FAULTS:
                    break
                if isinstance(value, Value):
                    _check(value, faults)
        if faults:
            _report(table, index, faults, found)
    return read


def read_request_uri(text: str, faults: Found) -> None:
    """Report what is malformed in a Request-URI."""
    try:
        uri = URI.parse(text)
    except ParseError as error:
        faults.append((error.code, error.offset))
        return
    if isinstance(uri, SipURI):
        _check_uri(uri, faults)
        mark = text.find("?", text.find("@") + 1)
        if mark >= 0:
            faults.append(("request-uri-headers", _bytes_in(text[:mark])))


def _report(table: Table, index: int, faults: Found, found: list[Defect]) -> None:
    """Report the faults in the text of a header field."""
    name = HEADER_NAMES[table._id(index) - 1].name
    at, raw = table._value_at(index), table._raw_value(index)
    found += [defect(code, at + folded_offset(raw, offset), name) for code, offset in faults]


def _values(field: Any, text: str, faults: Found) -> tuple[Any, ...]:
    try:
        value = field.read(text)
    except ParseError as error:
        faults.append((error.code, error.offset))
        return ()
    return value if type(value) is tuple else (value,)


def _check(value: Value, faults: Found) -> None:
    """Ask a value for all that may be malformed in it."""
    uri = _ask(value, faults)
    if isinstance(value, Address):
        text = str(value)
        _check_parameters(value, text, 0, faults)
        _check_address(value, text, uri, faults)
    elif hasattr(value, "parameters"):
        _check_parameters(value, str(value), 0, faults)
    if isinstance(uri, SipURI):
        _check_uri(uri, faults)


def _ask(value: Value, faults: Found) -> Any:
    """Read what of a value may raise; the URI if there is one in it."""
    uri = None
    for name in _raising(type(value)):
        try:
            part = getattr(value, name)
        except ParseError as error:
            faults.append((error.code, error.offset))
        else:
            if isinstance(part, URI):
                uri = part
    return uri


def _raising(cls: type) -> tuple[str, ...]:
    """The properties of a class that may raise."""
    names = _RAISING.get(cls)
    if names is None:
        public = [name for name in dir(cls) if not name.startswith("_")]
        names = tuple([name for name in public if isdatadescriptor(getattr(cls, name))])
        _RAISING[cls] = names
    return names


def _check_address(value: Value, text: str, uri: Any, faults: Found) -> None:
    """What of a name-addr or addr-spec reading tolerates (RFC 3261 20.10, 25.1)."""
    bracket = text.find("<")
    if bracket < 0:
        if uri is not None and ("?" in str(uri) or "," in str(uri)):
            faults.append(("address-needs-brackets", _start_of(value)))
        return
    if bracket > 0 and not text.startswith('"') and not _TOKENS.fullmatch(text[:bracket]):
        faults.append(("display-name-unquoted", _start_of(value)))
    if "< " in text or " >" in text or "<\t" in text or "\t>" in text:
        space = _SPACE_IN_BRACKETS.search(_QUOTED.sub(_blotted, text))
        if space:
            faults.append(
                ("address-whitespace", _start_of(value) + _bytes_in(text[: space.start()]))
            )


def _check_uri(uri: SipURI, faults: Found) -> None:
    """What of a sip URI is malformed within (RFC 3261 19.1.1, 25.1)."""
    text = str(uri)
    if text.encode("utf-8", "surrogateescape").translate(None, _PLAIN):
        unescaped = _UNESCAPED.search(text)
        if unescaped:
            at = _start_of(uri) + _bytes_in(text[: unescaped.start()])
            faults.append(("uri-character-unescaped", at))
    host = text.find("@") + 1
    if text.find(";", host) >= 0:
        _ask(uri, faults)
        _check_parameters(uri, text, host, faults)


def _check_parameters(value: Value, text: str, begin: int, faults: Found) -> None:
    """What of parameters is malformed, or reading tolerates; they stand after `begin`."""
    try:
        pairs = value._parameters()
    except ParseError as error:
        faults.append((error.code, error.offset))
        return
    if len(pairs) > 1:
        names = [pair[0].lower() for pair in pairs]
        if len(set(names)) != len(names):
            faults.append(_repeated(value, names))
    if len(pairs) < text.count(";", begin) and _may_have_empty(text):
        empty = _EMPTY_PARAMETER.search(_QUOTED_OR_ADDRESS.sub(_blotted, text), begin)
        if empty:
            faults.append(("parameter-empty", _start_of(value) + _bytes_in(text[: empty.start()])))


def _may_have_empty(text: str) -> bool:
    """Whether nothing but whitespace stands between a semicolon and another, or the end."""
    text = text.replace(" ", "").replace("\t", "")
    return ";;" in text or text.endswith(";") or ";?" in text


def _blotted(match: re.Match[str]) -> str:
    return "x" * len(match[0])


def _repeated(value: Value, names: list[str]) -> tuple[str, int]:
    """The fault of a parameter that stands twice, at the first of the two."""
    seen: set[str] = set()
    name = ""
    for name in names:
        if name in seen:
            break
        seen.add(name)
    try:
        value._raise("parameter-repeated", value._parameter_at(name))
    except ParseError as error:
        return error.code, error.offset


def _start_of(value: Value) -> int:
    """Where a value begins in the text that it was read from, in bytes."""
    try:
        value._raise("parameter-malformed", 0)
    except ParseError as error:
        return error.offset


def _bytes_in(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))
