"""The screen of the list: the dialogs, the filter, and what can be done with them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from time import monotonic
from typing import Any, ClassVar

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input

from ...screen.text import visible
from .bindings import bindings
from .columns import COLUMNS, Column, Row
from .dialogs import ColumnsDialog, ConditionDialog, SettingsDialog
from .flow import FlowScreen
from .lines import Lines
from .program import Program
from .screens import Bar, BrowserScreen, Field, Foot
from .sheets import MessagesScreen, SummaryScreen
from .store import Malformed, Stopped, Store, View

_BLOCK = 128
_MOST_BLOCKS = 32
_GAP = 1
_MARK = 2
_PATIENCE = 0.3
"""Seconds after which the list says that it is being changed."""


class DialogList(Lines):
    """The dialogs of the view; rows are fetched in blocks when they are seen."""

    def __init__(self, store: Store) -> None:
        super().__init__(id="dialogs")
        self._store = store
        self._blocks: OrderedDict[int, list[Row]] = OrderedDict()
        self._count = 0
        self._laid_out: tuple[int, list[tuple[Column, int]]] | None = None
        self.marked: set[int] = set()

    @property
    def browser(self) -> Program:
        return self.app  # type: ignore[return-value]

    @property
    def stops(self) -> int:
        return self._count

    def row(self, place: int) -> Row | None:
        """The dialog at a place of the view."""
        number = place // _BLOCK
        block = self._blocks.get(number)
        if block is None:
            block = self._store.rows(number * _BLOCK, (number + 1) * _BLOCK)
            self._blocks[number] = block
            if len(self._blocks) > _MOST_BLOCKS:
                self._blocks.popitem(last=False)
        at = place - number * _BLOCK
        return block[at] if at < len(block) else None

    @property
    def current(self) -> Row | None:
        """The dialog at the cursor."""
        return self.row(self.cursor) if self._count else None

    def view_changed(self, cursor: int) -> None:
        """The view has other dialogs, or another order."""
        self._blocks.clear()
        self._count = self._store.shown
        self.cursor = cursor
        self.renew()
        self.go(self.cursor)

    def renew(self) -> None:
        self._laid_out = None
        super().renew()

    # ---- drawing

    def columns(self, width: int) -> list[tuple[Column, int]]:
        """The columns that fit, each with its width; the cells that are left are shared out."""
        if self._laid_out is not None and self._laid_out[0] == width:
            return self._laid_out[1]
        shown = [COLUMNS[name] for name in self.browser.columns]
        if self.browser.look.times == "date":
            shown = [c._replace(least=14) if c.name == "time" else c for c in shown]
        room = width - _MARK
        while len(shown) > 1 and _least(shown) > room:
            names = [column.name for column in shown]
            leaving = next((name for name in _LEAVING if name in names), names[-1])
            shown = [column for column in shown if column.name != leaving]
        shares = sum(column.share for column in shown) or 1
        left = max(0, room - _least(shown))
        widths = [(column, column.least + left * column.share // shares) for column in shown]
        self._laid_out = width, widths
        return widths

    def head(self, width: int) -> Text:
        """The names of the columns, with an arrow at the one that sorts."""
        view, words = self.browser.view, self.browser.look.words
        text = Text(" " * _MARK)
        for column, room in self.columns(width):
            is_sorted = column.name == view.sort
            arrow = ("▼" if view.descending else "▲") if is_sorted else ""
            name = words.heads(column.name) + arrow
            text.append(_cell(name, room, column.is_number), "title" if is_sorted else "quiet")
            text.append(" " * _GAP)
        return text

    def line(self, number: int, width: int) -> Text:
        row = self.row(number)
        if row is None:
            return Text()
        look = self.browser.look
        text = Text.assemble(("● " if row.id in self.marked else "  ", "mark"))
        for column, room in self.columns(width):
            style = _style(column, row)
            text.append(_cell(column.cell(row, look), room, column.is_number), style)
            text.append(" " * _GAP)
        return text


_LEAVING = (
    "user agent", "codecs", "Call-ID", "destination", "source", "repeats", "cause", "hung up",
    "status", "setup", "duration", "messages", "delay", "number", "method",
)  # fmt: skip
"""The columns that a narrow screen has no room for, in this order."""

_STYLES = {
    "answered": "good",
    "failed": "error",
    "busy": "defect",
    "declined": "defect",
    "no answer": "defect",
}


def _style(column: Column, row: Row) -> str:
    if column.name == "method":
        return "name"
    if column.name not in ("result", "status"):
        return "quiet" if column.name in ("Call-ID", "number") else ""
    if row.result is not None:
        return _STYLES.get(row.result, "")
    status = row.status or 0
    return "good" if 200 <= status < 300 else "error" if status >= 400 else ""


def _least(columns: Sequence[Column]) -> int:
    return sum(column.least + _GAP for column in columns)


def _cell(text: str, width: int, is_number: bool) -> str:
    """The text in exactly `width` cells."""
    size = cell_len(text)
    if size > width:
        return set_cell_size(text, width - 1) + "…"
    return " " * (width - size) + text if is_number else text + " " * (width - size)


class ListScreen(BrowserScreen):
    """The list of dialogs."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("list")
    PLACE = "list"

    def __init__(self) -> None:
        super().__init__()
        self._asked = self._answered = 0
        self._since = 0.0

    def compose(self) -> ComposeResult:
        yield Bar(id="title")
        yield Bar(id="head")
        yield DialogList(self.browser.store)
        yield Bar(id="note")
        yield Field(id="filter", compact=True, select_on_focus=False)
        yield Foot("list")

    @property
    def dialogs(self) -> DialogList:
        return self.query_one(DialogList)

    @property
    def input(self) -> Input:
        return self.query_one("#filter", Input)

    def on_mount(self) -> None:
        self.input.display = False
        self.query_one("#note").display = False
        self.dialogs.focus()
        self.renew()

    def renew(self) -> None:
        """Draw all anew, such as in another language."""
        self.dialogs.renew()
        self.bars()
        self.query_one(Foot).renew()

    def on_resize(self) -> None:
        self.call_after_refresh(self.bars)

    # ---- what is above and below the list

    def bars(self) -> None:
        """Draw the lines above and below the list."""
        words, store, view = self.browser.look.words, self.browser.store, self.browser.view
        width = self.dialogs.size.width
        title = Text(no_wrap=True)
        title.append(" sipfast browse ", "title")
        title.append(self.browser.name_of_files, "name")
        if not self.browser.is_loaded:
            title.append(f"  {self.browser.progress}", "quiet")
        else:
            shown = words.dialogs(store.total)
            if store.shown != store.total:
                shown = words.shown.format(f"{store.shown:,}", shown)
            title.append(f"  {shown}", "")
            title.append(words.parenthesis.format("", words.calls(store.calls)), "quiet")
            if not store.has_results:
                title.append(f"  {self.browser.progress}", "quiet")
            if self.dialogs.marked:
                title.append(f"  {words.marked(len(self.dialogs.marked))}", "mark")
        self.query_one("#title", Bar).put(title)
        self.query_one("#head", Bar).put(self.dialogs.head(width))
        note = Text(no_wrap=True)
        if self.browser.is_loaded and not store.total:
            note.append(f" {words.no_dialogs}", "quiet")
        elif self.browser.is_loaded and not store.shown:
            note.append(f" {words.none_match}", "quiet")
        if self._answered != self._asked and monotonic() - self._since >= _PATIENCE:
            note.append(f" {words.choosing}", "defect")
        parts = [
            (words.filter, view.text if not self.input.display else ""),
            (words.condition, view.condition),
        ]
        for label, text in parts:
            if text:
                note.append(f" {label} ", "quiet").append(visible(text), "name")
        if view.calls_only:
            note.append(f" {words.calls_only}", "name")
        if self.browser.note:
            note.append(f" {self.browser.note}", "defect")
        self.query_one("#note", Bar).put(note)
        self.query_one("#note").display = bool(note.plain)

    def loaded(self) -> None:
        """The dialogs are there."""
        self.dialogs.view_changed(0)
        self.bars()

    # ---- the view

    def change(self, **parts: Any) -> None:
        """Change the view, in a thread, of which only the last one counts."""
        if not self.browser.is_loaded:
            return
        self.browser.view = self.browser.view._replace(**parts)
        self._asked += 1
        self._since = monotonic()
        self.set_timer(_PATIENCE, self.bars)
        row = self.dialogs.current
        self._show(self.browser.view, None if row is None else row.id, self._asked)

    @work(thread=True, exclusive=True, group="view")
    def _show(self, view: View, current: int | None, asked: int) -> None:
        store = self.browser.store
        try:
            store.show(view, lambda: asked == self._asked)
            place = 0 if current is None else store.place_of(current)
        except Stopped:
            return
        except Malformed as error:
            self.app.call_from_thread(self._refused, str(error), asked)
            return
        self.app.call_from_thread(self._shown, place, asked)

    def _shown(self, place: int, asked: int) -> None:
        if asked == self._asked:
            self._answered = asked
            self.dialogs.view_changed(place)
            self.bars()

    def _refused(self, why: str, asked: int) -> None:
        if asked == self._asked:
            self.say(self.browser.look.words.bad_condition.format(visible(why)), error=True)
            self.change(condition="")

    @on(Input.Changed, "#filter")
    def _typed(self, event: Input.Changed) -> None:
        if event.value != self.browser.view.text:
            self.change(text=event.value)

    @on(Input.Submitted, "#filter")
    def _done(self) -> None:
        self._leave_filter()

    def _leave_filter(self) -> None:
        self.input.display = False
        self.dialogs.focus()
        self.bars()

    def on_key(self, event: object) -> None:
        key = getattr(event, "key", "")
        if self.input.has_focus and key in ("up", "down", "tab"):
            self._leave_filter()
            event.stop()  # type: ignore[attr-defined]
            event.prevent_default()  # type: ignore[attr-defined]

    # ---- the keys

    def action_leave(self) -> None:
        view = self.browser.view
        if self.input.display:
            self.input.value = ""
            self._leave_filter()
            self.change(text="")
        elif view.text or view.condition:
            self.input.value = ""
            self.change(text="", condition="")
        else:
            self.browser.leave()

    def action_filter(self) -> None:
        self.input.placeholder = self.browser.look.words.filter
        self.input.value = self.browser.view.text
        self.input.display = True
        self.input.focus()
        self.bars()

    def action_mark(self) -> None:
        row = self.dialogs.current
        if row is not None:
            self.dialogs.marked ^= {row.id}
            self.dialogs.action_down()
            self.dialogs.refresh()
            self.bars()

    def action_mark_all(self) -> None:
        if self.dialogs.marked:
            self.dialogs.marked.clear()
        else:
            self.dialogs.marked.update(self.browser.store.ids())
        self.dialogs.refresh()
        self.bars()

    def action_clear(self) -> None:
        self.dialogs.marked.clear()
        self.input.value = ""
        self.change(text="", condition="", calls_only=False)

    def action_calls(self) -> None:
        self.change(calls_only=not self.browser.view.calls_only)

    def action_sort_left(self) -> None:
        self._sort_by(-1)

    def action_sort_right(self) -> None:
        self._sort_by(1)

    def _sort_by(self, step: int) -> None:
        names = [column.name for column, _ in self.dialogs.columns(self.dialogs.size.width)]
        sort = self.browser.view.sort
        at = names.index(sort) + step if sort in names else 0
        self.change(sort=names[at % len(names)])

    def action_sort_turn(self) -> None:
        self.change(descending=not self.browser.view.descending)

    # ---- other screens

    def chosen(self) -> list[Row]:
        """The marked dialogs, at most as many as a ladder takes; without any, the current one."""
        store, marked = self.browser.store, sorted(self.dialogs.marked)
        if not marked:
            row = self.dialogs.current
            return [] if row is None else [row]
        most = self.browser.most_of_ladder
        if len(marked) > most:
            text = self.browser.look.words.too_many
            self.say(text.format(f"{len(marked):,}", f"{most:,}"))
        return [store.row(number) for number in marked[:most]]

    def action_flow(self) -> None:
        rows = self.chosen()
        if rows:
            self.app.push_screen(FlowScreen(rows))

    @on(Lines.Opened)
    def _opened(self) -> None:
        self.action_flow()

    def action_extended(self) -> None:
        rows = self.chosen()
        if rows:
            self.app.push_screen(FlowScreen(rows, extended=True))

    def action_raw(self) -> None:
        rows = self.chosen()
        if rows:
            self.app.push_screen(MessagesScreen(rows))

    def action_summary(self) -> None:
        if self.browser.is_loaded:
            self.app.push_screen(SummaryScreen())

    def action_save(self) -> None:
        if self.browser.is_loaded and self.browser.store.total:
            self.browser.open_save(self.dialogs.current, sorted(self.dialogs.marked))

    def action_condition(self) -> None:
        def applied(condition: str | None) -> None:
            if condition is not None:
                self.change(condition=condition)

        if self.browser.is_loaded:
            self.app.push_screen(ConditionDialog(self.browser.view.condition), applied)

    def action_settings(self) -> None:
        self.app.push_screen(SettingsDialog())

    def action_columns(self) -> None:
        def closed(_result: str | None) -> None:
            if self.browser.view.sort not in self.browser.columns:
                self.change(sort=self.browser.columns[0])
            self.renew()

        self.app.push_screen(ColumnsDialog(), closed)
