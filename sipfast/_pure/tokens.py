"""Values that are one word, one number or free text."""

from __future__ import annotations

from typing import Any

from .splitters import FIRST, MOST, Value

__all__ = ["Number", "Text", "Token"]


class Token(Value):
    """One value of a list such as Allow or Supported; it is read as str (RFC 3261 25.1: token)."""

    __slots__ = ()

    def _read(self) -> Any:
        return str(self)


class Text(Value):
    """Free text; it is read as str."""

    __slots__ = ()

    def _read(self) -> Any:
        return str(self)


class Number(Value):
    """A number below 2**31; it is read as int (RFC 3261 25.1: 1*DIGIT)."""

    __slots__ = ()

    def _read(self) -> Any:
        self._split_words(2)
        return self._number(FIRST, MOST)
