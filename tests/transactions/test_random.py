"""Messages and times in any order: nothing is left behind, and both engines do the same."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from transacting import SOURCE, layer, request

from sipfast import _engine
from sipfast._engine import Engine
from sipfast.transactions import (
    ClientTransaction,
    RequestReceived,
    ServerTransaction,
    TimedOut,
    Transactions,
)

METHODS = st.sampled_from(["INVITE", "INVITE", "BYE", "MESSAGE", "REGISTER"])
STATUSES = st.sampled_from([100, 180, 183, 200, 202, 302, 404, 486, 503, 603])
NUMBERS = st.integers(0, 1)
WAITS = st.one_of(
    st.sampled_from([0.0, 0.2, 0.5, 5.0, 32.0, 185.0]), st.floats(0, 4), st.floats(0, 400)
)
LONGEST = 2 * 185.0 + 32.0 + 64.0
"""Nothing lasts longer than an INVITE that is never answered."""
FRESH_TAG = re.compile(rb"(?<=;tag=)[0-9a-f]+(?=\r\n)")


class Random(RuleBasedStateMachine):
    """One layer on each engine; each step is done to both."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.engines: list[Engine] = ENGINES
        self.layers: list[Transactions] = [layer(engine, limit=6) for engine in self.engines]
        self.known: list[dict[tuple[str, str, int], Any]] = [{} for _ in self.engines]
        self.sent: Counter[bytes] = Counter()
        self.may: Counter[bytes] = Counter()
        """How often each message may be sent."""
        self.timed_out: list[Any] = []

    def _all(self, do: Any) -> None:
        """Do something on each engine, and hold the results against each other."""
        seen = []
        for at, engine in enumerate(self.engines):
            told = do(at, engine, self.layers[at])
            out = self.layers[at].to_send()
            seen.append((self._described(told), [(plain(data), path) for data, path in out]))
            if at == 0:
                self._count(told, out)
        assert all(each == seen[0] for each in seen)

    def _described(self, told: Any) -> Any:
        events = told if isinstance(told, list) else [told]
        return [
            (type(event).__name__, [str(getattr(part, "raw", part)) for part in event])
            if isinstance(event, tuple)
            else event
            for event in events
        ]

    def _count(self, told: Any, out: list[tuple[bytes, Any]]) -> None:
        for event in told if isinstance(told, list) else [told]:
            if isinstance(event, TimedOut):
                assert event.transaction not in self.timed_out
                self.timed_out.append(event.transaction)
        self.sent.update(data for data, _ in out)

    def _transaction(self, at: int, side: str, method: str, number: int) -> Any:
        return self.known[at].get((side, method, number))

    @rule(method=METHODS, number=NUMBERS, reliable=st.booleans())
    def receive_request(self, method: str, number: int, reliable: bool) -> None:
        def do(at: int, engine: Engine, one: Transactions) -> Any:
            message = request(engine, method, number)
            event = one.receive(message, self.now, path=SOURCE, reliable=reliable)
            if isinstance(event, RequestReceived):
                self.known[at]["server", method, number] = event.transaction
            return event

        self._all(do)

    @rule(method=st.sampled_from(["ACK", "CANCEL"]), number=NUMBERS)
    def receive_ack_or_cancel(self, method: str, number: int) -> None:
        tag = "b" if method == "ACK" else ""
        self._all(
            lambda _, engine, one: one.receive(
                request(engine, method, number, tag=tag), self.now, path=SOURCE
            )
        )

    @rule(method=METHODS, number=NUMBERS, status=STATUSES)
    def respond(self, method: str, number: int, status: int) -> None:
        def do(at: int, engine: Engine, one: Transactions) -> Any:
            transaction = self._transaction(at, "server", method, number)
            if not isinstance(transaction, ServerTransaction):
                return None
            response = request(engine, method, number).reply(status, to_tag="b")
            return transaction.respond(response, self.now)

        self._all(do)

    @rule(method=METHODS, number=NUMBERS, reliable=st.booleans())
    def send(self, method: str, number: int, reliable: bool) -> None:
        def do(at: int, engine: Engine, one: Transactions) -> Any:
            message = request(engine, method, number)
            key = message.client_transaction_key
            if key in one._clients or len(one) >= one.limit:
                with pytest.raises(Exception, match=r"branch|transactions are open"):
                    one.send(message, self.now)
                return None
            sent = one.send(message, self.now, path="there", reliable=reliable)
            self.known[at]["client", method, number] = sent
            if at == 0:
                most = 1 if reliable else 7 if method == "INVITE" else 11
                self.may[message.raw] += most
            return None

        self._all(do)

    @rule(method=METHODS, number=NUMBERS, status=STATUSES)
    def receive_response(self, method: str, number: int, status: int) -> None:
        self._all(
            lambda _, engine, one: one.receive(
                request(engine, method, number).reply(status, to_tag="b"), self.now
            )
        )

    @rule(number=NUMBERS)
    def cancel(self, number: int) -> None:
        def do(at: int, engine: Engine, one: Transactions) -> Any:
            transaction = self._transaction(at, "client", "INVITE", number)
            if isinstance(transaction, ClientTransaction):
                transaction.cancel(self.now)

        self._all(do)

    @rule(side=st.sampled_from(["client", "server"]), method=METHODS, number=NUMBERS)
    def transport_error(self, side: str, method: str, number: int) -> None:
        def do(at: int, engine: Engine, one: Transactions) -> Any:
            transaction = self._transaction(at, side, method, number)
            return transaction and transaction.transport_error(self.now)

        self._all(do)

    @rule(seconds=WAITS)
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self._all(lambda _, engine, one: one.expire(self.now))

    @precondition(lambda self: self.layers[0].next_time is not None)
    @rule()
    def wait_until_due(self) -> None:
        due = self.layers[0].next_time
        assert due is not None
        self.now = max(self.now, due)
        self._all(lambda _, engine, one: one.expire(self.now))

    @invariant()
    def counts_are_true(self) -> None:
        for one in self.layers:
            every = [*one._clients.values(), *one._servers.values()]
            assert len(one) == len(every)
            assert one.pending == sum(each.is_pending for each in every)
            assert not any(each.is_terminated for each in every)
            assert every == [] or one.next_time is not None
        for data, most in self.may.items():
            assert self.sent[data] <= most

    def teardown(self) -> None:
        """Whatever happened, in the end nothing is left."""
        end = self.now + LONGEST
        while (due := self.layers[0].next_time) is not None:
            assert due <= end
            self.now = max(self.now, due)
            self._all(lambda _, engine, one: one.expire(self.now))
        for one in self.layers:
            assert len(one) == one.pending == 0
            assert one.next_time is None
            assert not any(one._queues)
        for data, most in self.may.items():
            assert self.sent[data] <= most


def plain(data: bytes) -> bytes:
    """A message without the tags that differ from run to run."""
    return FRESH_TAG.sub(b"", data)


def engines() -> list[Engine]:
    found = [_engine.load("pure")]
    try:
        found.append(_engine.load("native"))
    except ImportError:
        return found
    return found


ENGINES = engines()

TestRandom = Random.TestCase
TestRandom.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
