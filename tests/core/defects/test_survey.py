"""The survey: plain values have no defect, and common values are plain."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import FIELDS, OPTIONS, attempt, looked_at_closely, sample

from bench_data import corpus, generate
from sipfast import Defect, ParseError
from sipfast._engine import Engine

ENGINES = ("native", "pure")

PLAIN = r"""
    Via: SIP/2.0/UDP a.example.com:5060;branch=z9hG4bK7;rport;received=192.0.2.1;ttl=9;maddr=[::1]
    Via: SIP/2.0/TLS [2001:db8::1]:5061 ;branch=z9hG4bK7;received=2001:db8::1;rport=5060;alias
    v: SIP/2.0/TCP a;branch=z9hG4bK1, SIP/2.0/UDP b ; branch=z9hG4bK2
    Route: <sip:a.example.com;lr>, "The \"other\" one" <sips:b.example.com:5061;lr=on;ob>;x="y;z"
    Record-Route: <sip:192.0.2.1;lr;transport=tcp;r2=on>
    Contact: <sip:alice@192.0.2.1:5062;ob>;q=0.5;expires=3600;reg-id=1
    Contact: <sip:xy@a-1.b2.c:5060;user=phone;method=`x;transport=%>, <sip:0a.b;x=%41[]/:&+$>
    Contact: <sip:[1:2:3:4:5:6:7:8]>, <sip:[::]:1>, <sip:[1::]>, <sip:[a:B:c:D:e:F:7::]>
    Contact: <sip:255.249.199.09>, <tel:+1-2;ext=(3);x=y[z]>
    Contact: "A" <sip:+4930123@a;user=phone>;+sip.instance="<urn:uuid:0>", sip:b@c;q=1.000
    P-Asserted-Identity: "Alice" <sip:alice@example.com>, <tel:+49-30-123;ext=5>
    Reply-To: sip:alice%20b@example.com
    Refer-To: A. Smith <sip:a@example.com;method=INVITE>
    Supported: 100rel, path ,timer
    Require: timer
    Proxy-Require: a
    Expires: 3600
    Min-Expires: 60
    Session-Expires: 1800;refresher=uac
    Min-SE: 90
    Retry-After: 30
    RSeq: 17
    RAck: 776656 1 INVITE
    Accept: application/sdp;level=1, text/*;q=0.3
    Accept-Language: en, zh-Hans-CN;q=0.8, *;q=0.1
    Content-Language: en-US, de
    Allow-Events: presence, dialog.winfo.x
    Refer-Sub: false;x=1
    Content-Type: application/sdp;charset=utf-8
    Content-Disposition: session;handling=optional
    Event: presence.winfo;id=2
    Subscription-State: terminated;reason=rejected;retry-after=60;expires=7
    Reason: Q.850;cause=17;text="User \"busy\""
    Privacy: id;header;user
    Priority: urgent
    Session-ID: 0123456789abcdef0123456789abcdef;remote=00000000000000000000000000000000
    P-Access-Network-Info: 3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=4600112342F0A;network-provided
    P-Charging-Vector: icid-value=1234bc9876e;orig-ioi=a.example.com;icid-generated-at=[::1]
    P-Visited-Network-ID: other.example.com;x="y"
    Security-Client: ipsec-3gpp;q=0.5;alg=hmac-sha-1-96;port-c=5062;port-s=5064
    Info-Package: conference;x=y
    Answer-Mode: Auto;require
    WWW-Authenticate: Digest realm="a", nonce="b", algorithm=MD5, qop="auth,auth-int", stale=false
    Proxy-Authenticate: digest nonce="b",realm="a\"",algorithm=SHA-256
    Authorization: Digest username="a", realm="b", nonce="c", uri="sip:a;b", response="0"
    Proxy-Authorization: Digest username="a",realm="b",nonce="c",uri="sip:a",response="0",
        qop=auth,cnonce="d",nc=0000000a
    Authentication-Info: qop=auth, nc=00000001, rspauth="0", cnonce="d"
    User-Agent: Desk/2.1 (build (7
    Subject: "<
    X-Anything: "<
""".replace(",\n        ", ", ").strip()
FIELDS_THAT_ARE_PLAIN = [line.strip().encode() for line in PLAIN.split("\n")]

NEARLY = r"""
    From: <sip:a@b>;tag=x;received=::1
    From: <sip:a@b>;tag=
    From: <sip:a@b>;tag
    From: <sip:a@b>;tag=""
    From: <sip:a@b>;tag=[::1
    Via: SIP/2.0/UDP a;branch=z9hG4bK
    Via: SIP/2.0/UDP a:65536;branch=z9hG4bK7
    Via: SIP/2.0/UDP a;branch=z9hG4bK7;rport=65536
    Via: SIP/2.0/UDP a;branch=z9hG4bK7;ttl=256
    Via: SIP/2.0/UDP a;branch=z9hG4bK7;received=1.2.3
    Contact: <sip:xy@b;user>
    Contact: <sip:xy@b;user=a/b>
    Contact: <sip:xy@b;transport>
    Contact: <sip:xy@b;transport=(>
    Contact: <sip:xy@b;method=>
    Contact: <sip:xy@b;maddr=a..b>
    Contact: <sip:xy@b;maddr>
    Contact: <sip:xy@b..c>
    Contact: <sip:xy@-b>
    Contact: <sip:xy@b->
    Contact: <sip:xy@b.1>
    Contact: <sip:xy@b_c>
    Contact: <sip:192.0.2.256>
    Contact: <sip:192.0.2>
    Contact: <sip:[1:2]>
    Contact: <sip:[1:2:3:4:5:6:7:8:9]>
    Contact: <sip:[1::2::3]>
    Contact: <sip:[12345::]>
    Contact: <sip:[:::]>
    Contact: <sip:[1:]>
    Contact: <tel:+1;ext=x>
    Contact: <tel:+1;ext>
    Contact: <tel:+1;isub>
    Contact: <tel:+1;a.b=c>
    Via: SIP/2.0/UDP a..b;branch=z9hG4bK7
    Via: SIP/2.0/UDP 192.0.2.999;branch=z9hG4bK7
    Contact: <sip:a@b;ttl=256>
    Contact: <sip:a%4@b>
    Contact: <sip:a@b;x=1;X=2>
    Contact: <sip:a@b;x=1;>
    Contact: <sip:a@b>;x=
    Contact: <sip:a@b>;x=1;X=2
    Contact: <sip:a@b>;q=1.001
    Contact: <sip:a@b>;q=0.1234
    Contact: <sip:a@b>;expires=4294967296
    Contact: <sip:a@b>;reg-id=x
    Contact: sip:a@b?x=y
    Contact: <tel:1>
    Route: sip:a
    Expires: 4294967296
    Max-Forwards: 256
    Session-Expires: 89
    Session-Expires: 1800;refresher=x
    Min-SE: 9
    RAck: 1 2
    Event: a b
    Subscription-State: active;retry-after=x
    Reason: Q.850;cause=x
    Privacy: id header
    Privacy: id,header
    Privacy: id;;header
    Privacy: id;
    Event: presence.
    Event: .winfo;id=1
    Event: a..b
    Allow-Events: a, b..c
    RSeq: 0
    RSeq: 000
    RAck: 0 1 INVITE
    Session-ID: 0123456789ABCDEF0123456789abcdef
    Session-ID: 0123456789abcdef0123456789abcdef;remote=0123456789ABCDEF0123456789abcdef
    Content-Language: en_US
    Content-Language: abcdefghi
    Accept-Language: en-;q=1
    Allow: INVITE,, ACK
    Supported: timer,
    Via: SIP/2.0/UDP a;branch=z9hG4bK7,
    Contact: ,<sip:a@b>
    WWW-Authenticate: Digest realm="a",, nonce="b"
    Authentication-Info: qop=auth,
    User-Agent:
    Server:
    Session-ID: 0123456789abcdef0123456789abcde
    Session-ID: 0123456789abcdef0123456789abcdef;remote=0
    P-Charging-Vector: icid-value=""
    P-Charging-Vector: orig-ioi=a
    P-Charging-Vector: icid-value=a;ICID-value=b
    Security-Client: a;port-c=65536
    Supported: a b
    Content-Type: a
    WWW-Authenticate: Digest realm="a", nonce="b", algorithm=AKAv1-MD5
    WWW-Authenticate: Digest realm="a", nonce="b", algorithm="AKAv1-MD5"
    WWW-Authenticate: Digest realm="a", nonce="b", algorithm="\akav1-md5"
    WWW-Authenticate: Digest realm="a"
    Authorization: Digest username="a", realm="b", nonce="c", uri="sip:a"
    Authorization: Digest username="a", realm="b", nonce="c", uri="sip:a", response="0", qop=auth
    Authorization: Digest username="a", realm="b", nonce="c", uri="sip:a", response="0", nc=x
    Authentication-Info: nc=123456789
""".strip()
FIELDS_THAT_ARE_NEARLY_PLAIN = [line.strip().encode() for line in NEARLY.split("\n")]

ODD = """
    Date: Sat, 13 Nov 2010 23:29:00 GMT
    Warning: 399 a "b"
    Timestamp: 54.21 0.5
    Identity: a.b.c;info=<https://a>
    Call-Info: <sip:a>;purpose=icon
    Geolocation: <sip:a>
    Contact: *
    Contact: <sips:a>
    Contact: <tel:+1>
    Route: <sips:a;lr>
    Require: 100rel
    Join: a;from-tag=b;to-tag=c
    Replaces: a;from-tag=b;to-tag=c
    Resource-Priority: q735.1
    User-to-User: 04c81031;encoding=hex
    Feature-Caps: *;a="b"
    History-Info: <sip:a>;index=1
    MIME-Version: 1.0
    Content-Length: 0
""".strip()
OTHERS = [line.strip().encode() for line in ODD.split("\n")]

STARTS = [
    line.encode()
    for line in (
        *("INVITE sip:bob@example.com SIP/2.0", "INVITE sips:bob@example.com SIP/2.0"),
        *("REGISTER sip:example.com SIP/2.0", "REGISTER sip:bob@example.com SIP/2.0"),
        *("ACK tel:+49-30-123 SIP/2.0", "BYE sip:a;lr SIP/2.0", "CANCEL sip:a SIP/2.0"),
        *("PRACK sip:a SIP/2.0", "NOTIFY sip:a SIP/2.0", "PUBLISH sip:a SIP/2.0"),
        *("REFER sip:+1@a;user=phone SIP/2.0", "SUBSCRIBE sip:a SIP/2.0", "UPDATE sip:a SIP/2.0"),
        *("INFO sip:a SIP/2.0", "OTHER sip:a SIP/2.0", "OPTIONS  sip:a SIP/2.0"),
        *("SIP/2.0 100 Trying", "SIP/2.0 183 x", "SIP/2.0 200 OK", "SIP/2.0 202 x"),
        *("SIP/2.0 401 x", "SIP/2.0 407 x", "SIP/2.0 415 x", "SIP/2.0 422 ", "SIP/2.0 486 \xe9"),
        *("SIP/2.0 099 x", "SIP/2.0 700 x", "SIP/2.0  200 OK", "SIP/2.0 200", "sip/2.0 200 OK"),
    )
]

PIECES = [
    piece.encode("latin-1")
    for piece in (
        *(";", ",", '"', "\\", "<", ">", " ", "\t", "%", "%41", "%4", "=", ":", "@", "?", "*"),
        *("[", "]", "(", ")", "\0", "\x7f", "\xe9", "\xe4\xb8\xad", "/", ".", "+", "0", "9", "a"),
        *("\r\n ", '"x"', '"\\"', "[::1]", "::1", ";;", "; ;", ";=", ";x", ";x=", ';x=""', ";x=y"),
        *(";x=y z", ";x = y", ';x="y', ";%78", ";tag=x", ";tag=", ";TAG=y", ";branch=z9hG4bK"),
        *(";Branch=q", ";q=2", ";q=0.5", ";expires=x", ";expires=4294967296", ";rport=65536"),
        *(";ttl=256", ";received=x", ";received=::1", ";received=1.2.3", ";reg-id=", ";user=phone"),
        *(";user=%70hone", ";lr;LR", ";refresher=x", ";retry-after=x", ";cause=-1", ";remote=0"),
        *(";port-c=65536", ", algorithm=AKAv1-MD5", ', algorithm="\\aka"', ", nc=x", ", qop=auth"),
        *("..", "-", "_", ".1", "256.", ":::", "1:", ";transport", ";user=(", ";method=%", "?x"),
        *("[::1]:", "[1:2:3:4:5:6:7:8]", ";ext=", ";isub", ";phone-context=a", "%4%", ";maddr=a"),
        *(";icid-value=", "sips:", "tel:", "urn:", "sip:", "1000000000", "65536", "256", "89"),
    )
]


def message_with(start: bytes, fields: list[bytes]) -> bytes:
    """A message with these fields too; of those that it has of the same name, theirs are left."""
    method = OPTIONS.split(b" ")[0] if start.lower().startswith(b"sip") else start.split(b" ")[0]
    given = {field.partition(b":")[0].strip().lower() for field in fields}
    changed: dict[str, Any] = {"CSeq": b"7 " + method}
    for name in FIELDS:
        if name.lower().encode() in given:
            changed[name] = None
    return sample(start, *fields, **{name.replace("-", "_"): v for name, v in changed.items()})


def check(engine: Engine, data: bytes | bytearray) -> None:
    message = attempt(engine, data)
    if not isinstance(message, ParseError):
        assert message.defects == looked_at_closely(engine, message), bytes(data)


def survey(engine: Engine, data: bytes | bytearray) -> Any:
    return engine.module("defects.survey").survey_of(engine.parse(data))


@pytest.mark.parametrize("field", FIELDS_THAT_ARE_PLAIN, ids=bytes.decode)
def test_usual_text_is_plain(engine: Engine, field: bytes) -> None:
    message = message_with(b"SIP/2.0 200 OK", [field])
    assert survey(engine, message).odd is None
    assert survey(engine, bytearray(message)).odd is None
    check(engine, message)


@pytest.mark.parametrize("field", FIELDS_THAT_ARE_NEARLY_PLAIN, ids=bytes.decode)
def test_nearly_usual_text_is_not_plain(engine: Engine, field: bytes) -> None:
    message = message_with(b"SIP/2.0 200 OK", [field])
    assert survey(engine, message).odd is not None
    assert engine.parse(message).defects
    check(engine, message)


def test_nearly_all_messages_are_usual_and_plain(engine: Engine) -> None:
    messages = corpus.load(Path(generate.__file__).parent / "mixed.sip")[::10]
    surveys = [survey(engine, message) for message in messages]
    assert all(one.is_usual for one in surveys)
    assert sum(one.odd is None for one in surveys) > 0.85 * len(surveys)


def pieced(field: bytes) -> Iterator[bytes]:
    """A field with each piece at each place of its value, and with each byte left out."""
    for at in range(field.index(b":") + 2, len(field) + 1):
        yield field[: at - 1] + field[at:]
        for piece in PIECES:
            yield field[:at] + piece + field[at:]


def changes() -> list[tuple[bytes, bytes]]:
    """Start lines and fields for messages, both plain and odd."""
    fields = [*FIELDS_THAT_ARE_PLAIN, *[b"%b: %b" % (n.encode(), v) for n, v in FIELDS.items()]]
    found = [(b"INVITE sip:a SIP/2.0", one) for field in fields for one in pieced(field)]
    return found + [(one[3:], b"X: y") for start in STARTS for one in pieced(b"X: " + start)]


@pytest.mark.parametrize("name", ENGINES)
def test_survey_misses_no_piece_at_any_place(name: str, request: pytest.FixtureRequest) -> None:
    engine: Engine = request.getfixturevalue(name)
    share = 0.2 if name == "native" else 0.01
    dice = random.Random(name)
    for start, field in changes():
        if dice.random() < share:
            check(engine, message_with(start, [field]))


@settings(max_examples=1500, deadline=None)
@given(
    start=st.sampled_from(STARTS),
    fields=st.lists(st.sampled_from(FIELDS_THAT_ARE_PLAIN + OTHERS), max_size=4),
    pieces=st.lists(st.tuples(st.integers(0, 600), st.sampled_from(PIECES)), max_size=2),
    dropped=st.none() | st.integers(0, 9),
)
def test_survey_misses_no_defect_across_fields(
    engine: Engine,
    start: bytes,
    fields: list[bytes],
    pieces: list[tuple[int, bytes]],
    dropped: int | None,
) -> None:
    data = message_with(start, fields)
    for at, piece in pieces:
        data = data[:at] + piece + data[at:]
    if dropped is not None:
        lines = data.split(b"\r\n")
        if 0 < dropped < len(lines) - 2:
            del lines[dropped]
        data = b"\r\n".join(lines)
    check(engine, data)
    check(engine, bytearray(data))


def test_a_text_that_came_before_is_still_malformed_elsewhere(engine: Engine) -> None:
    date = b"Date: Sat, 13 Nov 2010 23:29:00 GMT"
    for _ in range(2):
        assert engine.parse(sample(OPTIONS, date)).defects == ()
    wrong = engine.parse(sample(OPTIONS, b"Timestamp: " + date[6:]))
    assert [defect.code for defect in wrong.defects] == ["timestamp-malformed"]


def test_cached_texts_are_few_and_short(engine: Engine) -> None:
    grammar = engine.module("defects.grammar")
    texts = [b"%d" % number for number in range(3 * grammar.REMEMBERED)]
    texts += [b"7" + b" " * grammar.LONGEST_REMEMBERED + b"8"]
    for text in texts:
        assert engine.parse(sample(OPTIONS, b"Timestamp: " + text)).defects == ()
        assert len(grammar.WELL_FORMED) <= grammar.REMEMBERED
    assert grammar.WELL_FORMED
    assert max(len(text) for _, text in grammar.WELL_FORMED) <= grammar.LONGEST_REMEMBERED


def test_credentials_are_not_remembered(engine: Engine) -> None:
    remembered = engine.module("defects.grammar").WELL_FORMED
    for name in (b"Authorization", b"Proxy-Authorization"):
        message = engine.parse(sample(OPTIONS, name + b": Basic YWxpY2U6c2VjcmV0"))
        assert message.defects == ()
    assert not [text for _, text in remembered if "Basic" in text]


def test_indices_of_other_fields_are_passed_over(engine: Engine) -> None:
    grammar = engine.module("defects.grammar")
    found: list[Defect] = []
    message = engine.parse(sample(OPTIONS, b"Timestamp: x"))
    odd = {*range(-9, len(message.headers)), 10**8}
    grammar.check_odd_fields(message, odd, found)
    assert [defect.code for defect in found] == ["timestamp-malformed"]
