"""What the pytest-benchmark suites share: they time a `Subject`, the same as `make bench` does.

A subject tells the CPU time of a round per message, or per value. Here it moves a clock on by what
it took, and pytest-benchmark reads that clock: its operations a second are messages a second.
`make bench-track` saves a run and compares it with the last one on this machine.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.timing import Subject, steady

ROUNDS = 7

Timed = Callable[[Subject], None]


class Clock:
    """A clock that stands still but for what subjects add to it."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def run(self, subject: Subject) -> None:
        """Run one round of a subject and add what it took for one unit."""
        self.seconds += subject().cpu / 1e9


CLOCK = Clock()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let pytest-benchmark read the clock in every test of this folder."""
    folder = Path(__file__).parent
    for item in items:
        if folder in item.path.parents:
            item.add_marker(pytest.mark.benchmark(timer=CLOCK))


@pytest.fixture
def timed(benchmark: Any) -> Timed:
    """Time a subject: one round to warm up, then `ROUNDS`."""

    def run(subject: Subject) -> None:
        with steady():
            benchmark.pedantic(CLOCK.run, (subject,), rounds=ROUNDS, warmup_rounds=1)

    return run
