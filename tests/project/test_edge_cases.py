"""Common errors of SIP parsers, case by case, with the rule of the RFC."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from samples import OPTIONS, RINGING, VIA, sample

import sipfast.capture
from sipfast import Incomplete, ParseError, Request, Response
from sipfast._engine import Engine

REGISTER = b"REGISTER sip:example.com SIP/2.0"


def register(*contacts: bytes, expires: bytes | None = None) -> bytes:
    """A REGISTER with these Contact fields."""
    fields = [b"Contact: " + contact for contact in contacts]
    if expires is not None:
        fields.append(b"Expires: " + expires)
    return sample(REGISTER, *fields, CSeq=b"1 REGISTER")


def clean(engine: Engine, data: bytes) -> Request | Response:
    """The message in `data`, which has no defect but, if it has lone LFs, the one for these."""
    message = engine.parse(data)
    head = data[message.start : message.body_offset]
    kinds = {head[at - 1 : at] == b"\r" for at, byte in enumerate(head) if byte == 0x0A}
    kind = "line-ends-mixed" if len(kinds) == 2 else "line-ends-lf"
    assert [fault.code for fault in message.defects] == ([kind] if False in kinds else [])
    return message if len(kinds) == 2 else engine.parse(data, strict=True)


def defects(engine: Engine, data: bytes) -> list[tuple[str, str | None]]:
    """Codes of the defects in `data`, and the header fields that they are in."""
    return [(defect.code, defect.header) for defect in engine.parse(data).defects]


def refused(engine: Engine, data: bytes) -> str:
    """The code of the fault for which `data` cannot be taken apart."""
    with pytest.raises(ParseError) as caught:
        engine.parse(data)
    return caught.value.code


def test_01_white_space_may_stand_before_the_colon(engine: Engine) -> None:
    """RFC 3261 7.3.1, 25.1 (HCOLON)."""
    message = clean(
        engine,
        sample(
            OPTIONS,
            b"SUBJECT : dinner",
            b"m\t \t:<sip:alice@192.0.2.7>",
            b"X-Mood  \t:",
            b"i :7@example.net",
            b"L\t: 0",
            Call_ID=None,
            Content_Length=None,
        ),
    )
    assert message.headers["Subject"] == "dinner"
    assert message.headers["Contact"] == "<sip:alice@192.0.2.7>"
    assert message.headers["X-Mood"] == ""
    assert (message.call_id, message.content_length) == ("7@example.net", 0)
    assert list(message.headers)[-6:] == ["CSeq", "SUBJECT", "m", "X-Mood", "i", "L"]


@pytest.mark.parametrize("fold", [b"\r\n ", b"\n\t", b" \t\r\n \t ", b"\r\n \r\n\t\r\n "])
def test_02_a_fold_is_one_space_wherever_it_stands(engine: Engine, fold: bytes) -> None:
    """RFC 3261 7.3.1: in CSeq, Via, numbers, parameters and challenges alike."""
    message = clean(
        engine,
        sample(
            b"SIP/2.0 401 Unauthorized",
            b'WWW-Authenticate: Digest realm="example.net",'
            + fold
            + b'nonce="8a",'
            + fold
            + b'qop="auth"',
            b"Subject:" + fold + b"two" + fold + b"words" + fold,
            body=b"v=0",
            CSeq=fold + b"63104" + fold + b"REGISTER",
            Via=b"SIP/2.0/UDP"
            + fold
            + b"desk.example.com"
            + fold
            + b";branch"
            + fold
            + b"=z9hG4bKa",
            Max_Forwards=fold + b"0070",
            Content_Length=fold + b"3" + fold,
        ),
    )
    headers = message.headers
    assert headers["WWW-Authenticate"] == 'Digest realm="example.net", nonce="8a", qop="auth"'
    assert headers["Subject"] == "two words"
    assert headers["CSeq"] == "63104 REGISTER"
    assert headers["Via"] == "SIP/2.0/UDP desk.example.com ;branch =z9hG4bKa"
    assert (message.max_forwards, message.content_length, message.body) == (70, 3, b"v=0")
    assert headers.raw[5] == (b"CSeq", b"63104" + fold + b"REGISTER")


def test_02_a_fold_does_not_begin_a_field(engine: Engine) -> None:
    message = clean(engine, sample(OPTIONS, b"Subject: a\r\n To: b\r\n\tBob: c"))
    assert message.headers["Subject"] == "a To: b Bob: c"
    assert message.headers.getall("To") == ["Bob <sip:bob@example.com>;tag=8321234356"]
    assert "Bob" not in message.headers


@pytest.mark.parametrize(
    "via",
    [
        b"SIP/2.0/UDP desk.example.com:4000;ttl=16;branch=z9hG4bKa",
        b"SIP  / 2.0 / UDP desk.example.com: 4000 ;ttl=16;branch=z9hG4bKa",
        b"SIP/2.0 /\tUDP \t desk.example.com :4000; ttl = 16; branch\t=\tz9hG4bKa",
        b"SIP\n /\n 2.0\r\n /\n\tUDP\r\n desk.example.com:\n 4000\n ;ttl\n =\n 16;branch=z9hG4bKa",
    ],
)
def test_03_white_space_may_stand_in_a_via(engine: Engine, via: bytes) -> None:
    """RFC 3261 20.42, 25.1 (SLASH, COLON, SEMI, EQUAL)."""
    message: Any = clean(engine, sample(Via=via))
    read = message.via
    assert (read.protocol, read.transport) == ("SIP/2.0", "UDP")
    assert (read.host, read.port, read.sent_by) == (
        "desk.example.com",
        4000,
        "desk.example.com:4000",
    )
    assert (read.ttl, read.branch) == (16, "z9hG4bKa")
    plain = engine.module("values.via").Via(
        "desk.example.com", 4000, branch="z9hG4bKa", parameters=[("ttl", "16")]
    )
    assert read == plain
    assert message.vias == (plain,)


def test_03_and_in_each_of_a_list(engine: Engine) -> None:
    second = b"SIP / 2.0 / TLS  [2001:db8::9] : 5061 ;branch=z9hG4bKb"
    hops = second + b" , SIP/2.0/TCP a.example.com;branch=z9hG4bKc"
    message: Any = clean(engine, sample(OPTIONS, b"v : " + hops))
    assert [(via.transport, via.host, via.port) for via in message.vias] == [
        ("UDP", "desk.example.com", 5060),
        ("TLS", "[2001:db8::9]", 5061),
        ("TCP", "a.example.com", None),
    ]


def test_04_values_keep_their_order_across_fields_and_lists(engine: Engine) -> None:
    """RFC 3261 7.3.1: one list, however it is spread."""
    message = clean(
        engine,
        sample(
            OPTIONS,
            b"Route: <sip:p1.example.com;lr>, <sip:p2.example.com;lr>",
            b"v: SIP/2.0/TCP p2.example.com;branch=z9hG4bK2 , SIP/2.0/TLS p3.example.com",
            b"ROUTE: <sip:p3.example.com;lr>",
            b"Via: SIP/2.0/UDP p4.example.com;branch=z9hG4bK4",
        ),
    )
    assert message.headers.getall("Route") == [
        "<sip:p1.example.com;lr>, <sip:p2.example.com;lr>",
        "<sip:p3.example.com;lr>",
    ]
    assert message.headers.getall("Via") == [
        VIA.decode(),
        "SIP/2.0/TCP p2.example.com;branch=z9hG4bK2 , SIP/2.0/TLS p3.example.com",
        "SIP/2.0/UDP p4.example.com;branch=z9hG4bK4",
    ]


@pytest.mark.parametrize(
    "name", ["WWW-Authenticate", "Authorization", "Proxy-Authenticate", "Proxy-Authorization"]
)
def test_04_challenges_and_credentials_stay_apart(engine: Engine, name: str) -> None:
    """RFC 3261 7.3.1: they repeat, and their commas separate parameters."""
    both = 'realm="example.com", nonce="84f1", username="a", uri="sip:a", response="0"'
    digests = [
        f"Digest {both}, algorithm=SHA-256",
        f"Digest {both}, algorithm=MD5",
        'Basic realm="a, b"',
    ]
    fields = [f"{name}: {digest}".encode() for digest in digests]
    start = b"SIP/2.0 401 Unauthorized" if "Authenticate" in name else OPTIONS
    more = (
        [b'WWW-Authenticate: Digest realm="a", nonce="b"'] if name == "Proxy-Authenticate" else []
    )
    message = clean(engine, sample(start, *fields, *more))
    assert message.headers.getall(name.lower()) == digests


@pytest.mark.parametrize("value", [";,,;;,", ',,";,', "<<>,;=", "::", "=?UTF-8?Q?,?=", "a, b ;c"])
def test_05_unknown_fields_are_not_split(engine: Engine, value: str) -> None:
    """RFC 3261 7.3.1: a field is a list only if its specification defines it as one."""
    message = clean(engine, sample(OPTIONS, b"Mood: " + value.encode(), b"Mood: " + value.encode()))
    assert message.headers["mood"] == value
    assert message.headers.getall("MOOD") == [value, value]
    assert message.headers.raw[-2] == (b"Mood", value.encode())


def test_06_long_and_compact_names_are_one_header_in_any_case(engine: Engine) -> None:
    """RFC 3261 7.3.3."""
    data = b"\r\n".join(
        [
            OPTIONS,
            b"v: SIP/2.0/UDP one",
            b"V: SIP/2.0/UDP two",
            b"ViA: SIP/2.0/UDP three",
            b"vIA : SIP/2.0/UDP four;branch=z9hG4bK4",
            b"Max-Forwards: 70",
            b"F: <sip:alice@example.com>;tag=1",
            b"t: <sip:bob@example.com>",
            b"I: call",
            b"cSEQ: 1 OPTIONS",
            b"m: <sip:a>",
            b"CONTACT: <sip:b>",
            b"k: path",
            b"supporteD: timer",
            b"c: text/plain",
            b"l: 3",
            b"",
            b"abcdef",
        ]
    )
    message = clean(engine, data)
    for name in ("Via", "via", "v", "V"):
        assert message.headers[name] == "SIP/2.0/UDP one"
        assert len(message.headers.getall(name)) == 4
    for name in ("Contact", "m", "M"):
        assert message.headers.getall(name) == ["<sip:a>", "<sip:b>"]
    assert message.headers.getall("K") == ["path", "timer"]
    assert message.headers["from"] == "<sip:alice@example.com>;tag=1"
    assert (message.call_id, message.content_length, message.body) == ("call", 3, b"abc")


def test_07_what_is_quoted_or_in_brackets_separates_nothing(engine: Engine) -> None:
    """RFC 3261 25.1."""
    message: Any = clean(
        engine,
        register(
            b'"Ann, Bo; Cy <sip:eve@example.net>, \\"x\\"" '
            b"<sip:ann,bo;cy@example.com;p=1?h=a%2Cb>;q=0.5,"
            b'<sip:dee@example.com>;methods="INVITE, BYE;<a>";+sip.instance="<urn:x:1,2;3>"',
            b"<sip:fay@example.com>",
        ),
    )
    first, second, third = message.contacts
    assert first.display_name == 'Ann, Bo; Cy <sip:eve@example.net>, "x"'
    assert (first.uri.user, first.uri.host) == ("ann,bo;cy", "example.com")
    assert [*first.uri.parameters.items()] == [("p", "1")]
    assert first.uri.headers == (("h", "a,b"),)
    assert (first.q, [*first.parameters.items()]) == (0.5, [("q", "0.5")])
    assert (second.display_name, second.uri.user) == (None, "dee")
    assert [*second.parameters.items()] == [
        ("methods", "INVITE, BYE;<a>"),
        ("+sip.instance", "<urn:x:1,2;3>"),
    ]
    assert third.uri.user == "fay"


def test_07_nor_in_other_fields(engine: Engine) -> None:
    message: Any = clean(
        engine,
        sample(
            b"SIP/2.0 401 Unauthorized",
            b'WWW-Authenticate: Digest realm="a, b; c=\\"d\\"", nonce="<1,2>"',
            b"Route: <sip:a,b@example.com;lr>,<sip:c@example.com;lr>",
            b'Reason: Q.850;cause=16;text="x, y; z", SIP;cause=200',
            From=b'"<Alice>; tag=no" <sip:alice@example.com>;tag=yes',
        ),
    )
    (challenge,) = message.www_authenticate
    assert (challenge.realm, challenge.nonce) == ('a, b; c="d"', "<1,2>")
    assert [route.uri.user for route in message.routes] == ["a,b", "c"]
    assert [(reason.cause, reason.text) for reason in message.reasons] == [
        (16, "x, y; z"),
        (200, None),
    ]
    assert (message.from_.display_name, message.from_.tag) == ("<Alice>; tag=no", "yes")


def test_08_quoted_pairs_may_hold_anything(engine: Engine) -> None:
    """RFC 3261 25.1: a backslash takes NUL, BEL, DEL and quotes alike."""
    name = b'"\\\0null \\\x07bell \\\x7fdelete \\" quote \\\\"'
    message = clean(
        engine, sample(OPTIONS, b"After: it", From=name + b" <sip:alice@example.com>;tag=1")
    )
    value = message.headers["From"]
    assert value == name.decode() + " <sip:alice@example.com>;tag=1"
    assert value.count("\0") == 1
    assert message.headers["After"] == "it"


def test_08_a_nul_cuts_nothing_off(engine: Engine) -> None:
    message = engine.parse(
        sample(
            b"OPTIONS sip:a\0b@example.com SIP/2.0",
            b"Subject: before\0after",
            b"Z: \0",
            body=b"\0\0body",
            Call_ID=b"a\0b",
        )
    )
    assert isinstance(message, engine.Request)
    assert message.uri_text == "sip:a\0b@example.com"
    assert message.call_id == "a\0b"
    assert message.headers["Subject"] == "before\0after"
    assert message.headers["Z"] == "\0"
    assert message.body == b"\0\0body"
    other = engine.parse(sample(Call_ID=b"a\0c"))
    assert other.call_id != message.call_id


@pytest.mark.parametrize(
    ("uri", "user", "parameters"),
    [
        ("sip:bob;day=tue%40home@example.com", "bob;day=tue@home", []),
        ("sip:bob;day=tue@example.com;lr", "bob;day=tue", [("lr", None)]),
        ("sip:bob?wed@example.com;transport=tcp", "bob?wed", [("transport", "tcp")]),
        ("sip:b;?/;c?d;e=f@example.com", "b;?/;c?d;e=f", []),
        ("sip:example.com;day=tue", None, [("day", "tue")]),
    ],
)
def test_09_the_user_ends_at_the_at_sign(
    engine: Engine, uri: str, user: str | None, parameters: list[tuple[str, str | None]]
) -> None:
    """RFC 3261 19.1.1: a user may hold ; and ? too."""
    text = uri.encode()
    message: Any = clean(
        engine,
        sample(b"OPTIONS " + text + b" SIP/2.0", b"Contact: <" + text + b"?Subject=a%40b>;q=1"),
    )
    target = message.uri
    for read in (target, message.contact.uri):
        assert (read.user, read.host, read.port) == (user, "example.com", None)
        assert [*read.parameters.items()] == parameters
    assert target.headers == ()
    assert message.contact.uri.headers == (("Subject", "a@b"),)


@pytest.mark.parametrize(
    ("text", "of_uri", "of_header"),
    [
        (b"sip:bob@example.com;x;y=1", [], [("x", None), ("y", "1")]),
        (b"<sip:bob@example.com;x;y=1>", [("x", None), ("y", "1")], []),
        (b"<sip:bob@example.com;x>;y=1", [("x", None)], [("y", "1")]),
        (b'"B;o=b" <sip:bob@example.com>;x;y=1', [], [("x", None), ("y", "1")]),
        (b"Bob <sip:bob@example.com;x> ; x = 1", [("x", None)], [("x", "1")]),
    ],
)
def test_10_brackets_say_whose_the_parameters_are(
    engine: Engine,
    text: bytes,
    of_uri: list[tuple[str, str | None]],
    of_header: list[tuple[str, str | None]],
) -> None:
    """RFC 3261 20.10, 20: of a bare addr-spec, they are the header field's."""
    message: Any = clean(
        engine, sample(OPTIONS, b"m: " + text, b"Reply-To: " + text, From=text + b";tag=1")
    )
    for address in (message.contact, message.reply_to):
        assert address.uri.user == "bob"
        assert [*address.uri.parameters.items()] == of_uri
        assert [*address.parameters.items()] == of_header
    assert [*message.from_.parameters.items()] == [*of_header, ("tag", "1")]
    assert [*message.from_.uri.parameters.items()] == of_uri


def test_11_a_question_mark_needs_brackets_and_is_read_so(engine: Engine) -> None:
    """RFC 3261 20.10: missing brackets are inferred, and reported as a defect."""
    bare, whole = b"sip:bob@example.com?Subject=tea", b"<sip:bob@example.com?Subject=tea>"
    message: Any = engine.parse(register(bare))
    assert defects(engine, register(bare)) == [("address-needs-brackets", "Contact")]
    assert message.defects[0].status_hint == 400
    assert message.contact.uri.headers == (("Subject", "tea"),)
    assert "Subject" not in message.headers
    assert message.contact == clean(engine, register(whole)).contact
    for name in ("From", "To"):
        data = sample(**{name: bare + b";tag=1"})
        assert defects(engine, data) == [("address-needs-brackets", name)]
        clean(engine, sample(**{name: whole + b";tag=1"}))


def test_11_so_does_a_comma(engine: Engine) -> None:
    """In a list it separates, and the text after it is a malformed URI; elsewhere it is read."""
    bare, whole = b"sip:al,bo@example.com", b"<sip:al,bo@example.com>"
    assert defects(engine, register(bare)) == [("uri-scheme-missing", "Contact")]
    message: Any = engine.parse(sample(From=bare + b";tag=1"))
    assert [defect.code for defect in message.defects] == ["address-needs-brackets"]
    assert (message.from_.uri.user, message.from_.tag) == ("al,bo", "1")
    listed: Any = clean(engine, register(whole))
    assert [contact.uri.user for contact in listed.contacts] == ["al,bo"]


def test_11_and_a_semicolon(engine: Engine) -> None:
    """It begins the parameters of the header field, and the text after it is malformed."""
    bare, whole = b"sip:al;bo@example.com", b"<sip:al;bo@example.com>"
    codes = ["address-needs-brackets", "parameter-malformed"]
    assert defects(engine, register(bare)) == [(code, "Contact") for code in codes]
    for name in ("From", "To"):
        data = sample(**{name: bare + b";tag=1"})
        assert defects(engine, data) == [(code, name) for code in codes]
        with pytest.raises(ParseError):
            engine.parse(data, strict=True)
    message: Any = clean(engine, register(whole))
    assert message.contact.uri.user == "al;bo"


def test_12_escapes_are_read_once(engine: Engine) -> None:
    """RFC 3261 19.1.2, 25.1 (escaped): the decoded text is not decoded again."""
    uri = b"sip:a%2561:p%2562@example.com;%6Fne=t%77o%2533?Su%62ject=%25%36%31"
    message: Any = clean(engine, register(b"<" + uri + b">"))
    read = message.contact.uri
    assert (read.user, read.password, read.host) == ("a%61", "p%62", "example.com")
    assert [*read.parameters.items()] == [("one", "two%33")]
    assert read.parameters["ONE"] == "two%33"
    assert read.headers == (("Subject", "%61"),)
    assert bytes(read) == uri


def test_12_and_only_in_uris(engine: Engine) -> None:
    message: Any = clean(
        engine,
        sample(
            OPTIONS,
            b"Subject: %41",
            b"Contact: <sip:%61@example.com>;%71=1;x=%41",
            Via=b"SIP/2.0/UDP desk.example.com;branch=z9hG4bK%41",
            From=b'"%41" <sip:alice@example.com>;tag=%41',
            To=b"%41 <sip:bob@example.com>;t%61g=1",
            Call_ID=b"%41@example.com",
        ),
    )
    assert message.subject == "%41"
    assert (message.contact.uri.user, message.contact.q) == ("a", None)
    assert [*message.contact.parameters.items()] == [("%71", "1"), ("x", "%41")]
    assert message.via.branch == "z9hG4bK%41"
    assert (message.from_.display_name, message.from_.tag) == ("%41", "%41")
    assert (message.to.display_name, message.to.tag) == ("%41", None)
    assert message.call_id == "%41@example.com"


@pytest.mark.parametrize("method", ["BY%45", "bye", "Bye", "BYEE", "BY", "%42YE"])
def test_13_methods_are_compared_as_they_are(engine: Engine, method: str) -> None:
    """RFC 3261 7.1: case matters, and escapes exist only in URIs (25.1)."""
    request = method.encode() + b" sip:bob@example.com SIP/2.0"
    message = clean(engine, sample(request, CSeq=b"1 " + method.encode()))
    assert isinstance(message, engine.Request)
    assert message.method == method
    defects = engine.parse(sample(request, CSeq=b"1 BYE")).defects
    assert [defect.code for defect in defects] == ["cseq-method-mismatch"]


def test_13_names_have_no_escapes_either(engine: Engine) -> None:
    message = clean(
        engine, sample(OPTIONS, b"Vi%61: SIP/2.0/TCP x", b"%43ontact: a", b"Contact: <sip:b>")
    )
    assert message.headers.getall("Via") == [VIA.decode()]
    assert message.headers.getall("Contact") == ["<sip:b>"]
    assert message.headers["vi%61"] == "SIP/2.0/TCP x"
    assert message.headers["%43ONTACT"] == "a"


def test_14_escaped_nuls_are_characters_of_a_user(engine: Engine) -> None:
    """RFC 3261 19.1.4: users of other lengths, or other after a NUL, are other users."""
    users = [b"%00", b"%00%00", b"a%00", b"a%00b", b"a%00c"]
    message: Any = clean(engine, register(*[b"<sip:%s@example.com>" % user for user in users]))
    uris = [contact.uri for contact in message.contacts]
    assert [uri.user for uri in uris] == ["\0", "\0\0", "a\0", "a\0b", "a\0c"]
    assert len(set(uris)) == len(users)
    assert [bytes(uri) for uri in uris] == [b"sip:%s@example.com" % user for user in users]
    assert {uri.host for uri in uris} == {"example.com"}
    assert uris[0].replace(host="example.net").user == "\0"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (b"Bob<sip:bob@example.com>", "Bob"),
        (b"Bob \t Baker<sip:bob@example.com>", "Bob \t Baker"),
        (b'"Bob, Baker"<sip:bob@example.com>', "Bob, Baker"),
        (b"<sip:bob@example.com>", None),
    ],
)
def test_15_no_space_is_needed_before_a_bracket(
    engine: Engine, address: bytes, name: str | None
) -> None:
    """RFC 4475 3.1.1.6: the grammar's LAQUOT was meant to have none."""
    message: Any = clean(
        engine, sample(OPTIONS, b"Contact: " + address, From=address + b";tag=1", To=address)
    )
    for read in (message.contact, message.from_, message.to):
        assert (read.display_name, str(read.uri)) == (name, "sip:bob@example.com")
    assert (message.from_.tag, message.to.tag) == ("1", None)


def test_15_a_comma_in_a_name_needs_quotes(engine: Engine) -> None:
    """RFC 3261 25.1 (display-name), RFC 4475 3.1.2.15: it is read where it cannot part a list."""
    bare = b"Baker, Bob <sip:bob@example.com>;tag=1"
    message: Any = engine.parse(sample(From=bare))
    (defect,) = message.defects
    assert (defect.code, defect.header, defect.status_hint) == (
        *("display-name-unquoted", "From", 400),
    )
    assert (message.from_.display_name, message.from_.tag) == ("Baker, Bob", "1")
    assert str(message.from_.replace()).startswith('"Baker, Bob" <sip:')
    listed: Any = engine.parse(register(bare))
    assert [code for code, _ in defects(engine, register(bare))] == ["uri-scheme-missing"]
    assert listed.contacts[1].uri.user == "bob"


def test_16_bytes_past_content_length_are_dropped(engine: Engine) -> None:
    """RFC 3261 18.3: a datagram may be longer than its message."""
    data = sample(body=b"v=0\r\n")
    message = clean(engine, data + b"\r\n\r\n" + sample(b"BYE sip:eve@example.com SIP/2.0"))
    assert message.body == b"v=0\r\n"
    assert message.raw == data
    assert message.end == len(data)
    assert message == engine.parse(data)
    assert len(message.headers) == 8


def test_16_a_body_too_short_is_an_error(engine: Engine) -> None:
    data = sample(body=b"v=0\r\n", Content_Length=b"6")
    message = engine.parse(data)
    assert message.body == b"v=0\r\n"
    assert message.content_length == 6
    (defect,) = message.defects
    assert (defect.code, defect.offset) == ("body-too-short", message.body_offset)
    assert (defect.header, defect.status_hint, defect.rfc) == (
        "Content-Length",
        400,
        "RFC 3261 18.3",
    )
    with pytest.raises(ParseError, match="shorter than Content-Length"):
        engine.parse(data, strict=True)


def test_16_without_content_length_the_body_is_the_rest(engine: Engine) -> None:
    data = sample(Content_Length=None, body=b"v=0\r\n\r\n\0")
    message = clean(engine, data)
    assert message.content_length is None
    assert message.body == b"v=0\r\n\r\n\0"
    assert message.end == len(data)


# A stream's reader waits in cases where a datagram is faulty.  Tests of streams test the framing;
# these test what the framing needs: whether the header or only the body is incomplete, and by how
# much.


def test_17_a_header_too_short_needs_more(engine: Engine) -> None:
    """RFC 3261 18.3: every cut raises `Incomplete`, and no other error."""
    data = sample(OPTIONS, b"Subject: a\r\n b", body=b"v=0\r\n")
    body_offset = engine.parse(data).body_offset
    for end in range(body_offset):
        with pytest.raises(Incomplete) as caught:
            engine.parse(data[:end])
        assert caught.value.offset == end


def test_17_a_body_too_short_does_not_make_the_header_wrong(engine: Engine) -> None:
    body = b"v=0\r\n\r\ns=-\r\n"
    data = sample(body=body)
    whole: Any = clean(engine, data)
    for end in range(whole.body_offset, len(data)):
        part: Any = engine.parse(data[:end])
        assert [defect.code for defect in part.defects] == ["body-too-short"]
        assert part.headers == whole.headers
        assert part.content_length - len(part.body) == len(data) - end
        assert (part.end, part.cseq) == (end, whole.cseq)


@pytest.mark.parametrize("transport", ["TCP", "TLS"])
def test_17_content_length_is_mandatory_on_a_stream(engine: Engine, transport: str) -> None:
    """RFC 3261 20.14: the Via of a message from a stream names a stream transport."""
    via = b"SIP/2.0/%s desk.example.com;branch=z9hG4bKa" % transport.encode()
    clean(engine, sample(Via=via))
    data = sample(Via=via, Content_Length=None)
    assert defects(engine, data) == [("content-length-missing", "Content-Length")]
    clean(engine, sample(Content_Length=None))


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ([b"-1"], "content-length-not-a-number"),
        ([b"-0"], "content-length-not-a-number"),
        ([b"+3"], "content-length-not-a-number"),
        ([b"3;x"], "content-length-not-a-number"),
        ([b"3, 3"], "content-length-not-a-number"),
        ([b"3\r\n 3"], "content-length-not-a-number"),
        ([b""], "content-length-not-a-number"),
        ([b"\xd9\xa3"], "content-length-not-a-number"),  # an Arabic-Indic three
        ([b"3", b"4"], "content-length-conflict"),
        ([b"3", b"3", b"2"], "content-length-conflict"),
        ([b"3", b"-3"], "content-length-not-a-number"),
        ([b"3", b"4294967299"], "content-length-too-large"),
        ([b"2147483648"], "content-length-too-large"),
        ([b"4294967295"], "content-length-too-large"),
        ([b"4294967299"], "content-length-too-large"),  # 3 in its low 32 bits
        ([b"18446744073709551619"], "content-length-too-large"),  # 3 in its low 64 bits
        ([b"340282366920938463463374607431768211459"], "content-length-too-large"),  # in 128
        ([b"0" * 40 + b"4294967299"], "content-length-too-large"),
    ],
)
def test_18_where_the_body_ends_is_never_guessed(
    engine: Engine, values: list[bytes], code: str
) -> None:
    """RFC 3261 20.14: two readers that disagree here could see two different messages."""
    fields = [b"l: " + value for value in values]
    data = sample(OPTIONS, *fields, Content_Length=None, body=b"v=0 and more")
    with pytest.raises(ParseError) as caught:
        engine.parse(data)
    error = caught.value
    assert error.code == code
    assert (error.header, error.status_hint, error.rfc) == ("Content-Length", 400, "RFC 3261 20.14")
    assert error.offset == data.index(b"\r\n" + fields[-1]) + len(b"\r\nl: ")


def test_18_equal_lengths_agree(engine: Engine) -> None:
    message = engine.parse(
        sample(
            OPTIONS,
            b"l: 3",
            b"L : 003",
            b"CONTENT-LENGTH:\r\n 3",
            body=b"v=0 and more",
            Content_Length=b"3",
        )
    )
    assert message.body == b"v=0"
    assert {defect.code for defect in message.defects} == {"header-repeated"}


@pytest.mark.parametrize("before", [b"\r\n", b"\r\n\r\n", b"\n", b"\r\n" * 1000])
def test_19_line_ends_before_a_start_line_are_skipped(engine: Engine, before: bytes) -> None:
    """RFC 3261 7.5."""
    data = sample(body=b"v=0\r\n")
    message = clean(engine, before + data)
    assert (message.start, message.end) == (len(before), len(before + data))
    assert (message.raw, message.body) == (data, b"v=0\r\n")
    assert message == engine.parse(data)


@pytest.mark.parametrize("data", [b"", b"\r\n", b"\r\n\r\n", b"\r\n" * 1000, b"\r", b"\r\n\r"])
def test_19_line_ends_alone_are_no_message_yet(engine: Engine, data: bytes) -> None:
    """RFC 5626 3.5.1: a keep-alive, or half of one; more may come.

    Tests of streams test the answer.
    """
    with pytest.raises(Incomplete) as caught:
        engine.parse(data)
    assert (caught.value.code, caught.value.offset) == ("no-message", len(data))


def test_19_only_whole_line_ends_are(engine: Engine) -> None:
    assert refused(engine, b"\r" + sample()) == "bare-cr"
    assert refused(engine, b" \r\n" + sample()) == "not-sip"
    assert refused(engine, b"\r\n " + sample()) == "not-sip"


def test_19_in_a_body_they_are_the_bodys(engine: Engine) -> None:
    """Between messages they are a keep-alive; within Content-Length they are not."""
    data = sample(body=b"\r\n\r\n") + b"\r\n\r\n" + sample(RINGING)
    first = clean(engine, data)
    assert first.body == b"\r\n\r\n"
    second = clean(engine, data[first.end :])
    assert isinstance(second, engine.Response)
    assert second.start == len(b"\r\n\r\n")


def test_20_bare_line_feeds_end_lines(engine: Engine) -> None:
    """RFC 3261 7 asks for CRLF; real elements send LF, and it must not mean two things."""
    message = clean(engine, sample(line_end=b"\n", body=b"v=0\n"))
    assert [*message.headers.items()] == [*engine.parse(sample(body=b"v=0\n")).headers.items()]
    assert message.body == b"v=0\n"


@pytest.mark.parametrize("blank", [b"\n\n", b"\r\n\n", b"\n\r\n", b"\r\n\r\n"])
def test_20_the_first_blank_line_ends_the_header_fields(engine: Engine, blank: bytes) -> None:
    start = sample(OPTIONS, b"Content-Type: text/plain", Content_Length=None)[:-4]
    hidden = (
        b"Call-ID: smuggled\r\nContent-Length: 5\r\n\r\nBYE sip:bob@example.com SIP/2.0\r\n\r\n"
    )
    message = clean(engine, start + blank + hidden)
    assert message.body == hidden
    assert message.body_offset == len(start + blank)
    assert message.content_length is None
    assert message.headers.getall("Call-ID") == ["kc9fh4lsa@desk.example.com"]


def test_20_a_bare_carriage_return_ends_nothing(engine: Engine) -> None:
    for hidden in (b"\rl: 5", b"\r\rl: 5", b"\r l: 5", b"\r\r\nl: 5"):
        data = sample(OPTIONS, b"Subject: a" + hidden, Content_Length=None)
        assert refused(engine, data) == "bare-cr"
    assert refused(engine, sample(line_end=b"\r")) == "header-block-unfinished"


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
@pytest.mark.parametrize("between", [b"", b"\r\n", b"\n\n\r\n"])
def test_20_framer_and_parser_agree(
    engine: Engine, tmp_path: Path, line_end: bytes, between: bytes
) -> None:
    """A file of messages is split where consecutive parses end."""
    data = between.join(
        [
            sample(line_end=line_end, body=b"v=0\n\nBYE sip:eve@example.com SIP/2.0\n\n"),
            sample(RINGING, b"Subject: a\n b", line_end=line_end),
            sample(OPTIONS, b"X:\r\n \r\n y", line_end=line_end, body=line_end * 4),
        ]
    )
    file = tmp_path / "messages.sip"
    file.write_bytes(data)
    with sipfast.capture.open(file) as capture:
        framed = [(datagram.offset, bytes(datagram.payload)) for datagram in capture]
    parsed = []
    position = 0
    while position < len(data):
        message = engine.parse(memoryview(data)[position:])
        parsed.append((position + message.start, message.raw))
        position += message.end
    assert framed == parsed
    assert len(framed) == 3


def test_21_bodies_are_bytes(engine: Engine) -> None:
    """RFC 3261 7.4, 18.3: only Content-Length determines the end of a body."""
    body = b"--b\r\n\r\n\0\0\r\n\r\n--b\r\nContent-Length: 1\r\n\r\n\xff\xfe\r\n\r\n--b--\r\n"
    message = clean(
        engine,
        sample(OPTIONS, b"Content-Type: multipart/mixed;boundary=b", body=body) + b"\0trailing",
    )
    assert message.body == body
    assert message.body_view == body
    assert message.content_length == len(body)
    assert message.headers.getall("Content-Length") == [str(len(body))]


@pytest.mark.parametrize("body", [b"\0", b"\0" * 70_000, b"\r\n\r\n", b"\n", bytes(range(256)) * 9])
def test_21_whatever_is_in_them(engine: Engine, body: bytes) -> None:
    assert clean(engine, sample(body=body)).body == body
    assert clean(engine, sample(body=body, Content_Length=None)).body == body


def test_22_an_empty_reason_is_valid(engine: Engine) -> None:
    """RFC 3261 7.2: Reason-Phrase may be empty, but the space before it stays."""
    message = clean(engine, sample(b"SIP/2.0 183 "))
    assert isinstance(message, engine.Response)
    assert (message.status, message.reason) == (183, "")
    message = engine.parse(sample(b"SIP/2.0 183"))
    assert isinstance(message, engine.Response)
    assert (message.status, message.reason) == (183, "")
    assert [defect.code for defect in message.defects] == ["start-line-whitespace"]


@pytest.mark.parametrize(
    "code",
    [
        b"4294967496",  # 200 in its low 32 bits
        b"18446744073709551816",  # 200 in its low 64 bits
        *(
            b"65736",
            b"1000",
            b"0200",
            b"20",
            b"2",
            b"-200",
            b"+200",
            b"2OO",
            b"\xd9\xa2\xd9\xa0\xd9\xa0",
        ),
    ],
)
def test_22_a_status_code_is_three_digits(engine: Engine, code: bytes) -> None:
    assert refused(engine, sample(b"SIP/2.0 " + code + b" Beyond")) == "status-code-malformed"


@pytest.mark.parametrize(
    ("cseq", "codes"),
    [
        (b"00000000000000000009 OPTIONS", []),
        (b"0 OPTIONS", []),
        (b"2147483647 OPTIONS", []),
        (b"0" * 200 + b"2147483647 OPTIONS", []),
        (b"2147483648 OPTIONS", ["cseq-too-large"]),
        (b"4294967297 OPTIONS", ["cseq-too-large"]),
        (b"18446744073709551617 OPTIONS", ["cseq-too-large"]),
        (b"9" * 30_000 + b" OPTIONS", ["cseq-too-large"]),
    ],
)
def test_23_sequence_numbers_are_below_2_to_the_31(
    engine: Engine, cseq: bytes, codes: list[str]
) -> None:
    """RFC 3261 8.1.1.5; zeros before a number mean nothing."""
    message = engine.parse(sample(CSeq=cseq))
    assert [defect.code for defect in message.defects] == codes
    assert [defect.status_hint for defect in message.defects] == [400] * len(codes)
    assert message.headers["CSeq"] == cseq.decode()


def test_23_other_numbers(engine: Engine) -> None:
    message = clean(
        engine, sample(Max_Forwards=b"00068", Content_Length=b"00000000000000003", body=b"v=0")
    )
    assert (message.max_forwards, message.content_length, message.body) == (68, 3, b"v=0")
    with pytest.raises(Incomplete):
        engine.parse(sample()[:-1])


@pytest.mark.parametrize(
    ("sent_by", "host", "port"),
    [
        (b"[2001:db8::10:5070]", "[2001:db8::10:5070]", None),
        (b"[2001:db8::10]:5070", "[2001:db8::10]", 5070),
        (b"[::ffff:192.0.2.7]:5060", "[::ffff:192.0.2.7]", 5060),
        (b"[2001:db8:::192.0.2.1]", "[2001:db8:::192.0.2.1]", None),  # one colon too many
        (b"[2001:db8:::192.0.2.1]:5062", "[2001:db8:::192.0.2.1]", 5062),
    ],
)
def test_24_ipv6_references(engine: Engine, sent_by: bytes, host: str, port: int | None) -> None:
    """RFC 5118 4.3, 4.4, 4.9, 4.10: only digits after the bracket are a port."""
    data = sample(
        b"OPTIONS sip:" + sent_by + b" SIP/2.0",
        b"Contact: <sip:alice@" + sent_by + b";transport=udp>",
        Via=b"SIP/2.0/UDP " + sent_by + b";branch=z9hG4bKa",
        To=b"sip:bob@" + sent_by,
    )
    message: Any = engine.parse(data, strict=True)
    warnings = ["Request-URI", "Via", "To", "Contact"] if b":::" in sent_by else []
    assert defects(engine, data) == [("host-extra-colon", name) for name in warnings]
    target = message.uri
    for read in (message.via, target, message.contact.uri, message.to.uri):
        assert (read.host, read.port) == (host, port)
    assert message.via.sent_by == sent_by.decode()
    assert (target.user, message.contact.uri.user) == (None, "alice")


@pytest.mark.parametrize("received", ["2001:db8::9:255", "[2001:db8::9:255]"])
def test_24_received_may_have_brackets_or_not(engine: Engine, received: str) -> None:
    """RFC 5118 4.5: the grammar has none, but elements write them."""
    via = f"SIP/2.0/UDP [2001:db8::9:1];received={received};branch=z9hG4bKas3"
    message: Any = clean(engine, sample(Via=via.encode()))
    assert message.via.received == received
    assert (message.via.host, message.via.port) == ("[2001:db8::9:1]", None)
    assert message.via.branch == "z9hG4bKas3"


def test_24_the_same_address_is_the_same_however_it_is_written(engine: Engine) -> None:
    uri = engine.module("values.uri").URI
    assert uri.parse("sip:[2001:db8::10]") == uri.parse("sip:[2001:DB8:0:0::0010]")
    assert uri.parse("sip:[2001:db8::10:5070]") != uri.parse("sip:[2001:db8::10]:5070")


@pytest.mark.parametrize(
    ("q", "value"),
    [
        *((b"0", 0.0), (b"1", 1.0), (b"0.7", 0.7), (b"0.125", 0.125), (b"1.000", 1.0)),
        *((b"0.1234", None), (b"1.001", None), (b"1.1", None), (b"2", None), (b"-0.5", None)),
        *((b"1e-1", None), (b"", None), (b"0.5x", None)),
    ],
)
def test_25_q_is_at_most_1_with_at_most_3_decimals(
    engine: Engine, q: bytes, value: float | None
) -> None:
    """RFC 3261 25.1 (qvalue)."""
    message: Any = engine.parse(register(b"<sip:bob@example.com>;q=" + q))
    if value is not None:
        assert message.contact.q == value
        assert message.defects == ()
    else:
        assert defects(engine, message.raw) == [("q-malformed", "Contact")]
        with pytest.raises(ParseError) as caught:
            assert message.contact.q
        assert caught.value.offset == message.defects[0].offset
    assert message.contact.uri.user == "bob"


def test_25_a_date_is_in_gmt(engine: Engine) -> None:
    """RFC 3261 20.17, 25.1 (rfc1123-date)."""
    message: Any = clean(engine, sample(OPTIONS, b"Date: Tue, 29 Feb 2028 23:59:58 GMT"))
    assert message.date.datetime == datetime(2028, 2, 29, 23, 59, 58, tzinfo=timezone.utc)
    for text in (
        *("Tue, 29 Feb 2028 23:59:58 UTC", "Tue, 29 Feb 2028 23:59:58 +0000"),
        *("Tue, 29 Feb 2028 23:59:58 CET", "Tue, 29 Feb 2028 23:59:58", "1835481598"),
        *("Mon, 29 Feb 2028 23:59:58 GMT", "Thu, 29 Feb 2029 23:59:58 GMT"),
    ):
        data = sample(OPTIONS, b"Date: " + text.encode())
        assert defects(engine, data) == [("date-malformed", "Date")]
    assert defects(engine, sample(OPTIONS, b"Date:")) == [("header-empty", "Date")]


def test_25_an_asterisk_stands_alone(engine: Engine) -> None:
    """RFC 3261 10.2.2, 20.10."""
    message: Any = clean(engine, register(b"*", expires=b"0"))
    (contact,) = message.contacts
    assert (contact.is_wildcard, contact.uri, message.expires) == (True, None, 0)
    misused = [("contact-wildcard-misused", "Contact")]
    assert defects(engine, register(b"*, <sip:bob@example.com>", expires=b"0")) == misused
    assert defects(engine, register(b"<sip:bob@example.com>", b"*", expires=b"0")) == misused
    assert defects(engine, register(b"*", b"*", expires=b"0")) == misused
    assert defects(engine, register(b"*", expires=b"1")) == misused
    assert defects(engine, register(b"*")) == misused
    assert defects(engine, sample(OPTIONS, b"Contact: *", b"Expires: 0")) == misused
    named: Any = clean(engine, register(b'"*" <sip:*@example.com>'))
    assert (named.contact.is_wildcard, named.contact.uri.user) == (False, "*")


def test_25_some_fields_may_be_empty(engine: Engine) -> None:
    """RFC 3261 20.1, 20.2, 20.5, 20.36, 20.37; and absent is another thing."""
    fields = (b"Subject:", b"Supported:\t", b"Allow: ", b"Accept:", b"Accept-Encoding:")
    message: Any = clean(engine, sample(OPTIONS, *fields))
    assert message.subject == ""
    assert [message.headers[name] for name in ("k", "Allow", "Accept")] == ["", "", ""]
    empty = (message.supported, message.allow, message.accept, message.accept_encoding)
    assert empty == ((), (), (), ())
    absent: Any = clean(engine, sample())
    assert (absent.subject, absent.supported, absent.headers.get("k")) == (None, (), None)


@pytest.mark.parametrize(
    ("text", "comment", "duration"),
    [
        ("120", None, None),
        ("120 (lunch)", "lunch", None),
        ("120 (lunch (soup (hot)), tea);duration=60", "lunch (soup (hot)), tea", 60),
        ("120(a\\)b\\(c);duration=60", "a)b(c", 60),
        (f"120 {'(' * 500}x{')' * 500};duration=60", f"{'(' * 499}x{')' * 499}", 60),
    ],
)
def test_25_comments_nest(
    engine: Engine, text: str, comment: str | None, duration: int | None
) -> None:
    """RFC 3261 20.33, 25.1 (comment)."""
    message: Any = clean(
        engine, sample(b"SIP/2.0 503 Service Unavailable", b"Retry-After: " + text.encode())
    )
    retry = message.retry_after
    assert (retry.seconds, retry.comment, retry.duration) == (120, comment, duration)


@pytest.mark.parametrize("comment", [b"(", b"((a)", b"(a\\)", b"(a))"])
def test_25_and_end_as_often_as_they_begin(engine: Engine, comment: bytes) -> None:
    data = sample(b"SIP/2.0 503 Service Unavailable", b"Retry-After: 120 " + comment)
    assert defects(engine, data) == [("comment-malformed", "Retry-After")]
