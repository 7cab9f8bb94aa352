"""``sipfast show``: messages as they were on the wire, with explanations and marks at faults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click
from rich.console import Console

from ...capture import Capture, Record
from ..files import Unreadable, opened
from ..filters import choice_of, filter_options
from ..messages.page import Page
from ..options import FILE, language_option
from ..reading import ANY, Choice, chosen
from ..screen.console import Refusal, console, warn
from ..screen.help import SipfastCommand
from ..screen.words import Words

__all__ = ["command", "show_messages"]

_FIRST = Choice(numbers=(range(1, 2),))


@click.command("show", cls=SipfastCommand)
@click.argument("file", type=FILE)
@filter_options
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="Show this many messages at most.",
)
@language_option
def command(file: str, limit: int, words: Words, **filters: Any) -> None:
    """Show messages of FILE, with the meaning of each header field and marks at the faults.

    Without an option that chooses messages, show the first one.
    """
    show_messages(file, choice_of(**filters), limit, words, console())


def show_messages(path: str, choice: Choice, limit: int, words: Words, screen: Console) -> None:
    """Print the chosen messages of a file, `limit` of them at most; the first one for any."""
    page = Page(screen, words)
    shown = 0
    choice = _FIRST if choice is ANY else choice
    try:
        with opened(path, words) as capture:
            for number, datagram in _chosen(capture, choice):
                if shown == limit:
                    screen.file.flush()
                    warn(words.more_match.format(path, words.messages(shown)))
                    break
                if shown:
                    page.gap()
                page.message(path, number, datagram)
                shown += 1
            else:
                missing = None if shown else _not_there(path, choice, capture, words)
                # Reading ends with the last number that is asked for.
                if capture.unread and (missing or choice.last is None):
                    screen.file.flush()
                    warn(words.not_read.format(path, words.reasons(capture.unread)))
                if missing:
                    raise Refusal(missing)
    except Unreadable as error:
        raise Refusal(words.unreadable.format(path, error)) from None


def _chosen(capture: Capture, choice: Choice) -> Iterator[tuple[int, Record]]:
    for number, datagram, _ in chosen(iter(capture), choice):
        yield number, datagram


def _not_there(path: str, choice: Choice, capture: Capture, words: Words) -> str:
    there = sum(1 for _ in capture)
    if not there:
        return words.no_sip.format(path, words.packets(capture.skipped.total()))
    if choice.packets or choice.filters or choice.where is not None:
        return words.no_match.format(path, words.messages(there))
    first = min(numbers.start for numbers in choice.numbers)
    return words.no_message.format(path, f"{first:,}", words.messages(there))
