"""Authentication: challenges, credentials and nonces, answered and checked."""

from __future__ import annotations

from typing import Any

from sipfast._engine import Engine
from sipfast.auth import AkaNonce, NonceCounts, Nonces

from . import Case
from .texts import Make, folded, in_message, numbered, parse, read_all, repeated

DIGEST = b'Digest realm="a",nonce="b"'
CREDENTIALS = b'Digest username="u",realm="a",nonce="b",uri="sip:h",response="' + b"0" * 32 + b'"'

SHAPES: dict[str, tuple[bytes, bytes]] = {
    "parameters": (b"", b",a"),
    "algorithms": (b"", b",algorithm=MD5"),
    "empty parameters": (b"", b","),
    "a long qop": (b',qop="', b"auth,"),
    "a long domain": (b',domain="', b"sip:a "),
    "a long nonce": (b',nonce="', b"A"),
    "a nonce beyond ASCII": (b',nonce="', b"\xc3\xa9"),
    "a nonce of quoted pairs": (b',nonce="', b"\\a"),
    "an opaque without end": (b',opaque="', b"a"),
    "digits of nc": (b",nc=", b"0"),
    "spaces": (b"", b" "),
}


def _text(begin: bytes, what: str) -> Make:
    first, piece = SHAPES[what]
    end = b'"' if b'"' in first and "without end" not in what else b""
    return repeated(begin + first, piece, end)


def _challenge(engine: Engine, text: bytes) -> object:
    challenge = engine.module("auth").Challenge.parse(text)
    read_all(challenge)
    return challenge


def _answer(engine: Engine, text: bytes) -> object:
    challenge = engine.module("auth").Challenge.parse(text)
    try:
        return challenge.answer("u", "p", "OPTIONS", "sip:h", cnonce="c")
    except ValueError as error:
        return str(error)


def _choose(engine: Engine, data: bytes) -> object:
    return engine.module("auth").choose(parse(engine, data).www_authenticate)


def _credentials(engine: Engine, text: bytes) -> object:
    credentials = engine.module("auth").Credentials.parse(text)
    read_all(credentials)
    return credentials


def _check(engine: Engine, text: bytes) -> object:
    return engine.module("auth").Credentials.parse(text).check("p", method="OPTIONS")


def _check_body(engine: Engine, body: bytes) -> object:
    credentials = engine.module("auth").Credentials.parse(
        CREDENTIALS + b',qop=auth-int,nc=00000001,cnonce="c"'
    )
    return credentials.check("p", method="OPTIONS", body=body)


def _info(engine: Engine, text: bytes) -> object:
    info = engine.module("auth").AuthenticationInfo.parse(text)
    credentials = engine.module("auth").Credentials.parse(CREDENTIALS)
    read_all(info)
    return info, info.check(credentials, "p")


def _nonces(_: Engine, texts: list[str]) -> object:
    nonces, counts = Nonces(b"s" * 16), NonceCounts(limit=1000)
    return (
        [nonces.check(text) for text in texts],
        [counts.accept(text, 1) for text in texts],
        counts,
    )


def _nonce(_: Engine, text: bytes) -> object:
    nonce = text.decode()
    try:
        return Nonces(b"s" * 16).check(nonce), AkaNonce.parse(nonce)
    except ValueError as error:
        return str(error)


def _texts(size: int) -> list[str]:
    return [f"{at:044d}" for at in range(size // 44)]


def _each(engine: Engine, data: bytes) -> Any:
    message = parse(engine, data)
    read_all(*message.www_authenticate)
    return message


CASES = [
    *(
        Case(f"authentication, Challenge, read: {what}", _text(DIGEST, what), _challenge)
        for what in SHAPES
    ),
    *(Case(f"authentication, answer: {what}", _text(DIGEST, what), _answer) for what in SHAPES),
    *(
        Case(f"authentication, Credentials, read: {what}", _text(CREDENTIALS, what), _credentials)
        for what in SHAPES
    ),
    *(Case(f"authentication, check: {what}", _text(CREDENTIALS, what), _check) for what in SHAPES),
    *(
        Case(f"authentication, AuthenticationInfo: {what}", _text(b"rspauth=a", what), _info)
        for what in SHAPES
    ),
    Case("authentication, check: a body", repeated(b"", b"x"), _check_body),
    Case(
        "Challenges: one a field",
        repeated(b"OPTIONS sip:a SIP/2.0\r\n", b"WWW-Authenticate: " + DIGEST + b"\r\n", b"\r\n"),
        _each,
    ),
    Case(
        "Challenges: the best of them",
        repeated(b"OPTIONS sip:a SIP/2.0\r\n", b"WWW-Authenticate: " + DIGEST + b"\r\n", b"\r\n"),
        _choose,
    ),
    Case(
        "Challenge: folded",
        in_message(b"WWW-Authenticate", folded(numbered(DIGEST, b",x%d=1"), b",")),
        _each,
    ),
    Case("nonces that were never made", _texts, _nonces),
    Case("a long nonce", repeated(b"", b"AAAA"), _nonce),
]
