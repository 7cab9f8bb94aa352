"""A page of explanation, and the hint at an unknown name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from ...screen.words import Words
from ...screen.wrapping import wrapped

__all__ = ["page", "unknown"]

_MEASURE = 88
"""The widest line of prose that reads well, in cells."""


def unknown(asked: str, text: str, known: Iterable[str], words: Words) -> str:
    folded = {name.lower(): name for name in known}
    near = difflib.get_close_matches(asked.lower()[:64], folded, n=1)
    hint = words.did_you_mean.format(folded[near[0]]) if near else ""
    return text.format(asked) + hint


def page(screen: Console, title: str, facts: list[str], paragraphs: list[tuple[str, str]]) -> None:
    facts = [fact for fact in facts if fact]
    screen.print(Text(title, style="title"))
    screen.print(Text(" · ".join(facts), style="quiet"))
    margin = max(cell_len(label) for label, _ in paragraphs) + 2
    for label, prose in paragraphs:
        screen.print()
        head = label + " " * (margin - cell_len(label))
        for line in wrapped(prose, min(screen.width, _MEASURE) - margin):
            screen.print(Text.assemble((head, "name"), line), soft_wrap=True)
            head = " " * margin
