"""The corpora of all measurements."""

from __future__ import annotations

from pathlib import Path

from bench_data import corpus, generate

FOLDER = Path(generate.__file__).parent

CORPORA = ("mixed", "small", "invite", "register")
"""2,000 distinct messages in a realistic mix, and three fixed ones."""

LARGE = 100_000
"""The number of distinct messages in the large corpus, which no branch predictor can learn."""


def load_corpus(name: str) -> list[bytes]:
    """Return the messages of one of `CORPORA`."""
    return corpus.load(FOLDER / f"{name}.sip")


def large_corpus() -> list[bytes]:
    """Generate `LARGE` distinct messages of the same mix."""
    return list(generate.messages(LARGE))


def mean_size(messages: list[bytes]) -> float:
    """Return the mean length of a message in bytes."""
    return sum(map(len, messages)) / len(messages)
