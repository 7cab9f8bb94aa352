"""Captures of live traffic, one file after another: each is complete or absent."""

from __future__ import annotations

import contextlib
import os
import re
from datetime import datetime, timezone
from typing import Literal

from ..capture import Record, Writer
from ..capture.beside import Beside

__all__ = ["Rotation"]

_SUFFIXES = (".pcapng", ".pcap")


class Rotation:
    """Writes records to files named after `path` and the time at which each begins.

    ``calls.pcapng`` becomes ``calls-20260131-235959.pcapng``, in UTC; a second file of the same
    second has ``-2`` after that. A file takes its place when it is complete: after `size` bytes or
    `seconds`, or at the end. Then all but the newest `keep` files of such names are removed.

    Attributes:
        format: "pcap" or "pcapng".
        written: the records so far.
        files: the files that were completed.
        untimed: the records whose time the format cannot hold.

    Raises:
        ValueError: the suffix is neither .pcapng nor .pcap.
        OSError: a file cannot be written.
    """

    def __init__(
        self,
        path: str,
        *,
        size: int | None = None,
        seconds: float | None = None,
        keep: int | None = None,
    ) -> None:
        self._stem, self._suffix = os.path.splitext(path)
        if self._suffix not in _SUFFIXES:
            raise ValueError(f"the suffix must be {' or '.join(_SUFFIXES)}")
        self.format: Literal["pcap", "pcapng"] = "pcapng" if self._suffix == ".pcapng" else "pcap"
        folder, name = os.path.split(self._stem)
        self._folder = folder or os.curdir
        if not os.path.isdir(self._folder):
            raise FileNotFoundError(2, os.strerror(2), self._folder)
        self._name = re.compile(
            re.escape(name) + r"-\d{8}-\d{6}(?:-\d+)?" + re.escape(self._suffix)
        )
        self._size, self._seconds, self._keep = size, seconds, keep
        self._place: Beside | None = None
        self._writer: Writer | None = None
        self._begun = 0.0
        self._stamp = ""
        self._number = 0
        self.written = 0
        self.files = 0
        self.untimed = 0

    def write(self, record: Record, now: float) -> None:
        """Write a record at the monotonic time `now`."""
        if self._writer is None:
            self._begin(now)
        assert self._writer is not None
        assert self._place is not None
        self._writer.write(record)
        self.written += 1
        if self._size is not None and self._place.file.tell() >= self._size:
            self._complete()

    def tick(self, now: float) -> None:
        """Hand what was written to the system; complete the file if its time is over."""
        if self._place is not None:
            if self._seconds is not None and now >= self._begun + self._seconds:
                self._complete()
            else:
                self._place.file.flush()

    def close(self) -> None:
        """Complete the last file."""
        if self._writer is not None:
            self._complete()

    def _begin(self, now: float) -> None:
        self._place = Beside(self._free_path(), overwrite=False)
        self._writer = Writer(self._place.file, format=self.format)
        self._begun = now

    def _free_path(self) -> str:
        """The next name, which comes after all that this run has given, even where the clock goes
        back: by their names the oldest are removed."""
        stamp = f"{datetime.now(timezone.utc):%Y%m%d-%H%M%S}"
        if stamp > self._stamp:
            self._stamp, self._number = stamp, 0
        while True:
            self._number += 1
            more = f"-{self._number}" if self._number > 1 else ""
            path = f"{self._stem}-{self._stamp}{more}{self._suffix}"
            if not os.path.lexists(path):
                return path

    def _complete(self) -> None:
        writer, place = self._writer, self._place
        assert writer is not None
        assert place is not None
        self._writer = self._place = None
        writer.close()
        place.close()
        self.files += 1
        self.untimed += writer.untimed
        if self._keep is not None:
            self._remove_oldest(self._keep)

    def _remove_oldest(self, keep: int) -> None:
        names = [name for name in os.listdir(self._folder) if self._name.fullmatch(name)]
        for name in sorted(names, key=_order)[:-keep]:
            with contextlib.suppress(FileNotFoundError):  # another program removed it
                os.unlink(os.path.join(self._folder, name))


def _order(name: str) -> tuple[str, int]:
    """Names in the order of their files: the tenth of a second comes after the second."""
    found = re.search(r"(\d{8}-\d{6})(?:-(\d+))?\.\w+$", name)
    assert found is not None
    return found[1], int(found[2] or 1)
