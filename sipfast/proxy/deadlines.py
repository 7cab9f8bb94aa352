"""Deadlines that are a constant time away: queues, with one timer for all.

Whatever waits the same time expires in the order in which it began to wait.  So adding, removing
and expiring cost the same however many there are, and nothing is searched.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

__all__ = ["Deadlines", "Queue"]

_NEVER = float("inf")


class Queue:
    """Items that expire `delay` seconds after they were added last.

    `expire` is called with each; None forgets it.
    """

    __slots__ = ("_deadlines", "delay", "entries", "expire")

    entries: OrderedDict[Any, float]
    """The items and their times, the next one first."""

    def __init__(
        self, deadlines: Deadlines, delay: float, expire: Callable[[Any], None] | None
    ) -> None:
        self._deadlines = deadlines
        self.delay = delay
        self.expire = expire
        self.entries = OrderedDict()

    def add(self, item: Hashable, now: float) -> None:
        """Add an item, or start its time anew."""
        entries = self.entries
        entries[item] = at = now + self.delay
        entries.move_to_end(item)
        if at < self._deadlines.wakes_at:
            self._deadlines.wake_at(at)

    def discard(self, item: Hashable) -> None:
        """Remove an item, if it is there."""
        self.entries.pop(item, None)

    def run(self, now: float) -> None:
        """Expire what is due."""
        entries = self.entries
        while entries:
            item, at = next(iter(entries.items()))
            if at > now:
                return
            del entries[item]
            if self.expire is not None:
                self.expire(item)


class Deadlines:
    """Queues on a loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._queues: list[Queue] = []
        self._timer: asyncio.TimerHandle | None = None
        self.wakes_at = _NEVER

    def queue(self, delay: float, expire: Callable[[Any], None] | None) -> Queue:
        """A new queue."""
        made = Queue(self, delay, expire)
        self._queues.append(made)
        return made

    def discard(self, item: Hashable) -> None:
        """Remove an item from all queues."""
        for queue in self._queues:
            queue.entries.pop(item, None)

    def wake_at(self, at: float) -> None:
        """Set the timer."""
        if self._timer is not None:
            self._timer.cancel()
        self.wakes_at = at
        self._timer = self._loop.call_at(at, self._wake)

    def close(self) -> None:
        """Expire nothing more."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self.wakes_at = None, -_NEVER

    def _wake(self) -> None:
        self._timer, self.wakes_at = None, -_NEVER  # so that nothing sets the timer meanwhile
        now = self._loop.time()
        for queue in self._queues:
            queue.run(now)
        first = [next(iter(queue.entries.values())) for queue in self._queues if queue.entries]
        self.wakes_at = _NEVER
        if first:
            self.wake_at(min(first))
