"""Messages and states of transactions, for tests."""

from __future__ import annotations

from typing import Any

from sipfast._engine import Engine
from sipfast.transactions import (
    TABLES,
    TIMERS,
    AckReceived,
    CancelReceived,
    RequestReceived,
    ResponseReceived,
    TimedOut,
    Transactions,
    TransportFailed,
)

SOURCE = ("192.0.2.7", 5060)
TIMES = {"A": 0.5, "B": 32.0, "C": 185.0, "D": 32.0, "E": 0.5, "F": 32.0, "G": 0.5, "H": 32.0}
TIMES |= {"I": 5.0, "J": 32.0, "K": 5.0, "L": 32.0, "M": 32.0, "X": 32.0, "100": 0.2}
"""After how many seconds a timer first fires, without U."""
STATUSES = {"1xx": 180, "2xx": 200, "300-699": 486, "200-699": 404}
MACHINES = tuple(TABLES)


def request(
    engine: Engine, method: str = "INVITE", number: int = 1, *, old: bool = False, tag: str = ""
) -> Any:
    """A request: the number is in its branch, or, as in RFC 2543, in its Call-ID only."""
    branch = "" if old else f";branch=z9hG4bK{number}"
    lines = (
        f"{method} sip:bob@example.com SIP/2.0",
        f"Via: SIP/2.0/UDP desk.example.com{branch}",
        "From: <sip:alice@example.org>;tag=a1",
        f"To: <sip:bob@example.com>{tag and f';tag={tag}'}",
        f"Call-ID: {number}@desk.example.com",
        f"CSeq: 7 {method}",
    )
    return engine.parse("\r\n".join([*lines, "Content-Length: 0", "", ""]).encode())


def layer(engine: Engine, **options: Any) -> Transactions:
    """A transaction layer on this engine."""
    transactions = Transactions(**options)
    transactions._parse = engine.parse
    return transactions


def method_of(machine: str) -> str:
    return "INVITE" if machine.startswith("INVITE") else "MESSAGE"


class One:
    """One transaction, and what it was asked and did."""

    def __init__(self, engine: Engine, machine: str, *, reliable: bool = False) -> None:
        self.engine, self.machine = engine, machine
        self.is_client = machine.endswith("client")
        self.now = 1000.0
        self.layer = layer(engine)
        self.request = request(engine, method_of(machine))
        if self.is_client:
            self.transaction: Any = self.layer.send(
                self.request, self.now, path="there", reliable=reliable
            )
        else:
            event = self.layer.receive(self.request, self.now, path=SOURCE, reliable=reliable)
            assert isinstance(event, RequestReceived)
            self.transaction = event.transaction
        self.layer.to_send()
        self.sent = self.request.raw if self.is_client else b""

    def does(self, event: str) -> tuple[set[str], str]:
        """The actions upon an event, and the state after it."""
        told: list[Any] = []
        if event in STATUSES and self.is_client:
            answer = self.request.reply(STATUSES[event], to_tag="b1")
            told.append(self.layer.receive(answer, self.now))
        elif event in STATUSES:
            self.sent = self.request.reply(STATUSES[event], to_tag="b1").raw
            self.transaction.respond(self.sent, self.now)
        elif event == "request":
            told.append(self.layer.receive(self.request, self.now, path=SOURCE))
        elif event in ("ACK", "CANCEL"):
            tag = "b1" if event == "ACK" else ""
            told.append(self.layer.receive(request(self.engine, event, tag=tag), self.now))
        elif event == "cancel":
            self.transaction.cancel(self.now)
        elif event == "transport error":
            told.append(self.transaction.transport_error(self.now))
        else:
            self.now += self._wait(event.removeprefix("timer "))
            told += self.layer.expire(self.now)
        return self._seen(told), self.transaction.state

    def _wait(self, timer: str) -> float:
        if timer == "U":
            return 370.0 if self.machine == "INVITE server" else 32.0
        return TIMES[timer]

    def _seen(self, told: list[Any]) -> set[str]:
        found = set()
        for data, path in self.layer.to_send():
            message: Any = self.engine.parse(data)
            method = getattr(message, "method", None)
            if data == self.sent:
                found.add("send")
            elif method in ("ACK", "CANCEL") and self.is_client:
                found.add(method)
                if method == "ACK":
                    self.sent = data
            elif message.status == 100:
                found.add("100")
                self.sent = data
            else:
                assert (message.status, message.cseq.method) == (200, "CANCEL")
            assert path in ("there", SOURCE, None)
        for event in told:
            if isinstance(event, (TimedOut, TransportFailed)):
                found.add("inform")
            elif isinstance(event, (AckReceived, CancelReceived, ResponseReceived)):
                found.add("pass")
            else:
                assert event is None or not self.is_client
        return found


PATHS = {
    "INVITE client": {
        "Calling": (),
        "Proceeding": ("1xx",),
        "Cancelling": ("1xx", "cancel"),
        "Completed": ("300-699",),
        "Accepted": ("2xx",),
    },
    "client": {"Trying": (), "Proceeding": ("1xx",), "Completed": ("200-699",)},
    "INVITE server": {
        "Proceeding": ("1xx",),
        "Completed": ("300-699",),
        "Confirmed": ("300-699", "ACK"),
        "Accepted": ("2xx",),
    },
    "server": {"Trying": (), "Proceeding": ("1xx",), "Completed": ("200-699",)},
}
"""How each state is reached."""
assert {name: [*states] for name, states in PATHS.items()} == {
    name: [*states] for name, states in TIMERS.items()
}


def one_in(engine: Engine, machine: str, state: str, *, reliable: bool = False) -> One:
    """A transaction in this state."""
    one = One(engine, machine, reliable=reliable)
    for event in PATHS[machine][state]:
        one.does(event)
    assert one.transaction.state == state
    return one
