"""Header fields within a body: the engine parses them, after a start line added for the purpose."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sipfast.errors import ParseError, parse_error

if TYPE_CHECKING:
    from sipfast._core.message.message import Reader, Request, Response

LENT = b"LENT x:x SIP/2.0\r\n"
_BLANK_LINE = re.compile(rb"\n\r?\n")


def read_fields(
    reader: Reader, block: bytes, offset: int, *, lend: bool = True
) -> Request | Response:
    """Parse a block of header fields, with or without the blank line and the body after it.

    `lend` adds a start line to a block without one. Raises the errors of `sipfast.parse`, with
    offsets that count from `offset` at the start of `block`.
    """
    data = LENT + block if lend else block
    if not _BLANK_LINE.search(data):
        data += _what_completes(data)
    try:
        return reader.parse(data)
    except ParseError as error:
        at = error.offset - len(LENT) if lend else error.offset
        at = min(max(at, 0), len(block))
        raise parse_error(error.code, offset + at, error.header) from None


def _what_completes(data: bytes) -> bytes:
    """The bytes that complete the end of `data` to a blank line."""
    if data.endswith(b"\n"):
        return b"\r\n"
    if data.endswith(b"\n\r"):  # half of the blank line is there
        return b"\n"
    return b"\n\r\n" if data.endswith(b"\r") else b"\r\n\r\n"
