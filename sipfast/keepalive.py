"""The keep-alives of a stream (RFC 5626 4.4.1), events of `sipfast.Stream`."""

from __future__ import annotations

__all__ = ["PING", "PONG", "Ping", "Pong"]


class Ping:
    """A double CRLF between messages: send `response` at once."""

    __slots__ = ()

    response = b"\r\n"
    """The CRLF that answers it."""

    def __repr__(self) -> str:
        return "Ping()"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))


class Pong:
    """A single CRLF between messages: the answer to a ping, to which nothing is sent.

    A ping that arrives in two pieces is seen as a `Pong` first and then as a `Ping`.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "Pong()"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))


PING = Ping()
PONG = Pong()
