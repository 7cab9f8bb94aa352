"""When something is sent again, and when a transaction ends."""

from __future__ import annotations

from typing import Any

import pytest
from transacting import MACHINES, PATHS, SOURCE, One, layer, one_in, request

from sipfast._engine import Engine
from sipfast.transactions import TimedOut, Transactions
from sipfast.transactions.queues import durations


def history(one: One) -> tuple[list[float], float]:
    """When something is sent from now on, and when nothing is left, to the millisecond."""
    start, sent, last = one.now, [], one.now
    while (due := one.layer.next_time) is not None:
        assert due >= last
        last = due
        one.layer.expire(due)
        sent += [round(due - start, 3) for _ in one.layer.to_send()]
    assert len(one.layer) == 0
    return sent, round(last - start, 3)


DOUBLED = [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
CAPPED = [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]


@pytest.mark.parametrize(
    ("machine", "state", "sent", "end"),
    [
        ("INVITE client", "Calling", DOUBLED, 32.0),
        ("INVITE client", "Completed", [], 32.0),
        ("INVITE client", "Accepted", [], 32.0),
        ("client", "Trying", CAPPED, 32.0),
        ("client", "Completed", [], 5.0),
        ("INVITE server", "Completed", CAPPED, 32.0),
        ("INVITE server", "Confirmed", [], 5.0),
        ("INVITE server", "Accepted", [], 32.0),
        ("server", "Trying", [], 32.0),
        ("server", "Proceeding", [], 32.0),
        ("server", "Completed", [], 32.0),
    ],
)
def test_what_is_sent_when(
    engine: Engine, machine: str, state: str, sent: list[float], end: float
) -> None:
    assert history(one_in(engine, machine, state)) == (sent, end)


def test_a_request_is_sent_seven_times_at_most(engine: Engine) -> None:
    sent, _ = history(One(engine, "INVITE client"))
    assert 1 + len(sent) == 7  # RFC 3261 17.1.1.2
    sent, _ = history(One(engine, "client"))
    assert 1 + len(sent) == 11  # 17.1.2.2


def test_timer_e_is_t2_after_a_provisional_response(engine: Engine) -> None:
    one = One(engine, "client")
    one.now += 0.1
    one.does("1xx")
    sent, end = history(one)
    assert sent == [0.4, 4.4, 8.4, 12.4, 16.4, 20.4, 24.4, 28.4]
    assert end == 31.9  # timer F goes on


def test_timer_c_begins_again_with_each_provisional_response(engine: Engine) -> None:
    one = one_in(engine, "INVITE client", "Proceeding")
    start = one.now
    for _ in range(9):
        one.now += 100
        assert one.layer.expire(one.now) == []
        one.layer.receive(one.request.reply(100), one.now)  # which does not count (16.7 step 2)
        one.layer.receive(one.request.reply(183, to_tag="b1"), one.now)
    assert one.layer.to_send() == []
    one.layer.receive(one.request.reply(100), one.now + 100)
    times = []
    while one.transaction.state == "Proceeding":
        due = one.layer.next_time
        assert due is not None
        one.layer.expire(due)
        times.append(due)
    assert one.now - start == 900
    assert 185 <= times[-1] - one.now <= 185 + 0.5
    assert len(times) < 20
    [(data, path)] = one.layer.to_send()
    assert (data[:7], path) == (b"CANCEL ", "there")
    one.now = times[-1] + 32
    assert [type(event) for event in one.layer.expire(one.now)] == [TimedOut]
    one.layer.expire(one.now + 40)
    assert len(one.layer) == 0


def test_an_invite_that_nobody_answers_is_given_up(engine: Engine) -> None:
    one = One(engine, "INVITE server")
    one.layer.expire(one.now + 0.2)
    one.transaction.respond(one.request.reply(180), one.now + 300)
    assert one.layer.expire(one.now + 600) == []
    [event] = one.layer.expire(one.now + 600 + 70.5)
    assert event == TimedOut(one.transaction)
    assert len(one.layer) == 0


def test_without_timer_c_an_invite_may_ring_for_ever(engine: Engine) -> None:
    transactions = layer(engine, timer_c=None, trying=None)
    invite = request(engine)
    transactions.receive(invite, 0.0)
    sent = transactions.send(request(engine, number=2), 0.0)
    transactions.receive(request(engine, number=2).reply(180), 1.0)
    assert transactions.expire(1e6) == []
    assert transactions.next_time is None
    assert sent.state == "Proceeding"
    assert len(transactions) == transactions.pending == 2


def test_the_100_is_sent_unless_the_user_is_faster(engine: Engine) -> None:
    slow, fast = One(engine, "INVITE server"), One(engine, "INVITE server")
    for one in (slow, fast):
        one.layer.expire(one.now + 0.19)
        assert one.layer.to_send() == []
    fast.does("1xx")
    for one in (slow, fast):
        one.layer.expire(one.now + 0.2)
    assert fast.layer.to_send() == []
    [(data, path)] = slow.layer.to_send()
    trying: Any = engine.parse(data)
    assert (trying.status, trying.to.tag, path) == (100, None, SOURCE)
    assert trying.via.received == SOURCE[0]
    assert slow.layer.receive(slow.request, slow.now + 1) is None
    assert slow.layer.to_send() == [(data, SOURCE)]


def test_a_request_without_an_answer_gets_none(engine: Engine) -> None:
    raw = request(engine).raw.replace(b"From: <sip:alice@example.org>;tag=a1\r\n", b"")
    transactions = layer(engine)
    transactions.receive(engine.parse(raw), 0.0)
    assert transactions.expire(0.2) == []
    assert transactions.to_send() == []


def test_a_short_timer_c(engine: Engine) -> None:
    transactions = layer(engine, timer_c=1.0)
    transactions.receive(request(engine), 0.0)
    sent = transactions.send(request(engine, number=2), 0.0)
    transactions.receive(request(engine, number=2).reply(180), 0.0)
    transactions.expire(0.9)
    assert (sent.state, transactions.pending) == ("Proceeding", 2)
    transactions.expire(1.0)
    assert sent.state == "Cancelling"
    assert transactions.expire(1.9) == []
    assert len(transactions.expire(2.0)) == 1


@pytest.mark.parametrize("machine", MACHINES)
def test_late_calls_lose_nothing(engine: Engine, machine: str) -> None:
    for state in PATHS[machine]:
        one = one_in(engine, machine, state)
        one.now += 1e6
        for _ in range(50):
            one.layer.expire(one.now)
            one.now += 100
        assert len(one.layer) == one.layer.pending == 0
        assert one.layer.next_time is None
        assert not any(one.layer._queues)


def test_other_times(engine: Engine) -> None:
    one = One(engine, "client")
    one.layer = layer(engine, t1=0.1, t2=0.3, t4=1.0)
    one.transaction = one.layer.send(one.request, one.now)
    one.layer.to_send()
    sent, end = history(one)
    assert sent[:6] == [0.1, 0.3, 0.6, 0.9, 1.2, 1.5]
    assert end == 6.4
    assert durations(0.5, 0.5, 5, 0.2)["E"] == (0.5,)
    assert durations(0.5, 4, 5, 0.2)["G"] == (0.5, 1, 2, 4)
    assert durations(0.1, 4, 5, 0.2)["D"] == (32.0,)
    assert len(durations(1e-9, 4, 5, 0.2)["E"]) == 16


@pytest.mark.parametrize(
    "options",
    [
        {"t1": 0},
        {"t2": -1},
        {"t4": float("inf")},
        {"t1": float("nan")},
        {"t2": 0.1},
        {"timer_c": 0},
        {"trying": -1.0},
        {"limit": 0},
    ],
)
def test_times_are_positive(options: Any) -> None:
    with pytest.raises(ValueError, match=r"must be"):
        Transactions(**options)
