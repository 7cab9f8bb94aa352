"""Parts of a large capture that processes read without each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from .files.pcap import SIZE_OF_HEADER
from .packets import Builder, Walked
from .source import Capture, capture_of

__all__ = ["Alone", "Part", "parts", "read_alone"]

_STEP = 1024
"""Packets between two places where a part may end."""
_LONGEST_HEAD = 64 * 1024
_PROBED = 256 * 1024
"""So many bytes at the beginning of each part are tried."""


class Part(NamedTuple):
    """Some packets of a capture, in the order of the file.

    The bytes of the file from `begin` to `end` follow `head`, which has what comes before them in a
    capture of its own.
    """

    head: bytes
    begin: int
    end: int
    first: int
    """The number of the first packet."""
    last: int | None
    """The number of the last packet; None for all that follow."""
    fault: str | None = None
    """Why the file ends before its end."""


class Alone(NamedTuple):
    """The batches of a capture, and the packets that were skipped."""

    batches: list[Any]
    skipped: Mapping[str, int]


def parts(capture: Capture, size: int, make: Callable[[], Builder]) -> list[Part]:
    """The parts of a capture, of at least `size` bytes each but for the last.

    None of a capture that one process reads best: one that is small, compressed or no pcap or
    pcapng file, or whose messages do not lie in datagrams of their own. `make` makes builders that
    try the beginning of each part.
    """
    data = capture._data
    if capture.format not in ("pcap", "pcapng") or capture.compression or data is None:
        return []
    if len(data) < 2 * size or not Walked.feeds(make()):
        return []
    records = capture._begin()[1]
    assert isinstance(records, Walked)
    head = data[:SIZE_OF_HEADER] if capture.format == "pcap" else b""
    found: list[Part] = []
    for cut in records.cuts(head, size, _STEP):
        if len(cut.head) > _LONGEST_HEAD:
            return []
        found.append(Part(*cut))
    if len(found) < 2:
        return []
    found[-1] = found[-1]._replace(end=len(data), last=None)
    for part in found:
        begin = bytes(data[part.begin : min(part.end, part.begin + _PROBED)])
        if read_alone(part.head + begin, None, make) is None:
            return []
    return found


def read_alone(data: bytes, file: str | None, make: Callable[[], Builder]) -> Alone | None:
    """The batches of a capture, if each of its messages lies in a datagram of its own."""
    capture = capture_of(data, file)

    def begun() -> Builder:
        builder = make()
        builder.begin(data, file, False)
        return builder

    records = capture._begin()[1]
    assert isinstance(records, Walked)
    found = records.alone(begun)
    return None if found is None else Alone(*found)
