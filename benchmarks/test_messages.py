"""Messages per second: typical uses, on both engines, over each corpus."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.conftest import Timed
from benchmarks.corpora import CORPORA, load_corpus
from benchmarks.engines import best_variants
from benchmarks.lineup import own_contenders

CONTENDERS = {
    contender.name: contender
    for variant in best_variants().values()
    for contender in own_contenders(variant)
}


@pytest.mark.parametrize("name", CONTENDERS)
@pytest.mark.parametrize("corpus", CORPORA)
def test_messages(corpus: str, name: str, benchmark: Any, timed: Timed) -> None:
    benchmark.group = f"messages a second: {corpus}"
    timed(CONTENDERS[name].subject(load_corpus(corpus)))
