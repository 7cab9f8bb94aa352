"""`Endpoint`: one address of a proxy, with what is the same for every message there."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
import inspect
import logging
import signal
import socket
import ssl as tls_contexts
from collections.abc import Awaitable, Callable, Iterable, Iterator
from time import monotonic
from types import EllipsisType
from typing import TYPE_CHECKING, Any

from .. import Draft, Hop, Limits, Message, NextHop, ParseError, Request, Response, parse
from .._engine import ENGINE
from . import loop as loops
from .connections import FIRST_NUMBER, ConnectionBounds, Connections
from .counters import Counters
from .guard import RateLimit
from .names import Names, Resolve, is_address, system_address
from .pump import Pump, bound_socket

if TYPE_CHECKING:
    from ..websocket import Upgrade

__all__ = ["Endpoint", "Group", "Handle", "Source"]

Source: Any = ENGINE.module("wire.datagrams").Source
Handle = Callable[[Any, Any], "Awaitable[None] | None"]
"""What is called with each message and its source."""
_FORWARD = ENGINE.module("message.forward")
relay_request, relay_response = _FORWARD.relay_request, _FORWARD.relay_response
Relay: Any = _FORWARD.Relay
answer, reply_to = (
    getattr(ENGINE.module("message.reply"), name) for name in ("answer", "reply_to")
)
siphash = ENGINE.module("wire.mac").siphash

_LOG = logging.getLogger("sipfast.proxy")
_MOST_WAITING = 10_000
"""Handlers that wait at once; what comes meanwhile is dropped."""
_MOST_LOGGED, _LOG_SECONDS = 5, 10.0
_PORTS = {"UDP": 5060, "TCP": 5060, "TLS": 5061, "WS": 80, "WSS": 443}
_CHALLENGES = (401, 407)
_ENDING = ("ACK", "BYE", "CANCEL")
"""Requests in which a Record-Route would be read by nobody."""
_ALIKE = {"WS": ("WS", "WSS")}
"""A URI says `transport=ws` for both (RFC 7118 5.2.2)."""


class Endpoint:
    """One address of a proxy, at one transport.

    `host`, `port` and `transport` are what other elements see, in Via and Record-Route: see
    `sipfast.Hop`, as for `secret` and `supported`.  It listens at `bind`, by default there.

    `limits` are for `sipfast.parse`.  `rate` limits the errors that a source is answered with,
    unless a connection proves its address; by default to 100 a second, and None does not.  `bounds`
    are for connections.  `ssl` is the context for accepting connections over TLS and WSS,
    `ssl_client` the one for opening them.  `accept` says whether a handshake of WebSocket is
    accepted, given the `sipfast.websocket.Upgrade` and its source: by its Origin, where users are
    known by a cookie or by their network.  With `reuse_port`, several processes share the address.
    `resolve` finds the address of a name, given with its port and transport; by default, the system
    does.

    All but `stop` is called in the thread of the loop.
    """

    def __init__(
        self,
        host: str,
        port: int | None = None,
        *,
        transport: str = "UDP",
        secret: bytes,
        supported: Iterable[str] = (),
        bind: tuple[str, int] | None = None,
        ssl: tls_contexts.SSLContext | None = None,
        ssl_client: tls_contexts.SSLContext | None = None,
        limits: Limits | None = None,
        rate: RateLimit | EllipsisType | None = ...,
        bounds: ConnectionBounds | None = None,
        accept: Callable[[Upgrade, Any], bool] | None = None,
        reuse_port: bool = False,
        resolve: Resolve | None = None,
    ) -> None:
        self.hop = Hop(host, port, transport=transport, secret=secret, supported=supported)
        """How it writes and recognises itself."""
        self._transport = self.hop.transport
        if self._transport not in _PORTS:
            raise ValueError(f"transport must be one of {', '.join(_PORTS)}")
        self.counters = Counters()
        """What it has counted."""
        self.address = bind or (self.hop.host.strip("[]"), port or _PORTS[self._transport])
        """The address and port that it listens at."""
        self._noted: int | None = None
        """What a request that came to it by UDP notes in our Via, if the group has several such."""
        self.group = Group(self)
        """The endpoints that it forwards to."""
        self._is_six = ":" in self.address[0]
        self._ssl, self._ssl_client, self._bounds = ssl, ssl_client, bounds
        self._limits, self._reuse_port, self._accept = limits, reuse_port, accept
        self._rate = RateLimit(rate=100, burst=200, most=4096) if rate is ... else rate
        self._parse = parse if limits is None else functools.partial(parse, limits=limits)
        self._names = Names(resolve or self._resolve)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._decide: Handle = _unhandled
        """What is called with messages that need a decision."""
        self._handle: Handle = _unhandled
        """What is called with each message."""
        self._pump: Pump | None = None
        self._send: Callable[[bytes, str, int | None], bool] | None = None
        """Queues a datagram: that of the pump."""
        self._connections: Connections[Any] | None = None
        self._undelivered: Callable[[bytes], None] | None = None
        self._tasks: set[asyncio.Future[None]] = set()
        self._log = _Log()
        self._tag_key = hashlib.blake2b(secret, digest_size=18, person=b"sipfast tag").digest()
        self._has_answered = False
        self._mark = self._tag_key[16:].hex()
        self._mark_of_tag = f"tag={self._mark}".encode()
        """What the tags of its own answers begin with."""

    # ---- running ---------------------------------------------------------------------------------

    def serve(
        self,
        handle: Handle,
        *,
        moderation: float = 0.001,
        relay: bool = False,
        undelivered: Callable[[bytes], None] | None = None,
    ) -> None:
        """Handle messages on a loop of its own, until SIGINT, SIGTERM or `stop`: see `attach`."""
        self.group.serve(handle, moderation=moderation, relay=relay, undelivered=undelivered)

    async def attach(
        self,
        handle: Handle,
        *,
        moderation: float = 0.001,
        relay: bool = False,
        undelivered: Callable[[bytes], None] | None = None,
    ) -> None:
        """Begin to listen, and handle messages on the running loop.

        `handle` is called with each message and its source.  It may forward, answer and send at
        once, or return an awaitable that does so later.  What it raises is counted, and logged; a
        `ParseError`, as `forward` raises it, is answered.

        With `moderation`, what comes within so many seconds after a datagram waits, in whole
        milliseconds, to be handled at once: this saves most of the work, and costs that delay.

        With `relay`, `handle` gets only what needs a decision.  Responses, and requests that follow
        a Route which the endpoint has signed for their dialog, are forwarded before, in a third of
        the time.

        `undelivered` is called with each message that certainly was not sent, since there is no
        address or connection for it: a stateful proxy then tries the next target (RFC 3261 16.9).
        """
        if self._loop is not None:
            raise RuntimeError("the endpoint is attached already")
        if not 0 <= moderation <= 1:
            raise ValueError("moderation must be from 0 to 1 second")
        self._loop, self._decide = asyncio.get_running_loop(), handle
        self._undelivered = undelivered
        self._handle = self._forward_or_decide if relay else handle
        try:
            if self._transport == "UDP":
                bound = bound_socket(self.address, reuse_port=self._reuse_port)
                self.address = bound.getsockname()[:2]
                self._pump = Pump(bound, self.counters, self)
                self._send = self._pump.datagrams.send
                self._pump.start(
                    self._parse,
                    self._relay(self._pump) if relay else handle,
                    self._later,
                    self._trouble,
                    moderation,
                )
            else:
                self._connections = Connections(
                    transport=self._transport,
                    deliver=self._deliver,
                    source=self._source,
                    limits=self._limits,
                    bounds=self._bounds,
                    counters=self.counters,
                    ssl=self._ssl,
                    ssl_client=self._ssl_client,
                    accept=self._accept,
                    undelivered=self._unreached,
                    moderation=moderation,
                )
                self.address = await self._connections.listen(
                    *self.address, reuse_port=self._reuse_port
                )
        except BaseException:
            if self._pump is not None:
                self._pump.socket.close()
            self._loop = self._pump = self._send = self._connections = None
            raise

    async def close(self, grace: float = 0) -> None:
        """Receive nothing more, wait up to `grace` seconds for handlers, and close."""
        pump, connections, self._loop = self._pump, self._connections, None
        until = monotonic() + grace
        tasks = self._tasks - {asyncio.current_task()}
        try:
            if pump is not None:
                pump.stop()
            if connections is not None:
                connections.quiesce()
            if tasks and grace > 0:
                await asyncio.wait(tasks, timeout=grace)
        finally:
            self._pump = self._send = self._connections = None
            if pump is not None:
                pump.close()
            for task in tasks:
                task.cancel()
            if connections is not None:
                await connections.close(max(until - monotonic(), 0))
        if tasks:
            await asyncio.wait(tasks)

    def stop(self) -> None:
        """End `serve`; from any thread."""
        self.group.stop()

    @property
    def connections(self) -> int:
        """The number of open connections."""
        return 0 if self._connections is None else len(self._connections)

    # ---- what comes ------------------------------------------------------------------------------

    def receive(self, data: bytes, source: tuple[str, int]) -> None:
        """Handle a message as if it had come as a datagram, such as one from another process."""
        where = Source(*source, self._transport, None, self)
        message: Any = data
        try:
            message = self._parse(data)
        except ParseError as error:
            self._trouble(error, data, where)
        else:
            self._deliver(message, where)

    def _relay(self, pump: Pump) -> Handle:
        """What sends on datagrams that need no decision, at once."""
        mark = self._mark.encode()
        relay = Relay(self.hop, pump.datagrams.send, self._forward_or_decide, mark, self._noted)
        handle: Handle = relay.handle
        return handle

    def _forward_or_decide(
        self, message: Request | Response, source: Any
    ) -> Awaitable[None] | None:
        """Forward what needs no decision, whatever its transport; all else is for the handler."""
        if isinstance(message, Response):
            self.forward(message, source=source)
            return None
        if "Route" in message.headers:
            try:
                self.forward(message, source=source)
            except ParseError as error:
                if error.code != "route-unsigned":
                    raise
            else:
                return None
        return self._decide(message, source)

    def _source(self, host: str, port: int, transport: str, number: int) -> Any:
        return Source(host, port, transport, number, self)

    def _deliver(self, message: Request | Response, source: Any) -> None:
        """Handle a message of a connection."""
        self.counters.received += 1
        try:
            result = self._handle(message, source)
            if result is not None:
                self._later(result, message, source)
        except Exception as error:
            self._trouble(error, message, source)

    def _later(self, result: Any, message: Request | Response, source: Any) -> None:
        """Await what a handler returned."""
        if not inspect.isawaitable(result):
            raise TypeError(f"a handler returns None or an awaitable, not {type(result).__name__}")
        if self._loop is None or len(self._tasks) >= _MOST_WAITING:
            self.counters.busy += 1
            if inspect.iscoroutine(result):
                result.close()
            return
        self._keep(result).add_done_callback(functools.partial(self._ended, message, source))

    def _keep(self, work: Awaitable[None]) -> asyncio.Future[None]:
        """Do some work as a task, which `close` waits for."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _ended(self, message: Any, source: Any, task: asyncio.Future[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Exception):
            self._trouble(error, message, source)

    def _trouble(self, error: Exception, message: Any, source: Any) -> None:
        """Count what went wrong with a message, and answer if it is the sender's fault."""
        counters = self.counters
        try:
            if not isinstance(error, ParseError):
                counters.failed += 1
                self._log.error(error)
            elif type(message) is bytes and not message.strip(b"\r\n"):
                counters.keepalives += 1
            else:
                counters.refused += 1
                if error.status_hint is not None and not isinstance(message, Response):
                    self._refuse(error, message, source)
        except Exception as again:
            counters.failed += 1
            self._log.error(again)

    def _refuse(self, error: ParseError, message: bytes | Request, source: Any) -> None:
        """Answer a request that is refused.

        Where nothing proves the sender's address, the answer is no longer than the request.
        """
        is_proved = source.connection is not None
        rate = None if is_proved else self._rate
        if rate is not None and not rate.allow(source.host, monotonic()):
            self.counters.limited += 1
            return
        write = answer if is_proved else reply_to
        tag = self.tag_of(message) if isinstance(message, Request) else ...
        response = write(error, message, to_tag=tag, source=source.address)
        if response is not None:
            self.respond(response, source=source)

    def tag_of(self, request: Request) -> str:
        """The tag that `reply` gives to the answers to a request, for those who make their own.

        It is the same whenever the request comes (RFC 3261 8.2.7).
        """
        text = f"{request.call_id}\n{request.headers.get('From')}"
        self._has_answered = True
        number = siphash(self._tag_key[:16], text.encode("utf-8", "surrogateescape"))
        return f"{self._mark}{number & 0xFFFFFFFF:08x}"

    def is_answered(self, ack: Request) -> bool:
        """Whether an ACK is for what `reply` has answered, and so ends here."""
        if not self._has_answered or self._mark_of_tag not in ack.raw:
            return False
        return f"tag={self.tag_of(ack)}" in ack.headers.get("To", "")

    # ---- what goes -------------------------------------------------------------------------------

    def forward(
        self,
        message: Request | Response,
        target: Any = None,
        *,
        source: Any = None,
        record_route: bool = True,
        fork: int = 0,
        trusted: bool = False,
        where: NextHop | None = None,
    ) -> None:
        """Forward a message and send it to its next hop: see `Request.forward`.

        A request needs its `source`.  With `record_route`, the endpoint stays on the path of the
        dialog.  If the next hop has another transport, the request leaves by the endpoint of the
        group that has it; both are on the path then (RFC 5658).  A response goes by the connection
        that its request came by.  The ACK to an answer of the endpoint's own ends here.

        `where` takes the place of the next hop, such as the connection that a user agent has
        registered by.

        Raises `ParseError` where the message must not be forwarded.  If a handler lets that pass,
        the endpoint answers it.
        """
        if type(source) is Source:
            if source.endpoint is not self and source.endpoint is not None:
                source.endpoint.forward(
                    message,
                    target,
                    source=source,
                    record_route=record_route,
                    fork=fork,
                    trusted=trusted,
                    where=where,
                )
                return
            number = source.connection
            if number is None:
                number = self._noted
            source = source.address
        else:
            number = self._noted
        hop, send = self.hop, self._send
        if isinstance(message, Response):
            data, to = relay_response(message, hop)
            host, port, transport, number = to
            if number is None and transport != "UDP" and self.group.has_datagrams:
                to = _by_datagram(to)
            if number is not None or transport != "UDP" or send is None:
                self._respond(data, to, number)
            elif not send(data, host, port):
                self._respond(data, to, None)
            return
        method = message.method
        if method == "ACK" and self.is_answered(message):
            return
        stays = record_route and method not in _ENDING
        data, to, out = self._relayed(message, target, source, number, fork, trusted, stays, where)
        if out is self and to.connection is None:  # the usual way, in fewer steps
            along = send if self._connections is None else self._connections.send_along
            if along is not None and along(data, to.host, to.port):
                return
        if where is None:
            self._go(out, data, to)
        else:
            self.send(data, where)

    def relay(
        self,
        request: Request,
        target: Any = None,
        *,
        source: Any,
        record_route: bool = True,
        fork: int = 0,
        trusted: bool = False,
        where: NextHop | None = None,
    ) -> tuple[bytes, NextHop, Endpoint | None]:
        """What `forward` would send: the request, its next hop, and the endpoint it leaves by.

        A stateful proxy keeps and sends them with `send`.  `where` takes the place of the next hop,
        such as the connection that a user agent has registered by.  The endpoint is None if the
        group has none for the transport.
        """
        number = self._noted
        if type(source) is Source:
            if source.connection is not None:
                number = source.connection
            source = source.address
        stays = record_route and request.method not in _ENDING
        return self._relayed(request, target, source, number, fork, trusted, stays, where)

    def _relayed(
        self,
        request: Request,
        target: Any,
        address: Any,
        number: int | None,
        fork: int,
        trusted: bool,
        stays: bool,
        where: NextHop | None,
    ) -> tuple[bytes, NextHop, Endpoint | None]:
        """The request as it leaves, its next hop, and the endpoint to leave by."""
        hop = self.hop
        data, to = relay_request(request, target, hop, address, hop, number, fork, trusted, stays)
        out = self._way(where or to)
        if out is not None and out is not self:
            hops = out.hop, hop
            data, to = relay_request(
                request, target, out.hop, address, hops, number, fork, trusted, stays
            )
        return data, where or to, out

    def reply(
        self, request: Request, status: int, reason: str | None = None, *, source: Any, **more: Any
    ) -> None:
        """Answer a request, which came from `source`: see `Request.reply`.  Nothing for an ACK.

        Without `to_tag`, all answers to a request, and to its retransmissions, have the same tag
        (RFC 3261 8.2.7).

        Over UDP, an error of 4xx to 6xx must not be longer than the request, and `rate` limits how
        many a source gets; others are counted in `limited`.  The challenges 401 and 407 are longer
        by nature, and are limited too.
        """
        if request.method == "ACK":
            return
        endpoint, address = self, source
        if type(source) is Source:
            endpoint, address = source.endpoint or self, source.address
        if "to_tag" not in more and status != 100:
            more["to_tag"] = endpoint.tag_of(request)
        response = request.reply(status, reason, source=address, **more)
        if status < 400 or endpoint._may_refuse(request, response, source):
            endpoint.respond(response, source=source)

    def _may_refuse(self, request: Request, response: Response, source: Any) -> bool:
        """Whether an error may be sent, or could flood whom the source only claims to be."""
        if self._transport != "UDP" or (type(source) is Source and source.connection is not None):
            return True
        is_longer = len(response.raw) > len(request.raw) and response.status not in _CHALLENGES
        rate = self._rate
        if not is_longer and (rate is None or rate.allow(source[0], monotonic())):
            return True
        self.counters.limited += 1
        return False

    def respond(self, response: Response, *, source: Any) -> None:
        """Send a response of your own to a request that came from `source`.

        It goes by the connection of the request, or as its Via says (RFC 3261 18.2.2): to the port
        in `rport`, else to that of sent-by.  `Request.reply` with the `source` writes such a Via.
        """
        endpoint, number = self, None
        if type(source) is Source:
            endpoint, number = source.endpoint or self, source.connection
        to = response.next_hop()
        if number is None and endpoint._transport == "UDP":
            to = _by_datagram(to)
        endpoint._respond(response.raw, to, number)

    def send(self, message: bytes | Draft | Message, where: Any) -> None:
        """Send a message to a source, a `NextHop`, or a host and a port.

        What cannot be sent is counted.  The next hop's transport may be that of another endpoint of
        the group.  A response goes by `respond`: its sender may listen at another port than the
        request came from.
        """
        data = message if type(message) is bytes else bytes(message)
        if type(where) is Source:
            endpoint, number = where.endpoint or self, where.connection
            if number is not None:
                endpoint._respond(data, _next_hop(where, where.transport), number)
            elif endpoint._pump is None or not endpoint._pump.datagrams.answer(data, where):
                endpoint._lose(data)
            return
        to = where if isinstance(where, NextHop) else _next_hop(where, self._transport)
        host, port, transport, number = to
        if number is not None:
            self._respond(data, to, number)
        elif self._send is None or transport != "UDP" or not self._send(data, host, port):
            self._go(self._way(to), data, to)

    def _respond(self, data: bytes, to: NextHop, number: int | None) -> None:
        """Send a response by the connection, or by the endpoint, that its request came by."""
        endpoints = self.group.endpoints
        if number is not None:
            connections = self._connections
            if connections is not None and connections.send(data, number):  # most often
                return
            if number < len(endpoints) and endpoints[number]._pump is not None:
                self._go(endpoints[number], data, to)
                return
            for endpoint in endpoints:
                connections = endpoint._connections
                if connections is not None and connections.send(data, number):
                    return
        out = self._way(to)
        if out is None or out._connections is None:
            self._go(out, data, to)
        elif not out._connections.respond(data, None, *out._address_of(to)):  # that is gone
            self._report(data)

    def _way(self, to: NextHop) -> Endpoint | None:
        """The endpoint of the group to send by; None if there is none."""
        if to.connection is not None:
            for one in (self, *self.group.endpoints):
                if one._connections is not None and to.connection in one._connections:
                    return one
        elif (
            to.transport == self._transport
            and self._is_six is (":" in to.host)
            and is_address(to.host)
        ):
            return self
        kinds = _ALIKE.get(to.transport, (to.transport,))
        ways = [one for one in (self, *self.group.endpoints) if one._transport in kinds]
        if is_address(to.host):
            fitting = [one for one in ways if one._is_six is (":" in to.host)]
        else:  # as a client of WebSocket names itself
            fitting = [one for one in ways if one._finds(to) is not None]
        return next(iter(fitting or ways), None)

    def _finds(self, to: NextHop) -> int | None:
        """The number of a connection that leads to the next hop."""
        return None if self._connections is None else self._connections.find(to.host, to.port)

    def _go(self, out: Endpoint | None, data: bytes, to: NextHop) -> None:
        """Send by an endpoint of the group."""
        if out is None:
            self._lose(data)
            return
        number = out._finds(to)
        if number is not None:
            assert out._connections is not None
            if not out._connections.send(data, number):
                out._lose(data)
        elif is_address(to.host):
            out._send_at(data, out._address_of(to), None)
        else:
            out._send_by_name(data, (to.host, to.port, out._transport))

    def _address_of(self, to: NextHop) -> tuple[str, int]:
        return to.host, _PORTS[self._transport] if to.port is None else to.port

    def _send_at(self, data: bytes, address: tuple[str, int], name: str | None) -> None:
        if self._pump is not None:
            if not self._pump.datagrams.send(data, *address):
                self._lose(data)
        elif self._connections is None:  # closed
            self._lose(data)
        elif not self._connections.send_to(data, *address, name):
            self._report(data)

    def _lose(self, data: bytes) -> None:
        """Count a message that was not sent, and report it."""
        self.counters.undelivered += 1
        self._report(data)

    def _report(self, data: bytes) -> None:
        """Tell of a message that was not sent, soon: its sender may be in the midst of it."""
        if self._undelivered is not None and self._loop is not None:
            self._loop.call_soon(self._undelivered, data)

    def _unreached(self, messages: list[bytes], host: str, port: int) -> None:
        """Tell of what waited for a connection that could not be opened."""
        for data in messages:
            self._report(data)

    # ---- names -----------------------------------------------------------------------------------

    def _send_by_name(self, data: bytes, key: tuple[str, int | None, str]) -> None:
        try:
            address = self._names.find(key)
        except LookupError:
            self._lose(data)
            return
        if address is not None:
            self._send_at(data, address, key[0])
            return
        is_waiting = self._names.wait(key, data)
        if is_waiting is None:
            self._keep(self._look_up(key))
        elif not is_waiting:
            self.counters.busy += 1

    async def _look_up(self, key: tuple[str, int | None, str]) -> None:
        try:
            address, waiting = await self._names.look_up(key)
        except Exception as error:  # of a `resolve` of the user's
            self.counters.failed += 1
            self._log.error(error)
            return
        for data in waiting:
            if address is None:
                self._lose(data)
            else:
                self._send_at(data, address, key[0])

    async def _resolve(self, host: str, port: int | None, transport: str) -> tuple[str, int]:
        family = socket.AF_INET6 if self._is_six else socket.AF_INET
        kind = socket.SOCK_DGRAM if transport == "UDP" else socket.SOCK_STREAM
        return await system_address(host, port or _PORTS[transport], family, kind)

    def __repr__(self) -> str:
        return f"<Endpoint {self._transport} {self.hop.sent_by}>"


class Group:
    """Endpoints that forward to each other, such as UDP and TCP at one address."""

    def __init__(self, *endpoints: Endpoint) -> None:
        if not 0 < len(endpoints) <= FIRST_NUMBER:
            raise ValueError(f"a group has 1 to {FIRST_NUMBER} endpoints")
        self.endpoints = endpoints
        """The endpoints, in their order."""
        datagrams = [one for one in endpoints if one._transport == "UDP"]
        self.has_datagrams = bool(datagrams)
        """Whether one of them is of UDP."""
        for number, endpoint in enumerate(endpoints):
            endpoint.group = self
            is_one_of_many = endpoint in datagrams and len(datagrams) > 1
            endpoint._noted = number if is_one_of_many else None
        self._stopped: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def attach(
        self,
        handle: Handle,
        *,
        moderation: float = 0.001,
        relay: bool = False,
        undelivered: Callable[[bytes], None] | None = None,
    ) -> None:
        """Attach all endpoints, or none: see `Endpoint.attach`."""
        done: list[Endpoint] = []
        try:
            for endpoint in self.endpoints:
                await endpoint.attach(
                    handle, moderation=moderation, relay=relay, undelivered=undelivered
                )
                done.append(endpoint)
        except BaseException:
            for endpoint in done:
                await endpoint.close()
            raise

    def serve(
        self,
        handle: Handle,
        *,
        moderation: float = 0.001,
        relay: bool = False,
        undelivered: Callable[[bytes], None] | None = None,
    ) -> None:
        """Handle messages on a loop of its own, until SIGINT, SIGTERM or `stop`."""

        async def main() -> None:
            self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
            await self.attach(handle, moderation=moderation, relay=relay, undelivered=undelivered)
            await self._until(self._loop, self._stopped)

        loops.run(main())

    async def _until(self, loop: asyncio.AbstractEventLoop, stopped: asyncio.Event) -> None:
        try:
            with signals(loop, stopped.set):
                await stopped.wait()
        finally:
            self._stopped = None
            await self.close()

    def stop(self) -> None:
        """End `serve`; from any thread."""
        stopped = self._stopped
        if stopped is not None and self._loop is not None:
            self._loop.call_soon_threadsafe(stopped.set)

    def is_open(self, connection: int) -> bool:
        """Whether a connection with this number is open at one of the endpoints."""
        return any(
            one._connections is not None and connection in one._connections
            for one in self.endpoints
        )

    def quiesce(self) -> None:
        """Accept no more connections; those that are open, and datagrams, are served on."""
        for endpoint in self.endpoints:
            if endpoint._connections is not None:
                endpoint._connections.quiesce()

    async def close(self, grace: float = 0) -> None:
        """Close all endpoints: see `Endpoint.close`."""
        await asyncio.gather(*(endpoint.close(grace) for endpoint in self.endpoints))


@contextlib.contextmanager
def signals(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> Iterator[None]:
    """Have SIGINT and SIGTERM call `stop`, where signals can be handled."""
    handled = []
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(number, stop)
            except (NotImplementedError, RuntimeError, ValueError):
                break  # Windows, or not the main thread
            handled.append(number)
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)


class _Log:
    """The log of failed handlers: the first ones in each period, and the number of the rest."""

    def __init__(self) -> None:
        self._began = float("-inf")
        self._count = 0

    def error(self, error: Exception) -> None:
        now = monotonic()
        if now - self._began > _LOG_SECONDS:
            if self._count > _MOST_LOGGED:
                _LOG.error("%d more handlers failed", self._count - _MOST_LOGGED)
            self._began, self._count = now, 0
        self._count += 1
        if self._count <= _MOST_LOGGED:
            _LOG.error("a handler failed", exc_info=error)


def _next_hop(where: Any, transport: str) -> NextHop:
    """The next hop of a host and a port."""
    try:
        host, port = where
    except (TypeError, ValueError):
        host = port = None
    if not isinstance(host, str) or not isinstance(port, int):
        raise TypeError("where must be a source, a NextHop, or a host and a port")
    return NextHop(host, port, transport, None)


def _by_datagram(to: NextHop) -> NextHop:
    """The next hop of a response whose request came by UDP, whatever its Via says.

    Or else a datagram with somebody's address would have us connect to there.
    """
    return to if to.transport == "UDP" else to._replace(transport="UDP")


def _unhandled(message: Any, source: Any) -> None:
    """The handler of an endpoint that is not attached."""
