"""SipHash-2-4, on both engines."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipfast._engine import Engine

KEY = bytes(range(16))
# Of the reference implementation: the hashes of 0, 1, 2, ... bytes 00 01 02 ..., little-endian.
VECTORS = {
    0: "310e0edd47db6f72",
    1: "fd67dc93c539f874",
    2: "5a4fa9d909806c0d",
    3: "2d7efbd796666785",
    4: "b7877127e09427cf",
    7: "37d1018bf50002ab",
    8: "6224939a79f5f593",
    9: "b0e4a90bdf82009e",
    15: "e545be4961ca29a1",
    16: "db9bc2577fcc2a3f",
    63: "724506eb4c328a95",
}


def module_of(engine: Engine) -> Any:
    return engine.module("wire.mac")


def mac_of(engine: Engine) -> Any:
    mac = module_of(engine).Mac.__new__(module_of(engine).Mac)
    mac.begin(KEY)
    return mac


@pytest.mark.parametrize("size", VECTORS)
def test_the_vectors_of_the_reference(engine: Engine, size: int) -> None:
    found = module_of(engine).siphash(KEY, bytes(range(size)))
    assert found.to_bytes(8, "little").hex() == VECTORS[size]


@given(
    st.binary(max_size=64), st.lists(st.binary(max_size=300), max_size=6), st.integers(0, 2**64 - 1)
)
def test_parts_are_hashed_as_one(
    native: Engine, pure: Engine, start: bytes, parts: list[bytes], word: int
) -> None:
    whole = start + b"".join(parts) + word.to_bytes(8, "little")
    expected = module_of(pure).siphash(KEY, whole)
    assert module_of(native).siphash(KEY, whole) == expected
    for engine in (native, pure):
        mac = mac_of(engine)
        for part in (start, *parts):
            mac.octets(part)
        mac.word(word)
        assert mac.finish() == expected
        mac.octets(b"more")  # goes on after what was there
        assert mac.finish() == module_of(pure).siphash(KEY, whole + b"more")
        mac.begin(KEY)
        assert mac.finish() == module_of(pure).siphash(KEY, b"")


@pytest.mark.parametrize("size", [240, 247, 248, 249, 255, 256, 257, 496, 497, 5000])
def test_long_texts(native: Engine, pure: Engine, size: int) -> None:
    text = bytes(i % 251 for i in range(size))
    assert module_of(native).siphash(KEY, text) == module_of(pure).siphash(KEY, text)


def test_a_key_has_16_bytes(engine: Engine) -> None:
    mac = mac_of(engine)
    for key in (b"", KEY[1:], KEY + b"x"):
        with pytest.raises(ValueError, match="a key has 16 bytes"):
            mac.begin(key)
    for wrong in (None, "0123456789abcdef", bytearray(KEY)):
        with pytest.raises(TypeError):
            mac.begin(wrong)


def test_texts_add_to_it_as_bytes(pure: Engine) -> None:
    mac = mac_of(pure)
    mac.part("ab\xffc", 1, 3)
    mac.item("ab\xffc", 0, 2)
    assert mac.finish() == module_of(pure).siphash(KEY, b"b\xffab\n")


def test_how_a_hash_is_written(pure: Engine) -> None:
    is_written = module_of(pure).is_written
    assert is_written("-00000000000000ff-", 1, 17, 255)
    assert not is_written("-00000000000000FF-", 1, 17, 255)
    assert not is_written("00000000000000ff", 0, 15, 255)
    assert not is_written("00000000000000fe", 0, 16, 255)


# Around the number of bytes that wait in the native engine.
SIZES = st.integers(0, 20) | st.integers(244, 252) | st.integers(492, 500)


@given(st.data(), st.lists(SIZES, max_size=4))
def test_fingerprints_are_the_same_on_both_engines(
    native: Engine, pure: Engine, data: Any, sizes: list[int]
) -> None:
    parts = [data.draw(st.binary(min_size=size, max_size=size)) for size in sizes]
    found = set()
    for engine in (native, pure):
        mac = mac_of(engine)
        for part in parts:
            mac.octets(part)
        found.add(mac.fingerprint())
    assert len(found) == 1


def test_fingerprints_tell_apart(engine: Engine) -> None:
    """Texts that differ in one byte, in their size, in the order of their words, and in the key."""
    texts = [b"", b"\0", b"\0" * 8, b"\0" * 9, b"a" * 8 + b"b" * 8, b"b" * 8 + b"a" * 8]
    texts += [bytes(size) for size in (247, 248, 249, 496, 497)]
    texts += [b"k" * at + b"x" + b"k" * (300 - at) for at in range(300)]
    found = []
    for key in (KEY, KEY[::-1]):
        for text in texts:
            mac = mac_of(engine)
            mac.begin(key)
            mac.octets(text)
            found.append(mac.fingerprint())
    assert len(set(found)) == len(found) == 2 * len(texts)
