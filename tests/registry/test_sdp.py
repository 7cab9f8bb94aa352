"""The rules for the lines of session descriptions."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sipfast._core.sdp.records import ATTRIBUTES as READERS
from sipfast.errors import FAULTS
from sipfast.registry import sdp

GROUPS = st.sampled_from(["0", "1", "ffff", "FFFF", "00ab", "12345", "g", ""])
ADDRESSES = st.one_of(
    st.ip_addresses().map(str),
    st.ip_addresses(v=6).map(lambda address: address.exploded),
    st.lists(GROUPS, max_size=9).map(":".join),
    st.builds("{}::{}".format, *[st.lists(GROUPS, max_size=7).map(":".join)] * 2),
    st.builds("{}:{}".format, st.lists(GROUPS, max_size=7).map(":".join), st.ip_addresses(v=4)),
    st.text("0123456789abcdef:.-", max_size=20),
)


def version_of(text: str) -> int | None:
    try:
        return ipaddress.ip_address(text).version
    except ValueError:
        return None


@settings(max_examples=1000, deadline=None)
@given(ADDRESSES)
@example("::")
@example("1:2:3:4:5:6:7::")
@example("::2:3:4:5:6:7:8")
@example("::1.2.3.4")
@example("1:2:3:4:5:6:1.2.3.4")
@example("1:2:3:4:5:6:7:1.2.3.4")
@example("1.2.3.04")
def test_addresses_are_those_of_python(text: str) -> None:
    kind = sdp.kind_of(text)
    assert {"IP4": 4, "IP6": 6}.get(kind or "") == version_of(text)


@pytest.mark.parametrize("text", ["a", "a.b.", "9.a", "a9.9b", "x-y.example", "a_b", "_sip.x"])
def test_names(text: str) -> None:
    assert sdp.kind_of(text) == "name"


@pytest.mark.parametrize(
    "text", ["", ".", "a..b", ".a", "-a", "a-", "a.-b", "1.2", "a.9", "9", "é.b", "a b", "a" * 256]
)
def test_malformed_addresses(text: str) -> None:
    assert sdp.kind_of(text) is None


def test_an_attribute_with_a_reader_has_a_rule() -> None:
    assert set(READERS) <= set(sdp.ATTRIBUTES)


@pytest.mark.parametrize("name", sdp.ATTRIBUTES)
def test_rules(name: str) -> None:
    rule = sdp.ATTRIBUTES[name]
    assert rule != sdp.Rule()
    assert rule.again in FAULTS
    assert rule.level in (0, sdp.SESSION, sdp.MEDIA)
    assert not rule.of_format or rule.level == sdp.MEDIA
    if rule.check is not None and name not in READERS:
        assert rule.check("\0") in FAULTS
