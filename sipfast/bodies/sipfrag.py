"""``message/sipfrag``: a part of a SIP message (RFC 3420), as NOTIFY has it after REFER."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sipfast import _engine

from ._fields import read_fields

if TYPE_CHECKING:
    from sipfast._core.message.headers import Headers
    from sipfast._core.message.message import Buffer, Reader, Request, Response

__all__ = ["SipFrag", "message_in", "read_fragment"]

# A fragment with any other beginning has a start line, perhaps malformed.
_NO_START_LINE = re.compile(rb"\r?\n|\Z|[-.!%*_+`'~0-9A-Za-z]+[ \t]*:")


class SipFrag(NamedTuple):
    """A start line, header fields and a body, each of them optional (RFC 3420 2.1)."""

    version: str | None
    """The SIP-Version of the start line; None without a start line."""
    status: int | None
    """The status code of a status line."""
    reason: str | None
    """Its reason phrase."""
    method: str | None
    """The method of a request line."""
    uri_text: str | None
    """Its Request-URI, as it was written."""
    headers: Headers
    body: bytes

    @classmethod
    def parse(cls, body: Buffer) -> SipFrag:
        """Parse a fragment, which may end after any line.

        Raises the errors of `sipfast.parse`, with offsets from the start of the fragment.
        """
        return read_fragment(_engine.ENGINE.READER, body)


def read_fragment(reader: Reader, body: Buffer) -> SipFrag:
    """Parse a fragment with the reader of an engine."""
    message, is_bare = message_in(reader, body)
    return SipFrag(
        None if is_bare else message.version,
        getattr(message, "status", None),
        getattr(message, "reason", None),
        None if is_bare else getattr(message, "method", None),
        None if is_bare else getattr(message, "uri_text", None),
        message.headers,
        message.body,
    )


def message_in(reader: Reader, body: Buffer) -> tuple[Request | Response, bool]:
    """A fragment as a message, and whether it is bare: without a start line of its own."""
    data = bytes(body)
    is_bare = _NO_START_LINE.match(data) is not None
    return read_fields(reader, data, 0, lend=is_bare), is_bare
