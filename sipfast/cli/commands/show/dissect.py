"""One message taken apart for showing: where each line and field lies, and what is wrong where.

This works on the bytes, not on a parsed message, so that a message that cannot be parsed is shown
in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from .... import Limits, ParseError, Request, Response, parse
from ....capture import Datagram
from ....registry.header_names import HeaderName, header_name
from ...screen.wire import Mark, Span

__all__ = ["Dissection", "Field", "dissect", "is_text"]

_LIMITS = Limits()
# One more than a message may have: the first that is too many is shown too.
_MOST_FIELDS = _LIMITS.headers + 1

_LEADING = re.compile(rb"(?:\r?\n)*")
_BLANK = re.compile(rb"\r?\n")
_ELEMENT = re.compile(rb"[^\n]*(?:\n[ \t][^\n]*)*\n?")  # with its folds, RFC 3261 7.3.1


class Field(NamedTuple):
    """A header field with its folds; `name` as written, "" where it has none."""

    span: Span
    name: str
    name_end: int
    header: HeaderName | None


@dataclass(frozen=True)
class Dissection:
    """One message: `outcome` is the message, or why it could not be parsed; `data` its bytes.

    Of a payload longer than a message may be, `data` is the beginning; `size` is the size of all.
    """

    outcome: Request | Response | ParseError
    data: bytes
    size: int
    start_line: Span
    fields: tuple[Field, ...]
    hidden: int
    """Bytes of header fields beyond those in `fields`."""
    body: Span
    surplus: int
    """Bytes beyond the end of the message (RFC 3261 18.3)."""
    marks: tuple[Mark, ...]


def dissect(datagram: Datagram) -> Dissection:
    """Take one message apart, whether it can be parsed or not."""
    size = len(datagram.payload)
    data = bytes(datagram.payload[: _LIMITS.size])
    outcome = _parsed(datagram)
    spans = list(_elements(data, _match_end(_LEADING, data, 0)))
    start_line = spans[0] if spans else Span(size, size)
    fields = tuple(_field(data, span) for span in spans[1:])
    head_end = spans[-1].end if spans else len(data)
    at_blank = _BLANK.match(data, head_end)
    if isinstance(outcome, ParseError):
        body = Span(at_blank.end() if at_blank else len(data), len(data))
        hidden = 0 if at_blank else size - head_end
        fault = Mark(outcome.offset, outcome.text, outcome.rfc, True)
        return Dissection(outcome, data, size, start_line, fields, hidden, body, 0, (fault,))
    body = Span(outcome.body_offset, outcome.end)
    surplus = size - outcome.end
    marks = tuple(Mark(found.offset, found.text, found.rfc, False) for found in outcome.defects)
    return Dissection(outcome, data, size, start_line, fields, 0, body, surplus, marks)


def _parsed(datagram: Datagram) -> Request | Response | ParseError:
    try:
        return parse(datagram.payload)
    except ParseError as error:
        return error


def _match_end(pattern: re.Pattern[bytes], data: bytes, at: int) -> int:
    match = pattern.match(data, at)
    return match.end() if match else at


def _elements(data: bytes, at: int) -> Iterator[Span]:
    """The start line and the header fields, up to the blank line, the end, or too many of them."""
    for _ in range(1 + _MOST_FIELDS):
        if at == len(data) or _BLANK.match(data, at):
            return
        end = _match_end(_ELEMENT, data, at)
        yield Span(at, end)
        at = end


def _field(data: bytes, span: Span) -> Field:
    before, colon, _ = data[slice(*span)].partition(b"\n")[0].partition(b":")
    if not colon:
        return Field(span, "", span.start, None)
    octets = before.rstrip(b" \t")
    name = octets.decode("utf-8", "surrogateescape")
    return Field(span, name, span.start + len(octets), header_name(name))


def is_text(body: bytes) -> bool:
    """Whether a body is for reading: nearly all of it UTF-8 that can be seen, and no NUL in it.

    Text in another encoding among ASCII markup, as video surveillance sends it, is still text.
    """
    if b"\0" in body:
        return False
    text = body.decode("utf-8", "surrogateescape")
    odd = sum(not char.isprintable() and char not in "\r\n\t" for char in text)
    return odd * 8 <= len(text)
