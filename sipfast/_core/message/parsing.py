# cython: binding=True
# Lets `inspect` find the function's defaults.  Methods are compiled otherwise: see setup.py.
"""`parse`, which makes a message from bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipfast import _late
from sipfast.errors import ERROR, Defect, parse_error

from ..limits import DEFAULT_LIMITS, Limits
from ..wire.table import Table, held
from .message import Buffer, Message, Reader, Request, Response, read_bodies_with
from .properties import parse_header

if TYPE_CHECKING:
    from ..sdp.description import SDP

__all__ = ["READER", "parse"]


def parse(
    data: Buffer, *, strict: bool = False, limits: Limits = DEFAULT_LIMITS
) -> Request | Response:
    """Parse one message (RFC 3261 7), such as a datagram or the start of a longer buffer.

    `data` is bytes, bytearray, memoryview, mmap or any other contiguous buffer.  The message keeps
    it alive and copies nothing (the pure engine copies the header, except from bytes).  Do not
    write to it, or make it refer to the message, while the message lives.  If somebody writes to
    it, no span points outside of it, and later reads may see the new bytes.  CR LF before the start
    line is skipped; bytes after Content-Length are not part of the message.  `strict` also raises
    the first error among the defects.

    Raises `ParseError` if the bytes cannot be parsed, `Incomplete` if they end before the blank
    line after the header fields, `LimitExceeded` if they exceed one of the `limits`, TypeError if
    `data` has no buffer, and BufferError if it is not contiguous, or changed during the call.
    """
    if not isinstance(limits, Limits):
        raise TypeError(f"limits must be Limits, not {type(limits).__name__}")
    message: Request | Response
    buffer = data if type(data) is bytes else held(data)
    is_response = Table._is_response(buffer, limits)
    message = Response.__new__(Response) if is_response else Request.__new__(Request)
    message._read(buffer, limits, is_response)
    if strict:
        _refuse(message.defects)
    return message


def _refuse(defects: tuple[Defect, ...]) -> None:
    """Raise the first error among the defects of a message."""
    for defect in defects:
        if defect.severity == ERROR:
            raise parse_error(defect.code, defect.offset, defect.header)


def _parse_sdp(body: bytes) -> SDP:
    found: SDP = _late.of_engine(_DESCRIPTION).SDP.parse(body)
    return found


def _find_defects_in_fragment(message: Message, is_bare: bool) -> list[Defect]:
    found: list[Defect] = _late.of_engine(_DEFECTS).find_defects_in_fragment(message, is_bare)
    return found


_DEFECTS = __name__.removesuffix("message.parsing") + "defects"
_DESCRIPTION = __name__.removesuffix("message.parsing") + "sdp.description"

READER = Reader(parse, parse_header, _parse_sdp, _find_defects_in_fragment)
read_bodies_with(READER)
