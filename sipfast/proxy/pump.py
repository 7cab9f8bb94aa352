"""The datagrams of one UDP socket on a loop.

Waking up costs more than all of SIP, so a pump gathers: once a batch has come, it looks again after
`moderation` seconds and not before.  A datagram that comes alone is handled at once, and a full
batch is followed by the next one without a pause.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Any

from .._engine import ENGINE
from .counters import Counters
from .loop import WINDOW, Loop

__all__ = ["Pump", "bound_socket"]

_DATAGRAMS = ENGINE.module("wire.datagrams")
_BUFFER = 4 << 20
"""The bytes to ask for as buffers of the socket; systems grant less."""


class Pump:
    """Receives the datagrams of a socket, and sends what is queued."""

    def __init__(self, of: socket.socket, counters: Counters, owner: Any) -> None:
        self.socket = of
        self.datagrams = _DATAGRAMS.Datagrams(of, counters, owner)
        self.moderation = 0.0
        self._is_due = self._is_reading = self._is_stopped = False
        self._loop: Any = None
        self._timer: asyncio.Handle | None = None

    def start(
        self,
        parse: Callable[[bytes], Any],
        handle: Callable[[Any, Any], Any],
        later: Callable[[Any, Any, Any], None],
        trouble: Callable[[Exception, Any, Any], None],
        moderation: float,
    ) -> None:
        """Receive on the running loop: see `Datagrams.receive`."""
        self._loop = asyncio.get_running_loop()
        self.moderation = moderation
        self.datagrams.handle_with(parse, handle, later, trouble)
        if isinstance(self._loop, Loop):  # which sends what is queued
            self._loop.add_pump(self)
        else:
            self.datagrams.wake = self._flush_soon
            self._loop.add_reader(self.socket.fileno(), self._tick)
            self._is_reading = True

    def stop(self) -> None:
        """Receive nothing more."""
        if self._is_stopped:
            return
        self._is_stopped = True
        if isinstance(self._loop, Loop):
            self._loop.remove_pump(self)
            self.datagrams.wake = self._flush_soon
        elif self._is_reading:
            self._loop.remove_reader(self.socket.fileno())
        if self._timer is not None:
            self._timer.cancel()

    def close(self) -> None:
        """Stop, and close the socket.  What is queued is sent before."""
        self.stop()
        self.datagrams.flush()
        self.datagrams.close()
        self.socket.close()

    def _flush_soon(self) -> None:
        """Send what is queued before the loop waits."""
        if not self._is_due:
            self._is_due = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._is_due = False
        self.datagrams.flush()

    def _tick(self) -> None:
        """Receive on a loop that is not our own."""
        count = self.datagrams.receive()
        loop = self._loop
        if self._is_stopped:  # by a handler
            return
        is_next = count >= WINDOW or (count > 0 and self.moderation > 0)
        if is_next is self._is_reading:
            self._is_reading = not is_next
            if is_next:
                loop.remove_reader(self.socket.fileno())
            else:
                loop.add_reader(self.socket.fileno(), self._tick)
        self._timer = None
        if count >= WINDOW:
            self._timer = loop.call_soon(self._tick)
        elif is_next:
            self._timer = loop.call_later(self.moderation, self._tick)


def bound_socket(address: tuple[str, int], *, reuse_port: bool) -> socket.socket:
    """A UDP socket at an address, with large buffers."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_DGRAM)
    try:
        bound.setblocking(False)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if reuse_port:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            with contextlib.suppress(OSError):  # more than this system grants
                bound.setsockopt(socket.SOL_SOCKET, option, _BUFFER)
        bound.bind(address)
    except BaseException:
        bound.close()
        raise
    return bound
