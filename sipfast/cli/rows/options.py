"""The options of lists of calls and of registrations: which rows, and how they are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

__all__ = ["condition_options", "form_options"]

F = TypeVar("F", bound=Callable[..., object])


def condition_options(*, where: str, user: str, failed: str, slow: str) -> Callable[[F], F]:
    """The options that choose rows, with these texts of help."""
    options = (
        click.option("--where", metavar="CONDITION", help=where),
        click.option(
            "--call-id",
            "call_ids",
            metavar="TEXT",
            multiple=True,
            help="Call-ID; * stands for any characters. Repeatable.",
        ),
        click.option("--user", "users", metavar="TEXT", multiple=True, help=user),
        click.option("--failed", is_flag=True, help=failed),
        click.option("--slow", metavar="SECONDS", type=click.FloatRange(min=0), help=slow),
    )
    return lambda command: _with(command, options)


def form_options(*, json: str) -> Callable[[F], F]:
    """The options for other forms than lines, with this text of help."""
    options = (
        click.option("--json", "as_json", is_flag=True, help=json),
        click.option("--csv", "as_csv", is_flag=True, help="Print CSV with all columns."),
    )
    return lambda command: _with(command, options)


def _with(command: F, options: tuple[Callable[[F], F], ...]) -> F:
    for option in reversed(options):
        command = option(command)
    return command
