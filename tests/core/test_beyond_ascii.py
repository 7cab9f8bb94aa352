"""Text beyond ASCII before every parameter of every value: where things are counts in bytes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from core.test_building import PARSED, module_of
from core.test_value import typed_names
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import OPTIONS, sample
from seen import reading, seen
from value_checks import BEYOND

import sipfast._core
from sipfast import ParseError
from sipfast._engine import Engine
from sipfast.registry.header_names import HEADER_NAMES

SOURCES = sorted(Path(sipfast._core.__file__).parent.rglob("*.py"))
_NAMED = re.compile(r'(?:_parameter|_parameter_at|parameter_number|_index)\((?:\w+, )?"([^"]+)"')
NAMES = sorted({name for path in SOURCES for name in _NAMED.findall(path.read_text("utf-8"))})
"""The parameters that a class asks for by name."""
VALUES = (
    *("1", "x y", "5000000000", '"a', "<https://good.example/c>", '"<https://g;b>"', ""),
    "<https://g/?a;b=1>",
)
HEADERS = [row.name for row in HEADER_NAMES if row.name != "Content-Length"]

NOT_ITEMS = {  # without parameters, or with parameters elsewhere
    *("CSeq", "Date", "PASSporT", "Privacy", "Products", "RAck", "ResourcePriority"),
    *("Timestamp", "URN", "Warning"),
}
WITH_PARAMETERS = sorted(set(PARSED) - NOT_ITEMS)


def octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def separator_of(name: str) -> str:
    return ", " if name in ("AuthenticationInfo", "Challenge", "Credentials") else ";"


def is_uri(name: str) -> bool:
    return name.endswith("URI")


def texts_with(name: str, before: str, parameter: str, value: str) -> Iterator[str]:
    """Texts of a class with this parameter after one of text beyond ASCII, and others after it."""
    part = separator_of(name)
    for text in PARSED[name]:
        if text == "*" or "abc" in text:  # a token in place of parameters
            continue
        first = f"n={before}" if is_uri(name) else f'n="{before}"'
        text = text.partition("?")[0] if is_uri(name) else text
        after = "" if is_uri(name) else f'{part}x="<https://evil.example/c>"'
        yield f"{text}{part}{first}{part}{parameter}={value}{after}"
        head = re.split("[;,]", text)[0]
        if head != text and not is_uri(name) and part == ";" and head.count('"') % 2 == 0:
            yield f"{head};{first};{parameter}={value}{text[len(head) :]}"


def read(engine: Engine, name: str, text: Any) -> Any:
    cls = getattr(engine.module(module_of(name)), name)
    return reading(lambda: cls.parse(text))


def test_there_are_parameters() -> None:
    assert {"info", "tag", "q", "expires", "index", "remote", "nc", "ext", "rport"} <= set(NAMES)
    assert len(NAMES) > 60
    assert len(WITH_PARAMETERS) > 35


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_before_every_parameter(native: Engine, pure: Engine, name: str) -> None:
    """Both engines read the same values, or raise the same at the same byte."""
    seen = 0
    for parameter, before in zip(NAMES, itertools.cycle(BEYOND), strict=False):
        for value in VALUES:
            for text in texts_with(name, before, parameter, value):
                given = (text, octets(text))[seen % 2]
                assert read(native, name, given) == read(pure, name, given), text
                seen += 1
    assert seen >= len(NAMES) * len(VALUES)


NUMBERS = {
    "Contact": ("q", "expires", "reg-id"),
    "Credentials": ("nc",),
    "Diversion": ("counter", "limit"),
    "HistoryInfo": ("index", "rc", "mp", "np"),
    "Reason": ("cause",),
    "SecurityMechanism": ("q", "port-c", "port-s"),
    "SessionID": ("remote",),
    "SubscriptionState": ("expires", "retry-after"),
    "Via": ("rport", "ttl"),
    "RetryAfter": ("duration",),
    "TelURI": ("ext",),
}
FIRSTS = {
    "Contact": "<sip:a>",
    "Credentials": "Digest realm=1",
    "Diversion": "<sip:a>",
    "HistoryInfo": "<sip:a>",
    "Reason": "SIP",
    "SecurityMechanism": "tls",
    "SessionID": "ab" * 16,
    "SubscriptionState": "active",
    "Via": "SIP/2.0/UDP h",
    "RetryAfter": "5 (é)",
    "TelURI": "tel:+1",
}


@pytest.mark.parametrize("before", BEYOND)
@pytest.mark.parametrize(("name", "parameter"), [(c, p) for c in NUMBERS for p in NUMBERS[c]])
def test_the_byte_of_a_parameter(
    native: Engine, pure: Engine, name: str, parameter: str, before: str
) -> None:
    """The place of its name, after any text: alone, in a list and in a message."""
    part = separator_of(name)
    first = f"n={before}" if is_uri(name) else f'n="{before}"'
    text = f"{FIRSTS[name]}{part}{first}{part}{parameter}=z"
    at = octets(text).rindex(octets(f"{parameter}=z"))
    for engine in (native, pure):
        value = getattr(engine.module(module_of(name)), name).parse(f"  {text}")
        with pytest.raises(ParseError) as caught:
            getattr(value, parameter.replace("-", "_") if parameter != "ext" else "extension")
        assert caught.value.offset == at + 2


@pytest.mark.parametrize("before", BEYOND)
def test_the_certificate_of_an_identity(engine: Engine, before: str) -> None:
    text = f'a.b.YQ;n="{before}";info=<https://good.example/c>;x="<https://evil.example/c>"'
    (identity,) = engine.parse_header("Identity", text)
    assert identity.info == "https://good.example/c"
    assert [*identity.parameters.items()][1:] == [
        ("info", "<https://good.example/c>"),
        ("x", "<https://evil.example/c>"),
    ]
    text = text.replace("/c>;x", "/c;d=1>;x")
    (identity,) = engine.parse_header("Identity", text)
    assert identity.info == "https://good.example/c;d=1"
    assert [name for name, _ in identity.parameters.items()] == ["n", "info", "x"]


@pytest.mark.parametrize("fold", [" ", "\r\n ", "\r\n\t\r\n "])
@pytest.mark.parametrize("before", BEYOND)
def test_defects_of_a_message(native: Engine, pure: Engine, before: str, fold: str) -> None:
    """Also where the lines are folded before and after that text."""
    fields = [
        f'{name}: <sip:a>;{fold}n="{before}";{fold}q=z;info=<b>;index=z;ttl=z;;x={fold}=1'
        for name in HEADERS
    ]
    data = sample(OPTIONS, *map(octets, fields))
    messages = [engine.parse(data) for engine in (native, pure)]
    found = [[*map(tuple, message.defects)] for message in messages]
    assert found[0] == found[1]
    assert len(found[0]) > len(HEADERS) // 2
    names = typed_names(native)
    read = [[reading(getattr, message, name) for name in names] for message in messages]
    assert read[0] == read[1]


PIECES = (
    *(";", ",", "=", '"', "<", ">", "\\", " ", "\t", "?", "%C3", "%", "@", ":", "(", ")"),
    *(*BEYOND, *BEYOND, "a", "1", "n=", "info=<", "q=", "index=", "ext=", "remote=", "nc="),
)


@settings(max_examples=400, deadline=None)
@given(
    header=st.sampled_from(HEADERS),
    name=st.sampled_from(WITH_PARAMETERS),
    which=st.integers(0, 9),
    text=st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
)
def test_any_text_beyond_ascii(
    native: Engine, pure: Engine, header: str, name: str, which: int, text: str
) -> None:
    text = PARSED[name][which % len(PARSED[name])] + separator_of(name) + text
    expected = reading(lambda: pure.parse_header(header, text))
    assert reading(lambda: native.parse_header(header, text)) == expected
    data = sample(OPTIONS, octets(f"{header}: {text}"))
    found = [[*map(tuple, engine.parse(data).defects)] for engine in (native, pure)]
    assert found[0] == found[1]


# ---- lone surrogates ----------------------------------------------------------------------------

LONE = ["\ud800", "\udbff", "\udc00", "\udc7f", "\udd00", "\udfff", "\ud83d\udcde"]


@pytest.mark.parametrize("lone", LONE)
@pytest.mark.parametrize("name", HEADERS)
def test_a_surrogate_that_is_no_byte(engine: Engine, name: str, lone: str) -> None:
    """It is refused at its place; a surrogate escape counts as one byte."""
    for before in ("", "é你", "\U0001f4de\udcff", "a\udc80\udcff"):
        with pytest.raises(ParseError) as caught:
            engine.parse_header(name, f"{before}{lone}\r\n")
        error = caught.value
        assert (error.code, error.offset) == ("value-surrogate", len(octets(before)))
        assert (error.header, error.rfc, error.status_hint) == (name, "RFC 3629 3", 400)


def test_a_surrogate_escape_is_a_byte(engine: Engine) -> None:
    for escape in ("\udc80", "\udcff", "\udc80\udcff"):
        assert engine.parse_header("Subject", escape) == escape
        assert bytes(engine.module("values.agents").Products(escape)) == octets(escape)
        assert seen(engine.parse_header("X-Y", octets(escape))) == escape
