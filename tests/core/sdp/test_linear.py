"""Cost of session descriptions: linear, bounded for each byte, and session lines are read once."""

from __future__ import annotations

import gc
import pickle
import tracemalloc
from functools import partial
from typing import Any

import pytest
from cost import READ_OF_FOUR, WHOLE, growth, steadiness, within

from benchmarks.hostile.sdp import AUDIO, CASES, HASH, SHAPES, TOP, by_key, taken, whole
from sipfast._engine import Engine

__all__ = ["steadiness"]  # the fixture, for this module

OFTEN = (
    "fingerprints of a session",
    "one word of a session",
    "media of one letter",
    "media in a group",
    "formats and their fmtp",
    "formats without an fmtp",
    "attributes of other names",
    "attributes of one name",
)
"""Other operations than reading: the mechanisms common to all shapes."""
SHORT = [
    case
    for case in CASES
    if case.name.endswith((", read", " given")) or case.name.startswith(OFTEN)
]
PER_BYTE = {"native": 2e-6, "pure": 5e-6}
HELD = 400
"""Bytes of memory per byte of a description with all values read and kept."""


@pytest.mark.parametrize("case", SHORT, ids=[case.name for case in SHORT])
def test_cost_is_linear_and_bounded(engine: Engine, case: Any) -> None:
    run = partial(case.run, engine)
    assert growth(run, case.make, 4, READ_OF_FOUR) <= READ_OF_FOUR
    assert within(partial(run, case.make(WHOLE)), WHOLE * PER_BYTE[engine.name])


@pytest.mark.parametrize("name", SHAPES)
def test_memory_is_bounded(engine: Engine, name: str) -> None:
    data = taken(WHOLE // 4, SHAPES[name])
    for run in (whole, by_key):
        run(engine, data)  # fills the caches of the process
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            kept = run(engine, data)
            held = tracemalloc.get_traced_memory()[0] - before
        finally:
            tracemalloc.stop()
        assert held <= HELD * len(data)
        del kept


MANY = 500


@pytest.fixture(scope="module")
def session(engine: Engine) -> Any:
    lines = "c=IN IP4 192.0.2.7\r\n" + HASH * MANY + "a=setup:active\r\na=inactive\r\n"
    return engine.module("sdp.description").SDP.parse(
        TOP + lines + "m=audio 9 RTP/AVP 0\r\n" * MANY
    )


def inherited(section: Any) -> list[Any]:
    return [section.connection, section.fingerprints]


def test_inherited_values_are_shared(session: Any) -> None:
    usual = inherited(session)
    assert len(usual[1]) == MANY
    copies = [media.replace(port=5) for media in session.media]
    for media in (*session.media, *copies, copies[0].replace(direction="sendonly")):
        assert all(one is other for one, other in zip(inherited(media), usual, strict=True))
        assert media.setup == "active"
    assert session.media is session.media


def test_pickles_and_copies_do_not_multiply_the_session(session: Any) -> None:
    octets = pickle.dumps([media.replace(port=5) for media in session.media])
    assert len(octets) < 2 * len(bytes(session))
    again = pickle.loads(octets)
    assert [bytes(media) for media in again] == [b"m=audio 5 RTP/AVP 0\r\n"] * MANY
    assert {id(media.fingerprints) for media in again} == {id(again[0].fingerprints)}
    assert again[0].fingerprints == session.fingerprints
    assert again[0].direction == "inactive"


def test_copies_take_the_memory_of_their_own_text(session: Any) -> None:
    session.media  # noqa: B018
    tracemalloc.start()
    try:
        copies = [media.replace(port=5) for media in session.media]
        assert tracemalloc.get_traced_memory()[0] < 600 * len(copies)
    finally:
        tracemalloc.stop()


def test_a_pickle_of_media_is_read_on_either_engine(native: Engine, pure: Engine) -> None:
    text = TOP + "a=setup:active\r\nm=audio 9 RTP/AVP 0\r\n\r\nm=video 0 RTP/AVP 34"
    for engine in (native, pure):
        for media in engine.module("sdp.description").SDP.parse(text).media:
            again = pickle.loads(pickle.dumps(media))
            assert (str(again), again.setup) == (str(media), "active")
    old = native.module("sdp.description").Media.parse(
        text
    )  # as it was pickled once: with its session's text
    assert old.setup == "active"


def test_no_secret_outlives_its_description(engine: Engine) -> None:
    secrets = ["a=ice-pwd:" + "s" * 24, "a=crypto:1 AEAD_AES_128_GCM inline:" + "s" * 38]
    text = TOP + AUDIO + "\r\n".join([*secrets, "a=ptime:20", "k=clear:sss", ""])
    engine.module("sdp.description").SDP.parse(text).defects  # noqa: B018
    dicts = [found for found in gc.get_objects() if isinstance(found, dict)]
    known = [keys for keys in dicts if "a=ptime:20" in keys and "v=0" in keys]
    assert known  # the cached lines
    assert not any("sss" in str(key) for keys in known for key in keys)
