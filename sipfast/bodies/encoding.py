"""Content-Encoding (RFC 3261 20.12): gzip and deflate, opened with a limit on what comes out."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sipfast.errors import parse_error

if TYPE_CHECKING:
    from sipfast._core.message.message import Buffer

__all__ = ["MOST_BYTES", "open_encoded"]

MOST_BYTES = 1 << 20

# Each takes up to the limit in time and memory, and there is a gzip file that opens to itself.
_MOST_ENCODINGS = 4
# What is left after a member is copied, so it must be little, however many members there are.
_CHUNK = 4096

_GZIP = 16 + zlib.MAX_WBITS
_ZLIB = zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS


def open_encoded(body: Buffer, encodings: Sequence[str], *, limit: int = MOST_BYTES) -> bytes:
    """Undo the content encodings of a body, given as Content-Encoding lists them.

    Known are gzip, x-gzip, deflate (RFC 9110 8.4.1; also without the zlib wrapper, as some send
    it) and identity.  No step may come out at more than `limit` bytes.

    Raises `ParseError`: for another encoding, for more than 4, for a body that is damaged or ends
    too early, and past the limit.  Its offset is where the compressed member begins, and where the
    body ends if that is too early; it counts within the outermost encoding that is still on.
    """
    if len(encodings) > _MOST_ENCODINGS:
        raise parse_error("too-many-content-encodings", 0, "Content-Encoding")
    data = bytes(body)
    for encoding in reversed(encodings):
        name = encoding.strip().lower()
        if name in ("gzip", "x-gzip"):
            data = _inflate(data, _GZIP, limit)
        elif name == "deflate":
            data = _inflate(data, _ZLIB if _has_zlib_header(data) else _RAW, limit)
        elif name != "identity":
            raise parse_error("content-encoding-unknown", 0, "Content-Encoding")
    return data


def _has_zlib_header(data: bytes) -> bool:
    """Whether the first two bytes are those of RFC 1950 2.2."""
    return data[:1].hex()[1:] == "8" and int.from_bytes(data[:2], "big") % 31 == 0


def _inflate(data: bytes, wrapper: int, limit: int) -> bytes:
    """All members of a gzip file (RFC 1952 2.2), or the one stream of deflate."""
    out = bytearray()
    end = 0
    while True:
        end = _member(data, end, wrapper, out, limit)
        if end == len(data):
            return bytes(out)
        if wrapper != _GZIP:
            raise parse_error("content-encoding-malformed", end)


def _member(data: bytes, start: int, wrapper: int, out: bytearray, limit: int) -> int:
    """Add what the member at `start` holds to `out`, and return where it ends."""
    stream = zlib.decompressobj(wrapper)
    at = start
    while not stream.eof:
        if at == len(data):
            raise parse_error("content-encoding-truncated", at)
        chunk = data[at : at + _CHUNK]
        try:
            out += stream.decompress(chunk, limit - len(out) + 1)
        except zlib.error:
            raise parse_error("content-encoding-malformed", start) from None
        if len(out) > limit:
            raise parse_error("body-too-large", start)
        at += len(chunk)
    return at - len(stream.unused_data)
