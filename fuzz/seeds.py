"""What the fuzzer starts from: messages, hostile header blocks, header fields on their own."""

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

LONGEST_FIELD = 256
"""Bytes of a header field on its own."""


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


def fields() -> Iterator[bytes]:
    """A header field of each name, as short an input as there can be for what its value is."""
    seen = set()
    for message in messages():
        head = message.partition(b"\r\n\r\n")[0]
        for line in head.split(b"\r\n")[1:]:
            name = line.partition(b":")[0].lower()
            if name not in seen and len(line) <= LONGEST_FIELD:
                seen.add(name)
                yield line


def write_seeds(folder: Path, prefix: bytes = b"") -> Path:
    """Write each message and field, after `prefix`, into a file of its own; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed in (*messages(), *fields()):
        name = hashlib.sha256(seed).hexdigest()[:16]
        (folder / name).write_bytes(prefix + seed)
    return folder
