"""One random edit of a text."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

CHARACTERS: tuple[str, ...] = (
    *"abcdefXYZ0159",
    *""" \t!"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~""",
    *("\x00", "\x07", "\x7f", "\x80", "\xe9", "\xff", "\xc3\xa9", "%41", "%4", ";;", ",,", ", ,"),
)
"""What is put into a text: letters, separators, and what is no text."""

_WORD = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_VALUE = re.compile(r'=\s*(?:"(?:[^"\\]|\\.)*"|[^\s;,="<>?&]+)', re.DOTALL)

Edit = Callable[[Random, str], str]


def insert(random: Random, text: str) -> str:
    at = random.randrange(len(text) + 1)
    return text[:at] + random.choice(CHARACTERS) + text[at:]


def replace(random: Random, text: str) -> str:
    at = random.randrange(len(text))
    return text[:at] + random.choice(CHARACTERS) + text[at + 1 :]


def delete(random: Random, text: str) -> str:
    at = random.randrange(len(text))
    return text[:at] + text[at + 1 :]


def delete_several(random: Random, text: str) -> str:
    at = random.randrange(len(text))
    return text[:at] + text[at + random.randrange(2, 9) :]


def double(random: Random, text: str) -> str:
    at = random.randrange(len(text))
    return text[:at] + text[at] + text[at:]


def swap(random: Random, text: str) -> str:
    at = random.randrange(len(text))
    return text[:at] + text[at : at + 2][::-1] + text[at + 2 :]


def quote(random: Random, text: str) -> str:
    """Put a word into quotes."""
    return _changed(random, text, _WORD, lambda word: f'"{word}"')


def unquote(random: Random, text: str) -> str:
    """Take the quotes off a string."""
    return _changed(random, text, _QUOTED, lambda quoted: quoted[1:-1])


def drop_value(random: Random, text: str) -> str:
    """Leave a parameter without its value."""
    return _changed(random, text, _VALUE, lambda value: "")


def empty_value(random: Random, text: str) -> str:
    """Leave the value of a parameter empty."""
    return _changed(random, text, _VALUE, lambda value: "=")


def _changed(
    random: Random, text: str, pattern: re.Pattern[str], change: Callable[[str], str]
) -> str:
    places = [*pattern.finditer(text)]
    if not places:
        return insert(random, text)
    found = random.choice(places)
    return text[: found.start()] + change(found[0]) + text[found.end() :]


EDITS: tuple[Edit, ...] = (
    *(insert, replace, delete, double, swap, delete_several),
    *(quote, unquote, drop_value, empty_value),
)


def edited(random: Random, text: str) -> str:
    """The text after one edit, which leaves line ends as they are."""
    if not text:
        return random.choice(CHARACTERS)
    made = random.choice(EDITS)(random, text)
    return made if _folds(made) else text


def _folds(text: str) -> bool:
    """Whether each line end in a text is a fold."""
    rest = re.sub(r"\r\n(?=[ \t])", "", text)
    return "\r" not in rest and "\n" not in rest
