"""The console of rich, with our colours and without markup."""

from __future__ import annotations

from typing import IO

from rich.console import Console
from rich.theme import Theme

__all__ = ["Screen"]

THEME = Theme(
    {
        "title": "bold",
        "heading": "bold",
        "name": "cyan",
        "quiet": "dim",
        "good": "green",
        "defect": "yellow",
        "error": "red",
        "defect.byte": "yellow reverse",
        "error.byte": "red reverse",
        "escape": "magenta",
        "bar": "blue",
    },
    inherit=False,
)


class Screen(Console):
    """A console that writes texts as they are."""

    def __init__(self, *, file: IO[str] | None, stderr: bool) -> None:
        super().__init__(
            file=file, stderr=stderr, markup=False, highlight=False, emoji=False, theme=THEME
        )

    def on_broken_pipe(self) -> None:
        """Leave it to whoever ends the command."""
        raise BrokenPipeError
