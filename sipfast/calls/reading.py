"""A record as a message: parsed, as far as it can be read, and its faults."""

from __future__ import annotations

from collections.abc import Sequence

from .. import Defect, Message, ParseError, parse
from ..capture import Record

__all__ = [
    "Outcome",
    "as_far_as_readable",
    "faults_of",
    "is_apart",
    "is_same",
    "message_in",
    "parsed",
]

Outcome = Message | ParseError
"""A message, or the error of `parse`."""


def is_apart(record: Record) -> bool:
    """Whether its bytes are a message of their own, rather than a part of a file of messages."""
    return record.transport is not None or bool(record.lost)


def message_in(data: bytes, *, datagram: bool) -> Message:
    """The message in bytes of which it is known that they can be parsed."""
    return parse(data, datagram=datagram)


def parsed(datagram: Record) -> Outcome:
    """The message of a datagram, or the error of `parse`."""
    try:
        return parse(datagram.data, datagram=is_apart(datagram))
    except ParseError as error:
        return error


def as_far_as_readable(datagram: Record, outcome: Outcome) -> Message | None:
    """The message, or the part of an unparsable one that can be read; None without a start line."""
    if not isinstance(outcome, ParseError):
        return outcome
    try:
        return parse(datagram.data, lenient=True, datagram=is_apart(datagram))
    except ParseError:
        return None


def faults_of(datagram: Record, outcome: Outcome) -> Sequence[ParseError | Defect]:
    """The faults of a message, header and body, in the order of their bytes.

    If the capture cut the message, those that the missing bytes could mend are left out.
    """
    if not isinstance(outcome, ParseError) and not datagram.is_cut:
        return _defects_of(datagram, outcome)
    message = as_far_as_readable(datagram, outcome)
    if datagram.is_cut:
        found = () if message is None else message.defects
        return [fault for fault in found if fault.code not in _OF_CUT]
    assert isinstance(outcome, ParseError)
    others = () if message is None else _defects_of(datagram, message)
    faults: list[ParseError | Defect] = [outcome]
    faults += [fault for fault in others if not is_same(fault, outcome)]
    return sorted(faults, key=lambda fault: fault.offset)


def is_same(one: ParseError | Defect, other: ParseError | Defect | None) -> bool:
    """Whether two faults are one: an error of `parse` is a defect of a lenient message too."""
    return other is not None and one.code == other.code and one.offset == other.offset


def _defects_of(datagram: Record, message: Message) -> tuple[Defect, ...]:
    of_body = message.body_defects
    now = datagram.time_ns
    of_header = message.defects if now is None else message.defects_at(now / 1e9)
    return of_header + of_body if of_body else of_header


_OF_CUT = frozenset({"header-block-unfinished", "body-too-short"})
"""The faults of whoever cut a message."""
