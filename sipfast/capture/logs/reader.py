"""Reads any mixture of the formats of `formats` from one log."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from typing import NamedTuple

from ..base import Data, Tally
from ..recognise import begin_of_text, is_start_line, next_line, why_not_sip
from .connections import Connections, Whole
from .facts import Path, Paths
from .formats import FORMATS, LONGEST_HEAD, Format
from .heads import Head, Heads, Readable, Window
from .text import (
    Framed,
    end_mark,
    frame,
    frame_read,
    past_line_ends,
    unwrapped,
    wire_length,
    with_crlf,
)
from .times import Clock

__all__ = ["LOST", "NO_HEAD", "Entry", "Log", "entries", "last_head"]

#: A longer message is cut.
LONGEST = 1024 * 1024
# So is a longer one that follows another without a header line.
_LONGEST_OF_MORE = 64 * 1024
_BLOCK = 4 * LONGEST
_AHEAD = LONGEST + 2 * LONGEST_HEAD
_UNFINISHED = 16 * LONGEST

#: The reason that counts messages without a header line.
NO_HEAD = "no header line"

_LF = 10
_SIP_PORT = 5060
_DATAGRAMS = frozenset(("UDP", "DTLS"))

# A dump of Sofia-SIP begins with its date.
_STARTED = b"dump started at "
_LONGEST_PREFACE = 4096
# AudioCodes has the time after the message.
_TIME_AFTER = b"[Time:"
_LONGEST_TIME = 64

#: What a log lacks of a message, or changed in it.
LOST = {
    "line ends": "the CRs, which are restored",
    "blank line": "the blank line after the header, which is restored",
    "end": "the end of the message",
    "bytes": "bytes that are not printable, which are dots",
    "length": "no stated length: the message ends by its Content-Length or by what follows",
    "time": "no time",
    "date": "the date: `time_ns` counts from the first midnight of the log",
    "year": "the year: 1970 stands for it",
    "zone": "the time zone: UTC stands for it",
    "source": "the address that sent it",
    "destination": "the address that received it",
    "transport": "the transport",
}


class Entry(NamedTuple):
    """A message of a log.

    Attributes:
        data: its bytes, with the line ends that the log dropped.
        offset: where its text begins in the log.
        number: of its header line, from 1; those without SIP count too.
        time_ns: nanoseconds since 1970-01-01 00:00 UTC, as far as the log tells; None without any.
        source, source_port, destination, destination_port: None where the log does not tell.
        transport: "UDP", "TCP", "TLS", ...; None where the log does not tell.
        direction: "received" or "sent" by the program that wrote the log; None if it only watched.
        is_cut: whether the end of the message is missing.
        format: the name of the format.
        lost: what the log lacks or changed; `LOST` has the meaning of each.
    """

    data: bytes
    offset: int
    number: int
    time_ns: int | None
    source: str | None
    source_port: int | None
    destination: str | None
    destination_port: int | None
    transport: str | None
    direction: str | None
    is_cut: bool
    format: str
    lost: tuple[str, ...]


def entries(
    source: Data | Readable, tally: Tally, formats: tuple[Format, ...] = FORMATS
) -> Iterator[Entry]:
    """The messages of a log, in their order: a buffer, or a binary file that is read to its end.

    What is no message is counted in `tally.skipped`, and so are messages without a header line.
    """
    log = Log(tally)
    yield from log.entries(source, formats)
    yield from log.close()


def last_head(data: bytes, formats: tuple[Format, ...] = FORMATS) -> int:
    """Where the last header line begins, or may begin; everything before it is complete."""
    window = Window(data, len(data) + 1, 0)
    window.advance(0)
    heads = Heads(window, formats)
    head, last = heads.next(0), None
    while head is not None:
        last = head.start
        head = heads.next(max(head.end, head.start + 1))
    if last is not None:
        return last
    place = max(0, len(data) - 2 * LONGEST_HEAD)
    return data.rfind(b"\n", 0, place) + 1


def _entries(
    window: Window, log: Log, tally: Tally, formats: tuple[Format, ...]
) -> Iterator[Entry]:
    heads = Heads(window, formats)
    at = begin_of_text(window.data)
    begins_line = True
    while True:
        head = heads.next(at)
        place = len(window.data) if head is None else head.start
        if head is None and not window.is_last:
            # A header line may begin in the last bytes.
            place = max(at, place - 2 * LONGEST_HEAD)
            place = max(at, window.data.rfind(b"\n", at, place) + 1) or place
        lost = _start_lines(window.data, at, place, begins_line)
        if lost:
            tally.skipped[NO_HEAD] += lost
        if not window.has(place):
            begins_line = place == 0 or window.data[place - 1] == _LF
            window.advance(place)
            heads.moved(place)
            at = 0
            continue
        if head is None:
            break
        at = yield from log.messages(head, heads)
        begins_line = window.data[at - 1] == _LF
        tally.position = window.base + at
    tally.position = window.base + len(window.data)


def _start_lines(data: bytes, begin: int, end: int, begins_line: bool) -> int:
    """How many lines between messages begin a message."""
    found = int(begins_line and begin < end and is_start_line(data, begin, end))
    while (begin := next_line(data, begin, end, False)) < end:
        found += 1
    return found


class _Header(NamedTuple):
    """What is known of a message before its text."""

    format: Format
    number: int
    path: Path
    time_ns: int | None
    lost: tuple[str, ...]


class Log:
    """What is known of a log, beyond the message that is being read."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._window = Window(b"", 1, 0)
        self._number = 0
        self._paths = Paths()
        self._clock = Clock()
        self._is_new = True
        self._streams: Connections[Path, tuple[int, _Header]] = Connections(LONGEST, _UNFINISHED)

    def entries(
        self, source: Data | Readable, formats: tuple[Format, ...] = FORMATS, base: int = 0
    ) -> Iterator[Entry]:
        """The messages of the next part of the log, which begins at byte `base`, in whole lines."""
        self._window = window = Window(source, _BLOCK, _AHEAD)
        window.base = base
        window.advance(0)
        if self._is_new:
            self._is_new = False
            self._clock = Clock(_first_day(window.data))
        yield from _entries(window, self, self._tally, formats)

    def messages(self, head: Head, heads: Heads) -> Generator[Entry, None, int]:
        """The messages below a header line; gives where to read on."""
        data, (_, start, format, found) = self._window.data, head
        limit = min(len(data), start + LONGEST)
        following = heads.next(start)
        if following is not None and following.start < limit:
            limit = following.start
        groups = found.groupdict()
        before = groups.get("before") or b""
        path = self._paths.of(format, found)
        time = groups.get("time")
        moment = self._clock.read(time or before, time is not None)
        lost = (*path.lost, moment.lost) if moment.lost else path.lost
        self._number += 1
        header = _Header(format, self._number, path, moment.time_ns, lost)
        digits = groups.get("length") or groups.get("sent_length")
        stated = int(digits) if digits and digits.isdigit() else None
        text = unwrapped(data, start, limit, before, format)
        if text is None:
            return (yield from self._texts(data, start, limit, stated, header))
        # The places in the text are not those in the log.
        first = self._window.base + start
        begin = past_line_ends(text.data, 0)
        yield from self._texts(text.data, begin, len(text.data), stated, header, first)
        return text.end

    def _texts(
        self,
        data: bytes,
        start: int,
        limit: int,
        stated: int | None,
        header: _Header,
        offset: int | None = None,
    ) -> Generator[Entry, None, int]:
        """The messages of `data[start:limit]`, below one header line; gives where they end."""
        format, base = header.format, self._window.base
        place = base + start if offset is None else offset
        if format.counts == "read" and header.path.transport not in _DATAGRAMS:
            framed = frame_read(data, start, limit, stated, format)
            yield from self._read(data[start : framed.end], place, framed, header)
            return framed.end
        furthest = min(len(data), start + LONGEST)
        is_first = True
        while True:
            framed = frame(data, start, min(limit, furthest), furthest, stated, format)
            end = framed.end
            if header.time_ns is None and is_first:
                header = self._timed_after(header, data, end)
            entry = self._message(data[start:end], place, framed, stated, header)
            if entry is not None:
                yield entry
            begin, start = start, past_line_ends(data, end)
            if stated is not None:
                stated -= wire_length(data, begin, start, framed.without_crs)
                if stated <= 0:
                    # Asterisk shows the whole packet, and states the length of one message in it.
                    if start > end:
                        return end
                    stated = None
            if start >= limit or not is_start_line(data, start, limit):
                return end
            if is_first:
                # The mark of the end is looked for once, not once for each of many messages.
                mark = end_mark(data, start, limit, format)
                limit = limit if mark < 0 else mark + (data[mark] == _LF)
                format = format._replace(ends=())
                is_first = False
            furthest = min(limit, start + _LONGEST_OF_MORE)
            place = base + start if offset is None else offset

    def _message(
        self, text: bytes, offset: int, framed: Framed, stated: int | None, header: _Header
    ) -> Entry | None:
        """A text as a message; None for another one, which is counted."""
        format, number, path, time_ns, lost = header
        source, source_port, destination, destination_port, transport, direction, _ = path
        ports = source_port or _SIP_PORT, destination_port or _SIP_PORT
        reason = why_not_sip(text, 0, len(text), *ports, framed.is_cut) if text else "no message"
        if reason is not None:
            self._tally.skipped[reason] += 1
            return None
        if stated is None:
            lost += ("length",)
        if framed.without_crs:
            text = with_crlf(text)
            lost += ("line ends",)
        if framed.is_cut:
            lost += ("end",)
        elif not framed.has_blank_line:
            text += b"\r\n\r\n" if b"\r\n" in text else b"\n\n"
            lost += ("blank line",)
        return Entry(
            text,
            offset,
            number,
            time_ns,
            source,
            source_port,
            destination,
            destination_port,
            transport,
            direction,
            framed.is_cut,
            format.name,
            lost,
        )

    def _read(self, text: bytes, offset: int, framed: Framed, header: _Header) -> Iterator[Entry]:
        """The messages that a read of a stream completes."""
        if not text:
            self._tally.skipped["no message"] += 1
            return
        if framed.without_crs:
            text = with_crlf(text)
            header = header._replace(lost=(*header.lost, "line ends"))
        if not text.strip(b"\r\n\0") and not self._streams.is_open(header.path):
            self._tally.skipped["keep-alive"] += 1
            return
        yield from self._whole(self._streams.feed(header.path, (offset, header), text))

    def close(self) -> Iterator[Entry]:
        """What the end of the log cuts."""
        yield from self._whole(self._streams.close())

    def _whole(self, messages: Iterable[Whole]) -> Iterator[Entry]:
        for (offset, header), text, is_cut in messages:
            framed = Framed(len(text), False, is_cut)
            entry = self._message(text, offset, framed, len(text), header)
            if entry is not None:
                yield entry

    def _timed_after(self, header: _Header, data: bytes, end: int) -> _Header:
        """The header with the time that some logs have after the message."""
        found = data[end : end + _LONGEST_TIME].lstrip()
        if not found.startswith(_TIME_AFTER):
            return header
        moment = self._clock.read(found)
        lost = tuple(name for name in header.lost if name != "time")
        if moment.lost:
            lost += (moment.lost,)
        return header._replace(time_ns=moment.time_ns, lost=lost)


def _first_day(data: bytes) -> int | None:
    """The day of which a dump says that it began on it, in seconds since 1970."""
    at = data.find(_STARTED, 0, _LONGEST_PREFACE)
    if at < 0:
        return None
    moment = Clock().read(data[at + len(_STARTED) : at + len(_STARTED) + _LONGEST_TIME])
    return None if moment.time_ns is None or moment.lost == "date" else moment.time_ns // 10**9
