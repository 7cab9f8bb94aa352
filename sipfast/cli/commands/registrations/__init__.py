"""``sipfast registrations``: a line for each registration."""

from __future__ import annotations

import click

from ....registry.results import FAILED_REGISTRATIONS
from ...options import files_argument, language_option
from ...rows.options import condition_options, form_options
from ...screen.help import SipfastCommand
from ...screen.words import Words
from .words import RegistrationWords

__all__ = ["command"]


@click.command("registrations", cls=SipfastCommand)
@files_argument
@condition_options(
    where="Registrations for which this holds, in SQL: \"expires < 60 and to_host = 'a.example'\".",
    user="User who is registered; * stands for any characters. Repeatable.",
    failed="Registrations that ended without a 2xx: refused, challenged, unanswered.",
    slow="Registrations with an average delay of at least this.",
)
@form_options(json="Print a JSON object per registration, with all columns.")
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
    from ...rows.listing import Asked, listed
    from .lines import RegistrationLines

    asked = Asked(where).matching(("call_id",), call_ids, case=True)
    asked = asked.of_users(("to_user", "contact_user"), users)
    if failed:
        asked = asked.among("result", FAILED_REGISTRATIONS)
    if slow is not None:
        asked = asked.also("delay >= ?", slow)
    query = asked.query("registrations", "start nulls last, call_id, to_user, to_host")
    lines = RegistrationLines(RegistrationWords(words.language))
    if not listed(files, query, words, lines, as_json=as_json, as_csv=as_csv):
        ctx.exit(1)
