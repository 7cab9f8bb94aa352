"""Addresses of every header field that has one, and those with parameters of their own."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import OPTIONS, sample
from value_checks import assert_agree, assert_same_text, hostile, pairs, texts

from sipfast import ParseError
from sipfast._engine import Engine

LISTS = {
    "Path": "path",
    "Service-Route": "service_route",
    "P-Asserted-Identity": "p_asserted_identity",
    "P-Preferred-Identity": "p_preferred_identity",
    "P-Associated-URI": "p_associated_uri",
    "Remote-Party-ID": "remote_party_id",
    "Permission-Missing": "permission_missing",
    "Trigger-Consent": "trigger_consent",
    "Alert-Info": "alert_info",
    "Call-Info": "call_info",
    "Error-Info": "error_info",
    "Geolocation": "geolocation",
    "Diversion": "diversion",
    "History-Info": "history_info",
}
SINGLE = {
    "Refer-To": "refer_to",
    "Referred-By": "referred_by",
    "Reply-To": "reply_to",
    "P-Called-Party-ID": "p_called_party_id",
    "P-Profile-Key": "p_profile_key",
    "P-Served-User": "p_served_user",
}


@pytest.mark.parametrize(("header", "name"), LISTS.items())
def test_lists(engine: Engine, header: str, name: str) -> None:
    lines = [
        f'{header}: "A, B" <sip:a@example.com;lr>, <tel:+1234>',
        f"{header.upper()}: <urn:alert:y>",
    ]
    message: Any = engine.parse(sample(b"SIP/2.0 200 OK", *[line.encode() for line in lines]))
    values = getattr(message, name)
    assert [str(value.uri) for value in values] == [
        "sip:a@example.com;lr",
        "tel:+1234",
        "urn:alert:y",
    ]
    assert values[0].display_name == "A, B"
    assert getattr(engine.parse(sample()), name) == ()
    assert engine.format_header(engine.parse_header(header, str(values[0]))) == str(values[0])


@pytest.mark.parametrize(("header", "name"), SINGLE.items())
def test_single(engine: Engine, header: str, name: str) -> None:
    line = f"{header}: Bob <sip:bob@example.com?Replaces=a%3Bto-tag%3Db>;x=1"
    message: Any = engine.parse(sample(b"SIP/2.0 200 OK", line.encode()))
    value = getattr(message, name)
    assert (value.display_name, value.uri.user, value.parameters["x"]) == ("Bob", "bob", "1")
    assert value.uri.headers == (("Replaces", "a;to-tag=b"),)
    assert value == engine.parse_header(header, str(value))
    assert getattr(engine.parse(sample()), name) is None


def test_malformed_address(engine: Engine) -> None:
    message = engine.parse(sample(b"SIP/2.0 200 OK", b"Path: <sip:a@b>, <sip:c"))
    with pytest.raises(ParseError) as raised:
        assert message.path
    assert (raised.value.code, raised.value.header) == ("address-malformed", "Path")
    assert message.raw[raised.value.offset :].startswith(b"<sip:c")
    assert message.to is not None


def test_remote_party_id(engine: Engine) -> None:
    cls = engine.module("values.parties").RemotePartyID
    party = cls.parse('"A" <sip:1@b>;party=called;id-type=subscriber;privacy=full;screen=No')
    assert (party.party, party.id_type) == ("called", "subscriber")
    assert (party.privacy, party.screen) == ("full", False)
    bare = cls.parse("sip:1@b")
    assert (bare.party, bare.id_type, bare.privacy, bare.screen) == (None, None, None, None)
    assert cls.parse("<sip:1@b>;screen=yes").screen is True


def test_diversion(engine: Engine) -> None:
    cls = engine.module("values.parties").Diversion
    diversion = cls.parse("<tel:+1234>;reason=no-answer;counter=2;limit=5;screen=yes;privacy=off")
    assert (diversion.reason, diversion.counter, diversion.limit) == ("no-answer", 2, 5)
    assert (diversion.screen, diversion.privacy) == (True, "off")
    bad = cls.parse("<tel:+1234>;counter=x")
    with pytest.raises(ParseError) as raised:
        assert bad.counter
    assert (raised.value.code, raised.value.offset) == ("parameter-not-a-number", 12)


def test_history_info(engine: Engine) -> None:
    text = (
        "<sip:bob@example.com>;index=1, "
        "<sip:bob@192.0.2.4?Reason=SIP%3Bcause%3D302&X=y&reason=Q.850%3Bcause%3D19>"
        ";index=1.1;rc=1, "
        "<sip:carol@example.com;cause=408>;index=1.2;mp=1, <tel:+1>;index=1.2.10;np=1.2"
    )
    first, second, third, fourth = engine.parse_header("History-Info", text)
    assert [entry.index for entry in (first, second, third, fourth)] == [
        (1,),
        (1, 1),
        (1, 2),
        (1, 2, 10),
    ]
    assert (first.rc, second.rc, third.mp, fourth.np) == ((), (1,), (1,), (1, 2))
    assert (first.cause, third.cause, fourth.cause) == (None, 408, None)
    assert [(reason.protocol, reason.cause) for reason in second.reasons] == [
        ("SIP", 302),
        ("Q.850", 19),
    ]
    assert first.reasons == fourth.reasons == ()


def test_several_reasons_in_one_field_of_a_uri(engine: Engine) -> None:
    """RFC 3326 2: a list."""
    text = "<sip:b?Reason=SIP%3Bcause%3D302%2CQ.850%3Bcause%3D16&reason=X>;index=1"
    (entry,) = engine.parse_header("History-Info", text)
    assert [(reason.protocol, reason.cause) for reason in entry.reasons] == [
        ("SIP", 302),
        ("Q.850", 16),
        ("X", None),
    ]
    assert entry.reasons[0] == engine.parse_header("Reason", "SIP;cause=302")[0]


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        (b"SIP%3Bcause%3Dx", "parameter-not-a-number"),
        (b"SIP%3B%22", "quote-unterminated"),
        (b"%3Bcause%3D1", "item-malformed"),
        (b"SIP%0D%0A", "value-line-end"),
        (b"SIP%3Btext%3Da%22", "quote-unterminated"),
    ],
)
def test_a_fault_in_a_reason_in_a_uri_has_its_place(
    engine: Engine, reason: bytes, code: str
) -> None:
    field = b'History-Info: <sip:a>;index=1,\r\n "\xc3\xa9" <sip:b;x=y?Reason=' + reason + b">"
    message: Any = engine.parse(sample(OPTIONS, field))
    with pytest.raises(ParseError) as raised:
        assert message.history_info[1].reasons[0].cause
    assert (raised.value.code, raised.value.header) == (code, "History-Info")
    assert message.raw[raised.value.offset :].startswith(b"Reason=")


@pytest.mark.parametrize("index", ["x", "1.", ".1", "1..2", "-1", "1" * 5000, "\uff11"])
def test_bad_index(engine: Engine, index: str) -> None:
    entry = engine.module("values.parties").HistoryInfo.parse(f"<sip:a@b>;index={index}")
    with pytest.raises(ParseError) as raised:
        assert entry.index
    assert (raised.value.code, raised.value.offset) == ("index-malformed", 10)
    assert entry.uri.user == "a"


def test_others(engine: Engine) -> None:
    parties = engine.module("values.parties")
    assert parties.ReferredBy.parse('<sip:a@b>;cid="20398823.2UWQ@b"').cid == "20398823.2UWQ@b"
    assert parties.ReferredBy.parse("<sip:a@b>").cid is None
    info = parties.CallInfo.parse("<http://www.example.com/alice/photo.jpg> ;purpose=icon")
    assert (str(info.uri), info.purpose) == ("http://www.example.com/alice/photo.jpg", "icon")
    served = parties.ServedUser.parse("<sip:u@example.com>; sescase=orig; regstate=unreg")
    assert (served.session_case, served.registration_state) == ("orig", "unreg")
    assert served.replace(parameters={"sescase": "term"}).session_case == "term"
    consent = engine.parse_header("Trigger-Consent", 'sip:1@relay;target-uri="sip:2@relay"')[0]
    assert consent.parameters["target-uri"] == "sip:2@relay"


def test_geolocation(engine: Engine) -> None:
    fields = [b"Geolocation: <cid:target@example.com>", b"Geolocation-Routing: yes"]
    message = engine.parse(sample(b"SIP/2.0 200 OK", *fields))
    assert [str(place.uri) for place in message.geolocation] == ["cid:target@example.com"]
    routing = message.geolocation_routing
    assert routing is not None
    assert routing.value == "yes"


CLASSES = ["RemotePartyID", "Diversion", "HistoryInfo", "ReferredBy", "CallInfo", "ServedUser"]


@settings(deadline=None)
@given(st.sampled_from(CLASSES), st.none() | texts.filter(bool), pairs)
def test_generated(native: Engine, pure: Engine, name: str, display: str | None, more: Any) -> None:
    numbers = ("tag", "counter", "limit", "index", "rc", "mp", "np")
    others = [pair for pair in more if pair[0].lower() not in numbers]
    uri = "sip:a@example.com"
    assert_same_text(native, pure, "values.parties", name, uri, display, parameters=others)


@settings(deadline=None)
@given(st.sampled_from([*LISTS, *SINGLE]), st.one_of(hostile, hostile.map("<sip:a@b>;".__add__)))
def test_hostile_text(native: Engine, pure: Engine, header: str, text: str) -> None:
    assert_agree(native, pure, header, text)
