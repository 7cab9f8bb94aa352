"""Where a character of a value stood on the wire: only errors ask that."""

from __future__ import annotations

from array import array
from bisect import bisect_right

__all__ = ["Folds", "bytes_before"]

_WHITESPACE = b" \t\r"
_STEP = 64


class Folds:
    """The folds of a value as it was written; looked for once, when the first of its bytes is.

    RFC 3261 7.3.1: a fold is a line end and the whitespace around it; the one space that it is read
    as stands where it begins.
    """

    __slots__ = ("_raw", "_shifts", "_starts")

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._starts: array[int] | None = None

    def offset(self, at: int) -> int:
        """The offset on the wire of byte `at` of the value with each fold read as one space."""
        starts = self._starts or self._find()
        return at + self._shifts[bisect_right(starts, at) - 1]

    def _find(self) -> array[int]:
        """Where each line with text starts in the value, and how far from there it is written."""
        starts, self._shifts = array("I"), array("I")
        start = written = 0
        for line in self._raw.split(b"\n"):
            length = len(line.strip(_WHITESPACE))
            if length or not starts:
                starts.append(start)
                self._shifts.append(written + len(line) - len(line.lstrip(_WHITESPACE)) - start)
                start += length + 1
            written += len(line) + 1
        self._starts = starts
        return starts


def bytes_before(text: str, at: int, steps: list[int]) -> int:
    """How many bytes of the wire are read as the first `at` characters of a text.

    `steps` is a list for this text, empty at first: how many bytes stand before each 64th
    character.
    """
    if text.isascii():
        return at
    if not steps:
        steps.append(0)
        for step in range(0, len(text), _STEP):
            steps.append(steps[-1] + _size(text[step : step + _STEP]))
    step = at // _STEP
    return steps[step] + _size(text[step * _STEP : at])


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))
