"""Counting: what C counts of the messages of a capture is what `stats` counts of each one alone.

An input is a few bytes of choices, which name the container, what is asked for, and which messages
come again and when; then messages, with a separator between them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import capture_files as made

import sipfast
from fuzz.inputs import APART, CHOICES
from sipfast import _engine
from sipfast.capture import CaptureError
from sipfast.cli.commands.stats.counts import Ranking, Stats, Wish, gather
from sipfast.errors import ParseError

NATIVE = _engine.load("native")
KEYS: Any = NATIVE.module("wire.repeats")
MILLISECOND = 1_000_000
MOST = 8
"""Messages of an input."""


class Wrong(AssertionError):
    """The counts differ, or the keys of a message."""


def check(data: memoryview | bytes) -> None:
    """Count the messages of an input in C, and one by one."""
    choices = bytes(data[:CHOICES]).ljust(CHOICES, b"\0")
    texts = bytes(data[CHOICES:]).split(APART)[:MOST]
    texts *= 1 + choices[2] % 3
    wish = Wish(errors=2, defects=bool(choices[1] & 1), repeats=bool(choices[1] & 2))
    make = [*CONTAINERS.values()][choices[0] % len(CONTAINERS)]
    try:
        capture = sipfast.open(make(texts, choices[3]))
    except CaptureError:
        return
    with capture:
        records = list(capture)
        found = counts(gather(capture, wish=wish, clock=float))
        expected = counts(gather(records, wish=wish, clock=float))
        if found != expected:
            raise Wrong(f"{found} and {expected}")
        for record in records:
            compare_keys(bytes(record.data))


def counts(stats: Stats) -> dict[str, Any]:
    """All that was counted; of names, in their order."""
    values = {field.name: getattr(stats, field.name) for field in fields(stats)}
    return {
        name: (value.ordered(), value.shortfall) if isinstance(value, Ranking) else value
        for name, value in values.items()
        if not name.endswith("seconds")
    }


def compare_keys(data: bytes) -> None:
    """Check that a key that C reads is that of the message."""
    try:
        message: Any = NATIVE.parse(data)
        plain = KEYS.plain_key(message)
        defined = KEYS.text_of_key(message.retransmission_key)
    except ParseError:
        return
    if plain is not None and plain != defined:
        raise Wrong(f"the keys {plain!r} and {defined!r}")


def _packets(texts: list[bytes], apart: int) -> bytes:
    return made.pcap(*[made.frame(text[:60_000]) for text in texts])


def _copies(texts: list[bytes], apart: int) -> bytes:
    """Packets of HEP, so many milliseconds apart."""
    times = [number * apart * MILLISECOND for number in range(len(texts))]
    packets = [made.hep_3(text[:60_000], time_ns=at) for at, text in zip(times, texts, strict=True)]
    return b"".join(packets)


CONTAINERS: dict[str, Callable[[list[bytes], int], bytes]] = {
    "copies": _copies,
    "packets": _packets,
    "messages": lambda texts, apart: b"\r\n".join(texts),
}
"""How messages become a capture."""
