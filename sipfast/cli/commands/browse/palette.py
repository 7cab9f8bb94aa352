"""The colours of the browser, for dark and for light terminals."""

from __future__ import annotations

import io
from typing import NamedTuple

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from rich.theme import Theme as RichTheme
from textual.strip import Strip
from textual.theme import Theme

__all__ = ["LEGS", "PALETTES", "THEMES", "Palette", "painted", "painter"]


class Palette(NamedTuple):
    """Colours by what they stand for; each has a contrast of 4.5 to the ground (WCAG 2)."""

    ground: str
    bar: str
    text: str
    name: str
    quiet: str
    good: str
    defect: str
    error: str
    escape: str
    cursor: str
    legs: tuple[str, ...]


PALETTES = {
    True: Palette(
        "#10141a",
        "#1f2731",
        "#e3e8ee",
        "#79b8ff",
        "#949ea9",
        "#7ddc8e",
        "#e6b450",
        "#ff8a80",
        "#d6a8ff",
        "#2b4a73",
        ("#79b8ff", "#7ddc8e", "#e6b450", "#d6a8ff", "#5fd7d7", "#ff9e80"),
    ),
    False: Palette(
        "#fdfdfb",
        "#e8eaed",
        "#1d2127",
        "#0b57c2",
        "#5c646d",
        "#1a6e34",
        "#8a5300",
        "#b3261e",
        "#7a2ea8",
        "#cfe0f7",
        ("#0b57c2", "#1a6e34", "#8a5300", "#7a2ea8", "#00686f", "#a8380f"),
    ),
}
"""The palettes, by whether they are dark."""

LEGS = 6
"""The colours of legs and transactions, which are used in turn."""


def _theme(is_dark: bool) -> Theme:
    palette = PALETTES[is_dark]
    return Theme(
        name=_NAMES[is_dark],
        primary=palette.name,
        secondary=palette.escape,
        warning=palette.defect,
        error=palette.error,
        success=palette.good,
        accent=palette.name,
        foreground=palette.text,
        background=palette.ground,
        surface=palette.bar,
        panel=palette.bar,
        dark=is_dark,
        variables={
            "lines-cursor": palette.cursor,
            "quiet": palette.quiet,
            "input-selection-background": palette.cursor,
            "scrollbar": palette.quiet,
            "scrollbar-hover": palette.text,
            "scrollbar-active": palette.text,
            "scrollbar-background": palette.bar,
            "scrollbar-background-hover": palette.bar,
            "scrollbar-background-active": palette.bar,
            "scrollbar-corner-color": palette.bar,
        },
    )


_NAMES = {True: "sipfast-dark", False: "sipfast-light"}
THEMES = {is_dark: _theme(is_dark) for is_dark in _NAMES}
"""The themes of Textual, by whether they are dark."""


def painter(*, is_dark: bool) -> Console:
    """A console that gives the styles of the command line the colours of the palette."""
    palette = PALETTES[is_dark]
    colours = {
        name: Style(color=getattr(palette, name))
        for name in ("name", "quiet", "good", "defect", "error", "escape")
    }
    colours |= {f"leg{number}": Style(color=leg) for number, leg in enumerate(palette.legs)}
    styles = colours | {
        "title": Style(bold=True),
        "heading": Style(bold=True),
        "bar": colours["name"],
        "key": colours["name"] + Style(bold=True),
        "mark": colours["defect"] + Style(bold=True),
        "defect.byte": colours["defect"] + Style(reverse=True),
        "error.byte": colours["error"] + Style(reverse=True),
        "less": colours["error"] + Style(reverse=True),
        "more": colours["good"] + Style(reverse=True),
    }
    return Console(
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
        width=1000,
        markup=False,
        highlight=False,
        emoji=False,
        theme=RichTheme(styles, inherit=False),
    )


def painted(text: Text, painter: Console, width: int, ground: Style) -> Strip:
    """A line of exactly `width` cells, on a ground."""
    segments = [segment for segment in text.render(painter) if segment.text]
    if text.style and not text.spans:  # which rich leaves to others
        style = painter.get_style(text.style)
        segments = list(Segment.apply_style(segments, style))
    return Strip(segments).adjust_cell_length(width).apply_style(ground)
