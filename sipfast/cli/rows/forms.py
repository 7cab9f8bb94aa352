"""The forms of a result: a table for people, CSV, JSON Lines, Parquet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import IO, Any, NamedTuple

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..screen.console import console, warn
from ..screen.text import portable, visible
from ..screen.words import Words
from . import csv
from .cells import cells, csv_cell, is_number, joined, json_text, pieces, shown, values
from .words import TableWords

__all__ = ["FORMS", "Result", "print_table"]

MOST_ROWS = 1000
"""The rows of a table: more are for a file."""
_NARROWEST = 10
"""The cells of a column of text, at least, where the table does not fit."""
_GAP = 2


class Result(NamedTuple):
    """What a query found: its schema, and its batches, both of pyarrow."""

    schema: Any
    batches: Iterator[Any]


# ---- a table -------------------------------------------------------------------------------------


def print_table(result: Result, words: Words) -> None:
    """Print the first rows of a result as a table, or as records where that is too wide."""
    texts = TableWords(words.language)
    names = [visible(portable(name)) for name in result.schema.names]
    numbers = [is_number(kind) for kind in result.schema.types]
    rows: list[list[str]] = []
    more = False
    for row in _rows(result):
        if len(rows) == MOST_ROWS:
            more = True
            break
        rows.append([shown(value) for value in row])
    screen = console()
    if not names:
        return
    width = screen.width if screen.is_terminal else 1 << 16
    if not screen.is_terminal:
        screen.width = width
    with screen.capture() as printed:
        if _fits(names, rows, numbers, width):
            screen.print(_table(names, rows, numbers))
        else:
            _print_records(screen, names, rows, texts)
    for line in printed.get().splitlines():
        screen.file.write(line.rstrip() + "\n")
    screen.file.flush()
    if more:
        warn(texts.first_rows.format(texts.rows(MOST_ROWS)))


def _fits(
    names: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[bool], width: int
) -> bool:
    """Whether every number is whole, and every text has room enough to be broken."""
    needed = 0
    for at, name in enumerate(names):
        widest = max([cell_len(row[at]) for row in rows], default=0)
        if not numbers[at]:
            widest = min(widest, _NARROWEST)
        needed += max(widest, min(cell_len(name), _NARROWEST)) + _GAP
    return needed - _GAP <= width


def _table(names: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[bool]) -> Table:
    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="quiet")
    for name, number in zip(names, numbers, strict=True):
        table.add_column(
            Text(name, "quiet"),
            justify="right" if number else "left",
            no_wrap=number,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _print_records(
    screen: Console, names: Sequence[str], rows: Sequence[Sequence[str]], texts: TableWords
) -> None:
    """Each row as a block of lines, without what is null or empty."""
    for number, row in enumerate(rows, 1):
        if number > 1:
            screen.print()
        screen.print(Text(texts.record.format(f"{number:,}"), "title"))
        block = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, show_header=False)
        block.add_column(no_wrap=True, style="quiet")
        block.add_column(overflow="fold")
        for name, cell in zip(names, row, strict=True):
            if cell:
                block.add_row(Text(f"  {name}"), Text(cell))
        screen.print(block)


# ---- files ---------------------------------------------------------------------------------------


def _rows(result: Result) -> Iterator[tuple[Any, ...]]:
    for batch in result.batches:
        yield from zip(*map(values, batch.columns), strict=True)


def _distinct(names: Iterable[str]) -> list[str]:
    """Names of which no two are equal, as DuckDB makes them: ``a, a`` is ``a, a_1``."""
    found: dict[str, None] = {}
    numbers = Counter[str]()
    for name in names:
        one = name
        while one in found:
            numbers[name] += 1
            one = f"{name}_{numbers[name]}"
        found[one] = None
    return list(found)


def _csv(result: Result, out: IO[bytes]) -> None:
    """Comma-separated values (RFC 4180) in UTF-8, below a line of names."""
    out.write(csv.line(result.schema.names))
    for batch in pieces(result.batches):
        out.write(joined([cells([column], csv_cell) for column in batch.columns], ","))


def _jsonl(result: Result, out: IO[bytes]) -> None:
    """An object for each row, in ASCII."""
    names = [f"{json_text(name)}:" for name in _distinct(result.schema.names)]
    for batch in pieces(result.batches):
        members = [
            cells([column], partial(_member, name))
            for name, column in zip(names, batch.columns, strict=True)
        ]
        out.write(joined(members, ",", "{", "}"))


def _member(name: str, value: Any) -> str:
    return name + json_text(value)


def _parquet(result: Result, out: IO[bytes]) -> None:
    import pyarrow
    import pyarrow.parquet

    names = _distinct(result.schema.names)
    schema = pyarrow.schema(
        [field.with_name(name) for field, name in zip(result.schema, names, strict=True)]
    )
    with pyarrow.parquet.ParquetWriter(out, schema) as writer:
        for batch in result.batches:
            writer.write_batch(batch.rename_columns(names))


FORMS = {
    "csv": _csv,
    "jsonl": _jsonl,
    "parquet": _parquet,
}
"""What writes a result to a file, by the suffix of its name."""
