"""CPU time a call of proxies: the example and the twenty lines of README, beside Kamailio.

`python -m benchmarks.calls` has SIPp make calls through each, in turns, prints the tables and
writes them into RESULTS.md. With ``--quick`` it makes few, writes nothing, and exits with 1 if a
call fails. It needs Linux, SIPp and Kamailio (Debian: sip-tester, kamailio), and uses two cores:
one for SIPp, one for the proxy.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click
from rich.console import Console

from benchmarks.bar import Bar
from benchmarks.calling.elements import Element, example, kamailio, twenty_lines
from benchmarks.calling.running import Bench, Sample, has, median_ratio, parts
from benchmarks.report import Sheet, machine, write_results

RESULTS = Path(__file__).with_name("RESULTS.md")
PACKAGES = {"sipp": "sip-tester", "kamailio": "kamailio", "taskset": "util-linux"}
SLOW, FAST = 1_000, 4_000
RATES = {SLOW: 2.0, FAST: 2.0}
"""Calls a second, and the seconds of one run."""
ROUNDS = 5
STEADY_SECONDS = 60.0
MOST_ADDED = 2.0

OWN = example("example, own loop")
UVLOOP = example("example, uvloop", "--loop", "uvloop")
UNMODERATED = example("example, own loop, moderation off", "--moderation", "0")
TWENTY = twenty_lines("twenty lines, own loop")
STATEFUL = example("example, stateful, own loop", "--stateful")
STREAMS = example("example, TCP, uvloop", "--loop", "uvloop", transport="tcp")
KAMAILIO = kamailio("Kamailio, -x fm")
CHECKING = kamailio("Kamailio, -x fm, Max-Forwards counted", checks=True)
DEFAULT = kamailio("Kamailio, default allocator", allocator="qm")
KAMAILIO_TM = kamailio("Kamailio, -x fm, tm", stateful=True)
KAMAILIO_TCP = kamailio("Kamailio, -x fm, TCP", transport="tcp")


@dataclass(frozen=True)
class Group:
    """Elements that do the same work, and the bars: a ratio by element and rate."""

    title: str
    reference: Element
    others: Sequence[Element]
    wanted: dict[tuple[Element, int], float]

    @property
    def elements(self) -> Sequence[Element]:
        """All of them, in the order in which they take turns."""
        return [self.reference, *self.others]


GROUPS = (
    Group(
        "stateless",
        KAMAILIO,
        [OWN, UVLOOP, UNMODERATED, TWENTY, CHECKING, DEFAULT],
        {(OWN, SLOW): 0.65, (UVLOOP, SLOW): 0.80, (UNMODERATED, SLOW): 1.0, (OWN, FAST): 0.55},
    ),
    Group("stateful", KAMAILIO_TM, [STATEFUL], {(STATEFUL, SLOW): 0.85}),
    Group("TCP", KAMAILIO_TCP, [STREAMS], {(STREAMS, SLOW): 0.95}),
)
DELAYED = (OWN, UVLOOP, STATEFUL, KAMAILIO)
RAISED = (OWN, UVLOOP, STATEFUL, KAMAILIO, KAMAILIO_TM)
SAMPLED = (OWN, UVLOOP, TWENTY, STATEFUL, KAMAILIO, KAMAILIO_TM)


@dataclass
class Results:
    """What has been measured so far."""

    samples: dict[tuple[Element, int], list[Sample]] = field(default_factory=dict)
    bars: list[Bar] = field(default_factory=list)

    def add(self, element: Element, rate: int, sample: Sample) -> None:
        """Note the sample of a run."""
        self.samples.setdefault((element, rate), []).append(sample)

    @property
    def failed(self) -> int:
        """The calls that failed, of all."""
        return sum(one.trouble[0] for samples in self.samples.values() for one in samples)

    def cpu_sheet(self, groups: Sequence[Group]) -> Sheet:
        """Return the table of CPU time."""
        columns = ["work", "element", "calls/s", "us a call", "least", "most", "x", "wanted"]
        return Sheet(
            "Calls: microseconds of CPU time a call, median",
            [*columns, "failed", "sent again"],
            [row for group in groups for row in self._rows(group)],
        )

    def _rows(self, group: Group) -> Iterator[list[str]]:
        for (element, rate), samples in self.samples.items():
            if element not in group.elements:
                continue
            cpu = [sample.cpu for sample in samples]
            ratio = median_ratio(samples, self.samples[group.reference, rate])
            wanted = group.wanted.get((element, rate))
            yield [
                group.title,
                element.name,
                f"{rate:,}",
                *(f"{each:.1f}" for each in (statistics.median(cpu), min(cpu), max(cpu))),
                f"{ratio:.2f}",
                "-" if wanted is None else f"{wanted:.2f}",
                *(f"{sum(counts):,}" for counts in zip(*(s.trouble for s in samples), strict=True)),
            ]

    def ratio_bars(self, groups: Sequence[Group]) -> Iterator[Bar]:
        """The bars on CPU time."""
        for group in groups:
            for (element, rate), wanted in group.wanted.items():
                ours, theirs = (self.samples[one, rate] for one in (element, group.reference))
                cpu = [statistics.median(one.cpu for one in side) for side in (ours, theirs)]
                yield Bar(
                    f"{element.name}, {rate:,} calls/s, against {group.reference.name}",
                    wanted,
                    median_ratio(ours, theirs),
                    note=f"{cpu[0]:.1f} against {cpu[1]:.1f} us a call",
                )


def measure_cpu(bench: Bench, results: Results, groups: Sequence[Group], rounds: int) -> None:
    """Have the elements of each group take turns."""
    for group in groups:
        for rate, seconds in RATES.items():
            for _ in range(rounds):
                for element in group.elements:
                    results.add(element, rate, bench.run(element, rate, seconds))
    results.bars += results.ratio_bars(groups)


def measure_delay(bench: Bench, results: Results) -> Sheet:
    """Return the table of what an element adds to the way of a message, in milliseconds."""
    rows = []
    for rate, seconds in RATES.items():
        direct = bench.round_trip(None, rate, seconds)
        for element in DELAYED:
            added = max(0.0, bench.round_trip(element, rate, seconds) - direct) / 2
            rows.append([element.name, f"{rate:,}", f"{added:.2f}"])
            if element is OWN:
                promise = f"{element.name}, {rate:,} calls/s: added to the way of a message"
                results.bars.append(Bar(promise, MOST_ADDED, added, unit="ms"))
    return Sheet("Calls: milliseconds added to the way of a message", ["", "calls/s", "ms"], rows)


def measure_highest(bench: Bench) -> Sheet:
    """Return the table of the highest rates without failure and retransmission."""
    elements: list[tuple[str, Element | None]] = [("none: SIPp's own limit", None)]
    elements += [(element.name, element) for element in RAISED]
    rows = [[name, f"{bench.highest_clean(one, 2, FAST, 3):,}"] for name, one in elements]
    return Sheet("Calls: highest clean rate, calls a second", ["", "calls/s"], rows)


def measure_shares(bench: Bench, results: Results) -> Sheet:
    """Return the table of where the time goes."""
    rows = []
    for rate, seconds in RATES.items():
        for element in SAMPLED:
            shares = parts(bench.shares(element, rate, seconds))
            cpu = statistics.median(one.cpu for one in results.samples[element, rate])
            cells = [f"{cpu * share:.1f} ({share:.0%})" for share in shares.values()]
            rows.append([element.name, f"{rate:,}", *cells])
    columns = ["", "calls/s", "kernel", "sipfast, compiled", "Python and its modules", "rest"]
    return Sheet("Calls: where the time goes, us a call, by perf", columns, rows)


def measure_steady(bench: Bench, results: Results) -> None:
    """Measure a minute of calls: no failure, no retransmission."""
    sample = bench.run(OWN, SLOW, STEADY_SECONDS)
    wrong = sum(sample.trouble)
    promise = f"{OWN.name}, {SLOW:,} calls/s, {STEADY_SECONDS:.0f} s: failed or sent again"
    note = f"{sample.caller.successful:,} calls, {sample.cpu:.1f} us a call"
    results.bars.append(Bar(promise, 0, wrong, unit="messages", note=note))


def versions() -> str:
    """Return one line on the programs."""
    found = []
    for command in (["sipp", "-v"], ["kamailio", "-v"]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        number = re.search(r"\bv?(\d+\.\d+[\w.]*)", done.stdout + done.stderr)
        found.append(f"{command[0]} {number[1] if number else '?'}")
    return ", ".join(found)


@click.command()
@click.option("--quick", "is_quick", is_flag=True, help="A few calls through each; write nothing.")
@click.option("--rounds", type=click.IntRange(min=1), default=ROUNDS, show_default=True)
@click.option(
    "--only", help="The CPU time of one group: stateless, stateful or TCP; write nothing."
)
@click.option(
    "--lock",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file to lock during each run, where others use the machine.",
)
def main(is_quick: bool, rounds: int, only: str | None, lock: Path | None) -> None:
    """Measure what a call costs a proxy."""
    missing = [package for name, package in PACKAGES.items() if not has(name)]
    if missing:
        raise click.ClickException(f"not installed here: {', '.join(missing)}")
    console = Console(width=None if sys.stdout.isatty() else 140)
    bench, results = Bench(lock=lock), Results()
    if is_quick:
        for group in GROUPS:
            for element in group.elements:
                results.add(element, SLOW, bench.run(element, SLOW, 1))
        results.cpu_sheet(GROUPS).print(console)
        sys.exit(1 if results.failed else 0)
    groups = [group for group in GROUPS if only in (None, group.title)]
    measure_cpu(bench, results, groups, rounds)
    sheets = [results.cpu_sheet(groups)]
    if only is None:
        measure_steady(bench, results)
        sheets += [measure_delay(bench, results), measure_highest(bench)]
        if has("perf"):
            sheets.append(measure_shares(bench, results))
    rows = [[bar.promise, bar.limit, bar.figure, bar.verdict, bar.note] for bar in results.bars]
    sheets.insert(0, Sheet("Calls: bars", ["", "wanted", "measured", "", "where"], rows))
    for sheet in sheets:
        sheet.print(console)
    if only is None:
        facts = f"`python -m benchmarks.calls`, on {machine()}; {versions()}; {rounds} rounds"
        body = "\n".join([f"{facts}\n", *(sheet.markdown() for sheet in sheets)])
        write_results(RESULTS, body, "calls")


if __name__ == "__main__":
    main()
