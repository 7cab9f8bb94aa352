"""What the commands share: the argument FILE and the option ``--lang``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click
from click.core import ParameterSource

from .screen.console import words_of
from .screen.words import LANGUAGES, WORDS, Words

__all__ = ["FILE", "PLACE", "files_argument", "language_option"]

F = TypeVar("F", bound=Callable[..., object])

# Whoever opens a file says why that fails, and goes on with the others; click would end with 2.
FILE = click.Path(allow_dash=True, readable=False)
"""A file to read, or standard input."""
PLACE = click.Path(dir_okay=False, allow_dash=True, readable=False)
"""A file to write, or standard output."""

files_argument = click.argument("files", nargs=-1, required=True, metavar="FILE...", type=FILE)


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
