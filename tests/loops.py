"""The loops that sockets are tested on, each test bounded in time."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from sipfast.proxy.loop import Loop

T = TypeVar("T")

SECONDS = 30


def available() -> list[str]:
    """Our own loop, that of asyncio, and uvloop where it is installed."""
    try:
        importlib.import_module("uvloop")
    except ModuleNotFoundError:
        return ["own", "asyncio"]
    return ["own", "asyncio", "uvloop"]


def run_on(name: str, main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """The result of a coroutine on a new loop.  An exception in a callback fails, too."""
    new: Any = {"own": Loop, "asyncio": asyncio.SelectorEventLoop}.get(name)
    if new is None:
        new = importlib.import_module(name).new_event_loop
    loop: asyncio.AbstractEventLoop = new()
    faults: list[str] = []
    loop.set_exception_handler(lambda _, context: faults.append(repr(context)))
    try:
        result = loop.run_until_complete(asyncio.wait_for(main(), SECONDS))
        loop.run_until_complete(asyncio.sleep(0))
        return result
    finally:
        if faults:
            raise AssertionError("\n".join(faults))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
