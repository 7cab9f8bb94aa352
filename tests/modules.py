"""The modules of the one text, as each engine has them."""

from __future__ import annotations

import pkgutil

import sipfast._core

_CORE = "sipfast._core."

MODULES = [
    module.name.removeprefix(_CORE)
    for module in pkgutil.walk_packages(sipfast._core.__path__, _CORE)
    if module.name != f"{_CORE}wire.make_tables"  # a part of the build
]
"""Names for `Engine.module`, such as ``"values.uri"``."""
