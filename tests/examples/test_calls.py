"""Calls through the running example proxy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from redis_server import free_port
from user_agents import ProxyProcess, UDPLink, UserAgent, running

import sipfast
from examples.proxy.accounts import lines_for
from sipfast._engine import Engine

DOMAIN = "example.net"
PASSWORD = {"alice": "wonderland", "bob": "zanzibar"}


class Setting:
    """A folder, ports, a proxy with two users, and the user agents of one test."""

    def __init__(self, folder: Path, engine: str, stack: ExitStack) -> None:
        self.folder = folder
        self.engine = engine
        self._stack = stack
        self.port = free_port()
        lines = [line for user in PASSWORD for line in lines_for(user, DOMAIN, PASSWORD[user])]
        self.users = folder / "users.txt"
        self.users.write_text("\n".join(lines))

    def start(self, *options: str) -> ProxyProcess:
        return self._stack.enter_context(
            running(
                *("--listen", f"udp:127.0.0.1:{self.port}", "--domain", DOMAIN),
                *("--users", str(self.users), *options),
                port=self.port,
                engine=self.engine,
                log=self.folder / "log",
            )
        )

    def agent(self, user: str, **more: Any) -> UserAgent:
        agent = UserAgent(UDPLink("127.0.0.1", self.port), user, DOMAIN)
        self._stack.callback(agent.close)
        return agent


@pytest.fixture
def setting(tmp_path: Path, engine: Engine) -> Iterator[Setting]:
    with ExitStack() as stack:
        yield Setting(tmp_path, engine.name, stack)


MODES = pytest.mark.parametrize("mode", ["--stateless", "--stateful"])


def call(alice: UserAgent, bob: UserAgent, uri: str = f"sip:bob@{DOMAIN}") -> None:
    """INVITE, 180, 200, ACK, a re-INVITE by the callee, BYE."""
    invite = alice.request("INVITE", uri)
    alice.send(invite)
    arrived = bob.expect("INVITE")
    assert arrived.max_forwards == 69
    assert len(arrived.vias) == 2
    assert arrived.record_routes
    bob.answer(arrived, 180)
    ok = bob.answer(arrived, 200)
    response = alice.final()
    assert (response.status, len(response.vias)) == (200, 1)
    caller = sipfast.Dialog.uac(invite, response)
    callee = sipfast.Dialog.uas(arrived, ok, via=str(_via(bob)))
    alice.send(_by(alice, caller.ack(invite)))
    assert bob.expect("ACK").routes == ()
    again = _by(bob, callee.request("INVITE", headers={"Contact": bob.contact}))
    bob.send(again)
    back = alice.expect("INVITE")
    alice.answer(back, 200)
    response = bob.final()
    assert response.status == 200
    bob.send(_by(bob, callee.ack(again)))
    alice.expect("ACK")
    alice.send(_by(alice, caller.request("BYE")))
    bye = bob.expect("BYE")
    bob.send(bye.reply(200))
    assert alice.final().status == 200


def _via(agent: UserAgent) -> str:
    return f"SIP/2.0/{agent.transport} {agent.host};rport;branch={sipfast.new_branch()}"


def _by(agent: UserAgent, request: sipfast.Request) -> sipfast.Request:
    return request


@MODES
def test_a_call_between_registered_users(setting: Setting, mode: str) -> None:
    setting.start(mode)
    alice, bob = setting.agent("alice"), setting.agent("bob")
    assert bob.register().status == 401
    assert bob.register(PASSWORD["bob"]).status == 200
    call(alice, bob)


@MODES
def test_a_call_by_the_next_hop(setting: Setting, mode: str) -> None:
    bob = setting.agent("bob")
    setting.start(mode, "--next-hop", f"sip:127.0.0.1:{bob.link.address[1]}")
    call(setting.agent("alice"), bob, f"sip:service@127.0.0.1:{setting.port}")
