"""Hostile inputs of any size, for every public entry: a module for each kind, with its `CASES`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sipfast._engine import Engine


@dataclass(frozen=True)
class Case:
    """One kind of input, and what is done with it; its cost is to grow no faster than its size."""

    name: str
    make: Callable[[int], Any]
    """An input of about so many bytes."""
    run: Callable[[Engine, Any], object]
    """Read it, and return what the caller then holds on to."""
    most: int = 1 << 20
    """The largest size to make."""
