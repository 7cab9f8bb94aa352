"""The results of readers of bodies: a value or an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sipfast import ParseError


def outcome(work: Callable[..., Any], *arguments: Any, most: int, **options: Any) -> Any:
    """The result of `work`, or its `ParseError`, whose offset must be within `most` bytes."""
    try:
        return work(*arguments, **options)
    except ParseError as error:
        place = error.offset
        found = error
    assert 0 <= place <= most
    return found
