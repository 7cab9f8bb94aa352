"""`python -m benchmarks.browsing`: what `sipfast browse` costs for a capture of a million messages.

The bars are 3 s from the start to the list, and 0.1 s for a key. Times are CPU seconds of the whole
process, which other work on the machine hardly changes.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from benchmarks.memory import resident
from benchmarks.scanning import files
from sipfast.cli.commands.browse.messages import call_of
from sipfast.cli.commands.browse.store import Store, View
from sipfast.cli.commands.browse.words import BrowseWords

__all__ = ["rows"]

_READING = ("the list", "results and delays of all calls")
_GENERATED = 100_000
_PAGE = 60
_TIMES = 9

Row = tuple[str, float, float]
"""What was done, its CPU seconds, and its seconds."""


def rows(path: Path) -> Iterator[Row]:
    """The costs of a capture: of reading it, and of each kind of key."""
    store = Store([str(path)], BrowseWords("en"))
    try:
        for name, read in zip(_READING, (store.load, store.add_results), strict=True):
            yield (name, *_cost(read))
        views = {
            "a key of the filter": (View(text="48"), View(text="486"), View(text="486 invite")),
            "another order": (View(sort="from"), View(sort="messages", descending=True)),
            "a condition": (View(condition="status >= 400 and post_dial_delay > 0.5"),),
        }
        for name, some in views.items():
            yield (name, *_median([partial(store.show, view) for view in some]))
        store.show(View())
        middle = store.shown // 2
        yield ("a page of the list", *_median([lambda: store.rows(middle, middle + _PAGE)]))
        last = store.rows(store.shown - 1, store.shown)
        yield (
            "a ladder at the end",
            *_median([lambda: call_of(store, last, lambda: True).ladder()]),
        )
    finally:
        store.close()


def _cost(work: Callable[[], object]) -> tuple[float, float]:
    begun, began = process_time(), perf_counter()
    work()
    return process_time() - begun, perf_counter() - began


def _median(works: list[Callable[[], object]]) -> tuple[float, float]:
    found = [_cost(work) for _ in range(_TIMES) for work in works]
    return median([cpu for cpu, _ in found]), median([wall for _, wall in found])


def main(count: int) -> None:
    """Print the costs for a generated capture of so many messages, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        capture = files.udp(Path(folder), files.traffic(min(count, _GENERATED)), count)
        print(f"{count:,} messages, {capture.size / 1e6:,.0f} MB", flush=True)
        command = [sys.executable, "-m", "benchmarks.browsing", str(capture.path)]
        subprocess.run(command, check=True)


def measure(path: Path) -> None:
    """Print the costs of a capture."""
    before = resident()
    for name, cpu, wall in rows(path):
        print(f"{name:34} {cpu:8.3f} s CPU {wall:8.3f} s")
        if name in _READING:
            print(f"{'  memory':34} {(resident() - before) / 1e6:8,.0f} MB")


if __name__ == "__main__":
    asked = sys.argv[1] if len(sys.argv) > 1 else "1000000"
    if asked.isdigit():
        main(int(asked))
    else:
        measure(Path(asked))
