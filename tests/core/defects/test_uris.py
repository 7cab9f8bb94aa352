"""URIs and hosts: each component by its own grammar, written out here once more from the RFCs."""

from __future__ import annotations

import ipaddress
import random
import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import OPTIONS, sample

from sipfast import ParseError
from sipfast._engine import Engine
from sipfast._uris import is_ipv6
from sipfast.registry.uri_components import COMPONENTS

ALPHANUMERIC = string.ascii_letters + string.digits
UNRESERVED = ALPHANUMERIC + "-_.!~*'()"
PARAMETER = UNRESERVED + "[]/:&+$"
HEADER = UNRESERVED + "[]/?:+$"
TOKEN = ALPHANUMERIC + "-.!%*_+`'~"
TEXT = [chr(code) for code in range(0x21, 0x7F) if chr(code) not in '<>"'] + ["\xe9", "\u4f60"]
"""The characters that reading accepts in a URI."""

# For each component: a URI with a place for a character; the allowed ones; those that end the
# component, and so are not in it.
PLACES = {
    ("sip", "user"): ("sip:y{}z@h", UNRESERVED + "&=+$,;?/", ":@"),
    ("sip", "password"): ("sips:u:y{}z@h", UNRESERVED + "&=+$,", "@"),
    ("sip", "host"): ("sip:u@y{}z", ALPHANUMERIC + "-.", {*TEXT} - {*ALPHANUMERIC, "-", "."}),
    ("sip", "parameter name"): ("sip:u@h;y{}z=x", PARAMETER, ";?="),
    ("sip", "parameter value"): ("sip:u@h;x=y{}z", PARAMETER, ";?"),
    ("sip", "transport, user, method"): ("sip:u@h;Method=y{}z", TOKEN, ";?"),
    ("sip", "maddr"): ("sip:u@h;maddr=y{}z", ALPHANUMERIC + "-.", ";?_"),
    ("sip", "header name"): ("sip:u@h?y{}z=x", HEADER, "&="),
    ("sip", "header value"): ("sip:u@h?x=y{}z", HEADER, "&"),
    ("tel", "isub"): ("tel:+1;isub=y{}z", UNRESERVED + "/?:@&=+$,", ";"),
    ("tel", "phone-context"): ("tel:1;phone-context=y{}z", ALPHANUMERIC + "-.", ";"),
    ("tel", "parameter name"): ("tel:+1;y{}z=x", ALPHANUMERIC + "-", ";="),
    ("tel", "parameter value"): ("tel:+1;x=y{}z", PARAMETER, ";"),
}
NOT_READ = {
    *(("sip", "port"), ("sip", "ttl"), ("tel", "global number"), ("tel", "local number")),
    ("tel", "ext"),
}
"""Components that reading refuses or that raise, with tests beside those."""


def contact(uri: str) -> bytes:
    return sample(OPTIONS, f"Contact: <{uri}>".encode("utf-8", "surrogateescape"))


def found(engine: Engine, data: bytes) -> list[tuple[str, str]]:
    """The codes of the defects, and the text at each, up to the end of its line."""
    defects = engine.parse(data).defects
    return [
        (one.code, data[one.offset :].partition(b"\r\n")[0].decode().removesuffix(">"))
        for one in defects
    ]


def test_every_component_has_a_place() -> None:
    assert PLACES.keys() | NOT_READ == COMPONENTS.keys()


@pytest.mark.parametrize("component", PLACES, ids=" ".join)
def test_each_character_is_allowed_or_reported(engine: Engine, component: tuple[str, str]) -> None:
    form, allowed, apart = PLACES[component]
    row = COMPONENTS[component]
    for character in TEXT:
        if character in apart:
            continue
        uri = form.format(character)
        at = uri.index(f"y{character}z")
        expected = [] if character in allowed else [(row.fault, uri[at + 1 :])]
        assert found(engine, contact(uri)) == expected, uri


@pytest.mark.parametrize("component", PLACES, ids=" ".join)
def test_escapes_are_allowed_where_the_table_says(
    engine: Engine, component: tuple[str, str]
) -> None:
    form, allowed, _ = PLACES[component]
    if component[1] == "host":  # reading refuses %
        return
    is_fine = COMPONENTS[component].escapes or "%" in allowed
    assert (found(engine, contact(form.format("%0d%00"))) == []) == is_fine


MALFORMED = {
    "sip:u@h;x=": ("uri-parameter-malformed", "x="),
    "sip:u@h;lr;x=;y=": ("uri-parameter-malformed", "x=;y="),
    "sip:u@h;=x": ("parameter-malformed", "=x"),
    "sip:u@h;transport": ("uri-parameter-malformed", "transport"),
    "sip:u@h;Transport=": ("uri-parameter-malformed", "Transport="),
    "sip:u@h;user=phone/": ("uri-parameter-malformed", "/"),
    "sip:u@h;m%65thod=(": ("uri-parameter-malformed", "("),
    "sip:u@h;maddr": ("host-malformed", "maddr"),
    "sip:u@h;maddr=::1": ("host-malformed", "::1"),
    "sip:u@h;maddr=192.0.2.256;lr": ("host-malformed", "256;lr"),
    "sip:u@h;maddr=a_b": ("host-underscore", "_b"),
    "sip:u@h;ttl": ("parameter-not-a-number", "ttl"),
    "sip:u@h;ttl=256": ("parameter-not-a-number", "ttl=256"),
    "sip:u@h;ttl=0255": ("parameter-not-a-number", "ttl=0255"),
    "sip:u@h;%4c=1;L=2": ("uri-parameter-repeated", "%4c=1;L=2"),
    "sip:u@h;;lr": ("parameter-empty", ";;lr"),
    "sip:u@h;lr;": ("parameter-empty", ";"),
    "sip:u@h;": ("parameter-empty", ";"),
    "sip:u@h;?x=y": ("parameter-empty", ";?x=y"),
    "sip:u@h?": ("uri-header-malformed", ""),
    "sip:h?x": ("uri-header-malformed", "x"),
    "sip:u@h?x=1&": ("uri-header-malformed", ""),
    "sip:u@h?x=1&&y=2": ("uri-header-malformed", "&y=2"),
    "sip:u@h?x=1&=2": ("uri-header-malformed", "=2"),
    "sip:u@h?x=1&y": ("uri-header-malformed", "y"),
    "sip:u@h?Replaces=1@h;to-tag=2": ("uri-header-malformed", "@h;to-tag=2"),
    "sip:\u4f60@h?\u4f60=\u4f60": ("uri-user-malformed", "\u4f60@h?\u4f60=\u4f60"),
    "sip:u:p:q@h": ("uri-password-malformed", ":q@h"),
    "tel:+1;isub": ("tel-parameter-malformed", "isub"),
    "tel:+1;isub=": ("tel-parameter-malformed", "isub="),
    "tel:+1;ext=": ("tel-number-malformed", "ext="),
    "tel:+1;ext": ("tel-number-malformed", "ext"),
    "tel:+1;ext=x": ("tel-number-malformed", "ext=x"),
    "tel:+1;x=": ("tel-parameter-malformed", "x="),
    "tel:+1;=x": ("parameter-malformed", "=x"),
    "tel:+1;;x": ("parameter-empty", ";;x"),
    "tel:+1;x;X=2": ("tel-parameter-repeated", "x;X=2"),
    "tel:1": ("tel-context-missing", "tel:1"),
    "tel:1;phone-context": ("tel-context-malformed", "phone-context"),
    "tel:+1;phone-context=": ("tel-context-malformed", "phone-context="),
    "tel:1;phone-context=+": ("tel-context-malformed", "+"),
    "tel:1;phone-context=a.1": ("tel-context-malformed", "1"),
    "tel:1;phone-context=a-.b": ("tel-context-malformed", "-.b"),
}


@pytest.mark.parametrize("uri", MALFORMED)
def test_a_fault_is_found_where_it_is(engine: Engine, uri: str) -> None:
    first, *others = found(engine, contact(uri))
    assert first == MALFORMED[uri]
    assert len(others) == (1 if "?\u4f60" in uri else 0)
    target = f"OPTIONS {uri} SIP/2.0".encode()
    of_target = [code for code, _ in found(engine, sample(target)) if code != "request-uri-headers"]
    assert of_target[0] == first[0]
    assert all(one.header == "Request-URI" for one in engine.parse(sample(target)).defects)


@pytest.mark.parametrize(
    "uri",
    [
        *("sip:h;method=`x;transport=%;user=%a", "sip:anonymous@h;user=phone", "sip:h;lr=on;ob"),
        *("sip:h;maddr=[::1];ttl=015;x=[];%20=%41", "sip:u:@h", "sip:?;/@h", "sips:h:0?a=&b=?"),
        *("tel:+1(2);ext=-3-;isub=%41;npdi;x=[]", "tel:*#A-;phone-context=+(1)"),
        "tel:1;phone-context=a-1.b-2.",
    ],
)
def test_allowed_forms_have_no_fault(engine: Engine, uri: str) -> None:
    assert found(engine, contact(uri)) == []


HOSTS: dict[str, tuple[str, str] | None] = {
    "h..x": ("host-malformed", ".x"),
    ".h": ("host-malformed", ".h"),
    "h..": ("host-malformed", "."),
    ".": ("host-malformed", "."),
    "-h": ("host-malformed", "-h"),
    "h-": ("host-malformed", "-"),
    "a.-h.b": ("host-malformed", "-h.b"),
    "a.h-.b": ("host-malformed", "-.b"),
    "a.1b": ("host-malformed", "1b"),
    "1b": ("host-malformed", "1b"),
    "1.2.3": ("host-malformed", "3"),
    "1.2.3.4.5": ("host-malformed", "5"),
    "1.2.3.4.": ("host-malformed", "."),
    "1.2.3.999": ("host-malformed", "999"),
    "256.2.3.4": ("host-malformed", "256.2.3.4"),
    "1.0002.3.4": ("host-malformed", "0002.3.4"),
    "[2001:::1]": ("host-malformed", "[2001:::1]"),
    "[:::]": ("host-malformed", "[:::]"),
    "[:1]": ("host-malformed", "[:1]"),
    "[1:]": ("host-malformed", "[1:]"),
    "[1]": ("host-malformed", "[1]"),
    "[12345::]": ("host-malformed", "[12345::]"),
    "[1::2::3]": ("host-malformed", "[1::2::3]"),
    "[1:2:3:4:5:6:7]": ("host-malformed", "[1:2:3:4:5:6:7]"),
    "[1:2:3:4:5:6:7:8:9]": ("host-malformed", "[1:2:3:4:5:6:7:8:9]"),
    "[1:2:3:4::5:6:7:8]": ("host-malformed", "[1:2:3:4::5:6:7:8]"),
    "[192.0.2.1]": ("host-malformed", "[192.0.2.1]"),
    "[::1.2.3]": ("host-malformed", "[::1.2.3]"),
    "[::1.2.3.256]": ("host-malformed", "[::1.2.3.256]"),
    "[::1.2.3.4:5]": ("host-malformed", "[::1.2.3.4:5]"),
    "[1.2.3.4::]": ("host-malformed", "[1.2.3.4::]"),
    "[1:::2.3.4.256]": ("host-malformed", "[1:::2.3.4.256]"),
    "[1::2:::3.4.5.6]": ("host-malformed", "[1::2:::3.4.5.6]"),
    "[2001:db8:::192.0.2.1]": ("host-extra-colon", ":192.0.2.1]"),
    "[:::192.0.2.1]": ("host-extra-colon", ":192.0.2.1]"),
    "a_b": ("host-underscore", "_b"),
    "_sip._udp.x": ("host-underscore", "_sip._udp.x"),
    "3402000000": ("host-numeric", "3402000000"),
    **dict.fromkeys(
        [
            *("h", "a.b", "a.b.", "a--b.c1", "0a.b", "3.4.x", "1.2.3.4", "01.002.3.255"),
            *("[::]", "[::1]", "[1::]", "[1:2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7::]"),
            *("[::ffff:1.2.3.4]", "[1:2:3:4:5:6:1.2.3.4]", "[fe80::ABCD]"),
        ]
    ),
}


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize(
    ("field", "header"),
    [
        ("Contact: <sip:u@{}:5060;lr>", "Contact"),
        ("Contact: <sip:u@h;maddr={};lr>", "Contact"),
        ("OPTIONS sip:{}:5060;lr SIP/2.0", "Request-URI"),
        ("v: SIP/2.0/UDP {}:5060;branch=z9hG4bK1", "Via"),
        ("v: SIP/2.0/UDP \r\n {} ;branch=z9hG4bK1", "Via"),
    ],
)
def test_hosts_follow_one_grammar(engine: Engine, field: str, header: str, host: str) -> None:
    text = field.format(host).encode()
    data = sample(text) if text.startswith(b"OPTIONS") else sample(OPTIONS, text)
    defects = engine.parse(data).defects
    expected = HOSTS[host]
    if expected is None:
        assert defects == ()
        return
    (one,) = defects
    code, rest = expected
    at = data.index(text) + field.index("{}") + len(host) - len(rest)
    assert (one.code, one.offset, one.header) == (code, at, header)
    assert one.severity == ("error" if code == "host-malformed" else "warning")
    assert one.status_hint == (400 if code == "host-malformed" else None)


def test_ipv6_addresses_are_those_of_the_library() -> None:
    """`ipaddress` takes no leading zeros in an IPv4 address, which the grammar allows."""
    dice = random.Random(6)
    count = 0
    for _ in range(20_000):
        groups = ["1", "ab", "::", ":", ":", "1.2.3.4", "ffff", "12345", "0"]
        text = "".join(dice.choice(groups) for _ in range(dice.randrange(1, 18)))
        try:
            ipaddress.IPv6Address(text)
        except ValueError:
            assert not is_ipv6(text) or "0" in text, text
        else:
            assert is_ipv6(text), text
            count += 1
    assert count > 300


def run(characters: str, least: int = 1) -> st.SearchStrategy[str]:
    one = st.sampled_from([*characters, "%00", "%0D", "%c3%A9", "%41"])
    return st.lists(one, min_size=least, max_size=6).map("".join)


def plain(characters: str) -> st.SearchStrategy[str]:
    return st.text(characters, min_size=1, max_size=6)


names = st.sampled_from(["h", "a-1.b.example.com", "192.0.2.1", "[2001:db8::1]", "[::1.2.3.4]"])
of_sip = st.one_of(
    run(PARAMETER).map("x{}".format),
    st.tuples(run(PARAMETER), run(PARAMETER)).map("x{0[0]}={0[1]}".format),
    st.tuples(st.sampled_from(["transport", "user", "method"]), plain(TOKEN)).map("=".join),
    names.map("maddr={}".format),
    st.integers(0, 255).map("ttl={}".format),
)
of_tel = st.one_of(
    st.tuples(plain(ALPHANUMERIC + "-"), run(PARAMETER)).map("x{0[0]}={0[1]}".format),
    run(UNRESERVED + "/?:@&=+$,").map("isub={}".format),
    plain("0123456789-.()").map("ext={}".format),
    st.sampled_from(["phone-context=a.b", "phone-context=+1"]),
)


def after_semicolons(parameters: list[str]) -> str:
    """The parameters, each name once."""
    each = {parameter.partition("=")[0]: parameter for parameter in parameters}
    return "".join(f";{parameter}" for parameter in each.values())


@st.composite
def well_formed(draw: st.DrawFn) -> str:
    """A URI of the grammar."""
    if draw(st.booleans()):
        parameters = draw(st.lists(of_tel, max_size=3))
        return f"tel:+{draw(plain('0123456789'))}{after_semicolons(parameters)}"
    userinfo = draw(st.just("") | run(UNRESERVED + "&=+$,;?/").map("{}@".format))
    if userinfo and draw(st.booleans()):
        userinfo = f"{userinfo[:-1]}:{draw(run(UNRESERVED + '&=+$,', 0))}@"
    port = draw(st.sampled_from(["", ":1", ":65535"]))
    headers = draw(st.lists(st.tuples(run(HEADER), run(HEADER, 0)).map("=".join), max_size=2))
    rest = after_semicolons(draw(st.lists(of_sip, max_size=3)))
    fields = f"?{'&'.join(headers)}" if headers else ""
    return f"{draw(st.sampled_from(['sip', 'SIPS']))}:{userinfo}{draw(names)}{port}{rest}{fields}"


@settings(max_examples=500, deadline=None)
@given(uri=well_formed())
def test_well_formed_uris_have_no_fault(native: Engine, pure: Engine, uri: str) -> None:
    names = [piece.partition("=")[0].lower() for piece in uri.partition("?")[0].split(";")[1:]]
    for engine in (native, pure):
        codes = [code for code, _ in found(engine, contact(uri)) if code != "contact-not-sips"]
        repeated = [code for code in codes if code.endswith("-repeated")]
        assert codes == repeated or "contact-not-one" in codes, uri
        assert not repeated or len(names) > 1


@settings(max_examples=1000, deadline=None)
@given(
    uri=well_formed(),
    edits=st.lists(st.tuples(st.integers(0, 60), st.sampled_from(TEXT)), max_size=3),
)
def test_what_lists_of_parameters_raise_is_a_defect(
    native: Engine, pure: Engine, uri: str, edits: list[tuple[int, str]]
) -> None:
    for at, character in edits:
        uri = uri[:at] + character + uri[at:]
    seen = []
    for engine in (native, pure):
        message: Any = engine.parse(contact(uri))
        seen.append(message.defects)
        try:
            parameters = message.contact.uri.parameters
        except (ParseError, AttributeError):
            continue
        try:
            list(parameters)
        except ParseError as error:
            raised = error.code, error.offset
            assert raised in [(one.code, one.offset) for one in message.defects]
    assert seen[0] == seen[1]
