"""The modules of the one text, as each engine has them."""

from __future__ import annotations

import pkgutil

import sipfast._core

_CORE = "sipfast._core."

_NOT_COMPILED = tuple(
    f"{_CORE}{name}" for name in ("wire.make_tables", "wire.patterns", "defects.marks")
)

MODULES = [
    module.name.removeprefix(_CORE)
    for module in pkgutil.walk_packages(sipfast._core.__path__, _CORE)
    if module.name not in _NOT_COMPILED
]
"""Names for `Engine.module`, such as ``"values.uri"``."""
