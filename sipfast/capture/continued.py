"""Captures that come bit by bit, from a pipe or a file that grows: each message once it is whole.

    continued = Continued("-")
    for data in iter(lambda: pipe.read(65536), b""):
        for record in continued.feed(data):
            ...
    for record in continued.close():
        ...

Packets and HEP are whole as soon as their last byte is there. Text tells the end of a message by
what follows it: its last message waits for more text, or for `settle`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .base import CaptureError, Record, Tally
from .files import compressed, hep, messages, netmon, pcap, pcapng, snoop
from .packets import Captured, Layers
from .reasons import unread_of

__all__ = ["MOST_PENDING", "SETTLED", "Continued"]

MOST_PENDING = 16 * 1024 * 1024
"""Bytes of an unfinished packet or message, beyond which nothing more is read."""

SETTLED = 1.0
"""Seconds without new bytes after which the last message of a text is whole: see `settle`."""

_LONGEST_MAGIC = 28
_ENOUGH_TEXT = 64 * 1024
_MOST_TEXT = 4 * 1024 * 1024


class Continued:
    """The records of a capture whose bytes come bit by bit, in the formats that need no index.

    Attributes:
        file: the name for the records.
        format: "pcap", "pcapng", "hep", "log" or "messages"; None before enough bytes tell it.
        position: bytes of the capture read so far.
        pending: bytes that wait for others.
    """

    def __init__(self, file: str | None = None) -> None:
        self.file = file
        self._tally = Tally(file)
        self._pending = bytearray()
        self._base = 0
        self._wanted = _LONGEST_MAGIC
        self._quiet = 0
        self._rest: _Packets | _Text | None = None
        self._format: str | None = None
        self._is_over = False

    @property
    def format(self) -> str | None:
        """The format, once enough bytes tell it."""
        return self._format

    @property
    def position(self) -> int:
        """Bytes of the capture that were read."""
        return self._base

    @property
    def pending(self) -> int:
        """Bytes that wait for others."""
        return len(self._pending)

    @property
    def skipped(self) -> Counter[str]:
        """The number of skipped packets so far, by reason, as of `Capture`."""
        return self._tally.skipped

    @property
    def unread(self) -> Counter[str]:
        """Those of `skipped` that may have held SIP."""
        return unread_of(self._tally.skipped)

    def feed(self, data: bytes | bytearray | memoryview) -> Iterator[Record]:
        """Take the next bytes, and yield the messages that they complete.

        Read all of them before the next call. Raises CaptureError for an unknown format, or one
        that is read as a whole only.
        """
        if self._is_over:
            self._base += len(data)
            return iter(())
        self._pending += data
        if len(self._pending) < self._wanted:
            return iter(())
        return self._read(is_quiet=False)

    def settle(self) -> Iterator[Record]:
        """Yield the messages of a text that end here unless more follows: it has been quiet."""
        if not self._pending or len(self._pending) == self._quiet:
            return iter(())
        if isinstance(self._rest, _Packets):
            return iter(())
        self._quiet = len(self._pending)
        return self._read(is_quiet=True)

    def close(self) -> Iterator[Record]:
        """Yield what is left at the end. Raises CaptureError as `feed` does."""
        if self._pending:
            if self._rest is None:
                self._rest = self._recognised(bytes(self._pending), is_all=True)
            yield from self._read(is_quiet=True)
        self._is_over = True
        rest, self._rest = self._rest, None
        if rest is not None:
            if self._pending:
                rest.fail("truncated record")
                self._pending.clear()
            yield from rest.close()

    def _read(self, is_quiet: bool) -> Iterator[Record]:
        data = bytes(self._pending)
        if self._rest is None:
            self._rest = self._recognised(data, is_quiet=is_quiet)
            if self._rest is None:
                self._wanted = 2 * len(data)
                return
        rest = self._rest
        self._format = rest.format
        yield from rest.read(data, self._base, is_quiet)
        del self._pending[: rest.used]
        self._quiet = len(self._pending) if is_quiet else -1
        self._base += rest.used
        self._wanted = rest.wanted
        if rest.fault is None and max(len(self._pending), rest.wanted) > MOST_PENDING:
            rest.fault = "truncated record"
        if rest.fault is not None:
            rest.fail(rest.fault)
            self._base += len(self._pending)
            self._pending.clear()
            self._is_over = True

    def _recognised(
        self, data: bytes, *, is_quiet: bool = False, is_all: bool = False
    ) -> _Packets | _Text | None:
        """What reads the rest; None if its first bytes are too few to tell."""
        if is_all or len(data) >= _LONGEST_MAGIC:
            if pcap.recognises(data):
                return _Pcap(data, self._tally)
            if pcapng.recognises(data):
                return _Pcapng(data, self._tally)
        if hep.recognises(data):
            return _Hep(self._tally)
        if compressed.format_of(data) is not None:
            raise CaptureError("compressed: decompress it on its way here", 0)
        if snoop.recognises(data) or netmon.recognises(data):
            raise CaptureError("a format that is read as a whole only", 0)
        is_enough = len(data) >= _ENOUGH_TEXT
        from . import logs  # whose patterns take long to compile

        if logs.recognises(data):
            return _Log(self._tally)
        if (is_quiet or is_all or is_enough) and messages.recognises(data):
            return _Messages(self._tally)
        if is_all or len(data) >= _MOST_TEXT or (is_enough and b"\0" in data):
            raise CaptureError(
                f"neither a capture nor SIP messages: it begins with {data[:16]!r}", 0
            )
        return None


class _Packets:
    """Packets, each of which states its size.

    Attributes:
        used: the bytes of the last buffer that were read.
        wanted: the bytes from there on that the next packet takes.
        fault: why no packet can follow; None if one can.
    """

    format = ""

    def __init__(self, tally: Tally) -> None:
        self.layers = Layers(tally)
        self.used = self.wanted = 0
        self.fault: str | None = None
        self._place = Tally()
        self._tally = tally

    def read(self, data: bytes, base: int, _is_quiet: bool) -> Iterator[Record]:
        """Yield the messages in the whole packets of a buffer that begins at byte `base`."""
        self.used = 0
        yield from self.layers.records(data, self._whole(data), base)

    def fail(self, fault: str) -> None:
        """Count what cannot be read, which has a number."""
        for _ in self.layers.records(b"", (fault,)):
            pass

    def close(self) -> Iterator[Record]:
        """What waits for packets that did not come."""
        return self.layers.rest()

    def _whole(self, data: bytes) -> Iterator[Captured | str]:
        raise NotImplementedError

    def _advance(self, data: bytes, wanted: int) -> None:
        self.used = self._place.position
        self.wanted = wanted
        self._tally.skipped.update(self._place.skipped)
        self._place.skipped.clear()


class _Pcap(_Packets):
    format = "pcap"

    def __init__(self, data: bytes, tally: Tally) -> None:
        super().__init__(tally)
        self._shape = pcap.Shape.of(data)
        self._at = pcap.SIZE_OF_HEADER

    def _whole(self, data: bytes) -> Iterator[Captured | str]:
        at, self._at = self._at, 0
        yield from pcap.whole_packets(data, self._shape, at, self._place)
        self._advance(data, pcap.size_of_record(data, self._shape, self._place.position))


class _Pcapng(_Packets):
    format = "pcapng"

    def __init__(self, data: bytes, tally: Tally) -> None:
        super().__init__(tally)
        self._sections = pcapng.Sections(data)

    def _whole(self, data: bytes) -> Iterator[Captured | str]:
        yield from self._sections.packets(data, 0, self._place)
        self._advance(data, self._sections.size_of_block(data, self._place.position))
        self.fault = self._sections.fault

    def fail(self, fault: str) -> None:
        self._tally.skipped[fault] += 1  # blocks have no numbers


class _Hep(_Packets):
    format = "hep"

    def _whole(self, data: bytes) -> Iterator[Captured | str]:
        is_sound = yield from hep.whole_packets(data, 0, self._place)
        self._advance(data, hep.size_of_packet(data, self._place.position))
        if not is_sound:
            self.fault = "malformed block"


class _Text:
    """Text, in which the last message may go on."""

    format = ""

    def __init__(self, tally: Tally) -> None:
        self.used = 0
        self.wanted = 1
        self.fault: str | None = None
        self._tally = tally

    def read(self, data: bytes, base: int, is_quiet: bool) -> Iterator[Record]:
        """Yield the messages that end in a buffer from byte `base` on; all if it is quiet."""
        raise NotImplementedError

    def fail(self, fault: str) -> None:
        """Count what cannot be read."""
        self._tally.skipped[fault] += 1

    def close(self) -> Iterator[Record]:
        """What is left at the end."""
        return iter(())


class _Messages(_Text):
    format = "messages"

    def __init__(self, tally: Tally) -> None:
        super().__init__(tally)
        self._number = 0

    def read(self, data: bytes, base: int, is_quiet: bool) -> Iterator[Record]:
        self.used = 0
        last: Record | None = None
        for record in messages.datagrams(data, Tally(self._tally.file)):
            if last is not None:
                yield self._placed(last, base)
            last = record
            self.used = record.offset
        if is_quiet:
            self.used = len(data)
            if last is not None:
                yield self._placed(last, base)
        left = len(data) - self.used
        # Half as much again, so that the text of a long message is read few times.
        self.wanted = left + max(1, left // 2) if self.used == 0 else left + 1

    def _placed(self, record: Record, base: int) -> Record:
        self._number += 1
        return record._replace(offset=base + record.offset, packet=self._number)


class _Log(_Text):
    format = "log"

    def __init__(self, tally: Tally) -> None:
        super().__init__(tally)
        from . import logs

        self._log = logs.Growing(tally)

    def read(self, data: bytes, base: int, is_quiet: bool) -> Iterator[Record]:
        self.used, records = self._log.records(data, base, is_quiet=is_quiet)
        left = len(data) - self.used
        self.wanted = left + max(1, left // 2)  # so that text is searched few times
        yield from records

    def close(self) -> Iterator[Record]:
        return self._log.close()
