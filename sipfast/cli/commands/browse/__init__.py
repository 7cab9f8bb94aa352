"""``sipfast browse``: the calls of files on the terminal."""

from __future__ import annotations

import os
import stat
import sys

import click

from ...files import Unreadable
from ...options import files_argument, language_option
from ...screen.console import Misuse, Refusal
from ...screen.help import SipfastCommand
from ...screen.words import Words, add_help
from .words import HELP, BrowseWords

__all__ = ["command"]

add_help(HELP)


@click.command("browse", cls=SipfastCommand)
@files_argument
@click.option(
    "--filter",
    "text",
    metavar="TEXT",
    default="",
    help="Filter of the list at first, as / takes it.",
)
@click.option(
    "--correlate",
    "legs",
    multiple=True,
    metavar="header:NAME",
    default=("header:X-CID", "header:X-Call-ID"),
    show_default=True,
    help="Header field that names the other leg of a call. Repeatable.",
)
@click.option(
    "--theme",
    type=click.Choice(["dark", "light"]),
    default="dark",
    show_default=True,
    help="Colours for a dark or a light terminal.",
)
@language_option
def command(
    files: tuple[str, ...], text: str, legs: tuple[str, ...], theme: str, words: Words
) -> None:
    """Browse the calls of FILES on the terminal: list, ladder, messages, differences, export.

    The keys are those of sngrep where it has them; F1 lists them.
    """
    own = BrowseWords(words.language)
    for path in files:
        if not _is_regular(path):
            raise Misuse(own.reads_keys.format(path))
    headers = [_header(one, own) for one in legs]
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Misuse(own.needs_terminal)
    try:
        import duckdb  # noqa: F401
        import textual  # noqa: F401
    except ImportError:
        raise Refusal(words.needs("browse", "browse")) from None
    from .app import Browser
    from .store import Store

    try:
        store = Store(files, own, headers)
    except Unreadable as error:
        raise Refusal(str(error)) from None
    try:
        browser = Browser(store, own, text=text, legs=headers, is_dark=theme == "dark")
        browser.run()
    finally:
        store.close()
    if browser.failure is not None:
        raise Refusal(browser.failure)


def _is_regular(path: str) -> bool:
    """Whether it may be opened several times; what does not exist has an error of its own."""
    if path == "-":
        return False
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return True


def _header(option: str, words: BrowseWords) -> str:
    from ....columns import ColumnError
    from ....columns.names import column_of

    try:
        name = column_of(option).name
    except ColumnError as error:
        raise Misuse(str(error)) from None
    if not name.startswith("header:"):
        raise Misuse(words.not_a_header.format(option))
    return name.removeprefix("header:")
