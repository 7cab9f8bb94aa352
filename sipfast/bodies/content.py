"""The body of a message, opened: what it says, its parts, and the session description in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from sipfast.errors import ParseError, parse_error

from ._media import ContentType
from .encoding import open_encoded
from .media import decode
from .multipart import Multipart

if TYPE_CHECKING:
    from sipfast._pure.message import Buffer, Message

__all__ = ["content_of", "parts_of", "session_description_in"]

T = TypeVar("T")

_SDP = "application/sdp"


def content_of(message: Message) -> Any:
    """What the body says, as `decode` reads it; bytes where there is no Content-Type."""
    media = _media_type(message)
    body, encodings = message.body_view, _encodings(message)
    if media == _SDP:
        return message.sdp
    if media is None:
        return _in_message(message, lambda: bytes(_opened(body, encodings)))
    content_type = message.headers["Content-Type"]
    return _in_message(message, lambda: decode(body, content_type, encodings))


def parts_of(message: Message) -> Multipart:
    """The parts of a multipart body; none of another body."""
    if (_media_type(message) or "").startswith("multipart/"):
        parts: Multipart = message.content
        return parts
    nothing = message.body_view[:0]
    return Multipart((), nothing, nothing, True)


def session_description_in(message: Message) -> bytes | None:
    """The bytes of the body's session description, or of the first one in its parts; or None."""
    if _media_type(message) == _SDP:
        return _in_message(message, lambda: bytes(_opened(message.body_view, _encodings(message))))
    for part in message.parts:
        if ContentType.parse(part.content_type).media_type == _SDP:
            return part.decoded
    return None


def _media_type(message: Message) -> str | None:
    """The media type in lower case, or None where there is none, or no body."""
    text = message.headers.get("Content-Type")
    if text is None or not len(message.body_view):
        return None
    return ContentType.parse(text).media_type


def _encodings(message: Message) -> list[str]:
    """The content encodings in the order in which they were applied (RFC 3261 20.12)."""
    return [
        name for field in message.headers.getall("Content-Encoding") for name in field.split(",")
    ]


def _opened(body: Buffer, encodings: list[str]) -> Buffer:
    return open_encoded(body, encodings) if encodings else body


def _in_message(message: Message, read: Callable[[], T]) -> T:
    """What `read` gives; an error of it counts from the start of the message's buffer."""
    try:
        return read()
    except ParseError as error:
        raise parse_error(error.code, message.body_offset + error.offset, error.header) from None
