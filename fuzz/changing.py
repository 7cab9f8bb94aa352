"""What must hold while another writes to the buffer: no fault of memory, no str that is none.

An input is a few bytes that choose, a script of changes, and the text.  Each change is a place, a
value, and how many loads of that place (or from all of the buffer) to wait for: `engine.c` makes it
just before that load, be it between two properties or in the middle of one.  So what a thread does
once in a million times is done on purpose, and the same each time.
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
"""What may be raised where a text is no longer what it was found to be; not SystemError, which says
that an object of Python is damaged."""


def check(data: memoryview) -> None:
    """Read everything of a message in bytes that change meanwhile."""
    choices = bytes(data[:CHOICES]).ljust(CHOICES, b"\0")
    begin = CHOICES + CHANGE * (choices[4] % (MOST_CHANGES + 1))
    script, text = bytes(data[CHOICES:begin]), bytes(data[begin:])
    one_field = choices[0] % 4 != 0
    whole = in_message(choices[1], text) if one_field else text
    TOKENIZER.use_kernel(KERNELS[choices[2] % len(KERNELS)])
    with harness.exact(whole) as buffer:
        harness.begin_changes(script, whole.index(b": ") + 2 if one_field else 0)
        if choices[3] & 1:  # while the tokenizer reads as well
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
    """What is read: all of a message, or a header field, twice: what is kept, is kept well."""
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
        raise Disagreement(f"{name} gives a str that is not what it claims to be")
