"""A widget of lines that are drawn when they are seen, however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from .bindings import bindings
from .palette import painted

__all__ = ["Lines", "Sheet"]


class Lines(ScrollView, can_focus=True):
    """Lines in order, and stops among them that the cursor goes to.

    A subclass says how many stops there are, which lines they have, and what a line shows.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings("lines")
    COMPONENT_CLASSES: ClassVar[set[str]] = {"lines--cursor"}
    DEFAULT_CSS = """
    Lines { background: $background; color: $foreground; scrollbar-size: 0 1; }
    Lines > .lines--cursor { background: $lines-cursor; }
    """

    class Moved(Message):
        """The cursor is at another stop."""

        def __init__(self, lines: Lines) -> None:
            super().__init__()
            self.lines = lines

        @property
        def control(self) -> Lines:
            return self.lines

    class Opened(Moved):
        """A stop was clicked twice."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.cursor = 0
        self.show_horizontal_scrollbar = False

    # ---- for subclasses

    @property
    def stops(self) -> int:
        """The number of stops; 0 for lines without a cursor."""
        return 0

    @property
    def height_of_all(self) -> int:
        """The number of lines."""
        return self.stops

    def lines_of(self, stop: int) -> range:
        """The lines of a stop."""
        return range(stop, stop + 1)

    def line(self, number: int, width: int) -> Text:
        """What a line shows."""
        raise NotImplementedError

    # ---- drawing

    def renew(self) -> None:
        """Draw all lines anew: their number, or what they show, has changed."""
        self.cursor = max(0, min(self.cursor, self.stops - 1))
        self.virtual_size = Size(self.scrollable_content_region.width, self.height_of_all)
        self.refresh()

    def on_resize(self, _event: events.Resize) -> None:
        self.renew()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        number = y + self.scroll_offset.y
        if number >= self.height_of_all or width <= 0:
            return Strip.blank(width, self.rich_style)
        text = self.line(number, width)
        style = self.rich_style
        if self.stops and number in self.lines_of(self.cursor):
            style = style + self.get_component_rich_style("lines--cursor", partial=True)
        return painted(text, self.app.painter, width, style)  # type: ignore[attr-defined]

    # ---- moving

    def go(self, stop: int) -> None:
        """Move the cursor to a stop, or the view by as many lines where there is no cursor."""
        stop = max(0, min(stop, self.stops - 1))
        has_moved = stop != self.cursor
        self.cursor = stop
        lines = self.lines_of(stop)
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        if stop == 0:
            self.scroll_to(y=0, animate=False, immediate=True)
        elif lines.start < top:
            self.scroll_to(y=lines.start, animate=False, immediate=True)
        elif lines.stop > top + height:
            self.scroll_to(y=lines.stop - height, animate=False, immediate=True)
        self.refresh()
        if has_moved:
            self.post_message(self.Moved(self))

    def _step(self, stops: int) -> None:
        if self.stops:
            self.go(self.cursor + stops)
        else:
            self.scroll_to(y=self.scroll_offset.y + stops, animate=False, immediate=True)

    @property
    def _page(self) -> int:
        return max(1, self.scrollable_content_region.height - 1)

    def action_up(self) -> None:
        self._step(-1)

    def action_down(self) -> None:
        self._step(1)

    def action_page_up(self) -> None:
        self._step(-self._page)

    def action_page_down(self) -> None:
        self._step(self._page)

    def action_half_up(self) -> None:
        self._step(-(self._page + 1) // 2)

    def action_half_down(self) -> None:
        self._step((self._page + 1) // 2)

    def action_first(self) -> None:
        self._step(-self.height_of_all)

    def action_last(self) -> None:
        self._step(self.height_of_all)

    def _stop_at(self, line: int) -> int | None:
        """The stop that has a line."""
        low, high = 0, self.stops
        while low < high:
            middle = (low + high) // 2
            if self.lines_of(middle).stop <= line:
                low = middle + 1
            else:
                high = middle
        return low if low < self.stops and line in self.lines_of(low) else None

    def on_click(self, event: events.Click) -> None:
        stop = self._stop_at(event.y + self.scroll_offset.y) if self.stops else None
        if stop is None:
            return
        self.go(stop)
        if event.chain == 2:
            self.post_message(self.Opened(self))


class Sheet(Lines):
    """Lines of text without a cursor."""

    def __init__(self, lines: Sequence[Text] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: list[Text] = list(lines)

    @property
    def height_of_all(self) -> int:
        return len(self._lines)

    def line(self, number: int, width: int) -> Text:
        return self._lines[number]

    def put(self, lines: Sequence[Text], *, more: bool = False) -> None:
        """Show other lines, or more of them."""
        if more:
            self._lines += lines
        else:
            self._lines = list(lines)
            self.scroll_to(y=0, animate=False, immediate=True)
        self.renew()
