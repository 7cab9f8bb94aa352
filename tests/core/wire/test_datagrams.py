"""The datagrams of a socket, on both engines: what arrives, what goes, and what may not happen."""

from __future__ import annotations

import errno
import gc
import os
import select
import shutil
import socket
import subprocess
import sys
import time
import tracemalloc
import weakref
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sipfast._engine import Engine

LOOPBACK = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}


def udp(family: int = socket.AF_INET) -> socket.socket:
    made = socket.socket(family, socket.SOCK_DGRAM)
    made.bind((LOOPBACK[socket.AddressFamily(family)], 0))
    made.settimeout(5)
    return made


class Rig:
    """A socket's `Datagrams`, a peer, and what was handled."""

    def __init__(self, engine: Engine, family: int = socket.AF_INET) -> None:
        self.of, self.peer = udp(family), udp(family)
        self.of.setblocking(False)
        self.counters = SimpleNamespace(received=0, sent=0, dropped=0, undelivered=0, refused=0)
        self.owner = SimpleNamespace()
        self.module = engine.module("wire.datagrams")
        self.datagrams = self.module.Datagrams(self.of, self.counters, self.owner)
        self.handled: list[tuple[Any, Any]] = []
        self.troubles: list[tuple[Exception, Any]] = []
        self.laters: list[Any] = []

    @property
    def at(self) -> Any:
        return self.of.getsockname()

    def parse(self, data: bytes) -> Any:
        if data.startswith(b"bad"):
            raise ValueError(data)
        return data.decode()

    def handle(self, message: Any, source: Any) -> Any:
        self.handled.append((message, source))

    def trouble(self, error: Exception, message: Any, source: Any) -> None:
        self.troubles.append((error, message))

    def later(self, result: Any, message: Any, source: Any) -> None:
        self.laters.append((result, message))

    def receive(self, handle: Any = None) -> int:
        self.datagrams.handle_with(self.parse, handle or self.handle, self.later, self.trouble)
        count: int = self.datagrams.receive()
        return count

    def close(self) -> None:
        self.datagrams.close()
        self.of.close()
        self.peer.close()


@pytest.fixture
def rig(engine: Engine) -> Iterator[Rig]:
    made = Rig(engine)
    yield made
    made.close()


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6], ids=["IPv4", "IPv6"])
def test_what_is_received_is_handled_with_its_source(engine: Engine, family: int) -> None:
    rig = Rig(engine, family)
    try:
        for text in (b"one", b"", b"x" * 60_000):
            rig.peer.sendto(text, rig.at)
        assert rig.receive() == 3
        assert [message for message, _ in rig.handled] == ["one", "", "x" * 60_000]
        host, port = rig.peer.getsockname()[:2]
        for _, source in rig.handled:
            assert source.address == (host, port) == tuple(source)
            assert (source.host, source.port, len(source)) == (host, port, 2)
            assert (source[0], source[1], source[-1]) == (host, port, port)
            assert (source.transport, source.connection) == ("UDP", None)
            assert source.endpoint is rig.owner
            assert repr(source) == f"Source('{host}', {port}, 'UDP', None)"
            with pytest.raises(IndexError):
                source[2]
        assert rig.handled[0][1] is rig.handled[1][1]
        assert rig.receive() == 0
        assert rig.counters.received == 3
        assert rig.datagrams.answer(b"to the source", rig.handled[0][1])
        assert rig.datagrams.send(b"to an address", host, port)
        assert rig.datagrams.queued == 2
        rig.datagrams.flush()
        assert (rig.datagrams.queued, rig.counters.sent) == (0, 2)
        assert rig.peer.recv(99) == b"to the source"
        assert rig.peer.recvfrom(99) == (b"to an address", rig.at)
    finally:
        rig.close()


@pytest.mark.skipif(sys.platform != "linux", reason="the own loop is of Linux")
def test_gathering_ends_when_there_is_something_else_to_do(rig: Rig) -> None:
    loop, (other, waker) = SimpleNamespace(is_due=False), socket.socketpair()
    many = rig.module.WINDOW + 3
    rig.datagrams.handle_with(rig.parse, rig.handle, rig.later, rig.trouble)

    def gather(seconds: float, moderation: float, count: int = 1) -> tuple[int, float]:
        for _ in range(count):
            rig.peer.sendto(b"one", rig.at)
        begin = time.monotonic()
        size = rig.datagrams.gather(loop, others.fileno(), begin + seconds, moderation)
        return size, time.monotonic() - begin

    with other, waker, select.epoll() as others:
        others.register(other, select.EPOLLIN)
        # A full batch is followed at once, and one that is not after a pause, in which none came.
        size, seconds = gather(9.0, 0.05, many)
        assert (size, len(rig.handled)) == (0, many)
        assert 0.04 < seconds < 2
        # The end, before and within the pause.
        assert gather(-1.0, 5.0)[0] == 1
        size, seconds = gather(0.05, 5.0)
        assert (size, 0.04 < seconds < 2) == (1, True)
        assert gather(9.0, 0.0)[0] == 1
        waker.send(b"x")
        size, seconds = gather(9.0, 5.0)
        assert (size, seconds < 2) == (1, True)
        assert gather(9.0, 5.0, many)[0] == rig.module.WINDOW
        rig.receive()
        other.recv(9)
        loop.is_due = True
        size, seconds = gather(9.0, 5.0)
        assert (size, seconds < 2) == (1, True)


def test_what_no_batch_will_send_is_told(rig: Rig) -> None:
    told: list[int] = []
    rig.datagrams.wake = lambda: told.append(rig.datagrams.queued)
    there = rig.peer.getsockname()
    for _ in range(3):
        rig.datagrams.send(b"data", *there)
    assert told == [1]
    rig.datagrams.flush()
    rig.peer.sendto(b"one", rig.at)
    assert rig.receive(lambda message, source: rig.datagrams.answer(b"data", source) and None)
    assert (told, rig.datagrams.queued, rig.counters.sent) == ([1], 0, 4)


def test_a_batch_is_bounded(rig: Rig) -> None:
    window = rig.module.WINDOW
    for number in range(window + 3):
        rig.peer.sendto(b"%d" % number, rig.at)
    assert [rig.receive(), rig.receive(), rig.receive()] == [window, 3, 0]
    assert [message for message, _ in rig.handled] == [str(n) for n in range(window + 3)]


def test_what_a_handler_returns_and_raises(rig: Rig) -> None:
    def handle(message: str, source: Any) -> Any:
        if message == "fail":
            raise RuntimeError(message)
        return message if message == "later" else None

    for text in (b"bad", b"fail", b"later", b"last"):
        rig.peer.sendto(text, rig.at)
    assert rig.receive(handle) == 4
    assert [(type(error), message) for error, message in rig.troubles] == [
        (ValueError, b"bad"),
        (RuntimeError, "fail"),
    ]
    assert rig.laters == [("later", "later")]


def test_an_interrupt_passes_and_loses_nothing(rig: Rig) -> None:
    def interrupt(message: Any, source: Any) -> None:
        rig.handle(message, source)
        if message == "1":
            raise KeyboardInterrupt

    for number in range(4):
        rig.peer.sendto(b"%d" % number, rig.at)
    with pytest.raises(KeyboardInterrupt):
        rig.receive(interrupt)
    assert rig.receive(interrupt) == 2
    assert [message for message, _ in rig.handled] == ["0", "1", "2", "3"]


def test_a_handler_may_close(rig: Rig) -> None:
    assert rig.datagrams.receive() == 0  # before it knows what to call

    def close(message: Any, source: Any) -> str:
        rig.handle(message, source)
        rig.datagrams.send(b"queued", *rig.peer.getsockname())
        rig.datagrams.close()
        assert not rig.datagrams.send(b"closed", *rig.peer.getsockname())
        assert not rig.datagrams.answer(b"closed", source)
        return "later"

    for _ in range(4):
        rig.peer.sendto(b"one", rig.at)
    assert rig.receive(close) == 4
    assert (len(rig.handled), rig.laters) == (1, [("later", "one")])
    assert rig.receive() == 0
    rig.datagrams.flush()
    rig.peer.setblocking(False)
    with pytest.raises(BlockingIOError):
        rig.peer.recv(99)


def test_a_handler_that_receives_gets_nothing(rig: Rig) -> None:
    counts = []

    def receive(message: Any, source: Any) -> None:
        rig.handle(message, source)
        counts.append(rig.receive(receive))

    for _ in range(3):
        rig.peer.sendto(b"one", rig.at)
    assert rig.receive(receive) == 3
    assert counts == [0, 0, 0]


def test_a_handler_may_send_more_than_a_batch(rig: Rig) -> None:
    many = 3 * rig.module.WINDOW + 5

    def send(message: Any, source: Any) -> None:
        for number in range(many):
            rig.datagrams.answer(b"%d" % number, source)

    rig.peer.sendto(b"one", rig.at)
    rig.receive(send)
    rig.datagrams.flush()
    assert [rig.peer.recv(99) for _ in range(many)] == [b"%d" % n for n in range(many)]
    assert rig.counters.sent == many


def test_one_datagram_that_is_not_sent_loses_none_of_the_others(rig: Rig) -> None:
    there = rig.peer.getsockname()
    for data in (b"first", b"x" * 70_000, b"second", b"x" * 66_000, b"third"):
        assert rig.datagrams.send(data, *there)
    assert rig.datagrams.send(b"broadcast is not permitted", "255.255.255.255", 9)
    assert rig.datagrams.send(b"fourth", *there)
    rig.datagrams.flush()
    assert [rig.peer.recv(99) for _ in range(4)] == [b"first", b"second", b"third", b"fourth"]
    counted = rig.counters.sent, rig.counters.undelivered, rig.counters.dropped
    assert counted == (4, 3, 0)


class _Failing:
    """A socket of which every third datagram meets a full buffer, and every fifth a refusal."""

    family = socket.AF_INET

    def __init__(self) -> None:
        self.count = 0
        self.sent: list[bytes] = []

    def sendto(self, data: bytes, address: Any) -> None:
        self.count += 1
        if self.count % 3 == 0:
            raise OSError((errno.EAGAIN, errno.ENOBUFS)[self.count % 2], "full")
        if self.count % 5 == 0:
            raise PermissionError
        self.sent.append(data)


def test_a_full_buffer_drops_and_counts(pure: Engine) -> None:
    of = _Failing()
    counters = SimpleNamespace(sent=0, dropped=0, undelivered=0)
    datagrams = pure.module("wire.datagrams").Datagrams(of, counters, None)
    for number in range(1, 31):
        datagrams.send(b"%d" % number, "127.0.0.1", 9)
    datagrams.flush()
    assert (counters.sent, counters.dropped, counters.undelivered) == (16, 10, 4)
    assert of.sent == [b"%d" % n for n in range(1, 31) if n % 3 and n % 5]


# A `sendmmsg` that sends one datagram a call, of which every third meets a full buffer and every
# fifth a refusal, after each of these was interrupted once.
FAILING = r"""
#define _GNU_SOURCE
#include <errno.h>
#include <sys/socket.h>
static int count, interrupted;
int sendmmsg(int fd, struct mmsghdr *messages, unsigned int size, int flags) {
    if (!size) return 0;
    if (!interrupted++) { errno = EINTR; return -1; }
    interrupted = 0;
    count++;
    if (count % 3 == 0) { errno = count % 2 ? ENOBUFS : EAGAIN; return -1; }
    if (count % 5 == 0) { errno = EPERM; return -1; }
    return sendmsg(fd, &messages->msg_hdr, flags) < 0 ? -1 : 1;
}
"""
SENDING = """
import socket
from types import SimpleNamespace
from sipfast._engine import load
counters = SimpleNamespace(sent=0, dropped=0, undelivered=0)
of, peer = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
peer.bind(("127.0.0.1", 0))
datagrams = load("native").module("wire.datagrams").Datagrams(of, counters, None)
for number in range(1, 31):
    datagrams.send(b"%d" % number, *peer.getsockname())
datagrams.flush()
print(counters.sent, counters.dropped, counters.undelivered)
print(*[int(peer.recv(9)) for _ in range(counters.sent)])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the calls are of Linux")
def test_a_full_buffer_drops_and_counts_in_c(native: Engine, tmp_path: Path) -> None:
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("needs gcc (on Debian: apt-get install gcc)")
    source, library = tmp_path / "failing.c", tmp_path / "failing.so"
    source.write_text(FAILING)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source], check=True, timeout=60)
    run = subprocess.run(
        [sys.executable, "-c", SENDING],
        env={**os.environ, "LD_PRELOAD": str(library)},
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    counts, arrived = run.stdout.splitlines()
    assert counts == "16 10 4"
    assert arrived.split() == [str(n) for n in range(1, 31) if n % 3 and n % 5]


@pytest.mark.parametrize(
    ("host", "port"),
    [
        ("example.com", 5060),
        ("", 5060),
        ("127.0.0.1\0", 5060),
        ("127.1", 5060),
        (" 127.0.0.1", 5060),
        ("127.0.0.1 ", 5060),
        ("1" * 70, 5060),
        ("::1", 5060),
        ("[::1]", 5060),
        ("127.0.0.1%lo", 5060),
        ("\udc80", 5060),
        ("127.0.0.1", 0),
        ("127.0.0.1", -1),
        ("127.0.0.1", 65_536),
        ("127.0.0.1", 1 << 64),
        ("127.0.0.1", -(1 << 64)),
    ],
)
def test_only_addresses_are_sent_to(rig: Rig, host: str, port: int) -> None:
    assert not rig.datagrams.send(b"data", host, port)
    assert not rig.datagrams.send(b"data", host, port)
    assert rig.datagrams.queued == 0


def test_addresses_of_ipv6(engine: Engine) -> None:
    rig = Rig(engine, socket.AF_INET6)
    try:
        port = rig.peer.getsockname()[1]
        for host in ("::1", "0:0:0:0:0:0:0:1", "::1%lo", "::1%1"):
            assert rig.datagrams.send(b"data", host, port)
        for host in ("127.0.0.1", "[::1]", "::1::", "::g", "%", "::1%" + "x" * 70):
            assert not rig.datagrams.send(b"data", host, port)
        rig.datagrams.flush()
        assert [rig.peer.recv(9) for _ in range(4)] == [b"data"] * 4
    finally:
        rig.close()


def test_what_is_no_datagram(rig: Rig) -> None:
    there = rig.peer.getsockname()
    source = rig.module.Source(*there)
    wrong: Any
    for wrong in ("text", bytearray(b"data"), None, type("Bytes", (bytes,), {})(b"data")):
        with pytest.raises(TypeError):
            rig.datagrams.send(wrong, *there)
        with pytest.raises(TypeError):
            rig.datagrams.answer(wrong, source)
    for wrong in (5060.5, "5060", True):
        with pytest.raises(TypeError, match="port must be int"):
            rig.datagrams.send(b"data", there[0], wrong)
    for wrong in (None, b"127.0.0.1", 5):
        with pytest.raises(TypeError):
            rig.datagrams.send(b"data", wrong, 5060)
        with pytest.raises(TypeError):
            rig.datagrams.send(b"data", "127.0.0.1", "5060")
        with pytest.raises(TypeError):
            rig.datagrams.answer(b"data", wrong)
    assert rig.datagrams.queued == 0


def test_a_source_of_a_connection_is_answered_at_its_address(rig: Rig) -> None:
    host, port = rig.peer.getsockname()
    source = rig.module.Source(host, port, "TCP", 7, rig.owner)
    assert (source.transport, source.connection, source.endpoint) == ("TCP", 7, rig.owner)
    assert tuple(source) == source.address == (host, port)
    assert rig.datagrams.answer(b"data", source)
    assert not rig.datagrams.answer(b"data", rig.module.Source("::1", port))
    rig.datagrams.flush()
    assert rig.peer.recv(9) == b"data"


def test_other_addresses_than_the_usual_text_are_not_mixed_up(rig: Rig) -> None:
    # As many as have one slot, and more, take turns.
    others = [udp() for _ in range(40)]
    try:
        for round_ in range(3):
            for number, other in enumerate(others):
                other.sendto(b"%d" % number, rig.at)
            rig.handled.clear()
            rig.receive()
            for message, source in rig.handled:
                assert source.address == others[int(message)].getsockname()
                assert rig.datagrams.answer(b"%d" % round_, source)
                assert rig.datagrams.send(b"%d" % round_, *source.address)
            rig.datagrams.flush()
            for other in others:
                assert [other.recv(9) for _ in range(2)] == [b"%d" % round_] * 2
    finally:
        for other in others:
            other.close()


def test_a_flood_of_addresses_takes_no_more_memory(rig: Rig) -> None:
    def flood(first: int) -> None:
        for number in range(first, first + 3000):
            rig.datagrams.send(b"x", f"127.{number >> 8 & 255}.{number & 255}.1", 9)
        rig.datagrams.flush()

    flood(0)
    gc.collect()
    tracemalloc.start()
    try:
        flood(3000)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for times in range(2, 8):
            flood(times * 3000)
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] - before < 300_000
    finally:
        tracemalloc.stop()


def test_the_owner_is_freed_with_its_datagrams(engine: Engine) -> None:
    class Owner:
        datagrams: Any

    rig = Rig(engine)
    owner = Owner()
    owner.datagrams = rig.module.Datagrams(rig.of, rig.counters, owner)
    rig.peer.sendto(b"one", rig.at)
    owner.datagrams.handle_with(rig.parse, rig.handle, rig.later, rig.trouble)
    owner.datagrams.receive()
    rig.handled.clear()
    freed = weakref.ref(owner)
    del owner
    gc.collect()
    assert freed() is None
    rig.close()


def test_what_was_queued_is_freed(rig: Rig) -> None:
    data = b"some data %d" % time.time_ns()
    before = sys.getrefcount(data)
    for _ in range(10):
        rig.datagrams.send(data, "127.0.0.1", 9)
    assert sys.getrefcount(data) == before + 10
    rig.datagrams.flush()
    assert sys.getrefcount(data) == before
    rig.datagrams.send(data, "127.0.0.1", 9)
    rig.datagrams.close()
    assert sys.getrefcount(data) == before
    other = rig.module.Datagrams(rig.of, rig.counters, None)
    other.send(data, "127.0.0.1", 9)
    del other
    gc.collect()
    assert sys.getrefcount(data) == before


def test_a_socket_that_was_closed_by_others_gives_nothing(rig: Rig) -> None:
    rig.datagrams.send(b"data", *rig.peer.getsockname())
    rig.of.close()
    assert rig.receive() == 0
    rig.datagrams.flush()
    assert (rig.counters.sent, rig.counters.undelivered) == (0, 1)


def test_errors_of_earlier_datagrams_are_passed_over(rig: Rig) -> None:
    rig.of.setsockopt(socket.SOL_IP, getattr(socket, "IP_RECVERR", 11), 1)
    gone = udp()
    where = gone.getsockname()
    gone.close()
    rig.datagrams.send(b"to nobody", *where)
    rig.datagrams.flush()
    rig.peer.sendto(b"one", rig.at)
    assert rig.receive() == 1
    assert [message for message, _ in rig.handled] == ["one"]


def test_the_cost_of_a_flood_is_linear(rig: Rig) -> None:
    def cost(rounds: int) -> float:
        begin = time.process_time()
        for _ in range(rounds):
            for _ in range(32):
                rig.peer.sendto(b"x" * 100, rig.at)
            while rig.receive(lambda message, source: None):
                pass
        return time.process_time() - begin

    cost(20)
    assert cost(400) < 20 * max(cost(40), 0.005)


@pytest.mark.parametrize("items", [[b"A" * 64] * 1024, [], [None] * 7])
def test_the_list_that_the_collector_hands_out_may_hold_anything(
    native: Engine, items: list[Any]
) -> None:
    rig = Rig(native)
    (sources,) = (one for one in gc.get_referents(rig.datagrams) if type(one) is list)
    sources[:] = items
    rig.peer.sendto(b"x", rig.at)
    rig.receive()
    assert [source.address for _, source in rig.handled] == [rig.peer.getsockname()]
    rig.close()
