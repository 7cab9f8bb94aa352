"""Endpoints of several transports that forward to each other (RFC 5658)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from peers import Rig, StreamPeer, every_loop, run

import sipfast
from sipfast import NextHop, Request, Response


def relay(target: Any) -> Any:
    def handle(message: Any, source: Any) -> None:
        if isinstance(message, Request) and not message.routes:
            source.endpoint.forward(message, target, source=source)
        else:
            source.endpoint.forward(message, source=source)

    return handle


@every_loop
def test_a_call_from_udp_to_tcp(loop: str) -> None:
    async def test(rig: Rig) -> None:
        udp, tcp = rig.endpoint(), rig.endpoint(transport="TCP")
        caller, callee = rig.peer(), await StreamPeer().listen()
        await rig.attach(relay(callee.uri))
        caller.send(caller.request(), udp)
        invite = await callee.receive()
        assert invite.headers.getall("Record-Route")[0].startswith(f"<sip:{tcp.hop.sent_by};")
        assert [via.transport for via in invite.vias] == ["TCP", "UDP"]
        assert [len(route) > 0 for route in invite.headers.getall("Record-Route")] == [True, True]
        ok = invite.reply(200, to_tag="b1", headers={"Contact": f"<{callee.uri}>"})
        callee.send(ok.raw)
        response = await caller.receive()
        assert (response.status, len(response.vias)) == (200, 1)
        # In the dialog, both ways.
        first = sipfast.parse(caller.request())
        assert isinstance(first, Request)
        bye = sipfast.Dialog.uac(first, response).request("BYE")
        caller.send(bye.raw, udp)
        arrived = await callee.receive()
        assert (arrived.method, arrived.routes, arrived.uri_text) == ("BYE", (), callee.uri)
        assert arrived.record_routes == ()
        leg = sipfast.Dialog.uas(invite, ok, via=f"SIP/2.0/TCP 127.0.0.1:{callee.port}")
        callee.send(leg.request("INFO").raw)
        back = await caller.receive()
        assert (back.method, back.routes, back.uri_text) == ("INFO", (), caller.uri)
        caller.send(back.reply(200).raw, udp)
        assert (await callee.receive()).cseq.method == "INFO"
        assert callee.connections == 1
        assert (udp.counters.undelivered, tcp.counters.undelivered) == (0, 0)
        await callee.close()

    run(loop, test)


@every_loop
def test_requests_of_a_dialog_without_a_record_route_of_their_own(loop: str) -> None:
    async def test(rig: Rig) -> None:
        udp, _ = rig.endpoint(), rig.endpoint(transport="TCP")
        caller, callee = rig.peer(), await StreamPeer().listen()

        def handle(message: Any, source: Any) -> None:
            is_first = isinstance(message, Request) and not message.routes
            target = callee.uri if is_first else None
            source.endpoint.forward(message, target, source=source, record_route=is_first)

        await rig.attach(handle)
        caller.send(caller.request(), udp)
        invite = await callee.receive()
        ok = invite.reply(200, to_tag="b1", headers={"Contact": f"<{callee.uri}>"})
        callee.send(ok.raw)
        first = sipfast.parse(caller.request())
        assert isinstance(first, Request)
        dialog = sipfast.Dialog.uac(first, await caller.receive())
        caller.send(dialog.request("INFO").raw, udp)
        info = await callee.receive()
        assert (info.method, info.routes, info.record_routes) == ("INFO", (), ())
        await callee.close()

    run(loop, test)


@every_loop
def test_what_came_in_a_datagram_is_answered_by_one(loop: str) -> None:
    """Whatever its Via says, or a forged source would have us connect to a victim."""

    async def test(rig: Rig) -> None:
        udp, tcp = rig.endpoint(), rig.endpoint(transport="TCP")
        caller, callee = rig.peer(), rig.peer()

        def handle(message: Any, source: Any) -> None:
            if isinstance(message, Request) and message.method == "OPTIONS":
                udp.reply(message, 200, source=source)
            else:
                udp.forward(message, callee.uri, source=source)

        await rig.attach(handle)
        via = f"SIP/2.0/TCP {caller.sent_by};branch=z9hG4bK1"
        caller.send(caller.request(Via=via), udp)
        callee.send((await callee.receive()).reply(200).raw, udp)
        assert (await caller.receive()).cseq.method == "INVITE"
        caller.send(caller.request("OPTIONS", Via=via), udp)
        assert (await caller.receive()).cseq.method == "OPTIONS"
        caller.send(caller.request("INFO", Via=via, Max_Forwards="0", Subject="x" * 200), udp)
        assert (await caller.receive()).status == 483
        assert (tcp.counters.opened, tcp.counters.unreachable) == (0, 0)

    run(loop, test)


@every_loop
def test_a_call_from_tcp_to_udp(loop: str) -> None:
    async def test(rig: Rig) -> None:
        udp, tcp = rig.endpoint(), rig.endpoint(transport="TCP")
        callee = rig.peer()
        await rig.attach(relay(callee.uri))
        caller = await StreamPeer().connect(tcp.address)
        other = await StreamPeer().connect(tcp.address)
        for one in (caller, other):
            one.send(one.request("INVITE"))
            invite = await callee.receive()
            assert [via.transport for via in invite.vias] == ["UDP", "TCP"]
            for status in (180, 200):
                callee.send(invite.reply(status, to_tag="b1").raw, udp)
                # By the connection, not to the port in Via, at which nobody listens.
                assert (await one.receive()).status == status
        assert tcp.counters.opened == 0
        # Both are refused by the connection that they came by, of any length.
        caller.send(caller.request("INVITE", **{"Max-Forwards": "0"}))
        assert (await caller.receive()).status == 483
        # A response to a connection that is gone goes nowhere.
        other.send(other.request("OPTIONS"))
        options = await callee.receive()
        await other.close()
        await rig.until(lambda: tcp.connections == 1)
        callee.send(options.reply(200).raw, udp)
        await rig.until(lambda: tcp.counters.unreachable + tcp.counters.undelivered > 0)
        await caller.close()

    run(loop, test)


@every_loop
def test_answers_and_messages_over_a_connection(loop: str) -> None:
    async def test(rig: Rig) -> None:
        tcp = rig.endpoint(transport="TCP")
        sources: list[Any] = []

        async def handle(message: Any, source: Any) -> None:
            sources.append(source)
            if message.method == "INFO":
                raise RuntimeError("on purpose")
            await asyncio.sleep(0)
            tcp.reply(message, 404, source=source)

        await rig.attach(handle)
        peer = await StreamPeer().connect(tcp.address)
        peer.send(peer.request("INFO") + peer.request("OPTIONS") * 2)
        for _ in range(2):
            assert (await peer.receive()).status == 404
        assert (tcp.counters.received, tcp.counters.failed) == (3, 1)
        message = peer.request("MESSAGE")
        tcp.send(message, sources[0])
        tcp.send(message, (peer.writer.get_extra_info("sockname")))  # type: ignore[union-attr]
        tcp.send(message, NextHop("127.0.0.1", 9, "TCP", sources[0].connection))
        for _ in range(3):
            assert (await peer.receive()).method == "MESSAGE"
        assert sources[0].transport == "TCP"
        assert sources[0].endpoint is tcp
        assert tcp.connections == 1
        await peer.close()

    run(loop, test)


def test_a_next_hop_of_a_transport_that_none_has() -> None:
    async def test(rig: Rig) -> None:
        udp, peer = rig.endpoint(), rig.peer()
        await rig.attach(relay("sip:127.0.0.1:9;transport=tcp"))
        peer.send(peer.request(), udp)
        await rig.until(lambda: udp.counters.undelivered == 1)
        assert udp.counters.failed == 0

    run("own", test)


@pytest.mark.parametrize("transport", ["TLS", "WS", "WSS"])
def test_a_group_knows_all_transports(transport: str) -> None:
    rig = Rig()
    one = rig.endpoint(transport=transport, bind=("127.0.0.1", 1))
    assert one.hop.transport == transport
    assert isinstance(one, sipfast.proxy.Endpoint)
    assert Response is sipfast.Response
