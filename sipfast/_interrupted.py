"""Ctrl-C while the command loads: one line on standard error and exit code 130, no traceback.

The package imports this module first if the process is its command, because the rest of the
imports takes most of the time until the command can handle the signal itself. Until then, a
KeyboardInterrupt would leave a traceback, or get lost within an import.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

__all__ = ["EXIT_CODE", "end_at_once", "is_command", "raise_again"]

EXIT_CODE = 130  # 128 + SIGINT, as shells report it


def is_command() -> bool:
    """Whether the process is the command: its script, or ``python -m sipfast``."""
    if sys.argv[0] == "-m":  # until the module is found
        return "-m sipfast " in " ".join([*sys.orig_argv, ""])
    return os.path.basename(sys.argv[0]) in ("sipfast", "sipfast.exe", "sipfast-script.py")


def end_at_once() -> None:
    """From here on, Ctrl-C ends the process; unless it is ignored, as in a background job."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def raise_again() -> None:
    """From here on, Ctrl-C raises KeyboardInterrupt again."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(_number: int, _frame: FrameType | None) -> None:
    try:
        os.write(2, b"sipfast: interrupted\n")
    finally:  # standard error may be closed
        os._exit(EXIT_CODE)


if is_command():
    end_at_once()
