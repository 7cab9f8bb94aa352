"""Nonces: made and checked without a store, counted against replay, and those of AKA.

This module is independent of the engine.
"""

from __future__ import annotations

import base64
import hmac
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Literal, NamedTuple

__all__ = ["AkaNonce", "NonceCounts", "NonceState", "Nonces"]

NonceState = Literal["fresh", "stale", "foreign"]

_TIME, _RANDOM, _PROOF = 8, 9, 16  # bytes of a nonce: a multiple of 3, so base64 has one form
_SIGNED = _TIME + _RANDOM
_LENGTH = (_SIGNED + _PROOF) * 4 // 3
_LEAST_SECRET = 16


class Nonces:
    """Nonces that carry their time and a proof of their origin (RFC 7616 3.3).

    Every server with the secret can check them, without a store.
    """

    __slots__ = ("_clock", "_lifetime", "_secret")

    def __init__(
        self, secret: bytes, lifetime: float = 300.0, *, clock: Callable[[], float] = time.time
    ) -> None:
        """`secret` is at least 16 random bytes, `lifetime` is in seconds, `clock` returns seconds.

        Raises ValueError for a short secret and for a lifetime of 0 or below.
        """
        if len(secret) < _LEAST_SECRET:
            raise ValueError(f"the secret must have at least {_LEAST_SECRET} bytes")
        if not lifetime > 0:
            raise ValueError("the lifetime must be a positive number of seconds")
        self._secret = bytes(secret)
        self._lifetime = lifetime
        self._clock = clock

    @property
    def lifetime(self) -> float:
        """How long a nonce is fresh, in seconds."""
        return self._lifetime

    def make(self) -> str:
        """A new unique nonce: 44 characters of base64 (RFC 4648 4)."""
        now = int(self._clock() * 1000)
        signed = now.to_bytes(_TIME, "big") + secrets.token_bytes(_RANDOM)
        return base64.b64encode(signed + self._proof(signed)).decode()

    def check(self, nonce: str | None) -> NonceState:
        """The state of a nonce: fresh, stale (answer with ``stale=true``), or foreign."""
        if nonce is None or len(nonce) != _LENGTH:
            return "foreign"
        try:
            octets = base64.b64decode(nonce, validate=True)
        except ValueError:
            return "foreign"
        signed, proof = octets[:_SIGNED], octets[_SIGNED:]
        if not hmac.compare_digest(proof, self._proof(signed)):
            return "foreign"
        age = self._clock() - int.from_bytes(signed[:_TIME], "big") / 1000
        # With several servers, a nonce may come from a clock that is ahead.
        return "fresh" if abs(age) <= self._lifetime else "stale"

    def _proof(self, signed: bytes) -> bytes:
        return hmac.digest(self._secret, signed, "sha256")[:_PROOF]

    def __repr__(self) -> str:
        return f"<Nonces, fresh for {self._lifetime:g} s>"


class NonceCounts:
    """The counts seen for each nonce, each valid once (RFC 7616 3.4, ``nc``).

    Requests may overtake each other: for each nonce, the highest count and the 63 before it are
    tracked, and older ones are refused. The `limit` nonces used last are kept.
    """

    __slots__ = ("_limit", "_lock", "_seen")

    WINDOW = 64

    def __init__(self, limit: int = 100_000) -> None:
        """Choose `limit` above the number of nonces in use within a lifetime."""
        if limit < 1:
            raise ValueError("the limit must be at least one nonce")
        self._limit = limit
        self._seen: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._lock = threading.Lock()

    def accept(self, nonce: str, nc: int) -> bool:
        """Whether this count of this nonce is new; it is used from then on.

        Call this only after the credentials have been verified. Otherwise anybody could use up the
        counts of others.
        """
        if nc < 1:
            return False
        with self._lock:
            highest, seen = self._seen.get(nonce, (0, 0))
            back = highest - nc
            if back >= self.WINDOW or (back >= 0 and seen >> back & 1):
                return False
            if back < 0:
                highest, seen, back = nc, seen << min(-back, self.WINDOW), 0
            self._seen[nonce] = highest, (seen | 1 << back) & ((1 << self.WINDOW) - 1)
            self._seen.move_to_end(nonce)
            if len(self._seen) > self._limit:
                self._seen.popitem(last=False)
            return True

    def __len__(self) -> int:
        return len(self._seen)

    def __repr__(self) -> str:
        return f"<NonceCounts, {len(self)} of {self._limit} nonces>"


class AkaNonce(NamedTuple):
    """The contents of a nonce of AKAv1-MD5 or AKAv2-MD5 (RFC 3310 3.2)."""

    rand: bytes
    """The random challenge, 16 bytes."""
    autn: bytes
    """The token that authenticates the network, 16 bytes."""
    server_data: bytes
    """Additional data of the server; may be empty."""

    @classmethod
    def parse(cls, nonce: str) -> AkaNonce:
        """Read one from base64. Raises ValueError for malformed or short data."""
        octets = base64.b64decode(nonce, validate=True)
        if len(octets) < 32:
            raise ValueError("the nonce of AKA must have 32 bytes or more")
        return cls(octets[:16], octets[16:32], octets[32:])
