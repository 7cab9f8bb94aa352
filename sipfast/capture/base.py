"""What every reader shares: the record it hands out, the tally it keeps, the error it raises."""

from __future__ import annotations

import mmap
from collections import Counter
from typing import NamedTuple

#: What the readers read from: a mapped file, or bytes in memory.
Data = bytes | mmap.mmap


class CaptureError(ValueError):
    """A file that is neither a capture nor SIP messages.

    Attributes:
        message: what is wrong.
        offset: the byte of the file at which it shows, or None when it is the file as a whole.
    """

    def __init__(self, message: str, offset: int | None = None) -> None:
        super().__init__(message, offset)
        self.message = message
        self.offset = offset

    def __str__(self) -> str:
        return self.message if self.offset is None else f"{self.message} (byte {self.offset})"


class Datagram(NamedTuple):
    """What may be one SIP message, and where it was found.

    Attributes:
        payload: the bytes, a view of the mapped file; nothing is copied.
        offset: where `payload` begins in the file, in bytes.
        index: the number of its packet (or message, in a file of messages), counted from 1.
            Packets that are passed over count too, so that it is the number other tools show.
        timestamp_ns: nanoseconds since 1970-01-01 00:00 UTC, or None where the file states none.
        source, destination: IPv4 or IPv6 addresses, or None in a file of messages.
        source_port, destination_port: 0 to 65535, or None in a file of messages.
        transport: "UDP", or None in a file of messages.
    """

    payload: memoryview
    offset: int
    index: int  # type: ignore[assignment]  # hides tuple.index, which is of no use here
    timestamp_ns: int | None = None
    source: str | None = None
    source_port: int | None = None
    destination: str | None = None
    destination_port: int | None = None
    transport: str | None = None


class Tally:
    """How far a reader has come in its file, and what it passed over on the way.

    Attributes:
        position: bytes of the file read so far.
        skipped: how many packets were passed over, by reason.
    """

    __slots__ = ("position", "skipped")

    def __init__(self) -> None:
        self.position = 0
        self.skipped: Counter[str] = Counter()
