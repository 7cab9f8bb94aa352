"""A message's body, opened: `content`, `parts`, `sdp`."""

from __future__ import annotations

import base64
import gzip
import zlib
from typing import Any

import pytest
from in_use import put_in_use
from samples import OPTIONS, sample

from sipfast import ParseError
from sipfast._engine import Engine
from sipfast.bodies import Dtmf, content

OFFER = (
    b"v=0\r\no=alice 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    b"m=audio 49170 RTP/AVP 0\r\n"
)
PLAIN = b"Content-Type: text/plain\r\n"
SEAMED = (
    b"--seam\r\nContent-Type: text/plain;charset=utf-8\r\n\r\nh\xc3\xa9\r\n"
    b"--seam\r\nContent-Type: application/sdp\r\n\r\n" + OFFER + b"\r\n--seam--\r\n"
)


def carrying(body: bytes, *fields: bytes) -> bytes:
    """A message with this body and more header fields."""
    data = sample(OPTIONS, *fields, body=body)
    return data if any(b"c:" in field for field in fields) else data.replace(PLAIN, b"")


def test_a_session_description_is_read_once(engine: Engine) -> None:
    message: Any = engine.parse(carrying(OFFER, b"Content-Type: Application / SDP"))
    assert message.sdp.media[0].port == 49170
    assert message.sdp is message.sdp
    assert message.content is message.sdp
    assert type(message.sdp) is engine.module("sdp.description").SDP
    assert message.parts == ()


def test_parts_are_views_and_hold_a_session_description(engine: Engine) -> None:
    data = carrying(SEAMED, b'c: multipart/mixed; boundary="seam"')
    message: Any = engine.parse(data)
    text, offer = message.parts
    assert message.parts is message.content
    assert text.content == "h\u00e9"
    assert offer.view.obj is data
    assert bytes(message.sdp) == OFFER
    assert message.sdp.origin.username == "alice"


def test_a_compressed_body_is_opened(engine: Engine) -> None:
    data = carrying(gzip.compress(OFFER), b"c: application/sdp", b"Content-Encoding: gzip")
    compressed: Any = engine.parse(data)
    assert bytes(compressed.sdp) == OFFER
    other = carrying(gzip.compress(b"Signal=5"), b"c: application/dtmf", b"e: GZIP")
    assert engine.parse(other).content == Dtmf("5", None)
    unnamed = carrying(gzip.compress(b"\0\xff"), b"e: identity, gzip")
    assert engine.parse(unnamed).content == b"\0\xff"


def test_a_bomb_is_not_opened(engine: Engine) -> None:
    bomb = gzip.compress(bytes(1 << 22))
    data = carrying(bomb, b"c: text/plain", b"e: gzip")
    with pytest.raises(ParseError) as caught:
        _ = engine.parse(data).content
    assert caught.value.code == "body-too-large"


def test_a_fault_in_the_body_is_where_it_is_in_the_message(engine: Engine) -> None:
    data = carrying(b"Signal=x!", b"c: application/dtmf-relay")
    message: Any = engine.parse(b"\r\n" + data)
    with pytest.raises(ParseError) as caught:
        _ = message.content
    assert caught.value.code == "dtmf-signal-malformed"
    assert caught.value.offset == 2 + data.index(b"x!")


def test_content_without_a_type_or_a_body(engine: Engine) -> None:
    bare = engine.parse(carrying(b"\0\1"))
    assert bare.content == b"\0\1"
    assert bare.sdp is None
    assert bare.parts == ()
    empty = engine.parse(carrying(b"", b"c: application/sdp"))
    assert empty.content == b""
    assert empty.sdp is None


@pytest.mark.parametrize(
    ("fields", "code", "fault"),
    [
        ([b"c: /sdp"], "media-type-malformed", b"/sdp"),
        ([b'c: text/plain;charset="x'], "quote-unterminated", b'"x'),
        ([b"c: text/plain;charset=klingon"], "charset-unknown", b"text/plain;charset"),
        ([b"c: multipart/mixed"], "boundary-missing", b"multipart/mixed"),
        ([b"c: text/plain", b"e: br"], "content-encoding-unknown", b"br\r\n"),
        ([b"c: text/plain", b"e: identity, g zip"], "token-malformed", b" zip"),
        (
            [b"c: text/plain", b"e: identity" + b",identity" * 4],
            "too-many-content-encodings",
            b"identity,",
        ),
    ],
)
def test_a_fault_in_a_header_field_is_where_it_is(
    engine: Engine, fields: list[bytes], code: str, fault: bytes
) -> None:
    data = carrying(b"x", *fields)
    message: Any = engine.parse(b"\r\n" + data)
    for _ in range(2):
        with pytest.raises(ParseError) as caught:
            _ = message.content
        assert (caught.value.code, caught.value.offset) == (code, 2 + data.index(fault))
        assert caught.value.header in ("Content-Type", "Content-Encoding")


def test_a_malformed_type_hides_parts_and_description(engine: Engine) -> None:
    data = carrying(b"x", b"c: /sdp")
    message: Any = engine.parse(data)
    for name in ("parts", "sdp"):
        with pytest.raises(ParseError) as caught:
            getattr(message, name)
        assert (caught.value.code, caught.value.offset) == (
            "media-type-malformed",
            data.index(b"/sdp"),
        )


def test_parameters_are_not_read_until_they_matter(engine: Engine) -> None:
    message: Any = engine.parse(carrying(OFFER, b"Content-Type: application/sdp;=1"))
    assert bytes(message.content) == OFFER


@pytest.mark.parametrize("encodings", [b"", b",identity,", b" , gzip ,"])
def test_empty_encodings_are_none(engine: Engine, encodings: bytes) -> None:
    body = gzip.compress(b"x") if b"gzip" in encodings else b"x"
    message: Any = engine.parse(carrying(body, b"c: text/plain", b"e: " + encodings))
    assert message.content == "x"


def test_encodings_of_several_fields_are_undone_from_the_last(engine: Engine) -> None:
    body = gzip.compress(zlib.compress(b"x"))
    message: Any = engine.parse(
        carrying(body, b"c: text/plain", b"e: deflate", b"Content-Encoding: gzip")
    )
    assert message.content == "x"


def test_an_empty_body_is_not_opened(engine: Engine) -> None:
    for fields in ([b"e: gzip"], [b"c: application/sdp", b"e: gzip"]):
        message: Any = engine.parse(carrying(b"", *fields))
        assert (message.content, message.parts, message.sdp) == (b"", (), None)


def test_a_fault_in_what_was_compressed_is_at_the_body(engine: Engine) -> None:
    packed = gzip.compress(b"Signal=x!")
    data = carrying(packed, b"c: application/dtmf-relay", b"e: gzip")
    damaged = data.replace(packed, packed[:-1] + b"\1")
    cut = carrying(packed[:-1], b"c: application/dtmf-relay", b"e: gzip")
    for wire, code, offset in (
        (data, "dtmf-signal-malformed", data.index(packed)),
        (damaged, "content-encoding-malformed", data.index(packed)),
        (cut, "content-encoding-truncated", len(cut)),
    ):
        with pytest.raises(ParseError) as caught:
            _ = engine.parse(wire).content
        assert (caught.value.code, caught.value.offset) == (code, offset)


@pytest.mark.parametrize(
    ("field", "body", "code", "fault"),
    [
        (b"Content-Type: /sdp", b"x", "media-type-malformed", b"/sdp"),
        (b"no colon", b"x", "header-without-colon", b"no colon"),
        (
            b"c: application/sdp\r\nContent-Transfer-Encoding: x",
            b"y=",
            "transfer-encoding-unknown",
            b"y=",
        ),
        (b"c: application/sdp", b"nothing", "sdp-none", b"nothing"),
    ],
)
def test_a_fault_in_a_part_is_where_it_is_in_the_message(
    engine: Engine, field: bytes, body: bytes, code: str, fault: bytes
) -> None:
    whole = b"--seam\r\n\r\n\r\n--seam\r\n%b\r\n\r\n%b\r\n--seam--" % (field, body)
    data = carrying(whole, b"c: multipart/mixed;boundary=seam")
    message: Any = engine.parse(data)
    with pytest.raises(ParseError) as caught:
        _ = message.sdp
    at = data.index(whole) + whole.index(fault)
    assert (caught.value.code, caught.value.offset) == (code, at)


def test_a_body_without_sdp_lines_is_an_error_at_its_start(engine: Engine) -> None:
    message: Any = engine.parse(carrying(b"nothing", b"c: application/sdp"))
    for name in ("sdp", "content"):
        with pytest.raises(ParseError) as caught:
            getattr(message, name)
        assert (caught.value.code, caught.value.offset) == ("sdp-none", message.body_offset)


@pytest.mark.parametrize("in_use", ["native", "pure"])
def test_all_that_is_in_a_message_is_of_its_own_engine(
    engine: Engine, native: Engine, pure: Engine, in_use: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_use({"native": native, "pure": pure}[in_use], monkeypatch)
    fragment = b"--seam\r\nc: message/sipfrag\r\n\r\nTo: Bob\r\n"
    inner = b"--inner\r\nc: application/sdp\r\n\r\n" + OFFER + b"\r\n--inner--\r\n"
    nested = b"--seam\r\nc: multipart/mixed;boundary=inner\r\n\r\n" + inner
    message: Any = engine.parse(
        carrying(fragment + nested + SEAMED, b"c: multipart/mixed;boundary=seam")
    )
    first, second, _, offer = message.parts
    (within,) = second.parts
    description = engine.module("sdp.description").SDP
    for found in (first.headers, first.content.headers, within.headers):
        assert type(found) is engine.Headers
    for found in (offer.content, within.content, message.sdp):
        assert type(found) is description
    alone: Any = engine.parse(carrying(b"To: Bob", b"c: message/sipfrag"))
    assert type(alone.content.headers) is engine.Headers


def test_missing_lines_are_searched_once(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    message: Any = engine.parse(carrying(b"x", b"c: text/plain"))
    assert message.sdp is None
    monkeypatch.setattr(content, "session_description_in", lambda *_: "looked again")
    assert message.sdp is None
    assert engine.parse(message.raw).sdp == "looked again"


# ---- parts that are encoded, and multiparts within multiparts (RFC 5621) -------------------------


def within(boundary: bytes, *parts: bytes) -> bytes:
    """A multipart of these parts, header fields and all."""
    lines = [b"--%b\r\n%b\r\n" % (boundary, part) for part in parts]
    return b"".join([*lines, b"--%b--\r\n" % boundary])


def part(kind: bytes, body: bytes, *fields: bytes) -> bytes:
    return b"\r\n".join([b"Content-Type: " + kind, *fields, b"", body])


SDP_PART = part(b"application/sdp", OFFER)
MIXED = b"c: multipart/mixed;boundary=a"


def test_a_compressed_part_is_opened(engine: Engine) -> None:
    packed = part(b"application/sdp", gzip.compress(OFFER), b"Content-Encoding: gzip")
    twice = base64.encodebytes(gzip.compress(zlib.compress(b"hi")))
    fields = (b"Content-Encoding: deflate, gzip", b"Content-Transfer-Encoding: base64")
    body = within(b"a", packed, part(b"text/plain", twice, *fields))
    message: Any = engine.parse(carrying(body, MIXED))
    assert bytes(message.sdp) == bytes(message.parts[0].content) == OFFER
    assert message.parts[1].content == "hi"
    assert gzip.decompress(message.parts[0].decoded) == OFFER


def test_a_session_description_in_a_multipart_within(engine: Engine) -> None:
    inner = within(b"b", part(b"text/plain", b"x"), SDP_PART)
    outer = within(b"a", part(b"text/plain", b"y"), part(b"multipart/related;boundary=b", inner))
    data = carrying(outer, MIXED)
    message: Any = engine.parse(data)
    assert bytes(message.sdp) == OFFER
    assert message.parts[1].content is message.parts[1].parts
    first = within(b"a", part(b"multipart/mixed;boundary=b", within(b"b")), SDP_PART)
    assert bytes(engine.parse(carrying(first, MIXED)).sdp or b"") == OFFER
    without = within(b"a", part(b"multipart/mixed;boundary=b", within(b"b")))
    assert engine.parse(carrying(without, MIXED)).sdp is None


@pytest.mark.parametrize("encoding", ["gzip", "base64"])
def test_a_session_description_in_an_encoded_multipart(engine: Engine, encoding: str) -> None:
    inner = within(b"b", SDP_PART)
    if encoding == "gzip":
        packed, field = gzip.compress(inner), b"Content-Encoding: gzip"
    else:
        packed, field = base64.encodebytes(inner), b"Content-Transfer-Encoding: base64"
    outer = within(b"a", part(b"multipart/mixed;boundary=b", packed, field))
    message: Any = engine.parse(carrying(outer, MIXED))
    assert bytes(message.sdp) == OFFER
    (found,) = message.parts[0].parts
    assert inner[found.offset :].startswith(OFFER)


@pytest.mark.parametrize(
    ("broken", "code", "fault"),
    [
        (part(b"application/sdp", b"x"), "sdp-none", b"x\r\n--a"),
        (part(b"application/sdp", b"!x", b"e: gzip"), "content-encoding-malformed", b"!x"),
        (part(b"application/sdp", b"x", b"e: gzip, br"), "content-encoding-unknown", b"gzip, br"),
        (part(b"application/sdp", b"x", b"e: g zip"), "token-malformed", b" zip"),
        (part(b"/sdp", b"x"), "media-type-malformed", b"/sdp"),
        (part(b"multipart/mixed", b"x"), "boundary-missing", b"multipart/mixed\r\n\r\nx"),
        (part(b"multipart/x;boundary=b", b"!x", b"e: gzip"), "content-encoding-malformed", b"!x"),
        (
            part(
                b"multipart/x;boundary=b", gzip.compress(within(b"b", b"c: /s\r\n\r\n")), b"e:gzip"
            ),
            "media-type-malformed",
            b"\x1f\x8b",
        ),
        (
            part(b"multipart/x;boundary=b", within(b"b", b"c: application/sdp\r\n\r\n?")),
            "sdp-none",
            b"?\r\n--b",
        ),
    ],
)
def test_a_fault_on_the_way_to_a_description_has_its_place(
    engine: Engine, broken: bytes, code: str, fault: bytes
) -> None:
    data = carrying(within(b"a", broken, SDP_PART), MIXED)
    with pytest.raises(ParseError) as caught:
        _ = engine.parse(b"\r\n" + data).sdp
    assert (caught.value.code, caught.value.offset) == (code, 2 + data.index(fault))


def nested(levels: int, encode: bool) -> bytes:
    """A session description in so many multiparts within each other."""
    body = within(b"a" * levels, SDP_PART)
    for level in reversed(range(1, levels)):
        kind = b"multipart/mixed;boundary=" + b"a" * (level + 1)
        packed = part(kind, gzip.compress(body), b"e: gzip") if encode else part(kind, body)
        body = within(b"a" * level, packed)
    return body


@pytest.mark.parametrize("encode", [False, True])
def test_multiparts_within_are_opened_to_a_depth(engine: Engine, encode: bool) -> None:
    message: Any = engine.parse(carrying(nested(9, encode), MIXED))
    assert bytes(message.sdp) == OFFER
    deeper: Any = engine.parse(carrying(nested(10, encode), MIXED))
    with pytest.raises(ParseError) as caught:
        _ = deeper.sdp
    assert caught.value.code == "parts-too-deep"


def test_all_parts_together_unpack_to_so_much(engine: Engine) -> None:
    """Unpacked bytes count once for any number of accesses."""
    half = part(b"text/plain", gzip.compress(bytes(1 << 19)), b"e: gzip")
    message: Any = engine.parse(carrying(within(b"a", half, half, half), MIXED))
    first, second, third = message.parts
    for opened in (first, second, first, second):
        assert len(opened.content) == 1 << 19
    for _ in range(2):
        with pytest.raises(ParseError) as caught:
            _ = third.content
        assert caught.value.code == "body-too-large"
    big = part(b"text/plain", b"x" * (1 << 10), b"e: identity")
    assert engine.parse(carrying(within(b"a", big), MIXED)).parts[0].content == "x" * (1 << 10)


@pytest.mark.parametrize(
    ("core", "each", "code"),
    [
        ([part(b"text/plain", b"x")] * 100, 60, "too-many-parts"),
        ([part(b"text/plain", b"x" * (1 << 18))], 2, "body-too-large"),
    ],
)
def test_bombs_within_each_other_are_not_opened(
    engine: Engine, core: list[bytes], each: int, code: str
) -> None:
    """A few KiB that would unpack to terabytes, in small multiparts."""
    body = within(b"a", *core)
    for _ in range(7):
        packed = gzip.compress(body, mtime=0)
        body = within(b"a", *[part(b"multipart/x;boundary=a", packed, b"e: gzip")] * each)
    message: Any = engine.parse(carrying(body, MIXED))
    with pytest.raises(ParseError) as caught:
        _ = message.sdp
    assert caught.value.code == code


def codes_of(message: Any) -> list[str | None]:
    """The faults of its parts, or None, each read twice."""

    def code_of(part: Any) -> str | None:
        try:
            _ = part.content
        except ParseError as error:
            return error.code
        return None

    first = [code_of(part) for part in message.parts]
    assert [code_of(part) for part in message.parts] == first
    return first


MEMBER = gzip.compress(b"", mtime=0)
MEBIBYTE = gzip.compress(bytes(1 << 20), mtime=0)


def test_failed_output_counts(engine: Engine) -> None:
    damaged = part(b"text/plain", MEBIBYTE[:-8] + b"checksum", b"e: gzip")
    message: Any = engine.parse(carrying(within(b"a", *[damaged] * 9), MIXED))
    assert codes_of(message) == ["content-encoding-malformed"] * 2 + ["body-too-large"] * 7


def test_intermediate_output_counts(engine: Engine) -> None:
    """Half a MiB of blocks that are empty."""
    blocks = b"\0\0\0\xff\xff" * ((1 << 19) // 5) + b"\1\0\0\xff\xff"
    piece = part(b"text/plain", gzip.compress(blocks, mtime=0), b"e: deflate, gzip")
    message: Any = engine.parse(carrying(within(b"a", *[piece] * 9), MIXED))
    assert codes_of(message) == [None] * 4 + ["body-too-large"] * 5


def test_members_count_as_unpacked(engine: Engine) -> None:
    """Of two layers; a thousand members each are a quarter of a MiB."""
    piece = part(b"text/plain", gzip.compress(MEMBER * 1000, mtime=0), b"e: gzip, gzip")
    message: Any = engine.parse(carrying(within(b"a", *[piece] * 9), MIXED))
    assert codes_of(message) == [None] * 7 + ["body-too-large"] * 2


def test_a_body_and_its_parts_count_together(engine: Engine) -> None:
    half = part(b"text/plain", gzip.compress(bytes(1 << 19), mtime=0), b"e: gzip")
    filler = part(b"text/plain", bytes(1 << 19))
    for parts, last in ([half], None), ([filler, half], "body-too-large"):
        packed = gzip.compress(within(b"a", *parts), mtime=0)
        message: Any = engine.parse(carrying(packed, MIXED, b"e: gzip"))
        assert codes_of(message)[-1] == last


def test_parts_of_all_multiparts_count_together(engine: Engine) -> None:
    inner = part(b"multipart/x;boundary=b", within(b"b", *[part(b"text/plain", b"x")] * 400))
    message: Any = engine.parse(carrying(within(b"a", inner, inner, inner), MIXED))
    assert codes_of(message) == [None, None, "too-many-parts"]
