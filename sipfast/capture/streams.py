"""SIP, WebSocket and HEP in a stream of bytes that is in order: from its pieces to messages.

These readers are for analysis: unlike `sipfast.Stream`, they hand out the bytes of malformed
messages too, read on after them, and keep the place of each message in the file. The cost is linear
in the bytes, however they are cut; memory is bounded by `LARGEST` for one stream.
"""

from __future__ import annotations

import re
import zlib
from typing import NamedTuple

from .. import Limits, ParseError, parse
from ..registry.methods import METHODS
from .base import Data
from .recognise import begins_like_sip, is_start_line, next_line

#: Bytes of a message; a longer one is cut.
LARGEST = Limits().size
#: Bytes of a message that was compressed: zlib makes a thousand times its bytes.
LARGEST_INFLATED = 65_536
#: No start line is longer.
LONGEST_START = 4500

_TEXT = re.compile(rb"[^\r\n]")
_BLANK_LINE = re.compile(rb"\n\r?\n")
# What may become a start line once the rest of it arrives.
UNDECIDED = re.compile(rb"[A-Za-z0-9\-.!%*_+`'~]{1,128}(?:[ \t/][^\r\n]*)?\r?\Z")
_METHOD = "|".join(METHODS).encode()
# In the middle of a line, any token may be the end of a method.
KNOWN_START = re.compile(rb"[\r\n]*(?:(?i:SIP)/[0-9.]+[ \t]+[0-9]|(?:%b)[ \t])" % _METHOD)
# Where a body without a line end was lost in part, the next message begins in the middle of a line.
_AFTER_BODY = re.compile(
    rb"(?!(?:%b)[ \t])[A-Za-z0-9\-.!%%*_+`'~]{1,128}?(%b)[ \t]" % (_METHOD, _METHOD)
)


class Piece(NamedTuple):
    """A message, where it begins in the file, and whether its end is missing."""

    data: Data
    start: int
    end: int
    offset: int
    is_cut: bool = False


class Frames:
    """The SIP messages of one direction of a connection (RFC 3261 18.3).

    A message ends by its Content-Length. Without that, or with a malformed one, it ends before the
    next start line, or with the segment.

    Attributes:
        junk: runs of bytes that belong to no message, up to the next start line.
        size: bytes of the unfinished message.
    """

    __slots__ = (
        "_buffer",
        "_offset",
        "_place",
        "_tail",
        "_wanted",
        "junk",
        "size",
    )

    def __init__(self, *, in_step: bool = True) -> None:
        self._buffer = bytearray()
        self._offset = 0
        self._wanted = 0
        self._tail = b""
        self._place = _START if in_step else _LOST
        self.size = 0
        self.junk = 0

    @property
    def is_between(self) -> bool:
        """Whether a message may begin with the next byte."""
        return self._place == _START and not self.size

    def resume(self, text: bytes, wanted: int, offset: int) -> None:
        """Go on in a message that begins with `text`.

        `wanted` is its size; -1 in its header, -2 in a first line that may be one.
        """
        self._buffer = bytearray(text)
        self.size = len(text)
        self._place = _START if wanted == -2 else _HEADER if wanted == -1 else _BODY
        self._wanted = max(wanted, 0)
        self._tail = text[-2:]
        self._offset = offset

    def feed(self, data: Data, start: int, end: int, offset: int) -> list[Piece]:
        """The messages that end in `data[start:end]`, whose first byte is at `offset`."""
        buffer = self._buffer
        if not buffer:
            if self._place == _SKIPPED:
                skipped = min(end - start, self._wanted)
                self._wanted -= skipped
                start += skipped
                offset += skipped
                if self._wanted:
                    return []
                self._place = _START
            return self._read(data, start, end, 0, offset - start, offset - start)
        before = self.size
        part = bytes(data[start:end])
        buffer += part
        self.size += len(part)
        if not self._is_due(part):
            return []
        whole = bytes(buffer)
        self._buffer = bytearray()
        self.size = 0
        return self._read(whole, 0, len(whole), before, self._offset, offset - before)

    def _is_due(self, part: bytes) -> bool:
        """Whether the gathered bytes tell more than before."""
        if self._place == _BODY:
            return self.size >= self._wanted
        if self.size > LARGEST:
            return True
        if self._place == _HEADER:
            tail = self._tail + part[:2]
            self._tail = (self._tail + part)[-2:] if len(part) < 2 else part[-2:]
            return _BLANK_LINE.search(tail) is not None or _BLANK_LINE.search(part) is not None
        return b"\n" in part or self.size > LONGEST_START

    def _read(
        self, data: Data, at: int, end: int, seam: int, first: int, second: int
    ) -> list[Piece]:
        """Frame `data[at:end]`. A byte before `seam` is at `first` plus its index in the file."""
        found: list[Piece] = []
        place, self._place = self._place, _START
        wanted = self._wanted
        while at < end:
            if place == _BODY:
                stop = at + wanted
                if stop > end:
                    self._keep(data, at, end, _BODY, at + (first if at < seam else second))
                    self._wanted = wanted
                    break
                found.append(Piece(data, at, stop, at + (first if at < seam else second)))
                at = stop
                place = _START
                continue
            if place == _START:
                text = _TEXT.search(data, at, end)
                if text is None:
                    break
                at = text.start()
            offset = at + (first if at < seam else second)
            if place != _HEADER and not (
                begins_like_sip(data, at, min(end, at + LONGEST_START))
                if place == _START
                else KNOWN_START.match(data, at, end)
                and is_start_line(data, at, min(end, at + LONGEST_START))
            ):
                # Not yet, or never.
                if place == _START and end - at <= LONGEST_START and UNDECIDED.match(data, at, end):
                    self._keep(data, at, end, _START, offset)
                    break
                self.junk += place == _START
                place, at = self._search(data, at, end, offset)
                if place == _LOST:
                    break
                continue
            place = _START
            limit = _after_last_line(data, at, end)
            body = next_line(data, at, limit, True) if limit > at else limit
            if body >= limit:
                if end - at > LARGEST:
                    found.append(Piece(data, at, end, offset, True))
                    self._place = _LOST
                else:
                    self._tail = bytes(data[max(at, end - 2) : end])
                    self._keep(data, at, end, _HEADER, offset)
                break
            byte = data[body]
            if byte not in (10, 13):  # a start line: the rest of the header is missing
                found.append(Piece(data, at, body, offset))
                at = body
                continue
            body += 2 if byte == 13 else 1
            length = _content_length(data, at, body)
            if length is None or body - at + length > LARGEST:
                stop = next_line(data, body - 1, end, False)
                found.append(Piece(data, at, stop, offset, length is not None))
                at = stop
                if length is not None and at == end:
                    self._place = _LOST
            else:
                wanted = body - at + length
                place = _BODY
        return found

    def _search(self, data: Data, at: int, end: int, offset: int) -> tuple[int, int]:
        """Pass junk up to a start line; or keep its last line, which may become one."""
        limit = _after_last_line(data, at, end)
        found = next_line(data, at, limit, False) if limit > at else limit
        if found < limit:
            after = _AFTER_BODY.match(data, found, limit)
            return _START, found if after is None else after.start(1)
        # The line feed before the last line is kept too: it is what the line is told by.
        last = max(limit - 1, at)
        if limit == at and end - at > LONGEST_START:
            self._place = _LOST
            return _LOST, end
        last = max(last, end - LONGEST_START)
        self._keep(data, last, end, _LOST, offset + last - at)
        return _LOST, end

    def _keep(self, data: Data, start: int, end: int, place: int, offset: int) -> None:
        self._buffer += data[start:end]
        self.size = end - start
        self._place = place
        self._offset = offset

    def lose(self, gap: int | None = None) -> list[Piece]:
        """Read on after `gap` lost bytes, or an unknown number. Returns the message that they cut.

        If they all belong to its body, the next message begins where that ends.
        """
        place, wanted = self._place, self._wanted
        missing = wanted - self.size
        found = self.end()
        if place in (_BODY, _SKIPPED) and gap is not None and gap <= missing:
            self._wanted = missing - gap
            self._place = _SKIPPED if self._wanted else _START
        else:
            self._place = _LOST
        return found

    def end(self) -> list[Piece]:
        """The unfinished message at the end."""
        place = self._place
        whole = bytes(self._buffer)
        self._buffer = bytearray()
        self.size = 0
        self._place = _LOST
        if not whole or place == _LOST:
            return []
        return [Piece(whole, 0, len(whole), self._offset, True)]


# Where the next byte is: where a message begins, in a header, in a body, in a body whose beginning
# was handed out, or anywhere.
_START, _HEADER, _BODY, _SKIPPED, _LOST = range(5)


def _after_last_line(data: Data, at: int, end: int) -> int:
    """After the last line end of `data[at:end]`; `at` without one."""
    found = data.rfind(b"\n", at, end)
    return at if found < 0 else found + 1


def _content_length(data: Data, start: int, end: int) -> int | None:
    head = memoryview(data)[start:end]
    try:
        return parse(head).content_length
    except ParseError:
        pass
    try:
        return parse(head, lenient=True).content_length
    except ParseError:
        return None


class WebSocketFrames:
    """The messages of one direction of a WebSocket (RFC 6455 5), of which each is one SIP message.

    Messages that are compressed (RFC 7692) are inflated. A connection whose frames make no sense is
    given up: `is_lost`.
    """

    __slots__ = ("_buffer", "_inflate", "_is_compressed", "_message", "is_lost", "others")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._message = bytearray()
        self._is_compressed = False
        self._inflate: zlib._Decompress | None = None
        self.is_lost = False
        self.others = 0

    @property
    def size(self) -> int:
        return len(self._buffer) + len(self._message)

    def feed(self, data: Data, start: int, end: int, offset: int) -> list[Piece]:
        """The messages that end in `data[start:end]`, whose first byte is at `offset`."""
        found: list[Piece] = []
        before = len(self._buffer)
        self._buffer += data[start:end]
        at = 0
        while not self.is_lost:
            frame = frame_at(self._buffer, at)
            if frame is None:
                break
            if frame.end < 0 or frame.end - frame.start > LARGEST:
                self.is_lost = True
                break
            if frame.end > len(self._buffer):
                break
            at = frame.end
            message = self._take(frame)
            if message is not None:
                place = offset + max(frame.start - before, 0)
                found.append(Piece(message, 0, len(message), place))
        del self._buffer[: len(self._buffer) if self.is_lost else at]
        return found

    def _take(self, frame: Frame) -> bytes | None:
        """The message that a frame ends."""
        if frame.opcode >= 8:  # close, ping, pong
            self.others += 1
            return None
        if frame.opcode:
            self._message.clear()
            self._is_compressed = frame.is_compressed
        text = frame.payload(self._buffer)
        if len(self._message) + len(text) > LARGEST:
            self.is_lost = True
            return None
        self._message += text
        if not frame.is_final:
            return None
        message = bytes(self._message)
        self._message.clear()
        return self._inflated(message) if self._is_compressed else message

    def _inflated(self, message: bytes) -> bytes | None:
        """RFC 7692 7.2.2."""
        if self._inflate is None:
            self._inflate = zlib.decompressobj(-15)
        try:
            text = self._inflate.decompress(message + b"\0\0\xff\xff", LARGEST_INFLATED)
        except zlib.error:
            self.is_lost = True
            return None
        if self._inflate.unconsumed_tail:
            self.is_lost = True
            return None
        return text

    def end(self) -> list[Piece]:
        self._buffer.clear()
        self._message.clear()
        return []


class Frame(NamedTuple):
    """A frame of WebSocket; `end` is -1 if it makes no sense."""

    start: int
    end: int
    opcode: int
    is_final: bool
    is_compressed: bool
    mask: bytes

    def payload(self, data: Data | bytearray, most: int | None = None) -> bytes:
        """The bytes without the mask."""
        end = self.end if most is None else min(self.end, self.start + most)
        text = bytes(data[self.start : end])
        if not self.mask or not text:
            return text
        size = len(text)
        mask = (self.mask * (size // 4 + 1))[:size]
        return (int.from_bytes(text, "big") ^ int.from_bytes(mask, "big")).to_bytes(size, "big")


def frame_at(data: Data | bytearray, at: int, end: int | None = None) -> Frame | None:
    """The frame that begins at `data[at]`, whose payload may lack its end; None if the header does.

    RFC 6455 5.2.
    """
    size = len(data) if end is None else end
    if size - at < 2:
        return None
    first, length = data[at], data[at + 1]
    opcode = first & 15
    start = at + 2
    is_masked, length = length & 0x80, length & 0x7F
    if first & 0x30 or 3 <= opcode <= 7 or opcode > 10 or (opcode >= 8 and length > 125):
        return Frame(start, -1, opcode, False, False, b"")
    wide = {126: 2, 127: 8}.get(length, 0)
    header = wide + (4 if is_masked else 0)
    if size - start < header:
        return None
    if wide:
        length = int.from_bytes(data[start : start + wide], "big")
    mask = bytes(data[start + wide : start + header])
    start += header
    return Frame(start, start + length, opcode, bool(first & 0x80), bool(first & 0x40), mask)


class HepFrames:
    """The packets of a stream of HEP version 3, each of which states its length."""

    __slots__ = ("_buffer", "is_lost")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.is_lost = False

    @property
    def size(self) -> int:
        return len(self._buffer)

    def feed(self, data: Data, start: int, end: int, offset: int) -> list[Piece]:
        """The packets that end in `data[start:end]`, whose first byte is at `offset`."""
        found: list[Piece] = []
        before = len(self._buffer)
        self._buffer += data[start:end]
        at = 0
        while len(self._buffer) - at >= 6:
            length = int.from_bytes(self._buffer[at + 4 : at + 6], "big")
            if self._buffer[at : at + 4] != b"HEP3" or length < 6:
                self.is_lost = True
                at = len(self._buffer)
                break
            if at + length > len(self._buffer):
                break
            packet = bytes(self._buffer[at : at + length])
            found.append(Piece(packet, 0, length, offset + max(at - before, 0)))
            at += length
        del self._buffer[:at]
        return found

    def end(self) -> list[Piece]:
        self._buffer.clear()
        return []
