"""Text logs: the SIP messages that programs write among their log lines.

`FORMATS` is the table of formats; a log may mix them. `detect` says which one a log has, and why.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Literal, NamedTuple

from ..base import Data, Record, Tally
from ..recognise import is_start_line
from .formats import FORMATS, GROUPS, LONGEST_HEAD, Format
from .heads import Readable, header_line
from .reader import LOST, NO_HEAD, Entry, Log, entries, last_head
from .text import past_line_ends

__all__ = [
    "FORMATS",
    "LOST",
    "Detected",
    "Entry",
    "Format",
    "Growing",
    "detect",
    "entries",
    "format_of",
    "recognises",
    "records",
]

# The beginning of a log, and the part of it from the first message on, that tell its format.
_BEGINNING = 4 * 1024 * 1024
_SAMPLE = 256 * 1024

_ENOUGH = 0.5
_SHOWN = 120
_SHORT = 4096


class Detected(NamedTuple):
    """The format of a log.

    Attributes:
        name: of the format with the most messages; None if the log has none of them.
        confidence: the part of the messages, by their start lines, that is in this format: 0 to 1.
        why: the counts, and a header line.
    """

    name: str | None
    confidence: float
    why: str


def detect(data: Data, log: Format | None = None) -> Detected:
    """The format of a log, by the messages in its beginning.

    These are those in the 256 KiB from the first one on, which is in the first 4 MiB. Start lines
    that no header line is above count against it, as in a file of messages.
    """
    formats = FORMATS if log is None else (log,)
    found, total, sample = _sampled(data, formats)
    if not found:
        return Detected(None, 0.0, "no header line of a known format is above a SIP message")
    name, count = found.most_common(1)[0]
    [format] = [format for format in formats if format.name == name]
    shown = header_line(sample, format)[:_SHOWN].strip().decode("utf-8", "replace")
    why = f"{count} of {total} messages are below lines such as {shown!r}"
    return Detected(name, count / total, why)


def recognises(data: Data) -> bool:
    """Whether at least half of the messages in the beginning of `data` are below header lines."""
    start = past_line_ends(bytes(data[:_SHORT]), 0)
    if is_start_line(data, start, len(data)):
        return False
    found, total, _ = _sampled(data, FORMATS)
    return found.total() >= _ENOUGH * total > 0


def _sampled(data: Data, formats: tuple[Format, ...]) -> tuple[Counter[str], int, bytes]:
    """The messages of each format, all messages, and the text in which they are."""
    found: Counter[str] = Counter()
    for size in (_SAMPLE, _BEGINNING):
        beginning = bytes(data[:size])
        first = next(entries(beginning, Tally(), formats), None)
        if first is not None:
            beginning = bytes(data[: first.offset + _SAMPLE])
            break
        if len(beginning) < size:
            break
    if first is None:
        return found, 0, b""
    begin = max(0, first.offset - LONGEST_HEAD)
    sample = beginning[begin:]
    tally = Tally()
    found.update(entry.format for entry in entries(sample, tally, formats))
    return found, found.total() + tally.skipped[NO_HEAD], sample


def format_of(
    pattern: str | bytes | re.Pattern[str] | re.Pattern[bytes], *, end: str | bytes | None = None
) -> Format:
    """A format of your own, for `sipfast.capture.open(..., log=...)`.

    `pattern` is searched in each line of up to 1,024 bytes; where it is found, a message begins on
    the next line. The names of its groups, all optional, tell what it has: `time`,
    `source`, `source_port`, `destination`, `destination_port`, `transport`, `direction`, `length`
    (bytes on the wire); `peer`, `peer_port`, `local` and `local_port` with a direction such as
    "sent" or "received"; `before`, a text that is before each line of the message too. `end` is the
    beginning of the line after a message. Without it, and without a length, the message ends by its
    Content-Length, or at the next header line.

    Raises:
        ValueError: a group has another name, or the pattern is malformed.
    """
    flags = 0
    if isinstance(pattern, re.Pattern):
        flags = pattern.flags & (re.IGNORECASE | re.DOTALL | re.VERBOSE)
        pattern = pattern.pattern
    text = pattern.encode() if isinstance(pattern, str) else pattern
    try:
        head = re.compile(text, flags | re.MULTILINE)
    except re.error as error:
        raise ValueError(f"malformed pattern: {error}") from None
    for name in head.groupindex:
        if name not in GROUPS:
            raise ValueError(f"unknown group {name!r}; those are {', '.join(sorted(GROUPS))}")
    mark = end.encode() if isinstance(end, str) else end
    ends = (b"\n" + mark,) if mark else ()
    counts: Literal["message", ""] = "message" if "length" in head.groupindex else ""
    return Format("own", "your own", (b"\n",), head, ends, "dropped", counts, is_own=True)


def records(data: Data | Readable, tally: Tally, log: Format | None = None) -> Iterator[Record]:
    """The messages of a log as the records of every other reader."""
    for entry in entries(data, tally, FORMATS if log is None else (log,)):
        yield _record(entry, tally.file)


class Growing:
    """A log that grows: its messages, but for the last one, which more text may belong to."""

    def __init__(self, tally: Tally) -> None:
        self._log = Log(tally)
        self._file = tally.file

    def records(self, data: bytes, base: int, *, is_quiet: bool) -> tuple[int, Iterator[Record]]:
        """What the bytes from `base` on complete, and how many of them that takes.

        All of them if it has been quiet: then the last message is whole too.
        """
        used = len(data) if is_quiet else last_head(data)
        return used, self._records(data[:used], base)

    def _records(self, data: bytes, base: int) -> Iterator[Record]:
        for entry in self._log.entries(data, base=base):
            yield _record(entry, self._file)

    def close(self) -> Iterator[Record]:
        """What the end cuts."""
        for entry in self._log.close():
            yield _record(entry, self._file)


def _record(entry: Entry, file: str | None) -> Record:
    return Record(
        memoryview(entry.data),
        entry.offset,
        entry.number,
        entry.time_ns,
        entry.source,
        entry.source_port,
        entry.destination,
        entry.destination_port,
        entry.transport,
        entry.is_cut,
        file,
        lost=entry.lost,
        direction=entry.direction,
    )
