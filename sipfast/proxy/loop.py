"""The own loop: asyncio's, whose selector receives datagrams itself.

asyncio does everything but UDP here: tasks, timers, signals, connections.  A message that comes in
a datagram passes none of it: its handler is called where asyncio would wait.
"""

from __future__ import annotations

import asyncio
import os
import select
import selectors
import sys
from collections.abc import Coroutine
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from .._engine import ENGINE

if TYPE_CHECKING:
    from .pump import Pump

__all__ = ["WINDOW", "Loop", "run"]

_T = TypeVar("_T")
WINDOW: int = ENGINE.module("wire.datagrams").WINDOW
"""The datagrams in a full batch."""


if sys.platform == "linux":

    class _Selector(selectors.EpollSelector):
        """Waits as its base does, and receives datagrams meanwhile."""

        def __init__(self) -> None:
            super().__init__()
            self.is_due = False
            """Whether asyncio has something to do that it did not have when it began to wait."""
            self._pumps: tuple[Pump, ...] = ()
            self._is_idle = True
            """Whether no datagram came the last time, so that the next one is waited for."""
            self._moderation = 0.0
            self._until = 0.0
            """When to look for the next ones."""
            # The same epoll as that of the base, and one with all datagrams beside it.
            self._others = select.epoll.fromfd(os.dup(self.fileno()))
            self._all = select.epoll()
            self._all.register(self._others, select.EPOLLIN)
            self._fileno = self._others.fileno()

        def add(self, pump: Pump) -> None:
            """Receive with a pump."""
            self._all.register(pump.socket, select.EPOLLIN)
            self._use((*self._pumps, pump))

        def remove(self, pump: Pump) -> None:
            """Receive with a pump no longer."""
            self._all.unregister(pump.socket)
            self._use(tuple(one for one in self._pumps if one is not pump))

        def _use(self, pumps: tuple[Pump, ...]) -> None:
            self._pumps = pumps
            self._moderation = min((pump.moderation for pump in pumps), default=0.0)

        def close(self) -> None:
            self._all.close()
            self._others.close()
            super().close()

        def select(self, timeout: float | None = None) -> Any:
            """Wait for what asyncio waits for.  It may also return early, with nothing."""
            if not self._pumps:
                return super().select(timeout)
            for pump in self._pumps:
                pump.datagrams.flush()  # what callbacks and tasks have sent
            self.is_due = False
            now = monotonic()
            end = _NEVER if timeout is None else now + timeout
            while True:
                until = self._until
                if self._is_idle:
                    found = self._all.poll(None if end == _NEVER else max(end - now, 0))
                    others = self._fileno in [fd for fd, _ in found]
                    is_next = len(found) > others
                elif now >= until:
                    others = bool(self._others.poll(0, 1))
                    is_next = True
                else:
                    wait = max((until if until < end else end) - now, 0)
                    others = bool(self._others.poll(wait, 1))
                    is_next = not others and until <= end
                if is_next:
                    self._receive(now if others else end)
                now = monotonic()
                if others or now >= end or self.is_due:
                    return super().select(0)

        def _receive(self, end: float) -> None:
            """Receive with each pump, and know what to wait for next."""
            pumps = self._pumps
            most = 0
            if len(pumps) == 1:
                most = pumps[0].datagrams.gather(self, self._fileno, end, self._moderation)
            else:
                for pump in pumps:
                    most = max(most, pump.datagrams.receive())
                for pump in pumps:
                    pump.datagrams.flush()  # what another one's messages were sent by
            self._is_idle = not most or (most < WINDOW and not self._moderation)
            self._until = 0.0 if most >= WINDOW else monotonic() + self._moderation

    class Loop(asyncio.SelectorEventLoop):
        """asyncio's loop, which receives datagrams itself."""

        def __init__(self) -> None:
            self._receiver = _Selector()
            super().__init__(self._receiver)

        def add_pump(self, pump: Pump) -> None:
            """Receive with a pump."""
            self._receiver.add(pump)

        def remove_pump(self, pump: Pump) -> None:
            """Receive with a pump no longer."""
            self._receiver.remove(pump)

        def call_soon(self, *args: Any, **more: Any) -> asyncio.Handle:  # type: ignore[override]
            self._receiver.is_due = True
            return super().call_soon(*args, **more)

        def call_at(self, *args: Any, **more: Any) -> asyncio.TimerHandle:  # type: ignore[override]
            self._receiver.is_due = True
            return super().call_at(*args, **more)

else:

    class Loop(asyncio.SelectorEventLoop):
        """asyncio's loop: pumps read as all others do."""


_NEVER = float("inf")


def run(main: Coroutine[Any, Any, _T]) -> _T:
    """The result of a coroutine, run on a new loop of our own, as `asyncio.run` does."""
    loop = Loop()
    try:
        return loop.run_until_complete(main)
    finally:
        try:
            _cancel_all(loop)
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
        finally:
            loop.close()


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    for task in tasks:
        if not task.cancelled() and task.exception() is not None:
            what = "a task raised an error while it was cancelled"
            loop.call_exception_handler(
                {"message": what, "exception": task.exception(), "task": task}
            )
