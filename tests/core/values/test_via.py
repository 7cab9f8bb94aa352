"""Via: RFC 3261 20.42, RFC 3581, RFC 5118, RFC 5923; on both engines."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seen import seen

from sipfast import ParseError
from sipfast._engine import ENGINE, Engine


def via(engine: Engine, text: str | bytes) -> Any:
    return engine.module("values.via").Via.parse(text)


def fault(read: Any) -> tuple[str, int]:
    with pytest.raises(ParseError) as caught:
        read()
    return caught.value.code, caught.value.offset


def test_all_parts(engine: Engine) -> None:
    found = via(
        engine,
        "SIP/2.0/TLS Gw.example.com:5061;branch=z9hG4bKa;received=192.0.2.9;rport=40001"
        ";maddr=239.255.255.1;ttl=16;alias;x=1",
    )
    assert (found.protocol, found.transport) == ("SIP/2.0", "TLS")
    assert (found.host, found.port, found.sent_by) == (
        "Gw.example.com",
        5061,
        "Gw.example.com:5061",
    )
    assert (found.branch, found.is_rfc3261) == ("z9hG4bKa", True)
    assert (found.received, found.rport, found.wants_rport) == ("192.0.2.9", 40001, True)
    assert (found.maddr, found.ttl, found.alias) == ("239.255.255.1", 16, True)
    assert found.parameters["X"] == "1"


def test_no_parts_but_the_needed(engine: Engine) -> None:
    found = via(engine, "SIP/2.0/UDP h")
    for name in ("port", "branch", "received", "rport", "maddr", "ttl"):
        assert getattr(found, name) is None
    assert (found.wants_rport, found.alias, found.is_rfc3261) == (False, False, False)
    assert (found.sent_by, [*found.parameters.items()]) == ("h", [])


@pytest.mark.parametrize(
    ("text", "protocol", "transport", "sent_by"),
    [
        (
            "SIP / 2.0 / UDP first.example.com: 4000 ;ttl=16",
            "SIP/2.0",
            "UDP",
            "first.example.com:4000",
        ),
        ("SIP  /\t2.0/TCP   h  :  5060  ; a", "SIP/2.0", "TCP", "h:5060"),
        ("sip/2.0/udp h ;a", "sip/2.0", "udp", "h"),
        ("SIP/2.0/ \tUDP h", "SIP/2.0", "UDP", "h"),
        ("SIP/2.0/TLS-SCTP [2001:db8::9:1]", "SIP/2.0", "TLS-SCTP", "[2001:db8::9:1]"),
        ("SIP/2.0/UDP [2001:db8::9]:1;a", "SIP/2.0", "UDP", "[2001:db8::9]:1"),
        ("SIP/2.0/UDP [2001:db8:::192.0.2.1]", "SIP/2.0", "UDP", "[2001:db8:::192.0.2.1]"),
        ("SIP/2.0/UNKNOWN h:00005060", "SIP/2.0", "UNKNOWN", "h:00005060"),
    ],
)
def test_sent_protocol_and_sent_by(
    engine: Engine, text: str, protocol: str, transport: str, sent_by: str
) -> None:
    found = via(engine, text)
    assert (found.protocol, found.transport, found.sent_by) == (protocol, transport, sent_by)
    assert str(found) == text


@pytest.mark.parametrize("received", ["2001:db8::9", "[2001:db8::9]", "192.0.2.1"])
def test_received_in_brackets_or_without(engine: Engine, received: str) -> None:
    assert via(engine, f"SIP/2.0/UDP h;received={received}").received == received


@pytest.mark.parametrize(
    ("branch", "is_rfc3261"),
    [("z9hG4bKa", True), ("Z9HG4BKa", True), ("z9hG4bK", False), ("1", False), ("", False)],
)
def test_the_magic_cookie(engine: Engine, branch: str, is_rfc3261: bool) -> None:
    found = via(engine, f"SIP/2.0/UDP h;branch={branch}")
    assert (found.branch, found.is_rfc3261) == (branch, is_rfc3261)


def test_rport_without_a_value(engine: Engine) -> None:
    for text in ("rport", "RPORT", "rport=", "rport ="):
        found = via(engine, f"SIP/2.0/UDP h;{text}")
        assert (found.rport, found.wants_rport) == (None, True)


@pytest.mark.parametrize("name", ["rport", "ttl"])
@pytest.mark.parametrize("number", ["65536", "-1", "x", "1x", "\u0661", "9" * 5000])
def test_malformed_numbers(engine: Engine, name: str, number: str) -> None:
    found = via(engine, f"SIP/2.0/UDP h; {name}={number}")
    assert found.host == "h"
    assert fault(lambda: getattr(found, name)) == ("parameter-not-a-number", 15)


@pytest.mark.parametrize(
    ("text", "code", "offset"),
    [
        ("", "via-malformed", 0),
        ("SIP", "via-malformed", 3),
        ("SIP/", "via-malformed", 4),
        ("SIP/2.0", "via-malformed", 7),
        ("SIP/2.0/", "via-malformed", 8),
        ("SIP/2.0/  /h", "via-malformed", 10),
        ("SIP/2.0/UDP", "via-malformed", 11),
        ("SIP/2.0 UDP h", "via-malformed", 7),
        ("SIP//UDP h", "via-malformed", 4),
        ("/2.0/UDP h", "via-malformed", 0),
        ("SIP/2.0/UDP;h", "via-malformed", 11),
        ("SIP/2.0/UDP ;branch=1", "host-malformed", 12),
        ("SIP/2.0/UDP \xe9", "host-malformed", 12),
        ("SIP/2.0/UDP h i", "host-malformed", 14),
        ("SIP/2.0/UDP h,i", "host-malformed", 13),
        ("SIP/2.0/UDP [::1", "host-malformed", 12),
        ("SIP/2.0/UDP h:", "port-malformed", 14),
        ("SIP/2.0/UDP h: ;a", "port-malformed", 15),
        ("SIP/2.0/UDP h:65536", "port-malformed", 14),
        ("SIP/2.0/UDP h:1x", "host-malformed", 15),
        ("SIP/2.0/UDP h : 1 x", "host-malformed", 18),
        ('SIP/2.0/UDP h;a="', "quote-unterminated", 16),
    ],
)
def test_malformed(engine: Engine, text: str, code: str, offset: int) -> None:
    assert fault(lambda: via(engine, text)) == (code, offset)
    assert fault(lambda: via(engine, f"\t{text}".encode())) == (code, offset + 1)


def test_malformed_parameters(engine: Engine) -> None:
    found = via(engine, "SIP/2.0/UDP h;branch=1; a b;\xe9=2;=3;x=a b")
    assert found.branch == "1"
    assert found.parameters["\xe9"] == "2"
    assert fault(lambda: list(found.parameters)) == ("parameter-malformed", 24)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("SIP/2.0/UDP h;a=1;b", "sip / 2.0 / udp H ; B ; A=1", True),
        ("SIP/2.0/UDP h:05060", "SIP/2.0/UDP h:5060", True),
        ("SIP/2.0/UDP [2001:DB8::1]", "SIP/2.0/UDP [2001:db8:0::1]", True),
        ("SIP/2.0/UDP h;b=Z", "SIP/2.0/UDP h;b=z", True),
        ("SIP/2.0/UDP h", "SIP/2.0/TCP h", False),
        ("SIP/2.0/UDP h", "SIP/2.0/UDP h:5060", False),
        ("SIP/2.0/UDP h", "SIP/2.0/UDP h;rport", False),
        ("SIP/2.0/UDP h;b=1", "SIP/2.0/UDP h;b=2", False),
        ('SIP/2.0/UDP h;b="X y"', 'SIP/2.0/UDP h;b="x y"', False),
        ("SIP/2.0/UDP h;a b", "SIP/2.0/UDP h;a  b", False),
        ("SIP/2.0/UDP h;a b", "SIP/2.0/UDP h;a b", True),
    ],
)
def test_equality(engine: Engine, one: str, other: str, equal: bool) -> None:
    first, second = via(engine, one), via(engine, other)
    assert (first == second) is equal
    assert (second == first) is equal
    if equal:
        assert hash(first) == hash(second)


def test_building(engine: Engine) -> None:
    make = engine.module("values.via").Via
    assert str(make("h")) == "SIP/2.0/UDP h"
    built = make("[::1]", 5060, transport="TCP", branch="z9hG4bK1", parameters={"rport": None})
    assert str(built) == "SIP/2.0/TCP [::1]:5060;branch=z9hG4bK1;rport"
    assert str(built.replace(port=None, parameters=[("received", "192.0.2.1")])) == (
        "SIP/2.0/TCP [::1];branch=z9hG4bK1;received=192.0.2.1"
    )
    assert str(via(engine, "SIP / 3.0 / X h;a=1;branch=2").replace()) == "SIP/3.0/X h;branch=2;a=1"


@pytest.mark.parametrize(
    "parts",
    [
        {"host": ""},
        {"host": "h;a"},
        {"host": "h:1"},
        {"host": "h i"},
        {"host": "h\r\nX: y"},
        {"host": "::1"},
        {"host": "h", "port": 65536},
        {"host": "h", "port": -1},
        {"host": "h", "transport": ""},
        {"host": "h", "transport": "UDP h;x="},
        {"host": "h", "transport": "UDP x:"},
        {"host": "h", "protocol": "SIP"},
        {"host": "h", "protocol": "SIP/2.0/UDP h;x="},
        {"host": "h", "protocol": "SIP / 2.0"},
        {"host": "h", "branch": "1\n"},
    ],
)
def test_a_part_that_cannot_be_written(engine: Engine, parts: dict[str, Any]) -> None:
    with pytest.raises(ParseError):
        engine.module("values.via").Via(**parts)


def test_a_via_cannot_be_changed(engine: Engine) -> None:
    found = via(engine, "SIP/2.0/UDP h")
    for name in ("host", "branch", "colour"):
        with pytest.raises(AttributeError):
            setattr(found, name, "x")
    with pytest.raises(TypeError, match="immutable"):
        found.__init__("i")
    assert str(found) == "SIP/2.0/UDP h"


def test_a_via_made_twice(engine: Engine) -> None:
    cls = engine.module("values.via").Via
    made = cls.__new__(cls)
    with pytest.raises(ParseError):
        made.__init__("h i")
    made = cls.__new__(cls)
    made.__init__("h")
    assert made == via(engine, "SIP/2.0/UDP h")


def test_a_pickle_loads_on_the_engine_in_use(engine: Engine) -> None:
    text = b"SIP/2.0/UDP h;x=\xff"
    again = pickle.loads(pickle.dumps(via(engine, text)))
    assert again == via(ENGINE, text)
    assert bytes(again) == text


tokens = st.text("aZ09-.!%*_+`'~", min_size=1, max_size=6)
parts = st.fixed_dictionaries(
    {"host": st.sampled_from(["h", "A.example.com", "192.0.2.1", "[2001:db8::1]"])},
    optional={
        "port": st.integers(0, 65535),
        "protocol": st.sampled_from(["SIP/2.0", "sip/2.0", "X/1"]),
        "transport": tokens,
        "branch": tokens,
        "parameters": st.lists(
            st.tuples(
                tokens.filter(lambda name: name.lower() != "branch"),
                st.none() | st.text('aZ "\\;,=\0\xe9', max_size=6),
            ),
            max_size=4,
        ),
    },
)


@settings(max_examples=400, deadline=None)
@given(parts=parts)
def test_what_is_built_is_read(native: Engine, pure: Engine, parts: dict[str, Any]) -> None:
    built = [engine.module("values.via").Via(**parts) for engine in (native, pure)]
    assert seen(built[0]) == seen(built[1])
    for engine, made in zip((native, pure), built, strict=True):
        again = via(engine, str(made))
        assert again == made
        assert hash(again) == hash(made)
        assert str(made.replace()) == str(made)
        for name in parts.keys() - {"parameters"}:
            assert getattr(made, name) == parts[name]
        written = [pair for pair in made.parameters.items() if pair[0].lower() != "branch"]
        assert written == [(name, text or None) for name, text in parts.get("parameters", ())]
