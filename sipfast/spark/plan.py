"""What is read, and by whom: files, and parts of large ones."""

from __future__ import annotations

import contextlib
import glob
import os
import stat
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from .. import capture as captures
from .._engine import ENGINE
from ..capture import CaptureError
from ..capture.parts import Part, parts
from ..columns.names import Column, columns_of
from ..columns.scan import Scan
from ..columns.values import REPEATS
from ..columns.where import named_in, parse

__all__ = ["Partition", "Wanted", "files_of", "partitions"]

PART_SIZE = 64 * 1024 * 1024
_PLACES = ("packet", "offset")
"""What a part counts from its own beginning, until its rows are moved."""
_HIDDEN = (".", "_")


class Wanted(NamedTuple):
    """The columns that are read, and the rows."""

    columns: tuple[str, ...] | None = None
    """None for those that a scan has without names."""
    where: str | None = None
    pushed: tuple[str, ...] = ()
    """Conditions of the query, which must hold as well."""
    part_size: int = PART_SIZE

    def check(self) -> None:
        """Raise ColumnError or WhereError if it is malformed."""
        assert self.schema
        if self.condition is not None:
            parse(self.condition)

    @property
    def schema(self) -> tuple[Column, ...]:
        """The columns."""
        return columns_of(self.columns)

    @property
    def names(self) -> list[str]:
        """Their names."""
        return [column.name for column in self.schema]

    @property
    def condition(self) -> str | None:
        """All conditions."""
        whole = [text for text in (self.where, *self.pushed) if text is not None]
        return " and ".join([f"({text})" for text in whole]) or None

    @property
    def needs_whole_files(self) -> bool:
        """Whether a part of a file cannot tell which rows it has, or what is in them."""
        tested = () if self.condition is None else named_in(parse(self.condition))
        return any(name in REPEATS for name in (*self.names, *tested)) or any(
            name in _PLACES for name in tested
        )


class Partition(NamedTuple):
    """What one worker reads: a file, a part of one, or the report of what is wrong with one."""

    path: str
    part: Part | None = None
    fault: str | None = None


def files_of(paths: Iterable[str]) -> Iterator[str]:
    """The files of paths, which may be patterns and folders, in the order of their names.

    In a folder, names that begin with a dot or an underscore are left out, and so are those of
    files that are being written (``.part``, ``.tmp``).
    """
    for path in paths:
        path = path.removeprefix("file://").removeprefix("file:")
        found = [path] if os.path.lexists(path) else sorted(glob.glob(path, recursive=True))
        for one in found or [path]:
            one = os.path.abspath(one)
            if os.path.isdir(one):
                yield from _in_folder(one)
            else:
                yield one


def _in_folder(folder: str) -> Iterator[str]:
    for at, folders, names in os.walk(folder):
        folders[:] = sorted([name for name in folders if not name.startswith(_HIDDEN)])
        for name in sorted(names):
            if name.startswith(_HIDDEN) or name.endswith((".part", ".tmp")):
                continue
            path = os.path.join(at, name)
            with contextlib.suppress(FileNotFoundError):  # it went meanwhile
                if stat.S_ISREG(os.stat(path).st_mode):
                    yield path


def partitions(paths: Iterable[str], wanted: Wanted) -> list[Partition]:
    """The partitions of files: one for each, or for each part of a large one."""
    return [one for path in files_of(paths) for one in partitions_of(path, wanted)]


def partitions_of(path: str, wanted: Wanted) -> list[Partition]:
    """The partitions of a file."""
    try:
        if os.path.getsize(path) < 2 * wanted.part_size or wanted.needs_whole_files:
            return [Partition(path)]
        with captures.open(path) as capture:
            found = parts(capture, wanted.part_size, _trial_builder)
    except (OSError, CaptureError):  # which the worker reports
        return [Partition(path)]
    return [Partition(path, part) for part in found] or [Partition(path)]


def _trial_builder() -> Any:
    return Scan(b"", ["packet"], engine=ENGINE)._builder("utf8")
