"""The response context of a stateful proxy: a request, its branches, and what goes back up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipfast import ParseError

from .events import ResponseReceived, TimedOut, TransportFailed
from .layer import source_of

if TYPE_CHECKING:
    from sipfast import Draft, Hop, Request, Response

    from .transaction import ClientTransaction, ServerTransaction

__all__ = ["ResponseContext"]

_CHALLENGES = (401, 407)
_HELPFUL = (401, 407, 415, 420, 484)
"""What tells the sender how to try again is preferred (RFC 3261 16.7 step 6)."""
_MOST_CHALLENGES = 100
_CHALLENGE_FIELDS = ("WWW-Authenticate", "Proxy-Authenticate")


class ResponseContext:
    """The responses to one request that a proxy forwards to one target or several (16.7).

    `server` is the transaction of the request, and its `context` from then on; `via` is the `Hop`
    that forwarded it.  Provisional responses and each 2xx go up at once, other final ones when all
    branches have one, and then the best of them.  A 2xx and a 6xx cancel the other branches.

    A response that `Response.forward` refuses is dropped; a final one counts as a 502.
    """

    __slots__ = (
        "_best",
        "_challenges",
        "_vias",
        "_waiting",
        "branches",
        "is_cancelled",
        "server",
        "via",
    )

    def __init__(self, server: ServerTransaction, via: Hop) -> None:
        self.server = server
        """The transaction of the request."""
        self.via = via
        """The `Hop` that forwards."""
        self.branches: list[ClientTransaction] = []
        """The transactions of the branches, in the order of `send`."""
        self.is_cancelled = False
        """Whether the branches are cancelled: by a CANCEL, a 2xx, a 6xx or the final response."""
        self._waiting: list[Any] = []
        self._vias: dict[Any, Hop] | None = None
        """Those of the branches, if they are not all the same."""
        self._best: tuple[int, bytes | None] | None = None
        """The status and the bytes of the best final response; without bytes, one of our own."""
        self._challenges: tuple[tuple[bytes | None, list[tuple[str, str]]], ...] = ()
        server.context = self

    def __repr__(self) -> str:
        left, of = len(self._waiting), len(self.branches)
        return f"<ResponseContext {self.server.method}, {left} of {of} branches open>"

    @property
    def is_finished(self) -> bool:
        """Whether a final response went up."""
        return not self.server.is_pending

    def send(
        self,
        request: bytes | Request | Draft,
        now: float,
        *,
        path: Any,
        reliable: bool = False,
        via: Hop | None = None,
    ) -> ClientTransaction:
        """Send the request, as `Request.forward` made it, to one more target.

        `via` is the `Hop` that it was forwarded by, if it is another one than the context's, such
        as that of another transport.  Raises as `Transactions.send` does, and ValueError after a
        CANCEL, a 2xx, a 6xx or the final response.
        """
        if self.is_cancelled or not self.server.is_pending:
            raise ValueError("a response context that is cancelled or finished has no new branches")
        layer = self.server._layer
        branch = layer.send(request, now, path=path, reliable=reliable, context=self)
        if via is not None and via is not self.via and self._vias is None:
            self._vias = dict.fromkeys(self.branches, self.via)
        if self._vias is not None:
            self._vias[branch] = via or self.via
        self.branches.append(branch)
        self._waiting.append(branch)
        return branch

    def cancel(self, now: float) -> None:
        """Cancel all branches without a final response: for a `CancelReceived` (16.10)."""
        self.is_cancelled = True
        for branch in self.branches:
            if branch.method == "INVITE" and branch.is_pending:
                branch.cancel(now)

    def receive(self, event: ResponseReceived | TimedOut | TransportFailed, now: float) -> bool:
        """Take what came of a branch.

        True if all branches have failed: `send` to another target, or `finish`.  A context that
        wants no more branches finishes itself.
        """
        branch = event.transaction
        data: bytes | None = None
        if isinstance(event, ResponseReceived):
            response = event.response
            status = response.status
            if status == 100:
                return False
            try:
                data = response.forward(via=self._vias[branch] if self._vias else self.via)
            except ParseError:
                status = 502 if status >= 200 else 0
            if status < 300:
                if data is not None:
                    self._pass_on(branch, data, status, now)
                return False
            if status in _CHALLENGES:
                self._challenges += ((data, _fields_of(response)),)
        elif isinstance(event, TimedOut):
            status = 487 if self.is_cancelled else 408
        else:
            status = 503
        if branch not in self._waiting:  # such as a failure to send an ACK
            return False
        self._waiting.remove(branch)
        if self._best is None or _rank(status, data) < _rank(*self._best):
            self._best = status, data
        if status >= 600:
            self.cancel(now)
        if self._waiting or not self.server.is_pending:
            return False
        if self.is_cancelled:
            self.finish(now)
            return False
        return True

    def finish(self, now: float) -> None:
        """Send the best final response up, unless one was sent, and cancel the other branches.

        It is a 6xx if there is one, or else of the lowest class.  A 401 or 407 has the challenges
        of the others too, a 503 becomes a 500, and what timed out is a 408 (16.7 steps 6 and 7).  A
        request other than INVITE that timed out is not answered (RFC 4320 4.2).
        """
        server, request = self.server, self.server.request
        if request is None:
            return
        status, data = self._best or (408, None)
        if status == 408 and data is None and server.method != "INVITE":
            return
        try:
            if data is None or status == 503:
                made = 500 if status == 503 else status
                data = bytes(request.reply(made, source=source_of(server.path)))
            elif status in _CHALLENGES:
                data = self._with_challenges(data)
        except ParseError:  # a request that nobody can answer
            return
        server.respond(data, now)
        self._best, self._challenges = None, ()
        self.cancel(now)

    def _pass_on(self, branch: Any, data: bytes, status: int, now: float) -> None:
        """Send a response up at once; the first 2xx of a branch cancels the others."""
        server = self.server
        if not server.respond(data, now) and status >= 200 and server.method == "INVITE":
            # the caller must hear of each party that answers, even after the transaction
            server._layer._out.append((data, server.path))
        if status >= 200 and branch in self._waiting:
            self._waiting.remove(branch)
            self.cancel(now)

    def _with_challenges(self, data: bytes) -> bytes:
        """A 401 or 407 with the challenges of the others, unless that is too much."""
        parse = self.server._layer._parse
        lists = [fields for other, fields in self._challenges if other is not data]
        if not 0 < sum(map(len, lists)) <= _MOST_CHALLENGES:
            return data
        try:
            draft = parse(data).edit()
            for fields in lists:
                for name, value in fields:
                    draft.append(name, value)
            return bytes(parse(bytes(draft)))  # raises beyond the usual limits
        except ParseError:
            return data


def _fields_of(response: Response) -> list[tuple[str, str]]:
    """The challenges of a response, by the names of their fields."""
    headers = response.headers
    return [(name, value) for name in _CHALLENGE_FIELDS for value in headers.getall(name, ())]


def _rank(status: int, data: bytes | None) -> tuple[int, bool, bool, bool]:
    """The lower, the better."""
    kind = 0 if status >= 600 else status // 100
    return kind, status not in _HELPFUL, data is None, status == 503
