"""Where a byte of an unfolded value stood on the wire: only errors ask that."""

from __future__ import annotations

import re

__all__ = ["folded_offset"]

_FOLD = re.compile(rb"[ \t\r]*\n[ \t\r\n]*")


def folded_offset(raw: bytes, at: int) -> int:
    """The offset in `raw` of byte `at` of the same value with each fold read as one space.

    RFC 3261 7.3.1: a fold is a line end and the whitespace around it.
    """
    for fold in _FOLD.finditer(raw):
        if fold.start() >= at:
            break
        at += fold.end() - fold.start() - 1
    return at
