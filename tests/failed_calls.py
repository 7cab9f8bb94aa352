"""Captures of calls that end with a status, whose texts a test chooses."""

from __future__ import annotations

import capture_files as made
from command import message

START = 1_700_000_000
"""When the captures begin, in seconds since 1970: 2023-11-14 22:13:20 UTC."""

NASTY = (
    '"><img src=x onerror=alert(1)> <script>alert(1)</script> ]]> &amp; --> {{ 7*7 }} {% raw %} '
    "</style></title></svg> javascript:alert(1) ' or 1=1; -- =cmd|' /C calc'!A0 ../../etc/passwd "
    "%%{init} `x` \x1b[31m\x07\x9b \u202e\u2066\ufeff\u2028 \udcff\udc80"
)
"""What a sender may write anywhere."""


def call(
    status: int | None,
    reason: str = "No",
    *,
    at: float = 0,
    call_id: str = "one@192.0.2.1",
    source: str = "192.0.2.1",
    destination: str = "192.0.2.2",
    user: str = "alice",
    host: str = "example.org",
    agent: str = "Phone/1",
    ring: float | None = 0.5,
    final: float = 2,
    more: tuple[str, ...] = (),
) -> list[tuple[float, bytes]]:
    """The packets of a call, with their times: INVITE, 180 after `ring`, a final response, ACK."""
    shared = (
        f"Via: SIP/2.0/UDP {source};branch=z9hG4bK{abs(hash(call_id)) % 10**9}",
        f"From: <sip:{user}@{host}>;tag=1",
    )

    def request(method: str) -> bytes:
        return message(
            f"{method} sip:bob@example.com SIP/2.0",
            *shared,
            "Max-Forwards: 70",
            "To: <sip:bob@example.com>",
            f"Call-ID: {call_id}",
            f"CSeq: 1 {method}",
            f"Contact: <sip:alice@{source}>",
            f"User-Agent: {agent}",
            "Content-Length: 0",
        )

    def response(code: int, phrase: str, *extra: str) -> bytes:
        return message(
            f"SIP/2.0 {code} {phrase}",
            *shared,
            "To: <sip:bob@example.com>;tag=2",
            f"Call-ID: {call_id}",
            "CSeq: 1 INVITE",
            *extra,
            "Content-Length: 0",
        )

    def there(payload: bytes) -> bytes:
        return made.ethernet(made.ipv4(made.udp(payload), source=source, destination=destination))

    def back(payload: bytes) -> bytes:
        return made.ethernet(made.ipv4(made.udp(payload), source=destination, destination=source))

    packets = [(at, there(request("INVITE")))]
    if ring is not None:
        packets.append((at + ring, back(response(180, "Ringing"))))
    if status is not None:
        packets.append((at + final, back(response(status, reason, *more))))
        packets.append((at + final, there(request("ACK"))))
    return packets


def capture(*calls: list[tuple[float, bytes]]) -> bytes:
    """A pcap of calls, in the order of time."""
    packets = sorted([packet for one in calls for packet in one], key=lambda item: item[0])
    return made.pcap_header() + b"".join(
        [
            made.pcap_record(packet, START + int(at), round(at % 1 * 1_000_000))
            for at, packet in packets
        ]
    )
