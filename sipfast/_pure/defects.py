"""What is wrong in a message that could be taken apart."""

from __future__ import annotations

import re

from sipfast.errors import Defect, ParseError, defect
from sipfast.header_names import HEADER_IDS, HEADER_NAMES

from .splitters import read_field
from .tokenizer import Table
from .tokens import Number

__all__ = ["find_defects"]

_REPEATS = (True, *(header.repeats for header in HEADER_NAMES))
_NAMES = ("", *(header.name for header in HEADER_NAMES))
_MANDATORY = tuple(HEADER_IDS[name] for name in ("via", "from", "to", "call-id", "cseq"))
_NEVER_EMPTY = tuple(HEADER_IDS[name] for name in ("from", "to", "call-id"))
_QUOTING = frozenset(
    HEADER_IDS[name] for name in ("from", "to", "contact", "route", "record-route", "reply-to")
)
_VIA = HEADER_IDS["via"]
_CSEQ = HEADER_IDS["cseq"]
_MAX_FORWARDS = HEADER_IDS["max-forwards"]

_TOKEN = r"[-.!%*_+`'~0-9A-Za-z]+"
_VIA_START = re.compile(rf"{_TOKEN}[ \t]*/[ \t]*{_TOKEN}[ \t]*/[ \t]*{_TOKEN}[ \t]+[^ \t;,]")
_EMPTY_PARAMETER = re.compile(r";[ \t]*(?:[;,]|\Z)")
_CSEQ_VALUE = re.compile(rf"([0-9]+)[ \t]+({_TOKEN})")
_QUOTE_OR_ESCAPE = re.compile(r'\\.|"', re.DOTALL)


def find_defects(table: Table) -> tuple[Defect, ...]:
    """All defects of a message, in the order of their bytes."""
    found: list[Defect] = []
    for look in (_start_line, _header_fields, _cseq, _max_forwards, _body):
        look(table, found)
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
        if target.startswith("<"):
            found.append(defect("request-uri-in-brackets", table._target_at))
        if " " in target or "\t" in target:
            found.append(defect("request-uri-whitespace", table._target_at))
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


def _header_fields(table: Table, found: list[Defect]) -> None:
    missing = [header_id for header_id in _MANDATORY if table._first(header_id) < 0]
    found += [defect("header-missing", table._start, _NAMES[header_id]) for header_id in missing]
    for header_id in _NEVER_EMPTY:
        index = table._first(header_id)
        if index >= 0 and not table._value(index):
            found.append(defect("header-empty", table._value_at(index), _NAMES[header_id]))
    seen: set[int] = set()
    for index in range(table._count):
        header_id = table._id(index)
        if header_id in seen and not _REPEATS[header_id]:
            found.append(defect("header-repeated", table._name_at(index), _NAMES[header_id]))
        seen.add(header_id)
        if header_id == _VIA and not _is_via(table._value(index)):
            found.append(defect("via-malformed", table._value_at(index), "Via"))
        if header_id in _QUOTING and not _quotes_close(table._value(index)):
            found.append(defect("quote-unterminated", table._value_at(index), _NAMES[header_id]))


def _is_via(text: str) -> bool:
    """Whether the field begins like a Via, and no parameter in it is empty (RFC 3261 25.1)."""
    return bool(_VIA_START.match(text)) and ('"' in text or not _EMPTY_PARAMETER.search(text))


def _quotes_close(text: str) -> bool:
    """Whether each quoted string of `text` ends (RFC 3261 25.1)."""
    if '"' not in text:
        return True
    quoted = False
    for match in _QUOTE_OR_ESCAPE.finditer(text):
        if match[0] == '"':
            quoted = not quoted
        elif not quoted and match[0] == '\\"':
            quoted = True
    return not quoted


def _cseq(table: Table, found: list[Defect]) -> None:
    index = table._first(_CSEQ)
    if index < 0:
        return
    match = _CSEQ_VALUE.fullmatch(table._value(index))
    if match is None:
        found.append(defect("cseq-malformed", table._value_at(index), "CSeq"))
        return
    number = match[1].lstrip("0")
    if len(number) > 10 or int(number or "0") >= 2**31:
        found.append(defect("cseq-too-large", table._value_at(index), "CSeq"))
    if table._method_length and match[2] != table._method():
        found.append(defect("cseq-method-mismatch", table._value_at(index), "CSeq"))


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


def _body(table: Table, found: list[Defect]) -> None:
    length = table._content_length
    if length != 0xFFFFFFFF and length > table._end - table._body:
        found.append(defect("body-too-short", table._body, "Content-Length"))
