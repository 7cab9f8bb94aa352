"""Conditions as programs for `where.h`, from trees of `sipfast/columns/where.py`."""

from __future__ import annotations

import sys
from array import array
from typing import Any, NamedTuple

AND, OR, NOT, SKIP, IS_NULL, EQUAL, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL, IN, LIKE = (
    range(12)
)
TRUE, FALSE = 1, 2

COMPARISONS = {"=": EQUAL, "<": LESS, "<=": LESS_OR_EQUAL, ">": GREATER, ">=": GREATER_OR_EQUAL}

CONTINUES = range(0x80, 0xC0)
"""The bytes of a character in UTF-8 after its first."""


class Step(NamedTuple):
    """A step, as `sip_step` has it."""

    operation: int
    type: int = 0
    slot: int = 0
    number: int = 0
    """`count` in C."""
    size: int = 0
    constants: tuple[Any, ...] = ()
    """Of comparisons and IN: bytes, or int."""
    states: bytes = b""
    """Of LIKE."""


def program(tree: tuple[Any, ...], fields: tuple[tuple[str, int], ...]) -> tuple[list[Step], int]:
    """The steps of a condition, and how many truths they need at once.

    `fields` are the names and types of the slots.
    """
    places = {name: (type_, slot) for slot, (name, type_) in enumerate(fields)}
    steps: list[Step] = []
    return steps, _add(tree, places, steps)


def _add(tree: tuple[Any, ...], places: dict[str, tuple[int, int]], steps: list[Step]) -> int:
    kind, *rest = tree
    if kind == "not":
        depth = _add(rest[0], places, steps)
        steps.append(Step(NOT))
        return depth
    if kind in ("and", "or"):
        operation, decided = (AND, FALSE) if kind == "and" else (OR, TRUE)
        left = _add(rest[0], places, steps)
        skip = len(steps)
        steps.append(Step(SKIP))
        right = _add(rest[1], places, steps)
        steps.append(Step(operation))
        steps[skip] = Step(SKIP, number=len(steps), size=decided)
        return max(left, 1 + right)
    if kind == "compare" and rest[0] == "!=":
        return _add(("not", ("compare", "=", *rest[1:])), places, steps)
    place = places[rest[1 if kind == "compare" else 0]]
    if kind == "null":
        steps.append(Step(IS_NULL, *place))
    elif kind == "like":
        marks, words, states = _pattern(rest[1].encode())
        steps.append(Step(LIKE, *place, marks, words, states=states))
    elif kind == "in":
        constants = sorted({_constant(one): None for one in rest[1]}, key=_order)
        steps.append(Step(IN, *place, len(constants), 0, tuple(constants)))
    else:
        steps.append(Step(COMPARISONS[rest[0]], *place, 1, 0, (_constant(rest[2]),)))
    return 1


def _constant(value: Any) -> bytes | int:
    return value.encode() if isinstance(value, str) else int(value)


def _order(constant: Any) -> Any:
    return (len(constant), constant) if isinstance(constant, bytes) else constant


def _pattern(pattern: bytes) -> tuple[int, int, bytes]:
    """The marks of a pattern, the words of a set of places, and the states.

    For each byte, these are a set of the places that it leads on from, and one of those where it
    stays; after them is the set of the places that every byte stays at.
    """
    size = len(pattern) // 64 + 1
    moves = {byte: bytearray(8 * size) for byte in set(pattern)}
    after_any, before_one, after_one = (bytearray(8 * size) for _ in range(3))
    marks = 0
    for byte in pattern:
        if byte == ord("%"):
            after_any[marks // 8] |= 1 << marks % 8
            continue
        (before_one if byte == ord("_") else moves[byte])[marks // 8] |= 1 << marks % 8
        marks += 1
        if byte == ord("_"):
            after_one[marks // 8] |= 1 << marks % 8
    states = []
    for byte in range(256):
        of_byte = bytes(8 * size) if byte in b"%_" else moves.get(byte, bytes(8 * size))
        continues = byte in CONTINUES
        states.append(of_byte if continues else _joined(of_byte, before_one))
        states.append(_joined(after_any, after_one) if continues else after_any)
    words = array("Q", b"".join([*states, after_any]))
    if sys.byteorder == "big":
        words.byteswap()
    return marks, size, words.tobytes()


def _joined(one: bytes | bytearray, other: bytes | bytearray) -> bytes:
    both = int.from_bytes(one, "little") | int.from_bytes(other, "little")
    return both.to_bytes(len(one), "little")
