"""Everything in a value as plain data, in which both engines must agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from xml.etree.ElementTree import Element

from sipfast.errors import ParseError

Outcome = tuple[Any, ...]

PLAIN = frozenset({str, int, float, bool, bytes, type(None)})

DEEPEST = 3
"""Values within values: the telephone number in the URI of an address is the third."""

LOOKED_UP = (
    *("a", "A", "tag", "branch", "lr", "x", "1", "", " a", "a ", "a b", "a=", "a;a", "a;b", "a,b"),
    *("%41", "%61", "a%", '"', '"a"', '"a;b"', "\xe9", "\xc9", "\u212a", "k", "\udcff", "\0"),
)
"""Names of parameters: common ones, similar ones, and invalid ones."""


def seen(value: Any, depth: int = 1) -> Any:
    """All data of a value: text, bytes, hash, and each of its properties."""
    cls: Any = type(value)
    if cls in PLAIN:
        return value
    if isinstance(value, (tuple, list)):
        return (cls.__name__, *[seen(item, depth) for item in value])
    if cls is memoryview:
        return bytes(value)
    if isinstance(value, Mapping) or callable(getattr(cls, "items", None)):
        return (cls.__name__, len(value), *_entries(value, depth))
    if isinstance(value, Element):
        return tuple([(e.tag, tuple(e.attrib.items()), e.text, e.tail) for e in value.iter()])
    if depth > DEEPEST or not cls.__module__.startswith("sipfast."):
        return repr(value)
    parts = [_part(value, name, depth) for name in properties(cls)]
    if hasattr(cls, "__bytes__"):
        return cls.__name__, str(value), bytes(value), hash(value), repr(value), *parts
    return cls.__name__, str(value), *parts


def _part(value: Any, name: str, depth: int) -> Any:
    try:
        part = getattr(value, name)
        return part if type(part) in PLAIN else seen(part, depth + 1)
    except ParseError as error:
        return fault(error)


def _entries(mapping: Any, depth: int) -> list[Any]:
    """The contents of a mapping, and its lookups of names that may be absent."""
    try:
        held = [seen(pair, depth) for pair in mapping.items()]
    except ParseError as error:
        held = [fault(error)]
    return held + [outcome(mapping.get, name) for name in LOOKED_UP]


def outcome(read: Callable[..., Any], *given: Any) -> Outcome:
    """The result of a call, or the data of its error."""
    try:
        found: Outcome = read(*given)
    except ParseError as error:
        return fault(error)
    return found


def reading(read: Callable[..., Any], *given: Any) -> Any:
    """The data of the result of a call, or of its error."""
    try:
        return seen(read(*given))
    except ParseError as error:
        return fault(error)


def fault(error: ParseError) -> Outcome:
    """All data of an error."""
    said = (error.code, error.offset, error.header, error.text, error.rfc, error.status_hint)
    return (type(error).__name__, *said, str(error))


def properties(cls: Any) -> tuple[str, ...]:
    """The names of what an object of this class says."""
    return _properties(cls)


@cache
def _properties(cls: Any) -> tuple[str, ...]:
    public = (name for name in dir(cls) if not name.startswith("_"))
    return tuple(name for name in public if not callable(getattr(cls, name)))
