"""Parameters as a mapping, and how they are written and compared; on both engines."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seen import LOOKED_UP

from sipfast import ParseError
from sipfast._engine import ENGINE, Engine


def parameters(engine: Engine, text: str | bytes) -> Any:
    prefix: Any = "<sip:a>;" if isinstance(text, str) else b"<sip:a>;"
    return engine.module("values.address").Address.parse(prefix + text).parameters


def test_a_mapping(engine: Engine) -> None:
    found = parameters(engine, 'Tag=1;lr; x = "a;b" ;y=;TAG=2;')
    assert [*found.items()] == [("Tag", "1"), ("lr", None), ("x", "a;b"), ("y", ""), ("TAG", "2")]
    assert [*found.keys()] == list(found) == ["Tag", "lr", "x", "y", "TAG"]
    assert len(found) == 5
    assert (found["tag"], found["LR"], found["X"], found["y"]) == ("1", None, "a;b", "")
    assert (found.get("tag"), found.get("z"), found.get("z", 3)) == ("1", None, 3)
    assert "TAG" in found
    assert "z" not in found
    assert 1 not in found
    assert dict(found) == {"Tag": "1", "lr": None, "x": "a;b", "y": "", "TAG": "1"}
    with pytest.raises(KeyError, match="'Z'"):
        found["Z"]
    assert repr(parameters(engine, "a=1;b")) == "Parameters([('a', '1'), ('b', None)])"


@pytest.mark.parametrize("name", [None, 1, b"tag", ["tag"]])
def test_a_name_is_text(engine: Engine, name: Any) -> None:
    found = parameters(engine, "tag=1")
    for read in (found.get, found.getone, found.getall, found.__getitem__):
        with pytest.raises(TypeError, match="must be str"):
            read(name)


def test_a_name_is_compared_as_a_whole(engine: Engine) -> None:
    found = parameters(engine, 'ab=1; c d=2;e"f;g"=3;K=4;\u212a=5;\xe9=6;a%41=7;h =8')
    for name, value in (("AB", "1"), ("c d", "2"), ("k", "4"), ("\u212a", "5")):
        assert found[name] == value
    assert (found["\xe9"], found["A%41"], found["h"]) == ("6", "7", "8")
    for name in (
        "a",
        "b",
        "abc",
        "ab=1",
        "ab=1; c d",
        "c",
        "\xc9",
        "aA",
        "h ",
        " h",
        "",
        "=",
        ";",
        'e"f;g"',
    ):
        assert name not in found
        assert found.get(name) is None


def test_in_quotes_there_are_no_parameters(engine: Engine) -> None:
    found = parameters(engine, 'x="a;tag=1";y="\\";tag=2;";tag=3')
    assert (found["x"], found["y"], found["tag"]) == ("a;tag=1", '";tag=2;', "3")
    assert len(found) == 3


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("a b", 8),
        ("a;=b", 10),
        (" ; a;  \t b c", 17),
        ("a=b c", 8),
        ('a="b" c', 8),
        ('a=b"c"', 8),
        ('a="b"c', 8),
        ("x;\xe9=1", 10),
        ("x;a@b", 10),
        ('"a"=b', 8),
    ],
)
def test_malformed(engine: Engine, text: str, offset: int) -> None:
    found = parameters(engine, text)
    for read in (list, len, hash, lambda of: [*of.items()], lambda of: [*of.values()]):
        with pytest.raises(ParseError) as caught:
            read(found)
        assert (caught.value.code, caught.value.offset) == ("parameter-malformed", offset)


@pytest.mark.parametrize("text", ["a", "a=b", "a=", "a=<b>", "a=b@c", "a=\xe9", 'a="', "a=[::1]:1"])
def test_values_are_taken_as_they_come(engine: Engine, text: str) -> None:
    if text.endswith('"'):
        with pytest.raises(ParseError, match="Unclosed"):
            parameters(engine, text)
    else:
        assert parameters(engine, text)["a"] == (text[2:] if "=" in text else None)
        assert len(parameters(engine, text)) == 1


def test_equality(engine: Engine) -> None:
    one = parameters(engine, "A=X;lr")
    assert one == parameters(engine, "lr; a=x")
    assert hash(one) == hash(parameters(engine, "lr; a=x"))
    assert one != parameters(engine, "lr")
    assert one != {"a": "x"}
    assert parameters(engine, 'a="X y"') != parameters(engine, 'a="x y"')


def test_parameters_of_what_has_none(engine: Engine) -> None:
    kind = engine.module("parameters").Parameters
    for thing in (None, "a=b", 3):
        with pytest.raises(TypeError, match="come from a value"):
            kind(thing)
    empty = kind.__new__(kind)
    with pytest.raises(AttributeError):
        list(empty.items())


def test_they_outlive_what_they_were_read_from(engine: Engine) -> None:
    data = bytearray(b'OPTIONS sip:a SIP/2.0\r\nFrom: <sip:a>;tag=1;x="2"\r\n\r\n')
    message: Any = engine.parse(data)
    found = message.from_.parameters
    del message
    assert [*found.items()] == [("tag", "1"), ("x", "2")]


def test_a_pickle_loads_on_the_engine_in_use(engine: Engine) -> None:
    found = pickle.loads(pickle.dumps(parameters(engine, b'a=1;b="\xff"')))
    assert found == parameters(ENGINE, b'a=1;b="\xff"')


# ---- writing ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pairs", "text"),
    [
        ((), ""),
        ({"a": "b", "lr": None, "e": ""}, ";a=b;lr;e"),
        ([("a", "b c"), ("a", 'q"\\')], ';a="b c";a="q\\"\\\\"'),
        ([("v6", "[2001:db8::1]"), ("x", "[::1]:5")], ';v6=[2001:db8::1];x="[::1]:5"'),
        (
            [("t", "\t"), ("n", "\0\x7f\x1b"), ("u", "\xe9")],
            ';t="\t";n="\\\0\\\x7f\\\x1b";u="\xe9"',
        ),
    ],
)
def test_written(engine: Engine, pairs: Any, text: str) -> None:
    assert engine.module("parameters").written(pairs) == text
    if isinstance(pairs, list):
        assert engine.module("parameters").written(iter(pairs)) == text


@settings(max_examples=300)
@given(text=st.text('a \t"\\\0\x01\x7f\xe9;,<>', max_size=10))
def test_what_is_quoted_is_read(native: Engine, pure: Engine, text: str) -> None:
    for engine in (native, pure):
        written = engine.module("parameters").quoted(text)
        assert parameters(engine, f"x={written};y")["x"] == text
        assert [*parameters(engine, f"x={written};y").items()] == [("x", text), ("y", None)]


@given(
    text=st.lists(
        st.sampled_from([*';;;==" %\\\t', "a", "B", "%41", "%62", "é", "\u212a", "x=1", '"q;r"']),
        max_size=16,
    ).map("".join),
    uri=st.booleans(),
)
def test_names_looked_up_one_after_the_other_are_found_as_each_alone(
    engine: Engine, text: str, uri: bool
) -> None:
    """After some look-ups a mapping makes an index."""
    make = engine.module("values.uri").SipURI if uri else engine.module("values.address").Address
    try:
        value = make.parse(f"sip:a;{text}" if uri else f"<sip:a>;{text}")
    except ParseError:
        return
    pieces = [piece.partition("=")[0] for piece in text.split(";")]
    names = [*LOOKED_UP, *pieces, *(piece.strip(" \t") for piece in pieces)]
    found = value.parameters
    assert [found.get(name) for name in names] == [value.parameters.get(name) for name in names]
