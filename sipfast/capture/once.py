"""Pipes as captures: their messages as they come, read once and never kept."""

from __future__ import annotations

import os
import select
import stat
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING

from .base import CaptureError, Record
from .continued import SETTLED, Continued
from .source import Capture
from .source import open as open_whole

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Once", "open_pipe"]

_CHUNK = 64 * 1024


class Once:
    """A pipe open for reading: iterate over it, once, for its `Record`s as they come.

    Attributes:
        format: "pcap", "pcapng", "hep", "log" or "messages".
        file: the path, "-" for standard input.
    """

    def __init__(self, pipe: IO[bytes], file: str, before_wait: Callable[[], object]) -> None:
        self._pipe = pipe
        self._before_wait = before_wait
        self._continued = Continued(file)
        self._first: list[Record] = []
        self._whole: Capture | None = None
        self.file = file
        self._recognise()

    def _recognise(self) -> None:
        """Read until the format is known; another one is read to the end of the pipe."""
        head = b""
        while self._continued.format is None:
            try:
                while not self._is_ready():
                    self._first += self._continued.settle()
                    if self._continued.format is not None:
                        return
                data = self._read()
                if not head and not data:
                    raise CaptureError("the file is empty")
                head += data
                if data:
                    self._first += self._continued.feed(data)
                else:
                    self._first += self._continued.close()
            except CaptureError:
                self._first.clear()
                self._whole = open_whole(_Chained(head, self._pipe, self.file))
                return
            if not data:
                return

    @property
    def format(self) -> str | None:
        """The format."""
        return self._continued.format if self._whole is None else self._whole.format

    @property
    def skipped(self) -> Counter[str]:
        """The number of skipped packets so far, by reason, as of `Capture`."""
        return self._continued.skipped if self._whole is None else self._whole.skipped

    @property
    def unread(self) -> Counter[str]:
        """Those of `skipped` that may have held SIP."""
        return self._continued.unread if self._whole is None else self._whole.unread

    def __iter__(self) -> Iterator[Record]:
        if self._whole is not None:
            yield from self._whole
            return
        first, self._first = self._first, []
        yield from first
        while True:
            self._before_wait()
            while not self._is_ready():
                yield from self._continued.settle()
                self._before_wait()
            data = self._read()
            if not data:
                break
            yield from self._continued.feed(data)
        yield from self._continued.close()

    def _is_ready(self) -> bool:
        """Whether something, or the end, comes within a moment."""
        if sys.platform == "win32":
            return True
        return bool(select.select([self._pipe], [], [], SETTLED)[0])

    def _read(self) -> bytes:
        return os.read(self._pipe.fileno(), _CHUNK)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.file != "-":
            self._pipe.close()


class _Chained:
    """The bytes that were read, and then the rest."""

    def __init__(self, head: bytes, pipe: IO[bytes], name: str) -> None:
        self._head = head
        self._pipe = pipe
        self.name = name

    def read(self, size: int, /) -> bytes | None:
        head, self._head = self._head[:size], self._head[size:]
        return head or os.read(self._pipe.fileno(), size)


def _is_pipe(file: IO[bytes]) -> bool:
    """Whether a file has bytes as they come; False for one without a descriptor."""
    try:
        return not stat.S_ISREG(os.fstat(file.fileno()).st_mode)
    except (OSError, ValueError):
        return False


def open_pipe(source: str, *, before_wait: Callable[[], object] = lambda: None) -> Once | None:
    """Open a pipe, or standard input for "-" if that is one; None for all else.

    `before_wait` is called whenever the pipe has nothing ready. Waits until enough bytes came to
    tell the format. Raises as `open` does.
    """
    if source == "-":
        pipe: IO[bytes] | None = getattr(sys.stdin, "buffer", None)
        if pipe is None or not _is_pipe(pipe):
            return None
        return Once(pipe, source, before_wait)
    if not stat.S_ISFIFO(os.stat(source).st_mode):
        return None
    named = open(source, "rb", buffering=0)  # noqa: SIM115
    try:
        return Once(named, source, before_wait)
    except BaseException:
        named.close()
        raise
