"""Calls through the running example proxy, over each transport."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from example_proxy import DOMAIN, PASSWORD, Setting, call
from user_agents import UserAgent

import sipfast
from benchmarks.ports import free_port
from sipfast._engine import Engine


@pytest.fixture
def setting(tmp_path: Path, engine: Engine) -> Iterator[Setting]:
    with ExitStack() as stack:
        yield Setting(tmp_path, engine.name, stack)


MODES = pytest.mark.parametrize("mode", ["--stateless", "--stateful"])


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


@MODES
@pytest.mark.parametrize(
    ("caller", "callee"),
    [("tcp", "tcp"), ("udp", "tcp"), ("tcp", "udp"), ("tls", "udp"), ("udp", "tls"),
     ("ws", "udp"), ("udp", "ws"), ("ws", "tls"), ("wss", "wss")],
)  # fmt: skip
def test_transports(setting: Setting, mode: str, caller: str, callee: str) -> None:
    setting.start(mode, *setting.listen(*sorted({caller, callee} - {"udp"})))
    alice, bob = setting.agent("alice", caller), setting.agent("bob", callee)
    assert bob.register(PASSWORD["bob"]).status == 200
    call(alice, bob)


@MODES
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_cancel(setting: Setting, mode: str, transport: str) -> None:
    setting.start(mode, *setting.listen("tcp"))
    alice, bob = setting.agent("alice", transport), setting.agent("bob", transport)
    bob.register(PASSWORD["bob"])
    invite = alice.request("INVITE", f"sip:bob@{DOMAIN}")
    alice.send(invite)
    arrived = bob.expect("INVITE")
    bob.answer(arrived, 180)
    while alice.receive().status != 180:
        pass
    alice.send(invite.cancel())
    cancel = bob.expect("CANCEL")
    assert cancel.via == arrived.via  # the same branch
    bob.send(cancel.reply(200))
    bob.answer(arrived, 487)
    answers = [alice.final(), alice.final()]
    assert sorted((each.status, each.cseq.method) for each in answers if each.cseq) == [
        (200, "CANCEL"),
        (487, "INVITE"),
    ]
    alice.send(invite.ack(next(each for each in answers if each.status == 487)))
    ack = bob.expect("ACK")
    assert ack.via is not None
    assert arrived.via is not None
    assert ack.via.branch == arrived.via.branch


def test_cancel_before_anybody_rings(setting: Setting) -> None:
    """The CANCEL of a branch waits for its first response (RFC 3261 9.1)."""
    setting.start("--stateful")
    alice, bob = setting.agent("alice"), setting.agent("bob")
    bob.register(PASSWORD["bob"])
    invite = alice.request("INVITE", f"sip:bob@{DOMAIN}")
    alice.send(invite)
    arrived = bob.expect("INVITE")
    alice.send(invite.cancel())
    assert alice.final().status == 200
    bob.answer(arrived, 180)
    bob.send(bob.expect("CANCEL").reply(200))
    bob.answer(arrived, 487)
    assert alice.final().status == 487


class TestForking:
    """Stateful: a request goes to all contacts of the same preference at once."""

    @pytest.fixture
    def agents(self, setting: Setting) -> tuple[UserAgent, UserAgent, UserAgent]:
        setting.start("--stateful")
        alice, desk, mobile = (setting.agent(user) for user in ("alice", "bob", "bob"))
        return alice, desk, mobile

    @staticmethod
    def _rung(
        alice: UserAgent, first: UserAgent, second: UserAgent, q: tuple[str, str] = ("1", "1")
    ) -> tuple[sipfast.Request, sipfast.Request]:
        for agent, preference in zip((first, second), q, strict=True):
            agent.register(PASSWORD["bob"], Contact=f"{agent.contact};q={preference}")
        invite = alice.request("INVITE", f"sip:bob@{DOMAIN}")
        alice.send(invite)
        return invite, first.expect("INVITE")

    def test_the_one_who_answers_gets_the_call(
        self, agents: tuple[UserAgent, UserAgent, UserAgent]
    ) -> None:
        alice, desk, mobile = agents
        invite, at_desk = self._rung(alice, desk, mobile)
        at_mobile = mobile.expect("INVITE")
        assert at_desk.via is not None and at_mobile.via is not None  # noqa: PT018
        assert at_desk.via.branch != at_mobile.via.branch
        desk.answer(at_desk, 180)
        mobile.answer(at_mobile, 200)
        ok = alice.final()
        assert ok.contact is not None
        assert str(ok.contact.uri) == mobile.contact.strip("<>")
        desk.send(desk.expect("CANCEL").reply(200))
        desk.answer(at_desk, 487)
        desk.expect("ACK")
        alice.send(sipfast.Dialog.uac(invite, ok).ack(invite))
        mobile.expect("ACK")

    def test_the_best_error_goes_back(self, agents: tuple[UserAgent, UserAgent, UserAgent]) -> None:
        alice, desk, mobile = agents
        invite, at_desk = self._rung(alice, desk, mobile)
        desk.answer(at_desk, 503)
        desk.expect("ACK")
        mobile.answer(mobile.expect("INVITE"), 486)
        response = alice.final()
        assert response.status == 486
        alice.send(invite.ack(response))

    def test_the_less_preferred_one_is_next(
        self, agents: tuple[UserAgent, UserAgent, UserAgent]
    ) -> None:
        alice, desk, mobile = agents
        _, at_desk = self._rung(alice, desk, mobile, ("0.9", "0.2"))
        with contextlib.suppress(AssertionError):
            mobile.expect("INVITE", 0.3)
            pytest.fail("both were tried at once")
        desk.answer(at_desk, 486)
        mobile.answer(mobile.expect("INVITE"), 200)
        assert alice.final().status == 200

    def test_branches_share_the_breadth(
        self, agents: tuple[UserAgent, UserAgent, UserAgent]
    ) -> None:
        """RFC 5393 5.3.3: otherwise contacts at each other's users multiply a request."""
        alice, desk, mobile = agents
        for agent in (desk, mobile):
            assert agent.register(PASSWORD["bob"]).status == 200
        for asked, passed in (("", 30), ("5", 2), ("200", 30), ("1", None)):
            more = {"Max-Breadth": asked} if asked else {}
            alice.send(alice.request("OPTIONS", f"sip:bob@{DOMAIN}", **more))
            for agent in (desk, mobile) if passed is not None else ():
                arrived = agent.expect("OPTIONS")
                assert arrived.max_breadth == passed
                agent.answer(arrived, 200)
            assert alice.final().status == (440 if passed is None else 200)
        assert mobile.register(PASSWORD["bob"], Contact="*", Expires=0).status == 200
        assert desk.register(PASSWORD["bob"]).status == 200
        alice.send(alice.request("OPTIONS", f"sip:bob@{DOMAIN}", **{"Max-Breadth": "0"}))
        assert alice.final().status == 440

    def test_fan_out_is_bounded(self, agents: tuple[UserAgent, UserAgent, UserAgent]) -> None:
        _, desk, _ = agents
        contacts = [f"<sip:bob@127.0.0.1:{port}>" for port in range(10_000, 10_011)]
        assert desk.register(PASSWORD["bob"], Contact=", ".join(contacts)).status == 403
        assert desk.register(PASSWORD["bob"], Contact=", ".join(contacts[:10])).status == 200


def test_stateless_takes_the_best(setting: Setting) -> None:
    setting.start()
    alice, desk, mobile = (setting.agent(user) for user in ("alice", "bob", "bob"))
    desk.register(PASSWORD["bob"], Contact=f"{desk.contact};q=0.3")
    mobile.register(PASSWORD["bob"], Contact=f"{mobile.contact};q=0.7")
    alice.send(alice.request("INVITE", f"sip:bob@{DOMAIN}"))
    mobile.expect("INVITE")
    assert desk.receive(0.2) is None


def test_stateful_absorbs_and_sends_again(setting: Setting) -> None:
    setting.start("--stateful")
    alice, bob = setting.agent("alice"), setting.agent("bob")
    bob.register(PASSWORD["bob"])
    invite = alice.request("INVITE", f"sip:bob@{DOMAIN}")
    for _ in range(3):
        alice.send(invite)
    assert alice.receive().status == 100
    first, again = bob.expect("INVITE"), bob.expect("INVITE")
    assert first.raw == again.raw  # from the proxy's timer A, not from Alice
    bob.answer(first, 486)
    response = alice.final()
    assert response.status == 486
    alice.send(invite)  # the ACK was lost
    assert alice.final().status == 486
    bob.expect("ACK")


def test_a_target_that_cannot_be_reached_is_a_503(setting: Setting) -> None:
    """The next target is tried at once, and not after the time of timer B (RFC 3261 16.9)."""
    setting.start("--stateful", *setting.listen("tcp"))
    alice, bob = setting.agent("alice"), setting.agent("bob")
    nobody = f"<sip:bob@127.0.0.1:{free_port()};transport=tcp>;q=1"
    bob.register(PASSWORD["bob"], Contact=f"{nobody}, {bob.contact};q=0.5")
    for _ in range(2):  # the second time, it is known that nobody is there
        alice.send(alice.request("INVITE", f"sip:bob@{DOMAIN}"))
        bob.answer(bob.expect("INVITE"), 486)
        assert alice.final().status == 486
    bob.register(PASSWORD["bob"], Contact=f"{bob.contact};expires=0")
    assert alice.ask(alice.request("MESSAGE", f"sip:bob@{DOMAIN}")).status == 500


def test_path_and_flows_of_one_instance(setting: Setting) -> None:
    """RFC 3327: requests go through the Path of the registration."""
    setting.start()
    alice, bob, edge = (setting.agent(user) for user in ("alice", "bob", "edge"))
    path = f"<sip:127.0.0.1:{edge.link.address[1]};lr>"
    bob.register(PASSWORD["bob"], Path=path, Supported="path")
    alice.send(alice.request("INVITE", f"sip:bob@{DOMAIN}"))
    arrived = edge.expect("INVITE")
    assert [str(route) for route in arrived.routes] == [path]
    assert f"<{arrived.uri_text}>" == bob.contact


@MODES
def test_calls_by_domain(setting: Setting, mode: str) -> None:
    carrier = setting.agent("carrier")
    port = carrier.link.address[1]
    setting.start(mode, "--route", f"carrier.example=sip:127.0.0.1:{port}")
    alice = setting.agent("alice")
    call(alice, carrier, "sip:+4930123@carrier.example")


@MODES
def test_callers_prove_who_they_are(setting: Setting, mode: str) -> None:
    setting.start(mode, "--auth-calls")
    alice, bob = setting.agent("alice"), setting.agent("bob")
    bob.register(PASSWORD["bob"])
    invite = alice.request("INVITE", f"sip:bob@{DOMAIN}")
    alice.send(invite)
    challenged = alice.final()
    assert challenged.status == 407
    alice.send(invite.ack(challenged))
    again = invite.authorized(challenged, "alice", PASSWORD["alice"])
    assert again is not None
    alice.send(again)
    arrived = bob.expect("INVITE")  # the ACK of the 407 is not for Bob
    assert arrived.headers.get("Proxy-Authorization") is not None
    bob.answer(arrived, 486)
    response = alice.final()
    assert response.status == 486

    imposter = setting.agent("bob")
    asked = imposter.request("INVITE", f"sip:bob@{DOMAIN}")
    imposter.send(asked)
    refused = asked.authorized(imposter.final(), "alice", PASSWORD["alice"])
    imposter.send(refused)
    assert imposter.final().status == 403
    stranger = UserAgent(alice.link, "carol", "example.org")
    stranger.send(stranger.request("INVITE", f"sip:bob@{DOMAIN}"))
    bob.expect("INVITE")


def test_subscriptions_and_messages_pass(setting: Setting) -> None:
    setting.start("--stateful")
    alice, bob = setting.agent("alice"), setting.agent("bob")
    bob.register(PASSWORD["bob"])
    message = alice.request(
        "MESSAGE", f"sip:bob@{DOMAIN}", body=b"Hello", Content_Type="text/plain", Contact=None
    )
    alice.send(message)
    arrived = bob.expect("MESSAGE")
    assert arrived.body == b"Hello"
    bob.send(arrived.reply(202))
    assert alice.final().status == 202


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_other_loops(setting: Setting, loop: str) -> None:
    setting.start("--stateful", "--loop", loop, *setting.listen("tcp"))
    alice, bob = setting.agent("alice"), setting.agent("bob", "tcp")
    bob.register(PASSWORD["bob"])
    call(alice, bob)
