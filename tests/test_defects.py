"""Defects: each one found where it is and nowhere else, and none in what the RFC allows."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from cost import within
from hypothesis import given
from hypothesis import strategies as st
from samples import OPTIONS, RINGING, VIA, attempt, sample

from sipfast import Defect, ParseError
from sipfast._engine import Engine
from sipfast.errors import FAULTS, MESSAGE_FAULTS
from sipfast.header_names import HEADER_IDS


class Example(NamedTuple):
    """A message with one defect."""

    code: str
    data: bytes
    at: bytes
    """What stands where the defect is said to be, for the first time in the message."""
    header: str | None = None


URI = b"sip:bob@example.com SIP/2.0"
CONTACT = b"Contact: <sip:alice@desk.example.com>"
EVENT = b"Event: presence"


def request(method: bytes, *more: bytes, **changed: bytes | None) -> bytes:
    fields: dict[str, Any] = {"CSeq": b"7 " + method, **changed}
    return sample(b"%b %b" % (method, URI), *more, **fields)


def answer(
    status: bytes, *more: bytes, method: bytes = b"OPTIONS", **changed: bytes | None
) -> bytes:
    fields: dict[str, Any] = {"CSeq": b"7 " + method, **changed}
    return sample(b"SIP/2.0 %b x" % status, *more, **fields)


TORN = b'"Bob \\" <sip:bob@example.com>'

EXAMPLES = [
    # numbers
    Example("number-malformed", sample(Max_Forwards=b"7x"), b"7x", "Max-Forwards"),
    Example("number-malformed", sample(Max_Forwards=b"-7"), b"-7", "Max-Forwards"),
    Example("number-malformed", sample(Max_Forwards=b""), b"\r\nFrom:", "Max-Forwards"),
    Example("number-too-large", sample(Max_Forwards=b"2147483648"), b"2147483648", "Max-Forwards"),
    Example("max-forwards-too-large", sample(Max_Forwards=b"0256"), b"0256", "Max-Forwards"),
    Example("max-forwards-too-large", sample(Max_Forwards=b"2147483647"), b"21474", "Max-Forwards"),
    # the start line
    Example("version-unsupported", sample(b"OPTIONS sip:bob@example.com SIP/2.1"), b"SIP/2.1"),
    Example("version-unsupported", sample(b"OPTIONS sip:bob@example.com SIP/2.00"), b"SIP/2.00"),
    Example("version-unsupported", sample(b"OPTIONS sip:bob@example.com sip/1.0"), b"sip/1.0"),
    Example("version-unsupported", sample(b"SIP/7.0 180 Ringing"), b"SIP/7.0"),
    Example("start-line-whitespace", sample(b"OPTIONS  sip:a SIP/2.0"), b"OPTIONS  sip"),
    Example("start-line-whitespace", sample(b"OPTIONS\tsip:a SIP/2.0"), b"OPTIONS\tsip"),
    Example("start-line-whitespace", sample(b"OPTIONS sip:a  SIP/2.0"), b"OPTIONS sip"),
    Example("start-line-whitespace", sample(b"OPTIONS sip:a SIP/2.0 "), b"OPTIONS sip"),
    Example("start-line-whitespace", sample(b"SIP/2.0  180 Ringing"), b"SIP/2.0  180"),
    Example("start-line-whitespace", sample(b"SIP/2.0\t180 Ringing"), b"SIP/2.0\t180"),
    Example("start-line-whitespace", sample(b"SIP/2.0 180\tRinging"), b"SIP/2.0 180"),
    Example("start-line-whitespace", sample(b"SIP/2.0 180"), b"SIP/2.0 180"),
    Example("request-uri-in-brackets", sample(b"OPTIONS <sip:a> SIP/2.0"), b"<sip:a>"),
    Example("request-uri-whitespace", sample(b"OPTIONS sip:a; lr SIP/2.0"), b"sip:a; lr"),
    Example("request-uri-whitespace", sample(b"OPTIONS sip:a\tb SIP/2.0"), b"sip:a\tb"),
    Example("status-code-out-of-range", sample(b"SIP/2.0 099 Low"), b"099"),
    Example("status-code-out-of-range", sample(b"SIP/2.0 700 High"), b"700"),
    # what must be there, once, and not empty
    Example("header-missing", sample(Via=None), OPTIONS, "Via"),
    Example("header-missing", sample(From=None), OPTIONS, "From"),
    Example("header-missing", sample(To=None), OPTIONS, "To"),
    Example("header-missing", sample(Call_ID=None), OPTIONS, "Call-ID"),
    Example("header-missing", sample(CSeq=None), OPTIONS, "CSeq"),
    Example("header-missing", b"\r\n" + sample(RINGING, To=None), RINGING, "To"),
    Example("header-repeated", sample(OPTIONS, b"t: Eve <sip:eve@example.com>"), b"t: Eve", "To"),
    Example("header-repeated", sample(OPTIONS, b"call-id: again"), b"call-id: again", "Call-ID"),
    Example("header-repeated", sample(OPTIONS, b"Subject: a", b"s: a"), b"s: a", "Subject"),
    Example("header-repeated", sample(OPTIONS, b"L: 0"), b"Content-Length", "Content-Length"),
    Example("header-empty", sample(To=b""), b"\r\nCall-ID", "To"),
    Example("header-empty", sample(From=b" \r\n \r\n\t"), b"\r\nTo:", "From"),
    Example("header-empty", sample(Call_ID=b""), b"\r\nCSeq", "Call-ID"),
    # values of some fields
    Example("cseq-malformed", sample(CSeq=b"OPTIONS 1"), b"OPTIONS 1", "CSeq"),
    Example("cseq-malformed", sample(CSeq=b"-1 OPTIONS"), b"-1 OPTIONS", "CSeq"),
    Example("cseq-malformed", sample(CSeq=b"1OPTIONS"), b"1OPTIONS", "CSeq"),
    Example("cseq-malformed", sample(CSeq=b"17"), b"17\r\n", "CSeq"),
    Example("cseq-malformed", sample(CSeq=b"17 OPTIONS x"), b" x\r\n", "CSeq"),
    Example("cseq-malformed", sample(CSeq=b"17 OPT/IONS"), b"/IONS", "CSeq"),
    Example("cseq-malformed", sample(CSeq=b""), b"\r\nContent-Length", "CSeq"),
    Example("cseq-malformed", sample(CSeq=b"17\xc2\xa0OPTIONS"), b"17\xc2", "CSeq"),
    Example("cseq-malformed", sample(CSeq=b"17\x0cOPTIONS"), b"17\x0c", "CSeq"),
    Example("cseq-malformed", sample(CSeq=b"\xd9\xa1 OPTIONS"), b"\xd9\xa1", "CSeq"),
    Example("cseq-too-large", sample(CSeq=b"2147483648 OPTIONS"), b"2147483648", "CSeq"),
    Example("cseq-too-large", sample(CSeq=b"4294967297 OPTIONS"), b"4294967297", "CSeq"),
    Example("cseq-too-large", sample(CSeq=b"9" * 5_000 + b" OPTIONS"), b"99999", "CSeq"),
    Example("cseq-too-large", sample(RINGING, CSeq=b"2147483648 X"), b"2147483648", "CSeq"),
    Example("cseq-method-mismatch", sample(CSeq=b"17 INVITE"), b"17 INVITE", "CSeq"),
    Example("cseq-method-mismatch", sample(CSeq=b"17 options"), b"17 options", "CSeq"),
    Example("via-malformed", sample(Via=b""), b"\r\nMax-Forwards", "Via"),
    Example("via-malformed", sample(Via=b"SIP/2.0/UDP"), b"\r\nMax-Forwards", "Via"),
    Example("via-malformed", sample(Via=b" , ,"), b", ,", "Via"),
    Example("via-malformed", sample(Via=b"SIP/2.0 a;branch=z"), b" a;branch", "Via"),
    Example("via-malformed", sample(Via=b"192.0.2.1;branch=z"), b";branch=z", "Via"),
    Example("via-malformed", sample(Via=b"SIP/2.0/UDP\xc2\xa0a"), b"\xc2\xa0a", "Via"),
    Example("via-malformed", sample(OPTIONS, b"v: here"), b"\r\nContent-Length", "Via"),
    Example("quote-unterminated", sample(To=b'"Bob <sip:bob@example.com>'), b'"Bob', "To"),
    Example("quote-unterminated", sample(From=TORN + b";tag=1"), TORN, "From"),
    Example("quote-unterminated", sample(OPTIONS, b"m: " + TORN), TORN, "Contact"),
    Example("quote-unterminated", sample(OPTIONS, b"Route: " + TORN), TORN, "Route"),
    Example("quote-unterminated", sample(OPTIONS, b"Record-Route: " + TORN), TORN, "Record-Route"),
    Example("quote-unterminated", sample(To=b'"a\\\\\\"'), b'"a\\', "To"),
    Example("header-empty", sample(OPTIONS, b"m:"), b"\r\nContent-Length", "Contact"),
    # what must be there in some messages
    Example("max-forwards-missing", sample(Max_Forwards=None), OPTIONS, "Max-Forwards"),
    *(
        Example("contact-missing", request(method, *more), method, "Contact")
        for method, more in {
            b"INVITE": [],
            b"UPDATE": [],
            b"SUBSCRIBE": [EVENT],
            b"NOTIFY": [EVENT, b"Subscription-State: active"],
            b"REFER": [b"Refer-To: <sip:eve@example.com>"],
        }.items()
    ),
    Example("contact-missing", answer(b"200", method=b"INVITE"), b"SIP/2.0 200", "Contact"),
    Example("rack-missing", request(b"PRACK"), b"PRACK", "RAck"),
    Example("rseq-missing", sample(RINGING, b"Require: a, 100REL"), RINGING, "RSeq"),
    Example("event-missing", request(b"SUBSCRIBE", CONTACT), b"SUBSCRIBE", "Event"),
    Example("event-missing", request(b"PUBLISH"), b"PUBLISH", "Event"),
    Example(
        "subscription-state-missing",
        *(request(b"NOTIFY", CONTACT, EVENT), b"NOTIFY", "Subscription-State"),
    ),
    Example("refer-to-missing", request(b"REFER", CONTACT), b"REFER", "Refer-To"),
    Example("expires-missing", answer(b"202", method=b"SUBSCRIBE"), b"SIP/2.0 202", "Expires"),
    Example(
        "sip-etag-missing",
        *(answer(b"200", b"Expires: 1", method=b"PUBLISH"), b"SIP/2.0 200", "SIP-ETag"),
    ),
    *(
        Example(f"{name.lower()}-missing", answer(status), b"SIP/2.0 " + status, name)
        for status, name in {
            b"401": "WWW-Authenticate",
            b"405": "Allow",
            b"407": "Proxy-Authenticate",
            b"420": "Unsupported",
            b"422": "Min-SE",
            b"423": "Min-Expires",
            b"489": "Allow-Events",
            b"494": "Security-Server",
        }.items()
    ),
    Example(
        "content-length-missing",
        *(sample(Via=VIA.replace(b"UDP", b"tcp"), Content_Length=None), OPTIONS, "Content-Length"),
    ),
    # what has no place
    *(
        Example("header-misplaced", data, name.encode() + b":", name)
        for name, data in {
            "RAck": sample(OPTIONS, b"RAck: 1 2 INVITE"),
            "Refer-To": request(b"INVITE", CONTACT, b"Refer-To: <sip:a@b>"),
            "Replaces": sample(OPTIONS, b"Replaces: a;to-tag=b;from-tag=c"),
            "RSeq": answer(b"200", b"RSeq: 1"),
            "WWW-Authenticate": sample(OPTIONS, b'WWW-Authenticate: Digest realm="a", nonce="b"'),
            "Authorization": sample(RINGING, b"Authorization: Bearer a"),
            "Subscription-State": sample(OPTIONS, b"Subscription-State: active"),
            "Proxy-Require": request(b"CANCEL", b"Proxy-Require: a"),
            "Record-Route": request(b"REGISTER", b"Record-Route: <sip:a;lr>"),
        }.items()
    ),
    # what names transaction and dialog
    Example("tag-missing", sample(From=b"<sip:alice@example.com>"), b"<sip:alice", "From"),
    Example("tag-missing", sample(RINGING, To=b"<sip:bob@example.com>"), b"<sip:bob", "To"),
    Example("branch-missing", sample(Via=b"SIP/2.0/UDP a"), b"SIP/2.0/UDP", "Via"),
    Example("branch-missing", sample(OPTIONS, b"v: SIP/2.0/TCP b"), b"SIP/2.0/TCP", "Via"),
    Example("branch-malformed", sample(Via=b"SIP/2.0/UDP a;branch=z9hG4bK"), b"SIP/2.0/U", "Via"),
    # values of others
    *(
        Example("contact-wildcard-misused", data, b"*", "Contact")
        for data in (
            sample(OPTIONS, b"m: *"),
            request(b"REGISTER", b"m: *"),
            request(b"REGISTER", b"m: *", b"Expires: 1"),
            request(b"REGISTER", b"m: *, <sip:a@b>", b"Expires: 0"),
        )
    ),
    Example("display-name-unquoted", sample(To=b"B. (Bob) <sip:b@c>;tag=1"), b"B. (", "To"),
    Example("display-name-unquoted", sample(To=b"Bj\xc3\xb6rn <sip:b@c>;tag=1"), b"Bj", "To"),
    Example("address-needs-brackets", sample(To=b"sip:b@c?a=b;tag=1"), b"sip:b@c?", "To"),
    Example("address-needs-brackets", sample(To=b"sip:a,b@c;tag=1"), b"sip:a,b", "To"),
    Example("address-whitespace", sample(To=b"< sip:b@c>;tag=1"), b"< sip", "To"),
    Example("address-whitespace", sample(To=b'"< b" <sip:b@c\t>;tag=1'), b"\t>", "To"),
    Example("uri-character-unescaped", sample(b"OPTIONS sip:#31@b SIP/2.0"), b"#31", "Request-URI"),
    Example("uri-character-unescaped", sample(To=b"<sip:%zz@b>;tag=1"), b"%zz", "To"),
    Example("uri-character-unescaped", sample(To=b"\r\n <sip:\xc3\xb6|@b>;tag=1"), b"\xc3", "To"),
    Example("parameter-repeated", sample(To=b"<sip:b@c>;x;tag=1;X"), b"x;tag", "To"),
    Example("parameter-repeated", sample(To=b"<sip:b@c;lr;LR>;tag=1"), b"lr;LR", "To"),
    Example("parameter-empty", sample(To=b"<sip:b@c>;tag=1; "), b"; \r\n", "To"),
    Example("parameter-empty", sample(To=b'<sip:b@c>;x=";;"; ;tag=1'), b"; ;tag", "To"),
    Example("parameter-empty", sample(To=b"<sip:b;;@c;;lr>;tag=1"), b";;lr", "To"),
    Example("parameter-empty", sample(Via=b"SIP/2.0/UDP a;;branch=z"), b";;branch", "Via"),
    Example("request-uri-headers", sample(b"OPTIONS sip:?@b?c=d SIP/2.0"), b"?c", "Request-URI"),
    # the body
    Example("body-too-short", sample(body=b"v=0", Content_Length=b"4"), b"v=0", "Content-Length"),
    Example(
        "content-type-missing",
        *(sample(OPTIONS, Content_Length=b"3") + b"abc", b"abc", "Content-Type"),
    ),
]

ALLOWED = {
    "numbers with zeros before them": sample(CSeq=b"000063104 OPTIONS", Max_Forwards=b"0070"),
    "more zeros than digits fit": sample(
        CSeq=b"0" * 9_000 + b"1 OPTIONS", Max_Forwards=b"0" * 9_000
    ),
    "the largest numbers": sample(CSeq=b"2147483647 OPTIONS", Max_Forwards=b"255"),
    "the smallest numbers": sample(CSeq=b"0 OPTIONS", Max_Forwards=b"0"),
    "a folded CSeq": sample(CSeq=b"1\r\n OPTIONS"),
    "tabs in a CSeq": sample(CSeq=b"1\t\t OPTIONS"),
    "what RFC 2543 leaves out": request(
        b"INVITE", Max_Forwards=None, From=b"<sip:a@b>", Via=b"SIP/2.0/UDP a"
    ),
    "a hop without a branch": sample(Via=b"SIP/2.0/UDP a, " + VIA),
    "a branch of a single character past the cookie": sample(Via=b"SIP/2.0/UDP a;branch=z9hG4bKx"),
    "a branch without the cookie": sample(Via=b"SIP/2.0/UDP a;branch=z"),
    "no tag in To of a request": sample(To=b"<sip:bob@example.com>"),
    "no tag in To of a 100": answer(b"100", To=b"<sip:bob@example.com>"),
    "a request with its Contact": request(b"INVITE", CONTACT),
    "an error response to INVITE": answer(b"486", method=b"INVITE"),
    "a PRACK": request(b"PRACK", b"RAck: 1 2 INVITE"),
    "a reliable response": sample(RINGING, b"Require: 100rel", b"RSeq: 1"),
    "an unreliable response that requires more": sample(RINGING, b"Require: 100relx"),
    "a NOTIFY": request(b"NOTIFY", CONTACT, EVENT, b"Subscription-State: active"),
    "a SUBSCRIBE": request(b"SUBSCRIBE", CONTACT, EVENT),
    "a PUBLISH": request(b"PUBLISH", EVENT, b"SIP-If-Match: a"),
    "a REFER": request(b"REFER", CONTACT, b"Refer-To: <sip:eve@example.com>"),
    "an answer to SUBSCRIBE": answer(b"200", b"Expires: 60", method=b"SUBSCRIBE"),
    "an answer to PUBLISH": answer(b"200", b"Expires: 60", b"SIP-ETag: a", method=b"PUBLISH"),
    "a challenge": answer(b"401", b'WWW-Authenticate: Digest realm="a", nonce="b"'),
    "a challenge of a proxy": answer(b"407", b'Proxy-Authenticate: Digest realm="a", nonce="b"'),
    "an empty Allow in a 405": answer(b"405", b"Allow:"),
    "a 420": answer(b"420", b"Unsupported: a"),
    "a 422": answer(b"422", b"Min-SE: 90"),
    "a 423": answer(b"423", b"Min-Expires: 90"),
    "a 489": answer(b"489", b"u: presence"),
    "a 494": answer(b"494", b"Security-Server: tls"),
    "Require in what is not CANCEL": request(b"BYE", b"Require: a", b"Proxy-Require: b"),
    "Record-Route in what is not REGISTER": sample(OPTIONS, b"Record-Route: <sip:a;lr>"),
    "a name of tokens": sample(To=b"B. O'Neil <sip:b@c>;tag=1"),
    "a name in UTF-8 and quotes": sample(To=b'"\xc3\xb6 < " <sip:b@c>;tag=1'),
    "an address without brackets": sample(To=b"sip:b@c;tag=1"),
    "a URI with header fields in brackets": sample(OPTIONS, b"m: <sip:a,b@c?a=b&c=%3b>"),
    "every character that a user may have": sample(b"OPTIONS sip:%23-_.!~*'()&=+$,;?/@b SIP/2.0"),
    "parameters of other names": sample(To=b"<sip:b@c;lr;x>;lr;x;tag=1"),
    "semicolons in a user": sample(To=b"<sip:b;;c;@d;lr>;tag=1"),
    "semicolons in quotes": sample(To=b'";;" <sip:b@c>;x=";;";tag=1'),
    "a wildcard that ends all bindings": request(b"REGISTER", b"m: *", b"Expires: 000"),
    "line ends past the header without a length": sample(Content_Length=None) + b"\r\n\r\n",
    "no Content-Length": sample(Content_Length=None, body=b"v=0"),
    "a version in small letters": sample(b"OPTIONS sip:bob@example.com sip/2.0"),
    "an unknown method": sample(b"a-!%*_+`'~.b sip:a SIP/2.0", CSeq=b"1 a-!%*_+`'~.b"),
    "an unknown scheme": sample(b"OPTIONS unheard-of:opaque SIP/2.0"),
    "the lowest status": sample(b"SIP/2.0 100 Trying"),
    "the highest status": sample(b"SIP/2.0 699 Unheard Of"),
    "an empty reason": sample(b"SIP/2.0 200 "),
    "spaces in a reason": sample(b"SIP/2.0 200  a\tb  "),
    "a reason that is no UTF-8": sample(b"SIP/2.0 200 \xff\xfe"),
    "another method in the CSeq of a response": sample(RINGING, CSeq=b"1 INVITE"),
    "line ends before the start line": b"\r\n\n" + sample(),
    "bare line feeds": sample(line_end=b"\n"),
    "bytes past the body": sample(body=b"v=0") + b"more",
    "a body as long as it says": sample(body=b"\0" * 10_000),
    "fields that repeat": sample(
        OPTIONS,
        b"Via: SIP/2.0/TCP a;branch=z",
        b"m: <sip:a>",
        b"Contact: <sip:b>",
        b"Allow: A",
        b"Allow: B",
    ),
    "unknown fields that repeat": sample(OPTIONS, b"X-Id: 1", b"x-id: 1"),
    "empty fields": sample(OPTIONS, b"Subject:", b"Supported:", b"Allow:", b"X-Any:"),
    "white space around the slashes of a Via": sample(
        Via=b"SIP / 2.0\r\n / UDP\t a:5060 ; branch=z"
    ),
    "an unknown transport and protocol": sample(Via=b"PIS/9/x-y a;branch=z"),
    "two Vias in one field": sample(
        Via=b"SIP/2.0/UDP a;branch=z , SIP/2.0/TCP [2001:db8::1];branch=z"
    ),
    "a quoted parameter of a Via": sample(Via=b'SIP/2.0/UDP a;x=";;,";branch=z'),
    "quotes that close": sample(To=b'"a\\"b\\\\" <sip:b>;x="y";tag=1', From=b'"" <sip:b>;tag=2'),
    "an escaped NUL": sample(From=b'"\\\0\\\x07\\\x7f" <sip:b>;tag=1'),
    "a backslash outside quotes": sample(To=b"<sip:b>;x=\\;tag=1"),
    "an open quote in a field without quoted strings": sample(OPTIONS, b'Subject: 5" of rain'),
}


def test_every_defect_has_an_example() -> None:
    assert {example.code for example in EXAMPLES} == {fault.code for fault in MESSAGE_FAULTS}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.code} {example.at!r}")
def test_a_defect_is_found_where_it_is(engine: Engine, example: Example) -> None:
    fault = FAULTS[example.code]
    expected = Defect(
        example.code, example.header, example.data.index(example.at), fault.status, fault.rfc
    )
    message = engine.parse(example.data)
    assert message.defects == (expected,)
    assert message.defects is message.defects
    assert str(expected) == f"{expected.text} (byte {expected.offset})"
    assert example.header is None or example.header in expected.text

    with pytest.raises(ParseError) as caught:
        engine.parse(example.data, strict=True)
    assert str(caught.value) == str(expected)


@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_allowed_is_no_defect(engine: Engine, name: str) -> None:
    assert engine.parse(ALLOWED[name], strict=True).defects == ()


def test_a_header_is_named_as_it_is_registered(engine: Engine) -> None:
    data = sample(OPTIONS, b"mAX-fORWARDS: x", b"f: <sip:e@example.com>;tag=1", Max_Forwards=None)
    assert [(defect.code, defect.header) for defect in engine.parse(data).defects] == [
        ("number-malformed", "Max-Forwards"),
        ("header-repeated", "From"),
    ]


def test_the_status_code_is_found_past_more_whitespace(engine: Engine) -> None:
    data = sample(b"SIP/2.0 \t 099 Low")
    assert [(defect.code, defect.offset) for defect in engine.parse(data).defects] == [
        ("start-line-whitespace", 0),
        ("status-code-out-of-range", 10),
    ]


def test_defects_come_in_the_order_of_their_bytes(engine: Engine) -> None:
    data = sample(
        b"MESSAGE <sip:a b>  SIP/3.0",
        b"To: <sip:c>",
        b"v: x",
        Via=b"y",
        CSeq=b"z",
        Max_Forwards=b"999",
        From=None,
        Content_Length=b"5",
    )
    defects = engine.parse(data).defects
    offsets = [defect.offset for defect in defects]
    assert offsets == sorted(offsets)
    assert [(defect.code, defect.header) for defect in defects] == [
        ("start-line-whitespace", None),
        ("header-missing", "From"),
        ("request-uri-in-brackets", None),
        ("request-uri-whitespace", None),
        ("version-unsupported", None),
        ("via-malformed", "Via"),
        ("max-forwards-too-large", "Max-Forwards"),
        ("cseq-malformed", "CSeq"),
        ("header-repeated", "To"),
        ("via-malformed", "Via"),
        ("body-too-short", "Content-Length"),
    ]


def test_a_message_without_header_fields_lacks_six(engine: Engine) -> None:
    assert [defect.header for defect in engine.parse(OPTIONS + b"\r\n\r\n").defects] == [
        *("Via", "From", "To", "Call-ID", "CSeq", "Max-Forwards"),
    ]


def test_every_repetition_is_a_defect(engine: Engine) -> None:
    data = sample(OPTIONS, *[b"Subject: %d" % number for number in range(400)])
    defects = engine.parse(data).defects
    assert [defect.code for defect in defects] == ["header-repeated"] * 399
    assert [defect.offset for defect in defects] == [
        data.index(b"Subject: %d\r" % number) for number in range(1, 400)
    ]


# ---- typed values --------------------------------------------------------------------------------

# Values of header fields that are numbers, or have numbers and times in them.
MALFORMED = {
    "Contact": [
        b"<sip:a@b>;q=1.1",
        b"<sip:a@b>;expires=soon",
        b"<sip:a@b>;expires=280297596632815",
    ],
    "Date": [b"Fri, 01 Jan 2010 16:00:00 EST", b"yesterday"],
    "Diversion": [b"<sip:a@b>;counter=x"],
    "Expires": [b"soon", b"-1", b"9" * 400],
    "History-Info": [b"<sip:a b>;index=1"],
    "Min-Expires": [b"x"],
    "Min-SE": [b"x"],
    "Path": [b"<sip:a"],
    "RSeq": [b"x"],
    "Retry-After": [b"x"],
    "Route": [b"<sip:a:70000>"],
    "Session-Expires": [b"x"],
    "Via": [b"SIP/2.0/UDP a;branch=z;ttl=256", b"SIP/2.0/UDP a;branch=z;rport=x"],
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_value_that_cannot_be_read_is_a_defect(engine: Engine, name: str) -> None:
    """At the byte that the error names which its property, or `parse_header`, raises."""
    types = vars(engine.module("typed").Typed).values()
    fields = {field.header_id for field in types if hasattr(field, "header_id")}
    for value in MALFORMED[name] if HEADER_IDS[name.lower()] in fields else ():
        data = sample(OPTIONS, b"X-Any: y", b"%b:\r\n %b" % (name.encode(), value))
        found = [defect for defect in engine.parse(data).defects if defect.header == name]
        assert [defect for defect in found if defect.code != "header-misplaced"], value
        for defect in found:
            begin = data.index(name.encode() + b":\r\n")
            value_at = data.index(b"\r\n " + value, begin)
            assert begin <= defect.offset <= value_at + len(b"\r\n " + value)


def test_every_field_of_a_name_is_looked_at(engine: Engine) -> None:
    values = b"<sip:a:1>", b"<sip:a:x>", b"sip:b, <sip:c;;lr>", b"<", b"<sip:d"
    lines = [b"Route: " + value for value in values]
    data = sample(OPTIONS, *lines)
    assert [(defect.code, defect.offset) for defect in engine.parse(data).defects] == [
        ("port-malformed", data.index(b"x>")),
        ("parameter-empty", data.index(b";;lr")),
        ("address-malformed", data.index(b"<\r\n")),
        ("address-malformed", data.index(b"<sip:d")),
    ]


def test_what_a_malformed_value_says_is_not_held_against_others(engine: Engine) -> None:
    data = sample(Via=b"?", From=b"?", To=b"?")
    assert {defect.header for defect in engine.parse(data).defects} == {"Via", "From", "To"}


# ---- on any bytes --------------------------------------------------------------------------------

SEEDS = [example.data for example in EXAMPLES] + list(ALLOWED.values())
PIECES = st.sampled_from([bytes([byte]) for byte in b';,"<>%@*? \xff\0'] + [b"\r\n "])


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """An example or what is allowed, with some bytes put in, taken out or changed."""
    data = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        cut = draw(st.integers(0, 3))
        data = data[:at] + draw(PIECES | st.binary(max_size=3)) + data[at + cut :]
    return data


def defects_of(engine: Engine, data: bytes) -> object:
    made = attempt(engine, data)
    return made.code if isinstance(made, ParseError) else made.defects


@given(mutated() | st.binary(max_size=60).map(lambda value: sample(OPTIONS, b"m: " + value)))
def test_no_message_makes_it_raise_and_both_engines_agree(
    native: Engine, pure: Engine, data: bytes
) -> None:
    assert defects_of(native, data) == defects_of(pure, data)


def test_a_list_of_many_faults_is_not_looked_at_to_its_end(engine: Engine) -> None:
    """Where a fault is, is counted from the start of the field: all of many would cost too much."""
    data = sample(OPTIONS, b"m: " + b", ".join([b"<sip:a@b>;q=2"] * 100), b"m: <sip:a@b>;q=3")
    offsets = [defect.offset for defect in engine.parse(data).defects]
    assert offsets == [data.index(b"\r\nm:") + 15 + 15 * turn for turn in range(8)] + [
        data.index(b"q=3")
    ]


def test_the_place_of_a_fault_is_found_in_linear_time(engine: Engine) -> None:
    """A run of white space that ends in no fold is passed over once."""
    data = sample(OPTIONS, b"Route:\r\n <sip:a>" + b" " * 500_000 + b"\r\n x")

    def read() -> None:
        message = engine.parse(data, limits=engine.NO_LIMITS)
        assert [defect.code for defect in message.defects] == ["address-malformed"]

    assert within(read, 5)


def test_many_parameters_are_one_defect_of_each_kind(engine: Engine) -> None:
    """10,000 parameters, all of one name, and empty ones between."""
    data = sample(To=b"<sip:b" + b";x;" * 10_000 + b">;tag=1" + b" ;y; " * 10_000)
    message = engine.parse(data, limits=engine.NO_LIMITS)
    codes = [defect.code for defect in message.defects]
    assert sorted(codes) == ["parameter-empty"] * 2 + ["parameter-repeated"] * 2
