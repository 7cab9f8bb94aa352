"""A mapping in which a name may stand several times: header fields, and parameters.

`multimapping.pyi` says what it is to a type checker: a `Mapping`, from which no compiled class can
inherit.

It behaves as multidict's `MultiMapping` does, but that each name is iterated over as often as it
stands.  What is particular to a class is how it finds a name, and when two names are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["Multi"]


class Multi:
    """The part that needs no look-up."""

    __slots__ = ()

    def _pairs(self) -> list[tuple[str, Any]]:
        """Each name as it was written, and its value."""
        raise NotImplementedError

    def _same(self, name: str) -> Any:
        """What all spellings of a name have in common."""
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
