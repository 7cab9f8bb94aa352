"""Connections over TCP, TLS and WebSocket: what deliver, where they send, when they end."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import socket
import ssl
import tracemalloc
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

import pytest
from certificates import Contexts, contexts
from loops import available, run_on
from peers import every_loop
from samples import OPTIONS, sample

import sipfast
from sipfast._engine import Engine
from sipfast.proxy import Endpoint, Group, connection, connections
from sipfast.proxy.connections import ConnectionBounds, Connections
from sipfast.websocket import Closed, Opened, Upgrade, WebSocket

VIA = b"SIP/2.0/TCP 127.0.0.1:5070;branch=z9hG4bKnashds8"
ONE = sample(OPTIONS, body=b"one", Via=VIA)
TWO = sample(OPTIONS, Via=VIA, Call_ID=b"two@desk")
BAD = ONE.replace(b"Length: 3", b"Length: x")
__all__ = ["contexts"]
TRANSPORTS = ["TCP", "TLS", "WS", "WSS"]

Main = Callable[[], Coroutine[Any, Any, None]]


class Source(NamedTuple):
    host: str
    port: int
    transport: str
    number: int


@pytest.fixture(params=[*available(), "pure"])
def on(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[Main], None]:
    """Run a coroutine on each loop in turn; and where streams are read by the pure engine."""
    loop: str = request.param
    if loop == "pure":
        loop = "asyncio"
        if request.node.callspec.params.get("transport") not in ("WS", "WSS"):
            engine: Engine = request.getfixturevalue("pure")
            monkeypatch.setattr(connections, "Stream", engine.module("message.stream").Stream)
            monkeypatch.setattr(connection, "Response", engine.Response)
    return lambda main: run_on(loop, main)


class Peer:
    """The other end of a connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.stream: Any = sipfast.Stream()
        self.events: list[Any] = []
        self.port: int = writer.get_extra_info("sockname")[1]

    def send(self, data: bytes) -> None:
        if isinstance(self.stream, WebSocket):
            self.stream.send(data)
            data = self.stream.data_to_send()
        self.writer.write(data)

    async def receive(self) -> Any:
        """The next event; None at the end."""
        while not self.events:
            data = await self.reader.read(65_536)
            if not data:
                return None
            self.events += self.stream.feed(data)
            if isinstance(self.stream, WebSocket):
                self.writer.write(self.stream.data_to_send())
        return self.events.pop(0)

    async def is_closed(self) -> bool:
        """Whether the other side closes or resets, without more than it has sent."""
        try:
            return await self.reader.read(1) == b""
        except (ConnectionError, ssl.SSLError):
            return True

    def stop_reading(self) -> None:
        transport: Any = self.writer.transport
        transport.pause_reading()

    def close(self) -> None:
        self.writer.transport.abort()


class Rig:
    """Connections of one transport that listen, what they have received, and peers."""

    def __init__(self, transport: str, contexts: Contexts | None, **options: Any) -> None:
        self.got: list[tuple[Any, Source]] = []
        self.arrived = asyncio.Event()
        self.peers: list[Peer] = []
        self.contexts = contexts if transport in ("TLS", "WSS") else None
        if self.contexts is not None:
            options = {"ssl": self.contexts.server, "ssl_client": self.contexts.client, **options}
        self.answers = True
        self.address = "", 0
        self.connections: Connections[Source] = Connections(
            transport=transport,
            deliver=self.deliver,
            source=Source,
            **{"moderation": 0.001, **options},
        )
        self.counters = self.connections.counters

    def deliver(self, message: Any, source: Source) -> None:
        self.got.append((message, source))
        self.arrived.set()
        if self.answers and hasattr(message, "reply"):
            with suppress(sipfast.ParseError):  # it lacks what an answer needs
                self.connections.send(bytes(message.reply(200)), source.number)

    async def wait_for(self, count: int) -> list[Any]:
        """The messages, when there are so many."""
        while len(self.got) < count:
            self.arrived.clear()
            await self.arrived.wait()
        return [message for message, _ in self.got]

    async def connect(self) -> Peer:
        """A peer, after the handshakes."""
        context = self.contexts and self.contexts.client
        name = "localhost" if context else None
        pair = await asyncio.open_connection(*self.address, ssl=context, server_hostname=name)
        peer = Peer(*pair)
        self.peers.append(peer)
        if self.connections.transport in ("WS", "WSS"):
            peer.stream = WebSocket.client("localhost")
            peer.writer.write(peer.stream.data_to_send())
            assert isinstance(await peer.receive(), Opened)
        return peer

    async def until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def rig(
    transport: str = "TCP", contexts: Contexts | None = None, **options: Any
) -> AsyncIterator[Rig]:
    made = Rig(transport, contexts, **options)
    made.address = await made.connections.listen("127.0.0.1", 0)
    try:
        yield made
    finally:
        for peer in made.peers:
            peer.close()
        await made.connections.close()
        assert len(made.connections) == 0
        assert made.connections.aliases == {}
        assert made.connections._by_key == {}
        assert made.connections._per_source == {}
        await asyncio.sleep(0.01)


# ---- messages ------------------------------------------------------------------------------------


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_messages_both_ways(on: Any, transport: str, contexts: Contexts) -> None:
    async def main() -> None:
        async with rig(transport, contexts) as at:
            peer = await at.connect()
            peer.send(ONE)
            response = await peer.receive()
            assert (response.status, response.call_id) == (200, "kc9fh4lsa@desk.example.com")
            peer.send(TWO)
            assert (await peer.receive()).call_id == "two@desk"
            (one, source), (two, again) = at.got
            assert (one.raw, two.raw) == (ONE, TWO)
            assert source is again
            assert source[:3] == ("127.0.0.1", peer.port, transport)
            assert at.connections.send(TWO, source.number)
            assert (await peer.receive()).raw == TWO
            assert not at.connections.send(TWO, source.number ^ 1)
            assert (at.counters.accepted, len(at.connections)) == (1, 1)

    on(main)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_keep_alives_are_answered(on: Any, transport: str, contexts: Contexts) -> None:
    async def main() -> None:
        async with rig(transport, contexts) as at:
            peer = await at.connect()
            peer.send(b"\r\n\r\n")
            assert isinstance(await peer.receive(), sipfast.Pong)
            peer.send(b"\r\n")
            await at.until(lambda: at.counters.keepalives == 2)

    on(main)


def test_many_messages_in_one_read_are_answered_in_one_write(
    on: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        async with rig() as at:
            peer = await at.connect()
            peer.send(ONE)
            await peer.receive()
            writes: list[bytes] = []

            def write(fd: int, data: bytes) -> int:
                writes.append(data)
                return written(fd, data)

            written = os.write
            monkeypatch.setattr(os, "write", write)
            peer.send(ONE * 50)
            await at.wait_for(51)
            for _ in range(50):
                assert (await peer.receive()).status == 200
            assert len(writes) < 10
            at.connections.send(TWO, at.got[0][1].number)
            at.connections.send(TWO, at.got[0][1].number)
            del writes[:]
            assert (await peer.receive()).raw == (await peer.receive()).raw == TWO
            assert writes == [TWO * 2]

    on(main)


@pytest.mark.parametrize("moderation", [0.0, 0.01])
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_busy_connections(on: Any, transport: str, moderation: float, contexts: Contexts) -> None:
    """One that is read often is read in turns; and no longer when it is quiet."""

    async def main() -> None:
        async with rig(transport, contexts, moderation=moderation) as at:
            at.answers = False
            peer, idle = await at.connect(), await at.connect()
            idle.send(TWO)
            was_busy, count = 0, 0
            for _ in range(100):
                peer.send(ONE)
                count += 1
                await asyncio.sleep(0.0002)
                was_busy += len(at.connections._busy)
            messages = await at.wait_for(count + 1)
            assert sum(message.raw == ONE for message in messages) == count
            if moderation:
                assert was_busy > 5
                await at.until(lambda: not at.connections._busy)
                assert at.connections._ticker is None
            else:
                assert was_busy == 0
            peer.send(TWO)
            assert (await at.wait_for(count + 2))[-1].raw == TWO

    on(main)


def test_an_exception_stops_no_busy_connection(on: Any) -> None:
    """`Endpoint` lets none through; but neither does a KeyboardInterrupt leave them unread."""

    async def main() -> None:
        async with rig(moderation=0.02) as at:
            peers = [await at.connect() for _ in range(5)]
            while len(at.connections._busy) < 5:
                for peer in peers:
                    peer.send(ONE)
                await asyncio.sleep(0.001)
            faults = []
            loop = asyncio.get_running_loop()
            old = loop.get_exception_handler()
            loop.set_exception_handler(lambda _, context: faults.append(context["exception"]))
            deliver, at.connections.deliver = at.connections.deliver, raising
            for peer in peers:
                peer.send(TWO)
            await at.until(lambda: len(faults) >= 2)
            at.connections.deliver = deliver
            loop.set_exception_handler(old)
            assert {type(fault) for fault in faults} == {RuntimeError}
            for peer in peers:
                peer.send(TWO.replace(b"two@desk", b"three@desk"))
            await at.until(lambda: ids(at).count("three@desk") == 5)

    def ids(at: Rig) -> list[str]:
        return [message.call_id for message, _ in at.got]

    def raising(message: Any, source: Any) -> None:
        raise RuntimeError

    on(main)


@pytest.mark.parametrize("end", ["close", "reset", "fault", "close here"])
@pytest.mark.parametrize("transport", ["TCP", "TLS"])
def test_the_end_of_a_busy_connection(
    on: Any, transport: str, end: str, contexts: Contexts
) -> None:
    async def main() -> None:
        bounds = ConnectionBounds(lingering=0.2)
        async with rig(transport, contexts, moderation=0.02, bounds=bounds) as at:
            peer = await at.connect()
            count = 0
            while not at.connections._busy:
                peer.send(ONE)
                count += 1
                await asyncio.sleep(0.001)
            assert count < 1000
            peer.send(TWO)
            if end == "close":
                peer.writer.close()
            elif end == "reset":
                await at.wait_for(count + 1)
                peer.close()
            elif end == "fault":
                peer.send(BAD)
                events = [await peer.receive() for _ in range(count + 2)]
                assert [event.status for event in events[-2:]] == [200, 400]
                assert await peer.is_closed()
            else:
                await at.connections.close()
            await at.until(lambda: not at.connections._all)
            if end != "close here":
                assert len(at.got) == count + 1
            await at.until(lambda: not at.connections._busy)

    on(main)


@pytest.mark.parametrize("transport", ["TCP", "TLS"])
def test_a_message_in_pieces_and_a_large_one(on: Any, transport: str, contexts: Contexts) -> None:
    async def main() -> None:
        async with rig(transport, contexts) as at:
            peer = await at.connect()
            for byte in range(0, len(ONE), 7):
                peer.send(ONE[byte : byte + 7])
                await peer.writer.drain()
                await asyncio.sleep(0)
            large = sample(OPTIONS, body=b"x" * 300_000)
            peer.send(large)
            one, two = await at.wait_for(2)
            assert (one.raw, two.raw) == (ONE, large)
            await peer.receive()
            await peer.receive()
            at.connections.send(large, at.got[0][1].number)
            assert (await peer.receive()).raw == large

    on(main)


# ---- the end -------------------------------------------------------------------------------------


@pytest.mark.parametrize("transport", ["TCP", "TLS"])
def test_a_framing_error_is_answered_before_the_end(
    on: Any, transport: str, contexts: Contexts
) -> None:
    async def main() -> None:
        async with rig(transport, contexts) as at:
            peer = await at.connect()
            peer.send(ONE + BAD + TWO + b"x" * 500_000)  # more than is read when it closes
            assert (await peer.receive()).status == 200
            assert (await peer.receive()).status == 400
            assert await peer.is_closed()
            assert [message.raw for message, _ in at.got] == [ONE]
            assert at.counters.misframed == 1
            peer.close()
            await at.until(lambda: len(at.connections) == 0)

    on(main)


def test_a_cut_message_is_answered_at_the_end(on: Any) -> None:
    async def main() -> None:
        async with rig() as at:
            peer = await at.connect()
            peer.send(ONE[:-1])
            peer.writer.write_eof()
            assert (await peer.receive()).status == 400
            assert await peer.is_closed()
            await at.until(lambda: len(at.connections) == 0)

    on(main)


@pytest.mark.parametrize("transport", ["WS", "WSS"])
def test_websocket_goes_on_after_a_malformed_message(
    on: Any, transport: str, contexts: Contexts
) -> None:
    async def main() -> None:
        async with rig(transport, contexts) as at:
            peer = await at.connect()
            peer.send(BAD)
            assert (await peer.receive()).status == 400
            peer.send(ONE)
            assert (await peer.receive()).status == 200
            peer.stream.close()
            peer.writer.write(peer.stream.data_to_send())
            assert isinstance(await peer.receive(), Closed)
            await at.until(lambda: not at.connections._open)

    on(main)


@pytest.mark.parametrize("transport", ["WS", "WSS"])
def test_a_message_and_the_end_in_one_read(on: Any, transport: str, contexts: Contexts) -> None:
    async def main() -> None:
        async with rig(transport, contexts) as at:
            peer = await at.connect()
            peer.stream.send(ONE)
            peer.stream.close()
            peer.writer.write(peer.stream.data_to_send())
            assert isinstance(await peer.receive(), Closed)
            assert [message.raw for message, _ in at.got] == [ONE]
            assert at.counters.undelivered == 1

    on(main)


@pytest.mark.parametrize("transport", ["WS", "WSS"])
def test_pings_of_websocket_keep_a_connection(on: Any, transport: str, contexts: Contexts) -> None:
    async def main() -> None:
        bounds = ConnectionBounds(idle=1.0, lingering=0.05)
        async with rig(transport, contexts, bounds=bounds) as at:
            peer = await at.connect()
            peer.send(ONE)
            assert (await peer.receive()).status == 200
            for _ in range(12):
                peer.stream.ping(b"a")
                peer.writer.write(peer.stream.data_to_send())
                await asyncio.sleep(0.1)
            assert at.counters.idled_out == 0
            await at.until(lambda: at.counters.idled_out == 1)

    on(main)


@pytest.mark.parametrize("transport", ["WS", "WSS"])
def test_malformed_messages_do_not_keep_a_connection(
    on: Any, transport: str, contexts: Contexts
) -> None:
    """They leave it in the queue of those that have sent no message, which make room first."""

    async def main() -> None:
        async with rig(transport, contexts, bounds=ConnectionBounds(opening=0.5)) as at:
            peer = await at.connect()
            for _ in range(5):
                peer.send(BAD)
                await asyncio.sleep(0.02)
            assert at.counters.misframed == 5
            await at.until(lambda: at.counters.timed_out == 1)

    on(main)


def test_the_answer_to_a_ping_is_not_written_to_a_slow_reader(on: Any) -> None:
    async def main() -> None:
        bounds = ConnectionBounds(waiting=10_000, stalled=30, message=30)
        async with rig("WS", bounds=bounds) as at:
            peer = await at.connect()
            peer.send(ONE)
            assert (await peer.receive()).status == 200
            (one,) = at.connections._all
            peer.stop_reading()
            large = sample(OPTIONS, body=b"x" * 200_000)
            while one.transport.get_write_buffer_size() <= 10_000:
                assert at.connections.send(large, one.number)
                await asyncio.sleep(0.002)
            assert at.counters.slow == 0
            peer.stream.ping(b"x")
            peer.writer.write(peer.stream.data_to_send())
            await at.until(lambda: at.counters.slow == 1)
            await at.until(lambda: len(at.connections) == 0)

    on(main)


def test_a_handshake_of_websocket_can_be_refused(on: Any) -> None:
    async def main() -> None:
        asked: list[Upgrade] = []

        def accept(upgrade: Upgrade, source: Source) -> bool:
            asked.append(upgrade)
            return ("origin", "https://example.com") in upgrade.headers

        async with rig("WS", accept=accept) as at:
            for origin, event in (("https://example.com", Opened), ("https://x.test", Closed)):
                peer = Peer(*await asyncio.open_connection(*at.address))
                at.peers.append(peer)
                peer.stream = WebSocket.client("example.com", headers=[("Origin", origin)])
                peer.writer.write(peer.stream.data_to_send())
                assert isinstance(await peer.receive(), event)
            assert await peer.is_closed()
            assert len(asked) == 2

    on(main)


# ---- times and bounds ----------------------------------------------------------------------------

HALVES = {
    "TCP": [b"", ONE[:-1], b"\r", b"OPTIONS", ONE + TWO[:40]],
    "TLS": [b"", b"\x16\x03\x01\x02\x00\x01"],
    "WS": [b"GET / HTTP/1.1\r\nHost: a\r\n"],
    "WSS": [b"\x16\x03\x01\x02\x00\x01"],
}


@pytest.mark.parametrize(
    ("transport", "data"), [(name, data) for name, texts in HALVES.items() for data in texts]
)
def test_half_of_something_is_closed_in_time(
    on: Any, transport: str, data: bytes, contexts: Contexts
) -> None:
    async def main() -> None:
        bounds = ConnectionBounds(opening=0.15, message=0.15)
        async with rig(transport, contexts, bounds=bounds) as at:
            peer = Peer(*await asyncio.open_connection(*at.address))
            at.peers.append(peer)
            peer.writer.write(data)
            await at.until(lambda: at.counters.accepted == 1)
            begin = asyncio.get_running_loop().time()
            await at.until(lambda: len(at.connections) == 0)
            assert 0.1 < asyncio.get_running_loop().time() - begin < 5
            assert at.counters.timed_out == 1

    on(main)


@pytest.mark.parametrize("transport", ["TCP", "WS"])
def test_bytes_that_trickle_in_do_not_help(on: Any, transport: str) -> None:
    async def main() -> None:
        bounds = ConnectionBounds(message=0.3, opening=5)
        async with rig(transport, bounds=bounds) as at:
            peer = await at.connect()
            peer.send(ONE)
            await peer.receive()
            begin = asyncio.get_running_loop().time()
            frame = b"\x81\xfe\x0f\xff" + bytes(4) if transport == "WS" else b""
            peer.writer.write(frame + b"OPTIONS sip:a SIP/2.0\r\n")
            while at.counters.timed_out == 0:
                peer.writer.write(b"a:b\r\n")
                await asyncio.sleep(0.02)
            assert 0.25 < asyncio.get_running_loop().time() - begin < 5

    on(main)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_idle_connections_are_closed_unless_kept_alive(
    on: Any, transport: str, contexts: Contexts
) -> None:
    async def main() -> None:
        bounds = ConnectionBounds(idle=1.0, lingering=0.1, opening=5)
        async with rig(transport, contexts, bounds=bounds) as at:
            idle, kept = await at.connect(), await at.connect()
            for peer in (idle, kept):
                peer.send(ONE)
                assert (await peer.receive()).status == 200
            for _ in range(8):
                kept.send(b"\r\n\r\n")
                assert isinstance(await kept.receive(), (sipfast.Pong, sipfast.Ping))  # two CRLF
                await asyncio.sleep(0.15)
            await at.until(lambda: at.counters.idled_out == 1)
            last = await idle.receive()
            assert last is None or isinstance(last, Closed)
            kept.send(TWO)
            assert (await kept.receive()).status == 200
            await at.until(lambda: at.counters.idled_out == 2)

    on(main)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("stalled", [0.2, 20.0])
def test_slow_readers_are_closed(
    on: Any, transport: str, stalled: float, contexts: Contexts
) -> None:
    async def main() -> None:
        waiting = 400_000 if stalled < 1 else 100_000
        bounds = ConnectionBounds(waiting=waiting, stalled=stalled)
        async with rig(transport, contexts, bounds=bounds) as at:
            at.answers = False
            peer = await at.connect()
            peer.send(ONE)
            await at.wait_for(1)
            peer.stop_reading()
            (one,) = at.connections._all
            number, large = one.number, sample(OPTIONS, body=b"x" * 50_000)
            most = 0
            while at.connections.send(large, number):
                await asyncio.sleep(0.001)
                most = max(most, one.transport.get_write_buffer_size())
                if stalled < 1 and most > 150_000:
                    break
            assert most < waiting + 300_000
            await at.until(lambda: at.counters.slow == 1)
            await at.until(lambda: len(at.connections) == 0)

    on(main)


def test_what_is_sent_within_one_turn_is_bounded(on: Any) -> None:
    async def main() -> None:
        async with rig(bounds=ConnectionBounds(waiting=100_000)) as at:
            at.answers = False
            peer = await at.connect()
            peer.send(ONE)
            await at.wait_for(1)
            peer.stop_reading()
            (one,) = at.connections._all
            large = sample(OPTIONS, body=b"x" * 50_000)
            count = 0
            while at.connections.send(large, one.number):
                count += 1
                assert one.size < 200_000
                if count % 1000 == 0:
                    await asyncio.sleep(0)
            assert at.counters.slow == 1

    on(main)


def test_most_connections(on: Any) -> None:
    async def main() -> None:
        bounds = ConnectionBounds(most=3)
        async with rig(bounds=bounds) as at:
            spoken, silent, other = [await at.connect() for _ in range(3)]
            for peer in (spoken, other):
                peer.send(ONE)
                assert (await peer.receive()).status == 200
            later = await at.connect()  # the silent one makes room
            assert await silent.is_closed()
            later.send(ONE)
            assert (await later.receive()).status == 200
            refused = await at.connect()  # all have spoken
            assert await refused.is_closed()
            assert at.counters.turned_away == 2
            spoken.close()
            await at.until(lambda: len(at.connections) == 2)
            again = await at.connect()
            again.send(ONE)
            assert (await again.receive()).status == 200

    on(main)


def test_most_connections_of_a_source(on: Any) -> None:
    async def main() -> None:
        async with rig(bounds=ConnectionBounds(most_per_source=2)) as at:
            peers = [await at.connect() for _ in range(3)]
            assert await peers[2].is_closed()
            peers[0].close()
            await at.until(lambda: len(at.connections) == 1)
            await at.connect()
            await at.until(lambda: len(at.connections) == 2)

    on(main)


@pytest.mark.parametrize("bad", [{"most": 0}, {"idle": 0.0}, {"aliases": -1}, {"waiting": 1 << 31}])
def test_bounds_out_of_range(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(bad))):
        ConnectionBounds(**bad)


@pytest.mark.parametrize("bad", [{"most": 1.5}, {"idle": "1"}, {"keepalive": "1"}])
def test_bounds_of_another_type(bad: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=next(iter(bad))):
        ConnectionBounds(**bad)


# ---- where requests and responses go -------------------------------------------------------------


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_one_connection_is_opened_to_an_address(
    on: Any, transport: str, contexts: Contexts
) -> None:
    async def main() -> None:
        async with rig(transport, contexts) as there, rig(transport, contexts) as here:
            host, port = there.address
            assert here.connections.find(host, port) is None
            for _ in range(3):
                assert here.connections.send_to(ONE, host, port)
            await here.wait_for(3)
            assert [message.raw for message, _ in there.got] == [ONE] * 3
            assert {message.status for message, _ in here.got} == {200}
            assert len(here.connections) == len(there.connections) == 1
            number = here.connections.find(host, port)
            assert number == here.got[0][1].number
            assert here.got[0][1][:3] == (host, port, transport)
            assert (here.counters.opened, there.counters.accepted) == (1, 1)
            back = there.got[0][1]  # the other side finds it by the peer's address
            assert there.connections.find(back.host, back.port) == back.number
            assert there.connections.send_to(TWO, back.host, back.port)
            await here.wait_for(4)

    on(main)


def test_an_address_that_cannot_be_reached(on: Any) -> None:
    async def main() -> None:
        lost: list[tuple[list[bytes], str, int]] = []
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
            bounds = ConnectionBounds(retry=0.3)
            async with rig(bounds=bounds, undelivered=lambda *what: lost.append(what)) as at:
                assert at.connections.send_to(ONE, "127.0.0.1", port)
                assert at.connections.send_to(TWO, "127.0.0.1", port)
                await at.until(lambda: at.counters.unreachable == 1)
                assert lost == [([ONE, TWO], "127.0.0.1", port)]
                assert not at.connections.send_to(ONE, "127.0.0.1", port)  # too soon
                assert at.counters.undelivered == 3
                await asyncio.sleep(0.4)
                assert at.connections.send_to(ONE, "127.0.0.1", port)
                await at.until(lambda: at.counters.unreachable == 2)

    on(main)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_peer_that_says_nothing_is_given_up(on: Any, transport: str, contexts: Contexts) -> None:
    async def main() -> None:
        lost: list[Any] = []
        bounds = ConnectionBounds(opening=0.3, waiting=2 * len(ONE))  # and one
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen(0)
            host, port = silent.getsockname()
            blocker = [socket.create_connection((host, port)) for _ in range(1)]
            async with rig(
                transport, contexts, bounds=bounds, undelivered=lambda *what: lost.append(what)
            ) as at:
                sent = [at.connections.send_to(ONE, host, port) for _ in range(5)]
                assert sent == [True, True, True, False, False]
                await at.until(lambda: at.counters.timed_out == 1)
                await at.until(lambda: lost == [([ONE] * 3, host, port)])
                assert at.counters.undelivered == 5
            for sock in blocker:
                sock.close()

    on(main)


def test_tls_never_goes_out_in_clear_nor_to_another_name(on: Any, contexts: Contexts) -> None:
    async def main() -> None:
        heard = bytearray()

        async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            heard.extend(await reader.read(65_536))
            writer.close()

        clear = await asyncio.start_server(listen, "127.0.0.1", 0)
        port = clear.sockets[0].getsockname()[1]
        async with rig("TLS", contexts) as there, rig("TLS", contexts) as here:
            assert here.connections.send_to(ONE, "127.0.0.1", port)
            await here.until(lambda: here.counters.unreachable == 1)
            assert heard[:1] == b"\x16"
            assert b"OPTIONS" not in heard
            host, to = there.address
            assert here.connections.send_to(ONE, host, to, "bank.example")
            await here.until(lambda: here.counters.unreachable == 2)
            assert there.got == []
            assert here.connections.send_to(ONE, host, to, "localhost")
            await here.wait_for(1)
            assert here.connections.find(host, to) is None  # it has proved another name
            assert here.connections.find(host, to, "LOCALHOST") is not None
            assert here.connections.send_to(ONE, host, to, "bank.example") is False
        clear.close()

    on(main)


def test_responses(on: Any) -> None:
    """Where the connection of the request is gone, one to its address is opened (18.2.2)."""

    async def main() -> None:
        async with rig() as at, rig() as other:
            peer = await at.connect()
            peer.send(ONE)
            await peer.receive()
            source, (host, port) = at.got[0][1], other.address
            response = bytes(at.got[0][0].reply(200))
            assert at.connections.respond(response, source.number, host, port)
            assert (await peer.receive()).status == 200
            peer.close()
            await at.until(lambda: len(at.connections) == 0)
            assert at.connections.respond(response, source.number, host, port)
            (message,) = await other.wait_for(1)
            assert message.status == 200
        async with rig("WS") as at:
            assert not at.connections.respond(response, 1, host, port)
            assert at.counters.undelivered == 1

    on(main)


def contact(*uris: str, via: bytes = VIA, call_id: bytes = b"1@a") -> bytes:
    field = b"Contact: " + b", ".join(b"<%b>" % uri.encode() for uri in uris)
    start, number = b"REGISTER sip:example.com SIP/2.0", b"1 REGISTER"
    return sample(start, field, Via=via, Call_ID=call_id, CSeq=number)


@pytest.mark.parametrize("transport", ["TCP", "WS"])
def test_a_contact_leads_to_the_connection_it_was_seen_on(on: Any, transport: str) -> None:
    async def main() -> None:
        async with rig(transport, bounds=ConnectionBounds(aliases=2)) as at:
            find = at.connections.find
            peer, other = await at.connect(), await at.connect()
            name, own = "sip:a@Df7jal23.invalid;transport=ws", "sip:a@127.0.0.1:5099"
            peer.send(contact(name))
            await peer.receive()
            number = at.got[0][1].number
            assert find("df7jal23.INVALID", None) == number
            assert find("df7jal23.invalid", 5060) is None
            other.send(contact(name, "sip:b@192.0.2.9", "sip:b@127.0.0.2", own, call_id=b"2@a"))
            await other.receive()
            assert find("df7jal23.invalid", None) == number  # first come
            assert find("192.0.2.9", 5060) is find("127.0.0.2", 5060) is None
            assert find("127.0.0.1", 5099) == at.got[1][1].number
            assert find("127.0.0.1", other.port) == at.got[1][1].number
            own, more = "sip:c@127.0.0.1", "sip:c@1.invalid"
            peer.send(contact(own, more))
            await peer.receive()
            assert find("127.0.0.1", {"TCP": 5060, "WS": 80}[transport]) == number
            assert find("1.invalid", None) is None  # above the bound
            relayed = VIA + b", SIP/2.0/UDP 192.0.2.4;branch=z9hG4bK1"
            other.send(contact("sip:d@2.invalid", via=relayed))
            await other.receive()
            assert find("2.invalid", None) is None  # of somebody behind the sender
            assert at.connections.send(TWO, number)
            assert (await peer.receive()).raw == TWO
            peer.close()
            await at.until(lambda: len(at.connections) == 1)
            assert find("df7jal23.invalid", None) is None

    on(main)


@pytest.mark.parametrize(
    "text", [b"<sip:a@1.invalid", b"*", b"<tel:+1>", b"1.invalid", b"\xff.invalid"]
)
def test_other_contacts_lead_nowhere(on: Any, text: bytes) -> None:
    async def main() -> None:
        async with rig() as at:
            peer = await at.connect()
            peer.send(contact(call_id=b"3@a").replace(b"Contact: ", b"Contact: " + text) + TWO)
            await at.wait_for(2)
            assert at.connections.aliases == {}

    on(main)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_connections_that_were_opened_here_are_kept_alive(
    on: Any, transport: str, contexts: Contexts
) -> None:
    async def main() -> None:
        bounds = ConnectionBounds(keepalive=0.02, idle=1.0)
        async with rig(transport, contexts) as there, rig(transport, contexts, bounds=bounds) as at:
            at.connections.send_to(ONE, *there.address)
            await at.until(lambda: at.counters.keepalives > 10)
            assert there.counters.keepalives > 9
            assert at.counters.idled_out == 0

    on(main)


# ---- calls through endpoints ---------------------------------------------------------------------

SECRET = b"an element's secret, 32 bytes ..."
CALLS = [
    ("TCP", "TLS"),
    ("TLS", "TCP"),
    ("WS", "TCP"),
    ("TCP", "WS"),
    ("WSS", "TLS"),
    ("TLS", "WSS"),
]


@every_loop
@pytest.mark.parametrize(("near", "far"), CALLS)
def test_a_call_through_a_group(loop: str, near: str, far: str, contexts: Contexts) -> None:
    """The callee is found by the Contact that it has registered; both stay on the path."""

    async def main() -> None:
        callee_contact = ""

        def handle(message: Any, source: Any) -> None:
            endpoint = source.endpoint
            if isinstance(message, sipfast.Response):
                endpoint.forward(message)
            elif message.method == "REGISTER":
                endpoint.reply(message, 200, source=source)
            else:
                target = None if message.routes else callee_contact
                endpoint.forward(message, target, source=source)

        endpoints = {
            name: Endpoint(
                "127.0.0.1",
                port,
                bind=("127.0.0.1", 0),
                transport=name,
                secret=SECRET,
                ssl=contexts.server,
                ssl_client=contexts.client,
            )
            for port, name in ((5060, near), (5062, far))
        }
        group = Group(*endpoints.values())
        await group.attach(handle)
        peers: dict[str, Peer] = {}
        try:
            for name, endpoint in endpoints.items():
                is_secure = name in ("TLS", "WSS")
                pair = await asyncio.open_connection(
                    *endpoint.address,
                    ssl=contexts.client if is_secure else None,
                    server_hostname="localhost" if is_secure else None,
                )
                peer = peers[name] = Peer(*pair)
                if name in ("WS", "WSS"):
                    peer.stream = WebSocket.client("localhost")
                    peer.writer.write(peer.stream.data_to_send())
                    assert isinstance(await peer.receive(), Opened)

            def host(name: str) -> str:
                port = peers[name].port
                return f"{name.lower()}.invalid" if name in ("WS", "WSS") else f"127.0.0.1:{port}"

            def start(name: str, method: str) -> Any:
                place = f"{host(name)};transport={'ws' if 'WS' in name else name.lower()}"
                fields: dict[str, str | int] = {
                    "Via": f"SIP/2.0/{name} {host(name)};branch={sipfast.new_branch()}",
                    "Max-Forwards": 70,
                    "From": f"<sip:{name}@example.com>;tag=1",
                    "To": "<sip:bob@example.com>",
                    "Call-ID": f"{method}-{name}",
                    "CSeq": f"1 {method}",
                    "Contact": f"<sip:{place}>",
                }
                return sipfast.Draft.request(method, "sip:bob@example.com", fields).message

            caller, callee = peers[near], peers[far]
            registration = start(far, "REGISTER")
            callee_contact = str(registration.contacts[0].uri)
            callee.send(registration.raw)
            assert (await callee.receive()).status == 200
            invite = start(near, "INVITE")
            caller.send(invite.raw)
            arrived = await callee.receive()
            assert (arrived.method, arrived.uri_text) == ("INVITE", callee_contact)
            own = str(registration.contacts[0])
            callee.send(bytes(arrived.reply(200, to_tag="2", headers={"Contact": own})))
            ok = await caller.receive()
            assert ok.status == 200
            leg, other = (
                sipfast.Dialog.uac(invite, ok),
                sipfast.Dialog.uas(arrived, ok, via=f"SIP/2.0/{far} {host(far)}"),
            )
            caller.send(bytes(leg.ack(invite)))
            assert (await callee.receive()).method == "ACK"
            callee.send(bytes(other.request("INFO")))  # back, to the caller's Contact
            info = await caller.receive()
            assert info.method == "INFO"
            caller.send(bytes(info.reply(200)))
            assert (await callee.receive()).status == 200
            caller.send(bytes(leg.request("BYE")))
            bye = await callee.receive()
            assert bye.method == "BYE"
            callee.send(bytes(bye.reply(200)))
            assert (await caller.receive()).status == 200
            for endpoint in endpoints.values():
                assert endpoint.connections == 1
                assert endpoint.counters.undelivered == endpoint.counters.opened == 0
        finally:
            for peer in peers.values():
                peer.close()
            await group.close()
            await asyncio.sleep(0.01)

    run_on(loop, main)


# ---- the end of all ------------------------------------------------------------------------------


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_close(on: Any, transport: str, contexts: Contexts) -> None:
    async def main() -> None:
        async with rig(transport, contexts, bounds=ConnectionBounds(lingering=0.1)) as at:
            peer, other = await at.connect(), await at.connect()
            peer.send(ONE)
            await peer.receive()
            begin = asyncio.get_running_loop().time()
            closing = asyncio.ensure_future(at.connections.close(0.4))
            await asyncio.sleep(0.05)
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection(*at.address)
            peer.send(TWO)  # within the grace
            assert (await peer.receive()).status == 200
            at.connections.send(TWO, at.got[0][1].number)
            assert (await peer.receive()).raw == TWO
            end = await peer.receive()
            assert end is None or (isinstance(end, Closed) and end.code == 1001)
            other.close()
            await closing
            assert 0.3 < asyncio.get_running_loop().time() - begin < 5
            assert not at.connections.send_to(ONE, *at.address)

    on(main)


def test_close_can_be_cancelled(on: Any) -> None:
    """Connections are closed at once then; nothing is left for the loop to find."""

    async def main() -> None:
        async with rig("TCP") as at:
            peer = await at.connect()
            peer.send(ONE)
            assert (await peer.receive()).status == 200
            closing = asyncio.ensure_future(at.connections.close(grace=60))
            await asyncio.sleep(0.05)
            assert len(at.connections) == 1
            closing.cancel()
            with suppress(asyncio.CancelledError):
                await closing
            await at.until(lambda: len(at.connections) == 0)
            assert await peer.is_closed()

    on(main)


def test_close_ends_early_when_all_have_closed(on: Any) -> None:
    async def main() -> None:
        async with rig() as at:
            peer = await at.connect()
            peer.send(ONE)
            await peer.receive()
            closing = asyncio.ensure_future(at.connections.close(60))
            await asyncio.sleep(0.02)
            peer.close()
            await closing

    on(main)


def test_listening_needs_a_certificate(on: Any, contexts: Contexts) -> None:
    async def main() -> None:
        with pytest.raises(ValueError, match="ssl must be given"):
            async with rig("TLS", None):
                pass
        with pytest.raises(ValueError, match="transport must be one of"):
            Connections(transport="UDP", deliver=print, source=Source)

    on(main)


def test_numbers_do_not_repeat() -> None:
    numbers = connections._Numbers()
    drawn = [numbers.next() for _ in range(20_000)]
    assert len(set(drawn)) == len(drawn)
    assert all(0 <= number < 1 << 32 for number in drawn)
    steps = {after - before for before, after in itertools.pairwise(drawn)}
    assert len(steps) > 19_900  # none follows from those before


# ---- attacks -------------------------------------------------------------------------------------


MOST_BYTES = {"TCP": 8_000, "TLS": 12_000}
HALF = ONE[:-1]


@pytest.mark.parametrize("transport", ["TCP", "TLS"])
def test_a_thousand_halves_cost_little_and_are_closed_in_time(
    on: Any, transport: str, contexts: Contexts
) -> None:
    """A thousand connections that send half a message, or half a handshake; others are served."""
    count, half = (1_000, HALF) if transport == "TCP" else (200, b"\x16\x03\x01\x02\x00\x01")
    bounds = ConnectionBounds(most=count + 1, most_per_source=count + 1, opening=2, message=2)

    async def main() -> None:
        async with rig(transport, contexts, bounds=bounds) as at:
            loop = asyncio.get_running_loop()
            served = await at.connect()
            served.send(ONE)
            assert (await served.receive()).status == 200
            halves = [socket.socket() for _ in range(count)]
            tracemalloc.start()
            try:
                for number, half_open in enumerate(halves):
                    half_open.setblocking(False)
                    await loop.sock_connect(half_open, at.address)
                    half_open.send(half)
                    if number % 100 == 0:
                        served.send(TWO)
                        assert (await served.receive()).status == 200
                await at.until(lambda: at.counters.accepted == count + 1)
                begin = loop.time()
                await asyncio.sleep(0.05)
                used, _ = tracemalloc.get_traced_memory()
                assert used / count < MOST_BYTES[transport]
                await at.until(lambda: len(at.connections) == 1)
                assert loop.time() - begin < 10
                assert at.counters.timed_out == count
                served.send(TWO)
                assert (await served.receive()).status == 200
            finally:
                tracemalloc.stop()
                for half_open in halves:
                    half_open.close()

    on(main)


def test_halves_of_large_messages_are_bounded_in_all(on: Any) -> None:
    """The oldest ones go; messages that come at once are read meanwhile."""

    async def main() -> None:
        bounds = ConnectionBounds(unfinished=1_000_000)
        half = sample(OPTIONS, body=b"x" * 300_000)[:200_000]
        async with rig(bounds=bounds) as at:
            served = await at.connect()
            peers = []
            for number in range(12):
                peers.append(await at.connect())
                peers[-1].send(half)
                await at.until(lambda count=number: at.counters.timed_out >= count - 4)  # type: ignore[misc]
                served.send(TWO)
                assert (await served.receive()).status == 200
                assert at.connections.unfinished <= 1_000_000
            await at.until(lambda: at.connections.unfinished == 1_000_000)
            assert at.counters.timed_out == 7
            for peer in peers[:7]:
                assert await peer.is_closed()
            peers[7].send(b"x" * 200_000)  # the rest, and more
            await at.until(lambda: at.connections.unfinished == 800_000)

    on(main)


WHOLE = {
    "TCP": ONE,
    "TLS": ONE,
    "WS": b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: sip\r\n\r\n"
    b"\x81\x85\x00\x00\x00\x00hello\x82\x84\x00\x00\x00\x00\r\n\r\n",
}


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_hostile_bytes_reach_neither_the_loop_nor_other_connections(
    on: Any, transport: str, contexts: Contexts
) -> None:
    async def main() -> None:
        draw = random.Random(transport)
        bounds = ConnectionBounds(opening=5, message=5, lingering=0.05)
        async with rig(transport, contexts, bounds=bounds) as at:
            served = await at.connect()
            for _ in range(150):
                whole = bytearray(WHOLE.get(transport, ONE) * draw.choice((1, 1, 3)))
                for _ in range(draw.randrange(6)):
                    where = draw.randrange(len(whole))
                    cut = slice(where, where + draw.choice((0, 1, 1, 9)))
                    whole[cut] = draw.randbytes(draw.choice((0, 1, 1, 4)))
                is_in_tls = transport in ("TLS", "WSS") and draw.random() < 0.5
                pair = await asyncio.open_connection(
                    *at.address,
                    ssl=contexts.client if is_in_tls else None,
                    server_hostname="localhost" if is_in_tls else None,
                )
                peer = Peer(*pair)
                at.peers.append(peer)
                size = draw.choice((1, 10, 100, len(whole) or 1))
                for begin in range(0, len(whole), size)[:40]:
                    peer.writer.write(whole[begin : begin + size])
                    if draw.random() < 0.3:
                        await asyncio.sleep(0)
                if draw.random() < 0.3:
                    peer.close()
            served.send(TWO)
            assert (await served.receive()).status == 200
            assert at.counters.accepted > 100

    on(main)


def test_ipv6(on: Any) -> None:
    async def main() -> None:
        bounds = ConnectionBounds(most_per_source=2)
        here: Connections[Source] = Connections(
            transport="TCP", deliver=lambda *_: None, source=Source, bounds=bounds
        )
        there = Rig("TCP", None)
        there.address = await there.connections.listen("::1", 0)
        try:
            assert there.address[0] == "::1"
            port = there.address[1]
            assert here.send_to(ONE, "0:0::0:1", port)
            assert here.send_to(TWO, "::1", port)
            one, two = await there.wait_for(2)
            assert (one.raw, two.raw) == (ONE, TWO)
            assert len(here) == 1
            assert here.find("[::1]", port) == here.find("::0:1", port) is not None
            source = there.got[0][1]
            assert source.host == "::1"
            assert there.connections.send_to(ONE, "::1", source.port)
        finally:
            await here.close()
            await there.connections.close()

    on(main)
