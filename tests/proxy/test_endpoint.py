"""Endpoints: what comes is handled, what goes arrives, and nothing gets as far as the loop."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from peers import SECRET, Peer, Rig, every_loop, run

import sipfast
from benchmarks.ports import free_port
from sipfast import NextHop, Request, Response, parse
from sipfast.proxy import Counters, Endpoint, Group, RateLimit, Source
from sipfast.proxy import endpoint as endpoints

ROOT = Path(__file__).parents[2]


def proxy(endpoint: Endpoint, target: str, **options: Any) -> Any:
    """The handler of a proxy for one target."""

    def handle(message: Request | Response, source: Any) -> None:
        if isinstance(message, Request) and not message.routes:
            endpoint.forward(message, target, source=source, **options)
        else:
            endpoint.forward(message, source=source)

    return handle


# ---- calls ---------------------------------------------------------------------------------------


async def call(caller: Peer, callee: Peer, there: Any) -> None:
    """A call, and what every party must see of it."""
    caller.send(caller.request("INVITE"), there)
    invite = await callee.receive()
    assert isinstance(invite, Request)
    assert (invite.uri_text, invite.max_forwards, len(invite.vias)) == (callee.uri, 69, 2)
    assert invite.vias[1].rport == caller.port
    for status in (180, 200):
        contact = {"Contact": f"<{callee.uri}>"}
        callee.send(bytes(invite.reply(status, to_tag="b1", headers=contact)), there)
        response = await caller.receive()
        assert isinstance(response, Response)
        assert (response.status, len(response.vias)) == (status, 1)
    assert isinstance(response, Response)
    dialog = sipfast.Dialog.uac(parse(caller.request("INVITE")), response)  # type: ignore[arg-type]
    caller.send(bytes(dialog.ack(parse(caller.request("INVITE")))), there)  # type: ignore[arg-type]
    caller.send(bytes(dialog.request("BYE")), there)
    for method in ("ACK", "BYE"):
        request = await callee.receive()
        assert isinstance(request, Request)
        assert (request.method, request.uri_text, request.routes) == (method, callee.uri, ())
        assert "Record-Route" not in request.headers
    callee.send(bytes(request.reply(200)), there)
    assert (await caller.receive()).cseq == parse(bytes(request)).cseq


@every_loop
@pytest.mark.parametrize("moderation", [0, 0.001])
def test_a_call(loop: str, moderation: float) -> None:
    async def test(rig: Rig) -> None:
        endpoint, caller, callee = rig.endpoint(), rig.peer(), rig.peer()
        await rig.attach(proxy(endpoint, callee.uri), moderation)
        for _ in range(3):
            await call(caller, callee, endpoint)
        counted = dict(endpoint.counters)
        assert (counted.pop("received"), counted.pop("sent")) == (18, 18)
        assert set(counted.values()) == {0}

    run(loop, test)


@every_loop
def test_a_call_over_ipv6(loop: str) -> None:
    async def test(rig: Rig) -> None:
        endpoint, caller, callee = rig.endpoint("[::1]"), rig.peer("::1"), rig.peer("::1")
        await rig.attach(proxy(endpoint, callee.uri))
        await call(caller, callee, endpoint)

    run(loop, test)


@every_loop
def test_a_call_between_ipv4_and_ipv6(loop: str) -> None:
    async def test(rig: Rig) -> None:
        four, _ = rig.endpoint(), rig.endpoint("[::1]")
        caller, callee = rig.peer(), rig.peer("::1")

        def handle(message: Any, source: Any) -> None:
            proxy(source.endpoint, callee.uri)(message, source)

        await rig.attach(handle)
        caller.send(caller.request(), four)
        invite = await callee.receive()
        assert isinstance(invite, Request)
        assert len(invite.headers.getall("Record-Route")) == 2
        callee.send(bytes(invite.reply(200, to_tag="b1")), rig.endpoints[1])
        response = await caller.receive()
        assert isinstance(response, Response)
        assert (response.status, len(response.vias)) == (200, 1)

    run(loop, test)


@every_loop
def test_a_response_leaves_by_the_endpoint_that_the_request_came_by(loop: str) -> None:
    async def test(rig: Rig) -> None:
        one, other, six = rig.endpoint(), rig.endpoint(), rig.endpoint("[::1]")
        caller, callee = rig.peer(), rig.peer("::1")

        def handle(message: Any, source: Any) -> None:
            # By any of them: the one that the message came by is meant.
            proxy(one, callee.uri)(message, source)

        await rig.attach(handle)
        for endpoint in (one, other):
            caller.send(caller.request("OPTIONS"), endpoint)
            callee.send((await callee.receive()).reply(200).raw, six)
            await asyncio.sleep(0.05)
            assert caller.socket.recvfrom(9999)[1] == endpoint.address

    run(loop, test)


# ---- handlers ------------------------------------------------------------------------------------


@every_loop
def test_what_a_handler_raises_is_counted_and_logged(
    loop: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def test(rig: Rig) -> None:
        endpoint, peer = rig.endpoint(), rig.peer()

        def handle(message: Any, source: Any) -> None:
            if message.method == "OPTIONS":
                endpoint.reply(message, 200, source=source)
            else:
                raise RuntimeError("on purpose")

        await rig.attach(handle)
        for number in range(20):
            peer.send(peer.request("MESSAGE", number), endpoint)
        peer.send(peer.request("OPTIONS"), endpoint)
        response = await peer.receive()
        assert isinstance(response, Response)
        assert response.status == 200
        assert (endpoint.counters.failed, endpoint.counters.received) == (20, 21)

    with caplog.at_level(logging.ERROR, "sipfast.proxy"):
        run(loop, test)
    assert len(caplog.records) == 5
    assert all(record.exc_info for record in caplog.records)


def test_what_was_not_logged_is_told_later(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = endpoints._Log()
    now = 0.0
    monkeypatch.setattr(endpoints, "monotonic", lambda: now)
    for _ in range(12):
        log.error(ValueError())
    now = 11.0
    log.error(ValueError())
    messages = [record.getMessage() for record in caplog.records]
    assert messages == ["a handler failed"] * 5 + ["7 more handlers failed", "a handler failed"]


@every_loop
def test_a_handler_may_answer_later(loop: str) -> None:
    async def test(rig: Rig) -> None:
        endpoint, peer, callee = rig.endpoint(), rig.peer(), rig.peer()

        async def handle(message: Any, source: Any) -> None:
            await asyncio.sleep(0.01)
            if message.method == "MESSAGE":
                raise RuntimeError("on purpose")
            if message.method == "INFO":
                endpoint.forward(message, source=source)  # an open relay: refused
            endpoint.reply(message, 200, source=source)
            endpoint.forward(message, callee.uri, source=source)

        await rig.attach(handle)
        for method in ("OPTIONS", "MESSAGE", "INFO"):
            peer.send(peer.request(method), endpoint)
        answers = {(await peer.receive()).cseq.method for _ in range(2)}
        assert answers == {"OPTIONS", "INFO"}
        assert isinstance(await callee.receive(), Request)
        assert (endpoint.counters.failed, endpoint.counters.refused) == (1, 1)
        assert not endpoint._tasks

    run(loop, test)


@every_loop
def test_handlers_that_wait_are_bounded(loop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(rig: Rig) -> None:
        endpoint, peer = rig.endpoint(), rig.peer()
        go = asyncio.Event()

        async def handle(message: Any, source: Any) -> None:
            await go.wait()
            endpoint.reply(message, 200, source=source)

        await rig.attach(handle)
        for number in range(8):
            peer.send(peer.request("OPTIONS", number), endpoint)
        await rig.until(lambda: endpoint.counters.received == 8)
        assert (endpoint.counters.busy, len(endpoint._tasks)) == (3, 5)
        go.set()
        for _ in range(5):
            await peer.receive()
        assert await peer.hears_nothing()

    monkeypatch.setattr(endpoints, "_MOST_WAITING", 5)
    run(loop, test)


@every_loop
def test_what_else_a_handler_returns(loop: str, caplog: pytest.LogCaptureFixture) -> None:
    async def test(rig: Rig) -> None:
        endpoint, peer = rig.endpoint(), rig.peer()
        await rig.attach(lambda message, source: True)  # type: ignore[arg-type, return-value]
        peer.send(peer.request(), endpoint)
        await rig.until(lambda: endpoint.counters.failed == 1)

    run(loop, test)
    assert "a handler returns None or an awaitable, not bool" in caplog.text


@every_loop
def test_a_handler_may_close(loop: str) -> None:
    async def test(rig: Rig) -> None:
        endpoint, peer = rig.endpoint(), rig.peer()
        closing: list[asyncio.Task[None]] = []
        again: list[int] = []

        def close_soon(message: Any, source: Any) -> None:
            endpoint.reply(message, 200, source=source)
            closing.append(asyncio.ensure_future(endpoint.close()))

        async def close(message: Any, source: Any) -> None:
            await endpoint.close()
            endpoint.reply(message, 200, source=source)  # nowhere to go
            await endpoint.attach(lambda message, source: None)
            again.append(endpoint.counters.undelivered)

        for handler, number in ((close_soon, 1), (close, 2)):
            await endpoint.attach(handler)
            for _ in range(3):
                peer.send(peer.request("OPTIONS", number), endpoint)
            await rig.until(lambda: endpoint._pump is None or bool(again))
        await asyncio.gather(*closing)
        assert again == [1]
        assert (await peer.receive()).call_id == "1@example.org"

    run(loop, test)


@every_loop
def test_a_slow_handler_delays_the_others_and_no_more(loop: str) -> None:
    async def test(rig: Rig) -> None:
        endpoint, peer = rig.endpoint(), rig.peer()

        def handle(message: Any, source: Any) -> None:
            time.sleep(0.02)
            endpoint.reply(message, 200, source=source)

        await rig.attach(handle)
        for number in range(5):
            peer.send(peer.request("OPTIONS", number), endpoint)
        got = [(await peer.receive()).cseq.number for _ in range(5)]
        assert got == list(range(5))

    run(loop, test)


# ---- what is refused -----------------------------------------------------------------------------


@every_loop
def test_what_is_refused_is_answered_within_bounds(loop: str) -> None:
    async def test(rig: Rig) -> None:
        endpoint, peer = rig.endpoint(), rig.peer()
        await rig.attach(proxy(endpoint, "sip:127.0.0.1:9"))
        request = peer.request("INVITE", Max_Forwards="0")
        peer.send(request, endpoint)
        response = await peer.receive()
        assert isinstance(response, Response)
        assert response.status == 483
        assert len(response.raw) <= len(request)
        tag = response.to.tag  # type: ignore[union-attr]
        peer.send(request, endpoint)
        assert (await peer.receive()).to.tag == tag
        malformed = peer.request(Content_Length="abc", User_Agent="a long name")
        peer.send(malformed, endpoint)
        response = await peer.receive()
        assert isinstance(response, Response)
        assert response.status == 400
        assert len(response.raw) <= len(malformed)
        refused = endpoint.counters.refused
        for silent in (
            bytes(parse(peer.request()).reply(200)),  # type: ignore[union-attr]
            peer.request("ACK", Max_Forwards="0"),
            peer.request("ACK", Content_Length="abc"),
            b"INVITE sip:b SIP/2.0\r\nVia: x\r\n\r\n",
            b"INVITE",
            b"\0\1\2",
        ):
            peer.send(silent, endpoint)
        assert await peer.hears_nothing()
        assert endpoint.counters.refused == refused + 6
        for keepalive in (b"\r\n\r\n", b"\r\n", b""):
            peer.send(keepalive, endpoint)
        await rig.until(lambda: endpoint.counters.keepalives == 3)
        assert endpoint.counters.refused == refused + 6
        assert endpoint.counters.failed == 0

    run(loop, test)


def test_answers_to_what_is_refused_are_limited() -> None:
    async def test(rig: Rig) -> None:
        limit = RateLimit(rate=0.001, burst=4, most=16)
        endpoint, peer = rig.endpoint(rate=limit), rig.peer()
        await rig.attach(proxy(endpoint, "sip:127.0.0.1:9"))
        for number in range(20):
            peer.send(peer.request("INVITE", number, Max_Forwards="0"), endpoint)
        for _ in range(4):
            await peer.receive()
        assert await peer.hears_nothing()
        assert (endpoint.counters.refused, endpoint.counters.limited) == (20, 16)
        # An answer of the handler's own is not limited.

    run("own", test)


def test_endpoints_do_not_share_their_default_limit() -> None:
    one, other = Endpoint("127.0.0.1", 5060, secret=SECRET), Endpoint("[::1]", secret=SECRET)
    assert one._rate is not None
    assert one._rate is not other._rate


@every_loop
def test_hostile_datagrams_reach_neither_the_loop_nor_the_log(
    loop: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def test(rig: Rig) -> None:
        chance = random.Random(11)
        endpoint, peer, callee = rig.endpoint(rate=None), rig.peer(), rig.peer()
        await rig.attach(proxy(endpoint, callee.uri))
        routed = peer.request(
            Via=f"SIP/2.0/UDP {peer.sent_by};rport;branch=z9hG4bK1;received=1.2.3.4",
            Route="<sip:127.0.0.1;lr>, <sip:x;lr;mac=1234567812345678>",
            Proxy_Require="foo",
        )
        for number in range(2000):
            data = bytearray(routed if number % 2 else peer.request())
            for _ in range(chance.randrange(6)):
                at = chance.randrange(len(data))
                data[at : at + chance.randrange(4)] = chance.randbytes(chance.randrange(4))
            if chance.random() < 0.2:
                del data[chance.randrange(len(data)) :]
            peer.send(bytes(data), endpoint)
            if number % 50 == 0:
                await asyncio.sleep(0.002)
        await rig.until(lambda: endpoint.counters.received == 2000)
        assert endpoint.counters.failed == 0
        while not await callee.hears_nothing(0):
            pass
        caller = rig.peer()
        caller.send(caller.request("OPTIONS", 77), endpoint)
        while (await callee.receive()).vias[-1].port != caller.port:
            pass

    with caplog.at_level(logging.WARNING):
        run(loop, test)
    assert caplog.text == ""


# ---- answers -------------------------------------------------------------------------------------


@every_loop
def test_an_answer_has_one_tag_and_its_ack_ends_here(loop: str) -> None:
    async def test(rig: Rig) -> None:
        endpoint, peer, callee = rig.endpoint(), rig.peer(), rig.peer()

        def handle(message: Any, source: Any) -> None:
            if message.method == "ACK":
                endpoint.reply(message, 200, source=source)  # nothing
                endpoint.forward(message, callee.uri, source=source, trusted=True)
            else:
                endpoint.reply(message, 404, "Nobody", source=source, headers={"X": "y"})

        await rig.attach(handle)
        answers = []
        for number in (1, 1, 2):
            peer.send(peer.request("INVITE", number), endpoint)
            answers.append(await peer.receive())
        one, same, other = answers
        assert isinstance(one, Response)
        assert (one.raw, one.status, one.reason, one.headers["X"]) == (same.raw, 404, "Nobody", "y")
        assert one.to.tag != other.to.tag  # type: ignore[union-attr]
        ack = peer.request("ACK", 1, To=one.headers["To"])
        peer.send(ack, endpoint)
        forged = one.headers["To"][:-1] + ("0" if one.headers["To"][-1] != "0" else "1")
        peer.send(peer.request("ACK", 1, To=forged), endpoint)
        passed = await callee.receive()
        assert passed.headers["To"] == forged
        assert await callee.hears_nothing()
        assert await peer.hears_nothing()

    run(loop, test)


def test_tags_are_those_of_the_secret() -> None:
    request = parse(_Named().request())
    assert isinstance(request, Request)
    tags = [
        Endpoint("127.0.0.1", 5060, secret=secret).tag_of(request)
        for secret in (SECRET, SECRET, SECRET[::-1])
    ]
    assert tags[0] == tags[1] != tags[2]
    assert tags[0][:4] != tags[2][:4]


class _Named(Peer):
    def __init__(self) -> None:
        self.sent_by, self.uri = "127.0.0.1:9", "sip:127.0.0.1:9"


@every_loop
def test_an_answer_goes_where_via_says(loop: str) -> None:
    async def test(rig: Rig) -> None:
        endpoint, peer, other = rig.endpoint(), rig.peer(), rig.peer()
        await rig.attach(lambda message, source: endpoint.reply(message, 200, source=source))
        peer.send(peer.request(Via=f"SIP/2.0/UDP {other.sent_by};branch=z9hG4bK1"), endpoint)
        assert isinstance(await other.receive(), Response)
        # But to no other host than the one that sent it.
        elsewhere = f"SIP/2.0/UDP 192.0.2.1:{peer.port};branch=z9hG4bK1"
        peer.send(peer.request(Via=elsewhere), endpoint)
        response = await peer.receive()
        assert response.via.received == "127.0.0.1"

    run(loop, test)


@every_loop
def test_what_can_be_sent_and_where(loop: str) -> None:
    async def test(rig: Rig) -> None:
        endpoint, peer = rig.endpoint(), rig.peer()
        sources: list[Any] = []
        await rig.attach(lambda message, source: sources.append(source))
        peer.send(peer.request(), endpoint)
        await rig.until(lambda: bool(sources))
        response = parse(peer.request()).reply(200)  # type: ignore[union-attr]
        draft = response.edit()
        for message in (response.raw, response, draft):
            for where in (
                sources[0],
                (peer.host, peer.port),
                NextHop(peer.host, peer.port, "UDP", None),
                Source(peer.host, peer.port),
            ):
                endpoint.send(message, where)
                assert await peer.datagram() == response.raw
        undelivered = endpoint.counters.undelivered
        for nowhere in (
            NextHop(peer.host, peer.port, "TCP", None),
            NextHop(peer.host, peer.port, "SCTP", 99),
            NextHop("::1", peer.port, "UDP", None),
            ("127.0.0.1", 0),
            Source("::1", 5060),
        ):
            endpoint.send(response, nowhere)
        assert endpoint.counters.undelivered == undelivered + 5
        endpoint.send(bytes(70_000), (peer.host, peer.port))
        await rig.until(lambda: endpoint.counters.undelivered == undelivered + 6)
        wrong: Any
        for wrong in (None, 5, ("127.0.0.1",), "127.0.0.1"):
            with pytest.raises(TypeError):
                endpoint.send(response, wrong)
        with pytest.raises(TypeError):
            endpoint.send(None, sources[0])  # type: ignore[arg-type]

    run(loop, test)


# ---- names ---------------------------------------------------------------------------------------


@every_loop
def test_what_was_not_sent_is_told(loop: str) -> None:
    async def resolve(host: str, port: int | None, transport: str) -> tuple[str, int]:
        raise OSError

    async def test(rig: Rig) -> None:
        udp, tcp = rig.endpoint(resolve=resolve), rig.endpoint(transport="TCP")
        peer = rig.peer()
        lost: list[bytes] = []
        await Group(udp, tcp).attach(lambda message, source: None, undelivered=lost.append)
        closed = free_port()
        number = 1 << 20  # of a connection that is gone
        for name, host, port, transport, connection in (
            (b"sent", peer.host, peer.port, "UDP", None),
            (b"no endpoint", "127.0.0.1", 9, "WS", None),
            (b"no IPv6", "::1", 9, "UDP", None),
            (b"refused", "127.0.0.1", closed, "TCP", None),
            (b"gone", "127.0.0.1", closed, "TCP", number),
            (b"no such name", "nowhere.example", None, "UDP", None),
        ):
            udp.send(name, NextHop(host, port, transport, connection))
            assert name not in lost  # later, so that nothing is told to who is not ready
        assert await peer.datagram() == b"sent"
        await rig.until(lambda: len(lost) == 5)
        for name, host, transport in (
            (b"known to be dead", "127.0.0.1", "TCP"),
            (b"known to have no address", "nowhere.example", "UDP"),
        ):
            udp.send(name, NextHop(host, closed if transport == "TCP" else None, transport, None))
        await rig.until(lambda: len(lost) == 7)
        assert sorted(lost) == sorted(
            [
                *(b"no endpoint", b"no IPv6", b"refused", b"gone", b"no such name"),
                *(b"known to be dead", b"known to have no address"),
            ]
        )
        assert udp.counters.undelivered + tcp.counters.undelivered == 7

    run(loop, test)


@every_loop
def test_a_name_is_looked_up_once(loop: str, caplog: pytest.LogCaptureFixture) -> None:
    async def test(rig: Rig) -> None:
        asked: list[Any] = []
        go = asyncio.Event()

        async def resolve(host: str, port: int | None, transport: str) -> tuple[str, int]:
            asked.append((host, port, transport))
            await go.wait()
            if host.startswith("raising"):
                raise RuntimeError("on purpose")
            if not host.startswith("callee"):
                raise OSError("no such name")
            return "127.0.0.1", callee.port

        endpoint, peer, callee = rig.endpoint(resolve=resolve), rig.peer(), rig.peer()
        targets = {1: "callee.example", 2: "absent.example", 3: "raising.example"}

        def handle(message: Any, source: Any) -> None:
            target = f"sip:bob@{targets[message.cseq.number]}"
            endpoint.forward(message, target, source=source)

        await rig.attach(handle)
        for _ in range(3):
            for number in targets:
                peer.send(peer.request("INVITE", number), endpoint)
        await rig.until(lambda: endpoint.counters.received == 9)
        go.set()
        for _ in range(3):
            assert (await callee.receive()).call_id == "1@example.org"
        peer.send(peer.request("INVITE", 1), endpoint)
        peer.send(peer.request("INVITE", 2), endpoint)
        assert (await callee.receive()).call_id == "1@example.org"
        await rig.until(lambda: endpoint.counters.undelivered == 4)
        assert asked == [(host, None, "UDP") for host in targets.values()]
        assert endpoint.counters.failed == 1

    run(loop, test)
    assert len(caplog.records) == 1


@every_loop
def test_look_ups_are_bounded(loop: str) -> None:
    async def test(rig: Rig) -> None:
        async def resolve(host: str, port: int | None, transport: str) -> tuple[str, int]:
            await asyncio.sleep(30)
            raise OSError

        endpoint = rig.endpoint(resolve=resolve)
        await rig.attach(lambda message, source: None)
        for _ in range(100):
            endpoint.send(b"data", ("one.example", 5060))
        assert endpoint.counters.busy == 36
        for number in range(2000):
            endpoint.send(b"data", (f"{number}.example", 5060))
        assert endpoint.counters.busy == 36 + 2000 - 1023
        assert len(endpoint._tasks) == 1024

    run(loop, test)


def test_what_is_known_of_names_is_bounded() -> None:
    async def test(rig: Rig) -> None:
        async def resolve(host: str, port: int | None, transport: str) -> tuple[str, int]:
            return "127.0.0.1", peer.port

        endpoint, peer = rig.endpoint(resolve=resolve), rig.peer()
        await rig.attach(lambda message, source: None)
        for number in range(3000):
            endpoint.send(b"data", (f"{number}.example", 5060))
            if number % 500 == 0:
                await asyncio.sleep(0.01)
        assert len(endpoint._names._known) <= 1024

    run("own", test)


@every_loop
def test_the_system_looks_names_up(loop: str) -> None:
    async def test(rig: Rig) -> None:
        endpoint, callee = rig.endpoint(), rig.peer()
        await rig.attach(lambda message, source: None)
        endpoint.send(b"data", ("localhost", callee.port))
        assert await callee.datagram() == b"data"

    run(loop, test)


# ---- running -------------------------------------------------------------------------------------


def test_arguments() -> None:
    with pytest.raises(ValueError, match="transport must be one of UDP, TCP, TLS, WS, WSS"):
        Endpoint("127.0.0.1", 5060, transport="SCTP", secret=SECRET)
    with pytest.raises(ValueError, match="secret has at least 16 bytes"):
        Endpoint("127.0.0.1", 5060, secret=b"short")
    with pytest.raises(ValueError, match="a group has 1 to 64 endpoints"):
        Group()
    endpoint = Endpoint("192.0.2.1", secret=SECRET)
    assert (endpoint.address, repr(endpoint)) == (("192.0.2.1", 5060), "<Endpoint UDP 192.0.2.1>")
    assert Endpoint("[::1]", 5, transport="tls", secret=SECRET).address == ("::1", 5)
    assert Endpoint("x.example", secret=SECRET, bind=("127.0.0.1", 7)).address == ("127.0.0.1", 7)


@every_loop
def test_attaching(loop: str) -> None:
    async def test(rig: Rig) -> None:
        endpoint, peer = rig.endpoint(), rig.peer()
        other = Endpoint("127.0.0.1", endpoint.address[1], secret=SECRET)
        for moderation in (-1, 2):
            with pytest.raises(ValueError, match="moderation must be from 0 to 1 second"):
                await endpoint.attach(lambda message, source: None, moderation=moderation)
        await endpoint.attach(lambda message, source: None)
        with pytest.raises(RuntimeError, match="the endpoint is attached already"):
            await endpoint.attach(lambda message, source: None)
        with pytest.raises(OSError, match="in use"):
            await other.attach(lambda message, source: None)
        with pytest.raises(OSError, match="in use"):
            await Group(Endpoint("127.0.0.1", free_port(), secret=SECRET), other).attach(
                lambda message, source: None
            )
        await endpoint.close()
        await endpoint.close()
        endpoint.send(b"nowhere", (peer.host, peer.port))
        assert endpoint.counters.undelivered == 1
        await other.attach(lambda message, source: other.reply(message, 200, source=source))
        peer.send(peer.request(), other)
        await peer.receive()
        await other.close()

    run(loop, test)


@every_loop
def test_several_processes_may_share_an_address(loop: str) -> None:
    async def test(rig: Rig) -> None:
        one = rig.endpoint(reuse_port=True)
        other = Endpoint("127.0.0.1", one.address[1], secret=SECRET, reuse_port=True)
        await one.attach(lambda message, source: None)
        await other.attach(lambda message, source: None)
        peers = [rig.peer() for _ in range(64)]
        for peer in peers:
            peer.send(peer.request(), one)

        def have_all() -> bool:
            return one.counters.received + other.counters.received == 64

        await rig.until(have_all)
        assert one.counters.received
        assert other.counters.received
        await other.close()

    run(loop, test)


@every_loop
def test_closing_waits_for_handlers(loop: str) -> None:
    async def test(rig: Rig) -> None:
        endpoint, peer = rig.endpoint(), rig.peer()
        ended: list[str] = []

        async def handle(message: Any, source: Any) -> None:
            try:
                await asyncio.sleep(0.05 if message.method == "OPTIONS" else 60)
                endpoint.reply(message, 200, source=source)
            finally:
                ended.append(message.method)

        await rig.attach(handle)
        for method in ("OPTIONS", "INFO"):
            peer.send(peer.request(method), endpoint)
        await rig.until(lambda: len(endpoint._tasks) == 2)
        begin = time.monotonic()
        await endpoint.close(grace=0.5)
        assert 0.4 < time.monotonic() - begin < 5
        assert sorted(ended) == ["INFO", "OPTIONS"]
        assert (await peer.receive()).cseq.method == "OPTIONS"

    run(loop, test)


def test_serving_ends_with_stop() -> None:
    endpoint = Endpoint("127.0.0.1", free_port(), secret=SECRET)
    peer = Peer()
    peer.socket.settimeout(10)
    thread = threading.Thread(
        target=endpoint.serve, args=(lambda m, source: endpoint.reply(m, 200, source=source),)
    )
    endpoint.stop()  # not yet serving
    thread.start()
    try:
        for _ in range(1000):  # until it is bound
            peer.send(peer.request("OPTIONS"), endpoint)
            time.sleep(0.01)
            if endpoint.counters.received:
                break
        assert parse(peer.socket.recv(9999)).cseq.method == "OPTIONS"  # type: ignore[union-attr]
    finally:
        endpoint.stop()
        thread.join(10)
        peer.socket.close()
    assert not thread.is_alive()


TWENTY_LINES = """
import sys
import sipfast
from sipfast.proxy import Endpoint

endpoint = Endpoint("127.0.0.1", int(sys.argv[1]), secret=b"sixteen bytes or more, from a file")
places = {"sip:bob@example.com": sys.argv[2]}

def handle(message, source):
    if isinstance(message, sipfast.Response) or message.routes:
        endpoint.forward(message, source=source)
    elif message.uri_text in places:
        endpoint.forward(message, places[message.uri_text], source=source)
    else:
        endpoint.reply(message, 404, source=source)

endpoint.serve(handle)
print(endpoint.counters)
"""


@pytest.mark.parametrize("engine", ["native", "pure"])
@pytest.mark.parametrize("number", ["SIGTERM", "SIGINT"])
def test_a_proxy_in_twenty_lines(engine: str, number: str) -> None:
    port = free_port()

    async def test(rig: Rig) -> None:
        caller, callee = rig.peer(), rig.peer()
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", TWENTY_LINES, str(port), callee.uri],
            env={**os.environ, "SIPFAST_PURE": str(int(engine == "pure"))},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            there = ("127.0.0.1", port)
            for _ in range(600):  # until it is there
                caller.send(caller.request("OPTIONS", 5, uri="sip:nobody@example.com"), there)
                if not await caller.hears_nothing(0.02):
                    break
            await asyncio.sleep(0.1)
            while not await caller.hears_nothing(0.02):
                pass
            await call(caller, callee, there)
        finally:
            process.send_signal(getattr(signal, number))
            output = await asyncio.to_thread(process.communicate, timeout=20)
        assert process.returncode == 0
        assert "failed" not in output[0]

    run("asyncio", test)


def test_all_of_this_on_the_pure_engine() -> None:
    if sipfast.engine == "pure":
        pytest.skip("this is it")
    chosen = "not pure_engine and not twenty"
    run_ = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-k", chosen, __file__],
        env={**os.environ, "SIPFAST_PURE": "1", "PYTEST_ADDOPTS": ""},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run_.returncode == 0, run_.stdout


def test_counters() -> None:
    counters = Counters()
    counters.sent += 2
    assert dict(counters)["sent"] == counters["sent"] == 2
    assert repr(counters) == "Counters(sent=2)"
    with pytest.raises(KeyError):
        counters["keys"]
    with pytest.raises(AttributeError):
        counters.other = 1  # type: ignore[attr-defined]
