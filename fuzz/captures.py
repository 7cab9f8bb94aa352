"""The readers of captures: whatever a file holds, they end, count, and hand out what is there.

An input is a few bytes of choices, of which the first names the reader, then the file, the packet,
or the bytes of a connection.  For those that come in pieces, the other choices cut and order them.
"""

from __future__ import annotations

import contextlib
import io
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from typing import Literal

import capture_files as made
from log_files import LOGS

import sipfast
from fuzz.inputs import CHOICES
from sipfast.capture import CaptureError, Record, Writer, packets, reason_of
from sipfast.capture.base import Tally
from sipfast.capture.continued import Continued
from sipfast.capture.link import LINKS
from sipfast.capture.packets import Layers
from sipfast.capture.recognise import begins_like_sip

LINK_TYPES = (*LINKS, 252)
UDP_PORTS = (
    *(1194, 1701, 2152, 3544, 4341, 4500, 4754, 4789, 4790, 5060),
    *(5061, 5247, 6081, 6635, 8472, 9060, 37008, 40000, 51820),
)
PROTOCOLS = (4, 6, 17, 41, 47, 50, 51, 94, 97, 132, 137, 143, 1, 108)
HANDSHAKE = b"GET / HTTP/1.1\r\nSec-WebSocket-Protocol: sip\r\n\r\n"
MAGICS = (
    *(b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\x3c\x4d", b"\n\r\r\n", b"GMBU\0\2\1\0", b"HEP3"),
    *(b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18"),
)
FORMATS = tuple(LOGS)

LARGEST = 1 << 20
"""The most bytes of all records: only compression makes more of an input."""


class Wrong(AssertionError):
    """A record, or a count, contradicts the file."""


def check(data: memoryview | bytes) -> None:
    """Read an input as its first byte says, twice, the second time without the walk in C.

    Both times must give the same.
    """
    choices = bytes(data[:CHOICES]).ljust(CHOICES, b"\0")
    name = [*READERS][choices[0] % len(READERS)]
    content = READERS[name](choices[1:], bytes(data[CHOICES:]))
    try:
        capture = sipfast.open(content)
    except CaptureError:
        return
    with capture:
        records = list(capture)
        skipped = capture.skipped
        for record in records:
            sane(record, content)
        with in_python():
            again = list(capture)
        if again != records or capture.skipped != skipped:
            raise Wrong("the readings of C and Python differ")
        if not 0 <= capture.position <= capture.size:
            raise Wrong("a position outside the file")
        if sum(len(record.data) for record in records) > max(LARGEST, 4 * capture.size):
            raise Wrong("more bytes than the file has")
        for reason, count in skipped.items():
            if not reason_of(reason) or count < 1:
                raise Wrong(f"{count} of {reason}")
        if capture.format in ("pcap", "pcapng", "hep"):
            bit_by_bit(content, choices[-1], records, skipped)
        if records:
            rewritten(records, ("pcap", "pcapng")[choices[-1] % 2])


def bit_by_bit(content: bytes, size: int, records: list[Record], skipped: Counter[str]) -> None:
    """Check that a file that comes bit by bit, and a packet of HEP alone, read the same."""
    continued = Continued()
    found: list[Record] = []
    most = 1 + size * size
    for at in range(0, len(content), most):
        found += continued.feed(content[at : at + most])
    found += continued.close()
    if found != records or continued.skipped != skipped:
        raise Wrong("a file that comes bit by bit reads in another way")
    for record in found:
        if not record.data.readonly:
            raise Wrong("a record that can be written")
    readings = []
    for is_in_c in (True, False):
        with contextlib.nullcontext() if is_in_c else in_python():
            tally = Tally()
            readings.append(([*Layers(tally).copied(1, content, 0, 1)], tally.skipped))
    if readings[0] != readings[1]:
        raise Wrong("the readings of C and Python of a packet of HEP differ")


def rewritten(records: list[Record], format: Literal["pcap", "pcapng"]) -> None:
    """Check that what is written of records is read back, datagrams of SIP as they are."""
    file = io.BytesIO()
    with Writer(file, format=format) as writer:
        for record in records:
            writer.write(record)
    with sipfast.open(file.getvalue()) as capture:
        again = Counter(bytes(record.data) for record in capture)
    wanted = Counter(
        bytes(record.data)
        for record in records
        if record.transport == "UDP" and begins_like_sip(bytes(record.data), 0, len(record.data))
    )
    if wanted - again:
        raise Wrong("a datagram that was written is not read back")


@contextlib.contextmanager
def in_python() -> Iterator[None]:
    """Read all packets in Python, also those that C could read."""
    before = packets.can_walk
    packets.can_walk = lambda: False
    try:
        yield
    finally:
        packets.can_walk = before


def sane(record: Record, content: bytes) -> None:
    """Check a record against its file."""
    if record.data.obj is content:
        end = record.offset + len(record.data)
        if record.data != content[record.offset : end]:
            raise Wrong("a record's bytes are elsewhere")
    if not record.data.readonly or record.packet < 1 or record.offset < 0:
        raise Wrong(f"an odd record: {record}")
    for port in (record.source_port, record.destination_port):
        if port is not None and not 0 <= port <= 65535:
            raise Wrong(f"the port {port}")


def _link(choices: bytes, text: bytes) -> bytes:
    return made.pcap(text, link_type=LINK_TYPES[choices[0] % len(LINK_TYPES)])


def _magic(choices: bytes, text: bytes) -> bytes:
    return MAGICS[choices[0] % len(MAGICS)] + text


def _udp(choices: bytes, text: bytes) -> bytes:
    port = UDP_PORTS[choices[0] % len(UDP_PORTS)]
    return made.pcap(made.frame(text[:60_000], 40000, port))


def _ip(choices: bytes, text: bytes) -> bytes:
    protocol = PROTOCOLS[choices[0] % len(PROTOCOLS)]
    text = text[:60_000]
    if choices[1] & 1:
        return made.pcap(made.ipv6(text, following=protocol), link_type=made.RAW)
    return made.pcap(made.ipv4(text, protocol=protocol), link_type=made.RAW)


def _pcapng(choices: bytes, text: bytes) -> bytes:
    blocks = made.Pcapng("<>"[choices[0] & 1])
    return blocks.section() + blocks.interface(LINK_TYPES[choices[1] % len(LINK_TYPES)]) + text


def _pieces(choices: bytes, text: bytes, least: int = 1) -> list[tuple[int, bytes]]:
    """Cut a text, leave out, repeat, and order the pieces, each with its place."""
    random = Random(choices)
    longest = least * (1 + choices[0] % 64)
    pieces = []
    at = 0
    while at < len(text):
        size = random.randrange(least, longest + least, least)
        for _ in range(random.choice((0, 1, 1, 1, 1, 1, 1, 1, 1, 2)) if choices[1] & 1 else 1):
            end = at + size + least * (choices[1] & 2)
            pieces.append((at, text[at:end]))
        at += size
    if choices[1] & 4:
        keys = {id(piece): n + random.uniform(0, 4) for n, piece in enumerate(pieces)}
        pieces.sort(key=lambda piece: keys[id(piece)])
    return pieces


def _segments(choices: bytes, text: bytes) -> bytes:
    """A connection: SIP, HEP, or WebSocket after its handshake."""
    kind = choices[2] % 4
    text = text[:20_000]
    stream = {0: text, 1: text, 2: b"HEP3\0" + text, 3: HANDSHAKE + text}[kind]
    port = 5060 if kind == 0 else 8080
    first = (0, 2**32 - 50)[choices[2] >> 7]
    packets = [] if choices[2] & 64 else [(-1, b"")]
    packets += _pieces(choices, stream)
    return made.pcap(
        *(
            made.ipv4(
                made.tcp(piece, 40000, port, number=first + at, flags=2 if at < 0 else 24),
                protocol=made.TCP,
            )
            for at, piece in packets
        ),
        link_type=made.RAW,
    )


def _fragments(choices: bytes, text: bytes) -> bytes:
    """A fragmented datagram, of which the input is the beginning."""
    whole = made.udp(text[:20_000], 5060, UDP_PORTS[choices[2] % len(UDP_PORTS)])
    packets = []
    for at, piece in _pieces(choices, whole, 8):
        more = at + len(piece) < len(whole)
        if choices[2] & 128:
            header = made.fragment_header(made.UDP, at >> 3, more)
            packets.append(made.ipv6(header + piece, following=44))
        else:
            packets.append(made.ipv4(piece, fragment=more * 0x2000 | at >> 3))
    return made.pcap(*packets, link_type=made.RAW)


def _chunks(choices: bytes, text: bytes) -> bytes:
    """User messages of SCTP; the input is one of them, or the chunks of a packet."""
    if choices[2] & 1:
        packets = [bytes(12) + text[:60_000]]
    else:
        packets = made.in_chunks(text[:20_000], 1 + choices[0])
        Random(choices).shuffle(packets)
    return made.pcap(*(made.ipv4(packet, protocol=132) for packet in packets), link_type=made.RAW)


def _copy(choices: bytes, text: bytes) -> bytes:
    """Packets of HEP version 3 whose chunks the input begins, or ends."""
    usual = made.hep_3(made.OPTIONS)
    chunks = (text[:60_000] + usual[6:], usual[6:] + text[:60_000])[choices[0] & 1]
    return usual + b"HEP3" + (6 + len(chunks)).to_bytes(2, "big") + chunks + usual


def _log(choices: bytes, text: bytes) -> bytes:
    """A log of one message, and then of the text, as messages and as lines."""
    first, second = (LOGS[FORMATS[choice % len(FORMATS)]] for choice in choices[:2])
    content = first.write(first.messages[0], 0)
    for number, (at, piece) in enumerate(_pieces(choices[2:], text, 64), 1):
        content += piece if at % 3 == 0 else second.write(piece, number)
    return content


READERS: dict[str, Callable[[bytes, bytes], bytes]] = {
    "file": lambda choices, text: text,
    "magic": _magic,
    "pcap": lambda choices, text: made.pcap_header(LINK_TYPES[choices[0] % len(LINK_TYPES)]) + text,
    "pcapng": _pcapng,
    "link": _link,
    "ip": _ip,
    "udp": _udp,
    "segments": _segments,
    "fragments": _fragments,
    "chunks": _chunks,
    "log": _log,
    "copy": _copy,
}
"""How the bytes of an input become a file, by the reader that they are for."""
