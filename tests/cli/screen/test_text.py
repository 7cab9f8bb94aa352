"""Text fit for a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from sipfast.cli.screen.text import file_size, first_sentence, visible
from sipfast.cli.screen.wrapping import wrapped
from sipfast.registry.header_names import HEADER_NAMES


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain, 中文 and \\ too", "plain, 中文 and \\ too"),
        ("\0\x1b\x7f\x9b", "\\x00\\x1b\\x7f\\x9b"),
        ("a\tb\r\n", "a\\tb\\r\\n"),
        ("\udc80\udcff", "\\x80\\xff"),
        ("\ud800\u202e\u2028\ufeff", "\\ud800\\u202e\\u2028\\ufeff"),
        ("\U000e0001", "\\U000e0001"),
        ("no\xa0break", "no\\xa0break"),
    ],
)
def test_visible(text: str, seen: str) -> None:
    assert visible(text) == seen


@given(st.text(), st.integers(min_value=2, max_value=60))
def test_wrapped_keeps_everything_but_the_blanks(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(cell_len(line) <= width for line in lines)


def test_wrapped() -> None:
    assert wrapped("", 10) == []
    assert wrapped("one two three", 8) == ["one two", "three"]
    assert wrapped("see RFC\xa03261 x", 8) == ["see", "RFC 3261", "x"]
    assert wrapped("a bcdefgh i", 4) == ["a", "bcde", "fgh", "i"]
    assert wrapped("一二三四，五六", 8) == ["一二三", "四，五六"]
    assert wrapped("到 Retry-After 为止。", 12) == ["到", "Retry-After", "为止。"]


def test_first_sentences_are_whole() -> None:
    for row in HEADER_NAMES:
        for text in (row.en, row.zh):
            first = first_sentence(text)
            assert text.startswith(first)
            assert first.endswith((".", "。"))
            assert len(first) > 5


def test_file_size() -> None:
    sizes = {1: "1 byte", 999: "999 bytes", 1000: "1.0 kB", 999_949: "999.9 kB", 999_950: "1.0 MB"}
    sizes |= {2_500_000_000: "2.5 GB", 10**15: "1000.0 TB"}
    assert {size: file_size(size) for size in sizes} == sizes
