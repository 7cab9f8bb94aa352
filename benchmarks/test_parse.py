"""Parsing: each engine, each kernel, and the rivals, over each corpus. Figures are per message."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.conftest import Timed
from benchmarks.corpora import CORPORA, load_corpus
from benchmarks.engines import best_variants, variants
from benchmarks.lineup import Lineup, typed_name
from benchmarks.rivals.programs import C_SOURCES
from benchmarks.rivals.python import RIVAL_NAMES

NAMES = [
    *(variant.name for variant in variants()),
    *(f"{variant.name} + call_id" for variant in best_variants().values()),
    *(typed_name(variant) for variant in best_variants().values()),
    *RIVAL_NAMES,
    *(source.name for source in C_SOURCES),
]


@pytest.fixture(scope="session", params=CORPORA)
def corpus(request: pytest.FixtureRequest, lineup: Lineup) -> tuple[str, list[bytes]]:
    """A corpus by its name: one that everybody reads alike, or timing would mean nothing."""
    messages = load_corpus(request.param)
    lineup.check(messages)
    return request.param, messages


@pytest.mark.parametrize("name", NAMES)
def test_parse(
    name: str, corpus: tuple[str, list[bytes]], lineup: Lineup, benchmark: Any, timed: Timed
) -> None:
    group, messages = corpus
    benchmark.group = f"parse: {group}"
    skipped = lineup.why_skipped(name)
    if skipped is not None:
        pytest.skip(str(skipped))
    timed(lineup.contender(name).subject(messages))
