"""What the fuzzer asks of the engines: that native and pure answer everything alike.

An input is a few bytes that choose (the kernel, the limits) and then the message.  The native
engine reads it in place, where the sanitizer guards both ends; the pure engine reads a copy.  What
is no message is read as the value of a header field instead, of every kind.
"""

from __future__ import annotations

import importlib
import itertools
import pickle
from collections.abc import Callable, Iterator
from typing import Any

from fuzz.values import Outcome, outcome, read_as_each, typed_properties
from sipfast import _engine

NATIVE = _engine.load("native")
PURE = _engine.load("pure")
TOKENIZER: Any = importlib.import_module("sipfast._native.wire.tokenizer")
KERNELS: list[str] = TOKENIZER.kernels()

CHOICES = 4
"""Bytes of an input that choose; all zero chooses the best kernel and the default limits."""

NAMES = ("Via", "i", "CONTENT-LENGTH", "x", "X-None", "", "\u212a", "\udcff", "Vi\xe1")
"""Looked up in every message, besides the names that it has."""

PLAIN = (
    "version",
    "call_id",
    "content_length",
    "max_forwards",
    "body",
    "raw",
    "start",
    "body_offset",
    "end",
    "defects",
)
REQUEST = ("method", "uri")
RESPONSE = ("status", "reason")


class Disagreement(AssertionError):
    """The engines do not say the same, or a message does not agree with itself."""


def check(data: memoryview | bytes) -> None:
    """Parse on both engines, on every kernel, and read everything; raises `Disagreement`."""
    view = memoryview(data)
    with view[CHOICES:] as message:
        limits = chosen_limits(bytes(view[:CHOICES]))
        compare_engines(message, limits, view[0] if view else 0)


def chosen_limits(choices: bytes) -> dict[str, int]:
    """The limits that the first bytes of an input ask for: mostly small ones, 0 for the default."""
    size, headers, line = choices[1:CHOICES] if len(choices) == CHOICES else (0, 0, 0)
    asked = {"size": size * 16, "headers": headers % 32, "line": line}
    return {name: limit for name, limit in asked.items() if limit}


def compare_engines(message: memoryview, limits: dict[str, int], kernel: int = 0) -> None:
    """Hold the native engine, on every kernel, against the pure one."""
    copy = bytes(message)
    expected = everything(PURE, copy, limits)
    found = on_kernel(KERNELS[kernel % len(KERNELS)], lambda: everything(NATIVE, message, limits))
    same(found, expected, "the engines disagree")
    spans = table(PURE, copy, limits)
    same(table(NATIVE, copy, limits), spans, "bytes and memoryview disagree")
    for name in KERNELS:
        found = on_kernel(name, lambda: table(NATIVE, message, limits))
        same(found, spans, f"the kernel {name} disagrees")
    if spans[0] != "table":
        compare_values(value_in(copy))


def value_in(text: bytes) -> bytes:
    """The first line, or what follows its colon: a header field that stands alone, or anything."""
    line = text.splitlines()[0] if text else text
    _, colon, value = line.partition(b":")
    return value if colon else line


def compare_values(text: bytes) -> None:
    """Hold the engines against each other in what they read from text, whatever it is named."""
    for found, expected in zip(read_as_each(NATIVE, text), read_as_each(PURE, text), strict=True):
        same(found, expected, f"the engines disagree on {text!r}")


def same(one: Outcome, other: Outcome, what: str) -> None:
    if one != other:
        pairs = itertools.zip_longest(one, other)
        difference = next((a, b) for a, b in pairs if a != b)
        raise Disagreement(f"{what}: {difference[0]!r} and {difference[1]!r}")


def on_kernel(name: str, read: Callable[[], Outcome]) -> Outcome:
    TOKENIZER.use_kernel(name)
    try:
        return read()
    finally:
        TOKENIZER.use_kernel(KERNELS[0])


def table(engine: _engine.Engine, data: memoryview | bytes, limits: dict[str, int]) -> Outcome:
    """The spans that the tokenizer found, or the error."""
    return outcome(lambda: ("table", *engine.parse(data, limits=engine.Limits(**limits))._dump()))


def everything(engine: _engine.Engine, data: memoryview | bytes, limits: dict[str, int]) -> Outcome:
    """All that can be read of a message, or the error."""
    return outcome(lambda: tuple(read_all(engine, data, engine.Limits(**limits))))


def read_all(engine: _engine.Engine, data: memoryview | bytes, limits: Any) -> Iterator[Any]:
    message: Any = engine.parse(data, limits=limits)
    response = isinstance(message, engine.Response)
    yield type(message).__name__
    for name in (*PLAIN, *(RESPONSE if response else REQUEST)):
        value = read_property(message, name)
        same(read_property(message, name), value, "a second read")
        yield value
    yield repr(message)
    yield from typed_properties(message)
    yield from read_headers(message)
    yield from (str(defect) for defect in message.defects)
    yield from check_itself(engine, message, data, limits)


def read_property(message: Any, name: str) -> Outcome:
    return outcome(lambda: (name, getattr(message, name)))


def read_headers(message: Any) -> Iterator[Any]:
    headers = message.headers
    yield len(headers), list(headers), headers.items(), headers.raw, repr(headers)
    for name in dict.fromkeys((*NAMES, *headers)):
        values = headers.getall(name)
        yield name, values, name in headers, headers.get(name.swapcase(), "none")
        if values and headers[name] != values[0]:
            raise Disagreement(f"{name!r} is {headers[name]!r}, and first of {values!r}")


def check_itself(
    engine: _engine.Engine, message: Any, data: memoryview | bytes, limits: Any
) -> Iterator[Any]:
    """What must hold for every message, whatever the other engine says."""
    whole = bytes(data)
    if message.raw != whole[message.start : message.end]:
        raise Disagreement("raw is not what lies from start to end")
    if message.body != whole[message.body_offset : message.end]:
        raise Disagreement("the body is not what lies from body_offset to end")
    with message.body_view as view:
        if bytes(view) != message.body:
            raise Disagreement("body_view is not the body")
    again = engine.parse(message.raw, limits=engine.NO_LIMITS)
    if again != message or hash(again) != hash(message):
        raise Disagreement("the message's own bytes make another message")
    if pickle.loads(pickle.dumps(message)).raw != message.raw:
        raise Disagreement("a pickle makes another message")
    yield hash(message)
    strict = outcome(lambda: (engine.parse(data, limits=limits, strict=True).raw,))
    if len(strict) == 1 and message.defects:
        raise Disagreement("strict takes a message with defects")
    yield strict
