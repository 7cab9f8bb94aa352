"""Explanations of a status code, a method or a header field, from the package's tables."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from ...registry.header_names import HEADER_NAMES, header_name
from ...registry.methods import METHODS, method
from ...registry.status import status
from ..screen.console import Misuse, Refusal
from ..screen.text import wrapped
from ..screen.words import CLASSES, Words

__all__ = ["explain_code", "explain_header", "explain_method"]

_MEASURE = 88
"""The widest line of prose that reads well, in cells."""


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
    _page(screen, title, facts, paragraphs)


def explain_method(asked: str, words: Words, screen: Console) -> None:
    """Explain a method, by its exact name (RFC 3261 7.1)."""
    row = method(asked)
    if row is None:
        raise Refusal(_unknown(asked, words.unknown_method, METHODS, words))
    chinese = words.language == "zh"
    meaning, action = (row.zh, row.action_zh) if chinese else (row.en, row.action)
    _page(
        screen, row.name, [words.method, row.rfc], [(words.means, meaning), (words.to_do, action)]
    )


def explain_header(asked: str, words: Words, screen: Console) -> None:
    """Explain a header field, by its full or compact name, case-insensitive."""
    row = header_name(asked)
    if row is None:
        names = [known.name for known in HEADER_NAMES]
        raise Refusal(_unknown(asked, words.unknown_header, names, words))
    compact = words.compact.format(row.compact) if row.compact else ""
    form = [
        words.comma_list if row.comma_list else words.no_comma_list,
        words.repeats if row.repeats else words.once,
    ]
    meaning, joint = (row.zh, "") if words.language == "zh" else (row.en, " ")
    _page(
        screen,
        row.name,
        [words.header, compact, row.rfc],
        [(words.means, meaning), (words.form, joint.join(form))],
    )


def _unknown(asked: str, text: str, known: Iterable[str], words: Words) -> str:
    folded = {name.lower(): name for name in known}
    near = difflib.get_close_matches(asked.lower()[:64], folded, n=1)
    hint = words.did_you_mean.format(folded[near[0]]) if near else ""
    return text.format(asked) + hint


def _page(screen: Console, title: str, facts: list[str], paragraphs: list[tuple[str, str]]) -> None:
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
