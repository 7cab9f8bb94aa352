"""What counts messages calls functions of the layer above, which may do anything with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import sipfast
from bench_data import generate
from sipfast._engine import Engine
from sipfast.capture import Record, Repeats
from sipfast.capture.packets import can_walk
from sipfast.cli.commands.stats.counts import Ranking

MESSAGES = [sent.data for sent in generate.sent_messages(30)]
RECORDS = [Record(memoryview(data), 0, at) for at, data in enumerate(MESSAGES)]

USES: dict[str, Callable[[Any], object]] = {
    "add": lambda counter: [counter.add(RECORDS[0]) for _ in range(5000)],
    "cut": lambda counter: counter.cut(0),
    "take": lambda counter: counter.take(),
}


def counter_that(engine: Engine, **called: Callable[..., Any]) -> Any:
    """A counter that calls these functions, and otherwise those that do nothing."""

    class Called(Ranking):
        def add(self, name: str, times: int = 1) -> None:
            called.get("rank", lambda: None)()
            super().add(name, times)

    return engine.module("wire.counting").Counter(
        *(called.get("other", lambda *_: None), called.get("defective"), engine.parse, Record),
        *(Called(), Called(), Repeats(engine=engine), True, called.get("clock")),
    )


def hep(data: bytes) -> bytes:
    values = {2: b"\x11", 3: bytes(4), 4: bytes(4), 7: b"\x13\xc4", 8: b"\x13\xc4", 15: data}
    chunks = b"".join(
        bytes((0, 0, 0, kind)) + (6 + len(value)).to_bytes(2, "big") + value
        for kind, value in values.items()
    )
    return b"HEP3" + (6 + len(chunks)).to_bytes(2, "big") + chunks


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("name", ["other", "clock", "rank"])
def test_a_function_that_is_called_cannot_use_the_counter(
    native: Engine, name: str, use: str
) -> None:
    refused = 0

    def called(*_: Any) -> float:
        nonlocal refused
        with pytest.raises(ValueError, match="in use"):
            USES[use](counter)
        refused += 1
        return 0.0

    counter = counter_that(native, **{name: called})
    if name == "other":
        for record in RECORDS:
            assert not counter.add(record)
        counter.take()
        assert counter.number == refused == len(RECORDS)
        return
    if not can_walk():
        pytest.skip("the pure engine hands no messages to this counter")
    with sipfast.open(b"".join(map(hep, MESSAGES))) as capture:
        for _ in capture.feed(counter):
            counter.take()
    counter.take()
    assert counter.number == counter.requests + counter.responses == len(MESSAGES)
    assert refused


def test_a_run_of_messages_cannot_use_a_counter_that_is_in_use(native: Engine) -> None:
    run = native.module("wire.runs").Run(b"".join(MESSAGES))
    refused = 0

    def clock() -> float:
        nonlocal refused
        with pytest.raises(ValueError, match="in use"):
            run.feed(counter, 0, 0)
        refused += 1
        return 0.0

    counter = counter_that(native, clock=clock)
    run.feed(counter, 0, 0)
    assert run.number == len(counter) > 1
    counter.take()
    assert counter.number == run.number
    assert refused == 2


@pytest.mark.parametrize("every", [1, 2, 7])
def test_no_count_is_kept_twice_after_a_ranking_that_fails(native: Engine, every: int) -> None:
    """The names that wait for the ranking have a place each, however often it fails."""
    calls = 0

    def rank() -> None:
        nonlocal calls
        calls += 1
        if calls > 2000 and calls % every == 0:
            raise LookupError("no")

    methods = b"".join(
        b"M%d sip:a@b SIP/2.0\r\nUser-Agent: %d\r\nContent-Length: 0\r\n\r\n" % (at, at)
        for at in range(900)
    )
    counter = counter_that(native, rank=rank)
    run = native.module("wire.runs").Run(methods)
    failed = 0
    for _ in range(30):
        run.feed(counter, 0, 0)
        try:
            counter.take()
        except LookupError:
            failed += 1
    assert counter.number > 900
    assert failed


def test_a_counter_goes_on_after_a_function_that_fails(engine: Engine) -> None:
    def fails(number: int, record: Record) -> None:
        if number == 1:
            raise LookupError("no")
        seen.append(number)

    seen: list[int] = []
    counter = counter_that(engine, other=fails)
    for record in RECORDS[:3]:
        counter.add(record)
    with pytest.raises(LookupError, match="no"):
        counter.take()
    assert len(counter) == 0
    counter.add(RECORDS[3])
    counter.take()
    assert seen == [2]


@pytest.mark.parametrize("rows", [-5, 0, 2, 100])
def test_no_more_is_left_out_than_there_is(engine: Engine, rows: int) -> None:
    seen: list[Record] = []
    counter = counter_that(engine, other=lambda number, record: seen.append(record))
    for record in RECORDS[:4]:
        counter.add(record)
    counter.cut(rows)
    assert len(counter) == min(max(rows, 0), 4)
    counter.add(RECORDS[5])
    counter.take()
    assert seen == [*RECORDS[: max(rows, 0)][:4], RECORDS[5]]


def test_the_windows_must_be_those_of_the_engine(native: Engine) -> None:
    class Other:
        datagrams = messages = None

    with pytest.raises(TypeError, match="Repeats of this engine"):
        native.module("wire.counting").Counter(
            *(print, None, native.parse, Record, Ranking(), Ranking(), Other(), True)
        )
