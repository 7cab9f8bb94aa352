"""Messages as bytes: what may be written, and what is refused (RFC 3261 7)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sipfast import _late
from sipfast.errors import ParseError, parse_error
from sipfast.registry.header_names import HEADER_IDS, HEADER_NAMES

from ..limits import NO_LIMITS
from ..lists import read_list
from ..multimapping import exact_name
from ..octets import octets
from ..parameters import TOKEN
from ..value import MOST_UNSIGNED, Value
from ..values.tokens import Text
from ..values.uri import URI
from ..wire import text as chars
from ..wire.splice import field_line
from ..wire.table import id_of
from .message import Request
from .parsing import parse

__all__ = [
    "CONTENT_LENGTH",
    "CONTENT_TYPE",
    "Field",
    "Header",
    "Headers",
    "body_bytes",
    "compose",
    "field_name",
    "header_id_of",
    "is_listed",
    "joined",
    "made_request",
    "may_repeat",
    "method_text",
    "request_line",
    "rest_of",
    "status_line",
    "status_text",
    "text_of",
    "uri_text",
]

Header = str | bytes | int | Value
"""The value of a header field to write."""
Headers = Mapping[str, Header] | Iterable[tuple[str, Header]]
"""Header fields to write, in order."""

Field = tuple[str, "str | bytes"]
"""A header field by its registered name, and its value as it was read from a message."""

CONTENT_LENGTH = HEADER_IDS["content-length"]
CONTENT_TYPE = HEADER_IDS["content-type"]

_LISTED = bytes([False, *(header.comma_list for header in HEADER_NAMES)])
_REPEATS = bytes([True, *(header.repeats for header in HEADER_NAMES)])
"""By header id, whether a field may have several values, and a message several of the fields."""
_OWN = {
    header.name: (header_id, f"{header.name}: ".encode())
    for header_id, header in enumerate(HEADER_NAMES, start=1)
}
"""By registered name, the id and the begin of a line."""
_UNWRITABLE = re.compile(rb"[\r\n\0]")
_NOT_IN_URI = re.compile(rb"[\0-\x20<>\x7f]")


def is_listed(header_id: int) -> bool:
    """Whether one field may have several values, between commas; the id 0 is an unknown name's."""
    return _LISTED[header_id] != 0


def may_repeat(header_id: int) -> bool:
    """Whether a message may have several fields of this name."""
    return _REPEATS[header_id] != 0


# ---- header fields -------------------------------------------------------------------------------


def field_name(name: str) -> tuple[str, int]:
    """The name of a header field, and its id, 0 for an unregistered one.

    Raises `ParseError` unless it is a token, and TypeError unless it is a str.
    """
    text = name if type(name) is str else exact_name(name, "a header field")
    return text, header_id_of(text)


def header_id_of(name: str) -> int:
    """The id of a header field's name, 0 for an unregistered one.

    Raises `ParseError` unless the name is a token.
    """
    header_id = id_of(name)
    if header_id == 0 and not chars.is_token(name):
        fit = TOKEN.match(name)
        code = "header-name-malformed" if name else "header-name-empty"
        raise parse_error(code, fit.end() if fit else 0)
    return header_id


def text_of(value: Header, name: str, header_id: int, one: bool = True) -> bytes:
    """The bytes of a value for the field of this id; if `one`, of a single value of a list.

    A URI gets the brackets that it needs in a registered field (RFC 3261 20).

    Raises `ParseError` for CR, LF, NUL, a number out of range and an unclosed quote, ValueError if
    the text would be read as other values, and TypeError for a value of another type.
    """
    text = chars.plain_octets(value) if type(value) is str else None
    if text is None:
        text = _checked_text(value, name, header_id)
    if one and not text and _LISTED[header_id]:
        raise ValueError(f"an empty value of {name} is lost when it is read")
    if _LISTED[header_id] and (0x2C in text or 0x22 in text):  # a comma, a quotation mark
        items = read_list(Text, text + b",", header_id)  # of a list, quotes are checked
        if not items or text[0] == 0x2C or text[len(text) - 1] == 0x2C:
            raise ValueError(f"an empty value of {name} is lost when it is read")
        if one and len(items) > 1:
            raise ValueError(f"the value of {name} would be read as several (RFC 3261 7.3.1)")
    return text


def _checked_text(value: Header, name: str, header_id: int) -> bytes:
    """The bytes of a value on one line, without whitespace at its ends."""
    if isinstance(value, bytes):
        text = body_bytes(value)
    elif isinstance(value, Value):
        text = bytes(value)
        if header_id and isinstance(value, URI):  # its parameters would be those of the field
            text = b"<%b>" % text
    elif isinstance(value, int):
        if not 0 <= value <= MOST_UNSIGNED:
            raise parse_error("number-out-of-range", 0, name)
        return str(value).encode() if type(value) is int else b"%d" % value
    elif isinstance(value, str):
        text = octets(value, name)
    else:
        raise TypeError(f"{name} must be str, bytes, int or a value, not {type(value).__name__}")
    _check_line(text, name)
    if text != text.strip(b" \t"):
        raise ValueError(f"whitespace around the value of {name} is lost when it is read")
    return text


def _check_line(text: bytes, name: str | None = None) -> None:
    """Raise `ParseError` for a byte that would end the line, and for NUL."""
    found = _UNWRITABLE.search(text)
    if found:
        code = "value-control" if found[0] == b"\0" else "value-line-end"
        raise parse_error(code, found.start(), name)


# ---- start lines ---------------------------------------------------------------------------------


def method_text(method: str) -> bytes:
    """A method.  Raises `ParseError` unless it is a token."""
    if not isinstance(method, str):
        raise TypeError(f"method must be str, not {type(method).__name__}")
    fit = TOKEN.match(method)
    if not fit or fit.end() < len(method):
        raise parse_error("token-malformed", fit.end() if fit else 0, "method")
    return octets(method)


def uri_text(uri: URI | str) -> bytes:
    """A Request-URI.  Raises `ParseError` if it is malformed."""
    if not isinstance(uri, (URI, str)):
        raise TypeError(f"uri must be URI or str, not {type(uri).__name__}")
    text = bytes(uri) if isinstance(uri, URI) else octets(uri, "Request-URI")
    found = _NOT_IN_URI.search(text)
    if found:
        raise parse_error("uri-character-illegal", found.start(), "Request-URI")
    try:
        URI.parse(text)
    except ParseError as error:
        raise parse_error(error.code, error.offset, "Request-URI") from None
    return text


def status_text(status: int, reason: str | None) -> bytes:
    """A status code and a reason phrase; the default is the registered phrase."""
    if not isinstance(status, int):
        raise TypeError(f"status must be int, not {type(status).__name__}")
    if not 100 <= status <= 699:
        raise parse_error("status-code-out-of-range", 0, "status")
    if reason is None:
        reason = _late.status.status(status).phrase
    phrase = octets(reason, "reason")
    _check_line(phrase, "reason")
    if phrase != phrase.strip(b" \t"):
        raise ValueError("whitespace around the reason phrase is lost when it is read")
    return b"%d %b" % (status, phrase)


def request_line(method: str, uri: URI | str) -> bytes:
    """The start line of a request (RFC 3261 7.1), without its line end."""
    return b"%b %b SIP/2.0" % (method_text(method), uri_text(uri))


_STATUS_LINES: dict[int, bytes] = {}
"""The start lines with default reason phrases that were written so far, 600 at most."""


def status_line(status: int, reason: str | None) -> bytes:
    """The start line of a response (RFC 3261 7.2), without its line end."""
    if reason is not None or type(status) is not int:
        return b"SIP/2.0 " + status_text(status, reason)
    line = _STATUS_LINES.get(status)
    if line is None:
        line = _STATUS_LINES[status] = b"SIP/2.0 " + status_text(status, None)
    return line


# ---- whole messages ------------------------------------------------------------------------------


def body_bytes(body: Any) -> bytes:
    """The bytes of any buffer; no class of the caller's has a say in them."""
    return body if type(body) is bytes else bytes(memoryview(body))


def made_request(
    method: str,
    uri: URI | str,
    fields: Sequence[Field],
    headers: Headers = (),
    body: Any = b"",
) -> Request:
    """A request that `compose` writes."""
    written = compose(request_line(method, uri), fields, headers, body)
    whole: Any = parse(written, limits=NO_LIMITS)
    request: Request = whole
    return request


def compose(start: bytes, fields: Sequence[Field], headers: Headers = (), body: Any = b"") -> bytes:
    """A message of a start line, its own `fields`, the caller's `headers` and a body.

    Content-Length is added at the end.  Raises ValueError for a field that repeats and must not,
    for one of the caller's that the message has of its own, and for a body without a Content-Type.
    """
    own = bytes([_OWN[name][0] for name, _ in fields])
    return joined(start, fields, rest_of(own, headers, body))


def joined(start: bytes, fields: Sequence[Field], rest: bytes) -> bytes:
    """A message of a start line, its own fields and what `rest_of` gave."""
    return b"\r\n".join([start, _copied(fields), rest] if fields else [start, rest])


def rest_of(own: bytes, headers: Headers, body: Any) -> bytes:
    """What follows in a message that has fields of these ids: the caller's, as `compose` says."""
    if type(headers) is tuple and not headers and type(body) is bytes and not body:
        return b"Content-Length: 0\r\n\r\n"
    body = body_bytes(body)
    lines: list[bytes] = []
    seen: list[int] = []
    for given, value in headers.items() if isinstance(headers, (dict, Mapping)) else headers:
        name = given if type(given) is str else exact_name(given, "a header field")
        header_id = header_id_of(name)
        if header_id and (header_id in own or (header_id in seen and not _REPEATS[header_id])):
            raise ValueError(f"the message has a {name} already")
        text = text_of(value, name, header_id, False)
        if header_id == CONTENT_LENGTH and text != b"%d" % len(body):
            raise ValueError("Content-Length must be the length of the body")
        if header_id not in seen:
            seen.append(header_id)
        lines.append(field_line(name, text, True))
    if body and CONTENT_TYPE not in seen and CONTENT_TYPE not in own:
        raise ValueError("a body needs a Content-Type (RFC 3261 20.15)")
    if CONTENT_LENGTH not in seen and CONTENT_LENGTH not in own:
        lines.append(field_line("Content-Length", str(len(body)).encode(), True))
    return b"".join([*lines, b"\r\n", body])


def _copied(fields: Sequence[Field]) -> bytes:
    """Header fields that were read before, as lines.  Raises `ParseError` as `text_of`."""
    lines = []
    for name, value in fields:
        _, head = _OWN[name]
        lines.append(head + (value if isinstance(value, bytes) else octets(value, name)))
    text, ends = b"\r\n".join(lines), len(lines) - 1
    if text.count(b"\r") != ends or text.count(b"\n") != ends or b"\0" in text:
        for name, value in fields:
            _check_line(value if isinstance(value, bytes) else octets(value, name), name)
    return text
