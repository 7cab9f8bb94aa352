"""The permutation of addresses: one to one, of the same kind, with the same common prefixes."""

from __future__ import annotations

import ipaddress
import itertools
import random
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipfast.redact.addresses import KINDS, Addresses, kind_of
from sipfast.redact.key import keyed

MAKE = Addresses(keyed(b"0123456789abcdef"))


def made(text: str) -> str:
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    return socket.inet_ntop(family, MAKE(socket.inet_pton(family, text)))


def common(one: bytes, other: bytes) -> int:
    """The bits with which both begin."""
    bits = len(one) * 8
    difference = int.from_bytes(one, "big") ^ int.from_bytes(other, "big")
    return bits - difference.bit_length()


@pytest.mark.parametrize(
    "text", ["0.0.0.0", "127.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1"]
)
def test_what_everyone_has_stays(text: str) -> None:
    assert made(text) == text


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("10.1.2.3", "10.0.0.0/8"),
        ("172.16.0.1", "172.16.0.0/12"),
        ("172.31.255.254", "172.16.0.0/12"),
        ("192.168.178.20", "192.168.0.0/16"),
        ("169.254.3.4", "169.254.0.0/16"),
        ("100.64.0.1", "100.64.0.0/10"),
        ("127.0.0.53", "127.0.0.0/8"),
        ("224.0.1.75", "224.0.0.0/4"),
        ("fe80::21a:2bff:fe3c:4d5e", "fe80::/64"),
        ("fd12:3456:789a::1", "fd00::/8"),
        ("ff02::fb", "ff02::/16"),
        ("2001:db8::5", "2000::/3"),
        ("64:ff9b::192.0.2.33", "64:ff9b::/96"),
    ],
)
def test_the_kind_stays(text: str, network: str) -> None:
    assert ipaddress.ip_address(made(text)) in ipaddress.ip_network(network)
    assert made(text) != text


def test_ipv4_within_ipv6_is_as_ipv4() -> None:
    assert made("::ffff:198.51.100.7") == "::ffff:" + made("198.51.100.7")


@given(st.binary(min_size=4, max_size=4) | st.binary(min_size=16, max_size=16))
def test_any_address_stays_of_its_kind(packed: bytes) -> None:
    assert kind_of(MAKE(packed)) is kind_of(packed)


def test_public_addresses_stay_public() -> None:
    draw = random.Random(1)
    for _ in range(2000):
        packed = draw.randbytes(4)
        if kind_of(packed) is None:
            assert kind_of(MAKE(packed)) is None


@given(st.binary(min_size=3, max_size=3), st.integers(0, 24))
def test_common_prefixes_stay_common(rest: bytes, bits: int) -> None:
    one = b"\x0a" + rest
    other = bytearray(one)
    if bits < 24:
        other[1 + bits // 8] ^= 0x80 >> bits % 8  # the first bit that differs
    assert common(MAKE(one), MAKE(bytes(other))) == common(one, bytes(other))


@given(st.binary(min_size=13, max_size=13), st.binary(min_size=13, max_size=13))
def test_common_prefixes_of_ipv6(one: bytes, other: bytes) -> None:
    left, right = b"\x20\x01\x0d" + one, b"\x20\x01\x0d" + other
    assert common(MAKE(left), MAKE(right)) == common(left, right)


@pytest.mark.parametrize(
    "key", [b"0123456789abcdef", b"a key of 16 bytes or more", b"another key of 27 bytes now"]
)
def test_prefixes_of_public_addresses(key: bytes) -> None:
    """Those of one first octet stay common unless their pseudonyms have two of them."""
    make = Addresses(keyed(key))
    moved = []
    for first in range(1, 224):
        found: dict[int, dict[bytes, bytes]] = {}
        for second in range(256):
            packed = bytes((first, second, 7, 9))
            if kind_of(packed) is None:
                after = make(packed)
                found.setdefault(after[0], {})[packed] = after
        for group in found.values():  # in order: what neighbours have in common tells of all
            for (one, made_one), (other, made_other) in itertools.pairwise(group.items()):
                assert common(made_one, made_other) == common(one, other)
        sizes = sorted(map(len, found.values()))
        moved.append(sum(sizes[:-1]))
    # As many as the ranges of other kinds have, or fewer where one of these would move.
    at_most = (64, 16, 1, 1)
    moved.sort(reverse=True)
    assert moved[0] > 0
    assert all(one <= most for one, most in zip(moved, at_most, strict=False))
    assert not any(moved[len(at_most) :])


def test_it_is_one_to_one() -> None:
    for head in (b"\xc0\xa8", b"\xac\x10", b"\x08\x08", b"\xac\x00"):
        after = {MAKE(head + bytes((a, b))) for a in range(256) for b in range(0, 256, 15)}
        assert len(after) == 256 * 18


def test_another_key_makes_others() -> None:
    other = Addresses(keyed(b"0123456789abcdeg"))
    draw = random.Random(2)
    alike = [MAKE(packed) == other(packed) for packed in (draw.randbytes(16) for _ in range(200))]
    assert sum(alike) == 0


def test_every_kind_is_well_formed() -> None:
    for kind in KINDS:
        ipaddress.ip_network(f"{kind.network}/{kind.bits}")
        assert kind.bits <= kind.keep or kind.network == "::"
