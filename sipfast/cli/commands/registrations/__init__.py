"""``sipfast registrations``: a line for each registration."""

from __future__ import annotations

import click

from ...options import files_argument, language_option
from ...screen.help import SipfastCommand
from ...screen.words import Words
from .words import RegistrationWords

__all__ = ["command"]

FAILED = ("refused", "challenged", "unanswered")


@click.command("registrations", cls=SipfastCommand)
@files_argument
@click.option(
    "--where",
    metavar="CONDITION",
    help="Registrations for which this holds, in SQL: \"expires < 60 and to_host = 'a.example'\".",
)
@click.option(
    "--call-id",
    "call_ids",
    metavar="TEXT",
    multiple=True,
    help="Call-ID; * stands for any characters. Repeatable.",
)
@click.option(
    "--user",
    "users",
    metavar="TEXT",
    multiple=True,
    help="User who is registered; * stands for any characters. Repeatable.",
)
@click.option(
    "--failed",
    is_flag=True,
    help="Registrations that ended without a 2xx: refused, challenged, unanswered.",
)
@click.option(
    "--slow",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    help="Registrations with an average delay of at least this.",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print a JSON object per registration, with all columns.",
)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV with all columns.")
@language_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    files: tuple[str, ...],
    where: str | None,
    call_ids: tuple[str, ...],
    users: tuple[str, ...],
    failed: bool,
    slow: float | None,
    as_json: bool,
    as_csv: bool,
    words: Words,
) -> None:
    """List the registrations in FILES, one per line: who, from where, how long, refused why.

    All conditions must hold. docs/calls.md has the columns of --json, --csv and --where.
    """
    from ..calls.listing import Asked, listed
    from .lines import RegistrationLines

    asked = Asked(where).matching(("call_id",), call_ids, case=True)
    asked = asked.of_users(("to_user", "contact_user"), users)
    if failed:
        asked = asked.among("result", FAILED)
    if slow is not None:
        asked = asked.also("delay >= ?", slow)
    query = asked.query("registrations", "start nulls last, call_id, to_user, to_host")
    lines = RegistrationLines(RegistrationWords(words.language))
    if not listed(files, query, words, lines, as_json=as_json, as_csv=as_csv):
        ctx.exit(1)
