"""The addresses of host names, looked up while messages wait."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from time import monotonic

__all__ = ["Names", "Resolve", "is_address"]

Resolve = Callable[[str, "int | None", str], Awaitable["tuple[str, int]"]]
"""Finds the IP address and port for a host, a port and a transport (RFC 3263); OSError for none."""
Key = tuple[str, "int | None", str]
Address = tuple[str, int]

_MOST = 1024
_MOST_MESSAGES = 64
_KEPT, _KEPT_LACK = 60.0, 5.0
"""The seconds for which an address, and the lack of one, are known."""


class Names:
    """A bounded cache of what was looked up, and the messages that wait for it."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._known: dict[Key, tuple[float, Address | None]] = {}
        self._waiting: dict[Key, list[bytes]] = {}

    def find(self, key: Key) -> Address | None:
        """The address, if it is known.  Raises LookupError if there is none, as far as known."""
        until, address = self._known.get(key, (0.0, None))
        if until < monotonic():
            return None
        if address is None:
            raise LookupError(f"{key[0]} has no address")
        return address

    def wait(self, key: Key, data: bytes) -> bool | None:
        """Have a message wait; None if `look_up` is to be called, False if too much waits."""
        waiting = self._waiting.get(key)
        if waiting is not None and len(waiting) < _MOST_MESSAGES:
            waiting.append(data)
            return True
        if waiting is not None or len(self._waiting) >= _MOST:
            return False
        self._waiting[key] = [data]
        return None

    async def look_up(self, key: Key) -> tuple[Address | None, list[bytes]]:
        """The address, and the messages that waited for it."""
        address = None
        try:
            address = await self._resolve(*key)
        except (OSError, UnicodeError):  # UnicodeError: a host that none can have
            pass
        finally:
            waiting = self._waiting.pop(key)
        if len(self._known) >= _MOST:
            self._known.clear()
        kept = _KEPT_LACK if address is None else _KEPT
        self._known[key] = monotonic() + kept, address
        return address, waiting


def is_address(host: str) -> bool:
    """Whether a host is an IP address, without brackets."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.inet_pton(family, host.partition("%")[0])
    except (OSError, ValueError):
        return False
    return True


async def system_address(host: str, port: int, family: int, kind: int) -> Address:
    """The first address that the system's resolver knows for a host."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, family=family, type=kind)
    return str(found[0][4][0]), port
