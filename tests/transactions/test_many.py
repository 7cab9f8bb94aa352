"""100,000 open transactions: what they cost in time and memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from time import process_time
from typing import Any

from transacting import SOURCE, layer, request

from sipfast._engine import Engine
from sipfast.transactions import Transactions

MANY = 100_000
MOST_BYTES = 1200
"""An open transaction, beside the bytes of its message."""


def template(engine: Engine) -> tuple[bytes, bytes]:
    """A request around the digits of its branch."""
    head, tail = request(engine, "MESSAGE", 123456789).raw.split(b"z9hG4bK123456789")
    return head + b"z9hG4bK", tail


def opened(native: Engine, count: int) -> Transactions:
    transactions = layer(native, limit=2 * MANY)
    head, tail = template(native)
    for number in range(count):
        data = head + b"%d" % number + tail
        transactions.receive(native.parse(data), number * 1e-4, path=SOURCE)
    return transactions


def seconds(work: Callable[[], Any]) -> float:
    start = process_time()
    work()
    return process_time() - start


def test_100_000_open_transactions(native: Engine) -> None:
    made: list[Transactions] = []
    spent = seconds(lambda: made.append(opened(native, MANY)))
    [transactions] = made
    assert len(transactions) == transactions.pending == MANY
    assert spent / MANY < 60e-6  # some 4 us on an idle machine
    # what is not due costs nothing, and what is due only itself: far less than a scan
    idle = seconds(lambda: [transactions.expire(31.0) for _ in range(100)])
    few = seconds(lambda: transactions.expire(32.01))
    assert idle < 0.02
    assert few < 0.02
    assert MANY - 200 < len(transactions) < MANY
    assert seconds(lambda: transactions.next_time) < 0.02
    left = len(transactions)
    assert len(transactions.expire(1000.0)) == left
    assert len(transactions) == 0
    assert not any(transactions._queues)


def test_what_an_open_transaction_holds(native: Engine) -> None:
    """On each side; RSS is some 6% more."""
    head, tail = template(native)
    datagrams = [head + b"%d" % number + tail for number in range(4000)]
    for is_client in (False, True):
        transactions = layer(native)
        for first in (0, 2000):  # the first ones fill freelists and grow the tables
            tracemalloc.start()
            before = tracemalloc.get_traced_memory()[0]
            for data in datagrams[first : first + 2000]:
                if is_client:
                    transactions.send(data, 0.0, path=SOURCE)
                    transactions.to_send()
                else:
                    transactions.receive(native.parse(data), 0.0, path=SOURCE)
            held = tracemalloc.get_traced_memory()[0] - before
            tracemalloc.stop()
        assert 100 < held / 2000 < MOST_BYTES


def test_what_ended_is_forgotten(native: Engine) -> None:
    """Of requests that are answered at once, those of the last 32 seconds are held."""
    transactions = layer(native)
    head, tail = template(native)
    answer = request(native, "MESSAGE", 1).reply(200).raw
    longest = 0
    for number in range(20_000):
        now = number * 0.1
        message = native.parse(head + b"%d" % number + tail)
        event: Any = transactions.receive(message, now)
        event.transaction.respond(answer, now)
        transactions.expire(now)
        transactions.to_send()
        longest = max(longest, len(transactions), *map(len, transactions._queues))
    assert longest <= 2 * 2 * 322
