"""Comparing costs, so that what else the machine has to do does not tell.

Times are CPU time, the least of several rounds in turns.  A bar is missed only if it is missed by
one measurement after another: other work makes a round slower, never faster, and a spell in which
the processor is faster ends.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable, Iterator
from time import process_time_ns, sleep

import pytest

from benchmarks.timing import steady

Maker = Callable[[int], bytes]

WHOLE = 64 << 10
READ_OF_FOUR = 7.0
"""The most that four times the bytes may cost to be read.

Thousands of str and tuples outgrow the caches, so the step is larger than two, and so is what a
quadratic cost would make of it: 16.
"""

MEASUREMENTS = 6
ROUNDS = 8
PAUSE_S = 0.01
"""Rounds lie ever further apart, to outlast what else the machine has to do."""
LEAST_NS = 1_000_000
"""A round repeats its work for about so long."""
GRAIN_NS = 100_000
"""What takes less is timed several at once, so that the clock's grain does not show."""

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of malloc.h


@pytest.fixture(scope="module", autouse=True)
def steadiness() -> Iterator[None]:
    """One core, no garbage collector, and an allocator that keeps what it has.

    It would give pages back to the system and fault them in again, a block of twice the size more
    often than one that just fits: that is no cost of the parser's.  This holds for all tests of a
    module that imports it.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # glibc has it
    if mallopt:
        mallopt(M_TRIM_THRESHOLD, 1 << 30)
        mallopt(M_MMAP_THRESHOLD, 32 << 20)
    with steady():
        yield


def least(work: Callable[[], object], enough_ns: int = LEAST_NS) -> float:
    """CPU time of one call in ns, the least of as many as are made in `enough_ns`."""
    best = float("inf")
    spent, calls = 0, 1
    collecting = gc.isenabled()
    gc.disable()
    try:
        while spent < enough_ns or best == float("inf"):
            started = process_time_ns()
            for _ in range(calls):
                work()
            taken = process_time_ns() - started
            spent += taken
            if taken < GRAIN_NS:
                calls *= 2
            else:
                best = min(best, taken / calls)
    finally:
        if collecting:
            gc.enable()
    return best


def ratio(one: Callable[[], object], other: Callable[[], object], bar: float) -> float:
    """How many times as long `other` takes as `one`: measured anew until it is within the bar."""
    for turn in range(MEASUREMENTS * ROUNDS):
        if turn % ROUNDS == 0:
            least_one = least_other = float("inf")
        sleep(PAUSE_S * (turn // 2))
        least_one, least_other = min(least_one, least(one)), min(least_other, least(other))
        if least_other <= bar * least_one:
            break
    return least_other / least_one


def within(work: Callable[[], object], seconds: float) -> bool:
    """Whether a call takes no more CPU time than this; measured again while it takes more."""
    for turn in range(ROUNDS):
        sleep(PAUSE_S * turn)
        if least(work, 1) <= seconds * 1e9:
            return True
    return False


def growth(
    work: Callable[[bytes], object], maker: Maker, parts: int, most: float, *, blocks: int = 1
) -> float:
    """The time of a block over that of a part of it; measured anew while it is over `most`.

    The parts differ: one over and over would be learnt by heart by the processor, and the whole
    block not.  Where that is what most of the time goes into, there should be more `blocks` than it
    can learn.  What `work` returns is kept while the other parts are read, so that together they
    take up as much of the caches as what comes of the whole block.
    """
    step = WHOLE // parts
    near = range(0, 64 * blocks, 64)
    wholes = [maker(WHOLE + more) for more in near]
    pieces = [
        [maker(step + 64 * (2 * part - parts + 1) + more // parts) for part in range(parts)]
        for more in near
    ]

    def all_wholes() -> None:
        for whole in wholes:
            work(whole)

    def all_pieces() -> None:
        for block in pieces:
            [work(piece) for piece in block]

    return parts * ratio(all_pieces, all_wholes, most / parts)
