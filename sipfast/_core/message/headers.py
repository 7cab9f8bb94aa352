"""The header fields of a message as a mapping."""

from __future__ import annotations

from array import array
from collections.abc import ItemsView, KeysView, Mapping, ValuesView
from typing import TYPE_CHECKING, Any

from sipfast import _rebuild
from sipfast.registry.header_names import HEADER_IDS

from ..multimapping import Multi, exact_name, items_of, names_of, values_of
from ..wire.table import Table
from .fields import INDEX
from .spans import FieldSpan, field_span

if TYPE_CHECKING:
    from typing_extensions import Never, TypeVar

    N = TypeVar("N", default=None)
    T = TypeVar("T", default=Never)

__all__ = ["Headers", "headers_of"]

FEW = 8
"""Searches for unregistered names before an index is built, which keeps all lookups linear."""


class Headers(Multi):
    """Header fields in order, a mapping with repeated names (RFC 3261 7.3.1).

    Lookups ignore case, and match long and compact forms (RFC 3261 7.3.3).  Values are text: each
    fold is read as one space, and bytes that are not UTF-8 become surrogate escapes.  Commas are
    kept: the value of a field is one text.
    """

    __slots__ = ()

    def __init__(self) -> None:
        raise TypeError("header fields come from a message: message.headers")

    def __getitem__(self, name: str) -> str:
        """The value of the first field of this name; KeyError if absent."""
        index = _find(self._table, name)
        if index < 0:
            raise KeyError(name)
        return self._table._value(index)

    def get(self, name: str, default: N = None) -> str | N:  # type: ignore[assignment]
        """The value of the first field of this name, or `default`."""
        index = _find(self._table, name)
        return default if index < 0 else self._table._value(index)

    def getone(self, name: str, default: T = ...) -> str | T:  # type: ignore[assignment]
        """The value of the first field of this name, or `default`; KeyError without either."""
        index = _find(self._table, name)
        if index < 0:
            if default is ...:
                raise KeyError(name)
            return default
        return self._table._value(index)

    def getall(self, name: str, default: T = ...) -> list[str] | T:  # type: ignore[assignment]
        """The values of all fields of this name, in order, or `default` if absent.

        KeyError without either.
        """
        index = _find(self._table, name)
        if index < 0:
            if default is ...:
                raise KeyError(name)
            return default
        values = []
        while index >= 0:
            values.append(self._table._value(index))
            index = _next(self._table, index)
        return values

    def keys(self) -> KeysView[str]:
        """Each field's name as written."""
        return names_of(self)

    def values(self) -> ValuesView[str]:
        """Each field's value."""
        return values_of(self)

    def items(self) -> ItemsView[str, str]:
        """Each field's name as written, and its value."""
        return items_of(self)

    def _pairs(self) -> list[tuple[str, str]]:
        table = self._table
        return [(table._name(i), table._value(i)) for i in range(table._parsed.count)]

    def _names(self) -> list[str]:
        table = self._table
        return [table._name(i) for i in range(table._parsed.count)]

    def _values(self) -> list[str]:
        table = self._table
        return [table._value(i) for i in range(table._parsed.count)]

    def _same(self, name: str) -> Any:
        lower = name.lower() if name.isascii() else name
        return HEADER_IDS.get(lower, lower)

    @property
    def raw(self) -> tuple[tuple[bytes, bytes], ...]:
        """Each field's name and value as on the wire, with folds."""
        table = self._table
        return tuple(
            [(table._raw_name(i), table._raw_value(i)) for i in range(table._parsed.count)]
        )

    def span(self, name: str) -> FieldSpan:
        """Where the first field of this name stands in the buffer; KeyError if absent."""
        index = _find(self._table, name)
        if index < 0:
            raise KeyError(name)
        return field_span(self._table, index)

    def spans(self, name: str) -> tuple[FieldSpan, ...]:
        """Where all fields of this name stand in the buffer, in order."""
        found = []
        index = _find(self._table, name)
        while index >= 0:
            found.append(field_span(self._table, index))
            index = _next(self._table, index)
        return tuple(found)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and _find(self._table, name) >= 0

    def __len__(self) -> int:
        return self._table._parsed.count

    def _key(self) -> Any:
        return tuple([(self._same(name), value) for name, value in self._pairs()])

    def __eq__(self, other: object) -> bool:
        """Whether `other` has the same fields, ignoring case and compact forms of names.

        Header fields must have the same order; any other mapping has each name once.
        """
        if isinstance(other, Headers):
            return bool(self._key() == other._key())
        return self._equals(other) if isinstance(other, Mapping) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild.headers_of, (self._table,)

    def __repr__(self) -> str:
        return f"Headers({self._pairs()!r})"


def headers_of(table: Table) -> Headers:
    """The header fields of a message."""
    headers = Headers.__new__(Headers)
    headers._table = table
    return headers


def _find(table: Table, name: object) -> int:
    """The index of the first field of this name, or -1."""
    text = name if type(name) is str else exact_name(name, "a header field")
    header_id = table._id_of(text)
    return table._first(header_id) if header_id else _find_other(table, text)


def _next(table: Table, index: int) -> int:
    """The index of the next field of the same name, or -1."""
    if table._looked < FEW or table._id(index) != 0:
        return table._next(index)
    following = _index_of(table)[1][index]
    return _checked(table, following) if following > index else -1


def _find_other(table: Table, name: str) -> int:
    """The index of the first field of a name that is not registered, or -1."""
    if table._looked < FEW:
        table._looked += 1
        return table._find_other(name)
    return _checked(table, _index_of(table)[0].get(name.lower(), -1)) if name.isascii() else -1


def _checked(table: Table, index: int) -> int:
    """An index from what `_index_of` keeps, or -1.

    The garbage collector hands that out to be written to, so it may be any number.
    """
    if index >= table._parsed.count:
        raise IndexError("there is no such header field")
    return max(index, -1)


def _index_of(table: Table) -> tuple[dict[str, int], array[int]]:
    """Where the names that are not registered stand, and for each field the next one of its name.

    Names are in lower case; -1 where there is no next one.  It is made once for a message.
    """
    place = table._parsed.count + INDEX
    index: tuple[dict[str, int], array[int]] | None = table._recalled(place)
    if index is None:
        first: dict[str, int] = {}
        count = table._parsed.count
        following = array("i", [-1]) * count
        for at in range(count - 1, -1, -1):
            if table._id(at) == 0:
                name = table._name(at).lower()
                following[at] = first.get(name, -1)
                first[name] = at
        index = first, following
        table._keep(place, index)
    return index
