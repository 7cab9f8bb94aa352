"""The response context of a stateful proxy: a request, its branches, and what goes back up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipfast import ParseError

from .events import ResponseReceived, TimedOut, TransportFailed
from .layer import source_of

if TYPE_CHECKING:
    from sipfast import Draft, Hop, Request, Response

    from .layer import ClientTransaction, ServerTransaction

__all__ = ["ResponseContext"]

_CHALLENGES = (401, 407)
_HELPFUL = (401, 407, 415, 420, 484)
"""What tells the sender how to try again is preferred (RFC 3261 16.7 step 6)."""
_CHALLENGE_FIELDS = ("WWW-Authenticate", "Proxy-Authenticate")


class ResponseContext:
    """The responses to one request that a proxy forwards to one target or several (16.7).

    `server` is the transaction of the request, and its `context` from then on; `via` is the `Hop`
    that forwarded it.  Provisional responses and each 2xx go up at once, other final ones when all
    branches have one, and then the best of them.  A 2xx and a 6xx cancel the other branches.

    A response that `Response.forward` refuses is dropped; a final one counts as a 502.
    """

    __slots__ = (
        *("_best", "_challenges", "_vias", "_waiting"),
        *("branches", "is_cancelled", "server", "via"),
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
        self._best: tuple[int, Response | None, Hop] | None = None
        self._vias: dict[Any, Hop] | None = None  # of branches with another hop
        self._challenges: tuple[Response, ...] = ()
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

        `via` is the hop that forwarded it, if that is another one than the context's, as for
        another transport.

        Raises as `Transactions.send` does, and ValueError after a CANCEL, a 2xx, a 6xx or the final
        response.
        """
        if self.is_cancelled or not self.server.is_pending:
            raise ValueError("a response context that is cancelled or finished has no new branches")
        layer = self.server._layer
        branch = layer.send(request, now, path=path, reliable=reliable, context=self)
        self.branches.append(branch)
        self._waiting.append(branch)
        if via is not None:
            self._vias = self._vias or {}
            self._vias[branch] = via
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
        response: Response | None = None
        via = self.via if self._vias is None else self._vias.get(branch, self.via)
        if isinstance(event, ResponseReceived):
            response = event.response
            status = response.status
            if status < 200:
                if status > 100:
                    self._pass_on(response, via, now)
                return False
            if status < 300:
                if self._pass_on(response, via, now):
                    if branch in self._waiting:
                        self._waiting.remove(branch)
                        self.cancel(now)
                    return False
                status, response = 502, None
        elif isinstance(event, TimedOut):
            status = 487 if self.is_cancelled else 408
        else:
            status = 503
        if branch not in self._waiting:  # such as a failure to send an ACK
            return False
        self._waiting.remove(branch)
        self._keep(status, response, via)
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
        status, response, via = self._best or (408, None, self.via)
        if status == 408 and response is None and server.method != "INVITE":
            return
        data: bytes | Response | None = None
        if status == 503:
            status = 500
        elif response is not None:
            data = self._forwarded(response, via)
            status = 502
        if data is None:
            try:
                data = request.reply(status, source=source_of(server.path))
            except ParseError:  # a request that nobody can answer
                return
        server.respond(data, now)
        self._best = None
        self._challenges = ()
        self.cancel(now)

    def _pass_on(self, response: Response, via: Hop, now: float) -> bool:
        """Send a response up at once; False if it is malformed or not ours."""
        try:
            data = response.forward(via=via)
        except ParseError:
            return False
        server = self.server
        is_sent = server.respond(data, now)
        if not is_sent and response.status >= 200 and server.method == "INVITE":
            # the caller must hear of each party that answers, even after the transaction
            server._layer._out.append((data, server.path))
        return True

    def _keep(self, status: int, response: Response | None, via: Hop) -> None:
        """Keep a final response if it is better than those before, and each challenge."""
        if response is not None and status in _CHALLENGES:
            self._challenges += (response,)
        if self._best is None or _rank(status, response) < _rank(*self._best[:2]):
            self._best = status, response, via

    def _forwarded(self, response: Response, via: Hop) -> bytes | None:
        """A final response as it goes up, with the challenges of the others; None if refused."""
        others = [other for other in self._challenges if other is not response]
        try:
            if response.status in _CHALLENGES and others:
                draft = response.edit()
                for name in _CHALLENGE_FIELDS:
                    for other in others:
                        for value in other.headers.getall(name, ()):
                            draft.append(name, value)
                message: Any = draft.message
                response = message
            return response.forward(via=via)
        except ParseError:
            return None


def _rank(status: int, response: Response | None) -> tuple[int, bool, bool, bool]:
    """The lower, the better."""
    kind = 0 if status >= 600 else status // 100
    return kind, status not in _HELPFUL, response is None, status == 503
