"""The location store in Redis, for proxies on several machines.

While Redis is away, a call fails within `timeout`, or at once after a first failure: one attempt
a moment finds out when it is back.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from .store import StoreDown

__all__ = ["RedisStore"]

_PREFIX = "sip:location:"
_REPLACE = """
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
if ARGV[2] == '' then redis.call('DEL', KEYS[1])
else redis.call('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3]) end
return 1
"""
_MOST_WAITING = 10_000


class RedisStore:
    """Look-ups that come while one is on its way wait, and go together as one MGET."""

    def __init__(self, url: str, *, timeout: float = 0.25, pause: float = 0.5) -> None:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=8,
            timeout=timeout,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 0),
        )
        self._redis = Redis.from_pool(pool)
        self._pause = pause
        self._down_until = 0.0
        self._waiting: dict[str, asyncio.Future[bytes]] = {}
        self._asking: asyncio.Task[None] | None = None

    def get(self, record: str) -> asyncio.Future[bytes]:
        self._check()
        record.encode()  # what is no text must not fail the others
        answer = self._waiting.get(record)
        if answer is None:
            if len(self._waiting) >= _MOST_WAITING:
                raise StoreDown("too many look-ups wait for Redis")
            answer = self._waiting[record] = asyncio.get_running_loop().create_future()
            if self._asking is None:
                self._asking = asyncio.create_task(self._ask())
        return asyncio.shield(answer)

    async def _ask(self) -> None:
        """Ask for all that is waited for, until nothing is."""
        try:
            while self._waiting:
                asked, self._waiting = self._waiting, {}
                try:
                    self._check()
                    found: Sequence[Any] = await self._redis.mget(
                        [_PREFIX + record for record in asked]
                    )
                except Exception as error:  # whatever it is, nobody waits for ever
                    down = self._failed(error)
                    for answer in asked.values():
                        if not answer.done():
                            answer.set_exception(down)
                            answer.exception()  # seen, even if nobody waits any more
                    continue
                for answer, value in zip(asked.values(), found, strict=True):
                    if not answer.done():
                        answer.set_result(bytes(value) if value else b"")
        finally:
            self._asking = None

    async def replace(self, record: str, old: bytes, new: bytes, expires: float) -> bool:
        self._check()
        until = int(expires * 1000)
        try:
            done = await self._redis.eval(_REPLACE, 1, _PREFIX + record, old, new, until)
        except (RedisError, OSError, asyncio.TimeoutError) as error:
            raise self._failed(error) from error
        return bool(done)

    async def forget(self, now: float) -> int:
        """Redis drops what has ended by itself."""
        return 0

    async def close(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)
        await self._redis.aclose()

    def _check(self) -> None:
        if time.monotonic() < self._down_until:
            raise StoreDown("Redis is away")

    def _failed(self, error: BaseException) -> StoreDown:
        if isinstance(error, StoreDown):
            return error
        self._down_until = time.monotonic() + self._pause
        return StoreDown(f"Redis: {error}")
