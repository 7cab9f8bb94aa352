"""A message's body, opened: `content`, `parts`, `sdp`."""

from __future__ import annotations

import gzip
import zlib
from typing import Any

import pytest
from samples import OPTIONS, sample

from sipfast import ParseError, _engine
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
    assert type(message.sdp) is engine.module("sdp").SDP
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


def test_without_a_type_or_a_body_there_is_little_to_say(engine: Engine) -> None:
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


def test_no_line_of_sdp_is_an_error_at_the_body(engine: Engine) -> None:
    message: Any = engine.parse(carrying(b"nothing", b"c: application/sdp"))
    for name in ("sdp", "content"):
        with pytest.raises(ParseError) as caught:
            getattr(message, name)
        assert (caught.value.code, caught.value.offset) == ("sdp-none", message.body_offset)


@pytest.mark.parametrize("in_use", ["native", "pure"])
def test_all_that_is_in_a_message_is_of_its_own_engine(
    engine: Engine, native: Engine, pure: Engine, in_use: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_engine, "ENGINE", {"native": native, "pure": pure}[in_use])
    fragment = b"--seam\r\nc: message/sipfrag\r\n\r\nTo: Bob\r\n"
    inner = b"--inner\r\nc: application/sdp\r\n\r\n" + OFFER + b"\r\n--inner--\r\n"
    nested = b"--seam\r\nc: multipart/mixed;boundary=inner\r\n\r\n" + inner
    message: Any = engine.parse(
        carrying(fragment + nested + SEAMED, b"c: multipart/mixed;boundary=seam")
    )
    first, second, _, offer = message.parts
    (within,) = second.parts
    description = engine.module("sdp").SDP
    for found in (first.headers, first.content.headers, within.headers):
        assert type(found) is engine.Headers
    for found in (offer.content, within.content, message.sdp):
        assert type(found) is description
    alone: Any = engine.parse(carrying(b"To: Bob", b"c: message/sipfrag"))
    assert type(alone.content.headers) is engine.Headers


def test_what_is_not_there_is_looked_for_once(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    message: Any = engine.parse(carrying(b"x", b"c: text/plain"))
    assert message.sdp is None
    monkeypatch.setattr(content, "session_description_in", lambda message: "looked again")
    assert message.sdp is None
    assert engine.parse(message.raw).sdp == "looked again"
