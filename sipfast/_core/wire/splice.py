"""The pure twin of `splice.pyx`: what is cut out of bytes and what is put in, joined once."""

from __future__ import annotations

from bisect import insort_right

__all__ = ["Splice", "field_line"]


def field_line(name: str, text: bytes, cr: bool) -> bytes:
    """A header field with CR LF or LF."""
    return b"%b: %b%b" % (name.encode(), text, b"\r\n" if cr else b"\n")


class Splice:
    """A plan of cuts and insertions.

    Cuts do not overlap.  At one offset, insertions stand in the order in which they were made,
    before what is cut there.
    """

    __slots__ = ("_changes", "_noted", "_owners")

    _changes: list[tuple[int, int, bytes]]
    """Where each change begins and ends, and what stands there then, in their order."""
    _noted: dict[int, int]
    _owners: dict[int, int]

    def __init__(self) -> None:
        self._changes = []
        self._noted = {}
        self._owners = {}

    def noted(self, part: int) -> int:
        """What was noted of a part that changes, or 0."""
        return self._noted.get(part, 0)

    def note(self, part: int, how: int) -> None:
        """Note how a part changes, by a number."""
        self._noted[part] = how

    def owner(self, at: int) -> int:
        """The owner of what was put in last at an offset; 0 if nothing was."""
        return self._owners.get(at, 0)

    def put_field(self, at: int, name: str, text: bytes, cr: bool, owner: int) -> None:
        """Put a header field in at an offset, and note its owner."""
        self.cut(at, at, field_line(name, text, cr))
        self._owners[at] = owner

    def put(self, at: int, text: bytes) -> None:
        """Put bytes in at an offset."""
        self.cut(at, at, text)

    def cut(self, at: int, end: int, text: bytes) -> None:
        """Cut out a span, and put bytes in its place."""
        if not 0 <= at <= end:
            raise ValueError("a span begins before it ends")
        insort_right(self._changes, (at, end, text), key=_place)
        if at == end:
            self._owners[at] = 0

    def joined(self, source: bytes, start: int, end: int) -> bytes:
        """The bytes of source[start:end] with the changes."""
        return b"".join(self.pieces(source, start, end))

    def pieces(self, source: bytes, start: int, end: int) -> list[bytes | memoryview]:
        """The same as pieces in order: views of the source, and the new bytes."""
        found: list[bytes | memoryview] = []
        view, at = memoryview(source), start
        if not 0 <= start <= end <= len(source):
            raise ValueError("a span begins before it ends")
        for begin, stop, text in self._changes:
            if begin < at or stop > end:
                raise ValueError("a change is outside of the source, or within another")
            if begin > at:
                found.append(view[at:begin])
            if text:
                found.append(text)
            at = stop
        if at < end:
            found.append(view[at:end])
        return found


def _place(change: tuple[int, int, bytes]) -> tuple[int, bool]:
    return change[0], change[1] > change[0]
