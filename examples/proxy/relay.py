"""Making what is sent, the same for both ways to move messages: requests for targets, answers."""

from __future__ import annotations

from typing import NamedTuple

from sipfast import NextHop, ParseError, Request, Response
from sipfast.proxy import Endpoint, Source

from .answer import Answer
from .routing import Target

__all__ = ["Way", "answer_to", "error_of", "relayed"]

_CHALLENGES = (401, 407)


class Way(NamedTuple):
    """The way to a next hop: the endpoint to leave by, and the address or the connection."""

    endpoint: Endpoint
    where: NextHop


def relayed(
    request: Request, target: Target, source: Source, *, record_route: bool, fork: int = 0
) -> tuple[bytes, Way]:
    """The request as it goes to a target, and its way.  Raises `ParseError` if it must not."""
    data, where, endpoint = source.endpoint.relay(
        _with_path(request, target) if target.path else request,
        target.uri,
        source=source,
        record_route=record_route,
        fork=fork,
        trusted=target.is_trusted or bool(target.path),
        where=target.where,
    )
    return data, Way(endpoint or source.endpoint, where)


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
