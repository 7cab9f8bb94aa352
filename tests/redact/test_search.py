"""Nothing of the original is left: a search for each value, in all forms, in whole files."""

from __future__ import annotations

import base64
import random
from collections import Counter
from pathlib import Path
from typing import Any

import leaks
import pytest

import sipfast
from sipfast import ParseError, capture
from sipfast._engine import Engine
from sipfast.redact import Redactor
from sipfast.redact.fields import FIELDS as FIELDS_KEPT
from sipfast.redact.fields import OF_BODY

ROOT = Path(__file__).parents[2]
KEY = b"0123456789abcdef"
OWN = [
    ROOT / "bench_data" / "calls.pcap",
    ROOT / "bench_data" / "mixed.sip",
    *sorted((ROOT / "bench_data" / "dialogues").glob("*.sip")),
    *sorted((ROOT / "bench_data" / "messages").glob("*/*.sip")),
]

SECRETS = {
    "user": "alice.secret",
    "other": "zaphod42x",
    "number": "+442079460199",
    "marks": "+49-30-90182-7345",
    "password": "hunter2pw",
    "name": "Alice Wunderland",
    "script": "\u738b\u5c0f\u660e\u5148\u751f",
    "host": "pbx7.corp-secret.example",
    "IPv4": "198.51.100.77",
    "private": "10.11.12.13",
    "IPv6": "2001:db8:dead:beef::77",
    "tag": "tag-9fxced76sl",
    "branch": "bRaNch-77asjd3kw",
    "call": "call-3848276298220188511",
    "instance": "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    "imei": "90420156-025763-9",
    "nonce": "84f1c1ae6cbe5ua9c8e88dfa3ecm3459",
    "response": "7587245234b3434cc3412213e5f113a5",
    "realm": "Secret Realm",
    "key": "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj",
    "pwd": "asd88fgpdd777uzjYhagZg",
    "ufrag": "8hhYufrag",
    "fingerprint": "4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB",
    "cell": "234151D0FCE11",
    "mac": "001a2b3c4d5e",
    "text": "meet-me-at-noon",
    "subject": "merger-with-acme",
    "geolocation": "geo-48.2010-16.3695",
    "passport": "eyJhbGciOiJFUzI1NiJ9.eyJvcmlnIjoi.c2lnbmF0dXJl",
    "cname": "cname-7jhf6",
    "codec": "secretcodec",
    "boundary": "unique-boundary-1",
    "token": "opaque-token-zz9",
}


FIELDS = """\
INVITE sip:{user}:{password}@{host};line={token};x={text} SIP/2.0
Via: SIP/2.0/UDP {IPv4}:5062;branch=z9hG4bK{branch};received={private};x={token}
Via: SIP/2.0/TCP [{IPv6}];branch={branch}, SIP/2.0/UDP {host}
v: SIP/2.0/UDP {host};i={token}
Max-Forwards: 70
f: "{name} \\"{script}\\"" <sip:%61lice.secret@{HOST}>;tag={tag}
t: {name} <tel:{marks};isub={token}>
i: {call}@{private}
CSeq: 7 INVITE
m: <sip:{number}@{IPv4};user=phone;gr=urn:uuid:{instance}>;+sip.instance="<urn:uuid:{instance}>"
Contact: <sip:a@h>;+sip.instance="<urn:gsma:imei:{imei}>";x="{text}"
Contact: <sip:a@h>;pub-gruu="sip:{user}@{host};gr=1";temp-gruu="{token}"
Record-Route: <sip:{host};lr;ftag={tag}>, <sip:{IPv4};received=sip:{IPv4}:5>
Route: <sip:{user}@[{IPv6}];lr>
P-Asserted-Identity: <sip:{other}@{host}>, <tel:{number}>
Remote-Party-ID: "{number}" <sip:{number}@{IPv4}>;party=calling
Diversion: <sip:{number}@h>;reason="{text}"
History-Info: <sip:{user}@h?Reason=SIP%3Btext%3D{text}>;index=1
Refer-To: <sip:a@h?Replaces={call}%40{host}%3Bto-tag%3D{tag}%3Bfrom-tag%3D1&Subject={subject}>
Referred-By: <sip:{user}@h>;cid="{token}@{host}"
Replaces: {call};to-tag={tag};from-tag={token}
In-Reply-To: {call}@{host}, {token}
Authorization: Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="sip:{host}",
 response="{response}", cnonce="{token}", opaque="{token}"
WWW-Authenticate: Digest realm="{host}", nonce="{nonce}", domain="sip:{host}"
Authentication-Info: nextnonce="{nonce}"
User-Agent: Yealink/{mac} {codec}/1.0 ({mac})
Server: {mac}
Subject: {subject}
Organization: {host}
Identity: {passport};info=<https://{host}/c.cer>
Geolocation: <https://{host}/{geolocation}>
P-Access-Network-Info: 3GPP-E-UTRAN-FDD;utran-cell-id-3gpp={cell}
P-Charging-Vector: icid-value={token};icid-generated-at={IPv4};orig-ioi={host}
Warning: 399 {host}:5060 "{text}"
Reason: SIP;cause=302;text="{text}"
Retry-After: 10 ({text})
Event: {token}
Supported: 100rel, {token}
Allow: INVITE, {token}
SIP-ETag: {token}
X-Secret:
 {text}
\t{number}
{token}: {text}
User-to-User: {text};encoding=hex
Alert-Info: <http://{host}/{text}>
Content-Type: multipart/mixed;boundary="{boundary}"
"""
SDP = """\
v=0
o={user} 2890844526 2890844527 IN IP4 {IPv4}
s={subject}
i={text}
u=http://{host}/
e={user}@{host}
p={number}
c=IN IP4 {private}
t=0 0
k=clear:{key}
a=tool:{token}
a=ice-ufrag:{ufrag}
a=ice-pwd:{pwd}
a=fingerprint:sha-1 {fingerprint}
m=audio 49170 RTP/SAVP 0 96
a=rtpmap:96 {codec}/8000
a=mid:{token}
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{key}
a=candidate:{token} 1 UDP 2130706431 {IPv4} 8998 typ host
a=candidate:2 1 UDP 1694498815 {IPv6} 4532 typ srflx raddr {private} rport 8
a=ssrc:1 cname:{cname}
a=fmtp:96 {token}=1;{text}
a={text}
m={token} 1 RTP/AVP 0
c=IN IP4 {host}
"""
PARTS = (
    ("application/sdp", SDP),
    ("text/plain", "{text} {script}"),
    ("application/pidf+xml", "<presence entity='pres:{user}@{host}'/>"),
    ("application/isup", "{number}"),
    ("message/sipfrag", "SIP/2.0 200 {text}\nTo: {user}\n"),
    ("application/dtmf-relay", "Signal={ufrag}\nDuration=1\n{text}"),
    ("application/simple-message-summary", "Message-Account: sip:{user}@{host}\n"),
)
PART = "--{boundary}\nContent-Type: TYPE\nContent-ID: <{token}@{host}>\n\nTEXT\n"


def everything() -> bytes:
    """A message with each secret, in many places."""
    parts = [PART.replace("TYPE", kind).replace("TEXT", text) for kind, text in PARTS]
    body = filled("{text}\n" + "".join(parts) + "--{boundary}--\n{text}")
    return filled(FIELDS) + b"l: %d\r\n\r\n" % len(body) + body


def filled(template: str) -> bytes:
    text = template.format(**SECRETS, HOST=SECRETS["host"].upper())
    return text.replace("\n", "\r\n").encode()


def test_no_secret_is_left(engine: Engine) -> None:
    before = everything()
    assert not [name for name, value in SECRETS.items() if not leaks.left([value], before)]
    for options in ({}, {"allow": ["X-Secret", "Subject", SECRETS["token"]]}, {"keep_prefix": 2}):
        made = Redactor(KEY, engine=engine, **options).message(before)
        assert made is not None
        text = (
            made.replace(f"\r\n{SECRETS['token']}: ".encode(), b"") if "allow" in options else made
        )
        assert leaks.left(SECRETS.values(), text) == []
        allowed = {"x-secret", "subject"} if "allow" in options else set()
        assert leaks.words_left(before, text) == allowed
        assert len(engine.parse(made).headers) > 30
        assert len(engine.parse(made).parts) == 5


def test_no_secret_is_left_in_a_response(engine: Engine) -> None:
    before = (
        b"SIP/2.0 180 " + SECRETS["text"].encode() + b"\r\n" + everything().partition(b"\r\n")[2]
    )
    made = Redactor(KEY, engine=engine).message(before)
    assert made is not None
    assert leaks.left(SECRETS.values(), made) == []


def test_a_search_finds_each_form() -> None:
    for form in (b"ALICE.secret", b"alice%2Esecret", b"%61%6C%69ce.secret"):
        assert leaks.left(["alice.secret"], b"x" + form + b"y") == ["alice.secret"]
    for at in range(3):
        text = base64.b64encode(b"-" * at + b"alice.secret--")
        assert leaks.left(["alice.secret"], text) == ["alice.secret"]
    assert leaks.left(["198.51.100.77"], b"\xc6\x33\x64\x4d") == ["198.51.100.77"]
    assert leaks.left(["+44-20-794"], b"tel:+4420794") == ["+44-20-794"]
    assert leaks.words_left(b"To: alice", b"From: alice") == {"alice"}


# ---- files ---------------------------------------------------------------------------------------


def originals(message: Any) -> set[str]:
    """The values of a message that tell who someone is, as far as it can be read."""
    found: list[str | None] = [message.call_id]
    for name in ("from_", "to", "contacts", "record_routes", "routes", "p_asserted_identity"):
        try:
            read = getattr(message, name)
        except ParseError:
            continue
        addresses = read if isinstance(read, tuple) else (read,)
        for address in addresses:
            uri = None if address is None else address.uri
            found += [getattr(uri, "user", None), getattr(uri, "host", None)]
            found += [] if address is None else [address.display_name, address.tag]
    try:
        for via in message.vias:
            found += [via.host, (via.branch or "").removeprefix("z9hG4bK"), via.received]
    except ParseError:
        pass
    # Short values and those that everyone has are left elsewhere by chance.
    usual = {"anonymous", "localhost", "127.0.0.1", "anonymous.invalid", "Anonymous", "0.0.0.0"}
    long = {value for value in found if value and len(value) >= 6}
    return {one for one in long if one.isdigit() or not leaks.is_grammar(one)} - usual


def check(engine: Engine, path: Path) -> int:
    """Redact a file, and search in what is made of each message."""
    if path.suffix == ".md":
        return 0
    try:
        opened = capture.open(path)
    except (ValueError, OSError):
        return 0
    first, second = Redactor(KEY, engine=engine), Redactor(KEY[::-1], engine=engine)
    checked = 0
    with opened:
        for record in opened:
            made = first.record(record)
            if made is None:
                continue
            before, after = bytes(record.data), bytes(made.data)
            assert leaks.words_left(before, after) == set(), (path, record.packet)
            message = engine.parse(before)
            kept = leaks.left(originals(message), after)
            # A pseudonym with few digits can be another original: with another key, it is not.
            if kept:
                other = second.record(record)
                assert other is not None
                assert leaks.left(kept, bytes(other.data)) == [], (path, record.packet)
            for address in {record.source, record.destination} - {None, "127.0.0.1"}:
                assert address not in (made.source, made.destination), (path, record.packet)
            faults = Counter(defect.code for defect in message.defects + message.body_defects)
            again = engine.parse(after)
            for defect in again.defects + again.body_defects:
                gone = defect.code.endswith("-missing") and defect.header in first.removed
                assert defect.code in faults or gone, (path, record.packet, defect)
            checked += 1
    return checked


def test_files_of_this_project(engine: Engine) -> None:
    assert sum(check(engine, path) for path in OWN) > 2000


def test_captures_of_others(engine: Engine, shared: Path) -> None:
    paths = [path for path in sorted((shared / "captures").rglob("*")) if path.is_file()]
    large = [path for path in paths if path.stat().st_size > 2_000_000]
    assert sum(check(engine, path) for path in paths if path not in large) > 600
    if engine.name == "native":
        assert sum(check(engine, path) for path in large) > 8000


def test_messages_of_others(engine: Engine, shared: Path) -> None:
    one = Redactor(KEY, engine=engine)
    for path in sorted((shared / "cases").rglob("*")) + sorted((shared / "conformance").rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            made = one.message(data)
            if made is not None:
                assert leaks.words_left(data, made) == set(), path
    assert one.written > 20


# ---- hostile messages ----------------------------------------------------------------------------

MARKS = [
    *(b"\0", b"\x1b[31m", "\u202e".encode(), "\u212a".encode(), b"\xff", b"\xed\xa0\x80"),
    *(b'"', b"\\", b"<", b">", b";", b",", b"%0d%0aX: y", b"%00", b"\r\n ", b"\r\nX: y", b"\n\n"),
    *(b"=cmd", b"<script>", b"'--", b"../../", b"`", b"{{", b"(", b")", b"@", b":", b"?", b"&"),
    *(b"9" * 60, b"1.2.3.4", b"[::1]", b"sip:", b"tel:+", b"a" * 3000),
]


@pytest.mark.parametrize("seed", range(8))
def test_hostile_messages(engine: Engine, seed: int) -> None:
    """What is made of any message is one message in ASCII, with no line that was not made here."""
    draw = random.Random(seed)
    one = Redactor(KEY, engine=engine, allow=["X-Secret"])
    base = everything()
    for _ in range(150 if engine.name == "native" else 40):
        data = bytearray(base)
        for _ in range(draw.randint(1, 8)):
            at = draw.randrange(len(data))
            data[at : at + draw.choice((0, 0, 1, 5))] = draw.choice(MARKS)
        made = one.message(bytes(data))
        if made is None:
            continue
        assert leaks.words_left(bytes(data), made) <= {"x-secret"}
        head = made.partition(b"\r\n\r\n")[0]
        assert made.isascii()
        assert not set(head) & (set(range(32)) - {10, 13}) - {127}
        assert head.count(b"\r") == head.count(b"\n") == head.count(b"\r\n")
        read = engine.parse(made)
        assert len(read.raw) == len(made)
        for name in read.headers:
            assert name in ("X-Secret",) or name in FIELDS_KEPT or name in OF_BODY
    assert one.written > 10


def test_the_module_and_the_engine_agree(native: Engine, pure: Engine) -> None:
    for path in OWN[:2]:
        records = list(sipfast.open(path))
        one, other = Redactor(KEY, engine=native), Redactor(KEY, engine=pure)
        assert [one.record(r) for r in records] == [other.record(r) for r in records]
        assert (one.written, one.dropped, one.removed) == (
            *(other.written, other.dropped, other.removed),
        )


def test_the_engines_agree_on_hostile_messages(native: Engine, pure: Engine) -> None:
    draw = random.Random(9)
    one, other = Redactor(KEY, engine=native), Redactor(KEY, engine=pure)
    base = everything()
    for _ in range(150):
        data = bytearray(base)
        for _ in range(draw.randint(1, 4)):
            at = draw.randrange(len(data))
            data[at : at + draw.choice((0, 1, 5))] = draw.choice(MARKS)
        assert one.message(bytes(data)) == other.message(bytes(data))
    assert (one.dropped, one.removed) == (other.dropped, other.removed)
    assert one.written > 20
