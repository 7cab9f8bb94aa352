"""Tables that fit a width and lose no number."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from sipfast.cli.screen.grid import Grid, beside, wrapped_lines

SCREEN = Console(width=200)


def lines(grid: Grid, width: int) -> list[str]:
    return [line.plain for line in grid.lines(SCREEN, width)]


def sample() -> Grid:
    grid = Grid("number", "text", "number", "bar", heads=("count", "", "byte", ""))
    grid.row("1,234", "a long name of something", "5", "████████")
    grid.row("7", "short", "1,000,000")
    return grid


def test_all_beside_each_other_where_there_is_room() -> None:
    assert lines(sample(), 80) == [
        "count                                 byte",
        "1,234  a long name of something          5  ████████",
        "    7  short                     1,000,000",
    ]


def test_bars_go_first() -> None:
    assert lines(sample(), 45)[1] == "1,234  a long name of something          5"


def test_then_the_text_wraps() -> None:
    assert lines(sample(), 32) == [
        "count                       byte",
        "1,234  a long name of          5",
        "       something",
        "    7  short           1,000,000",
    ]


def test_at_last_the_text_stands_alone() -> None:
    assert lines(sample(), 20) == [
        "a long name of",
        "something",
        "  count 1,234",
        "  byte 5",
        "short",
        "  count 7",
        "  byte 1,000,000",
    ]


NUMBERS = st.integers(0, 10**12).map("{:,}".format)
NAMES = st.text("ab 长é-", max_size=60)


@given(
    st.lists(st.tuples(NUMBERS, NAMES, NUMBERS, NUMBERS), min_size=1, max_size=5),
    st.integers(20, 90),
)
def test_no_number_is_ever_lost(rows: list[tuple[str, str, str, str]], width: int) -> None:
    grid = Grid("number", "text", "number", "number")
    for row in rows:
        grid.row(*row)
    shown = lines(grid, width)
    assert max(map(cell_len, shown)) <= width
    numbers = re.findall(r"[\d,]+", "\n".join(shown))
    assert sorted(numbers) == sorted(
        number for one, _, *others in rows for number in (one, *others)
    )
    letters = "".join(shown).replace(" ", "")
    assert len(re.findall("[ab长é-]", letters)) == sum(
        len(re.findall("[ab长é-]", name)) for _, name, *_ in rows
    )


def test_beside() -> None:
    left, right = [Text("a"), Text("bc")], [Text("x"), Text("y"), Text("z")]
    assert [line.plain for line in beside(left, right, 2)] == ["a   x", "bc  y", "    z"]


def test_long_words_are_broken() -> None:
    assert [line.plain for line in wrapped_lines(Text("x" * 25), SCREEN, 10)] == [
        "x" * 10,
        "x" * 10,
        "x" * 5,
    ]
