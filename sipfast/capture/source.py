"""Opening a file: what it is, by its first bytes and never by its name."""

from __future__ import annotations

import mmap
import os
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from .base import CaptureError, Data, Datagram, Tally
from .files import messages, pcap, pcapng

# Not to wait for the writer of a pipe. Not every system has each of these.
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

# What people have at hand that is near to a capture, and what to do with it.
_HINTS = {
    b"\x1f\x8b": "it is compressed with gzip; decompress it first",
    b"\x28\xb5\x2f\xfd": "it is compressed with zstd; decompress it first",
    b"\xfd7zXZ": "it is compressed with xz; decompress it first",
    b"BZh": "it is compressed with bzip2; decompress it first",
    b"GMBU": "it is of Microsoft Network Monitor; convert it with editcap",
    b"snoop\0": "it is of snoop; convert it with editcap",
}


class Capture:
    """A file open for reading: iterate over it for its `Datagram` records.

    Each iteration begins at the start of the file and sets `skipped` and `position` back.
    A payload is a view of the mapped file and stays valid after `close`: the file is unmapped when
    the last of them is gone. As with every mapped file, it must not be shortened meanwhile.

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

        Less than `size` after the last datagram means that the rest could not be made out, and
        `skipped` says why: "truncated record" or "malformed block".
        """
        return self._tally.position

    @property
    def skipped(self) -> Counter[str]:
        """How many packets were passed over so far, by reason.

        Not SIP over UDP: "arp", "pppoe", "mpls", "not IP", "link type 105" and the like, "tcp",
        "icmp", "igmp", "esp", "icmpv6", "sctp", "IP protocol 47" and the like, "keep-alive",
        "stun", "not SIP".
        Not whole: "fragment" (of an IP packet), "truncated" (when captured).
        Not right: "malformed IP", "malformed UDP", "malformed block", "unknown interface",
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
        """Let go of the file. Payloads that were handed out stay valid."""
        # Closing the map itself would fail for as long as one view of it is alive.
        self._data = None

    def __repr__(self) -> str:
        return f"<Capture {self.format}, {self.size} bytes>"


def open(path: str | os.PathLike[str]) -> Capture:
    """Open a capture (pcap or pcapng), or a file of SIP messages one after another.

    Raises:
        CaptureError: it is none of these.
        OSError: it cannot be opened.
    """
    _require_regular(os.stat(path))  # before opening, which a device may take as a command
    descriptor = os.open(path, _FLAGS)
    try:
        status = os.fstat(descriptor)
        _require_regular(status)  # it may have been swapped since
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
    """Read `data` as what it begins as. Raises CaptureError when it is nothing known."""
    for reader in _READERS:
        if reader.recognises(data):
            return Capture(data, reader)
    raise CaptureError(f"not a capture or a SIP message: {_described(data)}", 0)


def _described(data: Data) -> str:
    for magic, hint in _HINTS.items():
        if data[: len(magic)] == magic:
            return hint
    return f"it begins with {data[:16]!r}"
