"""A ladder as lines of text, for a terminal of any width.

Where the hosts have room, each has a lifeline and the labels are in the arrows.  More hosts have
numbers and narrow lifelines, with the labels beside them; still more have numbers alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .._install import lacking
from .model import Arrow, Ladder
from .styled import Line
from .words import Language, caption, clock, legend, legs, marked, since

try:
    from rich.cells import cell_len, set_cell_size
except ModuleNotFoundError as error:
    if error.name is None or error.name.partition(".")[0] != "rich":
        raise
    raise lacking("rich", "cli") from None

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["STYLES", "drawn"]

NARROWEST = 40
_WIDE = 96
"""From this width on, in cells, the time since the arrow before is shown too."""
_LANE = 14
"""The least distance of two lifelines with labels between them."""
_PITCH = 4
"""The distance of narrow lifelines."""
_LABELS = 24
"""The least room of labels beside lifelines."""
_MOST_LEGS = 8

STYLES = {
    "request": "name",
    "provisional": "quiet",
    "success": "good",
    "redirection": "defect",
    "failure": "error",
    "unparsable": "error",
}
"""The style of an arrow by its kind."""

_Parts = list[tuple[str, str]]


def drawn(ladder: Ladder, width: int, language: Language, *, heading: bool) -> list[Line]:
    """The lines of a ladder; `Ladder.text` has the arguments."""
    width = max(NARROWEST, width)
    lines = list(_heading(ladder, width, language)) if heading else []
    if ladder.arrows:
        lines += _Drawing(ladder, width).lines()
    if heading:
        lines += _legend(ladder, width, language)
    return lines


def _heading(ladder: Ladder, width: int, language: Language) -> Iterator[Line]:
    for label, text in legs(ladder, language, _MOST_LEGS):
        label += " " if label else ""
        yield Line(((label, "quiet"), (_cut(text, width - cell_len(label)), "title")))
    yield Line(((_cut(caption(ladder, language), width), "quiet"),))
    yield Line(())


def _legend(ladder: Ladder, width: int, language: Language) -> Iterator[Line]:
    used = legend(ladder.arrows, language)
    if used:
        yield Line(())
        for line in _packed(used, width):
            yield Line(((line, "quiet"),))


def _packed(texts: Sequence[str], width: int) -> Iterator[str]:
    """Texts side by side, as many in a line as fit."""
    line = ""
    for text in texts:
        if line and cell_len(line) + 3 + cell_len(text) > width:
            yield line
            line = ""
        line = f"{line}   {text}" if line else text
    if line:
        yield line


def _cut(text: str, width: int) -> str:
    """The text in `width` cells, with ``…`` at the end of what was longer."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(0, width - 1)).rstrip() + "…"


class _Drawing:
    """The layout of one ladder in one width."""

    def __init__(self, ladder: Ladder, width: int) -> None:
        self._ladder = ladder
        self._width = width
        self._has_times = any(arrow.time_ns is not None for arrow in ladder.arrows)
        self._has_deltas = width >= _WIDE and any(a.delta is not None for a in ladder.arrows)
        self._numbers = max(3, len(str(len(ladder.arrows))))
        self._has_legs = len(ladder.call.call_ids) > 1
        self._legs = len(str(len(ladder.call.call_ids)))
        self._left = (12 if self._has_times else self._numbers) + (9 if self._has_deltas else 0) + 2
        self._left += self._legs + 1 if self._has_legs else 0
        self._labels = [host.label for host in ladder.hosts]
        self._places: list[int] = []

    def lines(self) -> Iterator[Line]:
        count, room = len(self._labels), self._width - self._left
        if count == 1 or (room - _LANE) // (count - 1) >= _LANE:
            return self._wide()
        if self._left + _PITCH * len(self._labels) + _LABELS <= self._width:
            return self._narrow()
        return self._numbered()

    # ---- lifelines with labels in the arrows

    def _wide(self) -> Iterator[Line]:
        count = len(self._labels)
        room = self._width - self._left
        longest = max(map(cell_len, self._labels))
        spacing = room if count == 1 else (room - min(longest, room // count)) // (count - 1)
        most = min(spacing - 2, room // count) if count > 1 else room
        heads = [_split(label, most) for label in self._labels]
        if any(head is None for head in heads):
            yield from self._listed_hosts()
            heads = [(f"({number})",) for number in range(1, count + 1)]
        fitting: list[tuple[str, ...]] = [head for head in heads if head is not None]
        first, last = (max(map(cell_len, fitting[at])) for at in (0, -1))
        start = self._left + first // 2
        end = self._width - 1 - last // 2
        # Lifelines farther apart than the labels need are hard to follow.
        end = min(end, start + (count - 1) * self._comfortable(fitting))
        self._places = [
            start + (end - start) * index // max(1, count - 1) for index in range(count)
        ]
        for row in range(max(map(len, fitting))):
            cells = [head[row] if row < len(head) else "" for head in fitting]
            yield self._row(
                [(place, text) for place, text in zip(self._places, cells, strict=True)]
            )
        for index, arrow in enumerate(self._ladder.arrows):
            yield from self._arrow(index, arrow)

    def _comfortable(self, heads: Sequence[tuple[str, ...]]) -> int:
        longest = max(cell_len(marked(arrow)) for arrow in self._ladder.arrows)
        return max(24, longest + 8, *(max(map(cell_len, head)) + 2 for head in heads))

    def _row(self, texts: Sequence[tuple[int, str]]) -> Line:
        """Texts, each in the middle of its place."""
        line = ""
        for place, text in texts:
            start = place - cell_len(text) // 2
            line += " " * max(0, start - cell_len(line)) + text
        return Line(((line, "title"),))

    def _arrow(self, index: int, arrow: Arrow) -> Iterator[Line]:
        label, style = marked(arrow), STYLES[arrow.kind]
        source, target = self._places[arrow.source], self._places[arrow.target]
        low, high = min(source, target), max(source, target)
        dash = "╌" if arrow.is_retransmission or arrow.is_duplicate else "─"
        if low == high:
            label = f"↺ {label}"
            room = self._width - low - 2
            if cell_len(label) <= room:
                yield Line((*self._margin(index, arrow), *self._over(low + 2, label, style)), index)
                return
            start = self._width - cell_len(label)
            if start >= self._left:
                yield Line((*self._margin(index, arrow), *self._over(start, label, style)), index)
                return
            label = f"↺ {_fitted(arrow, self._width - self._left - 2)}"
            yield Line((*self._margin(index, arrow), *self._over(self._left, label, style)), index)
            return
        room = high - low - 3
        if cell_len(label) + 2 <= room:
            left = (room - cell_len(label) - 2) // 2
            right = room - cell_len(label) - 2 - left
            inside: _Parts = [(dash * left, style), (f" {label} ", style), (dash * right, style)]
        else:
            yield self._label_line(arrow, style, low, index)
            inside = [(dash * room, style)]
        if target > source:
            shaft = [(dash, style), *inside, ("→", style)]
        else:
            shaft = [("←", style), *inside, (dash, style)]
        yield Line((*self._margin(index, arrow), *self._through(low, shaft, high)), index)

    def _label_line(self, arrow: Arrow, style: str, low: int, index: int) -> Line:
        label = _fitted(arrow, self._width - self._left)
        start = max(self._left, min(low + 2, self._width - cell_len(label)))
        return Line(((" " * self._left, ""), *self._over(start, label, style)), index)

    def _over(self, start: int, text: str, style: str) -> Iterator[tuple[str, str]]:
        """The lifelines from the margin on, with a text over them."""
        end = start + cell_len(text)
        yield self._lifelines(self._left, start - 1), "quiet"
        yield " " if start > self._left else "", ""
        yield text, style
        yield self._lifelines(end, self._places[-1] + 1), "quiet"

    def _through(self, low: int, shaft: _Parts, high: int) -> Iterator[tuple[str, str]]:
        """The lifelines from the margin on, with an arrow between two of them."""
        yield self._lifelines(self._left, low + 1), "quiet"
        yield from shaft
        yield self._lifelines(high, self._places[-1] + 1), "quiet"

    def _lifelines(self, start: int, end: int) -> str:
        cells = [" "] * max(0, end - start)
        for place in self._places:
            if start <= place < end:
                cells[place - start] = "│"
        return "".join(cells)

    # ---- narrow lifelines, and labels beside them

    def _narrow(self) -> Iterator[Line]:
        yield from self._listed_hosts()
        count = len(self._labels)
        self._places = [self._left + 1 + _PITCH * index for index in range(count)]
        beside = self._places[-1] + 4
        numbers = [(place, str(number)) for number, place in enumerate(self._places, 1)]
        yield self._row(numbers)
        for index, arrow in enumerate(self._ladder.arrows):
            style = STYLES[arrow.kind]
            source, target = self._places[arrow.source], self._places[arrow.target]
            low, high = min(source, target), max(source, target)
            if low == high:
                lanes = self._lifelines(self._left, low), self._lifelines(low + 1, beside - 3)
                drawing: _Parts = [(lanes[0], "quiet"), ("↺", style), (lanes[1], "quiet")]
            else:
                dash = "╌" if arrow.is_retransmission or arrow.is_duplicate else "─"
                line = dash * (high - low - 2)
                shaft = line + "→" if target > source else "←" + line
                drawing = list(self._through(low, [(shaft, style)], high))
            used = self._left + sum(cell_len(text) for text, _ in drawing)
            label = _fitted(arrow, self._width - beside)
            drawing += [(" " * (beside - used), ""), (label, style)]
            yield Line((*self._margin(index, arrow), *drawing), index)

    def _listed_hosts(self) -> Iterator[Line]:
        digits = len(str(len(self._labels)))
        for number, label in enumerate(self._labels, 1):
            parts = ((f"{number:>{digits}} ", "quiet"), (_cut(label, self._width - 3), "title"))
            yield Line(parts)
        yield Line(())

    # ---- numbers alone

    def _numbered(self) -> Iterator[Line]:
        yield from self._listed_hosts()
        digits = len(str(len(self._labels)))
        for index, arrow in enumerate(self._ladder.arrows):
            path = f"{arrow.source + 1:>{digits}} → {arrow.target + 1:<{digits}}  "
            label = _fitted(arrow, self._width - self._left - cell_len(path))
            parts = ((path, "quiet"), (label, STYLES[arrow.kind]))
            yield Line((*self._margin(index, arrow), *parts), index)

    def _margin(self, index: int, arrow: Arrow) -> Iterator[tuple[str, str]]:
        if self._has_times:
            yield f"{clock(arrow.time_ns):12} ", "quiet"
        else:
            yield f"{arrow.message + 1:>{self._numbers}} ", "quiet"
        if self._has_deltas:
            yield f"{since(arrow.delta):>8} ", "quiet"
        if self._has_legs:
            yield f"{arrow.leg + 1:>{self._legs}} ", "title"
        yield " ", ""


def _fitted(arrow: Arrow, width: int) -> str:
    """The text of an arrow, cut to the width if it is longer, with its marks."""
    label = marked(arrow)
    if cell_len(label) <= width:
        return label
    marks = label[len(arrow.text) :]
    return _cut(arrow.text, width - cell_len(marks)) + marks


def _split(label: str, width: int) -> tuple[str, ...] | None:
    """The label of a host in one line, or the port in a second one; None if that is too wide."""
    if cell_len(label) <= width:
        return (label,)
    address, colon, port = label.rpartition(":")
    if colon and address and (address[-1] == "]" or ":" not in address):
        return (address, colon + port) if cell_len(address) <= width else None
    return None
