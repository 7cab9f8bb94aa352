"""Numbers in header fields."""

from __future__ import annotations

from sipfast.errors import ParseError, parse_error
from sipfast.header_names import HEADER_NAMES

from .tokenizer import Table

__all__ = ["read_number"]


def read_number(table: Table, index: int) -> int:
    """The value of a known field: 1*DIGIT (RFC 3261 25.1), below 2**31; else `ParseError`."""
    text = table._value(index)
    if not (text.isascii() and text.isdigit()):
        raise _error("number-malformed", table, index)
    digits = text.lstrip("0")
    if len(digits) > 10 or int(digits or "0") >= 2**31:
        raise _error("number-too-large", table, index)
    return int(digits or "0")


def _error(code: str, table: Table, index: int) -> ParseError:
    name = HEADER_NAMES[table._id(index) - 1].name
    return parse_error(code, table._value_at(index), name)
