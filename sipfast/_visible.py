"""Text fit to be shown: escapes for invisible characters and undecodable bytes, and less of it."""

from __future__ import annotations

import re

__all__ = ["escape", "first_sentence", "portable", "shortened", "visible"]

_SURROGATE = re.compile("[\ud800-\udfff]")
_SENTENCE = re.compile(r".+?(?:\.(?=\s+[A-Z])|。|$)", re.DOTALL)
_LETTERS = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}


def visible(text: str) -> str:
    r"""Escape invisible characters as ``\x1b`` or ``\u202e``, and undecodable bytes as ``\xff``.

    That covers control characters, marks of writing direction, other characters without a width,
    spaces other than SP, and lone surrogates.
    """
    if text.isprintable():
        return text
    return "".join([char if char.isprintable() else escape(char) for char in text])


def portable(text: str) -> str:
    r"""The text with ``\xff`` for a byte of invalid UTF-8: many programs refuse surrogates."""
    if text.isascii() or not _SURROGATE.search(text):
        return text
    return _SURROGATE.sub(lambda found: escape(found[0]), text)


def escape(char: str) -> str:
    """The escape of one character; a surrogate escape is written as its byte."""
    if char in _LETTERS:
        return _LETTERS[char]
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def shortened(text: str, most: int = 120) -> str:
    """The text, cut to `most` characters with ``…`` at the end if it is longer."""
    return text if len(text) <= most else text[: most - 1] + "…"


def first_sentence(text: str) -> str:
    """The first sentence of an explanation, English or Chinese."""
    match = _SENTENCE.match(text)
    return match[0] if match else text
