"""Legs: calls that belong together, by a value that both have or by the Call-ID of one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..capture.source import Capture
from ..columns.values import Row
from .call import Call
from .read import message_of, read_calls

__all__ = ["read_legs"]

_MOST_PASSES = 4
MOST_LEGS = 100


def read_legs(
    captures: Sequence[Capture], call_ids: Iterable[str], column: str, *, most: int = MOST_LEGS
) -> dict[str, Call]:
    """The calls with these Call-IDs, and all that belong together with them, by Call-ID.

    `column` is a column of text, mostly ``header:NAME`` of the header field by which a server says
    of which call another one is a leg: both have the same value there, or one has the Call-ID of
    the other.  Legs of legs are found too, in up to 4 passes over the captures, and up to `most` in
    all.
    """
    row = Row(("call_id", column))
    found = dict.fromkeys(call_ids)
    calls = read_calls(captures, found)
    values = _values(row, calls.values())
    for _ in range(_MOST_PASSES):
        keys = {*values, *found}
        before = len(found)
        for capture in captures:
            needles = [key.encode("utf-8", "surrogateescape") for key in keys]
            for record in capture:
                data = bytes(record.data)
                if column.startswith("header:") and not any(needle in data for needle in needles):
                    continue
                message = message_of(0, record).message
                if message is None or message.call_id is None or message.call_id in found:
                    continue
                value = row.read(message, record)[1]
                if message.call_id in values or value in keys:
                    found[message.call_id] = None
                    if len(found) >= most:
                        return read_calls(captures, found)
        if len(found) == before:
            break
        calls = read_calls(captures, found)
        values |= _values(row, calls.values())
    return calls


def _values(row: Row, calls: Iterable[Call]) -> set[Any]:
    """The values of the column in some calls."""
    found = set()
    for call in calls:
        for one in call.messages:
            if one.message is not None:
                value = row.read(one.message, one.record)[1]
                if isinstance(value, str) and value:
                    found.add(value)
    return found
