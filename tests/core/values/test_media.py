"""Content-Type, Content-Disposition, Accept and its kin, MIME-Version."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from values import HOSTILE, PAIRS, SPACE, TOKEN, agree, holds, parsed

from sipfast import ParseError
from sipfast._engine import Engine

Q = st.one_of(st.none(), st.integers(0, 1000).map(lambda thousandths: thousandths / 1000))


def fails(engine: Engine, name: str, text: str, code: str, offset: int) -> None:
    with pytest.raises(ParseError) as caught:
        engine.parse_header(name, text)
    error = caught.value
    assert (error.code, error.offset, error.header) == (code, offset, name)


# ---- Content-Type --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "media_type"),
    [
        ("application/sdp", "application/sdp"),
        ("Application/SDP", "application/sdp"),
        ("text/html;charset=UTF-8", "text/html"),
        ("text / plain ; charset=utf-8", "text/plain"),
        ("TEXT\t/PLAIN;", "text/plain"),
        ("application/vnd.3gpp.cw+xml", "application/vnd.3gpp.cw+xml"),
        ("a/b", "a/b"),
        ("x-" + "y" * 300 + "/Z", "x-" + "y" * 300 + "/z"),
    ],
)
def test_a_content_type(engine: Engine, text: str, media_type: str) -> None:
    content_type = parsed(engine, f"c: {text}".encode()).content_type
    assert content_type.media_type == media_type
    assert f"{content_type.type}/{content_type.subtype}" == media_type
    assert str(content_type) == text
    holds(engine, content_type)


def test_the_parameters_of_a_content_type(engine: Engine) -> None:
    text = (
        'multipart/signed; Protocol="application/pkcs7-signature"; BOUNDARY="a;\\"b"; Charset=UTF-8'
    )
    content_type = engine.parse_header("Content-Type", text)
    assert content_type.boundary == 'a;"b'
    assert content_type.charset == "utf-8"
    assert content_type.parameters["protocol"] == "application/pkcs7-signature"
    assert list(content_type.parameters) == ["Protocol", "BOUNDARY", "Charset"]
    bare = engine.parse_header("Content-Type", "text/plain")
    assert (bare.boundary, bare.charset, [*bare.parameters.items()]) == (None, None, [])
    assert parsed(engine).content_type is None


@pytest.mark.parametrize(
    ("text", "code", "offset"),
    [
        ("", "header-empty", 0),
        ("sdp", "media-type-malformed", 3),
        ("/sdp", "media-type-malformed", 0),
        ("application /", "media-type-malformed", 13),
        ("application/ ;x", "media-type-malformed", 13),
        ("application/sdp x", "media-type-malformed", 16),
        ("application/sdp, a/b", "media-type-malformed", 15),
        ("application/sdp/x", "media-type-malformed", 15),
        ("appl ication/sdp", "media-type-malformed", 4),
        ("é/sdp", "media-type-malformed", 0),
        ('a/b;x="', "quote-unterminated", 6),
    ],
)
def test_malformed_content_type(engine: Engine, text: str, code: str, offset: int) -> None:
    fails(engine, "Content-Type", text, code, offset)


def test_how_content_types_compare(engine: Engine) -> None:
    parse = engine.module("values.media").ContentType.parse
    assert parse("text/plain;charset=UTF-8;a=b") == parse('TEXT / plain ;A="B"; CHARSET=utf-8')
    assert parse("multipart/mixed;boundary=a") == parse('multipart/mixed;Boundary="a"')
    assert parse("multipart/mixed;boundary=a") != parse("multipart/mixed;boundary=A")
    assert parse("text/plain") != parse("text/plain;charset=utf-8")
    assert parse("text/plain") != parse("text/html")


def test_a_content_type_is_built(engine: Engine) -> None:
    build = engine.module("values.media").ContentType
    content_type = build("multipart/mixed", {"boundary": "a b"})
    assert str(content_type) == 'multipart/mixed;boundary="a b"'
    assert str(content_type.replace(media_type="Text/plain")) == 'Text/plain;boundary="a b"'
    assert str(content_type.replace(parameters=())) == "multipart/mixed"
    for media_type in ("", "text", "a/b/c", "a/b\r\n"):
        with pytest.raises(ParseError):
            build(media_type)


def test_a_known_media_type_is_one_str(native: Engine) -> None:
    first, second = (native.parse_header("c", f"application/sdp;x={n}") for n in (1, 2))
    assert first.media_type is second.media_type


# ---- Accept and its kin --------------------------------------------------------------------------


def test_accept(engine: Engine) -> None:
    fields = (b"Accept: application/sdp;level=1;q=0.5, */*", b"ACCEPT: text/*;q=0")
    accepted = parsed(engine, *fields).accept
    assert [(one.media_type, one.q) for one in accepted] == [
        ("application/sdp", 0.5),
        ("*/*", None),
        ("text/*", 0.0),
    ]
    assert accepted[0].parameters["level"] == "1"
    for one in accepted:
        holds(engine, one)


def test_an_empty_accept_is_not_a_missing_one(engine: Engine) -> None:
    empty, missing = parsed(engine, b"Accept:"), parsed(engine)
    assert empty.accept == missing.accept == ()
    assert ("accept" in empty.headers, "accept" in missing.headers) == (True, False)


def test_accepted_codings_and_languages(engine: Engine) -> None:
    fields = (b"Accept-Encoding: gzip;q=1.0, identity; q=0.5, *;q=0", b"Accept-Language: da, en-GB")
    message = parsed(engine, *fields)
    assert [(one.name, one.q) for one in message.accept_encoding] == [
        ("gzip", 1.0),
        ("identity", 0.5),
        ("*", 0.0),
    ]
    assert [(one.name, one.q) for one in message.accept_language] == [("da", None), ("en-GB", None)]
    for one in message.accept_encoding + message.accept_language:
        holds(engine, one)
    assert parsed(engine, b"Accept-Encoding:").accept_encoding == ()


@pytest.mark.parametrize("q", ["1.5", "-1", "0.1234", "x", "", '".5"', "1.001"])
def test_malformed_q(engine: Engine, q: str) -> None:
    for name, text in (("Accept", f"a/b ;q={q}"), ("Accept-Language", f"abc ;q={q}")):
        (accepted,) = engine.parse_header(name, text)
        with pytest.raises(ParseError) as caught:
            accepted.q  # noqa: B018
        error = caught.value
        assert (error.code, error.offset, error.header) == ("q-malformed", 5, name)


def test_malformed_accept_fields(engine: Engine) -> None:
    fails(engine, "Accept", "a/b, *", "media-type-malformed", 6)
    fails(engine, "Accept-Encoding", "gzip, ;q=1", "token-malformed", 6)
    fails(engine, "Accept-Language", "en us", "token-malformed", 2)


def test_how_accepted_things_compare(engine: Engine) -> None:
    media = engine.module("values.media")
    parse = media.MediaRange.parse
    assert parse("Text/*;Q=0.50;A=B") == parse("text/*;a=b;q=.5".replace(".5", "0.5"))
    assert parse("text/*;q=0.5") != parse("text/*;q=0.6") != parse("text/*")
    assert parse("text/plain") != media.ContentType.parse("text/plain")
    assert media.Accepted.parse("GZIP;q=1") == media.Accepted.parse("gzip;q=1.000")
    assert media.Accepted.parse("gzip") != media.Accepted.parse("gzip;q=0.1")


def test_accepted_things_are_built(engine: Engine) -> None:
    media = engine.module("values.media")
    assert str(media.MediaRange("text/*", 0.25, {"a": "b"})) == "text/*;a=b;q=0.25"
    assert str(media.MediaRange("text/*", 0.25).replace(q=None)) == "text/*"
    assert str(media.Accepted("en", 1)) == "en;q=1"
    assert str(media.Accepted("en", 0)) == "en;q=0"
    assert str(media.Accepted("en", 0.1).replace(name="zh")) == "zh;q=0.1"
    for build, name in ((media.MediaRange, "text/*"), (media.Accepted, "en")):
        for q in (1.5, -0.5, float("nan")):
            with pytest.raises(ParseError):
                build(name, q)


# ---- Content-Disposition, MIME-Version -----------------------------------------------------------


def test_content_disposition(engine: Engine) -> None:
    text = b"Content-Disposition: Early-Session ;Handling=OPTIONAL;x"
    disposition = parsed(engine, text).content_disposition
    assert (disposition.disposition, disposition.handling) == ("early-session", "optional")
    assert list(disposition.parameters) == ["Handling", "x"]
    assert parsed(engine).content_disposition is None
    holds(engine, disposition)
    build = engine.module("values.media").ContentDisposition
    assert disposition == build("early-session", "optional", parameters=[("X", None)])
    assert str(disposition.replace(handling="required")) == "Early-Session;handling=required;x"
    assert str(build("session").replace(disposition="render")) == "render"
    assert build("session").handling is None
    assert build("session") != build("render") != build("render", "required")
    fails(engine, "Content-Disposition", ";handling=required", "token-malformed", 0)
    fails(engine, "Content-Disposition", "a b", "token-malformed", 1)


def test_mime_version(engine: Engine) -> None:
    assert parsed(engine, b"MIME-Version: 1.0").mime_version == "1.0"
    assert parsed(engine).mime_version is None
    fails(engine, "MIME-Version", "", "header-empty", 0)
    for text in ("1", "1.", "v1.0", "1.0 (c)", "1.0;x"):
        fails(engine, "MIME-Version", text, "mime-version-malformed", 0)


# ---- any -----------------------------------------------------------------------------------------


@given(kind=TOKEN, subtype=TOKEN, space=SPACE, pairs=PAIRS)
def test_any_content_type(engine: Engine, kind: str, subtype: str, space: str, pairs: Any) -> None:
    cls = engine.module("values.media").ContentType
    pairs = [(name, value or "") for name, value in pairs]  # each needs a value
    parameters = engine.module("parameters").written(pairs, "Content-Type")
    built = cls(f"{kind}/{subtype}", pairs)
    for content_type in (built, cls.parse(f"{kind}{space}/{space}{subtype}{space}{parameters}")):
        assert content_type.media_type == f"{kind}/{subtype}".lower()
        assert [*content_type.parameters.items()] == pairs
        assert content_type == built
        holds(engine, content_type)


@given(name=TOKEN, q=Q, pairs=PAIRS)
def test_anything_accepted(engine: Engine, name: str, q: float | None, pairs: Any) -> None:
    media = engine.module("values.media")
    for value in (media.Accepted(name, q, pairs), media.MediaRange(f"a/{name}", q, pairs)):
        assert value.q == q
        holds(engine, value)


@given(
    name=st.sampled_from(
        ["ContentType", "MediaRange", "Accepted", "ContentDisposition", "MimeVersion"]
    ),
    text=st.one_of(HOSTILE, st.text('ab1. /;=q"\t', max_size=20)),
)
def test_the_engines_agree(native: Engine, pure: Engine, name: str, text: str | bytes) -> None:
    agree(native, pure, "values.media", name, text)
