"""Lines of text whose parts have styles, such as a terminal shows."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Line"]


class Line(NamedTuple):
    """A line of a ladder as text; `str` gives it without styles.

    Attributes:
        parts: texts, each with the name of its style: "", "title", "name", "quiet", "good",
            "defect" or "error", as the theme of the command line has them.
        arrow: the index of the arrow that it shows, or None.
    """

    parts: tuple[tuple[str, str], ...]
    arrow: int | None = None

    def __str__(self) -> str:
        return "".join([text for text, _ in self.parts])
