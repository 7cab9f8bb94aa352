"""Values per second: single values, a session description, a digest check, on both engines."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.conftest import Timed
from benchmarks.engines import engine_parse, engines
from benchmarks.long_values import LONG, long_message
from benchmarks.timing import again
from benchmarks.values import CHECKS, SAMPLES, SDP_READ, value_subjects

NAMES = [*(sample.name for sample in SAMPLES), SDP_READ, *CHECKS]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("engine", engines())
def test_values(engine: str, name: str, benchmark: Any, timed: Timed) -> None:
    benchmark.group = f"values a second: {engine}"
    timed(value_subjects(engine)[name])


@pytest.mark.parametrize("name", LONG)
@pytest.mark.parametrize("engine", engines())
def test_long_values(engine: str, name: str, benchmark: Any, timed: Timed) -> None:
    benchmark.group = f"long values a second, a tenth of their length: {engine}"
    parse, value = engine_parse(engine), LONG[name]
    timed(again(lambda data: value.read(parse(data)), long_message(value, value.length // 10)))
