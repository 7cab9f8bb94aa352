"""From files to faults, and their sums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from .... import Defect, ParseError
from ....capture import Capture, Record
from ....errors import FAULTS, Severity
from ...files import Unreadable, opened
from ...reading import ANY, Choice, Outcome, chosen, faults_of
from ...screen.console import warn
from ...screen.words import Words

__all__ = ["Found", "Sums", "Taker", "Wanted", "check_files"]


class Found(NamedTuple):
    """A fault of message number `message` of a file, counted from 1."""

    file: str
    message: int
    datagram: Record
    outcome: Outcome
    fault: ParseError | Defect


class Wanted(NamedTuple):
    """The faults to report."""

    codes: Set[str] = FAULTS.keys()
    severities: Set[Severity] = frozenset({"error", "warning"})

    def has(self, fault: ParseError | Defect) -> bool:
        return fault.severity in self.severities and fault.code in self.codes


class Taker(Protocol):
    """What takes the faults as they are found."""

    def fault(self, found: Found) -> None: ...

    def note(self, line: str) -> None:
        """A file, or a part of it, could not be read."""


@dataclass
class Sums:
    """The sums over all files."""

    codes: Counter[str] = field(default_factory=Counter)
    """Faults by code."""
    severities: Counter[Severity] = field(default_factory=Counter)
    messages: int = 0
    """All messages, parsed or unparsable."""
    faulty: int = 0
    unparsable: int = 0
    cut: int = 0
    """Messages cut by the capture."""
    skipped: int = 0
    """Packets of other protocols."""
    unread: int = 0
    """Packets that may hold SIP and were not read."""
    unreadable: int = 0
    """Files."""

    @property
    def exit_code(self) -> int:
        """3 if not all SIP was read; 1 for any fault or an unreadable file; otherwise 0."""
        if self.unread:
            return 3
        return 1 if self.codes or self.unreadable else 0


def check_files(
    paths: Sequence[str],
    wanted: Wanted,
    take: Taker,
    words: Words,
    choice: Choice = ANY,
) -> Sums:
    """Hand every fault that is wanted, of the chosen messages of the files, to `take`, in order.

    An unreadable file is named on standard error, and the others are still checked; so is what
    may hold SIP and was not read.
    """
    sums = Sums()
    for path in paths:
        try:
            with opened(path, words) as capture:
                _check(path, capture, wanted, take, choice, sums)
        except Unreadable as error:
            sums.unreadable += 1
            _note(take, words.unreadable.format(path, error))
            continue
        sums.skipped += capture.skipped.total()
        sums.unread += capture.unread.total()
        if capture.unread:
            _note(take, words.not_read.format(path, words.reasons(capture.unread)))
    return sums


def _note(take: Taker, line: str) -> None:
    take.note(line)
    warn(line)


def _check(
    path: str, capture: Capture, wanted: Wanted, take: Taker, choice: Choice, sums: Sums
) -> None:
    once: set[str] = set()
    for number, datagram, outcome in chosen(capture, choice):
        sums.messages += 1
        sums.cut += datagram.is_cut
        faults = faults_of(datagram, outcome)
        if not faults:
            continue
        faults = [fault for fault in faults if wanted.has(fault) and fault.code not in once]
        sums.faulty += bool(faults)
        is_unparsable = isinstance(outcome, ParseError) and not datagram.is_cut
        sums.unparsable += bool(faults) and is_unparsable
        for fault in faults:
            if fault.code in ONCE_A_FILE:
                once.add(fault.code)
            sums.codes[fault.code] += 1
            sums.severities[fault.severity] += 1
            take.fault(Found(path, number, datagram, outcome, fault))


ONCE_A_FILE = frozenset({"line-ends-lf"})
"""Faults of whoever wrote the file, reported for its first message only."""
