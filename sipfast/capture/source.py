"""Opening a file, whose format is detected by its first bytes, regardless of its name."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from .base import CaptureError, Data, Record, Tally, intact, mapped, watched
from .files import compressed, hep, messages, netmon, pcap, pcapng, snoop
from .packets import Builder, Selection, Walked
from .reasons import unread_of

if TYPE_CHECKING:
    from . import logs

# Some systems lack some of these.
_FLAGS: int = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0)
# A pipe that took the place of a file since it was looked at does not wait for its writer.
_FLAGS_OF_FILES: int = _FLAGS | getattr(os, "O_NONBLOCK", 0)

# Of a pipe, so much is kept in memory; the rest goes into a temporary file.
_IN_MEMORY = 16 * 1024 * 1024
_CHUNK = 256 * 1024


class Readable(Protocol):
    """A binary file object."""

    def read(self, size: int, /) -> bytes | None:
        """Return up to `size` bytes; none at the end."""


class _Reader(NamedTuple):
    format: str
    recognises: Callable[[Data], bool]
    records: Callable[[Data, Tally], Iterable[Record]]


# The patterns of text logs take long to compile, and few files come to them.
def _is_log(data: Data) -> bool:
    from . import logs

    return logs.recognises(data)


def _of_log(data: Data, tally: Tally, log: logs.Format | None = None) -> Iterable[Record]:
    from . import logs

    return logs.records(data, tally, log)


_READERS = (
    _Reader("pcap", pcap.recognises, pcap.datagrams),
    _Reader("pcapng", pcapng.recognises, pcapng.datagrams),
    _Reader("netmon", netmon.recognises, netmon.datagrams),
    _Reader("snoop", snoop.recognises, snoop.datagrams),
    _Reader("hep", hep.recognises, hep.datagrams),
    _Reader("log", _is_log, _of_log),
    _Reader("messages", messages.recognises, messages.datagrams),
)

# Similar files, and advice for them.
_HINTS = {
    b"RTSS": "a file of Microsoft Network Monitor 1; convert it with editcap",
    b"\xff\xfe": "perhaps text in UTF-16, as PowerShell writes it; convert it to UTF-8",
    b"\xfe\xff": "perhaps text in UTF-16; convert it to UTF-8",
}


class Capture:
    """A file open for reading: iterate over it for its `Record`s.

    Each iteration begins at the start of the file and resets `skipped` and `position`. The data of
    a record is a view of the mapped file and stays valid after `close`: the file is unmapped with
    the last of them. If the file shrinks, zeros take the place of the bytes that it lost; the
    iteration ends before them, and `skipped` has "file shrank".

    Attributes:
        format: "pcap", "pcapng", "netmon", "snoop", "hep", "log" or "messages".
        compression: how the file was compressed, the outermost first: "gzip", "bzip2", "xz",
            "zstd", "lz4".
        file: the path, "-" for standard input, or None for bytes.
        size: bytes in the file, or read from the pipe; without the compression.
    """

    def __init__(
        self,
        data: Data,
        reader: _Reader,
        file: str | None = None,
        compression: tuple[str, ...] = (),
        faults: tuple[str, ...] = (),
        log: logs.Format | None = None,
    ) -> None:
        self._log = log
        self._data: Data | None = data
        self._reader = reader
        self._faults = faults
        self._tally = Tally(file)
        self.format = reader.format
        self.compression = compression
        self.file = file
        self.size = len(data)

    @property
    def position(self) -> int:
        """Bytes read so far.

        Less than `size` after the last datagram means that the rest is unreadable; `skipped` has
        the reason: "truncated record" or "malformed block".
        """
        return self._tally.reached

    @property
    def skipped(self) -> Counter[str]:
        """The number of skipped packets so far, by reason.

        `sipfast.capture.REASONS` has the meaning of each.
        """
        return self._tally.update().skipped

    @property
    def unread(self) -> Counter[str]:
        """Those of `skipped` that may have held SIP: encrypted packets, what lacks fragments or
        segments, packets that are truncated or malformed.

        Only if this is empty after the iteration was all SIP of the capture read.
        """
        return unread_of(self.skipped)

    @property
    def log(self) -> logs.Detected | None:
        """The format of a text log, how surely, and why; None for another file.

        It is the format of the most messages: a log may mix formats.
        """
        if self.format != "log" or self._data is None:
            return None
        from . import logs

        return logs.detect(self._data, self._log)

    def __iter__(self) -> Iterator[Record]:
        data, records, is_kept = self._begin()
        return watched(iter(records), data, is_kept)

    def find(
        self, call_ids: Iterable[str] | None = None, *, packets: Iterable[int] | None = None
    ) -> Iterator[tuple[int, Record]]:
        """Some of the records, each with the number of its message, from 1; in their order.

        With `packets`, they are those of packets with these numbers. With `call_ids` alone, they
        are those with one of these Call-IDs, and those of which only a parser can tell. C passes
        over the other messages of pcap and pcapng without making a record of them.

        After the last of the packets, reading ends, and `skipped` is of what was read. Of the
        records that are left out, none makes another one a duplicate.
        """
        data, records, is_kept = self._begin()
        found = Selection(
            records,
            None if call_ids is None else [_octets(call_id) for call_id in call_ids],
            None if packets is None else [*packets],
        )
        for record in watched(iter(found), data, is_kept):
            yield found.number, record

    def _begin(self) -> tuple[Data, Iterable[Record], Callable[[Record | None], bool]]:
        """The bytes, the records, and what says whether the file still has the bytes of one.

        At the end of the reading, that is asked with None.
        """
        if self._data is None:
            raise ValueError("the capture is closed")
        data = self._data
        tally = self._tally = Tally(self.file)
        tally.skipped.update(self._faults)
        furthest = 0

        def is_kept(record: Record | None) -> bool:
            nonlocal furthest
            left = intact(data)
            if left == len(data):
                return True
            tally.skipped["file shrank"] = 1
            furthest = max(furthest, tally.update().position)
            if record is None:
                tally.position = min(furthest, left)
                return False
            if record.data.obj is data:
                return record.offset + len(record.data) <= left
            return furthest <= left  # it was put together from several packets

        try:
            records = self._reader.records(data, tally)
        except Exception:  # the head of the file is no longer there
            if is_kept(None):
                raise
            records = iter(())
        return data, records, is_kept

    def feed(self, builder: Builder) -> Iterator[None]:
        """Add all messages to a builder of columns; stops whenever that is full.

        Where the file shrinks, its messages since the last stop are left out.
        """
        data, records, is_kept = self._begin()
        builder.begin(data, self.file, not isinstance(data, bytes))
        feed: Callable[[Builder], Iterator[None]] | None = None
        if isinstance(records, Walked):
            feed = records.feed
        elif self.format == "messages":
            feed = partial(messages.feed, data, self._tally)
        if feed is not None and Walked.feeds(builder):
            of_others = len(builder)
            for _ in feed(builder):
                if not is_kept(None):
                    break
                yield
                of_others = 0
            if not is_kept(None):
                builder.cut(of_others)
            return
        for record in watched(iter(records), data, is_kept):
            if builder.add(record):
                yield

    def batches(self, make: Callable[[], Builder], threads: int) -> Iterator[tuple[Any, int]]:
        """The batches that builders make of all messages, in their order.

        Each comes with the number of rows left out before it. Threads read the parts of a capture
        whose messages lie in datagrams of their own (docs/columns.md).
        """
        builder = make()
        if not Walked.feeds(builder) or self.format not in ("pcap", "pcapng"):
            for _ in self.feed(builder):
                yield builder.take(), 0
            yield builder.take(), builder.left_out
            return

        data, records, is_kept = self._begin()

        def begun() -> Builder:
            builder = make()
            builder.begin(data, self.file, not isinstance(data, bytes))
            return builder

        assert isinstance(records, Walked)
        for batch in records.in_threads(begun, threads):
            if not is_kept(None):
                break
            yield batch

    def __enter__(self) -> Capture:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. Its payloads stay valid."""
        # Closing the map itself would fail while a view of it is alive.
        self._data = None

    def __repr__(self) -> str:
        return f"<Capture {self.format}, {self.size} bytes>"


def _octets(call_id: str) -> bytes:
    return call_id.encode("utf-8", "surrogateescape")


def open(
    source: str | os.PathLike[str] | Readable | bytes | bytearray | memoryview,
    *,
    log: logs.Format | None = None,
) -> Capture:
    """Open a capture (pcap or pcapng), HEP packets, a text log, or concatenated SIP messages.

    `source` is a path, also of a named pipe; "-" for standard input (a file of that name is
    "./-"); a binary file object; or the bytes of the file themselves. Regular files are mapped.
    Pipes, file objects and compressed files are read to their end first, into memory up to 16 MiB
    and into a temporary file beyond. `log` is the format of a text log, one of
    `sipfast.capture.logs.FORMATS` or your own (`sipfast.capture.logs.format_of`); without it, the
    first bytes decide.

    Raises:
        CaptureError: the format is unknown, or the path is neither a file nor a pipe; or the file
            is compressed and its library missing, its content beyond a thousand times its size, or
            compressed too often.
        OSError: the file cannot be opened or read.
        TypeError: `source` is of another type, or a file object that reads text.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        return _opened(bytes(source), None, log)
    name = _name(source)
    if isinstance(source, str) and source == "-":
        source = _standard_input()
    if isinstance(source, str | os.PathLike):
        return _opened(_of_path(os.fspath(source)), name, log)
    if not hasattr(source, "read"):
        kind = type(source).__name__
        raise TypeError(f"source must be a path, a binary file object or bytes, not {kind}")
    return _opened(_of_file(source), name, log)


def _name(source: object) -> str | None:
    """The name of a source for its records."""
    path = source if isinstance(source, str | os.PathLike) else getattr(source, "name", None)
    return os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else None


def _opened(data: Data, file: str | None, log: logs.Format | None) -> Capture:
    if not len(data):
        raise CaptureError("the file is empty")
    data, compression, faults = _expanded(data)
    if log is not None:
        reader = _Reader("log", _is_log, partial(_of_log, log=log))
        return Capture(data, reader, file, compression, faults, log)
    return capture_of(data, file, compression, faults)


def _expanded(data: Data) -> tuple[Data, tuple[str, ...], tuple[str, ...]]:
    """The content of a file that may be compressed, how it was, and the faults of that."""
    formats: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    budget: int | None = None
    while compressed.format_of(data) is not None:
        if len(formats) == compressed.DEEPEST:
            raise CaptureError("compressed too often", 0)
        source, expanded = data, compressed.Expanded(data, budget)
        data = _read(expanded)
        budget = expanded.budget
        formats += (expanded.format,)
        if intact(source) < len(source):
            faults += ("file shrank",)
        if expanded.fault is not None:
            faults += (expanded.fault,)
        if not len(data):
            why = "a fault at its beginning" if expanded.fault else "nothing in it"
            raise CaptureError(f"compressed with {expanded.format}, with {why}")
    return data, formats, faults


def _standard_input() -> Readable:
    file = getattr(sys.stdin, "buffer", None)
    if file is None:
        raise CaptureError("standard input is closed")
    readable: Readable = file
    return readable


def _of_path(path: str) -> Data:
    kind = _kind(os.stat(path))  # before opening, which may be a command to a device
    descriptor = os.open(path, _FLAGS if kind == stat.S_IFIFO else _FLAGS_OF_FILES)
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        if _kind(os.fstat(descriptor)) != kind:
            raise CaptureError("the file was replaced during its opening")
        return _read(file) if kind == stat.S_IFIFO else mapped(descriptor)


def _kind(status: os.stat_result) -> int:
    kind = stat.S_IFMT(status.st_mode)
    if kind not in (stat.S_IFREG, stat.S_IFIFO):
        raise CaptureError("neither a file nor a pipe")
    return kind


def _of_file(file: Readable) -> Data:
    # Other classes have the descriptor of other bytes than `read` returns, such as gzip's.
    raw = file.raw if type(file) is io.BufferedReader else file
    if type(raw) is io.FileIO and stat.S_ISREG(os.fstat(raw.fileno()).st_mode):
        assert isinstance(file, io.BufferedReader | io.FileIO)
        if file.tell() == 0:
            file.seek(0, os.SEEK_END)  # as after reading
            return mapped(raw.fileno())
    return _read(file)


def _read(file: Readable) -> Data:
    """All bytes of `file`, which may be more than fit into memory."""
    pending = bytearray()
    with contextlib.ExitStack() as stack:
        spool = None
        while chunk := file.read(_CHUNK):
            if not isinstance(chunk, bytes | bytearray | memoryview):
                raise TypeError(f"the file object must read bytes, not {type(chunk).__name__}")
            pending += chunk
            if len(pending) > _IN_MEMORY:
                if spool is None:
                    import tempfile  # rarely needed, and not small

                    spool = stack.enter_context(tempfile.TemporaryFile())
                spool.write(pending)
                pending.clear()
        if chunk is None:
            raise BlockingIOError("the file object has no bytes ready")
        if spool is None:
            return bytes(pending)
        spool.write(pending)
        spool.flush()
        return mapped(spool.fileno(), is_private=True)


def capture_of(
    data: Data,
    file: str | None = None,
    compression: tuple[str, ...] = (),
    faults: tuple[str, ...] = (),
) -> Capture:
    """Choose the reader of `data` by its first bytes. Raises CaptureError for an unknown format."""
    for reader in _READERS:
        if reader.recognises(data):
            return Capture(data, reader, file, compression, faults)
    raise CaptureError(f"neither a capture nor SIP messages: {_described(data)}", 0)


def _described(data: Data) -> str:
    for magic, hint in _HINTS.items():
        if data[: len(magic)] == magic:
            return hint
    return f"it begins with {data[:16]!r}"
