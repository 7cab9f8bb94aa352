"""The reference: a page for each public module, of the docstrings of its names."""

from __future__ import annotations

import importlib
import inspect
from types import ModuleType
from typing import Any

from .fences import fenced

MODULES = (
    "sipfast",
    "sipfast.values",
    "sipfast.auth",
    "sipfast.bodies",
    "sipfast.calls",
    "sipfast.capture",
    "sipfast.capture.logs",
    "sipfast.columns",
    "sipfast.errors",
    "sipfast.keepalive",
    "sipfast.keys",
    "sipfast.ladder",
    "sipfast.live",
    "sipfast.next_hop",
    "sipfast.nonces",
    "sipfast.proxy",
    "sipfast.redact",
    "sipfast.spark",
    "sipfast.sql",
    "sipfast.text",
    "sipfast.transactions",
    "sipfast.uri_parts",
    "sipfast.websocket",
    "sipfast.registry.header_names",
    "sipfast.registry.methods",
    "sipfast.registry.q850",
    "sipfast.registry.status",
    "sipfast.registry.warning_codes",
)


def pages() -> dict[str, str]:
    """The text of each page, which mkdocstrings fills."""
    return {f"reference/{name.removeprefix('sipfast.')}.md": page(name) for name in MODULES}


def page(name: str) -> str:
    """The page of a module: its own docstring, and each of its public names."""
    module = importlib.import_module(name)
    lines = [f"# {name}\n", _introduction(module)]
    for public in public_names(module):
        lines.append(f"::: {path_of(module, public)}")
        lines.append(f"    options: {{ heading: {name}.{public} }}\n")
    return "\n".join(lines)


def public_names(module: ModuleType) -> list[str]:
    """What a module offers, in alphabetical order."""
    names = getattr(module, "__all__", None)
    if names is None:
        names = [name for name, value in vars(module).items() if _is_of(module, name, value)]
    return sorted(names)


def _is_of(module: ModuleType, name: str, value: Any) -> bool:
    return not name.startswith("_") and getattr(value, "__module__", None) == module.__name__


def path_of(module: ModuleType, name: str) -> str:
    """Where the text of a public name is."""
    try:
        value = getattr(module, name)
    except ImportError:  # a class that needs an extra, such as pyspark; its text needs none
        value = None
    if inspect.isclass(value) or inspect.isroutine(value):
        return f"{value.__module__}.{value.__qualname__}"
    return f"{module.__name__}.{name}"


def _introduction(module: ModuleType) -> str:
    return fenced(inspect.getdoc(module) or "") + "\n"
