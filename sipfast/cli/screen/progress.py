"""How far a command has read: a line on the terminal from the second second on."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from .text import file_size, visible
from .words import Words

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["Reached", "shown"]

AFTER = 1.0
"""The seconds that pass before the line is shown."""
_EVERY = 0.125


class Reached(NamedTuple):
    """Where the reader of a file is, in bytes; `size` is 0 where it is unknown."""

    path: str
    position: int = 0
    size: int = 0


@contextlib.contextmanager
def shown(reached: Callable[[], Reached | None], words: Words) -> Iterator[None]:
    """Show what `reached` says, on standard error if that is a terminal, until the block ends.

    A thread calls `reached` and draws the line, and takes it away. None stands for work on what
    has been read.
    """
    # As rich has it, which is imported when there is something to draw.
    if not (sys.stderr.isatty() or os.environ.get("FORCE_COLOR")):
        yield
        return
    ended = threading.Event()
    thread = threading.Thread(target=_draw, args=(reached, words, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _draw(reached: Callable[[], Reached | None], words: Words, ended: threading.Event) -> None:
    begun = monotonic()
    if ended.wait(AFTER):
        return
    from rich.live import Live

    from .console import console

    screen = console(stderr=True)
    if not screen.is_terminal:
        return
    line = _Line(words, begun)
    with (
        contextlib.suppress(OSError, ValueError),
        Live(  # of a terminal that is gone
            console=screen, transient=True, auto_refresh=False
        ) as live,
    ):
        while True:
            live.update(line.of(reached()), refresh=True)
            if ended.wait(_EVERY):
                return


class _Line:
    def __init__(self, words: Words, begun: float) -> None:
        self._words = words
        self._begun = begun
        self._path = ""
        self._first = 0.0

    def of(self, reached: Reached | None) -> RenderableType:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        now = monotonic()
        row = Table.grid(padding=(0, 2, 0, 0))
        row.add_column(no_wrap=True, overflow="ellipsis", max_width=32)
        if reached is None:
            row.add_row(Text(self._words.working.format(_time(now - self._begun)), "quiet"))
            return row
        if reached.path != self._path:
            self._path, self._first = reached.path, now if self._path else self._begun
        name = Text(visible(os.path.basename(reached.path)))
        row.add_column()
        row.add_column(justify="right", no_wrap=True)
        elapsed = now - self._first
        if not reached.size:
            text = self._words.opening.format(_time(elapsed))
            row.add_row(name, Text(text, "quiet"))
            return row
        bar = ProgressBar(
            total=reached.size,
            completed=reached.position,
            width=32,
            style="quiet",
            complete_style="bar",
            finished_style="bar",
        )
        row.add_row(name, bar, Text(self._pace(reached, elapsed), "quiet"))
        return row

    def _pace(self, reached: Reached, elapsed: float) -> str:
        """The part that has been read, the rate, and the time that is left at it."""
        position, size = reached.position, reached.size
        part = self._words.progress.format(f"{position / size:.0%}", file_size(size))
        if not position or elapsed <= 0:
            return part
        left = _time((size - position) * elapsed / position)
        return self._words.pace.format(part, file_size(round(position / elapsed)), left)


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
