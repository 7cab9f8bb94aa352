"""The text of a message in a log: its end, and the line ends and layout that the log changed.

A stated length and a Content-Length count the bytes of the wire. Where the log dropped the CRs,
each line end counts for two. All costs are linear in the text that a message takes from the log.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..recognise import is_start_line, next_line
from .formats import Format

__all__ = [
    "BLANK_LINE",
    "CONTENT_LENGTH",
    "Framed",
    "end_mark",
    "frame",
    "frame_read",
    "past_line_ends",
    "unwrapped",
    "wire_length",
    "with_crlf",
]

BLANK_LINE = re.compile(rb"\r?\n\r?\n")
CONTENT_LENGTH = re.compile(rb"\n(?i:Content-Length|l)[ \t]*:[ \t]*(\d{1,9})[ \t]*(?=[\r\n])")
_CONTENT_TYPE = re.compile(rb"\n(?i:Content-Type|c)[ \t]*:")
_NOT_LINE_END = re.compile(rb"[^\r\n]")
_LF = 10
# More line ends than this are not looked at in search of what is after them.
_MANY = 64
# So far beyond a header line is looked for the end of a text without its CRs, which costs more.
_FURTHEST_WITHOUT_CRS = 16 * 1024
_BARE_LF = re.compile(rb"(?<!\r)\n")


class Framed(NamedTuple):
    """Where a text ends, whether the log dropped its CRs, and what is missing at its end."""

    end: int
    without_crs: bool
    is_cut: bool = False
    has_blank_line: bool = True


def frame(
    data: bytes, start: int, limit: int, furthest: int, stated: int | None, format: Format
) -> Framed:
    """The end of the text at `data[start:limit]`.

    `limit` is where the next header line begins, or the data end. Tried in this order:

    - the stated length and the Content-Length where both lead to the same place, the stated length,
      the Content-Length: one that leads to a mark of the end, a blank line, a message, or `limit`;
    - the mark of the end;
    - the same lengths, if they lead to the end of a line;
    - a blank line after the text, and `limit`.

    A body may quote a log. So a length that leads beyond `limit`, as far as `furthest`, is right
    too, if a mark of the end, or a header line of this format, is there.
    """
    blank = next_line(data, start, limit, True)
    line_end = 2 if data.startswith(b"\r\n", blank) else 1
    head_end = blank + line_end
    if head_end > limit or data[head_end - 1] != _LF:
        return _without_header_end(data, start, blank, limit, stated, format)
    found = CONTENT_LENGTH.search(data, start, head_end)
    length = int(found[1]) if found else None
    guesses = _guesses(data.find(b"\r\n", start, head_end) < 0)
    wholes, bodies = [], []
    for drops in guesses:
        far = min(furthest, limit + _FURTHEST_WITHOUT_CRS) if drops else furthest
        whole = None if stated is None else _place(data, start, stated, far, drops)
        body_end = None if length is None else _place(data, head_end, length, far, drops)
        if whole is not None and body_end is not None:
            if whole == body_end and _ends(data, whole, limit, format):
                return Framed(whole, drops)
            after = past_line_ends(data, body_end, body_end + _MANY)
            if body_end < whole <= limit and is_start_line(data, after, limit):
                return Framed(body_end, drops)
        wholes.append(_Place(whole, drops))
        bodies.append(_Place(body_end, drops))
    both = [whole for whole in wholes if whole.end is not None and whole in bodies]
    candidates = [place for places in (both, wholes, bodies) for place in places]
    mark = -1
    for is_end in (_ends, _goes_on):
        for end, drops in candidates:
            if end is not None and is_end(data, end, limit, format):
                is_cut = stated is not None and wire_length(data, start, end, drops) < stated
                return Framed(end, drops, is_cut)
        mark = end_mark(data, head_end, limit, format)
        if mark >= 0:
            break
    drops = guesses[0]
    if mark >= 0:
        is_cut = stated is not None and wire_length(data, start, mark, drops) < stated
        return Framed(mark, drops, is_cut)
    if length is None and stated is None and not _CONTENT_TYPE.search(data, start, head_end):
        return Framed(head_end, drops)
    next_blank = BLANK_LINE.search(data, head_end, limit)
    end = _trimmed(data, head_end, next_blank.start() if next_blank else limit)
    wanted = stated
    if wanted is None and length is not None:
        wanted = wire_length(data, start, head_end, drops) + length
    is_cut = wanted is not None and wire_length(data, start, end, drops) < wanted
    return Framed(end, drops, is_cut)


class _Place(NamedTuple):
    """Where a text may end, if the log dropped its CRs or not."""

    end: int | None
    drops: bool


def _guesses(without_crs: bool) -> tuple[bool, ...]:
    """Whether the log dropped the CRs, the likelier answer first: few senders write LF alone."""
    return (True, False) if without_crs else (False,)


def _without_header_end(
    data: bytes, start: int, next_start: int, limit: int, stated: int | None, format: Format
) -> Framed:
    """A text without a blank line: cut, or a log that leaves out the blank line at the end."""
    end = end_mark(data, start, next_start, format)
    has_mark = end >= 0
    end = _trimmed(data, start, end if has_mark else next_start)
    drops = data.find(b"\r\n", start, end) < 0
    found = CONTENT_LENGTH.search(data, start, end + 1)
    if stated is not None:
        is_cut = wire_length(data, start, end, drops) + len(b"\r\n\r\n") < stated
    elif found:
        is_cut = int(found[1]) > 0
    else:
        is_cut = not has_mark
    return Framed(end, drops, is_cut, False)


def frame_read(data: bytes, start: int, limit: int, stated: int | None, format: Format) -> Framed:
    """The end of a text that is what was read of a stream at once, a part of a message or several.

    Its stated length ends it, or the mark of the end, or `limit`.
    """
    without_crs = data.find(b"\r\n", start, limit) < 0
    for drops in _guesses(without_crs):
        place = None if stated is None else _place(data, start, stated, limit, drops)
        if place is not None and any(
            is_end(data, place, limit, format) for is_end in (_ends, _goes_on)
        ):
            return Framed(place, drops)
    end = end_mark(data, start, limit, format)
    if end < 0:
        end = _trimmed(data, start, limit)
    return Framed(end, without_crs)


def _place(data: bytes, start: int, length: int, limit: int, drops: bool) -> int | None:
    """Where `length` bytes of the wire end; None beyond `limit`, or in the middle of a line end."""
    if not drops:
        return start + length if start + length <= limit else None
    end, rest = start, length
    while rest > 1:
        # Few bytes are line ends, so that two or three steps suffice.
        step = max(rest - data.count(b"\n", end, min(end + rest, limit)), (rest + 1) // 2)
        if end + step > limit:
            step = limit - end
            if step <= 0:
                return None
        rest -= step + data.count(b"\n", end, end + step)
        end += step
    if rest == 1 and end < limit and data[end] != _LF:
        return end + 1
    return end if rest == 0 else None


def wire_length(data: bytes, start: int, end: int, drops: bool) -> int:
    """How many bytes `data[start:end]` had on the wire."""
    return end - start + (data.count(b"\n", start, end) if drops else 0)


def _ends(data: bytes, place: int, limit: int, format: Format) -> bool:
    """Whether the text ends at `place`: at a mark, at `limit`, at a blank line, or a message."""
    after = past_line_ends(data, place, place + _MANY)
    for mark in format.ends:
        # The line end of a mark may be that of the text.
        if data.startswith((mark, mark.lstrip(b"\n")), place) or (
            data.startswith(mark, after - 1) and mark[0] == _LF
        ):
            return True
        if data.endswith(mark.rstrip(b"\n"), 0, _trimmed(data, place - _MANY, place)):
            return False
    if place > limit:
        return after == len(data) or format.match(data, after) is not None
    return (
        after >= limit
        or data.startswith((b"\n\n", b"\r\n\r\n"), place)
        or (data[place] in b"\r\n" and data[place - 1] == _LF)
        or is_start_line(data, place, limit)
    )


def _goes_on(data: bytes, place: int, limit: int, format: Format) -> bool:
    """Whether the log may go on at `place`, with a line."""
    return place < limit and (data[place] in b"\r\n" or data[place - 1] == _LF)


def past_line_ends(data: bytes, start: int, end: int | None = None) -> int:
    """The first byte of `data[start:end]` that is no line end; its end if there is none."""
    stop = len(data) if end is None else min(end, len(data))
    found = _NOT_LINE_END.search(data, start, stop)
    return stop if found is None else found.start()


def end_mark(data: bytes, start: int, limit: int, format: Format) -> int:
    """Where the first mark of the end is, or -1."""
    found = -1
    for end in format.ends:
        at = data.find(end, start, limit if found < 0 else min(limit, found + len(end)))
        if at >= 0 and (found < 0 or at < found):
            found = at
    return found


def _trimmed(data: bytes, start: int, end: int) -> int:
    """The end of `data[start:end]` without the line ends at its end."""
    start = max(start, 0)
    return start + len(data[start:end].rstrip(b"\r\n"))


def with_crlf(text: bytes) -> bytes:
    """`text` with CRLF as its line ends."""
    return _BARE_LF.sub(b"\r\n", text) if b"\r" in text else text.replace(b"\n", b"\r\n")


# The layouts.

_DIGITS = re.compile(rb" +|\d+")
_LONGEST_PREFIX = 200
_SHAPES: dict[tuple[bytes, int], re.Pattern[bytes]] = {}
_MOST_SHAPES = 64

_LINE_ENDS = (b"#012", b"#015")
_ESCAPES = ((b"#012", b"\n"), (b"#015", b"\r"), (b"#011", b"\t"))
_SPACES_ALONE = re.compile(rb"\n[ \t]+(?=\r?\n)")
_INDENT = re.compile(rb"(?m)^   ")
_DOT_AT_END = re.compile(rb"\.(?=\n|\Z)")
_BLANK_AFTER_DOTS = re.compile(rb"\n\r?\n")


def _shape(text: bytes) -> bytes:
    """`text` with one byte for each number, and another for spaces."""
    return _DIGITS.sub(lambda found: b"\0" if found[0].isdigit() else b"\1", text)


def _prefix_of(before: bytes, data: bytes, start: int, limit: int) -> re.Pattern[bytes] | None:
    """The beginning of the lines of a message, if it is as that of its header line.

    Numbers, such as those of a time, may differ.
    """
    stripped = before.rstrip(b" ")
    if not stripped or len(before) > _LONGEST_PREFIX or start >= limit:
        return None
    if data[start] != before[0] and not (b"%c" % before[0]).isdigit():
        return None
    shape = _shape(stripped)
    spaces = len(before) - len(stripped)
    pattern = _SHAPES.get((shape, spaces))
    if pattern is None:
        if not _shape(data[start : min(limit, start + 2 * len(before))]).startswith(shape):
            return None
        if len(_SHAPES) >= _MOST_SHAPES:
            _SHAPES.clear()
        text = re.escape(shape).replace(b"\0", rb"\d{1,20}").replace(b"\1", b" {1,20}")
        # What is empty may have lost its last spaces; what is folded has its own.
        text += b"(?: {%d}|(?=\r?$))" % spaces
        pattern = _SHAPES[shape, spaces] = re.compile(rb"(?m)^" + text)
    return pattern if pattern.match(data, start, limit) else None


class Unwrapped(NamedTuple):
    """A text without its layout, and where it ends in the log."""

    data: bytes
    end: int


def unwrapped(
    data: bytes, start: int, limit: int, before: bytes, format: Format
) -> Unwrapped | None:
    """The text at `start` without its layout; None if it has none."""
    text = None
    # A message may take several datagrams of syslog, and so several lines.
    is_escaped = data.startswith(_LINE_ENDS, start)
    end = data.find(b"\n", start, limit) + 1 or limit if is_escaped else start
    prefix = _prefix_of(before, data, end, limit) if before else None
    if prefix is not None:
        end = _prefixed_end(data, end, limit, prefix)
        text = prefix.sub(b"", data[start:end])
    if is_escaped:
        text = (
            (data[start:end] if text is None else text).replace(b"\r\n", b"\n").replace(b"\n", b"")
        )
        for escape, byte in _ESCAPES:
            text = text.replace(escape, byte)
        text = _SPACES_ALONE.sub(b"\n", text)
    if format.layout == "dotted":
        blank = _BLANK_AFTER_DOTS.search(data, start, limit)
        end = limit if blank is None else blank.start() + 1
        return Unwrapped(_undotted(data[start:end].replace(b"\r\n", b"\n")), end)
    if format.layout == "indented" and (text or data[start : start + 3]).startswith(b"   "):
        if text is None:
            mark = end_mark(data, start, limit, format)
            end = limit if mark < 0 else data.find(b"\n", mark + 1, limit) + 1 or limit
            text = data[start:end]
        text = _INDENT.sub(b"", text)
    return None if text is None else Unwrapped(text, end)


def _prefixed_end(data: bytes, start: int, limit: int, prefix: re.Pattern[bytes]) -> int:
    """The end of the lines that begin with `prefix`."""
    end = start
    while end < limit and prefix.match(data, end):
        end = data.find(b"\n", end, limit) + 1 or limit
    return end


def _undotted(text: bytes) -> bytes:
    """What ngrep shows: lines as they were, with CR as a dot; or wrapped, with CRLF as dots."""
    if not text.startswith(b"  "):
        return _DOT_AT_END.sub(b"\r", text) if b".\n" in text else text
    joined = text[2:].rstrip(b"\n").replace(b"\n  ", b"")
    return joined.replace(b"..", b"\r\n")
