"""The transaction layer: the transaction of each message, and what its state asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipfast import ParseError
from sipfast._engine import ENGINE
from sipfast.keys import OldTransactionKey

from .events import (
    AckReceived,
    CancelReceived,
    Event,
    RequestReceived,
    ResponseReceived,
    Stray,
    TimedOut,
)
from .machines import (
    CANCEL_CLIENT,
    INVITE_CLIENT,
    INVITE_SERVER,
    OTHER_CLIENT,
    OTHER_SERVER,
    State,
    Transition,
)
from .queues import Queue, durations
from .transaction import ClientTransaction, ServerTransaction

if TYPE_CHECKING:
    from sipfast import Draft, Request, Response
    from sipfast.keys import TransactionKey

    Key = TransactionKey | OldTransactionKey

__all__ = ["TooManyTransactions", "Transactions", "source_of"]

_LAST = 255
"""A step after the last one of every chain."""
_new = tuple.__new__  # a third of the time of calling the NamedTuple


class TooManyTransactions(Exception):
    """The limit of open transactions is reached: try later, or elsewhere."""


class Transactions:
    """The transactions of one element (RFC 3261 17, RFC 6026), without a socket or a clock.

    `now` is the time in seconds, of any clock that never goes back.  A `path` is anything that says
    where to send to: it comes out of `to_send` with the message.  If it is a host and a port, as a
    socket returns them, the responses that the layer makes itself have it in `received` and
    `rport`.

    `t1`, `t2`, `t4` are RFC 3261's, in seconds, and `timer_c` is what ends an INVITE that rings for
    too long (16.6 step 11), longer than three minutes; twice that long, a received INVITE waits for
    your response; None is for ever.  `trying` is after how many seconds an INVITE is answered with
    100 unless you have answered it; None is never.  Beyond `limit` open transactions, requests are
    refused with 503 and `send` raises `TooManyTransactions`, except for a CANCEL.
    """

    __slots__ = (
        *("_chains", "_clients", "_out", "_parse", "_pending", "_queues", "_servers"),
        *("_timer_c", "_trying", "_unanswered", "limit", "refused"),
    )

    def __init__(
        self,
        *,
        t1: float = 0.5,
        t2: float = 4.0,
        t4: float = 5.0,
        timer_c: float | None = 185.0,
        trying: float | None = 0.2,
        limit: int = 200_000,
    ) -> None:
        for name, value in (("t1", t1), ("t2", t2), ("t4", t4), ("limit", limit)):
            if not 0 < value < float("inf"):
                raise ValueError(f"{name} must be above 0, not {value}")
        if t2 < t1:
            raise ValueError(f"t2 must be at least t1, not {t2}")
        for name, given in (("timer_c", timer_c), ("trying", trying)):
            if given is not None and not 0 < given < float("inf"):
                raise ValueError(f"{name} must be above 0, or None, not {given}")
        delays = durations(t1, t2, t4, trying or t1)
        every = sorted({delay for chain in delays.values() for delay in chain}, reverse=True)
        queues = {delay: Queue(delay) for delay in every}
        self._queues = list(queues.values())
        self._chains = {name: [queues[d] for d in chain] for name, chain in delays.items()}
        if timer_c is not None:
            self._chains["C"] = [self._queue_within(timer_c)]
            self._chains["INVITE U"] = [self._queue_within(2 * timer_c)]
        self._clients: dict[Key, ClientTransaction] = {}
        self._servers: dict[Key, ServerTransaction] = {}
        self._out: list[tuple[bytes, Any]] = []
        self._pending = 0
        self._timer_c = timer_c
        self._unanswered = float("inf") if timer_c is None else 2 * timer_c
        self._trying = trying
        self._parse: Any = ENGINE.parse
        self.limit = limit
        """The most open transactions."""
        self.refused = 0
        """How many requests were refused at the limit."""

    def __len__(self) -> int:
        return len(self._clients) + len(self._servers)

    def __repr__(self) -> str:
        return f"<Transactions, {len(self._servers)} received, {len(self._clients)} sent>"

    @property
    def pending(self) -> int:
        """How many open transactions have no final response."""
        return self._pending

    @property
    def next_time(self) -> float | None:
        """When to call `expire` next; None if no timer runs."""
        found = None
        for queue in self._queues:
            while queue:
                due, transaction = queue[0], queue[1]
                if transaction._until is due or transaction._again is due:
                    if found is None or due < found:
                        found = due
                    break
                queue.popleft()
                queue.popleft()
        return found

    def to_send(self) -> list[tuple[bytes, Any]]:
        """What to send since the last call: the bytes of each message, and its path."""
        out = self._out
        if out:
            self._out = []
        return out

    # ---- received -------------------------------------------------------------------------------

    def receive(
        self, message: Request | Response, now: float, *, path: Any = None, reliable: bool = False
    ) -> Event | None:
        """Take a message that has arrived; None if there is nothing for you to do.

        `path` is where the responses to a request go, `reliable` whether it came by a reliable
        transport, such as TCP.  Raises `ParseError` if a field that `transaction_key` reads is
        missing or malformed.
        """
        status = getattr(message, "status", -1)
        if status >= 0:
            return self._receive_response(message, status, now)  # type: ignore[arg-type]
        request: Request = message  # type: ignore[assignment]
        key = request.transaction_key
        transaction = self._servers.get(key)
        if transaction is not None:
            if request.method == "ACK":
                return self._acknowledged(request, transaction, now)
            if transaction._data is not None:
                self._out.append((transaction._data, transaction.path))
            return None
        method = key.method
        if method == "INVITE":
            if request.method == "ACK":
                return AckReceived(request, None)
            state = INVITE_SERVER
        elif method == "CANCEL":
            return self._cancelled(request, key, now, path, reliable)
        else:
            state = OTHER_SERVER
        if len(self._clients) + len(self._servers) >= self.limit:
            self._refuse(request, path, reliable)
            return None
        transaction = self._open(request, key, state, now, path, reliable)
        return _new(RequestReceived, (transaction,))

    def _open(
        self, request: Request, key: Key, state: State, now: float, path: Any, reliable: bool
    ) -> ServerTransaction:
        transaction = ServerTransaction(self, key, path, reliable, None)
        transaction._request = request
        transaction._state = state
        self._servers[key] = transaction
        self._pending += 1
        if state.is_invite:
            transaction._deadline = now + self._unanswered
            if self._trying is not None:
                queue = self._chains["100"][0]
                transaction._again = due = now + queue.delay
                queue.extend((due, transaction))
            if self._timer_c is None:
                return transaction
        queue = self._chains["INVITE U" if state.is_invite else "U"][0]
        transaction._until = due = now + queue.delay
        queue.extend((due, transaction))
        return transaction

    def _acknowledged(
        self, request: Request, transaction: ServerTransaction, now: float
    ) -> Event | None:
        transition = transaction._state.ack
        if transition is None:
            return None
        if transition.next is not transaction._state:
            self._go(transaction, transition.next, now)
        return AckReceived(request, transaction) if transition.passes else None

    def _cancelled(
        self, request: Request, key: Key, now: float, path: Any, reliable: bool
    ) -> Event | None:
        """Answer a CANCEL and tell the user, if the INVITE is here and has no final response."""
        of_invite = key._replace(method="INVITE")
        if isinstance(of_invite, OldTransactionKey):
            of_invite = of_invite._replace(to_tag=None)
        invite = self._servers.get(of_invite)
        if invite is None:
            return Stray(request)
        tag = invite._request._fresh_tag() if invite._request is not None else ...
        try:
            answer = request.reply(200, to_tag=tag, source=source_of(path))
        except ParseError:
            return None
        transaction = self._open(request, key, OTHER_SERVER, now, path, reliable)
        transaction.respond(answer, now)
        transition = invite._state.cancelled
        return CancelReceived(request, invite) if transition is not None else None

    def _refuse(self, request: Request, path: Any, reliable: bool) -> None:
        """Answer 503 without a transaction, with no more bytes than the request has."""
        self.refused += 1
        try:
            data = bytes(request.reply(503, source=source_of(path), headers={"Retry-After": "2"}))
        except ParseError:
            return
        if reliable or len(data) <= len(bytes(request)):
            self._out.append((data, path))

    def _receive_response(self, response: Response, status: int, now: float) -> Event | None:
        transaction = self._clients.get(response.client_transaction_key)
        if transaction is None:
            return _new(Stray, (response,))
        state = transaction._state
        transition = state.statuses[status // 100]
        if transition is None:
            return None
        following = transition.next
        if transition.acks:
            transaction._data = self._ack(transaction, response)
        if following is not state:
            self._go(transaction, following, now)
            if status < 200 and following.is_invite and transaction._is_cancelled:
                cancel = following.cancel
                if cancel is not None:
                    self._cancel(transaction, cancel, now)
        elif transition.sends:
            if transaction._data:
                self._out.append((transaction._data, transaction.path))
        elif 100 < status < 200 and state.is_long and self._timer_c is not None:
            transaction._deadline = now + self._timer_c
        return _new(ResponseReceived, (response, transaction)) if transition.passes else None

    def _ack(self, transaction: ClientTransaction, response: Response) -> bytes | None:
        """Send the ACK, which is sent again for each retransmission of the response."""
        request = transaction.request
        try:
            data = bytes(request.ack(response)) if request is not None else None
        except ParseError:  # a response without To is one that nobody could acknowledge
            return None
        if data is not None:
            self._out.append((data, transaction.path))
        return data

    # ---- sent -----------------------------------------------------------------------------------

    def send(
        self,
        request: bytes | Request | Draft,
        now: float,
        *,
        path: Any = None,
        reliable: bool = False,
        context: Any = None,
    ) -> ClientTransaction:
        """Send a request in a transaction of its own.

        Raises `TooManyTransactions` at the limit, and ValueError for an ACK, which you send
        without one, for a response, and if an open transaction has the same branch.
        """
        data = request if type(request) is bytes else bytes(request)
        parsed = self._parse(data)
        if not hasattr(parsed, "method"):  # what is there is found fast
            raise ValueError("a response is sent by the transaction of its request")
        if parsed.method == "ACK":
            raise ValueError("an ACK has no transaction of its own (RFC 3261 17)")
        key = parsed.client_transaction_key
        if key in self._clients:
            raise ValueError(f"an open transaction has the branch of this {parsed.method}")
        method = key.method
        if method != "CANCEL" and len(self._clients) + len(self._servers) >= self.limit:
            raise TooManyTransactions(f"{self.limit} transactions are open")
        state = INVITE_CLIENT if method == "INVITE" else OTHER_CLIENT
        transaction = self._start(data, key, state, now, path, reliable)
        transaction.context = context
        return transaction

    def sent(self, request: Request) -> ClientTransaction | None:
        """The open transaction that has sent a request, such as one that did not arrive."""
        return self._clients.get(request.client_transaction_key)

    def _start(
        self, data: bytes, key: Key, state: State, now: float, path: Any, reliable: bool
    ) -> ClientTransaction:
        transaction = ClientTransaction(self, key, path, reliable, data)
        transaction._state = state
        transaction._is_cancelled = False
        self._clients[key] = transaction
        self._pending += 1
        self._out.append((data, path))
        if not reliable:
            queue = self._chains["A" if state.is_invite else "E"][0]
            transaction._again = due = now + queue.delay
            queue.extend((due, transaction))
        queue = self._chains["B"][0]
        transaction._until = due = now + queue.delay
        queue.extend((due, transaction))
        return transaction

    def _cancel(self, transaction: ClientTransaction, transition: Transition, now: float) -> None:
        """Send the CANCEL of an INVITE."""
        request = transaction.request
        self._go(transaction, transition.next, now)
        try:
            data = bytes(request.cancel()) if request is not None else None
        except ParseError:  # an INVITE that is malformed can only time out
            return
        key = transaction.key._replace(method="CANCEL")
        if data is not None and key not in self._clients:
            self._start(data, key, CANCEL_CLIENT, now, transaction.path, transaction.reliable)

    # ---- timers ---------------------------------------------------------------------------------

    def expire(self, now: float) -> list[Event]:
        """Do what is due: send again, and end what has waited too long.

        Call it when `next_time` has come, or every 50 to 100 milliseconds; it costs what is due.
        """
        events: list[Event] = []
        for queue in self._queues:
            while queue and queue[0] <= now:
                due, transaction = queue.popleft(), queue.popleft()
                if transaction._until is due:
                    self._time_out(transaction, now, events)
                elif transaction._again is due:
                    self._send_again(transaction, now)
        return events

    def _time_out(self, transaction: Any, now: float, events: list[Event]) -> None:
        state = transaction._state
        if state.is_long and now < transaction._deadline:
            queue = self._queue_within(transaction._deadline - now)
            transaction._until = due = now + queue.delay
            queue.extend((due, transaction))
            return
        transition = state.timeout
        if transition.cancels:
            self._cancel(transaction, transition, now)
        else:
            self._go(transaction, transition.next, now)
            if transition.informs:
                events.append(TimedOut(transaction))
            else:
                transaction.context = None  # which may refer to this transaction

    def _queue_within(self, seconds: float) -> Queue:
        """The longest delay within so many seconds, or the shortest."""
        for queue in self._queues:
            if queue.delay <= seconds:
                break
        return queue

    def _send_again(self, transaction: Any, now: float) -> None:
        state = transaction._state
        transition = state.resends
        if transition.makes_100:
            transaction._again = None
            request, path = transaction._request, transaction.path
            try:
                data = bytes(request.reply(100, source=source_of(path)))
            except ParseError:
                return
            transaction._data = data
            self._out.append((data, path))
            return
        self._out.append((transaction._data, transaction.path))
        chain = self._chains[state.again]
        transaction._step = step = min(transaction._step + 1, len(chain) - 1)
        queue = chain[step]
        transaction._again = due = now + queue.delay
        queue.extend((due, transaction))

    def _go(self, transaction: Any, state: State, now: float) -> None:
        """Enter a state, and start its timers."""
        before = transaction._state
        if state is before:
            return
        if state.is_cut and transaction.reliable:
            state = state.timeout.next  # type: ignore[union-attr]
        transaction._state = state
        if state.continues:
            transaction._step = _LAST  # from now on, each T2
            return
        if not state.keeps:
            transaction._data = None
        if before.is_pending and not state.is_pending:
            self._pending -= 1
            transaction._request = None
        transaction._again = transaction._until = None
        if state.is_terminated:
            side = self._servers if type(transaction) is ServerTransaction else self._clients
            del side[transaction.key]
            return
        if state.again is not None and not transaction.reliable:
            queue = self._chains[state.again][0]
            transaction._step = 0
            transaction._again = due = now + queue.delay
            queue.extend((due, transaction))
        if state.is_long:
            if self._timer_c is None:
                return
            transaction._deadline = now + self._timer_c
        queue = self._chains[state.until or ""][0]
        transaction._until = due = now + queue.delay
        queue.extend((due, transaction))


def source_of(path: Any) -> Any:
    """The path if it is a host and a port; None otherwise."""
    try:
        host, port = path[0], path[1]
    except Exception:  # the user's class
        return None
    return (host, port) if type(host) is str and type(port) is int else None
