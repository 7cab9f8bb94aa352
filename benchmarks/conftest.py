"""Fixtures of the pytest-benchmark suites: they time a `Subject`, like `make bench`.

A subject returns the CPU time of a round per message, or per value. It advances the clock that
pytest-benchmark reads, so operations per second are messages per second. `make bench-track` saves a
run and compares it with the last one on this machine.
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
    """A clock that only subjects advance."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def run(self, subject: Subject) -> None:
        """Run one round of a subject and add its time per unit."""
        self.seconds += subject().cpu / 1e9


CLOCK = Clock()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Make pytest-benchmark read the clock in every test of this folder."""
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
