"""Calls by SIPp through the example proxy: what both sides see, over UDP and TCP."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from calls import assert_all_clean, make_calls
from lossy import LossyLink

from benchmarks.calling.elements import Element, example
from benchmarks.calling.processes import Processes

CALLS = 50
LOSSY_CALLS = 30
PATIENT = ("-T2", "500", "-default_behaviors", "all,-abortunexp")
"""SIPp gives up a call on some repeated messages otherwise."""
STATELESS, STATEFUL = example("stateless"), example("stateful", "--stateful")
UDP = [
    STATELESS,
    STATEFUL,
    example("uvloop", "--loop", "uvloop"),
    example("asyncio", "--loop", "asyncio", "--moderation", "0"),
]
TCP = [
    example("stateless, TCP", transport="tcp"),
    example("stateful, TCP", "--stateful", transport="tcp"),
    example("uvloop, TCP", "--loop", "uvloop", transport="tcp"),
]


def named(element: Element) -> str:
    return element.name


@pytest.mark.parametrize("element", [*UDP, *TCP], ids=named)
@pytest.mark.parametrize("scenario", ["call", "reinvite", "cancel"])
def test_calls_go_through(sipp: Processes, element: Element, scenario: str) -> None:
    assert_all_clean(make_calls(sipp, scenario, [element], calls=CALLS), CALLS)


@pytest.mark.parametrize("element", [STATELESS, STATEFUL], ids=named)
def test_what_is_lost_or_repeated_on_the_way_does_no_harm(
    sipp: Processes, element: Element
) -> None:
    with ExitStack() as links:
        made: list[LossyLink] = []

        def link(port: int) -> int:
            made.append(links.enter_context(LossyLink(port, seed=len(made))))
            return made[-1].port

        outcomes = make_calls(
            sipp, "lossy", [element], calls=LOSSY_CALLS, rate=30, options=PATIENT, link=link
        )
    assert [outcome.successful for outcome in outcomes] == [LOSSY_CALLS, LOSSY_CALLS], outcomes
    assert all(each.lost and each.repeated for each in made)
    assert outcomes[0].retransmissions > 0
