"""Digest: the hashes behind a challenge and its answer (RFC 7616 3.4, RFC 8760 2, RFC 3261 22.4).

Text is hashed as UTF-8, as SIP writes it; hashes are written in lower case, as the RFCs do.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from sipfast import _late

from ..octets import octets

__all__ = ["ALGORITHMS", "Algorithm", "algorithm_named", "ha1"]

_HASHES = {"SHA-512-256": "sha512_256", "SHA-256": "sha256", "MD5": "md5"}  # the strongest first
_PREFIXES = ("", "AKAv1-", "AKAv2-")  # RFC 3310, RFC 4169: the password comes from elsewhere
_LONGEST_KEPT = 256  # bytes


class Algorithm:
    """One algorithm of Digest: a hash, and whether the session's first nonces are part of HA1."""

    # So short a hash takes little more than the looking up of what makes it, so that is kept.
    __slots__ = ("_copy", "_hexdigest", "_last", "_make", "_update", "is_session")

    is_session: bool
    """Whether it is one of those that end in ``-sess`` (RFC 7616 3.4.2)."""

    def __init__(self, empty: Any, session: bool) -> None:
        self._make = _quick_md5() if empty.name == "md5" else None
        kind = type(empty if self._make is None else self._make())
        self._copy = empty.copy
        self._update = kind.update
        self._hexdigest = kind.hexdigest
        self.is_session = session
        self._last: tuple[bytes, str] = (b"", self.hex_of(b""))

    def hex(self, text: str) -> str:
        """The hash of a text, in hexadecimal digits."""
        return self.hex_of(octets(text))

    def hex_of(self, data: Any) -> str:
        """The hash of bytes, in hexadecimal digits."""
        if self._make is not None:
            hashing = self._make(data)
        else:
            hashing = self._copy()  # faster than to have one made by its name
            self._update(hashing, data)
        digits: str = self._hexdigest(hashing)
        return digits

    def hex_of_a2(self, data: bytes) -> str:
        """As `hex_of`, and kept till the next: all that register with one registrar share it.

        It is method and Request-URI, no secret.
        """
        last = self._last
        if last[0] == data:
            return last[1]
        digits = self.hex_of(data)
        if len(data) <= _LONGEST_KEPT:
            self._last = (data, digits)
        return digits

    def ha1(self, username: str, realm: str, password: Any) -> str:
        """H(username:realm:password), which a server can keep in place of the password."""
        secret = octets(password) if isinstance(password, str) else password
        return self.hex_of(b"%b:%b:%b" % (octets(username), octets(realm), secret))


def _quick_md5() -> Any:
    """The interpreter's own MD5: for texts so short it takes half the time of OpenSSL's."""
    try:
        return import_module("_md5").md5
    except ImportError:
        return None


def _available() -> dict[str, Any]:
    """Of each hash that this Python has, by its name in SIP, one of nothing."""
    found = {}
    for name, known_as in _HASHES.items():
        try:
            found[name] = _late.hashlib.new(known_as)
        except ValueError:  # a build of OpenSSL without it, or one that forbids it
            continue
    return found


_ALGORITHMS: dict[str, Algorithm] = {}
"""The algorithms by their names, as they are written and in lower case; empty until one is used."""

ALGORITHMS: tuple[str, ...]
"""The algorithms of Digest for which this Python has the hash, the strongest first."""


def __getattr__(name: str) -> Any:
    if name != "ALGORITHMS":
        raise AttributeError(name)
    return tuple([known + session for known in _available() for session in ("", "-sess")])


def _make_algorithms() -> None:
    for name, empty in _available().items():
        for session in ("", "-sess"):
            for prefix in _PREFIXES:
                algorithm = Algorithm(empty, session != "")
                known = f"{prefix}{name}{session}"
                _ALGORITHMS[known] = _ALGORITHMS[known.lower()] = algorithm


def algorithm_named(name: str | None) -> Algorithm | None:
    """The algorithm of this name in any case; None if it is not known, or its hash is not here.

    No name means MD5 (RFC 7616 3.3).  AKAv1-MD5 is known: what it calls the password is bytes.
    """
    if name is None:
        name = "MD5"
    if not _ALGORITHMS:
        _make_algorithms()
    return _ALGORITHMS.get(name) or _ALGORITHMS.get(str.lower(name))


def ha1(username: str, realm: str, password: str | bytes, algorithm: str = "MD5") -> str:
    """H(username:realm:password) in hexadecimal digits (RFC 7616 3.4.2).

    It is all that is needed to check, so keep it as safe as the password.  An algorithm and its
    ``-sess`` share it.  Raises ValueError where the algorithm is not known.
    """
    known = algorithm_named(algorithm)
    if known is None:
        raise ValueError(f"{algorithm!r} is not one of {', '.join(__getattr__('ALGORITHMS'))}")
    return known.ha1(username, realm, password)
