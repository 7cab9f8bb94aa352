"""Prose in lines of some width, English or Chinese, as readers expect."""

from __future__ import annotations

import re

from rich.cells import cell_len

from .text import NO_BREAK

__all__ = ["wrapped"]

# East Asian text has no spaces: it may break between any two characters, but no line may begin with
# a closing mark. Of the spaces, only SP and LF allow a break.
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_PIECE = re.compile(
    rf"[{_WIDE}][，。、；：！？）》」』”’]*|[^ \n{_WIDE}]+[，。、；：！？）》」』”’]*|[ \n]+"
)


def wrapped(text: str, width: int) -> list[str]:
    """Break prose, English or Chinese, into lines of at most `width` cells (2 at the least).

    A longer word is broken too. A no-break space keeps its neighbours together, and becomes a
    space.
    """
    lines: list[str] = []
    line, used = "", 0
    for match in _PIECE.finditer(text):
        piece = match[0]
        if piece.isspace():
            piece = " " if line else ""
        elif used + cell_len(piece) > width:
            *full, piece = _chopped(piece, width)
            lines += [line.rstrip(), *full]
            line, used = "", 0
        line += piece
        used += cell_len(piece)
    return [line.replace(NO_BREAK, " ") for line in [*lines, line.rstrip()] if line]


def _chopped(word: str, width: int) -> list[str]:
    """A word in parts of at most `width` cells."""
    parts = [""]
    for char in word:
        if parts[-1] and cell_len(parts[-1] + char) > width:
            parts.append("")
        parts[-1] += char
    return parts
