"""The location service: bindings by address of record, out of a store, through a small cache."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable

from .answer import Refused
from .bindings import Bindings, decode, encode, live
from .store import Store, StoreDown

__all__ = ["Location"]

_ATTEMPTS = 5
_LATER = [("Retry-After", "5")]


class Location:
    """What is looked up again within a second comes from memory; so the store may be slow.

    While the store is away, what was looked up last still counts, until its bindings end.
    """

    def __init__(self, store: Store, *, fresh: float = 1.0, most: int = 10_000) -> None:
        self._store = store
        self._fresh = fresh
        self._most = most
        self._cache: OrderedDict[str, tuple[float, Bindings]] = OrderedDict()
        self.look_ups = 0
        self.failures = 0

    def find(self, record: str, now: float) -> Bindings | Awaitable[Bindings]:
        """The bindings that have not ended; raises `Refused` if that cannot be known."""
        cached = self._cache.get(record)
        if cached is not None and now < cached[0]:
            return live(cached[1], now) if cached[1] else ()
        self.look_ups += 1
        try:
            found = self._ask(record)
        except StoreDown:
            return self._remembered(record, now)
        if isinstance(found, bytes):
            return self._keep(record, decode(found), now)
        return self._find_later(record, found, now)

    def _ask(self, record: str) -> bytes | Awaitable[bytes]:
        try:
            return self._store.get(record)
        except UnicodeEncodeError:  # bytes that are no text, and so nobody's name
            raise Refused(404) from None

    async def _find_later(self, record: str, found: Awaitable[bytes], now: float) -> Bindings:
        try:
            return self._keep(record, decode(await found), now)
        except StoreDown:
            return self._remembered(record, now)

    async def change(
        self, record: str, now: float, change: Callable[[Bindings], Bindings]
    ) -> Bindings:
        """Replace the bindings by what `change` makes of them; raises what it raises."""
        try:
            for _ in range(_ATTEMPTS):
                found = self._ask(record)
                old = found if isinstance(found, bytes) else await found
                bindings = change(live(decode(old), now))
                new = encode(bindings)
                until = max([binding.expires for binding in bindings], default=now)
                if new == old or await self._store.replace(record, old, new, until):
                    return self._keep(record, bindings, now)
        except StoreDown:
            self.failures += 1
            raise Refused(500, "Location service unavailable", _LATER) from None
        raise Refused(500, "Too many changes at once", _LATER)

    async def forget(self, now: float) -> None:
        """Drop what has ended from the store."""
        try:
            await self._store.forget(now)
        except StoreDown:
            self.failures += 1

    async def close(self) -> None:
        await self._store.close()

    def _keep(self, record: str, bindings: Bindings, now: float) -> Bindings:
        self._cache[record] = now + self._fresh, bindings
        self._cache.move_to_end(record)
        if len(self._cache) > self._most:
            self._cache.popitem(last=False)
        return live(bindings, now)

    def _remembered(self, record: str, now: float) -> Bindings:
        self.failures += 1
        cached = self._cache.get(record)
        bindings = live(cached[1], now) if cached is not None else ()
        if not bindings:
            raise Refused(480, None, _LATER)
        return bindings
