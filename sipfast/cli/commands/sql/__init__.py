"""``sipfast sql``: a query over the messages of files, on DuckDB."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from ....capture.beside import Beside
from ....sql import VIEWS, query
from ...aside import Aside
from ...files import check_place
from ...options import FILE, PLACE, language_option
from ...querying import batches_of, queried
from ...screen.console import Misuse, Refusal, warn
from ...screen.help import SipfastCommand
from ...screen.text import visible
from ...screen.words import Words
from .words import SqlWords

if TYPE_CHECKING:
    import duckdb

__all__ = ["command"]

FORMATS = ("table", "csv", "jsonl", "parquet")
ORDERS = {"metrics": "scope, messages desc, host"}
"""Those of shipped queries; the others are in that of time."""
_COMMENTED = re.compile(r"--(?![a-z-]+=)[^\n]*\n")
"""A query that begins with a comment, as the shipped ones do, and is no option."""
_PLACE = re.compile(r"\n+LINE ([0-9]+): (.*)\n( *)\^", re.DOTALL)


class Order(NamedTuple):
    """What is asked for."""

    query: str
    paths: tuple[str, ...]
    out: str
    format: str
    headers: tuple[str, ...]
    memory_limit: str
    force: bool


def _list(ctx: click.Context, _param: click.Parameter, asked: bool) -> None:
    if not asked or ctx.resilient_parsing:
        return
    name = ctx.params.get("file")
    if name in VIEWS:
        click.echo(query(name), nl=False)
    elif name is None:
        for view in VIEWS:
            click.echo(f"{view:14}{_summary(view)}")
    else:
        raise click.UsageError(f"--list --file: {', '.join(VIEWS)}", ctx)
    ctx.exit()


def _summary(name: str) -> str:
    """The first sentence of the comment of a query."""
    lines = query(name).split("\n")
    text = " ".join(
        [line.removeprefix("--").strip() for line in lines[: lines.index("--")]]
    ).partition(": ")[2]
    return text[:1].upper() + text[1:]


class _SqlCommand(SipfastCommand):
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(
            ctx, [f" {text}" if _COMMENTED.match(text) else text for text in args]
        )


@click.command("sql", cls=_SqlCommand)
@click.argument("arguments", nargs=-1, metavar="[QUERY] FILE...", type=FILE)
@click.option(
    "--file",
    "file",
    metavar="NAME",
    is_eager=True,
    type=click.Path(readable=False),
    help="File with the query, or the name of a shipped one (see --list).",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="Format of the result; by default the suffix of OUT, or a table.",
)
@click.option(
    "-o",
    "--out",
    metavar="OUT",
    default="-",
    type=PLACE,
    help="File to write; it is complete or absent.",
)
@click.option("--force", is_flag=True, help="Overwrite files.")
@click.option(
    "--headers",
    metavar="NAMES",
    default="",
    help='Header fields, with commas between: they are columns "header:NAME".',
)
@click.option(
    "--memory-limit",
    metavar="SIZE",
    default="1GB",
    show_default=True,
    help="Memory of DuckDB; what needs more goes to a temporary folder.",
)
@click.option(
    "--list",
    is_flag=True,
    expose_value=False,
    callback=_list,
    help="Print the shipped queries, or with --file the text of one, and exit.",
)
@language_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    arguments: tuple[str, ...],
    file: str | None,
    form: str | None,
    out: str,
    force: bool,
    headers: str,
    memory_limit: str,
    words: Words,
) -> None:
    """Query FILES with SQL: messages, transactions, calls, registrations, metrics.

    QUERY is left out with --file. It reads what it uses of the files, and can neither read nor
    write anything else. docs/sql.md has the tables.
    """
    texts = SqlWords(words.language)
    if file is not None:
        text, paths = _text_of(file, words), arguments
    elif arguments:
        text, paths = arguments[0], arguments[1:]
    else:
        raise click.UsageError(texts.no_query, ctx)
    if not paths:
        raise click.UsageError(texts.no_files, ctx)
    form = form or _format_of(out, texts)
    if form == "table" and out != "-":
        raise Misuse(texts.no_suffix.format(visible(out), ", ".join(FORMATS[1:])))
    check_place(out, paths if file is None else (*paths, file), words)
    asked = tuple([name.strip() for name in headers.split(",") if name.strip()])
    order = Order(text, paths, out, form, asked, memory_limit, force)
    if not run(order, words):
        ctx.exit(1)


def _format_of(out: str, texts: SqlWords) -> str:
    if out == "-":
        return "table"
    name = os.path.splitext(out)[1][1:].lower()
    if name not in FORMATS[1:]:
        raise Misuse(texts.no_suffix.format(visible(out), ", ".join(FORMATS[1:])))
    return name


def _text_of(file: str, words: Words) -> str:
    """The query in a file, or the shipped one of this name."""
    if file in VIEWS:
        return f"from {file} order by {ORDERS.get(file, 'start nulls last, call_id')}"
    try:
        with open(file, "rb") as opened:
            return opened.read().decode("utf-8-sig")
    except OSError as error:
        raise Refusal(words.unreadable.format(visible(file), words.reason(error))) from None
    except UnicodeDecodeError:
        raise Refusal(SqlWords(words.language).bad_query_file.format(visible(file))) from None


class _Misplaced(Misuse):
    """An error of DuckDB, with the place in the query below it."""

    def __init__(self, message: str, shown: Sequence[str] = ()) -> None:
        super().__init__(message)
        self._shown = shown

    def show(self, file: object = None) -> None:
        for line in (self.message, *(f"  {line}" for line in self._shown)):
            warn(line)


def _refusal(error: Exception, connection: Any, text: str) -> _Misplaced:
    """An error of DuckDB in one line, and the place if there is one."""
    place = _PLACE.search(str(error))
    message = " ".join(str(error)[: place.start() if place else None].split())
    offset = 0
    if place is None:
        # A relation leaves the place out; what only binds the query again has it.
        with contextlib.suppress(Exception):
            if len(connection.extract_statements(text)) == 1:
                offset = 1
                place = _place(connection, f"explain\n{text}")
    if place is None:
        return _Misplaced(message)
    indent = len(place[3]) - len(f"LINE {place[1]}: ")
    line = f"{message} (line {int(place[1]) - offset})"
    return _Misplaced(line, (place[2], " " * max(indent, 0) + "^"))


def _place(connection: Any, text: str) -> re.Match[str] | None:
    import duckdb

    try:
        connection.execute(text)
    except duckdb.Error as error:
        return _PLACE.search(str(error))
    return None


def run(order: Order, words: Words) -> bool:
    """Run the query; False if a file is unreadable."""
    return queried(
        order.paths,
        words,
        lambda connection, aside: _answer(connection, aside, order, words),
        what="sql",
        refusal=lambda error, connection: _refusal(error, connection, order.query),
        memory_limit=order.memory_limit,
        headers=order.headers,
    )


def _answer(
    connection: duckdb.DuckDBPyConnection, aside: Aside, order: Order, words: Words
) -> None:
    """Run the query, and write its result."""
    import pyarrow

    from ...rows.forms import FORMS, Result, print_table  # which need pyarrow

    texts = SqlWords(words.language)
    relation: Any = aside(lambda: connection.sql(order.query))
    if relation is None:
        raise Misuse(texts.no_result)
    result = Result(*batches_of(relation, aside))
    if order.format == "table":
        print_table(result, words)
        return
    try:
        with Beside(order.out, overwrite=order.force) as place:
            FORMS[order.format](result, place.file)
    except FileExistsError as error:
        raise Refusal(words.exists.format(visible(str(error.filename)))) from None
    except pyarrow.ArrowNotImplementedError as error:  # such as of an interval
        raise Misuse(texts.no_parquet.format(visible(str(error)))) from None
