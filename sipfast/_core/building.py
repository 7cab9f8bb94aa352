"""Building values: what is put into one must stay where it was put."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .parameters import Pairs, written
from .wire.splitters import FIRST, Value

__all__ = ["free", "gathered", "make_item", "number_text", "q_text"]

Pair = tuple[str, "str | None"]


def free(parameters: Pairs, *own: str) -> list[Pair]:
    """The parameters as a list.

    Raises ValueError where one has a name of `own`, in lower case: those that the class takes as
    arguments, so that there cannot be two of them.
    """
    items = getattr(parameters, "items", None)
    given: Any = parameters if items is None else items()
    pairs = [(name, value) for name, value in given]
    for name, _ in pairs:
        if str.lower(name) in own:
            raise ValueError(f"the parameter {name!r} has an argument of its own")
    return pairs


def gathered(own: Iterable[Pair], parameters: Pairs) -> list[Pair]:
    """The parameters that have arguments of their own, but for None, and then the others.

    Raises ValueError where one of the others has the name of one of the first.
    """
    first = list(own)
    others = free(parameters, *[name for name, _ in first])
    return [pair for pair in first if pair[1] is not None] + others


def make_item(value: Value, first: str, pairs: list[Pair]) -> None:
    """Make a new value an item of this first part, and parameters.

    Raises `ParseError` where the first part would be read as another one.
    """
    value._take(first + written(pairs))
    if value._part(FIRST) != first:
        value._fail("item-malformed", FIRST)


def number_text(number: int | None) -> str | None:
    """A number as a parameter has it, or None."""
    return None if number is None else f"{number:d}"


def q_text(q: float | None) -> str | None:
    """A ``q`` with at most three decimals (RFC 3261 25.1: qvalue), or None."""
    return None if q is None else f"{q:.3f}".rstrip("0").rstrip(".")
