"""How this package is installed: what to tell a user who lacks a part of it, and whom to warn."""

from __future__ import annotations

import os.path

_BUILD_SCRIPT = os.path.join(os.path.dirname(__file__), "_core", "wire", "make_tables.py")
IS_CHECKOUT = os.path.exists(_BUILD_SCRIPT)  # not pathlib, which takes long to load
"""Whether this is the source, with the scripts of the build: no wheel has them."""


def is_set(variable: str) -> bool:
    """Whether an environment variable says yes: anything but nothing, 0, false, no and off."""
    return os.environ.get(variable, "").strip().lower() not in ("", "0", "false", "no", "off")


def how_to_get(extra: str) -> str:
    """The command that installs an extra."""
    return f"pip install -e '.[{extra}]'" if IS_CHECKOUT else f"pip install 'sipfast[{extra}]'"
