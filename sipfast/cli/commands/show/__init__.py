"""``sipfast show``: one message as it was on the wire, what its parts mean and what is wrong."""

from __future__ import annotations

import sys
from itertools import islice

from rich.console import Console

from ....capture import Capture
from ...files import Unreadable, opened
from ...screen.console import Refusal
from ...screen.text import counted
from .page import Page

__all__ = ["show_message"]


def show_message(path: str, number: int, language: str, screen: Console) -> None:
    """Print message `number` (from 1) of a file."""
    try:
        with opened(path) as capture:
            datagram = next(islice(capture, min(number - 1, sys.maxsize), None), None)
            if datagram is None:
                raise Refusal(_not_there(path, number, capture))
    except Unreadable as error:
        raise Refusal(f"{path}: {error}") from None
    Page(screen, language).message(path, number, datagram)


def _not_there(path: str, number: int, capture: Capture) -> str:
    there = sum(1 for _ in capture)
    if there:
        return f"{path}: there is no message {number:,}, only {counted(there, 'message')}"
    packets = counted(sum(capture.skipped.values()), "packet")
    return f"{path}: there is no SIP message; {packets} of other kinds skipped"
