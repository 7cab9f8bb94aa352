"""What a message says of a value, held against the grammar of its field.

A value that the grammar has must have no error. A text after an edit that leaves the grammar must
be named: by a defect of either severity, or by a parse error. `tolerated.abnf` has the rules for
the texts that are passed over on purpose.
"""

from __future__ import annotations

from functools import cache
from random import Random
from typing import NamedTuple

from samples import attempt

from sipfast import ParseError
from sipfast._engine import Engine

from .abnf import Grammar
from .automaton import Automaton
from .edits import edited
from .fields import automaton, drawer, is_value, message, start_of

TROUBLESOME: dict[str, str] = {}
"""The warnings that values of the grammar may have, and why."""


MILD: dict[str, str] = {
    "date-iso": "GB/T 28181 devices write dates so",
    "host-extra-colon": "RFC 5118 4.10 wants three colons tolerated",
    "host-numeric": "numeric names are given out in private networks",
    "host-underscore": "names with an underscore resolve, and are common in private networks",
    "language-malformed": "a hint for people, such as en_US",
    "list-item-empty": "receivers skip an empty item (RFC 3261 7.3.1, RFC 4475 3.1.2.1)",
    "parameter-value-unexpected": "a flag is known by its name: lr=on, early-only=1",
    "privacy-comma": "early drafts had commas",
    "session-id-capitals": "compared without regard to case by most",
    "text-encoding-malformed": "text in another charset is carried as it is",
    "token-quoted": "qop and algorithm in quotes are read by nearly everybody",
}
"""The warnings that may be all that is said of a text beyond the grammar, and why."""


class Said(NamedTuple):
    """A fault of a message with the value."""

    code: str
    severity: str
    offset: int
    """The byte in the value."""


def said(engine: Engine, field: str, text: str) -> list[Said]:
    """The faults of the message with a value, in Latin-1."""
    made = attempt(engine, message(field, text))
    start = start_of(field)
    if isinstance(made, ParseError):
        return [Said(made.code, "error", made.offset - start)]
    return [Said(each.code, each.severity, each.offset - start) for each in made.defects]


@cache
def _tolerant(field: str) -> Automaton:
    return Automaton(Grammar.of("sip", "extensions", "tolerated"), field)


def is_tolerated(field: str, text: str) -> bool:
    """Whether a text beyond the grammar is passed over on purpose."""
    return _tolerant(field).matches(text)


def value(field: str, random: Random) -> str:
    """A value that is right."""
    return drawer(field)(random)


def wrong_of_value(engine: Engine, field: str, text: str) -> list[Said]:
    """What is said of a value that is right, and should not be."""
    return [
        each
        for each in said(engine, field, text)
        if each.severity == "error" or each.code not in TROUBLESOME
    ]


def edited_value(field: str, random: Random) -> str | None:
    """A text that an edit has taken out of the grammar; None if it is still there."""
    text = edited(random, value(field, random))
    return None if is_value(field, text) else text


def is_silent(engine: Engine, field: str, text: str) -> bool:
    """Whether nothing is said of a text beyond the grammar that is not tolerated."""
    return not said(engine, field, text) and not is_tolerated(field, text)


def where_it_leaves(field: str, text: str) -> int:
    """The byte with which a text beyond the grammar leaves it."""
    at = automaton(field).fault(text)
    assert at is not None, text
    return at
