"""Where the parts of a message stand in its buffer, as byte offsets."""

from __future__ import annotations

from typing import NamedTuple

from sipfast import _late

from ..wire import tokenizer
from ..wire.table import Table

__all__ = [
    "FieldSpan",
    "field_span",
    "held_bytes",
    "line_at",
    "method_span",
    "mixed_line_end",
    "spaced",
    "status_span",
    "target_span",
    "unfolded",
    "value_span",
    "values_with",
]

_FOLDS = bytes.maketrans(b"\r\n\t", b"   ")

Span = tuple[int, int]
"""Where something begins, and where it ends."""


class FieldSpan(NamedTuple):
    """Where a header field stands in the buffer, as slices: ``buffer[span.value]``."""

    name: slice
    value: slice
    """The value, with its folds, without the whitespace around it."""
    line: slice
    """The whole field, with its line end."""


def held_bytes(table: Table) -> bytes | None:
    """The buffer of a message if it is bytes; None if it may change."""
    buffer = table._buffer
    return buffer if type(buffer) is bytes else None


def mixed_line_end(data: bytes, at: int, body: int) -> int:
    """The offset of the first line end that differs from those before it in a header; or -1.

    `parse` accepts it, but another reader may find other fields there.
    """
    if not 0 <= at <= body <= len(data):
        raise ValueError("the header is outside of the data")
    if not tokenizer.is_plain_text(data, at, body):
        for item in _late._characters.line_ends(data[at:body], at):
            if item.code == "line-ends-mixed":
                return item.offset
    return -1


# ---- the start line ------------------------------------------------------------------------------


def method_span(table: Table) -> Span:
    """The method of a request; empty for a response."""
    return table._parsed.start, table._parsed.start + table._parsed.method_length


def target_span(table: Table) -> Span:
    """The Request-URI of a request, the reason phrase of a response."""
    at = table._parsed.target_at
    return at, at + table._parsed.target_length


def status_span(table: Table) -> Span:
    """What follows the version in the start line, up to the line end."""
    return table._parsed.version_at + table._parsed.version_length, table._parsed.line_end


# ---- the header fields ---------------------------------------------------------------------------


def line_at(table: Table, index: int) -> int:
    """The offset of a field's line; one beyond the last field, that of the blank line."""
    count = table._parsed.count
    if 0 <= index < count:
        return table._name_at(index)
    blank = table._parsed.body - 2
    if blank < 0:
        raise ValueError("the message was not parsed")
    return blank if table._bytes(blank, 1) == b"\r" else blank + 1


def value_span(table: Table, index: int) -> Span:
    """The value of a field, with its folds, without the whitespace around it."""
    _check(table, index)
    at = table._value_at(index)
    return at, at + table._value_length(index)


def field_span(table: Table, index: int) -> FieldSpan:
    """Name, value and line of a field."""
    _check(table, index)
    at = table._name_at(index)
    begin, end = value_span(table, index)
    return FieldSpan(
        slice(at, at + len(table._raw_name(index))),
        slice(begin, end),
        slice(at, line_at(table, index + 1)),
    )


def values_with(table: Table, header_id: int) -> list[bytes]:
    """The values of the fields with this id, unfolded."""
    found = []
    index = table._first(header_id) if header_id > 0 else -1
    while index >= 0:
        found.append(unfolded(table._raw_value(index)))
        index = table._next(index)
    return found


def unfolded(raw: bytes) -> bytes:
    """A value in which each fold is one space (RFC 3261 7.3.1)."""
    if 0x0A not in raw:
        return raw
    return b" ".join(filter(None, [line.strip(b" \t\r") for line in raw.split(b"\n")]))


def spaced(raw: bytes) -> bytes:
    """A value with its folds as spaces, so that offsets stay."""
    return raw.translate(_FOLDS)


def _check(table: Table, index: int) -> None:
    count = table._parsed.count
    if not 0 <= index < count:
        raise IndexError("there is no such header field")
