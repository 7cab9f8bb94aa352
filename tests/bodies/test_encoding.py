"""Content-Encoding: unpacking within the limit."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest
from body_samples import outcome
from hypothesis import given
from hypothesis import strategies as st

from sipfast import ParseError
from sipfast.bodies import open_encoded

TEXT = b"v=0\r\n" * 500
GZIPPED = gzip.compress(TEXT, mtime=0)


def raw_deflate(data: bytes) -> bytes:
    made = zlib.compressobj(wbits=-15)
    return made.compress(data) + made.flush()


@pytest.mark.parametrize(
    ("body", "encodings", "expected"),
    [
        (TEXT, [], TEXT),
        (TEXT, ["identity"], TEXT),
        (GZIPPED, ["gzip"], TEXT),
        (GZIPPED, [" X-GZIP "], TEXT),
        (gzip.compress(b""), ["gzip"], b""),
        (GZIPPED + gzip.compress(b"") + gzip.compress(b"more"), ["gzip"], TEXT + b"more"),
        (zlib.compress(TEXT), ["deflate"], TEXT),
        (zlib.compress(TEXT, 9), ["Deflate"], TEXT),
        (raw_deflate(TEXT), ["deflate"], TEXT),
        (zlib.compress(GZIPPED), ["gzip", "deflate"], TEXT),
        (gzip.compress(zlib.compress(TEXT)), ["deflate", "identity", "gzip"], TEXT),
    ],
)
def test_opened(body: bytes, encodings: list[str], expected: bytes) -> None:
    assert open_encoded(body, encodings) == expected
    assert open_encoded(memoryview(body), encodings, limit=max(len(expected), 2000)) == expected


@pytest.mark.parametrize(
    ("body", "encodings", "code", "status"),
    [
        (b"x", ["br"], "content-encoding-unknown", 415),
        (b"x", ["gzip", ""], "content-encoding-unknown", 415),
        (b"x", ["identity"] * 5, "too-many-content-encodings", 415),
        (b"not gzip", ["gzip"], "content-encoding-malformed", 400),
        (b"\xff\xff", ["deflate"], "content-encoding-malformed", 400),
        (zlib.compress(TEXT) + b"x", ["deflate"], "content-encoding-malformed", 400),
        (b"", ["gzip"], "content-encoding-truncated", 400),
        (b"", ["deflate"], "content-encoding-truncated", 400),
    ],
)
def test_bodies_that_cannot_be_opened(
    body: bytes, encodings: list[str], code: str, status: int
) -> None:
    with pytest.raises(ParseError) as caught:
        open_encoded(body, encodings)
    assert (caught.value.code, caught.value.status_hint) == (code, status)


@pytest.mark.parametrize("length", range(len(GZIPPED)))
def test_cut_anywhere(length: int) -> None:
    with pytest.raises(ParseError) as caught:
        open_encoded(GZIPPED[:length], ["gzip"])
    assert (caught.value.code, caught.value.offset) == ("content-encoding-truncated", length)


def test_a_damaged_member_is_placed() -> None:
    for second in (b"\r\n", GZIPPED[:-8] + b"checksum"):
        with pytest.raises(ParseError) as caught:
            open_encoded(GZIPPED + second, ["gzip"])
        assert caught.value.code == "content-encoding-malformed"
        assert caught.value.offset == len(GZIPPED)


def test_the_limit() -> None:
    for wrapped, name in ((GZIPPED, "gzip"), (zlib.compress(TEXT), "deflate")):
        assert open_encoded(wrapped, [name], limit=len(TEXT)) == TEXT
        with pytest.raises(ParseError) as caught:
            open_encoded(wrapped, [name], limit=len(TEXT) - 1)
        assert (caught.value.code, caught.value.status_hint) == ("body-too-large", 413)
    with pytest.raises(ParseError):
        open_encoded(GZIPPED * 2, ["gzip"], limit=len(TEXT))


def test_members_have_a_limit() -> None:
    member = gzip.compress(b"", mtime=0)
    assert open_encoded(member * 8000, ["gzip"]) == b""
    with pytest.raises(ParseError) as caught:
        open_encoded(member * 10_000, ["gzip"])
    assert (caught.value.code, caught.value.offset % len(member)) == ("body-too-large", 0)


def test_a_bomb_takes_no_more_than_the_limit() -> None:
    bomb = gzip.compress(bytes(64 << 20))
    tracemalloc.start()
    try:
        with pytest.raises(ParseError, match="Body too large"):
            open_encoded(bomb, ["gzip"])
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


@given(st.binary(max_size=60) | st.binary(max_size=30).map(b"\x1f\x8b\x08\x00".__add__))
def test_any_bytes(body: bytes) -> None:
    for encoding in ("gzip", "deflate"):
        opened = outcome(open_encoded, body, [encoding], limit=1000, most=len(body))
        assert isinstance(opened, ParseError) or len(opened) <= 1000


@given(st.lists(st.binary(max_size=200), max_size=5), st.sampled_from(["gzip", "deflate"]))
def test_round_trip(pieces: list[bytes], encoding: str) -> None:
    whole = b"".join(pieces)
    if encoding == "gzip":
        packed = b"".join(gzip.compress(piece) for piece in pieces) or gzip.compress(b"")
    else:
        packed = zlib.compress(whole)
    assert open_encoded(packed, [encoding]) == whole
