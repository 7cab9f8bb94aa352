"""Files that are complete or absent: written beside their place, and renamed at the end."""

from __future__ import annotations

import codecs
import contextlib
import errno
import io
import os
import secrets
import stat
import sys
from types import TracebackType
from typing import IO, TYPE_CHECKING

from .._visible import escape

if TYPE_CHECKING:
    from typing_extensions import Buffer, Self

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_BUFFER = 256 * 1024
#: A file system takes names of 255 bytes; a part of the name makes room for the rest.
_LONGEST = 200


class Output:
    """What is completed at the end of a `with` block, and discarded by an exception in it."""

    def close(self) -> None:
        """Complete it."""

    def discard(self) -> None:
        """Leave nothing of it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()


class Beside(Output):
    """A binary file that takes its place when it is closed; discarded, it leaves nothing.

    `path` may be "-" for standard output, a device or a pipe: these are written at once.  In a
    `with` block, an exception discards the file.  Where standard output is a terminal, what senders
    wrote must not steer it: characters that cannot be seen are escapes there.

    Attributes:
        file: to write to.
    """

    file: IO[bytes]

    def __init__(self, path: str | os.PathLike[str], *, overwrite: bool = True) -> None:
        self._part: str | None = None
        self._path = os.fspath(path)
        self._overwrite = overwrite
        self._is_open = False
        if self._path == "-":
            if sys.stdout is None:
                raise OSError("standard output is closed")
            terminal = sys.stdout.isatty()
            self.file = _Shown(sys.stdout.buffer) if terminal else sys.stdout.buffer  # type: ignore[assignment]
        elif os.path.exists(self._path) and not stat.S_ISREG(os.stat(self._path).st_mode):
            self.file = open(self._path, "wb", buffering=_BUFFER)  # noqa: SIM115
        else:
            self._path = os.path.realpath(self._path)  # a link stays one
            if not overwrite and os.path.lexists(self._path):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), self._path)
            folder, name = os.path.split(self._path)
            kept = os.fsencode(name)[:_LONGEST].decode("utf-8", "ignore")
            self._part = os.path.join(folder, f".{kept}.{secrets.token_hex(4)}.part")
            descriptor = os.open(self._part, _FLAGS, _mode_of(self._path, 0o666))
            self.file = open(descriptor, "wb", buffering=_BUFFER)  # noqa: SIM115
        self._is_open = True

    def close(self) -> None:
        """Put the file into its place.  Raises OSError, and leaves nothing, if that fails."""
        if not self._is_open:
            return
        try:
            if self._path == "-":
                self.file.flush()
            else:
                self.file.close()
            if self._part is not None:
                place(self._part, self._path, overwrite=self._overwrite)
        except BaseException:
            self.discard()
            raise
        self._is_open = False

    def discard(self) -> None:
        """Remove what was written; what went to a pipe or a device stays there."""
        if not self._is_open:
            return
        self._is_open = False
        if self._path != "-":
            with contextlib.suppress(OSError):
                self.file.close()
        if self._part is not None:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._part)

    def __del__(self) -> None:
        self.discard()


class _Shown(io.BufferedIOBase):
    """A terminal to which bytes go as text that can be seen; lines and tabs stay."""

    def __init__(self, terminal: IO[bytes]) -> None:
        self._terminal = terminal
        octets = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._decoder = io.IncrementalNewlineDecoder(octets, translate=True)

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: Buffer, /) -> int:
        """Write all of the data; of a character, with its last byte."""
        octets = bytes(data)
        text = self._decoder.decode(octets)
        shown = [char if char.isprintable() or char in "\n\t" else escape(char) for char in text]
        self._terminal.write("".join(shown).encode())
        return len(octets)

    def flush(self) -> None:
        """Hand on what was written."""
        self._terminal.flush()


def _mode_of(path: str, default: int) -> int:
    """The permissions of a file, if there is one."""
    try:
        return stat.S_IMODE(os.stat(path).st_mode) & 0o777
    except OSError:
        return default


def place(part: str, path: str, *, overwrite: bool) -> None:
    """Rename a file.  Raises FileExistsError if there is one, unless it may be overwritten."""
    if overwrite:
        mode = _mode_of(path, -1)
        if mode >= 0:  # those who could not read the old file cannot read the new one
            os.chmod(part, mode)
        os.replace(part, path)
        return
    try:
        os.link(part, path)
    except FileExistsError:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path) from None
    except OSError:  # a file system without links
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path) from None
        os.replace(part, path)
    else:
        os.unlink(part)
