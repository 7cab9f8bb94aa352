"""What SIP parsers get wrong, case by case, and what the RFC says."""

from __future__ import annotations

from pathlib import Path

import pytest
from samples import OPTIONS, RINGING, VIA, sample

import sipfast.capture
from sipfast import Incomplete, ParseError, Request, Response
from sipfast._engine import Engine


def clean(engine: Engine, data: bytes) -> Request | Response:
    """The message in `data`, which has no defect."""
    message = engine.parse(data, strict=True)
    assert message.defects == ()
    return message


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
            + b"qop=auth",
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
    assert headers["WWW-Authenticate"] == 'Digest realm="example.net", nonce="8a", qop=auth'
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
    digests = [
        'Digest realm="example.com", nonce="84f1", algorithm=SHA-256',
        'Digest realm="example.com", nonce="84f1", algorithm=MD5',
        'Basic realm="a, b"',
    ]
    fields = [f"{name}: {digest}".encode() for digest in digests]
    start = b"SIP/2.0 401 Unauthorized" if "Authenticate" in name else OPTIONS
    more = [b'WWW-Authenticate: Digest realm="a"'] if name == "Proxy-Authenticate" else []
    message = clean(engine, sample(start, *fields, *more))
    assert message.headers.getall(name.lower()) == digests


@pytest.mark.parametrize("value", [";,,;;,", ',,";,', "<<>,;=", "::", "=?UTF-8?Q?,?=", "a, b ;c"])
def test_05_unknown_fields_are_not_split(engine: Engine, value: str) -> None:
    """RFC 3261 7.3.1: only the specification of a field says that it is a list."""
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
            b"m: <sip:1>",
            b"CONTACT: <sip:2>",
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
        assert message.headers.getall(name) == ["<sip:1>", "<sip:2>"]
    assert message.headers.getall("K") == ["path", "timer"]
    assert message.headers["from"] == "<sip:alice@example.com>;tag=1"
    assert (message.call_id, message.content_length, message.body) == ("call", 3, b"abc")


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
    assert message.uri == "sip:a\0b@example.com"
    assert message.call_id == "a\0b"
    assert message.headers["Subject"] == "before\0after"
    assert message.headers["Z"] == "\0"
    assert message.body == b"\0\0body"
    other = engine.parse(sample(Call_ID=b"a\0c"))
    assert other.call_id != message.call_id


@pytest.mark.parametrize("method", ["BY%45", "bye", "Bye", "BYEE", "BY", "%42YE"])
def test_13_methods_are_compared_as_they_are(engine: Engine, method: str) -> None:
    """RFC 3261 7.1: case counts, and there are no escapes outside URIs (25.1)."""
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
    """RFC 3261 20.14: two readers that disagree here could be told two different messages."""
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


def test_20_bare_line_feeds_end_lines(engine: Engine) -> None:
    """RFC 3261 7 asks for CRLF; real elements send LF, and it must not mean two things."""
    message = clean(engine, sample(line_end=b"\n", body=b"v=0\n"))
    assert message.headers.items() == engine.parse(sample(body=b"v=0\n")).headers.items()
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
    """What a file of messages is cut into is what the parser takes one after another."""
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
    """RFC 3261 7.4, 18.3: only Content-Length says where a body ends."""
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
