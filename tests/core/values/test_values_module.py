"""`sipfast.values`: every class of a value, reached from one module, and what holds for all."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from in_use import put_in_use
from modules import MODULES
from seen import properties

from sipfast import _engine, auth, bodies, values
from sipfast._engine import Engine

READ_AS_PLAIN = {"Token", "Text", "Number", "LargeNumber", "CallID", "Priority", "MimeVersion"}
BASES = {"Item", "SchemeValue", "Screened"}


def place_of(cls: type) -> str:
    """The module of a class, as `Engine.module` takes it."""
    return ".".join(cls.__module__.split(".")[2:])


def test_no_class_is_left_out(engine: Engine) -> None:
    base = engine.module("value").Value
    found = set()
    for module in MODULES:
        of = engine.module(module)
        found |= {
            name
            for name, cls in vars(of).items()
            if isinstance(cls, type) and issubclass(cls, base) and cls.__module__ == of.__name__
        }
    reached = {*values.__all__, *auth.__all__}
    assert found - reached == READ_AS_PLAIN | BASES


def test_each_is_built_and_replaced() -> None:
    made = [getattr(values, name) for name in values.__all__]
    made = [cls for cls in made if issubclass(cls, values.Value)]
    assert {cls.__name__ for cls in made if not hasattr(cls, "replace")} == {"URI", "Value"}


def test_they_are_those_of_the_engine_in_use() -> None:
    for name in values.__all__:
        cls = getattr(values, name)
        assert cls is getattr(_engine.ENGINE.module(place_of(cls)), name)


# ---- every class: a text, and an equal one -------------------------------------------------------

SAME = {
    "URI": ("https://example.com/a", "HTTPS://example.com/a"),
    "URN": ("urn:service:sos", "URN:Service:sos"),
    "SipURI": ("sip:a%62c@example.com;lr", "SIP:abc@EXAMPLE.com;lr"),
    "TelURI": ("tel:+1-555-0123", "tel:+15550123"),
    "Via": ("SIP/2.0/UDP h.example.com;branch=1", "sip / 2.0 / udp H.example.com ; branch=1"),
    "Address": ('"A" <sip:a@example.com>;tag=1', "<sip:a@EXAMPLE.com>;tag=1"),
    "Contact": ("<sip:a@example.com>;q=0.5", "sip:a@example.com;Q=0.5"),
    "Diversion": ("<sip:a@example.com>;reason=busy", "sip:a@example.com;Reason=BUSY"),
    "RemotePartyID": ("<sip:a@example.com>;party=called", "sip:a@example.com;PARTY=called"),
    "HistoryInfo": ("<sip:a@example.com>;index=1.1", "sip:a@example.com; index=1.1"),
    "ReferredBy": ("<sip:a@example.com>;cid=1", "sip:a@example.com; cid=1"),
    "CallInfo": ("<https://example.com/a>;purpose=icon", "https://example.com/a;purpose=ICON"),
    "ServedUser": ("<sip:a@example.com>;sescase=orig", "sip:a@example.com;sescase=ORIG"),
    "CSeq": ("7 INVITE", "07  INVITE"),
    "RAck": ("1 7 INVITE", "01  7 INVITE"),
    "Join": ("1;to-tag=2;from-tag=3", "1 ;from-tag=3;to-tag=2"),
    "Replaces": ("1;to-tag=2;from-tag=3", "1 ;from-tag=3;to-tag=2"),
    "TargetDialog": ("1;local-tag=2;remote-tag=3", "1 ;remote-tag=3;local-tag=2"),
    "SessionExpires": ("90;refresher=uac", "090;Refresher=UAC"),
    "SessionInterval": ("90", "090"),
    "Date": ("Sat, 13 Nov 2010 23:29:00 GMT", "Sat, 13 Nov 2010 23:29:00 GMT"),
    "Timestamp": ("5.50 1", "5.5 1.0"),
    "RetryAfter": ("5 (a);duration=7", "05 (a) ; duration=7"),
    "ContentType": ("text/plain;charset=utf-8", "Text/Plain; Charset=UTF-8"),
    "MediaRange": ("text/*;q=0.5", "TEXT/* ;q=0.50"),
    "Accepted": ("gzip;q=0.5", "GZIP ;q=0.50"),
    "ContentDisposition": ("session;handling=required", "Session ; Handling=required"),
    "Event": ("presence;id=1", "presence ; ID=1"),
    "SubscriptionState": ("active;expires=5", "Active ; Expires=05"),
    "FeatureCaps": ("*;+g.a", "* ; +G.a"),
    "ContactPreference": ("*;audio;require", "* ;Audio ; require"),
    "AnswerMode": ("Auto;require", "auto ; Require"),
    "GeolocationRouting": ("a=B", "A = b"),
    "InfoPackage": ("dtmf", "dtmf "),
    "ReferSub": ("false;x", "False; X"),
    "Privacy": ("id;critical", "ID ; critical"),
    "Reason": ("Q.850;cause=16", "q.850 ; cause=016"),
    "WarningValue": ('307 a.example.com "x"', '307  a.example.com  "x"'),
    "SecurityMechanism": ("tls;q=0.2", "TLS ; q=0.20"),
    "ResourcePriority": ("wps.3", "WPS.3"),
    "SessionID": (f"{'a' * 32};remote={'0' * 32}", f"{'a' * 32} ; remote={'0' * 32}"),
    "UserToUser": ("56a3;encoding=hex", "56A3 ; encoding=hex"),
    "AccessNetworkInfo": ("3GPP-UTRAN-TDD;x=1", "3gpp-utran-tdd ; X=1"),
    "VisitedNetwork": ('"a network"', '"a network" '),
    "ChargingVector": ("icid-value=1;icid-generated-at=h", "ICID-value=1 ; icid-generated-at=h"),
    "ChargingFunctionAddresses": ("ccf=a;ecf=b", "CCF=a ; ecf=b"),
    "Products": ("a/1 (b)", "a/1 (b)"),
    "PASSporT": ("..AAAA", "..AAAA"),
    "Identity": ("..AAAA;info=<https://a/b>;alg=ES256", "..AAAA ;alg=es256;info=<https://a/b>"),
    "Challenge": ('Digest realm="a", nonce="b"', 'digest Realm="a",nonce="b"'),
    "Credentials": ('Digest username="a", realm="b"', 'digest realm="b",Username="a"'),
    "AuthenticationInfo": ('nextnonce="a", qop=auth', 'QOP=auth,nextnonce="a"'),
}


def classes(engine: Engine) -> dict[str, Any]:
    """Every class of a value in `sipfast.values` and `sipfast.auth`, as the engine has it."""
    base = engine.module("value").Value
    reached = {*values.__all__, *auth.__all__} - {"Value"}
    loaded = [engine.module(name) for name in MODULES]
    found = {name: cls for module in loaded for name, cls in vars(module).items()}
    return {name: found[name] for name in reached & found.keys() if is_value(found[name], base)}


def is_value(cls: Any, base: type) -> bool:
    return isinstance(cls, type) and issubclass(cls, base)


def test_there_is_a_sample_of_every_class(engine: Engine) -> None:
    assert classes(engine).keys() == SAME.keys()


@pytest.mark.parametrize("name", SAME)
def test_values_are_immutable_on_either_engine(engine: Engine, name: str) -> None:
    value = classes(engine)[name].parse(SAME[name][0])
    for attribute in [*properties(type(value)), "_no_such_attribute", "__doc__"]:
        with pytest.raises(AttributeError):
            setattr(value, attribute, None)
        with pytest.raises(AttributeError):
            delattr(value, attribute)
    with pytest.raises((TypeError, ValueError)):
        value.__init__(*[""] * 3)
    assert str(value) == SAME[name][0]


@pytest.mark.parametrize("name", SAME)
def test_values_say_what_cannot_be_changed(engine: Engine, name: str) -> None:
    """What their properties give can be hashed, or is the caller's own."""
    value = classes(engine)[name].parse(SAME[name][0])
    for attribute in properties(type(value)):
        said = getattr(value, attribute)
        if isinstance(said, dict):
            assert (name, attribute) in {("PASSporT", "header"), ("PASSporT", "payload")}
            assert getattr(value, attribute) is not said
        else:
            assert isinstance(hash(said), int)


@pytest.mark.parametrize("name", SAME)
def test_equal_values_have_equal_hashes(engine: Engine, name: str) -> None:
    cls = classes(engine)[name]
    one, other = map(cls.parse, SAME[name])
    assert one == other
    assert hash(one) == hash(other)
    assert {one: 1}[other] == 1
    assert len({one, other, cls.parse(SAME[name][0])}) == 1


@pytest.mark.parametrize("name", SAME)
def test_pickles_are_read_on_the_engine_in_use(
    native: Engine, pure: Engine, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for writer, reader in ((native, pure), (pure, native), (native, native), (pure, pure)):
        data = pickle.dumps(classes(writer)[name].parse(SAME[name][0]))
        put_in_use(reader, monkeypatch)
        again = pickle.loads(data)
        assert type(again) is classes(reader)[name]
        assert str(again) == SAME[name][0]
        assert again == classes(reader)[name].parse(SAME[name][1])


def test_parameters_are_immutable_too(
    native: Engine, pure: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [
        engine.module("values.address").Address.parse(text).parameters
        for engine in (native, pure)
        for text in ("<sip:a>;x=1;y", "<sip:b>;Y;X=1")
    ]
    for parameters in found:
        for attribute in ("items", "x"):
            with pytest.raises(AttributeError):
                setattr(parameters, attribute, None)
        with pytest.raises(TypeError):
            parameters["x"] = "2"
    for one, other in (found[:2], found[2:]):
        assert one == other
        assert hash(one) == hash(other)
    for engine in (native, pure):
        put_in_use(engine, monkeypatch)
        again = [pickle.loads(pickle.dumps(parameters)) for parameters in found]
        assert {type(parameters) for parameters in again} == {
            engine.module("parameters").Parameters
        }
        assert len(set(again)) == 1


# ---- bodies --------------------------------------------------------------------------------------

BODIES = {
    "Dtmf": ("application/dtmf-relay", b"Signal=5\r\nDuration=160\r\n"),
    "Isup": ("application/isup", bytes.fromhex("0c0200028290")),
    "Multipart": ("multipart/mixed;boundary=b", b"x\r\n--b\r\nA: c\r\n\r\nd\r\n--b--\r\ny"),
    "SipFrag": ("message/sipfrag", b"SIP/2.0 200 OK\r\nA: b\r\n"),
    "Presence": (
        "application/pidf+xml",
        b'<presence entity="a"><tuple id="b"><note>c</note></tuple></presence>',
    ),
    "RegInfo": (
        "application/reginfo+xml",
        b'<reginfo version="1"><registration aor="a"><contact id="b"/></registration></reginfo>',
    ),
    "DialogInfo": (
        "application/dialog-info+xml",
        b'<dialog-info entity="a"><dialog id="b"><local/></dialog></dialog-info>',
    ),
    "Manscdp": (
        "application/manscdp+xml",
        b"<Notify><SN>1</SN><L><Item><A>b</A><C><D>e</D></C></Item></L></Notify>",
    ),
}


def inside(value: Any) -> Iterator[Any]:
    """A value, its parts, and those of its elements."""
    yield value
    elements = list(value) if isinstance(value, tuple) else []
    if isinstance(value, Mapping):
        elements += value.values()
    if type(value).__module__.startswith("sipfast.bodies."):
        names = [name for name in properties(type(value)) if name != "root"]
        elements += [getattr(value, name) for name in names]
    for element in elements:
        yield from inside(element)


@pytest.mark.parametrize("name", BODIES)
def test_bodies_are_immutable_and_hashable(
    engine: Engine, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_use(engine, monkeypatch)
    media_type, body = BODIES[name]
    said, same = (bodies.decode(bytes(bytearray(body)), media_type) for _ in range(2))
    assert type(said) is getattr(bodies, name)
    assert said == same
    assert hash(said) == hash(same)
    assert len({said, same, pickle.loads(pickle.dumps(said))}) == 1
    for value in inside(said):
        assert isinstance(hash(value), int)
        if type(value).__module__.startswith("sipfast."):
            for attribute in [*properties(type(value)), "no_such_attribute"]:
                with pytest.raises((AttributeError, TypeError)):
                    setattr(value, attribute, None)


@pytest.mark.parametrize("name", BODIES)
def test_bodies_are_pickled_for_the_other_engine(
    native: Engine, pure: Engine, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    media_type, body = BODIES[name]
    for writer, reader in ((native, pure), (pure, native)):
        put_in_use(writer, monkeypatch)
        data = pickle.dumps(bodies.decode(body, media_type))
        put_in_use(reader, monkeypatch)
        again = pickle.loads(data)
        assert again == bodies.decode(body, media_type)
        assert b"_native" not in data
        assert b"_core" not in data
        if name == "Multipart":
            assert isinstance(again[0].headers, reader.Headers)
            assert (bytes(again.preamble), bytes(again.epilogue), again.complete) == (
                *(b"x", b"y"),
                True,
            )


def test_every_class_of_a_body_is_among_them() -> None:
    found = {name for name in bodies.__all__ if isinstance(getattr(bodies, name), type)}
    within = {"Cause", "Contact", "DeviceId", "Dialog", "Fields", "Part", "Party", "PartyNumber"}
    assert found == {*BODIES, *within, "PresenceTuple", "Registration"}
