"""The response context: what a stateful proxy sends up, and what it cancels (RFC 3261 16.7)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transacting import SOURCE, layer, request

from sipfast._engine import Engine
from sipfast.transactions import (
    RequestReceived,
    ResponseContext,
    ResponseReceived,
    TimedOut,
    TransportFailed,
)

SECRET = b"sixteen bytes or more, from a file"


class Proxy:
    """A proxy with one request, sent to several targets."""

    def __init__(self, engine: Engine, branches: int, method: str = "INVITE") -> None:
        self.engine, self.now = engine, 0.0
        self.hop = engine.module("message.hop").Hop("192.0.2.1", 5060, secret=SECRET)
        self.layer = layer(engine)
        self.request = request(engine, method)
        event = self.layer.receive(self.request, self.now, path=SOURCE)
        assert isinstance(event, RequestReceived)
        self.server = event.transaction
        self.context = ResponseContext(self.server, self.hop)
        assert self.server.context is self.context
        self.sent: list[Any] = []
        self.upward: list[Any] = []
        self.downward: list[tuple[str, int]] = []
        for _ in range(branches):
            self.add()

    def add(self) -> None:
        """Send the request to one more target."""
        number = len(self.sent)
        data = self.request.forward(
            f"sip:bob@192.0.2.{number + 10}", via=self.hop, source=SOURCE, fork=number
        )
        branch = self.context.send(data, self.now, path=number)
        assert branch.context is self.context
        self.sent.append(self.engine.parse(data))
        self.drain()
        self.downward.clear()

    def drain(self) -> None:
        """Sort what is sent: statuses up, methods down."""
        for data, path in self.layer.to_send():
            message: Any = self.engine.parse(data)
            if path == SOURCE:
                self.upward.append(message)
            else:
                self.downward.append((message.method, path))

    def answer(self, number: int, status: int, **options: Any) -> bool:
        """A response of one branch arrives."""
        response = self.sent[number].reply(status, to_tag=f"b{number}", **options)
        event = self.layer.receive(response, self.now)
        assert isinstance(event, ResponseReceived)
        return self.tell(event)

    def tell(self, event: Any) -> bool:
        wants = self.context.receive(event, self.now)
        self.drain()
        return wants

    def fail(self, number: int) -> bool:
        event = self.context.branches[number].transport_error(self.now)
        assert isinstance(event, TransportFailed)
        return self.tell(event)

    def expire(self, now: float) -> list[bool]:
        """The time comes: what each event of a branch led to."""
        self.now = now
        wants = [
            self.tell(event)
            for event in self.layer.expire(now)
            if isinstance(event, TimedOut) and event.transaction is not self.server
        ]
        self.drain()
        return wants

    def wait(self, until: float) -> None:
        """The time passes, with a call whenever a timer is due."""
        while (due := self.layer.next_time) is not None and due <= until:
            if any(self.expire(due)):
                self.finish()
        self.now = until

    def finish(self) -> None:
        self.context.finish(self.now)
        self.drain()

    @property
    def statuses(self) -> list[int]:
        return [response.status for response in self.upward]


def test_provisional_responses_go_up_at_once_but_100(engine: Engine) -> None:
    proxy = Proxy(engine, 2)
    for number, status in ((0, 100), (0, 180), (1, 183), (1, 100)):
        assert not proxy.answer(number, status)
    assert proxy.statuses == [180, 183]
    assert [response.to.tag for response in proxy.upward] == ["b0", "b1"]
    assert all(len(response.vias) == 1 for response in proxy.upward)
    assert repr(proxy.context) == "<ResponseContext INVITE, 2 of 2 branches open>"


def test_a_2xx_goes_up_at_once_and_cancels_the_others(engine: Engine) -> None:
    proxy = Proxy(engine, 3)
    proxy.answer(1, 180)
    assert not proxy.answer(0, 200)
    assert proxy.statuses == [180, 200]
    assert proxy.downward == [("CANCEL", 1)]
    proxy.answer(2, 180)  # which comes too late to go up, but lets the CANCEL go
    assert proxy.downward == [("CANCEL", 1), ("CANCEL", 2)]
    assert not proxy.answer(1, 487)
    assert not proxy.answer(2, 487)
    assert proxy.statuses == [180, 200]
    assert proxy.context.is_finished
    assert repr(proxy.context) == "<ResponseContext INVITE, 0 of 3 branches open>"
    proxy.answer(0, 200)  # again: the caller may have missed it
    assert proxy.statuses == [180, 200, 200]


def test_two_that_answer_at_the_same_time_are_both_heard(engine: Engine) -> None:
    proxy = Proxy(engine, 2)
    proxy.answer(0, 200)
    proxy.answer(1, 200)
    assert proxy.statuses == [200, 200]
    proxy = Proxy(engine, 2)
    proxy.answer(0, 404)
    proxy.context.cancel(0.0)
    proxy.context.finish(0.0)
    proxy.answer(1, 200)  # after the final response
    assert proxy.statuses == [404, 200]


def test_a_request_other_than_invite_has_one_final_response(engine: Engine) -> None:
    proxy = Proxy(engine, 2, "MESSAGE")
    proxy.answer(0, 200)
    proxy.answer(1, 200)
    assert proxy.statuses == [200]
    assert proxy.downward == []  # only an INVITE is cancelled


@pytest.mark.parametrize(
    ("statuses", "best"),
    [
        ((404,), 404),
        ((503, 407, 501, 404), 407),
        ((486, 302), 302),
        ((500, 486), 486),
        ((302, 600), 600),
        ((603, 404), 603),
        ((404, 484), 484),
        ((486, 404), 486),
        ((503, 501), 501),
        ((503,), 500),
        ((503, 503), 500),
        ((302, 503), 302),
    ],
)
def test_the_best_response_goes_up(engine: Engine, statuses: tuple[int, ...], best: int) -> None:
    proxy = Proxy(engine, len(statuses))
    wants = [proxy.answer(number, status) for number, status in enumerate(statuses)]
    if max(statuses) < 600:
        assert wants == [*[False] * (len(statuses) - 1), True]
        assert proxy.statuses == []
        proxy.finish()
    assert proxy.statuses == [best]
    assert proxy.context.is_finished
    proxy.finish()
    assert proxy.statuses == [best]


def test_a_6xx_waits_for_the_others_and_cancels_them(engine: Engine) -> None:
    proxy = Proxy(engine, 2)
    proxy.answer(1, 180)
    assert not proxy.answer(0, 603)
    assert proxy.statuses == [180]
    assert proxy.downward == [("ACK", 0), ("CANCEL", 1)]
    with pytest.raises(ValueError, match="no new branches"):
        proxy.add()
    assert not proxy.answer(1, 487)
    assert proxy.statuses == [180, 603]
    proxy = Proxy(engine, 2)
    proxy.answer(0, 603)
    proxy.answer(1, 200)
    assert proxy.statuses == [200]


def test_challenges_go_up_together(engine: Engine) -> None:
    proxy = Proxy(engine, 4)
    one, two, three = (f'Digest realm="{realm}", nonce="n"' for realm in "abc")
    proxy.answer(0, 404)
    proxy.answer(1, 401, headers={"WWW-Authenticate": one})
    proxy.answer(2, 407, headers={"Proxy-Authenticate": two})
    assert proxy.answer(3, 401, headers={"WWW-Authenticate": three})
    proxy.finish()
    [response] = proxy.upward
    assert response.status == 401
    assert response.headers.getall("WWW-Authenticate") == [one, three]
    assert response.headers.getall("Proxy-Authenticate") == [two]
    assert response.to.tag == "b1"


def test_a_cancel_ends_all_branches(engine: Engine) -> None:
    proxy = Proxy(engine, 2)
    proxy.answer(0, 180)
    proxy.context.cancel(0.0)
    proxy.drain()
    assert proxy.downward == [("CANCEL", 0)]
    proxy.answer(1, 180)
    assert proxy.downward == [("CANCEL", 0), ("CANCEL", 1)]
    assert not proxy.answer(0, 487)
    assert proxy.statuses == [180, 180]
    assert not proxy.answer(1, 487)
    assert proxy.statuses == [180, 180, 487]
    with pytest.raises(ValueError, match="no new branches"):
        proxy.add()


def test_a_cancelled_branch_that_stays_silent_is_a_487(engine: Engine) -> None:
    proxy = Proxy(engine, 1)
    proxy.answer(0, 180)
    proxy.context.cancel(0.0)
    assert proxy.expire(32.0) == [False]
    assert proxy.statuses == [180, 487]


def test_one_target_after_the_other(engine: Engine) -> None:
    proxy = Proxy(engine, 1)
    assert proxy.answer(0, 486)
    proxy.add()
    assert not proxy.answer(1, 180)
    assert proxy.answer(1, 480)
    proxy.finish()
    assert proxy.statuses == [180, 486]
    with pytest.raises(ValueError, match="no new branches"):
        proxy.add()


def test_silence_is_a_408_and_failure_a_500(engine: Engine) -> None:
    proxy = Proxy(engine, 2)
    assert not proxy.fail(0)
    assert proxy.expire(32.0) == [True]
    proxy.finish()
    assert proxy.statuses == [100, 408]
    assert proxy.upward[-1].to.tag
    assert proxy.upward[-1].via.received == SOURCE[0]
    proxy = Proxy(engine, 1)
    assert proxy.fail(0)
    proxy.finish()
    assert proxy.statuses == [500]
    proxy = Proxy(engine, 2)
    proxy.answer(0, 404)
    assert proxy.expire(32.0) == [True]
    proxy.finish()
    assert proxy.statuses[-1] == 404  # what a party said is better than silence
    proxy = Proxy(engine, 2)
    proxy.answer(0, 180)
    proxy.expire(32.0)
    assert proxy.answer(0, 404)
    proxy.finish()
    assert proxy.statuses[-1] == 404


def test_no_408_but_to_an_invite(engine: Engine) -> None:
    """The client transaction of the sender has expired: nobody would hear it (RFC 4320 4.2)."""
    for branches in (0, 1):
        proxy = Proxy(engine, branches, "MESSAGE")
        if branches == 0:
            proxy.finish()
        for event in proxy.layer.expire(32.0):
            assert isinstance(event, TimedOut)
            if proxy.tell(event):
                proxy.finish()
        assert proxy.statuses == []
        assert len(proxy.layer) == 0


def test_a_context_without_branches_has_had_no_answer(engine: Engine) -> None:
    proxy = Proxy(engine, 0)
    proxy.finish()
    assert proxy.statuses == [408]


def test_branches_of_several_transports(engine: Engine) -> None:
    """Each response is checked by the `Hop` that its request was forwarded by."""
    proxy = Proxy(engine, 1)
    tcp = engine.module("message.hop").Hop("192.0.2.1", 5060, transport="TCP", secret=SECRET)
    for fork, via in ((1, tcp), (2, None), (3, proxy.hop)):
        data = proxy.request.forward(
            "sip:bob@192.0.2.9", via=via or proxy.hop, source=SOURCE, fork=fork
        )
        proxy.context.send(data, 0.0, path=fork, reliable=True, via=via)
        proxy.sent.append(engine.parse(data))
    proxy.layer.to_send()
    provisional = [(0, 180), (1, 183), (2, 181), (3, 182)]
    for number, status in (*provisional, (1, 486), (2, 404), (0, 480), (3, 483)):
        proxy.answer(number, status)
    proxy.finish()
    assert proxy.statuses == [180, 183, 181, 182, 486]


@pytest.mark.parametrize(("fields", "size"), [(101, 9), (20, 30_000)])
def test_too_many_challenges_go_up_alone(engine: Engine, fields: int, size: int) -> None:
    proxy = Proxy(engine, 2)
    text = f'Digest realm="{size * "a"}", nonce="n"'
    for number in range(2):
        proxy.answer(number, 401, headers=[("WWW-Authenticate", text)] * fields)
    proxy.finish()
    [response] = proxy.upward
    assert len(response.headers.getall("WWW-Authenticate")) == fields


def test_the_user_may_answer(engine: Engine) -> None:
    proxy = Proxy(engine, 2)
    proxy.answer(0, 404)
    proxy.answer(1, 180)
    proxy.finish()  # without waiting
    assert proxy.statuses == [180, 404]
    assert proxy.downward == [("ACK", 0), ("CANCEL", 1)]
    proxy = Proxy(engine, 1)
    proxy.server.respond(proxy.request.reply(480), 0.0)
    with pytest.raises(ValueError, match="no new branches"):
        proxy.add()
    assert not proxy.answer(0, 404)


def test_what_forward_refuses_does_not_go_up(engine: Engine) -> None:
    def forged(status: int, proxy: Proxy) -> bool:
        raw = proxy.sent[0].reply(status, to_tag="b0").raw
        event = proxy.layer.receive(engine.parse(raw.replace(b"desk", b"dusk")), 0.0)
        assert isinstance(event, ResponseReceived)
        return proxy.tell(event)

    for status in (180, 200, 404):
        proxy = Proxy(engine, 1)
        assert forged(status, proxy) == (status > 180)
        assert proxy.statuses == []
        if status > 180:
            proxy.finish()
            assert proxy.statuses == [502]


def test_an_ack_that_cannot_be_sent_is_not_a_second_answer(engine: Engine) -> None:
    proxy = Proxy(engine, 1)
    assert proxy.answer(0, 486)
    assert not proxy.fail(0)
    proxy.finish()
    assert proxy.statuses == [486]


def test_nothing_is_left(engine: Engine) -> None:
    for statuses in ((180, 200), (486,), (180,), ()):
        proxy = Proxy(engine, 2)
        for status in statuses:
            if proxy.answer(0, status):
                proxy.finish()
        proxy.wait(2 * 185 + 100)
        assert len(proxy.layer) == proxy.layer.pending == 0
        assert proxy.context.is_finished
        assert len({status for status in proxy.statuses if status >= 200}) == 1


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.integers(0, 3), st.sampled_from([100, 180, 200, 202, 302, 404, 407, 487, 503, 603])
        ),
        st.tuples(st.just("wait"), st.sampled_from([0.2, 1.0, 33.0, 186.0])),
        st.tuples(st.just("fail"), st.integers(0, 3)),
        st.tuples(st.sampled_from(["cancel", "finish", "add"]), st.just(0)),
    ),
    max_size=25,
)


@given(steps=STEPS, method=st.sampled_from(["INVITE", "MESSAGE"]), branches=st.integers(1, 3))
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_the_branches_say(
    native: Engine, steps: list[Any], method: str, branches: int
) -> None:
    proxy = Proxy(native, branches, method)
    for step, value in steps:
        if step == "wait":
            proxy.wait(proxy.now + value)
        elif step == "cancel":
            proxy.context.cancel(proxy.now)
        elif step == "finish":
            proxy.finish()
        elif step == "add":
            if proxy.server.is_pending and not proxy.context.is_cancelled and len(proxy.sent) < 4:
                proxy.add()
        elif step == "fail":
            if value < len(proxy.sent):
                event = proxy.context.branches[value].transport_error(proxy.now)
                if event is not None and proxy.tell(event):
                    proxy.finish()
        elif step < len(proxy.sent):
            response = proxy.sent[step].reply(value, to_tag=f"b{step}")
            event = proxy.layer.receive(response, proxy.now)
            if isinstance(event, ResponseReceived) and proxy.tell(event):
                proxy.finish()
        proxy.drain()
    proxy.wait(proxy.now + 2 * 185 + 100)
    assert len(proxy.layer) == proxy.layer.pending == 0
    finals = [response for response in proxy.upward if response.status >= 200]
    refused = [response for response in finals if response.status >= 300]
    assert len(set(refused)) <= 1
    if method == "INVITE":
        assert finals
        assert refused == [] or finals[0].status >= 300  # never after a 2xx
    else:
        assert len(set(finals)) <= 1
    assert 503 not in proxy.statuses
