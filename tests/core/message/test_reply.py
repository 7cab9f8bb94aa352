"""Responses: what they take from a request, where they go, and when there is none (8.2.6)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from forwarded import odd_requests
from hypothesis import given
from hypothesis import strategies as st
from samples import OPTIONS, RINGING, attempt, sample

import bench_data.corpus
from sipfast import ParseError
from sipfast._engine import Engine, load
from sipfast.errors import parse_error

ROOT = Path(__file__).parents[3]
INVITE = b"\r\n".join(
    [
        b"INVITE sip:bob@example.com SIP/2.0",
        b"v: SIP/2.0/UDP p.example.com:5070;branch=z9hG4bKp",
        b"Record-Route: <sip:p.example.com;lr>, <sip:q.example.com;lr>",
        b"Via: SIP/2.0/UDP desk.example.com;branch=z9hG4bKa;received=192.0.2.9,",
        b"  SIP/2.0/TLS deep.example.com;branch=z9hG4bKb",
        b"Max-Forwards: 68",
        b"Timestamp: 54 0.5",
        b"t: Bob <sip:bob@example.com>",
        b'f: "Alice" <sip:alice@example.com>;tag=88',
        b"i: a1@desk.example.com",
        b"CSeq:  4711   INVITE",
        b"Contact: <sip:alice@desk.example.com>",
        b"Record-Route: <sip:r.example.com;lr>",
        b"Content-Length: 0",
        b"",
        b"",
    ]
)


LOWER_VIAS = (
    "SIP/2.0/UDP desk.example.com;branch=z9hG4bKa;received=192.0.2.9, "
    "SIP/2.0/TLS deep.example.com;branch=z9hG4bKb"
)


@pytest.fixture(autouse=True)
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Random hex digits count 1, 2, 3 instead."""
    drawn = iter(range(1, 100))
    monkeypatch.setattr("secrets.token_hex", lambda size: f"{next(drawn):0{2 * size}x}")


def request_of(engine: Engine, data: bytes = INVITE) -> Any:
    return engine.parse(data)


def test_a_response_has_what_its_request_has(engine: Engine) -> None:
    request = request_of(engine)
    response = request.reply(
        200,
        headers={"Contact": "<sip:bob@192.0.2.4>", "Content-Type": "text/plain"},
        body=b"x",
    )
    assert type(response) is engine.Response
    assert response.raw.decode().split("\r\n") == [
        "SIP/2.0 200 OK",
        "Via: SIP/2.0/UDP p.example.com:5070;branch=z9hG4bKp",
        f"Via: {LOWER_VIAS}",
        "Record-Route: <sip:p.example.com;lr>, <sip:q.example.com;lr>",
        "Record-Route: <sip:r.example.com;lr>",
        'From: "Alice" <sip:alice@example.com>;tag=88',
        "To: Bob <sip:bob@example.com>;tag=00000001",
        "Call-ID: a1@desk.example.com",
        "CSeq: 4711   INVITE",
        "Contact: <sip:bob@192.0.2.4>",
        "Content-Type: text/plain",
        "Content-Length: 1",
        "",
        "x",
    ]
    assert response.client_transaction_key == request.client_transaction_key


def test_a_100_has_the_timestamp_and_no_tag(engine: Engine) -> None:
    response = request_of(engine).reply(100)
    assert (response.to.tag, response.headers["Timestamp"]) == (None, "54 0.5")
    assert "Record-Route" not in response.headers
    assert request_of(engine).reply(100, to_tag="x").to.tag == "x"
    assert "Timestamp" not in request_of(engine).reply(180).headers


def test_all_responses_to_a_request_have_one_tag(engine: Engine) -> None:
    request = request_of(engine)
    tags = {request.reply(status).to.tag for status in (180, 183, 200, 486)}
    assert tags == {"00000001"}
    assert request_of(engine).reply(180).to.tag == "00000002"
    assert request.reply(180, to_tag="mine").to.tag == "mine"
    assert request.reply(180, to_tag=None).to.tag is None


def test_a_tag_that_is_there_stays(engine: Engine) -> None:
    request = request_of(engine, sample(To=b"<sip:b>;x=1;TAG=there"))
    for tag in (..., None, "other"):
        assert request.reply(200, to_tag=tag).headers["To"] == "<sip:b>;x=1;TAG=there"


def test_a_malformed_to_stays(engine: Engine) -> None:
    for method in (b"OPTIONS", b"INVITE"):
        request = request_of(engine, sample(method + b" sip:b SIP/2.0", To=b"<sip:b"))
        for status in (180, 400):
            assert request.reply(status, to_tag="x").headers["To"] == "<sip:b"


@pytest.mark.parametrize(
    ("method", "status", "to", "count"),
    [
        ("INVITE", 100, "<sip:b>", 0),
        ("INVITE", 101, "<sip:b>", 1),
        ("INVITE", 299, "<sip:b>", 1),
        ("INVITE", 300, "<sip:b>", 0),
        ("INVITE", 200, "<sip:b>;tag=1", 0),
        ("SUBSCRIBE", 202, "<sip:b>", 1),
        ("REFER", 202, "<sip:b>", 1),
        ("NOTIFY", 200, "<sip:b>", 1),
        ("OPTIONS", 200, "<sip:b>", 0),
        ("BYE", 200, "<sip:b>", 0),
    ],
)
def test_record_route_is_for_dialogs(
    engine: Engine, method: str, status: int, to: str, count: int
) -> None:
    start = f"{method} sip:bob@example.com SIP/2.0".encode()
    data = sample(start, b"Record-Route: <sip:p;lr>", To=to.encode())
    assert len(request_of(engine, data).reply(status).record_routes) == count


def test_an_ack_is_never_answered(engine: Engine) -> None:
    with pytest.raises(ValueError, match="an ACK is never answered"):
        request_of(engine, sample(b"ACK sip:b SIP/2.0")).reply(481)


@pytest.mark.parametrize("name", ["Via", "From", "To", "Call_ID", "CSeq"])
def test_a_missing_field_is_named(engine: Engine, name: str) -> None:
    absent: dict[str, Any] = {name: None}
    with pytest.raises(ParseError) as caught:
        request_of(engine, sample(**absent)).reply(200)
    error = caught.value
    assert (error.code, error.header) == ("header-missing", name.replace("_", "-"))


@pytest.mark.parametrize(
    "name", ["Via", "v", "From", "to", "Call-ID", "CSeq", "Record-Route", "Timestamp"]
)
def test_what_is_copied_cannot_be_given(engine: Engine, name: str) -> None:
    status = 100 if name == "Timestamp" else 180
    with pytest.raises(ValueError, match=f"the message has a {name} already"):
        request_of(engine).reply(status, headers={name: "x"})


@pytest.mark.parametrize("tag", ["", "a b", "a;b", "a\r\nVia: c", "a\0", "a,b", '"a"', "\xe9"])
def test_a_tag_that_reads_as_more_is_refused(engine: Engine, tag: str) -> None:
    with pytest.raises(ParseError):
        request_of(engine).reply(180, to_tag=tag)


def test_other_arguments_are_checked(engine: Engine) -> None:
    request = request_of(engine)
    for reason in ("a\r\nb", "a\nb", "a\0"):
        with pytest.raises(ParseError):
            request.reply(200, reason)
    for headers in ({"X": "a\r\nVia: b"}, {"X\r\nVia": "b"}, [("X", "a\0")]):
        with pytest.raises(ParseError):
            request.reply(200, headers=headers)
    with pytest.raises(ValueError, match="a body needs a Content-Type"):
        request.reply(200, body=b"x")
    with pytest.raises(ParseError):
        request.reply(99)
    with pytest.raises(TypeError, match="to_tag must be str, not int"):
        request.reply(200, to_tag=5)


def test_nul_is_not_reflected(engine: Engine) -> None:
    with pytest.raises(ParseError) as caught:
        request_of(engine, sample(From=b"<sip:a>;tag=\0")).reply(200)
    assert (caught.value.code, caught.value.header) == ("value-control", "From")


# ---- both ways to write a response ---------------------------------------------------------------


def answers(request: Any) -> list[Any]:
    """Responses to a request, or what is raised in their place."""
    sdp = {"Contact": "<sip:bob@192.0.2.4>", "Content-Type": "application/sdp"}
    options: list[dict[str, Any]] = [
        {"status": 100},
        {"status": 180, "reason": "Ringing, \xe9"},
        {"status": 200, "to_tag": None, "source": ("192.0.2.1", 5060)},
        {"status": 200, "headers": sdp, "body": b"v=0\r\n\0", "source": ("2001:db8::1", 5060)},
        {"status": 486, "reason": "", "headers": [("X-A", "1"), ("X-A", "2")]},
    ]
    found: list[Any] = []
    for one in options:
        try:
            found.append(request.reply(one.pop("status"), **{"to_tag": "x", **one}))
        except (ParseError, ValueError) as error:
            found.append(repr(error))
    return found


def assert_one_way(engine: Engine, data: bytes) -> None:
    """A buffer that may change is answered field by field, as is what is odd."""
    try:
        requests: list[Any] = [engine.parse(data), engine.parse(bytearray(data))]
    except ParseError:
        return
    if type(requests[0]) is not engine.Request:
        return
    one, other = answers(requests[0]), answers(requests[1])
    assert one == other
    for response in one:
        if isinstance(response, str):
            continue
        again: Any = engine.parse(response.raw)
        assert response._dump() == again._dump()
        assert list(response.headers.items()) == list(again.headers.items())
        assert (response.status, response.reason) == (again.status, again.reason)
        assert (response.content_length, response.is_complete) == (len(again.body), True)
        assert response.defects == again.defects


def test_responses_to_all_messages_are_written_in_one_way(engine: Engine) -> None:
    for path in sorted((ROOT / "bench_data/messages").rglob("*.sip")):
        assert_one_way(engine, path.read_bytes())
    for name in ("invite", "mixed", "register", "small"):
        path = ROOT / "bench_data" / f"{name}.sip"
        for data in bench_data.corpus.load(path)[:200]:
            assert_one_way(engine, data)


@pytest.mark.parametrize(
    "data",
    [
        INVITE,
        sample(),
        sample(Call_ID=b""),
        sample(Via=b""),
        sample(To=b"<sip:a\xff>"),
        sample(To=b"<sip:a>;x=\0"),
        sample(OPTIONS, b"Subject: \0"),
        sample(line_end=b"\n"),
        b"\r\n\r\n" + sample(OPTIONS, To=b"<sip:b>", Max_Forwards=None) + b"more",
        sample(b"INVITE sip:b SIP/2.0", *[b"Record-Route: <sip:%d;lr>" % i for i in range(40)]),
        sample(OPTIONS, *[b"Via: SIP/2.0/UDP h%d" % i for i in range(300)], To=b"<sip:b>"),
        sample(OPTIONS, *[b"v: SIP/2.0/UDP h%d" % i for i in range(17)], To=b"<sip:b>"),
        sample(OPTIONS, *[b"v: SIP/2.0/UDP h%d" % i for i in range(18)], To=b"<sip:b>"),
        sample(OPTIONS, *[b"v: SIP/2.0/UDP h%d" % i for i in range(19)], To=b"<sip:b>"),
        sample(OPTIONS, b"To: <sip:c>", b"From: <sip:c>", b"CSeq: 9 X", To=b"<sip:b>"),
        sample(OPTIONS, b"Via:  , SIP/2.0/UDP h, ", Via=None),
    ],
)
def test_odd_requests_are_answered_in_one_way(engine: Engine, data: bytes) -> None:
    assert_one_way(engine, data)


def test_both_engines_write_the_same_responses(native: Engine, pure: Engine) -> None:
    for data in [INVITE, sample(), *bench_data.corpus.load(ROOT / "bench_data/mixed.sip")[:200]]:
        ours: list[Any] = [one.parse(data) for one in (native, pure)]
        if type(ours[0]) is native.Request:
            made = [[getattr(one, "raw", one) for one in answers(each)] for each in ours]
            assert made[0] == made[1]


# ---- where a response goes -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("via", "source", "answered"),
    [
        ("h", ("192.0.2.1", 9), "h;received=192.0.2.1"),
        ("h:5070;branch=1", ("192.0.2.1", 9), "h:5070;branch=1;received=192.0.2.1"),
        ("192.0.2.1", ("192.0.2.1", 9), "192.0.2.1"),
        ("192.0.2.2", ("192.0.2.1", 9), "192.0.2.2;received=192.0.2.1"),
        ("192.0.2.1;rport", ("192.0.2.1", 9), "192.0.2.1;received=192.0.2.1;rport=9"),
        ("h;rport;branch=1", ("192.0.2.1", 9), "h;branch=1;received=192.0.2.1;rport=9"),
        ("h;rport=7;branch=1", ("192.0.2.1", 9), "h;branch=1;received=192.0.2.1;rport=9"),
        ("h;received=6.6.6.6;a", ("192.0.2.1", 9), "h;a;received=192.0.2.1"),
        ("h ; Received = 6.6.6.6 ; a", ("192.0.2.1", 9), "h ; a;received=192.0.2.1"),
        ("192.0.2.1;received=6.6.6.6", ("192.0.2.1", 9), "192.0.2.1"),
        ("h;received=6;received=7;rport;rport=8", ("192.0.2.1", 9), "h;received=192.0.2.1;rport=9"),
        ('h;x="a;received=1,";a', ("192.0.2.1", 9), 'h;x="a;received=1,";a;received=192.0.2.1'),
        ("[2001:db8::1]", ("2001:0DB8::1", 9, 0, 0), "[2001:db8::1]"),
        ("h", ("fe80::1%eth0", 9, 0, 2), "h;received=fe80::1"),
        ("192.0.2.1", ("::ffff:192.0.2.1", 9, 0, 0), "192.0.2.1"),
        ("h", ("::ffff:192.0.2.1", 9, 0, 0), "h;received=192.0.2.1"),
        (
            "h, SIP/2.0/UDP g;rport=1",
            ("192.0.2.1", 9),
            "h;received=192.0.2.1, SIP/2.0/UDP g;rport=1",
        ),
    ],
)
def test_the_source_is_put_into_the_top_via(
    engine: Engine, via: str, source: Any, answered: str
) -> None:
    request = request_of(engine, sample(Via=f"SIP/2.0/UDP {via}".encode()))
    response = request.reply(200, source=source)
    assert response.headers["Via"] == f"SIP/2.0/UDP {answered}"
    assert request.reply(200).headers["Via"] == f"SIP/2.0/UDP {via}"


def test_a_folded_via_gets_the_source_too(engine: Engine) -> None:
    request = request_of(engine, sample(Via=b", SIP/2.0/UDP h;\r\n\trport ;\r\n x, SIP/2.0/UDP g"))
    via = ", SIP/2.0/UDP h; x;received=192.0.2.1;rport=9, SIP/2.0/UDP g"
    assert request.reply(200, source=("192.0.2.1", 9)).headers["Via"] == via


def test_a_source_is_an_address(engine: Engine) -> None:
    request = request_of(engine)
    for source in (("h", 5), ("192.0.2.1\r\n", 5), ("", 5), ("192.0.2.1", 65536), ("1.2.3.4", -1)):
        with pytest.raises(ValueError, match=r"\w"):
            request.reply(200, source=source)
    for odd in (("192.0.2.1", "5"), (5, 5), (b"192.0.2.1", 5)):
        with pytest.raises(TypeError, match="source must be a host and a port"):
            request.reply(200, source=odd)


def test_a_malformed_via_has_no_place_for_it(engine: Engine) -> None:
    for via in (b"SIP/2.0 h", b'SIP/2.0/UDP h;x="a', b",", b""):
        with pytest.raises(ParseError):
            request_of(engine, sample(Via=via)).reply(200, source=("192.0.2.1", 5))


# ---- faults --------------------------------------------------------------------------------------


def fault_of(engine: Engine, data: bytes) -> ParseError:
    error = attempt(engine, data)
    assert isinstance(error, ParseError)
    return error


def reply_to(engine: Engine, *arguments: Any, **options: Any) -> Any:
    return engine.module("message.reply").reply_to(*arguments, **options)


LONG = b"X-Long: " + b"x" * 80


@pytest.mark.parametrize(
    ("data", "status", "reason"),
    [
        (sample(OPTIONS, LONG, b"no colon"), 400, "Missing colon in header field"),
        (sample(OPTIONS, LONG, b"X X: y"), 400, "Malformed header field name"),
        (sample(OPTIONS, LONG, Content_Length=b"x"), 400, "Malformed Content-Length"),
        (sample(b"OPTIONS sip:bob@example.com", LONG), 400, "Malformed SIP version"),
        (sample(b"OPTIONS sip:bob@example.com SIP/x", LONG), 400, "Malformed SIP version"),
        (sample(OPTIONS, LONG, b"X: a\rb"), 400, "Carriage return without line feed"),
        (sample(OPTIONS, LONG)[:-2], 400, "Missing blank line after header"),
        (sample(OPTIONS, LONG, b"no", line_end=b"\n"), 400, "Missing colon in header field"),
    ],
)
def test_what_cannot_be_parsed_is_answered(
    engine: Engine, data: bytes, status: int, reason: str
) -> None:
    for buffer in (data, bytearray(data), memoryview(data)):
        response = reply_to(engine, fault_of(engine, data), buffer, to_tag="x")
        assert type(response) is engine.Response
        assert (response.status, response.reason) == (status, reason)
        assert response.headers["Call-ID"] == "kc9fh4lsa@desk.example.com"
        assert response.headers["To"] == "Bob <sip:bob@example.com>;tag=8321234356"
        assert not response.defects


def test_limits_are_answered(engine: Engine) -> None:
    data = sample(OPTIONS, LONG)
    with pytest.raises(ParseError) as caught:
        engine.parse(data, limits=engine.Limits(line=20))
    assert reply_to(engine, caught.value, data).status == 513


def test_a_defect_is_answered(engine: Engine) -> None:
    message: Any = engine.parse(sample(OPTIONS, LONG, CSeq=b"1 INVITE", To=b"<sip:b>"))
    (defect,) = [one for one in message.defects if one.code == "cseq-method-mismatch"]
    for data in (message, message.raw):
        response = reply_to(engine, defect, data, source=("192.0.2.1", 9), headers={"X": "y"})
        assert response.raw.decode().split("\r\n")[:6] == [
            "SIP/2.0 400 Mismatched CSeq method",
            "Via: SIP/2.0/UDP desk.example.com:5060;branch=z9hG4bKnashds8;received=192.0.2.1",
            'From: "Alice" <sip:alice@example.com>;tag=a73kszlfl',
            f"To: <sip:b>;tag={response.to.tag}",
            "Call-ID: kc9fh4lsa@desk.example.com",
            "CSeq: 1 INVITE",
        ]


BAD = b"no colon"


@pytest.mark.parametrize(
    "data",
    [
        sample(RINGING, LONG, BAD),
        sample(b"ACK sip:b SIP/2.0", LONG, BAD),
        sample(OPTIONS, LONG, BAD, CSeq=b"1 ACK"),
        sample(OPTIONS, LONG, BAD, CSeq=b"x"),
        sample(OPTIONS, LONG, BAD, Via=b"SIP/2.0 h"),
        sample(OPTIONS, LONG, BAD, From=b"<sip:a>;tag=\0"),
        sample(OPTIONS, LONG, BAD, Call_ID=b"a\rb"),
        sample(OPTIONS, LONG, BAD, Via=None),
        sample(OPTIONS, LONG, BAD, From=None),
        sample(OPTIONS, LONG, BAD, To=None),
        sample(OPTIONS, LONG, BAD, Call_ID=None),
        sample(OPTIONS, LONG, BAD, CSeq=None),
        sample(OPTIONS, LONG).partition(b"63104")[0] + b"63",
        b"hello\r\n\r\n",
        b"",
        b"\r\n\r\n",
        b"\0" * 40,
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_what_gives_no_response(engine: Engine, data: bytes) -> None:
    error = attempt(engine, data)
    if not isinstance(error, ParseError):
        error = parse_error("header-without-colon", 0)
    assert reply_to(engine, error, data) is None


def test_a_fault_without_a_status_is_not_answered(engine: Engine) -> None:
    message: Any = engine.parse(sample(OPTIONS, LONG, Max_Forwards=None))
    (defect,) = message.defects
    assert defect.status_hint is None
    assert reply_to(engine, defect, message) is None


def test_no_response_is_longer_than_what_it_answers(engine: Engine) -> None:
    short = sample(b"OPTIONS sip:a SIP/2.0", BAD, Max_Forwards=None, Content_Length=None)
    short = short.replace(b"From:", b"f:").replace(b"Call-ID:", b"i:").replace(b"Via:", b"v:")
    assert reply_to(engine, fault_of(engine, short), short) is None
    longer = short.replace(BAD, BAD + b"x" * 80)
    assert len(reply_to(engine, fault_of(engine, longer), longer).raw) <= len(longer)


def test_a_fault_is_one(engine: Engine) -> None:
    with pytest.raises(TypeError, match="fault must be ParseError or Defect, not str"):
        reply_to(engine, "bad", b"")
    with pytest.raises(TypeError):
        reply_to(engine, parse_error("bare-cr", 0), "text")


def check_bytes(engine: Engine, data: bytes) -> bytes | None:
    """What any bytes are answered with is a response that parses, and has no second reading."""
    error = parse_error("bare-cr", 0)
    response = reply_to(engine, error, data, to_tag="x", source=("192.0.2.1", 9))
    if response is None:
        return None
    raw = bytes(response)
    assert len(raw) <= len(data)
    assert raw.startswith(b"SIP/2.0 400 ")
    assert raw.count(b"\r\n\r\n") == 1
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n|\0", raw)
    return raw


LINES = st.sampled_from(
    [*sample(OPTIONS, LONG, b" folded", BAD).split(b"\r\n"), b"v: SIP/2.0/UDP h, ,", b"\tx", b"t:"]
)
ENDS = st.sampled_from([b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b"\n\r", b"\0"])
DAMAGED = st.builds(
    lambda start, pairs: b"".join([start, *[line + end for line, end in pairs]]),
    st.sampled_from([OPTIONS + b"\r\n", b"INVITE \r\n", b"ACK a\n", b""]),
    st.lists(st.tuples(LINES, ENDS), max_size=12),
)


@given(DAMAGED)
def test_damaged_requests(data: bytes) -> None:
    check_bytes(load("pure"), data)


@given(DAMAGED)
def test_damaged_requests_are_answered_alike(native: Engine, pure: Engine, data: bytes) -> None:
    assert check_bytes(native, data) == check_bytes(pure, data)


@given(
    odd_requests(),
    st.sampled_from([("192.0.2.77", 9), ("::ffff:192.0.2.77", 1), ("2001:db8::1", 5)]),
)
def test_the_source_is_noted_as_by_values(
    engine: Engine, data: bytes, source: tuple[str, int]
) -> None:
    """Both ways to write the top Via give the same."""
    message: Any = attempt(engine, data)
    if isinstance(message, ParseError):
        return
    try:
        found = engine.module("message.forward").via_with_source(message, source)
    except ParseError:
        return
    if found is not None:
        with_source = engine.module("message.received").with_source
        expected = with_source(message.headers["Via"], message.via, source)
        assert found == expected.rstrip().encode("utf-8", "surrogateescape")


def test_a_reply_to_a_request_whose_first_via_field_is_empty(engine: Engine) -> None:
    data = sample(OPTIONS, b"Via: SIP/2.0/UDP h;branch=z9hG4bKa", Via=b",")
    with pytest.raises(ParseError, match="Malformed Via"):
        attempt(engine, data).reply(400, source=("192.0.2.9", 5))


def test_a_reply_notes_the_source_of_a_request_whose_body_is_cut(engine: Engine) -> None:
    data = sample(OPTIONS, Via=b"SIP/2.0/UDP h;rport;branch=z9hG4bKa", Content_Length=b"9")
    reply: Any = attempt(engine, data).reply(400, source=("192.0.2.9", 5))
    assert str(reply.via) == "SIP/2.0/UDP h;branch=z9hG4bKa;received=192.0.2.9;rport=5"
