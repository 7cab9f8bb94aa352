"""Cuts and insertions, joined once, on both engines."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipfast._engine import Engine, load

SOURCE = bytes(range(60, 80))


def splice_of(engine: Engine) -> Any:
    return engine.module("wire.splice").Splice()


def test_changes_are_joined_in_their_order(engine: Engine) -> None:
    splice = splice_of(engine)
    splice.cut(2, 4, b"x")
    splice.put(2, b"1")
    splice.put(0, b"0")
    splice.put(2, b"2")
    splice.put(4, b"4")
    splice.cut(4, 6, b"")
    assert splice.joined(b"abcdefgh", 0, 8) == b"0ab12x4gh"
    assert splice.pieces(b"abcdefgh", 0, 8) == [b"0", b"ab", b"1", b"2", b"x", b"4", b"gh"]
    assert splice_of(engine).joined(SOURCE, 3, 3) == b""
    assert splice_of(engine).pieces(SOURCE, 0, 20) == [SOURCE]


def test_spans_stay_in_the_source(engine: Engine) -> None:
    splice = splice_of(engine)
    for at, end in ((-1, 0), (3, 2), (-5, -3)):
        with pytest.raises(ValueError, match="a span begins before it ends"):
            splice.cut(at, end, b"")
    splice.cut(5, 9, b"x")
    for start, end in ((6, 20), (0, 8), (9, 20)):
        for join in (splice.joined, splice.pieces):
            with pytest.raises(ValueError, match="outside of the source, or within another"):
                join(SOURCE, start, end)
    for start, end in ((-1, 20), (0, 21), (9, 5)):
        for join in (splice.joined, splice.pieces):
            with pytest.raises(ValueError, match="a span begins before it ends"):
                join(SOURCE, start, end)
    splice.cut(8, 10, b"")
    with pytest.raises(ValueError, match="within another"):
        splice.joined(SOURCE, 0, 20)


@pytest.mark.parametrize("thing", [None, "text", bytearray(b"x"), 5])
def test_only_bytes_are_joined(native: Engine, thing: Any) -> None:
    splice = splice_of(native)
    with pytest.raises(TypeError):
        splice.put(0, thing)
    with pytest.raises(TypeError):
        splice.joined(thing, 0, 0)
    with pytest.raises(TypeError):
        splice.pieces(thing, 0, 0)


def test_many_changes(engine: Engine) -> None:
    splice = splice_of(engine)
    for at in range(0, 20, 2):
        splice.cut(at, at + 1, b"%d" % at)
    for at in range(20):
        splice.put(at, b"-")
    joined = splice.joined(SOURCE, 0, 20)
    assert joined.count(b"-") == 20
    assert joined.startswith(b"-0-=-2-")


def test_a_change_is_written_piece_by_piece(engine: Engine) -> None:
    splice = splice_of(engine)
    splice.open(2, 4)
    splice.write(b"x=")
    splice.write_number(0)
    splice.write_hex(b",", 0xFEDCBA9876543210)
    splice.open(0, 0)
    splice.write_number(2**64 - 1)
    splice.cut(5, 6, b"")
    splice.open(2, 2)  # before what is cut there
    splice.write_hex(b"", 0x9A)
    joined = b"18446744073709551615ab000000000000009ax=0,fedcba9876543210egh"
    assert splice.joined(b"abcdefgh", 0, 8) == joined
    assert b"".join(splice.pieces(b"abcdefgh", 0, 8)) == joined


@pytest.mark.parametrize("number", [0, 9, 10, 255, 65535, 2**32 - 1, 2**32, 2**32 + 10, 10**19])
def test_numbers_are_written_in_decimal(engine: Engine, number: int) -> None:
    splice = splice_of(engine)
    splice.open(0, 0)
    splice.write_number(number)
    assert splice.joined(b"", 0, 0) == b"%d" % number


@given(st.integers(0, 2**64 - 1))
def test_hashes_are_written_in_hex(native: Engine, pure: Engine, number: int) -> None:
    for engine in (native, pure):
        splice = splice_of(engine)
        splice.open(0, 0)
        splice.write_hex(b"a=", number)
        assert splice.joined(b"", 0, 0) == b"a=%016x" % number


def test_what_is_written_needs_an_open_change(engine: Engine) -> None:
    splice = splice_of(engine)
    for name, what in (("write", (b"x",)), ("write_number", (1,)), ("write_hex", (b"", 1))):
        with pytest.raises(ValueError, match="no change is open"):
            getattr(splice, name)(*what)
    splice.open(0, 0)
    splice.cut(1, 1, b"x")
    with pytest.raises(ValueError, match="no change is open"):
        splice.write(b"x")


def test_much_is_written(engine: Engine) -> None:
    splice = splice_of(engine)
    for at in range(20):
        splice.open(at, at)
        splice.write(b"<" * (at + 1))
        splice.write(b"-" * 100)
    joined = splice.joined(SOURCE, 0, 20)
    assert joined == b"".join(b"<" * (i + 1) + b"-" * 100 + SOURCE[i : i + 1] for i in range(20))


def test_a_plan_is_used_again(engine: Engine) -> None:
    splice = splice_of(engine)
    for _ in range(3):
        splice.cut(0, 3, b"a" * 10)
        for at in range(3, 20):
            splice.open(at, at)
            splice.write(b"written" * 20)
        assert len(splice.joined(SOURCE, 0, 20)) == 10 + 17 * 141
        splice.clear()
        assert splice.joined(SOURCE, 0, 20) == SOURCE
        with pytest.raises(ValueError, match="no change is open"):
            splice.write(b"x")


CHANGES = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 3), st.binary(max_size=2)), max_size=12
)


def answer(engine: Engine, changes: list[tuple[int, int, bytes]]) -> Any:
    splice = splice_of(engine)
    for at, length, text in changes:
        splice.cut(at, at + length, text)
    try:
        joined = splice.joined(SOURCE, 0, 20)
    except ValueError as error:
        return str(error)
    assert joined == b"".join(splice.pieces(SOURCE, 0, 20))
    return joined, splice.pieces(SOURCE, 0, 20)


def by_hand(changes: list[tuple[int, int, bytes]]) -> bytes:
    """The same, one change after the other, from the last one."""
    joined = SOURCE
    order = sorted(enumerate(changes), key=lambda one: (one[1][0], one[1][1] > 0, one[0]))
    for _, (at, length, text) in reversed(order):
        joined = joined[:at] + text + joined[at + length :]
    return joined


@given(CHANGES)
def test_any_changes(changes: list[tuple[int, int, bytes]]) -> None:
    found = answer(load("pure"), changes)
    if isinstance(found, tuple):
        assert found[0] == by_hand(changes)
    else:
        spans = sorted((at, at + length) for at, length, _ in changes)
        assert (
            any(end > 20 for _, end in spans)
            or any(one != other and one[0] <= other[0] < one[1] for one in spans for other in spans)
            or len(set(spans)) < len(spans)
        )


@given(CHANGES)
def test_any_changes_on_both_engines(
    native: Engine, pure: Engine, changes: list[tuple[int, int, bytes]]
) -> None:
    assert answer(native, changes) == answer(pure, changes)
