"""What all screens know of the program: its files, its settings, and what it opens."""

from __future__ import annotations

import os
from collections.abc import Sequence

from rich.console import Console
from textual.app import App

from ...screen.text import shortened, visible
from .columns import USUAL, Look, Row
from .palette import painter
from .saving import MOST_OF_LADDER
from .store import Store, View
from .words import BrowseWords

__all__ = ["Program"]


class Program(App[None]):
    """The state of the program."""

    def __init__(
        self,
        store: Store,
        words: BrowseWords,
        *,
        text: str = "",
        legs: Sequence[str] = (),
        is_dark: bool = True,
    ) -> None:
        super().__init__()
        self.store = store
        self.look = Look(words, is_dark=is_dark)
        self.view = View(text=text)
        self.columns: tuple[str, ...] = USUAL
        self.legs = tuple(legs)
        self.most_of_ladder = MOST_OF_LADDER
        self.is_loaded = False
        self.painter = self.new_painter()

    @property
    def name_of_files(self) -> str:
        """The files, as the title has them."""
        names = [os.path.basename(capture.file or "") for capture in self.store.captures]
        first = visible(shortened(names[0], 60))
        return first if len(names) == 1 else f"{first} + {len(names) - 1:,}"

    @property
    def progress(self) -> str:
        """How far the reading is."""
        words = self.look.words
        return words.reading.format(words.messages(self.store.read))

    @property
    def note(self) -> str:
        """What was not read."""
        words = self.look.words
        for path, reason in self.store.unreadable.items():
            return visible(words.unreadable.format(path, reason))
        skipped = self.store.skipped
        if skipped:
            return visible(words.not_read.format(self.name_of_files, words.reasons(skipped)))
        return ""

    def new_painter(self) -> Console:
        """A console with the colours of the theme, for one thread."""
        return painter(is_dark=self.look.is_dark)

    def leave(self) -> None:
        """End the program, and the reading, which may take long still."""
        self.store.stop()
        self.exit()

    # ---- what screens open, without knowing each other

    def look_changed(self) -> None:
        """Draw all screens anew, with other colours or words."""
        raise NotImplementedError

    def open_help(self) -> None:
        """Show the keys."""
        raise NotImplementedError

    def open_save(self, current: Row | None, marked: list[int]) -> None:
        """Ask which dialogs to save, and where."""
        raise NotImplementedError
