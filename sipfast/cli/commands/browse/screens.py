"""What the screens of the browser share: lines at the head and the foot, and notes."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.geometry import Size
from textual.screen import ModalScreen, Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from .keys import keys_of
from .palette import painted
from .program import Program

__all__ = ["Bar", "BrowserDialog", "BrowserScreen", "Field", "Foot"]


class Bar(Widget):
    """One line of text."""

    DEFAULT_CSS = """
    Bar { height: 1; background: $panel; color: $foreground; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text = Text()

    def put(self, text: Text) -> None:
        """Show another text."""
        self._text = text
        self.refresh()

    @property
    def plain(self) -> str:
        """The text without its styles."""
        return self._text.plain

    def render_line(self, y: int) -> Strip:
        painter = self.app.painter  # type: ignore[attr-defined]
        return painted(self._text, painter, self.size.width, self.rich_style)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return container.width


class Foot(Bar):
    """The keys of a place, as far as they fit."""

    def __init__(self, place: str) -> None:
        super().__init__()
        self._place = place

    def renew(self) -> None:
        """Draw the keys, in the language of the browser."""
        language = self.app.look.words.language  # type: ignore[attr-defined]
        text = Text(" ", no_wrap=True)
        for key in keys_of(self._place):
            if key.foot is None:
                continue
            name = key.shown.partition(",")[0]
            part = Text.assemble((name, "key"), f" {key.foot[language == 'zh']}  ")
            if text.cell_len + part.cell_len > self.size.width + 2:
                break
            text.append_text(part)
        self.put(text)

    def on_mount(self) -> None:
        self.renew()

    def on_resize(self) -> None:
        self.renew()


class Field(Input):
    """A line to type in, which takes what a terminal shows alone: a text may be pasted."""

    def validate_value(self, value: str) -> str:
        """The characters that have a shape."""
        if value.isprintable():
            return value
        return "".join([char for char in value if char.isprintable()])


class _OfBrowser:
    """What screens and dialogs share."""

    @property
    def browser(self) -> Program:
        """The program."""
        return self.app  # type: ignore[attr-defined, no-any-return]

    def say(self, text: str, *, error: bool = False) -> None:
        """Show a note for a moment; its text may come from a file."""
        severity = "error" if error else "information"
        self.app.notify(text, severity=severity, markup=False, timeout=5)  # type: ignore[attr-defined]


class BrowserScreen(_OfBrowser, Screen[None]):
    """A whole screen."""

    PLACE: ClassVar[str] = "page"

    def renew(self) -> None:
        """Draw all anew."""

    def action_leave(self) -> None:
        self.dismiss()

    def action_help(self) -> None:
        self.browser.open_help()


class BrowserDialog(_OfBrowser, ModalScreen["str | None"]):
    """A small screen above another one."""

    DEFAULT_CSS = """
    BrowserDialog { align: center middle; background: $background 40%; }
    BrowserDialog > Vertical {
        width: 72; max-width: 96%; height: auto; max-height: 90%;
        background: $panel; border: round $primary; padding: 0 1;
    }
    BrowserDialog Bar { background: $panel; }
    BrowserDialog Lines { background: $panel; height: auto; }
    """

    BINDINGS: ClassVar = [("escape", "leave")]

    def action_leave(self) -> None:
        self.dismiss(None)
