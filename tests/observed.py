"""All that can be read of a typed value, as plain data: what both engines must answer alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sipfast import ParseError

NAMES = (
    *("a", "A", "tag", "branch", "lr", "x", "1", "", " a", "a ", "a b", "a=", "a;a", "a;b", "a,b"),
    *("%41", "%61", "a%", '"', '"a"', '"a;b"', "\xe9", "\xc9", "\u212a", "k", "\udcff", "\0"),
)
"""Names of parameters to look up: what is written, what only looks like it, and what is neither."""

Outcome = Any


def outcome(read: Callable[..., Any], *given: Any) -> Outcome:
    """What was read, or what the error says."""
    try:
        return observe(read(*given))
    except ParseError as error:
        return "ParseError", error.code, error.offset, error.header, str(error)


def observe(value: Any) -> Any:
    """Everything that a value answers; what is no value of ours is itself."""
    if isinstance(value, (tuple, list)):
        return type(value).__name__, *(observe(item) for item in value)
    kind = type(value)
    if not kind.__module__.startswith("sipfast."):
        return kind.__name__, value
    if kind.__name__ == "Parameters":
        return "Parameters", outcome(value.items), *(outcome(value.get, name) for name in NAMES)
    if not hasattr(kind, "parse"):
        return kind.__name__, repr(value)
    return (
        *(kind.__name__, str(value), bytes(value), repr(value)),
        *((name, outcome(getattr, value, name)) for name in properties(kind)),
    )


def properties(kind: type) -> list[str]:
    """The names of a class's public properties."""
    public = (name for name in dir(kind) if not name.startswith("_"))
    return [name for name in public if not callable(getattr(kind, name))]
