"""What networks tell each other: access, visited network, charging."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import sample
from value_checks import assert_agree, assert_same_text, bare_pairs, hostile, pairs, tokens

from sipfast import ParseError
from sipfast._engine import Engine


def test_visited_network(engine: Engine) -> None:
    text = 'other.net;via=x, "Visited network, number 1"'
    other, visited = engine.parse_header("P-Visited-Network-ID", text)
    assert (other.network, other.parameters["via"]) == ("other.net", "x")
    assert visited.network == "Visited network, number 1"
    cls = type(other)
    assert str(other.replace(network='"a b"')) == '"a b";via=x'
    assert cls("Other.NET", parameters={"VIA": "X"}) == other
    for bad in ("a b", 'x"y"', '"open', ""):
        with pytest.raises(ParseError):
            cls(bad)


def test_access_network_info(engine: Engine) -> None:
    line = (
        b'P-Access-Network-Info: 3GPP-GERAN;cgi-3gpp="46001,12";network-provided, IEEE-802.11a;np'
    )
    first, second = engine.parse(sample(b"SIP/2.0 200 OK", line)).p_access_network_info
    assert (first.access_type, first.cell, first.is_network_provided) == (
        "3GPP-GERAN",
        "46001,12",
        True,
    )
    assert (second.access_type, second.cell, second.is_network_provided) == (
        "IEEE-802.11a",
        None,
        False,
    )
    both = first.replace(parameters={"cgi-3gpp": "1", "utran-cell-id-3gpp": "2"})
    assert both.cell == "2"
    assert str(both) == "3GPP-GERAN;cgi-3gpp=1;utran-cell-id-3gpp=2"


def test_charging_functions_of_several_items_and_fields(engine: Engine) -> None:
    name = b"P-Charging-Function-Addresses: "
    lines = [name + b"ccf=a;ecf=b, ccf=c", name + b"ecf=[::1]"]
    message: Any = engine.parse(sample(b"SIP/2.0 200 OK", *lines))
    value = message.p_charging_function_addresses
    assert value is message.p_charging_function_addresses
    assert (value.ccf, value.ecf) == (("a", "c"), ("b", "[::1]"))
    assert str(value) == "ccf=a;ecf=b;ccf=c;ecf=[::1]"
    assert value == engine.parse_header("P-Charging-Function-Addresses", str(value))
    assert message.defects == ()
    data = sample(b"SIP/2.0 200 OK", lines[0], name + b"ecf=b,\r\n =x")
    message = engine.parse(data)
    with pytest.raises(ParseError) as caught:
        message.p_charging_function_addresses.ccf  # noqa: B018
    assert (caught.value.code, caught.value.offset) == ("parameter-malformed", data.index(b"=x"))
    assert [(one.code, one.offset) for one in message.defects] == [
        ("parameter-malformed", data.index(b"=x"))
    ]


def test_charging_vector(engine: Engine) -> None:
    text = (
        'icid-value="AyretyU0dm+6O2IrT5tAFrbHLso=;023551024" ; icid-generated-at=[2001:db8::1]'
        ";Orig-IOI = home1.net;term-ioi=home2.net;x"
    )
    vector = engine.parse_header("P-Charging-Vector", text)
    assert vector.icid_value == "AyretyU0dm+6O2IrT5tAFrbHLso=;023551024"
    assert vector.icid_generated_at == "[2001:db8::1]"
    assert (vector.orig_ioi, vector.term_ioi) == ("home1.net", "home2.net")
    assert [*vector.parameters][-1] == "x"
    changed = vector.replace(orig_ioi=None, icid_value="1")
    assert str(changed) == "icid-value=1;icid-generated-at=[2001:db8::1];term-ioi=home2.net;x"
    quoted, others = text.split(" ", 1)
    assert vector == type(vector).parse(f"{quoted} {others.upper()}")
    assert vector != type(vector).parse(text.upper())
    assert engine.parse_header("P-Charging-Vector", "").icid_value is None


def test_charging_function_addresses(engine: Engine) -> None:
    text = "ccf=192.0.2.1; CCF=[5555::b99];ecf=192.0.2.3 ;x=1"
    addresses = engine.parse_header("P-Charging-Function-Addresses", text)
    assert addresses.ccf == ("192.0.2.1", "[5555::b99]")
    assert addresses.ecf == ("192.0.2.3",)
    assert str(addresses.replace(ecf=["a", "b"])) == (
        "ccf=192.0.2.1;ccf=[5555::b99];ecf=a;ecf=b;x=1"
    )
    assert str(type(addresses)(["a"], ["b"])) == "ccf=a;ecf=b"


@pytest.mark.parametrize(
    ("header", "text", "offset"),
    [
        ("P-Charging-Vector", "icid-value=a; b c=d", 14),
        ("P-Charging-Function-Addresses", "ccf=a;;=b", 7),
    ],
)
def test_malformed_parameter(engine: Engine, header: str, text: str, offset: int) -> None:
    value = engine.parse_header(header, text)
    with pytest.raises(ParseError) as raised:
        list(value.parameters)
    assert (raised.value.code, raised.value.offset) == ("parameter-malformed", offset)


def test_open_quote(engine: Engine) -> None:
    message = engine.parse(sample(b"SIP/2.0 200 OK", b'P-Charging-Vector: icid-value="1;a'))
    with pytest.raises(ParseError) as raised:
        assert message.p_charging_vector
    assert raised.value.code == "quote-unterminated"
    assert message.raw[raised.value.offset :].startswith(b'"1;a')


def test_early_media(engine: Engine) -> None:
    message = engine.parse(sample(b"SIP/2.0 200 OK", b"P-Early-Media: sendrecv, gated"))
    assert message.p_early_media == ("sendrecv", "gated")


KNOWN = ("icid-value", "icid-generated-at", "orig-ioi", "term-ioi", "ccf", "ecf")


def unknown(more: Any) -> Any:
    return [pair for pair in more if pair[0].lower() not in KNOWN]


@settings(deadline=None)
@given(st.sampled_from(["VisitedNetwork", "AccessNetworkInfo"]), tokens, pairs)
def test_generated_items(native: Engine, pure: Engine, name: str, word: str, more: Any) -> None:
    assert_same_text(native, pure, "values.networks", name, word, parameters=more)


@settings(deadline=None)
@given(tokens, st.none() | tokens, bare_pairs)
def test_generated_vectors(
    native: Engine, pure: Engine, icid: str, ioi: str | None, more: Any
) -> None:
    names = {"orig_ioi": ioi, "parameters": unknown(more)}
    assert_same_text(native, pure, "values.networks", "ChargingVector", icid, **names)


@settings(deadline=None)
@given(st.lists(tokens, max_size=3), st.lists(tokens, max_size=3), pairs)
def test_generated_addresses(
    native: Engine, pure: Engine, ccf: list[str], ecf: list[str], more: Any
) -> None:
    others = unknown(more)
    name = "ChargingFunctionAddresses"
    if not (ccf or ecf or others):
        with pytest.raises(ParseError, match="Empty"):
            native.module("values.networks").ChargingFunctionAddresses()
        return
    assert_same_text(native, pure, "values.networks", name, ccf, ecf, parameters=others)


HEADERS = [
    "P-Visited-Network-ID",
    "P-Access-Network-Info",
    "P-Charging-Vector",
    "P-Charging-Function-Addresses",
]


@settings(deadline=None)
@given(st.sampled_from(HEADERS), hostile)
def test_hostile_text(native: Engine, pure: Engine, header: str, text: str) -> None:
    assert_agree(native, pure, header, text)
