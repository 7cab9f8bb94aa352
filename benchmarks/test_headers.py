"""Reading a parsed message: against an empty property, and whole. Figures are per read."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.compiled import compiled
from benchmarks.conftest import Timed
from benchmarks.corpora import load_corpus
from benchmarks.engines import engine_parse, engines
from benchmarks.reads import READ_NAMES, read_subjects
from benchmarks.timing import over


@pytest.fixture(scope="session")
def yardstick(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The class with an empty property."""
    return compiled("yardstick", tmp_path_factory.mktemp("yardstick")).Yardstick


@pytest.mark.parametrize("name", READ_NAMES)
@pytest.mark.parametrize("engine", engines())
def test_read(engine: str, name: str, yardstick: Any, benchmark: Any, timed: Timed) -> None:
    benchmark.group = f"read: {engine}"
    timed(read_subjects(engine_parse(engine), load_corpus("mixed"), yardstick)[name])


@pytest.mark.parametrize("read", ["headers.items", "headers.raw", "defects"])
@pytest.mark.parametrize("engine", engines())
def test_parse_and_read_all(engine: str, read: str, benchmark: Any, timed: Timed) -> None:
    benchmark.group = f"parse and read all: {engine}"
    parse = engine_parse(engine)
    readers = {
        "headers.items": lambda data: list(parse(data).headers.items()),
        "headers.raw": lambda data: parse(data).headers.raw,
        "defects": lambda data: parse(data).defects,
    }
    timed(over(readers[read], load_corpus("mixed")))
