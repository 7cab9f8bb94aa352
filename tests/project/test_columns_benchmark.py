"""The benchmark of columns: its files hold the same messages, and wrong rows are found."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import sipfast
from bench_data.traffic.capture import PCAP_HEADER, Frame, record
from benchmarks import columns, counted
from benchmarks.report import BEGIN
from benchmarks.rivals import DisagreementError
from benchmarks.scanning import apart, files, ours, rivals
from benchmarks.timing import Timing
from sipfast._engine import Engine
from sipfast.cli.commands.stats.counts import Stats

ROOT = Path(__file__).parents[2]
COUNT = 300

pytest.importorskip("pyarrow", reason="pyarrow is not installed")

needs_dpkt = pytest.mark.skipif(not rivals.has_dpkt(), reason="dpkt is not installed")
needs_tshark = pytest.mark.skipif(not rivals.has_tshark(), reason="tshark is not installed")


def payloads(path: Path) -> list[bytes]:
    with sipfast.open(path) as capture:
        return [bytes(each.data) for each in capture]


@pytest.fixture(scope="module")
def pcap(tmp_path_factory: pytest.TempPathFactory) -> files.File:
    return files.udp(tmp_path_factory.mktemp("columns"), files.traffic(COUNT))


@pytest.fixture(scope="module")
def values(pcap: files.File) -> dict[str, list[Any]]:
    return ours.columns(pcap.path)


def test_tcp_carries_the_same_messages_in_order(tmp_path: Path) -> None:
    sent = files.traffic(COUNT)
    file = files.tcp(tmp_path, sent)
    with sipfast.open(file.path) as capture:
        found = list(capture)
        assert not capture.unread
    assert {each.transport for each in found} == {"TCP"}
    assert sorted(bytes(each.data) for each in found) == sorted(one.data for one in sent)
    # Several of a segment have its number; those of two have bytes of two packets.
    numbers = [each.packet for each in found]
    assert len(set(numbers)) < len(numbers) < file.packets


def test_logs_hold_the_same_messages(tmp_path: Path, values: dict[str, list[Any]]) -> None:
    data = [one.data for one in files.traffic(COUNT)]
    made = files.logs(tmp_path, data)
    assert len(made) >= 16
    for name, file in made.items():
        columns.check_form(name, file, {"call_id": values["call_id"]})
    with pytest.raises(DisagreementError, match="rows that the pcap has not"):
        columns.check_form(name, file, {"call_id": ["another"]})
    with pytest.raises(DisagreementError, match="has 300 rows of 299 messages"):
        columns.check_form(name, file._replace(messages=299), {"call_id": values["call_id"]})


def test_a_zipped_file_holds_the_same(pcap: files.File) -> None:
    assert payloads(files.zipped(pcap).path) == payloads(pcap.path)


def test_a_file_that_has_no_room_is_told(tmp_path: Path) -> None:
    assert files.room(tmp_path, 1) is None
    assert "are needed" in str(files.room(tmp_path, 1 << 60))
    results = columns.Results(1)
    run = columns.Run(results, tmp_path, 10, 1 << 50)
    run.measure_large()
    run.measure_threads()
    (skipped,) = results.skipped
    assert str(skipped).startswith("SKIPPED: 1,125,899,906,842,624 messages: ")


@needs_dpkt
def test_captures_of_any_link_type_are_joined(tmp_path: Path) -> None:
    frame = files.udp(tmp_path, files.traffic(1)).path.read_bytes()[40:]
    packet = frame[14:]
    folder = tmp_path / "captures"
    folder.mkdir()
    forms = {
        1: frame,
        101: packet,
        113: bytes(14) + frame[12:],
        0: struct.pack("<I", 2) + packet,
        127: packet,  # of another link type
    }
    for link, data in forms.items():
        head = PCAP_HEADER[:20] + struct.pack("<I", link)
        (folder / f"{link}.pcap").write_bytes(head + record(Frame(1_000_000, data)))
    (folder / "other.txt").write_text("no capture")
    arp = frame[:12] + b"\x08\x06" + bytes(46)
    (folder / "arp.pcap").write_bytes(PCAP_HEADER + record(Frame(1, arp)))
    file = files.captured(tmp_path, folder, lambda path: len(payloads(path)), 10)
    assert file is not None
    assert (file.messages, file.packets) == (12, 12)
    assert payloads(file.path) == [frame[42:]] * 12
    assert files.captured(tmp_path, folder / "none", lambda _: 0, 10) is None


@pytest.mark.parametrize(
    "rival",
    [
        pytest.param(rivals.TSHARK, marks=needs_tshark),
        pytest.param(rivals.DPKT, marks=needs_dpkt),
        rivals.LOOP,
    ],
    ids=lambda rival: str(rival.name),
)
def test_a_rival_that_reads_other_values_is_not_timed(
    rival: rivals.Rival, pcap: files.File, values: dict[str, list[Any]]
) -> None:
    assert rivals.agreement(values, rival, pcap.path, 1) == 1
    took = rival.subject(pcap.path, pcap.messages)()
    assert took.cpu > 0
    for column in rival.columns:
        other = values | {column: [None, *values[column][1:]]}
        if other == values:
            continue
        with pytest.raises(DisagreementError, match=r"300 rows, and we 300; 99.7% are alike"):
            rivals.agreement(other, rival, pcap.path, 1)
        assert rivals.agreement(other, rival, pcap.path, 0.99) < 1


def test_scans_that_differ_are_not_timed(pcap: files.File, values: dict[str, list[Any]]) -> None:
    columns.rows_of(pcap.path, ours.TWELVE, values)
    with pytest.raises(DisagreementError, match=r"to_user of .* differs"):
        columns.rows_of(pcap.path, ours.TWELVE, values | {"to_user": [None] * COUNT})


def test_a_where_counts_its_rows(pcap: files.File, values: dict[str, list[Any]]) -> None:
    assert ours.to_nowhere(pcap.path) == COUNT
    assert ours.to_nowhere(pcap.path, where=ours.INVITES) == values["method"].count("INVITE")


def test_the_gate_counts_scans(engine: Engine, values: dict[str, list[Any]]) -> None:
    rows = {}
    for make in counted.scans(engine.name, "", COUNT):
        work = make()
        (whole,) = work.items
        rows[work.row] = work.function(whole), work.messages
    invites = values["method"].count("INVITE")
    assert rows.pop("scan 12 columns where", (invites, COUNT)) == (invites, COUNT)
    assert set(rows.values()) == {(COUNT, COUNT)}
    assert len(rows) == (4 if engine.name == "native" else 1)


def test_the_gate_counts_other_readings(native: Engine) -> None:
    works = {work.row: work for work in (make() for make in counted.readings(native.parse, COUNT))}
    assert all(work.messages == COUNT for work in works.values())
    for row in ("stats mixed", "stats mixed defects"):
        stats = works[row].function(*works[row].items)
        assert isinstance(stats, Stats)
        assert stats.messages == COUNT
        assert stats.wish.defects == row.endswith("defects")
    repeats = works["repeats mixed"]
    assert len(repeats.function(*repeats.items)) == COUNT  # type: ignore[arg-type]
    copies, live = works["hep mixed"].items[0], works["hep mixed live"].items[0]
    assert b"".join(live) == copies
    with sipfast.open(copies) as source:
        assert [bytes(record.data) for record in source] == counted.some("mixed", COUNT)
    assert works["hep mixed live"].function(live) == sum(map(len, counted.some("mixed", COUNT)))


def test_a_scan_without_rows_is_not_counted(engine: Engine) -> None:
    whole = counted.capture(10)
    with pytest.raises(ValueError, match="nothing has no rows"):
        counted.scan("nothing", engine.name, whole, 10, where="status = 999")


def test_what_is_measured_apart(pcap: files.File, tmp_path: Path) -> None:
    found = apart.peak(pcap.path)
    if found is not None:  # on a system with /proc
        assert found.rows == COUNT
        assert found.resident > 1e6
    timings = apart.parquet(pcap.path, 1, tmp_path)
    assert timings.keys() == {apart.EXPORT, apart.SCAN, apart.TABLE}
    with pytest.raises(RuntimeError, match="failed"):
        apart.peak(tmp_path / "missing")


def test_promises_of_rates_and_ratios() -> None:
    timings = {name: Timing(ns, ns, ns) for name, ns in (("a", 250.0), ("b", 50_000.0))}
    rate = columns.Rate("a", "a", 3.0).bar("pcap", timings)
    assert (rate.promise, rate.measured, rate.met) == ("pcap: a", 4.0, True)
    faster = columns.Ratio("b / a", "b", "a", 201).bar("pcap", timings)
    assert (faster.measured, faster.met, faster.note) == (200.0, False, "50,000 against 250 ns")
    most = columns.Ratio("a / b", "a", "b", 1, at_least=False).bar("pcap", timings)
    assert most.met
    assert columns.Rate("c", "c", 1).bar("pcap", timings).met is None
    assert columns.Ratio("c", "c", "a", 1).bar("pcap", timings).met is None


def test_results_have_a_place_for_it() -> None:
    marker = BEGIN.replace("results", "columns")
    assert marker in columns.RESULTS.read_text(encoding="utf-8")


@needs_dpkt
@needs_tshark
def test_a_quick_run_measures_everything(tmp_path: Path) -> None:
    shared = tmp_path / "captures"
    shared.mkdir()
    files.udp(shared, files.traffic(20))
    before = columns.RESULTS.read_bytes()
    done = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks.columns", "--quick"),
            *("--messages", "100", "--large", "200", "--folder", str(tmp_path)),
        ],
        cwd=ROOT,
        env=os.environ | {"SIPFAST_SHARED": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    for bar in (*columns.PROMISES, "rate of TCP", "rate of log: cisco-cucm", "gzip", "Parquet"):
        assert (bar if isinstance(bar, str) else bar.promise) in done.stdout
    assert (
        "SKIPPED" not in done.stdout or "SKIPPED: threads: this machine has one core" in done.stdout
    )
    assert columns.RESULTS.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["captures"]
