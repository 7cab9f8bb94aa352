"""Messages that a capture holds more than once: retransmissions, and copies by a mirror port."""

from __future__ import annotations

from collections import OrderedDict
from typing import Literal

from .. import Message, ParseError
from .base import Record

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

    __slots__ = ("_datagrams", "_messages")

    def __init__(self, *, window: float = 32.0, mirror: float = 0.005, most: int = 131_072) -> None:
        if most < 1:
            raise ValueError("most must be at least 1")
        self._datagrams = _Recent(mirror, most)
        self._messages = _Recent(window, most)

    def of(self, datagram: Record, message: Message | None) -> Repeat | None:
        """What `datagram` is to those before it; None for a first message.

        Call it once for each datagram, in their order. `message` is its parsed payload, or None if
        that is unparsable: only a duplicate is detected then, as for a message whose key is
        malformed. Without a timestamp, as in a file of messages, the answer is None.
        """
        now = datagram.time_ns
        if now is None:
            return None
        path = datagram[4:9]
        if self._datagrams.holds(hash((path, bytes(datagram.data))), now):
            return "duplicate"
        if message is None:
            return None
        try:
            key = message.retransmission_key
        except ParseError:
            return None
        return "retransmission" if self._messages.holds(hash((path, key)), now) else None


class _Recent:
    """The numbers that came within the last `window` seconds, each with its time."""

    __slots__ = ("_most", "_times", "_window")

    def __init__(self, window: float, most: int) -> None:
        self._window = int(window * 1e9)
        self._most = most
        self._times: OrderedDict[int, int] = OrderedDict()

    def holds(self, number: int, now: int) -> bool:
        """Whether `number` came within the window; else it is remembered with the time `now`."""
        times = self._times
        before = times.get(number)
        # Captures merged from several interfaces go back in time by a little.
        if before is not None and abs(now - before) <= self._window:
            return True
        times[number] = now
        times.move_to_end(number)
        oldest = now - self._window
        while len(times) > self._most or times[next(iter(times))] < oldest:
            times.popitem(last=False)
        return False
