"""Messages that a capture holds more than once: retransmissions, and copies by a mirror port."""

from __future__ import annotations

import socket
from typing import Any, Literal

from .. import Message, ParseError
from .._engine import ENGINE, Engine
from .base import Record

_TRANSPORTS = {None: 0, "UDP": 1, "TCP": 2, "SCTP": 3, "WS": 4, "TLS": 5}
"""As `packets.h` numbers them."""

#: Why a message repeats an earlier one.
Repeat = Literal["duplicate", "retransmission"]


class Repeats:
    """Tells the repeated messages of a capture from the first ones.

        repeats = Repeats()
        for datagram in capture:
            message = sipfast.parse(datagram.data)
            if repeats.of(datagram, message) is None:
                first_of_its_kind(message)

    A duplicate is a datagram with the same bytes, addresses and ports as another one up to `mirror`
    seconds before. Mirror ports that copy both directions of a switch port, and captures on
    several interfaces, show each packet twice; no sender repeats itself so soon. A retransmission
    is a message with the `retransmission_key` of another one, between the same addresses and
    ports, up to `window` seconds before; the default is 64*T1, after which every transaction of
    RFC 3261 has ended. Both times begin with the first of equal messages.

    Memory is bounded: up to `most` messages of the last `window` seconds are remembered, by hashes
    of 64 bits. With more messages within that time, the oldest are forgotten, and what repeats
    them counts as a first message. The cost of a message is constant.
    """

    __slots__ = ("_wire", "datagrams", "messages")

    def __init__(
        self,
        *,
        window: float = 32.0,
        mirror: float = 0.005,
        most: int = 131_072,
        engine: Engine = ENGINE,
    ) -> None:
        self._wire = engine.module("wire.repeats")
        #: The windows, in which the native engine looks itself where a message is plain.
        self.datagrams: Any = self._wire.Window(int(mirror * 1e9), most)
        self.messages: Any = self._wire.Window(int(window * 1e9), most)

    def of(self, datagram: Record, message: Message | None) -> Repeat | None:
        """What `datagram` is to those before it; None for a first message.

        Call it once for each datagram, in their order. `message` is its parsed payload, or None if
        that is unparsable: only a duplicate is detected then, as for a message whose key is
        malformed. Without a timestamp, as in a file of messages, the answer is None.
        """
        now = datagram.time_ns
        if now is None:
            return None
        wire = self._wire
        path = wire.number_of_path(_path_of(datagram))
        if self.datagrams.holds(wire.number_of_text(path, datagram.data), now):
            return "duplicate"
        if message is None:
            return None
        try:
            key = message.retransmission_key
        except ParseError:
            return None
        number = wire.number_of_text(path, wire.text_of_key(key))
        return "retransmission" if self.messages.holds(number, now) else None


def _path_of(record: Record) -> bytes:
    """The bytes of the path of a record; those of `of_path` in `wire/repeats.pyx` where it can."""
    source, source_port, destination, destination_port, transport = path = record[4:9]
    number = _TRANSPORTS.get(transport)
    if number is not None and source and destination:
        family = socket.AF_INET6 if ":" in source else socket.AF_INET
        try:
            packed = [socket.inet_pton(family, text) for text in (source, destination)]
        except (OSError, ValueError):
            packed = []
        if [socket.inet_ntop(family, one) for one in packed] == [source, destination]:
            kind = bytes((4 if family == socket.AF_INET else 6, number))
            ports = b"".join(
                (port or 0).to_bytes(2, "big") for port in (source_port, destination_port)
            )
            return kind + ports + b"".join(one.ljust(16, b"\0") for one in packed)
    return repr(path).encode("utf-8", "surrogatepass")
