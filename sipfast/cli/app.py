"""The command line: what can be asked, and the exit code of the answer."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

import click

from .. import __version__, engine, kernel
from ..errors import FAULTS
from .commands.check import check_files, known_codes, print_codes, print_sums, writer
from .commands.explain import explain_code, explain_header, explain_method
from .commands.show import show_message
from .commands.stats import print_stats
from .screen.console import SipfastGroup, console
from .screen.words import LANGUAGES

__all__ = ["sipfast"]

F = TypeVar("F", bound=Callable[..., object])


def language_option(command: F) -> F:
    """``--lang``, the same for every command that explains."""
    return click.option(
        "--lang",
        "language",
        type=click.Choice(LANGUAGES),
        default="en",
        show_default=True,
        help="Language of the explanations.",
    )(command)


@click.group(
    cls=SipfastGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 fine; 1 a file that cannot be read, a message that is not there, a name "
    "that is not registered, a fault that check finds; 2 wrong usage; 130 interrupted.",
)
@click.version_option(
    __version__, message=f"%(prog)s %(version)s, engine {engine}, kernel {kernel or 'none'}"
)
def sipfast() -> None:
    """Look into files of SIP messages: captures (pcap, pcapng) or messages one after another."""


@sipfast.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path())
@click.option(
    "--errors",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    help="List this many of the messages that cannot be parsed.",
)
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="List this many user agents.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def stats(ctx: click.Context, files: tuple[str, ...], errors: int, top: int, as_json: bool) -> None:
    """Count what FILES hold: methods, responses, user agents, defects, broken messages."""
    if not print_stats(files, console(), errors=errors, top=top, as_json=as_json):
        ctx.exit(1)


def list_codes(ctx: click.Context, _param: click.Parameter, asked: bool) -> None:
    """``--list``, which like ``--help`` asks for no files."""
    if asked and not ctx.resilient_parsing:
        print_codes(console())
        ctx.exit()


@sipfast.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path())
@click.option(
    "--select",
    multiple=True,
    callback=known_codes,
    metavar="CODE",
    help="Look for this code only. Repeatable.",
)
@click.option(
    "--ignore",
    multiple=True,
    callback=known_codes,
    metavar="CODE",
    help="Pass over this code. Repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object for each fault, a line.")
@click.option("-q", "--quiet", is_flag=True, help="Leave out the sums at the end.")
@click.option(
    "--list",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=list_codes,
    help="Print every code with its status, text and RFC section, and end.",
)
@click.pass_context
def check(
    ctx: click.Context,
    files: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    as_json: bool,
    quiet: bool,
) -> None:
    """List what is wrong in each message of FILES, a line for each fault; exit with 1 if any is."""
    codes = frozenset(select or FAULTS).difference(ignore)
    sums = check_files(files, codes, writer(console(), as_json=as_json))
    sys.stdout.flush()  # what was found comes before what it amounts to
    if not quiet and sums.unreadable < len(files):
        print_sums(sums, console(stderr=True))
    if not sums.fine:
        ctx.exit(1)


@sipfast.command()
@click.argument("file", type=click.Path())
@click.option(
    "-n",
    "--number",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Which message of the file, counted from 1.",
)
@language_option
def show(file: str, number: int, language: str) -> None:
    """Show one message of FILE: each header field and what it means, and what is wrong where."""
    show_message(file, number, language, console())


@sipfast.command()
@click.argument("code")
@language_option
def code(code: str, language: str) -> None:
    """Explain a status CODE, such as 486."""
    explain_code(code, language, console())


@sipfast.command()
@click.argument("name")
@language_option
def method(name: str, language: str) -> None:
    """Explain a method, such as INFO."""
    explain_method(name, language, console())


@sipfast.command()
@click.argument("name")
@language_option
def header(name: str, language: str) -> None:
    """Explain a header field, such as Via, by its full or compact name."""
    explain_header(name, language, console())
