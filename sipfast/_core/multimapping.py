"""A mapping with repeated names, for header fields and parameters.

It behaves like multidict's `MultiMapping`, except that iteration gives a repeated name each time.
A subclass defines the lookup and the equality of names.

`multimapping.pyi` declares these classes a `Mapping` and its views for type checkers; a compiled
class cannot inherit from one.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, Mapping, Set, ValuesView
from typing import Any

from .wire.table import Reader

__all__ = ["Items", "Multi", "Names", "Values", "exact_name", "items_of", "names_of", "values_of"]


class Multi(Reader):
    """The part without lookup."""

    __slots__ = ()
    __reversed__ = None  # as in `Mapping`

    def _same(self, name: str) -> Any:
        """A key that all spellings of a name share."""
        raise NotImplementedError

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def _equals(self, other: Any) -> bool:
        """Whether a mapping has the same names, each once, and the same values."""
        pairs = self._pairs()
        if len(other) != len(pairs):
            return False
        mine = {self._same(name): value for name, value in pairs}
        theirs = {self._same(name): other[name] for name in other if isinstance(name, str)}
        return len(theirs) == len(mine) == len(pairs) and mine == theirs


class View:
    """What a mapping's `keys`, `values` or `items` gives."""

    __slots__ = ("_mapping",)

    _mapping: Multi

    def __init__(self) -> None:
        raise TypeError("a view is of a mapping: its keys(), values() or items()")

    def _all(self) -> list[Any]:
        """What is iterated over."""
        raise NotImplementedError

    def __iter__(self) -> Iterator[Any]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._mapping)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._all()!r})"


class Values(View):
    """Each value."""

    __slots__ = ()

    def _all(self) -> list[Any]:
        return self._mapping._values()

    def __contains__(self, value: object) -> bool:
        return value in self._all()


class SetView(View):
    """A view that is compared and combined as `collections.abc.Set` says."""

    __slots__ = ()

    def _from_iterable(self, items: Any) -> set[Any]:
        return set(items)

    def isdisjoint(self, other: Any) -> bool:
        """Whether they have nothing in common."""
        return Set.isdisjoint(self, other)

    def __eq__(self, other: object) -> Any:
        return Set.__eq__(self, other)

    def __le__(self, other: Any) -> Any:
        return Set.__le__(self, other)

    def __lt__(self, other: Any) -> Any:
        return Set.__lt__(self, other)

    def __ge__(self, other: Any) -> Any:
        return Set.__ge__(self, other)

    def __gt__(self, other: Any) -> Any:
        return Set.__gt__(self, other)

    def __and__(self, other: Any) -> Any:
        return Set.__and__(self, other)

    def __rand__(self, other: Any) -> Any:
        return Set.__and__(self, other)

    def __or__(self, other: Any) -> Any:
        return Set.__or__(self, other)

    def __ror__(self, other: Any) -> Any:
        return Set.__or__(self, other)

    def __sub__(self, other: Any) -> Any:
        return Set.__sub__(self, other)

    def __rsub__(self, other: Any) -> Any:
        return Set.__rsub__(self, other)  # type: ignore[attr-defined]

    def __xor__(self, other: Any) -> Any:
        return Set.__xor__(self, other)

    def __rxor__(self, other: Any) -> Any:
        return Set.__xor__(self, other)


class Names(SetView):
    """Each name as it was written."""

    __slots__ = ()

    def _all(self) -> list[Any]:
        return self._mapping._names()

    def __contains__(self, name: object) -> bool:
        return name in self._mapping


class Items(SetView):
    """Each name as it was written, and its value."""

    __slots__ = ()

    def _all(self) -> list[Any]:
        return self._mapping._pairs()

    def __contains__(self, item: object) -> bool:
        """Whether a field of this name, in any spelling, has this value."""
        if not isinstance(item, tuple) or len(item) != 2 or not isinstance(item[0], str):
            return False
        return item[1] in self._mapping.getall(item[0], ())


def exact_name(name: object, owner: str) -> str:
    """A name that may be of a subclass of str, as a str; TypeError for another type."""
    if not isinstance(name, str):
        raise TypeError(f"the name of {owner} must be str, not {type(name).__name__}")
    return str.__str__(name)


def names_of(mapping: Multi) -> Names:
    """The view that `keys` gives."""
    view = Names.__new__(Names)
    view._mapping = mapping
    return view


def values_of(mapping: Multi) -> Values:
    """The view that `values` gives."""
    view = Values.__new__(Values)
    view._mapping = mapping
    return view


def items_of(mapping: Multi) -> Items:
    """The view that `items` gives."""
    view = Items.__new__(Items)
    view._mapping = mapping
    return view


Mapping.register(Multi)
KeysView.register(Names)
ValuesView.register(Values)
ItemsView.register(Items)
