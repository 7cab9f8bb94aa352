"""Rows as lines of columns, each written at once: the widths come from the screen, not the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

__all__ = ["Column", "Columns"]

_GAP = 2
_MOST_SHARED = 40


class Column(NamedTuple):
    """A column of a table."""

    name: str
    head: str
    reads: Sequence[str]
    """The columns of the rows that it shows."""
    cell: Callable[..., str]
    """What it shows of their values."""
    least: int
    """Its least width."""
    share: int = 0
    """Its share of the width that is left."""
    number: bool = False
    """Whether it stands on the right."""
    style: Callable[..., str] | str = ""
    """One of the theme, or what gives it for the values."""


class Columns:
    """Lines for a terminal, each cut to its width; the first line has the heads.

    `leaving` names the columns for which a narrow terminal has no room, in the order in which they
    go.
    """

    def __init__(self, columns: Sequence[Column], leaving: Iterable[str], screen: Console) -> None:
        self._screen = screen
        shown = [
            column._replace(least=max(column.least, cell_len(column.head))) for column in columns
        ]
        for name in leaving:
            if _least(shown) <= screen.width:
                break
            shown = [column for column in shown if column.name != name]
        left = max(0, screen.width - _least(shown))
        shares = sum([column.share for column in shown]) or 1
        self._columns = [
            (column, column.least + min(_MOST_SHARED, left * column.share // shares))
            for column in shown
        ]

    def print_heads(self) -> None:
        """Print the line of heads."""
        self._print([(column.head, "quiet") for column, _ in self._columns])

    def print(self, row: Mapping[str, Any]) -> None:
        """Print the line of a row."""
        cells = []
        for column, _ in self._columns:
            values = [row[name] for name in column.reads]
            style = column.style if isinstance(column.style, str) else column.style(*values)
            cells.append((column.cell(*values), style))
        self._print(cells)

    def _print(self, cells: Sequence[tuple[str, str]]) -> None:
        line = Text()
        for (cell, style), (column, width) in zip(cells, self._columns, strict=True):
            if line:
                line.append(" " * _GAP)
            line.append(_fitted(cell, width, column.number), style)
        line.rstrip()
        line.truncate(self._screen.width, overflow="ellipsis")
        self._screen.print(line, soft_wrap=True)


def _least(columns: Sequence[Column]) -> int:
    return sum([column.least + _GAP for column in columns]) - _GAP


def _fitted(text: str, width: int, number: bool) -> str:
    """The text in exactly `width` cells; a number is never cut."""
    length = cell_len(text)
    if number:
        return " " * (width - length) + text
    return set_cell_size(text, width - 1) + "…" if length > width else set_cell_size(text, width)
