"""Screens of text: messages, differences, the summary, and the help."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.worker import get_current_worker

from ....calls import CallMessage
from ...screen.grid import Grid
from ...screen.text import shortened, visible
from .bindings import bindings
from .columns import Row
from .difference import difference
from .keys import KEYS, PLACES
from .lines import Sheet
from .messages import found_in
from .pages import page_of
from .screens import Bar, BrowserScreen, Foot

__all__ = [
    "DifferenceScreen",
    "HelpScreen",
    "MessagesScreen",
    "OneMessageScreen",
    "SheetScreen",
    "SummaryScreen",
]

_MOST_MESSAGES = 500
"""The messages of the screen of messages."""
_AT_ONCE = 20
_BAR = 40


class SheetScreen(BrowserScreen):
    """A screen of lines."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("page")

    def compose(self) -> ComposeResult:
        yield Bar(id="title")
        yield Sheet(id="sheet")
        yield Foot("page")

    @property
    def sheet(self) -> Sheet:
        return self.query_one("#sheet", Sheet)

    def on_mount(self) -> None:
        self.sheet.focus()

    def on_resize(self) -> None:
        self.call_after_refresh(self.renew)

    def renew(self) -> None:
        self.query_one("#title", Bar).put(Text(f" {self.heading()}", "title", no_wrap=True))
        self.query_one(Foot).renew()
        self.fill(max(20, self.sheet.scrollable_content_region.width))

    def heading(self) -> str:
        """The title."""
        raise NotImplementedError

    def fill(self, width: int) -> None:
        """Put the lines."""
        raise NotImplementedError

    def rows(self) -> list[Row]:
        """The dialogs that can be saved from here."""
        return []

    def action_save(self) -> None:
        rows = self.rows()
        if self.browser.is_loaded and self.browser.store.total:
            first = rows[0] if rows else None
            self.browser.open_save(first, [row.id for row in rows])


class OneMessageScreen(SheetScreen):
    """A message on the whole screen."""

    def __init__(self, message: CallMessage) -> None:
        super().__init__()
        self._message = message

    def heading(self) -> str:
        return self.browser.look.words.one_message.format(f"{self._message.number:,}")

    def fill(self, width: int) -> None:
        one, browser = self._message, self.browser
        path = one.record.file or ""
        self.sheet.put(
            page_of(path, one.number, one.record, width, browser.look.words, browser.painter)
        )


class DifferenceScreen(SheetScreen):
    """Two messages beside each other."""

    def __init__(self, one: CallMessage, other: CallMessage) -> None:
        super().__init__()
        self._one, self._other = one, other

    def heading(self) -> str:
        numbers = f"{self._one.number:,}", f"{self._other.number:,}"
        return self.browser.look.words.difference.format(*numbers)

    def fill(self, width: int) -> None:
        words = self.browser.look.words
        one, other = bytes(self._one.record.data), bytes(self._other.record.data)
        lines = difference(one, other, width, words.not_compared)
        if one == other:
            lines = [Text(words.equal, "good"), Text(), *lines]
        self.sheet.put(lines)


class MessagesScreen(SheetScreen):
    """All messages of some dialogs, read in a thread."""

    def __init__(self, rows: Sequence[Row]) -> None:
        super().__init__()
        self._rows = list(rows)

    def heading(self) -> str:
        words = self.browser.look.words
        if len(self._rows) > 1:
            return words.all_messages.format(words.dialogs(len(self._rows)))
        return words.all_messages.format(visible(shortened(self._rows[0].call_id or "?", 80)))

    def rows(self) -> list[Row]:
        return self._rows

    def fill(self, width: int) -> None:
        self.sheet.put([])
        self._read(width)

    @work(thread=True, exclusive=True, group="messages")
    def _read(self, width: int) -> None:
        worker = get_current_worker()
        words, painter = self.browser.look.words, self.browser.new_painter()
        lines: list[Text] = []
        rule = Text("─" * min(width, 40), "quiet")
        found = found_in(self.browser.store, self._rows, lambda: not worker.is_cancelled)
        for count, (path, one) in enumerate(found):
            if count == _MOST_MESSAGES:
                lines += [Text(words.too_long.format(words.messages(count)), "defect")]
                break
            lines += [Text(), rule, Text()] if count else []
            lines += page_of(path, one.number, one.record, width, words, painter)
            if count % _AT_ONCE == _AT_ONCE - 1:
                self.app.call_from_thread(self._more, lines)
                lines = []
        if not worker.is_cancelled:
            self.app.call_from_thread(self._more, lines)

    def _more(self, lines: list[Text]) -> None:
        if self.is_attached:
            self.sheet.put(lines, more=True)


class HelpScreen(SheetScreen):
    """Every key of the table."""

    def heading(self) -> str:
        return self.browser.look.words.help_title

    def action_help(self) -> None:
        self.dismiss()

    def fill(self, width: int) -> None:
        words = self.browser.look.words
        is_chinese = words.language == "zh"
        room = max(cell_len(key.shown) for key in KEYS) + 2
        lines = [Text(f" {words.sngrep_keys}", "quiet")]
        for place, names in PLACES.items():
            lines += [Text(), Text(f" {names[is_chinese]}", "title")]
            grid = Grid("short", "short", "text")
            for key in KEYS:
                if key.place == place:
                    shown = Text(key.shown.ljust(room), "key")
                    mark = Text("·" if key.sngrep else " ", "quiet")
                    grid.row(shown, mark, key.zh if is_chinese else key.en)
            for line in grid.lines(self.browser.painter, width - 3):
                lines.append(Text("  ").append_text(line))
        self.sheet.put(lines)


class SummaryScreen(SheetScreen):
    """The figures of all dialogs."""

    def heading(self) -> str:
        return self.browser.look.words.summary_title

    def fill(self, width: int) -> None:
        words, look, store = self.browser.look.words, self.browser.look, self.browser.store
        found = store.summary()
        lines = [
            Text(
                f" {self.browser.name_of_files}: {words.messages(store.messages)},"
                f" {words.dialogs(store.total)}, {words.calls(store.calls)}"
            )
        ]
        if found.first is not None and found.last is not None:
            span = words.span.format(look.full(found.first), look.full(found.last))
            lines.append(Text(f" {span}", "quiet"))
        if found.delay is not None and found.long_delay is not None:
            text = words.delays.format(f"{found.delay:.2f}", f"{found.long_delay:.2f}")
            lines.append(Text(f" {text}"))
        if found.duration is not None and found.talk is not None:
            hours = f"{found.talk / 3600:,.1f}"
            lines.append(Text(f" {words.durations.format(f'{found.duration:.1f}', hours)}"))
        for path, reason in store.unreadable.items():
            lines.append(Text(f" {visible(words.unreadable.format(path, reason))}", "error"))
        if store.skipped:
            reasons = words.reasons(store.skipped)
            text = words.not_read.format(self.browser.name_of_files, reasons)
            lines.append(Text(f" {visible(text)}", "defect"))
        parts = [
            (words.of_results, [(words.results(name), count) for name, count in found.results]),
            (words.of_methods, found.methods),
            (words.of_statuses, found.statuses),
            (words.of_sources, found.sources),
        ]
        for title, rows in parts:
            if rows:
                lines += [Text(), Text(f" {title}", "title"), *self._bars(rows, width)]
        self.sheet.put(lines)

    def _bars(self, rows: Sequence[tuple[str, int]], width: int) -> list[Text]:
        most = max(count for _, count in rows)
        grid = Grid("number", "text", "bar")
        for name, count in rows:
            bar = Text("█" * max(1, count * _BAR // most), "bar")
            grid.row(f"{count:,}", visible(shortened(name, 60)), bar)
        lines = grid.lines(self.browser.painter, width - 3)
        return [Text("  ").append_text(line) for line in lines]
