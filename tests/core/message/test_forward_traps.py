"""What an attacker sends to a proxy, and what `forward` makes of it."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from forwarding import OUR_VIA, SECRET, SOURCE, Element, hop_of
from samples import sample

from sipfast import ParseError
from sipfast._engine import Engine

INVITE = b"INVITE sip:bob@example.com SIP/2.0"
VIA = b"SIP/2.0/UDP desk.example.com:5062;branch=z9hG4bKnashds8"
RPORT = VIA + b";rport"
VICTIM = "203.0.113.66"
ELEMENT = Element()


def invite(via: bytes = VIA, *more: bytes, start: bytes = INVITE, **changed: Any) -> bytes:
    """An INVITE that begins a dialog."""
    contact = b"Contact: <sip:alice@192.0.2.77>"
    return sample(
        start,
        contact,
        *more,
        **{"Via": via, "To": b"<sip:bob@example.com>", "CSeq": b"7 INVITE", **changed},
    )


def forwarded(engine: Engine, data: Any, target: Any = "sip:bob@192.0.2.30", **options: Any) -> Any:
    """The message that the next hop gets."""
    element = options.pop("element", ELEMENT)
    given = {"via": element.hop(engine), "source": SOURCE, **options}
    message: Any = engine.parse(data)
    return engine.parse(message.forward(target, **given))


def refusal(work: Callable[[], object]) -> ParseError:
    with pytest.raises(ParseError) as caught:
        work()
    return caught.value


def ours(message: Any) -> dict[str, bytes | None]:
    """The parts of our Via."""
    parts = OUR_VIA.fullmatch(str(message.via).encode())
    assert parts
    return parts.groupdict()


def branch(engine: Engine, data: bytes, target: Any = "sip:bob@192.0.2.30", **options: Any) -> str:
    return str(forwarded(engine, data, target, **options).via.branch)


# ---- where responses go --------------------------------------------------------------------------


def test_received_and_rport_of_the_sender_are_replaced(engine: Engine) -> None:
    lie = VIA + f";received={VICTIM};rport=9".encode()
    message = forwarded(engine, invite(lie))
    assert str(message.vias[1]) == f"{VIA.decode()};received=192.0.2.77;rport=40961"
    assert VICTIM.encode() not in message.raw
    back: Any = engine.parse(message.reply(486).forward(via=ELEMENT.hop(engine)))
    assert tuple(back.next_hop())[:2] == SOURCE


def test_the_port_is_that_of_sent_by_unless_rport_was_asked_for(engine: Engine) -> None:
    hop = ELEMENT.hop(engine)
    for via, port in ((VIA, 5062), (RPORT, 40961), (b"SIP/2.0/UDP desk;branch=z9hG4bKa", 5060)):
        response = forwarded(engine, invite(via)).reply(486)
        assert tuple(response.next_hop(via=hop))[:3] == ("192.0.2.77", port, "UDP")


def test_a_maddr_of_the_sender_reflects_nothing(engine: Engine) -> None:
    hop = ELEMENT.hop(engine)
    for maddr, host in (
        (VICTIM, "192.0.2.77"),
        ("victim.example", "192.0.2.77"),
        ("224.2.0.1", "224.2.0.1"),
    ):
        response = forwarded(engine, invite(VIA + f";maddr={maddr}".encode())).reply(486)
        assert response.next_hop(via=hop).host == host


CHANGES: dict[str, tuple[bytes, bytes]] = {
    "where it goes": (b";received=192.0.2.77", f";received={VICTIM}".encode()),
    "no received": (b";received=192.0.2.77", b""),
    "two received": (b";received=192.0.2.77", f";received={VICTIM};received=192.0.2.77".encode()),
    "a quoted received": (b";received=192.0.2.77", f';received="{VICTIM}"'.encode()),
    "its port": (b";rport=40961", b";rport=40962"),
    "no rport": (b";rport=40961", b""),
    "an empty rport": (b";rport=40961", b";rport"),
    "the branch below": (b"z9hG4bKnashds8", b"z9hG4bKnashds9"),
    "sent-by below": (b"desk.example.com:5062", b"desk.example.org:5062"),
    "the transport below": (b"Via: SIP/2.0/UDP desk", b"Via: SIP/2.0/TCP desk"),
    "the port of sent-by": (b"desk.example.com:5062", b"desk.example.com:5063"),
    "a multicast group": (b"z9hG4bKnashds8", b"z9hG4bKnashds8;maddr=224.2.0.1"),
    "our MAC": (b"branch=z9hG4bK", b"branch=z9hG4bK0"),
    "our host": (b"proxy.example.net:5060", b"proxy.example.com:5060"),
    "our port": (b"proxy.example.net:5060", b"proxy.example.net:5070"),
    "our port, absent": (b"proxy.example.net:5060", b"proxy.example.net"),
    "our transport": (b"SIP/2.0/UDP proxy", b"SIP/2.0/TCP proxy"),
    "our protocol": (b"SIP/2.0/UDP proxy", b"SIP/3.0/UDP proxy"),
    "the connection": (b";conn=5", b";conn=6"),
    "no connection": (b";conn=5", b""),
    "two connections": (b";conn=5", b";conn=6;conn=5"),
    "the fork": (b"-3;loop", b"-4;loop"),
    "no fork": (b"-3;loop", b";loop"),
    "one Via less": (b"Via: SIP/2.0/UDP desk", b"X: SIP/2.0/UDP desk"),
    "no Via": (b"Via: ", b"X: "),
    "ours below": (b"Via: SIP/2.0/UDP p", b"Via: SIP/2.0/UDP o;branch=1\r\nVia: SIP/2.0/UDP p"),
    "another below ours": (
        b"Via: SIP/2.0/UDP desk",
        f"Via: SIP/2.0/UDP {VICTIM};branch=z9hG4bKnashds8\r\nVia: SIP/2.0/UDP desk".encode(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_response_goes_nowhere(engine: Engine, name: str) -> None:
    hop = ELEMENT.hop(engine)
    request = forwarded(engine, invite(RPORT), connection=5, fork=3)
    whole = request.reply(486).raw
    right: Any = engine.parse(whole)
    assert right.forward(via=hop).startswith(b"SIP/2.0 486 ")
    assert tuple(right.next_hop(via=hop)) == ("192.0.2.77", 40961, "UDP", 5)
    before, after = CHANGES[name]
    assert before in whole
    response: Any = engine.parse(whole.replace(before, after))
    errors = [
        refusal(lambda: response.forward(via=hop)),
        refusal(lambda: response.next_hop(via=hop)),
    ]
    assert len({(error.code, error.offset, error.header) for error in errors}) == 1
    assert errors[0].header == "Via"
    for error in errors:
        assert error.status_hint is None
        assert engine.module("message.reply").reply_to(error, response) is None


NUMBERS = (
    -1,
    0,
    1,
    2,
    3,
    4,
    5,
    8,
    63,
    64,
    127,
    128,
    131,
    256,
    65535,
    65536,
    131072,
    1 << 32,
    (1 << 40) + 4,
)


def test_numbers_in_our_via_cannot_be_moved_into_one_another(engine: Engine) -> None:
    """A connection, a fork or a port beyond its range must not pass for another one below it."""
    hop = ELEMENT.hop(engine)
    request = forwarded(engine, invite(RPORT), connection=4, fork=3)
    whole = request.reply(486).raw
    for port in (40961, 40961 + (1 << 17), 40961 + (3 << 17), 40961 + (1 << 24)):
        for fork in NUMBERS:
            for connection in NUMBERS:
                own = b";conn=%d" % connection if connection >= 0 else b""
                changed = whole.replace(b";conn=4", own)
                changed = changed.replace(b"-3;loop", b"-%d;loop" % fork if fork >= 0 else b";loop")
                changed = changed.replace(b";rport=40961", b";rport=%d" % port)
                response: Any = engine.parse(changed)
                if changed == whole:
                    assert response.forward(via=hop)
                else:
                    assert refusal(lambda: response.forward(via=hop)).status_hint is None  # noqa: B023


def test_a_response_that_we_never_asked_for_goes_nowhere(engine: Engine) -> None:
    """A reflector otherwise: the attacker writes our Via, and the victim's below it."""
    below = f"Via: SIP/2.0/UDP {VICTIM};branch=z9hG4bKa".encode()
    for mac in (b"0" * 16, b"f" * 16, b"", b"0123456789ABCDEF"):
        via = b"SIP/2.0/UDP proxy.example.net:5060;branch=z9hG4bK%b;loop=%b" % (mac, mac)
        response: Any = engine.parse(sample(b"SIP/2.0 200 OK", below, Via=via))
        assert refusal(lambda: response.forward(via=ELEMENT.hop(engine))).status_hint is None  # noqa: B023


def test_another_secret_signs_otherwise(engine: Engine) -> None:
    other = Element(secret=SECRET[::-1])
    response = forwarded(engine, invite(), element=other).reply(200)
    assert response.forward(via=other.hop(engine))
    assert refusal(lambda: response.forward(via=ELEMENT.hop(engine))).status_hint is None
    assert branch(engine, invite(), element=other) != branch(engine, invite())


def test_parts_cannot_be_moved_into_one_another(engine: Engine) -> None:
    """Two requests whose parts join to the same text have different branches."""
    vias = (
        *("h;branch=z9hG4bKa1", "h1;branch=z9hG4bKa", "h:1;branch=z9hG4bKa", "h;branch=z9hG4bKa:1"),
        *("h;branch=z9hG4bKa;rport", "h:4;branch=z9hG4bKa;rport", "h:40961;branch=z9hG4bKa"),
    )
    found = [branch(engine, invite(f"SIP/2.0/UDP {via}".encode())) for via in vias]
    found += [
        branch(engine, invite(), fork=number, connection=connection)
        for number in (0, 1, 10)
        for connection in (None, 0, 1, 10, 110)
    ]
    assert len(set(found)) == len(vias) + 15


def test_answers_go_back_by_the_connection_in_our_via(engine: Engine) -> None:
    """The claimed sent-by of a request over TCP leads elsewhere."""
    element = Element("192.0.2.1", None, "TCP")
    hop = element.hop(engine)
    via = f"SIP/2.0/TCP {VICTIM};branch=z9hG4bKa".encode()
    for connection in (0, 1, 77, (1 << 32) - 1):
        response = forwarded(engine, invite(via), element=element, connection=connection).reply(200)
        assert response.next_hop(via=hop).connection == connection
        assert response.next_hop(via=hop).host == "192.0.2.77"
    assert (
        forwarded(engine, invite(via), element=element).reply(200).next_hop(via=hop).connection
        is None
    )
    for odd in (-1, 1 << 32, 10**30):
        with pytest.raises(ValueError, match="connection"):
            forwarded(engine, invite(via), connection=odd)


# ---- who may send where --------------------------------------------------------------------------


class Call:
    """A call through a proxy that records its route."""

    def __init__(self, engine: Engine, element: Element = ELEMENT, *records: bytes) -> None:
        self.engine, self.element, self.hop = engine, element, element.hop(engine)
        self.asked: Any = engine.parse(invite(RPORT, *records))
        self.arrived = forwarded(engine, self.asked.raw, element=element, record_route=self.hop)
        contact = {"Contact": "<sip:bob@192.0.2.30:5070>"}
        self.answer = self.arrived.reply(200, to_tag="b0b", headers=contact)
        self.back: Any = engine.parse(self.answer.forward(via=self.hop))
        dialog = engine.module("message.dialog").Dialog
        self.caller = dialog.uac(self.asked, self.back)
        self.callee = dialog.uas(self.arrived, self.answer, via="SIP/2.0/UDP 192.0.2.30:5070")

    def along(self, data: Any, **options: Any) -> Any:
        """A request that follows its route."""
        return forwarded(self.engine, data, None, element=self.element, **options)


@pytest.mark.parametrize(
    "element",
    [ELEMENT, Element("192.0.2.1", None, "TCP"), Element("[2001:db8::1]", 5061, "TLS")],
    ids=str,
)
def test_a_dialog_follows_its_route_both_ways(engine: Engine, element: Element) -> None:
    call = Call(engine, element)
    (route,) = call.arrived.record_routes
    assert (route.uri.host, route.uri.port, route.uri.lr) == (element.host, element.port, True)
    assert route.uri.transport == (
        None if element.transport == "UDP" else element.transport.lower()
    )
    for dialog, contact in (
        (call.caller, "sip:bob@192.0.2.30:5070"),
        (call.callee, "sip:alice@192.0.2.77"),
    ):
        request = dialog.request("INFO")
        assert str(request.routes[0]) == str(route)
        passed = call.along(request.raw)
        assert (passed.uri_text, passed.routes) == (contact, ())
        assert passed.max_forwards == 69


def test_a_route_of_ours_that_we_did_not_sign_leads_nowhere(engine: Engine) -> None:
    """An open relay otherwise: anyone could write our Route, and any Request-URI."""
    call = Call(engine)
    bye = call.caller.request("BYE").raw
    signed = str(call.arrived.record_routes[0]).encode()
    forged = (
        b"<sip:proxy.example.net:5060;lr>",
        b"<sip:proxy.example.net:5060;lr;mac=0123456789abcdef>",
        b"<sip:proxy.example.net:5060;lr;mac>",
        b"<sip:proxy.example.net:5060;lr;mac=>",
        signed[:-2] + b">",
        signed[:-1] + b"0>",
        signed.replace(b"mac=", b"mac=0;mac="),
        signed.replace(b":5060", b":5070"),
        signed.replace(b"example.net", b"example.com"),
        signed.replace(b"sip:", b"sip:") .replace(b";mac=", b"?mac="),
        b"<sip:other.example;lr>, " + signed,
    )  # fmt: skip
    assert call.along(bye)
    for route in forged:
        data = bye.replace(b"Route: " + signed, b"Route: " + route)
        assert data != bye
        error = refusal(lambda: call.along(data))  # noqa: B023
        assert (error.code, error.status_hint) == ("route-unsigned", 403)
    without = bye.replace(b"Route: " + signed + b"\r\n", b"")
    error = refusal(lambda: call.along(without))
    assert (error.code, error.status_hint) == ("route-unsigned", 403)


def test_a_signature_holds_for_its_dialog_only(engine: Engine) -> None:
    call = Call(engine)
    bye = call.caller.request("BYE").raw
    for before, after in (
        (b"kc9fh4lsa", b"kc9fh4lsb"),
        (b";tag=a73kszlfl", b";tag=a73kszlfm"),
        (b";tag=a73kszlfl", b""),
    ):
        assert before in bye
        error = refusal(lambda: call.along(bye.replace(before, after)))  # noqa: B023
        assert error.code == "route-unsigned"
    other = Call(engine, Element(secret=SECRET[::-1]))
    assert refusal(lambda: call.along(other.caller.request("BYE").raw)).code == "route-unsigned"


def test_a_to_tag_makes_no_dialog(engine: Engine) -> None:
    data = invite(VIA, b"Route: <sip:proxy.example.net:5060;lr>", To=b"<sip:b>;tag=guessed")
    assert refusal(lambda: forwarded(engine, data, None)).code == "route-unsigned"
    assert forwarded(engine, data, None, trusted=True).uri_text == "sip:bob@example.com"


def test_a_foreign_route_is_not_followed_for_a_stranger(engine: Engine) -> None:
    """With a target of the proxy's choice the request would still go to the sender's Route."""
    for routes in (
        b"<sip:victim.example;lr>",
        b"<sip:proxy.example.net:5060;lr>, <sip:victim.example;lr>",
        b"<sip:proxy.example.net:5060;lr>\r\nRoute: <sip:victim.example>",
    ):
        data = invite(VIA, b"Route: " + routes)
        assert refusal(lambda: forwarded(engine, data)).code == "route-unsigned"  # noqa: B023
        assert b"victim.example" in forwarded(engine, data, trusted=True).raw
    ours_alone = invite(VIA, b"Route: <sip:PROXY.example.net:5060;lr>")
    assert forwarded(engine, ours_alone).routes == ()


def test_only_our_exact_place_is_popped(engine: Engine) -> None:
    for other in (
        b"proxy.example.net:5061",
        b"a.proxy.example.net",
        b"proxy.example.net.",
        b"192.0.2.1",
    ):
        data = invite(VIA, b"Route: <sip:%b;lr>" % other)
        assert refusal(lambda: forwarded(engine, data)).code == "route-unsigned"  # noqa: B023
        assert other.decode() in str(forwarded(engine, data, trusted=True).routes[0])


def test_only_the_first_route_is_popped(engine: Engine) -> None:
    twice = b"Route: <sip:proxy.example.net:5060;lr>, <sip:proxy.example.net:5060;lr>"
    passed = forwarded(engine, invite(VIA, twice), trusted=True)
    assert [str(route) for route in passed.routes] == ["<sip:proxy.example.net:5060;lr>"]


# ---- strict routers (RFC 3261 16.4, 16.6 step 6, 16.12.1.2) --------------------------------------


def test_a_strict_router_before_us(engine: Engine) -> None:
    """It puts our Record-Route into the Request-URI, and the target to the end of Route."""
    call = Call(engine)
    bye = call.caller.request("BYE")
    signed = str(bye.routes[0])
    strict = bye.raw.replace(b"BYE sip:bob@192.0.2.30:5070 ", f"BYE {signed[1:-1]} ".encode())
    rest = b"<sip:p3.example.com;lr>"
    for routes, left in (
        (b"Route: <sip:bob@192.0.2.30:5070>", []),
        (b"Route: " + rest + b", <sip:bob@192.0.2.30:5070>", [rest]),
        (b"Route: " + rest + b"\r\nRoute: <sip:bob@192.0.2.30:5070>", [rest]),
        (b"Route: " + signed.encode() + b" ," + rest + b",\r\n <sip:bob@192.0.2.30:5070>", [rest]),
    ):
        passed = call.along(strict.replace(b"Route: " + signed.encode(), routes))
        assert passed.uri_text == "sip:bob@192.0.2.30:5070"
        assert [str(route).encode() for route in passed.routes] == left
    alone = strict.replace(b"Route: " + signed.encode() + b"\r\n", b"")
    for forged in (strict.replace(b";mac=", b";mac=0"), alone):
        assert forged != strict
        assert refusal(lambda: call.along(forged)).code == "route-unsigned"  # noqa: B023


def test_a_strict_router_after_us(engine: Engine) -> None:
    """It gets the request to its own URI, and the target stands last in Route."""
    strict = b"Record-Route: <sip:strict.example.com;x=1>, <sip:p4.example.com;lr>"
    call = Call(engine, ELEMENT, strict)
    info = call.callee.request("INFO")
    assert len(info.routes) == 3
    passed = call.along(info.raw)
    assert passed.uri_text == "sip:strict.example.com;x=1"
    assert [str(route) for route in passed.routes] == [
        "<sip:p4.example.com;lr>",
        "<sip:alice@192.0.2.77>",
    ]


def test_a_strict_router_alone_after_us(engine: Engine) -> None:
    route = b"Route: <sip:strict.example.com?Subject=x>"
    passed = forwarded(engine, invite(VIA, route), "sip:bob@192.0.2.30;x?a=b", trusted=True)
    assert passed.uri_text == "sip:strict.example.com"
    assert [str(route) for route in passed.routes] == ["<sip:bob@192.0.2.30;x>"]


def test_our_own_maddr_is_taken_off(engine: Engine) -> None:
    element = Element("192.0.2.1", 5060)
    start = b"INVITE sip:bob@example.com:5070;Transport=tcp;maddr=%b;x=1 SIP/2.0"
    for maddr, uri in (
        ("192.0.2.1", "sip:bob@example.com;x=1"),
        (VICTIM, f"sip:bob@example.com:5070;Transport=tcp;maddr={VICTIM};x=1"),
    ):
        data = invite(start=start % maddr.encode())
        assert forwarded(engine, data, None, element=element, trusted=True).uri_text == uri


# ---- the branch (RFC 3261 16.11) -----------------------------------------------------------------

OLD_VIAS = (
    b"SIP/2.0/UDP desk.example.com",
    b"SIP/2.0/UDP desk.example.com;branch=1",
    b"SIP/2.0/UDP desk.example.com:5062;rport;branch=z9hG4bK",
    b"SIP/2.0/UDP desk.example.com;branch=1;x =\t2;y\r\n =\r\n\t  3",
)


@pytest.mark.parametrize("via", [VIA, RPORT, *OLD_VIAS])
def test_the_branch_is_one_for_a_transaction(engine: Engine, via: bytes) -> None:
    """INVITE, its retransmission, CANCEL and the ACK of a non-2xx, as a stateless proxy needs."""
    asked: Any = engine.parse(
        invite(via, b"Proxy-Require: x", b"Route: <sip:proxy.example.net:5060;lr>")
    )
    element = Element(supported=("x",))
    passed = forwarded(engine, asked.raw, element=element)
    back: Any = engine.parse(passed.reply(486, to_tag="b0b").forward(via=element.hop(engine)))
    again = [asked.raw, bytearray(asked.raw), asked.cancel().raw, asked.ack(back).raw]
    again += [asked.raw.replace(b"\r\n", b"\n"), asked.raw.replace(b"\r\nVia: ", b"\r\nv:\r\n  ")]
    for data in again:
        assert forwarded(engine, data, element=element).via.branch == passed.via.branch
    ack = forwarded(engine, asked.ack(back).raw, element=element)
    assert ack.transaction_key == passed.transaction_key
    cancel = forwarded(engine, asked.cancel().raw, element=element)
    assert cancel.client_transaction_key[:2] == passed.client_transaction_key[:2]


@pytest.mark.parametrize("via", [VIA, *OLD_VIAS])
def test_other_transactions_have_other_branches(engine: Engine, via: bytes) -> None:
    plain = invite(via)
    found = [
        branch(engine, plain),
        branch(engine, plain, source=("192.0.2.78", 40961)),
        branch(engine, plain, fork=1),
        branch(engine, plain, connection=1),
        branch(engine, plain.replace(b"desk.example.com", b"lamp.example.com")),
    ]
    if via == VIA:
        found.append(branch(engine, plain.replace(b"nashds8", b"nashds9")))
    else:
        found += [
            branch(engine, plain.replace(b"7 INVITE", b"8 INVITE")),
            branch(engine, plain.replace(b"kc9fh4lsa", b"kc9fh4lsb")),
            branch(engine, plain.replace(b"a73kszlfl", b"a73kszlfm")),
            branch(engine, plain.replace(b"sip:bob@example.com SIP", b"sip:bob@example.org SIP")),
        ]
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("via", OLD_VIAS)
def test_responses_to_old_clients_come_back(engine: Engine, via: bytes) -> None:
    """They are checked by what they share with the request, for their Via may have no branch."""
    hop = ELEMENT.hop(engine)
    response = forwarded(engine, invite(via)).reply(486, to_tag="b0b")
    assert ours(response)["rest"]
    back: Any = engine.parse(response.forward(via=hop))
    assert back.via.received == "192.0.2.77"
    for before, after in (
        (b"kc9fh4lsa", b"kc9fh4lsb"),
        (b"7 INVITE", b"8 INVITE"),
        (b"a73kszlfl", b"a73kszlfm"),
        (b"received=192.0.2.77", f"received={VICTIM}".encode()),
    ):
        assert before in response.raw
        other: Any = engine.parse(response.raw.replace(before, after))
        assert refusal(lambda: other.forward(via=hop)).status_hint is None  # noqa: B023


# ---- loops and spirals (RFC 3261 16.3 step 4) ----------------------------------------------------


def test_a_loop_is_refused_and_a_spiral_goes_on(engine: Engine) -> None:
    first = forwarded(engine, invite())
    spiral = forwarded(engine, first.raw, "sip:bob@example.com")
    assert len(spiral.vias) == 3
    assert ours(spiral)["loop"] != ours(first)["loop"]
    error = refusal(lambda: forwarded(engine, spiral.raw))
    assert (error.code, error.status_hint, error.header) == ("loop-detected", 482, "Via")
    again = spiral.raw.replace(b"sip:bob@example.com SIP", b"sip:carol@example.com SIP")
    assert len(forwarded(engine, again).vias) == 4


def test_a_loop_is_seen_through_other_elements(engine: Engine) -> None:
    first = forwarded(engine, invite(), None, trusted=True)
    other = Element("other.example.org", 5070, "TCP")
    through = forwarded(engine, first.raw, None, element=other, trusted=True)
    for joined in (b"\r\nVia: ", b",", b"\r\nv: , "):
        data = through.raw.replace(b"\r\nVia: ", joined).replace(joined, b"\r\nVia: ", 1)
        assert refusal(lambda: forwarded(engine, data, None, trusted=True)).code == "loop-detected"  # noqa: B023
    moved = Element("other.example.org", 5071, "TCP")
    assert forwarded(engine, through.raw, None, element=moved, trusted=True)


def test_the_loop_hash_is_apart_from_the_branch(engine: Engine) -> None:
    """What a proxy routes by changes the hash, and neither the branch nor a retransmission."""
    plain = forwarded(engine, invite())
    for before, after in (
        (b"INVITE sip:bob@example.com ", b"INVITE sip:bob@example.org "),
        (b"a73kszlfl", b"a73kszlfm"),
        (b"kc9fh4lsa", b"kc9fh4lsb"),
        (b"7 INVITE", b"8 INVITE"),
        (b"Max-Forwards", b"Proxy-Authorization: Digest x=1\r\nMax-Forwards"),
        (b"Max-Forwards", b"Route: <sip:proxy.example.net:5060;lr>\r\nMax-Forwards"),
        (b"Max-Forwards", b"Proxy-Require: x\r\nMax-Forwards"),
    ):
        assert before in invite()
        other = forwarded(
            engine, invite().replace(before, after), element=Element(supported=("x",))
        )
        assert ours(other)["mac"] == ours(plain)["mac"]
        assert ours(other)["loop"] != ours(plain)["loop"]
    for same in (b"X: y\r\nMax-Forwards", b"max-forwards"):
        other = forwarded(engine, invite().replace(b"Max-Forwards", same))
        assert ours(other) == ours(plain)


# ---- what is inserted ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        "sip:a\r\nVia: SIP/2.0/UDP b",
        "sip:a\rb",
        "sip:a\nb",
        "sip:a b",
        "sip:a SIP/2.0",
        "sip:a\0",
        "sip:a\x7f",
        "<sip:a>",
        "sip:a>",
        '"A" <sip:a>',
        "",
        "a",
        "sip:",
        "sip:a:b:c",
        "sip:a:99999",
        "sip:a@[::1",
        "sip:\ud800",
    ],
)
def test_a_target_that_reads_as_more_is_refused(engine: Engine, target: str) -> None:
    error = refusal(lambda: forwarded(engine, invite(), target))
    assert error.header == "Request-URI"


def test_a_target_out_of_a_contact_brings_no_header_fields(engine: Engine) -> None:
    """RFC 3261 19.1.1: a Request-URI has neither `headers` nor `method`."""
    contact = engine.module("values.address").Address.parse(
        "<sip:bob@192.0.2.30;Method=REGISTER;x?Route=%3Csip:victim.example%3E&body=a>"
    )
    for target in (contact.uri, str(contact.uri)):
        passed = forwarded(engine, invite(), target)
        assert passed.uri_text == "sip:bob@192.0.2.30;x"
    odd = "sip:a?b;method=c@192.0.2.30;methods=x"
    assert forwarded(engine, invite(), odd).uri_text == odd


def test_a_target_of_another_type_is_refused(engine: Engine) -> None:
    for odd in (5, b"sip:a", ["sip:a"]):
        with pytest.raises(TypeError, match="target must be"):
            forwarded(engine, invite(), odd)


class Text(str):
    """Text that lies about itself."""

    __slots__ = ()

    def __str__(self) -> str:
        return "sip:a\r\nVia: b"

    def encode(self, *_: Any) -> bytes:
        return b"sip:a\r\nVia: b"

    def __eq__(self, _: object) -> bool:
        return True

    __hash__ = str.__hash__


def test_text_of_a_class_of_its_own_is_the_text_that_it_is(engine: Engine) -> None:
    assert forwarded(engine, invite(), Text("sip:bob@192.0.2.30")).uri_text == "sip:bob@192.0.2.30"
    source = (Text("192.0.2.9"), 5060)
    with suppress(ValueError):
        assert forwarded(engine, invite(), source=source).vias[1].received == "192.0.2.9"
    honest = forwarded(engine, invite(), source=("192.0.2.10", 5060))
    assert honest.vias[1].received == "192.0.2.10"


def test_a_source_is_an_address(engine: Engine) -> None:
    for source in (
        ("h", 5),
        ("192.0.2.1\r\nX: y", 5),
        ("", 5),
        ("192.0.2.1", 65536),
        ("1.2.3.4", -1),
    ):
        with pytest.raises(ValueError, match=r"\w"):
            forwarded(engine, invite(), source=source)
    for odd in (("192.0.2.1", "5"), (5, 5), (b"192.0.2.1", 5)):
        with pytest.raises(TypeError, match="source must be a host and a port"):
            forwarded(engine, invite(), source=odd)


class Sequence:
    """A source that is no tuple, of any items."""

    def __init__(self, *items: Any) -> None:
        self.items = items
        self.reads: list[int] = []

    def __len__(self) -> int:
        return 5

    def __getitem__(self, index: int) -> Any:
        self.reads.append(index)
        return self.items[index]


class Pair(tuple[Any, ...]):
    """A tuple that shows other items to those who ask."""

    def __getitem__(self, index: Any) -> Any:
        return ("192.0.2.9", 5)[index]


def of_source(engine: Engine, source: Any) -> set[str]:
    """The top Via of a request from a source, as it is forwarded and as it is answered."""
    message: Any = engine.parse(invite(RPORT))
    reply = message.reply(200, source=source)
    below = forwarded(engine, message.raw, source=source).vias[1]
    return {str(below), str(reply.via)}


def test_a_source_of_any_class_is_read_as_a_tuple_is(engine: Engine) -> None:
    whole = {f"{VIA.decode()};received=192.0.2.9;rport=5"}
    sequence = Sequence("192.0.2.9", 5)
    for source in (
        ("192.0.2.9", 5, 0, 0),
        ["192.0.2.9", 5],
        sequence,
        Pair((7, "x")),
        {0: "192.0.2.9", 1: 5},
    ):
        assert of_source(engine, source) == whole
    assert sequence.reads == [0, 1, 0, 1]
    message: Any = engine.parse(invite())
    odd: Any
    for odd in (
        Sequence(),
        Sequence("192.0.2.9"),
        Sequence(b"h", 5),
        Sequence("192.0.2.9", 5.0),
        {},
        {"h"},
        7,
    ):
        works: tuple[Callable[[], object], ...] = (
            lambda: forwarded(engine, invite(), source=odd),  # noqa: B023
            lambda: message.reply(200, source=odd),  # noqa: B023
        )
        for work in works:
            with pytest.raises(TypeError, match="source must be a host and a port"):
                work()
    for odd in (Sequence("h", 5), Sequence("192.0.2.9", 0), Sequence("192.0.2.9", 1 << 70)):
        with pytest.raises(ValueError, match=r"\w"):
            of_source(engine, odd)


def test_an_error_of_a_source_is_its_own(engine: Engine) -> None:
    class Broken(Sequence):
        def __getitem__(self, index: int) -> Any:
            raise OSError(index)

    message: Any = engine.parse(invite())
    with pytest.raises(OSError, match="0"):
        forwarded(engine, invite(), source=Broken())
    with pytest.raises(OSError, match="0"):
        message.reply(200, source=Broken())


def test_few_sources_are_kept(engine: Engine) -> None:
    kept = engine.module("message.forward").address_of_source.__globals__["sources"]
    scoped = ("fe80::1%eth0", 5060)
    for number in range(600):
        source = (f"192.0.{number // 200}.{number % 200 + 1}", 5060)
        assert f"received={source[0]};" in of_source(engine, source).pop()
        assert "received=fe80::1;" in of_source(engine, scoped).pop()
        assert 2 <= len(kept) <= 256 or number == 0
        assert {source[0], scoped[0]} <= kept.keys()
    before = len(kept)
    of_source(engine, ("fe80::1%" + "x" * 1000, 5060))
    assert len(kept) == before


def test_the_fan_out_is_bounded(engine: Engine) -> None:
    found = {branch(engine, invite(), fork=number) for number in range(64)}
    assert len(found) == 64
    for odd in (64, -1, 1 << 70):
        with pytest.raises(ValueError, match="fork"):
            forwarded(engine, invite(), fork=odd)


# ---- the element ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "options", "error"),
    [
        (("a b",), {}, ParseError),
        (("a\r\nX: y",), {}, ParseError),
        (("a;branch=b",), {}, ParseError),
        (("a, SIP/2.0/UDP b",), {}, ParseError),
        (("2001:db8::1",), {}, ParseError),
        (("",), {}, ParseError),
        (("a", 65536), {}, ParseError),
        (("a", -1), {}, ParseError),
        (("a",), {"transport": "U D P"}, ParseError),
        (("a",), {"transport": "UDP a;x="}, ParseError),
        (("a",), {"secret": b"fifteen bytes.."}, ValueError),
        (("a",), {"secret": "a text of more than sixteen characters"}, TypeError),
        ((5,), {}, TypeError),
        (("a", "5060"), {}, TypeError),
        (("a",), {"supported": "path"}, TypeError),
        (("a",), {"supported": [5]}, TypeError),
    ],
)
def test_an_element_is_checked(
    engine: Engine, arguments: Any, options: Any, error: type[Exception]
) -> None:
    with pytest.raises(error):
        hop_of(engine)(*arguments, **{"secret": SECRET, **options})


def test_an_element_keeps_its_secret(engine: Engine) -> None:
    hop = ELEMENT.hop(engine)
    for text in (repr(hop), str(hop)):
        assert "proxy.example.net" in text
        assert SECRET.decode() not in text
        assert "secret" not in text.partition("=")[0]
    with pytest.raises(TypeError, match="secret"):
        pickle.dumps(hop)
    for name in ("host", "port", "transport", "secret", "colour"):
        with pytest.raises((AttributeError, TypeError)):
            setattr(hop, name, "x")
    assert not [
        name
        for name in dir(hop)
        if isinstance(getattr(hop, name, None), bytes) and SECRET in getattr(hop, name)
    ]


def test_a_half_made_element_is_refused(engine: Engine) -> None:
    cls = hop_of(engine)
    half, hop = cls.__new__(cls), ELEMENT.hop(engine)
    message: Any = engine.parse(invite())
    response = forwarded(engine, invite()).reply(200)
    works: tuple[Callable[[], object], ...] = (
        lambda: message.forward("sip:a", via=half, source=SOURCE),
        lambda: message.forward("sip:a", via=hop, source=SOURCE, record_route=half),
        lambda: message.next_hop("sip:a", via=half),
        lambda: response.forward(via=half),
        lambda: response.next_hop(via=half),
    )
    for work in works:
        with pytest.raises(TypeError):
            work()


def test_an_element_is_made_once(engine: Engine) -> None:
    hop = ELEMENT.hop(engine)
    with pytest.raises(TypeError, match="immutable"):
        hop.__init__("other.example.org", secret=SECRET)
    assert hop.host == "proxy.example.net"


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"source": ("192.0.2.1",)}, "source must be a host and a port"),
        ({"source": None}, "source must be a host and a port"),
        ({"source": "192.0.2.1"}, "source must be a host and a port"),
        ({"fork": "1"}, "fork must be int, not str"),
        ({"fork": None}, "fork must be int, not NoneType"),
        ({"fork": 1.5}, "fork must be int, not float"),
        ({"connection": "1"}, "connection must be int, not str"),
        ({"connection": 1.5}, "connection must be int, not float"),
    ],
)
def test_an_argument_of_another_type_is_named(
    engine: Engine, options: dict[str, Any], match: str
) -> None:
    with pytest.raises(TypeError, match=match):
        forwarded(engine, invite(), **options)


def test_an_element_of_another_class_is_refused(engine: Engine) -> None:
    message: Any = engine.parse(invite())
    response = forwarded(engine, invite()).reply(200)
    for odd in (None, "h", 5, object()):
        with pytest.raises(TypeError):
            message.forward("sip:a", via=odd, source=SOURCE)
        with pytest.raises(TypeError):
            response.forward(via=odd)
        if odd is not None:
            with pytest.raises(TypeError):
                message.forward("sip:a", via=ELEMENT.hop(engine), source=SOURCE, record_route=odd)


# ---- what is refused, and how it is answered -----------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "code", "status", "header"),
    [
        ({"Max_Forwards": b"0"}, "max-forwards-zero", 483, "Max-Forwards"),
        ({"Max_Forwards": b"000"}, "max-forwards-zero", 483, "Max-Forwards"),
        ({"Max_Forwards": b"x"}, "number-malformed", 400, "Max-Forwards"),
        ({"Max_Forwards": b"-1"}, "number-malformed", 400, "Max-Forwards"),
        ({"Max_Forwards": b"70 70"}, "number-malformed", 400, "Max-Forwards"),
        ({"Max_Forwards": b""}, "number-malformed", 400, "Max-Forwards"),
        ({"Max_Forwards": b"256"}, "max-forwards-too-large", 400, "Max-Forwards"),
        ({"Max_Forwards": b"9" * 30}, "max-forwards-too-large", 400, "Max-Forwards"),
        ({"Via": b"SIP/2.0 h"}, "via-malformed", 400, "Via"),
        ({"Via": None}, "header-missing", 400, "Via"),
    ],
)
def test_faults(engine: Engine, changed: Any, code: str, status: int, header: str) -> None:
    data = invite(**changed)
    error = refusal(lambda: forwarded(engine, data))
    assert (error.code, error.status_hint, error.header) == (code, status, header)
    if changed.get("Via", b"x") is not None:
        (value,) = changed.values()
        name = header.encode() + b": "
        at = data.index(name + value) + len(name)
        assert at <= error.offset <= at + len(value)
    request: Any = engine.parse(data)
    response = engine.module("message.reply").reply_to(error, request)
    if header == "Via":
        assert response is None
    else:
        assert (response.status, response.reason) == (status, error.text)
        assert len(response.raw) <= len(data)


def test_extensions_that_a_proxy_must_know(engine: Engine) -> None:
    data = invite(VIA, b"Proxy-Require: path, Sec-Agree", b"Proxy-Require: x")
    for supported, unsupported in (
        ((), ["path", "Sec-Agree", "x"]),
        (("PATH",), ["Sec-Agree", "x"]),
        (("path", "x"), ["Sec-Agree"]),
    ):
        element = Element(supported=supported)
        error = refusal(lambda: forwarded(engine, data, element=element))  # noqa: B023
        assert (error.code, error.status_hint, error.header) == (
            "extension-unsupported",
            420,
            "Proxy-Require",
        )
        request: Any = engine.parse(data)
        response = engine.module("message.reply").reply_to(error, request)
        assert response.status == 420
        assert list(response.unsupported) == unsupported
    assert forwarded(engine, data, element=Element(supported=("x", "path", "sec-agree")))
    for method in (b"ACK", b"CANCEL"):  # their responses could not be sent, or not be heeded
        again = data.replace(b"INVITE sip", method + b" sip").replace(b"7 INVITE", b"7 " + method)
        assert forwarded(engine, again).method == method.decode()


def test_no_answer_to_an_ack(engine: Engine) -> None:
    ack = invite(start=b"ACK sip:bob@example.com SIP/2.0", CSeq=b"7 ACK", Max_Forwards=b"0")
    error = refusal(lambda: forwarded(engine, ack))
    assert error.code == "max-forwards-zero"
    assert engine.module("message.reply").reply_to(error, engine.parse(ack)) is None


def test_answers_are_no_longer_than_what_was_asked(engine: Engine) -> None:
    short = (
        b"X a: SIP/2.0\r\nv:SIP/2.0/UDP a\r\nf:a:\r\nt:a:\r\ni:1\r\nCSeq:1 X\r\n"
        b"Max-Forwards:0\r\n\r\n"
    )
    error = refusal(lambda: forwarded(engine, short))
    assert (
        engine.module("message.reply").reply_to(error, engine.parse(short), source=SOURCE) is None
    )


# ---- what is between messages, and buffers that change -------------------------------------------


def test_bytes_after_the_message_stay_behind(engine: Engine) -> None:
    smuggled = invite() + b"BYE sip:victim.example SIP/2.0\r\n\r\n"
    assert forwarded(engine, smuggled).raw == forwarded(engine, invite()).raw
    assert forwarded(engine, b"\r\n\r\n" + smuggled).raw == forwarded(engine, invite()).raw
    passed: Any = engine.parse(forwarded(engine, invite()).raw)
    response: Any = engine.parse(b"\r\n" + passed.reply(200).raw + smuggled)
    assert b"victim" not in response.forward(via=ELEMENT.hop(engine))


def test_what_goes_to_a_stream_has_a_length(engine: Engine) -> None:
    data = invite(Content_Length=None) + b"v=0\r\n"
    assert forwarded(engine, data).headers.getall("Content-Length") == ["5"]
    assert forwarded(engine, invite(Content_Length=None)).content_length == 0
    for line_end in (b"\r\n", b"\n"):
        answer = forwarded(engine, invite()).reply(200).raw.replace(b"Content-Length: 0\r\n", b"")
        response: Any = engine.parse(answer.replace(b"\r\n", line_end) + b"v=0")
        back = response.forward(via=ELEMENT.hop(engine))
        assert back.endswith(line_end + b"Content-Length: 3" + line_end * 2 + b"v=0")


def test_a_buffer_may_change_after_it_was_parsed(engine: Engine) -> None:
    for view in (False, True):
        data = bytearray(b"\r\n" + invite())
        message: Any = engine.parse(memoryview(data) if view else data)
        result = message.forward("sip:a", via=ELEMENT.hop(engine), source=SOURCE)
        data[:] = bytes(len(data))
        assert result == forwarded(engine, invite(), "sip:a").raw
        try:
            again = message.forward("sip:a", via=ELEMENT.hop(engine), source=SOURCE)
        except ParseError:
            continue
        assert len(again) <= len(result) + 200


def test_a_buffer_may_hold_another_message_then(engine: Engine) -> None:
    hop = ELEMENT.hop(engine)
    passed = forwarded(engine, invite())
    request, response = passed.raw, passed.reply(200).raw
    size = max(len(request), len(response))
    for first, then in ((request, response), (response, request)):
        data = bytearray(first.ljust(size))
        message: Any = engine.parse(data)
        data[:] = then.ljust(size)
        given = {"target": "sip:a", "source": SOURCE} if first is request else {}
        with pytest.raises(ParseError):
            message.forward(via=hop, **given)


def test_a_buffer_may_change_meanwhile(engine: Engine) -> None:
    """Results are whole messages, or errors: never bytes of before and after that read as more."""
    data = bytearray(invite(RPORT, b"Route: <sip:proxy.example.net:5060;lr>"))
    whole, stop = bytes(data), threading.Event()
    hop = ELEMENT.hop(engine)

    def write() -> None:
        at = 0
        while not stop.is_set():
            at = (at + 7) % len(data)
            data[at] = 0x0A
            data[at] = whole[at]

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(300):
            try:
                message: Any = engine.parse(data)
                result = message.forward("sip:a", via=hop, source=SOURCE)
                engine.parse(result)
            except ParseError:
                continue
    finally:
        stop.set()
        writer.join()


# ---- what would cut off others -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (invite(VIA, b"X: 1").replace(b"X: 1\r\n", b"X: 1\n"), "line-ends-mixed"),
        (invite(RPORT + b";x=" + b"a" * 32_680), "line-too-long"),
        (invite(VIA, *[b"X: 1"] * 490), "too-many-header-fields"),
        (invite(VIA, body=b"a" * 1_048_000), "message-too-large"),
        (invite(start=b"INVITE sip:" + b"b" * 32_700 + b" SIP/2.0"), "line-too-long"),
    ],
)
def test_what_a_stream_would_not_take_is_not_forwarded(
    engine: Engine, data: bytes, code: str
) -> None:
    message: Any = engine.parse(data)
    hop = ELEMENT.hop(engine)
    work = lambda: message.forward("sip:a", via=hop, source=SOURCE, record_route=hop)  # noqa: E731
    assert refusal(work).code == code


def test_a_mixed_line_end_is_found_wherever_it_is(engine: Engine) -> None:
    hop = ELEMENT.hop(engine)
    whole = invite(VIA, b"Subject: a\r\n b\r\n\tc", b"X:", body=b"v=0")
    flat = whole.replace(b"\r\n b\r\n\tc", b"")
    for data in (whole, flat, whole.replace(b"\r\n", b"\n"), flat.replace(b"\r\n", b"\n")):
        body = engine.parse(data).body_offset
        line_end = b"\r\n" if b"\r\n" in data else b"\n"
        other = b"\n" if line_end == b"\r\n" else b"\r\n"
        assert forwarded(engine, data)
        at = data.index(line_end)
        while 0 <= at < body:
            mixed = data[:at] + other + data[at + len(line_end) :]
            message: Any = engine.parse(mixed)
            error = refusal(lambda: message.forward("sip:a", via=hop, source=SOURCE))  # noqa: B023
            expected = at
            if at == data.index(line_end):  # the others differ from the first
                expected = data.index(line_end, at + 1) + len(other) - len(line_end)
            assert (error.code, error.offset) == ("line-ends-mixed", expected)
            at = data.find(line_end, at + 1)


def test_what_is_forwarded_at_the_limits_is_taken(engine: Engine) -> None:
    stream = engine.module("message.stream").Stream()
    for data in (invite(RPORT + b";x=" + b"a" * 32_400), invite(VIA, *[b"X: 1"] * 480)):
        made = forwarded(engine, data, record_route=ELEMENT.hop(engine)).raw
        assert [event.raw for event in stream.feed(made)] == [made]


def test_a_target_too_long_for_a_line_is_refused(engine: Engine) -> None:
    message: Any = engine.parse(invite())
    work = lambda: message.forward("sip:" + "a" * 40_000, via=ELEMENT.hop(engine), source=SOURCE)  # noqa: E731
    assert refusal(work).code == "line-too-long"


def test_no_port_is_0(engine: Engine) -> None:
    hop = ELEMENT.hop(engine)
    odd: Any = engine.parse(invite(b"SIP/2.0/UDP 192.0.2.5:0;branch=z9hG4bKa"))
    assert refusal(odd.reply(404).next_hop).code == "via-malformed"
    message: Any = engine.parse(invite())
    assert refusal(lambda: message.next_hop("sip:a@192.0.2.5:0", via=hop)).code == "port-malformed"
    with pytest.raises(ValueError, match="from 1 to 65535"):
        message.forward("sip:a", via=hop, source=("192.0.2.5", 0))
    with pytest.raises(ValueError, match="from 1 to 65535"):
        message.reply(200, source=("192.0.2.5", 0))
    with pytest.raises(ValueError, match="from 1 to 65535"):
        engine.module("message.hop").Hop("192.0.2.5", 0, secret=SECRET)


def test_a_uri_and_a_port_of_classes_of_their_own_bring_no_lines(engine: Engine) -> None:
    class Lying(engine.module("values.uri").SipURI):  # type: ignore[misc]
        def __bytes__(self) -> bytes:
            return b"sip:a SIP/2.0\r\nEvil: 1\r\nX:"

    class Port(int):
        def __format__(self, _: str) -> str:
            return "5\r\nEvil: 1"

    message: Any = engine.parse(invite(RPORT))
    hop = ELEMENT.hop(engine)
    assert refusal(lambda: message.forward(Lying("a"), via=hop, source=SOURCE)).code
    for made in (
        message.forward("sip:a", via=hop, source=("192.0.2.5", Port(5))),
        message.reply(200, source=("192.0.2.5", Port(5))).raw,
    ):
        assert b"Evil" not in made
        assert b"rport=5\r\n" in made


def test_a_source_without_a_port_is_refused(engine: Engine) -> None:
    message: Any = engine.parse(invite())
    for source in ((), ("192.0.2.5",), 5):
        with pytest.raises(TypeError, match="a host and a port"):
            message.reply(200, source=source)


def test_a_malformed_option_tag_is_shown_in_its_place(engine: Engine) -> None:
    data = invite(VIA, b'Proxy-Require: "abc')
    message: Any = engine.parse(data)
    error = refusal(lambda: message.forward("sip:a", via=ELEMENT.hop(engine), source=SOURCE))
    assert (error.code, error.offset) == ("quote-unterminated", data.index(b'"abc'))
