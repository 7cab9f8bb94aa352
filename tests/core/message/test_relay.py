"""`relay_request` and `relay_response` do what `forward` and `next_hop` do one after the other.

`Relay` does it by itself where that takes no decision.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import pytest
from forwarded import ELEMENT, ROOT, TARGETS, corpus, odd_requests, requests, signed
from forwarding import SOURCE, Element
from hypothesis import given
from hypothesis import strategies as st
from samples import attempt, sample

from sipfast import NextHop, ParseError
from sipfast._engine import Engine

INVITE = b"INVITE sip:bob@example.com SIP/2.0"
OTHER = Element(transport="TCP")
"""The same place by another transport."""


def relay(engine: Engine) -> Any:
    return engine.module("message.forward")


def relayed(engine: Engine, message: Any, target: Any = None, **options: Any) -> Any:
    """What comes of one pass over a request."""
    hop = ELEMENT.hop(engine)
    given = {
        "via": hop,
        "source": SOURCE,
        "record_route": hop,
        "connection": None,
        "fork": 0,
        "trusted": False,
        **options,
    }
    return outcome(lambda: relay(engine).relay_request(message, target, *given.values()))


def one_by_one(engine: Engine, message: Any, target: Any = None, **options: Any) -> Any:
    """What comes of `forward` and `next_hop`."""
    hop = options.setdefault("via", ELEMENT.hop(engine))
    options.setdefault("record_route", hop)
    routing = {name: options[name] for name in options if name not in ("connection", "fork")}

    def both() -> Any:
        forwarded = message.forward(target, source=SOURCE, **options)
        return forwarded, message.next_hop(target, **routing)

    return outcome(both)


def outcome(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except ParseError as error:
        return error.code, error.offset, error.header, error.status_hint, error.unsupported


def assert_same(engine: Engine, message: Any, target: Any = None, **options: Any) -> Any:
    result = relayed(engine, message, target, **options)
    assert result == one_by_one(engine, message, target, **options)
    if len(result) == 2:
        assert (type(result), type(result[0]), type(result[1])) == (tuple, bytes, NextHop)
    return result


@pytest.mark.parametrize("target", [*TARGETS, None])
@pytest.mark.parametrize("trusted", [False, True], ids=["", "trusted"])
def test_the_corpora(engine: Engine, target: str | None, trusted: bool) -> None:
    results = [
        assert_same(engine, message, target, trusted=trusted, fork=3, connection=9)
        for message in requests(engine, corpus())
    ]
    assert len(results) > 250
    leads = trusted or target not in (None, "tel:+1-201-555-0123")
    assert any(len(result) == 2 for result in results) == leads


ANY_TARGET = st.sampled_from((*TARGETS, None))


@given(odd_requests(), ANY_TARGET, st.booleans(), st.booleans())
def test_odd_requests(
    engine: Engine, data: bytes, target: str | None, trusted: bool, record_routed: bool
) -> None:
    message = attempt(engine, signed(engine, data))
    if not isinstance(message, ParseError):
        hops = (OTHER.hop(engine), ELEMENT.hop(engine)) if record_routed else None
        assert_same(engine, message, target, trusted=trusted, record_route=hops)


def test_damaged_messages(engine: Engine) -> None:
    dice = random.Random(11)
    hop = ELEMENT.hop(engine)
    count = 0
    for message in [*requests(engine, corpus())]:
        for _ in range(1 if engine.name == "pure" else 5):
            sent = outcome(lambda: message.forward(via=hop, source=SOURCE, trusted=True))  # noqa: B023
            answer = sent[sent.index(b"\n") - 1 :] if isinstance(sent, bytes) else b""
            for data in (message.raw, b"SIP/2.0 200 OK" + answer):
                damaged = bytearray(data)
                for _ in range(dice.randrange(3)):
                    at = dice.randrange(min(len(damaged), 400))
                    damaged[at] = dice.choice(b'",;<>\\\r\n \t%@:=/?[]()\0\x7f\xff09aZ')
                read = attempt(engine, bytes(damaged))
                if isinstance(read, engine.Request):
                    count += len(assert_same(engine, read, trusted=True)) == 2
                elif isinstance(read, engine.Response):
                    count += len(assert_returned(engine, read)) == 2
    assert count > 100


def assert_returned(engine: Engine, response: Any) -> Any:
    """What comes of one pass over a response, if it is that of `forward` and `next_hop`."""
    hop = ELEMENT.hop(engine)
    result = outcome(lambda: relay(engine).relay_response(response, hop))
    assert result == outcome(lambda: (response.forward(via=hop), response.next_hop(via=hop)))
    return result


@pytest.mark.parametrize(
    "via",
    [
        b"SIP/2.0/UDP 192.0.2.77:5062;rport;branch=z9hG4bKa",
        b"SIP/2.0/tcp desk.example.com;branch=z9hG4bKa",
        b"SIP/2.0/TLS [2001:db8::1];branch=z9hG4bKa;maddr=224.2.0.1",
        b"SIP/2.0/UDP h;branch=1;maddr=192.0.2.1",
    ],
)
@pytest.mark.parametrize("connection", [None, 0, 77])
def test_responses(engine: Engine, via: bytes, connection: int | None) -> None:
    message: Any = engine.parse(sample(INVITE, Via=via))
    sent, _ = relayed(engine, message, "sip:bob@192.0.2.30", connection=connection, fork=1)
    arrived: Any = engine.parse(sent)
    data, hop = assert_returned(engine, arrived.reply(486))
    assert data.startswith(b"SIP/2.0 486 ")
    assert hop.connection == connection
    assert len(assert_returned(engine, message.reply(200))) > 2


def test_only_a_message_is_relayed(engine: Engine) -> None:
    hop = ELEMENT.hop(engine)
    of = relay(engine)
    for odd in (None, b"", 5):
        works: tuple[Callable[[], object], ...] = (
            lambda: of.relay_request(odd, "sip:a", hop, SOURCE, hop, None, 0, True),  # noqa: B023
            lambda: of.relay_response(odd, hop),  # noqa: B023
            lambda: of.next_of_request(odd, "sip:a", hop, hop, True),  # noqa: B023
            lambda: of.next_of_response(odd, hop),  # noqa: B023
            lambda: of.next_of_response(odd, None),  # noqa: B023
        )
        for work in works:
            with pytest.raises((TypeError, AttributeError)):
                work()


# ---- the next hop, which is found without a URI object -------------------------------------------

HOSTS = ("192.0.2.30", "example.com", "EXAMPLE.com.", "1.2.3", "[2001:db8::30]", "[::1:::2]", "h1")
PORTS = ("", ":5060", ":0", ":00", ":05061", ":65535")
PARAMETERS = (
    *("", ";lr", ";transport=udp", ";transport=TCP", ";transport=tls", ";transport", ";transport="),
    *(
        ";Transport=ws;x=1",
        ";x;transport=sctp;transport=udp",
        ";transport=a%20b",
        ";transport=%74cp",
    ),
    *(
        ";%74ransport=tcp",
        ";maddr=192.0.2.9",
        ";maddr",
        ";maddr=",
        ";m%61ddr=h",
        ";maddr=%5B::1%5D",
    ),
    *(";x=%20", ";transports=tcp", ";maddr=[::1]", ";transport=a,b", ";transport=\xe9", ";;lr;"),
)


@given(
    st.sampled_from(("sip:", "sips:", "SIP:b@", "sip:b;x@", "sip:b:1@", "tel:", "sipx:")),
    st.sampled_from(HOSTS),
    st.sampled_from(PORTS),
    st.sampled_from(PARAMETERS),
    st.sampled_from(("", "?a=b")),
)
def test_a_uri_leads_where_its_value_says(
    engine: Engine, scheme: str, host: str, port: str, parameters: str, headers: str
) -> None:
    target = scheme + host + port + parameters + headers
    expected = where(engine, target)
    options: Any = {"via": ELEMENT.hop(engine), "trusted": True}
    elsewhere: Any = engine.parse(sample(INVITE))
    there: Any = engine.parse(sample(f"INVITE {target} SIP/2.0".encode()))
    routed: Any = engine.parse(sample(INVITE, f"Route: <{target}>".encode()))
    for message, given_target in ((elsewhere, target), (there, None), (routed, "sip:a@b")):
        found = outcome(lambda: message.next_hop(given_target, **options))  # noqa: B023
        assert found == expected if isinstance(found, NextHop) else found[0] == expected
    assert_same(engine, elsewhere, target, trusted=True)


def where(engine: Engine, target: str) -> tuple[Any, ...] | str:
    """Where a URI leads by its typed value (RFC 3263 4), or the code of its fault."""
    try:
        uri = engine.module("values.uri").URI.parse(target)
    except ParseError as error:
        return error.code
    if uri.scheme not in ("sip", "sips"):
        return "uri-scheme-unsupported"
    host, port, transport = uri.maddr or uri.host, uri.port, uri.transport
    transport = (transport or ("tls" if uri.is_secure else "udp")).upper()
    if uri.is_secure:  # over TLS, whatever the URI says
        secured = {"UDP": "TLS", "TCP": "TLS", "SCTP": "TLS-SCTP", "WS": "WSS"}
        transport = secured.get(transport, transport)
    if not re.fullmatch(r"[-A-Za-z0-9._]+|\[[0-9A-Fa-f:.]+]", host):
        return "host-malformed"
    if not re.fullmatch(r"[-A-Za-z0-9.!%*_+`'~]+", transport):
        return "token-malformed"
    if port == 0:
        return "port-malformed"
    if port is None and is_address(host):
        port = 5061 if uri.is_secure or transport in ("TLS", "WSS") else 5060
    return host.strip("[]"), port, transport, None


def is_address(host: str) -> bool:
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return False
    return (address.version == 6) == host.startswith("[")


# ---- without a decision --------------------------------------------------------------------------

MARK = b"5eca11ed"


class Wire:
    """A `Relay`, and what it has sent and not sent."""

    def __init__(self, engine: Engine, hop: Any, takes: bool = True) -> None:
        self.sent: list[tuple[bytes, str, int]] = []
        self.others: list[Any] = []
        self.takes = takes
        module = engine.module("message.forward")
        self.relay = module.Relay(hop, self.send, self.otherwise, MARK, None)
        self.source = engine.module("wire.datagrams").Source(*SOURCE)

    def send(self, data: bytes, host: str, port: int) -> bool:
        self.sent.append((data, host, port))
        return self.takes

    def otherwise(self, message: Any, source: Any) -> str:
        assert source is self.source
        self.others.append(message)
        return "decided"

    def handle(self, message: Any) -> Any:
        return self.relay.handle(message, self.source)


def whole_invite(engine: Engine) -> Any:
    """An INVITE that no other proxy has forwarded."""
    draft: Any = engine.parse((ROOT / "bench_data" / "invite.sip").read_bytes()).edit()
    draft.discard("Record-Route")
    return engine.parse(bytes(draft))


def in_dialog(engine: Engine, method: str, hop: Any, contact: str = "sip:b@192.0.2.30") -> Any:
    """A request along the Route that `hop` has signed."""
    invite = whole_invite(engine)
    arrived: Any = engine.parse(invite.forward(contact, via=hop, source=SOURCE, record_route=hop))
    ok = arrived.reply(200, to_tag="b1", headers={"Contact": f"<{contact}>"})
    dialog = engine.module("message.dialog").Dialog.uac(invite, engine.parse(ok.forward(via=hop)))
    made = dialog.ack(invite) if method == "ACK" else dialog.request(method)
    return engine.parse(bytes(made)), ok


@pytest.mark.parametrize("method", ["ACK", "BYE", "INFO"])
def test_what_follows_our_route_is_sent(engine: Engine, method: str) -> None:
    hop = ELEMENT.hop(engine)
    wire = Wire(engine, hop)
    request, ok = in_dialog(engine, method, hop)
    for message in (request, ok):
        assert wire.handle(message) is None
    assert wire.others == []
    data, where = relay(engine).relay_request(request, None, hop, SOURCE, None, None, 0, False)
    back, source = relay(engine).relay_response(ok, hop)
    assert wire.sent == [(data, *where[:2]), (back, *source[:2])]


@pytest.mark.parametrize(
    "contact", ["sip:b@192.0.2.30;transport=tcp", "sip:b@example.net", "sip:b@[2001:db8::1]"]
)
def test_what_leaves_otherwise_needs_a_decision(engine: Engine, contact: str) -> None:
    hop = ELEMENT.hop(engine)
    wire = Wire(engine, hop, takes=False)
    request, _ = in_dialog(engine, "BYE", hop, contact)
    assert (wire.handle(request), wire.others) == ("decided", [request])
    assert all(host.startswith("2001") for _, host, _ in wire.sent)


def test_what_we_have_not_signed_needs_a_decision(engine: Engine) -> None:
    hop, stranger = ELEMENT.hop(engine), Element(secret=bytes(16)).hop(engine)
    wire = Wire(engine, hop)
    theirs, response = in_dialog(engine, "BYE", stranger)
    invite = whole_invite(engine)
    for message in (theirs, response, invite):
        assert wire.handle(message) == "decided"
    assert (wire.sent, wire.others) == ([], [theirs, response, invite])


def test_the_ack_to_our_own_answer_needs_a_decision(engine: Engine) -> None:
    hop = ELEMENT.hop(engine)
    wire = Wire(engine, hop)
    request, _ = in_dialog(engine, "ACK", hop)
    ours = engine.parse(request.raw.replace(b"tag=b1", b"tag=" + MARK + b"00"))
    assert wire.handle(ours) == "decided"
    assert wire.sent == []


def test_a_connection_noted_in_our_via_needs_a_decision(engine: Engine) -> None:
    hop = ELEMENT.hop(engine)
    invite = whole_invite(engine)
    options = {"via": hop, "source": SOURCE, "connection": 7}
    arrived: Any = engine.parse(invite.forward("sip:b@192.0.2.30", **options))
    wire = Wire(engine, hop)
    assert wire.handle(arrived.reply(486)) == "decided"
    assert wire.sent == []


def test_an_error_of_the_socket_is_raised(engine: Engine) -> None:
    hop = ELEMENT.hop(engine)
    wire = Wire(engine, hop)
    wire.relay = engine.module("message.forward").Relay(hop, None, wire.otherwise, MARK, None)
    with pytest.raises(TypeError):
        wire.handle(in_dialog(engine, "BYE", hop)[0])


def test_both_engines_relay_the_same(native: Engine, pure: Engine) -> None:
    """Of damaged messages, too."""
    chance = random.Random(11)
    texts = [message.raw for method in ("ACK", "BYE") for message in signed_messages(pure, method)]
    for _ in range(3000):
        data = bytearray(chance.choice(texts))
        for _ in range(chance.randrange(3)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        seen = [sent_of(engine, bytes(data)) for engine in (native, pure)]
        assert seen[0] == seen[1], bytes(data)


def signed_messages(engine: Engine, method: str) -> tuple[Any, ...]:
    return tuple(in_dialog(engine, method, ELEMENT.hop(engine)))


def sent_of(engine: Engine, data: bytes) -> Any:
    wire = Wire(engine, ELEMENT.hop(engine))
    try:
        message = engine.parse(data)
    except ParseError as error:
        return error.code
    return wire.handle(message), wire.sent
