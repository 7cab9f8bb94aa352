"""Hostile inputs of any size for each public entry, and how each is read.

Each module has its `CASES`.  What reads them takes its time, and what it returns its memory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sipfast._engine import Engine

__all__ = ["Case"]


@dataclass(frozen=True)
class Case:
    """One kind of input: how it is made at a size in bytes, and how an engine reads it."""

    name: str
    make: Callable[[int], Any]
    run: Callable[[Engine, Any], object]
    """Returns what it holds on to, so that the memory that is held can be measured."""
    most: int = 1 << 20
    """The largest size that makes sense."""
