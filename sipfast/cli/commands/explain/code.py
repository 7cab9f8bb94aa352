"""``sipfast code``: the meaning of a status code."""

from __future__ import annotations

import re

import click
from rich.console import Console

from ....registry.status import status
from ...options import language_option
from ...screen.console import Misuse, console
from ...screen.help import SipfastCommand
from ...screen.words import CLASSES, Words
from .page import page

__all__ = ["command"]


@click.command("code", cls=SipfastCommand)
@click.argument("code")
@language_option
def command(code: str, words: Words) -> None:
    """Explain a status CODE, such as 486."""
    explain_code(code, words, console())


def explain_code(asked: str, words: Words, screen: Console) -> None:
    """Explain a status code; for an unregistered one, the code that its receiver treats it as."""
    if not re.fullmatch(r"[1-6][0-9]{2}", asked, re.ASCII):
        raise Misuse(words.not_a_status.format(asked))
    row = status(int(asked))
    english, chinese = CLASSES[row.code // 100]
    if words.language == "zh":
        title, phrase, kind = f"{row.code} {row.phrase_zh}", row.phrase, chinese
        paragraphs = [(words.means, row.zh), (words.to_do, row.action_zh)]
    else:
        title, phrase, kind = f"{row.code} {row.phrase}", "", english
        paragraphs = [(words.means, row.en), (words.to_do, row.action)]
    facts = [phrase, f"{row.code // 100}xx {kind}", row.rfc]
    page(screen, title, facts, paragraphs)
