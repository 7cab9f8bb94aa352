"""A transaction of either side: what a user sees of it, and what it keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .events import TransportFailed

if TYPE_CHECKING:
    from sipfast import Draft, Request, Response
    from sipfast.keys import OldTransactionKey, TransactionKey

    from .layer import Transactions
    from .machines import State

    Key = TransactionKey | OldTransactionKey

__all__ = ["ClientTransaction", "ServerTransaction"]

_SPACE, _ZERO = b" 0"


class _Transaction:
    """What both sides have.

    `_again` and `_until` are the times of its timers, the objects that are in the queues; None for
    a timer that does not run.
    """

    __slots__ = (
        *("_again", "_data", "_deadline", "_layer", "_request", "_state", "_step", "_until"),
        *("context", "key", "path", "reliable"),
    )

    _layer: Transactions
    _state: State
    _data: bytes | None
    """What is sent again."""
    _request: Request | None
    """The request that was received."""
    _again: float | None
    _until: float | None
    _step: int
    """How often the first of the timers was started."""
    _deadline: float
    """When a long timer is due, which takes several rounds in the queues."""
    key: Key
    """Its `transaction_key` on the server side, its `client_transaction_key` on the client side."""
    path: Any
    """Where it sends to: what `receive` or `send` was given."""
    reliable: bool
    """Whether its transport is reliable, so that nothing is sent again."""
    context: Any
    """Yours; None at first, and from the quiet end of a transaction on."""

    def __init__(self, layer: Transactions, key: Key, path: Any, reliable: bool, data: Any) -> None:
        self._layer = layer
        self.key = key
        self.path = path
        self.reliable = reliable
        self._data = data
        self._again = self._until = self._request = self.context = None
        self._step = 0

    @property
    def state(self) -> str:
        """The name of its state, such as ``"Proceeding"``."""
        return self._state.name

    @property
    def method(self) -> str:
        """The method of its request."""
        return self.key.method

    @property
    def is_terminated(self) -> bool:
        """Whether it has ended."""
        return self._state.is_terminated

    @property
    def is_pending(self) -> bool:
        """Whether it has no final response yet."""
        return self._state.is_pending

    def transport_error(self, now: float) -> TransportFailed | None:
        """Tell it that what it sent did not leave.  None where that changes nothing."""
        transition = self._state.error
        if transition is None:
            return None
        self._layer._go(self, transition.next, now)
        return TransportFailed(self) if transition.informs else None  # type: ignore[arg-type]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.key.method} {self._state.name}>"


class ServerTransaction(_Transaction):
    """A request that was received, and its responses (RFC 3261 17.2)."""

    __slots__ = ()

    @property
    def request(self) -> Request | None:
        """The request; None once a final response was sent."""
        return self._request

    def respond(self, response: bytes | Response | Draft, now: float) -> bool:
        """Send a response, and again for each retransmission of the request.

        False, and nothing is sent, where the state has no place for it: after a final response,
        except that each 2xx to an INVITE is sent after the first.  Raises ValueError for bytes
        that are no response.
        """
        data = response if type(response) is bytes else bytes(response)
        if len(data) < 12 or data[7] != _SPACE or not data[8:11].isdigit():
            raise ValueError("a response begins with SIP-Version and a status")
        transition = self._state.statuses[data[8] - _ZERO]
        if transition is None:
            return False
        layer = self._layer
        layer._out.append((data, self.path))
        self._again = None  # the 100
        following = transition.next
        if following is self._state:
            if following.is_pending:
                self._data = data
                self._deadline = now + layer._unanswered
            return True
        self._data = data
        layer._go(self, following, now)
        return True

    def abandon(self, now: float) -> None:
        """Forget a request without a final response, as if it had not come: another answers it."""
        timeout = self._state.timeout
        if self._state.is_pending and timeout is not None:
            self._layer._go(self, timeout.next, now)


class ClientTransaction(_Transaction):
    """A request that was sent, and its responses (RFC 3261 17.1)."""

    __slots__ = ("_is_cancelled",)

    _is_cancelled: bool

    @property
    def request(self) -> Request | None:
        """The request; None once a final response has arrived."""
        if self._data is None or not self._state.is_pending:
            return None
        request: Request = self._layer._parse(self._data)
        return request

    def cancel(self, now: float) -> None:
        """Cancel an INVITE: at once, or when its first provisional response arrives (9.1).

        The CANCEL is a transaction of its own, of which nothing is heard.  Without a final response
        64*T1 seconds later, the INVITE times out.  Nothing happens after a final response.  Raises
        ValueError for another method: only an INVITE is cancelled.
        """
        if not self._state.is_invite:
            raise ValueError(f"only an INVITE is cancelled, not {self.key.method} (RFC 3261 9.1)")
        self._is_cancelled = True
        transition = self._state.cancel
        if transition is not None:
            self._layer._cancel(self, transition, now)
