"""The pure twin of `lines.pyx`: the lines of bytes that may be malformed.

Every part of a start line has an upper bound here, so that to ask of one place, again and again,
whether a start line begins there has a fixed cost.
"""

from __future__ import annotations

import mmap
import re

from .tokenizer import ELEMENT_END, LINE_END, SIP_SLASH, TOKEN_BYTE, pattern, skip_line_ends

__all__ = ["begins_like_sip", "is_start_line", "next_line", "outline"]

Data = bytes | mmap.mmap

_METHOD = rf"{TOKEN_BYTE}{{1,128}}"
_VERSION = rf"{SIP_SLASH} [0-9]{{1,8}} \. [0-9]{{1,8}}"
# A header field such as `Subject : on SIP/2.0` is told apart by its colon.
_START_LINE = rf"""(?:
    {_METHOD} [ \t]{{1,16}} [^ \t\r\n:] [^\r\n]{{0,4096}} [ \t] {_VERSION} [ \t]{{0,16}}
    (?= \r?\n | \Z )
    | {_VERSION} [ \t]{{1,16}} [0-9]{{1,32}} (?= [ \t\r\n] | \Z ) )"""

START_LINE = pattern(_START_LINE)
NEXT_START_LINE = pattern(rf"\n (?= {_START_LINE} )")
NEXT_LINE = pattern(rf"\n (?= \r?\n | {_START_LINE} )")
# One byte of whitespace, and then either way on: with any number of them here, a run of whitespace
# would be gone over once for each of them.
LIKE_SIP = pattern(
    rf"""[\r\n]* (?: {SIP_SLASH} | {_METHOD} [ \t]
    (?: [ \t]* <? [Ss][Ii][Pp][Ss]?: | [^\r\n]* [ \t] {SIP_SLASH} [0-9] ) )"""
)


def outline(data: bytes, most: int) -> tuple[list[tuple[int, int, int]], int]:
    """The elements of a message, well formed or not, up to `most` of them, and the body.

    Gives a list of (start, end, end of the name), where an element ends after its last line end and
    the start line, or a field without a colon, has no name; and where the body begins, or -1.
    """
    size = len(data)
    at = skip_line_ends(data)
    elements: list[tuple[int, int, int]] = []
    while at < size:
        blank = LINE_END.match(data, at)
        if blank or len(elements) >= most:
            return elements, blank.end() if blank else -1
        found = ELEMENT_END.search(data, at)
        end = found.end() if found else size
        name_end = at
        if elements:
            name, colon, _ = data[at:end].partition(b":")
            if colon:
                name_end += len(name.rstrip(b" \t"))
        elements.append((at, end, name_end))
        at = end
    return elements, -1


def is_start_line(data: Data, at: int, end: int) -> bool:
    """Whether a start line is at `data[at:end]`, in running text."""
    return START_LINE.match(data, at, end) is not None


def next_line(data: Data, at: int, end: int, blank: bool) -> int:
    """The first line of `data[at:end]` after a LF that is a start line or, if `blank`, is empty.

    Gives `end` if there is none.
    """
    lines: re.Pattern[bytes] = NEXT_LINE if blank else NEXT_START_LINE
    found = lines.search(data, at, end)
    return found.end() if found else min(end, len(data))


def begins_like_sip(data: Data, at: int, end: int) -> bool:
    """Whether `data[at:end]` begins, after line ends, with a start line, perhaps malformed."""
    return LIKE_SIP.match(data, at, end) is not None
