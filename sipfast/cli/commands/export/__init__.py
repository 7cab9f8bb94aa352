"""``sipfast export``: messages into a table for other tools, or into a capture."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import click

from ....capture.beside import Beside
from ....columns import ColumnError, WhereError
from ...files import Unreadable, check_place, opened
from ...filters import choice_of, filter_options
from ...options import PLACE, files_argument, language_option
from ...reading import Choice
from ...screen.console import Misplaced, Misuse, Refusal, cleaned_up, warn
from ...screen.help import SipfastCommand
from ...screen.text import visible
from ...screen.words import Words
from .sinks import FORMATS, Chosen, Missing, Sink, Wanted
from .split import BY, Split

__all__ = ["FORMATS", "Order", "command", "export_messages"]


class Order(NamedTuple):
    """What is to be written, and where."""

    out: str
    format: str | None
    columns: str | None
    """Names with commas between them."""
    where: str | None
    split_by: str | None
    force: bool


@click.command("export", cls=SipfastCommand)
@files_argument
@click.option(
    "-o",
    "--out",
    required=True,
    metavar="OUT",
    type=PLACE,
    help="File to write, whose suffix is the format; - for standard output.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    help="Format, in place of the suffix of OUT.",
)
@click.option(
    "--columns",
    metavar="NAMES",
    help="Columns of a table, with commas between; by default the usual.",
)
@click.option(
    "--split-by",
    type=click.Choice(list(BY)),
    help="Write a file for each call or hour, OUT with its name before the suffix.",
)
@click.option("--force", is_flag=True, help="Overwrite files.")
@filter_options
@language_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    files: tuple[str, ...],
    out: str,
    form: str | None,
    columns: str | None,
    where: str | None,
    split_by: str | None,
    force: bool,
    words: Words,
    **filters: Any,
) -> None:
    """Write the messages in FILES as a table (Parquet, CSV, ...) or as a capture.

    All filters must hold. The columns are in docs/columns.md.
    """
    order = Order(out, form, columns, where, split_by, force)
    if not export_messages(files, choice_of(**filters), order, words):
        ctx.exit(1)


def export_messages(paths: Sequence[str], choice: Choice, order: Order, words: Words) -> bool:
    """Write the chosen messages of the files; False if a file is unreadable."""
    name = order.format or os.path.splitext(order.out)[1][1:].lower()
    if name not in FORMATS:
        raise Misuse(words.no_format.format(visible(order.out), ", ".join(FORMATS)))
    if order.out == "-" and order.split_by:
        raise Misuse(words.split_output)
    check_place(order.out, paths, words)
    columns = None
    if order.columns is not None:
        if not FORMATS[name].has_columns:
            raise Misuse(words.no_columns.format(name))
        columns = tuple([part.strip() for part in order.columns.split(",") if part.strip()])
    try:
        wanted = Wanted(name, columns, order.where)
    except WhereError as error:
        raise Misplaced(f"--where: {error}", error.shown) from None
    except ColumnError as error:
        raise Misuse(f"--columns: {error}") from None
    except Missing as error:
        raise Refusal(words.needs(name, str(error))) from None
    try:
        with cleaned_up():
            if order.split_by:
                with Split(order.out, order.split_by, wanted, overwrite=order.force) as split:
                    return _filled(split, paths, choice, name, words)
            with Beside(order.out, overwrite=order.force) as place, wanted.sink(place.file) as sink:
                return _filled(sink, paths, choice, name, words)
    except FileExistsError as error:
        raise Refusal(words.exists.format(visible(str(error.filename)))) from None


def _filled(sink: Sink, paths: Sequence[str], choice: Choice, format: str, words: Words) -> bool:
    """Read the files into a sink; False if one of them is unreadable."""
    unreadable = 0

    def captures() -> Iterator[Chosen]:
        nonlocal unreadable
        for path in paths:
            try:
                with opened(path, words) as capture:
                    yield Chosen(capture, choice)
            except Unreadable as error:
                unreadable += 1
                warn(words.unreadable.format(path, error))
                continue
            if capture.unread:
                warn(words.not_read.format(path, words.reasons(capture.unread)))

    sink.fill(captures())
    if unreadable == len(paths):
        raise Refusal(words.nothing_written)
    if sink.untimed:
        warn(words.untimed.format(words.messages(sink.untimed), format))
    return not unreadable
