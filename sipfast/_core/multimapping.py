"""A mapping with repeated names, for header fields and parameters.

`multimapping.pyi` declares it a `Mapping` for type checkers; a compiled class cannot inherit from
one.

It behaves like multidict's `MultiMapping`, except that iteration gives a repeated name each time.
A subclass defines the lookup and the equality of names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["Multi"]


class Multi:
    """The part without lookup."""

    __slots__ = ()

    def _pairs(self) -> list[tuple[str, Any]]:
        """Each name as written, and its value."""
        raise NotImplementedError

    def _same(self, name: str) -> Any:
        """A key that all spellings of a name share."""
        raise NotImplementedError

    def __iter__(self) -> Iterator[str]:
        return iter([name for name, _ in self._pairs()])

    def _equals(self, other: Any) -> bool:
        """Whether a mapping has the same names, each once, and the same values."""
        pairs = self._pairs()
        if len(other) != len(pairs):
            return False
        mine = {self._same(name): value for name, value in pairs}
        theirs = {self._same(name): other[name] for name in other if isinstance(name, str)}
        return len(theirs) == len(mine) == len(pairs) and mine == theirs


Mapping.register(Multi)
