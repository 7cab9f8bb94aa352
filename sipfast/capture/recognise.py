"""Which bytes are SIP: the payload of a datagram, and a start line in running text.

The engine decides by the start line. All patterns here take time linear in the payload.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .._engine import ENGINE
from ..registry.methods import METHODS
from .base import Data

if TYPE_CHECKING:
    from .._core.wire.lines import begins_like_sip, is_start_line, next_line
else:
    _LINES = ENGINE.module("wire.lines")
    begins_like_sip = _LINES.begins_like_sip
    is_start_line = _LINES.is_start_line
    next_line = _LINES.next_line

__all__ = [
    "JUDGED_PORTS",
    "SIP_PORTS",
    "begin_of_text",
    "begins_like_sip",
    "is_start_line",
    "next_line",
    "why_not_sip",
]

#: 5060 for UDP, TCP and SCTP, 5061 for TLS (RFC 3261 19.1.2).
SIP_PORTS = frozenset({5060, 5061})

_TOKEN = rb"[A-Za-z0-9\-.!%*_+`'~]"
_METHOD = rb"(?:" + "|".join(METHODS).encode() + rb")"

_BINDING = re.compile(
    rb"([ \t\r\n\0]*\Z)"
    rb"|([\0-\x3f][\0-\xff]{3}\x21\x12\xa4\x42)"  # the magic cookie of RFC 8489, section 5
    rb"|(HEP3)"
)
_VERDICTS = ("", "keep-alive", "stun", "hep")

# A first line that the capture cut before it could be told from a start line.
_UNDECIDED = re.compile(rb"[\r\n]*" + _TOKEN + rb"{0,128}(?:[ \t][^\r\n]*)?\Z")

# What is left of SIP in a damaged message: the name in its beginning, a method, a header field.
_NAMED = 512
_SIP_NAME = re.compile(rb"[Ss][Ii][Pp](?:/[0-9]|[Ss]?:)")
_KNOWN_METHOD = re.compile(rb"[\r\n]*" + _METHOD + rb"[ \t\r\n]")
# A name of one or two characters, which binary data may have by chance, needs a blank after its
# colon.
_HEADER_FIELD = re.compile(
    rb"[\r\n](?:[A-Za-z]" + _TOKEN + rb"{2,63}[ \t]{0,16}:"
    rb"|[A-Za-z]" + _TOKEN + rb"?[ \t]{0,16}:[ \t])"
)

# Texts that keep a binding open, such as "jaK" and "hello", are short.
_LONGEST_KEEP_ALIVE = 16

# RTP (RFC 3550 5.1): version 2, and a header with its sources; RTCP (6.4) has types from 192 on.
_RTCP_TYPES = range(192, 224)


def _of_media(data: Data, start: int, end: int) -> str | None:
    """ "rtp", "rtcp", or None."""
    size = end - start
    if size < 8 or data[start] & 0xC0 != 0x80:
        return None
    if data[start + 1] in _RTCP_TYPES:
        # A packet states its length in words; others may follow it.
        words = data[start + 2] << 8 | data[start + 3]
        return "rtcp" if words * 4 + 4 <= size else None
    return "rtp" if size >= 12 + 4 * (data[start] & 0x0F) else None


_TUNNEL_HEADER = 8
# Tunnels over UDP: the port of one side, the reason, and how a packet that carries data begins.
_TUNNELS = {
    port: (reason, re.compile(pattern))
    for reason, ports, pattern in (
        ("openvpn", (1194,), rb"[\x30-\x37\x48-\x4f]"),  # P_DATA_V1, P_DATA_V2
        ("l2tp", (1701,), rb"[\0-\x7f][\x02\x03]"),  # RFC 2661 3.1: T is 0 for data
        ("gtp-u", (2152,), rb"[\x30-\x37]\xff"),  # TS 29.281 5.1: version 1, G-PDU
        ("teredo", (3544,), rb"[\x60-\x6f]"),  # RFC 4380: an IPv6 packet
        ("lisp", (4341,), rb"[\0-\xff]{8}"),  # RFC 9300 5.1
        ("esp", (4500,), rb"(?!\0{4})[\0-\xff]{8}"),  # RFC 3948 2.1: an SPI, no IKE marker
        ("gre", (4754,), rb"[\0-\xff]{4}"),  # RFC 8086
        ("vxlan", (4789, 4790, 8472), rb"[\x08-\x0f\x88-\x8f][\0-\xff]{6}\0"),  # RFC 7348 5
        ("capwap", (5247,), rb"[\0-\xff]{8}"),  # RFC 5415 4
        ("geneve", (6081,), rb"[\0-\x3f][\0-\xff](?:\x65\x58|\x08\0|\x86\xdd)"),  # RFC 8926 3.4
        ("mpls", (6635,), rb"[\0-\xff]{4}"),  # RFC 7510
        (
            "hep",
            (9060, 9061, 9063),
            rb"[\x01\x02][\0-\xff][\x02\x0a]\x11",
        ),  # versions 1 and 2: IP, UDP
        ("tzsp", (37008,), rb"\x01[\0\x01]"),  # a received packet
        ("wireguard", (51820,), rb"\x04\0\0\0"),  # transport data
    )
    for port in ports
}

#: A bit for each port on which the port counts for what does not begin like SIP.
JUDGED_PORTS = sum(1 << port for port in {*SIP_PORTS, *_TUNNELS}).to_bytes(8192, "little")


_MARK = b"\xef\xbb\xbf"


def begin_of_text(data: Data) -> int:
    """Where the text of a file begins: after the byte order mark that some editors write."""
    return len(_MARK) if data[: len(_MARK)] == _MARK else 0


def why_not_sip(
    data: Data, start: int, end: int, source_port: int, destination_port: int, is_cut: bool = False
) -> str | None:
    """The reason to skip `data[start:end]`, the payload of a UDP datagram; None for SIP.

    SIP, on any port, is a payload whose first line, after any line ends, begins with `SIP/`, or
    with a method and a `sip:` or `sips:` URI, or has a method and then ` SIP/` and a digit. So
    malformed messages reach the parser, and similar text protocols (SSDP, MGCP, media control) are
    skipped.

    On SIP's own ports, 5060 and 5061, a damaged message is handed on too, so that it is reported.
    It has one of: `sip:`, `sips:` or `SIP/` and a digit within its first 512 bytes; a registered
    method and then whitespace at its beginning; a header field, which is a name and a colon, at the
    beginning of a line after the first. Other payloads on these ports are "keep-alive", up to 16
    bytes; "sigcomp" (RFC 3320); or "not SIP".

    Payloads that only keep an address binding open are skipped on any port. "keep-alive": nothing,
    line ends (RFC 5626 3.5.1), blanks or NULs; "stun": a STUN message (RFC 5626 3.5.2).

    A payload that the capture cut within its first line, before it could be told from SIP, is
    "truncated". A packet of a tunnel has the name of the tunnel, by its port and first bytes. Media
    is "rtp" or "rtcp", and the rest "not SIP".
    """
    if begins_like_sip(data, start, end):
        return None
    if is_cut and _UNDECIDED.match(data, start, end):
        return "truncated"
    on_port = source_port in SIP_PORTS or destination_port in SIP_PORTS
    if on_port and _is_damaged_sip(data, start, end):
        return None
    match = _BINDING.match(data, start, end)
    if match is not None:
        return _VERDICTS[match.lastindex or 0]
    if on_port:
        if end - start <= _LONGEST_KEEP_ALIVE and not is_cut:
            return "keep-alive"
        if data[start] >= 0xF8:
            return "sigcomp"
        return _of_media(data, start, end) or "not SIP"
    tunnel = _TUNNELS.get(destination_port) or _TUNNELS.get(source_port)
    if tunnel is not None:
        if tunnel[1].match(data, start, end):
            return tunnel[0]
        if is_cut and end - start < _TUNNEL_HEADER:
            return "truncated"
    return _of_media(data, start, end) or "not SIP"


def _is_damaged_sip(data: Data, start: int, end: int) -> bool:
    return (
        _SIP_NAME.search(data, start, min(end, start + _NAMED)) is not None
        or _KNOWN_METHOD.match(data, start, end) is not None
        or _HEADER_FIELD.search(data, start, end) is not None
    )
