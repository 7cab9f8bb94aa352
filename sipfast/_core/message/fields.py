"""Header fields as properties of the message: read on first access, then cached.

The cache of a message has a slot for each header field, and after them the slots named here, for
results from the whole message.
"""

from __future__ import annotations

from typing import Any

from sipfast.registry.header_names import HEADER_IDS, HEADER_NAMES

from ..lists import (
    join_values,
    read_again,
    read_each,
    read_field,
    read_fields,
    read_first,
    read_list,
    read_text,
)
from ..value import Value
from ..wire.table import Property, Table

__all__ = [
    "BODY_DEFECTS",
    "CONTENT",
    "DEFECTS",
    "DESCRIPTION",
    "FAULTS",
    "INDEX",
    "LOCAL_TAG",
    "PARTS",
    "REQUEST_URI",
    "All",
    "Each",
    "Field",
    "First",
    "Joined",
    "One",
    "each",
    "every",
    "first",
    "joined",
    "one",
]

DEFECTS, CONTENT, PARTS, DESCRIPTION, REQUEST_URI, INDEX, BODY_DEFECTS, FAULTS, LOCAL_TAG = range(9)
"""The slots after those of the header fields.  `FAULTS` holds the defects that `parse` found."""


def _meaning(field: Any) -> str:
    return str(field)


_MEANING: Any = property(_meaning)
"""The `__doc__` of a field class: for each of its fields, the meaning of that field."""


class Field(Property):
    """A header field as a property of the message, with values of one class."""

    __slots__ = ("_cls", "_id")

    def __init__(self, name: str, cls: type[Value]) -> None:
        self._id = HEADER_IDS[name.lower()]
        self._cls = cls

    @property
    def header_id(self) -> int:
        """The id of the header field."""
        return self._id

    @property
    def value_class(self) -> type[Value]:
        """The class of its values."""
        return self._cls

    def __str__(self) -> str:
        if self._id == 0:
            raise TypeError("a field requires a name")
        name = HEADER_NAMES[self._id - 1]
        return f"{name.name} ({name.rfc}): {name.en}"

    def read(self, text: str | bytes) -> Any:
        """Read the same value from text."""
        raise NotImplementedError

    def holds(self, value: object) -> bool:
        """Whether `value` has its class."""
        return isinstance(value, self._cls)

    def __get__(self, table: Table | None, owner: Any) -> Any:
        return self if table is None else self._of(table)


# A header field with one value: the first of that name; None if absent.
class One(Field):
    __slots__ = ()
    __doc__ = _MEANING

    def read(self, text: str | bytes) -> Any:
        return read_text(self._cls, text, self._id)

    def _of(self, table: Table) -> Any:
        index = table._first(self._id)
        if index < 0:
            return None
        value = table._recalled(index)
        if value is None:
            value = table._keep(index, read_field(table, index, self._cls))
        return value


# A header field whose comma list, across all fields of that name, is one value; None if absent.
class Joined(One):
    __slots__ = ("_listed",)
    __doc__ = _MEANING

    def __init__(self, name: str, cls: type[Value], listed: bool) -> None:
        super().__init__(name, cls)
        self._listed = listed

    @property
    def is_listed(self) -> bool:
        """Whether the class reads one item of the list; otherwise commas are part of its text."""
        return self._listed

    def read(self, text: str | bytes) -> Any:
        if not self._listed:
            return read_text(self._cls, text, self._id)
        return join_values(self._cls, read_list(self._cls, text, self._id), b";")

    def _of(self, table: Table) -> Any:
        index = table._first(self._id)
        if index < 0:
            return None
        value = table._recalled(index)
        if value is None:
            if self._listed:
                values = read_fields(table, index, self._cls, None)
            else:
                values = read_each(table, index, self._cls)
            value = join_values(self._cls, values, b";" if self._listed else b", ")
            table._keep(index, value)
        return value


# The first value of a header field with a comma list; None if absent.
class First(Field):
    __slots__ = ()
    __doc__ = _MEANING

    def read(self, text: str | bytes) -> Any:
        return read_list(self._cls, text, self._id)

    def _of(self, table: Table) -> Any:
        index = table._first(self._id)
        if index < 0:
            return None
        value = table._recalled(index)
        if value is None:
            value = table._keep(index, read_first(table, index, self._cls))
        elif type(value) is tuple:
            value = value[0] if value else None
        return value


# All values of a header field that is a list or repeats; empty if absent.
class All(Field):
    __slots__ = ("_recurs",)
    __doc__ = _MEANING

    def __init__(self, name: str, cls: type[Value]) -> None:
        super().__init__(name, cls)
        self._recurs = cls._recurs

    def read(self, text: str | bytes) -> Any:
        return read_list(self._cls, text, self._id)

    def _of(self, table: Table) -> Any:
        index = table._first(self._id)
        if index < 0:
            return ()
        values = table._recalled(index)
        if type(values) is not tuple:
            if self._recurs:
                values = table._keep(index, read_again(table, index, self._cls))
            else:
                values = table._keep(index, read_fields(table, index, self._cls, values))
        return values


# The values of a header field that repeats, one value in each; its commas are part of the value.
class Each(Field):
    __slots__ = ()
    __doc__ = _MEANING

    def read(self, text: str | bytes) -> Any:
        return (read_text(self._cls, text, self._id),)

    def _of(self, table: Table) -> Any:
        index = table._first(self._id)
        if index < 0:
            return ()
        values = table._recalled(index)
        if values is None:
            values = table._keep(index, read_each(table, index, self._cls))
        return values


# A class body makes its properties with these, and annotates their types.


def one(name: str, cls: type[Value]) -> Any:
    return One(name, cls)


def joined(name: str, cls: type[Value], *, listed: bool = False) -> Any:
    return Joined(name, cls, listed)


def first(name: str, cls: type[Value]) -> Any:
    return First(name, cls)


def every(name: str, cls: type[Value]) -> Any:
    return All(name, cls)


def each(name: str, cls: type[Value]) -> Any:
    return Each(name, cls)
