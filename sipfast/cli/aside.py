"""Long calls into C in a thread of their own, so that Ctrl-C ends the command at once."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Any, TypeVar

__all__ = ["Aside", "end_without_threads", "leave_behind"]

T = TypeVar("T")

_PATIENCE = 0.5
"""Seconds for a call to end after it was interrupted: one that goes on is left behind."""

_left_behind = False


def leave_behind() -> None:
    """Say that a thread goes on in C, for which the end of the process would wait."""
    global _left_behind
    _left_behind = True


def end_without_threads(code: object) -> None:
    """End the process, if a thread was left behind, after what runs at its end."""
    if _left_behind:
        ending = Thread(target=atexit._run_exitfuncs, daemon=True)  # of which one may wait, too
        ending.start()
        ending.join(_PATIENCE)
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError, AttributeError):
                stream.flush()
        os._exit(code if isinstance(code, int) else 0 if code is None else 1)


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
            # In a thread too: it may have to wait for what reads a pipe.
            Thread(target=self._interrupt, daemon=True).start()
            self._calls.put(None)
            self._thread.join(_PATIENCE)
            self.is_stuck = self._thread.is_alive()
            if self.is_stuck:
                leave_behind()
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
