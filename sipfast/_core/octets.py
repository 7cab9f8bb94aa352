"""Text as the bytes that it is on the wire: UTF-8, surrogate escapes as what they stand for."""

from __future__ import annotations

import re

from sipfast.errors import parse_error

__all__ = ["octets", "unwritable"]

_LONE = re.compile("[\ud800-\udc7f\udd00-\udfff]")


def octets(text: str, header: str | None = None) -> bytes:
    """The bytes of a text.

    Raises `ParseError`, with the byte, where a surrogate stands in it that is no surrogate escape
    (RFC 3629 3), and TypeError where it is no str.  `header` is the header field's name.
    """
    if not isinstance(text, str):
        raise TypeError(f"text is str, not {type(text).__name__}")
    try:
        return str.encode(text, "utf-8", "surrogateescape")
    except UnicodeEncodeError:
        before = text[: unwritable(text)].encode("utf-8", "surrogateescape")
    raise parse_error("value-surrogate", len(before), header)


def unwritable(text: str) -> int:
    """Where the first surrogate stands in a text that is no surrogate escape, or -1."""
    lone = _LONE.search(text)
    return -1 if lone is None else lone.start()
