"""Authentication: challenges, credentials and nonces, on the engine in use (RFC 3261 22).

>>> from sipfast.auth import Challenge
>>> challenge = Challenge.parse('Digest realm="example.com", nonce="84a4cc6f", qop="auth"')
>>> challenge.answer("bob", "zanzibar", "REGISTER", "sip:example.com").username
'bob'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._engine import ENGINE
from .nonces import AkaNonce, NonceCounts, Nonces, NonceState

if TYPE_CHECKING:
    from ._core.values.auth import AuthenticationInfo, Challenge, Credentials, choose
    from ._core.values.digest import ALGORITHMS, ha1
else:
    _auth, _digest = ENGINE.module("values.auth"), ENGINE.module("values.digest")
    AuthenticationInfo = _auth.AuthenticationInfo
    Challenge = _auth.Challenge
    Credentials = _auth.Credentials
    choose = _auth.choose
    ALGORITHMS = _digest.ALGORITHMS
    ha1 = _digest.ha1

__all__ = [
    "ALGORITHMS",
    "AkaNonce",
    "AuthenticationInfo",
    "Challenge",
    "Credentials",
    "NonceCounts",
    "NonceState",
    "Nonces",
    "choose",
    "ha1",
]
