"""Calls: the order of their messages, and several as one."""

from __future__ import annotations

import pytest
from ladders import ALICE, PROXY, call_of, capture, sip

import sipfast
from sipfast.calls.call import CallMessage, in_order
from sipfast.calls.read import message_of

OPTIONS = "OPTIONS sip:a SIP/2.0"


def timed(*times: int | None) -> list[CallMessage]:
    record = sipfast.capture.Record(memoryview(sip(OPTIONS)), 0, 1)
    return [message_of(n, record._replace(time_ns=time)) for n, time in enumerate(times, 1)]


@pytest.mark.parametrize(
    ("times", "numbers"),
    [
        ((3, 1, 2), [2, 3, 1]),
        ((5, 5, 5, 4), [4, 1, 2, 3]),
        ((None, None), [1, 2]),
        ((2, None, 1, None), [3, 4, 1, 2]),
        ((None, 2, 1), [1, 3, 2]),
        ((-5, 0), [1, 2]),
    ],
)
def test_messages_are_in_the_order_of_their_times(
    times: tuple[int | None, ...], numbers: list[int]
) -> None:
    assert [one.number for one in in_order(timed(*times))] == numbers
    assert [one.number for one in sipfast.Call("a@x", timed(*times)).messages] == numbers


def test_a_merged_call_has_the_messages_of_all() -> None:
    data = capture(
        (2.0, ALICE, PROXY, sip(OPTIONS, call_id="b@x")),
        (1.0, ALICE, PROXY, sip(OPTIONS, call_id="a@x")),
        (3.0, ALICE, PROXY, sip(OPTIONS, call_id="a@x")),
    )
    calls = sipfast.read_calls(data, ["b@x", "a@x"])
    merged = sipfast.Call.merged(calls.values())
    assert [one.number for one in merged.messages] == [2, 1, 3]
    assert (merged.call_id, merged.call_ids) == ("a@x", ("a@x", "b@x"))
    assert [arrow.leg for arrow in merged.ladder().arrows] == [0, 1, 0]
    again = sipfast.Call.merged([merged, calls["a@x"]])
    assert again.call_ids == ("a@x", "b@x")
    with pytest.raises(ValueError, match="at least one call"):
        sipfast.Call.merged([])


def test_what_is_left_out_is_summed() -> None:
    calls = [sipfast.Call(name, timed(1), left_out=2) for name in "ab"]
    assert sipfast.Call.merged(calls).left_out == 4


def test_faults_are_those_of_the_message() -> None:
    (first, *_, last) = call_of().messages
    assert (first.faults, first.fault) == ((), None)
    assert "cseq-malformed" in [fault.code for fault in last.faults]


def test_repr_is_short() -> None:
    call = call_of()
    assert repr(call) == "<Call 'a@x', 9 messages>"
    assert (len(call), repr(sipfast.Call("a", timed(1)))) == (9, "<Call 'a', 1 message>")
    both = sipfast.Call.merged([call, sipfast.Call("b", ())])
    assert repr(both) == "<Call 'b' and 1 more, 9 messages>"
    assert len(repr(sipfast.Call("a" * 1000, ()))) < 120
