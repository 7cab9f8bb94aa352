"""The parent of several workers: starts them, starts one that died again, and passes signals on."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Sequence

from . import signals

__all__ = ["CANNOT_START", "supervise"]

CANNOT_START = 78
"""The exit status of a worker whose settings are wrong, or whose addresses are taken."""
_LOG = logging.getLogger("sipfast.proxy.supervisor")
_LONGEST_PAUSE = 10.0
_STEADY = 10.0
_AS_ASKED = tuple(-number for number in signals.STOPPING)  # before it could catch them


async def supervise(commands: Sequence[Sequence[str]]) -> int:
    """Run each command until SIGTERM or SIGINT; the exit status is 0 if all ended well then.

    A worker that could not start the first time ends them all: it would not the next time either.
    """
    running: dict[int, asyncio.subprocess.Process] = {}
    stopping = asyncio.Event()

    def stop(number: int) -> None:
        stopping.set()
        for process in running.values():
            if process.returncode is None:
                process.send_signal(number)

    with signals.handled(stop):
        statuses = await asyncio.gather(
            *(
                _keep(index, command, running, stopping, stop)
                for index, command in enumerate(commands)
            )
        )
    return max(statuses)


async def _keep(
    index: int,
    command: Sequence[str],
    running: dict[int, asyncio.subprocess.Process],
    stopping: asyncio.Event,
    stop: Callable[[int], None],
) -> int:
    """Keep one worker running; the longer the pause, the sooner it died again and again."""
    loop = asyncio.get_running_loop()
    pause = 0.1
    is_first = True
    while True:
        began = loop.time()
        process = running[index] = await asyncio.create_subprocess_exec(
            sys.executable, *command, start_new_session=True
        )
        if stopping.is_set():  # a signal that came while it was started
            process.send_signal(signal.SIGTERM)
        status = await process.wait()
        if stopping.is_set():
            return 0 if status in _AS_ASKED else abs(status)
        if is_first and status == CANNOT_START:
            stop(signal.SIGTERM)
            return status
        is_first = False
        pause = 0.1 if loop.time() - began > _STEADY else min(2 * pause, _LONGEST_PAUSE)
        _LOG.warning("worker %d ended with status %d; again in %.1f s", index, status, pause)
        try:
            await asyncio.wait_for(stopping.wait(), pause)
        except asyncio.TimeoutError:
            continue
        return 0
