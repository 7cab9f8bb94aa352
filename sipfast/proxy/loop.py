"""The own loop: asyncio's, whose selector receives datagrams itself.

asyncio does everything but UDP here: tasks, timers, signals, connections.  A message that comes in a
datagram passes none of it: its handler is called where asyncio would wait.
"""

from __future__ import annotations

import asyncio
import os
import select
import selectors
from collections.abc import Coroutine
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from .._engine import ENGINE

if TYPE_CHECKING:
    from .pump import Pump

__all__ = ["WINDOW", "Loop", "run"]

_T = TypeVar("_T")
_DATAGRAMS = ENGINE.module("wire.datagrams")
WINDOW: int = _DATAGRAMS.WINDOW
"""The datagrams in a full batch."""


if hasattr(select, "epoll"):

    class _Selector(selectors.EpollSelector):
        """Waits as its base does, and receives datagrams meanwhile."""

        def __init__(self) -> None:
            super().__init__()
            self._pumps: tuple[Pump, ...] = ()
            # The same epoll as that of the base, and one with all datagrams beside it.
            self._others = select.epoll.fromfd(os.dup(self.fileno()))
            self._every = select.epoll()
            self._every.register(self._others, select.EPOLLIN)
            self.waiter = _DATAGRAMS.Waiter(self._others, self._every)

        def add(self, pump: Pump) -> None:
            """Receive with a pump."""
            self._every.register(pump.socket, select.EPOLLIN)
            self._use((*self._pumps, pump))

        def remove(self, pump: Pump) -> None:
            """Receive with a pump no longer."""
            self._every.unregister(pump.socket)
            self._use(tuple(one for one in self._pumps if one is not pump))

        def _use(self, pumps: tuple[Pump, ...]) -> None:
            self._pumps = pumps
            receivers = tuple((pump.datagrams, pump.arguments) for pump in pumps)
            self.waiter.use(receivers, min((pump.moderation for pump in pumps), default=0.0))

        def close(self) -> None:
            self._every.close()
            self._others.close()
            super().close()

        def select(self, timeout: float | None = None) -> Any:
            """Wait for what asyncio waits for.  It may also return early, with nothing."""
            if not self._pumps:
                return super().select(timeout)
            is_ready = self.waiter.wait(_NEVER if timeout is None else monotonic() + timeout)
            return super().select(0) if is_ready else []

    class Loop(asyncio.SelectorEventLoop):
        """asyncio's loop, which receives datagrams itself."""

        def __init__(self) -> None:
            self._receiver = _Selector()
            self._waiter = self._receiver.waiter
            super().__init__(self._receiver)

        def add_pump(self, pump: Pump) -> None:
            """Receive with a pump."""
            self._receiver.add(pump)

        def remove_pump(self, pump: Pump) -> None:
            """Receive with a pump no longer."""
            self._receiver.remove(pump)

        def call_soon(self, *args: Any, **more: Any) -> asyncio.Handle:
            self._waiter.is_due = True
            return super().call_soon(*args, **more)

        def call_at(self, *args: Any, **more: Any) -> asyncio.TimerHandle:
            self._waiter.is_due = True
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
