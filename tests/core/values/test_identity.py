"""Identity and its PASSporTs; header fields that repeat but are not lists."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timezone
from typing import Any

import pytest
from cost import within
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import sample
from seen import seen
from value_checks import assert_agree, assert_same_text, assert_whole, bare_pairs, hostile

from sipfast import ParseError
from sipfast._engine import Engine

HEADER = {
    "alg": "ES256",
    "ppt": "shaken",
    "typ": "passport",
    "x5u": "https://cert.example.org/passport.cer",
}
PAYLOAD = {
    "attest": "A",
    "dest": {"tn": ["12125551213"], "uri": ["sip:bob@example.com"]},
    "iat": 1443208345,
    "orig": {"tn": "12155551212"},
    "origid": "123e4567-e89b-12d3-a456-426655440000",
}
SIGNATURE = bytes(range(64))


def part(what: Any) -> str:
    """A part of a PASSporT: base64url of bytes, or of the JSON of any other value."""
    octets = what if isinstance(what, bytes) else json.dumps(what).encode()
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def token(payload: Any = PAYLOAD, header: Any = HEADER, signature: bytes = SIGNATURE) -> str:
    return f"{part(header)}.{part(payload)}.{part(signature)}"


TEXT = f"{token()};info=<https://cert.example.org/passport.cer>;alg=ES256;ppt=shaken"


def test_identity(engine: Engine) -> None:
    (identity,) = engine.parse_header("Identity", TEXT)
    assert identity.token == token()
    assert identity.info == "https://cert.example.org/passport.cer"
    assert (identity.alg, identity.ppt) == ("ES256", "shaken")
    passport: Any = identity.passport
    assert (passport.header, passport.payload, passport.signature) == (HEADER, PAYLOAD, SIGNATURE)
    assert (passport.alg, passport.ppt, passport.x5u) == ("ES256", "shaken", HEADER["x5u"])
    assert passport.orig == "12155551212"
    assert passport.dest == ("12125551213", "sip:bob@example.com")
    assert passport.iat == datetime(2015, 9, 25, 19, 12, 25, tzinfo=timezone.utc)
    assert (passport.attest, passport.origid) == ("A", PAYLOAD["origid"])
    assert passport.div is None
    assert not passport.is_compact
    assert str(passport) == token()


def test_what_is_decoded_is_the_callers_own(engine: Engine) -> None:
    passport: Any = engine.parse_header("Identity", TEXT)[0].passport
    passport.payload["attest"] = "C"
    passport.payload["dest"]["tn"].clear()
    assert passport.attest == "A"
    assert passport.dest[0] == "12125551213"


def test_several_in_one_message(engine: Engine) -> None:
    """Each field is one value, with or without commas; a diverted call has several fields."""
    diverted = {"div": {"tn": "12155551214"}, "dest": {"tn": "1"}, "orig": {"uri": "sip:a@b"}}
    fields = [
        f"Identity: {TEXT}",
        f"y: {token(diverted)};info=<https://x.example/a,b;v=1>;ppt=div",
        'IDENTITY: ..AAAA;info=<cid:1>;x="1, 2"',
    ]
    message: Any = engine.parse(sample(b"SIP/2.0 200 OK", *[field.encode() for field in fields]))
    shaken, div, compact = message.identity
    assert message.identity is message.identity
    assert [identity.ppt for identity in message.identity] == ["shaken", "div", None]
    assert div.info == "https://x.example/a,b;v=1"
    assert (div.passport.div, div.passport.dest, div.passport.orig) == (
        "12155551214",
        ("1",),
        "sip:a@b",
    )
    assert compact.passport.is_compact
    assert (compact.passport.header, compact.passport.payload) == ({}, {})
    assert (compact.passport.signature, compact.parameters["x"]) == (b"\0\0\0", "1, 2")
    assert compact.passport.dest == ()
    names = ("iat", "orig", "attest", "ppt")
    assert [getattr(compact.passport, name) for name in names] == [None] * 4
    assert shaken.passport.ppt == "shaken"
    assert engine.parse(sample()).identity == ()


def test_a_malformed_field_among_several(engine: Engine) -> None:
    fields = [f"Identity: {TEXT}".encode(), b"Identity:  a.!.b;info=<x:y>"]
    message: Any = engine.parse(sample(b"SIP/2.0 200 OK", *fields))
    first, second = message.identity
    assert first.passport.attest == "A"
    with pytest.raises(ParseError) as raised:
        assert second.passport
    assert (raised.value.code, raised.value.header) == ("passport-encoding-malformed", "Identity")
    assert raised.value.status_hint == 438
    assert message.raw[raised.value.offset :].startswith(b"!.b")


@pytest.mark.parametrize(
    ("text", "info", "alg"),
    [
        ("..AAAA;info=<https://a/b;c=1;d>;alg=ES256", "https://a/b;c=1;d", "ES256"),
        ("..AAAA;info=<https://a/b>alg=ES256", "https://a/b", None),
        ("..AAAA ; info = <https://a/b> ; ALG = x", "https://a/b", "x"),
        ("..AAAA;info=https://a/b", "https://a/b", None),
        ("..AAAA;info=<https://a/b", "https://a/b", None),
        ("..AAAA;info=<https://a/b;alg=x>", "https://a/b;alg=x", None),
        ("..AAAA;info=<https://a/b;alg=x;c>;alg=ES256", "https://a/b;alg=x;c", "ES256"),
        ("..AAAA;alg=ES256;info=<https://a/b;alg=x>", "https://a/b;alg=x", "ES256"),
        ("..AAAA;x=<;info=<https://a/b;c>;ALG=y", "https://a/b;c", "y"),
        ("..AAAA;info=<https://a/b;alg=x", "https://a/b;alg=x", None),
        ('..AAAA;info=<a:b;c="d>;alg=";alg=y', 'a:b;c="d', "y"),
        ("..AAAA", None, None),
    ],
)
def test_info(engine: Engine, text: str, info: str | None, alg: str | None) -> None:
    """Text in the URI is not a parameter of the field, even under the name of one."""
    for of in (text, text.replace("alg", "ppt").replace("ALG", "PPT")):
        (identity,) = engine.parse_header("Identity", of)
        found = identity.alg if of is text else identity.ppt
        assert (identity.info and identity.info.replace("ppt", "alg"), found) == (info, alg)


@pytest.mark.parametrize(
    ("text", "code", "offset"),
    [
        ("", "passport-malformed", 0),
        ("AAAA", "passport-malformed", 0),
        ("AAAA.AAAA", "passport-malformed", 0),
        ("AAAA.AAAA.AAAA.AAAA", "passport-malformed", 0),
        ("é.AAAA.AAAA", "passport-encoding-malformed", 0),
        ("AAAA.AA+A.AAAA", "passport-encoding-malformed", 7),
        ("AAAA.A=A=.AAAA", "passport-encoding-malformed", 7),
        ("A" * 65_537, "passport-too-large", 0),
    ],
)
def test_malformed_passport(engine: Engine, text: str, code: str, offset: int) -> None:
    with pytest.raises(ParseError) as raised:
        engine.module("values.identity").PASSporT.parse(text)
    assert (raised.value.code, raised.value.offset) == (code, offset)


DEEP = b"[" * 16 + b"]" * 16


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"\xff", "passport-json-malformed"),
        (b"{", "passport-json-malformed"),
        (b"[]", "passport-json-malformed"),
        (b"1", "passport-json-malformed"),
        (b'{"a":NaN}', "passport-json-malformed"),
        (b'{"a":Infinity}', "passport-json-malformed"),
        ('{"a":1}'.encode("utf-16"), "passport-json-malformed"),
        (b'{"a":' + DEEP + b"}", "passport-too-deep"),
        (b"[" * 30_000, "passport-too-deep"),
        (b'{"a":' * 8_000, "passport-too-deep"),
        (b'"' + b'\\"' * 20_000, "passport-json-malformed"),
    ],
)
def test_malformed_payload(engine: Engine, payload: bytes, code: str) -> None:
    (identity,) = engine.parse_header("Identity", f"{token(payload)};info=<a:b>")
    passport: Any = identity.passport
    assert passport.ppt == "shaken"

    def read() -> None:
        for name in ("payload", "attest"):
            with pytest.raises(ParseError) as raised:
                getattr(passport, name)
            assert (raised.value.code, raised.value.offset) == (code, len(part(HEADER)) + 1)

    assert within(read, 5)


def test_a_part_of_impossible_length(engine: Engine) -> None:
    passport: Any = engine.module("values.identity").PASSporT.parse("AAAAA.e30.AAAA")
    assert (passport.payload, passport.signature) == ({}, b"\0\0\0")
    with pytest.raises(ParseError, match="Malformed PASSporT encoding"):
        assert passport.header


def test_a_buffer_may_change_under_a_passport(engine: Engine) -> None:
    """What is read then is of no use, but it is read or refused, and nothing worse."""
    buffer = bytearray(sample(b"SIP/2.0 200 OK", f"Identity: {TEXT}".encode()))
    passport: Any = engine.parse(buffer).identity[0].passport
    for old, new in ((b".", b"A"), (b"A", b"!"), (b"e", b"\xff"), (b"J", b".")):
        buffer[:] = buffer.replace(old, new)
        assert seen(passport)[0] == "PASSporT"


def test_depth_and_brackets_in_strings(engine: Engine) -> None:
    cls = engine.module("values.identity").PASSporT
    allowed = b'{"a":' + DEEP[1:-1] + b',"attest":"' + b"[{" * 50 + b'\\""}'
    assert cls.parse(token(allowed)).attest == "[{" * 50 + '"'


@pytest.mark.parametrize(
    ("payload", "name", "value"),
    [
        ({"attest": 1}, "attest", None),
        ({"orig": "1"}, "orig", None),
        ({"orig": {"tn": 1, "uri": "sip:a"}}, "orig", "sip:a"),
        ({"dest": {"tn": [1, "2", None]}}, "dest", ("2",)),
        ({"dest": ["1"]}, "dest", ()),
        ({"iat": "1"}, "iat", None),
        ({"iat": True}, "iat", None),
        ({"iat": -1}, "iat", datetime(1969, 12, 31, 23, 59, 59, tzinfo=timezone.utc)),
        ({"iat": 10**15}, "iat", None),
        ({"div": {}}, "div", None),
        (b'{"iat":1e999}', "iat", None),
        (b'{"iat":' + b"9" * 30_000 + b"}", "iat", None),
    ],
)
def test_odd_claims(engine: Engine, payload: Any, name: str, value: Any) -> None:
    passport: Any = engine.module("values.identity").PASSporT.parse(token(payload))
    assert getattr(passport, name) == value


def test_padding_is_tolerated(engine: Engine) -> None:
    passport: Any = engine.module("values.identity").PASSporT.parse("e30=.e30=.AA==")
    assert (passport.header, passport.signature) == ({}, b"\0")


def test_without_info(engine: Engine) -> None:
    """RFC 8224 4 requires it; a value read without it is written without it."""
    (identity,) = engine.parse_header("Identity", "a.b.c;alg=ES256")
    assert (identity.info, str(identity.replace())) == (None, "a.b.c;alg=ES256")
    assert identity.replace(info="https://a") == type(identity).parse(
        "a.b.c;info=<https://a>;alg=ES256"
    )
    with pytest.raises(ParseError) as caught:  # a URI has a scheme
        identity.replace(info="")
    assert caught.value.code == "parameter-value-malformed"


def test_built_and_compared(engine: Engine) -> None:
    module = engine.module("values.identity")
    passport: Any = module.PASSporT(
        {"typ": "passport", "alg": "ES256"}, {"orig": {"tn": "1"}}, b"\xff"
    )
    assert (
        str(passport)
        == f'{part(b"""{"alg":"ES256","typ":"passport"}""")}.{part(b"""{"orig":{"tn":"1"}}""")}._w'
    )
    assert passport.replace(signature=b"") == module.PASSporT.parse(str(passport)[:-2])
    assert str(module.PASSporT({}, {}, b"\0\0\0")) == "..AAAA"
    identity = module.Identity(passport, "https://a/b", alg="ES256", ppt="shaken")
    assert str(identity) == f"{passport};info=<https://a/b>;alg=ES256;ppt=shaken"
    assert identity == module.Identity.parse(
        f"{passport}; ALG=es256 ;ppt=shaken;info=<https://a/b>"
    )
    assert identity != identity.replace(info="https://a/c")
    within = module.Identity(passport, "https://a/b;alg=x;ppt=y", ppt="shaken")
    assert (within.alg, within.ppt, within.info) == (None, "shaken", "https://a/b;alg=x;ppt=y")
    assert str(within.replace(alg="z")) == f"{passport};info=<{within.info}>;alg=z;ppt=shaken"
    assert identity.passport == passport
    for bad in ("", "a b", "a;b"):
        with pytest.raises(ParseError):
            module.Identity(bad, "https://a/b")
    with pytest.raises(AttributeError):
        identity.info = "x"
    with pytest.raises(TypeError):
        passport.__init__({}, {}, b"")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
claims = st.dictionaries(
    st.sampled_from(["orig", "dest", "iat", "attest", "div", "alg", "ppt", "x"]), json_values
)


@settings(deadline=None)
@given(claims, claims, st.binary(max_size=70))
def test_generated_passports(
    native: Engine, pure: Engine, header: Any, payload: Any, signature: bytes
) -> None:
    assert_same_text(native, pure, "values.identity", "PASSporT", header, payload, signature)
    made = native.module("values.identity").PASSporT(header, payload, signature)
    assert (made.header, made.payload, made.signature) == (header, payload, signature)


@settings(deadline=None)
@given(st.sampled_from([TEXT[: TEXT.index(";")], "..AAAA"]), bare_pairs)
def test_generated_identities(native: Engine, pure: Engine, signed: str, more: Any) -> None:
    others = [pair for pair in more if pair[0].lower() not in ("info", "alg", "ppt")]
    info = "https://a.example/b"
    assert_same_text(native, pure, "values.identity", "Identity", signed, info, parameters=others)
    assert_whole(native.module("values.identity").Identity.parse(TEXT))


@settings(deadline=None)
@given(st.one_of(hostile, hostile.map("..AAAA;".__add__), st.text('.=-_Aé{"}', max_size=12)))
def test_hostile_text(native: Engine, pure: Engine, text: str) -> None:
    assert_agree(native, pure, "Identity", text)


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=40), st.text('{}[]":,1e.\\a', max_size=20).map(str.encode)))
def test_hostile_json(native: Engine, pure: Engine, payload: bytes) -> None:
    found = []
    for engine in (native, pure):
        passport: Any = engine.module("values.identity").PASSporT.parse(token(payload))
        try:
            found.append(repr(passport.payload))
        except ParseError as error:
            found.append(f"{error.code} {error.offset}")
    assert found[0] == found[1]


def test_a_uri_with_semicolons_is_one_parameter(engine: Engine) -> None:
    text = "a.b.c;info=<https://cert.example.com/c;alg=none>;alg=ES256"
    identity: Any = engine.parse_header("Identity", text)[0]
    assert [*identity.parameters.items()] == [
        ("info", "<https://cert.example.com/c;alg=none>"),
        ("alg", "ES256"),
    ]
    assert identity.replace() == identity
    built = engine.module("values.identity").Identity(
        "..YWJj", info="https://cert.example.com/c?x;y"
    )
    assert built.info == "https://cert.example.com/c?x;y"
