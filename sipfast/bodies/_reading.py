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
"""Readers of bodies by media type, or by its part before the slash.

Arguments: the reader of an engine, the body, the media type, the message's remaining room for
parts, and the limit of size.
"""


def read_body(
    reader: Reader, body: Buffer, media: ContentType, room: Room, *, limit: int = MOST_BYTES
) -> Content:
    """The value of a body without encodings; this reader parses header fields and SDP in it.

    The `room` is the message's remaining room for parts.
    """
    read = READERS.get(media.media_type) or READERS.get(media.type)
    return bytes(body) if read is None else read(reader, body, media, room, limit)
