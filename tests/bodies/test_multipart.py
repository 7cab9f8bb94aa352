"""Multipart bodies: parts as views, byte by byte."""

from __future__ import annotations

import mmap
import pickle
import tracemalloc
from typing import Any

import pytest
from body_samples import outcome
from hypothesis import given
from hypothesis import strategies as st
from in_use import put_in_use

from sipfast import ParseError
from sipfast._engine import Engine
from sipfast.bodies import Multipart, Part, split_multipart

SDP = b"v=0\r\no=alice 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"
BODY = (
    b"For old mail readers\r\n"
    b"--seam\r\n"
    b"Content-Type: application/sdp\r\n"
    b"\r\n" + SDP + b"\r\n--seam\r\n"
    b"content-type : application/isup ;version=itu-t92+\r\n"
    b"Content-Disposition: signal;\r\n handling=optional\r\n"
    b"Content-ID: <iam@gw.example.com>\r\n"
    b"Content-Length: 4\r\n"
    b"\r\n"
    b"\x01\x00\r\n\r\n\xff--seam\r\n--seam--\r\nthe rest"
)


@pytest.fixture(autouse=True)
def _each_engine(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    put_in_use(engine, monkeypatch)


def bodies(parts: tuple[Part, ...]) -> list[bytes]:
    return [part.body for part in parts]


def test_parts_preamble_and_epilogue() -> None:
    parts = split_multipart(BODY, "seam")
    assert bodies(parts) == [SDP, b"\x01\x00\r\n\r\n\xff--seam"]
    assert bytes(parts.preamble) == b"For old mail readers"
    assert bytes(parts.epilogue) == b"the rest"
    assert parts.complete
    assert repr(parts) == "<Multipart, 2 parts>"
    assert repr(parts[0]) == f"<Part at byte {BODY.index(SDP)}, {len(SDP)} bytes>"


def test_header_fields_of_a_part() -> None:
    first, second = split_multipart(BODY, "seam")
    assert [*first.headers.items()] == [("Content-Type", "application/sdp")]
    assert first.content_type == "application/sdp"
    assert first.content_id is None
    assert second.content_type == "application/isup ;version=itu-t92+"
    assert second.headers["CONTENT-disposition"] == "signal; handling=optional"
    assert second.headers["Content-Length"] == "4"
    assert second.content_id == "iam@gw.example.com"


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_parts_are_views_of_the_buffer(kind: Any) -> None:
    data = kind(BODY)
    for part in split_multipart(data, "seam"):
        assert part.view.obj is (BODY if kind is memoryview else data)
        assert part.view.readonly
        assert BODY[part.offset : part.offset + len(part.view)] == part.body
        assert bytes(part.raw).endswith(part.body)
        assert b"\r\n\r\n" in bytes(part.raw)


def test_a_mapped_buffer() -> None:
    with mmap.mmap(-1, len(BODY)) as mapped:
        mapped[:] = BODY
        parts = split_multipart(mapped, "seam")
        assert parts[0].body == SDP
        del parts


def test_a_part_cannot_be_written_to() -> None:
    (part,) = split_multipart(b"--b\r\n\r\nx\r\n--b--", "b")
    for name in ("body", "view", "raw", "offset", "headers"):
        with pytest.raises(AttributeError):
            setattr(part, name, b"")


@pytest.mark.parametrize(
    ("body", "expected", "complete"),
    [
        (b"--b\r\n\r\nx\r\n--b--", [b"x"], True),
        (b"--b\r\n\r\nx\r\n--b--\r\n", [b"x"], True),
        (b"--b\n\nx\n\n--b--\n", [b"x\n"], True),
        (b"--b\n\nx\r\n--b--", [b"x"], True),
        (b"--b\r\nx\r\n--b--", [b""], True),
        (b"--b\r\n--b--", [b""], True),
        (b"--b\r\n--b\r\n--b--", [b"", b""], True),
        (b"--b\r\n\r\n--b--", [b""], True),
        (b"--b\r\n\r\n\r\n--b--", [b""], True),
        (b"--b\r\n\r\n\r\n\r\n--b--", [b"\r\n"], True),
        (b"--b \t\r\n\r\nx\r\n--b-- \t\r\n", [b"x"], True),
        (b"--b\r\n\r\nx\r\n--b--\r\n--b\r\n\r\ny\r\n--b--", [b"x"], True),
        (b"--b--", [], True),
        (b"--b--\r\nepilogue", [], True),
        # other lines than delimiters
        (b"--b\r\n\r\nx --b\r\n--bb\r\n--b-\r\n--b--x\r\n -- b\r\n--b--", None, True),
        (b"--b\r\n\r\nx\r--b\r\n--b--", [b"x\r--b"], True),
        # cut off
        (b"", [], False),
        (b"no delimiter", [], False),
        (b"--b", [b""], False),
        (b"--b\r\n", [b""], False),
        (b"--b\r\n\r\nx\r\n", [b"x\r\n"], False),
        (b"--b\r\n\r\nx\r\n--b\r\n\r\ny", [b"x", b"y"], False),
        (b"--b\r\n\r\nx\r\n--b-", [b"x\r\n--b-"], False),
    ],
)
def test_delimiters(body: bytes, expected: list[bytes] | None, complete: bool) -> None:
    parts = split_multipart(body, "b")
    if expected is None:
        expected = [b"x --b\r\n--bb\r\n--b-\r\n--b--x\r\n -- b"]
    assert (bodies(parts), parts.complete) == (expected, complete)


def test_without_a_delimiter_everything_is_preamble() -> None:
    parts = split_multipart(b"nothing here", "b")
    assert (bytes(parts.preamble), bytes(parts.epilogue)) == (b"nothing here", b"")
    assert repr(parts) == "<Multipart, 0 parts, incomplete>"


def test_a_part_without_header_fields_is_plain_text() -> None:
    (part,) = split_multipart(b"--b\r\n\r\nx\r\n--b--", "b")
    assert (len(part.headers), part.content_type) == (0, "text/plain")


def test_a_header_that_cannot_be_read_says_where() -> None:
    body = b"--b\r\nContent-Type: a/b\r\nno colon\r\n\r\nx\r\n--b--"
    (part,) = split_multipart(body, "b")
    assert part.body == b"x"
    with pytest.raises(ParseError) as caught:
        part.headers  # noqa: B018
    assert (caught.value.code, caught.value.offset) == (
        "header-without-colon",
        body.index(b"no colon"),
    )


@pytest.mark.parametrize("boundary", ["", "a\r\nb", "a\nb", "x" * 257, "\ud800"])
def test_malformed_boundaries(boundary: str) -> None:
    with pytest.raises(ParseError) as caught:
        split_multipart(BODY, boundary)
    assert (caught.value.code, caught.value.header) == ("boundary-missing", "Content-Type")


@pytest.mark.parametrize("boundary", ["-", "--", "a b", "'()+_,-./:=?", "ä", "\udcff", "x" * 256])
def test_odd_boundaries(boundary: str) -> None:
    dashes = b"--" + boundary.encode("utf-8", "surrogateescape")
    parts = split_multipart(b"%b\r\n\r\nx\r\n%b--" % (dashes, dashes), boundary)
    assert (bodies(parts), parts.complete) == ([b"x"], True)


# ---- nested -------------------------------------------------------------------------------------


def nested(levels: int) -> bytes:
    body = b"--b0\r\n\r\ncore\r\n--b0--"
    for level in range(1, levels + 1):
        head = b"Content-Type: multipart/mixed; boundary=b%d" % (level - 1)
        body = b"--b%d\r\n%b\r\n\r\n%b\r\n--b%d--" % (level, head, body, level)
    return body


def test_a_multipart_within_is_opened_when_asked() -> None:
    body = nested(2)
    (outer,) = split_multipart(body, "b2")
    (middle,) = outer.parts
    (inner,) = middle.parts
    assert inner.body == b"core"
    assert body[inner.offset :].startswith(b"core")
    assert inner.parts == ()
    assert isinstance(inner.parts, Multipart)
    assert outer.parts is outer.parts
    assert inner.view.obj is body


def test_a_boundary_that_goes_on_is_another() -> None:
    body = (
        b"--b\r\nContent-Type: multipart/related;boundary=bb\r\n\r\n"
        b"--bb\r\n\r\nx\r\n--bb--\r\n--b--"
    )
    (part,) = split_multipart(body, "b")
    assert bodies(part.parts) == [b"x"]


def test_nesting_has_a_limit() -> None:
    (part,) = split_multipart(nested(8), "b8")
    for _ in range(8):
        (part,) = part.parts
    assert part.body == b"core"
    (part,) = split_multipart(nested(2), "b2", depth=1)
    (part,) = part.parts
    with pytest.raises(ParseError) as caught:
        part.parts  # noqa: B018
    assert (caught.value.code, caught.value.offset) == ("parts-too-deep", part.offset)


def test_the_number_of_parts_has_a_limit() -> None:
    body = b"--b\r\n\r\nx\r\n" * 3
    assert len(split_multipart(body, "b", limit=3)) == 3
    assert len(split_multipart(body + b"--b--", "b", limit=3)) == 3
    with pytest.raises(ParseError) as caught:
        split_multipart(body, "b", limit=2)
    assert (caught.value.code, caught.value.status_hint) == ("too-many-parts", 413)
    assert len(split_multipart(b"--b\r\n\r\nx\r\n" * 1000, "b")) == 1000
    with pytest.raises(ParseError):
        split_multipart(b"--b\r\n\r\nx\r\n" * 1001, "b")


def test_ten_thousand_parts() -> None:
    parts = split_multipart(b"--b\r\n\r\nx\r\n" * 10_000 + b"--b--", "b", limit=10_000)
    assert len(parts) == 10_000
    assert parts.complete


def test_parts_of_multiparts_within_count_too() -> None:
    within = b"Content-Type: multipart/mixed;boundary=c\r\n\r\n" + b"--c\r\n\r\nx\r\n" * 3
    body = b"--b\r\n%b\r\n--b\r\n%b\r\n--b--" % (within, within)
    assert [len(part.parts) for part in split_multipart(body, "b", limit=8)] == [3, 3]
    first, second = split_multipart(body, "b", limit=7)
    assert (len(first.parts), first.parts) == (3, first.parts)
    for _ in range(2):
        with pytest.raises(ParseError) as caught:
            second.parts  # noqa: B018
        assert caught.value.code == "too-many-parts"


@pytest.mark.parametrize(
    ("piece", "most"), [(b"--b\n", 60), (b"--b\nA:\n", 140), (b"--b\r\n\r\nx\r\n", 40)]
)
def test_parts_take_little_memory(piece: bytes, most: int) -> None:
    """Bytes for each byte of the body, once everything in them has been read."""
    body = piece * 2000
    parts = split_multipart(body, "b", limit=2000)
    read(parts[-1])  # the common state of all parts
    tracemalloc.start()
    try:
        parts = split_multipart(body, "b", limit=2000)
        for part in parts:
            read(part)
        assert tracemalloc.get_traced_memory()[0] <= most * len(body)
    finally:
        tracemalloc.stop()


def test_pickled_parts_take_their_own_bytes() -> None:
    """Rather than all of the multipart for each of them."""
    parts = split_multipart(b"--b\r\nA: b\r\n\r\nx\r\n" * 100 + b"--b--", "b")
    again = pickle.loads(pickle.dumps(parts[7]))
    assert (again, again.offset, again.headers["a"]) == (parts[7], parts[7].offset, "b")
    assert len(pickle.dumps(parts[7])) < 500


# ---- transfer encodings -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "body", "expected"),
    [
        (b"base64", b"aGVs\r\nbG8=\r\n", b"hello"),
        (b"BASE64", b"aG Vs!bG8=", b"hello"),
        (b"quoted-printable", b"caf=C3=A9=\r\n s=3D1", b"caf\xc3\xa9 s=1"),
        (b"7bit", b"=41", b"=41"),
        (b"8bit", b"\xff", b"\xff"),
        (b"Binary", b"\0", b"\0"),
    ],
)
def test_transfer_encodings(encoding: bytes, body: bytes, expected: bytes) -> None:
    whole = b"--b\r\nContent-Transfer-Encoding: %b\r\n\r\n%b\r\n--b--" % (encoding, body)
    (part,) = split_multipart(whole, "b")
    assert part.body == body
    assert part.decoded == expected


@pytest.mark.parametrize(
    ("encoding", "body", "code", "status"),
    [
        (b"base64", b"aGVsbG8", "transfer-encoding-malformed", 400),
        (b"uuencode", b"x", "transfer-encoding-unknown", 415),
    ],
)
def test_undecodable_bodies(encoding: bytes, body: bytes, code: str, status: int) -> None:
    whole = b"--b\r\nContent-Transfer-Encoding: %b\r\n\r\n%b\r\n--b--" % (encoding, body)
    (part,) = split_multipart(whole, "b")
    with pytest.raises(ParseError) as caught:
        part.decoded  # noqa: B018
    error = caught.value
    assert (error.code, error.offset, error.status_hint) == (code, part.offset, status)


# ---- any bytes ----------------------------------------------------------------------------------


@given(st.lists(st.binary(max_size=40).filter(lambda body: b"seam" not in body), max_size=6))
def test_joined_media_are_split_again(contents: list[bytes]) -> None:
    body = b"".join(b"--seam\r\n\r\n%b\r\n" % content for content in contents) + b"--seam--"
    parts = split_multipart(body, "seam")
    assert bodies(parts) == contents
    assert parts.complete


PIECES = [b"--b", b"--", b"\r\n", b"\n", b"\r", b" ", b"x", b"\0", b":", b"b", b"Content-Type: "]
PIECES += [b"multipart/mixed;boundary=b", b"Content-Transfer-Encoding: ", b"base64"]


@given(st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join))
def test_pieces_cover_the_body_in_their_order(body: bytes) -> None:
    parts = split_multipart(body, "b")
    at = len(parts.preamble)
    assert body.startswith(bytes(parts.preamble))
    for part in parts:
        end = part.offset + len(part.view)
        start = end - len(part.raw)
        assert at <= start <= part.offset <= end
        assert body[start:end] == bytes(part.raw)
        at = end
        read(part)
    assert body.endswith(bytes(parts.epilogue))
    assert at + len(parts.epilogue) <= len(body)


def read(part: Part) -> None:
    """All values of a part; the only error is `ParseError`."""
    for name in ("headers", "content_type", "content_id", "decoded", "parts"):
        outcome(getattr, part, name, most=part.offset + len(part.view) + 40)
    assert part.body == bytes(part.view)
