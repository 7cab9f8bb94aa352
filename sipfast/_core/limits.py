"""Limits on the size of a message."""

from __future__ import annotations

from typing import Any

from sipfast import _rebuild

__all__ = ["DEFAULT_LIMITS", "NO_LIMITS", "Limits"]

_MOST_BYTES = 2**31 - 1
_LONGEST_LINE = 2**23 - 1


class Limits:
    """The maximum sizes for `parse`, which raises `LimitExceeded` above them.

    `size`: bytes of a message (default 1 MiB, at most 2**31 - 1).
    `headers`: header fields of a message (default 500).
    `line`: bytes of the start line, or of one header field with all its folds, without the line
    end (default 32 KiB, at most 2**23 - 1).
    """

    __slots__ = ("_headers", "_line", "_size")

    _size: int

    def __init__(self, *, size: int = 1_048_576, headers: int = 500, line: int = 32_768) -> None:
        size = _in_range("size", size, _MOST_BYTES)
        headers = _in_range("headers", headers, _MOST_BYTES)
        line = _in_range("line", line, _LONGEST_LINE)
        try:
            is_new = self._size == 0
        except AttributeError:  # the interpreter raises this for an empty slot
            is_new = True
        if not is_new:
            raise TypeError("Limits is immutable")
        self._size = size
        self._headers = headers
        self._line = line

    @property
    def size(self) -> int:
        """Bytes of a message."""
        return self._size

    @property
    def headers(self) -> int:
        """Header fields of a message."""
        return self._headers

    @property
    def line(self) -> int:
        """Bytes of the start line, or of one header field with all its folds."""
        return self._line

    def _key(self) -> tuple[int, int, int]:
        return self._size, self._headers, self._line

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Limits) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"Limits(size={self._size}, headers={self._headers}, line={self._line})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild.limits_of, self._key()


def _in_range(name: str, value: int, most: int) -> int:
    """The value as a plain int.  Errors leave it out: Python refuses to write very long numbers."""
    if not isinstance(value, int):
        raise TypeError(f"{name} must be int, not {type(value).__name__}")
    number = int(value)
    if not 0 < number <= most:
        raise ValueError(f"{name} must be from 1 to {most}")
    return number


DEFAULT_LIMITS = Limits()
NO_LIMITS = Limits(size=_MOST_BYTES, headers=_MOST_BYTES, line=_LONGEST_LINE)
