"""From datagrams to counts, for `sipfast stats`.

Memory is bounded for any file: status codes and faults are a closed set; names chosen by senders
(methods, user agents) go into a `Ranking`; only the first few unparsable messages are kept.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import NamedTuple

from .... import Defect, Message, ParseError, Request, Response
from ...._engine import ENGINE
from ....calls.reading import message_in
from ....capture import Capture, Record, Repeats
from ....errors import Severity
from ...reading import (
    ANY,
    Choice,
    Outcome,
    agent_of,
    as_far_as_readable,
    faults_of,
    kind_of,
    parsed,
    texts_of_any,
)
from ...screen.text import shortened

__all__ = ["DefectCount", "Place", "Ranking", "Stats", "Unparsable", "Wish", "gather", "total"]

_BATCH = 256


class Wish(NamedTuple):
    """What to count."""

    errors: int = 10
    """So many unparsable messages are kept."""
    defects: bool = True
    """Whether to look for defects."""
    repeats: bool = True
    """Whether repeated messages count too."""
    choice: Choice = ANY
    """The messages to count."""


EVERYTHING = Wish()


class Place(NamedTuple):
    """A place in a file: `message` and `packet` from 1, `offset` in bytes."""

    file: str
    message: int
    packet: int
    offset: int


class Unparsable(NamedTuple):
    """An unparsable message; `byte` is the offset of the fault from its start."""

    place: Place
    code: str
    text: str
    text_zh: str
    rfc: str
    byte: int


@dataclass
class DefectCount:
    """The count of one defect, and its first place; `header` is None for several header fields."""

    code: str
    header: str | None
    severity: Severity
    text: str
    text_zh: str
    rfc: str
    count: int
    first: Place

    def also(self, header: str | None, count: int) -> None:
        """Count the same defect `count` times more, in `header`."""
        self.count += count
        if self.header != header:
            self.header = None
            self.text, self.text_zh = texts_of_any(self.code)


class Ranking:
    """Counts of names, in bounded memory.

    At most `most` names of at most `length` characters are kept; longer ones are cut and end in
    ``…``.  If there are more, the rarer half is dropped.  A dropped name that returns starts from
    zero, so a count may be too low, by at most `shortfall`, but never too high.
    """

    __slots__ = ("_counts", "_length", "_most", "drops", "shortfall")

    def __init__(self, most: int = 4096, length: int = 120) -> None:
        self._counts: Counter[str] = Counter()
        self._most = most
        self._length = length
        self.shortfall = 0
        self.drops = 0
        """How often names were dropped."""

    def add(self, name: str, times: int = 1) -> None:
        """Count a name."""
        self._counts[shortened(name, self._length)] += times
        if len(self._counts) > self._most:
            ordered = self._counts.most_common()
            kept = len(ordered) // 2
            self.shortfall += ordered[kept][1]
            self._counts = Counter(dict(ordered[:kept]))
            self.drops += 1

    def merge(self, other: Ranking) -> None:
        """Add the counts of `other`."""
        for name, times in other._counts.items():
            self.add(name, times)
        self.shortfall += other.shortfall

    def ordered(self) -> tuple[tuple[str, int], ...]:
        """All kept names with their counts: the most frequent first, equal counts by name."""
        return tuple(sorted(self._counts.items(), key=lambda item: (-item[1], item[0])))


@dataclass(frozen=True)
class Stats:
    """The counts over a series of datagrams."""

    requests: int
    responses: int
    methods: Ranking
    statuses: dict[int, int]
    """Responses by status code, in ascending order."""
    agents: Ranking
    """User-Agent of requests; Server or else User-Agent of responses."""
    without_agent: int
    """Messages with a missing or empty one."""
    defective: int
    """Messages with at least one defect."""
    erroneous: int
    """Those among them with an error, not only warnings."""
    defects: tuple[DefectCount, ...]
    """The most frequent first."""
    faults: dict[str, int]
    """Unparsable messages by `ParseError.code`, the most frequent first."""
    unparsable: tuple[Unparsable, ...]
    """The first of them, in their order."""
    cut: int
    """Messages cut by the capture, which are counted as far as they go."""
    retransmissions: int
    duplicates: int
    """Of a mirror port."""
    wish: Wish
    parse_seconds: float
    """Seconds in `sipfast.parse` alone."""
    seconds: float
    """Seconds in all: reading the file, parsing, checking for defects, counting."""

    @property
    def messages(self) -> int:
        """Parsed messages."""
        return self.requests + self.responses

    @property
    def unparsed(self) -> int:
        """Unparsable messages."""
        return sum(self.faults.values())

    @property
    def status_classes(self) -> dict[int, int]:
        """Responses by the first digit of their status code."""
        classes: Counter[int] = Counter()
        for code, count in self.statuses.items():
            classes[code // 100] += count
        return dict(sorted(classes.items()))


def gather(
    datagrams: Iterable[Record],
    *,
    file: str = "",
    wish: Wish = EVERYTHING,
    clock: Callable[[], float] = time.perf_counter,
) -> Stats:
    """Parse and count `datagrams`. `file` goes into each `Place`; `clock` gives seconds."""
    count = _Count(file, wish)
    begun = clock()
    if isinstance(datagrams, Capture) and wish.choice is ANY:
        count.feed(datagrams, clock)
        count.seconds = clock() - begun
        return count.stats()
    for batch in _batches(datagrams, wish.choice.last):
        parse_begun = clock()
        outcomes = [parsed(datagram) for datagram in batch]
        count.parse_seconds += clock() - parse_begun
        for datagram, outcome in zip(batch, outcomes, strict=True):
            count.add(datagram, outcome)
    count.seconds = clock() - begun
    return count.stats()


def total(parts: Sequence[Stats], *, wish: Wish = EVERYTHING) -> Stats:
    """Add up the counts of several files."""
    count = _Count("", wish)
    for part in parts:
        count.merge(part)
    return count.stats()


def _batches(datagrams: Iterable[Record], last: int | None) -> Iterator[list[Record]]:
    # The clock is read twice per batch instead of per message, around parsing only.
    source = islice(datagrams, last)
    while batch := list(islice(source, _BATCH)):
        yield batch


class _Count:
    """The running sums behind a `Stats`."""

    def __init__(self, file: str, wish: Wish) -> None:
        self.file = file
        self.wish = wish
        self.number = 0
        self.requests = 0
        self.responses = 0
        self.methods = Ranking(length=40)
        self.statuses: Counter[int] = Counter()
        self.agents = Ranking()
        self.without_agent = 0
        self.defective = 0
        self.erroneous = 0
        self.defects: dict[tuple[str, str | None], DefectCount] = {}
        self.faults: Counter[str] = Counter()
        self.unparsable: list[Unparsable] = []
        self.cut = 0
        self.recent = Repeats()
        self.repeats: Counter[str] = Counter()
        self.parse_seconds = 0.0
        self.seconds = 0.0

    def feed(self, capture: Capture, clock: Callable[[], float]) -> None:
        """Count all messages of a capture; the engine counts those that are plain."""

        def other(number: int, datagram: Record) -> None:
            self.number = number - 1
            begun = clock()
            outcome = parsed(datagram)
            self.parse_seconds += clock() - begun
            self.add(datagram, outcome)

        def defective(number: int, packet: int, offset: int, message: Message) -> None:
            place = Place(self.file, number, packet, offset)
            self._count_defects(message.defects + message.body_defects, place)

        plain = ENGINE.module("wire.counting").Counter(
            *(other, defective if self.wish.defects else None, message_in, Record),
            *(self.methods, self.agents, self.recent, self.wish.repeats, clock),
        )
        for _ in capture.feed(plain):
            plain.take()
        plain.take()
        self.requests += plain.requests
        self.responses += plain.responses
        self.statuses.update(plain.statuses())
        self.without_agent += plain.without_agent
        self.repeats["retransmission"] += plain.retransmissions
        self.repeats["duplicate"] += plain.duplicates
        if plain.measured:
            read = plain.requests + plain.responses
            self.parse_seconds += plain.seconds * read / plain.measured

    def add(self, datagram: Record, outcome: Outcome) -> None:
        self.number += 1
        choice = self.wish.choice
        if choice is not ANY and not choice.has(self.number, datagram, outcome):
            return
        is_unparsable = isinstance(outcome, ParseError)
        message = as_far_as_readable(datagram, outcome) if datagram.is_cut else outcome
        if message is None or isinstance(message, ParseError):
            repeat = self.recent.of(datagram, None)
        else:
            repeat = self.recent.of(datagram, message)
        if repeat is not None:
            self.repeats[repeat] += 1
            if not self.wish.repeats:
                return
        self.cut += datagram.is_cut
        if message is None or isinstance(message, ParseError):
            assert is_unparsable
            assert isinstance(outcome, ParseError)
            self._fault(datagram, outcome)
            return
        self._message(message)
        if self.wish.defects:
            self._look_for_defects(datagram, outcome)

    def _message(self, message: Message) -> None:
        agent = agent_of(message)
        if isinstance(message, Request):
            self.requests += 1
            self.methods.add(message.method)
        else:
            assert isinstance(message, Response)
            self.responses += 1
            self.statuses[message.status] += 1
        if agent:
            self.agents.add(agent)
        else:
            self.without_agent += 1

    def _fault(self, datagram: Record, error: ParseError) -> None:
        self.faults[error.code] += 1
        if len(self.unparsable) < self.wish.errors:
            place = self._place(datagram, error.offset)
            self.unparsable.append(
                Unparsable(place, error.code, error.text, error.text_zh, error.rfc, error.offset)
            )

    def _look_for_defects(self, datagram: Record, outcome: Outcome) -> None:
        defects = faults_of(datagram, outcome)
        if defects:
            self._count_defects(defects, self._place(datagram, 0))

    def _count_defects(self, defects: Sequence[ParseError | Defect], start: Place) -> None:
        """Count the defects of a message that begins at a place."""
        self.defective += 1
        self.erroneous += any(defect.severity == "error" for defect in defects)
        for defect in defects:
            key = kind_of(defect.code, defect.header)
            known = self.defects.get(key)
            if known is None:
                self.defects[key] = DefectCount(
                    defect.code,
                    defect.header,
                    defect.severity,
                    defect.text,
                    defect.text_zh,
                    defect.rfc,
                    1,
                    start._replace(offset=start.offset + defect.offset),
                )
            else:
                known.also(defect.header, 1)

    def _place(self, datagram: Record, offset: int) -> Place:
        return Place(self.file, self.number, datagram.packet, datagram.offset + offset)

    def merge(self, part: Stats) -> None:
        self.requests += part.requests
        self.responses += part.responses
        self.methods.merge(part.methods)
        self.statuses.update(part.statuses)
        self.agents.merge(part.agents)
        self.without_agent += part.without_agent
        self.defective += part.defective
        self.erroneous += part.erroneous
        for row in part.defects:
            key = kind_of(row.code, row.header)
            known = self.defects.get(key)
            if known is None:
                self.defects[key] = replace(row)
            else:
                known.also(row.header, row.count)
        self.faults.update(part.faults)
        self.unparsable += part.unparsable[: self.wish.errors - len(self.unparsable)]
        self.cut += part.cut
        self.repeats["retransmission"] += part.retransmissions
        self.repeats["duplicate"] += part.duplicates
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
            erroneous=self.erroneous,
            defects=tuple(
                sorted(self.defects.values(), key=lambda row: (-row.count, row.code, row.text))
            ),
            faults=dict(self.faults.most_common()),
            unparsable=tuple(self.unparsable),
            cut=self.cut,
            retransmissions=self.repeats["retransmission"],
            duplicates=self.repeats["duplicate"],
            wish=self.wish,
            parse_seconds=self.parse_seconds,
            seconds=self.seconds,
        )
