"""Ctrl-C while the command loads: one line on standard error and exit code 130, no traceback.

The package imports this module first if the process is its command, because the rest of the
imports takes most of the time until the command can handle the signal itself.
"""

from __future__ import annotations

import os
import sys
from types import TracebackType

__all__ = ["EXIT_CODE", "end_in_one_line", "is_command"]

EXIT_CODE = 130  # 128 + SIGINT, as shells report it


def is_command() -> bool:
    """Whether the process is the command: its script, or ``python -m sipfast``."""
    if sys.argv[0] == "-m":  # until the module is found
        return "-m sipfast " in " ".join([*sys.orig_argv, ""])
    return os.path.basename(sys.argv[0]) in ("sipfast", "sipfast.exe", "sipfast-script.py")


def end_in_one_line() -> None:
    """From here on, an uncaught KeyboardInterrupt ends the process so."""
    sys.excepthook = _hook


def _hook(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)
        return
    import contextlib

    with contextlib.suppress(OSError):  # closed
        os.write(2, b"sipfast: interrupted\n")
    os._exit(EXIT_CODE)


if is_command():
    end_in_one_line()
