"""Pseudonyms: the same value has the same one wherever it stands, in every file, by the key alone.

All of them are made of letters, digits and a few marks, so that none can end a line, a quoted
string or a parameter.
"""

from __future__ import annotations

import re
import socket
from binascii import b2a_base64
from collections.abc import Callable, Sequence

from .addresses import Addresses
from .digits import MOST, Numbers
from .key import keyed
from .words import COOKIE, HOSTS, USERS

__all__ = ["Memo", "Pseudonyms"]

_NUMBER = re.compile(r"\+?[-.() 0-9*#]+", re.ASCII)
_DIGITS = re.compile("[0-9]+", re.ASCII)
_IPV4 = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}", re.ASCII)
_HOST = re.compile(r"[-_.0-9A-Za-z]+|\[?[0-9A-Fa-f:.]+(?:%[^\]]*)?\]?", re.ASCII)
_LONGEST_NAME = 255
_TOP = "invalid"
"""The top-level domain of every pseudonym, which has no real hosts (RFC 2606)."""

_LETTERS = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ+/", b"abcdefghijklmnopqrstuvwxyzxq")

_LONGEST_KEY = 128


class Memo(dict[str, str]):
    """What a function returned, by its argument: bounded in number and size."""

    most = 16_384

    def __init__(self, make: Callable[[str], str]) -> None:
        self._make = make

    def __missing__(self, key: str) -> str:
        made = self._make(key)
        if len(key) <= _LONGEST_KEY:
            if len(self) >= self.most:
                self.clear()
            self[key] = made
        return made


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


class Pseudonyms:
    """The pseudonyms of one key.

    Each method takes the text of a value, without quotes and escapes.
    """

    def __init__(self, key: bytes, keep_prefix: int | Sequence[str] = 0) -> None:
        self._prf = keyed(key)
        self._numbers = Numbers(self._prf, keep_prefix)
        self._addresses = Addresses(self._prf)
        self.identifier = Memo(self._identifier).__getitem__
        self.call_id = Memo(self._call_id).__getitem__
        self.branch = Memo(self._branch).__getitem__
        self.host = Memo(self._host).__getitem__
        self.user = Memo(self._user).__getitem__
        self.name = Memo(self._name).__getitem__
        self._digits = Memo(self._numbers).__getitem__

    def letters(self, kind: str, text: str, size: int) -> str:
        """Small letters and digits for a text of a kind, at most 40: about five bits each."""
        made = self._prf(kind.encode() + b"\0" + _bytes(text))
        return b2a_base64(made)[:size].translate(_LETTERS).decode()

    # ---- identifiers ----

    def _identifier(self, text: str) -> str:
        """A tag, a branch, an entity tag: what only has to be equal or not."""
        return self.letters("identifier", text, 20)

    def _branch(self, text: str) -> str:
        """A branch, which keeps the cookie of RFC 3261."""
        if text[: len(COOKIE)].lower() == COOKIE.lower():
            return COOKIE + self._identifier(text[len(COOKIE) :])
        return self._identifier(text)

    def _call_id(self, text: str) -> str:
        """A Call-ID, with the host of its second half."""
        word = self._identifier(text)
        host = text.rpartition("@")[2]
        if len(host) < len(text) and _HOST.fullmatch(host):
            return f"{word}@{self.host(host)}"
        return word

    def digest(self, text: str, size: int) -> str:
        """Hexadecimal digits, as many as asked for, up to 64."""
        return self._prf(b"digest\0" + _bytes(text)).hex()[:size]

    def uuid(self, text: str) -> str:
        """A UUID."""
        made = self.digest(text.lower(), 32)
        return "-".join((made[:8], made[8:12], made[12:16], made[16:20], made[20:]))

    def session(self, text: str) -> str:
        """The half of a Session-ID (RFC 7989); the null one stays."""
        return text if not text.strip("0") else self.digest(text.lower(), 32)

    # ---- numbers ----

    def number(self, text: str) -> str | None:
        """The pseudonym of a telephone number, with its marks where they are; None for others.

        The marks do not count: ``+44 20`` and ``4420`` have the same digits.  Those around ``*``
        and ``#`` are numbers of their own.
        """
        if not _NUMBER.fullmatch(text):
            return None
        if "*" in text or "#" in text:
            runs = _DIGITS.findall(text)
            if not runs or max(map(len, runs)) > MOST:
                return None
            return _DIGITS.sub(lambda run: self._digits(run[0]), text)
        digits = "".join(_DIGITS.findall(text))
        if not digits or len(digits) > MOST:
            return None
        made = self._digits(digits)
        if len(digits) == len(text):
            return made
        following = iter(made)
        return "".join([next(following) if char.isdigit() else char for char in text])

    def counter(self, text: str) -> str:
        """A number that counts on from any start: its last three digits stay."""
        if len(text) <= 3:
            return text
        return self._numbers.permuted(text[:-3], "counter") + text[-3:]

    # ---- parties ----

    def _user(self, text: str) -> str:
        """A user: an address or a number stays one."""
        if text in USERS:
            return text
        if _IPV4.fullmatch(text):
            return self.host(text)
        return self.number(text) or "u" + self.letters("user", text, 9)

    def _name(self, text: str) -> str:
        """A display name."""
        text = text.strip()
        if text in USERS:
            return text.lower()
        if _IPV4.fullmatch(text):
            return self.host(text)
        return self.number(text) or "name-" + self.letters("name", text, 8)

    # ---- hosts ----

    def _host(self, text: str) -> str:
        """A host name or an address; IPv6 with brackets if it had them."""
        made = self.address(text)
        if made is None:
            return self._domain(text)
        return f"[{made}]" if text.startswith("[") else made

    def address(self, text: str) -> str | None:
        """An address without brackets; None for another text."""
        bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
        family = socket.AF_INET6 if ":" in bare else socket.AF_INET
        if family == socket.AF_INET and not _IPV4.fullmatch(bare):
            return None
        try:
            packed = socket.inet_pton(family, bare.partition("%")[0])
        except (OSError, ValueError):
            return None
        return socket.inet_ntop(family, self._addresses(packed))

    def _domain(self, text: str) -> str:
        """A host name with as many labels; names below one domain stay below one."""
        name = text.lower().rstrip(".")
        if name in HOSTS:
            return name
        labels = name.split(".") if len(name) <= _LONGEST_NAME else [name]
        made = []
        suffix = ""
        for label in reversed(labels):
            suffix = f"{label}.{suffix}"
            if label:
                made.append("h" + self.letters("domain", suffix, 9))
        if len(made) > 1:
            made[0] = _TOP
        return ".".join(reversed(made)) or _TOP
