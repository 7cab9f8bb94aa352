"""Modules that a message rarely needs, loaded on first use.

They are in layers above the engine, so `sipfast/__init__.py` provides them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_loaders: dict[str, Callable[[], Any]] = {}
_loaded: dict[str, Any] = {}


def provide(name: str, loader: Callable[[], Any]) -> None:
    """Provide the loader of the module of this name."""
    _loaders[name] = loader


def module(name: str) -> Any:
    """The module of this name, loaded once."""
    if name not in _loaded:
        _loaded[name] = _loaders[name]()
    return _loaded[name]
