"""What a message needs only now and then, and which is loaded when it is first asked for.

It lies above the engine, so the engine does not import it: `sipfast/__init__.py` says what it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_loaders: dict[str, Callable[[], Any]] = {}
_loaded: dict[str, Any] = {}


def provide(name: str, loader: Callable[[], Any]) -> None:
    """Say how a module is loaded that is asked for by this name."""
    _loaders[name] = loader


def module(name: str) -> Any:
    """The module of this name, loaded once."""
    if name not in _loaded:
        _loaded[name] = _loaders[name]()
    return _loaded[name]
