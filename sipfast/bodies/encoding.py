"""Content-Encoding (RFC 3261 20.12): gzip and deflate, unpacked within a limit."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sipfast.errors import parse_error

if TYPE_CHECKING:
    from sipfast._core.message.message import Buffer

__all__ = ["MOST_BYTES", "MOST_PARTS", "Room", "open_encoded", "unpack"]

MOST_BYTES = 1 << 20
MOST_PARTS = 1000

# Each step takes up to the limit in time and memory, and a gzip file may unpack to itself.
_MOST_ENCODINGS = 4
# The start of a member takes as long as hundreds of unpacked bytes, and a member may be empty.
_MEMBER = 256
_MOST_OF_A_BYTE = 1032  # output of deflate per input byte
# A small limit still has room for a few members.
_LEAST_WORK = 1 << 16
# The rest after a member is copied, so it must be short for any number of members.
_CHUNK = 4096

_GZIP = 16 + zlib.MAX_WBITS
_ZLIB = zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS


class Room:
    """The remaining budget of one body, for all of its layers and parts together.

    The input of a step needs no count: it came with the message, or from another step.
    """

    __slots__ = ("parts", "size", "work")

    size: int
    """Remaining bytes of final output."""
    work: int
    """Remaining bytes of all output, intermediate steps included."""
    parts: int

    def __init__(self, size: int = MOST_BYTES, parts: int = MOST_PARTS) -> None:
        self.size = size
        self.work = 2 * size + _LEAST_WORK
        self.parts = parts


def open_encoded(body: Buffer, encodings: Sequence[str], *, limit: int = MOST_BYTES) -> bytes:
    """Undo the content encodings of a body, in the order of Content-Encoding.

    The encodings are gzip, x-gzip, deflate (RFC 9110 8.4.1; also without the zlib wrapper, as some
    send it) and identity. The output of each step is at most `limit` bytes, and that of all steps
    at most twice that and 64 KiB, where each member of a gzip file counts as 256 bytes more.

    Raises `ParseError` for another encoding, for more than 4, for a damaged or truncated body, and
    beyond the limit. Its offset is the start of the compressed member, or the end of a truncated
    body; it counts within the outermost remaining encoding.
    """
    return unpack(body, encodings, Room(limit))


def unpack(body: Buffer, encodings: Sequence[str], room: Room) -> bytes:
    """Undo content encodings as `open_encoded` does; failed steps use up the room too."""
    if len(encodings) > _MOST_ENCODINGS:
        raise parse_error("too-many-content-encodings", 0, "Content-Encoding")
    data = bytes(body)
    unpacked = False
    for encoding in reversed(encodings):
        name = encoding.strip().lower()
        if name in ("gzip", "x-gzip"):
            data = _inflate(data, _GZIP, room)
        elif name == "deflate":
            data = _inflate(data, _ZLIB if _has_zlib_header(data) else _RAW, room)
        elif name != "identity":
            raise parse_error("content-encoding-unknown", 0, "Content-Encoding")
        unpacked = unpacked or name != "identity"
    if unpacked:
        room.size -= len(data)
    return data


def _has_zlib_header(data: bytes) -> bool:
    """Whether the first two bytes are those of RFC 1950 2.2."""
    return data[:1].hex()[1:] == "8" and int.from_bytes(data[:2], "big") % 31 == 0


def _inflate(data: bytes, wrapper: int, room: Room) -> bytes:
    """All members of a gzip file (RFC 1952 2.2), or the one stream of deflate."""
    out = bytearray()
    end = 0
    try:
        while True:
            room.work -= _MEMBER
            end = _member(data, end, wrapper, out, room)
            if end == len(data):
                return bytes(out)
            if wrapper != _GZIP:
                raise parse_error("content-encoding-malformed", end)
    finally:
        room.work -= len(out)


def _member(data: bytes, start: int, wrapper: int, out: bytearray, room: Room) -> int:
    """Append the content of the member at `start` to `out`, and return its end."""
    limit = min(room.size, room.work)
    if len(out) > limit:  # or the limit is negative
        raise parse_error("body-too-large", start)
    stream = zlib.decompressobj(wrapper)
    at = start
    while not stream.eof:
        if at == len(data):
            raise parse_error("content-encoding-truncated", at)
        chunk = data[at : at + _CHUNK]
        try:
            out += stream.decompress(chunk, limit - len(out) + 1)
        except zlib.error:  # and the output of the chunk until then is unknown
            room.work -= min(_MOST_OF_A_BYTE * len(chunk), limit - len(out) + 1)
            raise parse_error("content-encoding-malformed", start) from None
        if len(out) > limit:
            raise parse_error("body-too-large", start)
        at += len(chunk)
    return at - len(stream.unused_data)
