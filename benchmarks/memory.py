"""The effect of parsing on the resident set of a process.

`python -m benchmarks.memory ENGINE` runs in a process of its own and prints two numbers: the growth
of the process in bytes over a million messages, parsed and dropped, and the bytes of a kept message
without its buffer.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.corpora import load_corpus
from benchmarks.engines import engine_parse

PARSED = 1_000_000
KEPT = 40_000
STATM = Path("/proc/self/statm")


class Memory(NamedTuple):
    """The memory use of an engine, in bytes."""

    growth: int
    """The growth of a process over `PARSED` messages."""
    kept: float
    """The size of a kept message without its buffer."""


def measure_memory(engine: str) -> Memory | None:
    """Measure an engine in a new process; None on a system without /proc."""
    if not STATM.exists():
        return None
    command = [sys.executable, "-m", "benchmarks.memory", engine]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
    growth, kept = done.stdout.split()
    return Memory(int(growth), float(kept))


def resident() -> int:
    """Return this process's resident set in bytes."""
    gc.collect()
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def growth(parse: Callable[[bytes], object], messages: list[bytes], count: int) -> int:
    """Parse and drop `count` messages, and return the growth of the process in bytes."""
    passes = count // len(messages)
    before = 0
    for turn in range(-1, passes):  # the first pass fills the allocators' pools
        if turn == 0:
            before = resident()
        for message in messages:
            parse(message)
    return resident() - before


def kept(parse: Callable[[bytes], object], messages: list[bytes], count: int) -> float:
    """Parse and keep `count` messages, and return the bytes of each without its buffer."""
    buffers = [bytes(bytearray(messages[i % len(messages)])) for i in range(count)]
    stay: list[object] = [None] * count
    before = resident()
    for i, buffer in enumerate(buffers):
        stay[i] = parse(buffer)
    return (resident() - before) / count


def main() -> None:
    """Measure the engine named on the command line."""
    parse = engine_parse(sys.argv[1])
    messages = load_corpus("mixed")
    print(growth(parse, messages, PARSED), kept(parse, messages, KEPT))


if __name__ == "__main__":
    main()
