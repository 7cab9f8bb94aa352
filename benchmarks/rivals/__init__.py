"""What sipfast is measured against: other people's parsers, given the same messages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple


class Facts(NamedTuple):
    """What a parser read in a message; None where its design cannot tell."""

    start: str | None
    """The method of a request, the status code of a response."""
    call_id: str | None
    fields: int | None
    """How many header fields."""
    typed: tuple[Any, ...] | None = None
    """What `benchmarks.typed` reads of it, as plain values."""

    def agrees(self, other: Facts) -> bool:
        """Whether the two say the same wherever both can tell."""
        return all(
            a == b for a, b in zip(self, other, strict=True) if a is not None and b is not None
        )


class Skipped(NamedTuple):
    """A rival that cannot be measured here."""

    name: str
    why: str

    def __str__(self) -> str:
        return f"SKIPPED: {self.name}: {self.why}"


class DisagreementError(Exception):
    """A rival read so much of the corpus differently that timing it would mean nothing."""


LEAST_AGREEMENT = 0.95
"""A rival that gets less of the corpus right than this does other work, and is not timed."""


def agreement(read: Iterable[Facts | None], expected: list[Facts]) -> float:
    """Return the share of messages that were read as `expected`; None is a refused message.

    Raises `DisagreementError` below `LEAST_AGREEMENT`.
    """
    right = sum(
        facts is not None and facts.agrees(truth)
        for facts, truth in zip(read, expected, strict=True)
    )
    share = right / len(expected)
    if share < LEAST_AGREEMENT:
        raise DisagreementError(f"reads only {right} of {len(expected)} messages as sipfast does")
    return share
