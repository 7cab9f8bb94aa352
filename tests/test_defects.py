"""Defects: each one found where it is and nowhere else, and none in what the RFC allows."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from samples import OPTIONS, RINGING, sample

from sipfast import Defect, ParseError
from sipfast._engine import Engine
from sipfast.errors import FAULTS, MESSAGE_FAULTS


class Example(NamedTuple):
    """A message with one defect."""

    code: str
    data: bytes
    at: bytes
    """What stands where the defect is said to be, for the first time in the message."""
    header: str | None = None


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
    Example("cseq-malformed", sample(CSeq=b"17 OPTIONS x"), b"17 OPTIONS", "CSeq"),
    Example("cseq-malformed", sample(CSeq=b"17 OPT/IONS"), b"17 OPT/", "CSeq"),
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
    Example("via-malformed", sample(Via=b"SIP/2.0/UDP"), b"SIP/2.0/UDP", "Via"),
    Example("via-malformed", sample(Via=b"SIP/2.0/UDP ;branch=z"), b"SIP/2.0/UDP ;", "Via"),
    Example("via-malformed", sample(Via=b"SIP/2.0 a;branch=z"), b"SIP/2.0 a", "Via"),
    Example("via-malformed", sample(Via=b"192.0.2.1;branch=z"), b"192.0.2.1", "Via"),
    Example("via-malformed", sample(Via=b"SIP/2.0/UDP\xc2\xa0a"), b"SIP/2.0/UDP\xc2", "Via"),
    Example("via-malformed", sample(OPTIONS, b"v: here"), b"here", "Via"),
    Example("quote-unterminated", sample(To=b'"Bob <sip:bob@example.com>'), b'"Bob', "To"),
    Example("quote-unterminated", sample(From=TORN), TORN, "From"),
    Example("quote-unterminated", sample(OPTIONS, b"m: " + TORN), TORN, "Contact"),
    Example("quote-unterminated", sample(OPTIONS, b"Route: " + TORN), TORN, "Route"),
    Example("quote-unterminated", sample(OPTIONS, b"Record-Route: " + TORN), TORN, "Record-Route"),
    Example("quote-unterminated", sample(OPTIONS, b"Reply-To: " + TORN), TORN, "Reply-To"),
    Example("quote-unterminated", sample(To=b'a "b" "c'), b'a "b"', "To"),
    Example("quote-unterminated", sample(To=b'"a\\\\\\"'), b'"a\\', "To"),
    # the body
    Example("body-too-short", sample(body=b"v=0", Content_Length=b"4"), b"v=0", "Content-Length"),
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
    "no Max-Forwards, as in RFC 2543": sample(Max_Forwards=None),
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
        OPTIONS, b"Via: SIP/2.0/TCP a", b"m: <sip:a>", b"Contact: <sip:b>", b"Allow: A", b"Allow: B"
    ),
    "unknown fields that repeat": sample(OPTIONS, b"X-Id: 1", b"x-id: 1"),
    "empty fields": sample(OPTIONS, b"Subject:", b"k:", b"Allow:", b"X:"),
    "white space around the slashes of a Via": sample(
        Via=b"SIP / 2.0\r\n / UDP\t a:5060 ; branch=z"
    ),
    "an unknown transport and protocol": sample(Via=b"PIS/9/x-y a"),
    "two Vias in one field": sample(Via=b"SIP/2.0/UDP a;branch=z , SIP/2.0/TCP [2001:db8::1]"),
    "a quoted parameter of a Via": sample(Via=b'SIP/2.0/UDP a;x=";;,";branch=z'),
    "quotes that close": sample(To=b'"a\\"b\\\\" <sip:b>;x="y"', From=b'"" <sip:b>'),
    "an escaped NUL": sample(From=b'"\\\0\\\x07\\\x7f" <sip:b>'),
    "a backslash outside quotes": sample(To=b"<sip:b>;x=\\"),
    "an open quote in a field without quoted strings": sample(OPTIONS, b'Subject: 5" of rain'),
    "a lone asterisk": sample(OPTIONS, b"Contact: *"),
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
    data = sample(OPTIONS, b"mAX-fORWARDS: x", b"f: <sip:eve@example.com>", Max_Forwards=None)
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
        b"INVITE <sip:a b>  SIP/3.0",
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


def test_a_message_without_header_fields_lacks_five(engine: Engine) -> None:
    assert [defect.header for defect in engine.parse(OPTIONS + b"\r\n\r\n").defects] == [
        *("Via", "From", "To", "Call-ID", "CSeq"),
    ]


def test_every_repetition_is_a_defect(engine: Engine) -> None:
    data = sample(OPTIONS, *[b"Subject: %d" % number for number in range(400)])
    defects = engine.parse(data).defects
    assert [defect.code for defect in defects] == ["header-repeated"] * 399
    assert [defect.offset for defect in defects] == [
        data.index(b"Subject: %d\r" % number) for number in range(1, 400)
    ]
