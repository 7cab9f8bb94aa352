"""Building values: what is put into one must stay where it was put."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sipfast.errors import parse_error

from .octets import octets
from .parameters import CONTROLS, Pairs, written
from .wire.text import FIRST

if TYPE_CHECKING:
    from .value import V

__all__ = [
    "AsRead",
    "built_item",
    "check_controls",
    "digits",
    "free",
    "gathered",
    "number_text",
    "q_text",
]

Pair = tuple[str, "str | None"]

_BEYOND = 10**10
"""No range of a number in a header field reaches as far."""
_CONTROL = re.compile(rf"\\.|([{CONTROLS}])", re.DOTALL)  # which a quoted-pair may hold


class AsRead(str):
    """Text of a value that was read: it may have control characters, as reading tolerates them."""

    __slots__ = ()


def check_controls(text: str, before: str = "") -> None:
    """Raise `ParseError` where a control character stands in text that is written as it is.

    `before` is what is written before it.  Line ends are refused in all values.
    """
    if isinstance(text, AsRead):
        return
    for found in _CONTROL.finditer(text):
        if found[1]:
            at = len(octets(before)) + len(octets(text[: found.start()]))
            raise parse_error("value-control", at)


def free(parameters: Pairs, *own: str) -> list[Pair]:
    """The parameters as a list.

    Raises ValueError where one has a name of `own`, in lower case: those that the class takes as
    arguments, so that there cannot be two of them.
    """
    items = getattr(parameters, "items", None)
    given: Any = parameters if items is None else items()
    pairs = list(given)
    if not all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in pairs):
        raise TypeError("parameters are a mapping, or pairs of a name and a value or None")
    pairs = [(name, value) for name, value in pairs]
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


def built_item(value: V, first: str, pairs: list[Pair]) -> V:
    """What makes a new value an item of this first part, and parameters.

    Raises `ParseError` where the first part would be read as another one.
    """
    if not isinstance(first, str):
        raise TypeError(f"the value of {type(value).__name__} is str, not {type(first).__name__}")
    built: V = value._built(f"{first}{written(pairs)}")
    if built._part(FIRST) != first:
        built._fail("item-malformed", FIRST)
    return built


def digits(number: int, beyond: int = _BEYOND) -> str:
    """A number as it is written; any that is beyond all ranges is written as `beyond`.

    Python refuses to write numbers of thousands of digits, and reading refuses `beyond`.
    """
    if not isinstance(number, int):
        raise TypeError(f"a number is int, not {type(number).__name__}")
    return int.__format__(max(min(number, beyond), -beyond), "d")


def number_text(number: int | None) -> str | None:
    """A number as a parameter has it, or None."""
    return None if number is None else digits(number)


def q_text(q: float | None) -> str | None:
    """A ``q`` with at most three decimals (RFC 3261 25.1: qvalue), or None."""
    if q is None:
        return None
    if isinstance(q, (str, bytes, bytearray)):
        raise TypeError(f"q is a number, not {type(q).__name__}")
    try:
        number = float(q)
    except OverflowError:
        number = float("inf")
    return f"{number:.3f}".rstrip("0").rstrip(".")
