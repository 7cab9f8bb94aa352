"""Rows of cells as lines that fit a width, without ever losing a number.

Where the width is short, bars go first; then the text column wraps; at last it stands on lines of
its own, above its numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Literal

from rich.console import Console
from rich.text import Text

__all__ = ["Grid", "Kind", "beside", "trimmed", "wrapped_lines"]

Kind = Literal["number", "short", "text", "bar"]

_GAP = 2
_NARROWEST_TEXT = 12
_MARGIN = 2


class Grid:
    """A table: columns of a right-aligned ``number``, a ``short`` text, a ``text``, a ``bar``.

    One column is a text, which may wrap. `heads` are the heads of the columns, or empty.
    """

    def __init__(self, *kinds: Kind, heads: Sequence[str] = ()) -> None:
        self._kinds = kinds
        self._heads = [Text(head, "quiet") for head in heads]
        self._rows: list[list[Text]] = []

    def row(self, *cells: str | Text, style: str = "") -> None:
        """Add a row, in which missing cells at the end are empty."""
        made = [cell if isinstance(cell, Text) else Text(cell, style) for cell in cells]
        self._rows.append(made + [Text()] * (len(self._kinds) - len(made)))

    def lines(self, screen: Console, width: int) -> list[Text]:
        """The lines, of at most `width` cells unless a number alone is wider."""
        kinds = self._kinds
        shown = list(range(len(kinds)))
        rows = [self._heads, *self._rows] if self._heads else self._rows
        widths = [max([row[at].cell_len for row in rows], default=0) for at in shown]
        if self._total(widths, shown) > width:
            shown = [at for at in shown if kinds[at] != "bar"]
        text = kinds.index("text")
        if self._total(widths, shown) > width:
            room = width - self._total(widths, shown) + widths[text]
            if room < min(widths[text], _NARROWEST_TEXT):
                return [line for row in self._rows for line in self._stacked(row, screen, width)]
            widths[text] = room
        return [line for row in rows for line in self._side_by_side(row, shown, widths, screen)]

    @staticmethod
    def _total(widths: Sequence[int], shown: Sequence[int]) -> int:
        return sum(widths[at] for at in shown) + _GAP * (len(shown) - 1)

    def _side_by_side(
        self, row: Sequence[Text], shown: Sequence[int], widths: Sequence[int], screen: Console
    ) -> Iterator[Text]:
        text = self._kinds.index("text")
        parts = [
            wrapped_lines(row[at], screen, widths[at]) if at == text else [row[at]] for at in shown
        ]
        for cells in zip_longest(*parts, fillvalue=Text()):
            line = Text()
            for at, cell in zip(shown, cells, strict=True):
                blank = " " * (widths[at] - cell.cell_len)
                before, after = (blank, "") if self._kinds[at] == "number" else ("", blank)
                line.append(before).append_text(cell).append(after + " " * _GAP)
            yield trimmed(line)

    def _stacked(self, row: Sequence[Text], screen: Console, width: int) -> Iterator[Text]:
        """The text, and below it the other cells, each with its head."""
        yield from wrapped_lines(row[self._kinds.index("text")], screen, width)
        line = Text(" " * _MARGIN)
        heads = self._heads or [Text()] * len(row)
        for kind, head, cell in zip(self._kinds, heads, row, strict=True):
            if kind in ("text", "bar") or not cell.cell_len:
                continue
            part = Text.assemble(head, " ", cell) if head.cell_len else cell
            if line.cell_len > _MARGIN and line.cell_len + part.cell_len > width:
                yield trimmed(line)
                line = Text(" " * _MARGIN)
            line.append_text(part).append(" " * _GAP)
        if line.cell_len > _MARGIN:
            yield trimmed(line)


def wrapped_lines(text: Text, screen: Console, width: int) -> list[Text]:
    """The text in lines of at most `width` cells, broken between words where possible."""
    if text.cell_len <= width:
        return [text]
    return [trimmed(line) for line in text.wrap(screen, max(2, width), overflow="fold")]


def beside(left: Sequence[Text], right: Sequence[Text], gap: int) -> list[Text]:
    """Two blocks of lines beside each other."""
    width = max(line.cell_len for line in left) + gap
    joined = []
    for one, other in zip_longest(left, right, fillvalue=Text()):
        line = one.copy()
        line.append(" " * (width - one.cell_len)).append_text(other)
        joined.append(trimmed(line))
    return joined


def trimmed(line: Text) -> Text:
    """The line without blanks at its end."""
    line = line.copy()
    line.rstrip()
    return line
