"""``sipfast stats``: counts over files, as tables or as one JSON document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import click

from ...files import check_place
from ...filters import choice_of, filter_options
from ...options import PLACE, files_argument, language_option
from ...reading import ANY
from ...screen.console import console, warn
from ...screen.help import SipfastCommand
from ...screen.words import Words
from . import report, tables
from .counts import Wish
from .measured import BY, OF_PAGE, Measured, measured, read_twice
from .words import StatsWords

__all__ = ["command"]


@click.command("stats", cls=SipfastCommand)
@files_argument
@filter_options
@click.option(
    "--errors",
    metavar="N",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    help="List this many unparsable messages.",
)
@click.option(
    "--top",
    metavar="N",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="List this many user agents.",
)
@click.option("--no-defects", is_flag=True, help="Do not look for defects, which takes most time.")
@click.option("--no-repeats", is_flag=True, help="Leave out retransmissions and mirror duplicates.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option(
    "--metrics",
    is_flag=True,
    help="Add the figures of RFC 6076 (SER, SEER, ISA, SRD, SDD, RRD ...), ASR, NER, and the "
    "busiest second.",
)
@click.option(
    "--by",
    type=click.Choice(BY),
    help="Add a row with these figures for each trunk (the addresses of the first INVITE), host, "
    "domain of From, or user agent of callers.",
)
@click.option(
    "--html",
    metavar="OUT",
    type=PLACE,
    help="Write a report as one page of HTML, in place of the tables; - for standard output.",
)
@click.option("--force", is_flag=True, help="Overwrite the file of --html.")
@language_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    files: tuple[str, ...],
    errors: int,
    top: int,
    no_defects: bool,
    no_repeats: bool,
    as_json: bool,
    metrics: bool,
    by: str | None,
    html: str | None,
    force: bool,
    words: Words,
    **filters: Any,
) -> None:
    """Count methods, responses, user agents, defects and unparsable messages in FILES."""
    choice = choice_of(**filters)
    option = "--html" if html else "--by" if by else "--metrics" if metrics else None
    texts = StatsWords(words.language)
    if option and choice is not ANY:
        raise click.UsageError(texts.whole_files, ctx)
    if html and as_json:
        raise click.UsageError(words.contradiction.format("--html", "--json"), ctx)
    order = Order(
        Wish(errors, not no_defects, not no_repeats, choice), top, as_json, option, by, html, force
    )
    if not print_stats(files, texts, order):
        ctx.exit(1)


class Order(NamedTuple):
    """What is asked for."""

    wish: Wish
    top: int
    as_json: bool
    option: str | None
    """The option that asks for more than counts."""
    by: str | None
    html: str | None
    """The file of the page."""
    force: bool


def print_stats(paths: Sequence[str], words: StatsWords, order: Order) -> bool:
    """Print the counts; False if a file is unreadable, which standard error then names."""
    if order.html:
        check_place(order.html, paths, words)
        from .html import check_extra

        check_extra(words)
    with read_twice(paths if order.option else ()) as places:
        found = report.read(paths, words, order.wish, places)
        for path, reason in found.failed:
            warn(words.unreadable.format(path, reason))
        for file in found.files:
            if file.unread:
                warn(words.not_read.format(file.path, words.reasons(file.unread)))
        if order.option and found.files:
            _measure(found, places, words, order)
        else:
            _print(found, words, order)
    return not found.failed


def _measure(
    found: report.Report, places: Mapping[str, str], words: StatsWords, order: Order
) -> None:
    assert order.option is not None
    sources = [places[file.path] for file in found.files]
    by = (order.by,) if order.by else OF_PAGE if order.html else ()
    page = order.html is not None
    measures = measured(sources, words, option=order.option, by=by, top=order.top, page=page)
    if order.html is None:
        _print(found, words, order, measures)
        return
    from .html import write_page

    write_page(
        found, measures, sources, words, out=order.html, top=order.top, overwrite=order.force
    )


def _print(
    found: report.Report, words: StatsWords, order: Order, measures: Measured | None = None
) -> None:
    if order.as_json:
        click.echo(report.as_json(found, top=order.top, measures=measures))
    elif found.files:
        tables.Tables(found, words, console(), top=order.top, measures=measures).print()
