"""Help and usage errors in the language of the command; click itself writes only English."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import IO, Any

import click
from rich.cells import cell_len

from .text import visible, wrapped
from .words import LANGUAGES, WORDS, Words

__all__ = ["SipfastCommand", "SpokenContext", "WrongUsage", "language_in", "words_of"]

_HELP = re.compile(r"(.*?)(?:  \[(?:default: )?(.*)\])?", re.DOTALL)
_GAP = 2
"""The columns between an option and its text."""


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


class _ChineseHelp(click.HelpFormatter):
    """Translates what click writes, and wraps it by cells."""

    words = WORDS["zh"]

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        for english in ("[OPTIONS]", "COMMAND [ARGS]..."):
            args = args.replace(english, self.words.usage(english))
        super().write_usage(prog, args, self.words.usage("Usage: "))

    def write_heading(self, heading: str) -> None:
        self.write(f"{'':>{self.current_indent}}{self.words.usage(heading)}：\n")

    def write_text(self, text: str) -> None:
        paragraphs = [self.words.help(" ".join(part.split())) for part in text.split("\n\n")]
        for at, paragraph in enumerate(paragraphs):
            if at:
                self.write_paragraph()
            for line in wrapped(paragraph, self.width - self.current_indent):
                self.write(f"{'':>{self.current_indent}}{line}\n")

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = _GAP
    ) -> None:
        rows = list(rows)
        margin = min(max(cell_len(name) for name, _ in rows), col_max) + col_spacing
        for name, english in rows:
            match = _HELP.fullmatch(english)
            assert match is not None  # its second half is optional
            text = self.words.help(match[1])
            if match[2]:
                text += self.words.default.format(match[2].replace("; ", "，"))
            head = f"{'':>{self.current_indent}}{name}"
            if cell_len(name) > margin - col_spacing:
                self.write(f"{head}\n")
                head = ""
            for line in wrapped(text, max(self.width - self.current_indent - margin, 10)):
                self.write(f"{head:{self.current_indent + margin}}{line}\n")
                head = ""


class SpokenContext(click.Context):
    """A context whose help is in the language of the command."""

    def make_formatter(self) -> click.HelpFormatter:
        formatter = super().make_formatter()
        if words_of(self).language == "en":
            return formatter
        return _ChineseHelp(width=formatter.width)


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
