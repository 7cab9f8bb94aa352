"""`message.body_defects`: what is wrong in a body, and where it is in the message."""

from __future__ import annotations

import base64
import gzip
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import OPTIONS, sample

import sipfast
from sipfast._engine import Engine
from sipfast.errors import BODY_FAULTS, FAULTS

OFFER = (
    b"v=0\r\no=alice 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    b"m=audio 49170 RTP/AVP 0\r\n"
)
BROKEN = OFFER + b"nonsense\r\n"
MIXED = b"multipart/mixed;boundary=b"
RELAY = b"application/dtmf-relay"
PIDF = b"application/pidf+xml"
ISUP = b"application/isup"
FRAGMENT = b"message/sipfrag"


def carrying(body: bytes, media: bytes, *fields: bytes) -> bytes:
    """A message with this body, after line ends, so that offsets in it and in the buffer differ."""
    return b"\r\n" + sample(OPTIONS, b"c: " + media, *fields, body=body)


def part(media: bytes, body: bytes, *fields: bytes) -> bytes:
    """One part of a multipart with the boundary ``b``."""
    head = [b"Content-Type: " + media, *fields]
    return b"--b\r\n" + b"\r\n".join([*head, b"", body, b""])


def nested(body: bytes, levels: int) -> bytes:
    """A body in so many multiparts, the outermost with the boundary ``b``, the next with ``c``."""
    body = b"c:a/b\r\n\r\n" + body
    for level in range(levels - 1, 0, -1):
        boundary = b"%c" % (ord("b") + level)
        whole = b"--%b\r\n%b\r\n--%b--" % (boundary, body, boundary)
        body = b"c:multipart/x;boundary=%b\r\n\r\n%b" % (boundary, whole)
    return b"--b\r\n" + body + b"\r\n--b--"


class Example(NamedTuple):
    """A body with one defect."""

    code: str
    media: bytes
    body: bytes
    at: bytes
    """Bytes of the message that begin where the defect is."""
    header: str | None = None
    fields: tuple[bytes, ...] = ()


QUERY = (
    b"<?xml version='1.0' encoding='GB2312'?><Query><SN>12345678901234</SN><A>\xb1\xb1</A></Query>"
)
GZIP = (b"e: gzip",)
BASE64 = b"Content-Transfer-Encoding: base64"
EXAMPLES = [
    Example("sdp-line-malformed", b"application/sdp", BROKEN, b"nonsense"),
    Example("sdp-line-malformed", b"Application/SDP;charset=utf-8", BROKEN, b"nonsense"),
    Example("sdp-none", b"application/sdp", b"hello", b"hello"),
    # Encodings: at the start of the body.
    Example("content-encoding-malformed", b"text/plain", b"abc", b"abc", None, GZIP),
    Example("content-encoding-truncated", b"a/b", gzip.compress(b"x")[:-1], b"\x1f", None, GZIP),
    Example("body-too-large", b"a/b", gzip.compress(bytes(1 << 22)), b"\x1f", None, GZIP),
    Example("content-encoding-unknown", b"a/b", b"x", b"br\r", "Content-Encoding", (b"e: br",)),
    Example(
        *("too-many-content-encodings", b"a/b", b"x", b"identity,", "Content-Encoding"),
        (b"e: identity" + b",identity" * 4,),
    ),
    Example("charset-unknown", b"text/plain;charset=x-y", b"x", b"text/plain;", "Content-Type"),
    Example(
        *("sdp-line-malformed", b"application/sdp", gzip.compress(BROKEN), b"\x1f\x8b", None, GZIP),
    ),
    # Multiparts.
    Example("boundary-missing", b"multipart/mixed", b"--b--", b"multipart/mixed", "Content-Type"),
    Example(
        *("boundary-missing", b'multipart/mixed;boundary=""', b"--b--", b"multipart/mixed"),
        "Content-Type",
    ),
    Example(
        *("boundary-malformed", b'multipart/mixed;boundary="b&"', b"--b&\r\n\r\n\r\n--b&--"),
        *(b"multipart/mixed;", "Content-Type"),
    ),
    Example("delimiter-missing", MIXED, b"--c\r\n\r\nx\r\n--c--", b"--c"),
    Example("delimiter-missing", MIXED, b"--b--\r\n", b"--b--"),
    Example("closing-delimiter-missing", MIXED, b"--b\r\n\r\nx\r\n", b""),
    Example("too-many-parts", MIXED, b"--b\r\n" * 1001 + b"x", b"x"),
    Example("parts-too-deep", MIXED, nested(b"x", 10), b"--k\r\nc:"),
    Example("header-without-colon", MIXED, b"--b\r\nno colon\r\n\r\nx\r\n--b--", b"no colon"),
    Example("header-name-malformed", MIXED, b"--b\r\nA b: c\r\n\r\nx\r\n--b--", b" b: c"),
    Example(
        *("media-type-malformed", MIXED, part(b"/sdp", OFFER) + b"--b--", b"/sdp", "Content-Type"),
    ),
    Example(
        *("parameter-empty", MIXED, part(b"text/plain;;a=b", b"x") + b"--b--", b";;a=b"),
        "Content-Type",
    ),
    Example("sdp-line-malformed", MIXED, part(b"application/sdp", BROKEN) + b"--b--", b"nonsense"),
    Example(
        *("sdp-line-malformed", b"multipart/related;type=a/b;boundary=b"),
        *(part(b"a/b", b"x") + part(b"application/sdp", BROKEN) + b"--b--", b"nonsense"),
    ),
    Example(
        *("sdp-line-malformed", MIXED),
        part(b"multipart/alternative;boundary=c", b"--c\r\nc:application/sdp\r\n\r\n" + BROKEN +
             b"--c--") + b"--b--",
        b"nonsense",
    ),
    Example(
        *("boundary-missing", MIXED, part(b"multipart/alternative", b"--c--") + b"--b--"),
        *(b"multipart/alternative", "Content-Type"),
    ),
    Example("transfer-encoding-unknown", MIXED,
            part(b"a/b", b"body", b"Content-Transfer-Encoding: x") + b"--b--", b"body"),
    Example("transfer-encoding-malformed", MIXED, part(b"a/b", b"body!x", BASE64) + b"--b--",
            b"body!"),
    Example(
        *("sdp-line-malformed", MIXED),
        part(b"application/sdp", base64.b64encode(BROKEN), BASE64) + b"--b--",
        base64.b64encode(BROKEN),
    ),
    Example(
        *("header-without-colon", MIXED),
        part(MIXED, base64.b64encode(b"--b\r\nno colon\r\n\r\nx\r\n--b--"), BASE64) + b"--b--",
        base64.b64encode(b"--b\r\n")[:6],
    ),
    Example("content-encoding-malformed", MIXED,
            part(b"a/b", b"body", b"Content-Encoding: gzip") + b"--b--", b"body"),
    Example("content-encoding-unknown", MIXED,
            part(b"a/b", b"body", b"Content-Encoding: br") + b"--b--", b"br\r", "Content-Encoding"),
    # Signals.
    Example("dtmf-signal-malformed", RELAY, b"Signal=17\r\nDuration=100", b"17"),
    Example("dtmf-signal-malformed", b"application/dtmf", b" x", b"x"),
    Example("dtmf-duration-malformed", RELAY, b"Signal=5\r\nDuration=250ms\r\n", b"250ms"),
    # XML.
    Example("xml-malformed", PIDF, b"<presence><a></b>", b"b>"),
    Example("xml-malformed", b"application/conference-info+xml", b"<a>&", b"&"),
    Example("xml-malformed", b"application/x-of-mine+xml", b"<a>&b;</a>", b"&b;"),
    Example("xml-malformed", b"text/xml", b"<a>\xff</a>", b"\xff"),
    Example("xml-malformed", b"Application/MANSCDP+xml",
            b'<?xml version="1.0" encoding="UTF-8"?><Response>\xb1\xb1</Response>', b"\xb1\xb1"),
    Example("xml-root-unexpected", PIDF, b"<dialog-info/>", b"<dialog-info"),
    Example("xml-root-unexpected", b"application/conference-info+xml", b"<x/>", b"<x/>"),
    Example("xml-root-unexpected", b"application/reginfo+xml", b"<x/>", b"<x/>"),
    Example("xml-root-unexpected", b"Application/MANSCDP+xml", b"<x/>", b"<x/>"),
    Example("xml-with-dtd", PIDF, b"<!DOCTYPE a><a/>", b"<!DOCTYPE"),
    Example("xml-too-deep", b"application/xml", b"<a>" * 64 + b"<b>", b"<b>"),
    Example("xml-names-too-long", PIDF, b'<a xmlns="%b"/>' % (b"n" * 257), b"<a xmlns"),
    Example("charset-unknown", PIDF, b'<?xml version="1.0" encoding="x-y"?><a/>', b"x-y"),
    # ISUP.
    Example("isup-truncated", ISUP, b"\x0c\x02\x00\x05\x82\x90", b"\x82\x90"),
    Example("isup-parameter-too-short", ISUP, b"\x0c\x02\x00\x01\x82", b"\x82"),
    # Fragments.
    Example("status-code-malformed", FRAGMENT, b"SIP/2.0 20 OK", b"20 OK"),
    Example("header-without-colon", FRAGMENT, b"SIP/2.0 200 OK\r\nno colon\r\n", b"no colon"),
    Example("cseq-malformed", FRAGMENT, b"CSeq: one BYE\r\n", b"one BYE", "CSeq"),
    Example("cseq-method-mismatch", FRAGMENT, b"BYE sip:a SIP/2.0\r\nCSeq: 9 ACK\r\n", b"9 ACK",
            "CSeq"),
    Example("sdp-line-malformed", FRAGMENT, b"c: application/sdp\r\n\r\n" + BROKEN, b"nonsense"),
    Example("sdp-line-malformed", FRAGMENT,
            b"SIP/2.0 200 OK\r\nc: application/sdp\r\n\r\n" + BROKEN, b"nonsense"),
    Example("boundary-missing", FRAGMENT, b"c: multipart/x\r\n\r\n--b", b"multipart/x",
            "Content-Type"),
]  # fmt: skip


def listed(message: Any) -> list[tuple[str, str | None, int]]:
    return [(found.code, found.header, found.offset) for found in message.body_defects]


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=lambda example: f"{example.code} {example.body[:24]!r}"
)
def test_a_defect_is_where_it_is(engine: Engine, example: Example) -> None:
    data = carrying(example.body, example.media, *example.fields)
    message = engine.parse(data)
    start = message.body_offset if example.header in (None, "CSeq") else 0
    at = data.index(example.at, start) if example.at else len(data)
    assert listed(message) == [(example.code, example.header, at)]
    assert message.body_defects is message.body_defects
    (found,) = message.body_defects
    fault = FAULTS[example.code]
    assert (found.severity, found.status_hint, found.rfc) == fault[5:3:-1] + fault[3:4]


def test_every_row_has_an_example() -> None:
    rows = {fault.code for fault in BODY_FAULTS}
    of_header = {"media-type-malformed"}
    assert rows - of_header <= {example.code for example in EXAMPLES}


@pytest.mark.parametrize(
    ("media", "body", "fields"),
    [
        (b"application/sdp", OFFER, ()),
        (b"application/sdp", b"", ()),
        (b"a/b", b"\xff", ()),
        (b"text/plain", b"\xff\0", ()),
        (b"text/plain;charset=gbk", "\u5317".encode("gbk"), ()),
        (b"application/sdp", gzip.compress(OFFER), GZIP),
        (MIXED, part(b"application/sdp", OFFER) + b"--b--", ()),
        (MIXED, b"preamble\r\n--b\r\n\r\nx\r\n--b\r\nContent-Type: a/b\r\n--b--\r\nafter", ()),
        (
            b"multipart/related;boundary=\"a ,=/?'()+_-.:b\"",
            b"--a ,=/?'()+_-.:b\n\n\n--a ,=/?'()+_-.:b--",
            (),
        ),
        (MIXED, part(b"application/sdp", base64.b64encode(OFFER), BASE64) + b"--b--", ()),
        (MIXED, nested(b"x", 9), ()),
        (RELAY, b"Signal=5\r\nDuration=160\r\n", ()),
        *((RELAY, b"Signal=" + flash, ()) for flash in (b"16", b"hf", b"!", b"R", b"r", b" HF ")),
        (b"application/dtmf", b"16", ()),
        (PIDF, b"<presence/>", ()),
        (b"application/x+xml", b"<a/>", ()),
        (b"application/conference-info+xml", b"<conference-info xmlns='urn:x'/>", ()),
        (b"Application/MANSCDP+xml", QUERY, ()),
        (ISUP, b"\x0c\x02\x00\x02\x82\x90", ()),
        (ISUP, b"\xfe", ()),
        (FRAGMENT, b"SIP/2.0 100 Trying", ()),
        (FRAGMENT, b"SIP/2.0 503 Service Unavailable\r\nContent-Length: 9\r\n\r\n", ()),
        (FRAGMENT, b"From: <sip:a@b>;tag=1\r\nCSeq: 9 INVITE\r\nContact: *\r\n", ()),
        (FRAGMENT, b"INVITE sip:a@b SIP/2.0\r\nc: application/sdp\r\n\r\n" + OFFER, ()),
    ],
)  # fmt: skip
def test_a_valid_body(engine: Engine, media: bytes, body: bytes, fields: tuple[bytes, ...]) -> None:
    assert listed(engine.parse(carrying(body, media, *fields))) == []


def test_faults_of_the_header_stay_with_the_header(engine: Engine) -> None:
    for media in (b"/sdp", b'text/plain;charset="x'):
        message = engine.parse(carrying(b"x", media))
        assert message.defects
        assert listed(message) == []


def test_without_a_type_or_a_body(engine: Engine) -> None:
    data = carrying(b"nonsense", b"application/sdp")
    assert listed(engine.parse(data.replace(b"c: application/sdp\r\n", b""))) == []
    assert listed(engine.parse(data[: data.index(b"nonsense")].replace(b"h: 8", b"h: 0"))) == []


def test_several_in_their_order(engine: Engine) -> None:
    body = (
        part(RELAY, b"Duration=x")
        + part(b"application/sdp", BROKEN)
        + part(PIDF, base64.b64encode(b"<x/>"), BASE64)
    )
    data = carrying(body, MIXED)
    assert listed(engine.parse(data)) == [
        ("dtmf-signal-malformed", None, data.index(b"Duration=x")),
        ("dtmf-duration-malformed", None, data.index(b"x\r\n--b")),
        ("sdp-line-malformed", None, data.index(b"nonsense")),
        ("xml-root-unexpected", None, data.index(base64.b64encode(b"<x/>"))),
        ("closing-delimiter-missing", None, len(data)),
    ]


def test_what_is_never_answered_has_no_status(engine: Engine) -> None:
    for start in (b"SIP/2.0 200 OK", b"ACK sip:a@b SIP/2.0"):
        data = carrying(BROKEN, b"application/sdp").replace(OPTIONS, start)
        (found,) = engine.parse(data).body_defects
        assert (found.code, found.status_hint) == ("sdp-line-malformed", None)
    (found,) = engine.parse(carrying(BROKEN, b"application/sdp")).body_defects
    assert found.status_hint == 400


def test_defects_of_the_message_are_not_among_them(engine: Engine) -> None:
    message = engine.parse(carrying(BROKEN, b"application/sdp"))
    assert message.defects == ()


def test_not_without_end(engine: Engine) -> None:
    many = part(b"application/sdp", b"v=0" + b"\n" * 900) * 4 + b"--b--"
    assert len(engine.parse(carrying(many, MIXED)).body_defects) == 1000


def test_a_bomb_in_each_part_is_one_bomb(engine: Engine) -> None:
    bomb = gzip.compress(bytes(1 << 20))
    fragment = b"c:a/b\r\ne:gzip\r\n\r\n" + bomb
    for body in (
        part(b"a/b", bomb, b"e: gzip") * 3 + b"--b--",
        part(FRAGMENT, fragment) * 3 + b"--b--",
    ):
        codes = [code for code, _, _ in listed(engine.parse(carrying(body, MIXED)))]
        assert codes == ["body-too-large"] * 2


def test_fragments_within_fragments_end(engine: Engine) -> None:
    (found,) = listed(engine.parse(carrying(b"c:message/sipfrag\r\n\r\n" * 99, FRAGMENT)))
    assert found[0] == "parts-too-deep"


PIECES = st.one_of(
    st.binary(max_size=20),
    st.sampled_from(
        [
            *(b"--b\r\n", b"--b--", b"c:multipart/x;boundary=b\r\n\r\n", b"\r\n", OFFER),
            *(b"nonsense\r\n", b"c:message/sipfrag\r\n\r\n", b"e:gzip\r\n", gzip.compress(BROKEN)),
            *(b"<a>", b"</a>", b"Content-Transfer-Encoding:base64\r\n", b"Signal=5\r\n"),
            *(b"Duration=x\r\n", b"c:application/sdp\r\n\r\n", b"SIP/2.0 200 OK\r\n"),
            b"CSeq: 1 2 3\r\n",
        ]
    ),
)
TYPES = st.sampled_from(
    [b"application/sdp", MIXED, RELAY, PIDF, ISUP, FRAGMENT, b"Application/MANSCDP+xml", b"text/a"]
)


@settings(max_examples=300, deadline=None)
@given(
    media=TYPES,
    body=st.lists(PIECES, max_size=8).map(b"".join),
    fields=st.sampled_from([(), GZIP, (b"e: deflate",)]),
)
def test_any_bytes(
    native: Engine, pure: Engine, media: bytes, body: bytes, fields: tuple[bytes, ...]
) -> None:
    data = carrying(body, media, *fields)
    found = pure.parse(data).body_defects
    assert found == native.parse(data).body_defects
    assert all(0 <= item.offset <= len(data) for item in found)
    assert [item.offset for item in found] == sorted(item.offset for item in found)
    assert sipfast.parse(data).body_defects == found
