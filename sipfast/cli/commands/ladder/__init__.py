"""``sipfast ladder``: calls as arrows between hosts, in the terminal or in a file."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from ....calls import Call, read_calls
from ....calls.legs import read_legs
from ....capture import Capture
from ....capture.beside import Beside
from ....columns import ColumnError
from ....columns.names import column_of
from ....ladder import Ladder
from ...files import Unreadable, check_place, opened
from ...filters import choice_of, filter_options
from ...options import FILE, PLACE, language_option
from ...reading import ANY, Choice, as_far_as_readable, chosen
from ...screen.console import Misuse, Refusal, cleaned_up, console, warn
from ...screen.help import SipfastCommand
from ...screen.text import visible
from ...screen.words import Words
from .words import LadderWords

if TYPE_CHECKING:
    from ....ladder.model import Language, Theme

__all__ = ["FORMATS", "command"]

FORMATS = {
    "text": (".txt", ".text"),
    "svg": (".svg",),
    "html": (".html", ".htm"),
    "mermaid": (".mmd", ".mermaid"),
}
"""The formats, and the suffixes of their files."""

_LISTED = 20
_SUFFIXES = {suffix: form for form, suffixes in FORMATS.items() for suffix in suffixes}


class Order(NamedTuple):
    """What is to be drawn, and where."""

    form: str
    out: str
    width: int | None
    together: bool
    correlate: str | None
    merge: bool | None
    theme: Theme
    limit: int
    force: bool


@click.command("ladder", cls=SipfastCommand)
@click.argument(
    "paths",
    nargs=-1,
    required=True,
    metavar="[CALL-ID] FILE...",
    type=FILE,
)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    help="Format; by default, that of the suffix of OUT, or text.",
)
@click.option(
    "-o",
    "--out",
    default="-",
    metavar="OUT",
    type=PLACE,
    help="File to write; - for standard output.",
)
@click.option(
    "--width",
    metavar="N",
    type=click.IntRange(min=40),
    help="Width of text in characters; by default, that of the terminal.",
)
@click.option("--together", is_flag=True, help="Draw all chosen calls in one ladder.")
@click.option(
    "--correlate",
    metavar="COLUMN",
    help="Add the legs of the call: those with the same value of this column, mostly header:NAME, "
    "or with the other's Call-ID in it.",
)
@click.option(
    "--merge/--ports",
    "merge",
    default=None,
    help="One host for each address, or for each port of it; by default, an address whose ports "
    "talk to each other has several.",
)
@click.option(
    "--theme",
    type=click.Choice(["auto", "light", "dark"]),
    default="auto",
    show_default=True,
    help="Colours of SVG; auto follows the reader's theme.",
)
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="Draw this many calls at most.",
)
@click.option("--force", is_flag=True, help="Overwrite OUT.")
@filter_options
@language_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    paths: tuple[str, ...],
    form: str | None,
    out: str,
    words: Words,
    call_id: tuple[str, ...],
    **others: Any,
) -> None:
    """Draw the calls in FILES as ladders: their messages as arrows between hosts.

    CALL-ID names the call, and may have * for any characters. Without it, the other options choose
    the calls that have such a message; without these, FILES have one call, or their first ones are
    listed.
    """
    own = LadderWords(words.language)
    names = {"width", "together", "correlate", "merge", "theme", "limit", "force"}
    options = {name: others.pop(name) for name in names}
    order = Order(_format(form, out, own), out, **options)
    if order.correlate is not None:
        try:
            column_of(order.correlate)
        except ColumnError as error:
            raise Misuse(f"--correlate: {error}") from None
    if len(paths) > 1 and paths[0] != "-" and not os.path.lexists(paths[0]):
        call_id, paths = (*call_id, paths[0]), paths[1:]
    check_place(out, paths, words)
    choice = choice_of(call_id=call_id, **others)
    exact = None
    if call_id and not any(others.values()) and not any("*" in one for one in call_id):
        exact = call_id
    if not _draw(paths, exact, choice, order, own):
        ctx.exit(1)


def _format(form: str | None, out: str, words: LadderWords) -> str:
    if form is not None or out == "-":
        return form or "text"
    found = _SUFFIXES.get(os.path.splitext(out)[1].lower())
    if found is None:
        raise Misuse(words.no_format.format(visible(out), ", ".join(FORMATS)))
    return found


def _draw(
    paths: Sequence[str],
    exact: Sequence[str] | None,
    choice: Choice,
    order: Order,
    words: LadderWords,
) -> bool:
    """Draw the chosen calls; False if a file is unreadable."""
    with contextlib.ExitStack() as stack:
        captures = []
        for path in paths:
            try:
                captures.append(stack.enter_context(opened(path, words)))
            except Unreadable as error:
                warn(words.unreadable.format(path, error))
        if not captures:
            raise click.exceptions.Exit(1)
        calls = _calls(captures, exact, choice, order, words)
        unread = [(capture.file or "-", capture.unread) for capture in captures]
    for path, reasons in unread:
        if reasons:
            warn(words.not_read.format(path, words.reasons(reasons)))
    if not calls:
        raise Refusal(words.no_call)
    _write([call.ladder(merge=order.merge) for call in calls], order, words)
    return len(captures) == len(paths)


def _calls(
    captures: Sequence[Capture],
    exact: Sequence[str] | None,
    choice: Choice,
    order: Order,
    words: LadderWords,
) -> list[Call]:
    """The calls to draw; a refusal with a list if they are too many for what is asked."""
    one = order.form != "text" or choice is ANY
    most = _LISTED if one and not order.together else order.limit
    found = list(exact) if exact else _call_ids(captures, choice, most + 1)
    if order.correlate is not None and found:
        legs = read_legs(captures, found[:most], order.correlate)
        return [Call.merged(legs.values())] if legs else []
    calls = read_calls(captures, found[:most])
    if len(calls) > 1 and one and not order.together:
        _list(calls.values())
        count = words.many.format(most) if len(found) > most else str(len(calls))
        raise Misuse(words.several.format(count))
    if len(found) > most:
        warn(words.more.format(most))
    return [Call.merged(calls.values())] if order.together and calls else list(calls.values())


def _call_ids(captures: Sequence[Capture], choice: Choice, most: int) -> list[str]:
    """The Call-IDs of the first calls with a chosen message."""
    found: dict[str, None] = {}
    for capture in captures:
        for _, record, outcome in chosen(iter(capture), choice):
            message = as_far_as_readable(record, outcome)
            if message is not None and message.call_id is not None:
                found[message.call_id] = None
                if len(found) == most:
                    return list(found)
    return list(found)


def _list(calls: Iterable[Call]) -> None:
    """A line for each call: its Call-ID, its first arrow, and the number of its messages."""
    for call in calls:
        ladder = call.ladder()
        first = ladder.arrows[0]
        path = " → ".join([ladder.hosts[first.source].label, ladder.hosts[first.target].label])
        click.echo(f"{visible(call.call_id)}\t{first.text}\t{path}\t{len(call)}")


# ---- writing -------------------------------------------------------------------------------------


def _write(ladders: Sequence[Ladder], order: Order, words: LadderWords) -> None:
    if order.form == "text" and order.out == "-":
        _print(ladders, order, words)
        return
    language = _language(words)
    makers: dict[str, Callable[[Ladder], str]] = {
        "text": lambda ladder: _plain(ladder, order.width or 80, language),
        "svg": lambda ladder: ladder.svg(order.theme, language) + "\n",
        "html": lambda ladder: ladder.html(language),
        "mermaid": lambda ladder: ladder.mermaid(),
    }
    text = "\n".join(map(makers[order.form], ladders))
    try:
        with cleaned_up(), Beside(order.out, overwrite=order.force) as place:
            place.file.write(text.encode())
    except FileExistsError as error:
        raise Refusal(words.exists.format(visible(str(error.filename)))) from None


def _language(words: Words) -> Language:
    return "zh" if words.language == "zh" else "en"


def _plain(ladder: Ladder, width: int, language: Language) -> str:
    return "".join([f"{line}\n" for line in ladder.text(width, language)])


def _print(ladders: Sequence[Ladder], order: Order, words: LadderWords) -> None:
    from rich.text import Text

    screen = console()
    width = order.width or screen.width
    for number, ladder in enumerate(ladders):
        if number:
            screen.print()
        lines = [Text.assemble(*line.parts) for line in ladder.text(width, _language(words))]
        screen.print(Text("\n").join(lines), soft_wrap=True)
