"""``sipfast method``: the meaning of a method."""

from __future__ import annotations

import click
from rich.console import Console

from ....registry.methods import METHODS, method
from ...options import language_option
from ...screen.console import Refusal, console
from ...screen.help import SipfastCommand
from ...screen.words import Words
from .page import page, unknown

__all__ = ["command"]


@click.command("method", cls=SipfastCommand)
@click.argument("name")
@language_option
def command(name: str, words: Words) -> None:
    """Explain a method, such as INFO."""
    explain_method(name, words, console())


def explain_method(asked: str, words: Words, screen: Console) -> None:
    """Explain a method, by its exact name (RFC 3261 7.1)."""
    row = method(asked)
    if row is None:
        raise Refusal(unknown(asked, words.unknown_method, METHODS, words))
    chinese = words.language == "zh"
    meaning, action = (row.zh, row.action_zh) if chinese else (row.en, row.action)
    page(screen, row.name, [words.method, row.rfc], [(words.means, meaning), (words.to_do, action)])
