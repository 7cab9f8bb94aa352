"""The same messages, through every container and every layer, come out equal.

The packets are made here: cut, put in another order, and repeated at random.
"""

from __future__ import annotations

import bz2
import gzip
import importlib
import lzma
import struct
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from typing import NamedTuple

import capture_files as made
import pytest
from capture_files import Pcapng, ethernet, ipv4, ipv6, tcp, udp

import sipfast
from bench_data.generate import messages as generated
from sipfast.capture import Record

BODY = b"OPTIONS sip:inside@example.com SIP/2.0\r\nCall-ID: inside\r\n\r\n"
MESSAGES = [
    *dict.fromkeys(generated(60)),
    b"MESSAGE sip:a@example.com SIP/2.0\r\nCall-ID: frag\r\nl : %d\r\n\r\n%s" % (len(BODY), BODY),
    b"PUBLISH sip:a@example.com SIP/2.0\r\nCall-ID: long\r\nContent-Length: 9000\r\n\r\n"
    + b"A line of text.\r\n" * 530,
]
MESSAGES[-1] = MESSAGES[-1][: MESSAGES[-1].index(b"\r\n\r\n") + 4 + 8998] + b"\r\n"
LARGE = [message for message in MESSAGES if len(message) > 600]
# A connection that lost a segment is read on at a line like a start line, also in a body.
OF_ENDS = [text for text in MESSAGES if text.endswith(b"\n") and not text.endswith(BODY)]


class Read(NamedTuple):
    found: list[bytes]
    records: list[Record]
    skipped: Counter[str]
    unread: Counter[str]


def opened(packets: list[bytes], link_type: int = made.ETHERNET) -> Read:
    with sipfast.open(made.pcap(*packets, link_type=link_type)) as capture:
        records = list(capture)
        found = [bytes(record.data) for record in records]
        return Read(found, records, capture.skipped, capture.unread)


# ---- containers ----


def _pcap(order: str, magic: int, unit: int) -> Callable[[list[bytes]], bytes]:
    def write(packets: list[bytes]) -> bytes:
        records = (
            made.pcap_record(packet, n, (n * 7_654_321 % 10**9) // unit, order)
            for n, packet in enumerate(packets)
        )
        return made.pcap_header(order=order, magic=magic) + b"".join(records)

    return write


def _pcapng(order: str, kind: str) -> Callable[[list[bytes]], bytes]:
    blocks = Pcapng(order)

    def write(packets: list[bytes]) -> bytes:
        odd = blocks.option(2, b"eth0") + blocks.option(1, b"?" * 3) + blocks.option(32_771, b"")
        nano = odd + blocks.resolution(9) + blocks.option(0, b"")
        late = blocks.resolution(0x80 | 10) + blocks.offset(5)
        interfaces = [blocks.interface(options=nano), blocks.interface(options=late)]
        found = [blocks.section(), *interfaces]
        for n, packet in enumerate(packets):
            time = n * 10**9 + n * 7_654_321 % 10**9
            if kind == "enhanced":
                found.append(blocks.enhanced(packet, 0, time))
            elif kind == "offset":
                found.append(blocks.enhanced(packet, 1, (n << 10) - (5 << 10) & 2**64 - 1))
            elif kind == "simple":
                found.append(blocks.simple(packet))
            elif kind == "obsolete":
                found.append(blocks.obsolete(packet, 0, time))
            else:  # a section for each packet, and what is not known between them
                other = Pcapng("<" if n % 2 else ">")
                found += [other.section(), other.block(5, bytes(20)), other.interface(options=b"")]
                found.append(other.enhanced(packet, 0, time // 1000))
        return b"".join(found)

    return write


CONTAINERS: dict[str, Callable[[list[bytes]], bytes]] = {
    "pcap": _pcap("<", made.MICRO, 1000),
    "pcap, big": _pcap(">", made.MICRO, 1000),
    "pcap, nano": _pcap("<", made.NANO, 1),
    "pcap, nano, big": _pcap(">", made.NANO, 1),
    **{
        f"pcapng, {kind}{', big' * (order == '>')}": _pcapng(order, kind)
        for kind in ("enhanced", "simple", "obsolete", "sections")
        for order in "<>"
    },
    "pcapng, offset": _pcapng("<", "offset"),
    "netmon": lambda packets: made.netmon(*packets),
    "snoop": lambda packets: made.snoop(*packets),
    "pcap, old": lambda packets: (
        b"\x34\xcd\xb2\xa1"
        + made.pcap_header()[4:]
        + b"".join(made.pcap_record(p)[:16] + bytes(8) + p for p in packets)
    ),
    "hep": lambda packets: b"".join(made.hep_3(packet[42:]) for packet in packets),
    "messages": lambda packets: b"".join(packet[42:] for packet in packets),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_containers(name: str) -> None:
    messages = MESSAGES[:-2]
    content = CONTAINERS[name]([made.frame(message) for message in messages])
    with sipfast.open(content) as capture:
        records = list(capture)
    assert [bytes(record.data) for record in records] == messages
    assert (capture.skipped, capture.position) == ({}, len(content))
    assert [record.packet for record in records] == list(range(1, len(messages) + 1))
    assert all(content[record.offset :][: len(record.data)] == record.data for record in records)
    exact = [n * 10**9 + n * 7_654_321 % 10**9 for n in range(len(messages))]
    micro = [time // 1000 * 1000 for time in exact]
    times: list[int | None]
    if "simple" in name or name == "messages":
        times = [None] * len(messages)
    elif "offset" in name:
        times = [n * 10**9 for n in range(len(messages))]
        times[:5] = [record.time_ns for record in records[:5]]  # before 1970
    elif name == "pcap, old":
        times = [0] * len(messages)
    elif name == "snoop":
        times = [n * 10**9 + 5000 for n in range(len(messages))]
    elif name == "netmon":
        times = [1_577_934_245_006_000_000 + n * 1000 for n in range(len(messages))]
    elif name == "hep":
        times = [10**9] * len(messages)
    else:
        is_exact = "nano" in name or "enhanced" in name or "obsolete" in name
        times = [*(exact if is_exact else micro)]
    assert [record.time_ns for record in records] == times


def _of_module(name: str, function: str) -> Callable[[bytes], bytes]:
    def compress(content: bytes) -> bytes:
        for module in name.split():
            try:
                found = importlib.import_module(module)
            except ModuleNotFoundError:
                continue
            packed: bytes = getattr(found, function)(content)
            return packed
        pytest.skip(f"needs {name}")

    return compress


COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": _of_module("compression.zstd backports.zstd", "compress"),
    "lz4": _of_module("lz4.frame", "compress"),
}
PLAIN = made.pcap(*(made.frame(message) for message in MESSAGES[:-1]))


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_compressed(name: str) -> None:
    compress = COMPRESSIONS[name]
    half = len(PLAIN) // 2
    for content in (
        compress(PLAIN),
        compress(PLAIN[:half]) + compress(PLAIN[half:]),  # two frames, as of a log that grew
        compress(PLAIN) + bytes(512),  # a tape
    ):
        with sipfast.open(content) as capture:
            assert [bytes(record.data) for record in capture] == MESSAGES[:-1]
        assert (capture.format, capture.compression, capture.size) == ("pcap", (name,), len(PLAIN))
        assert capture.skipped == {}


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_compressed_and_cut_or_damaged(name: str) -> None:
    content = COMPRESSIONS[name](PLAIN)
    found = 0
    for size in range(0, len(content), 97):
        try:
            with sipfast.open(content[:size]) as capture:
                messages = [bytes(record.data) for record in capture]
        except sipfast.capture.CaptureError:
            continue
        assert messages == MESSAGES[: len(messages)]
        assert capture.skipped["truncated compression"] == 1
        assert capture.unread["truncated compression"] == 1
        found = max(found, len(messages))
    # Some hand out whole blocks only, of which this is the first.
    assert found or name in ("bzip2", "lz4", "zstd", "xz")
    random = Random(7)
    for _ in range(60):
        damaged = bytearray(content)
        damaged[random.randrange(6, len(content))] ^= 1 << random.randrange(8)
        try:
            with sipfast.open(bytes(damaged)) as capture:
                list(capture)
        except sipfast.capture.CaptureError:
            continue


def test_compressed_again() -> None:
    content = gzip.compress(lzma.compress(bz2.compress(gzip.compress(PLAIN))))
    with sipfast.open(content) as capture:
        assert len(list(capture)) == len(MESSAGES) - 1
        assert capture.compression == ("gzip", "xz", "bzip2", "gzip")
    with pytest.raises(sipfast.capture.CaptureError, match="compressed too often"):
        sipfast.open(gzip.compress(content))


def test_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from sipfast.capture.files import compressed

    monkeypatch.setattr(compressed, "_SMALL", 1 << 20)
    for content in (bz2.compress(bytes(8 << 20)), gzip.compress(gzip.compress(bytes(64 << 20)))):
        with pytest.raises(sipfast.capture.CaptureError, match="by a factor of over a thousand"):
            sipfast.open(content)


@pytest.mark.parametrize(
    ("name", "content"), [("zstd", b"\x28\xb5\x2f\xfd"), ("lz4", b"\x04\x22\x4d\x18")]
)
def test_a_missing_library_names_the_extra(
    name: str, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(module: str) -> None:
        raise ModuleNotFoundError(module)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(
        sipfast.capture.CaptureError,
        match=rf"^compressed with {name}, which needs pip install .*{name}",
    ):
        sipfast.open(content + bytes(9))


# ---- layers ----


def _in(layer: Callable[[bytes], bytes]) -> Callable[[list[bytes]], list[bytes]]:
    return lambda packets: [layer(packet) for packet in packets]


def _sctp(data: bytes) -> bytes:
    return made.in_chunks(data, 100_000)[0]


LAYERS: dict[str, tuple[int, Callable[[bytes], bytes]]] = {
    "ethernet": (1, lambda data: made.frame(data)),
    "IPv6": (1, lambda data: ethernet(ipv6(udp(data)), made.IPV6)),
    "VLAN": (1, lambda data: ethernet(ipv4(udp(data)), tags=(made.QINQ, made.VLAN))),
    "MPLS": (1, lambda data: ethernet(bytes.fromhex("0006400000010140") + ipv4(udp(data)), 0x8847)),
    "PPPoE": (1, lambda data: ethernet(made.pppoe(ipv4(udp(data))), made.PPPOE)),
    "PPPoE link": (51, lambda data: made.pppoe(ipv4(udp(data)))),
    "PPP": (9, lambda data: b"\xff\x03\0\x57" + ipv6(udp(data))),
    "SNAP": (
        1,
        lambda data: ethernet(
            b"\xaa\xaa\x03\0\0\0\x08\0" + ipv4(udp(data)), min(1500, len(data) + 36)
        ),
    ),
    "cooked": (113, lambda data: made.cooked(ipv4(udp(data)))),
    "cooked 2": (276, lambda data: made.cooked_2(ipv6(udp(data)), made.IPV6)),
    "raw": (101, lambda data: ipv4(udp(data))),
    "null": (0, lambda data: made.loopback(ipv6(udp(data)), 30)),
    "loop": (108, lambda data: made.loopback(ipv4(udp(data)), order=">")),
    "wifi": (105, lambda data: made.wifi(ipv4(udp(data)))),
    "radiotap": (127, lambda data: b"\0\0\x0c\0" + bytes(8) + made.wifi(ipv4(udp(data)), qos=True)),
    "nflog": (239, lambda data: made.nflog(ipv4(udp(data)))),
    "nflog, big": (239, lambda data: made.nflog(ipv6(udp(data)), ">")),
    "exported": (252, made.exported),
    "exported, TCP": (252, lambda data: made.exported(data, port_type=2)),
    "exported, IP": (252, lambda data: made.exported(ipv4(udp(data)), b"ip")),
    "options": (1, lambda data: ethernet(ipv4(udp(data), options=b"\x01" * 8))),
    "extensions": (
        1,
        lambda data: ethernet(
            ipv6(made.extension(60) + made.extension(17, 1) + udp(data), following=0), made.IPV6
        ),
    ),
    "HDLC": (104, lambda data: b"\x0f\0\x08\0" + ipv4(udp(data))),
    "frame relay": (107, lambda data: b"\x18\x41\x03\xcc" + ipv4(udp(data))),
    "frame relay, SNAP": (
        107,
        lambda data: b"\x18\x41\x03\0\x80\0\0\0\x86\xdd" + ipv6(udp(data)),
    ),
    "token ring": (
        6,
        lambda data: b"\x10\x40" + bytes(12) + b"\xaa\xaa\x03\0\0\0\x08\0" + ipv4(udp(data)),
    ),
    "FDDI": (10, lambda data: b"\x50" + bytes(12) + b"\xaa\xaa\x03\0\0\0\x08\0" + ipv4(udp(data))),
    "ATM": (100, lambda data: b"\xaa\xaa\x03\0\0\0\x86\xdd" + ipv6(udp(data))),
    "PPP with direction": (204, lambda data: b"\0\xff\x03\0\x21" + ipv4(udp(data))),
    "FireWire": (138, lambda data: bytes(16) + b"\x08\0" + ipv4(udp(data))),
    "Prism": (119, lambda data: b"\x44\0\0\0\x90\0\0\0" + bytes(136) + made.wifi(ipv4(udp(data)))),
    "AVS": (163, lambda data: b"\x80\x21\x10\1\0\0\0\x40" + bytes(56) + made.wifi(ipv4(udp(data)))),
    "PPI": (192, lambda data: b"\0\0\x08\0\x01\0\0\0" + made.frame(data)),
    "PKTAP": (
        258,
        lambda data: struct.pack("<III", 108, 1, 1) + bytes(96) + made.frame(data),
    ),
    "PKTAP, null": (
        258,
        lambda data: struct.pack("<III", 60, 1, 0) + bytes(48) + made.loopback(ipv6(udp(data)), 30),
    ),
    "PFLOG": (117, lambda data: b"\x3d\2\0\0em0" + bytes(57) + ipv4(udp(data))),
    "PFLOG, IPv6": (117, lambda data: b"\x48\x18\0\0em0" + bytes(65) + ipv6(udp(data))),
    "ENC": (109, lambda data: b"\2\0\0\0" + bytes(8) + ipv4(udp(data))),
    "ENC, IPv6": (109, lambda data: b"\0\0\0\x18" + bytes(8) + ipv6(udp(data))),
    "VN-Tag": (1, lambda data: ethernet(bytes(4) + b"\x08\0" + ipv4(udp(data)), 0x8926)),
    "802.1BR": (1, lambda data: ethernet(bytes(6) + b"\x08\0" + ipv4(udp(data)), 0x893F)),
    "802.1CB": (1, lambda data: ethernet(bytes(4) + b"\x08\0" + ipv4(udp(data)), 0xF1C1)),
    "IP in IP": (1, lambda data: ethernet(ipv4(ipv4(udp(data)), protocol=4))),
    "6in4": (1, lambda data: ethernet(ipv4(ipv6(udp(data)), protocol=41))),
    "GRE": (1, lambda data: ethernet(ipv4(b"\0\0\x08\0" + ipv4(udp(data)), protocol=47))),
    "ERSPAN": (
        1,
        lambda data: ethernet(
            ipv4(b"\x10\0\x88\xbe\0\0\0\1\x10" + bytes(7) + made.frame(data), protocol=47)
        ),
    ),
    "VXLAN": (1, lambda data: made.frame(b"\x08" + bytes(7) + made.frame(data), 40000, 4789)),
    "GTP-U": (
        1,
        lambda data: made.frame(
            b"\x30\xff" + struct.pack(">HI", len(data) + 28, 7) + ipv4(udp(data)), 2152, 2152
        ),
    ),
    "VXLAN in GRE in VXLAN": (
        1,
        lambda data: made.frame(
            b"\x08"
            + bytes(7)
            + ethernet(
                ipv4(
                    b"\0\0\x65\x58" + made.frame(b"\x08" + bytes(7) + made.frame(data), 1, 4789),
                    protocol=47,
                )
            ),
            40000,
            4789,
        ),
    ),
    "ESP": (1, lambda data: ethernet(ipv4(made.esp(udp(data)), protocol=50))),
    "ESP of IPv6": (
        1,
        lambda data: ethernet(ipv6(made.esp(ipv4(udp(data)), 4, 16), following=50), 0x86DD),
    ),
    "SCTP": (1, lambda data: ethernet(ipv4(_sctp(data), protocol=132))),
    "HEP 1": (1, lambda data: made.frame(made.hep_2(data, 1), 40000, 9060)),
    "HEP 2": (1, lambda data: made.frame(made.hep_2(data), 40000, 9060)),
    "HEP 3": (1, lambda data: made.frame(made.hep_3(data), 40000, 9060)),
    "HEP 3, zlib": (1, lambda data: made.frame(made.hep_3(zlib.compress(data), kind=16), 40000, 1)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name: str) -> None:
    link_type, wrap = LAYERS[name]
    messages = [message for message in MESSAGES if name != "SNAP" or len(message) < 1400]
    if name == "SCTP":  # each has its number
        packets = [
            ethernet(ipv4(made.in_chunks(message, 100_000, number=n)[0], protocol=132))
            for n, message in enumerate(messages)
        ]
    else:
        packets = [wrap(message) for message in messages]
    read = opened(packets, link_type)
    assert read.found == messages
    assert read.skipped == {}
    for record in read.records:
        version = 6 if record.source and ":" in record.source else 4
        hosts = ("192.0.2.1", "192.0.2.2") if version == 4 else ("2001:db8::1", "2001:db8::2")
        assert (record.source, record.destination) == hosts
        assert (record.source_port, record.destination_port) == (5060, 5060)
        kind = "SCTP" if name == "SCTP" else "TCP" if name == "exported, TCP" else "UDP"
        assert record.transport == kind
        assert not record.is_cut


@pytest.mark.parametrize("name", [name for name in LAYERS if LAYERS[name][0] == 1])
def test_layers_cut_at_every_byte(name: str) -> None:
    message = MESSAGES[0]
    packet = LAYERS[name][1](message)
    for size in range(len(packet)):
        read = opened([packet[:size]])
        if read.found:
            assert message.startswith(read.found[0])
            assert read.records[0].is_cut or read.found == [message]
        else:
            assert read.skipped.total() == 1
            # Eight bytes of ESP and nothing after it, as in a keep-alive of four NULs.
            assert read.unread.total() == 1


# ---- fragments ----


def _shuffled(random: Random, packets: list[bytes], window: int) -> list[bytes]:
    """Each packet moves by less than `window` places."""
    keys = [n + random.uniform(0, window) for n in range(len(packets))]
    return [
        packet for _, packet in sorted(zip(keys, packets, strict=True), key=lambda pair: pair[0])
    ]


@pytest.mark.parametrize("seed", range(12))
def test_fragments_in_any_order(seed: int) -> None:
    random = Random(seed)
    window = random.choice((1, 30, 400))
    packets: list[bytes] = []
    for n, message in enumerate(LARGE):
        size = 8 * random.randrange(3, 180)
        cut = made.in_fragments if random.random() < 0.5 else made.in_fragments_6
        pieces = cut(udp(message), size, identification=n)
        last = []
        if (
            window == 1 and pieces[1:] and random.random() < 0.5
        ):  # the same bytes, in other pieces, before the end
            last = [pieces.pop()]
            pieces += cut(udp(message), 8 * random.randrange(3, 180), identification=n)[:-1]
        random.shuffle(pieces)
        pieces += last
        packets += [piece for piece in pieces for _ in range(random.choice((1, 1, 1, 2)))]
    read = opened(_shuffled(random, packets, window))
    first = [bytes(record.data) for record in read.records if not record.is_duplicate]
    assert Counter(first) == Counter(LARGE)
    assert not any(record.is_cut for record in read.records)
    assert read.skipped.keys() <= {"repeated fragment"}


def test_fragments_within_tunnels_and_of_tunnels() -> None:
    inner = [
        piece
        for n, message in enumerate(LARGE)
        for piece in made.in_fragments(udp(message), 400, identification=n)
    ]
    tunnel = [
        piece
        for n, packet in enumerate(inner)
        for piece in made.in_fragments(
            udp(b"\x08" + bytes(7) + packet, 40000, 4789), 208, identification=n
        )
    ]
    read = opened(tunnel)
    assert (read.found, read.skipped) == (LARGE, {})


# ---- TCP ----


class Sent:
    """A connection of random segments."""

    def __init__(self, random: Random, number: int, texts: list[bytes], *, has_syn: bool) -> None:
        self.address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        self.port = random.choice((5060, 5061, 8080, 40001))
        self.stream = b"".join(texts)
        self.first = random.choice((0, 2**32 - random.randrange(1, 5000), random.randrange(2**32)))
        longest = random.choice((1, 7, 100, 1460, 9000))
        self.longest = max(longest, len(self.stream) // 300 + 1)
        self.random = random
        self.has_syn = has_syn

    def packet(self, start: int, end: int, flags: int = 0x18) -> bytes:
        number = self.first + start
        segment = tcp(self.stream[start:end], 40000, self.port, flags=flags, number=number)
        return ethernet(ipv4(segment, protocol=6, source=self.address))

    def segments(self) -> Iterator[tuple[int, int]]:
        at = 0
        while at < len(self.stream):
            end = min(len(self.stream), at + self.random.randrange(1, self.longest + 1))
            yield at, end
            at = end

    def packets(self) -> list[bytes]:
        random = self.random
        packets: list[bytes] = []
        for start, end in self.segments():
            packets.append(self.packet(start, end))
            chance = random.random()
            if chance < 0.05:  # the same again
                packets.append(self.packet(start, end))
            elif chance < 0.1:  # what came before, and more
                packets.append(self.packet(max(0, start - random.randrange(99)), end))
            elif chance < 0.15:  # of what comes next
                after = random.randrange(1, 99)
                packets.append(self.packet(start, min(len(self.stream), end + after)))
            elif chance < 0.2:  # what comes next, first
                at = min(len(self.stream), end + random.randrange(99))
                packets.append(self.packet(at, min(len(self.stream), at + 50)))
        if not self.has_syn:
            kept = packets[:2]
            return kept + _shuffled(random, packets[2:], random.choice((1, 3, 10)))
        syn = ethernet(
            ipv4(
                tcp(b"", 40000, self.port, flags=2, number=self.first - 1),
                protocol=6,
                source=self.address,
            )
        )
        fin = self.packet(len(self.stream), len(self.stream), 0x11)
        return [syn, *_shuffled(random, packets, random.choice((1, 3, 10))), fin]


def _mixed(random: Random, lists: list[list[bytes]]) -> list[bytes]:
    """All packets, each list in its order."""
    order = [n for n, packets in enumerate(lists) for _ in packets]
    random.shuffle(order)
    rest = [iter(packets) for packets in lists]
    return [next(rest[n]) for n in order]


@pytest.mark.parametrize("seed", range(25))
def test_connections_in_any_order(seed: int) -> None:
    random = Random(seed)
    sent: dict[str, list[bytes]] = {}
    lists = []
    for number in range(6):
        texts = random.sample(MESSAGES, 8)
        connection = Sent(random, number, texts, has_syn=random.random() < 0.7)
        sent[connection.address] = texts
        lists.append(connection.packets())
    found: dict[str, list[bytes]] = {address: [] for address in sent}
    content = made.pcap(*_mixed(random, lists))
    with sipfast.open(content) as capture:
        for record in capture:
            assert record.source
            assert content[record.offset] == record.data[0]
            assert (record.transport, record.is_cut) == ("TCP", False)
            found[record.source].append(bytes(record.data))
    assert found == sent
    assert capture.skipped.keys() <= {"tcp", "repeated segment", "keep-alive"}


@pytest.mark.parametrize("seed", range(25))
def test_lost_segments(seed: int) -> None:
    """Each message of which nothing was lost is found, and no other."""
    random = Random(seed)
    texts = random.sample(OF_ENDS, 20)
    connection = Sent(random, 1, texts, has_syn=True)
    connection.longest = max(connection.longest, 200)
    lost: list[tuple[int, int]] = []
    packets = []
    for start, end in connection.segments():
        if start and end < len(connection.stream) and random.random() < 0.1:
            lost.append((start, end))
        else:
            packets.append(connection.packet(start, end))
    packets = _shuffled(random, packets, random.choice((1, 3)))
    begun = ethernet(
        ipv4(
            tcp(b"", 40000, connection.port, flags=2, number=connection.first - 1),
            protocol=6,
            source=connection.address,
        )
    )
    with sipfast.open(made.pcap(begun, *packets)) as capture:
        records = list(capture)
    found = [bytes(record.data) for record in records if not record.is_cut]
    at = 0
    complete = []
    for text in texts:
        if not any(start < at + len(text) and end > at for start, end in lost):
            complete.append(text)
        at += len(text)
    assert [text for text in found if text in texts] == complete
    assert [text for text in found if text not in texts] == []
    assert capture.unread.keys() <= {"lost segment", "SIP over TCP"}
    assert bool(lost) == ("lost segment" in capture.unread)


def test_ten_thousand_connections_at_once() -> None:
    message = made.OPTIONS
    first, second = [], []
    for n in range(10_000):
        connection = Sent(Random(n), n, [message], has_syn=False)
        connection.port = 5060
        first.append(connection.packet(0, 60))
        second.append(connection.packet(60, len(message)))
    read = opened([*first, *second])
    assert read.found == [message] * 10_000
    assert read.skipped == {}


def test_more_connections_than_are_kept_are_cut_and_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sipfast.capture.tcp.MOST_CONNECTIONS", 10)
    packets = []
    for n in range(12):
        connection = Sent(Random(n), n, [made.OPTIONS], has_syn=False)
        connection.port = 5060
        packets.append(connection.packet(0, 60))
    with sipfast.open(made.pcap(*packets)) as capture:
        records = list(capture)
    assert [bytes(record.data) for record in records] == [made.OPTIONS[:60]] * 12
    assert [record.source for record in records] == [f"10.0.0.{n}" for n in range(12)]
    assert all(record.is_cut for record in records)


# ---- SCTP ----


@pytest.mark.parametrize("seed", range(8))
def test_chunks_in_any_order(seed: int) -> None:
    random = Random(seed)
    number = random.choice((0, 2**32 - 20, random.randrange(2**32)))
    packets: list[bytes] = []
    for message in MESSAGES:
        pieces = made.in_chunks(message, random.choice((90, 400, 1400, 20_000)), number=number)
        number += len(pieces)
        packets += [piece for piece in pieces for _ in range(random.choice((1, 1, 2)))]
    wrapped = [ethernet(ipv4(packet, protocol=132)) for packet in _shuffled(random, packets, 12)]
    read = opened(wrapped)
    assert Counter(read.found) == Counter(MESSAGES)
    assert read.skipped.keys() <= {"repeated chunk"}
    assert {record.transport for record in read.records} == {"SCTP"}


# ---- WebSocket, and HEP over TCP ----


def _frame(
    data: bytes, opcode: int, *, is_final: bool = True, mask: bytes = b"", flags: int = 0
) -> bytes:
    size = len(data)
    masked = 0x80 if mask else 0
    if size < 126:
        length = bytes([masked | size])
    elif size < 65536:
        length = bytes([masked | 126]) + struct.pack(">H", size)
    else:
        length = bytes([masked | 127]) + struct.pack(">Q", size)
    text = bytes(byte ^ mask[n % 4] for n, byte in enumerate(data)) if mask else data
    return bytes([is_final << 7 | flags | opcode]) + length + mask + text


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("deflate", [False, True], ids=["plain", "deflate"])
def test_websockets(seed: int, deflate: bool) -> None:
    random = Random(seed)
    head = b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: sip\r\n\r\n"
    compressor = zlib.compressobj(wbits=-15)
    frames = [head]
    for message in MESSAGES:
        mask = random.randbytes(4) if random.random() < 0.8 else b""
        text = message
        if deflate:
            text = compressor.compress(message) + compressor.flush(zlib.Z_SYNC_FLUSH)
            assert text.endswith(b"\0\0\xff\xff")
            text = text[:-4]
        cut = random.randrange(len(text)) if random.random() < 0.5 else len(text)
        flags = 0x40 if deflate else 0
        opcode = random.choice((1, 2))
        frames.append(_frame(text[:cut], opcode, is_final=cut == len(text), mask=mask, flags=flags))
        if random.random() < 0.2:
            frames.append(_frame(b"ping", 9, mask=mask))
        if cut < len(text):
            frames.append(_frame(text[cut:], 0, mask=mask))
    connection = Sent(random, 1, frames, has_syn=True)
    connection.longest = random.choice((200, 1460))
    connection.port = 8080
    read = opened(connection.packets())
    assert read.found == MESSAGES
    assert {record.transport for record in read.records} == {"WS"}
    assert read.skipped.keys() <= {"tcp", "repeated segment", "keep-alive"}


def test_a_websocket_without_its_handshake() -> None:
    frames = [_frame(message, 1, mask=b"\1\2\3\4") for message in MESSAGES]
    read = opened(made.in_segments(frames, 8080)[1:])
    assert (read.found, read.skipped) == (MESSAGES, {})


def test_hep_over_tcp() -> None:
    stream = b"".join(made.hep_3(message, source="10.9.9.9") for message in MESSAGES)
    texts = [stream[at : at + 333] for at in range(0, len(stream), 333)]
    read = opened(made.in_segments(texts, 9060))
    assert read.found == MESSAGES
    assert {(record.source, record.transport) for record in read.records} == {("10.9.9.9", "UDP")}


# ---- duplicates ----


def test_duplicates_are_marked() -> None:
    content = made.pcap_header()
    expected = []
    for n, message in enumerate(MESSAGES):
        for later, is_duplicate in ((0, False), (4999, True), (5001 * 2, False)):
            content += made.pcap_record(made.frame(message), n, later)
            expected.append(is_duplicate)
    content += made.pcap_record(made.frame(MESSAGES[-1], 5062), n, later)
    expected.append(False)
    with sipfast.open(content) as capture:
        assert [record.is_duplicate for record in capture] == expected


# ---- bombs ----


def test_what_inflates_too_far_is_not_read() -> None:
    bomb = zlib.compress(MESSAGES[0] + b" " * 100_000)
    read = opened([made.frame(made.hep_3(bomb, kind=16), 40000, 9060)])
    assert (read.found, read.unread) == ([], {"malformed HEP": 1})
    deflate = zlib.compressobj(wbits=-15)
    text = deflate.compress(MESSAGES[0] + b" " * 100_000) + deflate.flush(zlib.Z_SYNC_FLUSH)
    head = b"GET / HTTP/1.1\r\nSec-WebSocket-Protocol: sip\r\n\r\n"
    stream = head + _frame(text[:-4], 1, flags=0x40) + _frame(MESSAGES[1], 1)
    read = opened(made.in_segments([stream], 8080))
    assert (read.found, read.unread) == ([], {"SIP over WebSocket": 1})
