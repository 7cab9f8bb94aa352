"""One message taken apart for showing: its lines and fields, and the faults at their bytes.

The engine gives the outline of the bytes, so that an unparsable message is shown in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from .... import Defect, Limits, Message, ParseError
from ...._engine import ENGINE
from ....capture import Record
from ....registry.header_names import HeaderName, header_name
from ...reading import as_far_as_readable, faults_of, is_same, parsed
from ...screen.wire import Mark, Span
from ...screen.words import Words

if TYPE_CHECKING:
    from ...._core.wire.lines import outline
else:
    outline = ENGINE.module("wire.lines").outline

__all__ = ["Dissection", "Field", "dissect", "is_text"]

_LIMITS = Limits()
# One more than the limit: the first field beyond it is shown too.
_MOST_FIELDS = _LIMITS.headers + 1


class Field(NamedTuple):
    """A header field with its folds; `name` as written, "" without a colon."""

    span: Span
    name: str
    name_end: int
    header: HeaderName | None


@dataclass(frozen=True)
class Dissection:
    """One message: its bytes in `data`, and what `parse` made of them.

    `data` is cut at the limit of a message's size; `size` is the size of the whole payload.
    """

    message: Message | None
    """None if nothing but bytes can be read."""
    error: ParseError | None
    """Why the message is unparsable."""
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


def dissect(datagram: Record, words: Words) -> Dissection:
    """Take one message apart, well formed or not."""
    size = len(datagram.data)
    data = bytes(datagram.data[: _LIMITS.size])
    outcome = parsed(datagram)
    message = as_far_as_readable(datagram, outcome)
    error = outcome if isinstance(outcome, ParseError) and not datagram.is_cut else None
    elements, body_start = outline(data, 1 + _MOST_FIELDS)
    start_line = Span(*elements[0][:2]) if elements else Span(size, size)
    fields = tuple(_field(data, *element) for element in elements[1:])
    faults = faults_of(datagram, outcome)
    marks = tuple(_mark(fault, is_same(fault, error), words) for fault in faults)
    if isinstance(outcome, ParseError):
        head_end = elements[-1][1] if elements else len(data)
        body = Span(len(data) if body_start < 0 else body_start, len(data))
        hidden = size - head_end if body_start < 0 else 0
        return Dissection(message, error, data, size, start_line, fields, hidden, body, 0, marks)
    body = Span(outcome.body_offset, outcome.end)
    surplus = size - outcome.end
    return Dissection(message, error, data, size, start_line, fields, 0, body, surplus, marks)


def _mark(fault: ParseError | Defect, fatal: bool, words: Words) -> Mark:
    text = fault.text_zh if words.language == "zh" else fault.text
    named = text if fatal else f"{words.severity(fault.severity)}{words.colon}{text}"
    described = words.parenthesis.format(named, fault.rfc)
    return Mark(fault.offset, described, fatal or fault.severity == "error", fatal)


def _field(data: bytes, start: int, end: int, name_end: int) -> Field:
    name = data[start:name_end].decode("utf-8", "surrogateescape")
    return Field(Span(start, end), name, name_end, header_name(name))


def is_text(body: bytes) -> bool:
    """Whether a body is readable: nearly all of it printable UTF-8, without a NUL.

    ASCII markup with text in another encoding, as video surveillance sends it, is still text.
    """
    if b"\0" in body:
        return False
    text = body.decode("utf-8", "surrogateescape")
    odd = sum(not char.isprintable() and char not in "\r\n\t" for char in text)
    return odd * 8 <= len(text)
