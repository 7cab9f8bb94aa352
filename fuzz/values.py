"""What typed values say on one engine, as plain data that can be held against the other's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any
from xml.etree.ElementTree import Element

from sipfast._core.message.properties import Typed
from sipfast._engine import Engine
from sipfast.errors import ParseError
from sipfast.registry.header_names import HEADER_NAMES

Outcome = tuple[Any, ...]

DEEPEST = 3
"""Values within values: the telephone number in the URI of an address is the third."""

FIELDS = {name: field for name, field in vars(Typed).items() if hasattr(field, "header_id")}
"""How each property of a message is read."""

PLAIN = frozenset({str, int, bool, bytes, type(None)})


def ways_to_read() -> Iterator[str]:
    """The name of one header field for each class and kind of list: others read the same."""
    by_id = {field.header_id: field for field in FIELDS.values()}
    seen = set()
    for header_id, header in enumerate(HEADER_NAMES, 1):
        field = by_id.get(header_id)
        way = field and (type(field), field._cls)
        if way not in seen:
            seen.add(way)
            yield header.name


NAMES = tuple(ways_to_read())


def _properties_by_name() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, field in FIELDS.items():
        header = HEADER_NAMES[field.header_id - 1]
        for key in filter(None, (header.name.lower(), header.compact)):
            found[key] = (*found.get(key, ()), name)
    return found


PROPERTIES_OF = _properties_by_name()
"""The properties of a message that a header field has, by its name in lower case."""


def outcome(read: Callable[..., Any], *given: Any) -> Outcome:
    """What was read, or all that an error says."""
    try:
        found: Outcome = read(*given)
    except ParseError as error:
        return fault(error)
    return found


def fault(error: ParseError) -> Outcome:
    said = (error.code, error.offset, error.header, error.text, error.rfc, error.status_hint)
    return (type(error).__name__, *said, str(error))


def typed_properties(message: Any) -> Iterator[Outcome]:
    """Every header field that is typed, as the message gives it, with its parts as text."""
    for name in FIELDS:
        yield outcome(named, message, name, DEEPEST)


def read_as_each(engine: Engine, text: bytes) -> Iterator[Outcome]:
    """The text read as the value of header fields of each kind."""
    for name in NAMES:
        yield outcome(read_as, engine, name, text)


def read_as(engine: Engine, name: str, text: bytes) -> Outcome:
    return name, told(engine.parse_header(name, text))


def named(owner: Any, name: str, depth: int = 1) -> Outcome:
    return name, told(getattr(owner, name), depth)


def told(value: Any, depth: int = 1) -> Any:
    """All that a value says of itself: text, bytes, hash, and each of its properties."""
    cls: Any = type(value)
    if cls in PLAIN:
        return value
    if isinstance(value, (tuple, list)):
        return (cls.__name__, *[told(item, depth) for item in value])
    if cls is memoryview:
        return bytes(value)
    if isinstance(value, Mapping):
        return (cls.__name__, len(value), *[told(pair, depth) for pair in outcome(_pairs, value)])
    if isinstance(value, Element):
        return tuple([(e.tag, tuple(e.attrib.items()), e.text, e.tail) for e in value.iter()])
    if depth > DEEPEST or not cls.__module__.startswith("sipfast."):
        return repr(value)
    parts = []
    for name in properties(cls):
        try:
            part = getattr(value, name)
            parts.append(part if type(part) in PLAIN else told(part, depth + 1))
        except ParseError as error:
            parts.append(fault(error))
    if hasattr(cls, "__bytes__"):
        return cls.__name__, str(value), bytes(value), hash(value), *parts
    return cls.__name__, str(value), *parts


def _pairs(mapping: Mapping[Any, Any]) -> Outcome:
    return tuple(mapping.items())


@cache
def properties(cls: Any) -> tuple[str, ...]:
    """The names of what a value of this class says."""
    public = (name for name in dir(cls) if not name.startswith("_"))
    return tuple(name for name in public if not callable(getattr(cls, name)))
