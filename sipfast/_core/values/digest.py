"""The hashes of Digest (RFC 7616 3.4, RFC 8760 2, RFC 3261 22.4).

Text is hashed as UTF-8, SIP's encoding; hashes are hexadecimal digits in lower case.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from sipfast import _late

from ..octets import octets

__all__ = ["ALGORITHMS", "Algorithm", "algorithm_named", "ha1"]

_HASHES = {"SHA-512-256": "sha512_256", "SHA-256": "sha256", "MD5": "md5"}  # the strongest first
_PREFIXES = ("", "AKAv1-", "AKAv2-")  # RFC 3310, RFC 4169: AKA supplies the password
_LONGEST_KEPT = 256  # bytes


class Algorithm:
    """A Digest algorithm: a hash, and whether HA1 includes the first nonces of the session."""

    # Looking up the hash constructor costs about as much as hashing a short text: keep it.
    __slots__ = ("_copy", "_hexdigest", "_last", "_make", "_update", "is_session")

    is_session: bool
    """Whether its name ends in ``-sess`` (RFC 7616 3.4.2)."""

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
            hashing = self._copy()  # faster than construction by name
            self._update(hashing, data)
        digits: str = self._hexdigest(hashing)
        return digits

    def hex_of_a2(self, data: bytes) -> str:
        """Like `hex_of`, with a cache of one entry: all clients of a registrar share it.

        The data is method and Request-URI, which are not secret.
        """
        last = self._last
        if last[0] == data:
            return last[1]
        digits = self.hex_of(data)
        if len(data) <= _LONGEST_KEPT:
            self._last = (data, digits)
        return digits

    def ha1(self, username: str, realm: str, password: Any) -> str:
        """H(username:realm:password), which a server can store in place of the password."""
        secret = octets(password) if isinstance(password, str) else password
        return self.hex_of(b"%b:%b:%b" % (octets(username), octets(realm), secret))


def _quick_md5() -> Any:
    """The interpreter's own MD5, which takes half the time of OpenSSL's on such short texts."""
    try:
        return import_module("_md5").md5
    except ImportError:
        return None


def _available() -> dict[str, Any]:
    """The hashes of this Python by their names in SIP, each an object over no data."""
    found = {}
    for name, known_as in _HASHES.items():
        try:
            found[name] = _late.hashlib.new(known_as)
        except ValueError:  # missing from this build of OpenSSL, or forbidden by its configuration
            continue
    return found


_ALGORITHMS: dict[str, Algorithm] = {}
"""The algorithms by name, as registered and in lower case; filled on first use."""

ALGORITHMS: tuple[str, ...]
"""The Digest algorithms that this Python supports, the strongest first."""


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
    """The algorithm of this name, in any case; None if it is unknown or its hash is missing.

    None as the name means MD5 (RFC 7616 3.3).  AKAv1-MD5 is known; its password is bytes.
    """
    if name is None:
        name = "MD5"
    if not _ALGORITHMS:
        _make_algorithms()
    return _ALGORITHMS.get(name) or _ALGORITHMS.get(str.lower(name))


def ha1(username: str, realm: str, password: str | bytes, algorithm: str = "MD5") -> str:
    """H(username:realm:password) in hexadecimal digits (RFC 7616 3.4.2).

    It suffices to check and to answer, so keep it as safe as the password.  An algorithm and its
    ``-sess`` variant share it.  Raises ValueError for an unknown algorithm.
    """
    known = algorithm_named(algorithm)
    if known is None:
        raise ValueError(f"{algorithm!r} is not one of {', '.join(__getattr__('ALGORITHMS'))}")
    return known.ha1(username, realm, password)
