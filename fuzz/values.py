"""The typed header fields, and their values on an engine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seen import DEEPEST, Outcome, outcome, seen

from sipfast._core.message.properties import Typed
from sipfast._engine import Engine
from sipfast.registry.header_names import HEADER_NAMES

FIELDS = {name: field for name, field in vars(Typed).items() if hasattr(field, "header_id")}
"""The properties of a message that read header fields."""


def ways_to_read() -> Iterator[str]:
    """The name of one header field for each class and kind of list: others are read alike."""
    by_id = {field.header_id: field for field in FIELDS.values()}
    known = set()
    for header_id, header in enumerate(HEADER_NAMES, 1):
        field = by_id.get(header_id)
        way = field and (type(field), field._cls)
        if way not in known:
            known.add(way)
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
"""The properties of each header field, by its name in lower case."""


def typed_properties(message: Any) -> Iterator[Outcome]:
    """Every typed header field of a message, with its parts as text."""
    for name in FIELDS:
        yield outcome(named, message, name, DEEPEST)


def read_as_each(engine: Engine, text: bytes) -> Iterator[Outcome]:
    """The text read as the value of header fields of each kind."""
    for name in NAMES:
        yield outcome(read_as, engine, name, text)


def read_as(engine: Engine, name: str, text: bytes) -> Outcome:
    return name, seen(engine.parse_header(name, text))


def named(owner: Any, name: str, depth: int = 1) -> Outcome:
    return name, seen(getattr(owner, name), depth)
