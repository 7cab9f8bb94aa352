"""The files that are read: the same messages in a capture, over TCP, in text logs, compressed."""

from __future__ import annotations

import gzip
import shutil
import struct
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from bench_data import generate
from bench_data.traffic import datagrams
from bench_data.traffic.capture import PCAP_HEADER, Frame, record
from bench_data.traffic.exchange import SECOND, Sent
from bench_data.traffic.packets import ACK, PSH, SYN, segment
from benchmarks.instructions import ROOT

BYTES_A_MESSAGE = 800
"""Of a capture, generously."""
_SEGMENT = 1460
"""The most bytes of a segment of TCP over Ethernet."""


class File(NamedTuple):
    """A file, and the messages in it."""

    path: Path
    messages: int
    packets: int = 0

    @property
    def size(self) -> int:
        """Its bytes."""
        return self.path.stat().st_size


def traffic(count: int) -> list[Sent]:
    """The first messages of the generator."""
    return list(generate.sent_messages(count))


def udp(folder: Path, sent: Sequence[Sent], count: int | None = None) -> File:
    """Write a capture of these messages, repeated with other identities up to `count`."""
    path = folder / f"udp-{len(sent) if count is None else count}.pcap"
    with path.open("wb") as out:
        datagrams.write(out, sent, len(sent) if count is None else count)
    return File(path, len(sent) if count is None else count)


def zipped(file: File) -> File:
    """Compress a file with gzip."""
    path = file.path.with_name(f"{file.path.name}.gz")
    with file.path.open("rb") as whole, gzip.open(path, "wb", compresslevel=6) as out:
        shutil.copyfileobj(whole, out, 1 << 20)
    return file._replace(path=path)


def room(folder: Path, size: int) -> str | None:
    """Return why a file of `size` bytes cannot be written into a folder, or None."""
    free = shutil.disk_usage(folder).free
    if free >= 1.2 * size:
        return None
    return f"{folder} has {free / 1e9:.1f} GB free, and {1.2 * size / 1e9:.1f} are needed"


# ---- TCP


class _Side:
    """One direction of a connection, from its sender to its receiver."""

    def __init__(self, sender: tuple[str, int], receiver: tuple[str, int], number: int) -> None:
        self.addresses = ip_address(sender[0]), ip_address(receiver[0])
        self.ports = sender[1], receiver[1]
        self.number = number
        self.held = b""

    def segments(self, other: _Side, flags: int, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The frames of these bytes, each piece in as many as it needs."""
        for piece in pieces:
            for at in range(0, len(piece) or 1, _SEGMENT):
                payload = piece[at : at + _SEGMENT]
                numbers = self.number, other.number if flags & ACK else 0
                yield segment(*self.addresses, self.ports, numbers, flags, payload)
                self.number += len(payload) + (flags & SYN > 0)


def tcp(folder: Path, sent: Sequence[Sent]) -> File:
    """Write a capture of these messages over TCP, in order.

    Of three messages of a connection, one is a segment, one waits for the next and is sent with it,
    one is in two segments.
    """
    path = folder / "tcp.pcap"
    sides: dict[tuple[tuple[str, int], tuple[str, int]], _Side] = {}
    packets = 0
    with path.open("wb") as out:

        def put(at: int, frames: Iterable[bytes]) -> None:
            nonlocal packets
            for frame in frames:
                out.write(record(Frame(at, frame)))
                packets += 1

        out.write(PCAP_HEADER)
        for turn, one in enumerate(sent):
            sender, receiver = ((end.seen_host, end.seen_port) for end in (one.source, one.target))
            if (sender, receiver) not in sides:
                ours = sides[sender, receiver] = _Side(sender, receiver, 1000 * turn + 1)
                theirs = sides[receiver, sender] = _Side(receiver, sender, 1000 * turn + 501)
                put(one.at, ours.segments(theirs, SYN, [b""]))
                put(one.at, theirs.segments(ours, SYN | ACK, [b""]))
                put(one.at, ours.segments(theirs, ACK, [b""]))
            ours, theirs = sides[sender, receiver], sides[receiver, sender]
            data, ours.held = ours.held + one.data, b""
            if turn % 3 == 1:
                ours.held = data
                continue
            half = len(data) // 2 if turn % 3 == 2 else len(data)
            put(one.at, ours.segments(theirs, ACK | PSH, filter(None, (data[:half], data[half:]))))
        for (sender, receiver), ours in sides.items():
            if ours.held:
                theirs = sides[receiver, sender]
                put(sent[-1].at, ours.segments(theirs, ACK | PSH, [ours.held]))
    return File(path, len(sent), packets)


# ---- text


def concatenated(folder: Path, messages: Sequence[bytes]) -> File:
    """Write the messages one after another."""
    path = folder / "messages.sip"
    path.write_bytes(b"".join(messages))
    return File(path, len(messages))


def logs(folder: Path, messages: Sequence[bytes]) -> dict[str, File]:
    """Write a log of each format of docs/logs.md; those that show text only, without the rest."""
    tests = str(ROOT / "tests")
    if tests not in sys.path:
        sys.path.append(tests)
    from log_files import LOGS, MESSAGES

    files: dict[str, File] = {}
    for written in LOGS.values():
        if written.format in files:
            continue
        shown = messages
        if len(written.messages) < len(MESSAGES):
            shown = [one for one in messages if one.isascii()]
        path = folder / f"{written.format}.log"
        with path.open("wb") as out:
            out.writelines(written.write(one, number) for number, one in enumerate(shown))
        files[written.format] = File(path, len(shown))
    return files


# ---- the captures of others

_ETHERNET, _RAW, _COOKED, _NULL = 1, (12, 101, 228, 229), 113, (0, 108)
_KINDS = {4: b"\x08\x00", 6: b"\x86\xdd"}
_NO_MACS = bytes.fromhex("020000000002020000000001")


def _as_ethernet(link: int, packet: bytes) -> bytes | None:
    """The frame of a packet of another link type, or None."""
    if link == _ETHERNET:
        return packet
    if link == _COOKED:
        return _NO_MACS + packet[14:]
    inner = packet if link in _RAW else packet[4:] if link in _NULL else b""
    kind = _KINDS.get(inner[0] >> 4) if inner else None
    return None if kind is None else _NO_MACS + kind + inner


def _is_udp(frame: bytes) -> bool:
    at = 12
    while frame[at : at + 2] in (b"\x81\x00", b"\x88\xa8"):
        at += 4
    kind, packet = frame[at : at + 2], frame[at + 2 :]
    if kind == _KINDS[4]:
        return packet[9:10] == b"\x11"
    return kind == _KINDS[6] and packet[6:7] == b"\x11"


def packets_of(path: Path) -> list[tuple[float, bytes]]:
    """The packets of UDP in a capture, as Ethernet, each with its time; none of another file."""
    import dpkt

    found = []
    with path.open("rb") as file:
        try:
            reader = dpkt.pcap.UniversalReader(file)
            link = reader.datalink()
            for at, packet in reader:
                frame = _as_ethernet(link, packet)
                if frame is not None and _is_udp(frame):
                    found.append((float(at), frame))
        except (ValueError, dpkt.Error, struct.error):
            pass  # of another format, or cut
    return found


def captured(
    folder: Path, shared: Path, messages_in: Callable[[Path], int], count: int
) -> File | None:
    """Write the captures of a folder as one, repeated until it has `count` messages.

    None if it has none.
    """
    paths = sorted(path for path in shared.rglob("*") if path.is_file())
    packets = [packet for path in paths for packet in packets_of(path)]
    path = folder / "captures.pcap"

    def write(turns: int) -> None:
        with path.open("wb") as out:
            out.write(PCAP_HEADER)
            for turn in range(turns):
                for at, frame in packets:
                    micros = round(at * SECOND) + turn * 60 * SECOND
                    out.write(record(Frame(micros, frame)))

    write(1)
    once = messages_in(path)
    if not once:
        return None
    turns = -(-count // once)
    write(turns)
    return File(path, turns * once, turns * len(packets))
