"""A file of HEP packets of version 3, one after another, as a collector's connection has them."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from typing import Any

from ..base import Data, Record, Tally
from ..packets import Captured, walked

_HEADER = 6
HEP = -3
"""The link type of a packet that is HEP."""


def recognises(data: Data) -> bool:
    """Whether `data` begins with a packet of HEP that states its length."""
    return (
        data[:4] == b"HEP3" and len(data) >= _HEADER and int.from_bytes(data[4:6], "big") >= _HEADER
    )


def datagrams(data: Data, tally: Tally) -> Iterable[Record]:
    return walked(data, tally, _Packets(data), _packets(data, tally))


class _Packets:
    """The packets, for C."""

    def __init__(self, data: Data) -> None:
        self._data = data

    def begin(self, walk: Any) -> None:
        walk.begin_copies()

    def is_lost(self, walk: Any) -> bool:
        return False  # zeros are no packet

    def block(self, walk: Any, tally: Tally) -> Captured | str | None:
        return None

    def copy(self) -> _Packets:
        return self

    def end(self, walk: Any, tally: Tally) -> int:
        number: int = walk.number
        if walk.position < len(self._data):
            tally.skipped["malformed block" if walk.ends_malformed else "truncated record"] += 1
            number += 1
        return number


def _packets(data: Data, tally: Tally) -> Iterator[Captured | str]:
    is_sound = yield from whole_packets(data, 0, tally)
    if tally.position < len(data):
        yield "truncated record" if is_sound else "malformed block"


def whole_packets(data: Data, position: int, tally: Tally) -> Generator[Captured, None, bool]:
    """The packets from `position` on; at the end, `tally.position` is where no whole one follows.

    Returns whether one can follow.
    """
    while is_whole(data, position):
        end = position + size_of_packet(data, position)
        yield None, HEP, position, end
        position = end
    tally.position = position
    return may_follow(data, position)


def is_whole(data: Data, position: int) -> bool:
    """Whether a packet is at `position`, and all of it."""
    size = size_of_packet(data, position)
    return (
        size >= _HEADER
        and position + size <= len(data)
        and data[position : position + 4] == b"HEP3"
    )


def may_follow(data: Data, position: int) -> bool:
    """Whether the bytes at `position` may become a packet."""
    if position + _HEADER > len(data):
        return True
    return data[position : position + 4] == b"HEP3" and size_of_packet(data, position) >= _HEADER


def size_of_packet(data: Data, position: int) -> int:
    """The bytes of the packet at `position`, or those that tell it if they are not all there."""
    if position + _HEADER > len(data):
        return _HEADER
    return int.from_bytes(data[position + 4 : position + 6], "big")
