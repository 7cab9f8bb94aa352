"""What is wrong in a message that could be taken apart.

Presence (`presence`) and grammar (`grammar`) of the header fields have their own modules; here is
what is wrong in the start line, and where parts of a message have to agree with each other.
"""

from __future__ import annotations

from typing import Any

from sipfast.errors import Defect, ParseError, defect
from sipfast.header_names import HEADER_IDS, HEADER_NAMES

from .grammar import read_fields_of, read_request_uri
from .presence import find_misplaced, find_missing
from .sequence import CSeq
from .splitters import read_field
from .tokenizer import NO_LENGTH, Table
from .tokens import Number
from .via import COOKIE

__all__ = ["find_defects"]

_REPEATS = (True, *(header.repeats for header in HEADER_NAMES))
_NAMES = ("", *(header.name for header in HEADER_NAMES))
_VIA = HEADER_IDS["via"]
_FROM = HEADER_IDS["from"]
_TO = HEADER_IDS["to"]
_CONTACT = HEADER_IDS["contact"]
_EXPIRES = HEADER_IDS["expires"]
_CSEQ = HEADER_IDS["cseq"]
_MAX_FORWARDS = HEADER_IDS["max-forwards"]
_CONTENT_TYPE = HEADER_IDS["content-type"]

_STREAMS = frozenset(("TCP", "TLS"))

Values = dict[int, list[Any]]
"""What stands in the header fields, by header id."""


def find_defects(table: Table) -> tuple[Defect, ...]:
    """All defects of a message, in the order of their bytes."""
    found: list[Defect] = []
    _start_line(table, found)
    _repetitions(table, found)
    values = read_fields_of(table, found)
    method = _cseq(table, found)
    is_old = _is_rfc2543(values)
    find_missing(table, values, method, is_old, found)
    find_misplaced(table, table._method(), found)
    _identity(table, values, is_old, found)
    _wildcard(table, values, found)
    _max_forwards(table, found)
    _body(table, values, found)
    found.sort(key=_offset)
    return tuple(found)


def _offset(item: Defect) -> int:
    return item.offset


def _start_line(table: Table, found: list[Defect]) -> None:
    version = table._text(table._version_at, table._version_length)
    target = table._text(table._target_at, table._target_length)
    code = table._status_code
    if version.upper() != "SIP/2.0":
        found.append(defect("version-unsupported", table._version_at))
    if table._method_length:
        line = f"{table._method()} {target} {version}"
        _request_uri(table, target, found)
    else:
        line = f"{version} {code:03} {target}"
        if not 100 <= code <= 699:
            found.append(defect("status-code-out-of-range", _code_at(table)))
    if line != table._text(table._start, table._line_end - table._start):
        found.append(defect("start-line-whitespace", table._start))


def _code_at(table: Table) -> int:
    """Where the status code stands: after the version and any whitespace."""
    at = table._version_at + table._version_length
    rest = table._text(at, table._line_end - at)
    return at + len(rest) - len(rest.lstrip(" \t"))


def _request_uri(table: Table, target: str, found: list[Defect]) -> None:
    at = table._target_at
    in_brackets, spaced = target.startswith("<"), " " in target or "\t" in target
    if in_brackets:
        found.append(defect("request-uri-in-brackets", at))
    if spaced:
        found.append(defect("request-uri-whitespace", at))
    if not in_brackets and not spaced:
        faults: list[tuple[str, int]] = []
        read_request_uri(target, faults)
        found += [defect(code, at + offset, "Request-URI") for code, offset in faults]


def _repetitions(table: Table, found: list[Defect]) -> None:
    seen: set[int] = set()
    for index in range(table._count):
        header_id = table._id(index)
        if header_id in seen and not _REPEATS[header_id]:
            found.append(defect("header-repeated", table._name_at(index), _NAMES[header_id]))
        seen.add(header_id)


def _cseq(table: Table, found: list[Defect]) -> str:
    """Check CSeq; the method of the request, or of the request that was answered."""
    index = table._first(_CSEQ)
    method = table._method()
    if index < 0:
        return method
    try:
        cseq: CSeq = read_field(table, index, CSeq)
    except ParseError as error:
        found.append(defect(error.code, error.offset, error.header))
        return method
    if method and cseq.method != method:
        found.append(defect("cseq-method-mismatch", table._value_at(index), "CSeq"))
    return method or cseq.method


def _is_rfc2543(values: Values) -> bool:
    """Whether the request, or what is answered, is from an element of RFC 2543.

    Such a one puts no tag in From and no branch in its Via, which is the last.
    """
    vias, froms = values.get(_VIA), values.get(_FROM)
    return bool(vias and froms and vias[len(vias) - 1].branch is None and froms[0].tag is None)


def _identity(table: Table, values: Values, is_old: bool, found: list[Defect]) -> None:
    """What names the transaction and the dialog."""
    if is_old:
        return
    vias = values.get(_VIA)
    if vias and vias[len(vias) - 1].branch is None:  # that of the sender; hops may be older
        found.append(defect("branch-missing", table._value_at(_last(table, _VIA)), "Via"))
    for via in vias or ():
        if (via.branch or "").lower() == COOKIE:
            found.append(defect("branch-malformed", table._value_at(table._first(_VIA)), "Via"))
            break
    tagged = [_FROM]
    if table._status_code > 100:
        tagged.append(_TO)
    for header_id in tagged:
        parties = values.get(header_id)
        if parties and not parties[0].tag:
            at = table._value_at(table._first(header_id))
            found.append(defect("tag-missing", at, _NAMES[header_id]))


def _last(table: Table, header_id: int) -> int:
    """The index of the last field of this name, of which there is one."""
    index = following = table._first(header_id)
    while following >= 0:
        index, following = following, table._next(following)
    return index


def _wildcard(table: Table, values: Values, found: list[Defect]) -> None:
    """RFC 3261 10.2.2: an asterisk stands alone, in a REGISTER, with an Expires of 0."""
    contacts = values.get(_CONTACT)
    if not contacts or not any(map(_is_wildcard, contacts)):
        return
    alone = len(contacts) == 1 and str(contacts[0]) == "*"
    if not (alone and table._method() == "REGISTER" and values.get(_EXPIRES) == [0]):
        at = table._value_at(table._first(_CONTACT))
        found.append(defect("contact-wildcard-misused", at, "Contact"))


def _is_wildcard(contact: Any) -> bool:
    return bool(contact.is_wildcard)


def _max_forwards(table: Table, found: list[Defect]) -> None:
    index = table._first(_MAX_FORWARDS)
    if index < 0:
        return
    try:
        number = read_field(table, index, Number)
    except ParseError as error:
        found.append(defect(error.code, error.offset, error.header))
        return
    if number > 255:
        found.append(defect("max-forwards-too-large", table._value_at(index), "Max-Forwards"))


def _body(table: Table, values: Values, found: list[Defect]) -> None:
    length, there = table._content_length, table._end - table._body
    if length == NO_LENGTH:
        vias = values.get(_VIA)
        if vias and vias[0].transport.upper() in _STREAMS:
            found.append(defect("content-length-missing", table._start, "Content-Length"))
    elif length > there:
        found.append(defect("body-too-short", table._body, "Content-Length"))
    # Without a Content-Length, line ends that a sender appends to a datagram pass for a body.
    if table._first(_CONTENT_TYPE) < 0 and there and table._bytes(table._body, there).strip():
        found.append(defect("content-type-missing", table._body, "Content-Type"))
