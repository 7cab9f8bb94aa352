"""The body of a message, opened: its value, its parts, and the session description in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from sipfast.errors import ParseError, parse_error

from ._reading import read_body
from .encoding import Room, unpack
from .multipart import Multipart, Part

if TYPE_CHECKING:
    from sipfast._core.message.message import Buffer, Message, Reader
    from sipfast._core.sdp.description import SDP
    from sipfast._core.values.media import ContentType

    from .media import Content

__all__ = ["content_of", "parts_of", "session_description_in"]

T = TypeVar("T")

_SDP = "application/sdp"
_FIELDS = ("Content-Type", "Content-Encoding")


def content_of(message: Message, reader: Reader) -> Content:
    """The value of the body, as `decode` reads it; bytes without a Content-Type."""
    media = _media_of(message)
    if media is None:
        return bytes(_opened(message, Room()))
    if media.media_type == _SDP:
        sdp = message.sdp
        assert sdp is not None  # or it raises, by its Content-Type
        return sdp
    room = Room()
    body = _opened(message, room)
    exact = not message.content_encoding
    return _in_message(message, lambda: read_body(reader, body, media, room), exact)


def parts_of(message: Message) -> Multipart:
    """The parts of a multipart body; empty for any other body."""
    media = _media_of(message)
    if media is not None and media.type == "multipart":
        parts = message.content
        assert isinstance(parts, Multipart)
        return parts
    nothing = message.body_view[:0]
    return Multipart((), nothing, nothing, True)


def session_description_in(message: Message, reader: Reader) -> SDP | None:
    """The body as a session description, or the first one among its parts; or None."""
    media = _media_of(message)
    if media is None:
        return None
    parse = reader.parse_sdp
    exact = not message.content_encoding
    if media.media_type == _SDP:
        body = bytes(_opened(message, Room()))
        return _in_message(message, lambda: parse(body), exact)
    parts = message.parts
    return _in_message(message, lambda: _description_among(parts, parse), exact, fields=())


def _description_among(parts: Multipart, parse: Callable[[bytes], SDP]) -> SDP | None:
    """The first session description, also in nested multiparts; or None.

    Offsets of errors count in the buffer of the parts.
    """
    for part in parts:
        found = _description_in(part, parse)
        if found is not None:
            return found
    return None


def _description_in(part: Part, parse: Callable[[bytes], SDP]) -> SDP | None:
    """The part as a session description, or the first one in it; or None."""
    media = part._media()
    is_description = media.media_type == _SDP
    if not is_description:
        if media.type != "multipart":
            return None
        if not part._is_encoded():
            return _description_among(part.parts, parse)
    try:
        return parse(part._opened()) if is_description else _description_among(part.parts, parse)
    except ParseError as error:
        # Unpacked bytes have no offset in the message; the header fields of this part have.
        at = error.offset if is_description and error.header in _FIELDS else part.offset
        raise parse_error(error.code, at, error.header) from None


def _media_of(message: Message) -> ContentType | None:
    """Content-Type; None without it, or without a body."""
    return message.content_type if len(message.body_view) else None


def _opened(message: Message, room: Room) -> Buffer:
    """The body without its content encodings; an empty one is returned as it is."""
    body, encodings = message.body_view, message.content_encoding
    if not encodings or not len(body):
        return body
    return _in_message(message, lambda: unpack(body, encodings, room), len(encodings) == 1)


def _in_message(
    message: Message, read: Callable[[], T], exact: bool, fields: tuple[str, ...] = _FIELDS
) -> T:
    """The result of `read`; its errors are moved to offsets in the message's buffer.

    An error that names one of the `fields` gets the offset of the field's value. Others are in the
    body, at their byte if `exact`, and at the start of the body if they are in unpacked bytes.
    """
    try:
        return read()
    except ParseError as error:
        if error.header in fields:
            at = message._field_at(error.header)
        else:
            at = message.body_offset + (error.offset if exact else 0)
        raise parse_error(error.code, at, error.header) from None
