"""What was seen: counts by method and status, of a whole run and of an interval."""

from __future__ import annotations

from collections import Counter

from .. import Message, ParseError, Request, Response
from ..registry.methods import METHODS

__all__ = ["OTHER", "Counts"]

OTHER = "other"
"""What stands for all unregistered methods: senders choose them, without end."""


class Counts:
    """Counts of messages.

    Attributes:
        messages: all of them.
        methods: requests by method; `OTHER` for those that are not registered.
        statuses: responses by status.
        malformed: messages that cannot be parsed.
    """

    __slots__ = ("malformed", "messages", "methods", "statuses")

    def __init__(self) -> None:
        self.messages = 0
        self.methods: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.malformed = 0

    def add(self, outcome: Message | ParseError) -> None:
        """Count a message, or the error of `parse`."""
        self.messages += 1
        if isinstance(outcome, Request):
            method = outcome.method
            self.methods[method if method in METHODS else OTHER] += 1
        elif isinstance(outcome, Response):
            self.statuses[outcome.status] += 1
        else:
            self.malformed += 1

    @property
    def requests(self) -> int:
        """The requests."""
        return self.methods.total()

    @property
    def responses(self) -> int:
        """The responses."""
        return self.statuses.total()

    @property
    def failures(self) -> int:
        """The responses that tell a failure: 4xx, 5xx and 6xx but for challenges (401, 407)."""
        return sum(
            count
            for status, count in self.statuses.items()
            if status >= 400 and status not in (401, 407)
        )
