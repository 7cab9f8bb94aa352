"""Reads of a parsed message's properties, against an empty property of a compiled class."""

from __future__ import annotations

from typing import Any

from benchmarks.engines import Parse
from benchmarks.timing import Subject, reads

EMPTY = "empty property"
CALL_ID_FIRST = "call_id, first read"
CALL_ID_LATER = "call_id, later reads"
HEADER_FIRST = 'headers["Call-ID"], first read'
HEADER_LATER = 'headers["Call-ID"], later reads'
READ_NAMES = (EMPTY, CALL_ID_FIRST, CALL_ID_LATER, HEADER_FIRST, HEADER_LATER)

AT_ONCE = 96
"""The number of objects to read in turn: few enough for the L1 cache."""


def read_subjects(parse: Parse, messages: list[bytes], yardstick: Any) -> dict[str, Subject]:
    """Return subjects for the reads named above, in ns per read; `yardstick` has an empty property.

    Later reads are of objects whose properties are cached by the first round, a warm-up.
    """
    sample = messages[:AT_ONCE]

    def fresh() -> list[Any]:
        return [parse(message) for message in sample]

    yardsticks = [yardstick() for _ in sample]
    read_before, searched_before = fresh(), fresh()
    return {
        EMPTY: reads(".empty", lambda: yardsticks),
        CALL_ID_FIRST: reads(".call_id", fresh),
        CALL_ID_LATER: reads(".call_id", lambda: read_before),
        HEADER_FIRST: reads('.headers["Call-ID"]', fresh),
        HEADER_LATER: reads('.headers["Call-ID"]', lambda: searched_before),
    }
