"""Session-ID, Resource-Priority and User-to-User."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import sample
from value_checks import assert_agree, assert_same_text, hostile, pairs

from sipfast import ParseError
from sipfast._engine import Engine

LOCAL, REMOTE = "ab30317f1a784dc48ff824d0d3715d86", "47755a9de7794ba387653f2099600ef2"


def test_session_id(engine: Engine) -> None:
    line = f"Session-ID: {LOCAL.upper()} ; Remote={REMOTE};logme"
    session = engine.parse(sample(b"SIP/2.0 200 OK", line.encode())).session_id
    assert session is not None
    assert (session.local, session.remote) == (LOCAL, REMOTE)
    assert session.parameters["logme"] is None
    cls = type(session)
    assert str(cls(LOCAL, REMOTE)) == f"{LOCAL};remote={REMOTE}"
    assert cls(LOCAL, REMOTE) == cls.parse(f"{LOCAL.upper()};REMOTE={REMOTE}") != cls(LOCAL)
    assert cls(LOCAL).remote is None
    assert session.replace(remote="0" * 32).remote == "0" * 32


@pytest.mark.parametrize("text", ["", "x", LOCAL[1:], LOCAL + "0", f'"{LOCAL}"', "é" + LOCAL[1:]])
def test_malformed_session_id(engine: Engine, text: str) -> None:
    with pytest.raises(ParseError) as raised:
        engine.parse_header("Session-ID", text)
    assert raised.value.code == ("session-id-malformed" if text else "header-empty")
    assert raised.value.offset == 0
    session = engine.parse_header("Session-ID", f"{LOCAL};remote={text}")
    assert session.local == LOCAL
    if text != f'"{LOCAL}"':
        with pytest.raises(ParseError) as raised:
            assert session.remote
        assert (raised.value.code, raised.value.offset) == ("session-id-malformed", 33)
        with pytest.raises(ParseError):
            type(session)(LOCAL, text)


def test_resource_priority(engine: Engine) -> None:
    fields = [b"Resource-Priority: ets.0, WPS.1", b"Accept-Resource-Priority: q735.2"]
    message = engine.parse(sample(b"SIP/2.0 200 OK", *fields))
    ets, wps = message.resource_priority
    assert (ets.namespace, ets.priority, wps.namespace) == ("ets", "0", "WPS")
    assert str(message.accept_resource_priority[0]) == "q735.2"
    assert wps == type(wps)("wps", "1") != ets
    assert str(ets.replace(priority="4")) == "ets.4"


@pytest.mark.parametrize("text", ["ets", "ets.", ".0", "a.b.c", "a b.c", "a.é", "a.0;x"])
def test_malformed_resource_priority(engine: Engine, text: str) -> None:
    with pytest.raises(ParseError) as raised:
        engine.parse_header("Resource-Priority", f"ets.0, {text}")
    assert (raised.value.code, raised.value.offset) == ("priority-malformed", 7)


@pytest.mark.parametrize(
    ("text", "data", "encoding", "purpose"),
    [
        ("56a390f3d2b7310023a2;encoding=hex;purpose=foo", "56a390f3d2b7310023a2", "hex", "foo"),
        ("00C81F", "00c81f", None, None),
        ('"00c8";Encoding=HEX', "00c8", "HEX", None),
        ('"";purpose=x', "", None, "x"),
        ('"a é";encoding=text', "6120c3a9", "text", None),
    ],
)
def test_user_to_user(
    engine: Engine, text: str, data: str, encoding: str | None, purpose: str | None
) -> None:
    (value,) = engine.parse_header("User-to-User", text)
    assert (value.data.hex(), value.encoding, value.purpose) == (data, encoding, purpose)


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        *(("0", "uui-malformed", 4), ("0g", "uui-malformed", 4), ('"0 0"', "uui-malformed", 4)),
        *(("\uff100", "token-malformed", 4), ("00 00", "token-malformed", 6)),
    ],
)
def test_malformed_data(engine: Engine, text: str, code: str, at: int) -> None:
    first, second = engine.parse_header("User-to-User", f"00, {text};content=isdn-uui")
    assert second.content == "isdn-uui"
    with pytest.raises(ParseError) as raised:
        assert second.data
    assert (raised.value.code, raised.value.offset) == (code, at)
    assert first != second


def test_user_to_user_is_built_and_compared(engine: Engine) -> None:
    cls = engine.module("values.sessions").UserToUser
    assert str(cls(b"\x04\xc8", parameters={"purpose": "x"})) == "04c8;encoding=hex;purpose=x"
    assert cls(b"\x04\xc8") == cls.parse("04C8;Encoding=HEX") != cls(b"\x04")
    assert str(cls(b'a"', encoding="text")) == '"a\\"";encoding=text'
    assert cls(b"a", encoding="text") != cls(b"A", encoding="text")
    assert str(cls(b"", encoding=None)) == '""'
    assert str(cls(b"\x01").replace(data=b"\x02")) == "02;encoding=hex"


@settings(deadline=None)
@given(st.binary(max_size=20), st.sampled_from([None, "hex", "HEX", "text"]), pairs)
def test_generated_data(
    native: Engine, pure: Engine, data: bytes, encoding: str | None, more: Any
) -> None:
    others = [pair for pair in more if pair[0].lower() != "encoding"]
    octets = data.replace(b"\r", b"").replace(b"\n", b"") if encoding == "text" else data
    names = {"encoding": encoding, "parameters": others}
    assert_same_text(native, pure, "values.sessions", "UserToUser", octets, **names)
    made = native.module("values.sessions").UserToUser(octets, **names)
    assert made.data == octets


@settings(deadline=None)
@given(st.uuids(), st.none() | st.uuids(), pairs)
def test_generated_session_ids(
    native: Engine, pure: Engine, local: Any, remote: Any, more: Any
) -> None:
    others = [pair for pair in more if pair[0].lower() != "remote"]
    other = remote and remote.hex
    assert_same_text(
        native, pure, "values.sessions", "SessionID", local.hex, other, parameters=others
    )


words = st.text("abcXYZ019-!%*_+`'~", min_size=1)


@settings(deadline=None)
@given(words, words)
def test_generated_priorities(native: Engine, pure: Engine, space: str, level: str) -> None:
    assert_same_text(native, pure, "values.sessions", "ResourcePriority", space, level)


HEADERS = ["Session-ID", "Resource-Priority", "User-to-User"]


@settings(deadline=None)
@given(st.sampled_from(HEADERS), st.one_of(hostile, hostile.map(f"{LOCAL};".__add__)))
def test_hostile_text(native: Engine, pure: Engine, header: str, text: str) -> None:
    assert_agree(native, pure, header, text)
