"""Help and usage errors in the language of the command; click itself writes only English."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, Any

import click

from .text import visible
from .words import LANGUAGES, WORDS, Words

__all__ = ["SipfastCommand", "SpokenContext", "WrongUsage", "language_in", "words_of"]


def language_in(arguments: Sequence[str]) -> str:
    """The value of ``--lang``, found before the options are parsed: help and errors come early."""
    language = "en"
    for at, argument in enumerate(arguments):
        if argument == "--":
            break
        name, equals, value = argument.partition("=")
        if name == "--lang":
            value = value if equals else "".join(arguments[at + 1 : at + 2])
            language = value if value in LANGUAGES else language
    return language


def words_of(ctx: click.Context | None) -> Words:
    """The texts in the language of the command, which the outermost context holds."""
    words = None if ctx is None else ctx.find_root().obj
    return words if isinstance(words, Words) else WORDS["en"]


class SpokenContext(click.Context):
    """A context whose help is in the language of the command."""

    def make_formatter(self) -> click.HelpFormatter:
        formatter = super().make_formatter()
        if words_of(self).language == "en":
            return formatter
        from .chinese import ChineseHelp  # which rich measures

        return ChineseHelp(width=formatter.width)


class SipfastCommand(click.Command):
    """A command whose help is in the language of the command."""

    context_class = SpokenContext

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx  # which the parser of click leaves out
            raise


class WrongUsage(click.UsageError):
    """A usage error of click, safe to print: a file name in it may be hostile."""

    def __init__(self, error: click.UsageError) -> None:
        words = words_of(error.ctx)
        super().__init__(visible(words.wrong_usage(error.format_message())), error.ctx)

    def show(self, file: IO[Any] | None = None) -> None:
        words = words_of(self.ctx)
        if words.language == "en" or self.ctx is None:
            super().show(file)
            return
        click.echo(self.ctx.get_usage(), file=file, err=True)
        click.echo(words.try_help.format(self.ctx.command_path), file=file, err=True)
        click.echo(words.usage_error.format(self.message), file=file, err=True)
