"""Comments and quoted-pairs (RFC 3261 25.1)."""

from __future__ import annotations

import re

__all__ = ["comment_end", "without_pairs"]

_MARKS = re.compile(r"\\.|[()]", re.DOTALL)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)


def comment_end(text: str, begin: int) -> int:
    """The end of the comment at `begin`; -1 if it is unclosed; `begin` if there is no comment."""
    if not text.startswith("(", begin):
        return begin
    depth = 0
    for mark in _MARKS.finditer(text, begin):
        if mark[0] in "()":
            depth += 1 if mark[0] == "(" else -1
            if depth == 0:
                return mark.end()
    return -1


def without_pairs(text: str) -> str:
    """Text with each quoted-pair replaced by its second character."""
    return _QUOTED_PAIR.sub(r"\1", text)
