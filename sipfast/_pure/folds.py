"""Where a byte of an unfolded value stood on the wire: only errors ask that."""

from __future__ import annotations

__all__ = ["folded_offset"]

_WHITESPACE = b" \t\r"


def folded_offset(raw: bytes, at: int) -> int:
    """The offset in `raw` of byte `at` of the same value with each fold read as one space.

    RFC 3261 7.3.1: a fold is a line end and the whitespace around it; its space stands where it
    begins.
    """
    begin = line_at = 0
    for line in raw.split(b"\n"):
        begin = line_at + len(line) - len(line.lstrip(_WHITESPACE))
        length = len(line.strip(_WHITESPACE))
        if length and at <= length:
            return begin + at
        if length:
            at -= length + 1
        line_at += len(line) + 1
    return begin + at
