"""Calls through two proxies that record-route: the example, and Kamailio, in both orders.

What each writes into Via, Record-Route and Route is read by the other.
"""

from __future__ import annotations

import pytest
from calls import assert_all_clean, make_calls

from benchmarks.calling import elements
from benchmarks.calling.processes import Processes

CALLS = 100


@pytest.mark.parametrize("stateful", [False, True], ids=["stateless", "stateful"])
@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("ours_first", [True, False], ids=["ours-kamailio", "kamailio-ours"])
@pytest.mark.parametrize("scenario", ["call", "reinvite", "cancel"])
def test_a_chain_with_kamailio(
    kamailio: Processes, scenario: str, ours_first: bool, transport: str, stateful: bool
) -> None:
    ours = elements.example("ours", *(["--stateful"] if stateful else []), transport=transport)
    theirs = elements.kamailio("theirs", transport=transport, stateful=stateful, checks=True)
    chain = [ours, theirs] if ours_first else [theirs, ours]
    assert_all_clean(make_calls(kamailio, scenario, chain, calls=CALLS), CALLS)
