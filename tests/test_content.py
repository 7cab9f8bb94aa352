"""A message's body, opened: `content`, `parts`, `sdp`."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from samples import OPTIONS, sample

from sipfast import ParseError
from sipfast._engine import Engine
from sipfast.bodies import Dtmf

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


def test_a_malformed_type_is_an_error_where_it_is(engine: Engine) -> None:
    data = carrying(b"x", b"c: sdp")
    message: Any = engine.parse(data)
    for name in ("content", "parts", "sdp"):
        with pytest.raises(ParseError) as caught:
            getattr(message, name)
        assert caught.value.code == "media-type-malformed"
