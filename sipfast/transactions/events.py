"""What the user of `Transactions` is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sipfast import Message, Request, Response

    from .transaction import ClientTransaction, ServerTransaction

__all__ = [
    "AckReceived",
    "CancelReceived",
    "Event",
    "RequestReceived",
    "ResponseReceived",
    "Stray",
    "TimedOut",
    "TransportFailed",
]


class RequestReceived(NamedTuple):
    """A new request: answer it with `ServerTransaction.respond`."""

    transaction: ServerTransaction
    """Its `request` is the request."""


class AckReceived(NamedTuple):
    """An ACK for a 2xx, which is a transaction of its own: a proxy forwards it statelessly."""

    request: Request
    transaction: ServerTransaction | None
    """That of the INVITE, if the ACK has its branch, as from an element of RFC 2543."""


class CancelReceived(NamedTuple):
    """A CANCEL of an INVITE that has no final response; the CANCEL itself is answered."""

    request: Request
    """The CANCEL."""
    transaction: ServerTransaction
    """That of the INVITE: a user agent answers it with 487, a proxy cancels its branches."""


class Stray(NamedTuple):
    """A message of no transaction: a CANCEL without its INVITE, or a response to nothing.

    Answer the CANCEL with 481, or forward it statelessly if the INVITE was so (RFC 3261 16.10).
    Drop the response (RFC 6026 8.9).
    """

    message: Message


class ResponseReceived(NamedTuple):
    """A response, once; a 2xx to an INVITE each time that it arrives."""

    response: Response
    transaction: ClientTransaction


class TimedOut(NamedTuple):
    """The end of a transaction that waited too long.

    A client transaction without a final response: as if a 408 had arrived (RFC 3261 8.1.3.1).  A
    server transaction: its final response was not acknowledged, or the user never sent one.
    """

    transaction: ClientTransaction | ServerTransaction


class TransportFailed(NamedTuple):
    """What a transaction sent did not leave: for a request, as if a 503 had arrived (16.9)."""

    transaction: ClientTransaction | ServerTransaction


Event = (
    RequestReceived
    | AckReceived
    | CancelReceived
    | Stray
    | ResponseReceived
    | TimedOut
    | TransportFailed
)
"""What `Transactions.receive` and `Transactions.expire` return."""
