"""Readers: captures, and files of concatenated messages."""

from __future__ import annotations

import struct

from sipfast._engine import Engine
from sipfast.capture.source import capture_of

from . import Case
from .texts import Make, repeated

OPTIONS = b"OPTIONS sip:a SIP/2.0\r\nCall-ID: a\r\nContent-Length: 0\r\n\r\n"


def _through(_: Engine, data: bytes) -> object:
    """Read a file to its end one by one, and hold the counts, like a typical reader."""
    capture = capture_of(data)
    count = sum(1 for _ in capture)
    return count, dict(capture.skipped), capture.position


def _kept(_: Engine, data: bytes) -> object:
    return list(capture_of(data))


def udp_packet(payload: bytes) -> bytes:
    udp = struct.pack(">HHHH", 5060, 5060, 8 + len(payload), 0) + payload
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + bytes(8) + udp
    return bytes(12) + b"\x08\x00" + ip


def record(packet: bytes, length: int | None = None) -> bytes:
    captured = len(packet) if length is None else length
    return struct.pack("<IIII", 0, 0, captured, captured) + packet


HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)


def _block(kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    edge = struct.pack("<I", 12 + len(body))
    return struct.pack("<I", kind) + edge + body + edge


SECTION = _block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
INTERFACE = _block(1, struct.pack("<HHI", 1, 0, 0))


def _enhanced(packet: bytes) -> bytes:
    return _block(6, struct.pack("<IIIII", 0, 0, 0, len(packet), len(packet)) + packet)


SHAPES: dict[str, Make] = {
    "pcap: packets": repeated(HEADER, record(udp_packet(OPTIONS))),
    "pcap: empty packets": repeated(HEADER, record(b"")),
    "pcap: packets of other kinds": repeated(HEADER, record(bytes(14))),
    "pcap: keep-alives": repeated(HEADER, record(udp_packet(b"\r\n\r\n"))),
    "pcap: packets of nothing but spaces": repeated(HEADER, record(udp_packet(b" " * 100))),
    "pcap: a length that lies": repeated(HEADER, record(b"\x10\0\0\0" * 4, 16)),
    "pcapng: packets": repeated(SECTION + INTERFACE, _enhanced(udp_packet(OPTIONS))),
    "pcapng: sections": repeated(SECTION, SECTION),
    "pcapng: interfaces": repeated(SECTION, INTERFACE),
    "pcapng: interfaces and a packet of the last": repeated(
        SECTION, INTERFACE, _enhanced(udp_packet(OPTIONS))
    ),
    "pcapng: unknown blocks": repeated(SECTION, _block(0x55, b"")),
    "pcapng: options": repeated(
        SECTION, _block(1, struct.pack("<HHI", 1, 0, 0) + b"\2\0\1\0a\0\0\0" * 64)
    ),
    "messages": repeated(OPTIONS, OPTIONS),
    "messages without lengths": repeated(OPTIONS, b"OPTIONS sip:a SIP/2.0\r\nCall-ID: a\r\n\r\n"),
    "messages whose lengths are too small": repeated(
        OPTIONS, b"OPTIONS sip:a SIP/2.0\r\nl: 1\r\n\r\nabc"
    ),
    "messages whose lengths lie": repeated(OPTIONS, b"OPTIONS sip:a SIP/2.0\r\nl: 3001\r\n\r\n"),
    "messages whose lengths lie, with bare LF": repeated(
        OPTIONS, b"OPTIONS sip:a SIP/2.0\nl: 3001\n\n"
    ),
    "messages whose lengths are far too large": repeated(
        OPTIONS, b"OPTIONS sip:a SIP/2.0\r\nl: 999999999\r\n\r\n"
    ),
    "start lines": repeated(OPTIONS, b"OPTIONS sip:a SIP/2.0\r\n"),
    "status lines": repeated(OPTIONS, b"SIP/2.0 200 OK\r\n"),
    "keep-alives": repeated(OPTIONS, b"\r\n"),
    "line feeds": repeated(OPTIONS, b"\n"),
    "carriage returns": repeated(OPTIONS, b"\r"),
    "keep-alives between messages": repeated(OPTIONS, b"\r\n\r\n" * 8 + OPTIONS),
    "junk": repeated(OPTIONS, b"x"),
    "lines of junk": repeated(OPTIONS, b"x\n"),
    "spaces": repeated(OPTIONS, b" "),
    "methods": repeated(OPTIONS, b"OPTIONS "),
    "lines of methods": repeated(OPTIONS, b"OPTIONS \n"),
    "long start lines that are none": repeated(OPTIONS, b"\nOPTIONS sip:a" + b" " * 200),
    "versions": repeated(OPTIONS, b"SIP/2.0 "),
    "field names": repeated(OPTIONS, b"OPTIONS\nCall-ID" + b" " * 15),
    "a header block without end": repeated(b"OPTIONS sip:a SIP/2.0\r\n", b"a: b\r\n"),
    "separators": repeated(OPTIONS, b"\n-----\n" + OPTIONS),
}

CASES = [
    *(Case(f"file, read: {what}", make, _through) for what, make in SHAPES.items()),
    *(Case(f"file, held: {what}", make, _kept) for what, make in SHAPES.items()),
]
