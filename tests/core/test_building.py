"""Building values: each argument of a constructor is read back unchanged, or it raises."""

from __future__ import annotations

import base64
import datetime as dt
import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from values import PAIRS, TOKEN

from sipfast import ParseError, auth, values
from sipfast._engine import Engine

PIECES = (
    *';,=<>"\\\r\n\0 %@:/.()[]?&*+é\udcff\ud800',
    *("a", "B", "1", "sip:a@b", ";id=EVIL", "%0d%0a", '"q"', "\r\nX: y", "tag", "\x7f"),
)
TEXTS = st.one_of(st.lists(st.sampled_from(PIECES), max_size=5).map("".join), TOKEN)
NUMBERS = st.one_of(st.integers(-2, 999), st.sampled_from([2**16, 2**31, 2**32 - 1, 2**32, 2**40]))
QS = st.one_of(st.floats(), st.floats(0, 1), st.integers(0, 1000).map(lambda q: q / 1000))
HEX = "ab" * 16


@dataclass(frozen=True)
class Built:
    """How the class of one value is called, and what it then says."""

    module: str
    example: dict[str, Any]
    """Arguments that it takes."""
    own: Mapping[str, str] = field(default_factory=dict)
    """Parameters that have arguments of their own: argument by name."""
    reads: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    """The value read back for an argument, if it differs from the argument."""
    properties: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    """How to read an argument where no property has its name."""


def lower(text: str | None) -> str | None:
    return None if text is None else text.lower()


def rounded(q: float | None) -> float | None:
    return None if q is None else round(q, 3)


def unquoted(text: str) -> str:
    return text[1:-1].replace('\\"', '"').replace("\\\\", "\\") if text[:1] == '"' else text


def without_separators(number: str) -> str:
    return number.translate(str.maketrans("", "", "-.()"))


ADDRESS = Built(
    "values.address",
    {"uri": "sip:a@b", "display_name": "Al", "tag": "1", "parameters": [("x", "y")]},
    {"tag": "tag"},
    reads={"display_name": lambda name: name or None},
    properties={"uri": lambda value: str(value.uri)},
)
PARTY = Built("values.parties", ADDRESS.example, ADDRESS.own, ADDRESS.reads, ADDRESS.properties)
JOIN = {"call_id": "a@b", "to_tag": "1", "from_tag": "2", "parameters": [("x", "y")]}
Q_OWN = {"q": "q"}
SCHEME = {"scheme": "Digest", "parameters": [("realm", "a"), ("x", None)], "token": None}

BUILT = {
    "Accepted": Built(
        "values.media", {"name": "zh", "q": 0.5, "parameters": [("x", "y")]}, Q_OWN, {"q": rounded}
    ),
    "AccessNetworkInfo": Built("values.networks", {"access_type": "IEEE-802.11", "parameters": []}),
    "Address": ADDRESS,
    "AnswerMode": Built("values.features", {"mode": "Auto", "parameters": [("require", None)]}),
    "AuthenticationInfo": Built(
        "values.auth", {"parameters": [("nextnonce", "a"), ("nc", "00000001")]}
    ),
    "CSeq": Built("values.sequence", {"number": 1, "method": "INVITE"}),
    "CallInfo": PARTY,
    "Challenge": Built("values.auth", SCHEME),
    "ChargingFunctionAddresses": Built(
        "values.networks",
        {"ccf": ["a", "b"], "ecf": ["c"], "parameters": [("x", "y")]},
        {"ccf": "ccf", "ecf": "ecf"},
        {"ccf": tuple, "ecf": tuple},
    ),
    "ChargingVector": Built(
        "values.networks",
        {
            "icid_value": "1",
            "icid_generated_at": "h",
            "orig_ioi": "a",
            "term_ioi": "b",
            "parameters": [("x", "y")],
        },
        {
            "icid-value": "icid_value",
            "icid-generated-at": "icid_generated_at",
            "orig-ioi": "orig_ioi",
            "term-ioi": "term_ioi",
        },
    ),
    "Contact": ADDRESS,
    "ContactPreference": Built("values.features", {"parameters": [("audio", None), ("x", "y")]}),
    "ContentDisposition": Built(
        "values.media",
        {"disposition": "session", "handling": "optional", "parameters": []},
        {"handling": "handling"},
        {"disposition": lower, "handling": lower},
    ),
    "ContentType": Built(
        "values.media",
        {"media_type": "a/b", "parameters": [("boundary", "y")]},
        reads={"media_type": lower},
    ),
    "Credentials": Built("values.auth", SCHEME),
    "Date": Built(
        "values.times",
        {"datetime": dt.datetime(2010, 11, 13, 23, 29, tzinfo=dt.timezone.utc)},
        properties={"datetime": lambda value: value.datetime},
    ),
    "Diversion": PARTY,
    "Event": Built(
        "values.events",
        {"event_type": "presence", "id": "1", "parameters": [("x", "y")]},
        {"id": "id"},
    ),
    "FeatureCaps": Built("values.features", {"parameters": [("+a", "b"), ("+c", None)]}),
    "GeolocationRouting": Built(
        "values.features",
        {"value": "a", "argument": "b"},
        {},
        {"value": str.lower, "argument": lambda text: text or None},
    ),
    "HistoryInfo": PARTY,
    "Identity": Built(
        "values.identity",
        {
            "token": "..YWJj",
            "info": "https://a",
            "alg": "E",
            "ppt": "s",
            "parameters": [("x", "y")],
        },
        {"info": "info", "alg": "alg", "ppt": "ppt"},
    ),
    "InfoPackage": Built("values.features", {"name": "dtmf", "parameters": [("x", "y")]}),
    "Join": Built("values.dialogs", JOIN, {"to-tag": "to_tag", "from-tag": "from_tag"}),
    "MediaRange": Built(
        "values.media",
        {"media_type": "a/*", "q": 0.25, "parameters": [("x", "y")]},
        Q_OWN,
        {"media_type": lower, "q": rounded},
    ),
    "Products": Built(
        "values.agents",
        {"text": "Desk/2.1 (build 7)"},
        reads={"text": lambda text: text.strip(" \t")},
        properties={"text": str},
    ),
    "RAck": Built("values.sequence", {"response_number": 1, "cseq_number": 2, "method": "INVITE"}),
    "Reason": Built(
        "values.reasons",
        {"protocol": "Q.850", "cause": 17, "text": "User busy", "parameters": [("x", "y")]},
        {"cause": "cause", "text": "text"},
    ),
    "ReferSub": Built(
        "values.features", {"value": "false", "parameters": [("x", "y")]}, {}, {"value": str.lower}
    ),
    "ReferredBy": PARTY,
    "RemotePartyID": PARTY,
    "Replaces": Built(
        "values.dialogs",
        JOIN | {"early_only": True},
        {"to-tag": "to_tag", "from-tag": "from_tag", "early-only": "early_only"},
    ),
    "ResourcePriority": Built("values.sessions", {"namespace": "ets", "priority": "0"}),
    "RetryAfter": Built(
        "values.times",
        {"seconds": 1, "comment": "a (b)", "duration": 2, "parameters": [("x", "y")]},
        {"duration": "duration"},
    ),
    "SecurityMechanism": Built(
        "values.security",
        {"mechanism": "tls", "q": 0.5, "digest_verify": HEX, "parameters": [("alg", "y")]},
        {"q": "q", "d-ver": "digest_verify"},
        {"q": rounded},
    ),
    "ServedUser": PARTY,
    "SessionExpires": Built(
        "values.times",
        {"interval": 90, "refresher": "uac", "parameters": [("x", "y")]},
        {"refresher": "refresher"},
        {"refresher": lower},
    ),
    "SessionID": Built(
        "values.sessions",
        {"local": HEX, "remote": HEX, "parameters": [("x", "y")]},
        {"remote": "remote"},
        {"local": lower, "remote": lower},
    ),
    "SessionInterval": Built("values.times", {"interval": 90, "parameters": [("x", "y")]}),
    "SipURI": Built(
        "values.uri",
        {
            "host": "h",
            "user": "u",
            "scheme": "sip",
            "password": "p",
            "port": 5060,
            "parameters": [("x", "y"), ("lr", None)],
            "headers": [("a", "b")],
        },
        reads={"headers": tuple, "scheme": lower},
    ),
    "SubscriptionState": Built(
        "values.events",
        {
            "state": "active",
            "reason": "a",
            "expires": 1,
            "retry_after": 2,
            "parameters": [("x", "y")],
        },
        {"reason": "reason", "expires": "expires", "retry-after": "retry_after"},
        {"state": lower, "reason": lower},
    ),
    "TargetDialog": Built(
        "values.dialogs",
        {"call_id": "a@b", "local_tag": "1", "remote_tag": "2", "parameters": [("x", "y")]},
        {"local-tag": "local_tag", "remote-tag": "remote_tag"},
    ),
    "TelURI": Built(
        "values.uri",
        {"number": "70-42", "context": "example.com", "parameters": [("isub", "y")]},
        {"phone-context": "context"},
        {"number": without_separators},
    ),
    "Timestamp": Built(
        "values.times",
        {"value": "54.21", "delay": "0.5"},
        reads={"delay": lambda delay: float(f"0{delay}")},
    ),
    "URN": Built(
        "values.uri",
        {"namespace": "uuid", "specific": "a:b"},
        reads={"namespace": lower},
        properties={"specific": lambda value: str(value).split(":", 2)[2]},
    ),
    "UserToUser": Built(
        "values.sessions",
        {"data": b"\x04", "encoding": "hex", "parameters": [("purpose", "y")]},
        {"encoding": "encoding"},
    ),
    "Via": Built(
        "values.via",
        {
            "host": "h",
            "port": 5060,
            "protocol": "SIP/2.0",
            "transport": "UDP",
            "branch": "z9hG4bK1",
            "parameters": [("rport", None)],
        },
        {"branch": "branch"},
    ),
    "VisitedNetwork": Built(
        "values.networks", {"network": "a", "parameters": [("x", "y")]}, reads={"network": unquoted}
    ),
    "WarningValue": Built("values.reasons", {"code": 370, "agent": "h:5060", "text": "a b"}),
}
"""Every class that takes text and parameters; the tests below have those of another kind."""
OF_ANOTHER_KIND = {"PASSporT", "Parameters", "Privacy"}


def test_every_constructor_is_here() -> None:
    classes = [getattr(module, name) for module in (values, auth) for name in module.__all__]
    found = {
        cls.__name__
        for cls in classes
        if isinstance(cls, type)
        and (cls is values.Parameters or issubclass(cls, values.Value))
        and cls not in (values.Value, values.URI)  # which refuse to be called
    }
    assert found == {*BUILT, *OF_ANOTHER_KIND}


@pytest.mark.parametrize("name", BUILT)
def test_what_is_given_reads_back(engine: Engine, name: str) -> None:
    assert build(engine, name, BUILT[name].example) is not None


@pytest.mark.parametrize("name", BUILT)
@given(data=st.data())
def test_hostile_parts(engine: Engine, name: str, data: st.DataObject) -> None:
    """One part at least is not as in the example; it raises, or it stays where it was put."""
    build(engine, name, arguments(name, data))


@pytest.mark.parametrize("name", BUILT)
@given(data=st.data())
def test_the_engines_agree(native: Engine, pure: Engine, name: str, data: st.DataObject) -> None:
    given = arguments(name, data)
    assert outcome(native, name, given) == outcome(pure, name, given)


@pytest.mark.parametrize(
    ("name", "own"), [(name, own) for name, built in BUILT.items() for own in built.own]
)
def test_a_parameter_with_its_own_argument(engine: Engine, name: str, own: str) -> None:
    """It is refused whether or not the argument is given, in any case, from any kind of pairs."""
    built = BUILT[name]
    cls = getattr(engine.module(built.module), name)
    was = built.example[built.own[own]]
    default = inspect.signature(cls).parameters[built.own[own]].default
    for argument in (was, was if default is inspect.Parameter.empty else default):
        for pairs in ({own: "9"}, [(own.upper(), None)], iter([("x", "1"), (own, "9")])):
            with pytest.raises(ValueError, match="has an argument of its own"):
                cls(**(built.example | {built.own[own]: argument, "parameters": pairs}))


OF_ANOTHER: dict[str, list[tuple[str, str | None]]] = {
    "ContentType": [("x", "1"), ("y", "2")],
    "FeatureCaps": [("+x", "1"), ("+lr", None)],
}
"""Parameters, where the grammar of a class does not have all of them."""


@pytest.mark.parametrize("name", [name for name in BUILT if "parameters" in BUILT[name].example])
def test_parameters_of_another_value(engine: Engine, name: str) -> None:
    """They are a mapping, as a dict is, and each kind is read once."""
    cls = getattr(engine.module(BUILT[name].module), name)
    pairs = OF_ANOTHER.get(name, [("x", "1"), ("lr", None)])
    text = "".join([f";{one}" if given is None else f";{one}={given}" for one, given in pairs])
    theirs = engine.module("values.address").Address.parse(f"<sip:a@b>{text}").parameters
    example = dict(BUILT[name].example)
    texts = {
        str(cls(**(example | {"parameters": given})))
        for given in (pairs, dict(pairs), iter(pairs), theirs)
    }
    assert len(texts) == 1


EVIL = [
    ("Replaces", {"call_id": "a;to-tag=EVIL;from-tag=EVIL"}),
    ("Join", {"call_id": "a;to-tag=EVIL;from-tag=EVIL"}),
    ("TargetDialog", {"call_id": "a;local-tag=EVIL;remote-tag=EVIL"}),
    ("Event", {"event_type": "presence;id=EVIL"}),
    ("Event", {"event_type": "presence "}),
    ("SubscriptionState", {"state": "active;expires=9"}),
    ("SubscriptionState", {"expires": -1}),
    ("SubscriptionState", {"retry_after": 2**32}),
    ("Accepted", {"name": "zh;q=0"}),
    ("Accepted", {"q": 1.5}),
    ("ContentType", {"media_type": "a/b;boundary=EVIL"}),
    ("ContentType", {"media_type": "a /b"}),
    ("MediaRange", {"media_type": "a/b;q=0"}),
    ("ContentDisposition", {"disposition": "session;handling=required"}),
    ("Identity", {"info": "https://x>;ppt=evil;z=<"}),
    ("Identity", {"token": '"q"'}),
    ("Identity", {"token": "a.b.c;alg=EVIL"}),
    ("AnswerMode", {"mode": '"q"'}),
    ("ReferSub", {"value": '"q"'}),
    ("ReferSub", {"value": "false;x"}),
    ("InfoPackage", {"name": '"q"'}),
    ("AccessNetworkInfo", {"access_type": '"q"'}),
    ("Reason", {"protocol": '"q"'}),
    ("Reason", {"cause": -1}),
    ("SecurityMechanism", {"mechanism": '"q"'}),
    ("SecurityMechanism", {"q": 2}),
    ("SessionID", {"remote": f"{HEX};x=EVIL"}),
    ("SessionID", {"remote": f'"{HEX}"'}),
    ("ResourcePriority", {"namespace": " ets"}),
    ("Timestamp", {"value": "1 2", "delay": None}),
    ("Timestamp", {"delay": ""}),
    ("RetryAfter", {"duration": -1}),
    ("URN", {"specific": "a "}),
    ("CSeq", {"method": "INVITE "}),
    ("RAck", {"method": "INVITE "}),
]


@pytest.mark.parametrize(("name", "changed"), EVIL)
def test_a_part_that_would_not_stay(engine: Engine, name: str, changed: dict[str, Any]) -> None:
    cls = getattr(engine.module(BUILT[name].module), name)
    with pytest.raises(ParseError):
        cls(**{**BUILT[name].example, **changed})


def test_an_identity_whose_uri_has_semicolons(engine: Engine) -> None:
    """RFC 8224 4: they are the URI's, not parameters of the field."""
    cls = engine.module("values.identity").Identity
    identity = cls("..YWJj", "https://x/a;b=1", alg="E", parameters={"z": "2"})
    assert (identity.info, identity.alg, identity.parameters["z"]) == ("https://x/a;b=1", "E", "2")
    assert str(identity.replace()) == str(identity)
    named = cls("..YWJj", "https://x;ppt=a;alg=b", alg="E")
    assert (named.info, named.alg, named.ppt) == ("https://x;ppt=a;alg=b", "E", None)
    with pytest.raises(ParseError):
        cls("..YWJj", "https://x/a;z=1", parameters={"z": "2"}).replace(alg="a", info="b c")


def test_an_identity_without_a_passport(engine: Engine) -> None:
    """RFC 4474 9: its signature is in quotes."""
    cls = engine.module("values.identity").Identity
    identity = cls("Zm9v/+==", "https://a")
    assert str(identity) == '"Zm9v/+==";info=<https://a>'
    assert identity.token == "Zm9v/+=="
    assert identity.replace() == identity


@given(words=st.lists(TEXTS, max_size=3))
def test_privacy(engine: Engine, words: list[str]) -> None:
    cls = engine.module("values.privacy").Privacy
    try:
        privacy = cls(*words)
    except (ValueError, TypeError):
        return
    assert privacy.values == tuple(word.lower() for word in words)
    assert cls.parse(str(privacy)) == privacy.replace() == privacy


# JSON writes a surrogate pair and the single character that it encodes alike.
OF_JSON = TEXTS.filter(lambda text: not ("\ud800" in text and "\udcff" in text))
CLAIMS = st.dictionaries(
    OF_JSON,
    st.recursive(
        st.one_of(OF_JSON, st.none(), st.integers(), st.floats(), st.booleans()),
        lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(OF_JSON, inner)),
        max_leaves=4,
    ),
    max_size=3,
)


@given(header=CLAIMS, payload=CLAIMS, signature=st.binary(max_size=8))
def test_passports(engine: Engine, header: Any, payload: Any, signature: bytes) -> None:
    cls = engine.module("values.identity").PASSporT
    try:
        passport = cls(header, payload, signature)
    except (ValueError, TypeError):
        return
    assert (passport.header, passport.payload, passport.signature) == (header, payload, signature)
    assert cls.parse(str(passport)) == passport.replace() == passport


NESTED: list[Any] = []
for _ in range(20):
    NESTED = [NESTED]


@pytest.mark.parametrize("claim", [float("nan"), float("inf"), 10**30, b"", NESTED])
def test_a_claim_that_would_not_stay(engine: Engine, claim: Any) -> None:
    """It is not a JSON value, or exceeds the limits of reading."""
    cls = engine.module("values.identity").PASSporT
    with pytest.raises((ParseError, TypeError)):
        cls({"alg": "ES256"}, {"iat": claim}, b"")


# ---- replacing nothing ---------------------------------------------------------------------------

PASSPORT = ".".join(
    base64.urlsafe_b64encode(octets).decode().rstrip("=")
    for octets in (
        json.dumps({"typ": "passport", "alg": "ES256"}).encode(),
        json.dumps({"orig": {"tn": "1"}, "iat": 7}).encode(),
        b"signed",
    )
)
PARSED = {
    "Date": ["Sat, 13 Nov 2010 23:29:00 GMT"],
    "Products": ["Softphone/1.2 (build 7) lib"],
    "Accepted": ["zh ; q=0.80;x", "*"],
    "AccessNetworkInfo": ['3GPP-E-UTRAN-FDD; utran-cell-id-3gpp="46;0";network-provided'],
    "Address": [
        '"A \\"b\\"" <sip:a@b;lr?x=y> ;TAG=1;x="y;z"',
        "sip:a@b;tag=1;x",
        "Al Bo <tel:+1>",
        "<urn:service:sos>",
        "<HTTP://a/b;c>;tag",
    ],
    "AnswerMode": ["Auto;require", "manual"],
    "AuthenticationInfo": ['nextnonce="a", qop=auth , x', "nc=00000001"],
    "CSeq": ["007   INVITE"],
    "CallInfo": ["<http://a/b> ;purpose=icon"],
    "Challenge": ['Digest realm="a\\"b", qop="auth,auth-int" ,stale=FALSE', "Negotiate abc=="],
    "ChargingFunctionAddresses": ["ecf=1;ccf=2 ; CCF=3;x;ecf=[::1]"],
    "ChargingVector": ['icid-value="a;b";ORIG-IOI=c ;x=y', "x"],
    "Contact": ["*", '"A" <sip:a@b>;q=0.5;expires=7'],
    "ContactPreference": ['*;audio;methods="INVITE,BYE";require'],
    "ContentDisposition": ["Session;Handling=Optional;x", "render"],
    "ContentType": ['Multipart/Mixed ;Boundary="a b"', "a / b"],
    "Credentials": ['Digest username="b",uri="sip:a",nc=0000000a, qop=auth', "Bearer abc"],
    "Diversion": ['"B" <sip:b@c>;reason=no-answer;counter=1;privacy=full'],
    "Event": ["presence.winfo ;ID=2;x", "dialog;id"],
    "FeatureCaps": ['*;+g.3gpp.srvcc="sip:a@b";+x'],
    "GeolocationRouting": ["yes", 'A = "b c"', "a;x"],
    "HistoryInfo": ["<sip:bob@192.0.2.4;cause=302?Reason=SIP%3Bcause%3D302>;index=1.2;rc=1"],
    "Identity": [
        "..c2lnbmVk;info=<https://c/a.pem>;alg=ES256;ppt=shaken",
        "a.b.c= ;x=1;info=<https://c/a;b=1;x=2>;PPT=div;y",
        '"Zm9v==";info=<https://a>;alg=rsa-sha1',
    ],
    "InfoPackage": ["foo;x=y"],
    "Join": ["12adf2f34456gs5; from-tag=54321;to-tag=12345;x"],
    "MediaRange": ['text/* ;q=0.50;x="y z"', "*/*"],
    "PASSporT": [PASSPORT, "..abc", "e30.e30.", "a.b.c"],
    "Privacy": ["ID , critical;user", "none"],
    "RAck": ["776656 01  INVITE"],
    "Reason": ['Q.850 ;cause=017;text="User \\"busy\\"";x', "SIP"],
    "ReferSub": ["False ;x=1", "true"],
    "ReferredBy": ['<sip:r@a>;cid="2;1@x"'],
    "RemotePartyID": ['"A" <sip:a@b>;party=calling;screen=yes'],
    "Replaces": ["a@b;early-only;to-tag=1;from-tag=2;x"],
    "ResourcePriority": ["ETS.0"],
    "RetryAfter": ["018 (in a \\( meeting (again)) ;duration=3600;x", "5"],
    "SecurityMechanism": ['ipsec-3gpp;q=0.10;alg=a;d-ver="00"', "tls"],
    "ServedUser": ["<sip:a@b>;sescase=orig;regstate=reg"],
    "SessionExpires": ["4000 ;Refresher=UAC;x"],
    "SessionID": [f"{HEX.upper()};remote={HEX};x", HEX],
    "SessionInterval": ["90;x=y"],
    "SipURI": [
        "SIPS:al%69ce:p%3Aw@[::1]:5061;transport=tcp;x%41=%42;lr?Subject=a%20b&c=",
        "sip:a;b=c@h",
        "sip:h",
    ],
    "SubscriptionState": ["Terminated;reason=Rejected;retry-after=060;expires=1;x", "active"],
    "TargetDialog": ["a@b;remote-tag=2;local-tag=1;x"],
    "TelURI": ["tel:+1-201;ext=1-2;x=%41", "TEL:70(42);Phone-Context=example.com;y"],
    "Timestamp": ["54.210   .5", "7"],
    "URN": ["URN:service:sos.fire", "urn:example:a%2fb?+x?=y#z"],
    "UserToUser": ["04C8;encoding=HEX;purpose=a", "abc;encoding=x", "04"],
    "Via": ["SIP / 2.0 / UDP [::1] : 5060;Branch=z9hG4bK1;rport;received=192.0.2.1"],
    "VisitedNetwork": ['"Visited network; 1"', "a.b;x"],
    "WarningValue": ['370 h:5060 "a \\"b\\""'],
}
"""Texts of every class that has `replace`."""
WITH_PARAMETERS = {name for name, built in BUILT.items() if "parameters" in built.example} - {
    *("AuthenticationInfo", "Challenge", "Credentials", "SipURI", "TelURI", "Contact")
}


def test_every_replace_is_here() -> None:
    names = [name for module in (values, auth) for name in module.__all__]
    found = {
        name
        for name in names
        if hasattr(getattr(values, name, None) or getattr(auth, name, None), "replace")
    }
    assert found - set(dir(str)) == set(PARSED)


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name in PARSED for text in PARSED[name]]
)
def test_replacing_nothing(engine: Engine, name: str, text: str) -> None:
    cls = getattr(engine.module(module_of(name)), name)
    value = cls.parse(text)
    again = value.replace()
    assert type(again) is cls
    assert again == value
    assert hash(again) == hash(value)
    assert str(again.replace()) == str(again)


@pytest.mark.parametrize("name", sorted(WITH_PARAMETERS))
@given(pairs=PAIRS, which=st.integers(0, 9))
def test_replacing_nothing_keeps_parameters(
    engine: Engine, name: str, pairs: Any, which: int
) -> None:
    text = PARSED[name][which % len(PARSED[name])]
    cls = getattr(engine.module(module_of(name)), name)
    value = cls.parse(text + engine.module("parameters").written(pairs))
    again = value.replace()
    assert again == value
    kept = [(name, text or None) for name, text in again.parameters.items() if name[:2] == "x-"]
    assert kept == [(name, text or None) for name, text in pairs]


# ---- helpers -------------------------------------------------------------------------------------


def module_of(name: str) -> str:
    return (
        BUILT[name].module
        if name in BUILT
        else {"PASSporT": "values.identity"}.get(name, "values.privacy")
    )


def hostile(value: Any) -> st.SearchStrategy[Any]:
    """What to give in place of an argument of the example: of its type, or None where text is."""
    if isinstance(value, bool):
        return st.booleans()
    if isinstance(value, bytes):
        return st.binary(max_size=8)
    if isinstance(value, dt.datetime):
        return st.datetimes(timezones=st.just(dt.timezone.utc)).map(whole_second)
    if isinstance(value, int):
        return st.one_of(NUMBERS, st.none())
    if isinstance(value, float):
        return st.one_of(QS, st.none())
    if not isinstance(value, list):
        return st.one_of(TEXTS, TEXTS, st.none())
    if value and isinstance(value[0], str):
        return st.lists(TEXTS, max_size=3)
    return st.lists(st.tuples(st.one_of(TOKEN, TEXTS), st.one_of(st.none(), TEXTS)), max_size=3)


def whole_second(when: dt.datetime) -> dt.datetime:
    return when.replace(microsecond=0)


def arguments(name: str, data: st.DataObject) -> dict[str, Any]:
    """The arguments of the example, some replaced by hostile ones."""
    example = dict(BUILT[name].example)
    for changed in data.draw(st.lists(st.sampled_from(sorted(example)), min_size=1, max_size=3)):
        example[changed] = data.draw(hostile(example[changed]))
    return example


def build(engine: Engine, name: str, given: Mapping[str, Any]) -> Any:
    """A value whose properties were all read; None if it raises."""
    built = BUILT[name]
    cls = getattr(engine.module(built.module), name)
    try:
        value = cls(**given)
    except (ParseError, ValueError, TypeError):
        return None
    text = str(value)
    for argument, was in given.items():
        if argument == "parameters":
            check_parameters(built, value, was)
            continue
        expected = (
            built.reads[argument](was) if was is not None and argument in built.reads else was
        )
        reads = built.properties.get(argument, lambda value, name=argument: getattr(value, name))
        assert on_the_wire(reads(value)) == on_the_wire(expected), argument
    assert "\r" not in text
    assert "\n" not in text
    again = cls.parse(text)
    assert again == value
    assert hash(again) == hash(value)
    if hasattr(value, "replace"):
        assert value.replace() == value
    return value


def check_parameters(built: Built, value: Any, given: list[tuple[str, str | None]]) -> None:
    """None is there but those that were given, and one at most for each other argument."""
    items = value.parameters.items()
    others = [(name, text or None) for name, text in items if name.lower() not in built.own]
    if ";" in (getattr(value, "info", None) or ""):  # the URI's own
        others = others[len(others) - len(given) :]
    assert on_the_wire(others) == on_the_wire([(name, text or None) for name, text in given])
    if not {"ccf", "ecf"} & set(built.own):
        names = [name.lower() for name, _ in items if name.lower() in built.own]
        assert len(names) == len(set(names))


def on_the_wire(found: Any) -> Any:
    """Text as the bytes that are sent: those of one character can be given one by one."""
    if isinstance(found, str):
        return found.encode("utf-8", "surrogateescape")
    if isinstance(found, (list, tuple)):
        return [on_the_wire(one) for one in found]
    return found


def outcome(engine: Engine, name: str, given: Mapping[str, Any]) -> Any:
    """The text of the built value, or the error."""
    try:
        return str(getattr(engine.module(BUILT[name].module), name)(**given))
    except ParseError as error:
        return error.code, error.offset
    except (ValueError, TypeError) as error:
        return type(error)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (
            {"parameters": "ab"},
            "parameters must be a mapping, or pairs of a name and a value or None",
        ),
        ({"parameters": [("a", 1)]}, "a value in parameters must be str, not int"),
        ({"parameters": {1: "a"}}, "a name in parameters must be str, not int"),
        ({"parameters": [("a", b"b")]}, "a value in parameters must be str, not bytes"),
        ({"headers": ["ab"]}, "headers must be a mapping, or pairs of a name and a value"),
        ({"headers": b"ab"}, "headers must be a mapping, or pairs of a name and a value"),
        ({"headers": [("a", None)]}, "a value in headers must be str, not NoneType"),
    ],
)
def test_errors_about_pairs_name_the_argument(
    engine: Engine, arguments: dict[str, Any], text: str
) -> None:
    (uri,) = engine.classes("values.uri", "SipURI")
    made = uri("h")
    for take in (uri, made.replace):
        with pytest.raises(TypeError) as caught:
            take(**{"host": "h"} | arguments)
        assert str(caught.value) == text


def test_header_fields_of_a_uri_may_be_a_mapping(engine: Engine) -> None:
    (uri,) = engine.classes("values.uri", "SipURI")
    assert str(uri("h", headers={"ab": "c d"})) == "sip:h?ab=c%20d"
