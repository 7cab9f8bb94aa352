"""Opening a file, whose format is detected by its first bytes, regardless of its name."""

from __future__ import annotations

import mmap
import os
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from .base import CaptureError, Data, Datagram, Tally
from .files import messages, pcap, pcapng

# O_NONBLOCK: a pipe does not wait for its writer. Some systems lack some of these.
_FLAGS: int = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)


class _Reader(NamedTuple):
    format: str
    recognises: Callable[[Data], bool]
    datagrams: Callable[[Data, Tally], Iterator[Datagram]]


_READERS = (
    _Reader("pcap", pcap.recognises, pcap.datagrams),
    _Reader("pcapng", pcapng.recognises, pcapng.datagrams),
    _Reader("messages", messages.recognises, messages.datagrams),
)

# Similar files, and advice for them.
_HINTS = {
    b"\x1f\x8b": "compressed with gzip; decompress it first",
    b"\x28\xb5\x2f\xfd": "compressed with zstd; decompress it first",
    b"\xfd7zXZ": "compressed with xz; decompress it first",
    b"BZh": "compressed with bzip2; decompress it first",
    b"GMBU": "a file of Microsoft Network Monitor; convert it with editcap",
    b"snoop\0": "a file of snoop; convert it with editcap",
}


class Capture:
    """A file open for reading: iterate over it for its `Datagram` records.

    Each iteration begins at the start of the file and resets `skipped` and `position`. A payload is
    a view of the mapped file and stays valid after `close`: the file is unmapped with the last of
    them. As with every mapped file, it must not be truncated before.

    Attributes:
        format: "pcap", "pcapng" or "messages".
        size: bytes in the file.
    """

    def __init__(self, data: Data, reader: _Reader) -> None:
        self._data: Data | None = data
        self._reader = reader
        self._tally = Tally()
        self.format = reader.format
        self.size = len(data)

    @property
    def position(self) -> int:
        """Bytes read so far.

        Less than `size` after the last datagram means that the rest is unreadable; `skipped` has
        the reason: "truncated record" or "malformed block".
        """
        return self._tally.position

    @property
    def skipped(self) -> Counter[str]:
        """The number of skipped packets so far, by reason.

        Other protocols: "arp", "pppoe", "mpls", "not IP", "link type 105" and the like, "tcp",
        "icmp", "igmp", "esp", "icmpv6", "sctp", "IP protocol 47" and the like, "keep-alive",
        "stun", "not SIP".
        Incomplete: "fragment" (of an IP packet), "truncated" (when captured).
        Malformed: "malformed IP", "malformed UDP", "malformed block", "unknown interface",
        "truncated record" (the file ends within it; always the last).
        """
        return self._tally.skipped

    def __iter__(self) -> Iterator[Datagram]:
        if self._data is None:
            raise ValueError("the capture is closed")
        self._tally = Tally()
        return self._reader.datagrams(self._data, self._tally)

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


def open(path: str | os.PathLike[str]) -> Capture:
    """Open a capture (pcap or pcapng), or a file of concatenated SIP messages.

    Raises:
        CaptureError: the format is unknown.
        OSError: the file cannot be opened.
    """
    _require_regular(os.stat(path))  # before opening, which may be a command to a device
    descriptor = os.open(path, _FLAGS)
    try:
        status = os.fstat(descriptor)
        _require_regular(status)  # the file may have been replaced since
        if not status.st_size:
            raise CaptureError("the file is empty")
        data = mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
    finally:
        os.close(descriptor)
    return capture_of(data)


def _require_regular(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise CaptureError("not a regular file")


def capture_of(data: Data) -> Capture:
    """Choose the reader of `data` by its first bytes. Raises CaptureError for an unknown format."""
    for reader in _READERS:
        if reader.recognises(data):
            return Capture(data, reader)
    raise CaptureError(f"neither a capture nor SIP messages: {_described(data)}", 0)


def _described(data: Data) -> str:
    for magic, hint in _HINTS.items():
        if data[: len(magic)] == magic:
            return hint
    return f"it begins with {data[:16]!r}"
