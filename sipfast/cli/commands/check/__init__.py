"""``sipfast check``: the faults of each message of files, one per line, as linters print them.

A fault is written at once, and only sums are kept, so memory is independent of the files.
"""

from __future__ import annotations

import sys
from typing import Any

import click

from ....errors import FAULTS, Severity
from ...filters import choice_of, filter_options
from ...options import files_argument, language_option
from ...screen.console import console, words_of
from ...screen.help import SipfastCommand
from ...screen.words import Words
from .codes import known_codes, print_codes
from .find import Found, Sums, Wanted, check_files
from .groups import BY, Groups
from .report import FORMATS, Report, print_sums, report_of

__all__ = [
    "BY",
    "FORMATS",
    "Found",
    "Groups",
    "Report",
    "Sums",
    "Wanted",
    "check_files",
    "command",
    "known_codes",
    "print_codes",
    "print_sums",
    "report_of",
]


def list_codes(ctx: click.Context, _param: click.Parameter, asked: bool) -> None:
    """``--list``, which like ``--help`` needs no files."""
    if asked and not ctx.resilient_parsing:
        print_codes(console(), words_of(ctx))
        ctx.exit()


@click.command("check", cls=SipfastCommand)
@files_argument
@filter_options
@click.option(
    "--severity",
    type=click.Choice(["error", "warning"]),
    default="warning",
    show_default=True,
    help="Report errors only, or warnings too.",
)
@click.option(
    "--select",
    multiple=True,
    callback=known_codes,
    metavar="CODE",
    help="Report this code only. Repeatable.",
)
@click.option(
    "--ignore",
    multiple=True,
    callback=known_codes,
    metavar="CODE",
    help="Ignore this code. Repeatable.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="json: an object per line; sarif: for editors and CI; github: annotations.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "--group-by",
    type=click.Choice(list(BY)),
    help="Print a group for each code, call, user agent or file, instead of each fault.",
)
@click.option("-q", "--quiet", is_flag=True, help="Leave out the sums at the end.")
@click.option(
    "--list",
    is_flag=True,
    expose_value=False,
    callback=list_codes,
    help="Print every code with its severity, status, text and RFC section, and exit.",
)
@language_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    files: tuple[str, ...],
    severity: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    form: str,
    as_json: bool,
    group_by: str | None,
    quiet: bool,
    words: Words,
    **filters: Any,
) -> None:
    """List the faults of each message in FILES, one per line; exit with 1 if there is any."""
    if as_json:
        if form not in ("text", "json"):
            raise click.UsageError(words.contradiction.format("--json", f"--format {form}"), ctx)
        form = "json"
    if group_by and form not in ("text", "json"):
        raise click.UsageError(words.no_groups.format(form), ctx)
    severities: frozenset[Severity] = frozenset({"error", "warning"})
    if severity == "error":
        severities = frozenset({"error"})
    wanted = Wanted(frozenset(select or FAULTS).difference(ignore), severities)
    screen = console()
    report = (
        Groups(group_by, screen, words, as_json=form == "json")
        if group_by
        else report_of(form, screen, words)
    )
    sums = check_files(files, wanted, report, words, choice_of(**filters))
    report.close()
    sys.stdout.flush()  # the faults come before their sums
    if not quiet and sums.unreadable < len(files):
        print_sums(sums, console(stderr=True), words)
    ctx.exit(sums.exit_code)
