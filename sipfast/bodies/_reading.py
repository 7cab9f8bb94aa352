"""A body by its media type: `media.py` has the table of readers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .encoding import MOST_BYTES, Room

if TYPE_CHECKING:
    from sipfast._core.message.message import Buffer, Reader
    from sipfast._core.values.media import ContentType

    from .media import Content

__all__ = ["READERS", "read_body"]

READERS: dict[str, Callable[[Reader, Any, ContentType, Room, int], Content]] = {}
"""By media type, or by the part of it before the slash: what reads such a body.

It is given the reader of an engine, the body, the media type, what is left of the message for its
parts, and how large what it reads may be.
"""


def read_body(
    reader: Reader, body: Buffer, media: ContentType, room: Room, *, limit: int = MOST_BYTES
) -> Content:
    """What a body without encodings says; header fields and SDP in it by this reader.

    The `room` is what is left of the message for its parts.
    """
    read = READERS.get(media.media_type) or READERS.get(media.type)
    return bytes(body) if read is None else read(reader, body, media, room, limit)
