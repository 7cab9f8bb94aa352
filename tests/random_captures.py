"""Captures drawn at random: plain and odd packets of all layers, and connections in pieces."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import capture_files as made
from capture_files import OPTIONS

INVITE = (
    b"INVITE sip:bob@example.com SIP/2.0\r\n"
    b"Via: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK2\r\n"
    b"Call-ID: 2@example.net\r\n"
    b"l: 22\r\n"
    b"\r\n"
    b"v=0\r\nSIP/2.0 200 OK\r\n\n"
)
NO_LENGTH = OPTIONS.replace(b"Content-Length: 0\r\n", b"")
MESSAGES = (
    *(OPTIONS, INVITE, NO_LENGTH, b"\r\n" + OPTIONS, OPTIONS.replace(b"\r\n", b"\n")),
    *(b"SIP/2.0 200 OK\r\nContent-Length: 3\r\n\r\nabc", b"INVITE sip:a SIP/2.0\r\nX\r\n\r\n"),
    OPTIONS.replace(b"Call", b" Call"),
    OPTIONS.replace(b"Length: 0", b"Length: 7, 8"),
    INVITE.replace(b"\r\n\r\n", b"\r\nContent-Length: 9\r\n\r\n"),
    OPTIONS.replace(b"Via", b"OPTIONS sip:x SIP/2.0\r\nVia"),
    INVITE + b"x" * 3000,
)
OTHERS = (
    *(b"", b"\r\n\r\n", b"\0\0\0\0", b"jaK", b"hello world, how are you", b"HEP3\0\6", b"H"),
    b"\0\1\0\0\x21\x12\xa4\x42" + bytes(12),
    *(b"\x80\0" + bytes(10), b"\x80\0", b"\x8f\0" + bytes(20), b"\x80\xc8\0\1" + bytes(4)),
    *(b"\x80\xc8\0\7" + bytes(4), b"\xf9" + bytes(30), b"NOTIFY * HTTP/1.1\r\n\r\n", bytes(40)),
    *(made.hep_3(OPTIONS), b"Subject: x\r\nFrom: y\r\n", b"\x04\0\0\0" + bytes(30)),
)
PORTS = (5060, 5061, 40000, 4789, 2152, 9060, 51820, 40002)
LINKS: tuple[tuple[int, Callable[[bytes, int], bytes]], ...] = (
    *((made.ETHERNET, made.ethernet),) * 3,
    (made.COOKED, made.cooked),
    (made.COOKED_2, made.cooked_2),
    (made.NULL, lambda packet, kind: made.loopback(packet, 2 if kind == made.IPV4 else 30)),
    (made.LOOP, lambda packet, kind: made.loopback(packet, 2 if kind == made.IPV4 else 10, ">")),
    *((number, lambda packet, kind: packet) for number in (12, 14, 101, 228, 229)),
    (9, lambda packet, kind: made.pppoe(packet)[6:]),
)


def datagrams(random: Random) -> bytes:
    """The IP packet of a datagram, often plain."""
    payload = random.choice(MESSAGES if random.random() < 0.6 else OTHERS)
    if random.random() < 0.1:
        payload = payload[: random.randrange(len(payload) + 1)]
    inner = made.udp(
        payload,
        random.choice(PORTS),
        random.choice(PORTS),
        random.choice((None,) * 9 + (0, 7, 8, len(payload), len(payload) + 9)),
    )
    return in_ip(random, inner, made.UDP)


def in_ip(random: Random, inner: bytes, protocol: int, last: int | None = None) -> bytes:
    source, destination = (random.randrange(3) if last is None else last for _ in range(2))
    if random.random() < 0.3:
        ends: dict[str, Any] = {
            "source": f"2001:db8::{source}",
            "destination": f"2001:db8::1{destination}",
        }
        length = random.choice((None,) * 9 + (0, 7, len(inner) - 1, len(inner) + 1))
        if random.random() < 0.1:
            return made.ipv6(made.extension(protocol) + inner, following=0, **ends)
        return made.ipv6(inner, following=protocol, length=length, **ends)
    ends = {"source": f"192.0.2.{source}", "destination": f"192.0.2.1{destination}"}
    odd: dict[str, Any] = random.choice(
        ({},) * 12
        + (
            *({"options": bytes(4)}, {"total": 0}, {"total": 19}, {"total": 27}, {"first": 0x44}),
            *({"fragment": 0x4000}, {"total": 20 + len(inner) + 1}, {"first": 0x65}),
        )
    )
    if random.random() < 0.1:
        identification = random.randrange(3)
        at = random.choice((0, 0, 8, 16))
        piece = inner[at * 8 :] if random.random() < 0.5 else inner[at * 8 : at * 8 + 64]
        more = random.choice((0, 0x2000))
        fragment = more | at
        return made.ipv4(
            piece, protocol=protocol, identification=identification, fragment=fragment, **ends
        )
    return made.ipv4(inner, protocol=protocol, **ends, **odd)


class Stream:
    """One direction of a connection, cut, reordered, repeated and overlapping."""

    def __init__(self, random: Random, number: int) -> None:
        self.port = 40000 + number
        self.last = number % 3
        self.swapped = random.random() < 0.5
        self.number = random.choice((1, 0xFFFFFF00, random.randrange(1 << 32)))
        tidy = random.random()
        texts = []
        for _ in range(random.randrange(1, 12)):
            texts.append(random.choice(MESSAGES[:2] if tidy < 0.7 else MESSAGES))
            if random.random() < 0.1:
                texts.append(random.choice((b"\r\n\r\n", b"\r\n", b"junk", b" ", OTHERS[4])))
        text = b"".join(texts)
        self.segments: list[tuple[int, bytes, int]] = []
        if random.random() < 0.6:
            self.segments.append((self.number - 1, b"", 2))
        whole = random.random() < 0.4
        at = 0
        for part in texts if whole else self._cut(random, text):
            self.segments.append((self.number + at, part, 0x18))
            if random.random() < 0.1:
                self.segments.append((self.number + at + len(part), b"", 0x10))
            if random.random() < 0.03:
                self.segments.append((self.number + at, part, 0x18))
            if random.random() < 0.03:
                back = min(at, random.randrange(40))
                overlap = text[at - back : at + len(part) + 9]
                self.segments.append((self.number + at - back, overlap, 0x18))
            at += len(part)
        if random.random() < 0.6:
            self.segments.append((self.number + at, b"", random.choice((0x11, 4))))
        if random.random() < 0.3 and len(self.segments) > 2:
            for _ in range(random.randrange(1, 4)):
                one = random.randrange(len(self.segments) - 1)
                pair = self.segments[one : one + 2]
                self.segments[one : one + 2] = pair[::-1]
        if random.random() < 0.2 and len(self.segments) > 1:
            del self.segments[random.randrange(len(self.segments))]

    @staticmethod
    def _cut(random: Random, text: bytes) -> Iterator[bytes]:
        longest = random.choice((3, 40, 300, 2000))
        at = 0
        while at < len(text):
            size = random.randrange(1, longest + 1)
            yield text[at : at + size]
            at += size

    def next(self, random: Random) -> bytes:
        number, text, flags = self.segments.pop(0)
        ports = (5060, self.port) if self.swapped else (self.port, 5060)
        options = random.choice((b"", b"", bytes(12)))
        return made.tcp(text, *ports, number=number, flags=flags, options=options)


def packets(random: Random, count: int) -> Iterator[tuple[int, bytes]]:
    """Link types and packets."""
    link_type, link = random.choice(LINKS)
    streams = [Stream(random, number) for number in range(random.randrange(6))]
    over_6 = random.random() < 0.2
    for _ in range(count):
        if streams and random.random() < 0.8:
            stream = random.choice(streams)
            segment = stream.next(random)
            if not stream.segments:
                streams.remove(stream)
                if random.random() < 0.5:
                    streams.append(Stream(random, stream.port - 40000))
            if over_6:
                packet = made.ipv6(segment, following=6)
            else:
                packet = made.ipv4(segment, protocol=6, source=f"192.0.2.{stream.last}")
        else:
            packet = datagrams(random)
        kind = made.IPV6 if packet[0] >> 4 == 6 else made.IPV4
        if link is made.ethernet and random.random() < 0.2:
            tags = random.choices((made.VLAN, made.QINQ), k=random.randrange(1, 4))
            framed = made.ethernet(packet, random.choice((kind, kind, made.ARP)), tuple(tags))
        else:
            framed = link(packet, kind)
        if random.random() < 0.03:
            framed = framed[: random.randrange(len(framed) + 1)]
        if random.random() < 0.03:
            framed += bytes(random.randrange(1, 9))
        yield link_type, framed


def times(random: Random) -> Iterator[int]:
    """Microseconds, which go back or leap now and then."""
    now = 1_000_000
    while True:
        yield now
        now += random.choice((0, 1, 100, 3000, 6000, 400_000, -2000, 40_000_000))
        now = max(now, 0)


def classic(random: Random) -> bytes:
    order = random.choice("<>")
    magic, unit, header = random.choice(
        ((made.MICRO, 1, 16), (made.NANO, 1000, 16), (0xA1B2CD34, 1, 24))
    )
    clock = times(random)
    content = [b""]
    for link_type, packet in packets(random, random.randrange(60)):
        content[0] = made.pcap_header(link_type, order, magic)
        now = next(clock)
        stamp = now // 10**6, now % 10**6 * unit
        content.append(struct.pack(f"{order}IIII", *stamp, len(packet), len(packet)))
        content.append(bytes(header - 16) + packet)
    content[0] = content[0] or made.pcap_header()
    if random.random() < 0.2:
        content.append(bytes(random.randrange(20)))
    return b"".join(content)


def blocks(random: Random) -> bytes:
    content = []
    clock = times(random)
    for _ in range(random.randrange(1, 4)):
        file = made.Pcapng(random.choice("<>"))
        content.append(file.section())
        found = list(packets(random, random.randrange(30)))
        link_type = found[0][0] if found else 1
        options = (b"", b"", file.resolution(9), file.resolution(0x8A), file.resolution(18))
        offset = random.choice((b"", b"", file.offset(7), file.offset(-(2**62))))
        content += [
            file.interface(link_type, random.choice(options) + offset, 65535)
            for _ in range(random.randrange(1, 3))
        ]
        for _, packet in found:
            write = random.choice((file.enhanced,) * 8 + (file.obsolete,))
            stamp = next(clock) if random.random() < 0.95 else 2**64 - 1
            which = random.choice((0,) * 8 + (1, 2))
            block = write(packet, which, stamp)
            if random.random() < 0.05:
                block = file.simple(packet, random.choice((None, len(packet) + 9)))
            if random.random() < 0.05:
                block = file.block(random.choice((4, 5, 6, 2, 3, 1)), bytes(random.randrange(9)))
            content.append(block)
    if random.random() < 0.2:
        content.append(bytes(random.randrange(20)))
    if random.random() < 0.1:
        content.append(struct.pack("<II", 5, random.choice((0, 13, 400))))
    return b"".join(content)
