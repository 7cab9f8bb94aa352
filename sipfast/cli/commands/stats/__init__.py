"""``sipfast stats``: counts over files, as tables or as one JSON document."""

from __future__ import annotations

from collections.abc import Sequence

import click
from rich.console import Console

from ...screen.console import warn
from ...screen.words import Words
from . import report, tables
from .counts import Wish

__all__ = ["Wish", "print_stats"]


def print_stats(
    paths: Sequence[str], words: Words, screen: Console, *, wish: Wish, top: int, as_json: bool
) -> bool:
    """Print the counts; False if a file is unreadable, which standard error then names."""
    found = report.read(paths, words, wish)
    for path, reason in found.failed:
        warn(words.unreadable.format(path, reason))
    for file in found.files:
        if file.unread:
            warn(words.not_read.format(file.path, words.reasons(file.unread)))
    if as_json:
        click.echo(report.as_json(found, top=top))
    elif found.files:
        tables.Tables(found, words, screen, top=top).print()
    return not found.failed
