"""The pure twin of `packets.pyx`: what a capture remembers of its messages and connections.

Without `Walk` and `Copies`, `sipfast/capture/packets.py` reads every packet.
"""

from __future__ import annotations

import mmap
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

__all__ = ["Flows", "Recent"]

_Key = tuple[bytes, int, bytes, int]

_SOON = 5_000_000


class Recent:
    """The last messages of a capture, each with its time: whether one came a moment before."""

    __slots__ = ("_most", "_times")

    def __init__(self, most: int) -> None:
        self._most = most
        self._times: dict[int, int] = {}

    def holds(
        self,
        now: int | None,
        source: bytes | None,
        source_port: int | None,
        destination: bytes | None,
        destination_port: int | None,
        payload: bytes | memoryview | mmap.mmap,
    ) -> bool:
        """Whether these bytes went from here to there a moment before; they are remembered."""
        if now is None:
            return False
        key = hash((source, source_port, destination, destination_port, payload))
        times = self._times
        before = times.get(key)
        if before is not None and before - _SOON <= now <= before + _SOON:
            return True
        times[key] = now
        if len(times) >= self._most:
            self._times = dict([*times.items()][self._most // 2 :])
        return False


class Flows:
    """Connections by their addresses and ports, in the order of their last segments.

    Attributes:
        size: bytes that the connections take in memory.
    """

    __slots__ = ("_connections", "size")

    def __init__(
        self, make: Callable[[_Key], Any], most: int, most_bytes: int, bytes_of_one: int
    ) -> None:
        self._connections: OrderedDict[_Key, Any] = OrderedDict()
        self.size = 0

    def __len__(self) -> int:
        return len(self._connections)

    def get(self, key: _Key) -> Any:
        """The connection between two ends, as it is now; None without one."""
        return self._connections.get(key)

    def oldest(self) -> Any:
        """The connection that was quiet for the longest; None without any."""
        return next(iter(self._connections.values()), None)

    def drop_idle(self) -> None:
        """The compiled twin removes the oldest connections of which Python has no object."""

    def add(self, key: _Key, connection: Any) -> None:
        """Add the connection between two ends, of which there is none."""
        if key in self._connections:
            raise ValueError("a connection is there")
        self._connections[key] = connection

    def remove(self, key: _Key) -> None:
        """Remove the connection between two ends, if there is one."""
        self._connections.pop(key, None)

    def touch(self, key: _Key) -> None:
        """Make a connection the newest."""
        if key in self._connections:
            self._connections.move_to_end(key)

    def keep(self, key: _Key, one: int, other: int) -> None:
        """The compiled twin reads on in C from these numbers, where a message begins; -1: not."""
