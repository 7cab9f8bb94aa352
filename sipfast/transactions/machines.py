"""The state machines of RFC 3261 17, with RFC 6026, as tables, and their compiled form.

A row that is absent has no effect: the event is ignored in that state.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "CANCEL_CLIENT",
    "INVITE_CLIENT",
    "INVITE_SERVER",
    "OTHER_CLIENT",
    "OTHER_SERVER",
    "TABLES",
    "TIMERS",
    "Row",
    "State",
    "Timers",
    "Transition",
]


class Row(NamedTuple):
    """One transition."""

    state: str
    event: str
    """A class of responses, ``"request"``, ``"ACK"``, ``"CANCEL"``, a timer, or a failure."""
    actions: tuple[str, ...]
    """``send`` the request or the last response, make and send an ``ACK``, a ``CANCEL`` or a
    ``100``, ``pass`` the message to the user, ``inform`` the user of a failure."""
    next: str


class Timers(NamedTuple):
    """The timers of a state."""

    again: str | None
    """The one that sends again."""
    until: str | None
    """The one that ends the state."""
    continues: bool = False
    """Whether they go on from the state before."""


def _rows(text: str) -> tuple[Row, ...]:
    found = []
    for line in text.strip().splitlines():
        state, event, actions, following = (part.strip() for part in line.split("|"))
        found.append(Row(state, event, tuple(actions.split()), following))
    return tuple(found)


TABLES: dict[str, tuple[Row, ...]] = {
    "INVITE client": _rows("""
        Calling    | timer A         | send        | Calling
        Calling    | timer B         | inform      | Terminated
        Calling    | transport error | inform      | Terminated
        Calling    | 1xx             | pass        | Proceeding
        Calling    | 2xx             | pass        | Accepted
        Calling    | 300-699         | ACK pass    | Completed
        Proceeding | 1xx             | pass        | Proceeding
        Proceeding | 2xx             | pass        | Accepted
        Proceeding | 300-699         | ACK pass    | Completed
        Proceeding | timer C         | CANCEL      | Cancelling
        Proceeding | cancel          | CANCEL      | Cancelling
        Cancelling | 1xx             | pass        | Cancelling
        Cancelling | 2xx             | pass        | Accepted
        Cancelling | 300-699         | ACK pass    | Completed
        Cancelling | timer X         | inform      | Terminated
        Completed  | 300-699         | send        | Completed
        Completed  | transport error | inform      | Terminated
        Completed  | timer D         |             | Terminated
        Accepted   | 2xx             | pass        | Accepted
        Accepted   | timer M         |             | Terminated
    """),
    "client": _rows("""
        Trying     | timer E         | send        | Trying
        Trying     | timer F         | inform      | Terminated
        Trying     | transport error | inform      | Terminated
        Trying     | 1xx             | pass        | Proceeding
        Trying     | 200-699         | pass        | Completed
        Proceeding | timer E         | send        | Proceeding
        Proceeding | timer F         | inform      | Terminated
        Proceeding | transport error | inform      | Terminated
        Proceeding | 1xx             | pass        | Proceeding
        Proceeding | 200-699         | pass        | Completed
        Completed  | timer K         |             | Terminated
    """),
    "INVITE server": _rows("""
        Proceeding | request         | send        | Proceeding
        Proceeding | 1xx             | send        | Proceeding
        Proceeding | 2xx             | send        | Accepted
        Proceeding | 300-699         | send        | Completed
        Proceeding | transport error | inform      | Proceeding
        Proceeding | CANCEL          | pass        | Proceeding
        Proceeding | timer 100       | 100         | Proceeding
        Proceeding | timer U         | inform      | Terminated
        Completed  | request         | send        | Completed
        Completed  | timer G         | send        | Completed
        Completed  | ACK             |             | Confirmed
        Completed  | timer H         | inform      | Terminated
        Completed  | transport error | inform      | Completed
        Confirmed  | timer I         |             | Terminated
        Accepted   | 2xx             | send        | Accepted
        Accepted   | ACK             | pass        | Accepted
        Accepted   | transport error | inform      | Accepted
        Accepted   | timer L         |             | Terminated
    """),
    "server": _rows("""
        Trying     | 1xx             | send        | Proceeding
        Trying     | 200-699         | send        | Completed
        Trying     | timer U         | inform      | Terminated
        Proceeding | request         | send        | Proceeding
        Proceeding | 1xx             | send        | Proceeding
        Proceeding | 200-699         | send        | Completed
        Proceeding | transport error | inform      | Terminated
        Proceeding | timer U         | inform      | Terminated
        Completed  | request         | send        | Completed
        Completed  | transport error | inform      | Terminated
        Completed  | timer J         |             | Terminated
    """),
}
"""The transitions of each machine: INVITE and other requests, sent and received.

Beyond the figures: timer C, and Cancelling, an INVITE whose CANCEL was sent (9.1, 16.8); the CANCEL
of a received INVITE (9.2); the 100 after 200 ms; and timer U, which ends what is never answered.
"""

TIMERS: dict[str, dict[str, Timers]] = {
    "INVITE client": {
        "Calling": Timers("A", "B"),
        "Proceeding": Timers(None, "C"),
        "Cancelling": Timers(None, "X"),
        "Completed": Timers(None, "D"),
        "Accepted": Timers(None, "M"),
    },
    "client": {
        "Trying": Timers("E", "F"),
        "Proceeding": Timers("E", "F", continues=True),
        "Completed": Timers(None, "K"),
    },
    "INVITE server": {
        "Proceeding": Timers("100", "U"),
        "Completed": Timers("G", "H"),
        "Confirmed": Timers(None, "I"),
        "Accepted": Timers(None, "L"),
    },
    "server": {
        "Trying": Timers(None, "U"),
        "Proceeding": Timers(None, "U", continues=True),
        "Completed": Timers(None, "J"),
    },
}
"""The timers that run in each state; the first state of a machine is the one it begins in."""

_CLASSES = {"1xx": (1,), "2xx": (2,), "300-699": (3, 4, 5, 6), "200-699": (2, 3, 4, 5, 6)}
_UNANSWERED = ("Calling", "Trying", "Proceeding", "Cancelling")


class Transition:
    """A row, ready for use."""

    __slots__ = ("acks", "cancels", "informs", "makes_100", "next", "passes", "sends")

    def __init__(self, actions: tuple[str, ...], following: State) -> None:
        self.next = following
        self.sends = "send" in actions
        self.passes = "pass" in actions
        self.informs = "inform" in actions
        self.acks = "ACK" in actions
        self.cancels = "CANCEL" in actions
        self.makes_100 = "100" in actions


class State:
    """A state of one machine: what each event does in it, and its timers."""

    __slots__ = (
        *("ack", "again", "cancel", "cancelled", "error", "name", "request", "statuses", "timeout"),
        *("continues", "is_invite", "is_long", "is_pending", "is_terminated", "resends", "until"),
        *("is_cut", "keeps"),
    )

    def __init__(self, name: str, timers: Timers, is_invite: bool) -> None:
        self.name = name
        self.is_invite = is_invite
        self.is_pending = name in _UNANSWERED
        self.is_terminated = name == "Terminated"
        self.again, self.until, self.continues = timers
        self.is_long = is_invite and self.until in ("C", "U")
        """Whether `until` is put off by provisional responses."""
        self.is_cut = self.until in ("D", "I", "J", "K")
        """Whether `until` is zero on reliable transports."""
        self.keeps = self.is_pending
        """Whether what was sent last is needed on."""
        self.statuses: list[Transition | None] = [None] * 10
        """By the first digit of the status."""
        self.request: Transition | None = None
        self.ack: Transition | None = None
        self.cancelled: Transition | None = None
        """By the CANCEL of the client."""
        self.cancel: Transition | None = None
        """By the user."""
        self.error: Transition | None = None
        self.resends: Transition | None = None
        self.timeout: Transition | None = None

    def __repr__(self) -> str:
        return f"<State {self.name}>"

    def on(self, event: str, transition: Transition) -> None:
        """Enter a row."""
        if event in _CLASSES:
            for digit in _CLASSES[event]:
                self.statuses[digit] = transition
        elif event == f"timer {self.again}":
            self.resends = transition
        elif event == f"timer {self.until}":
            self.timeout = transition
        else:
            setattr(self, _PLACES[event], transition)


_PLACES = {
    "request": "request",
    "ACK": "ack",
    "CANCEL": "cancelled",
    "cancel": "cancel",
    "transport error": "error",
}


def _compiled(name: str, without: tuple[str, ...] = ()) -> State:
    """The first state of a machine, from which the others are reached."""
    is_invite, is_server = name.startswith("INVITE"), name.endswith("server")
    timers = TIMERS[name] | {"Terminated": Timers(None, None)}
    states = {state: State(state, timers[state], is_invite) for state in timers}
    for state, event, actions, following in TABLES[name]:
        kept = tuple(action for action in actions if action not in without)
        states[state].on(event, Transition(kept, states[following]))
        if "send" in actions and not (is_server and event in _CLASSES):
            states[state].keeps = True
    return next(iter(states.values()))


INVITE_CLIENT = _compiled("INVITE client")
OTHER_CLIENT = _compiled("client")
CANCEL_CLIENT = _compiled("client", without=("pass", "inform"))
"""A CANCEL that the layer sent: its responses change nothing (9.1)."""
INVITE_SERVER = _compiled("INVITE server")
OTHER_SERVER = _compiled("server")
