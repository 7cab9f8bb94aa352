"""The proxy of the README: a call through it, with the handler as it is."""

from __future__ import annotations

from typing import Any

import pytest
from peers import Rig, run

import sipfast
from examples import small_proxy
from sipfast import Request, parse


def test_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(rig: Rig) -> None:
        endpoint, alice, bob = rig.endpoint(), rig.peer(), rig.peer()
        monkeypatch.setattr(small_proxy, "endpoint", endpoint)
        monkeypatch.setitem(small_proxy.PLACES, "sip:bob@127.0.0.1", bob.uri)
        await rig.attach(small_proxy.handle, relay=True)

        sent: Any = parse(alice.request("INVITE", uri="sip:bob@127.0.0.1"))
        alice.send(sent.raw, endpoint)
        invite = await bob.receive()
        assert isinstance(invite, Request)
        assert invite.uri_text == bob.uri
        ok = invite.reply(200, to_tag="b1", headers={"Contact": f"<{bob.uri}>"})
        bob.send(bytes(ok), endpoint)
        dialog = sipfast.Dialog.uac(sent, await alice.receive())
        for request in (dialog.ack(sent), dialog.request("BYE")):
            alice.send(bytes(request), endpoint)
            assert (await bob.receive()).method == request.method
        assert [message.method for message in rig.handled] == ["INVITE"]

    run("own", test)


def test_nobody_else_is_known() -> None:
    async def test(rig: Rig) -> None:
        small_proxy_endpoint, alice = rig.endpoint(), rig.peer()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(small_proxy, "endpoint", small_proxy_endpoint)
            await rig.attach(small_proxy.handle, relay=True)
            alice.send(alice.request("INVITE", uri="sip:eve@127.0.0.1"), small_proxy_endpoint)
            assert (await alice.receive()).status == 404

    run("own", test)
