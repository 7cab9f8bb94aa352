"""DTMF signals in the body of INFO: ``application/dtmf-relay`` and ``application/dtmf``.

No RFC defines the two. The forms are those that gateways send: ``Signal=5`` and ``Duration=160`` on
lines of their own, or just the digit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sipfast.errors import parse_error

if TYPE_CHECKING:
    from sipfast._core.message.message import Buffer

__all__ = ["Dtmf"]

_SIGNALS = frozenset("0123456789*#ABCD")
# Some senders write the event code of RFC 4733 3.2 for the other signals.
_EVENT_CODES = {"10": "*", "11": "#", "12": "A", "13": "B", "14": "C", "15": "D"}
_LINE = re.compile(rb"(?im)^[ \t]*(signal|duration)[ \t]*[=:][ \t]*([^\r\n]*)")
_LONGEST_DURATION = 9  # digits; longer than a call lasts


@dataclass(frozen=True, slots=True)
class Dtmf:
    """One signal: `signal` is one of ``0123456789*#ABCD``, an unknown `duration_ms` is None."""

    signal: str
    duration_ms: int | None = None

    def __post_init__(self) -> None:
        if self.signal not in _SIGNALS:
            raise ValueError(f"{self.signal!r} must be a DTMF signal")
        if self.duration_ms is not None and self.duration_ms < 0:
            raise ValueError("the duration must be 0 or above")

    @classmethod
    def parse(cls, body: Buffer) -> Dtmf:
        """Read a body of either type; `ParseError` without a signal in it."""
        data = bytes(body)
        found: dict[bytes, re.Match[bytes]] = {}
        for match in _LINE.finditer(data):
            found.setdefault(match[1].lower(), match)
        relay = found.get(b"signal")
        at = relay.start(2) if relay else len(data) - len(data.lstrip())
        text = (relay[2] if relay else data).strip().decode("latin-1").upper()
        signal = _EVENT_CODES.get(text, text)
        if signal not in _SIGNALS:
            raise parse_error("dtmf-signal-malformed", at)
        return cls(signal, _duration(found.get(b"duration")))

    def __str__(self) -> str:
        """The body of ``application/dtmf-relay``."""
        duration = "" if self.duration_ms is None else f"Duration={self.duration_ms}\r\n"
        return f"Signal={self.signal}\r\n{duration}"


def _duration(match: re.Match[bytes] | None) -> int | None:
    if match is None:
        return None
    digits = match[2].strip()
    if not digits.isdigit() or len(digits) > _LONGEST_DURATION:
        raise parse_error("dtmf-duration-malformed", match.start(2))
    return int(digits)
