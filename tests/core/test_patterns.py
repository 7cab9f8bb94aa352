"""The cost of each pattern: linear in the text, whatever is repeated in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from time import process_time_ns

import pytest
from cost import READ_OF_FOUR, ratio, steadiness

from sipfast._core.wire import text as chars
from sipfast._core.wire.patterns import MATCHES

__all__ = ["steadiness"]  # the fixture, for this module

SHAPES = {
    name: getattr(chars, name)
    for name in (
        *("OF_OTHER", "OF_SIP", "OF_SIPS", "OF_TEL", "OF_URN"),
        *("NAME_ADDR", "ADDR_SPEC", "VIA", "ITEM", "MEDIA", "COMMENTED"),
        *("CREDENTIALS_TOKEN", "CREDENTIALS", "ONE_WORD", "TWO_WORDS", "THREE_WORDS"),
        *("ALL_PARAMETERS", "CALL_ID"),
    )
}

STARTS = (
    *("", "a", "a ", "a;", 'a;x="', '"', '"a"', '"a" <', "<", "<a", "<sip:a>", "a <"),
    *("x:", "sip:", "sip:a", "sip:a:", "sip:a@", "sip:h:", "sip:h;x", "sip:h?", "sip:["),
    *("tel:", "tel:+", "tel:1", "tel:1;", "urn:"),
    *("SIP", "SIP/", "SIP/2.0/", "SIP/2.0/UDP", "SIP/2.0/UDP h", "SIP/2.0/UDP h:"),
    *("SIP/2.0/UDP h:5060", "SIP/2.0/UDP [", "a/", "a/b", "a/b;", "18(", "1 2 "),
)
PIECES = (
    *("a", "0", " ", "\t", "/", ":", "@", ";", "=", ",", '"', "\\", "<", ">", "[", "(", ")", "?"),
    *("%", "-", ".", "*", '\\"', '""', '";', '"a" ', '"\\', "<>", " <", "a ", " a", "a/", "a:"),
    *("a@", "a;", "0 ", ": ", " =", "=a", "x=1;", "+1"),
)
ENDS = ("", "y", "\n", '"', ">", ";", "@", "<", "/", ":", " y", "\\")

SIZE = 4096
MOST_NS = 100 * SIZE
"""A pattern takes some 10 ns a character; one whose cost is quadratic, thousands here."""


def text_of(start: str, piece: str, end: str, size: int) -> str:
    return start + piece * (size // len(piece)) + end


def costly(match: Callable[[str], object]) -> Iterator[tuple[str, str, str]]:
    """What may take more than linear time to match."""
    for start, piece, end in product(STARTS, PIECES, ENDS):
        text = text_of(start, piece, end, SIZE)
        before = process_time_ns()
        match(text)
        if process_time_ns() - before > MOST_NS:
            yield start, piece, end


@pytest.mark.parametrize("name", SHAPES)
def test_a_pattern_takes_linear_time(name: str) -> None:
    match = MATCHES[SHAPES[name]]
    for pieces in costly(match):
        short, long = text_of(*pieces, SIZE // 4), text_of(*pieces, SIZE)
        taken = ratio(partial(match, short), partial(match, long), READ_OF_FOUR)
        assert taken <= READ_OF_FOUR, pieces


def test_every_pattern_is_among_them() -> None:
    assert sorted(SHAPES.values()) == [*range(len(MATCHES))]
