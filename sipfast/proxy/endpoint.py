"""`Endpoint`: what is the same for every message at one address of a proxy."""

from __future__ import annotations

import asyncio
import functools
import logging
import signal
import socket
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NamedTuple

from sipfast import Draft, Hop, Limits, Message, NextHop, ParseError, Request, Response, parse
from sipfast import reply_to
from sipfast._engine import ENGINE

from . import loop as loops

__all__ = ["ConnectionBounds", "Counters", "Endpoint", "Group", "RateLimit", "Source"]

_DATAGRAMS = ENGINE.module("wire.datagrams")
Counters, Source = _DATAGRAMS.Counters, _DATAGRAMS.Source
Handle = Callable[[Any, Any], "Awaitable[None] | None"]
_LOG = logging.getLogger("sipfast.proxy")


class RateLimit:
    """Stand-in."""

    def __init__(self, rate: float = 10, burst: float = 20, most: int = 1024) -> None:
        pass

    def allow(self, source: Any, now: float) -> bool:
        return True


class ConnectionBounds(NamedTuple):
    """Stand-in."""


class Endpoint:
    """One address of a proxy, at one transport."""

    def __init__(
        self,
        host: str,
        port: int | None = None,
        *,
        transport: str = "UDP",
        secret: bytes,
        supported: Iterable[str] = (),
        bind: tuple[str, int] | None = None,
        ssl: Any = None,
        limits: Limits | None = None,
        rate: RateLimit | None = None,
        bounds: ConnectionBounds | None = None,
        reuse_port: bool = False,
        resolve: Callable[[str, int | None, str], Awaitable[tuple[str, int]]] | None = None,
    ) -> None:
        self.hop = Hop(host, port, transport=transport, secret=secret, supported=supported)
        self.counters = Counters()
        self.group: Any = None
        bare = host[1:-1] if host.startswith("[") else host
        self._bind = bind or (bare, 5060 if port is None else port)
        family = socket.AF_INET6 if ":" in self._bind[0] else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        if reuse_port:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._socket.setblocking(False)
        self._socket.bind(self._bind)
        self._datagrams = _DATAGRAMS.Datagrams(self._socket, self.counters, self)
        self._parse = functools.partial(parse, limits=limits) if limits else parse
        self._handle: Any = None
        self._tasks: set[Any] = set()
        self._loop: Any = None
        self._stopping: Any = None

    @property
    def address(self) -> tuple[str, int]:
        """The address that it listens at."""
        host, port = self._socket.getsockname()[:2]
        return host, port

    async def attach(self, handle: Handle, *, moderation: float = 0.001) -> None:
        """Serve on the running loop."""
        self._handle = handle
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._readable)

    def _readable(self) -> None:
        self._datagrams.receive(self._parse, self._handle, self._later, self._trouble)
        self._datagrams.flush()

    def _later(self, result: Any, message: Any, source: Any) -> None:
        task = self._loop.create_task(self._watched(result, message, source))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _watched(self, result: Any, message: Any, source: Any) -> None:
        try:
            await result
        except Exception as error:
            self._trouble(error, message, source)
        self._datagrams.flush()

    def _trouble(self, error: Exception, message: Any, source: Any) -> None:
        if isinstance(error, ParseError):
            if isinstance(message, bytes) and not message.strip(b"\r\n"):
                self.counters.keepalives += 1
                return
            self.counters.refused += 1
            response = reply_to(error, message, source=tuple(source))
            if response is not None:
                self.send(response, source)
            return
        self.counters.failed += 1
        _LOG.error("a handler failed", exc_info=error)

    def forward(
        self,
        message: Request | Response,
        target: Any = None,
        *,
        source: Any = None,
        record_route: bool = True,
        fork: int = 0,
        trusted: bool = False,
    ) -> None:
        """Forward a message, and send it to its next hop."""
        via = self.hop
        if isinstance(message, Response):
            self.send(message.forward(via=via), message.next_hop(via=via))
            return
        kept = via if record_route else None
        data = message.forward(
            target, via=via, source=tuple(source), record_route=kept, fork=fork, trusted=trusted
        )
        hop = message.next_hop(target, via=via, record_route=kept, trusted=trusted)
        self.send(data, hop)

    def reply(
        self, request: Request, status: int, reason: str | None = None, *, source: Any, **more: Any
    ) -> None:
        """Answer a request; nothing for an ACK."""
        if request.method != "ACK":
            self.send(request.reply(status, reason, source=tuple(source), **more), source)

    def send(self, message: bytes | Draft | Message, where: Any) -> None:
        """Send a message."""
        data = message if type(message) is bytes else bytes(message)
        if isinstance(where, Source):
            self._datagrams.answer(data, where)
        else:
            if not self._datagrams.send(data, where[0], where[1] or 5060):
                self.counters.unsent += 1
        if self._loop is not None:
            self._loop.call_soon(self._datagrams.flush)

    def serve(self, handle: Handle, *, moderation: float = 0.001) -> None:
        """Serve until SIGINT, SIGTERM or `stop`."""
        loops.run(self._serve(handle, moderation))

    async def _serve(self, handle: Handle, moderation: float) -> None:
        loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stop)
        await self.attach(handle, moderation=moderation)
        await self._stopping.wait()
        await self.close()

    def stop(self) -> None:
        """End `serve`."""
        if self._stopping is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)

    async def close(self, grace: float = 0) -> None:
        """Close the socket."""
        self._loop.remove_reader(self._socket)
        for task in self._tasks:
            task.cancel()
        self._datagrams.close()
        self._socket.close()


class Group:
    """Endpoints that forward to each other."""

    def __init__(self, *endpoints: Endpoint) -> None:
        self.endpoints = endpoints
        for endpoint in endpoints:
            endpoint.group = self

    async def attach(self, handle: Handle, *, moderation: float = 0.001) -> None:
        """Serve all on the running loop."""
        for endpoint in self.endpoints:
            await endpoint.attach(handle, moderation=moderation)

    async def close(self, grace: float = 0) -> None:
        """Close all."""
        for endpoint in self.endpoints:
            await endpoint.close(grace)

    def serve(self, handle: Handle, *, moderation: float = 0.001) -> None:
        """Serve all until SIGINT, SIGTERM or `stop`."""
        loops.run(self._serve(handle, moderation))

    async def _serve(self, handle: Handle, moderation: float) -> None:
        for endpoint in self.endpoints[1:]:
            await endpoint.attach(handle, moderation=moderation)
        await self.endpoints[0]._serve(handle, moderation)
        for endpoint in self.endpoints[1:]:
            await endpoint.close()

    def stop(self) -> None:
        """End `serve`."""
        self.endpoints[0].stop()
