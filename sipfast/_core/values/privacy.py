"""Privacy: the requested kinds of privacy (RFC 3323 4.2)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..building import check
from ..parameters import TOKEN
from ..value import Value

if TYPE_CHECKING:
    from types import EllipsisType

__all__ = ["Privacy"]

_BETWEEN = re.compile(r"[;,]")
_VALUE = rf"[ \t]*(?:{TOKEN.pattern}[ \t]*)?"
_VALUES = re.compile(rf"{_VALUE}(?:[;,]{_VALUE})*")


class Privacy(Value):
    """The requested kinds of privacy.  A comma is read as a semicolon: some devices send one.

    >>> privacy = Privacy.parse("id;critical")
    >>> privacy.values, "id" in privacy
    (('id', 'critical'), True)
    """

    __slots__ = ()

    def __init__(self, *values: str) -> None:
        """Build one.  Raises ValueError unless each value is a token."""
        for value in values:
            check({"values": value})
            if not TOKEN.fullmatch(value):
                raise ValueError(f"a priv-value must be a token, not {value!r} (RFC 3323 4.2)")
        built = self._built(";".join(values))
        self._become(built)

    def _read(self) -> Any:
        text = str(self)
        fit = _VALUES.match(text)
        assert fit is not None  # the pattern matches the empty text too
        if fit.end() < len(text):
            self._raise("token-malformed", fit.end())
        return self

    @property
    def values(self) -> tuple[str, ...]:
        """The priv-values in lower case, such as ``"id"``, ``"header"`` or ``"none"``."""
        pieces = [piece.strip(" \t").lower() for piece in _BETWEEN.split(str(self))]
        return tuple([piece for piece in pieces if piece])

    def __contains__(self, value: str) -> bool:
        return value.lower() in self.values

    def replace(self, *, values: tuple[str, ...] | EllipsisType = ...) -> Privacy:
        """A copy with other `values`."""
        if values is ...:
            return self
        check({"values": values}, values=(tuple, list))
        return Privacy(*values)

    def _key(self) -> Any:
        return frozenset(self.values)
