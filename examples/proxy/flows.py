"""Which connection leads to a party of a dialog, for user agents that only a connection reaches.

A Contact such as `sip:bob@f81d.invalid;transport=ws` leads nowhere (RFC 7118 5).  So a dialog's
parties are remembered by Call-ID and tag, if their messages come by a connection.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from sipfast import Message, NextHop, Request
from sipfast.proxy import Source

__all__ = ["Flows"]

_OPENS_DIALOG = ("INVITE", "SUBSCRIBE", "REFER", "NOTIFY")


class Flows:
    """A bounded table: the parties heard of last.

    `is_open` tells whether the connection with a number is open.
    """

    def __init__(self, is_open: Callable[[int], bool], most: int = 20_000) -> None:
        self._is_open = is_open
        self._most = most
        self._flows: OrderedDict[tuple[str | None, str | None], NextHop] = OrderedDict()

    def learn(self, message: Message, source: Source, *, in_dialog: bool = False) -> None:
        """Note who has sent a message that was forwarded, if it came by a connection.

        Call-ID and tag are no secret: all phones that a call has rung know those of the caller.
        So a party keeps its connection while that is open, unless it sends a request by another one
        `in_dialog`, along a Route that we have signed.
        """
        cseq = message.cseq
        if source.connection is None or cseq is None or cseq.method not in _OPENS_DIALOG:
            return
        address = message.from_ if isinstance(message, Request) else message.to
        if address is None or address.tag is None:
            return
        party = message.call_id, address.tag
        known = self._flows.get(party)
        if known is not None and not in_dialog and self._is_other(known, source.connection):
            return
        self._flows[party] = NextHop(source.host, source.port, source.transport, source.connection)
        self._flows.move_to_end(party)
        if len(self._flows) > self._most:
            self._flows.popitem(last=False)

    def next_hop(self, request: Request) -> NextHop | None:
        """The way to the other party of a request's dialog; None for where its URI says."""
        if not self._flows or request.to is None:
            return None
        return self._flows.get((request.call_id, request.to.tag))

    def _is_other(self, known: NextHop, connection: int) -> bool:
        """Whether a party is reached by another connection, which is open."""
        number = known.connection
        return number is not None and number != connection and self._is_open(number)

    def __len__(self) -> int:
        return len(self._flows)
