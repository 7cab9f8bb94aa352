"""HEP over UDP and TCP on the loopback interface."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest
from capture_files import OPTIONS, hep_2, hep_3
from live_calls import no_descriptors

from sipfast.capture import Record
from sipfast.live import HepTcp, HepUdp, Live
from sipfast.live import hep as module

LONG = OPTIONS[:-2] + b"Subject: " + b"x" * 30_000 + b"\r\n\r\n"


@pytest.fixture
def udp() -> Iterator[HepUdp]:
    source = HepUdp("127.0.0.1", 0)
    yield source
    source.close()


@pytest.fixture
def tcp() -> Iterator[HepTcp]:
    source = HepTcp("127.0.0.1", 0)
    yield source
    source.close()


def received(source: HepUdp | HepTcp, most: int, seconds: float = 5) -> list[Record]:
    live = Live([source])
    found: list[Record] = []
    end = time.monotonic() + seconds
    for record in live:
        if record is not None:
            found.append(record)
        if len(found) >= most or time.monotonic() > end:
            live.stop()
    return found


def sent(source: HepUdp, *packets: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for packet in packets:
            sender.sendto(packet, source.address)


def test_datagrams(udp: HepUdp) -> None:
    packets = [hep_3(OPTIONS), hep_2(OPTIONS), b"hello", hep_3(OPTIONS, kind=16, content=5)]
    sent(udp, *packets, hep_3(OPTIONS, protocol=6))
    first, second, third = received(udp, 3)
    assert bytes(first.data) == OPTIONS
    assert (first.packet, second.packet, third.packet) == (1, 2, 5)
    assert (first.transport, third.transport) == ("UDP", "TCP")
    assert first.file == udp.name == f"udp:127.0.0.1:{udp.address[1]}"
    assert udp.skipped.total() == 2
    assert udp.position == sum(map(len, packets)) + len(hep_3(OPTIONS, protocol=6))


def test_more_datagrams_than_a_batch(udp: HepUdp) -> None:
    sent(udp, *[hep_3(OPTIONS)] * 300)
    assert [record.packet for record in received(udp, 300)] == [*range(1, 301)]


def test_a_packet_without_a_time_has_that_of_its_arrival(udp: HepUdp) -> None:
    packet = hep_3(OPTIONS)
    at = packet.index(b"\0\0\0\x09\0\x0a")
    sent(udp, packet[: at + 3] + b"\x7f" + packet[at + 4 :])
    (record,) = received(udp, 1)
    assert record.time_ns is not None
    assert abs(record.time_ns - time.time_ns()) < 60 * 10**9


def test_what_the_system_drops_is_counted(udp: HepUdp) -> None:
    if udp.dropped is None:
        pytest.skip("the system does not tell")
    udp._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sent(udp, *[hep_3(OPTIONS)] * 200)
    found = len(received(udp, 200, 0.5))
    assert found < 200
    assert udp.dropped == 200 - found


def test_the_system_keeps_bursts(udp: HepUdp) -> None:
    assert udp.room >= 64 * 1024


def test_connections(tcp: HepTcp) -> None:
    packets = [hep_3(OPTIONS), hep_3(LONG, protocol=6), hep_3(b"RTCP", content=5)]
    with (
        socket.create_connection(tcp.address) as one,
        socket.create_connection(tcp.address) as other,
    ):
        one.sendall(packets[0] + packets[1][:1000])
        other.sendall(b"".join(packets))
        found = received(tcp, 3)
        one.sendall(packets[1][1000:])
        found += received(tcp, 1)
        assert tcp.clients == 2
    assert sorted(len(record.data) for record in found) == sorted([len(OPTIONS), len(LONG)] * 2)
    assert tcp.skipped == {"not SIP": 1}


def test_bytes_that_come_one_by_one(tcp: HepTcp) -> None:
    with socket.create_connection(tcp.address) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        packet = hep_3(OPTIONS)
        for at in range(len(packet)):
            client.sendall(packet[at : at + 1])
            if at % 50 == 0:
                assert received(tcp, 1, 0) == []
        assert len(received(tcp, 1)) == 1


@pytest.mark.parametrize(
    "data", [b"GET / HTTP/1.1\r\n\r\n", b"HEP3\0\x05", hep_3(OPTIONS) + b"HEP4\0\xff"]
)
def test_a_connection_with_something_else_is_closed(tcp: HepTcp, data: bytes) -> None:
    with socket.create_connection(tcp.address) as client:
        client.sendall(data)
        received(tcp, 2, 0.5)
        client.settimeout(5)
        assert client.recv(1) == b""
    assert (tcp.clients, tcp.refused) == (0, 1)
    assert tcp.skipped["malformed HEP"] == 1


def test_an_unfinished_packet_is_counted(tcp: HepTcp) -> None:
    with socket.create_connection(tcp.address) as client:
        client.sendall(hep_3(OPTIONS)[:-1])
    received(tcp, 1, 0.5)
    assert tcp.skipped == {"truncated record": 1}
    assert tcp.clients == 0


def test_the_quietest_connection_makes_room(tcp: HepTcp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CLIENTS", 2)
    clients = [socket.create_connection(tcp.address)]
    received(tcp, 1, 0.1)
    clients.append(socket.create_connection(tcp.address))
    received(tcp, 1, 0.1)
    clients[0].sendall(hep_3(OPTIONS))
    assert len(received(tcp, 1)) == 1
    clients.append(socket.create_connection(tcp.address))
    received(tcp, 1, 0.1)
    assert (tcp.clients, tcp.displaced) == (2, 1)
    clients[1].settimeout(5)
    assert clients[1].recv(1) == b""
    for client in clients:
        client.close()


def test_connections_that_make_room_at_once_are_read(
    tcp: HepTcp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The descriptor of one that is closed may be that of the next."""
    monkeypatch.setattr(module, "MOST_CLIENTS", 2)
    live = iter(Live([tcp]))
    old = [socket.create_connection(tcp.address) for _ in range(2)]
    while tcp.clients < 2:
        next(live)
    new = [socket.create_connection(tcp.address) for _ in range(2)]
    while tcp.displaced < 2:
        next(live)
    for client in new:
        assert next(live) is None  # what one sends has all be read, in that turn
        client.sendall(hep_3(OPTIONS))
        end = time.monotonic() + 5
        while next(live) is None:
            assert time.monotonic() < end
    for client in old + new:
        client.close()


def test_without_descriptors_connections_wait(tcp: HepTcp) -> None:
    live = iter(Live([tcp]))
    assert next(live) is None
    with socket.create_connection(tcp.address) as first, socket.socket() as second:
        while not tcp.clients:
            next(live)
        with no_descriptors():
            second.connect(tcp.address)
            begun, end = time.thread_time(), time.monotonic() + 0.6
            while time.monotonic() < end:
                assert next(live) is None
            assert time.thread_time() - begun < 0.2
            assert (tcp.clients, tcp.paused) == (1, 1)
            first.sendall(hep_3(OPTIONS))
            while next(live) is None:  # those that are there are read
                assert time.monotonic() < end + 5
        second.sendall(hep_3(OPTIONS))
        while next(live) is None:
            assert time.monotonic() < end + 10
        assert tcp.clients == 2


def test_a_slow_client_takes_little_memory(tcp: HepTcp) -> None:
    with socket.create_connection(tcp.address) as client:
        client.sendall(b"HEP3\xff\xff" + bytes(60_000))
        assert received(tcp, 1, 0.3) == []
        (kept,) = tcp._clients.values()
        assert len(kept.pending) < 65_536


def test_names_and_ipv6() -> None:
    source = HepUdp("localhost", 0)
    source.close()
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    try:
        six = HepUdp("::1", 0)
    except OSError:
        pytest.skip("no IPv6 here")
    assert six.name == f"udp:[::1]:{six.address[1]}"
    six.close()
    assert six.dropped in (0, None)
