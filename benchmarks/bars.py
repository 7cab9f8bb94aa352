"""The bars: the targets for speed and memory, and the measured figures.

Bars on ratios of instructions, which bind in every run, are in `benchmarks.binding`.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks.alike import DEFECTS, EVERY_FIELD, EVERY_PART, LOOK_UPS, Work
from benchmarks.bar import Bar
from benchmarks.compiled import compiled
from benchmarks.engines import engine_parse
from benchmarks.linear import KIB, Worst
from benchmarks.long_values import Long
from benchmarks.memory import PARSED, measure_memory
from benchmarks.reads import (
    CALL_ID_FIRST,
    CALL_ID_LATER,
    EMPTY,
    HEADER_FIRST,
    HEADER_LATER,
    read_subjects,
)
from benchmarks.rivals.python import BY_HAND, BY_HAND_LOOKED_UP
from benchmarks.timing import ROUND_CALLS, Subject, Timing, in_wall_time, interleave
from benchmarks.values import CHECKS, SAMPLES, SDP_READ, URI, bare, value_subjects

Timings = Mapping[str, Timing]

# The promises that the README names too.
NINE_LOOK_UPS = "alike: nine look-ups and the body, faster than split by hand"
PARTS_ALIKE = "alike: every part of 19 typed properties, faster than sipmessage"
FIELDS_ALIKE = "alike: every field that has a type, faster than sofia-sip's msg_make"
CHECKED = "native parse and defects, against parse and 19 typed properties"
TYPED = "native parse and 19 typed properties, faster than sipmessage's"
TOKENIZER = "tokenizer in a C loop against memchr line to line"
PURE_BY_HAND = "lazy: pure parse against split by hand"
PURE_SIPMESSAGE = "lazy: pure parse faster than sipmessage"
PURE_TYPED = "pure parse and 19 typed properties, faster than sipmessage's"


def lazy(rival: str) -> str:
    """Return the promise of the native `parse` alone against a rival's."""
    return f"lazy: native parse faster than {rival}"


def worst_block(engine: str) -> str:
    """Return the promise on the worst header blocks."""
    return f"{engine}: time per byte of the worst block, against the mixed corpus"


def ratio(timings: Timings, slower: str, faster: str) -> float | None:
    """Return the ratio of two medians, or None if one is missing."""
    if slower not in timings or faster not in timings:
        return None
    return timings[slower].median / timings[faster].median


class Alike(NamedTuple):
    """The same work by sipfast and a rival, and the wanted factor between them."""

    promise: str
    rival: str
    work: Work
    wanted: float


ALIKE = (
    Alike(NINE_LOOK_UPS, BY_HAND_LOOKED_UP.name, LOOK_UPS, 6),
    Alike(PARTS_ALIKE, f"sipmessage, {EVERY_PART.name}", EVERY_PART, 10),
    Alike(FIELDS_ALIKE, "sofia-sip", EVERY_FIELD, 1),
)


def alike_bars(timings: Timings, native: str) -> list[Bar]:
    """Return the bars on like-for-like work, over the mixed corpus."""
    return [
        Bar(
            one.promise,
            one.wanted,
            ratio(timings, one.rival, f"{native}, {one.work.name}"),
            at_least=True,
        )
        for one in ALIKE
    ]


def defects_bar(timings: Timings, native: str) -> Bar:
    """Return the bar on reading the defects."""
    checked = ratio(timings, f"{native}, {DEFECTS.name}", f"{native}, typed")
    return Bar(CHECKED, 3, checked)


def native_bars(timings: Timings, native: str) -> list[Bar]:
    """Return the bars on the native `parse` alone, which is lazy, over the mixed corpus."""
    return [
        Bar(
            lazy(rival),
            wanted,
            ratio(timings, rival, native),
            at_least=True,
        )
        for rival, wanted in (
            (BY_HAND.name, 20),
            ("sipmessage", 50),
            ("libosip2", 30),
            ("sofia-sip", 15),
        )
    ]


def pure_bars(timings: Timings, pure: str) -> list[Bar]:
    """Return the bars on the fallback's `parse`, over the mixed corpus."""
    by_hand = ratio(timings, pure, BY_HAND.name)
    sipmessage = ratio(timings, "sipmessage", pure)
    return [
        Bar(PURE_BY_HAND, 1.5, by_hand),
        Bar(PURE_SIPMESSAGE, 1.7, sipmessage, at_least=True),
    ]


def typed_bars(timings: Timings, native: str) -> list[Bar]:
    """Return the bars on the native `parse` with the typed properties read, their parts unread."""
    timing = timings.get(native)
    return [
        Bar(TYPED, 40, ratio(timings, "sipmessage, typed", native), at_least=True),
        Bar(
            "native parse and 19 typed properties",
            2,
            timing and timing.median / 1000,
            unit="us",
            slack=2.5,
        ),
    ]


def pure_typed_bar(timings: Timings, pure: str) -> Bar:
    """Return the bar on the fallback with the typed properties read."""
    return Bar(
        PURE_TYPED,
        2,
        ratio(timings, "sipmessage, typed", pure),
        at_least=True,
    )


def value_bars(rounds: int) -> list[Bar]:
    """Return the bars on reading single values natively."""
    timings = interleave(value_subjects("native"), rounds)
    against_split = [
        Bar(
            f'{sample.name}, against split(b";") of the text',
            3,
            ratio(timings, sample.name, sample.split),
            note=_both(timings, sample.name, sample.split),
        )
        for sample in SAMPLES
    ]
    checks = [
        Bar(
            f"{name}, against its hashes",
            1.3,
            ratio(timings, name, bare(name)),
            note=_both(timings, name, bare(name)),
        )
        for name in CHECKS
    ]
    uri = Bar(URI.name, 200, timings[URI.name].median, unit="ns", slack=2.5)
    sdp = Bar(SDP_READ, 5, timings[SDP_READ].median / 1000, unit="us", slack=2.5)
    return [*against_split, uri, sdp, *checks]


def _both(timings: Timings, name: str, other: str) -> str:
    return f"{timings[name].median:,.0f} against {timings[other].median:,.0f} ns"


def tokenizer_bar(messages: list[bytes], rounds: int, folder: Path) -> Bar:
    """Return the bar on the native tokenizer in a C loop, against memchr over the same messages."""
    loops = compiled("tokenizing", folder)
    passes = ROUND_CALLS // len(messages)

    def per_message(bench: Callable[[list[bytes], int], list[float]]) -> Subject:
        return lambda: in_wall_time(statistics.median(bench(messages, 1 + passes)[1:]))

    timings = interleave(
        {
            "tokenizer": per_message(loops.tokenize),
            "memchr": per_message(loops.lines),
        },
        rounds,
    )
    note = f"{timings['tokenizer']} against {timings['memchr']} ns"
    measured = ratio(timings, "tokenizer", "memchr")
    return Bar(TOKENIZER, 1.6, measured, note=note)


def read_bars(messages: list[bytes], rounds: int, folder: Path) -> list[Bar]:
    """Return the bars on reading properties of natively parsed messages."""
    yardstick = compiled("yardstick", folder).Yardstick
    subjects = read_subjects(engine_parse("native"), messages, yardstick)
    timings = interleave(subjects, rounds)
    return [
        Bar(
            f"{name}, against an empty property",
            wanted,
            ratio(timings, name, EMPTY),
            note=f"{timings[name].median:.1f} against {timings[EMPTY].median:.1f} ns",
        )
        for name, wanted in (
            (CALL_ID_FIRST, 4),
            (CALL_ID_LATER, 1.7),
            (HEADER_FIRST, 8),
            (HEADER_LATER, 8),
        )
    ]


def linear_bars(engine: str, worst: Iterable[Worst]) -> list[Bar]:
    """Return the bars on linear cost, each for the block nearest to breaking it."""
    blocks = list(worst)
    doubling = max(blocks, key=lambda block: block.doubling)
    reading = max(blocks, key=lambda block: block.read_doubling)
    costly = max(blocks, key=lambda block: block.per_byte)
    return [
        Bar(
            f"{engine}: 64 KiB against 32 KiB",
            2.2,
            doubling.doubling,
            note=doubling.block,
            slack=1.1,
        ),
        Bar(
            f"{engine}: the same, with every field and defect read",
            2.2,
            reading.read_doubling,
            note=reading.block,
            slack=1.1,
        ),
        Bar(
            worst_block(engine),
            12,
            costly.per_byte,
            note=costly.block,
        ),
    ]


def long_bar(engine: str, found: Iterable[Long]) -> Bar:
    """Return the bar on typed values, for the value nearest to breaking it."""
    nearest = max(found, key=lambda each: each.doubling)
    return Bar(
        f"{engine}: a typed value against one half as long",
        2.2,
        nearest.doubling,
        note=nearest.value,
        slack=1.2,
    )


def memory_bars(engine: str) -> list[Bar]:
    """Return the bars on memory. A leak of one byte per message would show as a megabyte."""
    memory = measure_memory(engine)
    return [
        Bar(
            f"{engine}: growth over {PARSED:,} messages parsed and dropped",
            256,
            memory and memory.growth / KIB,
            unit="KiB",
            slack=1,
        ),
        Bar(
            f"{engine}: what a kept message takes besides its buffer",
            1,
            memory and memory.kept / KIB,
            unit="KiB",
            slack=1,
        ),
    ]
