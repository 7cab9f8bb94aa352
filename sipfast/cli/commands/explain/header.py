"""``sipfast header``: the meaning of a header field."""

from __future__ import annotations

import click
from rich.console import Console

from ....registry.header_names import HEADER_NAMES, header_name
from ...options import language_option
from ...screen.console import Refusal, console
from ...screen.help import SipfastCommand
from ...screen.words import Words
from .page import page, unknown

__all__ = ["command"]


@click.command("header", cls=SipfastCommand)
@click.argument("name")
@language_option
def command(name: str, words: Words) -> None:
    """Explain a header field, such as Via, by its full or compact name."""
    explain_header(name, words, console())


def explain_header(asked: str, words: Words, screen: Console) -> None:
    """Explain a header field, by its full or compact name, case-insensitive."""
    row = header_name(asked)
    if row is None:
        names = [known.name for known in HEADER_NAMES]
        raise Refusal(unknown(asked, words.unknown_header, names, words))
    compact = words.compact.format(row.compact) if row.compact else ""
    form = [
        words.comma_list if row.comma_list else words.no_comma_list,
        words.repeats if row.repeats else words.once,
    ]
    meaning, joint = (row.zh, "") if words.language == "zh" else (row.en, " ")
    page(
        screen,
        row.name,
        [words.header, compact, row.rfc],
        [(words.means, meaning), (words.form, joint.join(form))],
    )
