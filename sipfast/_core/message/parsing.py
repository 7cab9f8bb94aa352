# cython: binding=True
# Not for methods: see setup.py.  A function keeps its defaults this way, for `inspect`.
"""`parse`, which makes a message of bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from sipfast.errors import Defect, parse_error

from ..limits import DEFAULT_LIMITS, Limits
from ..wire.table import Table, held
from .message import Buffer, Reader, Request, Response, read_bodies_with
from .properties import parse_header

if TYPE_CHECKING:
    from ..sdp.description import SDP

__all__ = ["READER", "parse"]


def parse(
    data: Buffer, *, strict: bool = False, limits: Limits = DEFAULT_LIMITS
) -> Request | Response:
    """Take one message apart (RFC 3261 7), such as a datagram or the start of a longer buffer.

    `data` is bytes, bytearray, memoryview, mmap or any other contiguous buffer.  The message holds
    it and copies none of it (the pure engine copies the header of what is not bytes), so it must
    not be written to, nor hold on to the message, while the message lives.  CR LF before the start
    line is skipped; bytes past Content-Length are not the message's.  With `strict`, the first
    defect is raised too.

    Raises `ParseError` when the bytes cannot be taken apart, `Incomplete` when they end before the
    blank line that ends the header fields, `LimitExceeded` when they pass one of the `limits`,
    TypeError when `data` is no buffer, and BufferError when it is not contiguous or was written to
    while it was read.
    """
    if not isinstance(limits, Limits):
        raise TypeError("limits is a sipfast.Limits")
    message: Request | Response
    buffer = data if type(data) is bytes else held(data)
    is_response = Table._is_response(buffer, limits)
    message = Response.__new__(Response) if is_response else Request.__new__(Request)
    message._read(buffer, limits, is_response)
    if strict and message.defects:
        _raise(message.defects[0])
    return message


def _raise(defect: Defect) -> NoReturn:
    raise parse_error(defect.code, defect.offset, defect.header)


def _parse_sdp(body: bytes) -> SDP:
    from ..sdp.description import SDP

    return SDP.parse(body)


READER = Reader(parse, parse_header, _parse_sdp)
read_bodies_with(READER)
