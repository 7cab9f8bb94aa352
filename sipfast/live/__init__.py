"""Live traffic: HEP, growing files and pipes, in bounded memory.

    with Live([HepUdp("127.0.0.1", 9060)]) as live:
        calls = Calls()
        for record in live:
            if record is not None:
                calls.add(sipfast.parse(record.data), record, live.now)
            for call in calls.ended(live.now):
                ...

docs/follow.md has more.
"""

from __future__ import annotations

from .calls import Calls, EndedCall, Timeouts
from .counts import Counts
from .files import Grown, Piped
from .hep import HepTcp, HepUdp
from .loop import Live, Source
from .rotation import Rotation

__all__ = [
    "Calls",
    "Counts",
    "EndedCall",
    "Grown",
    "HepTcp",
    "HepUdp",
    "Live",
    "Piped",
    "Rotation",
    "Source",
    "Timeouts",
]
