"""Header fields as properties of the message: read on access, cached, independent."""

from __future__ import annotations

import pydoc
from functools import partial
from typing import Any

import pytest
from samples import sample

from sipfast import ParseError
from sipfast._engine import Engine
from sipfast.registry.header_names import HEADER_NAMES

START = b"OPTIONS sip:bob@example.com SIP/2.0\r\n"


def message(engine: Engine, *lines: bytes) -> Any:
    return engine.parse(START + b"".join(line + b"\r\n" for line in lines) + b"\r\n")


def raised(read: Any) -> ParseError:
    with pytest.raises(ParseError) as caught:
        read()
    return caught.value


def fields(engine: Engine) -> dict[str, Any]:
    """The typed properties, by name."""
    names = vars(engine.module("message.properties").Typed)
    return {name: field for name, field in names.items() if hasattr(field, "header_id")}


# ---- the properties -----------------------------------------------------------------------------


def test_the_fields_of_a_usual_message(engine: Engine) -> None:
    found: Any = engine.parse(sample())
    assert found.via.host == "desk.example.com"
    assert found.vias == (found.via,)
    assert (found.from_.display_name, found.from_.tag) == ("Alice", "a73kszlfl")
    assert found.to.uri.user == "bob"
    assert found.to.tag == "8321234356"


def test_all_is_absent_from_an_empty_message(engine: Engine) -> None:
    found = message(engine)
    for name, field in fields(engine).items():
        several = type(field).__name__ not in ("One", "First", "Joined")
        assert getattr(found, name) == (() if several else None), name


def test_both_engines_have_the_same_properties(native: Engine, pure: Engine) -> None:
    one, other = fields(native), fields(pure)
    assert {name: field.header_id for name, field in one.items()} == {
        name: field.header_id for name, field in other.items()
    }
    assert {"via", "vias", "from_", "to", "contact", "contacts", "routes", "expires"} <= one.keys()


def test_a_property_says_what_it_means(engine: Engine) -> None:
    for name, field in fields(engine).items():
        header = HEADER_NAMES[field.header_id - 1]
        assert field.__doc__ == f"{header.name} ({header.rfc}): {header.en}"
        assert field.__doc__ in pydoc.render_doc(getattr(engine.Message, name), "%s")


def test_a_property_is_kept(engine: Engine) -> None:
    found = message(
        engine,
        b"Via: SIP/2.0/UDP a, SIP/2.0/UDP b",
        b"v: SIP/2.0/UDP c",
        b"From: <sip:a>",
        b"Contact: <sip:a>, <sip:b>",
        b"Route: <sip:r>",
    )
    first = found.via
    for name in ("via", "vias", "from_", "contact", "contacts", "routes", "allow"):
        assert getattr(found, name) is getattr(found, name)
    assert found.vias[0] is first is found.via
    assert found.contacts[0] is found.contact
    assert found.from_.uri is found.from_.uri


def test_the_first_of_a_list_that_was_read_whole(engine: Engine) -> None:
    found = message(engine, b"Contact: ,<sip:a>,", b"m: <sip:b>")
    assert [str(contact.uri) for contact in found.contacts] == ["sip:a", "sip:b"]
    assert found.contact is found.contacts[0]


def test_lists_go_on_over_the_lines(engine: Engine) -> None:
    """RFC 3261 7.3.1: in order, under long and compact names."""
    found = message(
        engine,
        b'Via: SIP/2.0/UDP a;x="1,2" , SIP/2.0/UDP b',
        b'ROUTE: <sip:r1;x=1,2>, "R, 2" <sip:r2>',
        b"v : SIP/2.0/UDP c",
        b"ViA:",
        b"Allow: INVITE, ACK",
        b"Route: <sip:r3>",
        b"VIA: ,, SIP/2.0/UDP\r\n d ,",
        b"Allow: BYE",
    )
    assert [via.host for via in found.vias] == ["a", "b", "c", "d"]
    assert [route.uri.host for route in found.routes] == ["r1", "r2", "r3"]
    assert found.allow == ("INVITE", "ACK", "BYE")


def test_a_list_is_the_same_after_its_first(engine: Engine) -> None:
    line = b'Via: SIP/2.0/UDP a,SIP/2.0/UDP "x'
    one, other = message(engine, line), message(engine, line)
    assert one.via.host == "a"
    errors = [raised(partial(getattr, read, "vias")) for read in (one, other)]
    assert {(error.code, error.offset) for error in errors} == {
        ("quote-unterminated", len(START) + line.index(b'"'))
    }


def test_empty_fields(engine: Engine) -> None:
    """RFC 3261 20.5 and 20.37 let Allow and Supported be empty."""
    found = message(engine, b"Allow:", b"k: ", b"Contact: , ,", b"Expires:", b"To:")
    assert (found.allow, found.supported, found.contacts, found.contact) == ((), (), (), None)
    assert (raised(lambda: found.expires).code, raised(lambda: found.to).code) == (
        "header-empty",
        "header-empty",
    )


def test_of_a_single_field_the_first_counts(engine: Engine) -> None:
    found = message(engine, b"From: <sip:a>", b"f: <sip:b>", b"Expires: 1", b"Expires: x")
    assert str(found.from_) == "<sip:a>"
    assert found.expires == 1


def test_numbers(engine: Engine) -> None:
    for text, number in (
        (b"0", 0),
        (b"0068", 68),
        (b"4294967295", 2**32 - 1),
        (b"0" * 99 + b"7", 7),
    ):
        assert message(engine, b"Expires: " + text).expires == number
    for text in (b"4294967296", b"4294967297", b"9" * 999):
        found = message(engine, b"Expires: " + text)
        assert raised(partial(getattr, found, "expires")).code == "number-out-of-range"
    found = message(engine, b"Max-Forwards: 2147483648")
    assert raised(partial(getattr, found, "max_forwards")).code == "number-too-large"


# ---- malformed fields ---------------------------------------------------------------------------


def test_a_malformed_field_disturbs_no_other(engine: Engine) -> None:
    lines = (
        b"Via: SIP/2.0/UDP good, SIP/2.0/UDP",
        b'From: "A <sip:a>',
        b"To: <sip:b b>",
        b"Contact: <sip:c>;q=9",
        b'Route: <sip:r>, sip:"',
        b"Expires: soon",
        b"Allow: OPTIONS",
    )
    data = START + b"\r\n".join(lines) + b"\r\n\r\n"
    found: Any = engine.parse(data)
    for _ in range(2):  # a failure is repeated, not cached
        assert found.via.host == "good"
        assert found.to.tag is None
        assert found.contact.expires is None
        assert found.allow == ("OPTIONS",)
        for read, header, code, before in (
            (lambda: found.vias, "Via", "via-malformed", b"good, SIP/2.0/UDP"),
            (lambda: found.from_, "From", "quote-unterminated", b"From: "),
            (lambda: found.to.uri, "To", "uri-character-illegal", b"<sip:b"),
            (lambda: found.contact.q, "Contact", "q-malformed", b"<sip:c>;"),
            (lambda: found.routes, "Route", "quote-unterminated", b"<sip:r>, sip:"),
            (lambda: found.expires, "Expires", "number-malformed", b"Expires: "),
        ):
            error = raised(read)
            offset = data.index(before) + len(before)
            assert (error.header, error.code, error.offset) == (header, code, offset)
            assert f"byte {offset}" in str(error)
            assert error.status_hint == 400
            assert header in error.text


def test_an_error_counts_from_the_start_of_the_buffer(engine: Engine) -> None:
    data = b"\r\n\r\n" + START + b"Expires: x\r\n\r\n"
    found: Any = engine.parse(data)
    assert raised(lambda: found.expires).offset == data.index(b"x\r\n")


def test_commas_that_cut_a_display_name(engine: Engine) -> None:
    """An unquoted comma ends a Contact; in From, which has one value, it is part of the name."""
    found = message(engine, b"Contact: Bell, Alexander <sip:a>", b"From: Bell, A <sip:a>")
    assert len(found.contacts) == 2
    error = raised(lambda: found.contact.uri)
    assert (error.code, error.header) == ("uri-scheme-missing", "Contact")
    assert found.contacts[1].display_name == "Alexander"
    assert found.from_.display_name == "Bell, A"


def test_parameters_without_brackets_are_the_fields(engine: Engine) -> None:
    """RFC 3261 20.10: within <> they are the URI's."""
    found = message(
        engine, b"From: sip:a@h;tag=1;x=2", b"To: <sip:a@h;tag=1>;x=2", b"Contact: sip:u@h?a=b"
    )
    assert (found.from_.tag, str(found.from_.uri)) == ("1", "sip:a@h")
    assert (found.to.tag, found.to.uri.parameters["tag"]) == (None, "1")
    assert found.contact.uri.headers == (("a", "b"),)


def test_an_escaped_name_is_another_header(engine: Engine) -> None:
    found = message(engine, b"C%6Fntact: <sip:a>", b"RE%47: x")
    assert found.contacts == ()
    assert found.headers["c%6fntact"] == "<sip:a>"


def test_a_property_cannot_be_set(engine: Engine) -> None:
    found = message(engine, b"From: <sip:a>")
    for name in ("from_", "via", "vias", "expires"):
        with pytest.raises(AttributeError):
            setattr(found, name, None)
        with pytest.raises(AttributeError):
            delattr(found, name)
    assert str(found.from_) == "<sip:a>"


def test_a_message_that_parse_did_not_make(engine: Engine) -> None:
    for cls in (engine.Request, engine.Response):
        made = cls.__new__(cls)
        for name in fields(engine):
            try:
                assert getattr(made, name) in (None, ())
            except AttributeError:  # on pure there is nothing to look into
                assert engine.name == "pure"


# ---- parse_header and format_header -------------------------------------------------------------


def test_parse_header(engine: Engine) -> None:
    assert engine.parse_header("FROM", " <sip:a> ").uri.host == "a"
    assert engine.parse_header("f", b"<sip:a>") == engine.parse_header("From", "sip:a")
    assert [str(via) for via in engine.parse_header("v", "SIP/2.0/UDP a,SIP/2.0/UDP b")] == [
        "SIP/2.0/UDP a",
        "SIP/2.0/UDP b",
    ]
    assert engine.parse_header("Allow", "INVITE, ,ACK") == ("INVITE", "ACK")
    assert engine.parse_header("Expires", "007") == 7
    assert engine.parse_header("Contact", "*")[0].is_wildcard
    assert engine.parse_header("Contact", "") == ()


@pytest.mark.parametrize("name", ["X-Unknown", "", "Vi\xe1", "\u212a", "x y", "From:"])
def test_an_unknown_header_stays_text(engine: Engine, name: str) -> None:
    assert engine.parse_header(name, " ;;,,;;,; \t") == ";;,,;;,;"
    assert engine.parse_header(name, b"\xff") == "\udcff"
    error = raised(lambda: engine.parse_header(name, "a\nb"))
    assert (error.code, error.offset, error.header) == ("value-line-end", 1, None)


def test_an_error_of_parse_header_names_the_header_and_the_byte(engine: Engine) -> None:
    error = raised(lambda: engine.parse_header("m", ' <sip:a>, <sip:\xe9@h>;q=1, "b'))
    assert (error.code, error.header, error.offset) == ("quote-unterminated", "Contact", 26)
    error = raised(lambda: engine.parse_header("t", "<sip:a b>").uri)
    assert (error.code, error.header, error.offset) == ("uri-character-illegal", "To", 6)


def test_every_header_can_be_read_and_written(engine: Engine) -> None:
    for row in HEADER_NAMES:
        headers = {row.name}
        try:
            assert isinstance(engine.format_header(engine.parse_header(row.name, "1 INVITE")), str)
        except ParseError as error:
            headers.add(str(error.header))
        assert headers == {row.name}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Via", 'SIP/2.0/UDP a;x="1,2", SIP / 2.0 / TCP b : 1'),
        ("From", '"A, \\"B\\"" <sip:a>;tag=1'),
        ("Contact", "*"),
        ("Contact", "<sip:a>, sip:b"),
        ("Allow", "INVITE, ACK"),
        ("Expires", "5"),
        ("Subject", "any text, at all"),
        ("Route", ""),
    ],
)
def test_format_header(engine: Engine, name: str, text: str) -> None:
    value = engine.parse_header(name, text)
    assert engine.format_header(value) == text
    assert engine.parse_header(name, engine.format_header(value)) == value


def test_what_makes_no_list_is_formatted_one_by_one(engine: Engine) -> None:
    """RFC 3261 7.3.1 for challenges and credentials, RFC 8224 4 for Identity."""
    for name, text in [
        ("WWW-Authenticate", 'Digest realm="a", nonce="b"'),
        ("Proxy-Authorization", 'Digest realm="a", nonce="b"'),
        ("Identity", "a.b.c;info=<https://a>"),
    ]:
        values = engine.parse_header(name, text)
        assert engine.format_header(values) == text
        with pytest.raises(ValueError, match="its own header field"):
            engine.format_header(values * 2)
        assert [engine.format_header(value) for value in values * 2] == [text, text]


@pytest.mark.parametrize("name", [None, 1, b"Via"])
def test_the_name_of_a_header_is_text(engine: Engine, name: Any) -> None:
    with pytest.raises(TypeError, match="must be str"):
        engine.parse_header(name, "a")


def test_a_field_that_nobody_made(engine: Engine) -> None:
    """The error has no header field name."""
    kinds: set[Any] = {type(field) for field in fields(engine).values()}
    for kind in kinds:
        empty = kind.__new__(kind)
        for ask in (partial(str, empty), partial(empty.read, "x")):
            with pytest.raises((TypeError, AttributeError)):
                ask()


def test_where_a_field_that_is_not_there_begins(engine: Engine) -> None:
    with pytest.raises(KeyError):
        message(engine)._field_at("Reason")
