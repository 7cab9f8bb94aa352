"""The primitives: the same on both engines, as values show them."""

from __future__ import annotations

import re

import pytest

from sipfast import ParseError
from sipfast._core.wire import text as chars
from sipfast._engine import Engine
from sipfast.registry.characters import CLASSES


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("token", "token"),
        ('"two words"', "two words"),
        ('""', ""),
        ('"a\\"b"', 'a"b'),
        ('"J \\\\\\""', 'J \\"'),
        ('"\\\0\\\x07\\\x7f"', "\0\x07\x7f"),
        ('"\xe9\\\xe9"', "\xe9\xe9"),
        ('"a;b,c<d>"', "a;b,c<d>"),
        ("  spaced  ", "spaced"),
    ],
)
def test_quoted_strings_are_read_without_their_quotes(
    engine: Engine, written: str, read: str
) -> None:
    address = engine.module("values.address").Address.parse(f"<sip:h>;x={written};y")
    assert address.parameters["x"] == read
    assert address.parameters["Y"] is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("v%61lue%25%34%31", "value%41"),
        ("%00%00", "\0\0"),
        ("%C3%A9", "\xe9"),
        ("%C3", "\udcc3"),
        ("%", "%"),
        ("%4", "%4"),
        ("%zz%4g%41", "%zz%4gA"),
        ("%2525", "%25"),
    ],
)
def test_escapes_are_read_once(engine: Engine, written: str, read: str) -> None:
    uri = engine.module("values.uri").SipURI.parse(
        f"sip:{written}:{written}@h;x={written}?y={written}"
    )
    assert (uri.user, uri.password, uri.parameters["x"]) == (read, read, read)
    assert uri.headers == (("y", read),)


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_of_characters_is_the_one_in_its_table(name: str) -> None:
    kind = re.compile(f"[{CLASSES[name]}]")
    for character in map(chr, range(256)):
        past = chars.past(character, 0, 1, getattr(chars, name))
        assert past == (kind.match(character) is not None)


@pytest.mark.parametrize("before", range(40))
def test_a_uri_has_no_illegal_byte_wherever_it_stands(engine: Engine, before: int) -> None:
    """Sixteen bytes are looked at at once, and those at the end again."""
    uri = engine.module("values.uri").URI
    for after in (0, 1, 15, 16, 17):
        for byte in range(1, 128):
            if byte in b"\r\n" or (byte in b" \t" and after == 0):
                continue
            text = f"x:{'a' * before}{chr(byte)}{'b' * after}"
            fault = re.search(r'[\x00-\x20\x7f<>"]', text)
            if fault is None:
                uri.parse(text)
                continue
            with pytest.raises(ParseError) as caught:
                uri.parse(text)
            assert caught.value.code == "uri-character-illegal"
            assert caught.value.offset == fault.start()
