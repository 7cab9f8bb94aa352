"""The rivals: other parsers, timed over the same messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple


class Facts(NamedTuple):
    """The facts that a parser read in a message; None where its design lacks one."""

    start: str | None = None
    """The method of a request, the status code of a response."""
    call_id: str | None = None
    fields: int | None = None
    """The number of header fields."""
    more: Mapping[str, Any] = MappingProxyType({})
    """Other plain values by the name of their work (`benchmarks.alike`)."""

    def agrees(self, other: Facts) -> bool:
        """Whether the two are equal wherever both have a fact."""
        pairs = [
            *zip(self[:3], other[:3], strict=True),
            *((self.more[work], other.more[work]) for work in self.more.keys() & other.more),
        ]
        return all(a == b for a, b in pairs if a is not None and b is not None)


class Skipped(NamedTuple):
    """A rival that cannot be measured here, with the reason."""

    name: str
    why: str

    def __str__(self) -> str:
        return f"SKIPPED: {self.name}: {self.why}"


class DisagreementError(Exception):
    """A rival read too much of the corpus differently for a meaningful timing."""


LEAST_AGREEMENT = 0.95
"""The minimum share of the corpus that a rival must read alike to be timed."""


def agreeing(read: Iterable[Facts | None], expected: Sequence[Facts]) -> int:
    """Return the number of messages read as `expected`; None means a refused message."""
    return sum(
        facts is not None and facts.agrees(truth)
        for facts, truth in zip(read, expected, strict=True)
    )
