"""The timing: interleaved rounds on one pinned core, garbage collector off, median and best.

Ratios are of CPU time, which excludes waiting for the core.  Wall time is measured too.
"""

from __future__ import annotations

import gc
import os
import statistics
import timeit
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import perf_counter_ns, process_time_ns
from typing import Any, NamedTuple


class Took(NamedTuple):
    """The time of a round in ns per unit: a message, a read or a value."""

    cpu: float
    wall: float


Subject = Callable[[], Took]
"""One timed round."""

CORE = "SIPFAST_CORE"
"""The variable that names the core to measure on: of tests side by side, each has its own."""

YARD_ROUNDS, YARD_TURNS = 8, 20_000
YARD_NS = 500_000
"""The least CPU time of the turns of a plain loop on the machine of RESULTS.md, undisturbed."""
MOST_LOOPS = 10

ROUND_CALLS = 10_000
"""The number of calls in a round over a corpus, the same for fast and slow contenders: each pass
over the same messages is easier for the branch predictor than the one before."""

LONG_BATCH = 1_000
"""The minimum length of the loop, to which fewer messages are repeated: its start costs time."""

LEAST_ROUND_NS = 5_000_000
"""The minimum time of a round of a few calls, which are repeated: the clock is coarse."""


class Timing(NamedTuple):
    """The result of the rounds of a subject, in ns per unit: CPU time, and median wall time."""

    median: float
    best: float
    wall: float

    def __str__(self) -> str:
        return f"{self.median:,.0f} ({self.best:,.0f})"


def interleave(
    subjects: Mapping[str, Subject], rounds: int, *, pinned: bool = True
) -> dict[str, Timing]:
    """Time subjects in turns, so that a slow phase of the machine affects all alike."""
    taken: dict[str, list[Took]] = {name: [] for name in subjects}
    with steady(pinned=pinned):
        for subject in subjects.values():
            subject()
        for _ in range(rounds):
            for name, subject in subjects.items():
                taken[name].append(subject())
    return {name: _timing(rounds_of) for name, rounds_of in taken.items()}


def _timing(taken: Sequence[Took]) -> Timing:
    cpu, wall = zip(*taken, strict=True)
    return Timing(statistics.median(cpu), min(cpu), statistics.median(wall))


class Stopwatch:
    """Both clocks, started when it is made."""

    def __init__(self) -> None:
        self._cpu, self._wall = process_time_ns(), perf_counter_ns()

    def took(self, units: float = 1) -> Took:
        """Return the elapsed time per unit."""
        cpu, wall = process_time_ns() - self._cpu, perf_counter_ns() - self._wall
        return Took(cpu / units, wall / units)


def slowness(call_ns: float) -> float:
    """How much slower than that of RESULTS.md this machine is now, by a plain loop; at least 1.

    What a bound in seconds is multiplied with: other guests of a server slow all of it down.  The
    loop is repeated for up to as long as a call of what is measured: the best moments are short.
    """
    loops = min(max(1, round(call_ns / YARD_NS)), MOST_LOOPS)
    least = float("inf")
    for _ in range(YARD_ROUNDS):
        started = process_time_ns()
        for _ in range(loops):
            total = 0
            for at in range(YARD_TURNS):
                total += at * at
        least = min(least, process_time_ns() - started)
    return max(1.0, least / loops / YARD_NS)


@contextmanager
def steady(*, pinned: bool = True) -> Iterator[None]:
    """Stay on one core, with the garbage collector off; child processes inherit the core.

    It is that of `CORE`, or else the last.
    """
    cores = os.sched_getaffinity(0) if pinned and hasattr(os, "sched_getaffinity") else None
    collecting = gc.isenabled()
    gc.collect()
    gc.disable()
    if cores:
        asked = os.environ.get(CORE, "")
        core = int(asked) if asked.isdecimal() else max(cores)
        os.sched_setaffinity(0, {core if core in cores else max(cores)})
    try:
        yield
    finally:
        if cores:
            os.sched_setaffinity(0, cores)
        if collecting:
            gc.enable()


def over(function: Callable[[Any], object], corpus: Sequence[Any]) -> Subject:
    """Return a subject that calls `function` with each item of a corpus; ns per call.

    A short corpus is repeated, after one uncounted pass.
    """
    batch = list(corpus) * max(1, LONG_BATCH // len(corpus))
    passes = max(1, ROUND_CALLS // len(batch))

    def go_over(times: int) -> Took:
        started = Stopwatch()
        for _ in range(times):
            for item in batch:
                function(item)
        return started.took(times * len(batch))

    def one_round() -> Took:
        if passes > 1:
            go_over(1)
        return go_over(passes)

    return one_round


def again(function: Callable[[Any], object], *arguments: Any) -> Subject:
    """Return a subject that calls `function` with each argument, repeatedly; ns per turn."""
    times = 1

    def one_round() -> Took:
        nonlocal times
        while True:
            started = Stopwatch()
            for _ in range(times):
                for argument in arguments:
                    function(argument)
            took = started.took(times)
            if took.cpu * times >= LEAST_ROUND_NS:
                return took
            times *= 2

    return one_round


def statement(code: str, /, **names: object) -> Subject:
    """Return a subject that runs a statement about `names`; ns per run.

    The loop is unrolled to reduce its overhead, which would matter most for the fastest statements.
    """
    at_once = 8
    timer = timeit.Timer("; ".join([code] * at_once), globals=names)
    turns = 1

    def one_round() -> Took:
        nonlocal turns
        while True:
            started = Stopwatch()
            timer.timeit(turns)
            took = started.took(turns * at_once)
            if took.cpu * turns * at_once >= LEAST_ROUND_NS:
                return took
            turns *= 2

    return one_round


def reads(expression: str, objects: Callable[[], Sequence[object]], passes: int = 200) -> Subject:
    """Return a subject that reads `expression`, such as ``".call_id"``, of each object.

    Before every pass, untimed, `objects` returns a multiple of eight objects: new ones for first
    reads, the same ones for later reads. The loop is unrolled to eight reads, to reduce its
    overhead. A pass is too short for the CPU clock: the round is the median of its passes in wall
    time, in ns per read.
    """
    names = "abcdefgh"
    loop = f"for {','.join(names)} in groups: {'; '.join(name + expression for name in names)}"
    scope: dict[str, object] = {}
    timer = timeit.Timer(loop, globals=scope)

    def one_pass() -> float:
        groups = list(zip(*[iter(objects())] * len(names), strict=True))
        scope["groups"] = groups
        return 1e9 * timer.timeit(1) / (len(groups) * len(names))

    def one_round() -> Took:
        return in_wall_time(statistics.median(one_pass() for _ in range(passes)))

    return one_round


def in_wall_time(ns: float) -> Took:
    """Return a time too short for the CPU clock, measured in wall time instead."""
    return Took(ns, ns)
