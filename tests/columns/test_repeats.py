"""The columns that depend on earlier messages, read in C and by the definition."""

from __future__ import annotations

import itertools
from random import Random

import capture_files as made
import pytest
from random_captures import blocks, classic

import sipfast
from bench_data import generate
from sipfast._engine import Engine
from sipfast.columns import Scan
from sipfast.columns.values import Row

pa = pytest.importorskip("pyarrow")

COLUMNS = ("packet", "retransmission", "duplicate", "from_tag", "error")


def scanned(engine: Engine, data: bytes, where: str | None = None) -> list[tuple[object, ...]]:
    """The rows of a scan, with the two columns first of all and with others."""
    table = pa.table(Scan(data, COLUMNS, where, batch_rows=7, engine=engine))
    return list(zip(*[column.to_pylist() for column in table.columns], strict=True))


def defined(data: bytes) -> list[tuple[object, ...]]:
    row = Row(COLUMNS)
    rows: list[tuple[object, ...]] = []
    for record in sipfast.open(data):
        data = bytes(record.data)
        try:
            message: object = sipfast.parse(data)
        except sipfast.ParseError as error:
            message = error
        rows.append(tuple(row.read(message, record._replace(data=memoryview(data)))))
    return rows


@pytest.mark.parametrize("seed", range(12))
def test_random_captures(engine: Engine, seed: int) -> None:
    data = (classic if seed % 2 else blocks)(Random(seed))
    assert scanned(engine, data) == defined(data)


def test_traffic_that_repeats(engine: Engine) -> None:
    sent = [one.data for one in generate.sent_messages(300)]
    rng = Random(3)
    packets = []
    for at, data in enumerate(sent):
        again = [sent[rng.randrange(at + 1)] for _ in range(rng.randrange(3))]
        folded = data.replace(b"\r\nVia: ", b"\r\nVia:\r\n ").replace(
            b";branch=", b"\r\n ;branch=", 1
        )
        packets += [data, *again, *([folded] if at % 5 == 0 else [])]
    clock = itertools.accumulate(rng.choice((1000, 4000, 700_000)) for _ in packets)
    data = made.pcap_header() + b"".join(
        made.pcap_record(made.frame(packet), *divmod(time, 1_000_000))
        for packet, time in zip(packets, clock, strict=True)
    )
    rows = defined(data)
    assert {row[1:3] for row in rows} == {(False, False), (True, False), (False, True)}
    assert scanned(engine, data) == rows
    for where, place in (("retransmission", 1), ("duplicate", 2)):
        assert scanned(engine, data, where) == [row for row in rows if row[place]]
    both = [row for row in rows if not (row[1] or row[2])]
    assert scanned(engine, data, "not retransmission and not duplicate") == both
