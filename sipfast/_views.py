"""The views that `keys`, `values` and `items` of a mapping with repeated names return."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from typing import TYPE_CHECKING, Any

__all__ = ["Items", "Names", "Values"]


class _OfPairs:
    """A view that gets all pairs at once, so that iteration takes linear time."""

    __slots__ = ()

    if TYPE_CHECKING:
        _mapping: Any

    def __repr__(self) -> str:
        return f"{type(self).__name__}({[*self]!r})"  # type: ignore[misc]


class Names(_OfPairs, KeysView[str]):
    """Each name as written."""

    __slots__ = ()

    def __iter__(self) -> Iterator[str]:
        return iter([name for name, _ in self._mapping._pairs()])


class Values(_OfPairs, ValuesView[Any]):
    """Each value."""

    __slots__ = ()

    def __contains__(self, value: object) -> bool:
        return value in [*self]

    def __iter__(self) -> Iterator[Any]:
        return iter([value for _, value in self._mapping._pairs()])


class Items(_OfPairs, ItemsView[str, Any]):
    """Each name as written, and its value."""

    __slots__ = ()

    def __contains__(self, item: object) -> bool:
        """Whether a field of this name, in any spelling, has this value."""
        if not isinstance(item, tuple) or len(item) != 2 or not isinstance(item[0], str):
            return False
        return item[1] in self._mapping.getall(item[0], ())

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter(self._mapping._pairs())
