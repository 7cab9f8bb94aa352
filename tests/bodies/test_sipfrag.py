"""Fragments of SIP messages."""

from __future__ import annotations

import pickle

import pytest
from body_samples import outcome
from hypothesis import given
from hypothesis import strategies as st
from in_use import put_in_use
from samples import OPTIONS, sample

from sipfast import ParseError, _engine
from sipfast._engine import Engine
from sipfast.bodies import SipFrag


@pytest.fixture(autouse=True)
def _each_engine(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    put_in_use(engine, monkeypatch)


@pytest.mark.parametrize(
    "body",
    [
        b"SIP/2.0 180 Ringing",
        b"SIP/2.0 180 Ringing\r",
        b"SIP/2.0 180 Ringing\n",
        b"SIP/2.0 180 Ringing\r\n",
        b"SIP/2.0 180 Ringing\r\n\r\n",
    ],
)
def test_a_status_line_is_enough(body: bytes) -> None:
    fragment = SipFrag.parse(body)
    assert (fragment.version, fragment.status, fragment.reason) == ("SIP/2.0", 180, "Ringing")
    assert (fragment.method, fragment.uri_text) == (None, None)
    assert ([*fragment.headers.items()], fragment.body) == ([], b"")


def test_a_request_line_and_a_field() -> None:
    fragment = SipFrag.parse(memoryview(OPTIONS + b"\r\nTo: Bob\r\n <sip:bob@example.com>"))
    assert (fragment.method, fragment.uri_text) == ("OPTIONS", "sip:bob@example.com")
    assert (fragment.version, fragment.status, fragment.reason) == ("SIP/2.0", None, None)
    assert fragment.headers["t"] == "Bob <sip:bob@example.com>"


@pytest.mark.parametrize(
    ("body", "items", "content"),
    [
        (b"", [], b""),
        (b"\r\n", [], b""),
        (b"\r\nbody alone", [], b"body alone"),
        (b"\nbody alone", [], b"body alone"),
        (b"From: Alice", [("From", "Alice")], b""),
        (b"From : Alice\r\nTo: Bob\r\n", [("From", "Alice"), ("To", "Bob")], b""),
        (b"From: Alice\r\n\r\n\r\nbody", [("From", "Alice")], b"\r\nbody"),
        (b"f: a\nl: 2\n\nbody", [("f", "a"), ("l", "2")], b"bo"),
    ],
)
def test_without_a_start_line(body: bytes, items: list[tuple[str, str]], content: bytes) -> None:
    fragment = SipFrag.parse(body)
    assert fragment[:5] == (None,) * 5
    assert ([*fragment.headers.items()], fragment.body) == (items, content)


def test_a_whole_message() -> None:
    data = sample(body=b"\0\r\n\r\n")
    message = _engine.ENGINE.parse(data)
    fragment = SipFrag.parse(data)
    assert fragment.headers == message.headers
    assert fragment.body == message.body
    assert pickle.loads(pickle.dumps(fragment)) == fragment


@pytest.mark.parametrize(
    ("body", "code", "offset"),
    [
        (b"To: a\r\nno colon\r\n", "header-without-colon", 7),
        (b"To: a\r\nno colon", "header-without-colon", 7),
        (b"To: a\r\n: b", "header-name-empty", 7),
        (b"To: a\r\nl: x", "content-length-not-a-number", 10),
        (b"SIP/2.0 200 OK\r\nno colon\r\n\r\n", "header-without-colon", 16),
        (b"SIP/2.0 20 OK", "status-code-malformed", 8),
        (b"hello there", "version-malformed", 6),
        (b"hello", "request-line-incomplete", 5),
        (b" folded: at once", "not-sip", 0),
    ],
)
def test_faults_are_placed_in_the_fragment(body: bytes, code: str, offset: int) -> None:
    with pytest.raises(ParseError) as caught:
        SipFrag.parse(body)
    assert (caught.value.code, caught.value.offset) == (code, offset)


@given(st.binary(max_size=60) | st.binary(max_size=30).map(b"SIP/2.0 200 OK\r\nTo: a".__add__))
def test_any_bytes(body: bytes) -> None:
    fragment = outcome(SipFrag.parse, body, most=len(body))
    if isinstance(fragment, SipFrag) and "Content-Length" not in fragment.headers:
        assert body.endswith(fragment.body)


@pytest.mark.parametrize("body", [b"To: a\r\n\r", b"To: a\n\r", b"SIP/2.0 200 OK\r\nTo: a\r\n\r"])
def test_half_a_blank_line_has_no_body_after_it(body: bytes) -> None:
    assert SipFrag.parse(body).body == b""


@given(st.integers(0, len(sample())))
def test_cut_anywhere(length: int) -> None:
    data = sample()[:length]
    fragment = outcome(SipFrag.parse, data, most=length)
    if isinstance(fragment, SipFrag):
        assert len(fragment.headers) <= data.count(b"\n") + 1
