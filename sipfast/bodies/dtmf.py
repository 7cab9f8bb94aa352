"""DTMF signals in the body of INFO: ``application/dtmf-relay`` and ``application/dtmf``.

No RFC defines the two. The forms are those that gateways send: ``Signal=5`` and ``Duration=160`` on
lines of their own, or just the digit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sipfast.errors import parse_error

if TYPE_CHECKING:
    from sipfast._core.message.message import Buffer

__all__ = ["Dtmf", "read_signal"]

FLASH = "!"
_SIGNALS = frozenset("0123456789*#ABCD" + FLASH)
# Some senders write the event code of RFC 4733 3.2 for the other signals; a hook flash, which is
# event 16 of RFC 2833 3.10, has several names.
_OTHER_NAMES = {
    "10": "*",
    "11": "#",
    "12": "A",
    "13": "B",
    "14": "C",
    "15": "D",
    **dict.fromkeys(("16", "HF", "R", "FLASH"), FLASH),
}
_LINE = re.compile(rb"(?im)^[ \t]*(signal|duration)[ \t]*[=:][ \t]*([^\r\n]*)")
_LONGEST_DURATION = 9  # digits; longer than a call lasts


@dataclass(frozen=True, slots=True)
class Dtmf:
    """One signal: `signal` is one of ``0123456789*#ABCD``, or ``!`` for a hook flash.

    An unknown `duration_ms` is None.
    """

    signal: str
    duration_ms: int | None = None

    def __post_init__(self) -> None:
        if self.signal not in _SIGNALS:
            raise ValueError(f"{self.signal!r} must be a DTMF signal")
        if self.duration_ms is not None and self.duration_ms < 0:
            raise ValueError("the duration must be 0 or above")

    @classmethod
    def parse(cls, body: Buffer) -> Dtmf:
        """Read a body of either type; `ParseError` without a signal in it.

        A malformed duration is None.
        """
        said = read_signal(bytes(body))
        if said.signal is None:
            raise parse_error(*said.faults[0])
        return cls(said.signal, said.duration_ms)

    def __str__(self) -> str:
        """The body of ``application/dtmf-relay``."""
        duration = "" if self.duration_ms is None else f"Duration={self.duration_ms}\r\n"
        return f"Signal={self.signal}\r\n{duration}"


class Said(NamedTuple):
    """What a body says; malformed values are None."""

    signal: str | None
    duration_ms: int | None
    faults: list[tuple[str, int]]
    """Their codes and offsets; that of the signal is the first."""


def read_signal(data: bytes) -> Said:
    """Read a body of either type."""
    found: dict[bytes, re.Match[bytes]] = {}
    for match in _LINE.finditer(data):
        found.setdefault(match[1].lower(), match)
    faults = []
    relay, timed = found.get(b"signal"), found.get(b"duration")
    at = relay.start(2) if relay else len(data) - len(data.lstrip())
    text = (relay[2] if relay else data).strip().decode("latin-1").upper()
    signal: str | None = _OTHER_NAMES.get(text, text)
    if signal not in _SIGNALS:
        faults.append(("dtmf-signal-malformed", at))
        signal = None
    duration = None
    if timed is not None:
        digits = timed[2].strip()
        if digits.isdigit() and len(digits) <= _LONGEST_DURATION:
            duration = int(digits)
        else:
            faults.append(("dtmf-duration-malformed", timed.start(2)))
    return Said(signal, duration, faults)
