"""Which bytes are SIP: the payload of a datagram, and a start line in running text.

The engine decides by the start line, and takes time linear in it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .._engine import ENGINE
from .base import Data

if TYPE_CHECKING:
    from .._core.wire.lines import begins_like_sip, is_start_line, next_line
else:
    _LINES = ENGINE.module("wire.lines")
    begins_like_sip = _LINES.begins_like_sip
    is_start_line = _LINES.is_start_line
    next_line = _LINES.next_line

__all__ = ["SIP_PORTS", "begins_like_sip", "is_start_line", "next_line", "why_not_sip"]

#: 5060 for UDP, TCP and SCTP, 5061 for TLS (RFC 3261 19.1.2).
SIP_PORTS = frozenset({5060, 5061})

_BINDING = re.compile(
    rb"([ \t\r\n\0]*\Z)"
    rb"|([\0-\x3f][\0-\xff]{3}\x21\x12\xa4\x42)"  # the magic cookie of RFC 8489, section 5
)
_VERDICTS = (None, "keep-alive", "stun")


def why_not_sip(
    data: Data, start: int, end: int, source_port: int, destination_port: int
) -> str | None:
    """The reason to skip `data[start:end]`, the payload of a UDP datagram; None for SIP.

    SIP, on any port, is a payload whose first line, after any line ends, begins with `SIP/`, or
    with a method and a `sip:` or `sips:` URI, or has a method and then ` SIP/` and a digit. So
    malformed messages reach the parser, and similar text protocols (SSDP, MGCP, media control) are
    skipped.

    Payloads that only keep an address binding open are skipped on any port. "keep-alive": nothing,
    line ends (RFC 5626 3.5.1), blanks or NULs; "stun": a STUN message (RFC 5626 3.5.2).

    Any other payload from or to one of SIP's own ports, 5060 and 5061, counts as SIP, so that
    garbage sent there is reported. The rest is "not SIP".
    """
    if begins_like_sip(data, start, end):
        return None
    match = _BINDING.match(data, start, end)
    if match is not None:
        return _VERDICTS[match.lastindex or 0]
    if source_port in SIP_PORTS or destination_port in SIP_PORTS:
        return None
    return "not SIP"
