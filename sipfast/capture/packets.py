"""From the packets of a capture to records: all layers, one after another."""

from __future__ import annotations

import socket
import weakref
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import chain
from struct import Struct
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from .. import Limits, ParseError
from .._engine import ENGINE
from . import hep
from .base import Data, Record, Tally
from .fragments import Fragments, Packet
from .ip import Found, Inner, Other, after_ipv6, transport
from .link import LINKS
from .recognise import JUDGED_PORTS, begins_like_sip, why_not_sip
from .sctp import Messages
from .streams import Piece
from .tcp import Connections
from .tunnels import is_carrier, of_ip, of_udp

_PACKETS = ENGINE.module("wire.packets")
if TYPE_CHECKING:
    from concurrent.futures import Future

    from .._core.wire.packets import Recent
else:
    Recent = _PACKETS.Recent

#: Nanoseconds since 1970 or None, link type, start and end in the file.
Captured = tuple[int | None, int, int, int]

_UDP_OVER_ETHERNET = Struct(">12xHBxHxxHxB2x4s4sHHH2x")
_IPV4, _UDP = 0x0800, 17
_TCP, _SCTP = 6, 132
_ETHERNET, _EXPORTED = 1, 252
#: Blocks of pcapng that others depend on.
_SECTION, _INTERFACE = 0x0A0D0D0A, 1
_HEP = -3  # of a file of HEP packets

#: Messages of which a duplicate is detected.
MOST_RECENT = 8192
MOST_NAMES = 4096

#: Packets that a thread reads at once.
_PART = 65_536

#: Up to so many Call-IDs are searched in the bytes of a message.
_FEW = 8

#: Packets within packets.
_DEEPEST = 32

_new = tuple.__new__  # a third of the time of calling the NamedTuple


def records(data: Data, packets: Iterable[Captured | str], tally: Tally) -> Iterator[Record]:
    """Yield what may be SIP in the `packets`, and count the others by reason in `tally`.

    A word in place of a packet is the reason for skipping it.
    """
    layers = Layers(tally)
    yield from layers.records(data, packets)
    yield from layers.rest()


def address(packed: bytes, names: dict[bytes, str]) -> str:
    """The text of an address; `names` keeps it, with 4,096 others."""
    found = names.get(packed)
    if found is None:
        if len(names) >= MOST_NAMES:
            names.clear()
        family = socket.AF_INET if len(packed) == 4 else socket.AF_INET6
        found = names[packed] = socket.inet_ntop(family, packed)
    return found


class Container(Protocol):
    """The parts of a file that C leaves to Python."""

    def begin(self, walk: Any) -> None:
        """Tell where the packets are."""

    def is_lost(self, walk: Any) -> bool:
        """Whether a packet lies where the file has lost its bytes."""

    def block(self, walk: Any, tally: Tally) -> Captured | str | None:
        """Read a block: a packet, the reason for skipping it, or None without one."""

    def end(self, walk: Any, tally: Tally) -> int:
        """Count what is left of the file. Returns the number of the last packet."""

    def copy(self) -> Container:
        """As it is now, with what it has read."""


class Builder(Protocol):
    """What makes batches of messages one after another: `sipfast/_core/wire/columns.py`."""

    def begin(self, data: Any, file: str | None, mapped: bool, /) -> None:
        """The bytes of the next messages."""

    def add(self, record: Record, /) -> bool:
        """Take a message; whether it was the last that fits."""

    def __len__(self) -> int:
        """The messages since the last batch."""

    def cut(self, rows: int, /) -> None:
        """Leave out the messages after so many of these."""

    def take(self) -> Any:
        """The batch of the messages so far; None without any."""

    @property
    def left_out(self) -> int:
        """Messages that are malformed, and in no batch."""


def can_walk() -> bool:
    """Whether the engine walks through packets in C."""
    return hasattr(_PACKETS, "Walk")


def walked(
    data: Data, tally: Tally, container: Container, packets: Iterable[Captured | str]
) -> Iterable[Record]:
    """The records of a file whose packets C finds; where it cannot, those of the `packets`."""
    return Walked(data, tally, container) if can_walk() else records(data, packets, tally)


class Walked:
    """The records of a capture whose usual packets C reads, and `Layers` all others."""

    def __init__(
        self, data: Data, tally: Tally, container: Container, like: Walked | None = None
    ) -> None:
        self._data = data
        self._tally = tally
        self._container = container
        self._reader = reader = Layers(tally)
        reader.begin(data)
        flows = reader.connections.flows
        kept = flows, reader.recent, Limits(), Record, address, reader.names
        self._walk = _PACKETS.Walk(data, JUDGED_PORTS, *kept, tally.file)
        tally.walk = weakref.ref(self._walk)
        self._is_waiting = False
        if like is None:
            container.begin(self._walk)
        else:
            self._walk.begin_like(like._walk)

    def __iter__(self) -> Iterator[Record]:
        walk = self._walk
        try:
            yield from walk
            while walk.stopped != _PACKETS.END:
                yield from self._rest_of_step()
                yield from walk
            yield from self._rest()
        finally:
            self._tally.update()

    def find(self, found: Selection) -> Iterator[Record]:
        """The records that `found` asks for, of which it is told the numbers."""
        walk, of_python = self._walk, 0
        if found.call_ids is not None:
            walk.want(found.call_ids)
        try:
            while True:
                walk.first = found.next_packet
                for record in walk:
                    if found.takes(walk.passed + of_python, record):
                        yield record
                    walk.first = found.next_packet
                    if found.is_complete:
                        return
                if walk.stopped == _PACKETS.END:
                    break
                for record in self._rest_of_step():
                    of_python += 1
                    if found.takes(walk.passed + of_python, record):
                        yield record
            for record in self._rest():
                of_python += 1
                if found.takes(walk.passed + of_python, record):
                    yield record
        finally:
            self._tally.update()

    @staticmethod
    def feeds(builder: Builder) -> bool:
        """Whether C can hand its messages to this builder."""
        return can_walk() and isinstance(builder, _PACKETS.Sink)

    def feed(self, builder: Builder) -> Iterator[None]:
        """Add all messages; stops whenever the builder is full."""
        try:
            yield from self._feed(builder)
            yield from self._feed_rest(builder)
        finally:
            self._tally.update()

    def _feed(self, builder: Builder, *, alone: bool = False) -> Iterator[None]:
        """Add the messages up to the end; if `alone`, up to a packet that others must complete."""
        walk, reader = self._walk, self._reader
        walk.is_alone = alone
        while (stopped := walk.run(builder)) != _PACKETS.END:
            if alone and (walk.met_segment or not reader.is_new):
                return
            if stopped in (_PACKETS.FULL, _PACKETS.FAULT):
                yield
            for record in self._rest_of_step():
                if builder.add(record):
                    yield

    def _feed_rest(self, builder: Builder) -> Iterator[None]:
        for record in self._rest():
            if builder.add(record):
                yield

    # ---- in threads

    def in_threads(self, make: Callable[[], Builder], threads: int) -> Iterator[tuple[Any, int]]:
        """The batches of all messages, each with the number of rows that were left out before it.

        One thread passes over the packets to cut the capture into parts, and others read these. A
        part with a state that others share, such as segments and fragments, is read again here.
        """
        from concurrent.futures import ThreadPoolExecutor  # which imports much

        begun = Walked(self._data, Tally(), self._container.copy(), self)
        waiting: deque[tuple[Walked, Future[_Part | None]]] = deque()
        with ThreadPoolExecutor(threads, "sipfast") as pool:
            try:
                for part in begun._parts():
                    waiting.append((part, pool.submit(part._alone, make)))
                    if len(waiting) > threads:
                        yield from self._taken(*waiting.popleft(), make)
                while waiting:
                    yield from self._taken(*waiting.popleft(), make)
                self._walk.begin_like(begun._walk)
                self._container = begun._container
                builder = make()
                for _ in self._feed_rest(builder):
                    yield builder.take(), 0
                yield builder.take(), builder.left_out
            finally:
                self._tally.update()
                for _, future in waiting:
                    future.cancel()

    def _parts(self) -> Iterator[Walked]:
        """Pass over the packets: what begins here and there, and ends where the next begins."""
        walk = self._walk
        stopped = _PACKETS.PAUSE
        while stopped != _PACKETS.END:
            part = self._copy()
            stopped = walk.pass_over(_PART)
            while stopped == _PACKETS.BLOCK:
                self._read_block(Tally())
                stopped = walk.pass_over(_PART)
            part._walk.end_like(walk)
            yield part

    def cuts(self, head: bytes, size: int, step: int) -> Iterator[Cut]:
        """Pass over the packets: parts of at least `size` bytes, which end with every `step`th.

        What `head` begins, at the beginning of the file, is said again before each part.
        """
        passed = Walked(self._data, Tally(), self._container.copy(), self)
        walk, data = passed._walk, self._data
        interfaces: list[tuple[int, int]] = []
        cut = Cut(head, len(head), 0, 1, 0)
        stopped = _PACKETS.PAUSE
        while stopped != _PACKETS.END:
            stopped = walk.pass_over(step)
            while stopped == _PACKETS.BLOCK:
                place = walk.start - 8, walk.end + 4
                if walk.kind == _SECTION:
                    interfaces = [place]
                elif walk.kind == _INTERFACE:
                    interfaces.append(place)
                passed._read_block(Tally())
                stopped = walk.pass_over(step)
            if walk.at - cut.begin >= size and stopped != _PACKETS.END:
                yield cut._replace(end=walk.at, last=walk.number)
                said = head + b"".join([data[begin:end] for begin, end in interfaces])
                cut = Cut(said, walk.at, 0, walk.number + 1, 0)
        tally = Tally()
        passed._container.end(walk, tally)
        yield cut._replace(end=len(data), last=walk.number, fault=next(iter(tally.skipped), None))

    def alone(self, make: Callable[[], Builder]) -> tuple[list[Any], Mapping[str, int]] | None:
        """All batches, and what was skipped; None unless each message is a datagram's own."""
        found = self._alone(make)
        if found is None:
            return None
        batches = [batch for batch in found.batches if batch is not None]
        return batches, found.read._tally.skipped

    def _copy(self) -> Walked:
        return Walked(self._data, Tally(self._tally.file), self._container.copy(), self)

    def _alone(self, make: Callable[[], Builder]) -> _Part | None:
        """Read this part; None if it takes more than its own packets, or fails."""
        copy = self._copy()
        builder = make()
        batches: list[Any] = []
        try:
            batches += [builder.take() for _ in copy._feed(builder, alone=True)]
            if not copy._reader.is_new or copy._walk.met_segment:
                return None
            copy._tally.update()
            batches.append(builder.take())
        except ParseError:  # another may come first
            return None
        return _Part(copy, batches, builder.left_out)

    def _taken(
        self, part: Walked, future: Future[_Part | None], make: Callable[[], Builder]
    ) -> Iterator[tuple[Any, int]]:
        """The batches of the next part."""
        found = future.result()
        if found is not None and not self._reader.fragments.is_waiting:
            self._walk.begin_like(found.read._walk)
            self._tally.skipped.update(found.read._tally.skipped)
            yield None, found.left_out
            for batch in found.batches:
                yield batch, 0
            return
        self._walk.begin_like(part._walk)
        self._container = part._container
        builder = make()
        for _ in self._feed(builder):
            yield builder.take(), 0
        yield builder.take(), builder.left_out

    def _rest_of_step(self) -> Iterator[Record]:
        """What C left where it stopped."""
        walk, reader, tally = self._walk, self._reader, self._tally
        stopped = walk.stopped
        packet: Captured | None = None
        if stopped == _PACKETS.PACKET and self._container.is_lost(walk):
            walk.give_up()
        elif stopped == _PACKETS.PACKET:
            packet = walk.time_ns, walk.link_type, walk.start, walk.end
        elif stopped == _PACKETS.BLOCK:
            packet = self._read_block(tally)
        if packet is None:
            return
        yield from reader.read(walk.number, *packet)
        if self._is_waiting or reader.fragments.is_waiting:
            walk.wait(reader.fragments.deadline)
            self._is_waiting = reader.fragments.is_waiting

    def _read_block(self, tally: Tally) -> Captured | None:
        """The packet of a block that C left."""
        packet = self._container.block(self._walk, tally)
        if packet is None:
            return None
        self._walk.read_block()
        if isinstance(packet, str):
            tally.skipped[packet] += 1
            return None
        self._walk.note(packet[3], packet[0])
        return packet

    def _rest(self) -> Iterator[Record]:
        number = self._container.end(self._walk, self._tally)
        self._reader.end(number, self._walk.time_ns)
        yield from self._reader.rest()


class Selection:
    """The records of some packets, or that may have some Call-IDs; an iterator, for once.

    Attributes:
        call_ids: the Call-IDs, or None for any.
        number: the number of the message of the last record, from 1.
        next_packet: a packet before which none is left to be found.
        is_complete: whether all packets were found, and passed.
    """

    def __init__(
        self,
        records: Iterable[Record],
        call_ids: Collection[bytes] | None,
        packets: Collection[int] | None,
    ) -> None:
        self._records = records
        self.call_ids = call_ids if packets is None else None  # the packets tell already
        self._packets = None if packets is None else sorted(set(packets))
        # Of a fold in a Call-ID, a space is left: then, its bytes are not in the message.
        is_plain = len(call_ids or ()) <= _FEW and not any(b" " in one for one in call_ids or ())
        self._needles = [*(call_ids or ())] if is_plain else []
        self._left = set(self._packets or ())
        self._wanted = frozenset(self._left)
        self.number = 0
        self.next_packet = 0
        self.is_complete = False

    def __iter__(self) -> Iterator[Record]:
        if self._packets is not None and not self._packets:
            return
        if isinstance(self._records, Walked):
            yield from self._records.find(self)
            return
        for number, record in enumerate(self._records, 1):
            if self.takes(number, record):
                yield record
            if self.is_complete:
                return

    def takes(self, number: int, record: Record) -> bool:
        """Whether a record is one of these; its number is noted."""
        self.number = number
        packets, packet = self._packets, record.packet
        if packets is None:
            if not self._needles:
                return True
            data = bytes(record.data)
            return any(needle in data for needle in self._needles)
        at = bisect_left(packets, packet)
        self.next_packet = packets[min(at, len(packets) - 1)] if packets else 0
        self._left.discard(packet)
        # Fragments that lack others come late, with the number of a packet before.
        self.is_complete = not self._left and packet > packets[-1]
        return packet in self._wanted


class Cut(NamedTuple):
    """Some packets: from byte to byte, from number to number, and what comes before them."""

    head: bytes
    begin: int
    end: int
    first: int
    last: int
    fault: str | None = None


class _Part(NamedTuple):
    """A part that was read, and what it gave."""

    read: Walked
    batches: list[Any]
    left_out: int


class Layers:
    """The layers of one capture, with what they remember from one packet to the next."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._skipped = tally.skipped
        self._data: Data = b""
        self._view = memoryview(b"")
        self._base = 0
        self.fragments = Fragments()
        self.connections = Connections()
        self._messages = Messages()
        self.names: dict[bytes, str] = {}
        self.recent = Recent(MOST_RECENT)
        self._number = 0
        self._time: int | None = None
        kept = self.recent, Record, address, self.names, tally.file
        self._copies = _PACKETS.Copies(*kept) if can_walk() else None

    def copied(self, number: int, data: bytes, base: int, now: int) -> Iterable[Record]:
        """The message in a packet of HEP that came at `now`, of which `base` bytes came before."""
        if self._copies is not None:
            record = self._copies.read(data, base, number, now)
            if record is not None:
                return (record,)
        self.begin(data, base)
        return self.read(number, now, _HEP, 0, len(data))

    def begin(self, data: Data, base: int = 0) -> None:
        """The bytes of the next packets, of which the first is byte `base` of the capture."""
        self._data = data
        self._view = memoryview(data)
        self._base = base

    def records(
        self, data: Data, packets: Iterable[Captured | str], base: int = 0
    ) -> Iterator[Record]:
        """Yield what may be SIP in the `packets` of `data`, which begins at byte `base`."""
        self.begin(data, base)
        view, skipped, names = self._view, self._skipped, self.names
        tally, file = self._tally, self._tally.file
        of_udp = _UDP_OVER_ETHERNET.unpack_from
        incomplete = self.fragments.packets
        is_recent = self.recent.holds
        number, time_ns = self._number, self._time
        for packet in packets:
            number += 1
            if isinstance(packet, str):
                skipped[packet] += 1
                continue
            time_ns, link_type, start, end = packet
            tally.position = base + end
            if link_type == _ETHERNET and end - start >= 42 and not incomplete:
                # Nearly every packet is a datagram over IPv4 without options, is whole, and has
                # consistent lengths.
                (
                    kind,
                    first,
                    total,
                    fragment,
                    protocol,
                    source,
                    destination,
                    sport,
                    dport,
                    length,
                ) = of_udp(data, start)
                if (
                    kind == _IPV4
                    and first == 0x45
                    and protocol == _UDP
                    and not fragment & 0x3FFF
                    and 8 <= length <= total - 20
                    and total <= end - start - 14
                ):
                    start += 42
                    end = start + length - 8
                    if begins_like_sip(data, start, end):
                        payload = view[start:end]
                        yield _new(
                            Record,
                            (
                                payload,
                                base + start,
                                number,
                                time_ns,
                                names.get(source) or address(source, names),
                                sport,
                                names.get(destination) or address(destination, names),
                                dport,
                                "UDP",
                                False,
                                file,
                                is_recent(time_ns, source, sport, destination, dport, payload),
                                (),
                                None,
                            ),
                        )
                        continue
                    start -= 42
                    end = packet[3]
            yield from self.read(number, time_ns, link_type, start, end)
        self._number, self._time = number, time_ns

    @property
    def is_new(self) -> bool:
        """Whether no packet left anything that others need."""
        return not self.connections.flows and self.fragments.is_new and self._messages.is_new

    def read(
        self, number: int, time_ns: int | None, link_type: int, start: int, end: int
    ) -> Iterable[Record]:
        """The records that a packet completes; read them before the next one."""
        self._number = number
        self._time = time_ns
        if self.fragments.is_waiting:
            late = [self._incomplete(packet) for packet in self.fragments.given_up(time_ns)]
            if late:
                found = [*chain.from_iterable(late)]
                self._number, self._time = number, time_ns
                return [*found, *self._of_link(link_type, start, end)]
        return self._of_link(link_type, start, end)

    def _of_link(self, link_type: int, start: int, end: int) -> Iterable[Record]:
        if link_type == _EXPORTED:
            return self._exported(start, end)
        if link_type == _HEP:
            return self._copied(self._data, start, end, self._base)
        link = LINKS.get(link_type)
        if link is None:
            self._skipped[f"link type {link_type}"] += 1
            return ()
        return self._found(self._data, link(self._data, start, end), self._base)

    def _found(self, data: Data, found: Found, where: int) -> Iterable[Record]:
        """Go on from what a layer found.

        `where` is what to add to an index of `data` for the place in the file.
        """
        for _ in range(_DEEPEST):
            if isinstance(found, str):
                self._skipped[found] += 1
                return ()
            if isinstance(found, Other):
                if found.identification is not None:
                    whole, left_out = self.fragments.add(
                        data, found, self._time, where + found.start, self._number
                    )
                    if left_out is not None:
                        self._skipped[left_out] += 1
                    if whole is None:
                        return ()
                    data = whole.beginning()
                    where = whole.offset
                    found = _put_together(data, whole)
                elif found.protocol == _TCP:
                    self.connections.read(data, found, where, self._time)
                    return self._of_connections()
                elif found.protocol == _SCTP:
                    return self._of_sctp(data, found, where)
                else:
                    found = of_ip(data, found)
            elif isinstance(found, Inner):
                found = found.layer(data, found.start, found.end)
            else:
                start, end, source, sport, destination, dport, is_cut = found
                reason = why_not_sip(data, start, end, sport, dport, is_cut)
                if reason is None:
                    piece = Piece(data, start, end, where + start, is_cut)
                    return (self._record(piece, source, sport, destination, dport, "UDP"),)
                if reason == "hep":
                    return self._copied(data, start, end, where, is_cut)
                found = of_udp(reason, data, found)
        self._skipped["nested too deep"] += 1
        return ()

    def _record(
        self,
        piece: Piece,
        source: bytes,
        source_port: int,
        destination: bytes,
        destination_port: int,
        transport: str,
    ) -> Record:
        data, start, end, offset, is_cut = piece
        of_file = data is self._data
        payload = self._view[start:end] if of_file else memoryview(data)[start:end]
        path = source, source_port, destination, destination_port
        names = self.names
        return _new(
            Record,
            (
                payload,
                offset,
                self._number,
                self._time,
                names.get(source) or address(source, names),
                source_port,
                names.get(destination) or address(destination, names),
                destination_port,
                transport,
                is_cut,
                self._tally.file,
                # Of what comes twice over TCP and SCTP, only the first is read.
                transport == "UDP" and self.recent.holds(self._time, *path, payload),
                (),
                None,
            ),
        )

    # ---- TCP, SCTP, HEP ----

    def _of_connections(self) -> Iterable[Record]:
        connections = self.connections
        for reason in connections.reasons:
            self._skipped[reason] += 1
        if not connections.messages:
            return ()
        found: list[Record] = []
        for piece, kind, source, sport, destination, dport in connections.messages:
            if kind == "HEP":
                found += self._copied(piece.data, piece.start, piece.end, piece.offset)
                continue
            if kind == "WS":
                why = why_not_sip(piece.data, piece.start, piece.end, 5060, 5060)
                if why is not None:
                    self._skipped[why] += 1
                    continue
            found.append(self._record(piece, source, sport, destination, dport, kind))
        return found

    def _of_sctp(self, data: Data, packet: Other, where: int) -> Iterator[Record]:
        messages = self._messages
        found = messages.read(data, packet, where)
        if isinstance(found, str):
            self._skipped[found] += 1
            return
        pieces, sport, dport, has_data = found
        if not has_data:
            self._skipped["truncated" if packet.end < packet.stated_end else "sctp"] += 1
        if messages.repeated:
            self._skipped["repeated chunk"] += messages.repeated
            messages.repeated = 0
        for piece in pieces:
            yield from self._of_message(piece, packet.source, sport, packet.destination, dport)
        for (source, sport, destination, dport, _), piece in messages.given_up():
            yield from self._of_message(piece, source, sport, destination, dport)

    def _of_message(
        self, piece: Piece, source: bytes, sport: int, destination: bytes, dport: int
    ) -> Iterator[Record]:
        if piece.start == piece.end and piece.is_cut:
            self._skipped["SIP over SCTP"] += 1
            return
        reason = why_not_sip(piece.data, piece.start, piece.end, sport, dport, piece.is_cut)
        if reason is None:
            yield self._record(piece, source, sport, destination, dport, "SCTP")
        else:
            self._skipped[reason if reason in ("keep-alive", "truncated") else "sctp"] += 1

    def _copied(
        self, data: Data, start: int, end: int, where: int, is_cut: bool = False
    ) -> Iterator[Record]:
        """The message in a packet of HEP."""
        found = hep.read(data, start, end)
        if isinstance(found, str):
            self._skipped[found] += 1
            return
        text, start, end, time_ns, source, sport, destination, dport, transport, _ = found
        is_cut = is_cut or found.is_cut
        reason = why_not_sip(text, start, end, 5060, 5060, is_cut)
        if reason is not None:
            self._skipped[reason] += 1
            return
        of_file = text is self._data
        payload = self._view[start:end] if of_file else memoryview(text)[start:end]
        if time_ns is None:
            time_ns = self._time
        path = source, sport, destination, dport
        yield Record(
            payload,
            where + start if text is data else where,
            self._number,
            time_ns,
            None if source is None else address(source, self.names),
            sport,
            None if destination is None else address(destination, self.names),
            dport,
            transport,
            is_cut,
            self._tally.file,
            transport == "UDP" and self.recent.holds(time_ns, *path, payload),
        )

    def _exported(self, start: int, end: int) -> Iterator[Record]:
        """LINKTYPE_WIRESHARK_UPPER_PDU: tags, then what a dissector of Wireshark read."""
        from .exported import read  # rarely needed

        found = read(self._data, start, end)
        if isinstance(found, str):
            self._skipped[found] += 1
            return
        at, source, sport, destination, dport, transport, layer = found
        if layer is not None:
            yield from self._found(self._data, layer(self._data, at, end), self._base)
            return
        reason = why_not_sip(self._data, at, end, 5060, 5060)
        if reason is not None:
            self._skipped[reason] += 1
            return
        payload = self._view[at:end]
        yield Record(
            payload,
            self._base + at,
            self._number,
            self._time,
            None if source is None else address(source, self.names),
            sport,
            None if destination is None else address(destination, self.names),
            dport,
            transport,
            False,
            self._tally.file,
            self.recent.holds(self._time, source, sport, destination, dport, payload),
        )

    # ---- the end ----

    def _incomplete(self, packet: Packet) -> Iterator[Record]:
        """A packet of which fragments are missing: its beginning, if that is SIP."""
        text = packet.beginning()
        other = packet.whole(text)
        if not text:
            reason = "fragment of SIP" if is_carrier(other.protocol) else "fragment"
            self._skipped[reason] += packet.count
            return
        if other.protocol != _UDP:
            is_lost = is_carrier(other.protocol)
            self._skipped["fragment of SIP" if is_lost else "fragment"] += packet.count
            return
        found = _put_together(text, packet)
        if isinstance(found, str | Inner | Other):
            self._skipped["fragment of SIP"] += packet.count
            return
        start, end, source, sport, destination, dport, _ = found
        why = why_not_sip(text, start, end, sport, dport, True)
        if why in (None, "truncated"):
            self._skipped["fragment of SIP"] += packet.count
        else:
            self._skipped["fragment"] += packet.count
        if why is None:
            self._number, self._time = packet.number, packet.when
            piece = Piece(text, start, end, packet.offset + start, True)
            yield self._record(piece, source, sport, destination, dport, "UDP")

    def end(self, number: int, time_ns: int | None) -> None:
        """The number and the time of the last packet, where another read it."""
        self._number, self._time = number, time_ns

    def rest(self) -> Iterator[Record]:
        """What waits at the end of the capture, with the number and the time of the last packet."""
        number, time_ns = self._number, self._time
        for packet in self.fragments.rest():
            yield from self._incomplete(packet)
        self._number, self._time = number, time_ns
        for _ in self.connections.rest():
            yield from self._of_connections()
        for (source, sport, destination, dport, _), piece in self._messages.given_up(
            all_of_them=True
        ):
            yield from self._of_message(piece, source, sport, destination, dport)


def _put_together(text: bytes, packet: Packet) -> Found:
    """What a packet holds of which all fragments, or the first of them, are there."""
    protocol, start, end, stated_end, source, destination, *_ = packet.whole(text)
    layer = after_ipv6 if len(source) == 16 else transport
    return layer(text, start, end, stated_end, protocol, source, destination)
