"""URIs: RFC 3261 19.1, RFC 3966, RFC 8141, RFC 5118; the same on both engines."""

from __future__ import annotations

import copy
import pickle
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seen import seen

from sipfast import ParseError
from sipfast._engine import Engine


def uri(engine: Engine, text: str | bytes) -> Any:
    return engine.module("values.uri").URI.parse(text)


def raised(engine: Engine, text: str | bytes, name: str = "URI") -> tuple[str, int]:
    with pytest.raises(ParseError) as caught:
        getattr(engine.module("values.uri"), name).parse(text)
    assert caught.value.header is None
    return caught.value.code, caught.value.offset


# ---- sip and sips: the components (RFC 3261 19.1.1) ---------------------------------------------


def test_all_components(engine: Engine) -> None:
    found = uri(
        engine,
        "sips:alice:pa%20ss@gw.example.com:5071;transport=TCP;maddr=239.1.1.1;ttl=15;user=Phone"
        ";method=INVITE;lr;ob;gr=urn:uuid:1;x=%41?Subject=a%20b&Route=%3Csip:h;lr%3E",
    )
    assert type(found).__name__ == "SipURI"
    assert (found.scheme, found.is_secure) == ("sips", True)
    assert (found.user, found.password) == ("alice", "pa ss")
    assert (found.host, found.port) == ("gw.example.com", 5071)
    assert (found.transport, found.maddr, found.ttl) == ("tcp", "239.1.1.1", 15)
    assert (found.user_parameter, found.method) == ("phone", "INVITE")
    assert (found.lr, found.ob, found.gr) == (True, True, "urn:uuid:1")
    assert found.parameters["X"] == "A"
    assert found.headers == (("Subject", "a b"), ("Route", "<sip:h;lr>"))


def test_no_component_but_a_host(engine: Engine) -> None:
    found = uri(engine, "SIP:h")
    assert (found.scheme, found.is_secure, found.host) == ("sip", False, "h")
    for name in ("user", "password", "port", "transport", "maddr", "ttl", "user_parameter"):
        assert getattr(found, name) is None
    assert (found.method, found.gr, found.lr, found.ob) == (None, None, False, False)
    assert (found.headers, found.telephone, len(found.parameters)) == ((), None, 0)
    assert str(found) == "SIP:h"


@pytest.mark.parametrize(
    ("text", "user", "host"),
    [
        ("sip:user;par=u%40example.net@example.com", "user;par=u@example.net", "example.com"),
        ("sip:a;b?c/d=e&f+g$h,i@h", "a;b?c/d=e&f+g$h,i", "h"),
        ("sip:sip%3Auser%40example.com@h", "sip:user@example.com", "h"),
        ("sip:%00@h", "\0", "h"),
        ("sip:%00%00@h", "\0\0", "h"),
        ("sip:-_.!~*'()@h", "-_.!~*'()", "h"),
        ("sip:\xe9@h", "\xe9", "h"),
        ("sip:v%61lue%25%34%31@h", "value%41", "h"),
        ("sip:a@h;x=b@c", "a", "h"),
        ("sip:a@h?to=sip:b@c", "a", "h"),
        ("sip:a_b.example.com", None, "a_b.example.com"),
        ("sip:[2001:db8::10]", None, "[2001:db8::10]"),
    ],
)
def test_user_and_host(engine: Engine, text: str, user: str | None, host: str) -> None:
    found = uri(engine, text)
    assert (found.user, found.host) == (user, host)
    assert str(found) == text


def test_escaped_nul_makes_a_different_user(engine: Engine) -> None:
    one, two = uri(engine, "sip:null-%00-null@h"), uri(engine, "sip:null-%00%00-null@h")
    assert one.user == "null-\0-null"
    assert one != two
    assert len({one, two}) == 2


def test_invalid_utf_8(engine: Engine) -> None:
    found = uri(engine, b"sip:\xc4\xe3@h;x=%C4%E3")
    assert found.user == found.parameters["x"] == "\udcc4\udce3"
    assert bytes(found) == b"sip:\xc4\xe3@h;x=%C4%E3"
    assert bytes(found.replace(port=1)) == b"sip:\xc4\xe3@h:1;x=%C4%E3"


@pytest.mark.parametrize(
    ("text", "code", "offset"),
    [
        ("", "uri-scheme-missing", 0),
        ("alice@example.com", "uri-scheme-missing", 0),
        ("1sip:a", "uri-scheme-missing", 0),
        (":a", "uri-scheme-missing", 0),
        ("\xe9:a", "uri-scheme-missing", 0),
        ("sip:", "host-malformed", 4),
        ("sip:a@", "host-malformed", 6),
        ("sip:@h", "uri-user-missing", 4),
        ("sip::p@h", "uri-user-missing", 4),
        ("sip:a b@h", "uri-character-illegal", 5),
        ("sip:\xe9\t@h", "uri-character-illegal", 6),
        ("sip:a<b", "uri-character-illegal", 5),
        ('sip:a"b', "uri-character-illegal", 5),
        ("sip:a\0b", "uri-character-illegal", 5),
        ("sip:a\x7f", "uri-character-illegal", 5),
        ("sip:h:", "port-malformed", 6),
        ("sip:h:x", "port-malformed", 6),
        ("sip:h:65536", "port-malformed", 6),
        ("sip:h:-1", "port-malformed", 6),
        ("sip:h:5060x", "host-malformed", 10),
        ("sip:h%41", "host-malformed", 5),
        ("sip:h,i", "host-malformed", 5),
        ("sip:h@i@j", "host-malformed", 7),
        ("sip:h;a=b@c@d", "host-malformed", 11),
        ("sip:h;x=@;y", "host-malformed", 9),
        ("sip:[::1", "host-malformed", 4),
        ("sip:[]", "host-malformed", 4),
        ("sip:[::g]", "host-malformed", 4),
        ("sip:[::1]a", "host-malformed", 9),
        ("tel:", "tel-number-malformed", 4),
        ("tel:+", "tel-number-malformed", 5),
        ("tel:-()", "tel-number-malformed", 7),
        ("tel:+1x2", "tel-number-malformed", 6),
        ("tel:1%32", "tel-number-malformed", 5),
        ("tel:+abc", "tel-number-malformed", 5),
        ("tel:+1*2", "tel-number-malformed", 6),
        ("tel:+-(1)2#;x", "tel-number-malformed", 10),
        ("tel:+.-;x", "tel-number-malformed", 7),
        ("tel:1+2", "tel-number-malformed", 5),
        ("urn:example:a%zz", "urn-malformed", 4),
        ("urn:example:%4", "urn-malformed", 4),
        ("urn:ab:a?b", "urn-malformed", 4),
        ("urn:ab:/a", "urn-malformed", 4),
        ("urn:ab:[x]", "urn-malformed", 4),
        ("urn:ab:\xe9", "urn-malformed", 4),
        ("urn:ab:a?+", "urn-malformed", 4),
        ("urn:ab:a?=/", "urn-malformed", 4),
        ("urn:ab:a#b#c", "urn-malformed", 4),
        ("urn:ab:a#%4", "urn-malformed", 4),
        ("urn:", "urn-malformed", 4),
        ("urn:a:b", "urn-malformed", 4),
        ("urn:uuid", "urn-malformed", 4),
        ("urn:uuid:", "urn-malformed", 4),
        ("urn:uuid:#f", "urn-malformed", 4),
        ("urn:-ab:c", "urn-malformed", 4),
        ("urn:ab-:c", "urn-malformed", 4),
        (f"urn:{'a' * 33}:c", "urn-malformed", 4),
        ("http://a b", "uri-character-illegal", 8),
    ],
)
def test_malformed(engine: Engine, text: str, code: str, offset: int) -> None:
    assert raised(engine, text) == (code, offset)
    assert raised(engine, f" \t{text}") == (code, offset + 2)


@pytest.mark.parametrize(
    ("name", "text"),
    [("SipURI", "tel:1"), ("SipURI", "x:y"), ("TelURI", "sip:h"), ("URN", "sip:h")],
)
def test_unexpected_scheme(engine: Engine, name: str, text: str) -> None:
    assert raised(engine, text, name) == ("uri-scheme-unexpected", 0)


@pytest.mark.parametrize(
    ("text", "name"), [("sip:h;ttl=256", "ttl"), ("sip:h;ttl=-1", "ttl"), ("sip:h;ttl", "ttl")]
)
def test_malformed_parameter_raises_on_access(engine: Engine, text: str, name: str) -> None:
    found = uri(engine, text)
    assert found.host == "h"
    with pytest.raises(ParseError) as caught:
        getattr(found, name)
    assert (caught.value.code, caught.value.offset) == ("parameter-not-a-number", 6)


# ---- sip and sips: equality, and matching (RFC 3261 19.1.4) -------------------------------------

EQUAL = [
    ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"),
    (
        "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
        "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
    ),
    (
        "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
        "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
    ),
    # The rest is not in the RFC's list.
    ("sip:h:05060", "sip:h:5060"),
    ("SIP:H", "sip:h"),
    ("sip:%c3%a9@h", "sip:%C3%A9@h"),
    ("sip:a%3bb@h", "sip:a%3Bb@h"),
    ("sip:h;lr;x=%41", "sip:h;x=a;lr"),
    ("sip:h;;", "sip:h"),
    ("sip:h?s=x", "sip:h?Subject=x"),
    ("sip:h;x=1;x=2", "sip:h;x=1"),
    ("sip:[2001:DB8::10]", "sip:[2001:db8:0:0::0010]"),
    ("sip:[::ffff:192.0.2.1]", "sip:[::FFFF:c000:201]"),
    ("sip:[2001:DB8:::192.0.2.1]", "sip:[2001:db8:::192.0.2.1]"),
]

MATCHING = [  # and not equal
    ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com;security=on"),
    ("sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"),
    ("sip:h;transport=tcp;x=1", "sip:h;y=2;Transport=TCP"),
    ("sip:h;lr", "sip:h"),
]

DIFFERENT = [
    ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
    ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
    ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"),
    # The rest is not in the RFC's list.
    ("sip:a@h", "sips:a@h"),
    ("sip:a@h", "sip:h"),
    ("sip:a@h", "sip:a:@h"),
    ("sip:a:p@h", "sip:a:P@h"),
    ("sip:a%3Bb@h", "sip:a;b@h"),
    ("sip:h;x=%2F", "sip:h;x=/"),
    ("sip:h", "sip:h;user=ip"),
    ("sip:h", "sip:h;ttl=1"),
    ("sip:h", "sip:h;method=INVITE"),
    ("sip:h", "sip:h;maddr=h"),
    ("sip:h?a=1", "sip:h?a=1&a=1"),
    ("sip:h?a=b", "sip:h?a=B"),
    ("sip:[2001:db8::1]", "sip:[2001:db8::1]:5060"),
    ("sip:[::1]", "sip:1"),
    ("sip:%00@h", "sip:%00%00@h"),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_equal(engine: Engine, one: str, other: str) -> None:
    assert uri(engine, one) == uri(engine, other)
    assert uri(engine, other) == uri(engine, one)
    assert hash(uri(engine, one)) == hash(uri(engine, other))
    assert len({uri(engine, one), uri(engine, other)}) == 1
    assert uri(engine, one).matches(uri(engine, other))
    assert uri(engine, other).matches(uri(engine, one))


@pytest.mark.parametrize(("one", "other"), MATCHING)
def test_matching(engine: Engine, one: str, other: str) -> None:
    assert uri(engine, one).matches(uri(engine, other))
    assert uri(engine, other).matches(uri(engine, one))
    assert uri(engine, one) != uri(engine, other)
    assert hash(uri(engine, one)) != hash(uri(engine, other))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different(engine: Engine, one: str, other: str) -> None:
    assert uri(engine, one) != uri(engine, other)
    assert uri(engine, other) != uri(engine, one)
    assert not uri(engine, one).matches(uri(engine, other))
    assert not uri(engine, other).matches(uri(engine, one))


def test_matching_is_not_transitive(engine: Engine) -> None:
    on, plain, off = (
        uri(engine, f"sip:carol@chicago.com{more}")
        for more in (";security=on", "", ";security=off")
    )
    assert on.matches(plain)
    assert plain.matches(off)
    assert not on.matches(off)
    assert len({on, plain, off}) == 3


def test_matching_of_other_schemes(engine: Engine) -> None:
    for text in ("tel:+1-2", "urn:service:sos", "http://h/"):
        assert uri(engine, text).matches(uri(engine, text))
        assert not uri(engine, text).matches(uri(engine, "sip:h"))
        assert not uri(engine, "sip:h").matches(uri(engine, text))
    assert uri(engine, "tel:+1-2").matches(uri(engine, "tel:+12"))
    with pytest.raises(TypeError, match="other must be URI, not str"):
        uri(engine, "sip:h").matches("sip:h")


def test_equality_with_other_objects(engine: Engine) -> None:
    found = uri(engine, "sip:h")
    assert found != "sip:h"
    assert found != uri(engine, "tel:1")
    assert found.__eq__(1) is NotImplemented


# ---- sip and sips: IPv6 (RFC 5118) --------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("sip:[2001:db8::10]", "[2001:db8::10]", None),
        ("sip:[2001:db8::10]:5070", "[2001:db8::10]", 5070),
        ("sip:[2001:db8::10:5070]", "[2001:db8::10:5070]", None),
        ("sip:u@[2001:db8::192.0.2.1]", "[2001:db8::192.0.2.1]", None),
        ("sip:[2001:db8:::192.0.2.1]", "[2001:db8:::192.0.2.1]", None),
        ("sip:[::]:0;lr", "[::]", 0),
    ],
)
def test_ipv6(engine: Engine, text: str, host: str, port: int | None) -> None:
    found = uri(engine, text)
    assert (found.host, found.port) == (host, port)


def test_ipv6_needs_brackets(engine: Engine) -> None:
    assert raised(engine, "sip:2001:db8::10") == ("port-malformed", 9)
    assert raised(engine, "sip:u@2001:18::10") == ("host-malformed", 13)


# ---- sip and sips: building ---------------------------------------------------------------------


def test_a_part_is_escaped_where_it_must_be(engine: Engine) -> None:
    make = engine.module("values.uri").SipURI
    built = make(
        "h",
        "a b@c%41:;?",
        password="p:@;",
        scheme="sips",
        port=5061,
        parameters={"lr": None, "x y": "a;b=c", "e": "", "v6": "[::1]:/&+$"},
        headers=[("Subject", "a&b=c?"), ("To", "<sip:b@h>")],
    )
    assert str(built) == (
        "sips:a%20b%40c%2541%3A;?:p%3A%40%3B@h:5061;lr;x%20y=a%3Bb%3Dc;e;v6=[::1]:/&+$"
        "?Subject=a%26b%3Dc?&To=%3Csip:b%40h%3E"
    )
    assert (built.user, built.password) == ("a b@c%41:;?", "p:@;")
    assert built.parameters["X Y"] == "a;b=c"
    assert built.headers == (("Subject", "a&b=c?"), ("To", "<sip:b@h>"))


@pytest.mark.parametrize(
    "parts",
    [
        {"host": ""},
        {"host": "h;lr"},
        {"host": "a@h"},
        {"host": "h:5060"},
        {"host": "h i"},
        {"host": " h"},
        {"host": "h\r\nVia: x"},
        {"host": "h?a=b"},
        {"host": "2001:db8::1"},
        {"host": "h", "scheme": "tel"},
        {"host": "h", "scheme": "sip:a@b;c"},
        {"host": "h", "scheme": "sip:h;x="},
        {"host": "h", "user": ""},
        {"host": "h", "port": 65536},
        {"host": "h", "port": -1},
    ],
)
def test_a_part_that_cannot_be_written(engine: Engine, parts: dict[str, Any]) -> None:
    with pytest.raises(ParseError):
        engine.module("values.uri").SipURI(**parts)


@pytest.mark.parametrize("parts", [{"password": "p"}, {"parameters": {"": "x"}}])
def test_invalid_parts_are_refused(engine: Engine, parts: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        engine.module("values.uri").SipURI("h", **parts)


@pytest.mark.parametrize("port", ["5060", 5060.0, b"5060"])
def test_a_port_is_an_int(engine: Engine, port: Any) -> None:
    with pytest.raises(TypeError, match="port must be int, not"):
        engine.module("values.uri").SipURI("h", port=port)


def test_replacing(engine: Engine) -> None:
    found = uri(engine, "sip:a%3Bb:p@h:5060;transport=tcp;x=%2f;lr?Subject=%41")
    assert str(found.replace()) == str(found)
    assert str(found.replace(host="i", port=None)) == (
        "sip:a%3Bb:p@i;transport=tcp;x=%2f;lr?Subject=%41"
    )
    assert str(found.replace(user="c d", password=None, parameters={}, headers=())) == (
        "sip:c%20d@h:5060"
    )
    assert str(found.replace(scheme="sips")).startswith("sips:a%3Bb:p@h")
    with pytest.raises(TypeError):
        found.replace(colour="red")
    assert str(found) == "sip:a%3Bb:p@h:5060;transport=tcp;x=%2f;lr?Subject=%41"


# ---- telephone numbers: RFC 3966, and RFC 3261 19.1.6 -------------------------------------------


def test_telephone_numbers(engine: Engine) -> None:
    number = uri(engine, "tel:+1-201-555-0123;ext=4-5;isub=sub;a=b")
    assert (number.scheme, number.number, number.is_global) == ("tel", "+12015550123", True)
    assert (number.context, number.extension, number.subaddress) == (None, "45", "sub")
    assert number.parameters["A"] == "b"
    local = uri(engine, "TEL:863-1234;phone-context=+1-914-555")
    assert (local.number, local.is_global, local.context) == ("8631234", False, "+1-914-555")
    assert uri(engine, "tel:*69#;phone-context=example.com").number == "*69#"
    assert uri(engine, "tel:(044) 1".replace(" ", ".")).number == "0441"


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("tel:+1-201-555-0123", "tel:+12015550123", True),
        ("tel:+1(201)555.0123", "TEL:+12015550123", True),
        ("tel:7042;phone-context=example.com", "tel:7042;phone-context=EXAMPLE.COM", True),
        ("tel:7042;phone-context=+1-9", "tel:7042;PHONE-CONTEXT=+19", True),
        ("tel:1;ext=1-2;isub=a", "tel:1;isub=A;ext=12", True),
        ("tel:1a;phone-context=h", "tel:1A;phone-context=h", True),
        ("tel:1;a=%41", "tel:1;a=A", True),
        ("tel:+7042", "tel:7042", False),
        ("tel:7042;phone-context=a.example.com", "tel:7042;phone-context=b.example.com", False),
        ("tel:7042;phone-context=example.com", "tel:7042", False),
        ("tel:1;ext=1", "tel:1;ext=2", False),
        ("tel:1;x=1", "tel:1", False),
    ],
)
def test_telephone_numbers_compared(engine: Engine, one: str, other: str, equal: bool) -> None:
    assert (uri(engine, one) == uri(engine, other)) is equal
    if equal:
        assert hash(uri(engine, one)) == hash(uri(engine, other))


@pytest.mark.parametrize("extension", ["=abc", "=1*", "=", ""])
def test_malformed_extension_raises_on_access(engine: Engine, extension: str) -> None:
    """RFC 3966 3: digits and visual separators, one at least."""
    number = uri(engine, f"tel:+1;ext{extension}")
    assert number.number == "+1"
    with pytest.raises(ParseError) as caught:
        assert number.extension
    assert (caught.value.code, caught.value.offset) == ("tel-number-malformed", 7)


def test_telephone_numbers_built(engine: Engine) -> None:
    make = engine.module("values.uri").TelURI
    built = make("7042", context="example.com", parameters={"x": "1 2"})
    assert str(built) == "tel:7042;phone-context=example.com;x=1%202"
    assert str(built.replace(number="+1", context=None)) == "tel:+1;x=1%202"
    assert built.replace() == built
    for number in ("", "+1;ext=5", "1 2", "+1x", "+1a", "+*", "1+"):
        with pytest.raises(ParseError):
            make(number)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("sip:+1-201-555-0123@gw;user=phone", "+12015550123"),
        ("sip:+12015550123@gw", "+12015550123"),
        ("sip:%2B1201@gw;user=phone", "+1201"),
        ("sip:*69%23;phone-context=h@gw;user=phone", "*69#"),
        ("sip:7042@gw;user=PHONE", "7042"),
        ("sip:7042@gw", None),
        ("sip:+bob@gw", None),
        ("sip:+1bob@gw", None),
        ("sip:+\xb2@gw", None),
        ("sip:gw;user=phone", None),
    ],
)
def test_a_telephone_number_as_the_user(engine: Engine, text: str, number: str | None) -> None:
    telephone = uri(engine, text).telephone
    assert (telephone and telephone.number) == number


def test_parameters_of_a_telephone_number_as_the_user(engine: Engine) -> None:
    telephone = uri(engine, "sip:7042;phone-context=+1-9;isub=%2541@gw;user=phone").telephone
    assert (telephone.context, telephone.subaddress) == ("+1-9", "%41")
    for user in ("bob", "1%3Bext=2", "1%0A"):
        with pytest.raises(ParseError) as caught:
            uri(engine, f"sip:{user}@gw;user=phone").telephone  # noqa: B018
        assert (caught.value.code, caught.value.offset) == ("tel-number-malformed", 4)


# ---- urn (RFC 8141) and all others --------------------------------------------------------------


def test_urns(engine: Engine) -> None:
    service = uri(engine, "urn:Service:sos.fire")
    assert (service.scheme, service.namespace, service.specific) == ("urn", "service", "sos.fire")
    whole = uri(engine, "urn:example:a:b/c?+r?=q#f")
    assert whole.specific == "a:b/c"
    assert str(whole.replace(namespace="other")) == "urn:other:a:b/c?+r?=q#f"
    assert str(whole.replace(specific="d")) == "urn:example:d"
    make = engine.module("values.uri").URN
    assert make("service", "sos") == uri(engine, "urn:service:sos")
    for parts in (("a:b", "c"), ("ab", ""), ("ab", "a b"), ("a", "b"), ("", "x")):
        with pytest.raises(ParseError):
            make(*parts)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("urn:example:a123,z456", "URN:EXAMPLE:a123,z456", True),
        ("urn:example:a123,z456", "urn:example:a123,z456?+abc", True),
        ("urn:example:a123,z456", "urn:example:a123,z456?=xyz", True),
        ("urn:example:a123,z456", "urn:example:a123,z456#789", True),
        ("urn:example:a123%2Cz456", "urn:example:a123%2cz456", True),
        ("urn:uuid:F81D4FAE-7DEC", "urn:uuid:f81d4fae-7dec", True),
        ("urn:service:SOS", "urn:service:sos", True),
        ("urn:example:a123,z456", "urn:example:A123,z456", False),
        ("urn:example:a123,z456", "urn:example:a123,z456/foo", False),
        ("urn:example:a123,z456", "urn:example:a123%2Cz456", False),
    ],
)
def test_urns_compared(engine: Engine, one: str, other: str, equal: bool) -> None:
    assert (uri(engine, one) == uri(engine, other)) is equal
    if equal:
        assert hash(uri(engine, one)) == hash(uri(engine, other))


@pytest.mark.parametrize(
    "text", ["mailto:a@b?c", "HTTP://h:99999/x;y=%41", "x-y+z.1:", "im:a", "wss://[zz", "a::"]
)
def test_other_schemes_are_kept_whole(engine: Engine, text: str) -> None:
    found = uri(engine, text)
    assert type(found).__name__ == "URI"
    assert str(found) == text
    assert found.scheme == text.partition(":")[0].lower()


def test_other_schemes_compared(engine: Engine) -> None:
    assert uri(engine, "HTTP://h/A") == uri(engine, "http://h/A")
    assert hash(uri(engine, "HTTP://h/A")) == hash(uri(engine, "http://h/A"))
    assert uri(engine, "http://h/A") != uri(engine, "http://h/a")
    assert uri(engine, "a:b") != uri(engine, "b:b")


# ---- values as objects --------------------------------------------------------------------------

ONE_OF_EACH = [
    "sip:a%41@h:5060;lr?x=y",
    "tel:+1-2;ext=3",
    "urn:service:sos",
    "mailto:a",
    "sip:\xe9@h",
]


@pytest.mark.parametrize("text", ONE_OF_EACH)
def test_a_uri_cannot_be_changed(engine: Engine, text: str) -> None:
    found = uri(engine, text)
    for name in ("scheme", "host", "number", "colour", "__class__"):
        with pytest.raises((AttributeError, TypeError)):
            setattr(found, name, "x")
    with pytest.raises(AttributeError):
        del found.scheme
    if hasattr(found, "replace"):
        arguments = ("ab", "c") if found.scheme == "urn" else ("1",)
        with pytest.raises(TypeError, match="immutable"):
            found.__init__(*arguments)
    assert str(found) == text


@pytest.mark.parametrize("text", ONE_OF_EACH)
def test_a_pickle_loads_on_the_engine_in_use(engine: Engine, text: str) -> None:
    found = uri(engine, text)
    for again in (pickle.loads(pickle.dumps(found)), copy.copy(found), copy.deepcopy(found)):
        assert str(again) == str(found)
        assert type(again).__name__ == type(found).__name__
        assert again == uri_in_use(text)
        assert hash(again) == hash(uri_in_use(text))


def uri_in_use(text: str) -> Any:
    from sipfast._engine import ENGINE

    return uri(ENGINE, text)


def test_a_repr_can_be_read(engine: Engine) -> None:
    found = uri(engine, "sip:a'b@h")
    names = vars(engine.module("values.uri"))
    assert eval(repr(found), {"SipURI": names["SipURI"]}) == found


def test_parameters_of_a_uri(engine: Engine) -> None:
    parameters = uri(engine, "sip:h;Lr;%41b%3B=%3D;%E2%84%AA=1;\xc9=2;x=1;X=2;").parameters
    assert [*parameters.items()] == [
        *(("Lr", None), ("Ab;", "="), ("\u212a", "1"), ("\xc9", "2"), ("x", "1"), ("X", "2"))
    ]
    assert parameters["lR"] is None
    assert parameters["aB;"] == "="
    assert parameters["\u212a"] == "1"
    assert parameters["x"] == "1"
    assert all(name in parameters for name in parameters)
    for name in ("k", "%41b%3B", "ab", "Lr;%41b%3B", "\xe9", "", "%"):
        assert name not in parameters
    assert dict(parameters)["X"] == "1"


# ---- round trips --------------------------------------------------------------------------------

CHARACTERS = "aZ09-_.!~*'()&=+$,;?/:@%<>\"[] \t\0\x7f\r\n\xe9\u4f60\udcff"
words = st.text(CHARACTERS, max_size=8)


def read_name(name: str) -> bytes:
    """The name of a parameter as compared: repeated ones are refused."""
    return name.encode("utf-8", "surrogateescape").lower()


hosts = st.sampled_from(["h", "A.example.com", "192.0.2.1", "[2001:db8::1]", "[::]", "x_y"])
pairs = st.lists(
    st.tuples(words.filter(bool), st.none() | words),
    max_size=4,
    unique_by=lambda pair: read_name(pair[0]),
)
sip_parts = st.fixed_dictionaries(
    {"host": hosts, "scheme": st.sampled_from(["sip", "sips", "SIP"])},
    optional={
        "user": words.filter(bool),
        "port": st.integers(0, 65535),
        "parameters": pairs,
        "headers": st.lists(st.tuples(words.filter(bool), words), max_size=3),
    },
)


def bare(text: str | None) -> str:
    return text or ""


@settings(max_examples=400, deadline=None)
@given(parts=sip_parts, password=st.none() | words)
def test_what_is_built_is_read(
    native: Engine, pure: Engine, parts: dict[str, Any], password: str | None
) -> None:
    if "user" in parts:
        parts = {**parts, "password": password}
    built = [engine.module("values.uri").SipURI(**parts) for engine in (native, pure)]
    assert seen(built[0]) == seen(built[1])
    for engine, made in zip((native, pure), built, strict=True):
        again = uri(engine, str(made))
        assert seen(again) == seen(made)
        assert again == made
        assert hash(again) == hash(made)
        assert str(again.replace()) == str(made).replace("SIP:", "sip:")
        read = {name: getattr(made, name) for name in parts if name not in ("parameters", "scheme")}
        for name, value in read.items():
            assert normal(value) == normal(parts[name])
        expected = [(name, bare(value)) for name, value in parts.get("parameters", ())]
        assert normal([(name, bare(value)) for name, value in made.parameters.items()]) == normal(
            expected
        )


def normal(value: Any) -> Any:
    """Text after a round trip over the wire, where surrogate escapes may form UTF-8."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    return [*map(normal, value)] if isinstance(value, (list, tuple)) else value


NEAR = (
    *("a", "A", "%41", "%61", "%3b", "%3B", ";", "@", ":", "h", "H", "1", "=", "?", "&", "[::1]"),
    *(";lr", ";LR", ";x=1", ";x=2", ";ttl=1", "%", "\xe9", "-", "+", "#", "?+", "%C3"),
)
near = st.lists(st.sampled_from(NEAR), max_size=7).map("".join)


@settings(max_examples=600, deadline=None)
@given(scheme=st.sampled_from(["sip:", "SIPS:", "tel:", "urn:ab:", "x:"]), one=near, other=near)
def test_equality_and_hash(native: Engine, pure: Engine, scheme: str, one: str, other: str) -> None:
    outcomes = []
    for engine in (native, pure):
        try:
            first, second = uri(engine, scheme + one), uri(engine, scheme.lower() + other)
        except ParseError as error:
            outcomes.append((error.code, error.offset))
            continue
        equal = first == second
        assert equal == (second == first)
        assert not equal or hash(first) == hash(second)
        assert first == uri(engine, str(first))
        outcomes.append(equal)
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("specific", ["", "a?b#c", "a b", "[x]", "%zz", "a#b#c"])
def test_a_urn_is_built_of_what_may_stand_in_one(engine: Engine, specific: str) -> None:
    with pytest.raises(ParseError):
        engine.module("values.uri").URN("example", specific)


@pytest.mark.parametrize(
    "text", ["urn:ab:a%2F/b@c:d", "urn:ab:a?+b?c?=d/e?#", "urn:ab:a?=b?+c#d/e?f%41", "urn:ab:%41"]
)
def test_what_may_stand_in_a_urn(engine: Engine, text: str) -> None:
    """RFC 8141 2."""
    assert str(uri(engine, text)) == text
    assert uri(engine, text).specific == re.split("[?#]", text[7:])[0]


def test_a_parameter_without_a_name_that_was_read_stays(engine: Engine) -> None:
    uri = engine.module("values.uri").URI.parse("sip:a@b;=x;y")
    assert str(uri.replace(port=5)) == "sip:a@b:5;=x;y"
    with pytest.raises(ValueError, match="name of a parameter must not be empty"):
        engine.module("values.uri").SipURI("b", parameters=[("", "x")])


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("[2001:DB8::1]", "2001:DB8::1"),
        ("[::]", "::"),
        ("[::ffff:192.0.2.1]", "::ffff:192.0.2.1"),
        ("192.0.2.1", "192.0.2.1"),
        ("example.com", None),
        ("1.example.com", None),
        ("999.0.2.1", None),
        ("192.0.2", None),
        ("[2001:db8:::192.0.2.1]", None),
        ("[192.0.2.1]", None),
    ],
)
def test_the_address_that_a_host_is(engine: Engine, host: str, address: str | None) -> None:
    assert uri(engine, f"sip:a@{host}:5060").host_address == address
    via = engine.module("values.via").Via.parse(f"SIP/2.0/UDP {host}:5060;branch=z9hG4bK1")
    assert via.host_address == address
    assert via.host == host


@pytest.mark.parametrize("text", ["tel:+1", "urn:service:sos", "http://192.0.2.1"])
def test_only_the_host_of_a_sip_uri_has_an_address(engine: Engine, text: str) -> None:
    assert uri(engine, text).host_address is None
