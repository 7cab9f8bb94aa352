"""Header fields: a person, number, host or dialog has one pseudonym in all of them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from samples import sample

from sipfast._engine import Engine
from sipfast.redact import Redactor, words
from sipfast.redact.fields import FIELDS, OF_BODY
from sipfast.redact.pseudonyms import Pseudonyms
from sipfast.redact.values import FLAG, Values
from sipfast.registry.header_names import HEADER_NAMES

KEY = b"0123456789abcdef"


def redactor(engine: Engine, **options: Any) -> Redactor:
    return Redactor(KEY, engine=engine, **options)


def field(engine: Engine, name: str, text: str, **options: Any) -> str | None:
    """A header field after redaction, or None if it is dropped."""
    made = redactor(engine, **options).message(message(name, text))
    assert made is not None
    read: Any = engine.parse(made).headers
    value: str | None = read.get(name)
    return value if name not in ("Via", "From", "To") else read.getall(name)[0]


def message(name: str, text: str) -> bytes:
    value = text.encode("utf-8", "surrogateescape")
    if name in ("Via", "From", "To", "Call-ID", "CSeq", "Max-Forwards"):
        return sample(**{name.replace("-", "_"): value})
    return sample(b"OPTIONS sip:bob@example.com SIP/2.0", f"{name}: ".encode() + value)


# ---- the same value has the same pseudonym -------------------------------------------------------


def user(engine: Engine, text: str, **options: Any) -> str | None:
    """The user of From."""
    value = field(engine, "From", text + ";tag=1", **options)
    assert value is not None
    uri = engine.parse_header("From", value).uri
    found: str | None = uri.user if uri.scheme != "tel" else uri.number
    return found


@pytest.mark.parametrize(
    "text",
    [
        "<sip:+442079460123@h>",
        "<sip:442079460123@h>",
        "<tel:+44-20-7946-0123>",
        "<tel:+44(20)79460123>",
        "<sip:+44.20.7946.0123@h;user=phone>",
        "<sip:%2B442079460123@h>",
        "<sip:+442079460123;phone-context=example.com@h;user=phone>",
        "<sip:00442079460123@h>",
        "sip:+442079460123@h",
        "<sips:442079460123:secret@h>",
    ],
)
def test_a_number_has_one_pseudonym(engine: Engine, text: str) -> None:
    for keep in (0, 2, ["+44"]):
        first = user(engine, "<tel:+442079460123>", keep_prefix=keep)
        made = user(engine, text, keep_prefix=keep)
        assert first is not None
        assert made is not None
        digits = re.sub("[^0-9]", "", made.partition(";")[0])
        assert digits.removeprefix("00") == first.removeprefix("+")
        assert first.startswith("+44") or not keep
        assert "2079460123" not in digits


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<sip:alice@h>", "<sip:%61lice@h>"),
        ("<sip:alice@h>", '"A" <sip:alice:pw@h;lr>'),
        ("<sip:alice@h>", "sip:alice@h"),
        ("<sip:a%40b.example@h>", "<sip:a%40b.example@i>"),
    ],
)
def test_a_user_has_one_pseudonym(engine: Engine, one: str, other: str) -> None:
    assert user(engine, one) == user(engine, other)
    assert user(engine, one) != user(engine, "<sip:Alice@h>")


def test_marks_of_a_number_stay(engine: Engine) -> None:
    made = field(engine, "To", '"+44 (20) 7946" <sip:+44-20-7946-0123@h>')
    assert made is not None
    assert re.fullmatch(r'"\+\d\d \(\d\d\) \d{4}" <sip:\+\d\d-\d\d-\d{4}-\d{4}@h\w{9}>', made)


def host(engine: Engine, text: str) -> str:
    value = field(engine, "From", f"<sip:{text}>;tag=1")
    assert value is not None
    return str(engine.parse_header("From", value).uri.host)


def test_a_domain_has_one_pseudonym_and_its_labels(engine: Engine) -> None:
    domain = host(engine, "example.com")
    assert domain.endswith(".invalid")
    assert host(engine, "EXAMPLE.com") == domain
    assert host(engine, "example.com:5060") == domain
    below = host(engine, "sip1.example.com")
    assert below.endswith("." + domain)
    assert below.count(".") == 2
    assert host(engine, "sip1.example.org").split(".")[0] != below.split(".")[0]
    assert host(engine, "localhost") == "localhost"
    assert host(engine, "anonymous.invalid") == "anonymous.invalid"


def test_an_address_has_one_pseudonym_everywhere(engine: Engine) -> None:
    body = b"v=0\r\no=- 1 1 IN IP4 198.51.100.7\r\ns=-\r\nc=IN IP4 198.51.100.7\r\nt=0 0\r\n"
    made = redactor(engine).message(
        sample(
            b"INVITE sip:198.51.100.7 SIP/2.0",
            b"Contact: <sip:a@198.51.100.7:5070;maddr=198.51.100.7>",
            b"Record-Route: <sip:198.51.100.7;lr;received=198.51.100.7>",
            b"Content-Type: application/sdp",
            Via=b"SIP/2.0/UDP 198.51.100.7;branch=z9hG4bK1;received=198.51.100.7",
            Call_ID=b"1@198.51.100.7",
            CSeq=b"1 INVITE",
            body=body,
        )
    )
    assert made is not None
    assert b"198.51.100.7" not in made
    address = engine.parse(made).vias[0].host
    assert made.decode().count(address) == 10
    after: Any = engine.parse(made)
    assert after.contact.uri.port == 5070


def test_ipv6_has_one_pseudonym_however_it_is_written(engine: Engine) -> None:
    first = host(engine, "[2001:db8::1]")
    assert first.startswith("[2")
    assert "2001:db8" not in first
    assert host(engine, "[2001:DB8:0:0::1]:5061") == first
    value = field(engine, "Via", "SIP/2.0/UDP [2001:db8::1];branch=z9hG4bK1;received=2001:db8::1")
    assert value is not None
    assert value.count(first[1:-1]) == 2


def test_identifiers_have_one_pseudonym_wherever_they_stand(engine: Engine) -> None:
    call_id, tag, other = "a84b4c@pc33.example.com", "to-7xi", "from-9dd"
    made = redactor(engine, allow=["X-CID"]).message(
        sample(
            b"REFER sip:bob@example.com SIP/2.0",
            b"Replaces: a84b4c@pc33.example.com;to-tag=to-7xi;from-tag=from-9dd;early-only",
            b"Target-Dialog: a84b4c@pc33.example.com;local-tag=to-7xi;remote-tag=from-9dd",
            b"In-Reply-To: a84b4c@pc33.example.com, other",
            b"Event: dialog;call-id=a84b4c@pc33.example.com;to-tag=to-7xi;from-tag=from-9dd",
            b"Refer-To: <sip:bob@example.com?Replaces=a84b4c%40pc33.example.com%3Bto-tag%3Dto-7xi"
            b"%3Bfrom-tag%3Dfrom-9dd&Subject=secret&body=secret>",
            b"X-CID: a84b4c@pc33.example.com",
            b"Record-Route: <sip:proxy.example.com;lr=on;ftag=from-9dd;secret=1>",
            From=f"<sip:alice@example.com>;tag={other}".encode(),
            To=f"<sip:bob@example.com>;tag={tag}".encode(),
            Call_ID=call_id.encode(),
            CSeq=b"1 REFER",
        )
    )
    assert made is not None
    read: Any = engine.parse(made)
    found = read.call_id, read.to.tag, read.from_.tag
    assert not {call_id, tag, other} & set(found)
    replaces = read.replaces
    assert (replaces.call_id, replaces.to_tag, replaces.from_tag) == found
    assert replaces.early_only
    target = read.target_dialog
    assert (target.call_id, target.local_tag, target.remote_tag) == found
    assert read.in_reply_to[0] == read.call_id
    assert read.event.parameters["call-id"] == read.call_id
    assert read.event.parameters["to-tag"] == read.to.tag
    headers = read.refer_to.uri.headers
    assert [name for name, _ in headers] == ["Replaces"]
    inner = engine.parse_header("Replaces", headers[0][1])
    assert (inner.call_id, inner.to_tag, inner.from_tag) == found
    assert read.headers["X-CID"] == read.call_id
    assert dict(read.record_routes[0].uri.parameters) == {"lr": None, "ftag": read.from_.tag}
    assert b"secret" not in made
    assert b"pc33" not in made
    # The host of the Call-ID is the host that it is elsewhere.
    assert read.call_id.partition("@")[2] == host(engine, "pc33.example.com")


def test_nonces_still_join(engine: Engine) -> None:
    challenge = field(engine, "WWW-Authenticate", 'Digest realm="r", nonce="n1", qop="auth"')
    answer = field(
        engine,
        "Authorization",
        'Digest username="alice", realm="r", nonce="n1", uri="sip:example.com", nc=00000001,'
        f' cnonce="c1", qop=auth, response="{"5" * 32}", opaque=""',
    )
    assert challenge is not None
    assert answer is not None
    one = engine.parse_header("WWW-Authenticate", challenge)[0]
    other = engine.parse_header("Authorization", answer)[0]
    assert (one.realm, one.nonce, one.qop) == (other.realm, other.nonce, (other.qop,))
    assert other.response == "0" * 32
    assert other.cnonce == "0"
    assert other.nc == 1
    assert other.username == user(engine, "<sip:alice@h>")
    assert "5555" not in answer
    assert "n1" not in answer


# ---- what stays ----------------------------------------------------------------------------------

KEPT = [
    ("Max-Forwards", "70"),
    ("CSeq", "4711 OPTIONS"),
    ("Expires", "3600"),
    ("RSeq", "7"),
    ("RAck", "7 1 INVITE"),
    ("Session-Expires", "1800;refresher=uac"),
    ("Min-SE", "90"),
    ("Allow", "INVITE, ACK"),
    ("Supported", "100rel, timer"),
    ("Supported", ""),
    ("Accept", "application/sdp;q=0.5, */*"),
    ("Accept-Language", "en, zh-CN"),
    ("Subscription-State", "terminated;reason=noresource"),
    ("Privacy", "id;critical"),
    ("Date", "Sat, 13 Nov 2010 23:29:00 GMT"),
    ("Timestamp", "54.3 0.2"),
    ("Reason", 'Q.850;cause=16;text="Normal call clearing"'),
    ("Contact", "*"),
    ("Event", "presence"),
    ("Allow-Events", "presence, dialog"),
    ("Refer-Sub", "false"),
    ("Priority", "emergency"),
    ("Accept-Contact", "*;audio;require"),
    ("P-Early-Media", "supported"),
    ("P-Asserted-Service", "urn:urn-7:3gpp-service.ims.icsi.mmtel"),
    ("Session-ID", "0" * 32 + ";remote=" + "0" * 32),
    ("User-Agent", "FreeSWITCH/1.10.7 Yealink/66.84.0"),
    ("Server", "Asterisk"),
    ("Accept-Encoding", "gzip, identity;q=0.5"),
    ("Request-Disposition", "fork, parallel"),
    ("Answer-Mode", "Auto;require"),
    ("Priv-Answer-Mode", "Manual"),
    ("Retry-After", "120"),
]


@pytest.mark.parametrize(("name", "text"), KEPT)
def test_it_stays(engine: Engine, name: str, text: str) -> None:
    assert field(engine, name, text) == text


# ---- what goes -----------------------------------------------------------------------------------

CHANGED = [
    ("Referred-By", '<sip:a@h>;cid="alice@y"', r'<sip:u\w{9}@h\w{9}>;cid="\w{20}@h\w{9}"'),
    ("P-Served-User", "<sip:a@h>;sescase=orig;regstate=alice", "<sip:[^>]+>;sescase=orig"),
    ("SIP-ETag", "alice1", r"\w{20}"),
    ("SIP-If-Match", "alice1", r"\w{20}"),
    ("Suppress-If-Match", "alice1", r"\w{20}"),
    ("P-Visited-Network-ID", '"Alice Net", other.net', r'"realm-\w{8}", "\w+\.invalid"'),
    ("User-Agent", "Acme-Phone/2.1.3.4 (MAC 001122334455)", r"agent-\w{6}"),
    ("User-Agent", "Acme-Phone/2.1.3 (MAC 001122334455)", r"agent-\w{6}/2\.1\.3"),
    ("User-Agent", "Alice IP Box Asterisk PBX 11.7.0~dfsg", r"agent-\w{6} Asterisk PBX/11\.7\.0"),
    ("User-Agent", "Alice IP Box 2.0 x", r"agent-\w{6}/2\.0 agent-\w{6}"),
    ("Server", "Alice/alice", r"agent-\w{6}"),
    ("User-Agent", "Yealink SIP-T46S 66.84.0.15", r"Yealink agent-\w{6}"),
    ("User-Agent", "Yealink SIP-T46S v66.84.0-rc1", r"Yealink agent-\w{6}/66\.84\.0"),
    ("Server", "Alice 10.1.2.3 Asterisk 5060 PBX/18", r"agent-\w{6} Asterisk PBX"),
    ("Reason", 'SIP;cause=486;text="alice is out"', r'SIP;cause=486;text="Busy Here"'),
    ("Reason", "X.25;cause=1, Q.850;cause=17;x=alice", r"Q\.850;cause=17"),
    ("Warning", '399 pbx.corp "ask alice"', r'399 hw?\w+\.invalid "Miscellaneous warning"'),
    ("Retry-After", "120 (call alice);duration=3", "120;duration=3"),
    ("Allow", "INVITE, ALICE", "INVITE"),
    ("Supported", "100rel, alice", "100rel"),
    (
        "Contact",
        '"Alice B" <sip:a@h;x=alice>;y=alice;q=0.5',
        r'"name-\w{8}" <sip:u\w{9}@h\w{9}>;q=0.5',
    ),
    (
        "Contact",
        '<sip:a@h>;+sip.instance="<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"',
        r'<sip:\S+>;\+sip\.instance="<urn:uuid:(?!f81d4fae)[-0-9a-f]{36}>"',
    ),
    (
        "Contact",
        '<sip:a@h>;+sip.instance="<urn:gsma:imei:90420156-025763-0>"',
        r'<sip:\S+>;\+sip\.instance="<urn:gsma:imei:(?!90420156)\d{8}-\d{6}-\d>"',
    ),
    ("P-Asserted-Identity", '"+44 20 7946" <tel:+44207946>', r'"\+\d\d \d\d \d{4}" <tel:\+\d{8}>'),
    ("Session-ID", "ab30317f1a784dc48ff824d0d3715d86", "(?!ab30)[0-9a-f]{32}"),
    (
        "P-Access-Network-Info",
        "3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=234151D0FCE11;network-provided",
        "3GPP-E-UTRAN-FDD;network-provided",
    ),
    (
        "P-Charging-Vector",
        "icid-value=secret;orig-ioi=home.net",
        r"icid-value=\w{20};orig-ioi=\w+\.invalid",
    ),
    (
        "Remote-Party-ID",
        "<sip:a@h>;party=calling;screen=yes;privacy=full;x=1",
        "<sip:[^>]+>;party=calling;screen=yes;privacy=full",
    ),
    (
        "Diversion",
        '<sip:a@h>;reason=user-busy;counter=1;why="alice"',
        "<sip:[^>]+>;reason=user-busy;counter=1",
    ),
    (
        "History-Info",
        "<sip:a@h?Reason=SIP%3Bcause%3D302>;index=1.1;rc=1",
        r"<sip:[^>]+\?Reason=SIP%3Bcause%3D302>;index=1\.1;rc=1",
    ),
]


@pytest.mark.parametrize(("name", "text", "pattern"), CHANGED)
def test_it_changes(engine: Engine, name: str, text: str, pattern: str) -> None:
    made = field(engine, name, text)
    assert made is not None
    assert re.fullmatch(pattern, made), made
    assert "alice" not in made.lower()


DROPPED = [
    ("Subject", "alice"),
    ("Organization", "Alice Inc."),
    ("Geolocation", "<https://alice.example/>"),
    ("Identity", "abc.def.ghi;info=<https://alice.example/>"),
    ("Authentication-Info", 'nextnonce="1"'),
    ("User-to-User", "616c696365;encoding=hex"),
    ("Alert-Info", "<http://alice.example/ring>"),
    ("Call-Info", "<http://alice.example/photo>;purpose=icon"),
    ("X-Unknown", "alice"),
    ("Contact", "<mailto:alice@example.com>"),
    ("WWW-Authenticate", 'NTLM realm="alice"'),
    ("Expires", "soon, alice"),
    ("Session-Expires", "x"),
    ("Allow", "ALICE"),
    ("Event", "alice"),
    ("Priority", "alice"),
    ("User-Agent", "2.0 (alice)"),
    ("P-Asserted-Service", "urn:alice"),
    ("Security-Client", "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=1;spi-s=2;port-c=3;port-s=4"),
]


@pytest.mark.parametrize(("name", "text"), DROPPED)
def test_it_goes(engine: Engine, name: str, text: str) -> None:
    one = redactor(engine)
    made = one.message(message(name, text))
    assert made is not None
    assert name not in engine.parse(made).headers
    assert b"alice" not in made.lower()
    assert one.removed == {name: 1}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CSeq", "1 ALICE"),
        ("From", "<http://alice.example/>;tag=1"),
        ("From", "alice"),
        ("Via", "SIP/2.0/ALICE h;branch=z9hG4bK1"),
        ("To", "<sip:[alice>"),
    ],
)
def test_a_message_goes_with_a_mandatory_field(engine: Engine, name: str, text: str) -> None:
    one = redactor(engine)
    assert one.message(message(name, text)) is None
    assert one.dropped == {"unknown mandatory field": 1}
    assert one.written == 0


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        (b"ALICE sip:a@h SIP/2.0", "unregistered method"),
        (b"OPTIONS http://alice SIP/2.0", "unknown Request-URI"),
        (b"OPTIONS sip: SIP/2.0", "unknown Request-URI"),
        (b"OPTIONS", "malformed message"),
    ],
)
def test_a_message_goes_with_its_start_line(engine: Engine, start: bytes, reason: str) -> None:
    one = redactor(engine)
    assert one.message(sample(start)) is None
    assert one.dropped == {reason: 1}


def test_reason_phrases_are_the_registered_ones(engine: Engine) -> None:
    for start, made in (
        (b"SIP/2.0 486 Alice is busy", "SIP/2.0 486 Busy Here"),
        (b"SIP/2.0 299 Alice", "SIP/2.0 299 Unregistered"),
    ):
        after = redactor(engine).message(sample(start))
        assert after is not None
        assert after.decode().splitlines()[0] == made


# ---- options -------------------------------------------------------------------------------------


def test_unknown_header_fields_stay_if_allowed(engine: Engine) -> None:
    options = {"allow": ["X-User", "subject"]}
    for text, pattern in (
        ("sip:alice@example.com", r"<sip:u\w{9}@h\w{9}\.invalid>"),
        ('"Alice" <tel:+4420794601>;tag=1', r'"name-\w{8}" <tel:\+\d{10}>;tag=\w{20}'),
        ("198.51.100.7", r"\d+\.\d+\.\d+\.\d+"),
        ("2001:db8::7", r"[0-9a-f:]+"),
        ("+44 20 7946", r"\+\d\d \d\d \d{4}"),
        ("alice", r"[a-z0-9]{20}"),
        ("a1@pbx.example.com", r"[a-z0-9]{20}@h\w{9}\.h\w{9}\.invalid"),
        ("alice\x01\x7f\udcff", r"[a-z0-9]{20}"),
        ("", ""),
    ):
        for name in ("x-uSER", "Subject"):
            made = redactor(engine, **options).message(message(name, text))
            assert made is not None
            value = engine.parse(made).headers[name]
            assert re.fullmatch(pattern, value), (text, value)
            assert text != value or not text
            assert (b"X-User: " if name != "Subject" else b"subject: ") in made
    assert field(engine, "X-User", "sip:[", **options) is None


@pytest.mark.parametrize(
    ("text", "joins"),
    [
        *(("a84b4c@pc33.example.com", True), ("a84b4c", True), ("1963723623@10.0.0.1", True)),
        *(("1963723623-a", True), ("1" * 41, True), ("1963723623", False)),
        *(("1434657465-5060-1", False), ("1" * 40, False), ("10.0.0.1", False)),
    ],
)
def test_an_allowed_field_joins_with_the_call_id(engine: Engine, text: str, joins: bool) -> None:
    """Unless it could be a number or an address, which joins with these."""
    made = redactor(engine, allow=["X-CID"]).message(
        sample(
            b"OPTIONS sip:bob@example.com SIP/2.0",
            b"X-CID: " + text.encode(),
            From=f"<sip:{text.replace('@', '%40')}@h>;tag=1".encode(),
            Call_ID=text.encode(),
        )
    )
    assert made is not None
    read: Any = engine.parse(made)
    assert (read.headers["X-CID"] == read.call_id) is joins
    assert joins or read.headers["X-CID"] == read.from_.uri.user
    assert text not in (read.headers["X-CID"], read.call_id)


def test_allowing_a_field_with_a_row_changes_nothing(engine: Engine) -> None:
    one = redactor(engine, allow=["Contact", "i", "Content-Length"])
    assert one.message(sample()) == redactor(engine).message(sample())


@pytest.mark.parametrize("name", ["", "a b", "x:", "x\r\ny", "é", "x" * 65])
def test_what_is_allowed_must_be_a_name(engine: Engine, name: str) -> None:
    with pytest.raises(ValueError, match="is not the name of a header field"):
        redactor(engine, allow=[name])


def test_a_text_is_no_list(engine: Engine) -> None:
    with pytest.raises(TypeError):
        redactor(engine, allow="X-CID")
    with pytest.raises(TypeError):
        redactor(engine, keep_prefix="+44")


def test_times_are_shifted(engine: Engine) -> None:
    shift = {"shift": -86400}
    assert field(engine, "Date", "Sat, 13 Nov 2010 23:29:00 GMT", **shift) == (
        "Fri, 12 Nov 2010 23:29:00 GMT"
    )
    assert field(engine, "Timestamp", "1289690940.5 0.2", **shift) == "1289604540.5 0.2"
    assert field(engine, "Timestamp", "54", **shift) == "54"
    assert field(engine, "Date", "Sat, 01 Jan 0001 00:00:00 GMT", **shift) is None
    assert field(engine, "Timestamp", "1289690940.5", shift=-1289690940) == "0.5"
    assert field(engine, "Timestamp", "1289690940.5", shift=-1289690941) is None


def test_agents_stay_if_asked(engine: Engine) -> None:
    text = "Acme/2.1 (secret) \t x"
    assert field(engine, "User-Agent", "Acme/2.1 (secret)", keep_agents=True) == "Acme/2.1 (secret)"
    assert field(engine, "User-Agent", text, keep_agents=True) is None
    assert field(engine, "User-Agent", "Acmé", keep_agents=True) is None


@pytest.mark.parametrize(
    "text",
    [
        *("192.168.17.23", "10.0.0.1", "10.1.2.3:5060", "10.1.2.x", "192.168.17", "192.168"),
        *("10.1.2.", "10.1.2.3/24", "10.1.2/3.4", "10.1 .2.3", "2001:db8::1", "v10.0.0.1"),
        *("4711", "12", "7", "v7", "5550123", "555-0123", "555.0123", "020 7946 0123", "0207946"),
        *("20.79.46.01", "20.79-46.01", "20.79 46.01", "20.79/46.01", "+44 20.79", "612.345.678"),
        *("61.23.45", "22.33.44", "00:11:22:33:44:55", "00-11-22-33-44-55", "0011.2233.4455"),
        *("00.11.22", "2024.12.01", "24.12.01", "1.12.2024", "01.12.84", "2024-12-01", "12.11.84"),
        *("48.137", "48.1,11.5", "90420156", "90.4201560", "1.2345", "123.45", "1.0001"),
    ],
)
def test_a_version_is_no_part_of_something_else(engine: Engine, text: str) -> None:
    """What could be an address, a number, a date or a serial leaves no digit."""
    assert field(engine, "User-Agent", f"Yealink {text}") == "Yealink"
    assert field(engine, "User-Agent", text) is None
    made = field(engine, "Server", f"Desk {text} Yealink/{text}")
    assert made is not None
    assert re.fullmatch(r"agent-\w{6} Yealink", made)


# ---- the table -----------------------------------------------------------------------------------


def test_the_table_has_registered_names_alone() -> None:
    known = {row.name for row in HEADER_NAMES}
    assert set(FIELDS) <= known
    assert known >= OF_BODY
    assert not set(FIELDS) & OF_BODY


def test_each_row_of_the_table_is_tested() -> None:
    tested = {row[0] for row in (*KEPT, *CHANGED)}
    tested |= {"Via", "From", "To", "Call-ID", "Route", "Record-Route", "Path", "Service-Route"}
    tested |= {"WWW-Authenticate", "Authorization", "Replaces", "Target-Dialog", "In-Reply-To"}
    tested |= {"Refer-To"}
    same = {id(FIELDS[name].write) for name in tested if name in FIELDS}
    assert [name for name, row in FIELDS.items() if id(row.write) not in same] == []


def test_words_and_names_are_ascii(engine: Engine) -> None:
    """The Kelvin sign is a k in lower case, and so the word with it is another one."""
    assert "KO" in words.LANGUAGES
    assert "\u212ao" not in words.LANGUAGES
    assert None not in words.LANGUAGES
    values = Values(Pseudonyms(KEY), engine)
    assert values.parameters({"keep": FLAG}, {"keep": None, "KEEP": None}) == ";keep;KEEP"
    assert values.parameters({"keep": FLAG}, {"\u212aeep": None}) == ""
    made = redactor(engine).message(message("Via", "SIP/2.0/UDP h;branch=z9hG4bK1;\u212aeep"))
    assert made is None or made.isascii()
