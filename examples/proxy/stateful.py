"""Moving messages with transactions (RFC 3261 16 and 17).

Retransmissions are absorbed and made, 100 says that we are at it, a request forks to all targets
of a group, the best response goes back, and CANCEL reaches all branches.  `sipfast.transactions`
has the state machines; here, they meet the clock and the sockets.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable
from typing import NamedTuple

from sipfast import NextHop, ParseError, Request, Response, parse
from sipfast.proxy import Endpoint, Source
from sipfast.transactions import (
    AckReceived,
    CancelReceived,
    Event,
    RequestReceived,
    ResponseContext,
    ResponseReceived,
    ServerTransaction,
    Stray,
    TimedOut,
    TooManyTransactions,
    Transactions,
    TransportFailed,
)

from .answer import Answer, Refused
from .app import Decision, Proxy
from .relay import Elsewhere, Relay, Way, answer_to, error_of
from .routing import Target
from .stateless import Stateless

__all__ = ["Stateful"]

_TICK = 0.05
_BREADTH = 60
"""How many branches a request may have at once, if it does not say (RFC 5393 5.3.3)."""


def _unavailable() -> Refused:
    return Refused(503, None, [("Retry-After", "5")])


class Back(NamedTuple):
    """Where a request came from, and the other port to which its responses go."""

    host: str
    port: int
    endpoint: Endpoint
    where: NextHop


def _back(request: Request, source: Source) -> Source | Back:
    """The way of responses to what came by UDP: to sent-by's port unless rport is asked for."""
    via = request.via
    port = source.port if via is None or via.wants_rport else via.port or 5060
    if port == source.port:
        return source
    where = NextHop(source.host, port, "UDP", None)
    return Back(source.host, source.port, source.endpoint, where)


def _for_one_of(ways: int, request: Request) -> Request:
    """The request for one of so many branches at once, which share its Max-Breadth.

    It bounds what becomes of one request at two proxies, each with contacts at the other.
    """
    if ways == 1 and "Max-Breadth" not in request.headers:
        return request
    breadth = _BREADTH if request.max_breadth is None else min(request.max_breadth, _BREADTH)
    if breadth < ways:
        raise Refused(440)
    draft = request.edit()
    draft["Max-Breadth"] = breadth // ways
    message = draft.message
    assert isinstance(message, Request)
    return message


class Call(ResponseContext):
    """The response context of a request (16.7), with the targets that are yet to be tried."""

    def __init__(self, transaction: ServerTransaction, source: Source) -> None:
        super().__init__(transaction, source.endpoint.hop)
        self.source = source
        self.groups: list[list[Target]] = []
        self.failure: Answer | None = None
        self.sent = 0


class Stateful:
    """Does what a `Proxy` decides, within transactions.

    `forks` are the numbers of branches that this process may use: its responses tell it by them.
    """

    def __init__(
        self,
        proxy: Proxy,
        relay: Relay,
        stateless: Stateless,
        transactions: Transactions,
        forks: range,
    ) -> None:
        self._proxy = proxy
        self._relay = relay
        self._stateless = stateless
        self._transactions = transactions
        self._forks = forks
        self._timer: asyncio.TimerHandle | None = None
        self.is_closing = False
        """Whether new calls are refused, so that this process can end."""

    @property
    def pending(self) -> int:
        """The transactions that wait for a final response."""
        return self._transactions.pending

    def handle(self, message: Request | Response, source: Source) -> Awaitable[None] | None:
        now = time.monotonic()
        is_reliable = source.transport != "UDP"
        back = source if is_reliable or isinstance(message, Response) else _back(message, source)
        event = self._transactions.receive(message, now, path=back, reliable=is_reliable)
        later = None
        if isinstance(event, RequestReceived):
            later = self._begin(event.transaction, source, now)
        elif isinstance(event, CancelReceived):
            self._cancel(event.transaction, now)
        elif isinstance(event, AckReceived):
            self._stateless.handle(event.request, source)
        elif isinstance(event, Stray) and isinstance(message, Request):
            self._stateless.handle(message, source)  # a CANCEL, maybe older than this process
        elif event is not None:
            if isinstance(event, ResponseReceived):
                self._proxy.flows.learn(message, source)
            self._on_branch(event, now)
        self._send()
        self._keep_ticking()
        return later

    def _begin(
        self, transaction: ServerTransaction, source: Source, now: float
    ) -> Awaitable[None] | None:
        request = transaction.request
        if request is None:  # answered meanwhile
            return None
        call = Call(transaction, source)
        try:
            if self.is_closing and (request.to is None or request.to.tag is None):
                raise _unavailable()
            decision = self._proxy.decide(request, source)
            if not isinstance(decision, (list, Answer)):
                return self._do_later(call, decision)
            self._do(call, decision, now)
        except Refused as refused:
            self._refuse(call, refused, now)
        except ParseError as error:
            self._refuse(call, error_of(error), now)
        return None

    async def _do_later(self, call: Call, decision: Awaitable[Decision]) -> None:
        try:
            self._do(call, await decision, time.monotonic())
        except Refused as refused:
            self._refuse(call, refused, time.monotonic())
        except ParseError as error:
            self._refuse(call, error_of(error), time.monotonic())
        self._send()

    def _do(self, call: Call, decision: Decision, now: float) -> None:
        if isinstance(decision, Answer):
            self._answer(call, decision, now)
        elif not call.is_cancelled:
            self._leave_to_another(call, decision, now)
            call.groups = decision
            self._try_next(call, now)

    def _leave_to_another(self, call: Call, groups: list[list[Target]], now: float) -> None:
        """Before anything is sent, raise `Elsewhere` if only another process reaches a target."""
        request = call.server.request
        if self._relay.has_connections or request is None:
            return
        for target in [target for group in groups for target in group]:
            with contextlib.suppress(ParseError):
                try:
                    self._relay.relayed(request, target, call.source)
                except Elsewhere:
                    call.server.abandon(now)
                    raise

    # ---- branches -------------------------------------------------------------------------------

    def _on_branch(self, event: Event, now: float) -> None:
        """A response, or the end of waiting for one."""
        if isinstance(event, (ResponseReceived, TimedOut, TransportFailed)):
            call = event.transaction.context
            if isinstance(event.transaction, ServerTransaction):
                event.transaction.context = None  # it has ended, and each refers to the other
            elif isinstance(call, Call) and call.receive(event, now):
                self._try_next(call, now)

    def _try_next(self, call: Call, now: float) -> None:
        """Send to the next group of targets; after the last, the best response goes up."""
        while call.groups and not call.is_cancelled:
            before = call.sent
            group = call.groups.pop(0)
            for target in group:
                self._try(call, target, len(group), now)
            if call.sent > before:
                return
        if call.sent:
            call.finish(now)
        else:
            self._refuse(call, call.failure or _unavailable(), now)

    def _try(self, call: Call, target: Target, ways: int, now: float) -> None:
        request = call.server.request
        if request is None or call.sent == len(self._forks):
            return
        try:
            fork = self._forks[call.sent]
            request = _for_one_of(ways, request)
            data, way = self._relay.relayed(request, target, call.source, fork)
            is_reliable = way.where.transport != "UDP"
            via = None if way.endpoint is call.source.endpoint else way.endpoint.hop
            call.send(data, now, path=way, reliable=is_reliable, via=via)
            call.sent += 1
        except ParseError as error:
            call.failure = error_of(error) or call.failure
        except Refused as refused:
            call.failure = refused
        except TooManyTransactions:
            call.failure = _unavailable()
        except ValueError:  # a request that came again, when its first branch is still open
            call.failure = Answer(482)

    def _cancel(self, transaction: ServerTransaction, now: float) -> None:
        call = transaction.context
        if not isinstance(call, Call):
            return
        call.cancel(now)
        if not call.sent:
            self._answer(call, Answer(487), now)

    def fail(self, data: bytes) -> None:
        """Take that a message could not be sent: the next target is tried (16.9)."""
        message, now = parse(data), time.monotonic()
        transaction = self._transactions.sent(message) if isinstance(message, Request) else None
        event = None if transaction is None else transaction.transport_error(now)
        if event is not None:
            self._on_branch(event, now)
            self._send()
            self._keep_ticking()

    # ---- answers --------------------------------------------------------------------------------

    def _refuse(self, call: Call, answer: Answer | None, now: float) -> None:
        if answer is not None and self._proxy.may_refuse(call.source, answer):
            self._answer(call, answer, now)
        else:
            call.server.abandon(now)

    @staticmethod
    def _answer(call: Call, answer: Answer, now: float) -> None:
        request = call.server.request
        response = None if request is None else answer_to(request, answer, call.source)
        if response is not None:
            call.server.respond(response, now)
        else:
            call.server.abandon(now)

    # ---- the clock and the sockets --------------------------------------------------------------

    def _tick(self) -> None:
        """Let time pass for the transactions, as long as there are any."""
        self._timer = None
        now = time.monotonic()
        for event in self._transactions.expire(now):
            self._on_branch(event, now)
        self._send()
        self._keep_ticking()

    def _keep_ticking(self) -> None:
        if self._timer is None and len(self._transactions):
            self._timer = asyncio.get_running_loop().call_later(_TICK, self._tick)

    def _send(self) -> None:
        for data, way in self._transactions.to_send():
            if isinstance(way, (Way, Back)):
                way.endpoint.send(data, way.where)
            else:
                way.endpoint.send(data, way)

    def close(self) -> None:
        """Stop the clock."""
        if self._timer is not None:
            self._timer.cancel()
