"""The command line: commands, options, and exit codes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from .. import __version__, engine, kernel
from ..errors import FAULTS, Severity
from .commands.check import (
    BY,
    FORMATS,
    Groups,
    Wanted,
    check_files,
    known_codes,
    print_codes,
    print_sums,
    report_of,
)
from .commands.explain import explain_code, explain_header, explain_method
from .commands.list import list_messages
from .commands.show import show_messages
from .commands.stats import Wish, print_stats
from .filters import choice_of, filter_options
from .screen.console import SipfastGroup, console, words_of
from .screen.words import LANGUAGES, WORDS, Words

__all__ = ["sipfast"]

F = TypeVar("F", bound=Callable[..., object])

EXPORTS = ("parquet", "csv", "jsonl", "arrow", "pcap", "pcapng", "sip")

files_argument = click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(allow_dash=True)
)


def _words(ctx: click.Context, _param: click.Parameter, language: str) -> Words:
    if ctx.get_parameter_source("words") is not ParameterSource.DEFAULT:
        ctx.find_root().obj = WORDS[language]
    return words_of(ctx)


def language_option(command: F) -> F:
    """``--lang``, which becomes the argument `words` of every command."""
    return click.option(
        "--lang",
        "words",
        type=click.Choice(LANGUAGES),
        default="en",
        show_default=True,
        is_eager=True,
        callback=_words,
        help="Language of the texts.",
    )(command)


@click.group(
    cls=SipfastGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="FILE is a path, or - for standard input. Exit codes: 0 success; 1 an unreadable file, "
    "a missing message, an unregistered name, a fault found by check; 2 wrong usage; 3 check did "
    "not read all SIP; 130 interrupted.",
)
@click.version_option(
    __version__, message=f"%(prog)s %(version)s, engine {engine}, kernel {kernel or 'none'}"
)
@language_option
def sipfast(words: Words) -> None:
    """Inspect files of SIP messages: captures (pcap, pcapng) or concatenated messages."""


@sipfast.command()
@files_argument
@filter_options
@click.option(
    "--errors",
    metavar="N",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    help="List this many unparsable messages.",
)
@click.option(
    "--top",
    metavar="N",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="List this many user agents.",
)
@click.option("--no-defects", is_flag=True, help="Do not look for defects, which takes most time.")
@click.option("--no-repeats", is_flag=True, help="Leave out retransmissions and mirror duplicates.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@language_option
@click.pass_context
def stats(
    ctx: click.Context,
    /,
    files: tuple[str, ...],
    errors: int,
    top: int,
    no_defects: bool,
    no_repeats: bool,
    as_json: bool,
    words: Words,
    **filters: Any,
) -> None:
    """Count methods, responses, user agents, defects and unparsable messages in FILES."""
    wish = Wish(errors, not no_defects, not no_repeats, choice_of(**filters))
    if not print_stats(files, words, console(), wish=wish, top=top, as_json=as_json):
        ctx.exit(1)


def list_codes(ctx: click.Context, _param: click.Parameter, asked: bool) -> None:
    """``--list``, which like ``--help`` needs no files."""
    if asked and not ctx.resilient_parsing:
        print_codes(console(), words_of(ctx))
        ctx.exit()


@sipfast.command()
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
def check(
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
            raise click.UsageError(words.contradiction.format(form), ctx)
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


@sipfast.command(name="list")
@files_argument
@filter_options
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object per message.")
@language_option
@click.pass_context
def list_(
    ctx: click.Context, /, files: tuple[str, ...], as_json: bool, words: Words, **filters: Any
) -> None:
    """List the messages in FILES, one per line, with their numbers for show."""
    if not list_messages(files, choice_of(**filters), words, console(), as_json=as_json):
        ctx.exit(1)


@sipfast.command()
@click.argument("file", type=click.Path(allow_dash=True))
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
def show(file: str, limit: int, words: Words, **filters: Any) -> None:
    """Show messages of FILE, with the meaning of each header field and marks at the faults.

    Without an option that chooses messages, show the first one.
    """
    show_messages(file, choice_of(**filters), limit, words, console())


@sipfast.command()
@files_argument
@click.option(
    "-o",
    "--out",
    required=True,
    metavar="OUT",
    type=click.Path(dir_okay=False, allow_dash=True),
    help="File to write, whose suffix is the format; - for standard output.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(EXPORTS),
    help="Format, in place of the suffix of OUT.",
)
@click.option(
    "--columns",
    metavar="NAMES",
    help="Columns of a table, with commas between; by default the usual.",
)
@click.option(
    "--where",
    metavar="EXPRESSION",
    help="Messages for which this holds: status >= 400 and from_user = 'alice'.",
)
@click.option(
    "--split-by",
    type=click.Choice(["call", "hour"]),
    help="Write a file for each call or hour, OUT with its name before the suffix.",
)
@click.option("--force", is_flag=True, help="Overwrite files.")
@filter_options
@language_option
@click.pass_context
def export(
    ctx: click.Context,
    /,
    files: tuple[str, ...],
    out: str,
    form: str | None,
    columns: str | None,
    where: str | None,
    split_by: str | None,
    force: bool,
    words: Words,
    **filters: Any,
) -> None:
    """Write the messages in FILES as a table (Parquet, CSV, ...) or as a capture.

    All filters must hold. The columns, and the expressions of --where, are in docs/columns.md.
    """
    from .commands.export import Order, export_messages  # which need much of the package

    order = Order(out, form, columns, where, split_by, force)
    if not export_messages(files, choice_of(**filters), order, words):
        ctx.exit(1)


@sipfast.command()
@click.argument("code")
@language_option
def code(code: str, words: Words) -> None:
    """Explain a status CODE, such as 486."""
    explain_code(code, words, console())


@sipfast.command()
@click.argument("name")
@language_option
def method(name: str, words: Words) -> None:
    """Explain a method, such as INFO."""
    explain_method(name, words, console())


@sipfast.command()
@click.argument("name")
@language_option
def header(name: str, words: Words) -> None:
    """Explain a header field, such as Via, by its full or compact name."""
    explain_header(name, words, console())
