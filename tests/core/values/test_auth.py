"""Authentication: the parts of challenges and credentials, and the hashes."""

from __future__ import annotations

import hashlib
import pickle
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from cost import ratio
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import sample
from seen import fault, seen

from sipfast import ParseError
from sipfast._engine import Engine, load
from sipfast.nonces import AkaNonce, NonceCounts, Nonces

MUFASA = {
    "realm": "http-auth@example.org",
    "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
    "opaque": "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
}
MUFASA_CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
JASON = "J\xe4s\xf8n Doe"
JASON_CNONCE = "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v"
JASON_HASH = "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b"
JASON_RESPONSE = "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"
WHOLE = (
    'Digest username="bob", realm="biloxi.example", nonce="n", uri="sip:a", response="{response}", '
    'algorithm={algorithm}, cnonce="c", opaque="o", qop={qop}, nc=0000000a'
)
HASHES = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}
ALGORITHMS = [name + session for name in HASHES for session in ("", "-sess")]


def by_hand(
    algorithm: str | None,
    user: tuple[str, str, str],
    nonce: str,
    middle: tuple[str, str, str] | None,
    method: str,
    uri: str,
    body: bytes = b"",
) -> str:
    """The response as the RFCs put it; `middle` is nc, cnonce and qop."""
    name = (algorithm or "MD5").removesuffix("-sess")

    def h(*parts: str) -> str:
        return hashlib.new(HASHES[name], ":".join(parts).encode()).hexdigest()

    a1 = h(*user)
    if middle and algorithm and algorithm.endswith("-sess"):
        a1 = h(a1, nonce, middle[1])
    if middle is None:
        return h(a1, nonce, h(method, uri))
    a2 = [method, uri]
    if middle[2] == "auth-int":
        a2.append(hashlib.new(HASHES[name], body).hexdigest())
    return h(a1, nonce, *middle, h(*a2))


@pytest.fixture
def auth(engine: Engine) -> Any:
    return engine.module("values.auth")


def pieces(value: Any, names: tuple[str, ...]) -> list[Any]:
    """The value of each property, or its error."""
    found = []
    for name in names:
        try:
            found.append(getattr(value, name))
        except ParseError as error:
            found.append((error.code, error.offset, error.header))
    return found


COMMON = ("scheme", "token", "realm", "nonce", "opaque", "algorithm", "userhash")
CHALLENGE = (*COMMON, "qop", "stale", "domain", "charset", "authz_server", "scope", "error", "aka")
CREDENTIALS = (*COMMON, "username", "uri", "response", "cnonce", "qop", "nc")
INFO = ("nextnonce", "qop", "rspauth", "cnonce", "nc")


# ---- reading -----------------------------------------------------------------------------------


def test_a_challenge(auth: Any) -> None:
    challenge = auth.Challenge.parse(
        'Digest realm="atlanta.example", domain="sip:a.example sip:b.example", nonce="84f1c1ae",'
        ' opaque="5ccc", stale=TRUE, algorithm=SHA-256, qop="auth,  auth-int",charset=UTF-8,'
        "userhash=true , x-more=1"
    )
    assert (challenge.scheme, challenge.realm) == ("Digest", "atlanta.example")
    assert challenge.domain == ("sip:a.example", "sip:b.example")
    assert (challenge.nonce, challenge.opaque, challenge.stale) == ("84f1c1ae", "5ccc", True)
    assert (challenge.algorithm, challenge.qop) == ("SHA-256", ("auth", "auth-int"))
    assert (challenge.charset, challenge.userhash) == ("UTF-8", True)
    assert challenge.parameters["X-More"] == "1"
    assert (challenge.token, challenge.aka, challenge.scope) == (None, None, ())


def test_challenge_with_few_parameters(auth: Any) -> None:
    challenge = auth.Challenge.parse("Digest")
    assert pieces(challenge, CHALLENGE) == [
        *("Digest", None, None, None, None, None, False),
        *((), False, (), None, None, (), None, None),
    ]
    assert auth.Challenge.parse('Digest qop=auth, realm=""').qop == ("auth",)


def test_credentials(auth: Any) -> None:
    text = WHOLE.format(response="ab12", algorithm="MD5", qop="auth")
    credentials = auth.Credentials.parse(text)
    assert pieces(credentials, CREDENTIALS) == [
        *("Digest", None, "biloxi.example", "n", "o", "MD5", False),
        *("bob", "sip:a", "ab12", "c", "auth", 10),
    ]
    assert str(credentials) == text
    assert "zanzibar" not in repr(credentials)


def test_a_username_with_its_charset(auth: Any) -> None:
    def username(text: str) -> Any:
        return auth.Credentials.parse(f"Digest {text}").username

    assert username("username*=UTF-8''J%C3%A4s%C3%B8n%20Doe") == JASON
    assert username("username*=iso-8859-1'de'J%E4s%F8n%20Doe") == JASON
    assert username("username=\"b\", username*=UTF-8''c") == "b"
    assert username("realm=a") is None


@pytest.mark.parametrize("value", ["bob", "UTF-8'bob", "koi8-r''bob", "UTF-8''%ff", "''"])
def test_username_with_unusable_charset(auth: Any, value: str) -> None:
    credentials = auth.Credentials.parse(f"Digest realm=r, username*={value}")
    with pytest.raises(ParseError) as caught:
        _ = credentials.username
    assert (caught.value.code, caught.value.offset) == ("extended-value-malformed", 16)


@pytest.mark.parametrize("value", ["", "g", "123456789", '"-1"', "0x1", "1_0"])
def test_a_malformed_nonce_count(engine: Engine, value: str) -> None:
    (credentials,) = engine.parse_header("Authorization", f"Digest realm=r,nc={value}")
    with pytest.raises(ParseError) as caught:
        _ = credentials.nc
    assert (caught.value.code, caught.value.offset) == ("nonce-count-malformed", 15)
    assert caught.value.header == "Authorization"


def test_authentication_info(auth: Any) -> None:
    info = auth.AuthenticationInfo.parse(
        'nextnonce="47364c23", qop=auth, rspauth="6629", cnonce="0a4f", nc=00000001'
    )
    assert pieces(info, INFO) == ["47364c23", "auth", "6629", "0a4f", 1]
    assert info == auth.AuthenticationInfo(info.parameters.items())
    assert auth.AuthenticationInfo.parse("").nextnonce is None


def test_bearer(auth: Any) -> None:
    challenge = auth.Challenge.parse(
        'Bearer authz_server="https://as.example", realm="r", scope="call sms", '
        'error="invalid_token"'
    )
    assert challenge.authz_server == "https://as.example"
    assert (challenge.scope, challenge.error) == (("call", "sms"), "invalid_token")
    credentials = auth.Credentials.parse("Bearer   dGhl/dG9r+ZW4.x~y_-==")
    assert credentials.token == "dGhl/dG9r+ZW4.x~y_-=="
    assert len(credentials.parameters) == 0
    assert credentials == auth.Credentials("bearer", token="dGhl/dG9r+ZW4.x~y_-==")
    assert credentials != auth.Credentials("bearer", token="DGhl/dG9r+ZW4.x~y_-==")


def test_aka(auth: Any) -> None:
    nonce = "AAECAwQFBgcICQoLDA0OD/Dx8vP09fb3+Pn6+/z9/v9tb3Jl"
    aka = auth.Challenge.parse(f'Digest realm="r", nonce="{nonce}", algorithm=AKAv1-MD5').aka
    assert aka == AkaNonce(bytes(range(16)), bytes(range(0xF0, 0x100)), b"more")
    assert auth.Challenge.parse(f'Digest nonce="{nonce}", algorithm=MD5').aka is None


@pytest.mark.parametrize("nonce", ["", "AAEC", "*" * 48, "\xe4" * 48])
def test_malformed_aka_nonce(auth: Any, nonce: str) -> None:
    challenge = auth.Challenge.parse(f'Digest algorithm=AKAv2-MD5,nonce="{nonce}"')
    with pytest.raises(ParseError) as caught:
        _ = challenge.aka
    assert (caught.value.code, caught.value.offset) == ("aka-nonce-malformed", 27)


def test_an_answer_to_aka_has_octets_for_its_password(auth: Any) -> None:
    """RFC 3310 3.3: the password is the answer of the SIM."""
    challenge = auth.Challenge.digest("r", nonce="n", algorithm="AKAv1-MD5")
    credentials = challenge.answer("bob", b"\xff\x00:", "REGISTER", "sip:r")
    assert credentials.check(b"\xff\x00:", method="REGISTER")
    assert not credentials.check(b"\xff\x00", method="REGISTER")


def test_unknown_scheme_is_kept_whole(auth: Any, engine: Engine) -> None:
    """RFC 4475 3.3.7."""
    text = "NoOneKnowsThisScheme opaque-data=here"
    message = engine.parse(
        sample(b"REGISTER sip:example.com SIP/2.0", f"Authorization: {text}".encode())
    )
    (credentials,) = message.authorization
    assert str(credentials) == text
    assert credentials.scheme == "NoOneKnowsThisScheme"
    assert [*credentials.parameters.items()] == [("opaque-data", "here")]
    assert not credentials.check("x", method="REGISTER")


def test_fields_that_repeat_and_fold(engine: Engine) -> None:
    message: Any = engine.parse(
        sample(
            b"SIP/2.0 401 Unauthorized",
            b'WWW-Authenticate: Digest\r\n realm="a, b" ,\r\n\tnonce = "1",, algorithm=SHA-256',
            b"Proxy-Authenticate: Digest realm=p",
            b'WWW-Authenticate: Digest realm="c",nonce="2"',
            b'Authentication-Info: nextnonce="3"',
        )
    )
    first, second = message.www_authenticate
    assert (first.realm, first.nonce, first.algorithm) == ("a, b", "1", "SHA-256")
    assert (second.realm, second.nonce) == ("c", "2")
    assert [challenge.realm for challenge in message.proxy_authenticate] == ["p"]
    assert message.authentication_info.nextnonce == "3"
    assert (message.authorization, message.proxy_authorization) == ((), ())
    assert message.www_authenticate is message.www_authenticate


def test_authentication_info_of_several_fields(engine: Engine) -> None:
    name = b"Authentication-Info: "
    lines = [
        *(name + b'nextnonce="a,\xc3\xa9"', b"X-Any: y", name),
        name + b"qop=auth,\r\n nc=x",
    ]
    data = sample(b"SIP/2.0 200 OK", *lines)
    message: Any = engine.parse(data)
    info = message.authentication_info
    assert info is message.authentication_info
    assert (info.nextnonce, info.qop, [*info.parameters]) == (
        *("a,\xe9", "auth"),
        ["nextnonce", "qop", "nc"],
    )
    with pytest.raises(ParseError) as caught:
        assert info.nc
    assert (caught.value.code, caught.value.offset) == (
        *("nonce-count-malformed", data.index(b"nc=x")),
    )
    assert [(one.code, one.offset) for one in message.defects] == [
        ("header-empty", data.index(b"\r\nAuthentication-Info: qop")),
        ("nonce-count-malformed", data.index(b"nc=x")),
    ]


@pytest.mark.parametrize(
    ("text", "code", "offset"),
    [
        ("", "credentials-malformed", 0),
        ('"Digest" realm=r', "credentials-malformed", 0),
        ("Digest, realm=r", "credentials-malformed", 6),
        ('Digest realm="r, nonce=n', "quote-unterminated", 13),
        ("Digest realm=\xe4\r\n", "value-line-end", 15),
    ],
)
def test_malformed_credentials(auth: Any, text: str, code: str, offset: int) -> None:
    for cls in (auth.Challenge, auth.Credentials):
        with pytest.raises(ParseError) as caught:
            cls.parse(text)
        assert (caught.value.code, caught.value.offset) == (code, offset)


def test_parameters_are_checked_when_they_are_listed(auth: Any) -> None:
    challenge = auth.Challenge.parse('Digest realm="a", b c=1')
    assert challenge.realm == "a"
    with pytest.raises(ParseError) as caught:
        list(challenge.parameters)
    assert (caught.value.code, caught.value.offset) == ("parameter-malformed", 18)


# ---- writing -----------------------------------------------------------------------------------


def test_a_challenge_is_written_as_the_rfc_has_it(auth: Any) -> None:
    challenge = auth.Challenge.digest(
        'a "b" \\',
        nonce="n",
        qop=("auth", "auth-int"),
        opaque="",
        stale=True,
        userhash=True,
        domain=("sip:a", "sip:b"),
        charset="UTF-8",
    )
    assert str(challenge) == (
        'Digest realm="a \\"b\\" \\\\", domain="sip:a sip:b", nonce="n", opaque="", stale=true, '
        'algorithm=SHA-256, qop="auth,auth-int", charset=UTF-8, userhash=true'
    )
    assert (challenge.realm, challenge.opaque) == ('a "b" \\', "")
    assert auth.Challenge.parse(str(challenge)) == challenge


def test_values_are_equal_as_the_rfc_compares_them(auth: Any) -> None:
    one = auth.Challenge.parse('Digest realm="a", algorithm=md5, stale=TRUE')
    other = auth.Challenge.parse("DIGEST stale=true,ALGORITHM=MD5 , Realm=a")
    assert one == other
    assert hash(one) == hash(other)
    assert one != auth.Challenge.parse('Digest realm="A", algorithm=md5, stale=TRUE')


def test_replace(auth: Any) -> None:
    one = auth.Challenge.parse('Digest realm="a", algorithm=MD5')
    assert one.replace() == one
    assert str(one.replace(parameters={"realm": "b"})) == 'Digest realm="b"'
    assert str(one.replace(parameters=(), token="ab=")) == "Digest ab="
    info = auth.AuthenticationInfo({"nextnonce": "n", "nc": "00000001"})
    assert str(info.replace()) == 'nextnonce="n", nc=00000001'


@pytest.mark.parametrize(
    ("scheme", "parameters", "token"),
    [
        ("Digest realm=x", {}, None),
        ("", {}, None),
        ("Digest", {"a": "b"}, "token"),
        ("Digest", {"a b": "c"}, None),
        ("Digest", {"a": "b\r\nEvil: c"}, None),
        ("Bearer", {}, "a, b=c"),
        ("Bearer", {}, ""),
        ("Bearer", {"flag": None}, None),
    ],
)
def test_what_cannot_be_written(auth: Any, scheme: str, parameters: Any, token: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the texts differ, and ParseError is one
        auth.Credentials(scheme, parameters, token=token)


def test_pickles_load_on_the_other_engine(native: Engine, pure: Engine) -> None:
    text = WHOLE.format(response="ab", algorithm="MD5", qop="auth")
    for engine in (native, pure):
        again = pickle.loads(pickle.dumps(engine.module("values.auth").Credentials.parse(text)))
        assert str(again) == text


# ---- the hashes --------------------------------------------------------------------------------


def test_the_example_of_rfc_2617(auth: Any) -> None:
    challenge = auth.Challenge.parse(
        'Digest realm="testrealm@host.com", qop="auth,auth-int", '
        'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"'
    )
    credentials = challenge.answer(
        "Mufasa", "Circle Of Life", "GET", "/dir/index.html", cnonce="0a4f113b"
    )
    assert credentials.response == "6629fae49393a05397450978507c4ef1"
    assert credentials.qop == "auth"
    assert credentials.check("Circle Of Life", method="GET")


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_first_example_of_rfc_7616(auth: Any, algorithm: str, response: str) -> None:
    challenge = auth.Challenge.digest(algorithm=algorithm, **MUFASA)
    credentials = challenge.answer(
        "Mufasa", "Circle of Life", "GET", "/dir/index.html", cnonce=MUFASA_CNONCE
    )
    assert credentials.response == response
    assert credentials.check("Circle of Life", method="GET")


def test_the_second_example_of_rfc_7616(auth: Any) -> None:
    """With erratum 4897: the printed example was hashed with a truncated SHA-512."""
    challenge = auth.Challenge.digest(
        "api@example.org",
        nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK",
        opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS",
        algorithm="SHA-512-256",
        charset="UTF-8",
        userhash=True,
    )
    given = challenge.answer(JASON, "Secret, or not?", "GET", "/doe.json", cnonce=JASON_CNONCE)
    assert (given.username, given.userhash) == (JASON_HASH, True)
    assert given.response == JASON_RESPONSE
    assert given.check("Secret, or not?", method="GET", username=JASON)
    assert not given.check("Secret, or not?", method="GET", username="Jason Doe")
    assert not given.check("Secret, or not?", method="GET")

    pairs = [pair for pair in given.parameters.items() if "user" not in pair[0]]
    named = given.replace(parameters=[("username*", "UTF-8''J%C3%A4s%C3%B8n%20Doe"), *pairs])
    assert str(named).startswith("Digest username*=UTF-8''J%C3%A4s%C3%B8n%20Doe, ")
    assert named.check("Secret, or not?", method="GET")
    assert named.check("Secret, or not?", method="GET", username=JASON)


@pytest.mark.parametrize("qop", ["auth", "auth-int", None])
@pytest.mark.parametrize("algorithm", [None, *ALGORITHMS])
def test_every_algorithm_and_qop(auth: Any, algorithm: str | None, qop: str | None) -> None:
    offered = () if qop is None else (qop,)
    challenge = auth.Challenge.digest("r", nonce="n", algorithm=algorithm, qop=offered)
    is_session = algorithm is not None and algorithm.endswith("-sess")
    credentials = challenge.answer(
        "bob", "secret", "INVITE", "sip:a", cnonce="c", nc=10, body=b"v=0"
    )
    if qop is not None:
        user, middle = ("bob", "r", "secret"), ("0000000a", "c", qop)
        expected = by_hand(algorithm, user, "n", middle, "INVITE", "sip:a", b"v=0")
        assert credentials.response == expected
    elif not is_session:
        expected = by_hand(algorithm, ("bob", "r", "secret"), "n", None, "INVITE", "sip:a")
        assert credentials.response == expected
    assert (credentials.cnonce is None) == (qop is None and not is_session)
    assert credentials.check("secret", method="INVITE", body=b"v=0")
    assert credentials.check("secret", method="INVITE", body=b"v=1") == (qop != "auth-int")
    assert not credentials.check("Secret", method="INVITE", body=b"v=0")
    assert not credentials.check("secret", method="BYE", body=b"v=0")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_ha1_serves_in_place_of_the_password(engine: Engine, auth: Any, algorithm: str) -> None:
    ha1 = engine.module("values.digest").ha1("bob", "r", "secret", algorithm)
    name = HASHES[algorithm.removesuffix("-sess")]
    assert ha1 == hashlib.new(name, b"bob:r:secret").hexdigest()
    challenge = auth.Challenge.digest("r", nonce="n", algorithm=algorithm)
    with_password = challenge.answer("bob", "secret", "ACK", "sip:a", cnonce="c")
    assert challenge.answer("bob", None, "ACK", "sip:a", cnonce="c", ha1=ha1) == with_password
    assert with_password.check(ha1=ha1, method="ACK")
    assert with_password.check(ha1=ha1, method="ACK", username="bob")
    assert not with_password.check(ha1=ha1, method="ACK", username="alice")
    assert not with_password.check(ha1=ha1[::-1], method="ACK")


def test_ha1_of_unknown_algorithm(engine: Engine) -> None:
    with pytest.raises(ValueError, match="SHA-1"):
        engine.module("values.digest").ha1("bob", "r", "secret", "SHA-1")


def test_a_quoted_string_is_hashed_as_it_reads(auth: Any) -> None:
    challenge = auth.Challenge.parse(r'Digest realm="a \"b\" \\", nonce="\n", qop=auth')
    credentials = challenge.answer('b"o\\b', "secret", "INVITE", "sip:a", cnonce='c"')
    middle = ("00000001", 'c"', "auth")
    user = ('b"o\\b', 'a "b" \\', "secret")
    assert credentials.response == by_hand(None, user, "n", middle, "INVITE", "sip:a")
    assert credentials.check("secret", method="INVITE")


def test_the_response_may_be_in_upper_case(auth: Any) -> None:
    challenge = auth.Challenge.digest("r", nonce="n")
    text = str(challenge.answer("bob", "secret", "INVITE", "sip:a"))
    before, mark, after = text.partition('response="')
    assert auth.Credentials.parse(before + mark + after.upper()).check("secret", method="INVITE")


USUAL = {
    "username": "bob",
    "realm": "r",
    "nonce": "n",
    "uri": "sip:a",
    "algorithm": "MD5-sess",
    "cnonce": "c",
    "qop": "auth",
    "nc": "00000001",
    "response": "0" * 32,
}


@pytest.mark.parametrize(
    "changes",
    [
        *({name: None} for name in USUAL),
        {"algorithm": "SHA-1"},
        {"algorithm": "\xe4"},
        {"qop": "auth-conf"},
        {"qop": ""},
        {"response": ""},
        {"response": "\xe4" * 16},
        {"response": "0" * 31},
        {"response": '"' * 32},
        {"username": None, "username*": "UTF-8''%ff"},
        {"userhash": "true"},
    ],
)
def test_wrong_credentials_are_rejected(auth: Any, changes: dict[str, str | None]) -> None:
    parts = {name: value for name, value in (USUAL | changes).items() if value is not None}
    assert not auth.Credentials("Digest", parts).check("secret", method="INVITE")
    assert not auth.Credentials("Basic", parts).check("secret", method="INVITE")


@pytest.mark.parametrize("nc", ["zz", "", "99999999999", "1", "0000000g", "0000001", "000000001"])
@pytest.mark.parametrize("qop", ["auth", None])
def test_malformed_nonce_count_is_rejected(auth: Any, nc: str, qop: str | None) -> None:
    """RFC 7616 3.4: nc is eight digits; with any other text, `nc` raises."""
    user, middle = ("bob", "r", "secret"), None if qop is None else (nc, "c", qop)
    parts = USUAL | {"algorithm": "MD5", "nc": nc}
    parts["response"] = by_hand("MD5", user, "n", middle, "INVITE", "sip:a")
    pairs = [pair for pair in parts.items() if qop is not None or pair[0] != "qop"]
    credentials = auth.Credentials("Digest", pairs)
    assert not credentials.check("secret", method="INVITE")
    with pytest.raises(ValueError, match="cannot be confirmed"):
        credentials.confirm("secret")


def test_a_nonce_count_may_be_in_upper_case(auth: Any) -> None:
    middle = ("0000000A", "c", "auth")
    response = by_hand("MD5", ("bob", "r", "secret"), "n", middle, "INVITE", "sip:a")
    parts = USUAL | {"algorithm": "MD5", "nc": middle[0], "response": response}
    credentials = auth.Credentials("Digest", parts)
    assert credentials.check("secret", method="INVITE")
    assert credentials.nc == 10


def test_a_check_needs_one_secret(auth: Any) -> None:
    credentials = auth.Credentials("Digest", USUAL)
    with pytest.raises(TypeError, match="exactly one"):
        credentials.check(method="INVITE")
    with pytest.raises(TypeError, match="exactly one"):
        credentials.check("a", ha1="b", method="INVITE")
    with pytest.raises(TypeError):
        credentials.check(7, method="INVITE")


def test_confirming(auth: Any) -> None:
    """RFC 7616 3.5: A2 has no method."""
    challenge = auth.Challenge.digest("r", nonce="n", algorithm="SHA-256", userhash=True)
    credentials = challenge.answer("bob", "secret", "INVITE", "sip:a", cnonce="c", nc=2)
    info = credentials.confirm("secret", username="bob", nextnonce="m")
    middle = ("00000002", "c", "auth")
    assert info.rspauth == by_hand("SHA-256", ("bob", "r", "secret"), "n", middle, "", "sip:a")
    assert pieces(info, INFO) == ["m", "auth", info.rspauth, "c", 2]
    assert info.check(credentials, "secret", username="bob")
    assert not info.check(credentials, "wrong", username="bob")
    assert not auth.AuthenticationInfo({"nextnonce": "m"}).check(credentials, ha1="0" * 64)
    with pytest.raises(ValueError, match="confirmed"):
        credentials.confirm("secret")


# ---- answering ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        'Basic realm="r", nonce="n"',
        'Digest nonce="n"',
        'Digest realm="r"',
        'Digest realm="r", nonce="n", algorithm=SHA-1',
        'Digest realm="r", nonce="n", qop="auth-conf"',
    ],
)
def test_unanswerable_challenges(auth: Any, text: str) -> None:
    challenge = auth.Challenge.parse(text)
    with pytest.raises(ValueError):  # noqa: PT011 - the texts differ
        challenge.answer("bob", "secret", "INVITE", "sip:a")
    assert auth.choose([challenge]) is None


def test_arguments_of_an_answer(auth: Any) -> None:
    challenge = auth.Challenge.digest("r", nonce="n")
    for nc in (0, -1, 2**32):
        with pytest.raises(ValueError, match="nc must be"):
            challenge.answer("bob", "secret", "INVITE", "sip:a", nc=nc)
    with pytest.raises(ValueError, match="qop"):
        challenge.answer("bob", "secret", "INVITE", "sip:a", qop="auth-int")
    with pytest.raises(TypeError, match="exactly one"):
        challenge.answer("bob", None, "INVITE", "sip:a")
    with pytest.raises(ValueError, match="SHA-1"):
        auth.Challenge.digest("r", nonce="n", algorithm="SHA-1")
    with pytest.raises(ValueError, match="auth-conf"):
        auth.Challenge.digest("r", nonce="n", qop=["auth-conf"])


def test_each_answer_has_a_new_cnonce(auth: Any) -> None:
    challenge = auth.Challenge.digest("r", nonce="n")
    made = {challenge.answer("bob", "x", "INVITE", "sip:a").cnonce for _ in range(50)}
    assert len(made) == 50
    assert {len(cnonce) for cnonce in made} == {32}


def test_choosing(auth: Any) -> None:
    aka, bearer, weak, strong = (
        auth.Challenge.parse(text)
        for text in (
            'Digest realm="r", nonce="1", algorithm=AKAv1-MD5',
            'Bearer realm="r"',
            'Digest realm="r", nonce="3"',
            'Digest realm="r", nonce="4", algorithm=sha-256, qop="auth"',
        )
    )
    assert auth.choose([aka, bearer, weak, strong]) is weak
    assert auth.choose([strong, weak]) is strong
    assert auth.choose([weak, strong], ["SHA-256", "MD5"]) is strong
    assert auth.choose([weak, strong], ["SHA-512-256"]) is None
    assert auth.choose([aka, weak], ["AKAv1-MD5"]) is aka
    assert auth.choose([]) is None


# ---- nonces ------------------------------------------------------------------------------------

SECRET = b"0123456789abcdef"


def test_nonces() -> None:
    now = [1_000_000.0]
    nonces = Nonces(SECRET, 60, clock=lambda: now[0])
    nonce = nonces.make()
    assert nonce != nonces.make()
    assert nonces.check(nonce) == "fresh"
    now[0] += 60
    assert nonces.check(nonce) == "fresh"
    now[0] += 1
    assert nonces.check(nonce) == "stale"
    assert Nonces(SECRET[::-1], 60, clock=lambda: now[0]).check(nonce) == "foreign"
    assert nonces.lifetime == 60
    assert SECRET.decode() not in repr(nonces)


def test_nonces_of_others() -> None:
    nonces = Nonces(SECRET)
    nonce = nonces.make()
    for at in range(len(nonce)):
        changed = "B" if nonce[at] == "A" else "A"
        assert nonces.check(nonce[:at] + changed + nonce[at + 1 :]) == "foreign"
    for text in (None, "", nonce + "=", nonce[:-1], "\xe4" * 44, "*" * 44, "=" * 44):
        assert nonces.check(text) == "foreign"


def test_arguments_of_nonces() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        Nonces(b"short")
    for lifetime in (0, -1, float("nan")):
        with pytest.raises(ValueError, match="lifetime"):
            Nonces(SECRET, lifetime)


def test_nonce_counts() -> None:
    counts = NonceCounts()
    order = [1, 2, 2, 5, 3, 3, 100, 36, 37, 37, 4, 0, -1, 0xFFFFFFFF, 101]
    accepted = [nc for nc in order if counts.accept("n", nc)]
    assert accepted == [1, 2, 5, 3, 100, 37, 0xFFFFFFFF]
    assert counts.accept("m", 1)


@given(st.lists(st.integers(0, 200), max_size=60))
def test_no_count_is_accepted_twice(order: list[int]) -> None:
    counts = NonceCounts()
    accepted: list[int] = []
    for nc in order:
        is_new = nc > 0 and nc not in accepted and nc > max(accepted, default=0) - 64
        assert counts.accept("n", nc) == is_new
        accepted += [nc] * is_new


def test_nonce_counts_are_bounded() -> None:
    counts = NonceCounts(limit=3)
    for nonce, nc in (("a", 1), ("b", 1), ("c", 1), ("a", 2), ("d", 1)):
        assert counts.accept(nonce, nc)
    assert len(counts) == 3
    assert not counts.accept("a", 1)
    assert counts.accept("b", 1), "it was used least recently, and forgotten"
    with pytest.raises(ValueError, match="limit"):
        NonceCounts(0)


# ---- both engines, any input -------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=8)
names = st.sampled_from(["realm", "Nonce", "qop", "algorithm", "nc", "x", "username*", "stale"])
pairs = st.lists(st.tuples(names, texts), min_size=1, max_size=6)
PIECES = [
    *("Digest", "realm", "qop", "nonce", "algorithm", "AKAv1-MD5", "userhash", "true", "username"),
    *("uri", "response", "username*", "nc", "cnonce", "auth", "auth-int", "MD5", "MD5-sess"),
    "rspauth",
]
MARKS = [*" \t,=\"\\'%/a\xe4\x00\udcff\r", "==", "UTF-8''"]
hostile = st.lists(st.sampled_from(PIECES + MARKS + MARKS), max_size=25).map("".join)


@pytest.mark.parametrize("name", ["Challenge", "Credentials", "AuthenticationInfo"])
@given(parameters=pairs)
def test_what_is_built_reads_the_same(name: str, parameters: list[tuple[str, str]]) -> None:
    written = []
    for engine in (load("native"), load("pure")):
        cls = getattr(engine.module("values.auth"), name)
        value = cls(parameters) if name == "AuthenticationInfo" else cls("Digest", parameters)
        again = cls.parse(str(value))
        assert again == value == value.replace()
        assert hash(again) == hash(value) == hash(value.replace())
        assert [*value.parameters.items()] == parameters
        assert str(again) == str(value)
        written.append((str(value), [*value.parameters.items()]))
    assert written[0] == written[1]


def said(engine: Engine, name: str, text: str) -> Any:
    """All properties of a value, and the results of its checks."""
    try:
        value = getattr(engine.module("values.auth"), name).parse(text)
    except ParseError as error:
        return fault(error)
    found = [seen(value)]
    if name == "Credentials":
        found += [value.check("a", method="B"), value.check("a", method="B", username="a")]
        found.append(value.check(ha1="a", method="B", body=b"c"))
    return found


@pytest.mark.parametrize("name", ["Challenge", "Credentials", "AuthenticationInfo"])
@settings(max_examples=300)
@given(text=st.one_of(hostile, hostile.map("Digest {}".format)))
def test_engines_agree_on_any_text(name: str, text: str) -> None:
    assert said(load("native"), name, text) == said(load("pure"), name, text)


@settings(max_examples=200)
@given(
    values=st.fixed_dictionaries(
        {}, optional={name: st.one_of(texts, st.just(value)) for name, value in USUAL.items()}
    ),
    username=st.one_of(st.none(), st.just("bob"), texts),
)
def test_the_engines_hash_the_same(values: dict[str, str], username: str | None) -> None:
    made = []
    for engine in (load("native"), load("pure")):
        credentials = engine.module("values.auth").Credentials(
            "Digest", [("x", "y"), *values.items()]
        )
        try:
            made.append(credentials.confirm("secret", username=username).rspauth)
        except ValueError as error:
            made.append(str(error))
    assert made[0] == made[1]


@pytest.mark.parametrize("piece", [",", "a=1,", '"', "\\", 'a="\\"",', "realm,", " ", "a"])
def test_cost_is_linear(auth: Any, piece: str) -> None:
    def read(size: int) -> None:
        text = 'Digest realm="' + "x" * 10 + '",' + piece * (size // len(piece))
        with suppress(ParseError):
            credentials = auth.Credentials.parse(text)
            credentials.check("a", method="B")
            list(credentials.parameters)

    # Four times the text; a quadratic step would make it 16.
    assert ratio(partial(read, 1 << 15), partial(read, 1 << 17), 8) <= 8


@pytest.mark.parametrize("credentials", ["pw", None, 5])
def test_only_credentials_prove_a_response(engine: Engine, credentials: Any) -> None:
    info = engine.module("values.auth").AuthenticationInfo.parse("qop=auth")
    kind = type(credentials).__name__
    with pytest.raises(TypeError, match=f"^credentials must be Credentials, not {kind}$"):
        info.check(credentials, "pw")
