"""Numbers in header fields."""

from __future__ import annotations

from sipfast.errors import parse_error

from .tokenizer import Table

__all__ = ["read_number"]


def read_number(table: Table, index: int) -> int:
    """The value of a field that is 1*DIGIT (RFC 3261 25.1) and below 2**31; else `ParseError`."""
    text = table._value(index)
    if not (text.isascii() and text.isdigit()):
        raise parse_error("number-malformed", table._value_at(index), table._name(index))
    digits = text.lstrip("0")
    if len(digits) > 10 or int(digits or "0") >= 2**31:
        raise parse_error("number-too-large", table._value_at(index), table._name(index))
    return int(digits or "0")
