"""The cost of a ladder grows with the call, whatever its messages hold."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from cost import READ_OF_FOUR, ratio, steadiness
from ladders import ALICE, BOB, call_of, capture, sip

import sipfast
from sipfast.ladder import Ladder

__all__ = ["steadiness"]

OPTIONS = "OPTIONS sip:a SIP/2.0"


def of_one(data: bytes) -> sipfast.Call:
    return call_of(capture((0.0, ALICE, BOB, data)))


MAKERS: dict[str, Callable[[int], sipfast.Call]] = {
    "arrows": lambda size: call_of(
        capture(*[(n * 0.1, ALICE, BOB, sip(OPTIONS, f"{n} OPTIONS")) for n in range(size)])
    ),
    "hosts": lambda size: call_of(
        capture(*[(n * 0.1, (f"10.0.0.{n + 1}", 5060), BOB, sip(OPTIONS)) for n in range(size)])
    ),
    "legs": lambda size: sipfast.Call.merged(
        [sipfast.Call(f"{n}", call_of(sip(OPTIONS)).messages) for n in range(size)]
    ),
    "faults": lambda size: of_one(sip(OPTIONS, "1 OPTIONS", *["Via: x"] * size)),
    "lines": lambda size: of_one(sip(OPTIONS, "1 OPTIONS", body=b"\x01\r\n" * size * 40)),
    "escapes": lambda size: of_one(sip(OPTIONS, "1 OPTIONS", "Subject: " + "\x01" * size * 40)),
    "long method": lambda size: of_one(sip("A" * size * 200 + " sip:a SIP/2.0")),
    "long phrase": lambda size: of_one(sip("SIP/2.0 200 " + "忙" * size * 100)),
}
DRAWINGS: dict[str, Callable[[Ladder], object]] = {
    "model": lambda ladder: ladder.call.ladder(),
    "text": lambda ladder: ladder.text(120),
    "svg": lambda ladder: ladder.svg(),
    "html": lambda ladder: ladder.html(),
    "mermaid": lambda ladder: ladder.mermaid(),
}


@pytest.mark.parametrize("drawing", DRAWINGS.values(), ids=DRAWINGS)
@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_four_times_the_call_costs_about_four_times_as_much(
    make: Callable[[int], sipfast.Call], drawing: Callable[[Ladder], object]
) -> None:
    small, large = (partial(drawing, make(size).ladder()) for size in (15, 60))
    assert ratio(small, large, READ_OF_FOUR) <= READ_OF_FOUR
