"""Fragments of IP packets, put together (RFC 791 3.2, RFC 8200 4.5).

Where fragments overlap, the bytes that came first are kept. Memory is bounded: by the number of
packets that are incomplete, and by their bytes; the oldest is given up first.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator

from .base import Data
from .ip import Other

MOST_PACKETS = 4096
MOST_BYTES = 16 * 1024 * 1024
LARGEST = 65_535
TIMEOUT_NS = 30 * 1_000_000_000
#: Complete packets are remembered so long, with so many fragments, for copies by a mirror port.
COPIES_NS = 1_000_000_000
MOST_COPIES = 65_536
#: What a fragment takes in memory besides its bytes.
_OVERHEAD = 192

Key = tuple[bytes, bytes, int, int]


class Packet:
    """The fragments of a packet so far.

    Attributes:
        first: one of them, for the addresses and the protocol.
        when, number: time and number of the packet in the capture that began it.
        offset: the byte of the file at which the first of them begins.
        count: their number.
    """

    __slots__ = (
        "_ends",
        "_pieces",
        "_starts",
        "count",
        "first",
        "number",
        "offset",
        "seen",
        "size",
        "total",
        "when",
    )

    def __init__(self, first: Other, when: int | None, number: int) -> None:
        self.first = first
        self.when = when
        self.number = number
        self.offset = 0
        self.count = 0
        self.size = 0
        self.total: int | None = None
        self.seen: set[int] = set()
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._pieces: list[bytes] = []

    def add(self, data: Data, other: Other) -> str | None:
        """Take what is new in a fragment. Returns why all or a part of it was left out."""
        begin = other.fragment_offset
        stated = begin + other.stated_end - other.start
        piece = bytes(data[other.start : other.end])
        if not other.more:
            if self.total is not None and self.total != stated:
                return "overlapping fragment"
            self.total = stated
        if self.total is not None and stated > self.total:
            return "overlapping fragment"
        self.seen.add(hash((begin, piece)))
        return self._insert(begin, piece, stated)

    def _insert(self, begin: int, piece: bytes, stated: int) -> str | None:
        starts, ends, pieces = self._starts, self._ends, self._pieces
        end = begin + len(piece)
        at = bisect_left(ends, begin + 1)
        fresh: list[tuple[int, bytes]] = []
        position, differs, stop = begin, False, at
        while stop < len(starts) and starts[stop] < end:
            low = starts[stop]
            if position < low:
                fresh.append((position, piece[position - begin : low - begin]))
            shared_from, shared_to = max(low, begin), min(ends[stop], end)
            old = pieces[stop][shared_from - low : shared_to - low]
            differs = differs or old != piece[shared_from - begin : shared_to - begin]
            position = max(position, ends[stop])
            stop += 1
        if position < end:
            fresh.append((position, piece[position - begin :]))
        if fresh:
            merged = sorted([*fresh, *zip(starts[at:stop], pieces[at:stop], strict=True)])
            starts[at:stop] = [low for low, _ in merged]
            ends[at:stop] = [low + len(text) for low, text in merged]
            pieces[at:stop] = [text for _, text in merged]
            self.size += sum(len(text) for _, text in fresh)
        if differs:
            return "overlapping fragment"
        return None if fresh or not piece else "repeated fragment"

    @property
    def cost(self) -> int:
        """About the bytes of memory."""
        return self.size + self.count * _OVERHEAD

    @property
    def is_complete(self) -> bool:
        return self.total is not None and self.size >= self.total

    def beginning(self) -> bytes:
        """The bytes from the first one to the first gap."""
        if not self._starts or self._starts[0]:
            return b""
        at = 0
        end = 0
        while at < len(self._starts) and self._starts[at] == end:
            end = self._ends[at]
            at += 1
        return b"".join(self._pieces[:at])[: self.total]

    def whole(self, text: bytes) -> Other:
        """The packet, of which the capture has `text`."""
        first = self.first
        size = len(text)
        total = self.total if self.total is not None else LARGEST
        return Other(first.protocol, 0, size, max(size, total), first.source, first.destination)


class Fragments:
    """The incomplete packets of a capture, the oldest first."""

    __slots__ = ("_copies", "_done", "_size", "packets")

    def __init__(self) -> None:
        self.packets: OrderedDict[Key, Packet] = OrderedDict()
        self._done: OrderedDict[Key, tuple[int | None, set[int]]] = OrderedDict()
        self._size = 0
        self._copies = 0

    def add(
        self, data: Data, other: Other, when: int | None, offset: int, number: int
    ) -> tuple[Packet | None, str | None]:
        """The packet that this fragment completes; and why a part of it was left out."""
        assert other.identification is not None
        size = other.stated_end - other.start
        if other.fragment_offset + size > LARGEST or (other.more and size % 8):
            return None, "malformed IP"
        key = other.source, other.destination, other.protocol, other.identification
        packet = self.packets.get(key)
        if packet is None:
            if self._is_copy(key, data, other, when):
                return None, "repeated fragment"
            packet = self.packets[key] = Packet(other, when, number)
        before = packet.cost
        reason = packet.add(data, other)
        if not packet.count or not other.fragment_offset:
            packet.offset = offset
        packet.count += 1
        self._size += packet.cost - before
        if not packet.is_complete:
            return None, reason
        self._take(key)
        self._remember(key, when, packet.seen)
        return packet, reason

    def _remember(self, key: Key, when: int | None, seen: set[int]) -> None:
        _, before = self._done.pop(key, (None, ()))
        self._done[key] = when, seen
        self._copies += len(seen) - len(before)
        while self._copies > MOST_COPIES:
            _, (_, oldest) = self._done.popitem(last=False)
            self._copies -= len(oldest)

    def _is_copy(self, key: Key, data: Data, other: Other, when: int | None) -> bool:
        done = self._done.get(key)
        if done is None:
            return False
        then, seen = done
        if when is not None and then is not None and abs(when - then) > COPIES_NS:
            return False
        return hash((other.fragment_offset, bytes(data[other.start : other.end]))) in seen

    def _take(self, key: Key) -> Packet:
        packet = self.packets.pop(key)
        self._size -= packet.cost
        return packet

    @property
    def is_waiting(self) -> bool:
        """Whether a packet is incomplete."""
        return bool(self.packets)

    @property
    def is_new(self) -> bool:
        """Whether there was no fragment yet."""
        return not self.packets and not self._done

    @property
    def deadline(self) -> float:
        """The time after which `given_up` takes out a packet."""
        if len(self.packets) > MOST_PACKETS or self._size > MOST_BYTES:
            return -math.inf
        for packet in self.packets.values():
            return math.inf if packet.when is None else packet.when + TIMEOUT_NS
        return math.inf

    def given_up(self, now: int | None) -> Iterator[Packet]:
        """Take out the packets that are too old, or too many."""
        packets = self.packets
        while packets:
            key = next(iter(packets))
            when = packets[key].when
            is_old = now is not None and when is not None and now - when > TIMEOUT_NS
            if not (is_old or len(packets) > MOST_PACKETS or self._size > MOST_BYTES):
                return
            yield self._take(key)

    def rest(self) -> Iterator[Packet]:
        """Take out all packets."""
        while self.packets:
            yield self._take(next(iter(self.packets)))
