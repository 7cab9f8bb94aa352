"""Random draws that come out the same on every Python version."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_LOWER = "abcdefghijklmnopqrstuvwxyz0123456789"
_MIXED = _LOWER + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Dice:
    """Draws from one seed.

    Only `getrandbits` of the standard generator is used: `choice`, `shuffle` and their like have
    changed between versions of Python, and that would change the bytes made.
    """

    def __init__(self, seed: int) -> None:
        self._bits = random.Random(seed).getrandbits

    def below(self, limit: int) -> int:
        """A whole number from 0 up to, not including, `limit`."""
        width = limit.bit_length()
        drawn = self._bits(width)
        while drawn >= limit:
            drawn = self._bits(width)
        return drawn

    def between(self, least: int, most: int) -> int:
        """A whole number from `least` to `most`, both included."""
        return least + self.below(most - least + 1)

    def chance(self, percent: int) -> bool:
        return self.below(100) < percent

    def pick(self, items: Sequence[T]) -> T:
        return items[self.below(len(items))]

    def weighted(self, items: Sequence[tuple[int, T]]) -> T:
        """One of (weight, item) pairs; an item's share is its weight over the sum of weights."""
        left = self.below(sum(weight for weight, _ in items))
        for weight, item in items:
            if left < weight:
                return item
            left -= weight
        raise AssertionError("a draw below the sum of weights ends inside the list")

    def hex(self, digits: int) -> str:
        return f"{self._bits(4 * digits):0{digits}x}"

    def digits(self, count: int) -> str:
        return "".join(self.pick("0123456789") for _ in range(count))

    def lower(self, count: int) -> str:
        return "".join(self.pick(_LOWER) for _ in range(count))

    def mixed(self, count: int) -> str:
        return "".join(self.pick(_MIXED) for _ in range(count))

    def uuid(self) -> str:
        return f"{self.hex(8)}-{self.hex(4)}-4{self.hex(3)}-a{self.hex(3)}-{self.hex(12)}"
