"""The key: read from a file, made new, and stretched to the functions that need one."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat

__all__ = ["LEAST", "KeyFault", "is_open_to_others", "keyed", "new_key", "read_key"]

LEAST = 16
"""The bytes that a key has at least."""
_MOST = 4096
_NEW = 32
_BLOCK = 64
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class KeyFault(ValueError):
    """A key that is too short, or too long for a key."""


def read_key(path: str | os.PathLike[str]) -> bytes:
    """The key in a file, without white space around it. Raises OSError, or KeyFault."""
    with open(path, "rb") as file:
        key = file.read(_MOST + 1).strip()
    return checked(key)


def checked(key: bytes) -> bytes:
    """The key, if it has a fit size. Raises KeyFault."""
    if len(key) < LEAST:
        raise KeyFault(f"the key has {len(key)} bytes; it needs {LEAST} or more")
    if len(key) > _MOST:
        raise KeyFault(f"the key has more than {_MOST} bytes")
    if len(set(key)) < LEAST // 4:
        raise KeyFault("the key repeats the same few bytes")
    return key


def new_key(path: str | os.PathLike[str]) -> bytes:
    """Write a random key to a new file that only its owner can read. Raises OSError."""
    key = secrets.token_hex(_NEW).encode()
    descriptor = os.open(path, _FLAGS, stat.S_IRUSR | stat.S_IWUSR)
    with open(descriptor, "wb") as file:
        file.write(key + b"\n")
    return key


def is_open_to_others(path: str | os.PathLike[str]) -> bool:
    """Whether the group or all others may read the file, or write to it."""
    if os.name != "posix":
        return False
    return bool(stat.S_IMODE(os.stat(path).st_mode) & 0o066)


class keyed:  # noqa: N801  # a function with a state
    """HMAC-SHA256 (RFC 2104) with a key: call it with bytes for 32 bytes.

    The state after the key is kept, which halves the time of `hmac.digest`.
    """

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        if len(key) > _BLOCK:
            key = hashlib.sha256(key).digest()
        key = key.ljust(_BLOCK, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key))

    def __call__(self, data: bytes) -> bytes:
        inner = self._inner.copy()
        inner.update(data)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()
