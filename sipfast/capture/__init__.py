"""Captures and files of SIP messages: from a path to one message after another.

    with sipfast.open("trace.pcapng.gz") as capture:
        for record in capture:
            message = sipfast.parse(record.data)
        print(capture.unread)

The formats are pcap and pcapng, HEP, and concatenated messages, compressed or not. SIP is read over
UDP, TCP, SCTP and WebSocket, in fragments and in tunnels (docs/capture.md).
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .base import CaptureError, Datagram, Record
from .reasons import REASONS, Reason, reason_of
from .repeats import Repeat, Repeats
from .source import Capture, open

if TYPE_CHECKING:
    from . import logs as logs
    from .writer import Writer

__all__ = [
    "REASONS",
    "Capture",
    "CaptureError",
    "Datagram",
    "Reason",
    "Record",
    "Repeat",
    "Repeats",
    "Writer",
    "open",
    "reason_of",
]


def __getattr__(name: str) -> Any:
    # What reading a capture does without.
    if name not in ("Writer", "logs"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{name.lower()}")
    found = globals()[name] = module if name == "logs" else module.Writer
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "logs"})
