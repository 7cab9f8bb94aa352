"""``sipfast list``: a line for each message, with its number for ``sipfast show -n``.

A line is written at once, so memory is independent of the files.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import click
from rich.console import Console

from ..files import Unreadable, opened_once
from ..filters import choice_of, filter_options
from ..messages.line import Listed, line_of
from ..options import files_argument, language_option
from ..reading import ANY, Choice, as_far_as_readable, chosen
from ..screen.console import console, line_writer, warn
from ..screen.help import SipfastCommand
from ..screen.words import Words

__all__ = ["command", "list_messages"]


@click.command("list", cls=SipfastCommand)
@files_argument
@filter_options
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object per message.")
@language_option
@click.pass_context
def command(
    ctx: click.Context, /, files: tuple[str, ...], as_json: bool, words: Words, **filters: Any
) -> None:
    """List the messages in FILES, one per line, with their numbers for show."""
    if not list_messages(files, choice_of(**filters), words, console(), as_json=as_json):
        ctx.exit(1)


def list_messages(
    paths: Sequence[str], choice: Choice, words: Words, screen: Console, *, as_json: bool
) -> bool:
    """Print a line for each chosen message of the files; False if a file is unreadable."""
    line = line_of(words, screen, several=len(paths) > 1, as_json=as_json)
    write = line_writer()
    fine = True
    bar = choice is not ANY or not screen.is_terminal  # lines of all messages show the progress
    for path in paths:
        try:
            with opened_once(path, words, bar=bar, before_wait=sys.stdout.flush) as capture:
                for number, datagram, outcome in chosen(iter(capture), choice):
                    message = as_far_as_readable(datagram, outcome)
                    write(line(Listed(path, number, datagram, outcome, message)))
        except Unreadable as error:
            fine = False
            warn(words.unreadable.format(path, error))
            continue
        if capture.unread:
            screen.file.flush()
            warn(words.not_read.format(path, words.reasons(capture.unread)))
    return fine
