"""`Relay`: what a proxy sends on without a decision, in one call a message.

A response goes back as our Via says, and a request along our Route as that says: the MACs in them
are enough.  All other messages are for the proxy's own code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sipfast.errors import ParseError
from sipfast.registry.header_names import HEADER_IDS

from ..wire import table as tables
from .forward import relay_request, relay_response
from .hop import Hop
from .message import Request, Response

__all__ = ["Relay"]

_ROUTE = HEADER_IDS["route"]


class Relay:
    """Forwards responses, and requests within a dialog of whose path `hop` is.

    `send(data, host, port)` sends a datagram, or returns False.  `otherwise(message, source)` gets
    every other message, and those with a fault, that leave by another transport, or that go to a
    name.  `mark` begins the tags of the proxy's own answers, whose ACK ends here; `connection` is
    noted in requests: see `Request.forward`.
    """

    __slots__ = ("_connection", "_hop", "_mark", "_otherwise", "_send")

    _hop: Hop
    _connection: int | None

    def __init__(
        self,
        hop: Hop,
        send: Callable[[bytes, str, int], bool],
        otherwise: Callable[[Any, Any], Any],
        mark: bytes,
        connection: int | None,
    ) -> None:
        self._hop, self._send, self._otherwise = hop, send, otherwise
        self._mark, self._connection = mark, connection

    def handle(self, message: Any, source: Any) -> Any:
        """Send the message on, or give it to `otherwise`, whose result is returned."""
        try:
            is_sent = self._relays(message, source)
        except ParseError:  # which is raised again, unless the sender is trusted
            is_sent = False
        return None if is_sent else self._otherwise(message, source)

    def _relays(self, message: Any, source: Any) -> bool:
        """Send the message on, if that needs no decision."""
        if isinstance(message, Response):
            made = relay_response(message, self._hop)
        elif not isinstance(message, Request) or tables.first(message, _ROUTE) < 0:
            return False
        else:
            if message.method == "ACK" and self._mark in message.raw:
                return False
            path, noted = self._hop, self._connection
            made = relay_request(message, None, path, source.address, None, noted, 0, False)
        data, where = made
        port = where[1]
        if where[3] is not None or where[2] != "UDP" or port is None:
            return False
        sent: bool = self._send(data, where[0], port)
        return sent
