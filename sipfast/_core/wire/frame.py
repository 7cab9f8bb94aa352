"""The pure twin of `frame.pyx`: a message that arrives in pieces, and where its header ends."""

from __future__ import annotations

from ..limits import Limits
from .tokenizer import TOKEN, pattern

__all__ = ["FINISHED", "REFUSED", "UNDECIDED", "Frame"]

UNDECIDED, FINISHED, REFUSED = range(3)
"""What `take_in` has found."""
_IN_FIRST_WORD, _IN_LINE, _AFTER_LF, _AFTER_CR = range(4)
_LINE_ENDS = 3
"""The bytes after the longest line that show where it ends."""
_FIRST_WORD = pattern(r"[^/]+ [ \t\r\n] | [Ss][Ii][Pp]/")
_LF, _CR = b"\n\r"


class Frame:
    """The bytes of one message so far."""

    __slots__ = ("_element", "_memory", "_place", "outcome", "size")

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Begin a message."""
        self._memory = bytearray()
        self.size = self._element = 0
        self.outcome = UNDECIDED
        self._place = _IN_FIRST_WORD

    def take_in(self, data: bytes, at: int, limits: Limits) -> int:
        """Add the bytes from data[at] on up to the end of the header, or of what can be none.

        Gives the offset after them, and has an `outcome` then if they suffice for one.
        """
        start, before = at, self.size
        room = limits.size - before
        stop = min(len(data), start + room)
        place, outcome = self._place, UNDECIDED
        if place == _IN_FIRST_WORD:
            word = TOKEN.match(data, at, stop)
            at = word.end() if word else at
            if at < stop:
                place = _IN_LINE
                if not _FIRST_WORD.fullmatch(self._memory + data[start : at + 1]):
                    outcome = REFUSED
                    at += 1
        while at < stop and outcome == UNDECIDED:
            if place == _IN_LINE:
                most = start + self._element + limits.line + _LINE_ENDS - before
                found = data.find(b"\n", at, min(stop, most))
                if found >= 0:
                    at = found + 1
                    place = _AFTER_LF
                elif most <= stop:
                    at = max(at, most)
                    outcome = REFUSED
                else:
                    at = stop
                continue
            byte = data[at]
            if byte == _LF:  # a blank line
                at += 1
                outcome = FINISHED
            elif place == _AFTER_LF and byte == _CR:
                at += 1
                place = _AFTER_CR
            else:
                if place == _AFTER_CR:
                    self._element = before + at - start - 1
                elif byte not in b" \t":
                    self._element = before + at - start
                place = _IN_LINE
        if outcome == UNDECIDED and at == start + room:
            outcome = REFUSED
        self.add(data, start, at)
        self._place = place
        self.outcome = outcome
        return at

    def add(self, data: bytes, at: int, end: int) -> None:
        """Add data[at:end]."""
        self._memory += data[at:end]
        self.size += end - at

    def joined(self) -> bytes:
        """All bytes so far."""
        return bytes(self._memory)
