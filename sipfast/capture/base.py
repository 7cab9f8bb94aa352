"""The common parts of the readers: their records, their tally, and their error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from .._engine import ENGINE

if TYPE_CHECKING:
    from .._core.wire.maps import Data, intact, mapped, watched
else:
    _MAPS = ENGINE.module("wire.maps")
    Data = _MAPS.Data
    intact = _MAPS.intact
    mapped = _MAPS.mapped
    watched = _MAPS.watched

__all__ = [
    "CaptureError",
    "Data",
    "Datagram",
    "Record",
    "Tally",
    "intact",
    "mapped",
    "watched",
]


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


class Record(NamedTuple):
    """The bytes that may be a SIP message, and where they came from.

    Attributes:
        data: the bytes: a view of the mapped file without a copy, or of bytes of its own if the
            message came in several packets.
        offset: the byte of the file at which they begin. In a compressed file, the byte of its
            content.
        packet: the number of the packet that completed them (or of the message, in a file of
            messages), counted from 1. Skipped packets count too, so that other tools show the same
            number.
        time_ns: nanoseconds since 1970-01-01 00:00 UTC, or None in a file without times.
        source, destination: IPv4 or IPv6 addresses, or None in a file of messages.
        source_port, destination_port: 0 to 65535, or None in a file of messages.
        transport: "UDP", "TCP", "SCTP" or "WS" (WebSocket); of a log also "TLS", "DTLS" or "WSS";
            None if it is unknown.
        is_cut: whether the end of the message is missing: the capture cut the packet (snapshot
            length), or lacks a fragment or a segment. `sipfast.parse` may raise `Incomplete` for
            it.
        file: the path, "-" for standard input, or None for bytes.
        is_duplicate: whether the same bytes went between the same addresses and ports within the 5
            ms before: mirror ports and captures on several interfaces show a packet twice.
        lost: what a text log lacks or changed; docs/logs.md has the meaning of each.
        direction: "received" or "sent" by the program that wrote the log, or None.
    """

    data: memoryview
    offset: int
    packet: int
    time_ns: int | None = None
    source: str | None = None
    source_port: int | None = None
    destination: str | None = None
    destination_port: int | None = None
    transport: str | None = None
    is_cut: bool = False
    file: str | None = None
    is_duplicate: bool = False
    lost: tuple[str, ...] = ()
    direction: str | None = None

    @property
    def payload(self) -> memoryview:
        """Another name of `data`."""
        return self.data

    @property
    def index(self) -> int:  # type: ignore[override]  # hides tuple.index, which is useless here
        """Another name of `packet`."""
        return self.packet

    @property
    def timestamp_ns(self) -> int | None:
        """Another name of `time_ns`."""
        return self.time_ns


Datagram = Record
"""The name of `Record` when all of them were datagrams."""


class Tally:
    """The progress of a reader in its file, and the packets that it skipped.

    Attributes:
        file: the name for the records.
        position: bytes of the file read so far.
        skipped: number of skipped packets, by reason.
    """

    __slots__ = ("file", "position", "skipped", "walk")

    def __init__(self, file: str | None = None) -> None:
        self.file = file
        self.position = 0
        self.skipped: Counter[str] = Counter()
        self.walk: Callable[[], Any] = _nothing
        """A weak reference to a walk in C, which counts for itself."""

    @property
    def reached(self) -> int:
        """The position of the walk, or else of the reader: other threads may ask for it."""
        walk = self.walk()
        position: int = self.position if walk is None else walk.position
        return position

    def update(self) -> Tally:
        """Take in what C has counted."""
        walk = self.walk()
        if walk is not None:
            self.position = walk.position
            self.skipped.update(walk.take_counts())
        return self


def _nothing() -> None:
    return None
