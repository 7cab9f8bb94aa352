"""Who may register and call: users in a file, proved by digest (RFC 3261 22, RFC 8760).

The file has a line `user:realm:algorithm:HA1` for each algorithm, never a password:

    python -m examples.proxy.accounts alice example.net >> users.txt
"""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

from sipfast import ParseError, Request, SipURI
from sipfast.auth import Challenge, Credentials, NonceCounts, Nonces, ha1

from .answer import Refused

__all__ = ["Accounts", "Digest", "lines_for"]

ALGORITHMS = ("SHA-512-256", "SHA-256", "MD5")
"""The best one first (RFC 8760 2.4)."""
_HA1_SIZE = {"SHA-512-256": 64, "SHA-256": 64, "MD5": 32}


class Accounts:
    """The users of each realm, with their HA1 for each algorithm."""

    def __init__(self, text: str = "") -> None:
        self._ha1: dict[tuple[str, str, str], str] = {}
        self._users: set[tuple[str, str]] = set()
        self._algorithms: dict[str, set[str]] = {}
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip() and not line.startswith("#"):
                self._add(line.strip(), number)

    @classmethod
    def load(cls, path: Path) -> Accounts:
        return cls(path.read_text())

    def _add(self, line: str, number: int) -> None:
        fields = line.rsplit(":", 3)
        if len(fields) != 4 or len(fields[3]) != _HA1_SIZE.get(fields[2]):
            raise ValueError(f"line {number} of the users is not user:realm:algorithm:HA1")
        user, realm, algorithm, hashed = fields
        self._ha1[user, realm, algorithm] = hashed.lower()
        self._users.add((user, realm))
        self._algorithms.setdefault(realm, set()).add(algorithm)

    def __len__(self) -> int:
        return len(self._users)

    def has(self, user: str | None, realm: str) -> bool:
        return (user, realm) in self._users

    def ha1(self, user: str, realm: str, algorithm: str) -> str | None:
        return self._ha1.get((user, realm, algorithm))

    def algorithms(self, realm: str) -> list[str]:
        """Those that some user of the realm has an HA1 for, the best one first."""
        known = self._algorithms.get(realm, set())
        return [algorithm for algorithm in ALGORITHMS if algorithm in known]


class Digest:
    """Challenges and their answers, without a store: a nonce carries its time and a proof."""

    def __init__(
        self, accounts: Accounts, secret: bytes, *, lifetime: float = 300.0, most: int = 100_000
    ) -> None:
        self.accounts = accounts
        self._nonces = Nonces(secret, lifetime)
        self._counts = NonceCounts(most)

    def user_of(self, request: Request, realm: str, *, proxy: bool = False) -> str:
        """The user who has signed the request; raises `Refused` with challenges otherwise."""
        stale = False
        for credentials in self._credentials(request, proxy):
            user, nonce = self._signer(request, credentials, realm), credentials.nonce or ""
            if user is None:
                continue
            # The password is right, so an old nonce, or a count used before, needs no new one.
            stale = True
            if self._nonces.check(nonce) == "fresh" and self._counts.accept(
                nonce, credentials.nc or 0
            ):
                return user
        raise self._challenge(realm, proxy, stale)

    @staticmethod
    def _credentials(request: Request, proxy: bool) -> tuple[Credentials, ...]:
        try:
            return request.proxy_authorization if proxy else request.authorization
        except ParseError as error:
            raise Refused(400, error.text) from None

    def _signer(self, request: Request, credentials: Credentials, realm: str) -> str | None:
        """The user whose password the credentials were made with, for this very request."""
        try:
            user, algorithm = credentials.username, (credentials.algorithm or "MD5").upper()
            if user is None or credentials.realm != realm or credentials.qop != "auth":
                return None
            known = self.accounts.ha1(user, realm, algorithm)
            # Somebody unknown costs as much time as a wrong password.
            is_right = credentials.check(ha1=known or "0" * 64, method=request.method)
            is_for_this = is_right and self._is_uri(credentials.uri or "", request)
        except ParseError:
            return None
        return user if known is not None and is_for_this else None

    @staticmethod
    def _is_uri(text: str, request: Request) -> bool:
        """Whether it is the Request-URI, which a proxy on the way may write otherwise (22.4)."""
        return text == request.uri_text or SipURI.parse(text).matches(request.uri)

    def _challenge(self, realm: str, proxy: bool, stale: bool) -> Refused:
        name = "Proxy-Authenticate" if proxy else "WWW-Authenticate"
        nonce = self._nonces.make()
        algorithms = self.accounts.algorithms(realm)
        if not algorithms:
            return Refused(403)
        return Refused(
            407 if proxy else 401,
            headers=[
                (name, str(Challenge.digest(realm, nonce=nonce, algorithm=each, stale=stale)))
                for each in algorithms
            ],
        )


def lines_for(user: str, realm: str, password: str) -> list[str]:
    """The lines of a user for the file."""
    if ":" in user or any(not text.isprintable() for text in (user, realm)):
        raise ValueError("a user has no colon, and both user and realm are printable")
    return [f"{user}:{realm}:{each}:{ha1(user, realm, password, each)}" for each in ALGORITHMS]


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit("usage: python -m examples.proxy.accounts USER REALM  (asks for the password)")
    password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    print(*lines_for(sys.argv[1], sys.argv[2], password), sep="\n")


if __name__ == "__main__":
    main()
