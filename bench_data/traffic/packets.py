"""Frames of the network below SIP: Ethernet, VLAN, ARP, IPv4, IPv6, UDP, TCP."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Address

Address = IPv4Address | IPv6Address

_UDP = 17
_TCP = 6


def datagram(
    source: Address, target: Address, ports: tuple[int, int], payload: bytes, vlan: int = 0
) -> bytes:
    """A UDP datagram in its frame; `vlan` 0 means untagged."""
    length = 8 + len(payload)
    unsummed = struct.pack("!HHHH", *ports, length, 0) + payload
    sum_ = _checksum(_pseudo_header(source, target, _UDP, length), unsummed) or 0xFFFF
    segment = unsummed[:6] + struct.pack("!H", sum_) + payload
    return _ethernet(source, target, _ip(source, target, _UDP, segment), vlan)


def syn(source: IPv4Address, target: IPv4Address, ports: tuple[int, int], number: int) -> bytes:
    """The TCP segment that asks for a connection."""
    return segment(source, target, ports, (number, 0), SYN)


SYN, ACK, PSH = 0x02, 0x10, 0x08
"""Flags of TCP."""


def segment(
    source: Address,
    target: Address,
    ports: tuple[int, int],
    numbers: tuple[int, int],
    flags: int,
    payload: bytes = b"",
) -> bytes:
    """A TCP segment (RFC 9293 3.1) in its frame.

    `numbers` are of its first byte, and of the next byte that is expected from the other side.
    """
    head = struct.pack("!HHIIBBH", *ports, *numbers, 5 << 4, flags, 64240)
    pseudo = _pseudo_header(source, target, _TCP, 20 + len(payload))
    sum_ = _checksum(pseudo, head + bytes(4) + payload)
    whole = head + struct.pack("!HH", sum_, 0) + payload
    return _ethernet(source, target, _ip(source, target, _TCP, whole))


def who_has(source: IPv4Address, target: IPv4Address) -> bytes:
    """Who has `target`? Tell `source` (RFC 826)."""
    asked = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1)
    body = asked + _mac(source) + source.packed + bytes(6) + target.packed
    return (b"\xff" * 6 + _mac(source) + b"\x08\x06" + body).ljust(60, b"\0")


def _ip(source: Address, target: Address, protocol: int, segment: bytes) -> bytes:
    if source.version == 6:
        head = struct.pack("!IHBB", 6 << 28, len(segment), protocol, 64)
        return head + source.packed + target.packed + segment
    addresses = source.packed + target.packed
    head = struct.pack("!BBHHHBB", 0x45, 0, 20 + len(segment), 0, 0x4000, 64, protocol)
    sum_ = _checksum(head + b"\0\0" + addresses)
    return head + struct.pack("!H", sum_) + addresses + segment


def _ethernet(source: Address, target: Address, packet: bytes, vlan: int = 0) -> bytes:
    """The frame, filled up to the 60 bytes that Ethernet asks for."""
    tag = struct.pack("!HH", 0x8100, vlan) if vlan else b""
    kind = b"\x86\xdd" if source.version == 6 else b"\x08\x00"
    return (_mac(target) + _mac(source) + tag + kind + packet).ljust(60, b"\0")


def _mac(address: Address) -> bytes:
    """A locally administered address that tells who it is."""
    return b"\x02\x00" + address.packed[-4:]


def _pseudo_header(source: Address, target: Address, protocol: int, length: int) -> bytes:
    """The pseudo-header in the checksum of UDP and TCP (RFC 768, RFC 8200 8.1)."""
    tail = struct.pack("!IHBB", length, 0, 0, protocol)
    if source.version == 4:
        tail = struct.pack("!BBH", 0, protocol, length)
    return source.packed + target.packed + tail


def _checksum(*parts: bytes) -> int:
    """The Internet checksum (RFC 1071) of `parts`, of which only the last may be of odd length."""
    data = b"".join(parts)
    if len(data) % 2:
        data += b"\0"
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
