"""Texts of any size, by their repeated piece."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sipfast import ParseError
from sipfast._core.message.fields import Field
from sipfast._core.message.properties import Typed
from sipfast._engine import Engine
from sipfast.registry.header_names import HEADER_NAMES

START = b"OPTIONS sip:a@b SIP/2.0\r\n"

Make = Callable[[int], bytes]


def repeated(before: bytes, piece: bytes, after: bytes = b"") -> Make:
    """A piece over and over, between two texts."""
    return lambda size: before + piece * (size // len(piece)) + after


def numbered(before: bytes, piece: bytes, after: bytes = b"") -> Make:
    """A piece over and over, with a new number for each ``%d``."""
    width = len(piece) + 4

    def make(size: int) -> bytes:
        return (
            before
            + b"".join([piece.replace(b"%d", b"%d" % at) for at in range(size // width)])
            + after
        )

    return make


def folded(make: Make, mark: bytes) -> Make:
    """The same with a fold after each mark."""
    return lambda size: make(size).replace(mark, mark + b"\r\n ")


def in_message(name: bytes, make: Make) -> Make:
    """A message with this text as a header field."""
    return lambda size: START + name + b": " + make(size) + b"\r\n\r\n"


def header_of(attribute: str) -> str:
    """The header field that a property of a message reads."""
    field: Field = getattr(Typed, attribute)
    return HEADER_NAMES[field.header_id - 1].name


def parse(engine: Engine, data: bytes) -> Any:
    """The message, without limits."""
    return engine.parse(data, limits=engine.NO_LIMITS)


_properties: dict[type, list[str]] = {}


def properties(kind: type) -> list[str]:
    """The names of a class's public properties."""
    if kind not in _properties:
        _properties[kind] = _public(kind)
    return _properties[kind]


def _public(kind: type) -> list[str]:
    public = [name for name in dir(kind) if not name.startswith("_")]
    return [name for name in public if not callable(getattr(kind, name))]


def read_all(*values: Any) -> None:
    """Read each property of the values, and drop the results."""
    for value in values:
        kind: Any = type(value)
        for name in properties(kind):
            try:
                getattr(value, name)
            except ParseError:
                continue


def values_of(value: Any) -> tuple[Any, ...]:
    """The typed values among the values of a header field."""
    values = value if isinstance(value, tuple) else (value,)
    return tuple([item for item in values if hasattr(type(item), "parse")])
