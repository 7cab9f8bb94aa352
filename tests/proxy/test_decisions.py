"""What endpoints do by themselves: forward what needs no decision, and limit errors."""

from __future__ import annotations

from typing import Any

import pytest
from peers import Rig, StreamPeer, every_loop, run

import sipfast
from sipfast import Request, Response, parse
from sipfast.proxy import RateLimit, Source


def methods_of(rig: Rig) -> list[str]:
    return [getattr(message, "method", "a response") for message in rig.handled]


async def answered(rig: Rig, status: int) -> tuple[Any, Any, Any, Any]:
    """An endpoint, two peers, and the response to an INVITE of the first one."""
    endpoint, caller, callee = rig.endpoint(), rig.peer(), rig.peer()

    def handle(message: Any, source: Source) -> None:
        endpoint.forward(message, callee.uri, source=source)

    await rig.attach(handle, relay=True)
    caller.send(caller.request("INVITE"), endpoint)
    invite = await callee.receive()
    assert isinstance(invite, Request)
    assert len(invite.headers.getall("Record-Route")) == 1
    response = invite.reply(status, to_tag="b1", headers={"Contact": f"<{callee.uri}>"})
    callee.send(bytes(response), endpoint)
    return endpoint, caller, callee, await caller.receive()


@every_loop
def test_the_handler_gets_the_first_request_of_a_call(loop: str) -> None:
    async def test(rig: Rig) -> None:
        endpoint, caller, callee, response = await answered(rig, 200)
        assert (response.status, len(response.vias)) == (200, 1)
        dialog = sipfast.Dialog.uac(parse(caller.request("INVITE")), response)  # type: ignore[arg-type]
        caller.send(bytes(dialog.request("BYE")), endpoint)
        bye = await callee.receive()
        assert isinstance(bye, Request)
        assert (bye.routes, bye.headers.getall("Record-Route", [])) == ((), [])
        assert len(bye.vias) == 2
        callee.send(bytes(bye.reply(200)), endpoint)
        assert (await caller.receive()).cseq.method == "BYE"
        assert methods_of(rig) == ["INVITE"]
        assert (endpoint.counters.received, endpoint.counters.sent) == (4, 4)

    run(loop, test)


@every_loop
def test_the_ack_and_the_cancel_of_a_first_request_are_for_the_handler(loop: str) -> None:
    async def test(rig: Rig) -> None:
        endpoint, caller, callee, response = await answered(rig, 486)
        invite = parse(caller.request("INVITE"))
        assert isinstance(invite, Request)
        assert isinstance(response, Response)
        for request in (invite.ack(response), invite.cancel()):
            caller.send(bytes(request), endpoint)
            assert (await callee.receive()).method == request.method
        assert methods_of(rig) == ["INVITE", "ACK", "CANCEL"]

    run(loop, test)


def test_a_forged_response_goes_nowhere() -> None:
    async def test(rig: Rig) -> None:
        endpoint, caller, callee = rig.endpoint(), rig.peer(), rig.peer()
        await rig.attach(lambda message, source: None, relay=True)
        request = parse(caller.request("OPTIONS"))
        assert isinstance(request, Request)
        via = f"SIP/2.0/UDP {endpoint.hop.sent_by};branch=z9hG4bK0123456789abcdef"
        draft = request.reply(200, to_tag="b1").edit()
        draft.push("Via", via)
        callee.send(bytes(draft), endpoint)
        await rig.until(lambda: endpoint.counters.refused == 1)
        assert await caller.hears_nothing()
        assert rig.handled == []

    run("own", test)


def test_a_route_that_is_not_signed_is_for_the_handler() -> None:
    async def test(rig: Rig) -> None:
        endpoint, caller, victim = rig.endpoint(), rig.peer(), rig.peer()

        def handle(message: Any, source: Source) -> None:
            endpoint.forward(message, source=source)

        await rig.attach(handle, relay=True)
        route = f"<sip:{endpoint.hop.sent_by};lr>, <{victim.uri};lr>"
        stray = caller.request("BYE", To="<sip:bob@example.com>;tag=b1", Route=route)
        caller.send(stray, endpoint)
        response = await caller.receive()
        assert isinstance(response, Response)
        assert response.status == 403
        assert await victim.hears_nothing()
        assert methods_of(rig) == ["BYE"]

    run("own", test)


@pytest.mark.parametrize("relay", [False, True])
def test_the_ack_to_an_answer_of_the_endpoint_ends_there(relay: bool) -> None:
    async def test(rig: Rig) -> None:
        endpoint, caller, callee = rig.endpoint(), rig.peer(), rig.peer()

        def handle(message: Any, source: Source) -> None:
            if message.method == "INVITE":
                endpoint.reply(message, 404, source=source)
            else:
                endpoint.forward(message, callee.uri, source=source)

        await rig.attach(handle, relay=relay)
        caller.send(caller.request("INVITE"), endpoint)
        response = await caller.receive()
        invite = parse(caller.request("INVITE"))
        assert isinstance(invite, Request)
        assert isinstance(response, Response)
        caller.send(bytes(invite.ack(response)), endpoint)
        await rig.until(lambda: len(rig.handled) == 2)
        assert await callee.hears_nothing()

    run("own", test)


def test_a_request_along_our_route_leaves_by_another_transport() -> None:
    """Between IPv4 and IPv6, too, the handler gets the first request only."""

    async def test(rig: Rig) -> None:
        four, six = rig.endpoint(), rig.endpoint("[::1]")
        caller, callee = rig.peer(), rig.peer("::1")

        def handle(message: Any, source: Source) -> None:
            source.endpoint.forward(message, callee.uri, source=source)

        await rig.attach(handle, relay=True)
        caller.send(caller.request("INVITE"), four)
        invite = await callee.receive()
        assert isinstance(invite, Request)
        response = invite.reply(200, to_tag="b1", headers={"Contact": f"<{callee.uri}>"})
        callee.send(bytes(response), six)
        ok = await caller.receive()
        dialog = sipfast.Dialog.uac(parse(caller.request("INVITE")), ok)  # type: ignore[arg-type]
        caller.send(bytes(dialog.request("BYE")), four)
        assert (await callee.receive()).method == "BYE"
        assert methods_of(rig) == ["INVITE"]

    run("own", test)


def refuse(rig: Rig, endpoint: Any, status: int) -> Any:
    return rig.attach(lambda message, source: endpoint.reply(message, status, source=source))


@pytest.mark.parametrize("status", [404, 401])
def test_an_address_gets_so_many_errors_and_no_more(status: int) -> None:
    async def test(rig: Rig) -> None:
        endpoint, caller = rig.endpoint(rate=RateLimit(rate=1e-3, burst=2)), rig.peer()
        await refuse(rig, endpoint, status)
        for number in range(5):
            caller.send(caller.request("INVITE", number), endpoint)
        await rig.until(lambda: endpoint.counters.limited == 3)
        assert [(await caller.receive()).status for _ in range(2)] == [status, status]
        assert await caller.hears_nothing()

    run("own", test)


def test_who_wants_no_limit_has_none() -> None:
    async def test(rig: Rig) -> None:
        endpoint, caller = rig.endpoint(rate=None), rig.peer()
        await refuse(rig, endpoint, 404)
        for number in range(300):
            caller.send(caller.request("INVITE", number), endpoint)
            assert (await caller.receive()).status == 404
        assert endpoint.counters.limited == 0

    run("own", test)


@pytest.mark.parametrize(
    ("status", "is_sent"), [(200, True), (302, True), (401, True), (404, False)]
)
def test_an_error_is_not_longer_than_its_request(status: int, is_sent: bool) -> None:
    async def test(rig: Rig) -> None:
        endpoint, caller = rig.endpoint(), rig.peer()
        await refuse(rig, endpoint, status)
        short = (
            f"INVITE sip:b SIP/2.0\r\nv:SIP/2.0/UDP {caller.sent_by};branch=z9hG4bK1\r\n"
            "f:sip:a;tag=1\r\nt:sip:b\r\ni:1\r\nCSeq:1 INVITE\r\n\r\n"
        )
        caller.send(short.encode(), endpoint)
        if is_sent:
            response = await caller.receive()
            assert isinstance(response, Response)
            assert response.status == status
            assert len(response.raw) > len(short)
        else:
            await rig.until(lambda: endpoint.counters.limited == 1)
            assert await caller.hears_nothing()

    run("own", test)


def test_a_connection_has_proved_its_address() -> None:
    async def test(rig: Rig) -> None:
        endpoint = rig.endpoint(transport="TCP", rate=RateLimit(rate=1e-3, burst=1))
        await refuse(rig, endpoint, 404)
        caller = await StreamPeer().connect(endpoint.address)
        try:
            for number in range(5):
                caller.send(caller.request("INVITE", CSeq=f"{number} INVITE"))
                assert (await caller.receive()).status == 404
        finally:
            await caller.close()

    run("own", test)
