"""SIGTERM and SIGINT, while a loop runs and while it ends."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator

__all__ = ["STOPPING", "handled"]

STOPPING = (signal.SIGTERM, signal.SIGINT)


@contextlib.contextmanager
def handled(handle: Callable[[int], None]) -> Iterator[None]:
    """Call `handle` in the running loop for each of these signals; after the block, ignore them.

    The process ends then anyway.  A loop that closes drops the pipe that wakes it before its
    handlers, and would report a signal in between as an error.
    """
    loop = asyncio.get_running_loop()
    for number in STOPPING:
        loop.add_signal_handler(number, handle, number)
    try:
        yield
    finally:
        for number in STOPPING:
            signal.signal(number, signal.SIG_IGN)
