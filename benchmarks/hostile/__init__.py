"""Hostile inputs of any size, for every public entry point: a module per kind, with `CASES`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sipfast._engine import Engine


@dataclass(frozen=True)
class Case:
    """A kind of input and its use, whose cost must grow no faster than its size."""

    name: str
    make: Callable[[int], Any]
    """Makes an input of about this number of bytes."""
    run: Callable[[Engine, Any], object]
    """Reads it, and returns the result that the caller holds."""
    most: int = 1 << 20
    """The largest size."""
