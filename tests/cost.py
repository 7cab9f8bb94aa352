"""Comparisons of costs that tolerate other work on the machine.

Times are CPU time, the least of several rounds in turns.  A bar counts as missed only after several
measurements: other work only slows rounds down, and phases of a faster processor end.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable, Iterator
from time import process_time_ns, sleep

import pytest

from benchmarks.timing import slowness, steady

Maker = Callable[[int], bytes]

WHOLE = 64 << 10
READ_OF_FOUR = 7.0
"""The maximum ratio for reading four times the bytes.

Thousands of str and tuples exceed the caches, which adds to a small step, so the step is four: a
quadratic cost would give 16.
"""

MEASUREMENTS = 6
ROUNDS = 8
PAUSE_S = 0.01
"""The first pause between rounds; pauses grow, to outlast other work on the machine."""
LEAST_NS = 1_000_000
"""The time for which a round repeats its work."""
GRAIN_NS = 100_000
"""Shorter calls are timed in batches, because the clock is coarse."""

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of malloc.h


@pytest.fixture(scope="module", autouse=True)
def steadiness() -> Iterator[None]:
    """One core, no garbage collector, and an allocator that keeps freed memory.

    It would give pages back to the system and fault them in again, a block of twice the size more
    often than one that just fits: that is no cost of the parser's.  This holds for all tests of a
    module that imports it.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # glibc only
    if mallopt:
        mallopt(M_TRIM_THRESHOLD, 1 << 30)
        mallopt(M_MMAP_THRESHOLD, 32 << 20)
    with steady():
        yield


def least(work: Callable[[], object], enough_ns: int = LEAST_NS) -> float:
    """CPU time of one call in ns, the least of the calls made in `enough_ns`."""
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
    """The time of `other` over that of `one`, measured again until it is within the bar."""
    for turn in range(MEASUREMENTS * ROUNDS):
        if turn % ROUNDS == 0:
            least_one = least_other = float("inf")
        sleep(PAUSE_S * (turn // 2))
        least_one, least_other = min(least_one, least(one)), min(least_other, least(other))
        if least_other <= bar * least_one:
            break
    return least_other / least_one


def within(work: Callable[[], object], seconds: float) -> bool:
    """Whether a call takes at most this CPU time; measured again while it takes more.

    That is of the machine of RESULTS.md: a slower one may take as much more as it takes of a loop.
    """
    best = slow = float("inf")
    for turn in range(ROUNDS):
        sleep(PAUSE_S * turn)
        best = min(best, least(work, 1))
        if best <= seconds * 1e9:
            return True
        slow = min(slow, slowness(best))
        if best <= seconds * 1e9 * slow:
            return True
    return False


def growth(
    work: Callable[[bytes], object], maker: Maker, parts: int, most: float, *, blocks: int = 1
) -> float:
    """The time of a block over that of a part of it, measured again while it is over `most`.

    The parts differ: the branch predictor would learn a single repeated part, but not the whole
    block.  If most of the time depends on prediction, use more `blocks` than it can learn.  The
    results of `work` are kept while the other parts are read, so that together they take as much of
    the caches as the result for the whole block.
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
