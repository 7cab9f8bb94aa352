"""Ladders: the messages of a call as arrows between hosts; as text, SVG, HTML and Mermaid.

    ladder = sipfast.read_calls("trace.pcap", [call_id])[call_id].ladder()
    print(ladder)
    ladder.svg(), ladder.html(), ladder.mermaid()

docs/ladder.md has more.
"""

from __future__ import annotations

from .model import Arrow, Host, Ladder
from .styled import Line

__all__ = ["Arrow", "Host", "Ladder", "Line"]
