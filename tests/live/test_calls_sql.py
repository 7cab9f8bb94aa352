"""A call is one thing: those that end live are the rows of `calls.sql`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

import capture_files as made
import pytest
from call_flows import captures
from live_calls import text

import sipfast
from sipfast.capture import Record
from sipfast.live.calls import Calls, EndedCall, Timeouts

ROOT = Path(__file__).parents[2]
COLUMNS = (
    *("call_id", "caller", "callee", "source_address", "source_port", "destination_address"),
    *("destination_port", "result", "status", "reason", "progress", "post_dial_delay"),
    *("setup_time", "duration"),
)


def live(records: Iterable[Record]) -> dict[str, tuple[Any, ...]]:
    """The calls that begin with an INVITE, none of which ends before all messages were read."""
    began: dict[str | None, bool] = {}
    calls = Calls(most=10**6, timeouts=Timeouts(*[1e9] * 4))
    for record in records:
        try:
            message = sipfast.parse(record.data)
        except sipfast.ParseError:
            continue
        began.setdefault(message.call_id, getattr(message, "method", "") == "INVITE")
        calls.add(message, record, 0.0)
    return {call.call_id: values(call) for call in calls.close() if began[call.call_id]}


def values(call: EndedCall) -> tuple[Any, ...]:
    return tuple(getattr(call, name) for name in COLUMNS)


def by_sql(source: Any) -> dict[str, tuple[Any, ...]]:
    pytest.importorskip("duckdb")
    names = ", ".join(COLUMNS)
    # Of what comes before the first INVITE, nothing is known live.
    found = sipfast.connect(source).sql(f"select {names} from calls where invites > 0").fetchall()
    return {row[0]: row for row in found}


def assert_same(source: Any) -> int:
    expected = by_sql(source)
    with sipfast.open(source) as capture:
        found = live(capture)
    for call_id, row in expected.items():
        if call_id in found:
            assert dict(zip(COLUMNS, found[call_id], strict=True)) == dict(
                zip(COLUMNS, row, strict=True)
            )
    assert found.keys() <= expected.keys()
    return len(found)


def test_the_calls_of_a_capture() -> None:
    assert assert_same(ROOT / "bench_data" / "calls.pcap") > 10


def scripted(random: Random) -> bytes:
    """A capture of calls of one to three hops, with challenges, forks, retransmissions and ends."""
    events: list[tuple[float, int, bytes, str, str]] = []
    for number in range(40):
        at = random.random() * 50
        call = f"{number}@x"
        cseq = 1
        for attempt in range(random.choice((1, 1, 1, 2))):
            cseq = 1 + attempt
            hops = [("192.0.2.1", "192.0.2.9"), ("192.0.2.9", "198.51.100.1")]
            hops = hops[: random.choice((1, 1, 2))]
            finals = (200, 200, 180, 486, 480, 404, 408, 603, 487, 302, 503, 0)
            last = random.choice(finals) if attempt == 0 else random.choice((200, 486, 401))
            if attempt == 0 and random.random() < 0.3:
                last = random.choice((401, 407))
            for hop, (here, there) in enumerate(hops):
                branch = f"{number}h{hop}a{attempt}"
                line = f"INVITE sip:bob{number}@example.net SIP/2.0"
                invite = text(line, call, f"{cseq} INVITE", branch=branch)
                begin = at + hop * 0.01
                for again in range(random.choice((1, 1, 2))):
                    events.append((begin + again * 0.5, len(events), invite, here, there))
                statuses = [100] * random.randint(0, 1) + random.choice(([], [180], [183, 180]))
                statuses += [last] if last >= 200 else []
                when = begin + 0.1
                for status in statuses:
                    when += random.random() + 0.7
                    # Farther hops hear it earlier.
                    answer = text(
                        f"SIP/2.0 {status} R{status}h{hop}",
                        call,
                        f"{cseq} INVITE",
                        tag=";tag=b",
                        branch=branch,
                    )
                    events.append((when - hop * 0.005, len(events), answer, there, here))
            at += 5
        if random.random() < 0.2:
            cancel = text("CANCEL sip:bob@example.net SIP/2.0", call, f"{cseq} CANCEL")
            events.append((at + 1, len(events), cancel, "192.0.2.1", "192.0.2.9"))
        if random.random() < 0.5:
            bye = text("BYE sip:bob@example.net SIP/2.0", call, f"{cseq + 1} BYE", tag=";tag=b")
            events.append((at + 20, len(events), bye, "192.0.2.1", "192.0.2.9"))
    packets = []
    for at, _, payload, here, there in sorted(events):
        packet = made.ethernet(made.ipv4(made.udp(payload), source=here, destination=there))
        packets.append(made.pcap_record(packet, 1_710_232_205 + int(at), int(at % 1 * 1e6)))
    return made.pcap_header() + b"".join(packets)


@pytest.mark.parametrize("seed", range(4))
def test_random_calls(seed: int) -> None:
    assert assert_same(scripted(Random(seed))) == 40


@pytest.mark.parametrize("seed", range(8))
def test_the_calls_of_networks(seed: int) -> None:
    """Of several hops, some of them not captured, with lost messages and INVITEs of the callee."""
    (source, *_) = captures(Random(seed), 60)
    assert assert_same(source) > 10
