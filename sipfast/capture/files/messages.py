"""Concatenated SIP messages in a file, with CRLF or LF, with or without blank lines between.

The end of a message is:

- With a Content-Length that leads to the end of the file or, after any line ends, to a start line:
  that place.
- A text without its carriage returns is shorter than its Content-Length by the number of line ends
  in the body. If the stated length leads nowhere, but would lead to a start line or to the end of
  the file with two bytes for each line end: that place. The payload has the bytes of the file, so
  its message has the defect "body-too-short".
- With any other Content-Length: the stated place if no start line comes before it; the bytes from
  there up to the next start line are a payload of their own. Otherwise the place before that start
  line, because the length is wrong.
- Without Content-Length, or with malformed header fields: the place before the next start line and
  the blank lines before it, or the end of the file.

A file may begin with a malformed message, or with a few words about the messages. These bytes, up
to the first start line, are a payload too.

So every byte but the line ends between messages, and a byte order mark, is in one payload, and
`sipfast.parse` reports the malformed ones. The cost is linear in the size of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ... import Limits, ParseError, parse
from ..._engine import ENGINE
from ...registry.methods import METHODS
from ..base import Data, Record, Tally
from ..recognise import begin_of_text, begins_like_sip, is_start_line, next_line

_RUNS = ENGINE.module("wire.runs")

_TEXT = re.compile(rb"[^\r\n]")

_LONGEST_METHOD = max(map(len, METHODS))
_METHOD = rb"(?:" + "|".join(METHODS).encode() + rb")"
_KNOWN_METHOD = re.compile(_METHOD + rb"[ \t]")

# A request whose start line is cut to the method.
_METHOD_ALONE = re.compile(_METHOD + rb"[ \t]*\r?\n[-A-Za-z]{1,64}[ \t]{0,16}:")

# A start line within so many bytes makes any text a file of messages.
_PREFACE = 65_536

# A line in a body may look like a start line (message/sipfrag): so many places are tried as the end
# of a text without its carriage returns.
_CANDIDATES = 4

# A longer body is no such text.
_LONGEST = Limits().size

# No start line is longer.
_LONGEST_START = 5_000

# After so many line ends, any byte begins a line, and none is looked at.
_MANY_LINE_ENDS = 16

_CHUNK = 4096


def recognises(data: Data) -> bool:
    """Whether `data` is a file of messages, the first of which may be malformed.

    It begins, after any line ends, with a start line, with a payload that `why_not_sip` accepts, or
    with a method alone above a header field; or it has a start line at the beginning of a line
    within its first 64 KiB, without a NUL before it.
    """
    start = _after_line_ends(data, begin_of_text(data))
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


def datagrams(data: Data, tally: Tally) -> Iterator[Record]:
    view = memoryview(data)
    size = len(data)
    position = _after_line_ends(data, begin_of_text(data))
    index = 0
    while position < size:
        end = _message_end(data, view, position)
        index += 1
        tally.position = end
        yield Record(view[position:end], position, index, file=tally.file)
        position = _after_line_ends(data, end)
    tally.position = size


def feed(data: Data, tally: Tally, builder: Any) -> Iterator[None]:
    """Hand the same messages to a builder of columns that C can feed; stops whenever it is full."""
    view = memoryview(data)
    size = len(data)
    run = _RUNS.Run(data)
    position = _after_line_ends(data, begin_of_text(data))
    index = 0
    while position < size:
        is_full = run.feed(builder, position, index)
        position, index = run.position, run.number
        tally.position = position
        if not is_full and position < size:
            end = _message_end(data, view, position)
            index += 1
            tally.position = end
            is_full = builder.add(Record(view[position:end], position, index, file=tally.file))
            position = _after_line_ends(data, end)
        if is_full:
            yield
    tally.position = size


def _message_end(data: Data, view: memoryview, start: int) -> int:
    """The end of the message or other payload at `start`."""
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
    """Whether another message, or the end of the file, follows a message that ends at `place`."""
    between = data[place : place + _MANY_LINE_ENDS]
    at = place + len(between) - len(between.lstrip(b"\r\n"))
    if at - place < _MANY_LINE_ENDS and at < len(data) and not is_start_line(data, at, len(data)):
        return False
    # After a body without a line end, the next message begins in the middle of a line. But `E sip:`
    # after `BY` is no beginning: the length is wrong by two.
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
    """The end of a body that had `length` bytes with CRLF line ends; None without such a place."""
    # A start line beyond the stated length has no effect; a search there, for each message, would
    # scan the same bytes again and again.
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
