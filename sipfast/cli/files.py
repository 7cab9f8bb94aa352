"""Files for the commands: opened, with a plain word where that fails, and watched."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from .. import capture
from .screen.console import console
from .screen.text import file_size, visible

LONG = 32_000_000
"""From this size on, in bytes, a file is worth a progress bar."""


class Unreadable(Exception):
    """A file that cannot be read as a capture or as messages; its text says why."""


@contextlib.contextmanager
def opened(path: str) -> Iterator[capture.Capture]:
    """Open a file and, if it is long and somebody watches, show how far its reading has come.

    Raises `Unreadable`.
    """
    try:
        file = capture.open(path)
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from None
    except capture.CaptureError as error:
        raise Unreadable(str(error)) from None
    with file, _watched(path, file, console(stderr=True)):
        yield file


def _watched(
    path: str, file: capture.Capture, screen: Console
) -> contextlib.AbstractContextManager[object]:
    if file.size < LONG or not screen.is_terminal:
        return contextlib.nullcontext()
    name = visible(os.path.basename(path))
    # The reader is asked where it is, so that the bar moves too where there is no SIP for long.
    return Live(
        get_renderable=lambda: _bar(name, file.position, file.size),
        console=screen,
        transient=True,
        refresh_per_second=8,
    )


def _bar(name: str, position: int, size: int) -> Table:
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
        Text(f"{position / size:.0%} of {file_size(size)}", style="quiet"),
    )
    return row
