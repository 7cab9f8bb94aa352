"""The calls of files, measured: the metrics that ``sipfast stats`` adds to its counts."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ....capture.base import CaptureError
from ...files import reading_threads, watched_query
from ...screen.console import Refusal, cleaned_up
from .words import StatsWords

if TYPE_CHECKING:
    from ....report.figures import Busiest, Figures, Groups, Metrics

__all__ = ["BY", "Measured", "measured", "read_twice"]

BY = ("trunk", "source", "destination", "host", "domain", "agent")
"""Those of `report.figures`, which is imported late."""
OF_PAGE = ("trunk", "host")
"""The groups of a page, unless one is named."""
_MEMORY = "1GB"


class Measured(NamedTuple):
    """What SQL finds in the files that were read."""

    metrics: Metrics
    busiest: Busiest | None
    groups: tuple[Groups, ...]
    figures: Figures | None
    """For a page."""


def measured(
    paths: Sequence[str], words: StatsWords, *, option: str, by: Sequence[str], top: int, page: bool
) -> Measured:
    """Measure the files, which can be read; `option` is the one that asks for it."""
    try:
        import duckdb
        import pyarrow  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name not in ("duckdb", "pyarrow"):
            raise
        raise Refusal(words.needs(option, "duckdb")) from None
    from ....report import figures
    from ....sql import connect, messages_of

    connection = connect(paths, threads=reading_threads(), memory_limit=_MEMORY)
    with (
        cleaned_up(),
        contextlib.closing(connection),
        watched_query(messages_of(connection), words),
    ):
        try:
            figures.prepare(connection)
            asked: Sequence[str | None] = by or (None,)
            found = [figures.metrics_of(connection, key, top) for key in asked]
            return Measured(
                found[0][0],
                figures.busiest_of(connection),
                tuple([groups for _, groups in found if groups is not None]),
                figures.figures_of(connection, top) if page else None,
            )
        except duckdb.Error as error:
            cause = messages_of(connection).error
            if isinstance(cause, (CaptureError, OSError)):  # a file that changed meanwhile
                raise Refusal(words.reason(cause)) from None
            raise Refusal(" ".join(str(cause or error).split())) from None


@contextlib.contextmanager
def read_twice(paths: Sequence[str]) -> Iterator[Mapping[str, str]]:
    """Files that can be read twice, by path: what can be read only once is copied."""
    with contextlib.ExitStack() as stack:
        places = {}
        for path in dict.fromkeys(paths):
            places[path] = path
            if path == "-" or _is_pipe(path):
                places[path] = stack.enter_context(_copy_of(path))
        yield places


def _is_pipe(path: str) -> bool:
    if not os.path.exists(path):
        return False
    mode = os.stat(path).st_mode
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


@contextlib.contextmanager
def _copy_of(path: str) -> Iterator[str]:
    import shutil
    import tempfile  # which no other start needs

    with cleaned_up(), tempfile.TemporaryDirectory(prefix="sipfast-") as folder:
        name = os.path.join(folder, "input")
        with contextlib.ExitStack() as stack:
            source = sys.stdin.buffer if path == "-" else stack.enter_context(open(path, "rb"))
            shutil.copyfileobj(source, stack.enter_context(open(name, "wb")))
        yield name
