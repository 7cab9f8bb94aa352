"""One connection: bytes to messages, and messages to bytes in as few writes as possible.

It is a `BufferedProtocol` of asyncio that knows its table, `Connections`, in which it is found, and
the queues in which it waits for what must come in time.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .. import FramingError, ParseError, Ping, Pong, Request, Response
from .tls import TLS

if TYPE_CHECKING:
    from ..websocket import Closed, Opened, Upgrade
    from .connections import Connections

__all__ = ["BUFFER", "DEFAULT_PORTS", "EVENTS", "Connection", "Key", "usual"]

BUFFER = 65_536
"""The most bytes of one read."""
DEFAULT_PORTS = {"TCP": 5060, "TLS": 5061, "WS": 80, "WSS": 443}
_WITH_CONTACT = frozenset({"INVITE", "REGISTER", "SUBSCRIBE", "NOTIFY", "REFER", "UPDATE"})
"""The methods of requests whose Contact says where later ones go."""
_SETTLED = 0.01
"""Seconds after which a loop has written what it was given, unless the peer does not read it."""
_HAS_FILES = hasattr(os, "readv")
"""Whether a socket can be read and written as a file, past the loop."""
_QUIET = 2
"""The reads without bytes after which a connection is no longer busy."""

Key = tuple[str, int, str]
"""The address and port of a peer, and the name that its certificate must prove, or its address."""


class Connection(asyncio.BufferedProtocol):
    """One connection of `Connections`.

    `is_ours`: it was opened here.  `is_open`: its handshakes are done, so that messages can be
    written.  `has_spoken`: the peer has sent a message or a keep-alive.  `is_closing`: it is in no
    table any more, and nothing is read or sent.  `is_dirty`: it is to be flushed.  `is_queued`: the
    transport may have bytes that it has not written; `is_stalled`: it has.
    """

    __slots__ = (
        *("owner", "transport", "tls", "stream", "task", "fd", "number", "source", "source_key"),
        *("host", "port", "key", "aliases", "contact", "out", "size", "pending", "read_at"),
        *("is_ours", "is_open", "has_spoken", "is_closing"),
        *("is_dirty", "is_queued", "is_stalled", "quiet"),
    )

    transport: Any
    stream: Any
    """A `Stream`, or a `WebSocket`."""
    out: list[bytes]
    """What was sent and is not written yet, of `size` bytes."""

    def __init__(self, owner: Connections[Any], *, is_ours: bool = False) -> None:
        self.owner = owner
        self.transport = self.stream = None
        self.tls: TLS | None = None
        self.task: asyncio.Task[None] | None = None
        self.fd = self.number = -1
        self.source: Any = None
        self.source_key: bytes | None = None
        self.host, self.port = "", 0
        self.key: Key = "", 0, ""
        self.aliases: list[tuple[str, int | None]] = []
        self.contact: str | None = None
        self.out, self.size, self.pending = [], 0, 0
        self.read_at, self.quiet = float("-inf"), 0
        self.is_ours = is_ours
        self.is_open = self.has_spoken = self.is_closing = False
        self.is_dirty = self.is_queued = self.is_stalled = False

    # ---- the loop's calls ------------------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        owner = self.owner
        self.transport = transport
        if self.is_closing or not (self.is_ours or owner.admit(self, transport)):
            self.is_closing = True
            transport.abort()
            return
        transport.set_write_buffer_limits(high=0)  # so that `is_stalled` tells of any byte
        sock = transport.get_extra_info("socket")
        if _HAS_FILES and sock is not None:
            self.fd = sock.fileno()
        try:
            context, name = owner.context_of(self)
            if context is not None:
                self.tls = TLS(context, name)
                self._send_wire(self.tls.data_to_send())
        except (ssl.SSLError, ValueError):  # ValueError: a name that none can have
            self.abort()
            return
        self.stream = owner.new_stream(self)
        if self.tls is None:
            self._after_tls()

    def get_buffer(self, sizehint: int) -> bytearray:
        return self.owner.buffer

    def buffer_updated(self, size: int) -> None:
        owner = self.owner
        data = bytes(owner.view[:size])
        if self.is_closing:
            return
        now = owner.time()
        owner.is_reading = True
        try:
            self._take(data, now)
        finally:
            owner.is_reading = False
            if owner.dirty:
                owner.flush()
        if now - self.read_at < owner.moderation:
            owner.gather(self)
        self.read_at = now

    def read(self, now: float) -> bool:
        """Read what has come meanwhile; False if the loop shall wait for more."""
        owner = self.owner
        try:
            size = os.readv(self.fd, owner.buffers)
        except BlockingIOError:
            self.quiet += 1
            return self.quiet < _QUIET
        except OSError:  # the transport finds it, too
            return False
        if size == 0:
            return False
        self.quiet = 0
        self._take(bytes(owner.view[:size]), now)
        if size == BUFFER:
            owner.is_behind = True
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
            self.owner.stalled.add(self, self.owner.time())

    def resume_writing(self) -> None:
        self.is_stalled = self.is_queued = False
        self.owner.stalled.discard(self)

    def connection_lost(self, error: Exception | None) -> None:
        self.owner.lost(self)

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
        except ssl.SSLError:
            self._send_wire(tls.data_to_send())  # the alert
            self._shut()
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
        if self.owner.is_websocket:
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
            self._spoke(owner.time())
            if owner.pinged is not None:
                owner.pinged.add(self, owner.time())
        if self.out:
            self.flush()

    def _received(self, data: bytes, now: float) -> None:
        """Handle the bytes of the stream."""
        owner, was_open = self.owner, self.is_open
        events = self.stream.feed(data)
        self._handle(events)
        if self.is_closing:
            return
        has_spoken = bool(events)
        if owner.is_websocket:
            has_spoken = any(type(event) is not FramingError for event in events)
            wire = self.stream.data_to_send()
            if wire:  # the answer to a ping of WebSocket
                has_spoken = True
                self._write(wire)
                if self.is_closing:
                    return
        if has_spoken and was_open:
            self._spoke(now)
        pending = self.stream.pending
        if pending or self.pending:
            if not pending:
                owner.halves.discard(self)
            elif events or not self.pending:
                owner.halves.add(self, now)
            owner.unfinished += pending - self.pending
            self.pending = pending
            if owner.unfinished > owner.bounds.unfinished:
                owner.drop_halves()

    def _spoke(self, now: float) -> None:
        """The peer has sent a message or a keep-alive."""
        owner = self.owner
        if not self.has_spoken:
            self.has_spoken = True
            owner.opening.discard(self)
        owner.idle.add(self, now)

    def _handle(self, events: list[Any]) -> None:
        owner = self.owner
        special, deliver, source = owner.special, owner.deliver, self.source
        most = owner.bounds.aliases
        for event in events:
            kind = type(event)
            if kind is not Response:
                handle = special.get(kind)
                if handle is not None:
                    if not self.is_closing:
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
        if not self.owner.is_websocket:
            self.finish()

    def _on_upgrade(self, upgrade: Upgrade) -> None:
        accept = self.owner.accept
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
        known = self.owner.aliases
        try:
            keys = [key for key in self._addresses(message) if key not in known]
            if not keys or len(message.vias) > 1:  # then the sender speaks for somebody else
                return
        except ParseError:
            return
        for key in keys[: self.owner.bounds.aliases - len(self.aliases)]:
            known[key] = self
            self.aliases.append(key)

    def _addresses(self, message: Request) -> Iterator[tuple[str, int | None]]:
        """The hosts and ports in Contact that are the peer's own."""
        for contact in message.contacts:
            uri: Any = contact.uri  # None of `*`
            address = usual(getattr(uri, "host", None) or "")
            if address.endswith(".invalid"):
                yield address, uri.port
            elif address == self.host:
                yield address, uri.port or DEFAULT_PORTS[self.owner.transport]

    # ---- what goes out ---------------------------------------------------------------------------

    def send(self, data: bytes) -> bool:
        """Queue a message or a keep-alive; False if it cannot be sent."""
        if self.is_dirty and self.is_open and self.size < BUFFER:  # another one within one read
            self.out.append(data)
            self.size += len(data)
            return True
        if self.is_closing:
            return False
        if not self.is_open:
            if self.size > self.owner.bounds.waiting:
                return False
        elif self.size > BUFFER:
            self.flush()
            if self.is_closing:
                return False
        self.out.append(data)
        self.size += len(data)
        if not self.is_dirty:
            self.is_dirty = True
            owner = self.owner
            owner.dirty.append(self)
            if not owner.is_reading and not owner.is_called:
                owner.is_called = True
                owner.loop.call_soon(owner.flush)
        return True

    def flush(self) -> None:
        """Write what was sent, in one go."""
        out = self.out
        if not self.is_open or not out or self.is_closing:
            return
        if self.owner.is_websocket:
            if not self.stream.is_open:  # the peer has closed it, in the same read
                self.owner.counters.undelivered += len(out)
                out.clear()
                self.size = 0
                return
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
            except ssl.SSLError:
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
        if self.is_stalled and self.transport.get_write_buffer_size() > self.owner.bounds.waiting:
            self.owner.counters.slow += 1
            self.abort()
            return
        self.transport.write(data)
        if not self.is_queued:
            self.is_queued = True
            self.owner.loop.call_later(_SETTLED, self._settle)

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
        if self.owner.is_websocket:
            wire = self.stream.data_to_send()
            if wire:
                self._write(wire)
        if self.tls is not None:
            self.tls.close()
            self._send_wire(self.tls.data_to_send())
        self._shut()

    def _stop(self) -> None:
        """Leave the tables, and stay a while."""
        self.is_closing = True
        self.owner.forget(self)
        self.owner.lingering.add(self, self.owner.time())

    def _shut(self) -> None:
        """Send nothing more, and wait for the peer to close."""
        self._stop()
        if not self.transport.is_closing():
            with suppress(OSError):  # it has reset the connection, of which the loop tells soon
                self.transport.write_eof()

    def abort(self) -> None:
        """Close at once."""
        self.is_closing = True
        self.owner.forget(self)
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
            owner.stalled.add(self, owner.time())

    def idle_out(self) -> None:
        self.owner.counters.idled_out += 1
        self.finish()


EVENTS: dict[type, Callable[[Any, Any], None]] = {
    Ping: Connection._on_ping,
    Pong: Connection._on_pong,
    FramingError: Connection._on_framing_error,
}
"""What is done for each event of a stream that is no message."""


def usual(host: str) -> str:
    """A host in its usual form, by which it is found."""
    if ":" not in host:
        return host.lower()
    try:
        packed = socket.inet_pton(socket.AF_INET6, host.strip("[]").partition("%")[0])
    except OSError:
        return host.lower()
    return socket.inet_ntop(socket.AF_INET6, packed)
