"""The program: it reads in a thread, and opens the screens."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import work
from textual.binding import BindingType

from ...files import Unreadable
from .columns import Row
from .dialogs import SaveDialog
from .list_screen import ListScreen
from .palette import THEMES
from .program import Program
from .screens import BrowserScreen
from .sheets import HelpScreen
from .store import Stopped

__all__ = ["Browser"]


class Browser(Program):
    """`sipfast browse`."""

    TITLE = "sipfast browse"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [("ctrl+c", "quit"), ("ctrl+q", "quit")]
    CSS = """
    Input { background: $panel; }
    #title { background: $panel; }
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.failure: str | None = None
        self._list = ListScreen()

    def on_mount(self) -> None:
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = THEMES[self.look.is_dark].name
        self.push_screen(self._list)
        self._timer = self.set_interval(0.1, self._reading)
        self._load()

    def _reading(self) -> None:
        if self._list.is_mounted:
            self._list.bars()

    @work(thread=True, group="load")
    def _load(self) -> None:
        try:
            self.store.load()
            if self.view.text:
                self.store.show(self.view)
            self.call_from_thread(self._loaded)
            self.store.add_results()
            self.call_from_thread(self._complete)
        except Stopped:
            pass
        except Unreadable as error:
            self.failure = str(error)
            self.call_from_thread(self.exit)

    def _complete(self) -> None:
        self._timer.stop()
        self._list.change()

    def _loaded(self) -> None:
        self.is_loaded = True
        self.look.first = self.store.first
        self._list.loaded()

    async def action_quit(self) -> None:
        self.leave()

    def look_changed(self) -> None:
        self.painter = self.new_painter()
        self.theme = THEMES[self.look.is_dark].name
        for screen in self.screen_stack:
            if isinstance(screen, BrowserScreen):
                screen.renew()

    def open_help(self) -> None:
        self.push_screen(HelpScreen())

    def open_save(self, current: Row | None, marked: list[int]) -> None:
        self.push_screen(SaveDialog(current, marked))
