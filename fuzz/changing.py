"""Concurrent writes to the buffer must cause no memory fault and no corrupt str.

An input is a few bytes of choices, a script of changes, and the text.  Each change is a place, a
value, and the number of loads of that place (or of the whole buffer) to wait for: `engine.c` makes
it just before that load, between two properties or within one.  So a race that a thread wins once
in a million runs is repeatable.
"""

from __future__ import annotations

import importlib
from typing import Any

from seen import seen

from fuzz.engine import KERNELS, NATIVE, OF_BODIES, TOKENIZER, Disagreement, own_properties
from fuzz.inputs import CHANGE, CHOICES, MOST_CHANGES, in_message
from fuzz.values import NAMES, PROPERTIES_OF

harness: Any = importlib.import_module("fuzz_harness")  # of engine.c

EXPECTED = (ArithmeticError, AttributeError, BufferError, LookupError, TypeError, ValueError)
"""Allowed exceptions for a text that has changed since it was found; not SystemError, which means a
corrupt Python object."""


def check(data: memoryview) -> None:
    """Read everything in a message while its bytes change."""
    choices = bytes(data[:CHOICES]).ljust(CHOICES, b"\0")
    begin = CHOICES + CHANGE * (choices[4] % (MOST_CHANGES + 1))
    script, text = bytes(data[CHOICES:begin]), bytes(data[begin:])
    one_field = choices[0] % 4 != 0
    whole = in_message(choices[1], text) if one_field else text
    TOKENIZER.use_kernel(KERNELS[choices[2] % len(KERNELS)])
    with harness.exact(whole) as buffer:
        harness.begin_changes(script, whole.index(b": ") + 2 if one_field else 0)
        if choices[3] & 1:  # changes during tokenizing too
            harness.change_in(buffer)
        try:
            message: Any = NATIVE.parse(buffer)
        except EXPECTED:
            harness.end_changes()
            return
        harness.change_in(buffer)
        try:
            for owner, name in asked(message, choices[1] if one_field else None):
                read(owner, name)
        finally:
            harness.end_changes()
        del message, owner


def asked(message: Any, which: int | None) -> list[tuple[Any, str]]:
    """All of a message, or a header field, read twice to test the cached values too."""
    names: list[str]
    if which is not None:
        fields = PROPERTIES_OF.get(NAMES[which % len(NAMES)].lower(), ())
        names = [*fields, "defects", *fields]
    else:
        found: dict[str, None] = {}
        try:
            for name in message.headers:
                found.update(dict.fromkeys(PROPERTIES_OF.get(name.lower(), ())))
        except EXPECTED:
            pass
        names = [*own_properties(type(message), True), *OF_BODIES, *found]
    return [*((message, name) for name in names), (message, "headers")]


def read(owner: Any, name: str) -> None:
    try:
        found = getattr(owner, name)
        said = seen(found)
        if name == "headers":
            said = (said, found.raw, repr(found), repr(owner), hash(owner), owner == owner)
    except EXPECTED:
        return
    if not harness.sound(said if isinstance(said, tuple) else (said,)):
        raise Disagreement(f"{name} returns a str that contradicts its flags")
