"""Captures and files of SIP messages: from a path to one message after another.

    with sipfast.open("trace.pcapng.gz") as capture:
        for record in capture:
            message = sipfast.parse(record.data)
        print(capture.unread)

The formats are pcap and pcapng, HEP, and concatenated messages, compressed or not. SIP is read over
UDP, TCP, SCTP and WebSocket, in fragments and in tunnels (docs/capture.md).
"""

from __future__ import annotations

from .base import CaptureError, Datagram, Record
from .reasons import REASONS, Reason, reason_of
from .repeats import Repeat, Repeats
from .source import Capture, open
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
