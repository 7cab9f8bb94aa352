"""The installation of this package: advice on missing extras, and the check for a checkout."""

from __future__ import annotations

import os.path

_BUILD_SCRIPT = os.path.join(os.path.dirname(__file__), "_core", "wire", "make_tables.py")
IS_CHECKOUT = os.path.exists(_BUILD_SCRIPT)  # pathlib is slow to import
"""Whether this is a source checkout: only checkouts have the build scripts."""


def is_set(variable: str) -> bool:
    """Whether an environment variable is set to a value other than 0, false, no and off."""
    return os.environ.get(variable, "").strip().lower() not in ("", "0", "false", "no", "off")


def how_to_get(extra: str) -> str:
    """The command that installs an extra."""
    return f"pip install -e '.[{extra}]'" if IS_CHECKOUT else f"pip install 'sipfast[{extra}]'"
