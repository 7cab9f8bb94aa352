"""A dialog whose requests come in by one transport and leave by another (RFC 5658)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from forwarding import SECRET, SOURCE, Element
from samples import sample

from sipfast import NextHop, ParseError
from sipfast._engine import Engine

INVITE = b"INVITE sip:bob@example.com SIP/2.0"
UDP, TCP = Element("192.0.2.1", 5060), Element("192.0.2.1", 5060, "TCP")
TLS, WS = Element("proxy.example.net", 5061, "TLS"), Element("192.0.2.1", 8080, "WS")
WSS = Element("192.0.2.1", 8443, "WSS")
DEFAULT = Element("[2001:db8::1]", None, "TCP")
BY_ITSELF = Element("192.0.2.1", 5060, "TCP", secret=SECRET[::-1])
PAIRS = [
    *((UDP, TCP), (TCP, UDP), (UDP, TLS), (TLS, UDP), (UDP, WS), (WS, UDP), (WS, TLS)),
    *((UDP, DEFAULT), (DEFAULT, TLS), (UDP, BY_ITSELF), (BY_ITSELF, UDP)),
]


class Call:
    """A call that comes in by `near` and leaves by `far`."""

    def __init__(self, engine: Engine, near: Element, far: Element, *records: bytes) -> None:
        self.engine = engine
        self.near, self.far = near.hop(engine), far.hop(engine)
        self.hops = self.far, self.near
        via = f"SIP/2.0/{near.transport} 192.0.2.77:5062;branch=z9hG4bKa".encode()
        contact = b"Contact: <sip:alice@192.0.2.77>"
        fields = {"Via": via, "To": b"<sip:bob@example.com>", "CSeq": b"7 INVITE"}
        self.asked = read(engine, sample(INVITE, contact, *records, **fields))
        self.arrived = read(
            engine,
            self.asked.forward(
                "sip:bob@192.0.2.30", via=self.far, source=SOURCE, record_route=self.hops
            ),
        )
        answer = {"Contact": "<sip:bob@192.0.2.30>"}
        self.answer = self.arrived.reply(200, to_tag="b0b", headers=answer)
        self.back = read(engine, self.answer.forward(via=self.far))
        dialog = engine.module("message.dialog").Dialog
        self.caller = dialog.uac(self.asked, self.back)
        self.callee = dialog.uas(self.arrived, self.answer, via="SIP/2.0/UDP 192.0.2.30")

    def along(self, data: Any, target: Any = None, **options: Any) -> tuple[Any, NextHop]:
        """A request that follows its route, and where it goes."""
        message = read(self.engine, data)
        given = {"via": self.far, "record_route": self.hops, **options}
        passed = message.forward(target, source=SOURCE, **given)
        return read(self.engine, passed), message.next_hop(target, **given)

    def refused(self, data: bytes, **options: Any) -> ParseError:
        return refusal(lambda: self.along(data, **options))


def read(engine: Engine, data: bytes) -> Any:
    return engine.parse(data)


def refusal(work: Callable[[], object]) -> ParseError:
    with pytest.raises(ParseError) as caught:
        work()
    return caught.value


def name(element: Any) -> str:
    return f"{element.transport} {element.sent_by}"


@pytest.mark.parametrize(("near", "far"), PAIRS, ids=name)
def test_a_dialog_crosses_both_ways(engine: Engine, near: Element, far: Element) -> None:
    call = Call(engine, near, far, b"Record-Route: <sip:p3.example.com;lr>")
    out, back, rest = call.arrived.record_routes
    for route, element in ((out, far), (back, near)):
        assert (route.uri.host, route.uri.port, route.uri.lr) == (element.host, element.port, True)
        transport = None if element.transport == "UDP" else element.transport.lower()
        assert route.uri.transport == transport
    assert rest.uri.host == "p3.example.com"
    assert call.arrived.via.transport == far.transport
    request = call.callee.request("INFO")
    assert list(request.routes) == [out, back, rest]
    passed, where = call.along(request.raw, via=call.near, record_route=(call.near, call.far))
    assert (passed.uri_text, passed.routes) == ("sip:alice@192.0.2.77", (rest,))
    assert where == ("p3.example.com", None, near.transport, None)
    assert [route.uri.transport for route in passed.record_routes] == [
        back.uri.transport,
        out.uri.transport,
    ]


@pytest.mark.parametrize(("near", "far"), PAIRS, ids=name)
def test_each_party_is_reached_by_its_transport(
    engine: Engine, near: Element, far: Element
) -> None:
    call = Call(engine, near, far)
    for dialog, contact, element in (
        (call.caller, "sip:bob@192.0.2.30", far),
        (call.callee, "sip:alice@192.0.2.77", near),
    ):
        request = dialog.request("INFO")
        assert len(request.routes) == 2
        hop = element.hop(engine)
        for via, pair in (
            (call.far, (call.far, call.near)),
            (call.near, (call.far, call.near)),
            (call.near, call.far),
            (hop, (call.near, call.far)),
        ):
            passed, where = call.along(request.raw, via=via, record_route=pair)
            assert (passed.uri_text, passed.routes) == (contact, ())
            assert where.transport == element.transport
            assert where.port == (5061 if element.transport == "TLS" else 5060)


@pytest.mark.parametrize("near", [TLS, UDP], ids=name)
@pytest.mark.parametrize("is_routed", [False, True])
def test_a_request_to_a_sips_uri_stays_on_tls(
    engine: Engine, near: Element, is_routed: bool
) -> None:
    """Its Record-Routes are sips URIs (RFC 3261 16.6 step 4), and known again in Route."""
    start, routes = b"INVITE sips:bob@example.com SIP/2.0", list[bytes]()
    if is_routed:
        start, routes = INVITE, [b"Route: <sips:p2.example.com;lr>"]
    fields = {"To": b"<sip:bob@example.com>", "CSeq": b"7 INVITE"}
    asked = read(engine, sample(start, *routes, **fields))
    hops = WSS.hop(engine), near.hop(engine)
    options: Any = {"via": hops[0], "source": SOURCE, "record_route": hops, "trusted": True}
    arrived = read(engine, asked.forward(**options))
    uris = [route.uri for route in arrived.record_routes]
    assert str(uris[0]).startswith("sips:192.0.2.1:8443;transport=ws;lr;mac=")
    scheme = "sip" if near is UDP else "sips"
    assert (uris[1].scheme, uris[1].host) == (scheme, near.host)
    assert uris[1].transport is None
    answer = arrived.reply(200, to_tag="b0b", headers={"Contact": "<sips:bob@192.0.2.30>"})
    dialog = engine.module("message.dialog").Dialog.uac(asked, answer)
    options["trusted"] = False
    bye = read(engine, dialog.request("BYE").raw)
    passed = read(engine, bye.forward(**options))
    assert (passed.routes, passed.uri_text) == ((), "sips:bob@192.0.2.30")
    plain = asked.forward("sip:bob@192.0.2.30", **{**options, "trusted": True})
    if not is_routed:
        assert "sips:" not in str(read(engine, plain).record_routes)


def test_a_transport_in_the_uri_comes_first(engine: Engine) -> None:
    call = Call(engine, UDP, TCP)
    bye = call.caller.request("BYE").raw
    for uri, transport in (
        (b"sip:bob@192.0.2.30", "TCP"),
        (b"sip:bob@192.0.2.30;transport=udp", "UDP"),
        (b"sip:bob@192.0.2.30;maddr=192.0.2.31", "TCP"),
        (b"sips:bob@192.0.2.30", "TLS"),
    ):
        assert call.along(bye.replace(b"sip:bob@192.0.2.30", uri))[1].transport == transport
    assert call.along(bye, "sip:bob@192.0.2.31")[1].transport == "UDP"
    secure = Call(engine, UDP, WS), Call(engine, UDP, WSS)
    for crossed, transport in zip(secure, ("TLS", "WSS"), strict=True):
        bye = crossed.caller.request("BYE").raw.replace(b"BYE sip:", b"BYE sips:")
        assert crossed.along(bye)[1].transport == transport


@pytest.mark.parametrize(("near", "far"), PAIRS, ids=name)
def test_a_forged_second_route_leads_nowhere(engine: Engine, near: Element, far: Element) -> None:
    call = Call(engine, near, far)
    bye = call.caller.request("BYE").raw
    first, second = (str(route).encode() for route in call.caller.request("BYE").routes)
    mac = second[second.index(b";mac=") : -1]
    for forged in (b"", b";mac", b";mac=", b";mac=0123456789abcdef", mac[:-1], mac + b"0"):
        data = bye.replace(second, second.replace(mac, forged))
        assert data != bye
        error = call.refused(data)
        assert (error.code, error.status_hint) == ("route-unsigned", 403)
        more = data.replace(b"\r\nTo:", b"\r\nRoute: <sip:victim.example;lr>\r\nTo:")
        assert call.refused(more).code == "route-unsigned"
        assert call.along(data, trusted=True)[0].routes == ()
    unsigned = bye.replace(first, first.replace(first[first.index(b";mac=") : -1], b""))
    assert call.refused(unsigned).code == "route-unsigned"


def test_a_target_is_reached_by_its_own_transport(engine: Engine) -> None:
    call = Call(engine, UDP, TCP)
    bye = call.caller.request("BYE")
    second = str(bye.routes[1]).encode()
    forged = bye.raw.replace(second, b"<sip:192.0.2.1:5060;transport=tcp;lr>")
    for data in (bye.raw, forged):
        for target in ("sip:bob@192.0.2.31", "sip:bob@example.com;maddr=192.0.2.31"):
            for trusted in (False, True):
                passed, where = call.along(data, target, trusted=trusted)
                assert passed.routes == ()
                assert where == ("192.0.2.31", 5060, "UDP", None)
    onward = bye.raw.replace(b"\r\nTo:", b"\r\nRoute: <sip:p4.example.com;lr>\r\nTo:")
    assert call.along(onward, "sip:bob@192.0.2.31")[1].transport == "TCP"


def test_a_signature_of_another_dialog_is_forged(engine: Engine) -> None:
    call, other = Call(engine, UDP, TCP), Call(engine, UDP, BY_ITSELF)
    bye = call.caller.request("BYE").raw
    second = str(call.caller.request("BYE").routes[1]).encode()
    signed_otherwise = str(other.caller.request("BYE").routes[1]).encode()
    assert second != signed_otherwise
    assert call.refused(bye.replace(second, signed_otherwise)).code == "route-unsigned"


def test_what_is_not_the_other_hop_stays(engine: Engine) -> None:
    """A spiral goes by the same hop twice; another transport at our place is not this element."""
    call = Call(engine, UDP, TCP)
    bye = call.caller.request("BYE").raw
    first, second = (str(route).encode() for route in call.caller.request("BYE").routes)
    for other in (
        first,
        second.replace(b"=tcp", b"=sctp"),
        second.replace(b"5060", b"5070"),
        b"<sip:192.0.2.8;lr>",
    ):
        passed, where = call.along(bye.replace(second, other))
        assert [str(route).encode() for route in passed.routes] == [other]
        uri = passed.routes[0].uri
        assert where[:3] == (uri.host, uri.port or 5060, (uri.transport or "udp").upper())


def test_one_hop_alone_takes_one_route(engine: Engine) -> None:
    """The next hop is then the other one, from which a sender sees by which to leave."""
    call = Call(engine, UDP, TCP)
    bye = call.caller.request("BYE")
    for record_route in (None, call.near):
        passed, where = call.along(bye.raw, via=call.near, record_route=record_route)
        assert list(passed.routes) == list(bye.routes[1:])
        assert where == ("192.0.2.1", 5060, "TCP", None)


def test_a_third_route_of_ours_stays(engine: Engine) -> None:
    call = Call(engine, UDP, TCP)
    bye = call.caller.request("BYE")
    first = str(bye.routes[0]).encode()
    data = bye.raw.replace(b"\r\nTo:", b"\r\nRoute: " + first + b"\r\nTo:")
    assert [str(route).encode() for route in call.along(data)[0].routes] == [first]


def test_a_strict_router_before_us(engine: Engine) -> None:
    """Our first Route is in the Request-URI, and the target at the end of Route."""
    call = Call(engine, UDP, TCP)
    bye = call.caller.request("BYE")
    first, second = (str(route) for route in bye.routes)
    strict = bye.edit()
    strict.uri = first[1:-1]
    strict["Route"] = f"{second}, <sip:bob@192.0.2.30>"
    data = bytes(strict)
    passed, where = call.along(data)
    assert (passed.uri_text, passed.routes) == ("sip:bob@192.0.2.30", ())
    assert where == ("192.0.2.30", 5060, "TCP", None)
    mac = second[second.index(";mac=") : -1].encode()
    assert call.refused(data.replace(b"tcp;lr" + mac, b"tcp;lr")).code == "route-unsigned"


def test_a_pair_has_two_hops(engine: Engine) -> None:
    message = read(engine, sample(INVITE))
    hop = UDP.hop(engine)
    relay = engine.module("message.forward").relay_request
    odd: Any
    for odd in ((), (hop,), (hop, hop, hop), (hop, None), (None, hop), ("h", hop), [hop, hop]):
        works: tuple[Callable[[], object], ...] = (
            lambda: message.forward("sip:a", via=hop, source=SOURCE, record_route=odd),  # noqa: B023
            lambda: message.next_hop("sip:a", via=hop, record_route=odd),  # noqa: B023
            lambda: relay(message, "sip:a", hop, SOURCE, odd, None, 0, False),  # noqa: B023
        )
        for work in works:
            with pytest.raises(TypeError, match="record_route must be"):
                work()


def test_two_record_routes_in_a_message_of_bare_line_feeds(engine: Engine) -> None:
    message = read(engine, sample(INVITE, line_end=b"\n"))
    hops = TCP.hop(engine), UDP.hop(engine)
    passed = message.forward("sip:a", via=hops[0], source=SOURCE, record_route=hops)
    assert b"\r" not in passed
    assert [route.uri.transport for route in read(engine, passed).record_routes] == ["tcp", None]
