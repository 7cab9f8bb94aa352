"""What every message meets first: the rate limit, and who handles it."""

from __future__ import annotations

import time
from collections.abc import Awaitable
from typing import Any

from sipfast import Request, Response
from sipfast.proxy import RateLimit, Source

from .app import Proxy
from .handover import Handover, owner_of_branch
from .relay import Elsewhere
from .stateful import Stateful
from .stateless import Stateless

__all__ = ["Front"]


class Front:
    """Gives messages to the part of the proxy that is in charge.

    A REGISTER changes something, so it has a transaction in any case: its retransmission gets the
    answer of the first.
    """

    def __init__(
        self,
        proxy: Proxy,
        stateless: Stateless,
        stateful: Stateful,
        *,
        is_stateful: bool,
        rate: RateLimit | None = None,
        handover: Handover | None = None,
    ) -> None:
        self._proxy = proxy
        self._stateless = stateless
        self._stateful = stateful
        self._is_stateful = is_stateful
        self._rate = rate
        self._handover = handover

    def handle(self, message: Request | Response, source: Source) -> Awaitable[None] | None:
        if self._rate is not None and not self._may_send(message, source):
            return None
        if self._handover is not None:
            return self._handle_or_give(message, source, self._handover)
        return self._handle(message, source)

    def _handle(self, message: Request | Response, source: Source) -> Awaitable[None] | None:
        if self._is_stateful or (isinstance(message, Request) and message.method == "REGISTER"):
            return self._stateful.handle(message, source)
        return self._stateless.handle(message, source)

    def _may_send(self, message: Request | Response, source: Source) -> bool:
        """Whether a source stays within its rate; what we have asked for does not count."""
        if isinstance(message, Response) or source.host in self._proxy.rules.trusted:
            return True
        if self._rate is None or self._rate.allow(source.host, time.monotonic()):
            return True
        self._proxy.counts["limited"] += 1
        return False

    def _handle_or_give(
        self, message: Request | Response, source: Source, handover: Handover
    ) -> Awaitable[None] | None:
        """Handle a message, unless it belongs to another worker."""
        owner = handover.worker
        if isinstance(message, Response):
            if self._is_stateful and message.via is not None:
                owner = owner_of_branch(message.via.branch, handover.workers)
            elif owner and self._goes_by_connection(message, source):
                owner = 0
        elif owner and message.transaction_key in handover:
            owner = 0
        if owner == handover.worker:
            try:
                later = self._handle(message, source)
            except Elsewhere:
                self._give_request(message, source, handover)
                return None
            return later and self._finish_or_give(message, source, handover, later)
        self._give(owner, message, source, handover)
        return None

    def _goes_by_connection(self, response: Response, source: Source) -> bool:
        """Whether our Via notes a connection; a low number there is that of an endpoint."""
        number = response.next_hop(via=source.endpoint.hop).connection
        return number is not None and number >= len(self._proxy.group.endpoints)

    async def _finish_or_give(
        self, message: Any, source: Source, handover: Handover, later: Awaitable[None]
    ) -> None:
        try:
            await later
        except Elsewhere:
            self._give_request(message, source, handover)

    def _give_request(self, request: Any, source: Source, handover: Handover) -> None:
        """Give a request, and what will come of its transaction, to the worker with connections."""
        handover.remember(request.transaction_key)
        self._give(0, request, source, handover)

    def _give(self, owner: int, message: Any, source: Source, handover: Handover) -> None:
        is_datagram = source.connection is None
        number = self._proxy.group.endpoints.index(source.endpoint) if is_datagram else 0
        handover.give(owner, message.raw, (source.host, source.port), number)
