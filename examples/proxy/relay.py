"""Making what is sent, the same for both ways to move messages: requests for targets, answers."""

from __future__ import annotations

from typing import NamedTuple

from sipfast import NextHop, ParseError, Request, Response
from sipfast.proxy import Endpoint, Source

from .answer import Answer, Refused
from .flows import Flows
from .routing import Target

__all__ = ["Elsewhere", "Relay", "Way", "answer_to", "error_of"]

_CHALLENGES = (401, 407)


class Way(NamedTuple):
    """The way to a next hop: the endpoint to leave by, and the address or the connection."""

    endpoint: Endpoint
    where: NextHop


class Elsewhere(Exception):
    """The request goes by a connection, and another process has the connections."""


class Relay:
    """Makes requests for targets.

    `flows` learns who sends requests by connections.  `has_connections` tells whether this process
    has the connections, if there are any.
    """

    def __init__(self, flows: Flows, *, record_route: bool, has_connections: bool) -> None:
        self._flows = flows
        self._record_route = record_route
        self.has_connections = has_connections

    def forward(self, request: Request, target: Target, source: Source) -> None:
        """Send the request to a target.  Raises as `relayed` does."""
        if not self.has_connections or target.path:
            data, way = self.relayed(request, target, source)
            way.endpoint.send(data, way.where)
        else:  # all at once
            source.endpoint.forward(
                request,
                target.uri,
                source=source,
                record_route=self._record_route,
                trusted=target.is_trusted,
                where=target.where,
            )
            self._learn(request, target, source)

    def relayed(
        self, request: Request, target: Target, source: Source, fork: int = 0
    ) -> tuple[bytes, Way]:
        """The request as it goes to a target, and its way.

        Raises `ParseError` if it must not, `Refused` if it cannot, and `Elsewhere`.
        """
        data, where, endpoint = source.endpoint.relay(
            _with_path(request, target) if target.path else request,
            target.uri,
            source=source,
            record_route=self._record_route,
            fork=fork,
            trusted=target.is_trusted or bool(target.path),
            where=target.where,
        )
        if endpoint is not None:
            self._learn(request, target, source)
            return data, Way(endpoint, where)
        if self.has_connections:
            raise Refused(480, "No way to this transport")
        raise Elsewhere

    def _learn(self, request: Request, target: Target, source: Source) -> None:
        is_along_our_route = target.uri is None and not target.is_trusted
        self._flows.learn(request, source, in_dialog=is_along_our_route)


def _with_path(request: Request, target: Target) -> Request:
    """The request with the path of the registration as its Route (RFC 3327 5.4)."""
    draft = request.edit()
    draft.discard("Route")
    for route in reversed(target.path):
        draft.push("Route", route)
    message = draft.message
    assert isinstance(message, Request)
    return message


def answer_to(request: Request, answer: Answer, source: Source) -> Response | None:
    """The response; None if none may be sent.

    An error to an address that has proved nothing is no longer than the request, or the proxy
    would amplify what somebody sends in the name of a victim.  Challenges are longer by nature:
    like all errors, their number a second is limited.
    """
    if request.method == "ACK":
        return None
    response = request.reply(
        answer.status,
        answer.reason,
        to_tag=source.endpoint.tag_of(request),
        source=source,
        headers=answer.headers,
    )
    is_proved = source.connection is not None or answer.status < 300
    if is_proved or answer.status in _CHALLENGES or len(response.raw) <= len(request.raw):
        return response
    return None


def error_of(error: ParseError) -> Answer | None:
    """The answer to a request that cannot be sent on; None for a fault that has no status."""
    if error.status_hint is None:
        return None
    unsupported = [("Unsupported", ", ".join(error.unsupported))] if error.unsupported else []
    return Answer(error.status_hint, error.text, unsupported)
