"""Where messages go next (RFC 3261 16.6 step 7, 18.2.2; RFC 3581 4)."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from forwarding import SOURCE, Element
from samples import RINGING, sample

from sipfast import ParseError
from sipfast._engine import Engine

ELEMENT = Element()
INVITE = b"INVITE sip:bob@example.com SIP/2.0"


@pytest.mark.parametrize(
    ("via", "host", "port", "transport"),
    [
        ("UDP desk.example.com", "desk.example.com", 5060, "UDP"),
        ("udp desk.example.com:5070", "desk.example.com", 5070, "UDP"),
        ("TLS desk.example.com", "desk.example.com", 5061, "TLS"),
        ("WSS df7jal23ls0d.invalid;received=192.0.2.9", "192.0.2.9", 5061, "WSS"),
        ("TCP [2001:db8::1]:5070", "2001:db8::1", 5070, "TCP"),
        ("UDP h;received=192.0.2.9", "192.0.2.9", 5060, "UDP"),
        ("UDP h:5070;received=192.0.2.9", "192.0.2.9", 5070, "UDP"),
        ("UDP h:5070;received=192.0.2.9;rport=9", "192.0.2.9", 9, "UDP"),
        ("UDP h:5070;received=192.0.2.9;rport", "192.0.2.9", 5070, "UDP"),
        ("UDP h:5070;rport=9", "h", 5070, "UDP"),
        ("UDP h;received=2001:db8::9", "2001:db8::9", 5060, "UDP"),
        ("UDP h;received=[2001:db8::9];rport=9", "2001:db8::9", 9, "UDP"),
        ("UDP h;received=192.0.2.9;maddr=224.2.0.1;ttl=1", "224.2.0.1", 5060, "UDP"),
        ("UDP h;received=192.0.2.9;maddr=[ff0e::1]", "ff0e::1", 5060, "UDP"),
        ("UDP h;received=192.0.2.9;maddr=203.0.113.66", "192.0.2.9", 5060, "UDP"),
        ("UDP h;maddr=victim.example", "h", 5060, "UDP"),
    ],
)
def test_a_response_goes_by_its_top_via(
    engine: Engine, via: str, host: str, port: int, transport: str
) -> None:
    value = f"SIP/2.0/{via}, SIP/2.0/UDP other.example.com".encode()
    response: Any = engine.parse(sample(RINGING, Via=value))
    assert tuple(response.next_hop()) == (host, port, transport, None)


@pytest.mark.parametrize(
    "via",
    [
        *(b"", b",", b"SIP/2.0 h", b'SIP/2.0/UDP h;x="a', b"SIP/2.0/UDP h:99999"),
        b"SIP/2.0/UDP h;received=192.0.2.9;rport=0",
        b"SIP/2.0/UDP h;received=192.0.2.9;rport=65536",
        b"SIP/2.0/UDP h;received=192.0.2.9;rport=x",
        b"SIP/2.0/UDP h;received=victim.example",
        b"SIP/2.0/UDP h;received=[192.0.2.9",
    ],
)
def test_a_malformed_via_leads_nowhere(engine: Engine, via: bytes) -> None:
    response: Any = engine.parse(sample(RINGING, Via=via))
    with pytest.raises(ParseError) as caught:
        response.next_hop()
    assert (caught.value.header, caught.value.status_hint) == ("Via", None)


@pytest.mark.parametrize(
    ("target", "host", "port", "transport"),
    [
        ("sip:b@192.0.2.30", "192.0.2.30", 5060, "UDP"),
        ("sip:b@192.0.2.30:5062;transport=tcp", "192.0.2.30", 5062, "TCP"),
        ("sip:b@example.com", "example.com", None, "UDP"),
        ("sip:b@example.com:5080", "example.com", 5080, "UDP"),
        ("sip:b@255.0.10.249", "255.0.10.249", 5060, "UDP"),
        ("sip:b@192.0.2", "192.0.2", None, "UDP"),
        ("sip:b@192.0.2.30.1", "192.0.2.30.1", None, "UDP"),
        ("sip:b@192.0.2.256", "192.0.2.256", None, "UDP"),
        ("sip:b@192.0.2.030", "192.0.2.030", None, "UDP"),
        ("sip:b@192.0..30", "192.0..30", None, "UDP"),
        ("sip:b@192.0.2.30a", "192.0.2.30a", None, "UDP"),
        ("sip:b@[2001:db8:::30]", "2001:db8:::30", None, "UDP"),
        ("sips:b@192.0.2.30", "192.0.2.30", 5061, "TLS"),
        ("sips:b@192.0.2.30;transport=tcp", "192.0.2.30", 5061, "TLS"),
        ("sips:b@192.0.2.30;transport=UDP", "192.0.2.30", 5061, "TLS"),
        ("sips:b@192.0.2.30;transport=%74cp", "192.0.2.30", 5061, "TLS"),
        ("sips:b@example.com;transport=sctp", "example.com", None, "TLS-SCTP"),
        ("sips:b@example.com;maddr=192.0.2.31;transport=tcp", "192.0.2.31", 5061, "TLS"),
        ("sips:b@192.0.2.30:443;transport=ws", "192.0.2.30", 443, "WSS"),
        ("sip:b@192.0.2.30;transport=TLS", "192.0.2.30", 5061, "TLS"),
        ("sip:[2001:db8::30]", "2001:db8::30", 5060, "UDP"),
        ("sip:b@example.com;maddr=192.0.2.31", "192.0.2.31", 5060, "UDP"),
        ("sip:b@example.com:5080;maddr=[2001:db8::31]", "2001:db8::31", 5080, "UDP"),
    ],
)
def test_a_request_goes_to_its_target(
    engine: Engine, target: str, host: str, port: int | None, transport: str
) -> None:
    hop = ELEMENT.hop(engine)
    elsewhere: Any = engine.parse(sample(INVITE))
    there: Any = engine.parse(sample(f"INVITE {target} SIP/2.0".encode()))
    uri = engine.module("values.uri").URI.parse(target)
    for found in (
        elsewhere.next_hop(target, via=hop),
        elsewhere.next_hop(uri, via=hop),
        there.next_hop(via=hop, trusted=True),
    ):
        assert tuple(found) == (host, port, transport, None)


@pytest.mark.parametrize(
    ("routes", "host", "port", "transport"),
    [
        (b"<sip:p1.example.com;lr>", "p1.example.com", None, "UDP"),
        (b"<sip:192.0.2.8:5070;lr;transport=tcp>, <sip:p2>", "192.0.2.8", 5070, "TCP"),
        (b"<sip:proxy.example.net:5060;lr>, <sip:192.0.2.8;lr>", "192.0.2.8", 5060, "UDP"),
        (b"<sip:proxy.example.net:5060;lr>,\r\n <sip:192.0.2.8>", "192.0.2.8", 5060, "UDP"),
        (b"<sip:proxy.example.net:5060;lr>", "192.0.2.30", 5062, "UDP"),
        (b"<sips:192.0.2.8;transport=tcp;lr>", "192.0.2.8", 5061, "TLS"),
    ],
)
def test_a_route_comes_first(
    engine: Engine, routes: bytes, host: str, port: int | None, transport: str
) -> None:
    message: Any = engine.parse(sample(INVITE, b"Route: " + routes))
    found = message.next_hop("sip:b@192.0.2.30:5062", via=ELEMENT.hop(engine), trusted=True)
    assert tuple(found) == (host, port, transport, None)


def test_the_target_of_a_strict_router_is_the_last_route(engine: Engine) -> None:
    signed = ELEMENT.record_route(engine, "kc9fh4lsa@desk.example.com", "a73kszlfl")[1:-1].encode()
    start = b"INVITE " + signed + b" SIP/2.0"
    message: Any = engine.parse(sample(start, b"Route: <sip:b@192.0.2.30:5062>"))
    assert tuple(message.next_hop(via=ELEMENT.hop(engine)))[:2] == ("192.0.2.30", 5062)


@pytest.mark.parametrize(
    ("target", "code", "status"),
    [
        ("tel:+12015550123", "uri-scheme-unsupported", 416),
        ("urn:service:sos", "uri-scheme-unsupported", 416),
        ("sip:b@h;maddr=a%0D%0Ab", "host-malformed", 400),
        ("sip:b@h;maddr=a%20b", "host-malformed", 400),
    ],
)
def test_a_target_that_leads_nowhere(engine: Engine, target: str, code: str, status: int) -> None:
    message: Any = engine.parse(sample(INVITE))
    with pytest.raises(ParseError) as caught:
        message.next_hop(target, via=ELEMENT.hop(engine))
    assert (caught.value.code, caught.value.status_hint) == (code, status)
    there: Any = engine.parse(sample(f"INVITE {target} SIP/2.0".encode()))
    with pytest.raises(ParseError) as caught:
        there.next_hop(via=ELEMENT.hop(engine), trusted=True)
    assert (caught.value.code, caught.value.status_hint) == (code, status)


def test_a_transport_is_a_token(engine: Engine) -> None:
    message: Any = engine.parse(sample(INVITE))
    for transport in ("%0D%0A", "a%20b", "%00"):
        with pytest.raises(ParseError):
            message.next_hop(f"sip:b@h;transport={transport}", via=ELEMENT.hop(engine))


@pytest.mark.parametrize("routes", [[], [b"Route: <sip:victim.example;lr>"]])
def test_what_is_not_forwarded_goes_nowhere(engine: Engine, routes: list[bytes]) -> None:
    message: Any = engine.parse(sample(INVITE, *routes))
    hop = ELEMENT.hop(engine)
    with pytest.raises(ParseError) as nowhere:
        message.next_hop(via=hop)
    with pytest.raises(ParseError) as refused:
        message.forward(via=hop, source=SOURCE)
    assert nowhere.value.code == "route-unsigned"
    assert nowhere.value.args == refused.value.args
    assert nowhere.value.offset == refused.value.offset


def test_a_next_hop_is_a_plain_tuple(engine: Engine) -> None:
    response: Any = engine.parse(sample(RINGING))
    hop = response.next_hop()
    assert (hop.host, hop.port, hop.transport, hop.connection) == tuple(hop)
    assert pickle.loads(pickle.dumps(hop)) == hop
