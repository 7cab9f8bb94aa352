"""A capture file of the network: whole conversations, and other packets."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address

from .dice import Dice
from .exchange import MILLISECOND, SECOND, Sent
from .packets import datagram, syn, who_has
from .parties import Network, network
from .scenarios import (
    EPOCH,
    Scenario,
    call,
    cancelled_call,
    instant_message,
    ping,
    refused_call,
    registration,
    subscription,
)

_VOICE_VLAN = 20

SCENARIOS: tuple[tuple[int, Scenario], ...] = (
    (10, call),
    (3, refused_call),
    (2, cancelled_call),
    (5, registration),
    (4, ping),
    (2, subscription),
    (3, instant_message),
)

# A scanner's packets to the edge proxy: they begin like SIP but cannot be parsed.
UNPARSABLE = (
    (
        b"INVITE sip:900442079460018@198.51.100.10 SIP/2.0\r\n"
        b"Via: SIP/2.0/UDP 203.0.113.66:5071;bran"
    ),
    (
        b"OPTIONS sip:100@198.51.100.10 SIP/2.0\r\n"
        b"Via: SIP/2.0/UDP 203.0.113.66:5071;branch=z9hG4bKs1\r\n"
        b"From: <sip:100@198.51.100.10>;tag=1\r\nTo sip:100@198.51.100.10\r\n"
        b"Call-ID: scan-100\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    ),
    (
        b"REGISTER sip:198.51.100.10 SIP/2.0\r\n"
        b"Via: SIP/2.0/UDP 203.0.113.66:5071;branch=z9hG4bKs2\r\n"
        b"From: <sip:2@198.51.100.10>;tag=2\r\nTo: <sip:2@198.51.100.10>\r\n"
        b"Call-ID: scan-2\r\nCSeq: 1 REGISTER\r\nContent-Length: -1\r\n\r\n"
    ),
)


PCAP_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
"""Of a classic pcap file: microseconds, little-endian, Ethernet."""


@dataclass(frozen=True)
class Frame:
    """One packet as captured."""

    at: int  # microseconds since 1970
    data: bytes


def capture(seed: int) -> bytes:
    """A classic pcap file."""
    dice = Dice(seed)
    frames = sorted([*_conversations(dice), *_noise(dice)], key=lambda frame: frame.at)
    return PCAP_HEADER + b"".join(map(record, frames))


def record(frame: Frame) -> bytes:
    """The record of a packet in such a file."""
    seconds, micros = divmod(frame.at, SECOND)
    length = len(frame.data)
    return struct.pack("<IIII", seconds, micros, length, length) + frame.data


def _conversations(dice: Dice) -> Iterator[Frame]:
    """Every scenario in turn, over plain IPv4, over the voice VLAN, and over IPv6."""
    around: tuple[tuple[int, tuple[Network, int]], ...] = (
        (6, (network(dice, "UDP", phones=30), 0)),
        (3, (network(dice, "UDP", phones=30), _VOICE_VLAN)),
        (2, (network(dice, "UDP", phones=20, ipv6=True), 0)),
    )
    start = EPOCH
    for count, scenario in SCENARIOS:
        for _ in range(count):
            where, vlan = dice.weighted(around)
            sent = scenario(dice, where, start).sent
            for one in sent:
                yield sip_frame(one, vlan)
            if scenario is call:
                yield from _speech(dice, sent, vlan)
            start += dice.between(200 * MILLISECOND, 2 * SECOND)


def sip_frame(sent: Sent, vlan: int = 0) -> Frame:
    """A message as a UDP datagram, between the addresses and ports that a probe sees."""
    source, target = ip_address(sent.source.seen_host), ip_address(sent.target.seen_host)
    ports = (sent.source.seen_port, sent.target.seen_port)
    return Frame(sent.at, datagram(source, target, ports, sent.data, vlan))


def _speech(dice: Dice, call_sent: list[Sent], vlan: int) -> Iterator[Frame]:
    """A little RTP in both directions after the ACK (RFC 3550 5.1), 20 ms apart."""
    ack = next(sent for sent in call_sent if sent.data.startswith(b"ACK "))
    ends = (ip_address(ack.source.seen_host), ip_address(ack.target.seen_host))
    ports = (16384 + 2 * dice.below(8192), 16384 + 2 * dice.below(8192))
    streams = (dice.between(1, 2**32 - 1), dice.between(1, 2**32 - 1))
    for n in range(12):
        way = n % 2
        header = struct.pack("!BBHII", 0x80, 8, n // 2, 160 * (n // 2), streams[way])
        payload = header + bytes(0xD5 ^ dice.below(4) for _ in range(160))
        frame = datagram(ends[way], ends[1 - way], (ports[way], ports[1 - way]), payload, vlan)
        yield Frame(ack.at + (30 + 10 * n) * MILLISECOND, frame)


def _noise(dice: Dice) -> Iterator[Frame]:
    """Other packets: ARP, DNS, TCP, keep-alives, and packets that only begin like SIP."""
    edge, scanner = IPv4Address("198.51.100.10"), IPv4Address("203.0.113.66")
    phone, resolver = IPv4Address("192.0.2.17"), IPv4Address("198.51.100.53")
    at = EPOCH + 400 * MILLISECOND
    for n in range(6):
        yield Frame(at, who_has(phone, edge))
        query, port = dice.below(2**16), 40000 + n
        yield Frame(at + 700, datagram(phone, resolver, (port, 53), _dns(query, 0x0100)))
        yield Frame(at + 5_100, datagram(resolver, phone, (53, port), _dns(query, 0x8183)))
        yield Frame(at + 9_000, syn(phone, edge, (50000 + n, 5060 + n % 2), dice.below(2**32)))
        yield Frame(at + 90_000, datagram(phone, edge, (5060, 5060), b"\r\n\r\n"))
        at += dice.between(2 * SECOND, 6 * SECOND)
    for n, payload in enumerate(UNPARSABLE):
        yield Frame(at + n * SECOND, datagram(scanner, edge, (5071, 5060), payload))


def _dns(query: int, flags: int) -> bytes:
    """Where are the SIP servers of example.com? (RFC 1035 4.1, RFC 2782); as an answer: nowhere."""
    header = struct.pack("!HHHHHH", query, flags, 1, 0, 0, 0)
    labels = (b"_sip", b"_udp", b"example", b"com", b"")
    name = b"".join(bytes([len(label)]) + label for label in labels)
    return header + name + struct.pack("!HH", 33, 1)
