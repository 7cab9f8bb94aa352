"""Captures and files of SIP messages: from a path to one payload after another.

    with sipfast.capture.open("trace.pcapng") as capture:
        for datagram in capture:
            message = sipfast.parse(datagram.payload)
        print(capture.unread)

The formats are pcap and pcapng, with SIP over UDP over IPv4 and IPv6, and concatenated messages.
"""

from __future__ import annotations

from .base import CaptureError, Datagram
from .reasons import REASONS, Reason, reason_of
from .repeats import Repeat, Repeats
from .source import Capture, open

__all__ = [
    "REASONS",
    "Capture",
    "CaptureError",
    "Datagram",
    "Reason",
    "Repeat",
    "Repeats",
    "open",
    "reason_of",
]
