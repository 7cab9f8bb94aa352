"""Repeated messages: windows of numbers with their times, and the numbers of what may repeat."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from sipfast.keys import TransactionKey

__all__ = ["Window", "number_of_path", "number_of_text", "plain_key", "text_of_key"]


class Window:
    """The numbers that came within a time, up to so many, each with its time."""

    __slots__ = ("_most", "_times", "_window")

    def __init__(self, nanoseconds: int, most: int) -> None:
        if most < 1:
            raise ValueError("most must be at least 1")
        self._window = max(nanoseconds, -1)
        self._most = most
        self._times: OrderedDict[int, int] = OrderedDict()

    def holds(self, number: int, now: int) -> bool:
        """Whether the number came within the window; else it is remembered with the time `now`."""
        times = self._times
        before = times.get(number)
        # Captures merged from several interfaces go back in time by a little.
        if before is not None and abs(now - before) <= self._window:
            return True
        times[number] = now
        times.move_to_end(number)
        oldest = now - max(self._window, 0)
        while len(times) > self._most or times[next(iter(times))] < oldest:
            times.popitem(last=False)
        return False


def number_of_path(path: bytes) -> int:
    """The number of a path, by bytes that say which it is."""
    return hash(path)


def number_of_text(path: int, text: Any) -> int:
    """The number of bytes on a path."""
    return hash((path, bytes(text)))


def text_of_key(key: Any) -> bytes:
    """The text of a retransmission key: each is that of one key only."""
    transaction, what, to_tag, rseq = key
    if type(transaction) is not TransactionKey:
        return b"\n" + repr(key).encode("utf-8", "surrogateescape")
    parts = (
        *(*transaction, what if isinstance(what, str) else f"#{what:03}"),
        *("" if to_tag is None else f"={to_tag}", "" if rseq is None else f"={rseq}"),
    )
    return "\n".join(parts).encode("utf-8", "surrogateescape")


def plain_key(message: Any, has_room: bool = False) -> bytes | None:
    """The same of the key of a message as C reads it; None where that is not plain.

    Interpreted, none is.
    """
    return None
