"""``sipfast calls``: a line for each call."""

from __future__ import annotations

import click

from ....registry.results import FAILED_CALLS
from ...options import files_argument, language_option
from ...rows.options import condition_options, form_options
from ...screen.help import SipfastCommand
from ...screen.words import Words
from .words import CallWords

__all__ = ["command"]

_USERS = ("caller", "callee", "from_user", "to_user")


@click.command("calls", cls=SipfastCommand)
@files_argument
@condition_options(
    where="Calls for which this holds, in SQL: \"duration > 60 and from_host = 'a.example'\".",
    user="User of the caller or the callee; * stands for any characters. Repeatable.",
    failed="Calls that failed: all but those that were answered or redirected.",
    slow="Calls with a post-dial delay of at least this.",
)
@click.option(
    "--correlate",
    metavar="COLUMN",
    help="List calls with the same value together, as legs: header:X-CID, header:Replaces.",
)
@form_options(json="Print a JSON object per call, with all columns.")
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
    correlate: str | None,
    as_json: bool,
    as_csv: bool,
    words: Words,
) -> None:
    """List the calls in FILES, one per line: who called whom, the result, the delays.

    All conditions must hold. docs/calls.md has the columns of --json, --csv and --where.
    """
    from ...rows.listing import Asked, listed
    from .lines import CallLines

    asked = Asked(where).matching(("call_id",), call_ids, case=True).of_users(_USERS, users)
    if failed:
        asked = asked.among("result", FAILED_CALLS)
    if slow is not None:
        asked = asked.also("post_dial_delay >= ?", slow)
    order = "start nulls last, call_id"
    if correlate is not None:
        order = f"min(start) over (partition by correlation) nulls last, correlation, {order}"
    query = asked.query("calls", order, correlate)
    lines = CallLines(CallWords(words.language), legs=correlate is not None)
    if not listed(files, query, words, lines, as_json=as_json, as_csv=as_csv):
        ctx.exit(1)
