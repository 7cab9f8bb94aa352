"""The 49 torture messages of RFC 4475: each by its verdict, and with the facts that show here.

They are read from the folder that `SIPFAST_SHARED` names. `docs/conformance.md` says what becomes
of each.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pages.conformance import Torture, folder_of, read_index
from samples import attempt

from sipfast import Incomplete, ParseError
from sipfast._engine import Engine
from sipfast.keys import OldTransactionKey
from sipfast.registry.methods import METHODS

Parsed = Callable[[str], Any]


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return folder_of(shared)


@pytest.fixture(scope="module")
def index(folder: Path) -> dict[str, Torture]:
    return read_index(folder)


@pytest.fixture
def parsed(engine: Engine, index: dict[str, Torture]) -> Parsed:
    """The engine's result for the message of that name."""
    return lambda name: engine.parse(index[name].data)


class Facts(NamedTuple):
    """The counts that a reader can check in the message."""

    start: str | int
    """Method or status."""
    fields: int
    body: int
    """Bytes of it that are there."""
    cseq: str
    max_forwards: int | None
    stated: int | None = -1
    """Content-Length; -1: as long as the body."""


ODD_METHOD = "!interesting-Method0123456789_*+`.%indeed'~"
FACTS = {
    "wsinv": Facts("INVITE", 14, 150, "0009 INVITE", 68),
    "intmeth": Facts(ODD_METHOD, 8, 0, f"139122385 {ODD_METHOD}", 255),
    "esc01": Facts("INVITE", 9, 150, "234234 INVITE", 87),
    "escnull": Facts("REGISTER", 9, 0, "14398234 REGISTER", 70),
    "esc02": Facts("RE%47IST%45R", 10, 0, "29344 RE%47IST%45R", 70),
    "lwsdisp": Facts("OPTIONS", 7, 0, "60 OPTIONS", 70),
    "longreq": Facts("INVITE", 43, 150, "3882340 INVITE", 70),
    "dblreq": Facts("REGISTER", 8, 0, "8 REGISTER", 8),
    "semiuri": Facts("OPTIONS", 8, 0, "8 OPTIONS", 3),
    "transports": Facts("OPTIONS", 12, 0, "60 OPTIONS", 70),
    "mpart01": Facts("MESSAGE", 14, 553, "1 MESSAGE", 70),
    "unreason": Facts(200, 8, 154, "35 INVITE", None),
    "noreason": Facts(100, 7, 0, "35 INVITE", None),
    "badinv01": Facts("INVITE", 9, 152, "8 INVITE", 7),
    "clerr": Facts("INVITE", 9, 154, "8 INVITE", 80, stated=9999),
    "scalar02": Facts("REGISTER", 9, 0, "36893488147419103232 REGISTER", 300),
    "scalarlg": Facts(503, 8, 0, "9292394834772304023312 OPTIONS", None),
    "quotbal": Facts("INVITE", 9, 152, "8 INVITE", 10),
    "ltgtruri": Facts("INVITE", 9, 159, "1 INVITE", 23),
    "lwsruri": Facts("INVITE", 9, 159, "2130706432 INVITE", 5),
    "lwsstart": Facts("INVITE", 9, 150, "1893884 INVITE", 8),
    "trws": Facts("OPTIONS", 8, 0, "238923 OPTIONS", 70),
    "escruri": Facts("INVITE", 9, 150, "149209342 INVITE", 7),
    "baddate": Facts("INVITE", 10, 150, "1392934 INVITE", 70),
    "regbadct": Facts("REGISTER", 8, 0, "1 REGISTER", 70),
    "badaspec": Facts("OPTIONS", 8, 0, "3923239 OPTIONS", 70),
    "badvers": Facts("OPTIONS", 7, 0, "1 OPTIONS", 70),
    "mismatch01": Facts("OPTIONS", 7, 0, "8 INVITE", 6),
    "mismatch02": Facts("NEWMETHOD", 9, 138, "8 INVITE", 6),
    "badbranch": Facts("OPTIONS", 8, 0, "8 OPTIONS", 3),
    "insuf": Facts("INVITE", 4, 152, "193942 INVITE", None),
    "unkscm": Facts("OPTIONS", 7, 0, "3923423 OPTIONS", 3),
    "novelsc": Facts("OPTIONS", 7, 0, "3923423 OPTIONS", 3),
    "unksm2": Facts("REGISTER", 8, 0, "234902 REGISTER", 70),
    "bext01": Facts("OPTIONS", 9, 0, "8 OPTIONS", 6),
    "invut": Facts("INVITE", 9, 40, "235448 INVITE", 70),
    "regaut01": Facts("REGISTER", 8, 0, "9338 REGISTER", 8),
    "multi01": Facts("INVITE", 15, 154, "5 INVITE", 70),
    "bcast": Facts(200, 9, 154, "35 INVITE", None),
    "zeromf": Facts("OPTIONS", 7, 0, "39234321 OPTIONS", 0),
    "cparam01": Facts("REGISTER", 8, 0, "2 REGISTER", 70),
    "cparam02": Facts("REGISTER", 8, 0, "3 REGISTER", 70),
    "regescrt": Facts("REGISTER", 8, 0, "14398234 REGISTER", 70),
    "sdp01": Facts("INVITE", 10, 150, "8 INVITE", 5),
    "inv2543": Facts("INVITE", 7, 105, "56 INVITE", None, stated=None),
}
# These cannot be parsed: the fault, and the text at its byte ("" means the end of the message).
FAULTS = {
    "ncl": ("content-length-not-a-number", b"-999"),
    "bigcode": ("status-code-malformed", b"4294967301"),
    "mcl01": ("content-length-conflict", b"5\r\nContent-Type"),
    "baddn": ("header-block-unfinished", b""),  # the archive's file has no blank line
}
DEFECTS = {
    "badinv01": ["parameter-empty", "via-malformed", "via-item-empty", "parameter-empty"],
    "clerr": ["body-too-short"],
    "scalar02": [
        *("cseq-too-large", "max-forwards-too-large"),
        *("number-out-of-range", "parameter-not-a-number"),
    ],
    "scalarlg": [
        *("response-tag-missing", "cseq-too-large"),
        *("number-out-of-range", "number-out-of-range"),
    ],
    "baddate": ["date-malformed"],
    "quotbal": ["quote-unterminated"],
    "ltgtruri": ["request-uri-in-brackets", "branch-missing"],
    "lwsruri": ["request-uri-whitespace"],
    "lwsstart": ["start-line-whitespace"],
    "trws": ["start-line-whitespace"],
    "escruri": ["request-uri-headers"],
    "regbadct": ["address-needs-brackets"],
    "badaspec": ["address-whitespace"],
    "badvers": ["version-unsupported"],
    "mismatch01": ["cseq-method-mismatch"],
    "mismatch02": ["cseq-method-mismatch"],
    "badbranch": ["branch-malformed"],
    "insuf": [*["header-missing"] * 3, "max-forwards-missing", "contact-missing"],
    "multi01": ["contact-not-one", *["header-repeated"] * 5],
}
# The values by their paths.  A step into several values goes into each of them.
# `headers.Name` is the text of all such fields.
SDP_TEXT = "application/sdp"
DISPLAY_NAME = f"I have a user name of {'extreme' * 10} proportion"
LONG_CALLER = "amazinglylongcallername" * 5
SAID: dict[str, dict[str, object]] = {
    "wsinv": {
        "uri.parameters": {"unknownparam": None},
        "to.uri.user": "vivekg",
        "to.tag": "1918181833n",
        "from_.display_name": r"J Rosenberg \"",
        "from_.uri.user": "jdrosen",
        "from_.tag": "98asjd8",
        "headers.Max-Forwards": ("0068",),
        "headers.CSeq": ("0009 INVITE",),
        "subject": "",
        "headers.NewFangledHeader": ("newfangled value continued newfangled value",),
        "headers.UnknownHeaderWithUnusualValue": (";;,,;;,;",),
        "content_type.media_type": SDP_TEXT,
        "routes.uri.host": ("services.example.com",),
        "routes.uri.lr": (True,),
        "routes.uri.parameters": ({"lr": None, "unknownwith": "value", "unknown-no-value": None},),
        "routes.parameters": ({},),
        "vias.protocol": ("SIP/2.0", "SIP/2.0", "SIP/2.0"),
        "vias.transport": ("UDP", "TCP", "UDP"),
        "vias.host": ("192.0.2.2", "spindle.example.com", "192.168.255.111"),
        "vias.port": (None, None, None),
        "vias.branch": ("390skdjuw", "z9hG4bK9ikj8", "z9hG4bK30239"),
        "vias.is_rfc3261": (False, True, True),
        "contacts.display_name": ('Quoted string ""',),
        "contacts.parameters": ({"newparam": "newvalue", "secondparam": None, "q": "0.33"},),
        "contacts.q": (0.33,),
    },
    "intmeth": {
        "uri.user": "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*",
        "uri.password": "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)",
        "uri.host": "example.com",
        "uri.parameters": {},
        "via.transport": "TCP",
        "via.branch": "z9hG4bK-.!%66*_+`'~",
        "to.display_name": "BEL:\x07 NUL:\0 DEL:\x7f",
        "to.uri.user": "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*",
        "from_.display_name": "token1~` token2'+_ token3*%!.-",
        "from_.uri.user": "mundane",
        "from_.parameters": {
            "fromParam''~+*_!.-%": "работающий",
            "tag": "_token~1'+`*%!-.",
        },
        "from_.tag": "_token~1'+`*%!-.",
        "call_id": "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{",
    },
    "esc01": {
        "uri.scheme": "sip",
        "uri.user": "sips:user@example.com",
        "uri.host": "example.net",
        "to.uri.user": "user",
        "from_.uri.user": "I have spaces",
        "contact.uri.user": "caller",
        "contact.uri.lr": True,
        "contact.uri.parameters": {"lr": None, "name": "value%41"},
        "contact.parameters": {},
    },
    "escnull": {
        "to.uri.user": "null-\0-null",
        "from_.uri.user": "null-\0-null",
        "contacts.uri.user": ("\0", "\0\0"),
        "contacts.uri.host": ("host5.example.com", "host5.example.com"),
    },
    "esc02": {
        "to.display_name": "%Z%45",
        "from_.display_name": "%Z%45",
        "contacts.uri.user": ("alias1", "alias3"),
        "headers.C%6Fntact": ("<sip:alias2@host2.example.com>",),
        "via.branch": "z9hG4bK209%fzsnel234",
    },
    "lwsdisp": {
        "from_.display_name": "caller",
        "from_.uri": "sip:caller@example.com",
        "from_.tag": "323",
    },
    "longreq": {
        "to.display_name": DISPLAY_NAME,
        "to.uri.port": 6000,
        "to.uri.parameters": {
            "unknownparam1": f"very{'long' * 20}value",
            f"longparam{'name' * 25}": "shortvalue",
            f"very{'long' * 25}ParameterNameWithNoValue": None,
        },
        "from_.uri.user": LONG_CALLER,
        "from_.parameters": {
            "tag": f"1{'298' * 50}2424",
            f"unknownheaderparam{'name' * 20}": f"unknowheaderparam{'value' * 15}",
            f"unknownValueless{'paramname' * 10}": None,
        },
        "call_id": f"longreq.one{'really' * 20}longcallid",
        f"headers.Unknown-{'Long' * 20}-Name": (
            "unknown-{0}-value; unknown-{0}-parameter-name = unknown-{0}-parameter-value".format(
                "long" * 20
            ),
        ),
        "vias.transport": ("TCP",) * 34,
        "vias.host": (*(f"sip{hop}.example.com" for hop in range(33, 0, -1)), "host.example.com"),
        "vias.branch": (*[None] * 33, f"very{'long' * 50}branchvalue"),
        "vias.received": (*[None] * 33, "192.0.2.5"),
        "contact.uri.user": LONG_CALLER,
        "content_type.media_type": SDP_TEXT,
    },
    "dblreq": {
        "body": b"",
        "from_.tag": "43251j3j324",
        "contacts.uri": ("sip:j.user@host.example.com",),
        "vias.host": ("192.0.2.125",),
        "content_type": None,
    },
    "semiuri": {
        "uri.user": "user;par=u@example.net",
        "uri.password": None,
        "uri.host": "example.com",
        "uri.parameters": {},
    },
    "transports": {
        "vias.transport": ("UDP", "SCTP", "TLS", "UNKNOWN", "TCP"),
        "vias.host": tuple(f"t{hop}.example.com" for hop in range(1, 6)),
        "vias.is_rfc3261": (True,) * 5,
    },
    "mpart01": {
        "via.wants_rport": True,
        "content_type.media_type": "multipart/mixed",
        "content_type.boundary": "7a9cbec02ceef655",
        "parts.complete": True,
        "parts.content_type": ("text/plain", "application/octet-stream"),
        "identity.passport": (None,),  # it is an Identity of RFC 4474
    },
    "unreason": {
        "reason": "= 2**3 * 5**2 но сто девяносто девять - простое",
        "to.tag": "2229",
    },
    "noreason": {"reason": ""},
    "badinv01": {
        "headers.Via": ("SIP/2.0/UDP 192.0.2.15;;,;,,",),
        "headers.Contact": ('"Joe" <sip:joe@example.org>;;;;',),
        "via.host": "192.0.2.15",
        "via.parameters": {},
        "contacts.uri.user": ("joe",),
        "contacts.parameters": ({},),
    },
    "clerr": {"content_type.media_type": SDP_TEXT},
    "scalar02": {
        "headers.Expires": ("1" + "0" * 100,),
        "contact.parameters": {"expires": "280297596632815"},
    },
    "scalarlg": {
        "headers.Retry-After": ("949302838503028349304023988",),
        "headers.Warning": ('1812 overture "In Progress"',),
    },
    "quotbal": {"headers.To": ('"Mr. J. User <sip:j.user@example.com>',), "via.port": 5050},
    "ltgtruri": {"uri_text": "<sip:user@example.com>", "via.branch": None},
    "lwsruri": {"uri_text": "sip:user@example.com; lr"},
    "lwsstart": {"uri.user": "user", "version": "SIP/2.0"},
    "trws": {"uri.user": "remote-target", "version": "SIP/2.0"},
    "escruri": {
        "uri.host": "example.com",
        "uri.headers": (("Route", "<sip:example.com>"),),
        "routes": (),
    },
    "baddate": {"headers.Date": ("Fri, 01 Jan 2010 16:00:00 EST",)},
    "regbadct": {
        "contacts.uri.host": ("example.com",),
        "contacts.uri.headers": ((("Route", "<sip:sip.example.com>"),),),
        "routes": (),
    },
    "badaspec": {
        "headers.To": ('"Watson, Thomas" < sip:t.watson@example.org >',),
        "to.display_name": "Watson, Thomas",
        "to.uri": "sip:t.watson@example.org",
        "from_.display_name": "Bell, Alexander",
    },
    "badvers": {"version": "SIP/7.0", "via.protocol": "SIP/7.0"},
    "mismatch01": {"cseq.number": 8, "cseq.method": "INVITE"},
    "mismatch02": {"cseq.number": 8, "cseq.method": "INVITE"},
    "badbranch": {"via.branch": "z9hG4bK", "via.is_rfc3261": False},
    "insuf": {
        "call_id": None,
        "from_": None,
        "to": None,
        **{f"headers.{name}": () for name in ("Call-ID", "From", "To", "i", "f", "t")},
    },
    "unkscm": {
        "uri": "nobodyKnowsThisScheme:totallyopaquecontent",
        "uri.scheme": "nobodyknowsthisscheme",
    },
    "novelsc": {
        "uri": "soap.beep://192.0.2.103:3002",
        "uri.scheme": "soap.beep",
    },
    "unksm2": {
        "to.uri": "isbn:2983792873",
        "to.uri.scheme": "isbn",
        "to.tag": None,
        "from_.uri": "http://www.example.com",
        "from_.uri.scheme": "http",
        "from_.tag": "3234233",
        "contacts.uri": ("name:John_Smith",),
        "contacts.uri.scheme": ("name",),
    },
    "bext01": {
        "require": ("nothingSupportsThis", "nothingSupportsThisEither"),
        "proxy_require": ("noProxiesSupportThis", "norDoAnyProxiesSupportThis"),
    },
    "invut": {
        "content_type.media_type": "application/unknownformat",
        "content": b'<audio>\r\n <pcmu port="443"/>\r\n</audio>\r\n',
        "sdp": None,
    },
    "regaut01": {
        "authorization.scheme": ("NoOneKnowsThisScheme",),
        "authorization.parameters": ({"opaque-data": "here"},),
        "headers.Authorization": ("NoOneKnowsThisScheme opaque-data=here",),
    },
    "multi01": {
        "headers.CSeq": ("5 INVITE", "59 INVITE"),
        "headers.Call-ID": ("multi01.98asdh@192.0.2.1", "multi01.98asdh@192.0.2.2"),
        "headers.From": (
            "sip:caller@example.com;tag=3413415",
            "sip:caller@example.net;tag=2923420123",
        ),
        "headers.To": ("sip:user@example.com", "sip:other@example.net"),
        "headers.Max-Forwards": ("70", "5"),
        "from_.tag": "3413415",
        "to.uri.user": "user",
        "contacts.uri.host": ("host25.example.net", "host36.example.net"),
    },
    "bcast": {
        "vias.host": ("192.0.2.198", "255.255.255.255"),
        "vias.branch": ("z9hG4bK1324923", "z9hG4bK1saber23"),
    },
    "zeromf": {"headers.Max-Forwards": ("0",)},
    "cparam01": {
        "contacts.uri": ("sip:+19725552222@gw1.example.net",),
        "contacts.uri.parameters": ({},),
        "contacts.parameters": ({"unknownparam": None},),
    },
    "cparam02": {
        "contacts.uri": ("sip:+19725552222@gw1.example.net;unknownparam",),
        "contacts.uri.parameters": ({"unknownparam": None},),
        "contacts.parameters": ({},),
    },
    "regescrt": {
        "contacts.uri": ("sip:user@example.com?Route=%3Csip:sip.example.com%3E",),
        "contacts.uri.headers": ((("Route", "<sip:sip.example.com>"),),),
        "routes": (),
    },
    "sdp01": {
        "headers.Accept": ("text/nobodyKnowsThis",),
        "accept.type": ("text",),
        "accept.subtype": ("nobodyknowsthis",),
        "accept.q": (None,),
    },
    "inv2543": {
        "vias.branch": (None,),
        "from_.tag": None,
        "from_.uri.parameters": {"user": "phone"},
        "from_.parameters": {},
        "to.uri.parameters": {},
        "to.parameters": {"user": "phone"},
        "record_routes.uri.maddr": ("ss1.example.com",),
        "headers.Content-Length": (),
    },
}
# Present but malformed fields, and the faults.
REFUSED = {
    "badinv01": {"vias": "via-malformed"},
    "scalar02": {
        "cseq": "cseq-too-large",
        "expires": "number-out-of-range",
        "contact.expires": "parameter-not-a-number",
    },
    "scalarlg": {
        "cseq": "cseq-too-large",
        "retry_after": "number-out-of-range",
        "warning": "number-out-of-range",
    },
    "quotbal": {"to": "quote-unterminated"},
    "ltgtruri": {"uri": "uri-scheme-missing"},
    "lwsruri": {"uri": "uri-character-illegal"},
    "baddate": {"date": "date-malformed"},
}


def by_hand(data: bytes) -> list[tuple[str, str]]:
    """Names and values of the header fields, found in the plainest way there is."""
    head = re.sub(rb"[ \t]*\r\n[ \t]+", b" ", data.partition(b"\r\n\r\n")[0])
    fields = [line.partition(b":") for line in head.split(b"\r\n")[1:]]
    return [
        (name.strip(b" \t").decode(), value.strip(b" \t").decode("utf-8"))
        for name, _, value in fields
    ]


def test_all_49_are_here(index: dict[str, Torture]) -> None:
    assert len(index) == 49
    assert index.keys() == FACTS.keys() | FAULTS.keys()
    assert FACTS.keys() == SAID.keys()
    assert {torture.verdict for torture in index.values()} == {
        *("accept", "reject", "either", "accept-app"),
    }


# ---- by verdict ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*FACTS, *FAULTS])
def test_verdict(engine: Engine, index: dict[str, Torture], name: str) -> None:
    data, verdict = index[name].data, index[name].verdict
    if verdict == "accept":
        assert engine.parse(data, strict=True).defects == ()
    elif verdict == "accept-app":
        assert engine.parse(data).defects
    else:
        with pytest.raises(ParseError):
            engine.parse(data, strict=True)
        made = attempt(engine, data)
        assert isinstance(made, ParseError) or made.defects
        assert verdict == "either" or not isinstance(made, Incomplete)


@pytest.mark.parametrize("name", FACTS)
def test_defects(parsed: Parsed, name: str) -> None:
    assert [defect.code for defect in parsed(name).defects] == DEFECTS.get(name, [])


@pytest.mark.parametrize("name", FAULTS)
def test_faults(parsed: Parsed, index: dict[str, Torture], name: str) -> None:
    data = index[name].data
    code, at = FAULTS[name]
    with pytest.raises(ParseError) as caught:
        parsed(name)
    assert caught.value.code == code
    assert caught.value.offset == (data.index(at) if at else len(data))


# ---- by facts -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FACTS)
def test_facts(parsed: Parsed, name: str) -> None:
    message, facts = parsed(name), FACTS[name]
    start = "method" if isinstance(facts.start, str) else "status"
    assert getattr(message, start) == facts.start
    assert len(message.headers) == facts.fields
    assert message.headers["CSeq"] == facts.cseq
    if "cseq" not in REFUSED.get(name, {}):
        number, method = facts.cseq.split(" ")
        assert (message.cseq.number, message.cseq.method) == (int(number), method)
    assert message.max_forwards == facts.max_forwards
    assert len(message.body) == message.body_view.nbytes == facts.body
    assert message.content_length == (facts.body if facts.stated == -1 else facts.stated)
    if name == "insuf":
        assert message.call_id is None
    elif name != "mpart01":
        assert message.call_id is not None
        assert message.call_id.startswith(f"{name}.")


@pytest.mark.parametrize("name", FACTS)
def test_values_are_kept_whole(parsed: Parsed, index: dict[str, Torture], name: str) -> None:
    message, data = parsed(name), index[name].data
    fields = by_hand(data)
    assert [*message.headers.items()] == fields
    for written in message.headers:
        values = [value for other, value in fields if other.lower() == written.lower()]
        assert set(values) <= set(message.headers.getall(written))
    body = data.partition(b"\r\n\r\n")[2]
    assert message.body == body[: message.content_length]


def said(engine: Engine, message: Any, way: str) -> Any:
    """The value at the end of a path in a message, as plain Python."""
    value = message
    for step in way.split("."):
        if isinstance(value, tuple) and not hasattr(value, step):
            value = tuple([getattr(item, step) for item in value])
        elif isinstance(value, engine.Headers):
            value = tuple(value.getall(step, ()))
        else:
            value = getattr(value, step)
    return plain(engine, value)


def plain(engine: Engine, value: Any) -> Any:
    """Parameters as a dict, a value as its text."""
    if isinstance(value, tuple):
        return tuple([plain(engine, item) for item in value])
    if isinstance(value, engine.module("parameters").Parameters):
        assert len(dict(value.items())) == len(value.items())
        return dict(value.items())
    return str(value) if isinstance(value, engine.module("value").Value) else value


@pytest.mark.parametrize("name", SAID)
def test_values_say(engine: Engine, parsed: Parsed, name: str) -> None:
    message = parsed(name)
    assert {way: said(engine, message, way) for way in SAID[name]} == SAID[name]


@pytest.mark.parametrize(("name", "ways"), REFUSED.items())
def test_values_are_refused(
    engine: Engine, parsed: Parsed, name: str, ways: dict[str, str]
) -> None:
    message = parsed(name)
    for way, code in ways.items():
        with pytest.raises(ParseError) as caught:
            said(engine, message, way)
        assert caught.value.code == code


# ---- by facts that no table shows ----------------------------------------------------------------


def test_wsinv_is_read_through_its_white_space(parsed: Parsed) -> None:
    fields = parsed("wsinv").headers
    assert len(fields.getall("Via")) == 2
    folded = {name.decode() for name, value in fields.raw if b"\n" in value}
    assert folded == {"from", "cseq", "Via", "NewFangledHeader", "v", "m"}
    assert not any("\n" in value for _, value in fields.items())


def test_intmeth_uses_every_character_it_may(parsed: Parsed) -> None:
    message = parsed("intmeth")
    assert set("-.!%*_+`'~") <= set(message.method)
    assert message.headers["EXTENSIONHEADER-!.%*+_`'~"] == "\ufeff大停電"
    assert r'"BEL:\{} NUL:\{} DEL:\{}"'.format("\x07", "\0", "\x7f") in message.headers["To"]


def test_escapes_are_read_once_and_only_in_uris(parsed: Parsed) -> None:
    message = parsed("esc01")
    assert message.uri_text == "sip:sips%3Auser%40example.com@example.net"
    assert str(message.to) == "sip:%75se%72@example.com"
    assert str(message.contact.uri).endswith(";%6C%72;n%61me=v%61lue%25%34%31")
    one, two = [contact.uri for contact in parsed("escnull").contacts]
    assert one != two
    assert parsed("escnull").headers.raw[-1] == (b"L", b"0")
    assert parsed("esc02").method not in METHODS
    assert len(parsed("esc02").contacts) == len(parsed("esc02").headers.getall("Contact")) == 2


def test_headers_in_a_uri_are_no_headers(parsed: Parsed) -> None:
    for name in ("escruri", "regescrt", "regbadct"):
        assert "Route" not in parsed(name).headers


def test_longreq_is_not_cut(parsed: Parsed, index: dict[str, Torture]) -> None:
    data, message = index["longreq"].data, parsed("longreq")
    assert message.end == len(data) == 3515
    assert len(message.headers.getall("v")) == len(message.vias) == 34
    assert {name for name in message.headers if name.lower() in ("v", "via")} == {
        *("Via", "via", "VIA", "ViA", "VIa", "viA", "vIa", "vIA", "v", "V"),
    }
    assert all(b"\r\n%s SIP/" % name in data for name in (b"V : ", b"v  :", b"Via  :"))


def test_dblreq_ends_where_it_says(engine: Engine, index: dict[str, Torture]) -> None:
    data = index["dblreq"].data
    message = engine.parse(data)
    assert data[message.end :].startswith(b"\r\nINVITE ")
    second = engine.parse(data[message.end :])
    assert isinstance(second, engine.Request)
    assert (second.method, second.content_length, len(second.headers)) == ("INVITE", 150, 8)


def test_mpart01_has_nuls_in_its_body(parsed: Parsed) -> None:
    message = parsed("mpart01")
    assert message.body.count(b"\0") == 2
    assert message.body.count(b"\r\n\r\n") == 2
    text, signature = message.parts
    assert text.content == "Hello"
    assert signature.content == signature.body
    assert signature.body.startswith(b"0\x82\x01R")
    assert signature.body.count(b"\0") == 2
    assert [bytes(around) for around in (message.parts.preamble, message.parts.epilogue)] == [
        *(b"", b""),
    ]


def test_baddate_would_be_read_in_gmt_only(engine: Engine, parsed: Parsed) -> None:
    text = parsed("baddate").headers["Date"]
    date = engine.parse_header("Date", text.replace("EST", "GMT"))
    assert date.datetime == datetime(2010, 1, 1, 16, tzinfo=timezone.utc)
    for zone in ("EST", "UT", "UTC", "gmt", "+0000", ""):
        with pytest.raises(ParseError, match="Date"):
            engine.parse_header("Date", text.replace("EST", zone))


def test_badbranch_and_inv2543_fall_back_to_rfc2543(parsed: Parsed) -> None:
    for name in ("badbranch", "inv2543"):
        assert isinstance(parsed(name).transaction_key, OldTransactionKey)


def test_what_is_missing_is_named(parsed: Parsed) -> None:
    assert [defect.header for defect in parsed("insuf").defects] == [
        *("From", "To", "Call-ID", "Max-Forwards", "Contact"),
    ]


def test_what_is_there_twice_is_named(parsed: Parsed) -> None:
    message = parsed("multi01")
    assert {defect.header for defect in message.defects} == {
        *("CSeq", "Call-ID", "From", "To", "Max-Forwards", "Contact"),
    }
    for defect in message.defects:
        assert len(message.headers.getall(defect.header or "")) == 2


@pytest.mark.parametrize("name", DEFECTS)
def test_statuses_for_the_sender(parsed: Parsed, name: str) -> None:
    message = parsed(name)
    hints = {defect.status_hint for defect in message.defects if defect.severity == "error"}
    answer = 505 if name == "badvers" else 400
    assert hints == {answer if hasattr(message, "method") else None}


# ---- those that cannot be taken apart: nothing but their fault is wrong --------------------------


def test_ncl_is_not_counted_with(engine: Engine, index: dict[str, Torture]) -> None:
    with pytest.raises(ParseError):
        engine.parse_header("Content-Length", "-999")
    message = engine.parse(index["ncl"].data.replace(b"-999", b"150"), strict=True)
    assert (len(message.body), message.max_forwards) == (150, 254)
    assert message.cseq == engine.parse_header("CSeq", "0 INVITE")


def test_bigcode_does_not_wrap(engine: Engine, index: dict[str, Torture]) -> None:
    data = index["bigcode"].data
    assert b" %d " % (2**32 + 5) in data
    message = engine.parse(data.replace(b"4294967301", b"500"), strict=True)
    assert isinstance(message, engine.Response)
    assert (message.status, message.reason) == (500, "better not break the receiver")


@pytest.mark.parametrize(("dropped", "kept"), [(b"13", 5), (b"5", 13)])
def test_mcl01_says_two_lengths(
    engine: Engine, index: dict[str, Torture], dropped: bytes, kept: int
) -> None:
    data = index["mcl01"].data.replace(b"Content-Length: %s\r\n" % dropped, b"")
    message = engine.parse(data, strict=True)
    assert message.body == b"There's no way"[:kept]
    assert message.content_length == kept


def test_baddn_with_its_blank_line_is_read(engine: Engine, folder: Path) -> None:
    message = engine.parse((folder / "baddn.fixed.dat").read_bytes())
    assert message.headers["From"].startswith("Bell, Alexander <")
    assert [(defect.code, defect.header) for defect in message.defects] == [
        *(("display-name-unquoted", "From"), ("display-name-unquoted", "To")),
    ]
    assert {
        way: said(engine, message, way)
        for way in ("from_.display_name", "from_.uri", "from_.tag", "to.display_name", "to.uri")
    } == {
        "from_.display_name": "Bell, Alexander",
        "from_.uri": "sip:a.g.bell@example.com",
        "from_.tag": "43",
        "to.display_name": "Watson, Thomas",
        "to.uri": "sip:t.watson@example.org",
    }
