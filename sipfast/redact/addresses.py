"""A keyed permutation of IP addresses, which keeps their kind and their common prefixes.

Two addresses of one kind that begin with the same bits, and no more, have pseudonyms that do
(Crypto-PAn).  The bit at each place is flipped or not as a tree says, whose branches are the bits
before it; one HMAC gives the tree of a byte.  The first byte of a public IPv4 address is permuted
as a whole, among those that public addresses have.

Four of these bytes (100, 169, 172, 192) have ranges of other kinds in them.  A public address whose
pseudonym would lie there is permuted again, which gives it another first byte.  So two public
addresses with the same first byte keep their common prefix if their pseudonyms have the same first
byte, and those of different first bytes may get one.  A permutation that keeps all prefixes would
have to leave 100 and 172 where they are, since no other byte has just as many public addresses.

Of the other kinds, only an address is moved whose pseudonym would be of a kind within them, such as
127.0.0.1.
"""

from __future__ import annotations

import socket
from typing import NamedTuple

from .key import keyed

__all__ = ["KINDS", "Addresses", "Kind"]


class Kind(NamedTuple):
    """A range of addresses that stays in itself."""

    network: str
    bits: int
    """The length of the prefix of the range."""
    keep: int
    """The leading bits that stay; all of them for one address that everyone has."""
    en: str


KINDS = (
    Kind("0.0.0.0", 32, 32, "unspecified"),
    Kind("127.0.0.1", 32, 32, "loopback"),
    Kind("255.255.255.255", 32, 32, "broadcast"),
    Kind("0.0.0.0", 8, 8, "this network"),
    Kind("10.0.0.0", 8, 8, "private"),
    Kind("100.64.0.0", 10, 10, "shared by a carrier"),
    Kind("127.0.0.0", 8, 8, "loopback"),
    Kind("169.254.0.0", 16, 16, "link-local"),
    Kind("172.16.0.0", 12, 12, "private"),
    Kind("192.168.0.0", 16, 16, "private"),
    Kind("224.0.0.0", 4, 4, "multicast"),
    Kind("240.0.0.0", 4, 4, "reserved"),
    Kind("::", 128, 128, "unspecified"),
    Kind("::1", 128, 128, "loopback"),
    Kind("::ffff:0:0", 96, 96, "IPv4-mapped: the rest as IPv4"),
    Kind("64:ff9b::", 96, 96, "translated: the rest as IPv4"),
    Kind("fe80::", 10, 64, "link-local"),
    Kind("fc00::", 7, 8, "unique local"),
    Kind("ff00::", 8, 16, "multicast"),
    Kind("2000::", 3, 3, "global"),
    Kind("::", 0, 16, "all others of IPv6"),
)
"""The kinds of addresses; the first that fits counts.  IPv4 addresses of no kind are public."""


def _packed(text: str) -> bytes:
    return socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)


def _of_first_byte(size: int) -> tuple[tuple[tuple[int, int, Kind], ...], ...]:
    """By the first byte of an address: its possible kinds, with the prefix and the bits after."""
    found: list[list[tuple[int, int, Kind]]] = [[] for _ in range(256)]
    for kind in KINDS:
        packed = _packed(kind.network)
        if len(packed) == size:
            after = size * 8 - kind.bits
            prefix = int.from_bytes(packed, "big") >> after
            count = 1 << max(8 - kind.bits, 0)
            for first in range(packed[0], packed[0] + count):
                found[first].append((prefix, after, kind))
    return tuple([tuple(kinds) for kinds in found])


_OF_FIRST_BYTE = {size: _of_first_byte(size) for size in (4, 16)}
_PUBLIC = [octet for octet in range(1, 224) if octet not in (10, 127)]
_MOST_TREES = 16_384
_HOLDS_IPV4 = ("::ffff:0:0", "64:ff9b::")


def kind_of(packed: bytes) -> Kind | None:
    """The kind of an address; None for a public one of IPv4."""
    value = int.from_bytes(packed, "big")
    for prefix, after, kind in _OF_FIRST_BYTE[len(packed)][packed[0]]:
        if value >> after == prefix:
            return kind
    return None


class Addresses:
    """Pseudonyms of addresses, in their binary form."""

    def __init__(self, prf: keyed) -> None:
        self._prf = prf
        shuffled = sorted(_PUBLIC, key=lambda octet: prf(b"octet\0%d" % octet))
        self._octets = dict(zip(_PUBLIC, shuffled, strict=True))
        self._trees: dict[bytes, int] = {}

    def __call__(self, packed: bytes) -> bytes:
        kind = kind_of(packed)
        if kind is not None and kind.network in _HOLDS_IPV4:
            return packed[:12] + self(packed[12:])
        while True:  # until it is of the same kind again
            if kind is None:
                packed = bytes((self._octets[packed[0]],)) + self._flipped(packed, 8)[1:]
            elif kind.keep < len(packed) * 8:
                packed = self._flipped(packed, kind.keep)
            if kind_of(packed) is kind:
                return packed

    def _flipped(self, packed: bytes, keep: int) -> bytes:
        """The address with bits flipped from the bit `keep` on."""
        made = bytearray(packed)
        for at in range(keep // 8, len(packed)):
            prefix, byte = packed[:at], packed[at]
            tree = self._trees.get(prefix)
            if tree is None:
                tree = self._tree(prefix)
            # The bits of the tree are its nodes: 1 is the root, 2 and 3 are below it, and so on.
            flips = (
                (tree >> 1 & 1) << 7
                | (tree >> (2 | byte >> 7) & 1) << 6
                | (tree >> (4 | byte >> 6) & 1) << 5
                | (tree >> (8 | byte >> 5) & 1) << 4
                | (tree >> (16 | byte >> 4) & 1) << 3
                | (tree >> (32 | byte >> 3) & 1) << 2
                | (tree >> (64 | byte >> 2) & 1) << 1
                | (tree >> (128 | byte >> 1) & 1)
            )
            made[at] = byte ^ flips & 0xFF >> max(keep - at * 8, 0)
        return bytes(made)

    def _tree(self, prefix: bytes) -> int:
        """The tree of the byte after a prefix."""
        if len(self._trees) >= _MOST_TREES:
            self._trees.clear()
        made = int.from_bytes(self._prf(b"address\0" + prefix), "little")
        self._trees[prefix] = made
        return made
