"""The messages of dialogs, read from their packets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ....calls import Call, CallMessage
from ....calls.read import message_of
from .columns import Row
from .store import Store, as_scanned

__all__ = ["MOST", "Found", "call_of", "found_in"]

MOST = 5000
"""The messages of a ladder."""


class Found(NamedTuple):
    """A message, and the path of its file."""

    path: str
    message: CallMessage


def found_in(
    store: Store, rows: Sequence[Row], is_wanted: Callable[[], bool], most: int | None = None
) -> Iterator[Found]:
    """The messages of dialogs in the order of their files; of each, at most so many."""
    wanted = {row.call_id for row in rows}
    has_nameless = None in wanted
    for file, packets in store.packets([row.id for row in rows], most).items():
        capture = store.captures[file]
        for number, record in capture.find(packets=packets):
            if not is_wanted():
                return
            message = message_of(number, record)
            # A packet may have messages of several dialogs.
            if _name(message) in wanted or (has_nameless and message.fault is not None):
                yield Found(capture.file or "", message)


def _name(message: CallMessage) -> str | None:
    name = None if message.message is None else message.message.call_id
    return None if name is None else as_scanned(name)


def call_of(store: Store, rows: Sequence[Row], is_wanted: Callable[[], bool]) -> Call:
    """Dialogs as one call, of at most `MOST` messages."""
    found: list[CallMessage] = []
    for one in found_in(store, rows, is_wanted, MOST):
        if len(found) == MOST:
            break
        found.append(one.message)
    names = tuple([row.call_id or "" for row in rows])
    left_out = sum(row.messages for row in rows) - len(found)
    call = Call(names[0], found, left_out=left_out)
    call.call_ids = names
    return call
