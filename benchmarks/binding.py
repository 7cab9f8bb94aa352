"""The binding bars: ratios of instructions, which the gate checks in every run.

Counts repeat within one percent under any load, so a bar here is slightly above the reached figure,
or the target itself. Bars that need a clock are in `benchmarks.bars`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from benchmarks.bar import Bar


class Ratio(NamedTuple):
    """A promise on the ratio of the counts of two rows."""

    promise: str
    row: str
    other: str
    wanted: float
    at_least: bool = False

    def bar(self, counts: Mapping[str, float]) -> Bar:
        """Return the bar with the counted ratio, or None if a row is missing."""
        row, other = counts.get(self.row), counts.get(self.other)
        measured = row / other if row and other else None
        return Bar(self.promise, self.wanted, measured, self.at_least)


SPLIT = "by hand: split mixed"
"""The row of the split by hand."""

RATIOS = (
    Ratio(
        "nine look-ups and the body: split by hand, against sipfast",
        "by hand: look-ups mixed",
        "look-ups mixed",
        5.0,
        at_least=True,
    ),
    Ratio(
        "lazy: split by hand, against parse",
        SPLIT,
        "parse mixed",
        12,
        at_least=True,
    ),
    Ratio(
        "split by hand, against parse and 19 typed properties",
        SPLIT,
        "typed mixed",
        2,
        at_least=True,
    ),
    Ratio(
        "parse and defects, against parse and 19 typed properties",
        "defects mixed",
        "typed mixed",
        3,
    ),
    Ratio("digest check, MD5, against its hashes", "digest md5", "by hand: digest md5", 1.1),
    Ratio("four changes of a draft, against split by hand", "edit mixed", SPLIT, 0.35),
    Ratio("a request forwarded, against split by hand", "forward mixed", SPLIT, 0.38),
    Ratio("a response forwarded, against split by hand", "response mixed", SPLIT, 0.23),
    Ratio("a reply, against split by hand", "reply invite", SPLIT, 0.27),
    Ratio("a stream in one piece, against parse", "stream mixed whole", "parse mixed", 1.4),
    Ratio("a stream in 16 KiB, against parse", "stream mixed 16 KiB", "parse mixed", 1.4),
    Ratio("a stream in 1,400 bytes, against parse", "stream mixed 1,400", "parse mixed", 2.5),
    Ratio(
        "a stream byte by byte, against as many empty calls",
        "stream mixed by bytes",
        "stream mixed by nothing",
        1.5,
    ),
    Ratio("a scan of 12 columns, against parse", "scan 12 columns", "parse mixed", 2.2),
    Ratio(
        "a scan of 12 columns, against those where method = 'INVITE'",
        "scan 12 columns",
        "scan 12 columns where",
        3,
        at_least=True,
    ),
    Ratio("text as utf8, against views", "scan 12 columns utf8", "scan 12 columns", 1.1),
    Ratio("pure parse, against split by hand", "pure parse mixed", SPLIT, 1.65),
)


def bars(counts: Mapping[str, float]) -> list[Bar]:
    """Return every binding bar."""
    return [ratio.bar(counts) for ratio in RATIOS]
