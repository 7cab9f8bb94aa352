"""Retransmissions and mirror duplicates."""

from __future__ import annotations

import tracemalloc
from functools import partial

import pytest
from cost import ratio

from sipfast._engine import Engine
from sipfast.capture import Record, Repeat, Repeats

MS = 1_000_000


def invite(branch: str = "z9hG4bK1", more: str = "") -> bytes:
    return (
        "INVITE sip:bob@example.com SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 192.0.2.1;branch={branch}\r\n"
        "From: <sip:alice@example.com>;tag=1\r\nTo: <sip:bob@example.com>\r\n"
        f"Call-ID: 1@example.net\r\nCSeq: 1 INVITE\r\n{more}\r\n"
    ).encode()


def ok(tag: str = "2") -> bytes:
    return (
        invite()
        .replace(b"INVITE sip:bob@example.com SIP/2.0", b"SIP/2.0 200 OK")
        .replace(b"To: <sip:bob@example.com>", f"To: <sip:bob@example.com>;tag={tag}".encode())
    )


def datagram(
    payload: bytes, ms: float | None = 0, *, source: str = "192.0.2.1", port: int = 5060
) -> Record:
    time = None if ms is None else int(ms * MS)
    view = memoryview(payload)
    return Record(view, 0, 1, time, source, port, "192.0.2.2", 5060, "UDP")


def told(
    engine: Engine, datagrams: list[Record], repeats: Repeats | None = None
) -> list[Repeat | None]:
    repeats = repeats or Repeats()
    return [repeats.of(one, engine.parse(one.payload)) for one in datagrams]


FIRST = datagram(invite())


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        pytest.param(datagram(invite(), 0), "duplicate", id="at the same time"),
        pytest.param(datagram(invite(), 5), "duplicate", id="5 ms later"),
        pytest.param(datagram(invite(), -5), "duplicate", id="5 ms back"),
        pytest.param(datagram(invite(), 6), "retransmission", id="6 ms later"),
        pytest.param(datagram(invite(), 500), "retransmission", id="T1 later"),
        pytest.param(datagram(invite(), 32_000), "retransmission", id="64*T1 later"),
        pytest.param(datagram(invite(), 32_001), None, id="too late"),
        pytest.param(datagram(invite(), -32_001), None, id="too early"),
        pytest.param(
            datagram(invite(more="Timestamp: 2\r\n"), 1), "retransmission", id="other bytes"
        ),
        pytest.param(datagram(invite("z9hG4bK2"), 1), None, id="another transaction"),
        pytest.param(datagram(invite(), 1, source="192.0.2.3"), None, id="the next hop"),
        pytest.param(datagram(invite(), 1, port=5070), None, id="another port"),
        pytest.param(datagram(ok(), 1), None, id="a response"),
    ],
)
def test_a_message_after_another(engine: Engine, second: Record, expected: Repeat | None) -> None:
    assert told(engine, [FIRST, second]) == [None, expected]


def test_each_retransmission_has_its_duplicates(engine: Engine) -> None:
    times = [0, 1, 500, 501, 1500, 1501]
    assert told(engine, [datagram(ok(), time) for time in times]) == [
        None,
        *("duplicate", "retransmission") * 2,
        "duplicate",
    ]


def test_the_window_begins_with_the_first(engine: Engine) -> None:
    times = [0, 20_000, 40_000, 60_000]
    assert told(engine, [datagram(invite(), time) for time in times]) == [
        *(None, "retransmission", None, "retransmission")
    ]


def test_times_are_options(engine: Engine) -> None:
    repeats = Repeats(window=2, mirror=1)
    times = [0, 1000, 1001, 2002]
    datagrams = [datagram(invite(), time) for time in times]
    assert told(engine, datagrams, repeats) == [None, "duplicate", "retransmission", None]


def test_without_a_timestamp_nothing_repeats(engine: Engine) -> None:
    assert told(engine, [datagram(invite(), None)] * 2) == [None, None]


@pytest.mark.parametrize("payload", [b"INVITE sip:b SIP/2.0\r\n\r\n", b"INVITE sip:b\r\n"])
def test_without_a_key_only_duplicates_are_detected(engine: Engine, payload: bytes) -> None:
    repeats = Repeats()
    message = engine.parse(payload) if b"SIP/2.0" in payload else None
    found = [repeats.of(datagram(payload, time), message) for time in (0, 1, 500)]
    assert found == [None, "duplicate", None]


def test_a_buffer_that_can_change_is_read_as_it_is_now() -> None:
    payload = bytearray(b"INVITE sip:b\r\n")
    repeats = Repeats()
    one = FIRST._replace(data=memoryview(payload))
    assert repeats.of(one, None) is None
    assert repeats.of(one, None) == "duplicate"
    payload[0] = 0x58
    assert repeats.of(one, None) is None


@pytest.mark.parametrize("most", [0, -1])
def test_nothing_to_remember_is_refused(most: int) -> None:
    with pytest.raises(ValueError, match="most must be at least 1"):
        Repeats(most=most)


def _storm(repeats: Repeats, count: int, step_ns: int) -> None:
    for number in range(count):
        one = FIRST._replace(data=memoryview(number.to_bytes(8, "big")), time_ns=number * step_ns)
        repeats.of(one, None)


@pytest.mark.parametrize("step_ns", [0, 1, -1, 10**15, -(10**15)])
def test_memory_is_bounded_and_the_cost_linear(step_ns: int) -> None:
    repeats = Repeats(most=1000)
    _storm(repeats, 2000, step_ns)
    tracemalloc.start()
    _storm(repeats, 20_000, step_ns)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 500_000
    # Four times the messages; a quadratic step would make it 16.
    small, large = (partial(_storm, Repeats(), count, step_ns) for count in (5_000, 20_000))
    assert ratio(small, large, 10) <= 10


def test_a_message_that_came_again_later_is_not_the_oldest(engine: Engine) -> None:
    order = [("a", 0), ("b", 20_000), ("a", 40_000), ("c", 41_000), ("a", 42_000)]
    datagrams = [datagram(invite(f"z9hG4bK{name}"), time) for name, time in order]
    assert told(engine, datagrams, Repeats(most=2)) == [*(None,) * 4, "retransmission"]


def test_the_oldest_are_forgotten(engine: Engine) -> None:
    repeats = Repeats(most=2)
    branches = ["z9hG4bKa", "z9hG4bKb", "z9hG4bKc", "z9hG4bKa", "z9hG4bKc"]
    datagrams = [datagram(invite(name), 10 * n) for n, name in enumerate(branches)]
    assert told(engine, datagrams, repeats) == [*(None,) * 4, "retransmission"]
