"""What an endpoint counts."""

from __future__ import annotations

__all__ = ["Counters"]


class Counters:
    """What an endpoint has counted since it was made; only numbers, which go up.

    >>> counters = Counters()
    >>> counters.received += 1
    >>> counters.received, counters.sent, dict(counters)["received"]
    (1, 0, 1)
    """

    __slots__ = (
        *("received", "sent", "dropped", "undelivered", "keepalives"),
        *("refused", "limited", "failed", "busy"),
        *("accepted", "opened", "turned_away", "timed_out", "idled_out", "slow", "unreachable"),
        "misframed",
    )

    received: int
    """Messages that arrived, and over UDP all datagrams."""
    sent: int
    """Messages that were given to the system."""
    dropped: int
    """Datagrams that were not sent because the socket's buffer was full."""
    undelivered: int
    """Messages that had nowhere to go, or that the system refused to send."""
    keepalives: int
    """Keep-alives that arrived."""
    refused: int
    """Messages that could not be parsed, or must not be forwarded."""
    limited: int
    """Errors that were not sent: too many for their source, or longer than the request."""
    failed: int
    """Messages whose handler raised."""
    busy: int
    """Messages that were dropped because too many handlers or look-ups of names were waiting."""
    accepted: int
    """Connections that peers opened."""
    opened: int
    """Connections that this side opened."""
    turned_away: int
    """Connections that were one too many."""
    timed_out: int
    """Connections closed with half a handshake or half a message, or without a first message."""
    idled_out: int
    """Connections closed because they were idle."""
    slow: int
    """Connections closed because the peer read too slowly."""
    unreachable: int
    """Connections that could not be opened, or whose certificate proved another name."""
    misframed: int
    """Streams that could not be taken apart."""

    def __init__(self) -> None:
        for name in Counters.__slots__:
            setattr(self, name, 0)

    def keys(self) -> tuple[str, ...]:
        """The names of all counters."""
        return Counters.__slots__

    def __getitem__(self, name: str) -> int:
        if name not in Counters.__slots__:
            raise KeyError(name)
        count: int = getattr(self, name)
        return count

    def __repr__(self) -> str:
        counted = (f"{name}={count}" for name, count in dict(self).items() if count)
        return f"Counters({', '.join(counted)})"
