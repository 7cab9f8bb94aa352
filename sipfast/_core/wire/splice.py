"""The pure twin of `splice.pyx`: what is cut out of bytes and what is put in, joined once."""

from __future__ import annotations

from bisect import bisect_right

from ..octets import octets

__all__ = ["Splice", "field_line"]


def field_line(name: str, text: bytes, cr: bool) -> bytes:
    """A header field with CR LF or LF."""
    return b"%b: %b%b" % (name.encode(), text, b"\r\n" if cr else b"\n")


class Splice:
    """A plan of cuts and insertions.

    Cuts do not overlap.  At one offset, insertions stand in the order in which they were made,
    before what is cut there.
    """

    __slots__ = ("_changes", "_noted", "_open", "_owners")

    _changes: list[tuple[int, int, bytes | bytearray]]
    """Where each change begins and ends, and what stands there then, in their order."""
    _open: bytearray | None
    """What the change that was opened last puts in."""
    _noted: dict[int, int]
    _owners: dict[int, int]

    def __new__(cls) -> Splice:
        self = super().__new__(cls)
        self._changes = []
        self._open = None
        self._noted = {}
        self._owners = {}
        return self

    def put(self, at: int, text: bytes) -> None:
        """Put bytes in at an offset."""
        self.cut(at, at, text)

    def cut(self, at: int, end: int, text: bytes) -> None:
        """Cut out a span, and put bytes in its place."""
        self._insert(at, end, text)
        self._open = None

    # What a change puts in, piece by piece.

    def open(self, at: int, end: int) -> None:
        """Cut out a span, and put in its place what is written until the next change."""
        text = bytearray()
        self._insert(at, end, text)
        self._open = text

    def write(self, text: bytes) -> None:
        """Write bytes."""
        self._opened().extend(text)

    def write_part(self, text: str, at: int, end: int) -> None:
        """Write text[at:end]."""
        self._opened().extend(octets(text[at:end]))

    def write_number(self, number: int) -> None:
        """Write a number that is not negative, in decimal digits."""
        self._opened().extend(b"%d" % number)

    def write_hex(self, before: bytes, number: int) -> None:
        """Write bytes, and after them a number of 64 bits, as 16 hex digits in lower case."""
        self._opened().extend(b"%b%016x" % (before, number))

    def clear(self) -> None:
        """Drop all changes."""
        self._changes = []
        self._open = None
        self._noted.clear()
        self._owners.clear()

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
                found.append(bytes(text))
            at = stop
        if at < end:
            found.append(view[at:end])
        return found

    # What changes, and to what it belongs.

    def noted(self, part: int) -> int:
        """What was noted of a part that changes, or 0."""
        return self._noted.get(part, 0)

    def note(self, part: int, how: int) -> None:
        """Note how a part changes, by a number below 256."""
        self._noted[part] = how

    def owner(self, at: int) -> int:
        """The owner of what was put in last at an offset; 0 if nothing was."""
        return self._owners.get(at, 0)

    def put_field(self, at: int, name: str, text: bytes, cr: bool, owner: int) -> None:
        """Put a header field in at an offset, with CR LF or LF, and note its owner."""
        self.put(at, field_line(name, text, cr))
        self._owners[at] = owner

    def _insert(self, at: int, end: int, text: bytes | bytearray) -> None:
        if not 0 <= at <= end:
            raise ValueError("a span begins before it ends")
        change = at, end, text
        self._changes.insert(bisect_right(self._changes, _place(change), key=_place), change)
        if at == end:
            self._owners[at] = 0

    def _opened(self) -> bytearray:
        if self._open is None:
            raise ValueError("no change is open")
        return self._open


def _place(change: tuple[int, int, bytes | bytearray]) -> tuple[int, bool]:
    return change[0], change[1] > change[0]
