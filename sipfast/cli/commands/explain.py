"""What one status code, method or header field means: the package's tables, set for reading."""

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
from ..screen.words import CLASSES, WORDS

__all__ = ["explain_code", "explain_header", "explain_method"]

_MEASURE = 88
"""The widest line of prose that reads well, in cells."""


def explain_code(asked: str, language: str, screen: Console) -> None:
    """Explain a status code; one that is not registered is explained as its receiver treats it."""
    if not re.fullmatch(r"[1-6][0-9]{2}", asked, re.ASCII):
        raise Misuse(f'"{asked}" is not a status code (100 to 699)')
    row = status(int(asked))
    english, chinese = CLASSES[row.code // 100]
    words = WORDS[language]
    if language == "zh":
        title, phrase, kind = f"{row.code} {row.phrase_zh}", row.phrase, chinese
        paragraphs = [(words.means, row.zh), (words.to_do, row.action_zh)]
    else:
        title, phrase, kind = f"{row.code} {row.phrase}", "", english
        paragraphs = [(words.means, row.en), (words.to_do, row.action)]
    facts = [phrase, f"{row.code // 100}xx {kind}", row.rfc]
    _page(screen, title, facts, paragraphs)


def explain_method(asked: str, language: str, screen: Console) -> None:
    """Explain a method, by its exact name (RFC 3261 7.1)."""
    row = method(asked)
    if row is None:
        raise Refusal(_unknown(asked, "method", METHODS))
    words = WORDS[language]
    meaning, action = (row.zh, row.action_zh) if language == "zh" else (row.en, row.action)
    _page(
        screen, row.name, [words.method, row.rfc], [(words.means, meaning), (words.to_do, action)]
    )


def explain_header(asked: str, language: str, screen: Console) -> None:
    """Explain a header field, by its full or compact name in any case."""
    row = header_name(asked)
    if row is None:
        raise Refusal(_unknown(asked, "header field", [known.name for known in HEADER_NAMES]))
    words = WORDS[language]
    compact = words.compact.format(row.compact) if row.compact else ""
    form = [
        words.comma_list if row.comma_list else words.no_comma_list,
        words.repeats if row.repeats else words.once,
    ]
    meaning = row.zh if language == "zh" else row.en
    joint = "" if language == "zh" else " "
    _page(
        screen,
        row.name,
        [words.header, compact, row.rfc],
        [(words.means, meaning), (words.form, joint.join(form))],
    )


def _unknown(asked: str, kind: str, known: Iterable[str]) -> str:
    folded = {name.lower(): name for name in known}
    near = difflib.get_close_matches(asked.lower()[:64], folded, n=1)
    hint = f"; did you mean {folded[near[0]]}?" if near else ""
    return f'"{asked}" is not a registered {kind}{hint}'


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
