"""The connections of an endpoint: TCP, TLS, WebSocket and both, on any asyncio loop.

A connection is a `BufferedProtocol`; all of them receive into one buffer.  What is sent while one
read is handled goes to each connection in one write.  A connection that is read again within
`moderation` seconds is busy: the loop is no longer woken by it, and it is read that often instead,
until nothing has come twice.

What a peer can cost is bounded by `ConnectionBounds`.  When there are `most` connections, the
oldest one that has not sent a message yet makes room for a new one; if all have, the new one is
refused.  So nobody who speaks SIP loses the connection to somebody who comes later.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import os
import socket
import ssl as tls_contexts
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .. import Limits, Request, Response, Stream
from .connection import BUFFER, DEFAULT_PORTS, EVENTS, Connection, Key, usual
from .counters import Counters
from .deadlines import Deadlines
from .guard import network

if TYPE_CHECKING:
    from ..websocket import Upgrade, WebSocket

__all__ = ["ConnectionBounds", "Connections"]

_BACKLOG = 1024
_MOST_DEAD = 1024
"""Addresses that are remembered because they could not be reached."""
_GOING_AWAY = 1001
FIRST_NUMBER = 64
"""The least number of a connection."""

Message = Request | Response
SourceT = TypeVar("SourceT")


@dataclass(frozen=True)
class ConnectionBounds:
    """What the connections of one endpoint may cost; times are in seconds."""

    most: int = 10_000
    """Connections."""
    most_per_source: int = 1_000
    """Connections from an IPv4 address, or from a /64 of IPv6."""
    waiting: int = 262_144
    """Bytes that wait to be written to a connection: a slower reader is closed."""
    unfinished: int = 67_108_864
    """Bytes of messages of which a part has come, in all: above them, the oldest is closed."""
    opening: float = 20.0
    """For the TCP connection, the handshakes of TLS and WebSocket, and the first message."""
    message: float = 10.0
    """For the rest of a message that has begun."""
    stalled: float = 10.0
    """For a reader that was too slow to catch up again."""
    idle: float = 900.0
    """Without a message or a keep-alive from the peer."""
    lingering: float = 2.0
    """For the peer to read the last response and to close."""
    retry: float = 2.0
    """After an address could not be reached, until another connection to it is tried."""
    keepalive: float | None = None
    """Between the keep-alives that are sent on connections opened here (RFC 5626 4.4.1)."""
    aliases: int = 8
    """The addresses in Contact by which a connection can be found, beside the peer's own."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "keepalive" and value is None:
                continue
            least = 0 if field.name == "aliases" else 1e-3
            if isinstance(field.default, int) and not isinstance(value, int):
                raise TypeError(f"{field.name} must be int, not {type(value).__name__}")
            if not isinstance(value, (int, float)):
                raise TypeError(f"{field.name} must be float, not {type(value).__name__}")
            if not least <= value < 1 << 31:
                raise ValueError(f"{field.name} must be from {least:g} to {(1 << 31) - 1}")


class Connections(Generic[SourceT]):
    """The connections of one endpoint; made on the loop that is running.

    `deliver` is called with each message and what `source` made, once a connection, of its host,
    port, transport and number.  Numbers are below 2**32; one that is free is not used again soon.
    """

    def __init__(
        self,
        *,
        transport: str,
        deliver: Callable[[Message, SourceT], None],
        source: Callable[[str, int, str, int], SourceT],
        limits: Limits | None = None,
        bounds: ConnectionBounds | None = None,
        counters: Counters | None = None,
        ssl: tls_contexts.SSLContext | None = None,
        ssl_client: tls_contexts.SSLContext | None = None,
        accept: Callable[[Upgrade, SourceT], bool] | None = None,
        undelivered: Callable[[list[bytes], str, int], None] | None = None,
        moderation: float = 0.0,
    ) -> None:
        """`ssl` is for listening, `ssl_client` for connecting (`ssl.create_default_context`).

        `accept` decides on a handshake of WebSocket, by its Origin for example.  `undelivered` gets
        what waited for a connection that could not be opened.  `moderation` is the seconds after
        which a busy connection is read again; 0 turns that off.
        """
        if transport not in DEFAULT_PORTS:
            raise ValueError(f"transport must be one of {', '.join(DEFAULT_PORTS)}")
        self.transport = transport
        self.bounds = bounds = ConnectionBounds() if bounds is None else bounds
        self.counters = Counters() if counters is None else counters
        self._limits = limits
        self.deliver, self._source, self.accept = deliver, source, accept
        self._undelivered = undelivered
        self._is_secure = transport in ("TLS", "WSS")
        self._server_context, self._client_context = ssl, ssl_client
        if self._is_secure and ssl_client is None:
            self._client_context = tls_contexts.create_default_context()
        self.special: dict[type, Callable[[Any, Any], None]] = dict(EVENTS)
        self.is_websocket = transport in ("WS", "WSS")
        self._websocket: type[WebSocket] | None = None
        if self.is_websocket:
            from .. import websocket

            self._websocket = websocket.WebSocket
            self.special[websocket.Upgrade] = Connection._on_upgrade
            self.special[websocket.Opened] = Connection._on_opened
            self.special[websocket.Closed] = Connection._on_closed
        self.loop = asyncio.get_running_loop()
        self.time = self.loop.time
        self._server: asyncio.AbstractServer | None = None
        self._local: str | None = None
        self._all: set[Connection] = set()
        self._open: dict[int, Connection] = {}
        self._by_key: dict[Key, Connection] = {}
        self.aliases: dict[tuple[str, int | None], Connection] = {}
        self._per_source: dict[bytes, int] = {}
        self.buffer = bytearray(BUFFER)
        self.view = memoryview(self.buffer)
        self.buffers = [self.view]
        self.moderation = moderation
        self._busy: list[Connection] = []
        self._ticker: asyncio.Handle | None = None
        self.is_behind = False
        self.dirty: list[Connection] = []
        self.is_reading = self.is_called = self._is_closed = False
        self._all_lost: asyncio.Event | None = None
        self.unfinished = 0
        """The bytes of messages of which a part has come."""
        self._deadlines = Deadlines(self.loop)
        queue = self._deadlines.queue
        self.opening = queue(bounds.opening, Connection.time_out)
        self.halves = queue(bounds.message, Connection.time_out)
        self.idle = queue(bounds.idle, Connection.idle_out)
        self.stalled = queue(bounds.stalled, Connection.fall_behind)
        self.lingering = queue(bounds.lingering, Connection.abort)
        self._dead = queue(bounds.retry, None)
        keepalive = bounds.keepalive
        self.pinged = None if keepalive is None else queue(keepalive, self._ping)

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, number: int) -> bool:
        return number in self._open

    async def listen(self, host: str, port: int, *, reuse_port: bool = False) -> tuple[str, int]:
        """Accept connections at an address, and return it with the port that was bound."""
        if self._is_secure and self._server_context is None:
            raise ValueError(f"to listen for {self.transport}, ssl must be given")
        loop = self.loop
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if reuse_port:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind(address)
            bound: tuple[str, int] = sock.getsockname()[:2]
            self._server = await loop.create_server(
                lambda: Connection(self), sock=sock, backlog=_BACKLOG
            )
        except BaseException:
            sock.close()
            raise
        if bound[0] not in ("0.0.0.0", "::"):
            self._local = bound[0]
        return bound

    def send(self, data: bytes, number: int) -> bool:
        """Send by the connection of this number; False if it is gone."""
        connection = self._open.get(number)
        return connection is not None and connection.send(data)

    def send_along(self, data: bytes, host: str, port: int | None) -> bool:
        """Send by the connection to this target; False if there is none, or `host` is a name."""
        connection = self._by_key.get((host, port, host))  # type: ignore[arg-type]
        return connection is not None and connection.send(data)

    def find(self, host: str, port: int | None, name: str | None = None) -> int | None:
        """The number of the connection to a target, if there is one.

        It is that to this address and port, or one that a request came by whose Contact has this
        host and port: a host of its own below `.invalid` (RFC 7118 5.2.2), or the peer's address.
        The first such connection keeps the Contact while it lasts.
        """
        connection = self._find(usual(host), port, name)
        return None if connection is None else connection.number

    def send_to(self, data: bytes, host: str, port: int, name: str | None = None) -> bool:
        """Send to an IP address and port, by a connection that is open or is opened for it.

        `name` is what the certificate of the peer must prove, by default `host`.  False if the
        message is dropped: too much waits, or the address could not be reached a moment ago.
        """
        host = usual(host)
        connection = self._find(host, port, name) or self._connect(host, port, name)
        if connection is not None and connection.send(data):
            return True
        self.counters.undelivered += 1
        return False

    def respond(self, data: bytes, number: int | None, host: str, port: int) -> bool:
        """Send a response by the connection that its request came by.

        If that is gone, over TCP and TLS one to `host`, the address that the request came from, and
        `port` is opened (RFC 3261 18.2.2).  A client of WebSocket can only connect anew itself.
        """
        connection = None if number is None else self._open.get(number)
        if connection is not None and connection.send(data):
            return True
        if self.is_websocket:
            self.counters.undelivered += 1
            return False
        return self.send_to(data, host, port)

    def flush(self) -> None:
        """Write what was sent, to each connection in one go."""
        self.is_called = False
        dirty, self.dirty = self.dirty, []
        for connection in dirty:
            connection.is_dirty = False
            connection.flush()

    def quiesce(self) -> None:
        """Accept no more connections, and go on with those that are open."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def close(self, grace: float = 0.0) -> None:
        """Stop listening, wait up to `grace` seconds for peers to close, and close the rest."""
        self._is_closed = True
        self.quiesce()
        self._all_lost = asyncio.Event()
        try:
            await self._until_lost(grace)
            for connection in list(self._all):
                if self.is_websocket and connection.is_open and not connection.is_closing:
                    connection.flush()
                    if not connection.is_closing and connection.stream.is_open:
                        connection.stream.close(_GOING_AWAY)
                connection.finish()
            await self._until_lost(self.bounds.lingering if self._all else 0)
        finally:  # even if this is cancelled
            for connection in list(self._all):
                connection.abort()
            self._deadlines.close()
            if self._ticker is not None:
                self._ticker.cancel()
                self._ticker = None
        await self._until_lost(1.0)
        await asyncio.sleep(0)  # the loop closes the listening socket

    async def _until_lost(self, seconds: float) -> None:
        assert self._all_lost is not None
        if self._all and seconds > 0:
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._all_lost.wait(), seconds)

    # ---- tables ----------------------------------------------------------------------------------

    def _find(self, host: str, port: int | None, name: str | None) -> Connection | None:
        if port is not None:
            wanted = host if name is None or not self._is_secure else name.lower()
            connection = self._by_key.get((host, port, wanted))
            if connection is not None:
                return connection
        return self.aliases.get((host, port)) if name is None or name == host else None

    def admit(self, connection: Connection, transport: Any) -> bool:
        """Take in a connection of a peer, if there is room."""
        peer = transport.get_extra_info("peername")
        if self._is_closed or not peer:
            return False
        if not self._make_room():
            self.counters.turned_away += 1
            return False
        source = network(peer[0])
        count = self._per_source.get(source, 0)
        if count >= self.bounds.most_per_source:
            self.counters.turned_away += 1
            return False
        self._per_source[source] = count + 1
        connection.source_key = source
        self.counters.accepted += 1
        self._take(connection, usual(peer[0]), peer[1], None)
        return True

    def _make_room(self) -> bool:
        if len(self._all) < self.bounds.most:
            return True
        for oldest in self.opening.entries:
            self.counters.turned_away += 1
            oldest.abort()
            self._leave(oldest)
            return True
        return False

    def _take(self, connection: Connection, host: str, port: int, name: str | None) -> None:
        """Enter a connection into the tables."""
        number = _NUMBERS.next()
        while number in self._open:
            number = _NUMBERS.next()
        connection.host, connection.port, connection.number = host, port, number
        connection.key = (host, port, name.lower() if name and self._is_secure else host)
        connection.source = self._source(host, port, self.transport, number)
        self._all.add(connection)
        self._open[number] = connection
        self._by_key.setdefault(connection.key, connection)
        self.opening.add(connection, self.time())

    def forget(self, connection: Connection) -> None:
        """Take a connection that is closing out of the tables by which it is found."""
        self._open.pop(connection.number, None)
        connection.is_dirty = False
        if self._by_key.get(connection.key) is connection:
            del self._by_key[connection.key]
        for alias in connection.aliases:
            if self.aliases.get(alias) is connection:
                del self.aliases[alias]
        connection.aliases.clear()
        self._deadlines.discard(connection)
        self.unfinished -= connection.pending
        connection.pending = 0
        connection.stream = None

    def drop_halves(self) -> None:
        """Close the connections whose messages began first, until the others are within bounds."""
        while self.unfinished > self.bounds.unfinished:
            next(iter(self.halves.entries)).time_out()

    def _leave(self, connection: Connection) -> None:
        """No longer count a connection."""
        self._all.discard(connection)
        source, connection.source_key = connection.source_key, None
        if source is not None:
            count = self._per_source[source] - 1
            if count:
                self._per_source[source] = count
            else:
                del self._per_source[source]
        if self._all_lost is not None and not self._all:
            self._all_lost.set()

    def lost(self, connection: Connection) -> None:
        """After the end of a connection."""
        connection.is_closing = True
        self.forget(connection)
        self._leave(connection)
        if connection.is_ours and not connection.has_spoken:
            self._missed(connection)

    # ---- connections that are opened here --------------------------------------------------------

    def _connect(self, host: str, port: int, name: str | None) -> Connection | None:
        key = (host, port, name.lower() if name and self._is_secure else host)
        if self._is_closed or key in self._dead.entries or not self._make_room():
            return None
        connection = Connection(self, is_ours=True)
        self._take(connection, host, port, name)
        connection.task = task = self.loop.create_task(self._open_to(connection))
        task.add_done_callback(lambda _: self._opened_to(connection))
        return connection

    async def _open_to(self, connection: Connection) -> None:
        host = connection.host
        local = self._local
        bind = (local, 0) if local is not None and (":" in local) == (":" in host) else None
        with suppress(OSError, ValueError, OverflowError):
            await self.loop.create_connection(
                lambda: connection, host, connection.port, local_addr=bind
            )

    def _opened_to(self, connection: Connection) -> None:
        """After the attempt, which may have been cancelled before it began."""
        connection.task = None
        if connection.transport is None:
            self.lost(connection)
        else:
            self.counters.opened += 1

    def _missed(self, connection: Connection) -> None:
        """After a connection that could not be opened."""
        self.counters.unreachable += 1
        while len(self._dead.entries) >= _MOST_DEAD:
            self._dead.entries.popitem(last=False)
        self._dead.add(connection.key, self.time())
        out, connection.out = connection.out, []
        if out:
            self.counters.undelivered += len(out)
            if self._undelivered is not None:
                self._undelivered(out, connection.host, connection.port)

    def context_of(
        self, connection: Connection
    ) -> tuple[tls_contexts.SSLContext | None, str | None]:
        """The context for a connection, and the name that its peer must prove."""
        if not self._is_secure:
            return None, None
        if connection.is_ours:
            return self._client_context, connection.key[2]
        return self._server_context, None

    def new_stream(self, connection: Connection) -> Stream | WebSocket:
        if self._websocket is None:
            return Stream(self._limits)
        limits: dict[str, Any] = {} if self._limits is None else {"limits": self._limits}
        if not connection.is_ours:
            return self._websocket(**limits)
        host = f"[{connection.host}]" if ":" in connection.host else connection.host
        if connection.port != DEFAULT_PORTS[self.transport]:
            host += f":{connection.port}"
        return self._websocket.client(host, **limits)

    # ---- connections that are busy ---------------------------------------------------------------

    def gather(self, connection: Connection) -> None:
        """Read a busy connection in turns, instead of being woken by it."""
        transport = connection.transport
        if connection.is_closing or transport.is_closing() or connection.fd < 0:
            return
        transport.pause_reading()
        connection.quiet = 0
        self._busy.append(connection)
        if self._ticker is None:
            self._ticker = self.loop.call_later(self.moderation, self._tick)

    def _tick(self) -> None:
        """Read the connections that are busy."""
        self._ticker, self.is_behind = None, False
        busy, self._busy = self._busy, []
        now = self.time()
        self.is_reading = True
        try:
            while busy:
                connection = busy[-1]
                transport = connection.transport
                if not transport.is_closing():
                    if not connection.is_closing and connection.read(now):
                        self._busy.append(connection)
                    elif not transport.is_closing():
                        transport.resume_reading()
                busy.pop()
        finally:
            self._busy += busy  # those that an exception leaves
            self.is_reading = False
            if self.dirty:
                self.flush()
            if self._busy:
                delay = 0.0 if self.is_behind else self.moderation
                self._ticker = self.loop.call_later(delay, self._tick)

    def _ping(self, connection: Connection) -> None:
        assert self.pinged is not None
        connection.ping()
        self.pinged.add(connection, self.time())


class _Numbers:
    """The numbers below 2**32 in a random order: none comes again before all others.

    A process that was forked begins an order of its own.
    """

    def __init__(self) -> None:
        self._pid = 0

    def next(self) -> int:
        """The next number of this process."""
        if self._pid != os.getpid():
            self._pid = os.getpid()
            self._count = itertools.count()
            self._keys = [os.urandom(16) for _ in range(4)]
        while True:
            number = self._permuted(next(self._count))
            if number >= FIRST_NUMBER:
                return number

    def _permuted(self, count: int) -> int:
        left, right = count >> 16 & 0xFFFF, count & 0xFFFF
        for key in self._keys:  # a Feistel network
            digest = hashlib.blake2s(right.to_bytes(2, "big"), key=key, digest_size=2).digest()
            left, right = right, left ^ int.from_bytes(digest, "big")
        return left << 16 | right


_NUMBERS = _Numbers()
