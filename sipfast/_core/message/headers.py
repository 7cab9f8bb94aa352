"""The header fields of a message as a mapping."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sipfast import _rebuild
from sipfast.registry.header_names import HEADER_IDS

from ..wire.table import Table

__all__ = ["Headers"]

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    T = TypeVar("T", default=None)

FEW = 8
"""So many names are looked up in the message; then an index is made: all cost linear time."""


class Headers:
    """Header fields in their order; a name may stand several times (RFC 3261 7.3.1).

    Look-ups ignore case, and a compact form is the same name as its long form (7.3.3).  Values are
    text, each fold read as one space; bytes that are not UTF-8 survive as surrogate escapes.  A
    field is never split at its commas here.
    """

    __slots__ = ("_first", "_following", "_looked", "_table")

    def __init__(self, table: Table) -> None:
        if not isinstance(table, Table):
            raise TypeError("the header fields are those of a message")
        self._table = table
        self._looked = 0
        self._first: dict[str, int] | None = None
        self._following: array[int] | None = None

    def _find(self, name: str) -> int:
        """The index of the first field of this name, or -1."""
        if not isinstance(name, str):
            raise TypeError(f"the name of a header field is str, not {type(name).__name__}")
        name = name if type(name) is str else str.__str__(name)
        first = self._first
        if first is None:
            self._looked += 1
            if self._looked <= FEW:
                return self._table._find(name)
            first = self._make_index()
        lower = str.lower(name)
        if lower in HEADER_IDS or not str.isascii(name):
            return self._table._find(name)
        return first.get(lower, -1)

    def _make_index(self) -> dict[str, int]:
        """Note where each field with an unknown name is, and where the next one of its name."""
        table = self._table
        first: dict[str, int] = {}
        following = array("i", [-1]) * table._parsed.count
        for index in range(len(following) - 1, -1, -1):
            if table._id(index) == 0:
                name = table._name(index).lower()
                following[index] = first.get(name, -1)
                first[name] = index
        self._first, self._following = first, following
        return first

    def _next(self, index: int) -> int:
        """The index of the next field of the same name, or -1."""
        if self._following is None or self._table._id(index) != 0:
            return self._table._next(index)
        return self._following[index]

    def __getitem__(self, name: str) -> str:
        """The value of the first field of this name; KeyError if there is none."""
        index = self._find(name)
        if index < 0:
            raise KeyError(name)
        return self._table._value(index)

    def get(self, name: str, default: T = None) -> str | T:  # type: ignore[assignment]
        """The value of the first field of this name, or `default`."""
        index = self._find(name)
        return default if index < 0 else self._table._value(index)

    def getall(self, name: str) -> list[str]:
        """The values of all fields of this name, in their order; an empty list if there is none."""
        values = []
        index = self._find(name)
        while index >= 0:
            values.append(self._table._value(index))
            index = self._next(index)
        return values

    def keys(self) -> list[str]:
        """Each field's name as it was written."""
        return [self._table._name(i) for i in range(self._table._parsed.count)]

    def values(self) -> list[str]:
        """Each field's value."""
        return [self._table._value(i) for i in range(self._table._parsed.count)]

    def items(self) -> list[tuple[str, str]]:
        """Each field's name as it was written, and its value."""
        table = self._table
        return [(table._name(i), table._value(i)) for i in range(table._parsed.count)]

    @property
    def raw(self) -> tuple[tuple[bytes, bytes], ...]:
        """Each field's name and value as they were on the wire, folds kept."""
        table = self._table
        return tuple(
            [(table._raw_name(i), table._raw_value(i)) for i in range(table._parsed.count)]
        )

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._find(name) >= 0

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return self._table._parsed.count

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Headers):
            return NotImplemented
        return self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild.headers_of, (self._table,)

    def __repr__(self) -> str:
        return f"Headers({self.items()!r})"
