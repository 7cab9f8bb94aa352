"""The pure twin of `mac.pyx`: SipHash-2-4 (Aumasson and Bernstein, 2012) over parts of texts."""

from __future__ import annotations

__all__ = ["KEY_SIZE", "Mac"]

KEY_SIZE = 16
_MASK = (1 << 64) - 1
_FACTOR = 0x9E3779B97F4A7C15
_START = 0x736F6D6570736575
_FEW = 248


class Mac:
    """A keyed hash of parts of texts.  It may be used again: `begin` starts anew."""

    __slots__ = ("_key", "_text")

    _key: bytes
    _text: bytearray

    def begin(self, key: bytes) -> None:
        """Start with a key of 16 bytes."""
        if not isinstance(key, bytes):
            raise TypeError(f"a key must be bytes, not {type(key).__name__}")
        if len(key) != KEY_SIZE:
            raise ValueError("a key has 16 bytes")
        self._key = key
        self._text = bytearray()

    def part(self, text: str, at: int, end: int) -> None:
        """Add text[at:end], of characters below 256, which stand for bytes."""
        self._text += text[at:end].encode("latin-1")

    def item(self, text: str, at: int, end: int) -> None:
        """Add text[at:end], which has no line feed, and one."""
        self._text += text[at:end].encode("latin-1") + b"\n"

    def octets(self, item: bytes) -> None:
        """Add bytes."""
        self._text += item

    def word(self, item: int) -> None:
        """Add a number, as eight bytes."""
        self._text += item.to_bytes(8, "little")

    def finish(self) -> int:
        """The hash, of 64 bits."""
        return siphash(self._key, bytes(self._text))

    def fingerprint(self) -> int:
        """A hash of 64 bits that is cheaper for few bytes, where nobody gains by forging it."""
        text = self._text
        if len(text) > _FEW:
            return self.finish()
        found = int.from_bytes(self._key[:8], "little") ^ _START ^ len(text)
        for at in range(0, len(text), 8):
            found = (found ^ int.from_bytes(text[at : at + 8], "little")) * _FACTOR & _MASK
            found ^= found >> 32
        return found * _FACTOR & _MASK


def siphash(key: bytes, text: bytes) -> int:
    """SipHash-2-4 of bytes."""
    k0, k1 = int.from_bytes(key[:8], "little"), int.from_bytes(key[8:], "little")
    state = (
        k0 ^ _START,
        k1 ^ 0x646F72616E646F6D,
        k0 ^ 0x6C7967656E657261,
        k1 ^ 0x7465646279746573,
    )
    last = text[len(text) & ~7 :].ljust(7, b"\0") + bytes([len(text) & 0xFF])
    for at in range(0, len(text) & ~7, 8):
        state = _absorbed(state, int.from_bytes(text[at : at + 8], "little"))
    v0, v1, v2, v3 = _absorbed(state, int.from_bytes(last, "little"))
    v0, v1, v2, v3 = _mixed((v0, v1, v2 ^ 0xFF, v3), 4)
    return v0 ^ v1 ^ v2 ^ v3


_State = tuple[int, int, int, int]


def _absorbed(state: _State, block: int) -> _State:
    v0, v1, v2, v3 = state
    v0, v1, v2, v3 = _mixed((v0, v1, v2, v3 ^ block), 2)
    return v0 ^ block, v1, v2, v3


def _mixed(state: _State, rounds: int) -> _State:
    v0, v1, v2, v3 = state
    for _ in range(rounds):
        v0 = (v0 + v1) & _MASK
        v1 = ((v1 << 13 | v1 >> 51) & _MASK) ^ v0
        v0 = (v0 << 32 | v0 >> 32) & _MASK
        v2 = (v2 + v3) & _MASK
        v3 = ((v3 << 16 | v3 >> 48) & _MASK) ^ v2
        v0 = (v0 + v3) & _MASK
        v3 = ((v3 << 21 | v3 >> 43) & _MASK) ^ v0
        v2 = (v2 + v1) & _MASK
        v1 = ((v1 << 17 | v1 >> 47) & _MASK) ^ v2
        v2 = (v2 << 32 | v2 >> 32) & _MASK
    return v0, v1, v2, v3


def is_written(text: str, at: int, end: int, value: int) -> bool:
    """Whether text[at:end] is a hash as it is written: 16 hex digits in lower case."""
    return text[at:end] == f"{value:016x}"
