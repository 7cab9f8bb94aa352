"""Files for the commands: opening, readable errors, and a progress bar."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from time import monotonic

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from .. import capture
from .screen.console import console
from .screen.text import file_size, visible
from .screen.words import Words

LONG = 32_000_000
"""From this size on, in bytes, a file gets a progress bar."""


class Unreadable(Exception):
    """A file of an unknown format or without permission; its text is the reason."""


@contextlib.contextmanager
def opened(path: str, words: Words, *, bar: bool = True) -> Iterator[capture.Capture]:
    """Open a file, or standard input for ``-``; show the progress of a long one on a terminal.

    The bar is drawn again below every line that is printed, which takes longer than the line:
    without `bar`, there is none. Raises `Unreadable`.
    """
    try:
        file = capture.open(path)
    except (OSError, capture.CaptureError) as error:
        raise Unreadable(words.reason(error)) from None
    screen = console(stderr=True)
    with file, _watched(path, file, screen) if bar else contextlib.nullcontext():
        yield file


def _watched(
    path: str, file: capture.Capture, screen: Console
) -> contextlib.AbstractContextManager[object]:
    if file.size < LONG or not screen.is_terminal:
        return contextlib.nullcontext()
    name = visible(os.path.basename(path))
    begun = monotonic()
    # The bar follows the position of the reader, which also moves between SIP packets.
    return Live(
        get_renderable=lambda: _bar(name, file.position, file.size, monotonic() - begun),
        console=screen,
        transient=True,
        refresh_per_second=8,
    )


def _bar(name: str, position: int, size: int, elapsed: float) -> Table:
    row = Table.grid(padding=(0, 2, 0, 0))
    row.add_column(no_wrap=True, overflow="ellipsis", max_width=32)
    row.add_column()
    row.add_column(justify="right", no_wrap=True)
    row.add_row(
        Text(name),
        ProgressBar(
            total=size,
            completed=position,
            width=32,
            style="quiet",
            complete_style="bar",
            finished_style="bar",
        ),
        Text(
            f"{position / size:.0%} of {file_size(size)}{_pace(position, size, elapsed)}", "quiet"
        ),
    )
    return row


def _pace(position: int, size: int, elapsed: float) -> str:
    """The rate, and the time that is left at it; nothing in the first second."""
    if elapsed < 1 or not position:
        return ""
    minutes, seconds = divmod(round((size - position) * elapsed / position), 60)
    hours, minutes = divmod(minutes, 60)
    left = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return f", {file_size(round(position / elapsed))}/s, -{left}"
