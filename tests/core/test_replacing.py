"""Replacing nothing: `replace()` keeps every text of a class's grammar."""

from __future__ import annotations

from typing import Any

import pytest
from core.test_building import PARSED, PASSPORT, module_of
from hypothesis import given
from hypothesis import strategies as st
from values import TOKEN

from sipfast import ParseError
from sipfast._engine import Engine

Text = st.SearchStrategy[str]


def text(*parts: Text | str) -> Text:
    """Parts one after the other."""
    return st.tuples(*[st.just(part) if isinstance(part, str) else part for part in parts]).map(
        "".join
    )


def maybe(*parts: Text | str) -> Text:
    return st.just("") | text(*parts)


def joined(separator: str, piece: Text, least: int = 0) -> Text:
    return st.lists(piece, min_size=least, max_size=3).map(separator.join)


def cased(*words: str) -> Text:
    """One of some words, in any case."""
    return st.sampled_from([way(word) for word in words for way in (str, str.upper, str.title)])


def number(most: int) -> Text:
    return st.tuples(st.sampled_from(["", "0", "00"]), st.integers(0, most)).map(
        lambda found: f"{found[0]}{found[1]}"
    )


SPACE = st.sampled_from(["", " ", "\t"])
GAP = st.sampled_from([" ", " \t"])
QUOTED = st.lists(st.sampled_from(["a", " ", ";", ",", "=", "\u00e9", '\\"', "\\\\", "<", "\\x"]))
QUOTED_STRING = QUOTED.map(lambda pieces: f'"{"".join(pieces)}"')
HOST = st.sampled_from(["a", "Example.com", "192.0.2.1", "[2001:DB8::1]"])
PORT = maybe(":", number(65535))
VALUE = st.one_of(TOKEN, QUOTED_STRING, HOST)
MOST = 2**31 - 1
MOST_UNSIGNED = 2**32 - 1
HEX = st.text("0123456789abcdefABCDEF", min_size=32, max_size=32)


def parameter(name: Text | str, value: Text = VALUE) -> Text:
    return text(SPACE, ";", SPACE, name, SPACE, "=", SPACE, value)


# With distinct names, as RFC 3261 7.3.1 requires.
MORE = st.lists(
    st.tuples(TOKEN.map("x-".__add__), st.none() | VALUE),
    max_size=3,
    unique_by=lambda pair: pair[0].lower(),
).map(lambda pairs: "".join(f";{name}" if v is None else f";{name}={v}" for name, v in pairs))


def own(*names: str, value: Text = VALUE) -> Text:
    """Some parameters of a class."""
    return text(*[maybe(parameter(cased(name), value)) for name in names])


Q = own("q", value=st.sampled_from(["0", "1", "0.5", "0.50", "1.000", "0.001", "0."]))

# ---- URIs ----------------------------------------------------------------------------------------

ESCAPED = st.lists(st.sampled_from(["a", "B", "1", "%41", "%2f", "%C3%a9", "-"]), min_size=1).map(
    "".join
)
URI_PARAMETERS = st.lists(
    st.tuples(
        st.sampled_from(["lr", "X%41", "transport", "y"]), st.sampled_from(["", "=", "=a%2F"])
    ),
    max_size=3,
    unique_by=lambda pair: pair[0],
).map(lambda pairs: "".join(f";{name}{value}" for name, value in pairs))
SIP_URI = text(
    cased("sip", "sips"),
    ":",
    maybe(ESCAPED, maybe(":", ESCAPED), "@"),
    HOST,
    PORT,
    URI_PARAMETERS,
    maybe("?", joined("&", text(ESCAPED, "=", maybe(ESCAPED)), 1)),
)
DIGITS = text(st.sampled_from(["", "(", "-"]), number(9999), st.sampled_from(["", ")", "."]))
TEL_URI = text(
    cased("tel"),
    ":",
    st.one_of(text("+", DIGITS), text(DIGITS, maybe("*#aF"))),
    maybe(";ext=", DIGITS),
    maybe(";", cased("phone-context"), "=", st.sampled_from(["+1-2", "Example.com"])),
    maybe(";x=%41"),
)
URN = text(
    cased("urn"),
    ":",
    st.sampled_from(["uuid", "Service", "ab-1"]),
    ":",
    ESCAPED,
    maybe("/a:b@c"),
    maybe("?+", ESCAPED),
    maybe("?=", ESCAPED, "?"),
    maybe("#", maybe(ESCAPED)),
)
URI = st.one_of(SIP_URI, TEL_URI, URN, st.just("http://h/p?q"))
NAME = st.one_of(text(QUOTED_STRING, SPACE), st.sampled_from(["", "Al ", "Al Bo"]))
NAME_ADDR = text(NAME, "<", SPACE, URI, SPACE, ">")


def address(*parameters: Text) -> Text:
    first = st.one_of(NAME_ADDR, st.sampled_from(["sip:a@h", "tel:+1", "http://h"]))
    return text(first, own("tag", value=TOKEN), *parameters, MORE)


# ---- all classes ---------------------------------------------------------------------------------

CALL_ID = text(TOKEN, maybe('"<('), maybe("@", HOST))
METHOD = st.sampled_from(["INVITE", "x", "Invite"])
MEDIA_TYPE = text(TOKEN, SPACE, "/", SPACE, TOKEN)
COMMENT = st.sampled_from(["", " (a)", "(\\(a (b) c\\\\)"])
ONLY = own("x-a", "x-b").map(lambda found: found.strip(" \t;") or "x-c")
CREDENTIALS = st.one_of(
    text(TOKEN, GAP, st.sampled_from(["abc==", "a.b"])),
    text(
        cased("Digest", "Basic"),
        GAP,
        joined(" , ", st.sampled_from(['realm="a\\"b"', "nc=0000000A", "qop = auth", "x", 'y=""'])),
    ),
)
TEXTS: dict[str, Text] = {
    "Accepted": text(TOKEN, Q, MORE),
    "AccessNetworkInfo": text(TOKEN, own("cgi-3gpp", "network-provided"), MORE),
    "Address": address(),
    "AnswerMode": text(TOKEN, maybe(";require"), MORE),
    "AuthenticationInfo": joined(",", st.sampled_from(['nextnonce="a"', "qop=AUTH", "x", "nc=1"])),
    "CSeq": text(number(MOST), GAP, METHOD),
    "CallInfo": address(own("purpose", value=TOKEN)),
    "Challenge": CREDENTIALS,
    "ChargingFunctionAddresses": text("ccf=", HOST, own("CCF", "ecf", value=HOST), MORE),
    "ChargingVector": text("icid-value=", VALUE, own("orig-ioi", "term-ioi"), MORE),
    "Contact": st.just("*") | address(Q, own("expires", value=number(MOST_UNSIGNED))),
    "ContactPreference": text("*", maybe(";audio"), maybe(";require"), own("methods"), MORE),
    "ContentDisposition": text(TOKEN, own("handling", value=TOKEN), MORE),
    "ContentType": text(MEDIA_TYPE, own("boundary", "charset", "start"), MORE),
    "Credentials": CREDENTIALS,
    "Date": st.datetimes().map(lambda when: f"{when:%a, %d %b} {when.year:04} {when:%H:%M:%S} GMT"),
    "Diversion": address(own("reason"), own("counter", "limit", value=number(MOST))),
    "Event": text(TOKEN, own("id", value=TOKEN), MORE),
    "FeatureCaps": text("*", own("+a", "+b", value=QUOTED_STRING), MORE),
    "GeolocationRouting": text(TOKEN, maybe(" = ", VALUE)),
    "HistoryInfo": address(own("index", "rc", value=st.sampled_from(["1", "1.02.3"]))),
    "Identity": text(
        st.sampled_from([PASSPORT, "..abc", "a.b.c=", '"Zm9v=="']),
        maybe(";info=<https://a/b", maybe(";c=d"), ">"),
        own("alg", "ppt", value=TOKEN),
        MORE,
    ),
    "InfoPackage": text(TOKEN, MORE),
    "Join": text(CALL_ID, ";to-tag=", TOKEN, parameter(cased("from-tag"), TOKEN), MORE),
    "MediaRange": text(MEDIA_TYPE, own("charset"), Q, MORE),
    "PASSporT": st.sampled_from([PASSPORT, "..abc", "e30.e30.", "a.b.c"]),
    "Privacy": st.lists(st.tuples(SPACE, TOKEN, SPACE).map("".join)).map(";".join)
    | joined(",", TOKEN),
    "Products": text(joined(" ", text(TOKEN, maybe("/", TOKEN))), COMMENT),
    "RAck": text(number(MOST_UNSIGNED), GAP, number(MOST), GAP, METHOD),
    "Reason": text(TOKEN, own("cause", value=number(MOST)), own("text"), MORE),
    "ReferSub": text(cased("true", "false"), MORE),
    "ReferredBy": address(own("cid", value=QUOTED_STRING)),
    "RemotePartyID": address(own("party", "privacy", "screen", value=TOKEN)),
    "Replaces": text(CALL_ID, ";to-tag=", TOKEN, ";from-tag=", TOKEN, maybe(";early-only"), MORE),
    "ResourcePriority": st.sampled_from(["ets.0", "ETS.1", "q735.4"]),
    "RetryAfter": text(
        number(MOST_UNSIGNED), COMMENT, own("duration", value=number(MOST_UNSIGNED)), MORE
    ),
    "SecurityMechanism": text(TOKEN, Q, own("alg", "d-ver"), MORE),
    "ServedUser": address(own("sescase", "regstate", value=TOKEN)),
    "SessionExpires": text(number(MOST_UNSIGNED), own("refresher", value=cased("uac")), MORE),
    "SessionID": text(HEX, own("remote", value=HEX), MORE),
    "SessionInterval": text(number(MOST_UNSIGNED), MORE),
    "SipURI": SIP_URI,
    "SubscriptionState": text(
        TOKEN, own("reason", value=TOKEN), own("expires", "retry-after", value=number(MOST)), MORE
    ),
    "TargetDialog": text(CALL_ID, ";local-tag=", TOKEN, ";remote-tag=", TOKEN, MORE),
    "TelURI": TEL_URI,
    "Timestamp": text(
        number(9999), maybe(".", maybe(number(9))), maybe(GAP, number(9), maybe("."))
    ),
    "URN": URN,
    "UserToUser": text(
        st.sampled_from(["04C8", '"04c8"', '""']),
        own("encoding", value=cased("hex", "x")),
        own("purpose", "content", value=TOKEN),
        MORE,
    ),
    "Via": text(
        cased("sip"),
        SPACE,
        "/2.0/",
        cased("udp"),
        GAP,
        HOST,
        PORT,
        own("branch", value=TOKEN),
        maybe(";rport"),
        own("received", "maddr", value=HOST),
        MORE,
    ),
    "VisitedNetwork": text(TOKEN | QUOTED_STRING, MORE),
    "WarningValue": text(
        st.integers(100, 999).map(str), GAP, text(HOST, PORT) | TOKEN, GAP, QUOTED_STRING
    ),
}
"""The grammar of each class, as far as that matters here."""


def test_every_class_is_here() -> None:
    assert set(TEXTS) == set(PARSED)


@pytest.mark.parametrize("name", TEXTS)
@given(data=st.data())
def test_replacing_nothing(native: Engine, pure: Engine, name: str, data: Any) -> None:
    written = data.draw(TEXTS[name])
    found = []
    for engine in (native, pure):
        cls = getattr(engine.module(module_of(name)), name)
        value = cls.parse(written)
        again = value.replace()
        assert type(again) is cls
        assert again == value
        assert hash(again) == hash(value)
        assert again.replace() == value
        found.append(str(again))
    assert found[0] == found[1]


# ---- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "given", "written"),
    [
        ("Address", "<sip:a..b>;tag=1", {"tag": "2"}, "<sip:a..b>;tag=2"),
        ("Address", "<sip:h>;tag=é", {"display_name": "A"}, '"A" <sip:h>;tag="é"'),
        ("SipURI", "sip:a..b", {"port": 5070}, "sip:a..b:5070"),
        ("TelURI", "tel:1;phone-context=a..b", {"number": "2"}, "tel:2;phone-context=a..b"),
        ("Event", ".;id=1", {"id": "2"}, ".;id=2"),
        ("SessionExpires", "90;refresher=x", {"interval": 91}, "91;refresher=x"),
        ("ContentType", "a/b;x", {"media_type": "c/d"}, "c/d;x"),
        ("Via", "SIP/2.0/UDP a..b", {"branch": "z9hG4bK1"}, "SIP/2.0/UDP a..b;branch=z9hG4bK1"),
    ],
)
def test_errors_that_were_read_are_kept(
    engine: Engine, name: str, text: str, given: dict[str, Any], written: str
) -> None:
    cls = getattr(engine.module(module_of(name)), name)
    value = cls.parse(text)
    assert str(value.replace(**given)) == written
    assert str(value.replace().replace()) == str(value.replace())


@pytest.mark.parametrize(
    ("name", "text", "given", "code"),
    [
        ("Address", "<sip:a..b>;tag=1", {"tag": "a b"}, "parameter-quoted"),
        ("Address", "<sip:h>;tag=é", {"uri": "sip:a..b"}, "host-malformed"),
        ("SipURI", "sip:h", {"host": "1.2.3.999"}, "host-malformed"),
        ("TelURI", "tel:1;phone-context=h", {"context": "a;b"}, "tel-context-malformed"),
        ("Event", "a", {"event_type": "a."}, "token-malformed"),
        ("SessionExpires", "90", {"refresher": "x"}, "refresher-malformed"),
        ("Via", "SIP/2.0/UDP h", {"parameters": {"received": "1.2.3.999"}}, "received-malformed"),
        ("FeatureCaps", "*;+a", {"parameters": {"+9": None}}, "parameter-malformed"),
        ("Products", "a", {"text": " "}, "header-empty"),
    ],
)
def test_errors_that_are_given_are_refused(
    engine: Engine, name: str, text: str, given: dict[str, Any], code: str
) -> None:
    cls = getattr(engine.module(module_of(name)), name)
    with pytest.raises(ParseError) as caught:
        cls.parse(text).replace(**given)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Via", 'SIP/2.0/UDP h;received=95::1;maddr=[::1];sigcomp-id="a"'),
        ("ContentType", 'a/b;x="";y="1 2";z=3'),
        ("ReferredBy", '<sip:h>;cid="a"'),
    ],
)
def test_the_form_of_each_parameter_is_kept(engine: Engine, name: str, text: str) -> None:
    cls = getattr(engine.module(module_of(name)), name)
    assert str(cls.parse(text).replace()) == text
