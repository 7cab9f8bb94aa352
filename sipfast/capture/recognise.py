"""Which bytes are SIP: the start of a datagram, and a start line in running text.

Both tests look at the start line only, and cost no more than one pass over it.
"""

from __future__ import annotations

import re

from .base import Data

#: 5060 for UDP, TCP and SCTP, 5061 for TLS (RFC 3261 19.1.2).
SIP_PORTS = frozenset({5060, 5061})

# RFC 3261 25.1, `token`. Every part has an upper bound, so that to ask of one place, again and
# again, whether a start line stands there costs a fixed sum.
_TOKEN = rb"[-A-Za-z0-9.!%*_+`'~]{1,128}"

_SIP = rb"(?i:sip)/"  # RFC 3261 7.1: SIP-Version is case-insensitive
_VERSION = _SIP + rb"[0-9]{1,8}\.[0-9]{1,8}"

# One blank, and then either way on: were there any number, a run of blanks would be gone over once
# for each of them.
_PAYLOAD = re.compile(
    rb"([\r\n]*(?:" + _SIP + rb"|" + _TOKEN + rb"[ \t]"
    rb"(?:[ \t]*<?(?i:sips?:)|[^\r\n]*[ \t]" + _SIP + rb"[0-9])))"
    rb"|([ \t\r\n\0]*\Z)"
    rb"|([\0-\x3f][\0-\xff]{3}\x21\x12\xa4\x42)"  # the magic cookie of RFC 8489, section 5
)
_VERDICTS = (None, None, "keep-alive", "stun")
_MESSAGE = 1

#: A pattern for the start line of a message in running text (up to its line end): a request line
#: with a version at its end, or a status line. Tolerant of surplus spaces and of any version.
#: A header field such as `Subject : on SIP/2.0`, with a space before its colon, is none.
START_LINE = (
    rb"(?:" + _TOKEN + rb"[ \t]{1,16}[^ \t\r\n:][^\r\n]{0,4096}[ \t]" + _VERSION + rb"[ \t]{0,16}"
    rb"(?=\r?\n|\Z)|" + _VERSION + rb"[ \t]{1,16}[0-9]{1,32}(?=[ \t\r\n]|\Z))"
)


def why_not_sip(
    data: Data, start: int, end: int, source_port: int, destination_port: int
) -> str | None:
    """Say why `data[start:end]`, the payload of a UDP datagram, is passed over; None if it is not.

    A payload is handed on, whatever its ports, when its first line (after any line ends) begins
    with `SIP/`, or with a method and a `sip:` or `sips:` URI, or with a method and has ` SIP/` and
    a digit further on. So broken messages come through to the parser, and the text protocols that
    look similar (SSDP, MGCP, media control) do not.

    What only keeps an address binding open is passed over on all ports. "keep-alive": nothing,
    line ends (RFC 5626 3.5.1), blanks or NULs; "stun": a STUN message (RFC 5626 3.5.2).

    Of the rest, what comes from or goes to one of SIP's own ports, 5060 and 5061, is handed on too,
    so that garbage sent there is reported. What remains is "not SIP".
    """
    match = _PAYLOAD.match(data, start, end)
    if match is not None:
        return _VERDICTS[match.lastindex or 0]
    if source_port in SIP_PORTS or destination_port in SIP_PORTS:
        return None
    return "not SIP"


def begins_like_sip(data: Data, start: int, end: int) -> bool:
    """Whether `data[start:end]` would be handed on as SIP for what it is, whatever its ports."""
    match = _PAYLOAD.match(data, start, end)
    return match is not None and match.lastindex == _MESSAGE
