"""Linear cost: the time of the worst header blocks, and of blocks of twice the size.

`python -m benchmarks.linear ENGINE ROUNDS` runs in a process of its own, with fresh allocators, and
prints the results as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

from benchmarks.corpora import load_corpus, mean_size
from benchmarks.engines import Parse, engine_parse, no_limits
from benchmarks.timing import again, interleave, over
from benchmarks.worst import WORST

KIB = 1024
WHOLE = 64 * KIB
HALVES = WHOLE // 2 - 64, WHOLE // 2 + 64
"""Sizes of two different blocks: together they give a branch predictor as much to learn as the
whole. It could learn a single repeated half, but not the whole."""


class Worst(NamedTuple):
    """The cost of one of the worst header blocks on an engine."""

    block: str
    doubling: float
    """The time of 64 KiB over the mean time of two different blocks of 32 KiB, of parsing."""
    read_doubling: float
    """The same, of parsing and then reading every header field and defect."""
    per_byte: float
    """The time per byte over that of the mixed corpus."""


def measure_worst(engine: str, rounds: int) -> list[Worst]:
    """Measure every block of `worst` on an engine, in a new process."""
    return [Worst(*row) for row in measured_apart("benchmarks.linear", engine, rounds)]


def measured_apart(
    module: str, engine: str, rounds: int, settings: Mapping[str, str] | None = None
) -> list[Any]:
    """Run a module for an engine in a new process, and return the JSON list that it prints.

    `settings` are added to the environment of that process.
    """
    command = [sys.executable, "-m", module, engine, str(rounds)]
    environment = {**os.environ, **(settings or {})}
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=900, env=environment
    )
    rows: list[Any] = json.loads(done.stdout)
    return rows


def worst_block(engine: str, block: str, messages: list[bytes], rounds: int) -> Worst:
    """Measure one block on an engine, with its limits raised.

    `messages` is the corpus whose time per byte is the unit. The best rounds are compared, not the
    medians: disturbances only add time, and a single one would break the bar.
    """
    parse = tolerant(engine_parse(engine), no_limits(engine))
    read = _reading(parse)
    whole, *halves = (WORST[block](size) for size in (WHOLE, *HALVES))
    timings = interleave(
        {
            "corpus": over(parse, messages),
            "halves": again(parse, *halves),
            "whole": again(parse, whole),
            "halves read": again(read, *halves),
            "whole read": again(read, whole),
        },
        rounds,
    )
    ns = {name: timing.best for name, timing in timings.items()}
    return Worst(
        block,
        doubling=2 * ns["whole"] / ns["halves"],
        read_doubling=2 * ns["whole read"] / ns["halves read"],
        per_byte=ns["whole"] / len(whole) * mean_size(messages) / ns["corpus"],
    )


def tolerant(parse: Parse, limits: Any) -> Parse:
    """Return a `parse` with these limits that returns None for refused messages."""

    def attempt(data: bytes) -> Any:
        try:
            return parse(data, limits=limits)
        except ValueError:  # refusing a block costs time too
            return None

    return attempt


def _reading(parse: Parse) -> Parse:
    def attempt(data: bytes) -> object:
        message = parse(data)
        if message is None:
            return None
        return [*message.headers.items()], message.headers.getall("Via", ()), message.defects

    return attempt


def main() -> None:
    """Measure the engine named on the command line."""
    engine, rounds = sys.argv[1], int(sys.argv[2])
    messages = load_corpus("mixed")
    json.dump([worst_block(engine, block, messages, rounds) for block in WORST], sys.stdout)


if __name__ == "__main__":
    main()
