"""A file for each call or hour.

The messages wait in memory, up to a bound, and go on to the parts of their files, one after
another, in a folder beside them.  At the end, the parts take their places.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable
from datetime import datetime, timezone

from ....capture import Record
from ....capture.beside import place
from ...reading import Outcome, as_far_as_readable
from .sinks import Chosen, Held, Sink, Stream, Table, Wanted

__all__ = ["BY", "Split"]

BY = ("call", "hour")

_MOST_BYTES = 64 * 1024 * 1024
_OF_RECORD = 512
"""What a record takes in memory, besides the bytes of its message."""

_HOUR = 3600 * 10**9
_PLAIN = re.compile(r"[a-z0-9@_+=-][a-z0-9@._+=-]{0,98}")
_ODD = re.compile(r"[^A-Za-z0-9@._+=-]+")
_HASHED = re.compile(r"-[0-9a-f]{16}\Z")
_LONGEST = 60
_NO_CALL, _NO_TIME = "no-call-id", "no-time"


class Split(Sink):
    """The files of an export, ``trace-KEY.pcap`` for ``trace.pcap``."""

    def __init__(self, out: str, by: str, wanted: Wanted, *, overwrite: bool) -> None:
        self._selected = wanted.selected()
        self._wanted = wanted.without_where()
        self._overwrite = overwrite
        self._key = _call if by == "call" else _hour
        stem, self._suffix = os.path.splitext(out)
        self._folder, self._stem = os.path.split(stem)
        self._parts = tempfile.mkdtemp(
            prefix=f".{self._stem[:60]}.", suffix=".part", dir=self._folder or "."
        )
        self._names: dict[str, int] = {}
        """The names of the files, and the numbers of their parts."""
        self._waiting: dict[str, list[Record]] = {}
        self._size = 0

    def fill(self, captures: Iterable[Chosen | Held]) -> None:
        for capture in captures:
            assert isinstance(capture, Chosen)
            for record, outcome in capture.outcomes():
                if not self._selected(record, outcome):
                    continue
                self._waiting.setdefault(self._key(record, outcome), []).append(record)
                self._size += len(record.data) + _OF_RECORD
                if self._size >= _MOST_BYTES:
                    self._write(capture)
            self._write(capture)

    def _write(self, capture: Chosen) -> None:
        """Write the messages that wait to their parts."""
        waiting, self._waiting, self._size = self._waiting, {}, 0
        for key, records in waiting.items():
            again = key in self._names
            number = self._names.get(key, len(self._names))
            with (
                open(self._part(number), "ab") as part,
                Stream(self._wanted, part, again)
                if self._wanted.format.needs_pyarrow
                else self._wanted.sink(part, again=again) as sink,
            ):
                sink.fill([Held(capture.capture, records)])
            self.written += sink.written
            self.untimed += sink.untimed
            if not again:
                self._names[key] = number
                if not self._overwrite and os.path.lexists(self._place(key)):
                    raise FileExistsError(errno.EEXIST, "exists", self._place(key))

    def close(self) -> None:
        """Put the files into their places, when all of them are complete."""
        try:
            if self._wanted.format.needs_pyarrow:
                for number in self._names.values():
                    self._convert(self._part(number))
            for key, number in self._names.items():
                place(self._part(number), self._place(key), overwrite=self._overwrite)
        finally:
            self.discard()

    def _convert(self, part: str) -> None:
        """Write a table in place of its streams of batches."""
        with (
            open(part, "rb") as streams,
            open(f"{part}.whole", "wb") as whole,
            self._wanted.sink(whole) as sink,
        ):
            assert isinstance(sink, Table)
            size = os.fstat(streams.fileno()).st_size
            while streams.tell() < size:
                for batch in self._wanted.pyarrow.ipc.open_stream(streams):
                    sink.take(batch)
        os.replace(f"{part}.whole", part)

    def discard(self) -> None:
        shutil.rmtree(self._parts, ignore_errors=True)

    def _part(self, number: int) -> str:
        return os.path.join(self._parts, str(number))

    def _place(self, key: str) -> str:
        return os.path.join(self._folder, f"{self._stem}-{key}{self._suffix}")


# ---- names ---------------------------------------------------------------------------------------


def _call(record: Record, outcome: Outcome) -> str:
    message = as_far_as_readable(record, outcome)
    call_id = None if message is None else message.call_id
    return _NO_CALL if call_id is None else name_of(call_id)


def name_of(call_id: str) -> str:
    """A part of a file name for a Call-ID, which its sender chose.

    One that is plain as it is; any other one as far as it is plain, and with a hash, which tells it
    from others.  So two calls have two files, even where the case of letters does not count.
    """
    if _PLAIN.fullmatch(call_id) and not _HASHED.search(call_id) and call_id != _NO_CALL:
        return call_id
    digest = hashlib.blake2b(call_id.encode("utf-8", "surrogateescape"), digest_size=8)
    return f"{_ODD.sub('_', call_id)[:_LONGEST]}-{digest.hexdigest()}"


def _hour(record: Record, _outcome: Outcome) -> str:
    if record.time_ns is None:
        return _NO_TIME
    try:
        begun = datetime.fromtimestamp(record.time_ns // _HOUR * 3600, timezone.utc)
    except (OverflowError, ValueError, OSError):  # after the year 9999
        return _NO_TIME
    return f"{begun:%Y-%m-%dT%HZ}"
