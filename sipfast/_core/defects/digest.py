"""What a Digest must say: its challenges (RFC 7616 3.3) and the credentials (RFC 7616 3.4).

What AKA (RFC 3310) leaves empty or out is its own, and so is what other schemes have.
"""

from __future__ import annotations

from ..values.auth import Credentials, SchemeValue
from .parameters import Found, place_of

__all__ = ["check_digest"]

_CHALLENGE = ("realm", "nonce")
_CREDENTIALS = ("username", "realm", "nonce", "uri", "response")
_WITH_QOP = ("cnonce", "nc")


def check_digest(value: SchemeValue, faults: Found) -> None:
    """Report the parameters that a challenge or credentials must have and have not."""
    if value.scheme.lower() != "digest" or (value.algorithm or "").lower().startswith("akav"):
        return
    needed: tuple[str, ...] = _CHALLENGE
    if isinstance(value, Credentials):
        needed = _CREDENTIALS
        if value._parameter("qop") is not None:
            needed += _WITH_QOP
    for name in needed:
        if value._parameter(name) is None and not _is_extended(value, name):
            faults.append((f"digest-{name}-missing", place_of(value)))


def _is_extended(value: SchemeValue, name: str) -> bool:
    """RFC 7616 3.4: ``username*`` stands for a username that a quoted string cannot say."""
    return name == "username" and value._parameter("username*") is not None
