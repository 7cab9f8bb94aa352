"""Media types, and the reader of each."""

from __future__ import annotations

import gzip
from collections.abc import Sequence

import pytest
from body_samples import outcome
from hypothesis import given
from hypothesis import strategies as st
from in_use import put_in_use

from sipfast import ParseError
from sipfast._engine import Engine
from sipfast.bodies import (
    DialogInfo,
    Dtmf,
    Isup,
    Manscdp,
    Multipart,
    Presence,
    RegInfo,
    SipFrag,
    decode,
)


@pytest.fixture(autouse=True)
def _each_engine(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    put_in_use(engine, monkeypatch)


@pytest.mark.parametrize(
    ("body", "content_type", "kind"),
    [
        (b"Signal=1", "application/dtmf-relay", Dtmf),
        (b"1", "application/dtmf", Dtmf),
        (b"\x10\x00", "application/ISUP;version=itu-t92+;base=itu-t92+", Isup),
        (b"SIP/2.0 200 OK", "message/sipfrag;version=2.0", SipFrag),
        (b"<presence/>", "application/pidf+xml", Presence),
        (b"<reginfo/>", "application/reginfo+xml", RegInfo),
        (b"<dialog-info/>", "application/dialog-info+xml; charset=UTF-8", DialogInfo),
        (b"<Query/>", "Application/MANSCDP+xml", Manscdp),
        (b"--x--", "multipart/mixed;boundary=x", Multipart),
        (b"", "text/plain", str),
        (b"", "text/html", str),
        (b"", "application/octet-stream", bytes),
        (b"", "application/xml", bytes),
        (b"", "message/external-body", bytes),
    ],
)
def test_the_class_for_a_media_type(body: bytes, content_type: str, kind: type) -> None:
    assert type(decode(body, content_type)) is kind
    assert type(decode(memoryview(body), content_type.upper().replace("=X", "=x"))) is kind
    packed = gzip.compress(body)
    assert type(decode(packed, content_type, ["gzip"])) is kind


def test_the_charset_is_handed_on() -> None:
    assert decode("你好".encode("gbk"), "text/plain;charset=GB2312") == "你好"
    notify = decode("<Notify><Name>门</Name></Notify>".encode("gbk"), 'a/b;x=";"', ())
    assert notify == "<Notify><Name>门</Name></Notify>".encode("gbk")
    body = "<?xml version='1.0' encoding='utf-8'?><Notify><Name>门</Name></Notify>".encode("gbk")
    command = decode(body, 'application/MANSCDP+xml;charset="GBK"')
    assert isinstance(command, Manscdp)
    assert command.fields == {"Name": "门"}


def test_the_limit_is_handed_on() -> None:
    packed = gzip.compress(b"x" * 100)
    assert decode(packed, "text/plain", ["gzip"], limit=100) == "x" * 100
    for body, media, encodings in (
        (packed, "text/plain", ["gzip"]),
        (b"<presence/>" + b" " * 90, "application/pidf+xml", []),
    ):
        with pytest.raises(ParseError) as caught:
            decode(body, media, encodings, limit=99)
        assert caught.value.code == "body-too-large"


@pytest.mark.parametrize(
    ("content_type", "encodings", "code"),
    [
        ("", (), "header-empty"),
        ("text", (), "media-type-malformed"),
        ("text/plain x", (), "media-type-malformed"),
        ("text/plain;charset=x y", (), "charset-unknown"),
        ('text/plain;charset="x', (), "quote-unterminated"),
        ("text/plain;charset=klingon", (), "charset-unknown"),
        ("text/plain", ["br"], "content-encoding-unknown"),
        ("multipart/mixed", (), "boundary-missing"),
        ("multipart/mixed;boundary=", (), "boundary-missing"),
    ],
)
def test_undecodable_bodies(content_type: str, encodings: Sequence[str], code: str) -> None:
    with pytest.raises(ParseError) as caught:
        decode(b"", content_type, encodings)
    assert caught.value.code == code
    assert caught.value.header in ("Content-Type", "Content-Encoding")


def test_a_boundary_may_lack_the_quotes_that_it_needs() -> None:
    body = b"----=_x:1/2\r\n\r\nx\r\n----=_x:1/2--"
    for parameters in (
        ";boundary=--=_x:1/2",
        "; Boundary = --=_x:1/2 ; a",
        ';boundary="--=_x:1/2"',
        ";=1;;boundary=--=_x:1/2;boundary=other",
    ):
        parts = decode(body, f"multipart/mixed{parameters}")
        assert isinstance(parts, Multipart)
        assert [part.body for part in parts] == [b"x"]


@given(st.text(alphabet='ab/;="\\ ,\té', max_size=20))
def test_any_text(text: str) -> None:
    for content_type in (text, f"multipart/mixed;boundary={text}"):
        outcome(decode, b"--a\r\n\r\nx", content_type, most=len(content_type.encode()))


MEDIA = ["application/dtmf", "application/isup", "message/sipfrag", "application/pidf+xml"]
MEDIA += ["application/manscdp+xml", "multipart/x;boundary=a", "text/x;charset=gbk", "a/b"]


@given(
    st.binary(max_size=60),
    st.sampled_from(MEDIA),
    st.lists(st.sampled_from(["gzip", "deflate", "identity", "x"]), max_size=2),
)
def test_any_bytes(body: bytes, content_type: str, encodings: list[str]) -> None:
    outcome(decode, body, content_type, encodings, limit=1000, most=max(len(body), 1000))
