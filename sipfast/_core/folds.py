"""The place of a character of a value on the wire, for errors."""

from __future__ import annotations

from array import array
from bisect import bisect_right

__all__ = ["Folds", "bytes_before"]

_WHITESPACE = b" \t\r"
_STEP = 64


class Folds:
    """The folds of a value as written, found on first use.

    RFC 3261 7.3.1: a fold is a line end and the whitespace around it.  It is read as one space,
    whose place is the start of the fold.
    """

    __slots__ = ("_raw", "_shifts", "_starts")

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._starts: array[int] | None = None

    def offset(self, at: int) -> int:
        """The offset on the wire of byte `at` of the unfolded value."""
        starts = self._starts or self._find()
        return at + self._shifts[bisect_right(starts, at) - 1]

    def _find(self) -> array[int]:
        """Find each line with text, and its shift on the wire; returns the starts of the lines."""
        if b"\n" not in self._raw:
            indent = len(self._raw) - len(self._raw.lstrip(_WHITESPACE))
            self._starts, self._shifts = array("I", (0,)), array("I", (indent,))
            return self._starts
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
    """The number of bytes on the wire of the first `at` characters of a text.

    `steps` caches the number of bytes before each 64th character; it is empty at first.
    """
    if text.isascii():
        return at
    if not steps:
        size = 0
        steps.append(size)
        for step in range(0, len(text), _STEP):
            size += _size(text[step : step + _STEP])
            steps.append(size)
    step = at // _STEP
    return steps[step] + _size(text[step * _STEP : at])


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))
