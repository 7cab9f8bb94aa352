"""What a run has seen so far: its messages, calls, delays, and what was lost."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

from .. import Message, ParseError
from .calls import Calls, EndedCall
from .counts import Counts
from .loop import Source

__all__ = ["DELAYS", "DURATIONS", "Figures", "Histogram"]

DELAYS = (0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0, 30.0, 60.0)
"""Seconds that divide the delays: people hang up after some of them."""
DURATIONS = (5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0)


class Histogram:
    """Values by the first bound that they do not exceed.

    Attributes:
        counts: of the values up to each bound, but not up to the one before; then of all others.
        total: the sum of the values.
    """

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def add(self, value: float | None) -> None:
        """Count a value; a missing one, or one of clocks that go back, is none."""
        if value is not None and value >= 0:
            self.counts[bisect_left(self.bounds, value)] += 1
            self.total += value


class Figures:
    """The figures of a run.

    Attributes:
        counts: the messages that were chosen.
        results: the calls that ended, by result; of calls, those with a message that was chosen.
        failed: those that failed.
        post_dial_delays, setup_times, durations: of the calls that ended.
        forwarded: the messages written to captures.
    """

    def __init__(self, sources: Sequence[Source], calls: Calls) -> None:
        self.sources = sources
        self.calls = calls
        self.counts = Counts()
        self.results: Counter[str] = Counter()
        self.failed = 0
        self.post_dial_delays = Histogram(DELAYS)
        self.setup_times = Histogram(DELAYS)
        self.durations = Histogram(DURATIONS)
        self.forwarded = 0

    def add(self, outcome: Message | ParseError) -> None:
        """Count a message."""
        self.counts.add(outcome)

    def end(self, call: EndedCall) -> None:
        """Count a call that has ended."""
        self.results[call.result] += 1
        self.failed += call.is_failed
        self.post_dial_delays.add(call.post_dial_delay)
        self.setup_times.add(call.setup_time)
        self.durations.add(call.duration)

    @property
    def skipped(self) -> Counter[str]:
        """The packets that were skipped, by reason."""
        found: Counter[str] = Counter()
        for source in self.sources:
            found.update(source.skipped)
        return found

    @property
    def paused(self) -> int:
        """How often connections had to wait because the system had no descriptors left."""
        return sum(source.paused for source in self.sources)

    @property
    def dropped(self) -> int | None:
        """The packets that were lost before they were read; None if a system does not tell."""
        found = 0
        for source in self.sources:
            dropped = source.dropped
            if dropped is None:
                return None
            found += dropped
        return found
