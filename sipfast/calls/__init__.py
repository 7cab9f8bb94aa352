"""Calls: the messages of one Call-ID, in their order.

    calls = sipfast.read_calls("trace.pcap", ["call-of-wren@192.0.2.10"])
    for call in calls.values():
        print(call.ladder())

docs/ladder.md has more.
"""

from __future__ import annotations

from .call import Call, CallMessage
from .read import read_calls

__all__ = ["Call", "CallMessage", "read_calls"]
