"""From datagrams to figures: what `sipfast stats` shows, without the showing.

Memory is bounded whatever the file holds: status codes and faults are a closed set; names that a
sender makes up (methods, user agents) go into a `Ranking`; of what cannot be parsed only the first
few are kept one by one.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import NamedTuple

from .... import Message, ParseError, Request, Response, parse
from ....capture import Datagram
from ...screen.text import shortened

__all__ = ["DefectCount", "Place", "Ranking", "Stats", "Unparsable", "gather", "total"]

_BATCH = 256

Outcome = Request | Response | ParseError


class Place(NamedTuple):
    """Where something lies: `message` and `packet` from 1, `offset` in bytes of the file."""

    file: str
    message: int
    packet: int
    offset: int


class Unparsable(NamedTuple):
    """A message that cannot be taken apart; `byte` is where it fails, from its own start."""

    place: Place
    code: str
    text: str
    rfc: str
    byte: int


@dataclass(frozen=True)
class DefectCount:
    """How often one defect was met, and where first."""

    code: str
    header: str | None
    text: str
    rfc: str
    count: int
    first: Place


class Ranking:
    """How often each name was seen, in bounded memory.

    At most `most` names of at most `length` characters are kept; longer ones are cut and end in
    ``…``.  When there are more, the rarer half is dropped.  A name that was dropped and is met
    again counts from nothing, so that any count may be too low, by `shortfall` at the most, but
    never too high.
    """

    __slots__ = ("_counts", "_length", "_most", "shortfall")

    def __init__(self, most: int = 4096, length: int = 120) -> None:
        self._counts: Counter[str] = Counter()
        self._most = most
        self._length = length
        self.shortfall = 0

    def add(self, name: str, times: int = 1) -> None:
        """Count a name."""
        self._counts[shortened(name, self._length)] += times
        if len(self._counts) > self._most:
            ordered = self._counts.most_common()
            kept = len(ordered) // 2
            self.shortfall += ordered[kept][1]
            self._counts = Counter(dict(ordered[:kept]))

    def merge(self, other: Ranking) -> None:
        """Count all that `other` has counted."""
        for name, times in other._counts.items():
            self.add(name, times)
        self.shortfall += other.shortfall

    def ordered(self) -> tuple[tuple[str, int], ...]:
        """All names kept with their counts: the most frequent first, equals by name."""
        return tuple(sorted(self._counts.items(), key=lambda item: (-item[1], item[0])))


@dataclass(frozen=True)
class Stats:
    """What was found in a row of datagrams."""

    requests: int
    responses: int
    methods: Ranking
    statuses: dict[int, int]
    """Responses by status code, in ascending order."""
    agents: Ranking
    """User-Agent of requests and Server of responses."""
    without_agent: int
    """Messages that have none, or an empty one."""
    defective: int
    """Messages with at least one defect."""
    defects: tuple[DefectCount, ...]
    """The most frequent first."""
    faults: dict[str, int]
    """Messages that cannot be taken apart by `ParseError.code`, the most frequent first."""
    unparsable: tuple[Unparsable, ...]
    """The first of them, in their order."""
    parse_seconds: float
    """Spent in `sipfast.parse` alone."""
    seconds: float
    """Spent on all of it: reading the file, parsing, looking for defects, counting."""

    @property
    def messages(self) -> int:
        """Messages that were taken apart."""
        return self.requests + self.responses

    @property
    def unparsed(self) -> int:
        """Messages that cannot be taken apart."""
        return sum(self.faults.values())

    @property
    def status_classes(self) -> dict[int, int]:
        """Responses by the first digit of their status code."""
        classes: Counter[int] = Counter()
        for code, count in self.statuses.items():
            classes[code // 100] += count
        return dict(sorted(classes.items()))


def gather(
    datagrams: Iterable[Datagram],
    *,
    file: str = "",
    errors: int = 10,
    clock: Callable[[], float] = time.perf_counter,
) -> Stats:
    """Parse and count `datagrams`; keep the first `errors` of those that cannot be parsed.

    `file` goes into each `Place`; `clock` gives seconds.
    """
    count = _Count(file, errors)
    begun = clock()
    for batch in _batches(datagrams):
        parse_begun = clock()
        outcomes = _parsed(batch)
        count.parse_seconds += clock() - parse_begun
        for datagram, outcome in zip(batch, outcomes, strict=True):
            count.add(datagram, outcome)
    count.seconds = clock() - begun
    return count.stats()


def total(parts: Sequence[Stats], *, errors: int = 10) -> Stats:
    """Add up what was gathered from several files."""
    count = _Count("", errors)
    for part in parts:
        count.merge(part)
    return count.stats()


def _batches(datagrams: Iterable[Datagram]) -> Iterator[list[Datagram]]:
    # So that the clock is read twice per batch, not per message, and parsing is timed by itself.
    source = iter(datagrams)
    while batch := list(islice(source, _BATCH)):
        yield batch


def _parsed(batch: Iterable[Datagram]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for datagram in batch:
        try:
            outcomes.append(parse(datagram.payload))
        except ParseError as error:
            outcomes.append(error)
    return outcomes


class _Count:
    """The running sums behind a `Stats`."""

    def __init__(self, file: str, errors: int) -> None:
        self.file = file
        self.errors = errors
        self.number = 0
        self.requests = 0
        self.responses = 0
        self.methods = Ranking(length=40)
        self.statuses: Counter[int] = Counter()
        self.agents = Ranking()
        self.without_agent = 0
        self.defective = 0
        self.defects: dict[tuple[str, str | None], DefectCount] = {}
        self.faults: Counter[str] = Counter()
        self.unparsable: list[Unparsable] = []
        self.parse_seconds = 0.0
        self.seconds = 0.0

    def add(self, datagram: Datagram, outcome: Outcome) -> None:
        self.number += 1
        if isinstance(outcome, ParseError):
            self._fault(datagram, outcome)
            return
        if isinstance(outcome, Request):
            self.requests += 1
            self.methods.add(outcome.method)
            agent = outcome.headers.get("User-Agent")
        else:
            self.responses += 1
            self.statuses[outcome.status] += 1
            agent = outcome.headers.get("Server")
        if agent:
            self.agents.add(agent)
        else:
            self.without_agent += 1
        self._look_for_defects(datagram, outcome)

    def _fault(self, datagram: Datagram, error: ParseError) -> None:
        self.faults[error.code] += 1
        if len(self.unparsable) < self.errors:
            place = self._place(datagram, error.offset)
            self.unparsable.append(
                Unparsable(place, error.code, error.text, error.rfc, error.offset)
            )

    def _look_for_defects(self, datagram: Datagram, message: Message) -> None:
        defects = message.defects
        self.defective += bool(defects)
        for defect in defects:
            key = defect.code, defect.header
            known = self.defects.get(key)
            if known is None:
                place = self._place(datagram, defect.offset)
                known = DefectCount(*key, defect.text, defect.rfc, 0, place)
            self.defects[key] = replace(known, count=known.count + 1)

    def _place(self, datagram: Datagram, offset: int) -> Place:
        return Place(self.file, self.number, datagram.index, datagram.offset + offset)

    def merge(self, part: Stats) -> None:
        self.requests += part.requests
        self.responses += part.responses
        self.methods.merge(part.methods)
        self.statuses.update(part.statuses)
        self.agents.merge(part.agents)
        self.without_agent += part.without_agent
        self.defective += part.defective
        for row in part.defects:
            known = self.defects.get((row.code, row.header))
            self.defects[row.code, row.header] = (
                replace(known, count=known.count + row.count) if known else row
            )
        self.faults.update(part.faults)
        self.unparsable += part.unparsable[: self.errors - len(self.unparsable)]
        self.parse_seconds += part.parse_seconds
        self.seconds += part.seconds

    def stats(self) -> Stats:
        return Stats(
            requests=self.requests,
            responses=self.responses,
            methods=self.methods,
            statuses=dict(sorted(self.statuses.items())),
            agents=self.agents,
            without_agent=self.without_agent,
            defective=self.defective,
            defects=tuple(
                sorted(self.defects.values(), key=lambda row: (-row.count, row.code, row.text))
            ),
            faults=dict(self.faults.most_common()),
            unparsable=tuple(self.unparsable),
            parse_seconds=self.parse_seconds,
            seconds=self.seconds,
        )
