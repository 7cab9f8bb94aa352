"""Small screens above the others: saving, a condition, the columns, the settings."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Input
from textual.worker import get_current_worker

from ....capture import Record
from ...files import is_same
from ...screen.text import visible
from ...screen.words import LANGUAGES
from ...screen.wrapping import wrapped
from .columns import COLUMNS, NAMES, TIMES, Row
from .lines import Lines
from .messages import call_of, found_in
from .saving import (
    CAPTURES,
    FORMATS,
    LADDERS,
    MOST_OF_LADDER,
    format_of,
    save_captures,
    save_ladder,
    save_text,
)
from .screens import Bar, BrowserDialog, Field
from .store import Malformed, Stopped
from .words import BrowseWords

__all__ = ["ColumnsDialog", "ConditionDialog", "SaveDialog", "SettingsDialog"]

_EXAMPLE = "status >= 500 and post_dial_delay > 3"


class Choices(Lines):
    """Lines to choose among."""

    def __init__(self) -> None:
        super().__init__(id="choices")
        self.texts: list[Text] = []

    @property
    def stops(self) -> int:
        return len(self.texts)

    def line(self, number: int, width: int) -> Text:
        return self.texts[number]

    def put(self, texts: Sequence[Text]) -> None:
        """Show other lines."""
        self.texts = list(texts)
        self.renew()


class Note(Lines):
    """Prose in as many lines as it takes."""

    can_focus = False

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._text, self._style = "", "quiet"
        self._rows: list[str] = []

    @property
    def height_of_all(self) -> int:
        return len(self._rows)

    def line(self, number: int, width: int) -> Text:
        return Text(self._rows[number], self._style)

    def put(self, text: str, style: str = "quiet") -> None:
        """Show another text."""
        self._text, self._style = text, style
        self.renew()

    def renew(self) -> None:
        width = self.parent.size.width - 2 if isinstance(self.parent, Widget) else 60
        self._rows = wrapped(visible(self._text), max(20, width))
        self.styles.height = max(1, len(self._rows))
        super().renew()


class ConditionDialog(BrowserDialog):
    """A condition in SQL, which is the result."""

    def __init__(self, condition: str) -> None:
        super().__init__()
        self._condition = condition
        self._asked = 0

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Bar(id="title")
            yield Field(self._condition, id="condition", compact=True, placeholder=_EXAMPLE)
            yield Note(id="note")
            yield Note(id="names")
            yield Note(id="keys")

    def on_mount(self) -> None:
        words = self.browser.look.words
        self.query_one("#title", Bar).put(Text(words.condition, "title"))
        self.query_one("#note", Note).put(words.example.format(_EXAMPLE))
        self.query_one("#names", Note).put(words.condition_help.format(", ".join(NAMES)))
        self.query_one("#keys", Note).put(words.enter_applies)
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        condition = event.value.strip()
        self._asked += 1
        if condition:
            self.query_one("#note", Note).put(self.browser.look.words.choosing)
            self._check(condition, self._asked)
        else:
            self.dismiss(condition)

    @work(thread=True, exclusive=True, group="check")
    def _check(self, condition: str, asked: int) -> None:
        why = None
        try:
            self.browser.store.check(condition, lambda: asked == self._asked)
        except Stopped:
            return
        except Malformed as error:
            why = str(error)
        self.app.call_from_thread(self._checked, condition, why, asked)

    def _checked(self, condition: str, why: str | None, asked: int) -> None:
        if asked != self._asked:
            return
        if why is None:
            self.dismiss(condition)
        else:
            text = self.browser.look.words.bad_condition.format(why)
            self.query_one("#note", Note).put(text, "error")

    def action_leave(self) -> None:
        self._asked += 1
        super().action_leave()


class ColumnsDialog(BrowserDialog):
    """The columns of the list: which, and in which order."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,f10", "leave", show=False),
        Binding("space", "choose", show=False),
        Binding("plus,plus_sign", "move(1)", show=False),
        Binding("minus,hyphen", "move(-1)", show=False),
    ]

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Bar(id="title")
            yield Choices()
            yield Note(id="keys")

    def on_mount(self) -> None:
        words = self.browser.look.words
        shown = list(self.browser.columns)
        self._order = shown + [name for name in COLUMNS if name not in shown]
        self._shown = set(shown)
        self.query_one("#title", Bar).put(Text(words.columns_title, "title"))
        self.query_one("#keys", Note).put(words.column_help)
        self._draw()
        self.query_one(Choices).focus()

    def _draw(self) -> None:
        words = self.browser.look.words
        self.query_one(Choices).put(
            [
                Text.assemble(("● " if name in self._shown else "  ", "mark"), words.heads(name))
                for name in self._order
            ]
        )

    def _apply(self) -> None:
        self.browser.columns = tuple(name for name in self._order if name in self._shown)
        self._draw()

    def action_choose(self) -> None:
        name = self._order[self.query_one(Choices).cursor]
        if self._shown != {name}:  # a list needs a column
            self._shown ^= {name}
            self._apply()

    def action_move(self, step: int) -> None:
        choices = self.query_one(Choices)
        here, there = choices.cursor, choices.cursor + step
        if 0 <= there < len(self._order):
            order = self._order
            order[here], order[there] = order[there], order[here]
            self._apply()
            choices.go(there)


class SettingsDialog(BrowserDialog):
    """The settings: colours, times, language."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,f8", "leave", show=False),
        Binding("space,right", "turn", show=False),
    ]

    _NAMES = ("theme", "times", "language")

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Bar(id="title")
            yield Choices()
            yield Note(id="keys")

    def on_mount(self) -> None:
        self._draw()
        self.query_one(Choices).focus()

    def _draw(self) -> None:
        look = self.browser.look
        words = look.words
        values = ("dark" if look.is_dark else "light", look.times, words.language)
        self.query_one("#title", Bar).put(Text(words.settings_title, "title"))
        self.query_one("#keys", Note).put(words.setting_help)
        self.query_one(Choices).put(
            [
                Text(f"{words.setting(name)}{words.colon}{words.value(value)}")
                for name, value in zip(self._NAMES, values, strict=True)
            ]
        )

    def action_turn(self) -> None:
        look = self.browser.look
        name = self._NAMES[self.query_one(Choices).cursor]
        if name == "theme":
            look.is_dark = not look.is_dark
        elif name == "times":
            look.times = TIMES[(TIMES.index(look.times) + 1) % len(TIMES)]
        else:
            other = LANGUAGES[(LANGUAGES.index(look.words.language) + 1) % len(LANGUAGES)]
            look.words = BrowseWords(other)
        self.browser.look_changed()
        self._draw()


class _Cancelled(Exception):
    """The dialog was left while it saved."""


class SaveDialog(BrowserDialog):
    """Which dialogs, and into which file."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("tab", "next", show=False, priority=True),
    ]

    def __init__(self, current: Row | None, marked: list[int]) -> None:
        super().__init__()
        self._current, self._marked = current, marked
        self._confirmed = ""

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Bar(id="title")
            yield Choices()
            yield Field("dialogs.pcap", id="path", compact=True)
            yield Note(id="note")
            yield Note(id="keys")

    def on_mount(self) -> None:
        browser = self.browser
        words, store = browser.look.words, browser.store
        self.query_one("#title", Bar).put(Text(words.save, "title"))
        self._scopes: list[tuple[str, str]] = []
        if self._marked:
            count = f"{len(self._marked):,}"
            self._scopes.append(("marked", words.chosen.format(count)))
        elif self._current is not None:
            self._scopes.append(("current", words.current))
        self._scopes.append(("shown", words.displayed.format(f"{store.shown:,}")))
        self._scopes.append(("all", words.everything.format(f"{store.total:,}")))
        self.query_one(Choices).put([Text(f" {text}") for _, text in self._scopes])
        self._say(words.formats.format(", ".join(f".{form}" for form in FORMATS)))
        self.query_one("#keys", Note).put(words.enter_saves)
        path = self.query_one(Input)
        path.focus()
        path.selection = path.selection.__class__(0, len("dialogs"))

    def _say(self, text: str, style: str = "quiet") -> None:
        self.query_one("#note", Note).put(text, style)

    def action_next(self) -> None:
        path, choices = self.query_one(Input), self.query_one(Choices)
        (choices if path.has_focus else path).focus()

    def on_key(self, event: object) -> None:
        if getattr(event, "key", "") == "enter" and self.query_one(Choices).has_focus:
            self._save(self.query_one(Input).value)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        self._save(event.value)

    def _save(self, value: str) -> None:
        words = self.browser.look.words
        path = os.path.expanduser(value.strip())
        form = format_of(path)
        scope = self._scopes[self.query_one(Choices).cursor][0]
        if form is None:
            suffixes = ", ".join(f".{known}" for known in FORMATS)
            self._say(words.unknown_format.format(suffixes), "error")
        elif form in LADDERS and self._count(scope) > MOST_OF_LADDER:
            self._say(words.one_ladder.format(f"{self._count(scope):,}"), "error")
        elif any(is_same(path, capture.file or "") for capture in self.browser.store.captures):
            self._say(words.not_saved.format(words.same_file.format(path)), "error")
        elif os.path.lexists(path) and self._confirmed != path:
            self._confirmed = path
            self._say(words.overwrite.format(path), "defect")
        else:
            self._say(words.saving)
            self._write(path, form, scope, self._confirmed == path)

    def _count(self, scope: str) -> int:
        store = self.browser.store
        counts = {"marked": len(self._marked), "shown": store.shown, "all": store.total}
        return counts.get(scope, 1)

    @work(thread=True, exclusive=True, group="save")
    def _write(self, path: str, form: str, scope: str, overwrite: bool) -> None:
        worker = get_current_worker()
        browser = self.browser
        words, store = browser.look.words, browser.store

        def is_wanted() -> bool:
            if worker.is_cancelled:  # what is written yet is no file
                raise _Cancelled
            return True

        untimed = 0
        try:
            if form in CAPTURES and scope == "all":
                kept = (record for record in self._everything() if is_wanted())
                count, untimed = save_captures(kept, path, form, overwrite=overwrite)
            else:
                rows = self._rows(scope)
                found = found_in(store, rows, is_wanted)
                if form in CAPTURES:
                    kept = (one.message.record for one in found)
                    count, untimed = save_captures(kept, path, form, overwrite=overwrite)
                elif form in LADDERS:
                    call = call_of(store, rows, is_wanted)
                    count = save_ladder(call, path, form, words, overwrite=overwrite)
                else:
                    count = save_text(found, path, words, overwrite=overwrite)
        except _Cancelled:
            return
        except (OSError, ValueError) as error:
            text = words.not_saved.format(words.reason(error))
            self.app.call_from_thread(self._say, text, "error")
            return
        text = words.saved.format(words.messages(count), visible(path))
        if untimed:
            text += "\n" + words.untimed.format(words.messages(untimed), form)
        self.app.call_from_thread(self._saved, text)

    def _rows(self, scope: str) -> list[Row]:
        store = self.browser.store
        if scope == "current":
            assert self._current is not None
            return [self._current]
        if scope == "marked":
            return store.rows_of(self._marked)
        return store.rows(0, store.shown) if scope == "shown" else store.rows_of(None)

    def _everything(self) -> Iterator[Record]:
        for capture in self.browser.store.captures:
            yield from capture

    def _saved(self, text: str) -> None:
        self.say(text)
        if self.is_current:
            self.dismiss(None)
