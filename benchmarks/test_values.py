"""Typed values: each engine's, and what they are measured against. Figures are per value."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.conftest import Timed
from benchmarks.corpora import load_corpus
from benchmarks.engines import engine_parse, engines
from benchmarks.long_values import LONG, long_message
from benchmarks.timing import again, over
from benchmarks.typed import PROPERTIES
from benchmarks.values import CHECKS, SAMPLES, SDP_READ, bare, value_subjects

NAMES = [
    *(name for sample in SAMPLES for name in (sample.name, sample.split)),
    SDP_READ,
    *(name for check in CHECKS for name in (check, bare(check))),
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("engine", engines())
def test_value(engine: str, name: str, benchmark: Any, timed: Timed) -> None:
    benchmark.group = f"values: {engine}"
    timed(value_subjects(engine)[name])


@pytest.mark.parametrize("name", PROPERTIES)
@pytest.mark.parametrize("engine", engines())
def test_parse_and_read(engine: str, name: str, benchmark: Any, timed: Timed) -> None:
    benchmark.group = f"parse and read one property: {engine}"
    parse = engine_parse(engine)
    timed(over(lambda data: getattr(parse(data), name), load_corpus("mixed")))


@pytest.mark.parametrize("name", LONG)
@pytest.mark.parametrize("engine", engines())
def test_long_value(engine: str, name: str, benchmark: Any, timed: Timed) -> None:
    benchmark.group = f"long values, a tenth of their length: {engine}"
    parse, value = engine_parse(engine), LONG[name]
    timed(again(lambda data: value.read(parse(data)), long_message(value, value.length // 10)))
