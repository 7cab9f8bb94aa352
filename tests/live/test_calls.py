"""The calls that end: what became of them, and when they are told."""

from __future__ import annotations

import resource
import sys

import pytest
from live_calls import Wire, text

import sipfast
from sipfast.capture import Record
from sipfast.live.calls import Calls, Timeouts
from sipfast.registry.results import FAILED_CALLS


@pytest.mark.parametrize(
    ("status", "result"),
    [
        *((200, "answered"), (486, "busy"), (600, "busy"), (603, "declined"), (487, "cancelled")),
        *((480, "no answer"), (302, "redirected"), (401, "challenged"), (407, "challenged")),
        *((404, "failed"), (408, "failed"), (503, "failed")),
    ],
)
def test_the_result_of_a_final_response(status: int, result: str) -> None:
    wire = Wire()
    wire.invite(0)
    wire.status(1, status)
    call = wire.one()
    assert (call.result, call.status, call.reason) == (result, status, "Reason")
    assert call.is_failed == (result in FAILED_CALLS)
    assert (call.caller, call.callee) == ("alice", "bob")
    assert (call.source_address, call.destination_port) == ("192.0.2.1", 5060)


def test_a_timeout_after_ringing_is_no_answer() -> None:
    wire = Wire()
    wire.invite(0)
    wire.status(1, 180)
    wire.status(30, 408)
    assert wire.one().result == "no answer"


def test_a_call_cancelled_without_a_final_response() -> None:
    wire = Wire()
    wire.invite(0)
    wire.request(1, "CANCEL")
    assert wire.one().result == "cancelled"


def test_delays_are_those_of_rfc_6076() -> None:
    wire = Wire()
    wire.invite(10)
    wire.status(10.05, 100)
    wire.status(10.5, 180)
    wire.status(14, 200)
    wire.request(64, "BYE", number=2)
    call = wire.one()
    assert (call.post_dial_delay, call.setup_time, call.duration) == (0.5, 4.0, 50.0)
    assert call.progress == 180
    assert not call.is_failed


def test_the_delay_of_a_failure_that_did_not_ring() -> None:
    wire = Wire()
    wire.invite(10)
    wire.status(12.25, 503)
    assert wire.one().post_dial_delay == 2.25


def test_a_challenge_is_no_result_while_another_attempt_is_on() -> None:
    wire = Wire()
    wire.invite(0)
    wire.status(0.1, 407)
    assert wire.told(5) == []
    wire.invite(5.1, number=2)
    wire.status(6, 486, cseq="2 INVITE")
    assert wire.told(7) == []
    (call,) = wire.told(8.1)
    assert (call.result, call.post_dial_delay) == ("busy", 6.0)


def test_an_unanswered_challenge() -> None:
    wire = Wire()
    wire.invite(0)
    wire.status(0.1, 401)
    assert wire.told(32) == []
    (call,) = wire.told(32.2)
    assert call.result == "challenged"
    assert call.is_failed


def test_the_result_is_the_last_failure_of_the_last_attempt() -> None:
    wire = Wire()
    wire.invite(0, branch="near")
    wire.invite(0.1, branch="far")
    wire.status(1, 486, branch="far")
    wire.status(1.5, 480, branch="near")
    (call,) = wire.told(34)
    assert (call.result, call.status, call.post_dial_delay) == ("no answer", 480, 1.0)


def test_the_2xx_of_any_branch_comes_first() -> None:
    wire = Wire()
    wire.invite(0, branch="near")
    wire.invite(0.1, branch="one")
    wire.invite(0.2, branch="two")
    wire.status(1, 486, branch="one")
    wire.status(2, 200, branch="two")
    assert wire.told(100) == []
    assert wire.one().result == "answered"


def test_an_invite_within_the_dialog_is_no_attempt() -> None:
    wire = Wire()
    wire.invite(0)
    wire.status(1, 200)
    wire.request(60, "INVITE", number=2)
    wire.status(61, 488, cseq="2 INVITE")
    call = wire.one()
    assert (call.result, call.status) == ("answered", 200)


def test_a_call_ends_a_moment_after_its_failure_and_is_told_once() -> None:
    wire = Wire(Calls(timeouts=Timeouts(settled=2)))
    wire.invite(0)
    wire.status(1, 486)
    wire.request(1.1, "ACK")
    wire.status(1.2, 486)
    assert wire.told(3.1) == []
    assert len(wire.told(3.2)) == 1
    assert wire.told(100) == []
    assert len(wire.calls) == 0


def test_a_repeated_bye_does_not_keep_a_call() -> None:
    wire = Wire(Calls(timeouts=Timeouts(settled=2)))
    wire.invite(0)
    wire.status(1, 200)
    wire.request(5, "BYE", number=2)
    wire.request(6.5, "BYE", number=2)
    assert wire.told(6.9) == []
    assert [call.duration for call in wire.told(7)] == [4.0]


def test_calls_without_an_end() -> None:
    wire = Wire(Calls(timeouts=Timeouts(unanswered=200, answered=1000)))
    wire.invite(0, "ringing")
    wire.invite(0, "talking")
    wire.status(1, 200, "talking")
    assert [call.result for call in wire.told(200)] == ["unfinished"]
    assert wire.calls.answered == 1
    assert [call.result for call in wire.told(1001)] == ["answered"]


def test_a_call_is_chosen_if_one_of_its_messages_is() -> None:
    wire = Wire()
    line = "INVITE sip:bob@example.net SIP/2.0"
    for call, chosen in (("1", False), ("2", True)):
        wire.put(0, text(line, call, "1 INVITE"), is_chosen=False)
        wire.put(1, text("SIP/2.0 486 Busy", call, "1 INVITE", tag=";tag=b"), is_chosen=chosen)
    assert [call.is_chosen for call in wire.calls.close()] == [False, True]


def test_the_oldest_calls_make_room() -> None:
    wire = Wire(Calls(most=3))
    for number in range(5):
        wire.invite(number, str(number))
    assert len(wire.calls) == 3
    assert wire.calls.evicted == 2
    assert [call.call_id for call in wire.told(5)] == ["0", "1"]


def test_calls_with_long_texts_make_room() -> None:
    wire = Wire(Calls(most_text=10_000))
    for number in range(50):
        call = f"{number}-{'x' * 1_000}"
        wire.invite(number / 100, call)
        if number % 2:
            for _ in range(3):
                data = text(f"SIP/2.0 486 {'busy ' * 200}", call, "1 INVITE", tag=";tag=b")
                wire.put(number / 100, data)
    assert 4 <= len(wire.calls) <= 9
    assert wire.calls.evicted == 50 - len(wire.calls)
    assert len(wire.told(1)) == wire.calls.evicted
    assert len([*wire.calls.close()]) == 50 - wire.calls.evicted
    for number in range(30):
        wire.invite(50, f"{number}")
    assert len(wire.calls) == 30
    for number in range(30):
        wire.put(51, text(f"SIP/2.0 200 {'x' * 1_000}", f"{number}", "1 INVITE", tag=";tag=b"))
    assert len(wire.calls) < 10
    wire.told(51)
    assert [*wire.calls.close()]
    for number in range(9):  # nothing is left of those that ended
        wire.invite(100, f"{number}-{'x' * 1_000}")
    assert len(wire.calls) == 9


@pytest.mark.parametrize(
    "field",
    [b"CSeq: x INVITE", b"CSeq: 1 INVITE\r\nTo: <sip:", b"Via: ;;\r\nCSeq: 1 INVITE"],
)
def test_malformed_fields_are_no_fault(field: bytes) -> None:
    calls = Calls()
    data = b"INVITE sip:bob@example.net SIP/2.0\r\nCall-ID: 1\r\n" + field + b"\r\n\r\n"
    message = sipfast.parse(data, lenient=True)
    calls.add(message, Record(memoryview(data), 0, 1), 0.0)
    answer = b"SIP/2.0 486 Busy\r\nCall-ID: 1\r\n" + field + b"\r\n\r\n"
    calls.add(sipfast.parse(answer, lenient=True), Record(memoryview(answer), 0, 2), 0.0)
    assert all(call.call_id == "1" for call in calls.close())


def test_a_week_takes_no_more_memory_than_an_hour() -> None:
    """With a clock that runs fast: calls of all endings, some without an end."""

    def hours(calls: Calls, begin: int, count: int) -> int:
        wire = Wire(calls)
        told = 0
        for at in range(begin, begin + count * 3600, 6):
            call = f"{at}"
            wire.invite(at, call)
            if at % 4:
                wire.status(at + 1, 180, call)
            if at % 12:
                wire.status(at + 2, (200, 486, 407, 302)[at // 6 % 4], call)
            if at % 5 == 0:
                wire.request(at + 3, "BYE", call, number=2)
            told += len([*calls.ended(at)])
        return told

    calls = Calls(most=1_000)
    hours(calls, 0, 5)
    before = _resident()
    kept = len(calls)
    told = hours(calls, 5 * 3600, 40)
    assert told > 20_000
    assert abs(len(calls) - kept) < 50
    assert _resident() - before < 4_000_000


def _resident() -> int:
    """The most bytes that the process has had."""
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size if sys.platform == "darwin" else size * 1024
