"""Writing in a thread, while the next batch is read: both leave the interpreter to each other."""

from __future__ import annotations

from collections.abc import Callable
from queue import Queue
from threading import Thread
from types import TracebackType
from typing import Any

__all__ = ["Behind"]

_MOST = 1
"""So many batches wait, besides the one that is written and the one that is read."""


class Behind:
    """Calls a function with one batch after another, in a thread from the second one on.

    What it raises is raised again by `take`, or at the end of the `with` block, unless that raised
    something itself: then the batches that wait are dropped.
    """

    def __init__(self, call: Callable[[Any], None]) -> None:
        self._call = call
        self._queue: Queue[Any] = Queue(_MOST)
        self._first: Any = None
        self._thread: Thread | None = None
        self._error: BaseException | None = None

    def take(self, batch: Any) -> None:
        """Call the function with a batch, soon."""
        if self._error is not None:
            raise self._error
        if self._thread is not None:
            self._queue.put(batch)
        elif self._first is None:
            self._first = batch
        else:
            self._thread = Thread(target=self._run, daemon=True)
            self._thread.start()
            self._queue.put(self._first)
            self._queue.put(batch)
            self._first = None

    def _run(self) -> None:
        while (batch := self._queue.get()) is not None:
            if self._error is None:
                try:
                    self._call(batch)
                except BaseException as error:
                    self._error = error

    def __enter__(self) -> Behind:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._error = self._error or error
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
        elif self._first is not None and kind is None:
            self._call(self._first)
        if kind is None and self._error is not None:
            raise self._error
