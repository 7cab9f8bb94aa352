"""The reports: tables for the terminal, and the same tables in RESULTS.md."""

from __future__ import annotations

import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

import sipfast
from benchmarks.bar import Bar
from benchmarks.corpora import mean_size
from benchmarks.linear import Worst
from benchmarks.lineup import Contender, Lineup
from benchmarks.long_values import LONG, Long
from benchmarks.timing import Timing

if TYPE_CHECKING:
    from benchmarks.bars import Alike

BEGIN, END = "<!-- results begin -->", "<!-- results end -->"
SKELETON = f"# Results\n\n{BEGIN}\n{END}\n"


@dataclass(frozen=True)
class Sheet:
    """A table: its title, the names of its columns, its rows."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def print(self, console: Console) -> None:
        """Print it to a terminal, with columns of figures aligned right."""
        table = Table(title=self.title, title_justify="left")
        for column, right in zip(self.columns, self._figures(), strict=True):
            table.add_column(column, justify="right" if right else "left")
        for row in self.rows:
            table.add_row(*row)
        console.print(table)

    def markdown(self) -> str:
        """Return it as Markdown."""
        ruler = ["---:" if right else "---" for right in self._figures()]
        lines = [self.columns, ruler, *self.rows]
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        return f"### {self.title}\n\n{table}\n"

    def _figures(self) -> list[bool]:
        columns = zip(*self.rows, strict=True)
        return [all(re.match(r"[\d-]|not measured", cell) for cell in column) for column in columns]


def story_sheet(
    contenders: Sequence[Contender],
    mixed: dict[str, Timing],
    large: dict[str, Timing],
    shares: dict[str, float],
) -> Sheet:
    """Return the table of all timings over both corpora, the fastest first."""
    ours = contenders[0].name

    def figures(timings: dict[str, Timing], name: str) -> list[str]:
        if not timings:
            return []
        if name not in timings:
            return ["-"] * 3
        times = _times(timings[name].median / timings[ours].median)
        return [str(timings[name]), times, f"{timings[name].wall:,.0f}"]

    columns = ["", "what one call does", "mixed", "x", "wall"]
    if large:
        columns += ["100,000 distinct", "x", "wall"]
    rows = [
        [
            contender.name,
            contender.does,
            *figures(mixed, contender.name),
            *figures(large, contender.name),
            f"{shares[contender.name]:.1%}" if contender.name in shares else "-",
        ]
        for contender in sorted(contenders, key=lambda contender: mixed[contender.name].median)
    ]
    return Sheet(
        "Everything that was timed: ns of CPU time, median (best), and median wall time",
        [*columns, "read alike"],
        rows,
    )


def alike_sheet(
    works: Sequence[Alike],
    native: str,
    mixed: dict[str, Timing],
    large: dict[str, Timing],
    shares: dict[str, float],
) -> Sheet:
    """Return the table of like-for-like work: CPU time in ns, and the ratios."""

    def cells(timings: dict[str, Timing], rival: str, ours: str) -> list[str]:
        if rival not in timings or ours not in timings:
            return ["-"] * 3
        times = _times(timings[rival].median / timings[ours].median)
        return [str(timings[rival]), str(timings[ours]), f"{times}x"]

    columns = ["both read", "rival", "mixed: rival", "sipfast", "faster"]
    columns += ["100,000 distinct: rival", "sipfast", "faster", "target", "read alike"]
    rows = []
    for one in works:
        ours = f"{native}, {one.work.name}"
        share = f"{shares[one.rival]:.1%}" if one.rival in shares else "-"
        figures = [*cells(mixed, one.rival, ours), *cells(large, one.rival, ours)]
        rows.append([one.work.does, one.rival, *figures, f"{one.wanted:g}x", share])
    return Sheet("Like with like: ns of CPU time, median (best)", columns, rows)


def _times(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.1f}"


def bars_sheet(bars: Sequence[Bar]) -> Sheet:
    """Return the table of the bars."""
    rows = [[bar.promise, bar.limit, bar.figure, bar.verdict, bar.note] for bar in bars]
    return Sheet("Bars", ["", "wanted", "measured", "", "where"], rows)


def worst_sheet(engine: str, worst: Sequence[Worst]) -> Sheet:
    """Return the table of the worst header blocks on an engine."""
    rows = [
        [
            block.block,
            f"{block.doubling:.2f}",
            f"{block.read_doubling:.2f}",
            f"{block.per_byte:.2f}",
        ]
        for block in worst
    ]
    columns = ["", "64 KiB / 32 KiB", "the same, all read", "per byte / mixed corpus"]
    return Sheet(f"Worst header blocks, {engine}", columns, rows)


def long_sheet(engine: str, found: Sequence[Long]) -> Sheet:
    """Return the table of long values on an engine."""
    rows = [
        [
            f"{LONG[each.value].length:,} {each.value}",
            f"{each.doubling:.2f}",
            _us(each.microseconds),
        ]
        for each in found
    ]
    columns = ["", "whole / half", "us, parsed and read with all defects"]
    return Sheet(f"Long values, {engine}", columns, rows)


def _us(microseconds: float) -> str:
    return f"{microseconds:,.0f}" if microseconds >= 100 else f"{microseconds:.1f}"


def results(
    lineup: Lineup, rounds: int, messages: list[bytes], sheets: Sequence[Sheet], chart: str
) -> str:
    """Return the text between the markers of RESULTS.md."""
    versions = ", ".join(f"{c.name} {c.version}" for c in lineup.contenders if c.version)
    corpus = f"{len(messages):,} messages, mean {mean_size(messages):.0f} bytes"
    facts = [
        "`python -m benchmarks.compare`",
        f"Machine: {machine()}",
        f"sipfast: engine {sipfast.engine}, kernel {sipfast.kernel}",
        f"Rivals: {versions}",
        f"Mixed corpus: {corpus}",
        f"{rounds} interleaved rounds on one pinned core, garbage collector off",
        *map(str, lineup.skipped),
    ]
    lines = "\n".join(f"- {fact}" for fact in facts)
    tables = "\n".join(sheet.markdown() for sheet in sheets)
    return f"{lines}\n\n![Time to parse one SIP message]({chart})\n\n{tables}"


def machine() -> str:
    """Return one line on the machine and the Python."""
    return f"{_processor()}, {platform.python_implementation()} {platform.python_version()}"


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        text = ""
    model = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return f"{model[1] if model else platform.processor()} ({platform.machine()})"


def write_results(path: Path, body: str, section: str = "results") -> None:
    """Replace the text between the markers of a section of a Markdown file with `body`.

    Raises ValueError if the file has no such markers.
    """
    first, last = (marker.replace("results", section) for marker in (BEGIN, END))
    text = path.read_text(encoding="utf-8") if path.exists() else SKELETON
    before, begin, rest = text.partition(first)
    _, end, after = rest.partition(last)
    if not (begin and end):
        raise ValueError(f"{path} has no line {first!r} before a line {last!r}")
    path.write_text(f"{before}{first}\n{body}\n{last}{after}", encoding="utf-8")
