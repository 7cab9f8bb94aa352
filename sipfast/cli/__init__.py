"""The command ``sipfast``: statistics, single messages, faults, and explanations.

Only this package needs the extra ``cli`` (click and rich).
"""

from __future__ import annotations

import os
import sys

from .._install import how_to_get
from .._interrupted import end_at_once, raise_again

__all__ = ["main"]


def main() -> None:
    """Run the command and leave the process with its exit code."""
    end_at_once()
    if sys.stderr is None:  # closed: keep error messages out of the output
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (open to the end)
    try:
        from .app import sipfast

        raise_again()
        try:
            sipfast(prog_name="sipfast")
        except SystemExit as end:
            aside = sys.modules.get(f"{__name__}.aside")  # which few commands need
            if aside is not None:
                aside.end_without_threads(end.code)
            raise
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in ("click", "rich"):
            raise
        sys.exit(f"sipfast: the command needs {missing}: {how_to_get('cli')}")
