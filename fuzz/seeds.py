"""What the fuzzer starts from: messages of `bench_data/` and of RFC 4475, hostile header blocks."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from bench_data import corpus
from benchmarks.worst import WORST
from fuzz.names import ROOT

DATA = ROOT / "bench_data"
MIXED = 200
"""How many messages of the mixed corpus are enough: the others are much like them."""

HOSTILE = 1200
"""Bytes of a hostile header block: room for 400 fields."""


def messages() -> Iterator[bytes]:
    """All hand-written ones, some of the mixed corpus, and RFC 4475's where they are at hand.

    Then the header blocks that cost most: more fields than a mutation would ever come to.
    """
    for path in (*sorted(DATA.glob("*.sip")), *sorted((DATA / "messages").rglob("*.sip"))):
        if path.name != "mixed.sip":
            yield path.read_bytes()
    mixed = corpus.load(DATA / "mixed.sip")
    yield from islice(mixed, 0, None, len(mixed) // MIXED)
    shared = os.environ.get("SIPFAST_SHARED")
    if shared:
        for path in sorted(Path(shared, "conformance", "rfc4475").glob("*.dat")):
            yield path.read_bytes()
    yield from (worst(HOSTILE) for worst in WORST.values())


def write_seeds(folder: Path, prefix: bytes = b"") -> Path:
    """Write each message, after `prefix`, into a file of its own, and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for message in messages():
        name = hashlib.sha256(message).hexdigest()[:16]
        (folder / name).write_bytes(prefix + message)
    return folder
