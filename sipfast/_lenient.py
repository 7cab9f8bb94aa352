"""Lenient parsing: a message of all that can be read in bytes that `parse` refuses.

The rules are those of the tokenizer (docs/tokenizer.md), but reading goes on after a fault, which
becomes a defect of the message. Limits still hold, and bytes without a start line are refused. Both
engines fill their tables with what is found here.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from .errors import Defect, ParseError, defect, parse_error, unanswered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._core.limits import Limits

__all__ = ["Found", "read"]

_TOKEN = rb"[-A-Za-z0-9.!%*_+`'~]+"
_WHITESPACE = b" \t\r\n"
_LARGEST_LENGTH = 2**31 - 1

_CR_OR_LF = re.compile(rb"[\r\n]*")
_WORD = re.compile(rb"[^ \t\r]*")
_BARE_CR = re.compile(rb"\r(?!\n)")
# After the method one byte of whitespace, and then either way on: each run is read once.
_START = re.compile(
    rb"sip/|" + _TOKEN + rb"[ \t](?:[ \t]*<?(?:sips?|tel|urn):|(?:[^\r\n]*[ \t])?sip/[0-9])",
    re.IGNORECASE,
)
_SIP = re.compile(rb"sip/", re.IGNORECASE)
_VERSION = re.compile(rb"sip/[0-9]+\.[0-9]+", re.IGNORECASE)
_NAME = re.compile(_TOKEN)
_PRINTABLE_NAME = re.compile(rb"[!-9;-~]+(?:[ \t]+[!-9;-~]+)*")
"""A malformed name that is kept all the same: `headers` can look it up."""
_CONTENT_LENGTH = frozenset((b"content-length", b"l"))
_ELEMENT_END = re.compile(rb"\n(?![ \t])")
_LINE_END = re.compile(rb"\r?\n")
NO_LENGTH = 0xFFFFFFFF


class Found(NamedTuple):
    """All that can be read."""

    line: tuple[int, ...]
    """The numbers of a table, in the order of its `_dump`."""
    spans: list[int]
    """For each header field where its name and its value begin, each with its length."""
    faults: tuple[Defect, ...]


def read(text: bytes, limits: Limits, error: ParseError) -> Found:
    """Read all that can be read in `text`, which `parse` refused with `error`.

    Raises `error` if the text has no start line, and `LimitExceeded` if it exceeds a limit.
    """
    faults: list[Defect] = []
    size = len(text)
    start = len(_CR_OR_LF.match(text).group())  # type: ignore[union-attr]
    if not _START.match(text, start):
        raise error
    cr = _BARE_CR.search(text, 0, start)
    if cr:
        faults.append(defect("bare-cr", cr.start()))
    elements = _elements(text, start)
    _, end = next(elements)
    _check_length(text, start, end, limits, error)
    lf = text.find(b"\n", start, end)
    line_end = _without_line_end(text, start, size if lf < 0 else lf + 1)
    line = _start_line(text, start, line_end, [] if lf < 0 else faults)
    if 0 <= lf < end - 1:
        faults.append(defect("start-line-folded", lf + 1))
        elements = chain([(_after_space(text, lf + 1, end), end)], elements)

    spans: list[int] = []
    lengths: list[tuple[int, bytes]] = []
    ends_in_line = text[size - 1 :] == b"\n"
    for number, (at, end) in enumerate(elements):
        stop = _check_length(text, at, end, limits, error)
        if at < stop:
            _check_number(number, at, limits, end == size, error)
            _field(text, at, stop, end == size and not ends_in_line, spans, lengths, faults)

    blank = _LINE_END.match(text, end)
    body = blank.end() if blank else size
    if not blank:
        faults.append(defect("header-block-unfinished", size))
    length = _content_length(lengths, faults)
    end = size if length == NO_LENGTH else min(body + length, size)
    faults.sort(key=_offset)
    return Found((start, line_end, body, end, *line, length), spans, tuple(faults))


def _elements(text: bytes, at: int) -> Iterator[tuple[int, int]]:
    """The start line and the header fields, each with its folds and line ends."""
    while at < len(text) and not _LINE_END.match(text, at):
        found = _ELEMENT_END.search(text, at)
        end = found.end() if found else len(text)
        yield at, end
        at = end


def _offset(item: Defect) -> int:
    return item.offset


def _without_line_end(text: bytes, at: int, end: int) -> int:
    """The end of text[at:end] without the line end there, be it LF, CR LF or a CR that is cut."""
    if end > at and text[end - 1 : end] == b"\n":
        end -= 1
    elif end < len(text):
        return end
    return end - 1 if end > at and text[end - 1 : end] == b"\r" else end


def _after_space(text: bytes, at: int, end: int) -> int:
    """The end of the whitespace at `at`."""
    return end - len(text[at:end].lstrip(_WHITESPACE))


# ---- limits --------------------------------------------------------------------------------------


def _check_length(text: bytes, at: int, end: int, limits: Limits, error: ParseError) -> int:
    """The end of an element without its line end, within the limit of a line."""
    stop = _without_line_end(text, at, end)
    if stop - at > limits.line:
        raise _exceeded("line-too-long", at + limits.line, error)
    return stop


def _check_number(number: int, at: int, limits: Limits, is_cut: bool, error: ParseError) -> None:
    """Refuse a header field after the last one of the limit; one that is cut is not counted."""
    if number > limits.headers or (number == limits.headers and not is_cut):
        raise _exceeded("too-many-header-fields", at, error)


def _exceeded(code: str, at: int, error: ParseError) -> ParseError:
    """The error for a limit, with a status if `error` has one."""
    exceeded = parse_error(code, at)
    return unanswered(exceeded) if error.status_hint is None else exceeded


# ---- the start line ------------------------------------------------------------------------------


def _start_line(text: bytes, at: int, end: int, faults: list[Defect]) -> tuple[int, ...]:
    """The lengths and places of the parts of the start line text[at:end], as far as they go."""
    cr = _BARE_CR.search(text, at, end)
    known: list[Defect] = []
    read = _status_line if _SIP.match(text, at) else _request_line
    line = read(text, at, end, known)
    if cr:
        known = [defect("bare-cr", cr.start())]
    faults.extend(known[:1])
    return line


def _status_line(text: bytes, at: int, end: int, faults: list[Defect]) -> tuple[int, ...]:
    length = len(_word(text, at, end))
    if not _VERSION.fullmatch(text, at, at + length):
        faults.append(defect("version-malformed", at))
    code_at = _after_space(text, at + length, end)
    word = _word(text, code_at, end)
    code = int(word) if len(word) <= 3 and word.isdigit() else 0
    if len(word) != 3 or not word.isdigit():
        faults.append(defect("status-code-malformed", code_at))
    reason_at = min(code_at + len(word) + 1, end)
    return 0, reason_at, end - reason_at, at, length, code


def _request_line(text: bytes, at: int, end: int, faults: list[Defect]) -> tuple[int, ...]:
    method = len(_NAME.match(text, at).group())  # type: ignore[union-attr]
    line = text[at:end].rstrip(_WHITESPACE)
    stop = at + len(line)
    version_at = at + max(line.rfind(b" "), line.rfind(b"\t")) + 1
    target_at = _after_space(text, at + method, stop)
    if not _VERSION.fullmatch(text, version_at, stop):
        faults.append(defect("version-malformed", version_at))
        if version_at == target_at and not _SIP.match(text, version_at):
            version_at = stop
    elif version_at == target_at:
        faults.append(defect("request-line-incomplete", version_at))
    target = text[target_at:version_at].rstrip(_WHITESPACE)
    return method, target_at, len(target), version_at, stop - version_at, 0


def _word(text: bytes, at: int, end: int) -> bytes:
    """The bytes at `at` up to whitespace."""
    return _WORD.match(text, at, end).group()  # type: ignore[union-attr]


# ---- the header fields ---------------------------------------------------------------------------


def _field(
    text: bytes,
    at: int,
    end: int,
    is_cut: bool,
    spans: list[int],
    lengths: list[tuple[int, bytes]],
    faults: list[Defect],
) -> None:
    """Take in the header field text[at:end], or skip it where it has no name that can be read."""
    before = len(faults)
    cr = _BARE_CR.search(text, at, end)
    if cr:
        faults.append(defect("bare-cr", cr.start()))
    colon = text.find(b":", at, end)
    name = text[at:colon].rstrip(b" \t") if colon >= 0 else b""
    well_formed = _NAME.match(name)
    stop = well_formed.end() if well_formed else 0
    code = ""
    if colon < 0:
        code = "" if is_cut else "header-without-colon"
    elif not name:
        code = "header-name-empty"
    elif stop < len(name):
        code = "header-name-malformed"
    if code and len(faults) == before:
        faults.append(defect(code, at + stop))
    if not _PRINTABLE_NAME.fullmatch(name):
        return
    value = text[colon + 1 : end].lstrip(_WHITESPACE)
    value_at = end - len(value)
    value = value.rstrip(_WHITESPACE)
    spans += (at, len(name), value_at, len(value))
    if not is_cut and name.lower() in _CONTENT_LENGTH:
        lengths.append((value_at, value))


def _content_length(lengths: list[tuple[int, bytes]], faults: list[Defect]) -> int:
    """Content-Length, or NO_LENGTH without one that is well formed and not contradicted."""
    length = NO_LENGTH
    before = len(faults)
    for at, value in lengths:
        if not value.isdigit():
            code = "content-length-not-a-number"
        elif int(value.lstrip(b"0")[:11] or b"0") > _LARGEST_LENGTH:
            code = "content-length-too-large"
        elif int(value) != length != NO_LENGTH:
            code = "content-length-conflict"
        else:
            length = int(value)
            continue
        faults.append(defect(code, at, "Content-Length"))
    return length if len(faults) == before else NO_LENGTH
