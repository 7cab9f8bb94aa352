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
import contextlib
import hashlib
import itertools
import os
import socket
import ssl as tls_contexts
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .. import FramingError, Limits, ParseError, Ping, Pong, Request, Response, Stream
from .counters import Counters
from .guard import network
from .tls import TLS

if TYPE_CHECKING:
    from ..websocket import Closed, Opened, Upgrade, WebSocket

__all__ = ["ConnectionBounds", "Connections"]

_DEFAULT_PORTS = {"TCP": 5060, "TLS": 5061, "WS": 80, "WSS": 443}
_WITH_CONTACT = frozenset({"INVITE", "REGISTER", "SUBSCRIBE", "NOTIFY", "REFER", "UPDATE"})
"""The methods of requests whose Contact says where later ones go."""
_BUFFER = 65_536
_BACKLOG = 1024
_MOST_DEAD = 1024
"""Addresses that are remembered because they could not be reached."""
_GOING_AWAY = 1001
_SETTLED = 0.01
"""Seconds after which a loop has written what it was given, unless the peer does not read it."""
_HAS_FILES = hasattr(os, "readv")
"""Whether a socket can be read and written as a file, past the loop."""
_QUIET = 2
"""The reads without bytes after which a connection is no longer busy."""
FIRST_NUMBER = 64
"""The least number of a connection."""

Message = Request | Response
SourceT = TypeVar("SourceT")
Key = tuple[str, int, str]
"""The address and port of a peer, and the name that its certificate has proved, or its address."""


@dataclass(frozen=True)
class ConnectionBounds:
    """What the connections of one endpoint may cost; times are in seconds."""

    most: int = 10_000
    """Connections."""
    most_per_source: int = 1_000
    """Connections from an IPv4 address, or from a /64 of IPv6."""
    waiting: int = 262_144
    """Bytes that wait to be written to a connection: a slower reader is closed."""
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


class _Queue(Generic[SourceT]):
    """Items that expire a constant time after they were added last, in this order."""

    __slots__ = ("delay", "entries", "expire", "owner")

    def __init__(self, owner: Connections, delay: float, expire: Callable[[Any], None]) -> None:
        self.owner = owner
        self.delay = delay
        self.expire = expire
        self.entries: OrderedDict[Any, float] = OrderedDict()

    def add(self, item: Any, now: float) -> None:
        """Add an item, or start its time anew."""
        entries = self.entries
        entries[item] = at = now + self.delay
        entries.move_to_end(item)
        if at < self.owner._wakes_at:
            self.owner._wake_at(at)

    def discard(self, item: Any) -> None:
        self.entries.pop(item, None)

    def run(self, now: float) -> float:
        """Expire what is due; the time of the next one."""
        entries = self.entries
        while entries:
            item = next(iter(entries))
            at = entries[item]
            if at > now:
                return at
            del entries[item]
            self.expire(item)
        return _NEVER


_NEVER = float("inf")


class _Connection(asyncio.BufferedProtocol):
    """One connection.

    `is_open`: handshakes are done, so that messages can be written.  `is_closing`: nothing more is
    read or sent.
    """

    __slots__ = (
        *("aliases", "contact", "host", "is_closing", "is_dirty", "is_half", "is_open", "is_ours"),
        *(
            "is_queued",
            "is_stalled",
            "key",
            "number",
            "out",
            "owner",
            "port",
            "size",
            "source",
            "source_key",
        ),
        *("fd", "has_spoken", "quiet", "read_at", "stream", "task", "tls", "transport"),
    )

    transport: Any
    stream: Any
    """A `Stream`, or a `WebSocket`."""
    out: list[bytes]
    """What was sent and is not written yet, of `size` bytes."""

    def __init__(self, owner: Connections[Any]) -> None:
        self.owner = owner
        self.transport = self.stream = self.tls = self.task = self.source = self.contact = None
        self.host, self.port, self.number = "", 0, -1
        self.key: Key | None = None
        self.source_key: bytes | None = None
        self.out = []
        self.size = 0
        self.aliases: list[tuple[str, int | None]] = []
        self.is_open = self.is_closing = self.is_dirty = self.is_half = self.is_stalled = False
        self.is_ours = self.has_spoken = self.is_queued = False
        self.fd = -1
        self.read_at = -_NEVER
        self.quiet = 0

    # ---- the loop's calls ------------------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        owner = self.owner
        self.transport = transport
        if self.is_closing or not (self.is_ours or owner._admit(self, transport)):
            self.is_closing = True
            transport.abort()
            return
        transport.set_write_buffer_limits(high=0)  # so that `is_stalled` tells of any byte
        sock = transport.get_extra_info("socket")
        if _HAS_FILES and sock is not None:
            self.fd = sock.fileno()
        try:
            context, name = owner._context(self)
            if context is not None:
                self.tls = TLS(context, name)
                self._send_wire(self.tls.data_to_send())
        except (tls_contexts.SSLError, ValueError):  # ValueError: a name that none can have
            self.abort()
            return
        self.stream = owner._new_stream(self)
        if self.tls is None:
            self._after_tls()

    def get_buffer(self, sizehint: int) -> bytearray:
        return self.owner._buffer

    def buffer_updated(self, size: int) -> None:
        owner = self.owner
        data = bytes(owner._view[:size])
        if self.is_closing:
            return
        now = owner._time()
        owner._is_reading = True
        try:
            self._take(data, now)
        finally:
            owner._is_reading = False
            if owner._dirty:
                owner.flush()
        if now - self.read_at < owner._moderation:
            owner._gather(self)
        self.read_at = now

    def read(self, now: float) -> bool:
        """Read what has come meanwhile; False if the loop shall wait for more."""
        owner = self.owner
        try:
            size = os.readv(self.fd, owner._buffers)
        except BlockingIOError:
            self.quiet += 1
            return self.quiet < _QUIET
        except OSError:  # the transport finds it, too
            return False
        if size == 0:
            return False
        self.quiet = 0
        self._take(bytes(owner._view[:size]), now)
        if size == _BUFFER:
            owner._is_behind = True
        return True

    def eof_received(self) -> None:
        if not self.is_closing and self.stream is not None:
            self._handle(self.stream.eof())
            self.flush()
        if not self.is_closing:
            self._stop()  # the transport closes itself, when all is written

    def pause_writing(self) -> None:
        self.is_stalled = True
        if not self.is_closing:
            self.owner._stalled.add(self, self.owner._time())

    def resume_writing(self) -> None:
        self.is_stalled = self.is_queued = False
        self.owner._stalled.discard(self)

    def connection_lost(self, error: Exception | None) -> None:
        self.owner._lost(self)

    # ---- what comes in ---------------------------------------------------------------------------

    def _take(self, data: bytes, now: float) -> None:
        """Handle what was read."""
        if self.tls is None:
            self._received(data, now)
        else:
            self._received_tls(data, now)

    def _received_tls(self, data: bytes, now: float) -> None:
        tls = self.tls
        assert tls is not None
        was_open = tls.is_open
        try:
            clear = tls.feed(data)
        except tls_contexts.SSLError:
            self._send_wire(tls.data_to_send())  # the alert
            self._fail()
            return
        self._send_wire(tls.data_to_send())
        if tls.is_open and not was_open:
            self._after_tls()
        if clear and not self.is_closing:
            self._received(clear, now)
        if tls.is_ended and not self.is_closing:
            self._handle(self.stream.eof())
            self.finish()

    def _after_tls(self) -> None:
        """Go on after the handshake of TLS, or without it."""
        if self.owner._is_websocket:
            wire = self.stream.data_to_send()
            if wire:
                self._write(wire)
        else:
            self._opened()

    def _opened(self) -> None:
        """After all handshakes: write what waits."""
        owner = self.owner
        self.is_open = True
        if self.is_ours:
            self._spoke(owner._time())
            if owner._pinged is not None:
                owner._pinged.add(self, owner._time())
        if self.out:
            self.flush()

    def _received(self, data: bytes, now: float) -> None:
        """Handle the bytes of the stream."""
        owner = self.owner
        events = self.stream.feed(data)
        if owner._is_websocket:
            self._handle(events)
            if self.is_closing:
                return
            wire = self.stream.data_to_send()
            if wire:
                self._write(wire)
        else:
            self._handle(events)
        if self.is_closing:
            return
        if events:
            self._spoke(now)
        if self.stream.pending:
            if events or not self.is_half:
                self.is_half = True
                owner._halves.add(self, now)
        elif self.is_half:
            self.is_half = False
            owner._halves.discard(self)

    def _spoke(self, now: float) -> None:
        """The peer has sent a message or a keep-alive."""
        owner = self.owner
        if not self.has_spoken:
            if not self.is_open:  # of WebSocket: it asks for the handshake
                return
            self.has_spoken = True
            owner._opening.discard(self)
        owner._idle.add(self, now)

    def _handle(self, events: list[Any]) -> None:
        owner = self.owner
        special, deliver, source = owner._special, owner._deliver, self.source
        most = owner.bounds.aliases
        for event in events:
            kind = type(event)
            if kind is not Response:
                handle = special.get(kind)
                if handle is not None:
                    handle(self, event)
                    continue
                if event.method in _WITH_CONTACT and len(self.aliases) < most:
                    self._note(event)
            deliver(event, source)

    def _on_ping(self, ping: Ping) -> None:
        self.owner.counters.keepalives += 1
        self.send(ping.response)

    def _on_pong(self, pong: Pong) -> None:
        self.owner.counters.keepalives += 1

    def _on_framing_error(self, error: FramingError) -> None:
        self.owner.counters.misframed += 1
        if error.response is not None:
            self.send(bytes(error.response))
        if not self.owner._is_websocket:
            self.finish()

    def _on_upgrade(self, upgrade: Upgrade) -> None:
        accept = self.owner._accept
        if accept is None or accept(upgrade, self.source):
            self.stream.accept()
            self._write(self.stream.data_to_send())
            self._opened()
        else:
            self.stream.reject(403)
            self.finish()

    def _on_opened(self, opened: Opened) -> None:
        self._opened()

    def _on_closed(self, closed: Closed) -> None:
        self.finish()

    def _note(self, message: Request) -> None:
        """Remember the addresses in Contact by which only this connection leads to the sender."""
        text = message.headers.get("Contact")
        if text is None or text == self.contact:
            return
        self.contact = text
        lower, host = text.lower(), self.host
        if host not in lower and ".invalid" not in lower and ":" not in host:
            return
        owner = self.owner
        try:
            if len(message.vias) != 1:  # the sender speaks for somebody else
                return
            uris = [contact.uri for contact in message.contacts if not contact.is_wildcard]
        except ParseError:
            return
        for uri in uris:
            address = _usual(getattr(uri, "host", None) or "")
            if address.endswith(".invalid"):
                key = (address, uri.port)
            elif address == host:
                key = (address, uri.port or _DEFAULT_PORTS[owner.transport])
            else:
                continue
            if owner._aliases.setdefault(key, self) is self and key not in self.aliases:
                self.aliases.append(key)
                if len(self.aliases) >= owner.bounds.aliases:
                    return

    # ---- what goes out ---------------------------------------------------------------------------

    def send(self, data: bytes) -> bool:
        """Queue a message or a keep-alive; False if it cannot be sent."""
        if self.is_dirty and self.is_open and self.size < _BUFFER:  # another one within one read
            self.out.append(data)
            self.size += len(data)
            return True
        if self.is_closing:
            return False
        if not self.is_open:
            if self.size > self.owner.bounds.waiting:
                return False
        elif self.size > _BUFFER:
            self.flush()
            if self.is_closing:
                return False
        self.out.append(data)
        self.size += len(data)
        if not self.is_dirty:
            self.is_dirty = True
            owner = self.owner
            owner._dirty.append(self)
            if not owner._is_reading and not owner._is_called:
                owner._is_called = True
                owner._loop.call_soon(owner.flush)
        return True

    def flush(self) -> None:
        """Write what was sent, in one go."""
        out = self.out
        if not self.is_open or not out or self.is_closing:
            return
        if self.is_stalled and self.transport.get_write_buffer_size() > self.owner.bounds.waiting:
            self.owner.counters.slow += 1
            self.abort()
            return
        if self.owner._is_websocket:
            for data in out:
                self.stream.send(data)
            data = self.stream.data_to_send()
        else:
            data = out[0] if len(out) == 1 else b"".join(out)
        self.owner.counters.sent += len(out)
        out.clear()
        self.size = 0
        self._write(data)

    def _write(self, data: bytes) -> None:
        tls = self.tls
        if tls is not None:
            try:
                tls.write(data)
            except tls_contexts.SSLError:
                self.abort()
                return
            data = tls.data_to_send()
        self._send_wire(data)

    def _send_wire(self, data: bytes) -> None:
        """Write at once, or after what the transport has not written yet.

        uvloop's transport would wait for the next turn of the loop, which costs a system call.
        """
        if not self.is_queued and self.fd >= 0:
            try:
                written = os.write(self.fd, data)
            except OSError:  # it is full; or the transport finds the error, too
                written = 0
            if written == len(data):
                return
            data = data[written:]
        elif not data:
            return
        self.transport.write(data)
        if not self.is_queued:
            self.is_queued = True
            self.owner._loop.call_later(_SETTLED, self._settle)

    def _settle(self) -> None:
        """Nothing is queued any more, unless the transport has asked for a pause."""
        if not self.is_stalled:
            self.is_queued = False

    def ping(self) -> None:
        """Send a keep-alive."""
        self.send(b"\r\n\r\n")

    # ---- the end ---------------------------------------------------------------------------------

    def finish(self) -> None:
        """Write what is left and close, when the peer has closed or after a while.

        A close at once would reset the connection while bytes arrive, and the peer would lose the
        last response.
        """
        if self.is_closing:
            return
        self.flush()
        if self.is_closing:
            return
        transport = self.transport
        if transport is None or self.stream is None:
            self.abort()
            return
        if self.owner._is_websocket:
            wire = self.stream.data_to_send()
            if wire:
                self._write(wire)
        if self.tls is not None:
            self.tls.close()
            self._send_wire(self.tls.data_to_send())
        self._stop()
        if transport.can_write_eof() and not transport.is_closing():
            with contextlib.suppress(OSError):  # the peer has reset the connection
                transport.write_eof()

    def _stop(self) -> None:
        """Leave the tables, and stay a while."""
        self.is_closing = True
        self.owner._forget(self)
        self.owner._lingering.add(self, self.owner._time())

    def _fail(self) -> None:
        """Close after a fault of TLS."""
        self._stop()
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def abort(self) -> None:
        """Close at once."""
        self.is_closing = True
        self.owner._forget(self)
        if self.transport is not None:
            self.transport.abort()
        elif self.task is not None:
            self.task.cancel()

    def time_out(self) -> None:
        self.owner.counters.timed_out += 1
        self.abort()

    def fall_behind(self) -> None:
        """Close a reader that was too slow for too long; one with little to read may go on."""
        owner = self.owner
        if self.transport.get_write_buffer_size() > owner.bounds.waiting // 4:
            owner.counters.slow += 1
            self.abort()
        else:
            owner._stalled.add(self, owner._time())

    def idle_out(self) -> None:
        self.owner.counters.idled_out += 1
        self.finish()


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
        """`ssl` is for listening, `ssl_client` (`ssl.create_default_context`) for connecting.

        `accept` decides on a handshake of WebSocket, by its Origin for example.  `undelivered` gets
        what waited for a connection that could not be opened.
        """
        if transport not in _DEFAULT_PORTS:
            raise ValueError(f"transport must be one of {', '.join(_DEFAULT_PORTS)}")
        self.transport = transport
        self.bounds = bounds = ConnectionBounds() if bounds is None else bounds
        self.counters = Counters() if counters is None else counters
        self._limits = limits
        self._deliver, self._source, self._accept = deliver, source, accept
        self._undelivered = undelivered
        self._is_secure = transport in ("TLS", "WSS")
        self._server_context, self._client_context = ssl, ssl_client
        if self._is_secure and ssl_client is None:
            self._client_context = tls_contexts.create_default_context()
        self._special: dict[type, Callable[[Any, Any], None]] = dict(_EVENTS)
        self._is_websocket = transport in ("WS", "WSS")
        self._websocket: type[WebSocket] | None = None
        if self._is_websocket:
            from .. import websocket

            self._websocket = websocket.WebSocket
            self._special[websocket.Upgrade] = _Connection._on_upgrade
            self._special[websocket.Opened] = _Connection._on_opened
            self._special[websocket.Closed] = _Connection._on_closed
        self._loop = asyncio.get_running_loop()
        self._time = self._loop.time
        self._server: asyncio.AbstractServer | None = None
        self._local: str | None = None
        self._all: set[_Connection] = set()
        self._open: dict[int, _Connection] = {}
        self._by_key: dict[Key, _Connection] = {}
        self._aliases: dict[tuple[str, int | None], _Connection] = {}
        self._per_source: dict[bytes, int] = {}
        self._numbers = _Numbers()
        self._buffer = bytearray(_BUFFER)
        self._view = memoryview(self._buffer)
        self._buffers = [self._view]
        self._moderation = moderation
        self._busy: list[_Connection] = []
        self._ticker: asyncio.Handle | None = None
        self._is_behind = False
        self._dirty: list[_Connection] = []
        self._is_reading = self._is_called = self._is_closed = False
        self._all_lost: asyncio.Event | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._wakes_at = _NEVER
        self._opening = _Queue[Any](self, bounds.opening, _Connection.time_out)
        self._halves = _Queue[Any](self, bounds.message, _Connection.time_out)
        self._idle = _Queue[Any](self, bounds.idle, _Connection.idle_out)
        self._stalled = _Queue[Any](self, bounds.stalled, _Connection.fall_behind)
        self._lingering = _Queue[Any](self, bounds.lingering, _Connection.abort)
        self._dead = _Queue[Any](self, bounds.retry, _ignore)
        self._queues = [self._opening, self._halves, self._idle, self._stalled, self._lingering]
        self._pinged = None
        if bounds.keepalive is not None:
            self._pinged = _Queue[Any](self, bounds.keepalive, self._ping)
            self._queues.append(self._pinged)

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, number: int) -> bool:
        return number in self._open

    async def listen(self, host: str, port: int, *, reuse_port: bool = False) -> tuple[str, int]:
        """Accept connections at an address, and return it with the port that was bound."""
        if self._is_secure and self._server_context is None:
            raise ValueError(f"to listen for {self.transport}, ssl must be given")
        loop = self._loop
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
            bound = sock.getsockname()[:2]
            self._server = await loop.create_server(
                lambda: _Connection(self), sock=sock, backlog=_BACKLOG
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
        connection = self._by_key.get((host, port, host))  # type: ignore[call-overload]
        return connection is not None and connection.send(data)

    def find(self, host: str, port: int | None, name: str | None = None) -> int | None:
        """The number of the connection to a target, if there is one.

        It is that to this address and port, or one that a request came by whose Contact has this
        host and port: a host of its own below `.invalid` (RFC 7118 5.2.2), or the peer's address.
        The first such connection keeps the Contact while it lasts.
        """
        connection = self._find(_usual(host), port, name)
        return None if connection is None else connection.number

    def send_to(self, data: bytes, host: str, port: int, name: str | None = None) -> bool:
        """Send to an IP address and port, by a connection that is open or is opened for it.

        `name` is what the certificate of the peer must prove, by default `host`.  False if the
        message is dropped: too much waits, or the address could not be reached a moment ago.
        """
        host = _usual(host)
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
        if self._is_websocket:
            self.counters.undelivered += 1
            return False
        return self.send_to(data, host, port)

    def flush(self) -> None:
        """Write what was sent, to each connection in one go."""
        self._is_called = False
        dirty, self._dirty = self._dirty, []
        for connection in dirty:
            connection.is_dirty = False
            connection.flush()

    def stop_listening(self) -> None:
        """Accept no more connections."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def close(self, grace: float = 0.0) -> None:
        """Stop listening, wait up to `grace` seconds for peers to close, and close the rest."""
        self._is_closed = True
        self.stop_listening()
        self._all_lost = asyncio.Event()
        await self._until_lost(grace)
        for connection in list(self._all):
            if connection.is_open and self._is_websocket and not connection.is_closing:
                connection.flush()
                if not connection.is_closing:
                    connection.stream.close(_GOING_AWAY)
            connection.finish()
        await self._until_lost(self.bounds.lingering if self._all else 0)
        for connection in list(self._all):
            connection.abort()
        await self._until_lost(1.0)
        if self._timer is not None:
            self._timer.cancel()
            self._timer, self._wakes_at = None, _NEVER
        if self._ticker is not None:
            self._ticker.cancel()
            self._ticker = None
        await asyncio.sleep(0)  # the loop closes the listening socket

    async def _until_lost(self, seconds: float) -> None:
        assert self._all_lost is not None
        if self._all and seconds > 0:
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._all_lost.wait(), seconds)

    # ---- tables ----------------------------------------------------------------------------------

    def _find(self, host: str, port: int | None, name: str | None) -> _Connection | None:
        if port is not None:
            wanted = host if name is None or not self._is_secure else name.lower()
            connection = self._by_key.get((host, port, wanted))
            if connection is not None:
                return connection
        return self._aliases.get((host, port)) if name is None or name == host else None

    def _admit(self, connection: _Connection, transport: Any) -> bool:
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
        self._take(connection, _usual(peer[0]), peer[1], None)
        return True

    def _make_room(self) -> bool:
        if len(self._all) < self.bounds.most:
            return True
        for oldest in self._opening.entries:
            self.counters.turned_away += 1
            oldest.abort()
            self._leave(oldest)
            return True
        return False

    def _take(self, connection: _Connection, host: str, port: int, name: str | None) -> None:
        """Enter a connection into the tables."""
        number = self._numbers.next()
        while number in self._open:
            number = self._numbers.next()
        connection.host, connection.port, connection.number = host, port, number
        connection.key = (host, port, name.lower() if name and self._is_secure else host)
        connection.source = self._source(host, port, self.transport, number)
        self._all.add(connection)
        self._open[number] = connection
        self._by_key.setdefault(connection.key, connection)
        self._opening.add(connection, self._time())

    def _forget(self, connection: _Connection) -> None:
        """Take a connection that is closing out of the tables by which it is found."""
        self._open.pop(connection.number, None)
        connection.is_dirty = False
        if self._by_key.get(connection.key) is connection:  # type: ignore[arg-type]
            del self._by_key[connection.key]  # type: ignore[arg-type]
        for alias in connection.aliases:
            if self._aliases.get(alias) is connection:
                del self._aliases[alias]
        connection.aliases.clear()
        for queue in self._queues:
            queue.discard(connection)

    def _leave(self, connection: _Connection) -> None:
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

    def _lost(self, connection: _Connection) -> None:
        """After the end of a connection."""
        connection.is_closing = True
        self._forget(connection)
        self._leave(connection)
        if connection.is_ours and not connection.has_spoken:
            self._missed(connection)

    # ---- connections that are opened here --------------------------------------------------------

    def _connect(self, host: str, port: int, name: str | None) -> _Connection | None:
        key = (host, port, name.lower() if name and self._is_secure else host)
        until = self._dead.entries.get(key)
        if self._is_closed or (until is not None and until > self._time()):
            return None
        if not self._make_room():
            return None
        connection = _Connection(self)
        connection.is_ours = True
        self._take(connection, host, port, name)
        connection.task = task = self._loop.create_task(self._open_to(connection))
        task.add_done_callback(lambda _: self._opened_to(connection))
        return connection

    async def _open_to(self, connection: _Connection) -> None:
        host = connection.host
        local = self._local
        bind = (local, 0) if local is not None and (":" in local) == (":" in host) else None
        with suppress(OSError, ValueError, OverflowError):
            await self._loop.create_connection(
                lambda: connection, host, connection.port, local_addr=bind
            )

    def _opened_to(self, connection: _Connection) -> None:
        """After the attempt, which may have been cancelled before it began."""
        connection.task = None
        if connection.transport is None:
            self._lost(connection)
        else:
            self.counters.opened += 1

    def _missed(self, connection: _Connection) -> None:
        """After a connection that could not be opened."""
        self.counters.unreachable += 1
        entries = self._dead.entries
        self._dead.run(self._time())
        while len(entries) >= _MOST_DEAD:
            entries.popitem(last=False)
        entries[connection.key] = self._time() + self.bounds.retry
        out, connection.out = connection.out, []
        if out:
            self.counters.undelivered += len(out)
            if self._undelivered is not None:
                self._undelivered(out, connection.host, connection.port)

    def _context(
        self, connection: _Connection
    ) -> tuple[tls_contexts.SSLContext | None, str | None]:
        """The context for a connection, and the name that its peer must prove."""
        if not self._is_secure:
            return None, None
        if connection.is_ours:
            assert connection.key is not None
            return self._client_context, connection.key[2]
        return self._server_context, None

    def _new_stream(self, connection: _Connection) -> Stream | WebSocket:
        if self._websocket is None:
            return Stream(self._limits)
        limits: dict[str, Any] = {} if self._limits is None else {"limits": self._limits}
        if not connection.is_ours:
            return self._websocket(**limits)
        host = f"[{connection.host}]" if ":" in connection.host else connection.host
        if connection.port != _DEFAULT_PORTS[self.transport]:
            host += f":{connection.port}"
        return self._websocket.client(host, **limits)

    # ---- connections that are busy ---------------------------------------------------------------

    def _gather(self, connection: _Connection) -> None:
        """Read a busy connection in turns, instead of being woken by it."""
        transport = connection.transport
        if connection.is_closing or transport.is_closing() or connection.fd < 0:
            return
        transport.pause_reading()
        connection.quiet = 0
        self._busy.append(connection)
        if self._ticker is None:
            self._ticker = self._loop.call_later(self._moderation, self._tick)

    def _tick(self) -> None:
        """Read the connections that are busy."""
        self._ticker, self._is_behind = None, False
        busy, self._busy = self._busy, []
        now = self._time()
        self._is_reading = True
        try:
            for connection in busy:
                transport = connection.transport
                if transport.is_closing():
                    continue
                if not connection.is_closing and connection.read(now):
                    self._busy.append(connection)
                elif not transport.is_closing():
                    transport.resume_reading()
        finally:
            self._is_reading = False
            if self._dirty:
                self.flush()
        if self._busy:
            delay = 0.0 if self._is_behind else self._moderation
            self._ticker = self._loop.call_later(delay, self._tick)

    # ---- times -----------------------------------------------------------------------------------

    def _wake_at(self, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._wakes_at = at
        self._timer = self._loop.call_at(at, self._wake)

    def _wake(self) -> None:
        """Close what is due."""
        self._timer = None
        self._wakes_at = -_NEVER  # nothing that is added meanwhile sets the timer
        now = self._time()
        at = min([queue.run(now) for queue in self._queues])
        at = min([at, *(next(iter(q.entries.values())) for q in self._queues if q.entries)])
        self._wakes_at = _NEVER
        if at < _NEVER:
            self._wake_at(at)

    def _ping(self, connection: _Connection) -> None:
        assert self._pinged is not None
        connection.ping()
        self._pinged.add(connection, self._time())


class _Numbers:
    """The numbers below 2**32 in a random order: no number comes again before all others.

    The first ones stand for endpoints (`Group`).
    """

    def __init__(self) -> None:
        self._count = itertools.count()
        self._keys = [os.urandom(16) for _ in range(4)]

    def next(self) -> int:
        while True:
            number = self._next()
            if number >= FIRST_NUMBER:
                return number

    def _next(self) -> int:
        count = next(self._count)
        left, right = count >> 16 & 0xFFFF, count & 0xFFFF
        for key in self._keys:  # a Feistel network
            digest = hashlib.blake2s(right.to_bytes(2, "big"), key=key, digest_size=2).digest()
            left, right = right, left ^ int.from_bytes(digest, "big")
        return left << 16 | right


_EVENTS: dict[type, Callable[[Any, Any], None]] = {
    Ping: _Connection._on_ping,
    Pong: _Connection._on_pong,
    FramingError: _Connection._on_framing_error,
}


def _ignore(item: Any) -> None:
    """What expires in a table of addresses is forgotten."""


def _usual(host: str) -> str:
    """A host in its usual form, by which it is found."""
    if ":" not in host:
        return host.lower()
    try:
        packed = socket.inet_pton(socket.AF_INET6, host.strip("[]").partition("%")[0])
    except OSError:
        return host.lower()
    return socket.inet_ntop(socket.AF_INET6, packed)
