"""What has ended is freed at once: the example puts full garbage collections off."""

from __future__ import annotations

import asyncio
import gc
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from user_agents import UDPLink, UserAgent

from benchmarks.ports import free_port
from examples.proxy import stateful
from examples.proxy.routing import next_hop_of
from examples.proxy.server import Server, Settings
from sipfast import SipURI


@pytest.mark.parametrize("is_stateful", [False, True])
def test_calls_leave_no_cycles(
    is_stateful: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test() -> None:
        port = free_port()
        callee = UserAgent(UDPLink("127.0.0.1", port), "bob")
        caller = UserAgent(UDPLink("127.0.0.1", port), "alice")
        settings = Settings(
            listen=(("UDP", "127.0.0.1", port),),
            next_hop=next_hop_of(SipURI.parse(f"sip:127.0.0.1:{callee.link.address[1]}")),
            is_stateful=is_stateful,
            database=str(tmp_path / "location"),
        )
        server = Server(settings, 0, 1, None)
        await server.start()

        def go() -> None:
            for _ in range(10):
                invite = caller.request("INVITE", "sip:bob@example.org")
                caller.send(invite)
                arrived = callee.expect("INVITE")
                callee.answer(arrived, 486)
                caller.send(invite.ack(caller.final()))
                assert caller.ask(caller.request("MESSAGE", "tel:+4930123")).status == 416
                refused = caller.request("INVITE", "sip:bob@example.org", Max_Forwards=0)
                assert caller.ask(refused).status == 483

        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, go)
        late = SimpleNamespace(monotonic=lambda: time.monotonic() + 1000)
        monkeypatch.setattr(stateful, "time", late)
        server.stateful._tick()
        assert len(server.transactions) == 0
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        found.update(type(each).__name__ for each in gc.garbage)
        gc.set_debug(0)
        gc.garbage.clear()
        caller.close()
        callee.close()
        await server.close(asyncio.Event())

    found: set[str] = set()
    gc.collect()
    gc.disable()
    try:
        asyncio.run(test())
    finally:
        gc.set_debug(0)
        gc.enable()
    ours = ("Answer", "Call", "ClientTransaction", "Refused", "Request", "ServerTransaction")
    assert not found & set(ours)
