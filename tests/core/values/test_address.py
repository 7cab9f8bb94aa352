"""Addresses and Contact: RFC 3261 20.10, on both engines."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seen import seen

from sipfast import ParseError
from sipfast._engine import ENGINE, Engine


def address(engine: Engine, text: str | bytes, name: str = "Address") -> Any:
    return value_class(engine, name).parse(text)


def value_class(engine: Engine, name: str) -> Any:
    module = "values.address" if name in ("Address", "Contact") else "values.parties"
    return getattr(engine.module(module), name)


def fault(read: Any) -> tuple[str, int]:
    with pytest.raises(ParseError) as caught:
        read()
    return caught.value.code, caught.value.offset


# ---- parts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "uri", "parameters"),
    [
        ("sip:a@h", None, "sip:a@h", []),
        ("<sip:a@h>", None, "sip:a@h", []),
        ("Alice <sip:a@h>", "Alice", "sip:a@h", []),
        ("caller<sip:a@h>", "caller", "sip:a@h", []),
        ("Alice  B.\t<sip:a@h>", "Alice  B.", "sip:a@h", []),
        ('"Alice" <sip:a@h>', "Alice", "sip:a@h", []),
        ('"Alice"<sip:a@h>', "Alice", "sip:a@h", []),
        ('"" <sip:a@h>', "", "sip:a@h", []),
        ('"A. \\"Al\\" \\\\ B" <sip:a@h>', 'A. "Al" \\ B', "sip:a@h", []),
        ('"J \\\\\\"" <sip:a@h>', 'J \\"', "sip:a@h", []),
        ('"a\\\0\\\x07\\\x7fb" <sip:a@h>', "a\0\x07\x7fb", "sip:a@h", []),
        ('"<sip:x>;tag=y, z" <sip:a@h>', "<sip:x>;tag=y, z", "sip:a@h", []),
        ("\u4f60\u597d <sip:a@h>", "\u4f60\u597d", "sip:a@h", []),
        ("< sip:a@h >", None, "sip:a@h", []),
        ("<sip:a@h;lr>;lr=no", None, "sip:a@h;lr", [("lr", "no")]),
        ("sip:a@h;tag=1;X", None, "sip:a@h", [("tag", "1"), ("X", None)]),
        ("sip:a@h ; tag = 1", None, "sip:a@h", [("tag", "1")]),
        ("<sip:a@h> ;tag=1;", None, "sip:a@h", [("tag", "1")]),
        ('<sip:a@h>;x="a;b=<c>, \\"d"', None, "sip:a@h", [("x", 'a;b=<c>, "d')]),
        ("<sip:a@h?x=y,z>;p=[::1]", None, "sip:a@h?x=y,z", [("p", "[::1]")]),
        ("tel:+1-2;tag=z", None, "tel:+1-2", [("tag", "z")]),
        ("<urn:service:sos>", None, "urn:service:sos", []),
        ("<http://h/a?b=c>", None, "http://h/a?b=c", []),
    ],
)
def test_parts(
    engine: Engine, text: str, name: str | None, uri: str, parameters: list[Any]
) -> None:
    found = address(engine, f" {text}\t")
    assert found.display_name == name
    assert str(found.uri) == uri
    assert [*found.parameters.items()] == parameters
    assert found.tag == dict(parameters).get("tag")
    assert str(found) == text


def test_a_display_name_in_another_encoding(engine: Engine) -> None:
    """GB18030, as video surveillance sends it (GB/T 28181)."""
    name = "\u76d1\u63a7".encode("gb18030")
    found = address(engine, b'"' + name + b'" <sip:34020000002000000001@h>')
    assert found.display_name.encode("utf-8", "surrogateescape") == name
    assert bytes(found) == b'"' + name + b'" <sip:34020000002000000001@h>'


@pytest.mark.parametrize(
    ("text", "code", "offset"),
    [
        ("", "address-malformed", 0),
        (";tag=1", "address-malformed", 0),
        ('"Alice <sip:a>', "quote-unterminated", 0),
        ('"Alice\\" <sip:a>', "quote-unterminated", 0),
        ('"Alice" sip:a', "address-malformed", 8),
        ('"Alice"', "address-malformed", 7),
        ('A "B" <sip:a>', "address-malformed", 2),
        ("A <sip:a", "address-malformed", 2),
        ("A <sip:<a>", "address-malformed", 2),
        ("<sip:a> b", "address-malformed", 8),
        ('<sip:a>;x="b', "quote-unterminated", 10),
        ('sip:a;\xe9="b', "quote-unterminated", 9),
    ],
)
def test_malformed(engine: Engine, text: str, code: str, offset: int) -> None:
    assert fault(lambda: address(engine, text)) == (code, offset)
    assert fault(lambda: address(engine, f"\t {text}")) == (code, offset + 2)


@pytest.mark.parametrize(
    ("text", "code", "offset"),
    [
        ("Alice <alice>", "uri-scheme-missing", 7),
        ("<>", "uri-scheme-missing", 1),
        ('"\xe9" < sip:a b>', "uri-character-illegal", 12),
        ("Bell, A", "uri-scheme-missing", 0),
        ("sip:h:x;tag=1", "port-malformed", 6),
    ],
)
def test_malformed_uri_raises_on_access(engine: Engine, text: str, code: str, offset: int) -> None:
    found = address(engine, text)
    assert fault(lambda: found.uri) == (code, offset)
    assert str(found) == text


def test_the_uri_is_kept(engine: Engine) -> None:
    found = address(engine, "<sip:a@h>")
    assert found.uri is found.uri


# ---- Contact, Diversion, History-Info -----------------------------------------------------------


def test_a_contact(engine: Engine) -> None:
    found = address(
        engine,
        '"A" <sip:a@h>;q=0.75;expires=00060;reg-id=1;methods="INVITE, ACK,,BYE"'
        ';+sip.instance="<urn:uuid:0>"',
        "Contact",
    )
    assert (found.q, found.expires, found.reg_id) == (0.75, 60, 1)
    assert found.methods == ("INVITE", "ACK", "BYE")
    assert found.instance == "<urn:uuid:0>"
    assert not found.is_wildcard
    plain = address(engine, "sip:a", "Contact")
    assert (plain.q, plain.expires, plain.reg_id, plain.instance) == (None,) * 4
    assert plain.methods == ()


@pytest.mark.parametrize(
    ("text", "q"), [("0", 0), ("1", 1), ("0.", 0), ("1.000", 1), ("0.001", 0.001)]
)
def test_q(engine: Engine, text: str, q: float) -> None:
    assert address(engine, f"<sip:a>;Q={text}", "Contact").q == q


@pytest.mark.parametrize(
    "text", ["", "1.1", "1.001", "0.1234", ".5", "-0", "00", "2", "0,5", "\xb2"]
)
def test_malformed_q(engine: Engine, text: str) -> None:
    found = address(engine, f"<sip:a>; q={text}", "Contact")
    assert fault(lambda: found.q) == ("q-malformed", 9)


@pytest.mark.parametrize("text", ["", "x", "-1", "1.5", "4294967296", "9" * 5000, "\u0661"])
def test_malformed_expires(engine: Engine, text: str) -> None:
    found = address(engine, f"<sip:a>;expires={text}", "Contact")
    assert fault(lambda: found.expires) == ("parameter-not-a-number", 8)


@pytest.mark.parametrize("seconds", [2**31, 2**32 - 1])
def test_expires_has_the_range_of_the_header_field(engine: Engine, seconds: int) -> None:
    """RFC 3261 20.10 and 20.19: delta-seconds below 2**32."""
    assert address(engine, f"<sip:a>;expires={seconds}", "Contact").expires == seconds
    assert engine.parse_header("Expires", str(seconds)) == seconds


def test_the_wildcard(engine: Engine) -> None:
    star = address(engine, " * ", "Contact")
    assert star.is_wildcard
    assert (star.uri, star.display_name, star.q) == (None, None, None)
    assert star == address(engine, "*", "Contact")
    assert hash(star) == hash(address(engine, "*", "Contact"))
    assert star != address(engine, "sip:a", "Contact")


@pytest.mark.parametrize("text", ["<*>", "*;q=1", '"a" <*>', "**", "* *"])
def test_near_wildcard_is_a_malformed_uri(engine: Engine, text: str) -> None:
    found = address(engine, text, "Contact")
    assert not found.is_wildcard
    assert fault(lambda: found.uri)[0] == "uri-scheme-missing"


def test_a_diversion(engine: Engine) -> None:
    found = address(
        engine, "<sip:a>;reason=no-answer;counter=3;privacy=full;screen=YES", "Diversion"
    )
    assert (found.reason, found.counter, found.privacy, found.screen) == (
        "no-answer",
        3,
        "full",
        True,
    )
    plain = address(engine, "<sip:a>", "Diversion")
    assert (plain.reason, plain.counter, plain.privacy, plain.screen) == (None,) * 4
    assert address(engine, "<sip:a>;screen=no", "Diversion").screen is False


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("", ()),
        (";index=1", (1,)),
        (";index=1.2.03", (1, 2, 3)),
        (f";index={'1.' * 999}1", (1,) * 1000),
    ],
)
def test_the_index_of_history_info(engine: Engine, text: str, index: tuple[int, ...]) -> None:
    assert address(engine, f"<sip:a>{text}", "HistoryInfo").index == index


@pytest.mark.parametrize("text", ["1.", ".", "a", "1..2", "1-2", "9" * 5000, "\xb2"])
def test_a_malformed_index(engine: Engine, text: str) -> None:
    found = address(engine, f"<sip:a>;index={text}", "HistoryInfo")
    assert fault(lambda: found.index) == ("index-malformed", 8)


# ---- equality -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ('"A" <sip:a@H>;tag=1', "sip:a@h;TAG=1", True),
        ("<sip:a@h>;x=1", "<sip:a@h>", False),
        ("<sip:a@h;x=1>", "<sip:a@h>", False),
        ("<sip:a@h>;x=1;y=2", "<sip:a@h>;Y=2;X=1", True),
        ("<sip:a@h>;x=A", "<sip:a@h>;X=a", True),
        ("<sip:a@h>;x=1;x=2", "<sip:a@h>;x=1", True),
        ("<sip:a@h>;x=1", "<sip:a@h>;x=2", False),
        ('<sip:a@h>;x="A b"', '<sip:a@h>;x="a b"', False),
        ("<sip:a@h>;tag=1", "<sip:a@h>", False),
        ("<sip:a@h>", "<sip:A@h>", False),
        ("<sip:a@h>;tag=a", "<sip:a@h>;tag=A", False),
    ],
)
def test_equality(engine: Engine, one: str, other: str, equal: bool) -> None:
    first, second = address(engine, one), address(engine, other)
    assert (first == second) is equal
    assert (second == first) is equal
    if equal:
        assert hash(first) == hash(second)
        assert first.matches(second)


@pytest.mark.parametrize(
    ("one", "other", "matching"),
    [
        ("<sip:a@h>;x=1", "<sip:a@h>", True),
        ("<sip:a@h;x=1>", "B <sip:a@h>", True),
        ("<sip:a@h;x=1>;y=2", "<sip:a@h;z=1>;v=2", True),
        ("<sip:a@h>;x=1", "<sip:a@h>;x=2", False),
        ("<sip:a@h>;tag=1", "<sip:a@h>", False),
        ("<sip:a@h;lr>;tag=1", "<sip:a@h>;tag=1", True),
        ("<sip:a@h;maddr=b>", "<sip:a@h>", False),
        ("<a b>", "<a b>", True),
        ("<a b>", "<a  b>", False),
    ],
)
def test_matching(engine: Engine, one: str, other: str, matching: bool) -> None:
    first, second = address(engine, one), address(engine, other)
    assert first.matches(second) is matching
    assert second.matches(first) is matching


def test_matching_of_other_classes(engine: Engine) -> None:
    star, contact = address(engine, "*", "Contact"), address(engine, "<sip:a>", "Contact")
    assert star.matches(star)
    assert not star.matches(contact)
    assert not contact.matches(star)
    assert contact.matches(address(engine, "<sip:a>;tag=1")) is False
    assert contact.matches(address(engine, "<sip:a>"))
    with pytest.raises(TypeError, match="other must be Address, not str"):
        contact.matches("<sip:a>")


@pytest.mark.parametrize("text", ["<a b>;tag=1", "<sip:a>;=;tag=1", "<sip:a>;x=a b"])
def test_equality_with_malformed_parts(engine: Engine, text: str) -> None:
    found = address(engine, text)
    assert found == address(engine, text)
    assert hash(found) == hash(address(engine, text))
    assert found != address(engine, f"x {text}")
    assert found != address(engine, "<sip:a>;x=b;tag=1")


def test_classes_are_not_equal(engine: Engine) -> None:
    assert address(engine, "<sip:a>") != address(engine, "<sip:a>", "Contact")


# ---- building -----------------------------------------------------------------------------------


def test_building(engine: Engine) -> None:
    module = engine.module("values.address")
    uri = engine.module("values.uri").SipURI("h", "a", parameters={"lr": None})
    built = module.Address(uri, 'A "B" \\ \0', tag="1", parameters={"x": "two words", "lr": None})
    assert str(built) == '"A \\"B\\" \\\\ \\\0" <sip:a@h;lr>;tag=1;x="two words";lr'
    assert built.display_name == 'A "B" \\ \0'
    assert built.uri == uri
    assert str(module.Address("tel:+1")) == "<tel:+1>"
    contact = module.Contact("sip:a", parameters=[("q", "0.5"), ("received", "[::1]")])
    assert str(contact) == "<sip:a>;q=0.5;received=[::1]"
    assert type(contact.replace(display_name="B")) is module.Contact
    assert str(contact.replace(display_name="B")) == '"B" <sip:a>;q=0.5;received=[::1]'


def test_replacing(engine: Engine) -> None:
    found = address(engine, "Alice <sip:%61@h> ; x=1;tag=2;Y")
    assert str(found.replace()) == '"Alice" <sip:%61@h>;tag=2;x=1;Y'
    assert found.replace() == found
    assert str(found.replace(tag=None, parameters={})) == '"Alice" <sip:%61@h>'
    for name in ("Contact", "Diversion", "HistoryInfo"):
        again = address(engine, "<sip:a>;index=1", name).replace(tag="t")
        assert type(again).__name__ == name
        assert str(again) == "<sip:a>;tag=t;index=1"


@pytest.mark.parametrize(
    "uri", ["", "a", "sip:a>;tag=b", "sip:<a>", "sip:a\r\nVia: b", " sip:a", "sip:a ", "*"]
)
def test_a_uri_that_cannot_be_written(engine: Engine, uri: str) -> None:
    for name in ("Address", "Contact"):
        with pytest.raises(ParseError):
            value_class(engine, name)(uri)


@pytest.mark.parametrize("text", ["a\r\nVia: b", "a\n", "\r"])
def test_a_line_end_cannot_be_written(engine: Engine, text: str) -> None:
    make = engine.module("values.address").Address
    for parts in ({"display_name": text}, {"tag": text}, {"parameters": {"a": text}}):
        with pytest.raises(ParseError) as caught:
            make("sip:a", **parts)
        assert caught.value.code == "value-line-end"


@pytest.mark.parametrize("name", ["", "a b", "a;b", "a=b", 'a"', "\xe9", "a\0", "[::1]"])
def test_the_name_of_a_parameter_is_a_token(engine: Engine, name: str) -> None:
    with pytest.raises(ValueError, match="token"):
        engine.module("values.address").Address("sip:a", parameters={name: "x"})


def test_an_address_cannot_be_changed(engine: Engine) -> None:
    found = address(engine, "<sip:a>;tag=1", "Contact")
    for name in ("uri", "tag", "colour"):
        with pytest.raises(AttributeError):
            setattr(found, name, "x")
    with pytest.raises(TypeError, match="immutable"):
        found.__init__("sip:b")
    assert str(found) == "<sip:a>;tag=1"


@pytest.mark.parametrize("name", ["Address", "Contact", "Diversion", "HistoryInfo"])
def test_a_pickle_loads_on_the_engine_in_use(engine: Engine, name: str) -> None:
    again = pickle.loads(pickle.dumps(address(engine, b'"\xff" <sip:a>;tag=1', name)))
    assert again == address(ENGINE, b'"\xff" <sip:a>;tag=1', name)
    assert bytes(again) == b'"\xff" <sip:a>;tag=1'


CHARACTERS = "aZ09-.!%*_+`'~ \t\"\\;,<>=@:[]\0\x07\x7f\xe9\u4f60\udcff"
tokens = st.text("aZ09-.!%*_+`'~", min_size=1, max_size=6)
parts = st.fixed_dictionaries(
    {"uri": st.sampled_from(["sip:a@h", "tel:+1-2", "urn:service:sos", "x:", "sip:[::1];lr?a=b"])},
    optional={
        "display_name": st.text(CHARACTERS, min_size=1, max_size=8),
        "tag": tokens,
        "parameters": st.lists(
            st.tuples(
                tokens.filter(lambda name: name.lower() != "tag"),
                st.none() | st.text(CHARACTERS, max_size=8),
            ),
            max_size=4,
        ),
    },
)


@settings(max_examples=400, deadline=None)
@given(parts=parts, name=st.sampled_from(["Address", "Contact"]))
def test_what_is_built_is_read(
    native: Engine, pure: Engine, parts: dict[str, Any], name: str
) -> None:
    built = [value_class(engine, name)(**parts) for engine in (native, pure)]
    assert seen(built[0]) == seen(built[1])
    for engine, made in zip((native, pure), built, strict=True):
        again = address(engine, str(made), name)
        assert again == made
        assert hash(again) == hash(made)
        assert str(made.replace()) == str(made)
        assert str(made.uri) == parts["uri"]
        assert made.display_name == on_the_wire(parts.get("display_name"))
        assert made.tag == parts.get("tag")
        written = [pair for pair in made.parameters.items() if pair[0].lower() != "tag"]
        expected = [(key, on_the_wire(text) or None) for key, text in parts.get("parameters", ())]
        assert written == expected


def on_the_wire(text: str | None) -> str | None:
    """Text as it comes back: surrogates that together are UTF-8 become that."""
    return text and text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def test_values_that_need_quotes_are_written_with_them(engine: Engine) -> None:
    contact, address = engine.classes("values.address", "Contact", "Address")
    given = {"methods": "INVITE", "+x": "y", "audio": None, "expires": "60", "z": "w"}
    text = '<sip:a@b>;methods="INVITE";+x="y";audio;expires=60;z=w'
    assert str(contact("sip:a@b", parameters=given)) == text
    assert str(contact.parse(text).replace(tag="1")).endswith(text.removeprefix("<sip:a@b>"))
    assert str(address("sip:a@b", parameters=given)) == text.replace('"', "")
    (referred_by,) = engine.classes("values.parties", "ReferredBy")
    assert str(referred_by("sip:a@b", parameters={"cid": "x"})) == '<sip:a@b>;cid="x"'
    vector, info = engine.classes("values.networks", "ChargingVector", "AccessNetworkInfo")
    assert str(vector("1", parameters={"transit-ioi": "x"})) == 'icid-value=1;transit-ioi="x"'
    assert str(info("a", parameters={"local-time-zone": "x"})) == 'a;local-time-zone="x"'
