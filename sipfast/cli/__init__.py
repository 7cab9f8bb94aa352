"""The command ``sipfast``: what is in a file of SIP, one message of it, and what SIP's words mean.

It needs the extra ``cli`` (click and rich); the rest of the package does not.
"""

from __future__ import annotations

import os
import sys

from .._install import how_to_get

__all__ = ["main"]


def main() -> None:
    """Run the command and leave the process with its exit code."""
    if sys.stderr is None:  # closed: what is meant for it shall not end up in the output
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (open to the end)
    try:
        from .app import sipfast
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in ("click", "rich"):
            raise
        sys.exit(f"sipfast: the command needs {missing}: {how_to_get('cli')}")
    sipfast(prog_name="sipfast")
