# cython: binding=True
# Lets `inspect` find the function's defaults.  Methods are compiled otherwise: see setup.py.
"""`parse`, which makes a message from bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipfast import _late
from sipfast.errors import (
    ERROR,
    Defect,
    LimitExceeded,
    ParseError,
    defect,
    parse_error,
    unanswered,
)

from ..limits import DEFAULT_LIMITS, Limits
from ..wire.table import Table, held
from .fields import FAULTS
from .message import Buffer, Message, Reader, Request, Response, read_bodies_with
from .properties import parse_header

if TYPE_CHECKING:
    from ..sdp.description import SDP

__all__ = ["READER", "parse"]


def parse(
    data: Buffer,
    *,
    strict: bool = False,
    lenient: bool = False,
    datagram: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> Request | Response:
    """Parse one message (RFC 3261 7), such as a datagram or the start of a longer buffer.

    `data` is bytes, bytearray, memoryview, mmap or any other contiguous buffer.  The message keeps
    it alive and copies nothing (the pure engine copies the header, except from bytes).  Do not
    write to it, or make it refer to the message, while the message lives.  If somebody writes to
    it, no span points outside of it, and later reads may see the new bytes.  CR LF before the start
    line is skipped; bytes after Content-Length are not part of the message.

    `strict` also raises the first error among the defects.  `lenient` reads as much as possible of
    malformed bytes, for analysis: faults of the header are among the defects then, and
    `Message.is_complete` says whether the bytes end too early (docs/lenient.md).  `datagram` says
    that the buffer is one datagram, so that bytes after Content-Length are a defect.

    Raises `ParseError` if the bytes cannot be parsed, `Incomplete` if they end before the blank
    line after the header fields, `LimitExceeded` if they exceed one of the `limits`, TypeError if
    `data` has no buffer, and BufferError if it is not contiguous, or changed during the call.
    """
    return _parse(data, strict, lenient, datagram, limits)


def _parse(
    data: Any, strict: bool, lenient: bool, datagram: bool, limits: Limits
) -> Request | Response:
    if not isinstance(limits, Limits):
        raise TypeError(f"limits must be Limits, not {type(limits).__name__}")
    message: Request | Response
    buffer = data if type(data) is bytes else held(data)
    is_response = Table._is_response(buffer, limits)
    if lenient:
        if strict:
            raise ValueError("strict and lenient exclude each other")
        message = _read_leniently(buffer, limits, is_response)
    else:
        message = Response.__new__(Response) if is_response else Request.__new__(Request)
        message._read(buffer, limits, is_response)
    if datagram:
        _keep_rest(message, buffer)
    if strict:
        _refuse(message.defects)
    return message


def _refuse(defects: tuple[Defect, ...]) -> None:
    """Raise the first error among the defects of a message."""
    for item in defects:
        if item.severity == ERROR:
            error = parse_error(item.code, item.offset, item.header)
            raise error if item.status_hint else unanswered(error)


def _new(is_response: bool) -> Request | Response:
    return Response.__new__(Response) if is_response else Request.__new__(Request)


def _read_leniently(buffer: Any, limits: Limits, is_response: bool) -> Request | Response:
    """A message of a buffer, or of as much of it as can be read."""
    message = _new(is_response)
    try:
        message._read(buffer, limits, is_response)
    except LimitExceeded:
        raise
    except ParseError as error:
        text = bytes(buffer)
        message = _new(Table._is_response(text, limits))
        found = _late._lenient.read(text, limits, error)
        message._fill(text, found.line, found.spans)
        message._keep(message._parsed.count + FAULTS, found.faults)
    return message


def _keep_rest(message: Message, buffer: Any) -> None:
    """Keep the defect of a datagram with more than its message; line ends do not count."""
    end = message._parsed.end
    rest = memoryview(buffer)[end:]
    if len(rest) and bytes(rest).strip(b"\r\n"):
        place = message._parsed.count + FAULTS
        faults: tuple[Defect, ...] = message._recalled(place) or ()
        message._keep(place, (*faults, defect("body-too-long", end, "Content-Length")))


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
