"""The required parameters of Digest challenges (RFC 7616 3.3) and credentials (RFC 7616 3.4).

AKA (RFC 3310) may leave parameters empty or out; other schemes are not checked.
"""

from __future__ import annotations

from ..values.auth import Credentials, SchemeValue
from .parameters import Found, place_of

__all__ = ["check_digest"]

_CHALLENGE = ("realm", "nonce")
_CREDENTIALS = ("username", "realm", "nonce", "uri", "response")
_WITH_QOP = ("cnonce", "nc")


def check_digest(value: SchemeValue, faults: Found) -> None:
    """Report the missing parameters of a challenge or of credentials."""
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
    """RFC 7616 3.4: ``username*`` replaces a username that a quoted string cannot represent."""
    return name == "username" and value._parameter("username*") is not None
