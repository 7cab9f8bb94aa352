"""One message taken apart for showing: its lines and fields, and the faults at their bytes.

The engine gives the outline of the bytes, so that an unparsable message is shown in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from .. import Defect, Limits, Message, ParseError
from .._engine import ENGINE
from ..capture import Record
from ..registry.header_names import HeaderName, header_name
from .reading import as_far_as_readable, faults_of, is_same, parsed

if TYPE_CHECKING:
    from .._core.wire.lines import outline
else:
    outline = ENGINE.module("wire.lines").outline

__all__ = ["Dissection", "Fault", "Field", "Line", "Span", "dissect", "is_text", "lines"]

_LIMITS = Limits()
# One more than the limit: the first field beyond it is shown too.
_MOST_FIELDS = _LIMITS.headers + 1


class Span(NamedTuple):
    """Bytes `start` to `end` of a payload."""

    start: int
    end: int


class Line(NamedTuple):
    """A line of a payload: its text up to `end`, its line end up to `following`."""

    start: int
    end: int
    following: int


class Field(NamedTuple):
    """A header field with its folds; `name` as written, "" without a colon."""

    span: Span
    name: str
    name_end: int
    header: HeaderName | None


class Fault(NamedTuple):
    """A fault of a message, and whether it is the one that makes it unparsable."""

    fault: ParseError | Defect
    is_fatal: bool


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
    faults: tuple[Fault, ...]


def dissect(datagram: Record) -> Dissection:
    """Take one message apart, well formed or not."""
    size = len(datagram.data)
    data = bytes(datagram.data[: _LIMITS.size])
    outcome = parsed(datagram)
    message = as_far_as_readable(datagram, outcome)
    error = outcome if isinstance(outcome, ParseError) and not datagram.is_cut else None
    elements, body_start = outline(data, 1 + _MOST_FIELDS)
    start_line = Span(*elements[0][:2]) if elements else Span(size, size)
    fields = tuple(_field(data, *element) for element in elements[1:])
    faults = tuple([Fault(one, is_same(one, error)) for one in faults_of(datagram, outcome)])
    if isinstance(outcome, ParseError):
        head_end = elements[-1][1] if elements else len(data)
        body = Span(len(data) if body_start < 0 else body_start, len(data))
        hidden = size - head_end if body_start < 0 else 0
        return Dissection(message, error, data, size, start_line, fields, hidden, body, 0, faults)
    body = Span(outcome.body_offset, outcome.end)
    surplus = size - outcome.end
    return Dissection(message, error, data, size, start_line, fields, 0, body, surplus, faults)


def _field(data: bytes, start: int, end: int, name_end: int) -> Field:
    name = data[start:name_end].decode("utf-8", "surrogateescape")
    return Field(Span(start, end), name, name_end, header_name(name))


def lines(data: bytes, start: int, end: int) -> Iterator[Line]:
    """The lines of `data[start:end]`; a CR belongs to the line end only before a LF."""
    at = start
    while at < end:
        stop = data.find(b"\n", at, end)
        if stop < 0:
            yield Line(at, end, end)
            return
        text_end = stop - 1 if stop > at and data[stop - 1] == 0x0D else stop
        yield Line(at, text_end, stop + 1)
        at = stop + 1


def is_text(body: bytes) -> bool:
    """Whether a body is readable: nearly all of it printable UTF-8, without a NUL.

    ASCII markup with text in another encoding, as video surveillance sends it, is still text.
    """
    if b"\0" in body:
        return False
    text = body.decode("utf-8", "surrogateescape")
    odd = sum(not char.isprintable() and char not in "\r\n\t" for char in text)
    return odd * 8 <= len(text)
