"""Every transition of figures 5 to 8 of RFC 3261, with RFC 6026: the tables, and what is done."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from transacting import MACHINES, PATHS, One, one_in

from sipfast._engine import Engine
from sipfast.transactions import TABLES, TIMERS, Stray

FIGURES = {
    "INVITE client": """
        A: Calling -> Calling, B: Calling -> Terminated, error: Calling -> Terminated,
        1xx: Calling -> Proceeding, 2xx: Calling -> Accepted, 300-699: Calling -> Completed,
        1xx: Proceeding -> Proceeding, 2xx: Proceeding -> Accepted,
        300-699: Proceeding -> Completed, 300-699: Completed -> Completed,
        error: Completed -> Terminated, D: Completed -> Terminated,
        2xx: Accepted -> Accepted, M: Accepted -> Terminated""",
    "client": """
        E: Trying -> Trying, F: Trying -> Terminated, error: Trying -> Terminated,
        1xx: Trying -> Proceeding, 200-699: Trying -> Completed,
        E: Proceeding -> Proceeding, F: Proceeding -> Terminated, error: Proceeding -> Terminated,
        1xx: Proceeding -> Proceeding, 200-699: Proceeding -> Completed,
        K: Completed -> Terminated""",
    "INVITE server": """
        request: Proceeding -> Proceeding, 1xx: Proceeding -> Proceeding,
        2xx: Proceeding -> Accepted, 300-699: Proceeding -> Completed,
        error: Proceeding -> Proceeding, request: Completed -> Completed, G: Completed -> Completed,
        ACK: Completed -> Confirmed, H: Completed -> Terminated, error: Completed -> Completed,
        I: Confirmed -> Terminated, 2xx: Accepted -> Accepted, ACK: Accepted -> Accepted,
        error: Accepted -> Accepted, L: Accepted -> Terminated""",
    "server": """
        1xx: Trying -> Proceeding, 200-699: Trying -> Completed,
        request: Proceeding -> Proceeding, 1xx: Proceeding -> Proceeding,
        200-699: Proceeding -> Completed, error: Proceeding -> Terminated,
        request: Completed -> Completed, error: Completed -> Terminated,
        J: Completed -> Terminated""",
}
"""The edges of the figures: 5 and 7 as RFC 6026 7.1 to 7.3 has them, 6 and 8."""
ADDED = {"timer C", "timer X", "timer 100", "timer U", "CANCEL", "cancel"}
"""The events of other sections: 9.1, 9.2, 16.8, 17.2.1, RFC 4320 4.2."""


def edges(machine: str) -> set[tuple[str, str, str]]:
    found = set()
    for edge in FIGURES[machine].split(","):
        event, _, states = edge.strip().partition(": ")
        state, _, following = states.partition(" -> ")
        named = {"error": "transport error"}.get(event, event)
        found.add((state, f"timer {named}" if len(named) == 1 else named, following))
    return found


@pytest.mark.parametrize("machine", MACHINES)
def test_the_tables_have_the_edges_of_the_figures(machine: str) -> None:
    rows = TABLES[machine]
    of_figures = {
        (row.state, row.event, row.next)
        for row in rows
        if row.event not in ADDED and row.state != "Cancelling"
    }
    assert of_figures == edges(machine)
    assert len(rows) == len({(row.state, row.event) for row in rows})


@pytest.mark.parametrize("machine", MACHINES)
def test_each_timer_of_a_state_has_a_row(machine: str) -> None:
    named = {
        (state, f"timer {timer}")
        for state, timers in TIMERS[machine].items()
        for timer in (timers.again, timers.until)
        if timer
    }
    of_rows = {(row.state, row.event) for row in TABLES[machine] if row.event[:6] == "timer "}
    assert of_rows == named


CUT = {
    "INVITE client": ("Completed",),
    "client": ("Completed",),
    "INVITE server": ("Confirmed",),
    "server": ("Completed",),
}
"""The states that last no time over a reliable transport."""


def cases() -> Iterator[tuple[str, str, str, bool]]:
    """Each event that can happen in each state: machine, state, event, and whether reliable."""
    for machine, states in PATHS.items():
        is_invite, is_client = machine.startswith("INVITE"), machine.endswith("client")
        events = ["transport error", "1xx"]
        events += ["2xx", "300-699"] if is_invite else ["200-699"]
        events += [] if is_client else ["request"]
        events += {"INVITE client": ["cancel"], "INVITE server": ["ACK", "CANCEL"]}.get(machine, [])
        for state in states:
            again, until, _ = TIMERS[machine][state]
            timers = [f"timer {name}" for name in (again, until) if name]
            for event in events + timers:
                yield machine, state, event, False
                is_retried = event == f"timer {again}" and again != "100"
                if state not in CUT[machine] and not is_retried:
                    yield machine, state, event, True


@pytest.mark.parametrize(("machine", "state", "event", "reliable"), [*cases()])
def test_each_event_in_each_state(
    engine: Engine, machine: str, state: str, event: str, reliable: bool
) -> None:
    if event == "timer 100":  # which a response of the user's would stop
        one = One(engine, machine, reliable=reliable)
    else:
        one = one_in(engine, machine, state, reliable=reliable)
    actions, after = one.does(event)
    for row in TABLES[machine]:
        if (row.state, row.event) == (state, event):
            expected = set(row.actions)
            following = "Terminated" if reliable and row.next in CUT[machine] else row.next
            break
    else:
        expected, following = set(), state
    assert (actions, after) == (expected, following)
    is_open = one.transaction in [*one.layer._clients.values(), *one.layer._servers.values()]
    assert is_open == (after != "Terminated")


@pytest.mark.parametrize("machine", MACHINES)
def test_reliable_transports_send_nothing_again(engine: Engine, machine: str) -> None:
    for state in PATHS[machine]:
        one = One(engine, machine, reliable=True)
        for event in PATHS[machine][state]:
            one.does(event)
        end = one.now + 800
        while one.now < end:
            one.now += 0.5
            one.layer.expire(one.now)
            sent = {data[:11] for data, _ in one.layer.to_send()}
            assert sent <= {b"SIP/2.0 100", b"CANCEL sip:"}
        assert len(one.layer) == 0


@pytest.mark.parametrize("machine", MACHINES)
def test_nothing_happens_after_the_end(engine: Engine, machine: str) -> None:
    one = one_in(engine, machine, "Completed")
    one.now += 40
    one.layer.expire(one.now)
    assert one.transaction.state == "Terminated"
    assert one.transaction.is_terminated
    one.layer.to_send()
    assert one.transaction.transport_error(one.now) is None
    if one.is_client:
        assert isinstance(one.layer.receive(one.request.reply(200), one.now), Stray)
        if machine == "INVITE client":
            one.transaction.cancel(one.now)
    else:
        assert not one.transaction.respond(one.request.reply(200), one.now)
    assert one.layer.to_send() == []
    assert len(one.layer) == 0
    assert one.transaction.request is None
