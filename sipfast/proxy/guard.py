"""A rate limit for each source, in memory that is fixed (token buckets).

Each source belongs to two buckets of a table, chosen by a keyed hash.  A message takes a token from
both and passes if either has one, so:

- No source passes more than ``burst + rate * seconds`` messages.  Nothing is evicted, so a flood
  from forged addresses cannot lift the limit of a flooder.
- Whoever shares a bucket with a flooder still has the other one.  Both are shared with the same
  flooder about once in ``most**2 / 2`` sources.
- A flood from forged addresses spreads over all buckets and slows others down only above about
  ``most * rate / 2`` messages a second.  Below that it passes: an address that was never seen
  before has its tokens.  Only an answer that the source must repeat, such as a nonce, stops it.
"""

from __future__ import annotations

import os
import socket
import sys

__all__ = ["RateLimit"]

_HALF = sys.hash_info.width // 2
_MAPPED = bytes(10) + b"\xff\xff"
"""The start of an IPv4 address that is written as IPv6."""


class RateLimit:
    """At most `rate` messages a second from a source, and `burst` of them at once.

    A source is an IPv4 address or the /64 network of an IPv6 address.  `most` is the number of
    buckets, a power of two: at most 32 bytes each.

    >>> limit = RateLimit(rate=10, burst=2)
    >>> [limit.allow("192.0.2.7", now) for now in (0.0, 0.0, 0.0, 0.1)]
    [True, True, False, True]
    """

    __slots__ = ("_full_at", "_latest", "_mask", "_salt", "_seconds", "_span", "burst", "rate")

    def __init__(self, rate: float, burst: float, most: int = 65_536) -> None:
        if not 0 < rate <= 1e9:
            raise ValueError("rate must be above 0 and up to 1e9")
        if not 1 <= burst <= 1e9:
            raise ValueError("burst must be from 1 to 1e9")
        if not 2 <= most <= 1 << 24 or most & (most - 1):
            raise ValueError("most must be a power of two from 2 to 16777216")
        self.rate = rate
        self.burst = burst
        self._seconds = 1 / rate
        self._span = burst / rate
        # The last moment at which a bucket that is full again at that moment has a token.
        self._latest = self._span - self._seconds * (1 - 1e-9)
        self._full_at = [float("-inf")] * most
        self._mask = most - 1
        self._salt = os.urandom(16)

    def allow(self, source: str | bytes, now: float) -> bool:
        """Whether a message from this source passes at this time, in seconds of any clock.

        `source` is an IP address, as text without brackets or packed (4 or 16 bytes).
        """
        if isinstance(source, str):
            source = network(source)
        elif len(source) == 16:
            source = source[12:] if source.startswith(_MAPPED) else source[:8]
        bits = hash(self._salt + source)
        first, second = bits & self._mask, (bits >> _HALF) & self._mask
        full_at = self._full_at
        one, other = full_at[first], full_at[second]
        latest = now + self._latest
        if one > latest and other > latest:
            return False
        empty = now + self._span
        one = (one if one > now else now) + self._seconds
        other = (other if other > now else now) + self._seconds
        full_at[first] = one if one < empty else empty
        full_at[second] = other if other < empty else empty
        return True

    def __repr__(self) -> str:
        return f"RateLimit(rate={self.rate}, burst={self.burst}, most={len(self._full_at)})"


def network(host: str) -> bytes:
    """What an IP address is counted by: 4 bytes, or the 8 of a /64.  Raises ValueError."""
    try:
        if ":" not in host:
            return socket.inet_pton(socket.AF_INET, host)
        address = socket.inet_pton(socket.AF_INET6, host.partition("%")[0])
    except OSError:
        raise ValueError("source must be an IP address") from None
    return address[12:] if address.startswith(_MAPPED) else address[:8]
