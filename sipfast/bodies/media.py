"""A body by its media type: the one place that knows which reader reads what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Union

from sipfast import _engine

from .dialog_info import DialogInfo
from .dtmf import Dtmf
from .encoding import MOST_BYTES, open_encoded
from .isup import Isup
from .manscdp import Manscdp
from .multipart import Multipart, split_on
from .pidf import Presence
from .reginfo import RegInfo
from .sipfrag import SipFrag, read_fragment
from .text import decode_text

if TYPE_CHECKING:
    from sipfast._core.message.message import Buffer
    from sipfast._core.sdp.description import SDP
    from sipfast._core.values.media import ContentType
    from sipfast._engine import Engine

__all__ = ["Content", "decode", "read_body"]

Content = Union[
    "SDP", Multipart, SipFrag, Dtmf, Presence, RegInfo, DialogInfo, Manscdp, Isup, str, bytes
]
"""What a body says, of the class for its media type."""


def _session_description(engine: Engine, body: Buffer) -> SDP:
    description: SDP = engine.module("sdp.description").SDP.parse(bytes(body))
    return description


_READERS: dict[str, Callable[[Any], Content]] = {
    "application/dtmf": Dtmf.parse,
    "application/dtmf-relay": Dtmf.parse,
    "application/isup": Isup.parse,
}
_ENGINES_READERS: dict[str, Callable[[Engine, Any], Content]] = {
    "application/sdp": _session_description,
    "message/sipfrag": read_fragment,
}
_XML_READERS: dict[str, Callable[..., Content]] = {
    "application/dialog-info+xml": DialogInfo.parse,
    "application/manscdp+xml": Manscdp.parse,
    "application/pidf+xml": Presence.parse,
    "application/reginfo+xml": RegInfo.parse,
}


def decode(
    body: Buffer, content_type: str, encodings: Sequence[str] = (), *, limit: int = MOST_BYTES
) -> Content:
    """What a body says, by its Content-Type.

    | media type | what comes of it |
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
    | any other | bytes |

    `encodings` are the values of Content-Encoding, undone first.  `limit` is in bytes: what comes
    out of an encoding, and what is read as XML, may not be larger.

    Raises `ParseError` where the body cannot be read, its offset in the body that was decoded, and
    where the media type or an encoding cannot, its offset in that text; ImportError for XML where
    the extra `xml` is not installed.
    """
    engine = _engine.ENGINE
    media = engine.parse_header("Content-Type", content_type)
    if encodings:
        body = open_encoded(body, encodings, limit=limit)
    return read_body(engine, body, media, limit=limit)


def read_body(
    engine: Engine, body: Buffer, media: ContentType, *, limit: int = MOST_BYTES
) -> Content:
    """What a body without encodings says; header fields and SDP in it are read on this engine."""
    media_type = media.media_type
    if media_type in _READERS:
        return _READERS[media_type](body)
    if media_type in _ENGINES_READERS:
        return _ENGINES_READERS[media_type](engine, body)
    if media_type in _XML_READERS:
        return _XML_READERS[media_type](body, media.charset, limit=limit)
    if media.type == "multipart":
        return split_on(engine, body, media.boundary or "")
    if media.type == "text":
        return decode_text(body, media.charset)
    return bytes(body)
