"""``sipfast stats``: counts of what files hold, as tables or as one JSON document."""

from __future__ import annotations

from collections.abc import Sequence

import click
from rich.console import Console

from ...screen.console import warn
from . import report, tables

__all__ = ["print_stats"]


def print_stats(
    paths: Sequence[str], screen: Console, *, errors: int, top: int, as_json: bool
) -> bool:
    """Print the counts; False if a file could not be read, which standard error then names."""
    found = report.read(paths, errors=errors)
    for path, reason in found.failed:
        warn(f"{path}: {reason}")
    if as_json:
        click.echo(report.as_json(found, top=top))
    elif found.files:
        tables.render(found, screen, top=top)
    return not found.failed
