"""Reading calls: the messages that a loop over all finds, whatever the source is."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from command import ROOT, message, process
from exported import CALLS
from ladders import ALICE, CALL, INVITE, PROXY, capture, sip

import sipfast

Found = dict[str, list[tuple[int, int, bytes]]]


def slowly(source: object) -> Found:
    """The messages by Call-ID: the number, the packet and the bytes of each."""
    found: Found = {}
    with sipfast.open(source) as opened:  # type: ignore[arg-type]
        for number, record in enumerate(opened, 1):
            try:
                call_id = sipfast.parse(record.data, lenient=True).call_id
            except sipfast.ParseError:
                continue
            if call_id is not None:
                found.setdefault(call_id, []).append((number, record.packet, bytes(record.data)))
    return found


def plain(calls: dict[str, sipfast.Call]) -> Found:
    return {
        call_id: sorted((m.number, m.record.packet, bytes(m.record.data)) for m in call.messages)
        for call_id, call in calls.items()
    }


@pytest.mark.parametrize(
    "source",
    [
        CALLS,
        CALL,
        ROOT / "bench_data" / "mixed.sip",
        ROOT / "bench_data" / "dialogues" / "call.sip",
    ],
)
def test_calls_have_the_messages_of_a_loop(source: Path | bytes) -> None:
    expected = slowly(source)
    assert plain(sipfast.read_calls(source, expected)) == expected
    for call_id in list(expected)[:5]:
        packets = [packet for _, packet, _ in expected[call_id]]
        one = {call_id: expected[call_id]}
        assert plain(sipfast.read_calls(source, [call_id])) == one
        assert plain(sipfast.read_calls(source, [call_id, "none"], packets=packets)) == one


def test_captures_of_others(shared: Path) -> None:
    paths = [path for path in sorted(shared.glob("captures/**/*cap*")) if path.is_file()]
    assert len(paths) > 50
    for path in paths:
        try:
            expected = slowly(path)
        except sipfast.capture.CaptureError:
            continue
        few = list(expected)[:40]
        assert plain(sipfast.read_calls(path, few)) == {one: expected[one] for one in few}, path


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path,
        str,
        lambda path: path.read_bytes(),
        lambda path: io.BytesIO(path.read_bytes()),
        lambda path: [path],
        sipfast.open,
    ],
)
def test_sources(make: Callable[[Path], object], tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(CALL)
    assert len(sipfast.read_calls(make(path), ["a@x"])["a@x"]) == 9  # type: ignore[arg-type]


def test_several_sources_give_one_call_in_the_order_of_times() -> None:
    early = capture((1.0, ALICE, PROXY, sip(INVITE)))
    late = capture((2.0, ALICE, PROXY, sip("BYE sip:b SIP/2.0")))
    call = sipfast.read_calls([late, early], ["a@x"])["a@x"]
    assert [getattr(one.message, "method", None) for one in call.messages] == ["INVITE", "BYE"]


def test_malformed_and_cut_messages_are_in_the_call() -> None:
    whole = sip(INVITE, body=b"v=0\r\n")
    steps = [whole[:-9], whole.replace(b"Content-Length: 5", b"Content-Length: x"), whole]
    data = capture(*[(float(n), ALICE, PROXY, step) for n, step in enumerate(steps)])
    call = sipfast.read_calls(data, ["a@x"])["a@x"]
    faults = [one.fault and one.fault.code for one in call.messages]
    assert faults == ["header-block-unfinished", "content-length-not-a-number", None]
    assert all(one.message is not None for one in call.messages)
    assert "content-length-not-a-number" in [fault.code for fault in call.messages[1].faults]


@pytest.mark.parametrize(
    ("field", "call_id"),
    [
        ("i: a@x", "a@x"),
        ("call-id:\r\n a@x", "a@x"),
        ("Call-ID: a\r\n b", "a b"),
        ("Call-ID: \udcff@x", "\udcff@x"),
        ("Call-ID: 呼叫@x", "呼叫@x"),
    ],
)
def test_call_ids_as_they_are_written(field: str, call_id: str) -> None:
    text = message("OPTIONS sip:a SIP/2.0", "Via: SIP/2.0/UDP h;branch=z9hG4bK1", field)
    for source in (text, capture((0.0, ALICE, PROXY, text))):
        call = sipfast.read_calls(source, [call_id])[call_id]
        assert len(call) == 1


def test_most_bounds_what_is_kept() -> None:
    call = sipfast.read_calls(CALL, ["a@x"], most=4)["a@x"]
    assert (len(call), call.left_out) == (4, 5)
    assert "5 more left out" in str(call.ladder())


def test_wrong_arguments() -> None:
    with pytest.raises(TypeError, match="list of Call-IDs, not str"):
        sipfast.read_calls(CALL, "a@x")
    with pytest.raises(ValueError, match="most"):
        sipfast.read_calls(CALL, ["a@x"], most=0)
    with pytest.raises(sipfast.capture.CaptureError):
        sipfast.read_calls(b"none", ["a@x"])
    assert sipfast.read_calls(CALL, []) == {}
    assert sipfast.read_calls(CALL, ["b@x"]) == {}


def test_the_pure_engine_draws_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(CALL)
    outputs = {process("ladder", "a@x", path, pure=pure).stdout for pure in (False, True)}
    assert len(outputs) == 1
    assert "INVITE (SDP) ↻" in outputs.pop()
