"""A call: the messages of one Call-ID, or of several, in the order of their times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from .. import Defect, Message, ParseError, _late
from ..capture import Record
from .reading import faults_of

if TYPE_CHECKING:
    from ..ladder import Ladder

__all__ = ["Call", "CallMessage"]


class CallMessage(NamedTuple):
    """A message of a call, and where it was found.

    Attributes:
        number: its number in the file, from 1, as ``sipfast show -n`` takes it.
        record: its bytes, addresses and time.
        message: as far as it can be read; None without a start line.
        fault: why `sipfast.parse` refuses it, or None.
    """

    number: int
    record: Record
    message: Message | None
    fault: ParseError | None

    @property
    def faults(self) -> tuple[ParseError | Defect, ...]:
        """Its faults, of the header and of the body, in the order of their bytes.

        If the capture cut the message, those that the missing bytes could mend are left out.
        """
        outcome = self.message if self.fault is None else self.fault
        assert outcome is not None
        return tuple(faults_of(self.record, outcome))


class Call:
    """The messages of a Call-ID, in the order of their times; equal times keep that of the file.

    Attributes:
        call_id: the Call-ID, or the first one of a call with several legs.
        call_ids: all of them, in the order of their first messages.
        messages: the messages; each is a `CallMessage`.
        left_out: the messages beyond the limit of `read_calls`, which are missing here.
    """

    __slots__ = ("call_id", "call_ids", "left_out", "messages")

    def __init__(self, call_id: str, messages: Iterable[CallMessage], *, left_out: int = 0) -> None:
        self.call_id = call_id
        self.call_ids: tuple[str, ...] = (call_id,)
        self.messages: tuple[CallMessage, ...] = tuple(in_order(messages))
        self.left_out = left_out

    @classmethod
    def merged(cls, calls: Iterable[Call]) -> Call:
        """One call of several, such as the legs at a server that makes a call of its own.

        Raises ValueError without a call.
        """
        legs = sorted(calls, key=_beginning)
        if not legs:
            raise ValueError("a merged call needs at least one call")
        together = (message for leg in legs for message in leg.messages)
        left_out = sum(leg.left_out for leg in legs)
        call = cls(legs[0].call_id, together, left_out=left_out)
        call.call_ids = tuple(dict.fromkeys(one for leg in legs for one in leg.call_ids))
        return call

    def ladder(self, *, merge: bool | None = None) -> Ladder:
        """The messages as arrows between hosts.

        `merge` says whether the ports of an address are one host; by default, those of each address
        are, unless two of them talk to each other.
        """
        ladder: Ladder = _late.ladder.Ladder.of(self, merge=merge)
        return ladder

    def _repr_html_(self) -> str:
        text: str = _late.notebook.of_call(self)
        return text

    def _repr_svg_(self) -> str:
        return self.ladder().svg()

    def __len__(self) -> int:
        return len(self.messages)

    def __repr__(self) -> str:
        count = len(self.messages)
        messages = "1 message" if count == 1 else f"{count:,} messages"
        others = len(self.call_ids) - 1
        legs = f" and {others} more" if others else ""
        return f"<Call {self.call_id[:80]!r}{legs}, {messages}>"


def in_order(messages: Iterable[CallMessage]) -> Sequence[CallMessage]:
    """The messages by their times; one without a time stays after the message before it."""
    timed = []
    time = -(1 << 64)
    for message in messages:
        if message.record.time_ns is not None:
            time = message.record.time_ns
        timed.append((time, message))
    timed.sort(key=lambda pair: pair[0])
    return [message for _, message in timed]


def _beginning(call: Call) -> int:
    """The time of the first message; calls without a time come first, and keep their order."""
    time = call.messages[0].record.time_ns if call.messages else None
    return -(1 << 64) if time is None else time
