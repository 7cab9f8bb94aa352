"""The bytes of the header: its line ends, control characters, and text that is not UTF-8.

Nearly all headers are plain, which an engine shows in one pass over their bytes; these checks run
on the others.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import NamedTuple

from .errors import Defect, defect

__all__ = ["Part", "faults_in", "is_plain", "line_ends"]

_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MARK = re.compile(rb'[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\\"()]')
_LF = re.compile(rb"(?<!\r)\n")
_CR_LF = re.compile(rb"\r\n")


class Part(NamedTuple):
    """The Request-URI, the reason phrase or the value of a header field."""

    name: str
    at: int
    """Where it begins."""
    text: bytes
    pairs_at: int
    """Where quoted strings and comments may begin in the text; -1 if its grammar has none.

    A quoted pair in them may hold a control character (RFC 3261 25.1); in other text it is text.
    """


def is_plain(head: bytes) -> bool:
    """Whether a header has neither control characters nor text other than UTF-8."""
    return not _CONTROL.search(head) and _not_utf8(head) < 0


def faults_in(parts: list[Part], errors: list[int]) -> list[Defect]:
    """The first fault of each kind in each part; `errors` are the sorted places of other errors.

    A control character is not reported in a part with an error before it, or at it: that one says
    where reading failed.
    """
    found: list[Defect] = []
    for name, at, text, pairs_at in parts:
        control = _control_in(text, pairs_at)
        if control >= 0 and bisect_right(errors, at + control) == bisect_left(errors, at):
            found.append(defect("value-control", at + control, name))
        encoding = _not_utf8(text)
        if encoding >= 0:
            found.append(defect("text-encoding-malformed", at + encoding, name))
    return found


def _control_in(raw: bytes, pairs_at: int) -> int:
    """The first control character outside of quoted pairs, or -1."""
    control = _CONTROL.search(raw)
    if control is None or not 0 <= pairs_at <= control.start():
        return control.start() if control else -1
    at, depth = pairs_at, 0
    is_quoted = False
    mark = _MARK.search(raw, at)
    while mark is not None:
        at, byte = mark.end(), mark.group()
        if byte == b"\\":
            at += is_quoted or depth > 0
        elif byte == b'"':
            is_quoted = is_quoted != (depth == 0)
        elif byte == b"(":
            depth += not is_quoted
        elif byte == b")":
            depth -= depth > 0 and not is_quoted
        else:
            return mark.start()
        mark = _MARK.search(raw, at)
    return -1


def _not_utf8(text: bytes) -> int:
    """The first byte that is not UTF-8, or -1."""
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return -1


def line_ends(head: bytes, start: int) -> list[Defect]:
    """The fault of line ends other than CR LF (RFC 3261 7); folds and the blank line count.

    `head` is the header, which begins at `start`.
    """
    first = head.find(b"\n")
    if first < 0:
        return []
    is_crlf = head[first - 1 : first] == b"\r"
    other = (_LF if is_crlf else _CR_LF).search(head, first + 1)
    if other:
        return [defect("line-ends-mixed", start + other.start())]
    return [] if is_crlf else [defect("line-ends-lf", start + first)]
