"""Long calls into C in a thread of their own, so that Ctrl-C ends the command at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Any, TypeVar

__all__ = ["Aside"]

T = TypeVar("T")

_PATIENCE = 0.5
"""Seconds for a call to end after it was interrupted: one that goes on is left behind."""


class Aside:
    """Runs one call after another in a thread, while the main thread waits for signals.

    Whatever interrupts the wait calls `interrupt`, which should end the call. The process may end
    while one goes on: nothing of the command's is in that thread.

    Attributes:
        is_stuck: whether a call did not end.
    """

    def __init__(self, interrupt: Callable[[], object]) -> None:
        self._interrupt = interrupt
        self._calls: SimpleQueue[Callable[[], Any] | None] = SimpleQueue()
        self._results: SimpleQueue[tuple[Any, BaseException | None]] = SimpleQueue()
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()
        self.is_stuck = False

    def __call__(self, call: Callable[[], T]) -> T:
        """What a call returns or raises."""
        self._calls.put(call)
        try:
            result, error = self._results.get()
        except BaseException:
            self._interrupt()
            self._calls.put(None)
            self._thread.join(_PATIENCE)
            self.is_stuck = self._thread.is_alive()
            raise
        if error is not None:
            raise error
        found: T = result
        return found

    def each(self, iterator: Iterator[T]) -> Iterator[T]:
        """The items of an iterator, each of which is a call."""
        end: Any = object()
        while (item := self(lambda: next(iterator, end))) is not end:
            yield item

    def _run(self) -> None:
        while (call := self._calls.get()) is not None:
            try:
                self._results.put((call(), None))
            except BaseException as error:
                self._results.put((None, error))
            del call

    def __enter__(self) -> Aside:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if not self.is_stuck:
            self._calls.put(None)
            self._thread.join()
