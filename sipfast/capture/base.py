"""The common parts of the readers: their records, their tally, and their error."""

from __future__ import annotations

import mmap
from collections import Counter
from typing import NamedTuple

#: The input of the readers: a mapped file, or bytes in memory.
Data = bytes | mmap.mmap


class CaptureError(ValueError):
    """A file of an unknown format.

    Attributes:
        message: the fault.
        offset: the byte of the fault in the file, or None for the file as a whole.
    """

    def __init__(self, message: str, offset: int | None = None) -> None:
        super().__init__(message, offset)
        self.message = message
        self.offset = offset

    def __str__(self) -> str:
        return self.message if self.offset is None else f"{self.message} (byte {self.offset})"


class Datagram(NamedTuple):
    """A payload that may be a SIP message, and its source.

    Attributes:
        payload: the bytes, a view of the mapped file without a copy.
        offset: the offset of `payload` in the file.
        index: the number of its packet (or message, in a file of messages), counted from 1.
            Skipped packets count too, so that other tools show the same number.
        timestamp_ns: nanoseconds since 1970-01-01 00:00 UTC, or None in a file without timestamps.
        source, destination: IPv4 or IPv6 addresses, or None in a file of messages.
        source_port, destination_port: 0 to 65535, or None in a file of messages.
        transport: "UDP", or None in a file of messages.
        is_cut: whether the capture cut the packet (snapshot length), so that `payload` is only the
            beginning of the datagram. `sipfast.parse` may raise `Incomplete` for it.
    """

    payload: memoryview
    offset: int
    index: int  # type: ignore[assignment]  # hides tuple.index, which is useless here
    timestamp_ns: int | None = None
    source: str | None = None
    source_port: int | None = None
    destination: str | None = None
    destination_port: int | None = None
    transport: str | None = None
    is_cut: bool = False


class Tally:
    """The progress of a reader in its file, and the packets that it skipped.

    Attributes:
        position: bytes of the file read so far.
        skipped: number of skipped packets, by reason.
    """

    __slots__ = ("position", "skipped")

    def __init__(self) -> None:
        self.position = 0
        self.skipped: Counter[str] = Counter()
