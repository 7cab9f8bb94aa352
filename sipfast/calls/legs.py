"""Legs: calls that belong together, by a value that both have or by the Call-ID of one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence

from ..capture.base import Record
from ..capture.source import Capture
from ..columns.values import Row
from ..registry.header_names import header_name
from .call import Call
from .read import message_of, read_calls

__all__ = ["read_legs"]

MOST_LEGS = 100

_HEADER = "header:"


def read_legs(
    captures: Sequence[Capture], call_ids: Iterable[str], column: str, *, most: int = MOST_LEGS
) -> dict[str, Call]:
    """The calls with these Call-IDs, and all that belong together with them, by Call-ID.

    `column` is a column of text, mostly ``header:NAME`` of the header field by which a server says
    of which call another one is a leg: both have the same value there, or one has the Call-ID of
    the other.  Legs of legs are found too, the nearest ones first, and up to `most` in all.  That
    takes one pass over the captures, and then one for the messages of the calls.
    """
    values: dict[str, dict[str, None]] = {}
    having: dict[str, dict[str, None]] = {}
    for call_id, value in _pairs(captures, column):
        values.setdefault(call_id, {})[value] = None
        having.setdefault(value, {})[call_id] = None
    # A value may be a Call-ID of which the captures have nothing.
    found: dict[str, None] = {}
    seen = 0
    waiting = deque(dict.fromkeys(call_ids))
    reached = {*waiting}
    followed: set[str] = set()
    while waiting and seen < most:
        one = waiting.popleft()
        found[one] = None
        seen += one in values
        for value in (one, *values.get(one, ())):
            if value in followed:
                continue
            followed.add(value)
            new = [other for other in (value, *having.get(value, ())) if other not in reached]
            reached.update(new)
            waiting.extend(new)
    calls = read_calls(captures, found)
    return dict(list(calls.items())[:most])


def _pairs(captures: Iterable[Capture], column: str) -> Iterator[tuple[str, str]]:
    """The Call-ID and the value of each message that has one."""
    row = Row(("call_id", column))
    may_have = _test(column)
    for capture in captures:
        for record in capture:
            if not may_have(record):
                continue
            message = message_of(0, record).message
            if message is None or message.call_id is None:
                continue
            value = row.read(message, record)[1]
            if isinstance(value, str) and value:
                yield message.call_id, value


def _test(column: str) -> Callable[[Record], bool]:
    """Whether a record may have a value of the column: most have no such header field."""
    if not column.startswith(_HEADER):
        return lambda record: True
    name = column.removeprefix(_HEADER)
    known = header_name(name)
    names = {name, *(() if known is None else (known.name, known.compact or known.name))}
    needles = [one.lower().encode() for one in names]

    def test(record: Record) -> bool:
        data = bytes(record.data).lower()
        return any(needle in data for needle in needles)

    return test
