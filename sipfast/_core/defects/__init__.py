"""The defects of a message: the rules that it breaks although it can be parsed.

This module checks the start line, the numbers and the body, where parts of a message must agree.
`required` checks the presence of header fields, `grammar` their grammar, `dialog` the identifiers
of dialogs, `dates` the time.  Nearly all messages are clean; for these, `survey` shows in one pass
that no check is needed.
"""

from __future__ import annotations

from typing import Any

from sipfast import _late
from sipfast.errors import ERROR, Defect, ParseError, defect
from sipfast.registry.header_names import HEADER_IDS, HEADER_NAMES

from ..lists import read_field
from ..message.fields import FAULTS, Field
from ..message.properties import Typed
from ..values.sequence import CSeq
from ..values.tokens import Number, Text
from ..wire.table import NO_LENGTH, Table
from .dates import check_dates, find_stale
from .dialog import check_contacts, check_identifiers, is_rfc2543
from .grammar import check_odd_fields, errors_of, read_fields_of, read_request_uri
from .required import find_misplaced, find_missing
from .survey import survey_of

__all__ = [
    "check_all",
    "check_text",
    "errors_of",
    "find_defects",
    "find_defects_at",
    "find_defects_in_fragment",
    "finished",
    "merged",
]

_REPEATS = (True, *(header.repeats for header in HEADER_NAMES))
_VIA = HEADER_IDS["via"]
_CSEQ = HEADER_IDS["cseq"]
_MAX_FORWARDS = HEADER_IDS["max-forwards"]
_CONTENT_TYPE = HEADER_IDS["content-type"]
_INTERVALS = (HEADER_IDS["session-expires"], HEADER_IDS["min-se"])

_OF_START_LINE = frozenset(
    ("start-line-folded", "request-line-incomplete", "version-malformed", "status-code-malformed")
)
_OF_LENGTH = frozenset(
    f"content-length-{fault}" for fault in ("not-a-number", "too-large", "conflict")
)
_IN_START_LINE = frozenset(
    ("start-line-whitespace", "version-unsupported", "status-code-out-of-range")
)

_WITH_PAIRS = frozenset(
    field.header_id
    for field in vars(Typed).values()
    if isinstance(field, Field) and field.value_class is not Text
)
_HAS_PAIRS = tuple([header_id in _WITH_PAIRS for header_id in range(len(HEADER_NAMES) + 1)])
"""By header id: whether values have quoted strings or comments; 0 means unknown header fields."""

_CALL_ID_FIRST = frozenset(HEADER_IDS[name] for name in ("join", "replaces", "target-dialog"))
"""Header fields that begin with a Call-ID, in which a quotation mark is a character of a word."""

_STREAMS = frozenset(("TCP", "TLS"))
_LEAST_INTERVAL = 90
"""The minimum session interval in seconds (RFC 4028 4)."""

Values = dict[int, list[Any]]
"""The values of the header fields by header id."""


def find_defects(table: Table) -> tuple[Defect, ...]:
    """All defects of a message, in the order of their bytes."""
    survey = survey_of(table)
    known: tuple[Defect, ...] | None = table._recalled(table._parsed.count + FAULTS)
    found: list[Defect] = []
    if not survey.is_usual:
        check_all(table, survey.odd, found)
    elif survey.odd is not None:
        check_odd_fields(table, survey.odd, found)
    elif survey.is_plain_text and known is None:
        return ()
    if not survey.is_plain_text:
        check_text(table, found)
    return finished(table, found if known is None else merged(table, found, known))


def check_all(table: Table, odd: set[int] | None, found: list[Defect]) -> None:
    """Report all defects but those of `check_text`.

    `odd` has the indices of the header fields that are not plain.
    """
    _start_line(table, found)
    _repetitions(table, found)
    values = read_fields_of(table, odd, found)
    method = _cseq(table, table._method(), found)
    is_old = is_rfc2543(values)
    find_missing(table, values, method, is_old, found)
    find_misplaced(table, values, found)
    if not is_old:
        check_identifiers(table, values, found)
    check_contacts(table, values, is_old, found)
    check_dates(table, found)
    _max_forwards(table, found)
    _session_intervals(table, values, found)
    _body(table, values, found)


def find_defects_in_fragment(table: Table, is_bare: bool) -> list[Defect]:
    """The defects of the parts of a message that are there, of which none is required.

    A bare fragment has no start line of its own.
    """
    found: list[Defect] = []
    if not is_bare:
        _start_line(table, found)
    _repetitions(table, found)
    values = read_fields_of(table, survey_of(table).odd, found)
    _cseq(table, "" if is_bare else table._method(), found)
    _max_forwards(table, found)
    _session_intervals(table, values, found)
    return found


def check_text(table: Table, found: list[Defect]) -> None:
    """Report faulty line ends, control characters, and text other than UTF-8."""
    start, body = table._parsed.start, table._parsed.body
    head = table._unchanging()[start:body]
    errors = sorted([item.offset for item in found if item.severity == ERROR])
    found += _late._characters.line_ends(head, start)
    if _late._characters.is_plain(head):
        return
    at = table._parsed.target_at
    name = "Request-URI" if table._parsed.method_length else "Reason-Phrase"
    parts = [_late._characters.Part(name, at, table._bytes(at, table._parsed.target_length), -1)]
    for index in range(table._parsed.count):
        header_id = table._id(index)
        name = HEADER_NAMES[header_id - 1].name if header_id else table._name(index)
        at, raw = table._value_at(index), table._raw_value(index)
        pairs_at = 0 if _HAS_PAIRS[header_id] else -1
        if header_id in _CALL_ID_FIRST:
            pairs_at = raw.find(b";")
        parts.append(_late._characters.Part(name, at, raw, pairs_at))
    found += _late._characters.faults_in(parts, errors)


def merged(table: Table, found: list[Defect], known: tuple[Defect, ...]) -> list[Defect]:
    """The faults that `parse` kept, and the defects that are not consequences of them."""
    places = {item.offset for item in known}
    codes = {item.code for item in known}
    start, stop = table._parsed.start, table._parsed.end + 1
    is_cut = "header-block-unfinished" in codes
    dropped: set[str] = set()
    if not codes.isdisjoint(_OF_START_LINE):
        dropped |= _IN_START_LINE
    if not codes.isdisjoint(_OF_LENGTH):
        dropped.add("content-length-missing")
    if is_cut:
        dropped.add("body-too-short")
        stop = _cut_at(table)
    kept = [*known]
    for item in found:
        is_missing = item.offset == start and item.code.endswith("-missing")
        if not (
            item.code in dropped
            or item.offset in places
            or item.offset >= stop
            or (is_missing and is_cut)
            or (item.header == "Request-URI" and not table._parsed.target_length)
        ):
            kept.append(item)
    return kept


def _cut_at(table: Table) -> int:
    """Where the element begins that the end of the bytes cuts; the end after a whole line."""
    start, end = table._parsed.start, table._parsed.end
    line = start + table._bytes(start, end - start).rfind(b"\n") + 1
    if table._parsed.count:
        last = table._parsed.count - 1
        if table._value_at(last) + table._value_length(last) > line:
            return table._name_at(last)
    return line


def find_defects_at(table: Table, known: tuple[Defect, ...], now: float) -> tuple[Defect, ...]:
    """The `known` defects and those that depend on the time `now`."""
    if not isinstance(now, (int, float)):
        raise TypeError(f"now must be int or float, not {type(now).__name__}")
    try:
        seconds = float(now)
    except OverflowError:
        seconds = float("inf") if now > 0 else float("-inf")
    return finished(table, [*known, *find_stale(table, seconds)])


def finished(table: Table, found: list[Defect]) -> tuple[Defect, ...]:
    """The defects in the order of their bytes; those of what is never answered have no status."""
    found.sort(key=_offset)
    if table._parsed.method_length and table._method() != "ACK":
        return tuple(found)
    return tuple([item._replace(status_hint=None) for item in found])


def _offset(item: Defect) -> int:
    return item.offset


def _start_line(table: Table, found: list[Defect]) -> None:
    version = table._text(table._parsed.version_at, table._parsed.version_length)
    target = table._text(table._parsed.target_at, table._parsed.target_length)
    code = table._parsed.status_code
    if version.upper() != "SIP/2.0":
        found.append(defect("version-unsupported", table._parsed.version_at))
    if table._parsed.method_length:
        line = f"{table._method()} {target} {version}"
        _request_uri(table, target, found)
    else:
        line = f"{version} {code:03} {target}"
        if not 100 <= code <= 699:
            found.append(defect("status-code-out-of-range", _code_at(table)))
    if line != table._text(table._parsed.start, table._parsed.line_end - table._parsed.start):
        found.append(defect("start-line-whitespace", table._parsed.start))


def _code_at(table: Table) -> int:
    """The offset of the status code: after the version and any whitespace."""
    at = table._parsed.version_at + table._parsed.version_length
    rest = table._text(at, table._parsed.line_end - at)
    return at + len(rest) - len(rest.lstrip(" \t"))


def _request_uri(table: Table, target: str, found: list[Defect]) -> None:
    at = table._parsed.target_at
    in_brackets, spaced = target.startswith("<"), " " in target or "\t" in target
    if in_brackets:
        found.append(defect("request-uri-in-brackets", at))
    if spaced:
        found.append(defect("request-uri-whitespace", at))
    if not in_brackets and not spaced:
        faults: list[tuple[str, int]] = []
        read_request_uri(target, faults)
        found += [defect(code, at + offset, "Request-URI") for code, offset in faults]
        if table._method() == "REGISTER" and "@" in target and target[:3].lower() == "sip":
            found.append(defect("register-uri-user", at, "Request-URI"))


def _repetitions(table: Table, found: list[Defect]) -> None:
    seen: set[int] = set()
    for index in range(table._parsed.count):
        header_id = table._id(index)
        if header_id in seen and not _REPEATS[header_id]:
            name = HEADER_NAMES[header_id - 1].name
            found.append(defect("header-repeated", table._name_at(index), name))
        seen.add(header_id)


def _cseq(table: Table, method: str, found: list[Defect]) -> str:
    """Check CSeq; returns the method of the request, for a response the one in CSeq."""
    index = table._first(_CSEQ)
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


def _session_intervals(table: Table, values: Values, found: list[Defect]) -> None:
    for header_id in _INTERVALS:
        intervals = values.get(header_id)
        if intervals and intervals[0].interval < _LEAST_INTERVAL:
            at = table._value_at(table._first(header_id))
            found.append(defect("session-interval-too-small", at, HEADER_NAMES[header_id - 1].name))


def _body(table: Table, values: Values, found: list[Defect]) -> None:
    length, there = table._parsed.content_length, table._parsed.end - table._parsed.body
    if length == NO_LENGTH:
        vias = values.get(_VIA)
        if vias and vias[0].transport.upper() in _STREAMS:
            found.append(defect("content-length-missing", table._parsed.start, "Content-Length"))
    elif length > there:
        found.append(defect("body-too-short", table._parsed.body, "Content-Length"))
    # Without a Content-Length, line ends after the header would count as a body.
    if (
        table._first(_CONTENT_TYPE) < 0
        and there
        and table._bytes(table._parsed.body, there).strip()
    ):
        found.append(defect("content-type-missing", table._parsed.body, "Content-Type"))
