"""What sipfast is measured against: other people's parsers, given the same messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple


class Facts(NamedTuple):
    """What a parser read in a message; None where its design cannot tell."""

    start: str | None = None
    """The method of a request, the status code of a response."""
    call_id: str | None = None
    fields: int | None = None
    """How many header fields."""
    more: Mapping[str, Any] = MappingProxyType({})
    """What else was read, by the work that it is of (`benchmarks.alike`), as plain values."""

    def agrees(self, other: Facts) -> bool:
        """Whether the two say the same wherever both can tell."""
        pairs = [
            *zip(self[:3], other[:3], strict=True),
            *((self.more[work], other.more[work]) for work in self.more.keys() & other.more),
        ]
        return all(a == b for a, b in pairs if a is not None and b is not None)


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


def agreeing(read: Iterable[Facts | None], expected: Sequence[Facts]) -> int:
    """Return how many messages were read as `expected`; None is a refused message."""
    return sum(
        facts is not None and facts.agrees(truth)
        for facts, truth in zip(read, expected, strict=True)
    )
