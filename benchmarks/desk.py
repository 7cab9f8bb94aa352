"""The commands as a whole: messages a second of CPU time, and how soon each starts.

`python -m benchmarks.desk` makes captures of the generator's traffic, runs each command of `CASES`
and `STARTS` as a process of its own, prints a table and writes it into RESULTS.md. All times are
CPU time of the processes, user and system, medians of several runs in turns, the start of Python
included. Add a row to `CASES` for a command that reads, and to `STARTS` for one that must start
fast. With ``--quick`` it reads small files once and writes nothing.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import click
from rich.console import Console

from bench_data.traffic import datagrams
from benchmarks.bar import Bar
from benchmarks.instructions import ROOT
from benchmarks.report import Sheet, machine, write_results
from benchmarks.scanning import files
from benchmarks.scanning.files import File

RESULTS = Path(__file__).with_name("RESULTS.md")
ROUNDS, STARTED = 3, 9
MESSAGES = {"pcap": 100_000, "large": 1_000_000}
QUICK = {"pcap": 1_000, "large": 2_000}
SOON = 150
"""The milliseconds that a start may take."""


class Case(NamedTuple):
    """A command over a file of `MESSAGES`; `FILE` in it stands for the path."""

    name: str
    file: str
    command: tuple[str, ...]
    wanted: float
    """Messages a second, in thousands."""


CASES = (
    Case("stats, 100,000 messages", "pcap", ("stats", "FILE"), 250),
    Case("stats --no-defects, 100,000", "pcap", ("stats", "--no-defects", "FILE"), 1000),
    Case("stats, 1,000,000 messages", "large", ("stats", "FILE"), 250),
    Case("stats --no-defects, 1,000,000", "large", ("stats", "--no-defects", "FILE"), 1000),
    # 30 times the 34,000 messages a second that tshark takes for its fields alone.
    Case("calls, 1,000,000 messages", "large", ("calls", "FILE"), 1020),
    Case("calls counted, 1,000,000", "large", ("sql", "select count(*) from calls", "FILE"), 1020),
)
STARTS: Mapping[str, tuple[str, ...]] = {
    "--version": ("--version",),
    "--help": ("--help",),
    "code 486": ("code", "486"),
    **{f"{name}, one message": (name, "ONE") for name in ("list", "show", "stats", "check")},
    **{
        f"{name} --help": (name, "--help")
        for name in ("browse", "calls", "export", "follow", "ladder", "redact", "sql")
    },
}


def run(command: Sequence[str], paths: Mapping[str, Path]) -> float:
    """Run a command of sipfast, whose capital words stand for files; its CPU seconds."""
    words = [str(paths[word]) if word in paths else word for word in command]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "sipfast", *words],
        cwd=ROOT,
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    if done.returncode:
        raise SystemExit(f"sipfast {' '.join(command)} failed:\n{done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def one_message(folder: Path) -> Path:
    """Write a capture of a single message."""
    path = folder / "one.pcap"
    with path.open("wb") as out:
        datagrams.write(out, files.traffic(1), 1)
    return path


def measure(made: Mapping[str, File], one: Path, rounds: int, started: int) -> list[Bar]:
    """Run everything in turns; the bars of rates and of starts."""
    taken: dict[str, list[float]] = {case.name: [] for case in CASES}
    for _ in range(rounds):
        for case in CASES:
            taken[case.name].append(run(case.command, {"FILE": made[case.file].path}))
    bars = []
    for case in CASES:
        seconds = statistics.median(taken[case.name])
        rate = made[case.file].messages / seconds / 1000
        note = f"{seconds:.2f} s"
        bars.append(Bar(case.name, case.wanted, rate, True, "thousand/s", note))
    starts: dict[str, list[float]] = {name: [] for name in STARTS}
    for turn in range(started + 1):
        for name, command in STARTS.items():
            seconds = run(command, {"ONE": one})
            if turn:  # the first one writes Python's bytecode
                starts[name].append(1000 * seconds)
    for name, times in starts.items():
        bars.append(Bar(f"start: {name}", SOON, statistics.median(times), False, "ms"))
    return bars


def report(bars: Sequence[Bar], *, is_kept: bool) -> None:
    """Print the table, and write it into RESULTS.md if it is kept."""
    rows = [[bar.promise, bar.figure, bar.limit, bar.verdict, bar.note] for bar in bars]
    sheet = Sheet("Commands", ["", "measured", "wanted", "", "in all"], rows)
    sheet.print(Console(width=None if sys.stdout.isatty() else 120))
    if is_kept:
        body = f"`python -m benchmarks.desk`, on {machine()}\n\n{sheet.markdown()}"
        write_results(RESULTS, body, "desk")


@click.command()
@click.option("--quick", is_flag=True, help="Read small files once, and write nothing.")
def main(quick: bool) -> None:
    """Measure, print, and write the table into RESULTS.md."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sizes = QUICK if quick else MESSAGES
        sent = files.traffic(min(sizes["pcap"], 100_000))
        made = {key: files.udp(folder, sent, count) for key, count in sizes.items()}
        rounds, started = (1, 1) if quick else (ROUNDS, STARTED)
        bars = measure(made, one_message(folder), rounds, started)
    report(bars, is_kept=not quick)


if __name__ == "__main__":
    main()
