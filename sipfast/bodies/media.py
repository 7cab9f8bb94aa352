"""A body by its media type: the table of readers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Union

from sipfast import _engine

from ._reading import READERS, read_body
from .dialog_info import DialogInfo
from .dtmf import Dtmf
from .encoding import MOST_BYTES, Room, unpack
from .isup import Isup
from .manscdp import Manscdp
from .multipart import Multipart, split_on
from .pidf import Presence
from .reginfo import RegInfo
from .sipfrag import SipFrag, read_fragment
from .text import decode_text

if TYPE_CHECKING:
    from sipfast._core.message.message import Buffer, Reader
    from sipfast._core.sdp.description import SDP
    from sipfast._core.values.media import ContentType

__all__ = ["Content", "decode"]

Content = Union[
    "SDP", Multipart, SipFrag, Dtmf, Presence, RegInfo, DialogInfo, Manscdp, Isup, str, bytes
]
"""The value of a body, of the class for its media type."""


def _of_xml(cls: Any) -> Callable[[Reader, Any, ContentType, Room, int], Content]:
    """A reader of an XML document."""

    def read(reader: Reader, body: Any, media: ContentType, room: Room, limit: int) -> Content:
        content: Content = cls.parse(body, media.charset, limit=limit)
        return content

    return read


READERS.update(
    {
        "application/sdp": lambda reader, body, media, room, limit: reader.parse_sdp(bytes(body)),
        "application/dtmf": lambda reader, body, media, room, limit: Dtmf.parse(body),
        "application/dtmf-relay": lambda reader, body, media, room, limit: Dtmf.parse(body),
        "application/isup": lambda reader, body, media, room, limit: Isup.parse(body),
        "message/sipfrag": lambda reader, body, media, room, limit: read_fragment(reader, body),
        "application/dialog-info+xml": _of_xml(DialogInfo),
        "application/manscdp+xml": _of_xml(Manscdp),
        "application/pidf+xml": _of_xml(Presence),
        "application/reginfo+xml": _of_xml(RegInfo),
        "multipart": lambda reader, body, media, room, limit: split_on(
            reader, body, media.boundary or "", room
        ),
        "text": lambda reader, body, media, room, limit: decode_text(body, media.charset),
    }
)


def decode(
    body: Buffer, content_type: str, encodings: Sequence[str] = (), *, limit: int = MOST_BYTES
) -> Content:
    """The value of a body, by its Content-Type.

    | media type | result |
    | --- | --- |
    | ``application/sdp`` | `sipfast.SDP` |
    | ``multipart/*`` | `Multipart`, the tuple of its parts |
    | ``message/sipfrag`` | `SipFrag` |
    | ``application/dtmf-relay``, ``application/dtmf`` | `Dtmf` |
    | ``application/pidf+xml`` | `Presence` |
    | ``application/reginfo+xml`` | `RegInfo` |
    | ``application/dialog-info+xml`` | `DialogInfo` |
    | ``application/MANSCDP+xml`` | `Manscdp` |
    | ``application/isup`` | `Isup` |
    | ``text/*`` | str |
    | all others | bytes |

    `encodings` are the values of Content-Encoding, undone first. `limit` bounds, in bytes, the
    output of all encodings, those of its parts included, and the size of an XML document.

    Raises `ParseError` for a malformed body, with the offset in the decoded body, and for a
    malformed media type or encoding, with the offset in that text.
    """
    reader = _engine.ENGINE.READER
    media = reader.parse_header("Content-Type", content_type)
    room = Room(limit)
    if encodings:
        body = unpack(body, encodings, room)
    return read_body(reader, body, media, room, limit=limit)
