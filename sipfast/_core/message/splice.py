"""Changes to a run of bytes: what is cut out and what is put in, joined once."""

from __future__ import annotations

__all__ = ["Splice"]


class Splice:
    """A plan of cuts and insertions.

    Cuts do not overlap.  At one offset, insertions stand in the order in which they were made,
    before what is cut there.
    """

    __slots__ = ("_changes",)

    _changes: list[tuple[int, int, bytes]]
    """Where each change begins and ends, and what stands there then."""

    def __init__(self) -> None:
        self._changes = []

    def put(self, at: int, text: bytes) -> None:
        """Put bytes in at an offset."""
        self._changes.append((at, at, text))

    def cut(self, at: int, end: int, text: bytes = b"") -> None:
        """Cut out a span, and put bytes in its place."""
        self._changes.append((at, end, text))

    def pieces(self, source: bytes, start: int, end: int) -> list[bytes | memoryview]:
        """The pieces of source[start:end] and the new bytes, in order."""
        found: list[bytes | memoryview] = []
        view = memoryview(source)
        at = start
        for begin, stop, text in sorted(self._changes, key=_place):
            if begin > at:
                found.append(view[at:begin])
            if text:
                found.append(text)
            at = max(at, stop)
        if at < end:
            found.append(view[at:end])
        return found


def _place(change: tuple[int, int, bytes]) -> tuple[int, bool]:
    return change[0], change[1] > change[0]
