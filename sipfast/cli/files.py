"""Files for the commands: opening, readable errors, and the progress of what takes long."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from .. import capture
from ..capture.once import Once, open_pipe
from .screen.console import Misuse
from .screen.progress import Reached, shown
from .screen.text import visible
from .screen.words import Words

if TYPE_CHECKING:
    from ..columns import Scan
    from ..sql.messages import Messages

__all__ = [
    "Unreadable",
    "check_place",
    "is_same",
    "opened",
    "opened_once",
    "reading_threads",
    "watched_query",
    "watched_scan",
]

_MOST_THREADS = 8


class Unreadable(Exception):
    """A file of an unknown format or without permission; its text is the reason."""


@contextlib.contextmanager
def opened(path: str, words: Words, *, bar: bool = True) -> Iterator[capture.Capture]:
    """Open a file, or standard input for ``-``; from a second on, show the progress on a terminal.

    The bar is drawn again below every line that is printed, which takes longer than the line:
    without `bar`, there is none. Raises `Unreadable`.
    """
    reading: capture.Capture | None = None

    # The position is that of the reader, which also moves between SIP packets.
    def reached() -> Reached:
        return _reached(reading) if reading is not None else Reached(path)

    with shown(reached, words) if bar else contextlib.nullcontext():
        try:
            reading = capture.open(path)
        except (OSError, capture.CaptureError) as error:
            raise Unreadable(words.reason(error)) from None
        with reading:
            yield reading


@contextlib.contextmanager
def opened_once(
    path: str, words: Words, *, bar: bool = True, before_wait: Callable[[], object]
) -> Iterator[capture.Capture | Once]:
    """The same for what is read once: the messages of a pipe come as they do.

    `before_wait` is called whenever the pipe has nothing ready.
    """
    try:
        pipe = open_pipe(path, before_wait=before_wait)
    except (OSError, capture.CaptureError) as error:
        raise Unreadable(words.reason(error)) from None
    if pipe is None:
        with opened(path, words, bar=bar) as reading:
            yield reading
    else:
        with pipe:
            yield pipe


def is_same(one: str, other: str) -> bool:
    """Whether two paths are of one file, which may not exist yet."""
    if "-" in (one, other):
        return False
    try:
        return os.path.samefile(one, other)
    except OSError:
        return os.path.realpath(one) == os.path.realpath(other)


def check_place(out: str, paths: Iterable[str], words: Words) -> None:
    """Raise `Misuse` for an output that would overwrite what is read, with ``--force`` too."""
    for path in paths:
        if is_same(path, out) and os.path.isfile(out):
            raise Misuse(words.same_file.format(visible(path)))


def reading_threads() -> int:
    """How many threads read a capture."""
    return min(os.cpu_count() or 1, _MOST_THREADS)


@contextlib.contextmanager
def watched_query(messages: Messages, words: Words) -> Iterator[None]:
    """The same for what queries of DuckDB read: `messages` is `sql.messages_of` a connection."""

    def reached() -> Reached | None:
        return None if messages.reading is None else _reached(messages.reading)

    with shown(reached, words):
        yield


@contextlib.contextmanager
def watched_scan(scan: Scan, words: Words) -> Iterator[Scan]:
    """The same for what a scan reads, by whatever takes its rows, such as DuckDB.

    with watched_scan(sipfast.scan(paths), words) as scan:
        connection.from_arrow(scan).write_parquet(out)
    """

    def reached() -> Reached | None:
        return None if scan.reading is None else _reached(scan.reading)

    with shown(reached, words):
        yield scan


def _reached(reading: capture.Capture) -> Reached:
    return Reached(reading.file or "", reading.position, reading.size)
