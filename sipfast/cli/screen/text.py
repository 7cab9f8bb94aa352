"""Text fit for a terminal: visible characters, wrapped as readers expect."""

from __future__ import annotations

import re

from rich.cells import cell_len

NO_BREAK = "\xa0"

# East Asian text has no spaces: it may break between any two characters, but no line may begin with
# a closing mark. Of the spaces, only SP and LF allow a break.
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_PIECE = re.compile(
    rf"[{_WIDE}][，。、；：！？）》」』”’]*|[^ \n{_WIDE}]+[，。、；：！？）》」』”’]*|[ \n]+"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_LETTERS = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}
_SENTENCE = re.compile(r".+?(?:\.(?=\s+[A-Z])|。|$)", re.DOTALL)


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


def wrapped(text: str, width: int) -> list[str]:
    """Break prose, English or Chinese, into lines of at most `width` cells (2 at the least).

    A longer word is broken too. A no-break space keeps its neighbours together, and becomes a
    space.
    """
    lines: list[str] = []
    line, used = "", 0
    for match in _PIECE.finditer(text):
        piece = match[0]
        if piece.isspace():
            piece = " " if line else ""
        elif used + cell_len(piece) > width:
            *full, piece = _chopped(piece, width)
            lines += [line.rstrip(), *full]
            line, used = "", 0
        line += piece
        used += cell_len(piece)
    return [line.replace(NO_BREAK, " ") for line in [*lines, line.rstrip()] if line]


def _chopped(word: str, width: int) -> list[str]:
    """A word in parts of at most `width` cells."""
    parts = [""]
    for char in word:
        if parts[-1] and cell_len(parts[-1] + char) > width:
            parts.append("")
        parts[-1] += char
    return parts


def shortened(text: str, most: int = 120) -> str:
    """The text, cut to `most` characters with ``…`` at the end if it is longer."""
    return text if len(text) <= most else text[: most - 1] + "…"


def together(text: str) -> str:
    """The text with no-break spaces: ``RFC 3261 20.42``."""
    return text.replace(" ", NO_BREAK)


def first_sentence(text: str) -> str:
    """The first sentence of an explanation, English or Chinese."""
    match = _SENTENCE.match(text)
    return match[0] if match else text


def file_size(number: int) -> str:
    """A size in bytes for people, in powers of 1000: ``789 bytes``, ``1.5 MB``."""
    if number < 1000:
        return f"{number} {'byte' if number == 1 else 'bytes'}"
    unit = 1000
    for name in ("kB", "MB", "GB"):
        if number < 999.95 * unit:
            return f"{number / unit:.1f} {name}"
        unit *= 1000
    return f"{number / unit:.1f} TB"
