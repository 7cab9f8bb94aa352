"""Modules without a compiled form (`INTERPRETED` in setup.py), which both engines interpret."""

from __future__ import annotations

from os.path import dirname, join

__all__ = ["add_source"]


def add_source(package: str, path: list[str]) -> None:
    """Have a compiled package find the source of such modules, in the same room of `_core`."""
    _, engine, room = package.split(".")
    if engine == "_native":
        path.append(join(dirname(dirname(path[0])), "_core", room))
