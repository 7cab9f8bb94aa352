"""Files that grow, and pipes."""

from __future__ import annotations

import os
import stat
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator

from ..capture import CaptureError, Record
from ..capture.continued import SETTLED, Continued

__all__ = ["SETTLED", "Grown", "Piped"]

_CHUNK = 256 * 1024
_TURN = 4 * _CHUNK


class _Bytes:
    """What files and pipes share: bytes, and the messages in them."""

    name: str

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_over = False
        self.failure: Exception | None = None
        self.paused = 0
        self._continued = Continued(name)
        self._position = 0
        self._skipped: Counter[str] = Counter()
        self._last = time.monotonic()

    @property
    def position(self) -> int:
        """The bytes read so far, of all files of this name."""
        return self._position

    @property
    def skipped(self) -> Counter[str]:
        """What has no SIP, by reason."""
        return self._skipped + self._continued.skipped

    @property
    def dropped(self) -> int | None:
        """Whoever writes a file or a pipe waits for its reader."""
        return 0

    def _chunk(self, descriptor: int) -> bytes | None:
        """The next bytes, none at the end; None if there are none now, or reading failed."""
        try:
            return os.read(descriptor, _CHUNK)
        except BlockingIOError:  # whoever shares standard input may have made it so
            return None
        except OSError as error:
            self._fail(error)
            return None

    def _fed(self, data: bytes) -> Iterator[Record]:
        self._position += len(data)
        self._last = time.monotonic()
        return self._guarded(self._continued.feed(data))

    def _guarded(self, records: Iterator[Record]) -> Iterator[Record]:
        """The records; a format that cannot be followed ends the source."""
        try:
            yield from records
        except CaptureError as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        self.failure = error
        self.is_over = True

    def tick(self) -> Iterator[Record]:
        if time.monotonic() - self._last >= SETTLED and not self.is_over:
            yield from self._guarded(self._continued.settle())

    def end(self) -> Iterator[Record]:
        if self.failure is None:
            yield from self._guarded(self._continued.close())


class Piped(_Bytes):
    """A pipe, or whatever standard input is: it ends where that ends.

    On Windows nothing else is read while a pipe is waited for.
    """

    def __init__(self, descriptor: int, name: str = "-") -> None:
        super().__init__(name)
        self._descriptor = descriptor
        mode = os.fstat(descriptor).st_mode
        is_slow = stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(descriptor)
        self._is_watched = is_slow and sys.platform != "win32"

    def descriptors(self) -> Iterable[int]:
        return (self._descriptor,) if self._is_watched and not self.is_over else ()

    def read(self) -> Iterator[Record]:
        data = self._chunk(self._descriptor)
        if data:
            yield from self._fed(data)
        elif data is not None:
            self.is_over = True

    def close(self) -> None:
        if self._descriptor > 2:
            os.close(self._descriptor)
        self._descriptor = 0


class Grown(_Bytes):
    """A file to which others append. One of the same name that takes its place is read next.

    Attributes:
        restarts: how often the file was replaced, or cut and written anew.
    """

    def __init__(self, path: str, *, only_new: bool = False) -> None:
        super().__init__(path)
        self.restarts = 0
        self._path = path
        self._descriptor = os.open(path, _FLAGS)
        status = os.fstat(self._descriptor)
        if not stat.S_ISREG(status.st_mode):
            os.close(self._descriptor)
            raise CaptureError("neither a file nor a pipe")
        self._identity = status.st_dev, status.st_ino
        self._at = 0
        # What was there already is read all the same: its headers tell how to read the rest.
        self._old = status.st_size if only_new else 0

    def descriptors(self) -> Iterable[int]:
        return ()

    def read(self) -> Iterator[Record]:
        if self._at > os.fstat(self._descriptor).st_size:
            yield from self._restart()
        for _ in range(_TURN // _CHUNK):
            data = self._chunk(self._descriptor)
            if data is None:
                return
            if not data:
                break
            self._at += len(data)
            for record in self._fed(data):
                if record.offset >= self._old:
                    yield record
            if self.is_over:
                return
        else:
            return
        yield from self._replaced()

    def _replaced(self) -> Iterator[Record]:
        """Go on with the file that took the place of this one, which has ended."""
        try:
            status = os.stat(self._path)
        except OSError:  # between two names
            return
        if (status.st_dev, status.st_ino) == self._identity or not stat.S_ISREG(status.st_mode):
            return
        try:
            descriptor = os.open(self._path, _FLAGS)
        except OSError:
            return
        status = os.fstat(descriptor)
        os.close(self._descriptor)
        self._descriptor = descriptor
        self._identity = status.st_dev, status.st_ino
        yield from self._restart()

    def _restart(self) -> Iterator[Record]:
        """Read from the beginning."""
        for record in self.end():
            if record.offset >= self._old:
                yield record
        self.restarts += 1
        self._skipped += self._continued.skipped
        self._continued = Continued(self.name)
        self.is_over, self.failure = False, None
        self._at = self._old = 0
        os.lseek(self._descriptor, 0, os.SEEK_SET)

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1


_FLAGS: int = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
)
