"""The growth of cost with the size of hostile input, and the cost per byte in time and memory.

`python -m benchmarks.growth` measures every case of `benchmarks.hostile` at doubled sizes, on both
engines, prints a table with the worst first, writes it into RESULTS.md, and exits with 1 if a bound
is broken.  `--quick` is short enough for every run of the tests.

Time is CPU time, the least of several calls.  A broken bound is measured again: other work on the
machine only slows a call down.  Where it still is broken, the time is divided by how much slower
than that of RESULTS.md this machine is, by a loop of plain Python measured beside it.  Sizes that
would take too long are skipped, so that a quadratic cost is found early.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import importlib
import json
import os
import pkgutil
import subprocess
import sys
import tracemalloc
from collections.abc import Iterable, Sequence
from pathlib import Path
from time import process_time_ns
from typing import Any, NamedTuple

from rich.console import Console

from benchmarks import hostile
from benchmarks.hostile import Case, sdp
from benchmarks.report import Sheet, machine, write_results
from benchmarks.timing import slowness, steady
from sipfast import ParseError, _engine
from sipfast._engine import Engine

RESULTS = Path(__file__).with_name("RESULTS.md")
KIB = 1 << 10
SMALLEST, SMALLEST_QUICK = 16 * KIB, 2 * KIB
LARGEST_QUICK = 8 * KIB
LONG_NS = 150_000_000
"""The maximum expected time of a call; larger sizes are skipped."""
LONG_QUICK_NS = 6_000_000
ENOUGH_NS = 6_000_000
"""The minimum total time of the calls at one size, in the full form."""
ENOUGH_QUICK_NS = 500_000
GRAIN_NS = 200_000
"""Shorter calls are timed in batches, because the clock is coarse."""
COUNTS_US, COUNTS_QUICK_US = 0.5, 0.2
"""The minimum cost, in microseconds per byte, of a doubling that counts.

Cheaper work becomes several times slower once it exceeds the processor's caches, although it
does no more; if it does more, it counts at a larger size.
"""
MEASUREMENTS = 8
"""The maximum number of measurements of a broken bound."""
HELD_SIZE = 64 * KIB
SHOWN = 60
"""Rows of the table in RESULTS.md."""


M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of malloc.h


class Bounds(NamedTuple):
    """The maximum figures of a case."""

    ratio: float
    """The time of a size over that of half of it, if a byte is not cheap."""
    time: float
    """Microseconds a byte."""
    held: float
    """Bytes held for a byte."""
    left: float
    """Bytes left per byte after all results are freed: what the process caches."""


BOUNDS = {"native": Bounds(2.2, 2.0, 160.0, 0.25), "pure": Bounds(2.5, 5.0, 480.0, 0.25)}


DRAWN = 25.0
"""Microseconds per byte of the command's display, which shows at most 501 fields."""
DRAWN_LEFT = 4.0
"""Bytes left per byte by the display libraries, until the command's process ends."""
FREELISTS = 32 * KIB
"""Bytes that the freelists of interpreter and engine may take or release at any time."""


def bounds_of(engine: str, case: str) -> Bounds:
    """The bounds of a case."""
    bounds = BOUNDS[engine]
    if case in UNPACKED:
        return bounds._replace(time=ROOM)
    if case in DESCRIPTIONS:
        return bounds._replace(held=max(DESCRIBED, bounds.held))
    return bounds._replace(time=DRAWN, left=DRAWN_LEFT) if case.startswith("sipfast ") else bounds


UNPACKED = (
    *("parts in four layers", "four layers of members"),
    "parts in four layers, defects",
)
"""Small inputs that unpack to the maximum size, which bounds their cost."""
ROOM = 6.0
DESCRIPTIONS = frozenset(case.name for case in sdp.CASES)
DESCRIBED = 400.0
"""Bytes held per byte when all values of a session description are kept."""


class Growth(NamedTuple):
    """The cost of one case."""

    engine: str
    case: str
    size: int
    """The largest measured size."""
    doubling: float
    """The worst ratio of all."""
    ratio: float
    """The worst of the ratios that count."""
    time: float
    held: float
    left: float

    def share(self) -> float:
        """Its share of the nearest bound; more than 1 if that is broken."""
        return max(
            mine / bound
            for mine, bound in zip(self[4:], bounds_of(self.engine, self.case), strict=True)
        )


def cases(only: str = "") -> list[Case]:
    """Every case of `benchmarks.hostile` whose name contains this text."""
    found: list[Case] = []
    for module in pkgutil.iter_modules(hostile.__path__, f"{hostile.__name__}."):
        found += getattr(importlib.import_module(module.name), "CASES", ())
    return [case for case in found if only in case.name]


def _attempt(case: Case, engine: Engine, data: Any) -> object:
    """The result that the caller holds; None if the input is refused."""
    try:
        return case.run(engine, data)
    except ParseError:
        return None


class _Meter:
    """The least time of one case at each size."""

    def __init__(self, case: Case, engine: Engine, *, quick: bool) -> None:
        self.case = case
        self.engine = engine
        self.cheap = COUNTS_QUICK_US if quick else COUNTS_US
        self.longest = LONG_QUICK_NS if quick else LONG_NS
        self.enough = ENOUGH_QUICK_NS if quick else ENOUGH_NS
        self.least: dict[int, float] = {}
        self.slowness: list[float] = []
        """That of the machine, each time that the case was measured again."""
        size = SMALLEST_QUICK if quick else SMALLEST
        largest = min(case.most, LARGEST_QUICK) if quick else case.most
        while size <= largest:
            self.least[size] = self._time(size)
            is_long = 2.5 * self.least[size] > self.longest
            if is_long and (quick or (len(self.least) > 1 and self._counts(size))):
                break
            size *= 2

    def _time(self, size: int) -> float:
        """The least CPU time of one call, in ns."""
        data = self.case.make(size)
        best, spent, calls = float("inf"), 0, 1
        while spent < self.enough or best == float("inf"):
            started = process_time_ns()
            for _ in range(calls):
                _attempt(self.case, self.engine, data)
            taken = process_time_ns() - started
            spent += taken
            if taken < GRAIN_NS and spent < self.enough:
                calls *= 2
            else:
                best = min(best, taken / calls)
        gc.collect(0)
        return best

    def again(self) -> None:
        """Measure every size again."""
        self.slowness.append(slowness(self.least[max(self.least)]))
        for size in self.least:
            self.least[size] = min(self.least[size], self._time(size))

    def _counts(self, size: int) -> bool:
        """Whether a byte is not cheap at this size."""
        return self.least[size] / size / 1000 >= self.cheap

    def doubling(self) -> float:
        """The worst ratio of all."""
        sizes = list(self.least)[1:]
        return max([self.least[size] / self.least[size // 2] for size in sizes], default=1.0)

    def ratio(self) -> float:
        """The worst ratio of those that count."""
        sizes = [size for size in list(self.least)[1:] if self._counts(size)]
        return max([self.least[size] / self.least[size // 2] for size in sizes], default=1.0)

    def per_byte(self) -> float:
        """Microseconds a byte at the largest size, on the machine of RESULTS.md."""
        size = max(self.least)
        return self.least[size] / size / 1000 / min(self.slowness, default=1.0)


def measure(case: Case, engine: Engine, *, quick: bool = False) -> Growth:
    """The cost of a case on an engine; measured again if a bound is broken."""
    bounds = bounds_of(engine.name, case.name)
    meter = _Meter(case, engine, quick=quick)
    for _ in range(MEASUREMENTS):
        if meter.ratio() <= bounds.ratio and meter.per_byte() <= bounds.time:
            break
        meter.again()
    held, left = _held(case, engine, min(HELD_SIZE, max(meter.least)))
    size = max(meter.least)
    ratio, per_byte = meter.ratio(), meter.per_byte()
    return Growth(engine.name, case.name, size, meter.doubling(), ratio, per_byte, held, left)


def _held(case: Case, engine: Engine, size: int) -> tuple[float, float]:
    """Bytes held by the caller per byte of input, without the input; and bytes left."""
    more, data = case.make(size + size // 8), case.make(size)
    tracemalloc.start()
    try:
        _attempt(case, engine, more)  # excludes objects that are made once, and freelists
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        kept = _attempt(case, engine, data)
        gc.collect()
        held = tracemalloc.get_traced_memory()[0] - before
        del kept
        gc.collect()
        left = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    return max(0.0, held / size), max(0.0, (left - FREELISTS) / size)


def keep_memory() -> None:
    """Make the allocator keep freed memory.

    Returning pages to the system and faulting them in again happens more often for large sizes, and
    is not part of the measured cost.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # glibc only
    if mallopt:
        mallopt(M_TRIM_THRESHOLD, 1 << 30)
        mallopt(M_MMAP_THRESHOLD, 32 << 20)


def measure_all(engine: Engine, only: str, *, quick: bool) -> list[Growth]:
    """The costs of all cases on an engine, in this process."""
    keep_memory()
    every = cases(only)
    gc.collect()
    gc.freeze()  # makes collections after each case fast
    with steady():
        return [measure(case, engine, quick=quick) for case in every]


def measured_apart(name: str, only: str, *, quick: bool) -> list[Growth]:
    """The same in a new process that uses this engine."""
    arguments = ["--engine", name, "--only", only, "--json", *(["--quick"] if quick else [])]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.growth", *arguments],
        cwd=Path(__file__).resolve().parent.parent,
        env=os.environ | {"SIPFAST_PURE": "1" if name == "pure" else "0"},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return [Growth(*row) for row in json.loads(done.stdout)]


def broken(found: Iterable[Growth]) -> list[Growth]:
    """The cases that break a bound."""
    return [each for each in found if each.share() > 1]


def sheet(engine: str, found: Sequence[Growth], most: int) -> Sheet:
    """The table of one engine, the worst first."""
    bounds = BOUNDS[engine]
    ordered = sorted(found, key=Growth.share, reverse=True)
    rows = [
        [
            each.case,
            f"{each.size // KIB:,}",
            f"{each.doubling:.2f}",
            f"{each.ratio:.2f}" if each.ratio > 1 else "-",
            f"{each.time:.3f}",
            f"{each.held:.1f}",
            f"{each.left:.2f}",
        ]
        for each in ordered[:most]
    ]
    title = (
        f"Growth, {engine}: the worst {len(rows)} of {len(found):,} cases "
        f"(bounds: {bounds.ratio}, {bounds.time} us, {bounds.held:.0f} bytes, {bounds.left})"
    )
    columns = [
        "",
        "largest, KiB",
        "worst doubling",
        "that counts",
        "us a byte",
        "bytes held a byte",
        "left",
    ]
    return Sheet(title, columns, rows)


def worst_of(found: Sequence[Growth]) -> str:
    """The worst of each figure, and its case."""
    lines = []
    for figure, unit in (("ratio", ""), ("time", " us a byte"), ("held", " bytes held a byte")):
        worst = max(found, key=lambda each: float(getattr(each, figure)))
        lines.append(f"- worst {figure}: {getattr(worst, figure):.2f}{unit} ({worst.case})")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and write; return 1 if a bound is broken."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, for the tests")
    parser.add_argument("--engine", choices=tuple(BOUNDS), help="this engine only")
    parser.add_argument("--only", default="", metavar="NAME", help="cases with this in their name")
    parser.add_argument("--json", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.json:
        found = measure_all(_engine.load(asked.engine), asked.only, quick=asked.quick)
        print(json.dumps(found))
        return 0
    console = Console()
    bad = []
    for name in [asked.engine] if asked.engine else BOUNDS:
        measured = measured_apart(name, asked.only, quick=asked.quick)
        bad += broken(measured)
        table = sheet(name, measured, SHOWN)
        table.print(console)
        if not (asked.quick or asked.only):
            body = f"{worst_of(measured)}\n\nMachine: {machine()}\n\n{table.markdown()}"
            write_results(RESULTS, body, f"growth, {name},")
    for each in bad:
        print(
            f"broken: {each.engine}: {each.case}: {each.ratio:.2f}, {each.time:.3f}, "
            f"{each.held:.1f}, {each.left:.2f}"
        )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
