"""A body by its media type: the one place that knows which reader reads what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ._media import ContentType
from .dialog_info import DialogInfo
from .dtmf import Dtmf
from .encoding import MOST_BYTES, open_encoded
from .isup import Isup
from .manscdp import Manscdp
from .multipart import split_multipart
from .pidf import Presence
from .reginfo import RegInfo
from .sipfrag import SipFrag
from .text import decode_text

if TYPE_CHECKING:
    from sipfast._pure.message import Buffer

__all__ = ["decode"]


def _session_description(body: Buffer) -> Any:
    import sipfast

    return sipfast.SDP.parse(bytes(body))


_READERS: dict[str, Callable[[Any], Any]] = {
    "application/dtmf": Dtmf.parse,
    "application/dtmf-relay": Dtmf.parse,
    "application/isup": Isup.parse,
    "application/sdp": _session_description,
    "message/sipfrag": SipFrag.parse,
}
_XML_READERS: dict[str, Callable[..., Any]] = {
    "application/dialog-info+xml": DialogInfo.parse,
    "application/manscdp+xml": Manscdp.parse,
    "application/pidf+xml": Presence.parse,
    "application/reginfo+xml": RegInfo.parse,
}


def decode(
    body: Buffer, content_type: str, encodings: Sequence[str] = (), *, limit: int = MOST_BYTES
) -> Any:
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

    Raises `ParseError` where the body, the media type or an encoding cannot be read, its offset in
    the body that was decoded; ImportError for XML where the extra `xml` is not installed.
    """
    media = ContentType.parse(content_type)
    if encodings:
        body = open_encoded(body, encodings, limit=limit)
    if media.media_type in _READERS:
        return _READERS[media.media_type](body)
    if media.media_type in _XML_READERS:
        return _XML_READERS[media.media_type](body, media.parameter("charset"), limit=limit)
    kind = media.type.lower()
    if kind == "multipart":
        return split_multipart(body, media.parameter("boundary") or "")
    if kind == "text":
        return decode_text(body, media.parameter("charset"))
    return bytes(body)
