"""Bodies: what becomes of one, by its media type.  All others are dropped."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import ParseError
from . import words
from .fields import phrase_of
from .sdp import session_description
from .values import Values

if TYPE_CHECKING:
    from ..bodies.multipart import Multipart, Part

__all__ = ["BODIES", "Body", "body_of"]


class Body(NamedTuple):
    """What becomes of the bodies of a media type."""

    en: str
    write: Callable[[Values, str], str | None]
    """The new text; None to drop the body."""


_STATUS = re.compile(r"SIP/2\.0 ([1-6][0-9][0-9])(?: |\r?\n|\Z)", re.ASCII)
_SIGNAL = re.compile(r"(?i:signal) ?= ?\S{1,16}", re.ASCII)
_DURATION = re.compile(r"(?i:duration) ?= ?[0-9]{1,8}", re.ASCII)
_WAITING = re.compile(r"(?i:messages-waiting): *(?i:yes|no)", re.ASCII)
_ACCOUNT = re.compile(r"(?i:message-account): *(\S+)", re.ASCII)
_COUNTS = re.compile(
    r"(?i:voice|fax|pager|multimedia|text|none)-(?i:message): *"
    r"[0-9]{1,9}/[0-9]{1,9}(?: *\([0-9]{1,9}/[0-9]{1,9}\))?",
    re.ASCII,
)


def _fragment(values: Values, text: str) -> str | None:
    found = _STATUS.match(text)
    return None if found is None else f"SIP/2.0 {found[1]} {phrase_of(int(found[1]))}\r\n"


def _relay(values: Values, text: str) -> str | None:
    made = []
    for line in text.splitlines():
        if _SIGNAL.fullmatch(line):
            made.append("Signal=0")
        elif _DURATION.fullmatch(line):
            made.append(line)
    return "".join([f"{line}\r\n" for line in made]) or None


def _summary(values: Values, text: str) -> str | None:
    made = []
    for line in text.splitlines():
        account = _ACCOUNT.fullmatch(line)
        if account is not None:
            uri = values.uri_in(account[1])
            if uri is not None:
                made.append(f"Message-Account: {uri}")
        elif _WAITING.fullmatch(line) or _COUNTS.fullmatch(line):
            made.append(line)
    return "".join([f"{line}\r\n" for line in made]) or None


BODIES: dict[str, Body] = {
    "application/sdp": Body("see below", session_description),
    "application/dtmf-relay": Body("the signal replaced by 0, the duration kept", _relay),
    "application/dtmf": Body("`0`", lambda _values, _text: "0"),
    "application/simple-message-summary": Body("counts kept, pseudonym of the account", _summary),
    "message/sipfrag": Body("only the status line, with the registered phrase", _fragment),
    "text/plain": Body("as many `x`", lambda _values, text: "x" * len(text)),
}
"""By media type."""


def body_of(values: Values, message: Any) -> tuple[list[str], bytes]:
    """The lines of the header fields for the body, and the body, both written anew.

    An empty body leaves its Content-Type.  Raises ParseError.
    """
    content_type = message.content_type
    if not len(message.body_view):
        known = content_type is not None and content_type.media_type in words.MEDIA_TYPES
        is_multipart = known and content_type.type == "multipart"
        return [
            f"Content-Type: {content_type.media_type}"
        ] if known and not is_multipart else [], b""
    if content_type is None or any(c.lower() != "identity" for c in message.content_encoding):
        return [], b""
    if content_type.type == "multipart":
        found = _multipart(values, message.parts, content_type)
        if found is None:
            return [], b""
        field, body = found
    else:
        made = _written(values, content_type.media_type, message.body)
        if made is None:
            return [], b""
        field, body = content_type.media_type, made
    fields = [f"Content-Type: {field}"]
    disposition = _disposition(message.content_disposition)
    if disposition is not None:
        fields.append(f"Content-Disposition: {disposition}")
    if message.mime_version == "1.0":
        fields.append("MIME-Version: 1.0")
    return fields, body


def _written(values: Values, media_type: str, body: bytes) -> bytes | None:
    row = BODIES.get(media_type)
    if row is None:
        return None
    if media_type == "text/plain":
        return b"x" * len(body)
    made = row.write(values, body.decode("utf-8", "surrogateescape"))
    return None if made is None else made.encode("ascii")


def _disposition(read: Any) -> str | None:
    if read is None or read.disposition not in words.DISPOSITIONS:
        return None
    handling = read.handling
    more = handling is not None and handling.lower() in ("optional", "required")
    return f"{read.disposition};handling={handling}" if more else str(read.disposition)


def _multipart(values: Values, parts: Multipart, content_type: Any) -> tuple[str, bytes] | None:
    """The media type and the body of the parts that stay; None if none does."""
    if content_type.media_type not in words.MEDIA_TYPES:
        return None
    boundary = "part-" + values.names.letters("boundary", content_type.boundary or "", 16)
    made = []
    for part in parts:
        one = _part(values, part)
        if one is not None:
            made.append(f"--{boundary}\r\n".encode() + one + b"\r\n")
    if not made:
        return None
    made.append(f"--{boundary}--\r\n".encode())
    return f'{content_type.media_type};boundary="{boundary}"', b"".join(made)


def _part(values: Values, part: Part) -> bytes | None:
    try:
        read = values.read("Content-Type", part.content_type)
        if read.type == "multipart":
            found = _multipart(values, part.parts, read)
            if found is None:
                return None
            field, body = found
        else:
            made = _written(values, read.media_type, part.decoded)
            if made is None:
                return None
            field, body = read.media_type, made
        lines = [f"Content-Type: {field}"]
        text = part.headers.get("Content-Disposition")
        disposition = None
        if text is not None:
            disposition = _disposition(values.read("Content-Disposition", text))
        if disposition is not None:
            lines.append(f"Content-Disposition: {disposition}")
        if part.content_id:
            lines.append(f"Content-ID: <{values.names.call_id(part.content_id)}>")
    except ParseError:
        return None
    return "\r\n".join([*lines, "", ""]).encode() + body
