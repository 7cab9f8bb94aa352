"""Text as bytes on the wire: UTF-8, and surrogate escapes as the bytes that they stand for."""

from __future__ import annotations

import re

from sipfast.errors import parse_error

__all__ = ["octets", "unwritable"]

_LONE = re.compile("[\ud800-\udc7f\udd00-\udfff]")


def octets(text: str, header: str | None = None) -> bytes:
    """The bytes of a text.

    Raises `ParseError`, with the byte, for a surrogate that is not a surrogate escape (RFC 3629
    3), and TypeError unless it is a str.  `header` is the name of the header field.
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be str, not {type(text).__name__}")
    try:
        return str.encode(text, "utf-8", "surrogateescape")
    except UnicodeEncodeError:
        before = text[: unwritable(text)].encode("utf-8", "surrogateescape")
    raise parse_error("value-surrogate", len(before), header)


def unwritable(text: str) -> int:
    """The index of the first surrogate that is not a surrogate escape, or -1."""
    lone = _LONE.search(text)
    return -1 if lone is None else lone.start()
