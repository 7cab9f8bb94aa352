"""The parts of URIs, of malformed ones too."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from cost import within
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import OPTIONS, sample

from sipfast import ParseError
from sipfast._engine import Engine
from sipfast.uri_parts import URIParts, uri_parts

EXAMPLES = {
    # malformed: as much as can be told
    'sip:+1@h:5060;thinfo="..."': ("sip", "+1", None, "h", 5060),
    'sip:h;thinfo="a@b;?"': ("sip", None, None, "h", None),
    'sips:"a@b"@h;x="@"': ("sips", '"a@b"', None, "h", None),
    'sip:u@h;x="': ("sip", "u", None, "h", None),
    "sip:[fe80::1%eth0]:5060": ("sip", None, None, "[fe80::1%eth0]", 5060),
    "sip:u@fe80::1%eth0;lr": ("sip", "u", None, "fe80::1%eth0", None),
    "sip:u@2001:db8::5060": ("sip", "u", None, "2001:db8::5060", None),
    "sip:u@[::1;lr": ("sip", "u", None, "[::1", None),
    "sip:@192.0.2.1": ("sip", "", None, "192.0.2.1", None),
    "sip::secret@h": ("sip", "", "secret", "h", None),
    "sip:a@b.example@h:1;x=y@z?q=@": ("sip", "a@b.example", None, "h", 1),
    "sip:a b@h": ("sip", "a b", None, "h", None),
    "sip:a%0d%0A%41%4@h": ("sip", "a\r\nA%4", None, "h", None),
    "sip:a<b>@h>c": ("sip", "a<b>", None, "h", None),
    "sip:u@\u4f8b.example:1": ("sip", "u", None, "\u4f8b.example", 1),
    "sip:u@h:65536": ("sip", "u", None, "h", None),
    "sip:u@h:x": ("sip", "u", None, "h", None),
    "sip:u@h:": ("sip", "u", None, "h", None),
    f"sip:u@h:{'9' * 5000}": ("sip", "u", None, "h", None),
    f"sip:u@h:{'0' * 5000}7": ("sip", "u", None, "h", 7),
    "sip:u@h, sip:i": ("sip", "u", None, "h", None),
    "<sip:u@h:5061;lr>": ("sip", "u", None, "h", 5061),
    "< sips:h >": ("sips", None, None, "h", None),
    "sip:// u@h": ("sip", "// u", None, "h", None),
    "sip://h:5060": ("sip", None, None, "h", 5060),
    "sip:u@": ("sip", "u", None, None, None),
    "sip:": ("sip", None, None, None, None),
    "SIP:;lr": ("sip", None, None, None, None),
    "alice@h:5060": (None, "alice", None, "h", 5060),
    "192.0.2.1": (None, None, None, None, None),
    "*": (None, None, None, None, None),
    "": (None, None, None, None, None),
    "tel:+1x": ("tel", None, None, None, None),
    "Mailto:a@b": ("mailto", None, None, None, None),
    "sip:\ud800%41@h": ("sip", "\ud800%41", None, "h", None),
    # well-formed
    " sip:a;b?c@h:5061;lr?x=y \r\n": ("sip", "a;b?c", None, "h", 5061),
    "sip:a:b%40:c@[::1]": ("sip", "a", "b@:c", "[::1]", None),
}


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda text: ascii(text[:40]))
def test_as_much_as_can_be_told(text: str) -> None:
    found = uri_parts(text)
    assert found == EXAMPLES[text]
    assert type(found) is URIParts
    assert pickle.loads(pickle.dumps(found)) == found


PIECES = (
    *';:@?=&%."[]<>/, \t\\a1\r\n\0',
    *("sip:", "sips:", "tel:", "::", "%41", "%40", "h.example", "192.0.2.1", "[::1]", ":5060"),
    *("\xe9", "\udcff", "\ud800", ';x="', "65536", "%eth0"),
)
texts = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
likely = st.tuples(st.sampled_from(["sip:", "sips:u@", "SIP:u:p@h"]), texts).map("".join)


@settings(max_examples=2000, deadline=None)
@given(text=likely | texts)
def test_parts_of_what_can_be_read_are_those_that_reading_finds(
    native: Engine, pure: Engine, text: str
) -> None:
    found = uri_parts(text)
    assert found.port is None or 0 <= found.port <= 65535
    for engine in (native, pure):
        try:
            uri = engine.module("values.uri").URI.parse(text)
        except ParseError:
            continue
        password = getattr(uri, "password", None)
        assert found == (uri.scheme, uri.user, password, uri.host, uri.port)


@pytest.mark.parametrize("field", ["From", "Contact", "Route", "P-Asserted-Identity", "Refer-To"])
def test_addresses_have_them(engine: Engine, field: str) -> None:
    value: Any = engine.parse_header(field, 'A <sip:+1@[fe80::1%eth0]:5060;x="y">;tag=1')
    value = value[0] if isinstance(value, tuple) else value
    assert value.uri_parts == ("sip", "+1", None, "[fe80::1%eth0]", 5060)
    with pytest.raises(ParseError):
        value.uri  # noqa: B018


def test_the_wildcard_has_none(engine: Engine) -> None:
    (contact,) = engine.parse_header("Contact", "*")
    assert contact.uri_parts == URIParts()


def test_requests_have_them(engine: Engine) -> None:
    request: Any = engine.parse(sample(b'OPTIONS sip:@192.0.2.1:5062;x="y" SIP/2.0'))
    assert request.uri_parts == ("sip", "", None, "192.0.2.1", 5062)
    assert [one.header for one in request.defects] == ["Request-URI"]
    request = engine.parse(sample(OPTIONS))
    assert request.uri_parts == ("sip", "bob", None, "example.com", None)
    assert not hasattr(engine.parse(sample(b"SIP/2.0 200 OK")), "uri_parts")


@pytest.mark.parametrize("wrong", [b"sip:h", None, 5])
def test_only_a_str_has_parts(wrong: Any) -> None:
    with pytest.raises(TypeError, match="text must be str, not "):
        uri_parts(wrong)


@pytest.mark.parametrize("piece", [*'@:;"[%?a/', '"@', "a:", "::", "1:", "[]", ' "', "%41", "[%"])
@pytest.mark.parametrize("before", ["sip:", "sip:u@", 'sip:u@h;x="', "sip:u@h:", "sip:[", ""])
def test_the_cost_is_linear(before: str, piece: str) -> None:
    text = before + piece * (400_000 // len(piece))
    assert within(lambda: uri_parts(text), 1)
