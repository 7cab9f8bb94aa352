"""Messages as `sipfast show` prints them, as lines of a screen instead of output."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from ....capture import Record
from ...messages.page import Page
from ...screen.words import Words

__all__ = ["page_of"]


class _Page(Page):
    """A page whose lines are kept."""

    def __init__(self, screen: Console, words: Words) -> None:
        super().__init__(screen, words)
        self.kept: list[Text] = []

    def put(self, rows: list[Text]) -> None:
        self.kept += rows


def page_of(
    path: str, number: int, record: Record, width: int, words: Words, painter: Console
) -> list[Text]:
    """The lines of a message, its meanings and its defects, for a width in cells."""
    painter.width = max(20, width)
    page = _Page(painter, words)
    page.message(path, number, record)
    return page.kept
