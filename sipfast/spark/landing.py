"""A folder into which files come: which of them are complete, and which were read."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from .plan import Partition, Wanted, files_of, partitions_of

__all__ = ["Landing", "Offset"]

Offset = dict[str, str]
"""The files that were read and are still there, each with its size and time of change.

A file that goes is forgotten, so that an offset is as long as the list of the folder.
"""


class Landing:
    """The files of paths, as `files_of` finds them."""

    def __init__(self, paths: Sequence[str], settle: float) -> None:
        self._paths = paths
        self._settle = settle

    def offset(self, start: Offset | None, most: int | None = None) -> Offset:
        """The files that are complete now, at most so many of them beyond those of `start`."""
        before = start or {}
        now = time.time()
        found: Offset = {}
        fresh = []
        for path in files_of(self._paths):
            try:
                status = os.stat(path)
            except OSError:
                continue
            stamp = f"{status.st_size}:{status.st_mtime_ns}"
            if before.get(path) == stamp:
                found[path] = stamp
            elif now - max(status.st_mtime, status.st_ctime) >= self._settle:
                fresh.append((status.st_mtime_ns, path, stamp))
            elif path in before:
                found[path] = before[path]
        fresh.sort()
        found.update([(path, stamp) for _, path, stamp in fresh[:most]])
        return found

    def partitions(self, start: Offset, end: Offset, wanted: Wanted) -> list[Partition]:
        """What came between two offsets: new files, and word of those that changed."""
        found: list[Partition] = []
        for path, stamp in end.items():
            if start.get(path) == stamp:
                continue
            if path in start:
                found.append(Partition(path, fault=CHANGED))
            else:
                found += partitions_of(path, wanted)
        return found


CHANGED = "file-corrupt: changed after it was read"
