"""Captures made by hand, layer by layer, for the tests of `sipfast.capture`."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from cost import ratio, within

from sipfast import capture

OPTIONS = (
    b"OPTIONS sip:bob@example.com SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
    b"Call-ID: 1@example.net\r\n"
    b"Content-Length: 0\r\n"
    b"\r\n"
)

ETHERNET, RAW, NULL, LOOP, COOKED, COOKED_2 = 1, 101, 0, 108, 113, 276
RAW_IPV4, RAW_IPV6, RAW_BSD = 228, 229, 12

MICRO, NANO = 0xA1B2C3D4, 0xA1B23C4D

IPV4, ARP, IPV6, VLAN, QINQ, PPPOE = 0x0800, 0x0806, 0x86DD, 0x8100, 0x88A8, 0x8864
TCP, UDP = 6, 17

_MACS = bytes.fromhex("020000000002020000000001")


def read(
    folder: Path, *parts: bytes, format: str | None = None
) -> tuple[capture.Capture, list[capture.Record]]:
    """Write `parts` to a file, read it through, and close it."""
    file = folder / "file"
    file.write_bytes(b"".join(parts))
    with capture.open(file) as opened:
        assert format in (None, opened.format)
        return opened, list(opened)


def payloads(datagrams: list[capture.Record]) -> list[bytes]:
    return [bytes(datagram.data) for datagram in datagrams]


def assert_linear(folder: Path, make: Callable[[int], bytes], most_ns: float) -> None:
    """Assert that files made with a size in bytes cost at most `most_ns` a byte, large or small."""

    files = [folder / "small", folder / "large"]
    for file, size in zip(files, (250_000, 1_000_000), strict=True):
        file.write_bytes(make(size))

    def read_through(file: Path) -> None:
        with capture.open(file) as opened:
            for _datagram in opened:
                pass
        assert opened.position == opened.size

    small, large = (partial(read_through, file) for file in files)
    # Four times the bytes; a quadratic step would make it 16.
    assert ratio(small, large, 10) <= 10
    assert within(large, 1_000_000 * most_ns * 1e-9)


# Packets, from the inside outwards.


def udp(
    payload: bytes, source: int = 5060, destination: int = 5060, length: int | None = None
) -> bytes:
    stated = 8 + len(payload) if length is None else length
    return struct.pack(">HHHH", source, destination, stated, 0) + payload


def tcp(
    payload: bytes = b"",
    source: int = 5060,
    destination: int = 5060,
    *,
    flags: int = 0x18,
    options: bytes = b"",
    number: int = 1,
) -> bytes:
    offset = (20 + len(options)) // 4 << 4
    ports = source, destination
    return (
        struct.pack(">HHIIBBHHH", *ports, number & 0xFFFFFFFF, 1, offset, flags, 65535, 0, 0)
        + options
        + payload
    )


def ipv4(
    content: bytes,
    *,
    protocol: int = UDP,
    source: str = "192.0.2.1",
    destination: str = "192.0.2.2",
    options: bytes = b"",
    identification: int = 1,
    fragment: int = 0,
    total: int | None = None,
    first: int | None = None,
) -> bytes:
    header = 20 + len(options)
    return (
        struct.pack(
            ">BBHHHBBH",
            0x40 | header // 4 if first is None else first,
            0,
            header + len(content) if total is None else total,
            identification,
            fragment,
            64,
            protocol,
            0,
        )
        + ipaddress.ip_address(source).packed
        + ipaddress.ip_address(destination).packed
        + options
        + content
    )


def ipv6(
    content: bytes,
    *,
    following: int = UDP,
    source: str = "2001:db8::1",
    destination: str = "2001:db8::2",
    length: int | None = None,
    version: int = 6,
) -> bytes:
    stated = len(content) if length is None else length
    return (
        struct.pack(">IHBB", version << 28, stated, following, 64)
        + ipaddress.ip_address(source).packed
        + ipaddress.ip_address(destination).packed
        + content
    )


def extension(following: int, units: int = 0) -> bytes:
    """An IPv6 extension header of 8 bytes and `units` times 8 more."""
    return bytes([following, units]) + bytes(6 + 8 * units)


def fragment_header(
    following: int, offset: int = 0, more: bool = False, identification: int = 7
) -> bytes:
    return struct.pack(">BBHI", following, 0, offset << 3 | more, identification)


def authentication(following: int, words: int = 4) -> bytes:
    return bytes([following, words]) + bytes(words * 4 + 6)


def ethernet(packet: bytes, ethertype: int = IPV4, tags: tuple[int, ...] = ()) -> bytes:
    tagged = b"".join(struct.pack(">HH", tag, 7) for tag in tags)
    return _MACS + tagged + struct.pack(">H", ethertype) + packet


def cooked(packet: bytes, ethertype: int = IPV4) -> bytes:
    return struct.pack(">HHH8sH", 0, 1, 6, _MACS[:8], ethertype) + packet


def cooked_2(packet: bytes, ethertype: int = IPV4) -> bytes:
    return struct.pack(">HHIHBB8s", ethertype, 0, 2, 1, 0, 6, _MACS[:8]) + packet


def loopback(packet: bytes, family: int = 2, order: str = "<") -> bytes:
    return struct.pack(f"{order}I", family) + packet


def frame(payload: bytes = OPTIONS, source: int = 5060, destination: int = 5060) -> bytes:
    """The plain case: Ethernet, IPv4, UDP."""
    return ethernet(ipv4(udp(payload, source, destination)))


def in_segments(
    texts: Iterable[bytes],
    port: int = 5060,
    *,
    source: int = 40000,
    number: int = 1,
    address: str = "192.0.2.1",
    closed: bool = False,
) -> list[bytes]:
    """A connection over Ethernet, with a segment for each text, from its SYN on."""

    def packet(text: bytes, number: int, flags: int) -> bytes:
        segment = tcp(text, source, port, flags=flags, number=number)
        return ethernet(ipv4(segment, protocol=TCP, source=address))

    packets = [packet(b"", number - 1, 2)]
    for text in texts:
        packets.append(packet(text, number, 0x18))
        number += len(text)
    return [*packets, packet(b"", number, 0x11)] if closed else packets


def in_fragments(
    content: bytes, size: int, *, identification: int = 1, **fields: Any
) -> list[bytes]:
    """The fragments of an IPv4 packet, over Ethernet; `size` is a multiple of 8."""
    return [
        ethernet(
            ipv4(
                content[at : at + size],
                identification=identification,
                fragment=(at + size < len(content)) * 0x2000 | at // 8,
                **fields,
            )
        )
        for at in range(0, len(content), size)
    ]


def in_fragments_6(
    content: bytes, size: int, *, following: int = UDP, **fields: Any
) -> list[bytes]:
    """The same of an IPv6 packet."""
    return [
        ethernet(
            ipv6(
                fragment_header(following, at // 8, at + size < len(content), **fields)
                + content[at : at + size],
                following=44,
            ),
            IPV6,
        )
        for at in range(0, len(content), size)
    ]


def in_chunks(
    content: bytes, size: int, *, number: int = 1, ports: tuple[int, int] = (5060, 5060)
) -> list[bytes]:
    """The SCTP packets of a user message in DATA chunks."""
    packets = []
    for at in range(0, len(content), size):
        text = content[at : at + size]
        flags = (at == 0) * 2 | (at + size >= len(content))
        chunk = (
            struct.pack(">BBHIHHI", 0, flags, 16 + len(text), number & 0xFFFFFFFF, 0, 0, 0) + text
        )
        packets.append(struct.pack(">HHII", *ports, 77, 0) + chunk + bytes(-len(text) % 4))
        number += 1
    return packets


def pppoe(packet: bytes, protocol: int = 0x21) -> bytes:
    return struct.pack(">BBHHH", 0x11, 0, 1, len(packet) + 2, protocol) + packet


def esp(content: bytes, following: int = UDP, check: int = 12) -> bytes:
    """ESP with the NULL cipher."""
    padding = -(len(content) + 2) % 4
    trailer = bytes(range(1, padding + 1)) + bytes([padding, following])
    return b"\0\0\x10\1\0\0\0\1" + content + trailer + b"\xa5" * check


def hep_3(
    payload: bytes,
    *,
    kind: int = 15,
    source: str = "192.0.2.1",
    destination: str = "192.0.2.2",
    protocol: int = UDP,
    time_ns: int = 1_000_000_000,
    content: int = 1,
) -> bytes:
    """A packet of HEP version 3."""
    address = ipaddress.ip_address(source)
    hosts = (3, 4) if address.version == 4 else (5, 6)
    chunks = [
        (1, bytes([2 if address.version == 4 else 10])),
        (2, bytes([protocol])),
        (hosts[0], address.packed),
        (hosts[1], ipaddress.ip_address(destination).packed),
        (7, struct.pack(">H", 5060)),
        (8, struct.pack(">H", 5060)),
        (9, struct.pack(">I", time_ns // 10**9)),
        (10, struct.pack(">I", time_ns % 10**9 // 1000)),
        (11, bytes([content])),
        (12, struct.pack(">I", 2001)),
        (kind, payload),
    ]
    body = b"".join(
        struct.pack(">HHH", 0, number, 6 + len(value)) + value for number, value in chunks
    )
    return b"HEP3" + struct.pack(">H", 6 + len(body)) + body


def hep_2(payload: bytes, version: int = 2) -> bytes:
    """A packet of HEP version 1 or 2."""
    hosts = bytes([192, 0, 2, 1, 192, 0, 2, 2])
    time = struct.pack("<III", 1, 0, 2001) if version == 2 else b""
    size = 16 + len(time)
    return struct.pack(">BBBBHH", version, size, 2, 17, 5060, 5060) + hosts + time + payload


def nflog(packet: bytes, order: str = "<") -> bytes:
    def attribute(kind: int, value: bytes) -> bytes:
        return struct.pack(f"{order}HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)

    family = 2 if packet[0] >> 4 == 4 else 10
    return (
        bytes([family, 0, 0, 7])
        + attribute(1, bytes(4))
        + attribute(10, b"x\0")
        + attribute(9, packet)
    )


def exported(payload: bytes, protocol: bytes = b"sip", port_type: int = 3) -> bytes:
    """An exported PDU of Wireshark."""
    tags = [
        (12, protocol + bytes(-len(protocol) % 4)),
        (20, bytes([192, 0, 2, 1])),
        (21, bytes([192, 0, 2, 2])),
        (24, struct.pack(">I", port_type)),
        (25, struct.pack(">I", 5060)),
        (26, struct.pack(">I", 5060)),
        (0, b""),
    ]
    return b"".join(struct.pack(">HH", tag, len(value)) + value for tag, value in tags) + payload


def wifi(packet: bytes, *, qos: bool = False) -> bytes:
    """A data frame of IEEE 802.11."""
    header = bytes([0x88 if qos else 0x08, 1]) + bytes(24 if qos else 22)
    ethertype = IPV4 if packet[0] >> 4 == 4 else IPV6
    return header + b"\xaa\xaa\x03\0\0\0" + struct.pack(">H", ethertype) + packet


def netmon(*packets: bytes) -> bytes:
    """A file of Network Monitor 2.1, from 2020-01-02 03:04:05.006 on."""
    frames = [
        struct.pack("<QII", n, len(packet), len(packet)) + packet + struct.pack("<H", 0xE001)
        for n, packet in enumerate(packets)
    ]
    places = [128]
    for content in frames:
        places.append(places[-1] + len(content))
    clock = 2020, 1, 4, 2, 3, 4, 5, 6
    header = struct.pack("<4sBBH8HII", b"GMBU", 1, 2, 1, *clock, places[-1], 4 * len(packets))
    table = b"".join(struct.pack("<I", place) for place in places[:-1])
    return header.ljust(128, b"\0") + b"".join(frames) + table


def snoop(*packets: bytes, link: int = 4) -> bytes:
    records = (
        struct.pack(
            ">IIIIII", len(packet), len(packet), 24 + len(packet) + -len(packet) % 4, 0, n, 5
        )
        + packet
        + bytes(-len(packet) % 4)
        for n, packet in enumerate(packets)
    )
    return b"snoop\0\0\0" + struct.pack(">II", 2, link) + b"".join(records)


# Classic captures.


def pcap_header(link_type: int = ETHERNET, order: str = "<", magic: int = MICRO) -> bytes:
    return struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 262144, link_type)


def pcap_record(
    packet: bytes, seconds: int = 0, fraction: int = 0, order: str = "<", length: int | None = None
) -> bytes:
    captured = len(packet) if length is None else length
    return struct.pack(f"{order}IIII", seconds, fraction, captured, len(packet)) + packet


def pcap(*packets: bytes, link_type: int = ETHERNET) -> bytes:
    return pcap_header(link_type) + b"".join(pcap_record(packet) for packet in packets)


# Captures of blocks.


@dataclass(frozen=True)
class Pcapng:
    """The blocks of a pcapng file in one byte order."""

    order: str = "<"

    def block(self, kind: int, body: bytes, length: int | None = None) -> bytes:
        padded = body + bytes(-len(body) % 4)
        stated = 12 + len(padded) if length is None else length
        edge = struct.pack(f"{self.order}I", stated)
        return struct.pack(f"{self.order}I", kind) + edge + padded + edge

    def section(self, length: int = -1) -> bytes:
        body = struct.pack(f"{self.order}IHHq", 0x1A2B3C4D, 1, 0, length)
        return self.block(0x0A0D0D0A, body)

    def option(self, code: int, value: bytes, length: int | None = None) -> bytes:
        stated = len(value) if length is None else length
        return struct.pack(f"{self.order}HH", code, stated) + value + bytes(-len(value) % 4)

    def resolution(self, value: int) -> bytes:
        return self.option(9, bytes([value]))

    def offset(self, seconds: int) -> bytes:
        return self.option(14, struct.pack(f"{self.order}q", seconds))

    def interface(
        self, link_type: int = ETHERNET, options: bytes = b"", snap_length: int = 0
    ) -> bytes:
        return self.block(1, struct.pack(f"{self.order}HHI", link_type, 0, snap_length) + options)

    def enhanced(
        self, packet: bytes, number: int = 0, timestamp: int = 0, captured: int | None = None
    ) -> bytes:
        size = len(packet) if captured is None else captured
        stamp = timestamp >> 32, timestamp & 0xFFFFFFFF
        return self.block(
            6, struct.pack(f"{self.order}IIIII", number, *stamp, size, len(packet)) + packet
        )

    def obsolete(self, packet: bytes, number: int = 0, timestamp: int = 0) -> bytes:
        stamp = timestamp >> 32, timestamp & 0xFFFFFFFF
        size = len(packet)
        return self.block(
            2, struct.pack(f"{self.order}HHIIII", number, 0, *stamp, size, size) + packet
        )

    def simple(self, packet: bytes, length: int | None = None) -> bytes:
        stated = len(packet) if length is None else length
        return self.block(3, struct.pack(f"{self.order}I", stated) + packet)
