"""The columns of one message: its parts, its facts, its error."""

from __future__ import annotations

from typing import Any

import pytest

import sipfast
from sipfast._engine import Engine
from sipfast.capture import Record
from sipfast.columns import COLUMNS, ColumnError
from sipfast.columns.names import DEFAULT, TEXT, TEXTS, TYPE_NAMES, column_of, columns_of
from sipfast.columns.values import FACTS, PARTS, Row, row

SDP = b"\r\n".join(
    (
        b"v=0",
        b"o=- 1 1 IN IP4 192.0.2.1",
        b"s=-",
        b"c=IN IP4 192.0.2.9",
        b"t=0 0",
        b"a=inactive",
        b"m=audio 4002 RTP/AVP 8 96 13",
        b"a=rtpmap:96 opus/48000/2",
        b"a=recvonly",
        b"m=video 0 RTP/AVP 31",
        b"",
    )
)
INVITE = (
    b"INVITE sip:b%%6Fb@Example.com:5070;lr SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP [2001:db8::1]:5060;branch=z9hG4bK1, SIP/2.0/TCP later.example.com\r\n"
    b"v: SIP/2.0/TCP last.example.com;branch=z9hG4bK2\r\n"
    b'From: "Alice \\"A\\" \xe6\x97\xa5" <sip:al%%20ice;day=1@example.com>;tag=1a\r\n'
    b"t: Bob\r\n <tel:+1-(555)-0100;phone-context=x>;tag=2b\r\n"
    b"Call-ID: 1@Host\r\n"
    b"CSeq: 4294 INVITE\r\n"
    b"Contact: <sips:al@192.0.2.1>;expires=60, <sip:x@192.0.2.2>;expires=9\r\n"
    b"Expires: 3600\r\n"
    b"User-Agent: Desk/2\r\n   (build 7)\r\n"
    b"Server: Other\r\n"
    b'Reason: SIP;text="no cause", Q.850;cause=16\r\n'
    b"X-Foo: one\r\n"
    b"x-foo: two\r\n"
    b"Content-Type: Application/SDP;charset=x\r\n"
    b"Content-Length: %d\r\n"
    b"\r\n"
    b"%s"
) % (len(SDP), SDP)
RECORD = Record(
    memoryview(INVITE),
    *(86, 7, 1_700_000_000_000_000_001, "192.0.2.7", 5060, "2001:db8::7", 5062, "UDP"),
    file="trace.pcap",
)
OF_INVITE: dict[str, Any] = {
    "file": "trace.pcap",
    "packet": 7,
    "offset": 86,
    "time": 1_700_000_000_000_000_001,
    "transport": "UDP",
    "source_address": "192.0.2.7",
    "source_port": 5060,
    "destination_address": "2001:db8::7",
    "destination_port": 5062,
    "is_request": True,
    "method": "INVITE",
    "status": None,
    "reason": None,
    "call_id": "1@Host",
    "cseq_number": 4294,
    "cseq_method": "INVITE",
    "from_display": 'Alice "A" \u65e5',
    "from_user": "al ice;day=1",
    "from_host": "example.com",
    "from_tag": "1a",
    "to_display": "Bob",
    "to_user": "+15550100",
    "to_host": None,
    "to_tag": "2b",
    "uri": "sip:b%6Fb@Example.com:5070;lr",
    "uri_user": "bob",
    "uri_host": "Example.com",
    "via_host": "[2001:db8::1]",
    "via_branch": "z9hG4bK1",
    "via_count": 3,
    "contact_user": "al",
    "contact_host": "192.0.2.1",
    "contact_expires": 60,
    "expires": 3600,
    "user_agent": "Desk/2 (build 7)",
    "content_type": "application/sdp",
    "body_length": len(SDP),
    "sdp_address": "192.0.2.9",
    "sdp_port": 4002,
    "sdp_codecs": ("PCMA", "opus", "CN"),
    "sdp_direction": "recvonly",
    "reason_cause": None,
    "retransmission": False,
    "duplicate": False,
    "error": None,
    "error_offset": None,
    "header:x-FOO": "one",
    "headers:X-Foo": ("one", "two"),
    "header:v": ("SIP/2.0/UDP [2001:db8::1]:5060;branch=z9hG4bK1, SIP/2.0/TCP later.example.com"),
    "header:absent": None,
    "headers:absent": None,
}
OPTIONS = b"OPTIONS sip:h SIP/2.0\r\n%s\r\n"
BUSY = b"SIP/2.0 486 Busy Here\r\nServer: Other\r\nReason: Q.850;cause=17\r\n\r\n"


def values_of(engine: Engine, data: bytes, *names: str, record: Record = RECORD) -> dict[str, Any]:
    """The columns of a message, by name."""
    message: Any
    try:
        message = engine.parse(data)
    except sipfast.ParseError as error:
        message = error
    record = record._replace(data=memoryview(data))
    return dict(zip(names, row(message, record, names), strict=True))


def test_every_column_has_its_value(engine: Engine) -> None:
    assert values_of(engine, INVITE, *OF_INVITE) == OF_INVITE
    codes = tuple(defect.code for defect in engine.parse(INVITE).defects)
    assert codes
    assert values_of(engine, INVITE, "defects") == {"defects": codes}
    assert COLUMNS.keys() <= {*OF_INVITE, "defects"}


def test_every_column_is_defined_once() -> None:
    of_others = {"retransmission", "duplicate", "defects", "error", "error_offset"}
    assert FACTS.keys() | PARTS.keys() | of_others == COLUMNS.keys()
    assert not FACTS.keys() & PARTS.keys()
    assert all(0 <= column.type < len(TYPE_NAMES) for column in COLUMNS.values())
    assert set(COLUMNS) - set(DEFAULT) == {"retransmission", "duplicate", "defects"}


def test_a_response(engine: Engine) -> None:
    names = ("is_request", "method", "status", "reason", "uri", "uri_user", "user_agent")
    found = values_of(engine, BUSY, *names, "reason_cause", "body_length", "call_id", "sdp_port")
    assert tuple(found.values()) == (
        *(False, None, 486, "Busy Here", None, None, "Other"),
        *(17, 0, None, None),
    )


@pytest.mark.parametrize(
    ("field", "name", "value"),
    [
        (b"Contact: *\r\n", "contact_user", None),
        (b"From: <sip:h>\r\n", "from_user", None),
        (b"From: <urn:service:sos>\r\n", "from_host", None),
        (b'From: "" <sip:h>\r\n', "from_display", ""),
        (b"From: sip:a@h;tag=x\r\n", "from_tag", "x"),
        (b"From: <sip:a@h;tag=x>\r\n", "from_tag", None),
        (b"User-Agent:\r\nServer: x\r\n", "user_agent", ""),
        (b"Content-Type: text/plain\r\n", "sdp_address", None),
        (b"f: <sip:a@h>;tag=1\r\nFrom: <sip:b@h>\r\n", "from_user", "a"),
    ],
)
def test_a_rare_value(engine: Engine, field: bytes, name: str, value: Any) -> None:
    assert values_of(engine, OPTIONS % field, name, "error") == {name: value, "error": None}


def test_a_session_without_media(engine: Engine) -> None:
    session = b"v=0\r\nc=IN IP6 2001:db8::2\r\na=sendonly\r\n"
    data = OPTIONS % b"Content-Type: application/sdp\r\n" + session
    names = ("sdp_address", "sdp_port", "sdp_codecs", "sdp_direction")
    assert tuple(values_of(engine, data, *names).values()) == (
        *("2001:db8::2", None, None, "sendonly"),
    )


# ---- errors --------------------------------------------------------------------------------------


def test_what_cannot_be_parsed_has_its_facts_and_its_error(engine: Engine) -> None:
    found = values_of(engine, b"\r\nINVITE sip:h SIP/2.0\r\nX\r\n\r\n", *COLUMNS)
    assert (found["error"], found["error_offset"]) == ("header-without-colon", 24)
    assert {name for name, value in found.items() if value is not None} == {
        *FACTS,
        *("duplicate", "error", "error_offset"),
    }


MALFORMED = OPTIONS % b"CSeq: x OPTIONS\r\nFrom: <bad>;tag=1\r\nExpires: y\r\nX: \xff\r\n"


@pytest.mark.parametrize(
    ("asked", "code", "at"),
    [
        (("method",), None, None),
        (("expires",), "number-malformed", b"y\r"),
        (("expires", "cseq_number"), "cseq-malformed", b"x OPT"),
        (("expires", "from_user"), "uri-scheme-missing", b"bad"),
        (("expires", "from_tag"), "number-malformed", b"y\r"),
        (("header:X",), "text-encoding-malformed", b"\xff"),
        (("header:X", "expires"), "number-malformed", b"y\r"),
    ],
)
def test_the_error_is_of_the_first_column_asked_for(
    engine: Engine, asked: tuple[str, ...], code: str | None, at: bytes
) -> None:
    found = values_of(engine, MALFORMED, "error_offset", *asked, "error")
    assert found["error"] == code
    assert found["error_offset"] == (None if at is None else MALFORMED.index(at))
    if code is not None and "header:X" not in asked:
        assert found["from_tag" if "from_tag" in asked else asked[0]] == (
            "1" if "from_tag" in asked else None
        )


@pytest.mark.parametrize(
    ("data", "name", "value", "at"),
    [
        (OPTIONS % b"f: <sip:\xffa@h>;tag=1\r\nTo: <sip:b@h>\r\n", "from_tag", "1", None),
        (OPTIONS % b"To: \xc3\xa4 <sip:a@h>;tag=\xe4\r\n", "to_tag", "\ufffd", b"\xe4"),
        (OPTIONS % b"To: <sip:%e4@h>\r\n", "to_user", "\ufffd", b"<sip:%e4"),
        (OPTIONS % b"To: <sip:%c3%a4@h>\r\n", "to_user", "\u00e4", None),
        (OPTIONS % b"Server: a\xf0\x9f\x98 b\r\n", "user_agent", "a\ufffd b", b"\xf0"),
        (b"SIP/2.0 200 \xe4\r\n\r\n", "reason", "\ufffd", b"\xe4"),
        (b"SIP/2.0 200 \xc3\xa4\r\n\r\n", "reason", "\u00e4", None),
        (
            OPTIONS % b"Content-Type: application/sdp\r\nX: \xe4\r\n"
            + b"v=0\r\nm=audio 1 RTP/AVP 96\r\na=rtpmap:96 \xe5/8000\r\n",
            *("sdp_codecs", ("\ufffd",), b"\xe5"),
        ),
        (OPTIONS % b"X: a\r\nX: b\xff\xfe\r\n", "headers:X", ("a", "b\ufffd\ufffd"), b"\xff"),
    ],
)
def test_text_other_than_utf8_is_replaced_and_said(
    engine: Engine, data: bytes, name: str, value: Any, at: bytes | None
) -> None:
    found = values_of(engine, data, name, "error", "error_offset")
    error = (None, None) if at is None else ("text-encoding-malformed", data.index(at))
    assert tuple(found.values()) == (value, *error)


def test_a_path_may_have_any_bytes(engine: Engine) -> None:
    record = RECORD._replace(file="a\udcff")
    assert values_of(engine, BUSY, "file", "error", record=record) == {
        "file": "a\ufffd",
        "error": None,
    }


# ---- defects and repeats -------------------------------------------------------------------------


def test_defects_are_those_of_the_packet(engine: Engine) -> None:
    data = OPTIONS % b"Content-Length: 1\r\n" + b"ab"
    (apart,) = values_of(engine, data, "defects").values()
    assert apart[-1] == "body-too-long"
    in_file = RECORD._replace(transport=None)
    assert values_of(engine, data, "defects", record=in_file) == {"defects": apart[:-1]}
    crlf = data[:-1] + b"\r\n\r\n"
    assert values_of(engine, crlf, "defects") == {"defects": apart[:-1]}


def test_whoever_cut_a_message_has_the_defect(engine: Engine) -> None:
    data = OPTIONS % b"Content-Length: 9\r\n" + b"ab"
    (whole,) = values_of(engine, data, "defects").values()
    assert "body-too-short" in whole
    (cut,) = values_of(engine, data, "defects", record=RECORD._replace(is_cut=True)).values()
    assert cut == tuple(code for code in whole if code != "body-too-short")


def test_repeats(engine: Engine) -> None:
    read = Row(("retransmission", "duplicate")).read
    message, other = engine.parse(INVITE), engine.parse(INVITE.replace(b"K1", b"K2"))
    refused = sipfast.ParseError("not-sip", 0)
    steps = [
        (message, 0, [False, False]),
        (message, 1_000_000, [False, True]),
        (message, 500_000_000, [True, False]),
        (other, 600_000_000, [False, False]),
        (message, 40_000_000_000, [False, False]),
        (message, None, [None, None]),
    ]
    for sent, after, expected in steps:
        time_ns = None if after is None else 1_700_000_000_000_000_000 + after
        record = RECORD._replace(data=memoryview(sent.raw), time_ns=time_ns)
        assert read(sent, record) == expected, after
    junk = RECORD._replace(data=memoryview(b"junk"))
    assert read(refused, junk) == [None, False]
    assert read(refused, junk) == [None, True]


# ---- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("stauts", "unknown column 'stauts'; did you mean status?"),
        ("user", "unknown column 'user'; did you mean"),
        ("From-Tag", "unknown column 'From-Tag'; did you mean from_tag"),
        ("P-Asserted-Identity", "; a header field is 'header:P-Asserted-Identity'"),
        ("header:", "; a header field is header:NAME or headers:NAME"),
        ("header:a b", "; a header field is header:NAME or headers:NAME"),
        ("\u00e9" * 100, "unknown column '" + "\u00e9" * 60 + "'"),
    ],
)
def test_unknown_names(name: str, text: str) -> None:
    with pytest.raises(ColumnError) as caught:
        column_of(name)
    assert text in str(caught.value)


def test_header_columns() -> None:
    assert column_of("header:X-Foo").type == TEXT
    assert column_of("headers:Via").type == TEXTS


def test_lists_of_names() -> None:
    assert [column.name for column in columns_of(None)] == list(DEFAULT)
    assert [column.name for column in columns_of(["status", "file"])] == ["status", "file"]
    for names, error, text in (
        (["status", "status"], ColumnError, "'status' is asked for twice"),
        ([], ColumnError, "at least one column"),
        ("status", TypeError, "must be a list of names, not str"),
        ([1], TypeError, "must be str, not int"),
    ):
        with pytest.raises(error, match=text):
            columns_of(names)  # type: ignore[arg-type]
