"""An engine's result for some bytes, as one comparable tuple."""

from __future__ import annotations

from typing import Any

from sipfast._engine import Engine
from sipfast.errors import ParseError

Outcome = tuple[Any, ...]


def table_of(engine: Engine, data: Any, **limits: int) -> Outcome:
    """All that `engine` finds in `data`, as numbers and as values; or the error that it raises.

    `limits` are those of `Limits`. An error is (class, code, offset, header).
    """
    try:
        message = engine.parse(data, limits=engine.Limits(**limits))
    except ParseError as error:
        return type(error).__name__, error.code, error.offset, error.header
    return (
        *message._dump(),
        *start_line_of(message),
        message.body,
        message.raw,
        message.headers.raw,
        tuple(message.headers.items()),
    )


def start_line_of(message: Any) -> Outcome:
    """(method, uri, version) or (version, status, reason)."""
    if hasattr(message, "method"):
        return message.method, message.uri_text, message.version
    return message.version, message.status, message.reason
