"""The bytes of a message as rows of a terminal, with a caret under the byte of each fault."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.text import Text

from ...calls.dissect import Line, Span, lines
from .text import escape
from .wrapping import wrapped

__all__ = ["Line", "Mark", "Span", "Wire", "lines", "style_of"]

_TAB = escape("\t")
_CONTINUED = "  ↳ "
_BREAK_AFTER = frozenset(" ;,&")
_AROUND = 64


class Mark(NamedTuple):
    """A fault at a byte of the payload, in words; `fatal` if it makes the message unparsable."""

    offset: int
    text: str
    is_error: bool
    fatal: bool = False


class _Glyph(NamedTuple):
    """A character as it is shown, and its bytes."""

    start: int
    end: int
    text: str
    style: str


class Wire:
    """Lays out parts of one message, and keeps the remaining marks in `unplaced`.

    `width` is in cells; `not_shown` is the text for a gap of ``{}`` bytes.
    """

    def __init__(self, data: bytes, marks: Iterable[Mark], width: int, not_shown: str) -> None:
        self.data = data
        self.unplaced = sorted(marks)
        self.width = width
        self._not_shown = not_shown

    def rows(self, span: Span, *, most: int, name_end: int = 0, tab: str = _TAB) -> Iterator[Text]:
        """The rows of `span`, at most about `most` bytes of it, each followed by its carets."""
        end = span.end + (span.end == len(self.data))  # a fault at the end is marked there
        inside = [mark for mark in self.unplaced if span.start <= mark.offset < end]
        self.unplaced = [mark for mark in self.unplaced if mark not in inside]
        styles = {mark.offset: f"{style_of(mark)}.byte" for mark in inside}
        reached = span.start
        for part in _kept(span, most, inside):
            yield from self._gap(part.start - reached)
            for line in lines(self.data, *part):
                glyphs = _glyphs(self.data, line, name_end, styles, tab)
                here = [mark for mark in inside if line.start <= mark.offset < line.following]
                inside = [mark for mark in inside if mark not in here]
                if inside and line.end == len(self.data):
                    here, inside = here + inside, []
                yield from self._line(glyphs, here)
            reached = part.end
        yield from self._gap(span.end - reached)
        yield from self._carets(0, inside)

    def _gap(self, size: int) -> Iterator[Text]:
        if size > 0:
            yield Text(f"⋯ {self._not_shown.format(f'{size:,}')} ⋯", "quiet")

    def _line(self, glyphs: Sequence[_Glyph], marks: Sequence[Mark]) -> Iterator[Text]:
        """One line, broken into rows where it is too wide."""
        indent = ""
        at = 0
        while True:
            following = at + _fitting(glyphs, at, self.width - len(indent))
            is_last = following == len(glyphs)
            here = [m for m in marks if is_last or m.offset < glyphs[following].start]
            yield from self._row(indent, glyphs[at:following], here)
            if is_last:
                return
            marks = marks[len(here) :]
            indent, at = _CONTINUED, following

    def _row(self, indent: str, glyphs: Sequence[_Glyph], marks: Sequence[Mark]) -> Iterator[Text]:
        yield Text.assemble((indent, "quiet"), *((glyph.text, glyph.style) for glyph in glyphs))
        columns: dict[int, list[Mark]] = {}
        for mark in marks:
            column = len(indent) + _column(glyphs, mark.offset)
            columns.setdefault(column, []).append(mark)
        for column, here in columns.items():
            yield from self._carets(column, here)

    def _carets(self, column: int, marks: Sequence[Mark]) -> Iterator[Text]:
        """A caret under `column` and the text of its fault, beside it or, without room, below."""
        for number, mark in enumerate(marks):
            pointer, words, style = "^" if number == 0 else " ", mark.text, style_of(mark)
            if column + 2 + cell_len(words) <= self.width:
                yield Text(f"{' ' * column}{pointer} {words}", style)
            elif cell_len(words) < column:
                yield Text(f"{words} {pointer}".rjust(column + 1), style)
            else:
                yield Text(f"{' ' * column}{pointer}", style)
                yield from (Text(line, style) for line in wrapped(words, self.width))


def _kept(span: Span, most: int, marks: Iterable[Mark]) -> list[Span]:
    """The spans to show of a part longer than `most`: its beginning, and around its marks."""
    if span.end - span.start <= most:
        return [span]
    parts = [Span(span.start, span.start + most)]
    for mark in sorted(marks):
        start = max(span.start, mark.offset - _AROUND)
        end = min(span.end, mark.offset + _AROUND)
        if start <= parts[-1].end:
            parts[-1] = Span(parts[-1].start, max(end, parts[-1].end))
        else:
            parts.append(Span(start, end))
    return parts


def style_of(mark: Mark) -> str:
    """Red for an error, yellow for a warning."""
    return "error" if mark.is_error else "defect"


def _glyphs(
    data: bytes, line: Line, name_end: int, marked: dict[int, str], tab: str
) -> list[_Glyph]:
    glyphs = []
    start = line.start
    for char in data[line.start : line.end].decode("utf-8", "surrogateescape"):
        end = start + _byte_length(char)
        style = marked.get(start, "")
        if char.isprintable():
            style = style or ("name" if start < name_end else "")
            glyphs.append(_Glyph(start, end, char, style))
        else:
            text = tab if char == "\t" else escape(char)
            glyphs.append(_Glyph(start, end, text, style or "escape"))
        start = end
    return glyphs


def _fitting(glyphs: Sequence[_Glyph], start: int, width: int) -> int:
    """The number of glyphs in a row: all that fit, or fewer at a better place to break.

    At least one, so that a too wide glyph does not block the rest; zero only for no glyphs.
    """
    used = 0
    good = 0
    for number in range(len(glyphs) - start):
        text = glyphs[start + number].text
        used += cell_len(text)
        if used > width:
            return good if good * 2 > number else max(1, number)
        if text in _BREAK_AFTER:
            good = number + 1
    return len(glyphs) - start


def _byte_length(char: str) -> int:
    return 1 if char < "\x80" else len(char.encode("utf-8", "surrogateescape"))


def _column(glyphs: Sequence[_Glyph], offset: int) -> int:
    """The column, in cells, of the character with the byte at `offset`."""
    return cell_len("".join([glyph.text for glyph in glyphs if glyph.end <= offset]))
