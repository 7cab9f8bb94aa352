"""Rows of a table as lines: what `calls` and `registrations` ask for, and how it is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from ...capture.beside import Beside
from ..filters import digits
from ..querying import Query, answered, like
from ..screen.console import Misuse, console, line_writer
from ..screen.text import shortened, visible
from ..screen.words import Words
from .words import ListingWords

if TYPE_CHECKING:
    from ..screen.columns import Column

__all__ = ["Asked", "Listing", "Row", "clock", "listed", "number", "seconds", "span", "text"]

Row = dict[str, Any]

_LONGEST = 256
_DIGITS = "nullif(regexp_extract(translate({}, '-.() ', ''), '^[+]?[0-9]+$'), '')"
"""What `filters.digits` makes of a column."""


class Asked(NamedTuple):
    """The conditions of a command, all of which must hold, and the order of its rows."""

    where: str | None = None
    conditions: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()

    def also(self, condition: str, *values: Any) -> Asked:
        """With one more."""
        return self._replace(
            conditions=(*self.conditions, condition), values=(*self.values, *values)
        )

    def among(self, column: str, values: Iterable[str]) -> Asked:
        """With one of some values in a column."""
        found = tuple(values)
        return self.also(f"{column} in ({', '.join('?' * len(found))})", *found)

    def matching(self, columns: Sequence[str], patterns: Iterable[str], *, case: bool) -> Asked:
        """With any of some patterns in any of some columns, if there are patterns."""
        found = [like(pattern) for pattern in patterns]
        if not found:
            return self
        operator = "like" if case else "ilike"
        tests = [f"{column} {operator} ? escape '!'" for _ in found for column in columns]
        return self.also(f"({' or '.join(tests)})", *[one for one in found for _ in columns])

    def of_users(self, columns: Sequence[str], users: Sequence[str]) -> Asked:
        """The same of users; of telephone numbers, their digits too, as `filters` has it."""
        every = [*columns, *map(_DIGITS.format, columns)]
        return self.matching(every, [*users, *filter(None, map(digits, users))], case=False)

    def query(self, table: str, order: str, correlate: str | None = None) -> Query:
        """The query for them."""
        return Query(table, self.conditions, self.values, self.where, order, correlate)


class Listing:
    """How the rows of a table are written as lines."""

    causes: Callable[[int | None], str] | None = None
    """What the column `cause` says in words, for JSON and CSV."""
    leaving: tuple[str, ...] = ()
    """The columns that leave a narrow terminal, in this order."""
    styles: ClassVar[Mapping[str, str]] = {}
    """The styles of results that are no errors."""

    def __init__(self, words: ListingWords) -> None:
        self._words = words

    def columns(self, *, whole: bool) -> Sequence[Column]:
        """The columns of the lines; with `whole`, times have dates."""
        raise NotImplementedError

    def column(
        self,
        name: str,
        reads: str,
        cell: Callable[..., str],
        least: int,
        share: int = 0,
        *,
        right: bool = False,
    ) -> Column:
        """A column with its head, which shows what `cell` makes of the columns that it reads.

        It has at least this width, and a share of what is left.
        """
        from ..screen.columns import Column

        style = self._style if name == "result" else ""
        return Column(
            name, self._words.heads(name), reads.split(), cell, least, share, right, style
        )

    def _style(self, result: str) -> str:
        return self.styles.get(result, "error")

    def closing(self, counts: Counter[str]) -> str:
        """The line at the end, on a terminal: how many rows there are, by result."""
        words = self._words
        if not counts:
            return words.no_rows
        parts = [
            words.of_result.format(f"{count:,}", words.results(result))
            for result, count in counts.most_common()
        ]
        return words.all_rows.format(words.rows(counts.total()), words.then_these.join(parts))


def listed(
    paths: Sequence[str],
    query: Query,
    words: Words,
    listing: Listing,
    *,
    as_json: bool,
    as_csv: bool,
) -> bool:
    """Write the rows of a query; False if a file is unreadable."""
    if as_json and as_csv:
        raise Misuse(words.contradiction.format("--json", "--csv"))

    if not as_json and not as_csv:
        query = query._replace(columns=_read_by(listing.columns(whole=True)))

    def write(schema: Any, batches: Iterator[Any]) -> None:
        if as_json or as_csv:
            _write_table("jsonl" if as_json else "csv", schema, batches, listing)
        else:
            _write_lines(batches, listing)

    return answered(paths, query, words, write)


def _read_by(columns: Sequence[Column]) -> Sequence[str]:
    return [*dict.fromkeys([name for column in columns for name in column.reads])]


def _write_table(form: str, schema: Any, batches: Iterator[Any], listing: Listing) -> None:
    import pyarrow

    from .forms import FORMS, Result

    if listing.causes is not None:
        causes = listing.causes
        field = pyarrow.field("cause_text", pyarrow.string())
        schema = schema.append(field)
        batches = (
            pyarrow.record_batch(
                [
                    *batch.columns,
                    pyarrow.array(
                        [causes(one) or None for one in batch["cause"].to_pylist()], "string"
                    ),
                ],
                schema=schema,
            )
            for batch in batches
        )
    with Beside("-") as place:
        FORMS[form](Result(schema, batches), place.file)


def _write_lines(batches: Iterator[Any], listing: Listing) -> None:
    from ..screen.columns import Columns

    screen = console()
    if not screen.is_terminal:
        _write_tabbed(batches, listing.columns(whole=True))
        return
    results: Counter[str] = Counter()
    columns = Columns(listing.columns(whole=False), listing.leaving, screen)
    for row in _rows(batches):
        if not results:
            columns.print_heads()
        results[row["result"]] += 1
        columns.print(row)
    screen.print(listing.closing(results), style="quiet", soft_wrap=True)


def _write_tabbed(batches: Iterator[Any], columns: Sequence[Column]) -> None:
    """Write rows with a tab between their cells; "-" is an empty one."""
    from .cells import cells, joined, pieces

    write = line_writer()
    for batch in pieces(batches):
        shown = [
            cells([batch[name] for name in column.reads], partial(_or_dash, column.cell))
            for column in columns
        ]
        write(joined(shown, "\t").decode().removesuffix("\n"))


def _or_dash(cell: Callable[..., str], *values: Any) -> str:
    return cell(*values) or "-"


def _rows(batches: Iterator[Any]) -> Iterator[Row]:
    from .cells import values

    for batch in batches:
        names = batch.schema.names
        for row in zip(*map(values, batch.columns), strict=True):
            yield dict(zip(names, row, strict=True))


# ---- cells


def text(value: object) -> str:
    """A text from a message."""
    if value is None:
        return ""
    shown = str(value)
    return (
        shown
        if len(shown) <= _LONGEST and shown.isprintable()
        else visible(shortened(shown, _LONGEST))
    )


def number(value: int | None) -> str:
    """A number; nothing for none or zero."""
    return f"{value:,}" if value else ""


def seconds(value: float | None) -> str:
    """A delay: ``0.121``, ``12.3``, ``3:05``."""
    if value is None:
        return ""
    if abs(value) < 9.9995:
        return f"{value:.3f}"
    return f"{value:.1f}" if abs(value) < 59.95 else span(value)


def span(value: float | None) -> str:
    """A duration: ``0:25``, ``1:02:03``."""
    if value is None:
        return ""
    if value < 0:
        return "-" + span(-value)
    days, rest = divmod(round(value), 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, whole = divmod(rest, 60)
    if days or hours:
        return f"{days * 24 + hours}:{minutes:02}:{whole:02}"
    return f"{minutes}:{whole:02}"


def clock(value: str | None, *, whole: bool) -> str:
    """A time in UTC: of the day, or with its date."""
    if value is None:
        return ""
    return value if whole else value[11:19]
