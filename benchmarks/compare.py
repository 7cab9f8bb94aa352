"""The published figures: sipfast against its rivals in one run, and the bars.

`python -m benchmarks.compare` measures everything and writes RESULTS.md, results.svg and the tables
of the READMEs. With ``--quick`` it writes nothing, and exits with 1 if a bar is missed by more than
its slack.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import click
from rich.console import Console

from benchmarks import bars, chart, readme, report
from benchmarks.bar import Bar
from benchmarks.corpora import LARGE, large_corpus, load_corpus
from benchmarks.engines import best_variants
from benchmarks.linear import Worst, measure_worst
from benchmarks.lineup import Lineup, gather, typed_name
from benchmarks.long_values import Long, measure_long
from benchmarks.proxying import proxy_bars
from benchmarks.timing import Timing, interleave

FOLDER = Path(__file__).parent
ROUNDS, QUICK_ROUNDS = 9, 3


@dataclass
class Run:
    """One run of the comparison, with its results so far."""

    lineup: Lineup
    rounds: int
    folder: Path
    """For temporary files."""
    messages: list[bytes] = field(default_factory=lambda: load_corpus("mixed"))
    shares: dict[str, float] = field(default_factory=dict)
    mixed: dict[str, Timing] = field(default_factory=dict)
    large: dict[str, Timing] = field(default_factory=dict)
    worst: dict[str, list[Worst]] = field(default_factory=dict)
    long: dict[str, list[Long]] = field(default_factory=dict)
    bars: list[Bar] = field(default_factory=list)

    def time_mixed(self) -> None:
        """Time all contenders over the mixed corpus, after checking that they read it alike."""
        self.shares = self.lineup.check(self.messages)
        self.mixed = interleave(self.lineup.subjects(self.messages), self.rounds)

    def time_large(self) -> None:
        """The same over too many messages for a branch predictor to learn."""
        messages, quick = large_corpus(), self.lineup.quick()
        quick.check(messages)
        self.large = interleave(quick.subjects(messages), self.rounds)

    def measure_bars(self) -> None:
        """Measure every bar, with the default kernel of this machine."""
        engines = best_variants()
        native, pure = engines.get("native"), engines["pure"]
        if native is not None:
            native.select()
            self.bars += bars.alike_bars(self.mixed, native.name)
            self.bars.append(bars.defects_bar(self.mixed, native.name))
            self.bars += bars.native_bars(self.mixed, native.name)
            self.bars.append(bars.tokenizer_bar(self.messages, self.rounds, self.folder))
            self.bars += bars.read_bars(self.messages, self.rounds, self.folder)
            self.bars += bars.typed_bars(self.mixed, typed_name(native))
            self.bars += bars.value_bars(self.rounds)
            self.bars += proxy_bars(self.rounds)
        self.bars += bars.pure_bars(self.mixed, pure.name)
        self.bars.append(bars.pure_typed_bar(self.mixed, typed_name(pure)))
        for engine in engines:
            self.worst[engine] = measure_worst(engine, self.rounds)
            self.bars += bars.linear_bars(engine, self.worst[engine])
            self.long[engine] = measure_long(engine, self.rounds)
            self.bars.append(bars.long_bar(engine, self.long[engine]))
            self.bars += bars.memory_bars(engine)

    def sheets(self) -> list[report.Sheet]:
        """Return all results as tables."""
        native = self.lineup.contenders[0].name
        alike = report.alike_sheet(bars.ALIKE, native, self.mixed, self.large, self.shares)
        story = report.story_sheet(self.lineup.contenders, self.mixed, self.large, self.shares)
        worst = [report.worst_sheet(engine, found) for engine, found in self.worst.items()]
        long = [report.long_sheet(engine, found) for engine, found in self.long.items()]
        return [alike, story, report.bars_sheet(self.bars), *worst, *long]


def write(run: Run) -> None:
    """Write RESULTS.md, results.svg, and the tables of the READMEs."""
    picture = FOLDER / "results.svg"
    body = report.results(run.lineup, run.rounds, run.messages, run.sheets(), picture.name)
    report.write_results(FOLDER / "RESULTS.md", body)
    chart.draw_chart(run.lineup, run.mixed, run.large, picture)
    readme.write_tables(run.bars)


@click.command()
@click.option("--quick", is_flag=True, help="The bars only; exit 1 if one is clearly missed.")
@click.option("--rounds", type=click.IntRange(min=1), help="Timed rounds of each contender.")
def main(quick: bool, rounds: int | None) -> None:
    """Compare sipfast with its rivals, and measure the bars."""
    console = Console(width=None if sys.stdout.isatty() else 160)
    with tempfile.TemporaryDirectory(prefix="sipfast-benchmarks-") as name:
        folder = Path(name)
        lineup = gather(folder, programs=not quick)
        for skipped in lineup.skipped:
            console.print(str(skipped), style="bold yellow")
        run = Run(lineup, rounds or (QUICK_ROUNDS if quick else ROUNDS), folder)
        run.time_mixed()
        if not quick:
            console.print(f"mixed corpus timed; now {LARGE:,} distinct messages")
            run.time_large()
        run.measure_bars()
    for sheet in run.sheets():
        sheet.print(console)
    if not quick:
        write(run)
        return
    missed = [bar.promise for bar in run.bars if bar.clearly_missed]
    for promise in missed:
        console.print(f"clearly missed: {promise}", style="bold red")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
