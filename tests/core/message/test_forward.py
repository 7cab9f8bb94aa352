"""Forwarding is the same as doing it by hand with a draft, byte for byte (RFC 3261 16.6, 16.7)."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from forwarded import ADDRESSES, ELEMENT, TARGETS, corpus, odd_requests, requests, signed
from forwarding import OUR_VIA, SOURCE, Element, Refused, forwarded_by_hand
from hypothesis import given
from hypothesis import strategies as st
from samples import attempt, sample

from sipfast import ParseError, capture
from sipfast._engine import Engine


def outcome(work: Any) -> Any:
    """The bytes, the code of a fault, or the error of a value that cannot be read."""
    try:
        return work()
    except Refused as refused:
        return str(refused)
    except ParseError as error:
        return error


def assert_alike(
    engine: Engine,
    message: Any,
    target: str | None,
    element: Element = ELEMENT,
    *,
    source: tuple[Any, ...] = SOURCE,
    record_routed: bool = False,
    pair: tuple[Element, ...] = (),
    connection: int | None = None,
    fork: int = 0,
    trusted: bool = True,
) -> bytes | None:
    """The forwarded bytes, if they are those by hand; None if both refuse."""
    hop = element.hop(engine)
    hops = tuple(hop if one == element else one.hop(engine) for one in pair)
    result = outcome(
        lambda: message.forward(
            target,
            via=hop,
            source=source,
            record_route=hops if pair else hop if record_routed else None,
            connection=connection,
            fork=fork,
            trusted=trusted,
        )
    )
    written = result if isinstance(result, bytes) else None
    by_hand = outcome(
        lambda: forwarded_by_hand(
            engine,
            message.raw,
            target,
            written,
            element,
            source=source,
            record_routed=record_routed or bool(pair),
            pair=pair,
            trusted=trusted,
        )
    )
    if written is None:
        assert isinstance(by_hand, ParseError) or by_hand == result.code
        return None
    assert type(result) is bytes
    assert result == by_hand
    forwarded: Any = engine.parse(written)
    ours = OUR_VIA.fullmatch(str(forwarded.via).encode())
    assert ours
    assert (ours["transport"].decode(), ours["sent_by"].decode()) == (
        element.transport,
        element.sent_by,
    )
    assert ours["fork"] == (b"-%d" % fork if fork else None)
    assert ours["connection"] == (None if connection is None else b";conn=%d" % connection)
    if 'branch="' not in str(message.via):
        assert (ours["rest"] is None) == message.via.is_rfc3261
    assert forwarded.body == message.body
    assert forwarded.content_length == len(message.body)
    return written


# ---- by hand, and by forward ---------------------------------------------------------------------


@pytest.mark.parametrize("target", [*TARGETS, None])
@pytest.mark.parametrize("record_routed", [False, True], ids=["", "record-routed"])
def test_the_corpora(engine: Engine, target: str | None, record_routed: bool) -> None:
    results = [
        assert_alike(engine, message, target, record_routed=record_routed)
        for message in requests(engine, corpus())
    ]
    assert len(results) - results.count(None) > 250


def test_the_messages_of_others(engine: Engine, shared: Path) -> None:
    files = [
        path for path in (shared / "conformance").rglob("*") if path.suffix in (".dat", ".sip")
    ]
    files += [path for path in (shared / "cases" / "messages").rglob("*") if path.is_file()]
    found = [path.read_bytes() for path in files]
    for path in sorted((shared / "captures").rglob("*.pcap*")):
        with capture.open(str(path)) as datagrams:
            found += [bytes(datagram.payload) for datagram in datagrams][:300]
    results = [assert_alike(engine, message, TARGETS[0]) for message in requests(engine, found)]
    assert len(results) - results.count(None) > 40


@pytest.mark.parametrize(
    "element",
    [
        Element("192.0.2.1", 5060),
        Element("192.0.2.1", None, "TCP"),
        Element("[2001:db8::1]", 5061, "TLS"),
        Element("proxy.example.net", 80, "WS"),
    ],
    ids=str,
)
def test_elements(engine: Engine, element: Element) -> None:
    for message in requests(engine, corpus()[:200]):
        assert_alike(
            engine,
            message,
            TARGETS[0],
            element,
            record_routed=True,
            connection=(1 << 32) - 1,
            fork=63,
        )


@pytest.mark.parametrize(
    "source",
    [
        ("192.0.2.77", 5060),
        ("2001:0DB8::77", 5060, 0, 0),
        ("fe80::1%eth0", 9, 0, 2),
        ("::ffff:192.0.2.77", 9, 0, 0),
    ],
)
@pytest.mark.parametrize(
    "via",
    [
        "h",
        "192.0.2.77",
        "192.0.2.77:5060;rport",
        "192.0.2.077",
        "[2001:db8::77];rport;branch=z9hG4bKa",
        "[2001:db8:0::77];branch=z9hG4bKa",
        "[fe80::1];branch=z9hG4bKa",
        "[::ffff:192.0.2.77]",
        "h;rport=7;branch=z9hG4bKa",
        "h;received=203.0.113.66;a",
        "h ; Received = 203.0.113.66 ; a",
        "192.0.2.77;received=203.0.113.66",
        "h;received=1;received=2;rport;RPORT=8",
        'h;x="a;received=1,";a',
        "h;rport;branch=z9hG4bKa, SIP/2.0/UDP g;rport=1;received=1.1.1.1",
        ", SIP/2.0/UDP h;\r\n\trport ;\r\n x, SIP/2.0/UDP g",
        "192.0.2.77;branch=z9hG4bKa\r\n ;received=203.0.113.66",
        "192.0.2.77;branch=z9hG4bKa ;received=203.0.113.66\r\n , SIP/2.0/UDP g",
    ],
)
def test_the_source_in_the_via_below(engine: Engine, via: str, source: tuple[Any, ...]) -> None:
    for start in (b"OPTIONS sip:b SIP/2.0", b"INVITE sip:b SIP/2.0"):
        whole = via if via.startswith(",") else f"SIP/2.0/UDP {via}"
        whole = whole.replace(", SIP/2.0/UDP h", ", SIP/2.0/UDP h", 1)
        message: Any = engine.parse(sample(start, Via=whole.encode()))
        result = assert_alike(engine, message, "sip:bob@192.0.2.30", source=source)
        assert result
        assert not [
            line for line in result.split(b"\r\n\r\n")[0].split(b"\r\n") if not line.strip()
        ]
        replied = message.reply(486, source=source)
        below: Any = engine.parse(result)
        assert str(below.vias[1]).replace(" ", "") == str(replied.via).replace(" ", "")


# ---- requests of all kinds -----------------------------------------------------------------------

PAIR = (ELEMENT, Element(transport="TCP"))
ANY_TARGET = st.sampled_from((*TARGETS, None))


@given(odd_requests(), ANY_TARGET, st.booleans(), st.booleans())
def test_odd_requests(
    engine: Engine, data: bytes, target: str | None, record_routed: bool, trusted: bool
) -> None:
    message = attempt(engine, signed(engine, data))
    if not isinstance(message, ParseError):
        assert_alike(engine, message, target, record_routed=record_routed, trusted=trusted)


@given(odd_requests(), ANY_TARGET, st.permutations(PAIR), st.booleans())
def test_odd_requests_between_two_transports(
    engine: Engine, data: bytes, target: str | None, pair: list[Element], trusted: bool
) -> None:
    message = attempt(engine, signed(engine, data))
    if not isinstance(message, ParseError):
        assert_alike(engine, message, target, pair[0], pair=tuple(pair), trusted=trusted)


@given(odd_requests(), ANY_TARGET, st.booleans())
def test_odd_requests_give_the_same_on_both_engines(
    native: Engine, pure: Engine, data: bytes, target: str | None, trusted: bool
) -> None:
    results = [
        what_comes_of(engine, signed(engine, data), target, trusted) for engine in (native, pure)
    ]
    assert results[0] == results[1]


def test_damaged_requests_give_the_same_on_both_engines(native: Engine, pure: Engine) -> None:
    """The same bytes, errors and offsets."""
    dice = random.Random(10)
    found = corpus()
    count = 0
    for data in found * 2:
        damaged = bytearray(data)
        for _ in range(dice.randrange(1, 4)):
            at = dice.randrange(min(len(damaged), 600))
            damaged[at] = dice.choice(b'",;<>\\\r\n \t%@:=/?[]()\0\x7f\xff09aZ')
        results = [what_comes_of(engine, bytes(damaged)) for engine in (native, pure)]
        assert results[0] == results[1]
        count += len(results[0]) == 2
    assert count > 100


def what_comes_of(
    engine: Engine, data: bytes, target: str | None = "sip:a@b", trusted: bool = True
) -> Any:
    """The bytes and where they go, or the fault."""
    hop = ELEMENT.hop(engine)
    try:
        message: Any = engine.parse(data)
        if isinstance(message, engine.Request):
            given: Any = {"via": hop, "trusted": trusted}
            result = message.forward(target, source=SOURCE, record_route=hop, **given)
            return result, message.next_hop(target, **given)
        return message.forward(via=hop), message.next_hop(via=hop)
    except ParseError as error:
        return error.code, error.offset, error.header, error.status_hint


@pytest.mark.parametrize("name", ["From", "To"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_tags_are_those_of_the_typed_values(engine: Engine, address: str, name: str) -> None:
    """The signature of a Record-Route shows which tag was read; From for the first request."""
    fields: Any = {name: address.encode()}
    message: Any = engine.parse(sample(**fields))
    typed = outcome(lambda: (message.from_.tag, message.to.tag))
    hop = ELEMENT.hop(engine)
    result = outcome(
        lambda: message.forward("sip:a", via=hop, source=SOURCE, record_route=hop, trusted=True)
    )
    assert isinstance(typed, ParseError) == isinstance(result, ParseError)
    if isinstance(typed, ParseError):
        return
    tag = typed[name == "To"] or ""
    signed_with = ELEMENT.record_route(engine, message.call_id, tag)
    passed: Any = engine.parse(result)
    assert (str(passed.record_routes[0]) == signed_with) == (name == "From" or tag == typed[0])
    along = message.edit()
    along.push("Route", signed_with)
    assert along.message.forward(None, via=hop, source=SOURCE)


# ---- responses -----------------------------------------------------------------------------------


def test_responses_come_back_as_they_were_sent(engine: Engine) -> None:
    """What the next element answers, without our Via, is what the sender would have got."""
    hop, count = ELEMENT.hop(engine), 0
    for message in requests(engine, corpus()):
        if message.method == "ACK":
            continue
        try:
            passed: Any = engine.parse(
                message.forward("sip:a@b", via=hop, source=SOURCE, record_route=hop, trusted=True)
            )
            response = passed.reply(200, to_tag="x")
            directly = message.reply(200, to_tag="x", source=SOURCE)
        except ParseError:
            continue
        back: Any = engine.parse(response.forward(via=hop))
        draft = response.edit()
        draft.pop("Via")
        assert bytes(back) == bytes(draft)
        assert [str(via).replace(" ", "") for via in back.vias] == [
            str(via).replace(" ", "") for via in directly.vias
        ]
        count += 1
    assert count > 200


@given(odd_requests(), st.booleans())
def test_responses_to_odd_requests_come_back(engine: Engine, data: bytes, is_led: bool) -> None:
    """Unless a sender on the way leads them elsewhere."""
    hop = ELEMENT.hop(engine)
    message: Any = attempt(engine, data)
    passed = outcome(
        lambda: message.forward("sip:a@b", via=hop, source=SOURCE, connection=7, trusted=True)
    )
    if not isinstance(passed, bytes):
        return
    response = attempt(engine, passed).reply(200, to_tag="x")
    draft = response.edit()
    ours = draft.pop("Via")
    if not is_led:
        assert response.forward(via=hop) == bytes(draft)
        assert response.next_hop(via=hop) == (*draft.message.next_hop()[:3], 7)
        return
    below = draft.via
    draft.pop("Via")
    draft.push("Via", below.replace(host="203.0.113.66"))
    draft.push("Via", ours)
    with pytest.raises(ParseError):
        draft.message.forward(via=hop)


@pytest.mark.parametrize("joined", [b"\r\nVia: ", b", ", b" ,\r\n\t", b",,", b"\r\nv :,"])
@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
def test_our_via_is_taken_off_a_response(engine: Engine, joined: bytes, line_end: bytes) -> None:
    message: Any = engine.parse(sample())
    hop = ELEMENT.hop(engine)
    passed: Any = engine.parse(message.forward("sip:a", via=hop, source=SOURCE))
    below = b"SIP/2.0/UDP desk"
    response = passed.reply(200).raw.replace(b"\r\nVia: " + below, joined + below)
    answer: Any = engine.parse(response.replace(b"\r\n", line_end))
    draft = answer.edit()
    draft.pop("Via")
    assert answer.forward(via=hop) == bytes(draft)
    assert ELEMENT.host.encode() not in bytes(draft)
