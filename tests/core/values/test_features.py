"""Items: feature tags and indicators, answer modes, packages, security mechanisms."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import sample
from value_checks import assert_agree, assert_same_text, hostile, pairs, tokens

from sipfast import ParseError
from sipfast._engine import Engine


def test_feature_caps(engine: Engine) -> None:
    text = '*;+g.3gpp.srvcc="<sip:a@b>, x";+g.flag, *;+other="1"'
    first, second = engine.parse_header("Feature-Caps", text)
    assert [*first.parameters.items()] == [("+g.3gpp.srvcc", "<sip:a@b>, x"), ("+g.flag", None)]
    assert second.parameters["+OTHER"] == "1"
    built = type(first)({"+a": "1", "+b": None})
    assert str(built) == '*;+a="1";+b'
    assert built == type(first).parse('* ; +B ; +A="1"') != built.replace(parameters=[("+a", "2")])
    with pytest.raises(ValueError, match="token"):
        type(first)({"a b": None})


def test_contact_preferences(engine: Engine) -> None:
    fields = [b'Accept-Contact: *;methods="BYE";require;explicit, *;video', b"j: *;audio"]
    message = engine.parse(sample(b"SIP/2.0 200 OK", *fields))
    first, second = message.accept_contact
    assert (first.require, first.explicit, first.parameters["methods"]) == (True, True, "BYE")
    assert (second.require, second.explicit) == (False, False)
    assert message.reject_contact == (type(first)({"audio": None}),)


@pytest.mark.parametrize("header", ["Feature-Caps", "Accept-Contact", "Reject-Contact"])
@pytest.mark.parametrize("text", ["foo;+a", "**;+a", '"*";+a', ";+a"])
def test_the_value_is_an_asterisk(engine: Engine, header: str, text: str) -> None:
    """RFC 6809 6, RFC 3841 9.2."""
    with pytest.raises(ParseError) as raised:
        engine.parse_header(header, f"*;+b, {text}")
    assert (raised.value.code, raised.value.offset) == ("item-malformed", 6)
    assert raised.value.header == header


def test_request_disposition(engine: Engine) -> None:
    message = engine.parse(sample(b"SIP/2.0 200 OK", b"d: proxy, no-fork"))
    assert message.request_disposition == ("proxy", "no-fork")


def test_answer_mode(engine: Engine) -> None:
    fields = [b"Answer-Mode: Auto;require", b"Priv-Answer-Mode: Manual"]
    message = engine.parse(sample(b"SIP/2.0 200 OK", *fields))
    assert message.answer_mode is not None
    assert message.priv_answer_mode is not None
    assert (message.answer_mode.mode, message.answer_mode.require) == ("Auto", True)
    assert (message.priv_answer_mode.mode, message.priv_answer_mode.require) == ("Manual", False)
    assert str(message.answer_mode.replace(mode="x")) == "x;require"


def test_info_packages(engine: Engine) -> None:
    fields = [b"Info-Package: foo;x=1", b"Recv-Info: p, q;y", b"Recv-Info:"]
    message = engine.parse(sample(b"SIP/2.0 200 OK", *fields))
    assert message.info_package is not None
    assert (message.info_package.name, message.info_package.parameters["x"]) == ("foo", "1")
    assert [package.name for package in message.recv_info] == ["p", "q"]
    assert message.info_package == message.info_package.replace()


def test_security_mechanism(engine: Engine) -> None:
    text = (
        "ipsec-3gpp; alg=hmac-sha-1-96; ealg=aes-cbc; spi-c=98765432; port-c=8642; port-s=7531,"
        f'digest;q=0.001;d-alg=MD5;d-qop=auth-int;d-ver="{"0a" * 16}"'
    )
    for name in ("Client", "Server", "Verify"):
        ipsec, digest = engine.parse_header(f"Security-{name}", text)
        assert (ipsec.mechanism, ipsec.q, ipsec.algorithm) == ("ipsec-3gpp", None, "hmac-sha-1-96")
        assert (ipsec.encryption_algorithm, ipsec.port_c, ipsec.port_s) == ("aes-cbc", 8642, 7531)
        assert (digest.q, digest.digest_algorithm, digest.digest_qop) == (0.001, "MD5", "auth-int")
        assert digest.digest_verify == "0a" * 16
    assert str(digest.replace(q=1)) == f'digest;q=1;d-ver="{"0a" * 16}";d-alg=MD5;d-qop=auth-int'
    assert str(type(digest)("tls", q=0.25)) == "tls;q=0.25"


@pytest.mark.parametrize(("text", "name"), [("tls;q=1.1", "q"), ("tls;port-c=65536", "port_c")])
def test_bad_number_raises_on_access(engine: Engine, text: str, name: str) -> None:
    (mechanism,) = engine.parse_header("Security-Client", text)
    assert mechanism.mechanism == "tls"
    with pytest.raises(ParseError) as raised:
        getattr(mechanism, name)
    assert raised.value.offset == 4


def test_several_properties_of_a_message(engine: Engine) -> None:
    fields = [b"Max-Breadth: 60", b"Flow-Timer: 126", b"Refer-Sub: false", b"Suppress-If-Match: *"]
    message: Any = engine.parse(sample(b"SIP/2.0 200 OK", *fields))
    assert (message.max_breadth, message.flow_timer) == (60, 126)
    assert (message.refer_sub.value, message.suppress_if_match) == ("false", "*")


def test_refer_sub(engine: Engine) -> None:
    value = engine.parse_header("Refer-Sub", " False;x=1")
    assert (value.value, value.parameters["x"]) == ("false", "1")
    assert str(value.replace(value="true")) == "true;x=1"
    cls = type(value)
    assert cls("FALSE", parameters={"X": "1"}) == value
    assert value != cls("false")
    for bad in ("", "a b", '"true"', "a;b", "a\r\n"):
        with pytest.raises(ParseError):
            cls(bad)


def test_geolocation_routing(engine: Engine) -> None:
    routing = engine.parse_header("Geolocation-Routing", "Foo = bar")
    assert (routing.value, routing.argument, routing.parameters["FOO"]) == ("foo", "bar", "bar")
    assert str(routing.replace(value="no", argument=None)) == "no"
    cls = type(routing)
    assert cls("foo", "bar") == routing
    assert cls("x", "a b").argument == "a b"
    assert engine.parse_header("Geolocation-Routing", "YES").value == "yes"
    for bad in ("a b", "=a", "<", ";", ";;"):
        with pytest.raises(ParseError) as caught:
            engine.parse_header("Geolocation-Routing", bad)
        assert (caught.value.code, caught.value.offset) == ("token-malformed", 0)
    for bad in ("", "a b", "a=b"):
        with pytest.raises(ParseError, match="token"):
            cls(bad)


def test_item(engine: Engine) -> None:
    item = engine.module("items").Item
    value = item.parse(" x ; a=1 ")
    assert (str(value), value.parameters["a"]) == ("x ; a=1", "1")
    assert value == item.parse("X;A=1")
    with pytest.raises(AttributeError):
        value.extra = 1


BUILT = [
    ("values.networks", "AccessNetworkInfo"),
    ("values.features", "AnswerMode"),
    ("values.features", "InfoPackage"),
    ("values.security", "SecurityMechanism"),
]


@settings(deadline=None)
@given(st.sampled_from(BUILT), tokens, pairs)
def test_generated_items(
    native: Engine, pure: Engine, which: tuple[str, str], word: str, more: Any
) -> None:
    others = [pair for pair in more if pair[0].lower() not in ("q", "d-ver", "port-c", "port-s")]
    assert_same_text(native, pure, *which, word, parameters=others)


@settings(deadline=None)
@given(st.sampled_from(["FeatureCaps", "ContactPreference"]), pairs)
def test_generated_features(native: Engine, pure: Engine, name: str, more: Any) -> None:
    if name == "FeatureCaps":  # RFC 6809 6.3: only feature tags
        more = [(f"+a.{at}", value) for at, (_, value) in enumerate(more)]
    assert_same_text(native, pure, "values.features", name, more)


HEADERS = ["Feature-Caps", "Accept-Contact", "Answer-Mode", "Info-Package", "Security-Client"]


@settings(deadline=None)
@given(st.sampled_from(HEADERS), hostile)
def test_hostile_text(native: Engine, pure: Engine, header: str, text: str) -> None:
    assert_agree(native, pure, header, text)
