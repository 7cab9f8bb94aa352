"""Writing records as captures, for other tools and for this one."""

from __future__ import annotations

import os
import socket
from collections import OrderedDict
from struct import Struct
from typing import IO, Literal, Protocol, get_args

from .. import ParseError, parse
from .base import Record
from .beside import Beside, Output

__all__ = ["Writer"]

Format = Literal["pcap", "pcapng", "sip"]
Link = Literal["ip", "ethernet"]

_LINK_TYPES = {"ip": 101, "ethernet": 1}
_SNAP_LENGTH = 262_144

_PCAP = Struct("<IHHiIII")
_OF_PCAP = Struct("<IIII")
_NANOSECONDS = 0xA1B23C4D  # the magic number of times in nanoseconds

#: The end of the times that a format holds, in 2106 and 2554; they begin in 1970.
_LAST = {"pcap": 2**32 * 10**9, "pcapng": 2**64}

_BLOCK = Struct("<II")
_ENHANCED, _SIMPLE = Struct("<IIIII"), Struct("<I")
_PADDING = (b"", b"\0\0\0", b"\0\0", b"\0")

_IPV4, _IPV6 = Struct(">BBHHHBBH4s4s"), Struct(">IHBB16s16s")
_UDP, _TCP = Struct(">HHHH"), Struct(">HHIIBBHHH")
_UDP_NUMBER, _TCP_NUMBER = 17, 6
_SYN, _PUSH, _PUSH_ACK = 0x02, 0x08, 0x18

#: The longest payload of a datagram; IPv6 would take 20 bytes more.
_LONGEST_DATAGRAM = 65_507
#: The data of a segment: a packet holds it, with any header.
_LONGEST_SEGMENT = 65_000

_MOST_CONNECTIONS = 65_536
_MOST_NAMES = 4096

#: Stand-ins of the ranges for documentation (RFC 5737, RFC 3849).
_SOURCES = {4: socket.inet_aton("192.0.2.1"), 16: socket.inet_pton(socket.AF_INET6, "2001:db8::1")}
_DESTINATIONS = {
    4: socket.inet_aton("192.0.2.2"),
    16: socket.inet_pton(socket.AF_INET6, "2001:db8::2"),
}
_MAPPED = bytes(10) + b"\xff\xff"
_PORT = 5060

_MACS = bytes.fromhex("020000000002 020000000001")
_ETHER_TYPES = {4: b"\x08\x00", 16: b"\x86\xdd"}


class Writable(Protocol):
    """A binary file object."""

    def write(self, data: bytes, /) -> int | None:
        """Write the bytes."""


_Connection = tuple[bytes, int, bytes, int]


class Writer(Output):
    """Writes `Record`s to a capture, as the packets that carried them.

        with sipfast.open("trace.pcapng") as capture, Writer("call.pcap") as writer:
            for record in capture:
                if sipfast.parse(record.data).call_id == wanted:
                    writer.write(record)

    `target` is a path, "-" for standard output, or a binary file object, which stays open. A file
    is written beside its path and renamed by `close`, so that it is complete or absent; an
    exception in the `with` block discards it. A file that is there already is replaced.

    Args:
        format: "pcap", "pcapng", or "sip" for concatenated messages; without it, the suffix of the
            path decides: `.pcap`, `.pcapng`, `.sip`.
        link: "ip" for packets of raw IP, or "ethernet".
        append: the file object has such a capture already, of the same format and link, and is at
            its end.

    Attributes:
        format: the format.
        written: the number of records so far.
        untimed: how many of them had a time that the format cannot hold, which is left out: a
            packet of pcap is at 1970-01-01 then.

    Raises:
        ValueError: the format is unknown.
        OSError: the file cannot be written.
    """

    def __init__(
        self,
        target: str | os.PathLike[str] | Writable,
        *,
        format: Format | None = None,
        link: Link = "ip",
        append: bool = False,
    ) -> None:
        self._place: Beside | None = None
        path = target if isinstance(target, str | os.PathLike) else getattr(target, "name", None)
        self.format = _format_of(path) if format is None else format
        if self.format not in get_args(Format):
            raise ValueError(f"unknown format {format!r}; known are {', '.join(get_args(Format))}")
        if link not in _LINK_TYPES:
            raise ValueError(f"unknown link {link!r}; known are {', '.join(_LINK_TYPES)}")
        self._link = link
        self.written = self.untimed = 0
        self._packed: dict[str, bytes | None] = {}
        self._connections: OrderedDict[_Connection, int] = OrderedDict()
        self._begun = 0
        self._is_closed = False
        if isinstance(target, str | os.PathLike):
            if append:
                raise ValueError("append needs a file object")
            self._place = Beside(target)
            self._file: Writable | IO[bytes] = self._place.file
        elif hasattr(target, "write"):
            self._file = target
        else:
            kind = type(target).__name__
            raise TypeError(f"target must be a path or a binary file object, not {kind}")
        if not append:
            try:
                self._write_header()
            except BaseException:
                self.discard()
                raise

    def write(self, record: Record) -> None:
        """Write the packet, or the packets, of a record."""
        if self._is_closed:
            raise ValueError("the writer is closed")
        time_ns, last = record.time_ns, _LAST.get(self.format)
        if time_ns is not None and last is not None and not 0 <= time_ns < last:
            record = record._replace(time_ns=None)
            self.untimed += 1
        if self.format == "sip":
            apart = b"\r\n" if bytes(record.data[-1:]) == b"\n" else b"\r\n\r\n"
            self._file.write(b"".join((record.data, apart)))
        elif (
            record.transport in (None, "UDP")
            and len(record.data) + record.is_cut <= _LONGEST_DATAGRAM
        ):
            self._datagram(record)
        else:
            self._segments(record)
        self.written += 1

    def close(self) -> None:
        """Complete the file, and put it into its place."""
        if not self._is_closed:
            self._is_closed = True
            if self._place is not None:
                self._place.close()
            elif hasattr(self._file, "flush"):
                self._file.flush()

    def discard(self) -> None:
        """Remove what was written, unless it went to a file object or standard output."""
        self._is_closed = True
        if self._place is not None:
            self._place.discard()

    def __repr__(self) -> str:
        return f"<Writer {self.format}, {self.written} records>"

    # ---- the file ----

    def _write_header(self) -> None:
        link_type = _LINK_TYPES[self._link]
        if self.format == "pcap":
            header = _PCAP.pack(_NANOSECONDS, 2, 4, 0, 0, _SNAP_LENGTH, link_type)
            self._file.write(header)
        elif self.format == "pcapng":
            section = Struct("<IHHq").pack(0x1A2B3C4D, 1, 0, -1)
            resolution = Struct("<HHB3xHH").pack(9, 1, 9, 0, 0)  # if_tsresol: nanoseconds
            interface = Struct("<HHI").pack(link_type, 0, _SNAP_LENGTH) + resolution
            self._file.write(_block(0x0A0D0D0A, section) + _block(1, interface))

    def _packet(self, time_ns: int | None, packet: bytes, lost: int) -> None:
        """Write a packet, of which `lost` bytes were not captured."""
        size = len(packet)
        if self.format == "pcap":
            seconds, nanoseconds = divmod(time_ns or 0, 10**9)
            self._file.write(_OF_PCAP.pack(seconds, nanoseconds, size, size + lost) + packet)
            return
        padded = packet + _PADDING[size & 3]
        if time_ns is None:
            # A simple packet block has no time, and states only the length on the wire; the packet
            # tells by itself that it was cut.
            self._file.write(_block(3, _SIMPLE.pack(size) + padded))
            return
        fields = 0, time_ns >> 32, time_ns & 0xFFFFFFFF, size, size + lost
        self._file.write(_block(6, _ENHANCED.pack(*fields) + padded))

    # ---- the packets ----

    def _datagram(self, record: Record) -> None:
        source, destination = self._addresses(record)
        data, lost = record.data, int(record.is_cut)
        ports = _port(record.source_port), _port(record.destination_port)
        size = 8 + len(data)
        header = _UDP.pack(*ports, size + lost, 0)
        # The checksum of a cut datagram is not known: none, which IPv4 allows.
        if not lost or len(source) == 16:
            sum_of = _sum(source, destination, _UDP_NUMBER, size, header, data)
            header = _UDP.pack(*ports, size + lost, sum_of)
        content = b"".join((header, data))
        self._packet(record.time_ns, *self._ip(source, destination, _UDP_NUMBER, content, lost))

    def _segments(self, record: Record) -> None:
        """A message over TCP; with a connection that begins, if the message begins one."""
        source, destination = self._addresses(record)
        sport, dport = _port(record.source_port), _port(record.destination_port)
        here, there = (source, sport, destination, dport), (destination, dport, source, sport)
        time_ns, data = record.time_ns, record.data
        number = self._connections.get(here)
        if number is None:
            self._begun += 1
            number = self._begun * 0x9E3779B1 & 0xFFFFFFFF  # far from those before
            self._segment(time_ns, here, number, 0, _SYN, b"")
            number += 1
            if len(self._connections) >= _MOST_CONNECTIONS:
                self._connections.popitem(last=False)
        acknowledged = self._connections.get(there, 0)
        flags = _PUSH_ACK if acknowledged else _PUSH
        for at in range(0, len(data), _LONGEST_SEGMENT):
            part = data[at : at + _LONGEST_SEGMENT]
            is_last = at + len(part) == len(data)
            lost = int(record.is_cut and is_last)
            self._segment(time_ns, here, number, acknowledged, flags, part, lost)
            number += len(part)
        if record.is_cut or not _is_framed(record):
            # Nothing tells where it ends: what follows is another connection.
            self._connections.pop(here, None)
            self._connections.pop(there, None)
        else:
            self._connections[here] = number & 0xFFFFFFFF
            self._connections.move_to_end(here)

    def _segment(
        self,
        time_ns: int | None,
        connection: _Connection,
        number: int,
        acknowledged: int,
        flags: int,
        data: bytes | memoryview,
        lost: int = 0,
    ) -> None:
        source, sport, destination, dport = connection
        fields = sport, dport, number & 0xFFFFFFFF, acknowledged, 0x50, flags, 65_535
        header = _TCP.pack(*fields, 0, 0)
        sum_of = _sum(source, destination, _TCP_NUMBER, 20 + len(data), header, data)
        content = b"".join((_TCP.pack(*fields, sum_of, 0), data))
        self._packet(time_ns, *self._ip(source, destination, _TCP_NUMBER, content, lost))

    def _ip(
        self, source: bytes, destination: bytes, protocol: int, content: bytes, lost: int
    ) -> tuple[bytes, int]:
        """The packet of a datagram or segment, of which `lost` bytes were not captured."""
        size = len(content) + lost
        if len(source) == 4:
            fields = 0x45, 0, 20 + size, 0, 0x4000, 64, protocol
            header = _IPV4.pack(*fields, 0, source, destination)
            header = _IPV4.pack(*fields, _folded(header), source, destination)
        else:
            header = _IPV6.pack(0x60000000, size, protocol, 64, source, destination)
        link = _MACS + _ETHER_TYPES[len(source)] if self._link == "ethernet" else b""
        return link + header + content, lost

    def _addresses(self, record: Record) -> tuple[bytes, bytes]:
        source, destination = self._packed_of(record.source), self._packed_of(record.destination)
        size = len(source or destination or b"1234")
        source = source or _SOURCES[size]
        destination = destination or _DESTINATIONS[size]
        if len(source) != len(destination):
            source, destination = _widened(source), _widened(destination)
        return source, destination

    def _packed_of(self, address: str | None) -> bytes | None:
        """The bytes of an address; None for another name of a host."""
        if address is None:
            return None
        if address not in self._packed:
            if len(self._packed) >= _MOST_NAMES:
                self._packed.clear()
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            try:
                packed = socket.inet_pton(family, address.partition("%")[0].strip("[]"))
            except (OSError, ValueError):
                packed = None
            self._packed[address] = packed
        return self._packed[address]


def _format_of(path: object) -> Format:
    if isinstance(path, str | os.PathLike):
        suffix = os.path.splitext(os.fspath(path))[1].lower()
        for format in get_args(Format):
            if suffix == f".{format}":
                known: Format = format
                return known
    raise ValueError("the suffix must be .pcap, .pcapng or .sip, or the argument format be given")


def _block(kind: int, body: bytes) -> bytes:
    """A block of a pcapng, whose body has its padding."""
    size = len(body) + 12
    return b"".join((_BLOCK.pack(kind, size), body, size.to_bytes(4, "little")))


def _port(port: int | None) -> int:
    return port if port is not None and 0 <= port <= 65_535 else _PORT


def _widened(address: bytes) -> bytes:
    """An address of IPv6 in place of one of IPv4 (RFC 4291 2.5.5.2)."""
    return address if len(address) == 16 else _MAPPED + address


def _folded(data: bytes) -> int:
    """The checksum of an even number of bytes (RFC 1071).

    2 ** 16 is 1 modulo 65535: the remainder of the bytes as a number is the sum of its words.
    """
    return 65_535 - int.from_bytes(data, "big") % 65_535


def _sum(
    source: bytes,
    destination: bytes,
    protocol: int,
    size: int,
    header: bytes,
    data: bytes | memoryview,
) -> int:
    """The checksum of a datagram or segment, with its pseudo-header (RFC 9293 3.1, 8200 8.1)."""
    pseudo = size.to_bytes(4, "big") + protocol.to_bytes(4, "big")
    odd = b"\0" if len(data) & 1 else b""
    return _folded(b"".join((source, destination, pseudo, header, data, odd)))


def _is_framed(record: Record) -> bool:
    """Whether the reader of a connection finds the end of the message by its Content-Length."""
    try:
        message = parse(record.data)
    except ParseError:
        return False
    try:
        return message.content_length == len(message.body) and record.data[0] not in b"\r\n"
    except ParseError:
        return False
