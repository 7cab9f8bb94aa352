"""ACK and CANCEL, byte by byte (RFC 3261 9.1, 13.2.2.4, 17.1.1.3)."""

from __future__ import annotations

from typing import Any

import pytest
from samples import sample

from sipfast import ParseError
from sipfast._engine import Engine

CREDENTIALS = (
    b'Digest username="alice", realm="atlanta.example.com", nonce="wf84f1", '
    b'uri="sip:bob@biloxi.example.com", response="42ce3cef44b22f50c6a6071bc8"'
)
INVITE = b"\r\n".join(
    [
        b"INVITE sip:bob@biloxi.example.com SIP/2.0",
        b"Via: SIP/2.0/TCP client.atlanta.example.com:5060;branch=z9hG4bK74bf9",
        b"Route: <sip:ss1.atlanta.example.com;lr>",
        b"Max-Forwards: 70",
        b"From: Alice <sip:alice@atlanta.example.com>;tag=9fxced76sl",
        b"To: Bob <sip:bob@biloxi.example.com>",
        b"Call-ID: 3848276298220188511@atlanta.example.com",
        b"CSeq: 1 INVITE",
        b"Contact: <sip:alice@client.atlanta.example.com;transport=tcp>",
        b"Proxy-Authorization: " + CREDENTIALS,
        b"Require: 100rel",
        b"Content-Type: application/sdp",
        b"Content-Length: 5",
        b"",
        b"v=0\r\n",
    ]
)
TO = b"Bob <sip:bob@biloxi.example.com>;tag=8321234356"


@pytest.fixture(autouse=True)
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.token_hex", lambda size: "c" * 2 * size)


def response_to(engine: Engine, status: int, *fields: bytes, to: bytes = TO) -> Any:
    lines = [
        b"SIP/2.0 %d X" % status,
        b"Via: SIP/2.0/TCP client.atlanta.example.com:5060;branch=z9hG4bK74bf9",
        b"From: Alice <sip:alice@atlanta.example.com>;tag=9fxced76sl",
        b"To: " + to,
        b"Call-ID: 3848276298220188511@atlanta.example.com",
        b"CSeq: 1 INVITE",
        *fields,
        b"Content-Length: 0",
    ]
    return engine.parse(b"\r\n".join([*lines, b"", b""]))


def lines(message: Any) -> list[str]:
    text: str = message.raw.decode()
    return text.split("\r\n")


def test_the_ack_of_a_failure_is_in_its_transaction(engine: Engine) -> None:
    invite: Any = engine.parse(INVITE)
    ack = invite.ack(response_to(engine, 486))
    assert type(ack) is engine.Request
    assert lines(ack) == [
        "ACK sip:bob@biloxi.example.com SIP/2.0",
        "Via: SIP/2.0/TCP client.atlanta.example.com:5060;branch=z9hG4bK74bf9",
        "Max-Forwards: 70",
        "Route: <sip:ss1.atlanta.example.com;lr>",
        "From: Alice <sip:alice@atlanta.example.com>;tag=9fxced76sl",
        "To: Bob <sip:bob@biloxi.example.com>;tag=8321234356",
        "Call-ID: 3848276298220188511@atlanta.example.com",
        "CSeq: 1 ACK",
        f"Proxy-Authorization: {CREDENTIALS.decode()}",
        "Content-Length: 0",
        "",
        "",
    ]
    assert ack.transaction_key == invite.transaction_key
    assert not ack.defects


def test_the_ack_of_a_2xx_is_sent_in_the_dialog(engine: Engine) -> None:
    invite: Any = engine.parse(INVITE)
    response = response_to(
        engine,
        200,
        b"Record-Route: <sip:ss2.biloxi.example.com;lr>, <sip:ss1.atlanta.example.com;lr>",
        b"Contact: <sip:bob@client.biloxi.example.com;transport=tcp>",
    )
    ack = invite.ack(response, headers={"Content-Type": "application/sdp"}, body=b"v=0\r\n")
    assert lines(ack) == [
        "ACK sip:bob@client.biloxi.example.com;transport=tcp SIP/2.0",
        "Via: SIP/2.0/TCP client.atlanta.example.com:5060;branch=z9hG4bKcccccccccccccccc",
        "Max-Forwards: 70",
        "Route: <sip:ss1.atlanta.example.com;lr>",
        "Route: <sip:ss2.biloxi.example.com;lr>",
        "From: Alice <sip:alice@atlanta.example.com>;tag=9fxced76sl",
        "To: Bob <sip:bob@biloxi.example.com>;tag=8321234356",
        "Call-ID: 3848276298220188511@atlanta.example.com",
        "CSeq: 1 ACK",
        f"Proxy-Authorization: {CREDENTIALS.decode()}",
        "Content-Type: application/sdp",
        "Content-Length: 5",
        "",
        "v=0",
        "",
    ]
    assert not ack.defects


@pytest.mark.parametrize(
    ("route", "uri", "contact", "target", "routes"),
    [
        (b"<sip:p;lr>, <sip:q>", b"sip:b@1", b"<sip:b@2>", "sip:b@2", ["<sip:p;lr>", "<sip:q>"]),
        (b"<sip:p;lr>", b"sip:b@1", None, "sip:b@1", ["<sip:p;lr>"]),
        (b"<sip:q>, <sip:b@1>", b"sip:p", b"<sip:b@2>", "sip:p", ["<sip:q>", "<sip:b@2>"]),
        (b"<sip:b@1>", b"sip:p", None, "sip:p", ["<sip:b@1>"]),
        (None, b"sip:b@1", b"<sip:b@2>", "sip:b@2", []),
    ],
    ids=["loose", "no contact", "strict", "strict, no contact", "direct"],
)
def test_the_ack_within_a_dialog_takes_the_route_of_the_invite(
    engine: Engine,
    route: bytes | None,
    uri: bytes,
    contact: bytes | None,
    target: str,
    routes: list[str],
) -> None:
    data = INVITE.replace(b"sip:bob@biloxi.example.com SIP", uri + b" SIP")
    data = data.replace(b"To: Bob <sip:bob@biloxi.example.com>", b"To: " + TO)
    line = b"Route: %b\r\n" % route if route else b""
    data = data.replace(b"Route: <sip:ss1.atlanta.example.com;lr>\r\n", line)
    fields = [b"Record-Route: <sip:ignored;lr>", *([b"Contact: " + contact] if contact else [])]
    invite: Any = engine.parse(data)
    ack = invite.ack(response_to(engine, 200, *fields))
    assert ack.uri_text == target
    assert ack.headers.getall("Route", []) == routes


@pytest.mark.parametrize("status", [100, 180, 199])
def test_a_provisional_response_has_no_ack(engine: Engine, status: int) -> None:
    invite: Any = engine.parse(INVITE)
    with pytest.raises(ValueError, match="a provisional response has no ACK"):
        invite.ack(response_to(engine, status))


def test_only_an_invite_has_an_ack_or_a_cancel(engine: Engine) -> None:
    for method in (b"OPTIONS", b"ACK", b"CANCEL"):
        request: Any = engine.parse(sample(method + b" sip:b SIP/2.0"))
        with pytest.raises(ValueError, match="only the response to an INVITE has an ACK"):
            request.ack(response_to(engine, 200))
        with pytest.raises(ValueError, match="only an INVITE is cancelled"):
            request.cancel()


def test_a_response_to_another_request_is_refused(engine: Engine) -> None:
    invite: Any = engine.parse(INVITE.replace(b"9fxced76sl", b"other"))
    with pytest.raises(ValueError, match="the response is to another request"):
        invite.ack(response_to(engine, 200))


def test_a_cancel_is_in_the_place_of_its_invite(engine: Engine) -> None:
    invite: Any = engine.parse(INVITE)
    cancel = invite.cancel(headers={"Reason": "SIP;cause=200"})
    assert lines(cancel) == [
        "CANCEL sip:bob@biloxi.example.com SIP/2.0",
        "Via: SIP/2.0/TCP client.atlanta.example.com:5060;branch=z9hG4bK74bf9",
        "Max-Forwards: 70",
        "Route: <sip:ss1.atlanta.example.com;lr>",
        "From: Alice <sip:alice@atlanta.example.com>;tag=9fxced76sl",
        "To: Bob <sip:bob@biloxi.example.com>",
        "Call-ID: 3848276298220188511@atlanta.example.com",
        "CSeq: 1 CANCEL",
        "Reason: SIP;cause=200",
        "Content-Length: 0",
        "",
        "",
    ]
    assert cancel.transaction_key.branch == invite.transaction_key.branch
    assert not cancel.defects


def test_only_the_top_via_is_taken(engine: Engine) -> None:
    data = INVITE.replace(b"74bf9", b"74bf9, SIP/2.0/UDP x\r\nVia: SIP/2.0/UDP y")
    invite: Any = engine.parse(data)
    via = "SIP/2.0/TCP client.atlanta.example.com:5060;branch=z9hG4bK74bf9"
    for made in (invite.cancel(), invite.ack(response_to(engine, 500))):
        assert made.headers.getall("Via") == [via]


@pytest.mark.parametrize("name", ["Via", "From", "To", "Call-ID", "CSeq"])
def test_a_missing_field_is_named(engine: Engine, name: str) -> None:
    draft: Any = engine.parse(INVITE).edit()
    del draft[name]
    with pytest.raises(ParseError) as caught:
        draft.message.cancel()
    assert (caught.value.code, caught.value.header) == ("header-missing", name)
    if name != "To":
        with pytest.raises(ParseError):
            draft.message.ack(response_to(engine, 500))
    answered = response_to(engine, 500).edit()
    del answered["To"]
    with pytest.raises(ParseError):
        engine.parse(INVITE).ack(answered.message)  # type: ignore[union-attr]
