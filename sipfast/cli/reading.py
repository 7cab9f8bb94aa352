"""The messages of a file, parsed, and chosen by their number and by a filter."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from .. import Message, Request
from ..calls.reading import Outcome, as_far_as_readable, faults_of, is_apart, is_same, parsed
from ..capture import Record
from ..errors import FAULTS
from ..registry.header_names import header_name

if TYPE_CHECKING:
    from ..columns.scan import Selection

__all__ = [
    "ANY",
    "Choice",
    "Outcome",
    "agent_of",
    "as_far_as_readable",
    "chosen",
    "faults_of",
    "is_apart",
    "is_same",
    "kind_of",
    "parsed",
    "texts_of_any",
]


class Choice(NamedTuple):
    """The messages that a command is asked for."""

    numbers: tuple[range, ...] = ()
    """Their numbers in the file, from 1; any if empty."""
    packets: tuple[range, ...] = ()
    """The numbers of their packets in the capture; any if empty."""
    filters: tuple[Callable[[Message], bool], ...] = ()
    """All of these hold."""
    where: Selection | None = None
    """Those of an expression, which asks for each message: some depend on the ones before."""

    @property
    def last(self) -> int | None:
        """The last number that can be chosen; None without a limit."""
        last = max((numbers[-1] for numbers in self.numbers), default=sys.maxsize)
        return last if last < sys.maxsize else None

    def has(self, number: int, datagram: Record, outcome: Outcome) -> bool:
        """Whether a message is among them; an unparsable one as far as it can be read."""
        return self.may_have(number, datagram) and self.holds_of(datagram, outcome)

    def may_have(self, number: int, datagram: Record) -> bool:
        """Whether all but the filters hold, which alone need the message parsed."""
        if self.where is not None and datagram not in self.where:
            return False
        if self.numbers and not any(number in numbers for numbers in self.numbers):
            return False
        return not self.packets or any(datagram.packet in packets for packets in self.packets)

    def holds_of(self, datagram: Record, outcome: Outcome) -> bool:
        """Whether the filters hold."""
        if not self.filters:
            return True
        message = as_far_as_readable(datagram, outcome)
        return message is not None and all(holds(message) for holds in self.filters)


ANY = Choice()
"""All messages."""


def chosen(datagrams: Iterable[Record], choice: Choice) -> Iterator[tuple[int, Record, Outcome]]:
    """The chosen messages, with their numbers in the file; reading ends with the last number."""
    last = choice.last
    for number, datagram in enumerate(datagrams, 1):
        if last is not None and number > last:
            return
        if choice is ANY or choice.may_have(number, datagram):
            outcome = parsed(datagram)
            if choice is ANY or choice.holds_of(datagram, outcome):
                yield number, datagram, outcome


def agent_of(message: Message) -> str | None:
    """The software of the sender: User-Agent of a request; Server or User-Agent of a response."""
    get = message.headers.get
    return get("User-Agent") if isinstance(message, Request) else get("Server") or get("User-Agent")


def kind_of(code: str, header: str | None) -> tuple[str, str | None]:
    """What a fault is counted as: its code, and its header field or the type of its SDP line.

    Senders choose the names of unregistered header fields, without end: None stands for them all.
    """
    if header is None or header[1:2] == "=":
        return code, header
    row = header_name(header)
    return code, row and row.name


def texts_of_any(code: str) -> tuple[str, str]:
    """The texts of a fault in any header field, English and Chinese."""
    fault = FAULTS[code]
    return fault.text.format(header="…"), fault.text_zh.format(header="…")
