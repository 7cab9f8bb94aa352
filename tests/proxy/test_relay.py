"""What stateful proxies, registrars and several processes need of endpoints beside `forward`."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from peers import Rig, StreamPeer, every_loop, run

from sipfast import NextHop, ParseError, Request, Response


@every_loop
@pytest.mark.parametrize("transport", ["UDP", "TCP"])
def test_relay_and_send_are_forward(loop: str, transport: str) -> None:
    """The same bytes to the same place, within a group or not."""

    async def test(rig: Rig) -> None:
        udp, _ = rig.endpoint(), rig.endpoint(transport="TCP")
        caller = rig.peer()
        callee: Any = rig.peer() if transport == "UDP" else await StreamPeer().listen()

        def handle(message: Any, source: Any) -> None:
            udp.forward(message, callee.uri, source=source)
            data, to, out = udp.relay(message, callee.uri, source=source)
            assert out is not None
            assert (out.hop.transport, to.transport) == (transport, transport)
            out.send(data, to)

        await rig.attach(handle)
        caller.send(caller.request(), udp)
        assert (await callee.receive()).raw == (await callee.receive()).raw
        if transport == "TCP":
            await callee.close()

    run(loop, test)


@every_loop
def test_a_flow_takes_the_place_of_the_next_hop(loop: str) -> None:
    async def test(rig: Rig) -> None:
        udp, tcp = rig.endpoint(), rig.endpoint(transport="TCP")
        caller, other = rig.peer(), rig.peer()
        flows: list[NextHop] = []
        nowhere = "sip:bob@192.0.2.1:9"

        def handle(message: Any, source: Any) -> None:
            if source.connection is not None:
                assert udp.group.is_open(source.connection)
                flows.append(NextHop(source.host, source.port, "TCP", source.connection))
                return
            at_other = NextHop(other.host, other.port, "UDP", None)
            for where in (at_other, flows[0]):
                udp.forward(message, nowhere, source=source, where=where)
                data, to, out = udp.relay(message, nowhere, source=source, where=where)
                assert to == where
                assert out is (tcp if where.transport == "TCP" else udp)
                out.send(data, to)

        await rig.attach(handle)
        registered = await StreamPeer().connect(tcp.address)
        registered.send(registered.request("REGISTER"))
        await rig.until(lambda: bool(flows))
        caller.send(caller.request(), udp)
        for peer, via in ((other, "UDP"), (registered, "TCP")):
            first, second = await peer.receive(), await peer.receive()
            assert first.raw == second.raw
            assert first.uri_text == nowhere
            assert first.via.transport == via
        number = flows[0].connection
        assert number is not None
        await registered.close()
        await rig.until(lambda: not udp.group.is_open(number))
        assert not udp.group.is_open(0)

    run(loop, test)


@every_loop
@pytest.mark.parametrize("is_kept", [False, True])
def test_a_flow_is_of_the_endpoint_that_has_it(loop: str, is_kept: bool) -> None:
    """Not of the first one with its transport: the response comes by that connection too."""

    async def test(rig: Rig) -> None:
        first, second = rig.endpoint(transport="TCP"), rig.endpoint(transport="TCP")
        flows: list[NextHop] = []

        def handle(message: Any, source: Any) -> None:
            if isinstance(message, Response):
                source.endpoint.forward(message, source=source)
            elif message.method == "REGISTER":
                flows.append(NextHop(source.host, source.port, "TCP", source.connection))
            elif is_kept:
                data, to, out = first.relay(message, "sip:b@h", source=source, where=flows[0])
                assert out is second
                out.send(data, to)
            else:
                first.forward(message, "sip:b@h", source=source, where=flows[0])

        await rig.attach(handle)
        callee = await StreamPeer().connect(second.address)
        callee.send(callee.request("REGISTER"))
        await rig.until(lambda: bool(flows))
        caller = await StreamPeer().connect(first.address)
        caller.send(caller.request("INVITE"))
        invite = await callee.receive()
        assert invite.via.sent_by == second.hop.sent_by
        callee.send(invite.reply(200, to_tag="b1").raw)
        assert (await caller.receive()).status == 200
        await caller.close()
        await callee.close()

    run(loop, test)


@every_loop
def test_no_endpoint_for_the_transport(loop: str) -> None:
    async def test(rig: Rig) -> None:
        udp, caller = rig.endpoint(), rig.peer()
        seen: list[Any] = []

        def handle(message: Any, source: Any) -> None:
            seen.append(udp.relay(message, "sip:bob@192.0.2.1;transport=tcp", source=source)[1:])
            with pytest.raises(ParseError):
                udp.relay(message, None, source=source)

        await rig.attach(handle)
        caller.send(caller.request(), udp)
        await rig.until(lambda: bool(seen))
        assert seen == [(NextHop("192.0.2.1", 5060, "TCP", None), None)]

    run(loop, test)


@every_loop
def test_a_datagram_of_another_process(loop: str) -> None:
    """It is handled, and answered, as if it had arrived at the socket."""

    async def test(rig: Rig) -> None:
        udp, caller = rig.endpoint(), rig.peer()

        def handle(message: Any, source: Any) -> Any:
            if message.method == "INFO":
                raise RuntimeError("a mistake")
            return later(message, source)

        async def later(message: Any, source: Any) -> None:
            await asyncio.sleep(0)
            udp.reply(message, 404, source=source)

        await rig.attach(handle)
        source = (caller.host, caller.port)
        udp.receive(caller.request(), source)
        answer = await caller.receive()
        assert isinstance(answer, Response)
        assert answer.status == 404
        udp.receive(caller.request("INFO"), source)
        udp.receive(caller.request().replace(b"CSeq: 1", b"CSeq: x"), source)
        udp.receive(b"\0" * 100, source)
        assert udp.counters.failed == 1
        assert udp.counters.received >= 2

    run(loop, test)


@every_loop
def test_no_more_connections_but_those_there_are(loop: str) -> None:
    async def test(rig: Rig) -> None:
        tcp = rig.endpoint(transport="TCP")

        def handle(message: Any, source: Any) -> None:
            tcp.reply(message, 200, source=source)

        await rig.attach(handle)
        one = await StreamPeer().connect(tcp.address)
        one.send(one.request("OPTIONS"))
        assert (await one.receive()).status == 200
        tcp.group.quiesce()
        await asyncio.sleep(0.05)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*tcp.address)
        one.send(one.request("OPTIONS"))
        assert (await one.receive()).status == 200
        await one.close()

    run(loop, test)


@every_loop
def test_an_answer_of_ones_own_has_the_tag_by_which_its_ack_is_known(loop: str) -> None:
    async def test(rig: Rig) -> None:
        udp, caller = rig.endpoint(), rig.peer()
        seen: list[tuple[str, bool]] = []

        def handle(message: Any, source: Any) -> None:
            assert isinstance(message, Request)
            if message.method == "ACK":
                seen.append((message.to.tag or "", udp.is_answered(message)))  # type: ignore[union-attr]
            else:
                own = message.reply(486, to_tag=udp.tag_of(message), source=tuple(source))
                udp.send(own, source)

        await rig.attach(handle)
        caller.send(caller.request(), udp)
        answer = await caller.receive()
        caller.send(caller.request("ACK", To=answer.headers["To"]), udp)
        caller.send(caller.request("ACK", To="<sip:bob@example.com>;tag=b1"), udp)
        await rig.until(lambda: len(seen) == 2)
        assert seen == [(answer.to.tag, True), ("b1", False)]

    run(loop, test)
