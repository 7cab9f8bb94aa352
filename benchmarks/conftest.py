"""What the pytest-benchmark suites share: they time a `Subject`, so that C programs fit in too.

A subject keeps its own clock, pins its core and tells ns per unit. Here it moves a stopwatch on by
what it took, and pytest-benchmark reads the stopwatch: its tables are per message, or per read.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.lineup import Lineup, gather
from benchmarks.timing import Subject, steady

ROUNDS = 7

Timed = Callable[[Subject], None]


class Stopwatch:
    """A clock that stands still but for what subjects add to it."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def run(self, subject: Subject) -> None:
        """Run one round of a subject and add what it took for one unit."""
        self.seconds += subject().cpu / 1e9


STOPWATCH = Stopwatch()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let pytest-benchmark read the stopwatch in every test of this folder."""
    folder = Path(__file__).parent
    for item in items:
        if folder in item.path.parents:
            item.add_marker(pytest.mark.benchmark(timer=STOPWATCH))


@pytest.fixture
def timed(benchmark: Any) -> Timed:
    """Time a subject: one round to warm up, then `ROUNDS`."""

    def run(subject: Subject) -> None:
        with steady():
            benchmark.pedantic(STOPWATCH.run, (subject,), rounds=ROUNDS, warmup_rounds=1)

    return run


@pytest.fixture(scope="session")
def lineup(tmp_path_factory: pytest.TempPathFactory) -> Lineup:
    """Everybody who can run on this machine."""
    return gather(tmp_path_factory.mktemp("rivals"))
