"""What typed values say on one engine, as plain data that can be held against the other's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

from sipfast._core.message.properties import Typed
from sipfast._engine import Engine
from sipfast.errors import ParseError
from sipfast.registry.header_names import HEADER_NAMES

Outcome = tuple[Any, ...]

DEEPEST = 3
"""Values within values: the telephone number in the URI of an address is the third."""

FIELDS = {name: field for name, field in vars(Typed).items() if hasattr(field, "header_id")}
"""How each property of a message is read."""


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


def outcome(read: Callable[[], Outcome]) -> Outcome:
    """What was read, or all that an error says."""
    try:
        return read()
    except ParseError as error:
        kind = type(error).__name__
        said = (error.code, error.offset, error.header, error.text, error.rfc, error.status_hint)
        return (kind, *said, str(error))


def typed_properties(message: Any) -> Iterator[Outcome]:
    """Every header field that is typed, as the message gives it, with its parts as text."""
    for name in FIELDS:
        yield outcome(partial(named, message, name, DEEPEST))


def read_as_each(engine: Engine, text: bytes) -> Iterator[Outcome]:
    """The text read as the value of header fields of each kind."""
    for name in NAMES:
        yield outcome(partial(read_as, engine, name, text))


def read_as(engine: Engine, name: str, text: bytes) -> Outcome:
    return name, told(engine.parse_header(name, text))


def named(owner: Any, name: str, depth: int = 1) -> Outcome:
    return name, told(getattr(owner, name), depth)


def told(value: Any, depth: int = 1) -> Any:
    """All that a value says of itself: text, bytes, hash, and each of its properties."""
    if isinstance(value, tuple):
        return tuple(told(item, depth) for item in value)
    cls: Any = type(value)
    if not hasattr(cls, "parse") or depth > DEEPEST:
        return repr(value)
    names = properties(cls)
    parts = [outcome(partial(named, value, name, depth + 1)) for name in names]
    return cls.__name__, str(value), bytes(value), hash(value), *parts


@cache
def properties(cls: Any) -> tuple[str, ...]:
    """The names of what a value of this class says."""
    public = (name for name in dir(cls) if not name.startswith("_"))
    return tuple(name for name in public if not callable(getattr(cls, name)))
