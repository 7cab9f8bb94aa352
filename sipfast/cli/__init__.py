"""The command ``sipfast``: what is in a file of SIP, one message of it, and what SIP's words mean.

It needs the extra ``cli`` (click and rich); the rest of the package does not.
"""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command and leave the process with its exit code."""
    try:
        from .app import sipfast
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in ("click", "rich"):
            raise
        print(f"sipfast: the command needs {missing}: pip install sipfast[cli]", file=sys.stderr)
        sys.exit(1)
    sipfast(prog_name="sipfast")
