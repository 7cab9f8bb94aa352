"""Moving messages without memory: what our Via, our Record-Route and their MACs say is enough.

A retransmission takes the way of the first, and so do the CANCEL and the ACK of an INVITE
(RFC 3261 16.11).  A request goes to one target, the best.
"""

from __future__ import annotations

from collections.abc import Awaitable

from sipfast import ParseError, Request, Response
from sipfast.proxy import Source

from .answer import Answer, Refused
from .app import Decision, Proxy
from .relay import Relay, answer_to, error_of

__all__ = ["Stateless"]


class Stateless:
    """Does what a `Proxy` decides."""

    def __init__(self, proxy: Proxy, relay: Relay) -> None:
        self._proxy = proxy
        self._relay = relay

    def handle(self, message: Request | Response, source: Source) -> Awaitable[None] | None:
        if isinstance(message, Response):
            source.endpoint.forward(message)
            self._proxy.flows.learn(message, source)
            return None
        if message.method == "ACK" and source.endpoint.is_answered(message):
            return None
        try:
            decision = self._proxy.decide(message, source)
            if isinstance(decision, (list, Answer)):
                self._do(message, source, decision)
            else:
                return self._do_later(message, source, decision)
        except (Refused, ParseError) as error:
            self._refuse(message, source, error)
        return None

    async def _do_later(
        self, request: Request, source: Source, decision: Awaitable[Decision]
    ) -> None:
        try:
            self._do(request, source, await decision)
        except (Refused, ParseError) as error:
            self._refuse(request, source, error)

    def _do(self, request: Request, source: Source, decision: Decision) -> None:
        if isinstance(decision, Answer):
            self._answer(request, source, decision)
            return
        self._relay.forward(request, decision[0][0], source)

    def _refuse(self, request: Request, source: Source, error: Refused | ParseError) -> None:
        answer = error if isinstance(error, Refused) else error_of(error)
        if answer is not None and self._proxy.may_refuse(source, answer):
            self._answer(request, source, answer)

    @staticmethod
    def _answer(request: Request, source: Source, answer: Answer) -> None:
        response = answer_to(request, answer, source)
        if response is not None:
            source.endpoint.respond(response, source=source)
