"""Receiving on a loop: nothing starves, nothing wakes for nothing, and little waits."""

from __future__ import annotations

import asyncio
import itertools
import os
import selectors
import signal
import socket
import sys
import threading
import time
from typing import Any

import pytest
from peers import Peer, Rig, every_loop, run

from sipfast.proxy import loop as loops
from sipfast.proxy import run as run_coroutine
from sipfast.proxy.loop import Loop

own_only = pytest.mark.skipif(sys.platform != "linux", reason="the own loop is of Linux")


class Flood:
    """A thread that sends as fast as it can."""

    def __init__(self, data: bytes, address: Any) -> None:
        self._data, self._address = data, address
        self._is_ended = False
        self._thread = threading.Thread(target=self._send)

    def _send(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            while not self._is_ended:
                one.sendto(self._data, self._address)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._is_ended = True
        self._thread.join()


@every_loop
@pytest.mark.parametrize("moderation", [0, 0.001])
def test_all_else_goes_on_under_full_load(loop: str, moderation: float) -> None:
    async def test(rig: Rig) -> None:
        endpoint = rig.endpoint()
        peer = rig.peer()
        await rig.attach(lambda message, source: time.sleep(0.0001), moderation)
        with Flood(peer.request(), endpoint.address):
            await rig.until(lambda: endpoint.counters.received > 200)
            ticks = 0
            end = time.monotonic() + 0.5
            while time.monotonic() < end:  # timers
                await asyncio.sleep(0.01)
                ticks += 1
            assert ticks >= 3
            one, other = socket.socketpair()
            with one, other:  # other sockets
                one.setblocking(False)
                other.setblocking(False)
                for _ in range(5):
                    other.send(b"x")
                    received = asyncio.get_running_loop().sock_recv(one, 9)
                    assert await asyncio.wait_for(received, 5) == b"x"
            for _ in range(5):  # callbacks, and those of other threads
                await asyncio.sleep(0)
                await asyncio.get_running_loop().run_in_executor(None, int)

    run(loop, test)


@every_loop
def test_a_datagram_that_comes_alone_is_handled_at_once(loop: str) -> None:
    async def test(rig: Rig) -> None:
        endpoint, peer = rig.endpoint(), rig.peer()
        await rig.attach(lambda m, source: endpoint.reply(m, 200, source=source), 1.0)
        begin = time.monotonic()
        peer.send(peer.request("OPTIONS"), endpoint)
        await peer.datagram()
        assert time.monotonic() - begin < 0.5
        # What follows is gathered.
        begin = time.monotonic()
        for number in range(5):
            peer.send(peer.request("OPTIONS", number), endpoint)
        for _ in range(5):
            await peer.datagram()
        assert 0.5 < time.monotonic() - begin < 1.5

    run(loop, test)


@every_loop
@pytest.mark.parametrize("count", [1, 2])
def test_a_full_batch_does_not_wait(loop: str, count: int) -> None:
    async def test(rig: Rig) -> None:
        endpoint, peer = rig.endpoint(), rig.peer()
        for _ in range(count - 1):
            rig.endpoint()
        await rig.attach(lambda message, source: None, 1.0)
        begin = time.monotonic()
        for number in range(3 * loops.WINDOW):
            peer.send(peer.request("OPTIONS", number), endpoint)
        await rig.until(lambda: endpoint.counters.received == 3 * loops.WINDOW)
        assert time.monotonic() - begin < 0.7

    run(loop, test)


@every_loop
def test_a_timer_that_is_due_before_the_batch_is_not_late(loop: str) -> None:
    async def test(rig: Rig) -> None:
        endpoint, peer = rig.endpoint(), rig.peer()
        fired: list[float] = []

        def handle(message: Any, source: Any) -> None:
            # Set while the selector waits: asyncio's own idea of the next timer is an older one.
            asyncio.get_running_loop().call_later(0.05, lambda: fired.append(time.monotonic()))

        await rig.attach(handle, 1.0)
        await asyncio.sleep(0.02)
        begin = time.monotonic()
        peer.send(peer.request(), endpoint)
        await asyncio.sleep(0.3)
        assert len(fired) == 1
        assert 0.04 < fired[0] - begin < 0.2

    run(loop, test)


@every_loop
def test_what_a_handler_begins_does_not_wait_for_the_next_batch(loop: str) -> None:
    async def test(rig: Rig) -> None:
        endpoint, peer = rig.endpoint(), rig.peer()

        begun: list[float] = []

        async def handle(message: Any, source: Any) -> None:
            begun.append(time.monotonic())

        await rig.attach(handle, 1.0)
        begin = time.monotonic()
        peer.send(peer.request("OPTIONS"), endpoint)
        await asyncio.sleep(0.6)
        assert begun[0] - begin < 0.3

    run(loop, test)


@every_loop
def test_what_a_task_sends_goes_before_the_loop_waits(loop: str) -> None:
    async def test(rig: Rig) -> None:
        endpoint, peer = rig.endpoint(), rig.peer()
        await rig.attach(lambda message, source: None, 1.0)
        begin = time.monotonic()
        for number in range(100):
            endpoint.send(b"%d" % number, (peer.host, peer.port))
        for number in range(100):
            assert await peer.datagram() == b"%d" % number
        assert time.monotonic() - begin < 0.5

    run(loop, test)


@own_only
def test_an_idle_loop_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(rig: Rig) -> None:
        endpoint, peer = rig.endpoint(), rig.peer()
        await rig.attach(lambda message, source: None)
        peer.send(peer.request(), endpoint)
        await asyncio.sleep(0.05)
        waits = 0

        def counted() -> float:
            nonlocal waits
            waits += 1
            return time.monotonic()

        monkeypatch.setattr(loops, "monotonic", counted)  # asked at least once a wait
        await asyncio.sleep(0.3)
        assert 0 < waits <= 6
        assert len(rig.handled) == 1

    run("own", test)


@own_only
def test_few_calls_under_load() -> None:
    async def test(rig: Rig) -> None:
        endpoint, peer = rig.endpoint(), rig.peer()
        times: list[float] = []
        await rig.attach(lambda message, source: times.append(time.monotonic()))
        data = peer.request()
        thread = threading.Thread(target=lambda: _send_evenly(peer, data, endpoint.address))
        thread.start()
        await rig.until(lambda: endpoint.counters.received == 1000)
        thread.join()
        waits = [one for one, other in itertools.pairwise(times) if other - one > 4e-4]
        assert len(waits) < 500

    run("own", test)


def _send_evenly(peer: Peer, data: bytes, address: Any) -> None:
    """5 datagrams a millisecond."""
    begin = time.monotonic()
    for number in range(1000):
        peer.send(data, address)
        while time.monotonic() < begin + number / 5000:
            pass


@own_only
def test_pumps_come_and_go() -> None:
    async def test(rig: Rig) -> None:
        ends = [rig.endpoint() for _ in range(3)]
        peer = rig.peer()
        selector = asyncio.get_running_loop()._receiver  # type: ignore[attr-defined]

        def handle(message: Any, source: Any) -> None:
            source.endpoint.reply(message, 200, source=source)

        for _ in range(2):
            for moderation, endpoint in zip((0.001, 0.0, 0.005), ends, strict=True):
                await endpoint.attach(handle, moderation=moderation)
            assert selector._moderation == 0
            for endpoint in ends:
                peer.send(peer.request("OPTIONS"), endpoint)
                await peer.datagram()
            for endpoint in ends:
                await endpoint.close()
            assert selector._pumps == ()

    run("own", test)


def test_run() -> None:
    async def main() -> str:
        assert isinstance(asyncio.get_running_loop(), Loop)
        await asyncio.sleep(0.01)
        return await asyncio.to_thread(str, "done")

    assert run_coroutine(main()) == "done"


def test_run_ends_what_is_left() -> None:
    ended: list[str] = []

    async def left() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("task")

    async def generate() -> Any:
        try:
            yield 1
        finally:
            ended.append("generator")

    async def main() -> Any:
        tasks.append(asyncio.ensure_future(left()))
        generators.append(generate())
        await generators[0].__anext__()
        raise ValueError("on purpose")

    tasks: list[Any] = []
    generators: list[Any] = []
    with pytest.raises(ValueError, match="on purpose"):
        run_coroutine(main())
    assert sorted(ended) == ["generator", "task"]


def test_run_tells_of_tasks_that_fail_at_the_end(caplog: pytest.LogCaptureFixture) -> None:
    async def left() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            raise ValueError("on purpose")

    async def main() -> None:
        tasks.append(asyncio.ensure_future(left()))
        await asyncio.sleep(0)

    tasks: list[Any] = []
    run_coroutine(main())
    assert "a task raised an error while it was cancelled" in caplog.text


@own_only
@pytest.mark.parametrize("is_busy", [False, True])
def test_an_interrupt_ends_the_loop(is_busy: bool) -> None:
    peer = Peer()
    rig = Rig()

    async def main() -> None:
        endpoint = rig.endpoint()

        def handle(message: Any, source: Any) -> None:
            os.kill(os.getpid(), signal.SIGINT)

        await endpoint.attach(handle)
        try:
            if is_busy:
                peer.send(peer.request(), endpoint)
            else:
                threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
            await asyncio.sleep(20)
        finally:
            await endpoint.close()

    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run_coroutine(main())
    assert time.monotonic() - begin < 10
    peer.socket.close()


@own_only
def test_the_selector_is_one() -> None:
    selector = loops._Selector()
    one, other = socket.socketpair()
    with one, other:
        key = selector.register(one, selectors.EVENT_READ, "data")
        assert selector.select(0) == []
        other.send(b"x")
        assert selector.select(1) == [(key, selectors.EVENT_READ)]
        assert selector.get_key(one) == key
        selector.unregister(one)
        assert selector.select(0) == []
    selector.close()


@every_loop
def test_the_cost_is_linear(loop: str) -> None:
    async def cost(rig: Rig, rounds: int) -> float:
        endpoint = rig.endpoints[0]
        peer = rig.peers[0]
        data = peer.request()
        begin = time.process_time()
        goal = endpoint.counters.received + 50 * rounds
        for _ in range(rounds):
            for _ in range(50):
                peer.send(data, endpoint)
            await asyncio.sleep(0.002)
        await rig.until(lambda: endpoint.counters.received == goal)
        return time.process_time() - begin

    async def test(rig: Rig) -> None:
        rig.endpoint()
        rig.peer()
        await rig.endpoints[0].attach(lambda message, source: None)
        await cost(rig, 10)
        few = min([await cost(rig, 10) for _ in range(3)])
        assert await cost(rig, 100) < 20 * max(few, 0.005)

    run(loop, test)
