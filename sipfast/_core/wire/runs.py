"""The pure twin of `runs.pyx`: `sipfast/capture/files/messages.py` reads every message."""

from __future__ import annotations

from typing import Any

__all__ = ["Run"]


class Run:
    """The messages of a file, of which none is plain here."""

    def __init__(self, data: Any) -> None:
        self.position = 0
        self.number = 0

    def feed(self, sink: Any, position: int, number: int) -> bool:
        """Hand out no message."""
        self.position, self.number = position, number
        return False
