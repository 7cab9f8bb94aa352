"""Reading the messages of some Call-IDs from captures and logs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any

from .. import ParseError
from .. import capture as captures
from ..capture.base import Record
from ..capture.source import Capture, Readable
from .call import Call, CallMessage
from .reading import as_far_as_readable, parsed

__all__ = ["MOST_MESSAGES", "read_calls"]

Source = str | os.PathLike[str] | Readable | bytes | bytearray | memoryview | Capture

MOST_MESSAGES = 10_000
"""The messages that `read_calls` keeps of each Call-ID, unless it is told otherwise."""

_ONE = (str, bytes, bytearray, memoryview, os.PathLike, Capture)


def read_calls(
    source: Source | Iterable[Source],
    call_ids: Iterable[str],
    *,
    packets: Iterable[int] | None = None,
    most: int = MOST_MESSAGES,
) -> dict[str, Call]:
    """The calls with these Call-IDs, by Call-ID; those that are not there are missing.

        calls = sipfast.read_calls("trace.pcap", ["call-of-wren@192.0.2.10"])

    `source` is what `sipfast.open` takes, a capture that is open, or a list of these, which are
    read once: with `packets`, the numbers of the packets that the calls are in, such as a scan
    gives, that takes far less time. Malformed and cut messages are in a call as far as its Call-ID
    can be read. At most `most` messages of each Call-ID are kept; `Call.left_out` counts the
    others.

    Raises what `sipfast.open` raises.
    """
    if isinstance(call_ids, str):
        raise TypeError("call_ids must be a list of Call-IDs, not str")
    if most < 1:
        raise ValueError("most must be at least 1")
    found: dict[str, list[CallMessage]] = {call_id: [] for call_id in call_ids}
    left_out = dict.fromkeys(found, 0)
    packets = None if packets is None else [*packets]
    for call_id, message in _messages(_sources(source), found, packets):
        messages = found[call_id]
        if len(messages) < most:
            messages.append(message)
        else:
            left_out[call_id] += 1
    return {
        call_id: Call(call_id, messages, left_out=left_out[call_id])
        for call_id, messages in found.items()
        if messages
    }


def _sources(source: Any) -> Iterator[Capture]:
    several = (source,) if isinstance(source, _ONE) or hasattr(source, "read") else source
    for one in several:
        if isinstance(one, Capture):
            yield one
        else:
            with captures.open(one) as capture:
                yield capture


def _messages(
    sources: Iterable[Capture],
    wanted: dict[str, list[CallMessage]],
    packets: Iterable[int] | None,
) -> Iterator[tuple[str, CallMessage]]:
    for capture in sources:
        for number, record in capture.find(wanted, packets=packets):
            message = message_of(number, record)
            call_id = None if message.message is None else message.message.call_id
            if call_id in wanted:
                yield call_id, message


def message_of(number: int, record: Record) -> CallMessage:
    """The message of a record."""
    outcome = parsed(record)
    message = as_far_as_readable(record, outcome)
    return CallMessage(
        number, record, message, outcome if isinstance(outcome, ParseError) else None
    )
