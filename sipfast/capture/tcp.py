"""TCP: from segments, in any order, to the messages in their connections (RFC 9293).

A connection is SIP by its content, on any port. Segments that come early wait for those before;
bytes that come twice are left out: the first are kept. If a segment does not come, because the
capture lost it, the message that it cuts is handed out, and reading goes on at the next start line.
Memory is bounded: by the number of connections, of which the one that was quiet for the longest is
closed first, and by the bytes that wait.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

from .._engine import ENGINE
from .base import Data
from .ip import Other
from .recognise import SIP_PORTS, begins_like_sip, next_line
from .streams import (
    KNOWN_START,
    LONGEST_START,
    UNDECIDED,
    Frames,
    HepFrames,
    Piece,
    WebSocketFrames,
    frame_at,
)

if TYPE_CHECKING:
    from .._core.wire.packets import Flows
else:
    Flows = ENGINE.module("wire.packets").Flows

MOST_CONNECTIONS = 16_384
MOST_BYTES = 48 * 1024 * 1024
#: What waits for a segment: so many segments, bytes and nanoseconds. Retransmissions come sooner.
MOST_HELD = 64
MOST_HELD_BYTES = 256 * 1024
LONGEST_HELD_NS = 10 * 1_000_000_000
#: A sequence number this far away is of another connection, whose beginning was not captured.
FAR = 16 * 1024 * 1024
#: So many segments are looked at for the beginning of a connection that was not captured.
_MOST_EARLY = 8
_LONGEST_HANDSHAKE = 16_384
#: What a connection, and a segment that waits, take in memory besides the bytes.
_OF_CONNECTION, _OF_SEGMENT = 1500, 400

_HEADER = Struct(">HHI4xH")
_FIN, _SYN, _RST = 1, 2, 4
_NUMBERS, _HALF = 0xFFFFFFFF, 0x80000000

_TLS_PORT = 5061
_TLS_RECORD = re.compile(rb"[\x14-\x17]\x03[\0-\x04]")
_HTTP = re.compile(
    rb"HTTP/[0-9]|[A-Z]{3,16} [^ \r\n]{0,8192} HTTP/[0-9]"
    rb"|(?:GET|POST|HEAD|PUT|DELETE|CONNECT|TRACE|PATCH|PRI) "
)
_HEADER_END = re.compile(rb"\n\r?\n")
# RFC 7118 4.1: the handshake names the subprotocol.
_WEBSOCKET = re.compile(rb"\n(?i:Sec-WebSocket-Protocol)[ \t]*:[^\r\n]*\b[Ss][Ii][Pp]\b")
# Line ends may come before the first message.
_UNDECIDED = re.compile(rb"[\r\n]*" + UNDECIDED.pattern)
_BLANKS = b" \t\r\n\0"
_BLANK = re.compile(rb"[ \t\r\n\0]*\Z")

_OVER_TCP, _OVER_TLS, _OVER_WEBSOCKET = "SIP over TCP", "SIP over TLS", "SIP over WebSocket"
_TCP = "tcp"

Reader = Frames | WebSocketFrames | HepFrames


class Message(NamedTuple):
    """A message of a connection: "TCP", "WS", or "HEP" for a packet of that."""

    piece: Piece
    transport: str
    source: bytes
    source_port: int
    destination: bytes
    destination_port: int


class _Waiting(NamedTuple):
    """A segment that came early."""

    start: int
    end: int
    text: memoryview
    offset: int


class _Side:
    """One direction of a connection."""

    __slots__ = (
        "counted",
        "early",
        "early_offset",
        "has_syn",
        "held",
        "held_bytes",
        "low",
        "number",
        "origin",
        "position",
        "reader",
        "reason",
        "since",
    )

    def __init__(self) -> None:
        self.has_syn = False
        self.number = 0
        self.origin: int | None = None
        """The sequence number of the SYN."""
        self.position: int | None = None
        """The bytes so far, of which `number` is the next one's sequence number."""
        self.low = 0
        self.reader: Reader | None = None
        self.reason: str | None = None
        """Why the connection is not read."""
        self.early = b""
        """Bytes that do not tell yet what the connection is."""
        self.early_offset = 0
        self.held: list[_Waiting] = []
        self.held_bytes = 0
        self.since: int | None = None
        self.counted = 0
        """The bytes that the connection counts for this side."""

    @property
    def size(self) -> int:
        reader = self.reader
        waiting = self.held_bytes + len(self.early) + len(self.held) * _OF_SEGMENT
        return waiting + (0 if reader is None else reader.size)

    @property
    def begins_at(self) -> int:
        """The sequence number of the next byte, if a message of SIP begins there; or -1."""
        reader = self.reader
        is_between = type(reader) is Frames and reader.is_between and not self.held
        return self.number if is_between else -1


class _Connection:
    __slots__ = ("key", "sides", "size")

    def __init__(self, key: tuple[bytes, int, bytes, int]) -> None:
        self.key = key
        self.sides = [_Side(), _Side()]
        self.size = 0

    def resume(
        self,
        which: int,
        origin: int | None,
        number: int,
        moved: int,
        text: bytes,
        wanted: int,
        offset: int,
        is_ended: bool,
    ) -> None:
        """Go on after what C read: a SYN, `moved` bytes of messages, and perhaps a FIN.

        The bytes end with `text`, the beginning of a message.
        """
        side = self.sides[which]
        if origin is not None:
            side.origin = origin
            side.has_syn = True
            side.position = 0
        assert side.position is not None
        side.position += moved
        side.number = number
        if moved and side.reader is None:
            side.reader = Frames()
        if text:
            assert isinstance(side.reader, Frames)
            side.reader.resume(text, wanted, offset)
            side.counted += len(text)
            self.size += len(text)
        if is_ended and side.reader is not None:
            side.reader.end()


class Connections:
    """The connections of a capture.

    Attributes:
        flows: all of them.
        messages: those that the last call found.
        reasons: why it left bytes out.
    """

    __slots__ = ("flows", "messages", "reasons")

    def __init__(self) -> None:
        self.flows = Flows(_Connection, MOST_CONNECTIONS, MOST_BYTES, _OF_CONNECTION)
        self.messages: list[Message] = []
        self.reasons: list[str] = []

    def read(self, data: Data, packet: Other, where: int, now: int | None) -> None:
        """Read a segment. `where` plus an index of `data` is the place in the file."""
        self.messages = []
        self.reasons = []
        _, start, end, stated_end, source, destination, *_ = packet
        if end - start < 20:
            self.reasons.append("truncated" if end < stated_end else _TCP)
            return
        source_port, destination_port, number, flags = _HEADER.unpack_from(data, start)
        start += (flags >> 12) * 4
        if flags >> 12 < 5 or start > stated_end:
            self.reasons.append(_TCP)
            return
        is_first = (source, source_port) <= (destination, destination_port)
        if is_first:
            key = source, source_port, destination, destination_port
        else:
            key = destination, destination_port, source, source_port
        flows = self.flows
        found: _Connection | None = flows.get(key)
        if found is not None and not flags & (_SYN | _FIN | _RST) and start < end == stated_end:
            # Nearly every segment is the next one, and is of a connection that is known.
            side = found.sides[not is_first]
            reader = side.reader
            if number == side.number and not side.held and type(reader) is Frames:
                assert side.position is not None
                side.position += end - start
                side.number = number + end - start & _NUMBERS
                flows.touch(key)
                self._feed(found, not is_first, reader, data, start, end, where)
                size = reader.size
                flows.size += size - side.counted
                found.size += size - side.counted
                side.counted = size
                if flows.size > MOST_BYTES:
                    self._settle(found)
                self._keep(found)
                return
        if start >= stated_end and not flags & (_SYN | _FIN | _RST):
            self.reasons.append(_TCP)  # an acknowledgement
            if found is not None:
                flows.touch(key)
                self._keep(found)
            return
        side_number = not is_first
        if flags & _SYN and found is not None and self._is_new(found.sides[side_number], number):
            self._close(found)
            found = None
        if found is None:
            if flags & (_FIN | _RST) and start >= stated_end:
                self.reasons.append(_TCP)
                return
            found = _Connection(key)
            flows.add(key, found)
            flows.size += _OF_CONNECTION
        flows.touch(key)
        side = found.sides[side_number]
        if flags & _SYN:
            side.origin = number
            side.has_syn = True
            number = number + 1 & _NUMBERS
            if side.position is None:
                self._begin_at(side, number)
                self._drain(found, side_number, now)
        if start >= stated_end:
            self.reasons.append(_TCP)
        elif start >= end:
            self.reasons.append("truncated")
        else:
            self._segment(found, side_number, data, start, end, stated_end, number, where, now)
        side = found.sides[side_number]  # perhaps another one
        after = number + max(stated_end - start, 0) & _NUMBERS
        if flags & (_FIN | _RST) and side.position is not None and after == side.number:
            self._end(found, side_number)
        self._settle(found)
        self._keep(found)

    def _keep(self, connection: _Connection) -> None:
        """Let C read on."""
        one, other = connection.sides
        self.flows.keep(connection.key, one.begins_at, other.begins_at)

    @staticmethod
    def _is_new(side: _Side, number: int) -> bool:
        """Whether a SYN begins another connection between the same ports.

        It may also come after the first segments of its own.
        """
        if side.position is None or side.origin == number:
            return False
        if side.origin is not None:
            return True
        distance = _distance(number + 1, side.number - side.position + side.low)
        return not -MOST_HELD_BYTES <= distance <= 0

    # ---- order -----------------------------------------------------------------------------------

    def _segment(
        self,
        connection: _Connection,
        which: int,
        data: Data,
        start: int,
        end: int,
        stated_end: int,
        number: int,
        where: int,
        now: int | None,
    ) -> None:
        side = connection.sides[which]
        if side.reader is None and side.reason is not None:
            # Not SIP so far: only what begins like SIP is looked at, in any order.
            if not self._changes(connection, which, data, start, end):
                self.reasons.append(side.reason)
                return
            side.held.clear()
            self._begin_at(side, number)
        if side.position is None:
            if side.held or not self._is_start(data, start, end):
                self._wait_for_start(connection, which, data, start, end, number, where, now)
                return
            self._begin_at(side, number)
        assert side.position is not None
        distance = _distance(number, side.number)
        if not -FAR <= distance <= FAR:
            self._end_side(connection, which)
            connection.sides[which] = _Side()
            self._segment(connection, which, data, start, end, stated_end, number, where, now)
            return
        begin = side.position + distance
        stop = begin + end - start
        if distance < 0:
            if begin < side.low < begin + MOST_HELD_BYTES and not side.has_syn:
                before = min(stop, side.low) - begin
                self._before(connection, which, data, start, start + before, where)
                side.low = begin
                if before == end - start:
                    return
            if stop <= side.position:
                is_probe = end - start <= 1 and stop == side.position
                self.reasons.append("keep-alive" if is_probe else "repeated segment")
                return
            start -= distance
            begin = side.position
        # What waits came first: of those bytes, it is kept.
        if begin > side.position or (side.held and side.held[0].start < stop):
            self._hold(side, begin, stop, data, start, where, now)
        else:
            self._deliver(connection, which, data, start, end, where)
            if end < stated_end:
                self._lose(connection, which, stated_end - end)
        self._drain(connection, which, now)
        self._give_up(connection, which, now)

    @staticmethod
    def _is_start(data: Data, start: int, end: int) -> bool:
        return (
            _begins_message(data, start, end, False)
            or data[start : start + 4] == b"HEP3"
            or _HTTP.match(data, start, end) is not None
            or _TLS_RECORD.match(data, start, end) is not None
            or _is_frame_of_sip(data, start, end)
        )

    def _wait_for_start(
        self,
        connection: _Connection,
        which: int,
        data: Data,
        start: int,
        end: int,
        number: int,
        where: int,
        now: int | None,
    ) -> None:
        """Keep the segments of a connection whose beginning was not captured, up to some."""
        side = connection.sides[which]
        if not side.held:
            side.number = number
        begin = _distance(number, side.number)
        self._hold(side, begin, begin + end - start, data, start, where, now)
        begun = self._start_among(side.held)
        if begun is not None:
            self._begin_at(side, side.number + begun & _NUMBERS)
            self._drain(connection, which, now)
        elif len(side.held) >= _MOST_EARLY or side.held_bytes > MOST_HELD_BYTES:
            self._begin_anywhere(connection, which)

    def _start_among(self, held: list[_Waiting]) -> int | None:
        """Where the first segment begins that begins like SIP, with those that follow it."""
        for index, first in enumerate(held):
            text = bytes(first.text[:LONGEST_START])
            end = first.end
            for waiting in held[index + 1 :]:
                if waiting.start != end or len(text) >= LONGEST_START:
                    break
                text += waiting.text[:LONGEST_START]
                end = waiting.end
            if self._is_start(text, 0, len(text)):
                return first.start
        return None

    def _begin_anywhere(self, connection: _Connection, which: int) -> None:
        """Begin with the first segment that waits."""
        side = connection.sides[which]
        self._begin_at(side, side.number + side.held[0].start & _NUMBERS)
        self._drain(connection, which, None)
        if side.held:
            self._lose_held(connection, which)

    def _begin_at(self, side: _Side, number: int) -> None:
        """Begin with a sequence number; segments that came before are placed by it."""
        shift = _distance(side.number, number)
        side.position = side.low = 0
        side.number = number
        placed = [
            _Waiting(start + shift, end + shift, text, offset)
            for start, end, text, offset in side.held
            if 0 < end + shift <= FAR
        ]
        self.reasons += [_OVER_TCP] * (len(side.held) - len(placed))
        side.held = placed
        side.held_bytes = sum(len(waiting.text) for waiting in side.held)

    @staticmethod
    def _hold(
        side: _Side,
        begin: int,
        stop: int,
        data: Data,
        at: int,
        where: int,
        now: int | None,
    ) -> None:
        """Keep `data[at:]` for later, but for the bytes that wait already."""
        held = side.held
        if not held:
            side.since = now
        view = memoryview(data)
        place = bisect_right(held, begin, key=_start_of)
        if place and held[place - 1].end > begin:
            place -= 1
        position = begin
        fresh: list[_Waiting] = []
        index = place
        while position < stop:
            if index < len(held) and held[index].start <= position:
                position = max(position, held[index].end)
                index += 1
                continue
            until = min(stop, held[index].start) if index < len(held) else stop
            source = at + position - begin
            text = view[source : source + until - position]
            fresh.append(_Waiting(position, until, text, where + source))
            side.held_bytes += until - position
            position = until
        held[place:index] = sorted([*fresh, *held[place:index]], key=_start_of)

    def _drain(self, connection: _Connection, which: int, now: int | None) -> None:
        """Read the segments whose turn it is."""
        side = connection.sides[which]
        held = side.held
        if not held:
            return
        assert side.position is not None
        count = 0
        for start, end, text, offset in held:
            if start > side.position:
                break
            count += 1
            side.held_bytes -= len(text)
            skipped = side.position - start
            if start + skipped < end:
                self._deliver(
                    connection,
                    which,
                    bytes(text[skipped:]),
                    0,
                    len(text) - skipped,
                    offset + skipped,
                )
        if count:
            del held[:count]
            side.since = now

    def _give_up(self, connection: _Connection, which: int, now: int | None) -> None:
        """Go on without a segment that did not come."""
        side = connection.sides[which]
        while side.held and (
            len(side.held) > MOST_HELD
            or side.held_bytes > MOST_HELD_BYTES
            or (now is not None and side.since is not None and now - side.since > LONGEST_HELD_NS)
        ):
            self._lose_held(connection, which)
            side.since = now

    def _lose_held(self, connection: _Connection, which: int) -> None:
        side = connection.sides[which]
        assert side.position is not None
        self._lose(connection, which, side.held[0].start - side.position)
        self._drain(connection, which, None)

    def _lose(self, connection: _Connection, which: int, gap: int) -> None:
        side = connection.sides[which]
        assert side.position is not None
        side.position += gap
        side.number = side.number + gap & _NUMBERS
        if side.reader is None and side.reason is not None:
            return
        self.reasons.append("lost segment")
        if side.reader is None:  # the beginning is lost
            side.has_syn = False
            side.early = b""
        if isinstance(side.reader, Frames):
            self._found(connection, which, side.reader.lose(gap))
        elif side.reader is not None:
            is_websocket = isinstance(side.reader, WebSocketFrames)
            side.reader = None
            side.reason = _OVER_WEBSOCKET if is_websocket else _TCP

    # ---- content ---------------------------------------------------------------------------------

    def _deliver(
        self,
        connection: _Connection,
        which: int,
        data: Data,
        start: int,
        end: int,
        where: int,
    ) -> None:
        """Read `data[start:end]`, the next bytes."""
        side = connection.sides[which]
        assert side.position is not None
        side.position += end - start
        side.number = side.number + end - start & _NUMBERS
        self._read(connection, which, data, start, end, where)

    def _read(
        self,
        connection: _Connection,
        which: int,
        data: Data,
        start: int,
        end: int,
        where: int,
    ) -> None:
        side = connection.sides[which]
        if side.reader is None:
            if side.reason is not None and not self._changes(connection, which, data, start, end):
                self.reasons.append(side.reason)
                return
            seam, second = 0, where
            if side.early:
                seam, second = len(side.early), where + start - len(side.early)
                data = side.early + data[start:end]
                start, end, where = 0, len(data), side.early_offset
                side.early = b""
            begun = self._decide(connection, which, data, start, end)
            if begun < 0:
                side.early = bytes(data[start:end])
                side.early_offset = where + start
                return
            start = begun
            if side.reader is None:
                self.reasons.append(side.reason or _TCP)
                return
            if start < seam:  # the two parts lie apart in the file
                self._read(connection, which, data, start, seam, where)
                start = seam
            if seam:
                where = second
            if start == end or side.reader is None:
                return
        reader = side.reader
        if isinstance(reader, Frames):
            self._feed(connection, which, reader, data, start, end, where)
            return
        self._found(connection, which, reader.feed(data, start, end, where + start))
        if reader.is_lost:
            side.reader = None
            side.reason = _OVER_WEBSOCKET if isinstance(reader, WebSocketFrames) else _TCP
            self.reasons.append(side.reason)

    def _feed(
        self,
        connection: _Connection,
        which: int,
        reader: Frames,
        data: Data,
        start: int,
        end: int,
        where: int,
    ) -> None:
        """Read `data[start:end]` as SIP."""
        if data[start] in _BLANKS and reader.is_between and _BLANK.match(data, start, end):
            self.reasons.append("keep-alive")
            return
        pieces = reader.feed(data, start, end, where + start)
        if pieces:
            one, one_port, other, other_port = path = connection.key
            if which:
                path = other, other_port, one, one_port
            self.messages += [_new(Message, (piece, "TCP", *path)) for piece in pieces]
        if reader.junk:
            self.reasons += [_OVER_TCP] * reader.junk
            reader.junk = 0

    def _decide(self, connection: _Connection, which: int, data: Data, start: int, end: int) -> int:
        """Choose the reader by the first bytes.

        Returns where its bytes begin; -1 if there are too few to tell.
        """
        side, other = connection.sides[which], connection.sides[1 - which]
        side.reason = None
        if _begins_message(data, start, end, side.has_syn):
            side.reader = Frames()
            return start
        if _HTTP.match(data, start, end):
            head = _HEADER_END.search(data, start, min(end, start + _LONGEST_HANDSHAKE))
            if head is None and end - start < _LONGEST_HANDSHAKE:
                return -1
            if head is not None and _WEBSOCKET.search(data, start, head.end()):
                side.reader = WebSocketFrames()
                return head.end()
            side.reason = _TCP
            return start
        if data[start : start + 4] == b"HEP3":
            side.reader = HepFrames()
            return start
        if isinstance(other.reader, WebSocketFrames) or _is_frame_of_sip(data, start, end):
            side.reader = WebSocketFrames()
            return start
        ports = connection.key[1], connection.key[3]
        on_port = not SIP_PORTS.isdisjoint(ports)
        if _TLS_RECORD.match(data, start, end):
            side.reason = _OVER_TLS if on_port else _TCP
            return start
        is_near = end - start <= LONGEST_START
        if is_near and _UNDECIDED.match(data, start, end):
            return -1
        if _BLANK.match(data, start, end):
            if on_port:
                side.reader = Frames()
            elif is_near:
                return -1
            else:
                side.reason = _TCP
            return start
        if _TLS_PORT in ports:
            side.reason = _OVER_TLS
            return start
        is_sip = on_port or isinstance(other.reader, Frames)
        if is_sip or (not side.has_syn and next_line(data, start, end, False) < end):
            self.reasons.append(_OVER_TCP)
            side.reader = Frames(in_step=False)
            return start
        side.reason = _TCP
        return start

    def _changes(
        self, connection: _Connection, which: int, data: Data, start: int, end: int
    ) -> bool:
        """Whether a connection that was not read holds SIP from here on."""
        side = connection.sides[which]
        if _begins_message(data, start, end, False):
            return True
        if side.reason == _OVER_TLS:
            return False
        if not side.has_syn and next_line(data, start, end, False) < end:
            return True
        if _HTTP.match(data, start, end):
            return _WEBSOCKET.search(data, start, end) is not None
        return _is_frame_of_sip(data, start, end)

    def _before(
        self, connection: _Connection, which: int, data: Data, start: int, end: int, where: int
    ) -> None:
        """Read what came before the first segment that was captured."""
        if not _begins_message(data, start, end, False):
            self.reasons.append(_OVER_TCP)
            return
        frames = Frames()
        pieces = frames.feed(data, start, end, where + start) + frames.end()
        self._found(connection, which, pieces, "TCP")

    def _found(
        self, connection: _Connection, which: int, pieces: list[Piece], transport: str = ""
    ) -> None:
        if not pieces:
            return
        one, one_port, other, other_port = connection.key
        path = (other, other_port, one, one_port) if which else connection.key
        reader = connection.sides[which].reader
        if not transport:
            is_websocket = isinstance(reader, WebSocketFrames)
            transport = "WS" if is_websocket else "HEP" if isinstance(reader, HepFrames) else "TCP"
        self.messages += [Message(piece, transport, *path) for piece in pieces]

    # ---- the end ---------------------------------------------------------------------------------

    def _end(self, connection: _Connection, which: int) -> None:
        """No more bytes follow."""
        side = connection.sides[which]
        if side.reader is not None:
            self._found(connection, which, side.reader.end())
        if side.early:
            self._decide_at_end(connection, which)

    def _decide_at_end(self, connection: _Connection, which: int) -> None:
        side = connection.sides[which]
        side.early = b""
        ports = connection.key[1], connection.key[3]
        self.reasons.append(_TCP if SIP_PORTS.isdisjoint(ports) else _OVER_TCP)

    def _end_side(self, connection: _Connection, which: int) -> None:
        """Read what still waits."""
        side = connection.sides[which]
        if side.held and side.position is None:
            self._begin_anywhere(connection, which)
        while side.held:
            self._lose_held(connection, which)
        self._end(connection, which)

    def _close(self, connection: _Connection) -> None:
        """Forget a connection, after all that it still holds."""
        for which in range(2):
            self._end_side(connection, which)
        self.flows.remove(connection.key)
        self.flows.size -= connection.size + _OF_CONNECTION
        connection.size = 0

    def _settle(self, connection: _Connection) -> None:
        """Keep to the bounds, after a connection changed."""
        flows = self.flows
        size = 0
        for side in connection.sides:
            side.counted = side.size
            size += side.counted
        flows.size += size - connection.size
        connection.size = size
        while len(flows) > MOST_CONNECTIONS or flows.size > MOST_BYTES:
            self._close(flows.oldest())

    def rest(self) -> Iterator[None]:
        """Close all connections, each after a step."""
        self.flows.drop_idle()
        while self.flows:
            self.messages = []
            self.reasons = []
            self._close(self.flows.oldest())
            yield
            self.flows.drop_idle()


_new = tuple.__new__  # a third of the time of calling the NamedTuple


def _distance(number: int, other: int) -> int:
    """From a sequence number to another, which wrap (RFC 9293 3.4)."""
    return ((number - other + _HALF) & _NUMBERS) - _HALF


def _begins_message(data: Data, start: int, end: int, is_first: bool) -> bool:
    """Whether a message begins here; `is_first` says that no byte was before.

    In the middle of a connection, a word that is no known method may be the end of one.
    """
    return begins_like_sip(data, start, end) and (
        is_first or KNOWN_START.match(data, start, end) is not None
    )


def _start_of(waiting: _Waiting) -> int:
    return waiting.start


def _is_frame_of_sip(data: Data, start: int, end: int) -> bool:
    """Whether a frame of WebSocket with the beginning of a SIP message is here."""
    if end - start < 6 or data[start] & 0x0F not in (1, 2):
        return False
    frame = frame_at(data, start, end)
    if frame is None or frame.end < 0 or frame.start >= end:
        return False
    text = frame._replace(end=min(frame.end, end)).payload(data, 512)
    return begins_like_sip(text, 0, len(text))
