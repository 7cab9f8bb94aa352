"""The second attempt of a challenged request (RFC 3261 22)."""

from __future__ import annotations

from typing import Any

import pytest
from samples import sample

from sipfast import ParseError
from sipfast._engine import Engine

REGISTER = b"\r\n".join(
    [
        b"REGISTER sips:ss2.biloxi.example.com SIP/2.0",
        b"Via: SIP/2.0/TLS client.biloxi.example.com:5061;rport;branch=z9hG4bKnashds7",
        b"Max-Forwards: 70",
        b"From: Bob <sips:bob@biloxi.example.com>;tag=a73kszlfl",
        b"To: Bob <sips:bob@biloxi.example.com>",
        b"Call-ID: 1j9FpLxk3uxtm8tn@biloxi.example.com",
        b"CSeq: 1 REGISTER",
        b"Contact: <sips:bob@client.biloxi.example.com>",
        b"Content-Length: 0",
        b"",
        b"",
    ]
)


@pytest.fixture(autouse=True)
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.token_hex", lambda size: "c" * 2 * size)


def challenge(request: Any, *fields: tuple[str, str], status: int = 401) -> Any:
    return request.reply(status, headers=fields)


def www(text: str) -> tuple[str, str]:
    return "WWW-Authenticate", text


def proxy(text: str) -> tuple[str, str]:
    return "Proxy-Authenticate", text


def request_of(engine: Engine, data: bytes = REGISTER) -> Any:
    return engine.parse(data)


def realms(values: tuple[Any, ...]) -> list[tuple[str, str]]:
    return [(value.username, value.realm) for value in values]


def test_a_registration_is_tried_again(engine: Engine) -> None:
    request = request_of(engine)
    offered = (
        'Digest realm="atlanta.example.com", qop="auth", nonce="ea9c8e88df", opaque="", stale=FALSE'
    )
    again = request.authorized(
        challenge(request, www(offered + ", algorithm=MD5")), "bob", "zanzibar"
    )
    assert type(again) is engine.Request
    answer = again.authorization[0]
    credentials = (
        'Digest username="bob", realm="atlanta.example.com", '
        'uri="sips:ss2.biloxi.example.com", algorithm=MD5, nonce="ea9c8e88df", nc=00000001, '
        f'cnonce="{"c" * 32}", qop=auth, opaque="", response="{answer.response}"'
    )
    assert again.raw.decode().split("\r\n") == [
        "REGISTER sips:ss2.biloxi.example.com SIP/2.0",
        "Via: SIP/2.0/TLS client.biloxi.example.com:5061;branch=z9hG4bKcccccccccccccccc;rport",
        f"Authorization: {credentials}",
        "Max-Forwards: 70",
        "From: Bob <sips:bob@biloxi.example.com>;tag=a73kszlfl",
        "To: Bob <sips:bob@biloxi.example.com>",
        "Call-ID: 1j9FpLxk3uxtm8tn@biloxi.example.com",
        "CSeq: 2 REGISTER",
        "Contact: <sips:bob@client.biloxi.example.com>",
        "Content-Length: 0",
        "",
        "",
    ]
    assert answer.check("zanzibar", method="REGISTER")
    assert not again.defects


def test_every_realm_is_answered(engine: Engine) -> None:
    request = request_of(engine)
    response = challenge(
        request,
        proxy('Digest realm="p", nonce="1"'),
        www('Digest realm="a", nonce="2"'),
        proxy('Digest realm="q", nonce="3"'),
        status=407,
    )
    again = request.authorized(response, "bob", "x")
    assert realms(again.authorization) == [("bob", "a")]
    assert realms(again.proxy_authorization) == [("bob", "p"), ("bob", "q")]
    accounts = {"p": ("pia", "y"), "none": ("no", "z")}
    again = request.authorized(response, accounts=accounts)
    assert realms(again.authorization + again.proxy_authorization) == [("pia", "p")]
    again = request.authorized(response, "bob", "x", accounts=accounts)
    assert realms(again.proxy_authorization) == [("pia", "p"), ("bob", "q")]
    assert again.proxy_authorization[0].check("y", method="REGISTER")


def test_one_of_several_algorithms_is_chosen(engine: Engine) -> None:
    request = request_of(engine)
    offers = [
        www(f'Digest realm="a", nonce="1", algorithm={name}') for name in ("X", "SHA-256", "MD5")
    ]
    response = challenge(request, www('Bearer realm="a"'), *offers)
    (answer,) = request.authorized(response, "bob", "x").authorization
    assert answer.algorithm == "SHA-256"
    (answer,) = request.authorized(response, "bob", "x", algorithms=["md5"]).authorization
    assert answer.algorithm == "MD5"


def test_credentials_for_other_realms_stay(engine: Engine) -> None:
    request = request_of(engine)
    first = request.authorized(challenge(request, www('Digest realm="a", nonce="1"')), "bob", "x")
    second = first.authorized(challenge(first, www('Digest realm="b", nonce="2"')), "bob", "x")
    assert [value.nonce for value in second.authorization] == ["1", "2"]
    assert second.cseq.number == 3


def test_refused_credentials_are_not_sent_again(engine: Engine) -> None:
    request = request_of(engine)
    response = challenge(request, www('Digest realm="a", nonce="1"'))
    first = request.authorized(response, "bob", "x")
    again = challenge(first, www('Digest realm="a", nonce="2"'))
    assert first.authorized(again, "bob", "y") is None
    assert first.authorized(again, "bill", "y").authorization[0].username == "bill"
    stale = challenge(first, www('Digest realm="a", nonce="2", stale=true'))
    (answer,) = first.authorized(stale, "bob", "x").authorization
    assert answer.nonce == "2"
    hashed = challenge(request, www('Digest realm="a", nonce="1", userhash=true'))
    first = request.authorized(hashed, "bob", "x")
    assert first.authorized(challenge(first, www('Digest realm="a", nonce="2"')), "b", "y") is None


@pytest.mark.parametrize(
    "offered",
    [
        'Bearer realm="a"',
        'Digest realm="a"',
        'Digest nonce="a"',
        'Digest realm="a", nonce="1", algorithm=unknown',
        'Digest realm="a", nonce="1", qop="unknown"',
        'Digest realm="a", nonce="1", algorithm=AKAv1-MD5',
    ],
)
def test_what_cannot_be_answered(engine: Engine, offered: str) -> None:
    request = request_of(engine)
    assert request.authorized(challenge(request, www(offered)), "bob", "x") is None
    assert request.authorized(challenge(request), "bob", "x") is None


def test_an_account_is_needed(engine: Engine) -> None:
    request = request_of(engine)
    response = challenge(request, www('Digest realm="a", nonce="1"'))
    for arguments in ((), ("bob",), (None, "x")):
        with pytest.raises(TypeError, match="a username and its password, or accounts"):
            request.authorized(response, *arguments)
    assert request.authorized(response, accounts={}) is None


def test_the_body_is_hashed_for_auth_int(engine: Engine) -> None:
    data = sample(b"MESSAGE sip:b SIP/2.0", CSeq=b"7 MESSAGE", body=b"hello")
    request = request_of(engine, data)
    response = challenge(request, www('Digest realm="a", nonce="1", qop="auth-int"'))
    again = request.authorized(response, "bob", "x")
    assert again.body == b"hello"
    assert again.authorization[0].check("x", method="MESSAGE", body=b"hello")
    assert not again.authorization[0].check("x", method="MESSAGE", body=b"other")


def test_what_is_no_challenge(engine: Engine) -> None:
    request = request_of(engine)
    for status in (200, 403, 494):
        with pytest.raises(ValueError, match="is no challenge"):
            request.authorized(challenge(request, status=status), "bob", "x")
    for method in (b"ACK", b"CANCEL"):
        other = request_of(engine, sample(method + b" sip:b SIP/2.0"))
        with pytest.raises(ValueError, match="is never challenged"):
            other.authorized(challenge(request), "bob", "x")
    for name in ("Via", "CSeq"):
        absent: dict[str, Any] = {name: None}
        other = request_of(engine, sample(**absent))
        with pytest.raises(ParseError) as caught:
            other.authorized(challenge(request), "bob", "x")
        assert caught.value.header == name
    with pytest.raises(ParseError):
        request.authorized(challenge(request, www("=")), "bob", "x")
