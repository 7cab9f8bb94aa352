"""Timers, in one queue a constant delay: what is started first is due first, so nothing is sorted.

A timer is cancelled by forgetting its time; the entry is skipped when its time comes.
"""

from __future__ import annotations

from collections import deque
from typing import Any

__all__ = ["Durations", "Queue", "durations"]

_MOST_STEPS = 16

Durations = dict[str, "tuple[float, ...]"]


class Queue(deque[Any]):
    """The timers of one delay: time, transaction, time, transaction, and so on."""

    __slots__ = ("delay",)

    def __init__(self, delay: float) -> None:
        super().__init__()
        self.delay = delay


def durations(t1: float, t2: float, t4: float, trying: float) -> Durations:
    """The delays of each timer (RFC 3261, table 4); of those that send again, one a time."""
    whole = 64 * t1
    capped = [t1]
    while capped[-1] < t2 and len(capped) < _MOST_STEPS:
        capped.append(min(2 * capped[-1], t2))
    return {
        "A": tuple(t1 * 2**step for step in range(6)),
        "E": tuple(capped),
        "G": tuple(capped),
        "100": (trying,),
        **dict.fromkeys("BCFHJLMUX", (whole,)),
        "D": (max(32.0, whole),),
        "I": (t4,),
        "K": (t4,),
    }
