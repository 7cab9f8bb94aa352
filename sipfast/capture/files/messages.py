"""SIP messages one after another in a file, with CRLF or LF, with or without blank lines between.

Where a message ends:

- With a Content-Length that leads to the end of the file or to a start line (line ends in between
  do not count): there.
- A text whose carriage returns were dropped is shorter than its Content-Length by the number of
  line ends in the body. Where the stated length leads nowhere, but would lead to a start line or to
  the end of the file if each line end counted for two bytes: there. The payload is what the file
  holds, so that its message has the defect "body-too-short".
- Where it leads neither way: if no line before that place looks like a start line, there, and what
  follows up to the next start line is handed on as a piece of its own. Otherwise the length is
  wrong, and the message ends before that line, so that the next one is not lost.
- Without Content-Length, or where the header fields cannot be taken apart: before the next line
  that looks like a start line, or at the end of the file. Blank lines before it do not belong to
  the message.

A file may begin with what is no start line: a broken message, or a few words about the messages
that follow. That is a piece of its own too, up to the next start line.

So every byte but the line ends between messages is handed on once, and what is broken is there for
`sipfast.parse` to report. The cost is linear in the size of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ... import Limits, ParseError, parse
from ...registry.methods import METHODS
from ..base import Data, Datagram, Tally
from ..recognise import begins_like_sip, is_start_line, next_line

_TEXT = re.compile(rb"[^\r\n]")

_LONGEST_METHOD = max(map(len, METHODS))
_METHOD = rb"(?:" + "|".join(METHODS).encode() + rb")"
_KNOWN_METHOD = re.compile(_METHOD + rb"[ \t]")

# A request that lost all of its start line but the method.
_METHOD_ALONE = re.compile(_METHOD + rb"[ \t]*\r?\n[-A-Za-z]{1,64}[ \t]{0,16}:")

# So far into a file that begins as something else, a start line still makes it one of messages.
_PREFACE = 65_536

# A line in a body may look like a start line (message/sipfrag): so many places are tried as the
# end of a text whose carriage returns were dropped.
_CANDIDATES = 4

# A longer body is not a text that lost its carriage returns.
_LONGEST = Limits().size

# No start line is longer.
_LONGEST_START = 5_000

# After so many line ends, any byte begins a line, and none is looked at.
_MANY_LINE_ENDS = 16

_CHUNK = 4096


def recognises(data: Data) -> bool:
    """Whether `data` is a file of messages, the first of which may be broken.

    It is when it begins, after any line ends, with a start line, with what is handed on as SIP when
    it comes in a datagram (`why_not_sip`), or with a method alone above a header field. So is a
    text with a start line at the beginning of a line within its first 64 KiB, and no NUL before it.
    """
    start = _after_line_ends(data, 0)
    return (
        is_start_line(data, start, len(data))
        or begins_like_sip(data, start, min(len(data), start + _PREFACE))
        or _METHOD_ALONE.match(data, start) is not None
        or _has_preface(data)
    )


def _has_preface(data: Data) -> bool:
    end = min(len(data), _PREFACE)
    found = next_line(data, 0, end, False)
    return found < end and data.find(b"\0", 0, found) < 0


def datagrams(data: Data, tally: Tally) -> Iterator[Datagram]:
    view = memoryview(data)
    size = len(data)
    position = _after_line_ends(data, 0)
    index = 0
    while position < size:
        end = _message_end(data, view, position)
        index += 1
        tally.position = end
        yield Datagram(view[position:end], position, index)
        position = _after_line_ends(data, end)
    tally.position = size


def _message_end(data: Data, view: memoryview, start: int) -> int:
    """Where the message or the broken piece ends that begins at `start`."""
    if not is_start_line(data, start, len(data)):
        return _trimmed(data, start, _next_start(data, start))
    # The blank line after the header fields or, if that is missing, the next start line.
    head_end = next_line(data, start, len(data), True)
    line_end = data[head_end : head_end + 1]
    if line_end not in (b"\r", b"\n"):
        return _trimmed(data, start, head_end)
    body = head_end + (2 if line_end == b"\r" else 1)
    length = _content_length(view[start:body])
    if length is None:
        return _trimmed(data, body, _next_start(data, body - 1))
    stated = body + length
    if stated <= len(data) and _leads_on(data, body, stated):
        return stated
    if line_end == b"\n" and length <= _LONGEST:
        shortened = _shortened(data, body, length)
        if shortened is not None:
            return shortened
    return min(stated, _next_start(data, body - 1))


def _leads_on(data: Data, body: int, place: int) -> bool:
    """Whether a message that ends at `place` is followed by another, or by the end of the file."""
    between = data[place : place + _MANY_LINE_ENDS]
    at = place + len(between) - len(between.lstrip(b"\r\n"))
    if at - place < _MANY_LINE_ENDS and at < len(data) and not is_start_line(data, at, len(data)):
        return False
    # After a body without a line end, the next message begins in the middle of a line. But `E sip:`
    # is not where it begins if what stands before it is `BY`, and the length is wrong by two.
    line = data.rfind(b"\n", max(body - 1, place - _LONGEST_METHOD - 1), place) + 1
    if line in (0, place) or _KNOWN_METHOD.match(data, line) is None:
        return True
    return not is_start_line(data, line, len(data))


def _content_length(head: memoryview) -> int | None:
    try:
        return parse(head).content_length
    except ParseError:
        return None


def _shortened(data: Data, body: int, length: int) -> int | None:
    """Where a body ends that had `length` bytes when its line ends were CRLF; None if nowhere."""
    # A start line past the stated length does not matter; to look for one there, message after
    # message, would go over the same bytes again and again.
    furthest = body + length
    limit = body - 1
    for _ in range(_CANDIDATES):
        limit = _next_start(data, limit, furthest + _LONGEST_START)
        if limit > furthest:
            break
    end = body
    for line in data[body : min(limit, furthest)].splitlines(keepends=True):
        on_wire = len(line) + line.endswith(b"\n")
        if on_wire > length:
            break
        length -= on_wire
        end += len(line)
    end += length
    return end if end <= limit and _leads_on(data, body, end) else None


def _next_start(data: Data, position: int, end: int | None = None) -> int:
    """Where the next start line begins; `end` or the end of the data if there is none before."""
    return next_line(data, position, len(data) if end is None else end, False)


def _after_line_ends(data: Data, position: int) -> int:
    found = _TEXT.search(data, position)
    return len(data) if found is None else found.start()


def _trimmed(data: Data, start: int, end: int) -> int:
    """The end of `data[start:end]` without the blank lines at its end, but with its line end."""
    kept = _without_line_ends(data, start, end)
    if kept > start:
        kept += (data[kept : kept + 2] == b"\r\n") + 1
    return min(kept, end)


def _without_line_ends(data: Data, start: int, end: int) -> int:
    while end > start:
        chunk = data[max(start, end - _CHUNK) : end]
        text = chunk.rstrip(b"\r\n")
        end -= len(chunk) - len(text)
        if text:
            break
    return end
