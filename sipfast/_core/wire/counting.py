"""Counting the messages of a capture: the layer above counts them all.

The other twin counts plain messages itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["Counter"]

_ENOUGH = 1024


class Counter:
    """Counts messages.

    `other` is called with the number of each message that is not plain, and its record, of the
    class `record`.  `methods` and `agents` are rankings, and `repeats` the `Repeats` that `other`
    asks too.  Unless `defective` is None, it is called for each plain message with defects: with
    its number, the number of its packet, its offset, and what `parse` made of it.  With `clock`,
    the time that reading the messages takes is estimated.
    """

    requests = responses = without_agent = duplicates = retransmissions = measured = left_out = 0
    seconds = 0.0

    def __init__(
        self,
        other: Callable[[int, Any], None],
        defective: Callable[[int, int, int, Any], None] | None,
        parse: Callable[..., Any],
        record: Any,
        methods: Any,
        agents: Any,
        repeats: Any,
        counts_repeats: bool,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._other = other
        self._records: list[Any] = []
        self.number = 0

    def begin(self, data: Any, file: str | None, mapped: bool) -> None:
        """The source of the messages that follow: its bytes, and its name."""

    def add(self, record: Any) -> bool:
        """Take in one message as a record; whether the batch is full then."""
        self._records.append(record)
        return len(self._records) >= _ENOUGH

    def __len__(self) -> int:
        return len(self._records)

    def cut(self, rows: int) -> None:
        """Leave out the messages after so many of the batch."""
        del self._records[max(rows, 0) :]

    def take(self) -> None:
        """Count the messages of the batch."""
        records, self._records = self._records, []
        for record in records:
            self.number += 1
            self._other(self.number, record)

    def statuses(self) -> dict[int, int]:
        """The number of responses by their status code."""
        return {}
