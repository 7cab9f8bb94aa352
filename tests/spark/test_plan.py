"""Partitions without Spark: the files that are found, the parts of large ones, and their rows."""

from __future__ import annotations

import gzip
import os
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import capture_files as made
import pyarrow
import pytest
from capture_files import Pcapng

import sipfast
from sipfast.capture import CaptureError
from sipfast.capture import parts as parting
from sipfast.spark import Partition, Wanted, partitions, read_partition, rows, schema_of
from sipfast.spark.filters import condition_of
from sipfast.spark.landing import CHANGED, Landing
from sipfast.spark.plan import files_of

ROOT = Path(__file__).parents[2]
CALLS = ROOT / "bench_data" / "calls.pcap"
WANTED = Wanted(
    ("file", "packet", "offset", "time", "method", "status", "call_id", "sdp_codecs", "error"),
    part_size=20_000,
)
native = pytest.mark.skipif(sipfast.engine != "native", reason="parts are cut by the native engine")


def table(found: list[Partition], wanted: Wanted = WANTED) -> Any:
    batches = [batch for one in found for batch in read_partition(one, wanted)]
    return pyarrow.Table.from_batches(batches, schema=schema_of(wanted)).combine_chunks()


def options(number: int) -> bytes:
    return b"OPTIONS sip:%d@h SIP/2.0\r\nCall-ID: %d\r\n\r\n" % (number, number)


def pcap(frames: list[bytes]) -> bytes:
    records = [made.pcap_record(frame, n // 7, n) for n, frame in enumerate(frames)]
    return made.pcap_header() + b"".join(records)


def pcapng(frames: list[bytes]) -> bytes:
    """Two sections of other byte orders, each with two interfaces of other units."""
    found, half = b"", len(frames) // 2
    for of, some in ((Pcapng("<"), frames[:half]), (Pcapng(">"), frames[half:])):
        found += of.section() + of.interface(options=of.resolution(9)) + of.interface()
        for number, frame in enumerate(some):
            if number == 300:
                found += of.interface(options=of.resolution(3))
            found += of.enhanced(frame, number % (3 if number > 300 else 2), number * 1_000_003)
            found += of.block(0x0BAD, b"comment" * (number % 3))
    return found


FRAMES = [made.frame(options(number)) for number in range(700)]
FILES = {"pcap": pcap, "pcapng": pcapng}


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parting, "_STEP", 8)


@native
@pytest.mark.parametrize("kind", FILES)
def test_parts_have_the_rows_of_the_file(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{kind}"
    path.write_bytes(FILES[kind](FRAMES))
    found = partitions([str(path)], WANTED)
    assert len(found) > 2
    parts = [one.part for one in found if one.part]
    assert [part.begin for part in parts[1:]] == [part.end for part in parts[:-1]]
    assert [part.first for part in parts[1:]] == [(part.last or 0) + 1 for part in parts[:-1]]
    assert table(found).equals(table([Partition(str(path))]))
    assert table(found).num_rows == 700
    some = WANTED._replace(where="call_id like '35_'")
    assert table(found, some).equals(table([Partition(str(path))], some))
    assert table(found, some).num_rows == 10


@native
@pytest.mark.parametrize("kind", FILES)
def test_a_part_that_meets_segments_reads_the_file(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    over_tcp = made.in_segments([options(1)[:9], options(1)[9:], options(2)])
    in_pieces = made.in_fragments(made.udp(options(3) + b"x" * 80), 48)
    frames = [*FRAMES[:290], *over_tcp, *FRAMES[290:500], *in_pieces, *FRAMES[500:]]
    # One message begins in a part and ends in another.
    frames.insert(20, in_pieces[0])
    path = tmp_path / f"a.{kind}"
    path.write_bytes(FILES[kind](frames))
    monkeypatch.setattr(parting, "_PROBED", 200)
    found = partitions([str(path)], WANTED)
    assert len(found) > 2
    assert any(rows._of_part(one, one.part, WANTED) is None for one in found if one.part)
    whole = table([Partition(str(path))]).sort_by("packet")
    assert table(found).sort_by("packet").equals(whole)
    # Usually, the beginnings of the parts tell.
    monkeypatch.setattr(parting, "_PROBED", 1 << 20)
    assert partitions([str(path)], WANTED) == [Partition(str(path))]


@native
def test_files_that_are_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for content in (
        pcap(FRAMES[:20]),
        gzip.compress(pcap(FRAMES)),
        b"".join(map(options, range(700))),
    ):
        path.write_bytes(content)
        assert partitions([str(path)], WANTED) == [Partition(str(path))]
    path.write_bytes(pcap(FRAMES))
    assert len(partitions([str(path)], WANTED)) > 2
    for wanted in (
        WANTED._replace(columns=("retransmission",)),
        WANTED._replace(where="not duplicate"),
        WANTED._replace(where="packet > 350"),
        WANTED._replace(pushed=("offset > 350",)),
        WANTED._replace(pushed=("duplicate = false",)),
    ):
        assert partitions([str(path)], wanted) == [Partition(str(path))]


@native
def test_a_file_that_ends_early(tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap(FRAMES)[:-5])
    found = partitions([str(path)], WANTED)
    assert len(found) > 2
    ends = table(found).to_pylist()[-2:]
    assert ends[0]["packet"] == 699
    assert ends[1] == {
        **dict.fromkeys(WANTED.names),
        "file": str(path),
        "error": "file-corrupt: truncated record",
    }
    assert table(found).equals(table([Partition(str(path))]))
    os.truncate(path, 9000)  # after the plan was made
    assert table(found).num_rows < 200
    path.unlink()
    assert {row["error"] for row in table(found).to_pylist()} == {
        "file-unreadable: No such file or directory"
    }


def test_a_fault_is_a_row_or_raises(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.write_bytes(b"# Notes")
    (row,) = table([Partition(str(notes))]).to_pylist()
    assert row["error"].startswith("file-unreadable: neither a capture nor SIP messages")
    assert table([Partition(str(notes))], WANTED._replace(where="status = 1")).num_rows == 1
    assert table([Partition(str(notes))], WANTED._replace(pushed=("status = 1",))).num_rows == 0
    assert table([Partition(str(notes))], WANTED._replace(pushed=("error > ''",))).num_rows == 1
    with pytest.raises(CaptureError, match="neither a capture"):
        table([Partition(str(notes))], Wanted(("file",)))
    with pytest.raises(FileNotFoundError):
        table([Partition("none")], Wanted(("file",)))


@pytest.mark.skipif(sys.platform != "linux", reason="names must be UTF-8")
def test_a_name_may_have_any_bytes(tmp_path: Path) -> None:
    for name, content in ((b"\xfe.pcap", pcap(FRAMES[:1])), (b"\xff.pcap", b"# Notes")):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(content)
    found = table(partitions([str(tmp_path)], WANTED)).to_pylist()
    assert [row["file"] for row in found] == [f"{tmp_path}/\ufffd.pcap"] * 2
    assert [row["error"] is None for row in found] == [True, False]


def test_the_files_of_a_folder(tmp_path: Path) -> None:
    for name in ("b.pcap", "a/x.pcap", ".hidden", "_SUCCESS", "_tmp/y", "c.part", "d.tmp"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")
    os.mkfifo(tmp_path / "pipe")

    def found(*paths: object) -> list[str]:
        return [os.path.relpath(one, tmp_path) for one in files_of(map(str, paths))]

    assert found(tmp_path) == ["b.pcap", "a/x.pcap"]
    assert found(tmp_path / "*.pcap", f"file://{tmp_path}/a") == ["b.pcap", "a/x.pcap"]
    assert found(tmp_path / "c.part", tmp_path / "none") == ["c.part", "none"]


def test_times_are_cut_to_microseconds(tmp_path: Path) -> None:
    of = Pcapng()
    text = of.section() + of.interface(options=of.resolution(9) + of.offset(-2))
    for stamp in (1_999_999_999, 2_000_000_001, 2_000_001_999):
        text += of.enhanced(made.frame(), timestamp=stamp)
    path = tmp_path / "a.pcapng"
    path.write_bytes(text)
    found = table([Partition(str(path))], Wanted(("time",)))["time"]
    assert found.cast(pyarrow.int64()).to_pylist() == [-1, 0, 1]


# ---- a landing folder ----------------------------------------------------------------------------


def test_a_file_is_read_once_and_when_it_is_complete(tmp_path: Path) -> None:
    landing = Landing([str(tmp_path)], 10)
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap(FRAMES[:3]))
    assert landing.offset({}) == {}
    now = Landing([str(tmp_path)], 0)
    first = now.offset({})
    assert now.partitions({}, first, WANTED) == [Partition(str(path))]
    assert now.offset(first) == landing.offset(first) == first
    for name in ("b", "c", "d"):
        (tmp_path / name).write_bytes(b"")
        os.utime(tmp_path / name, ns=(ord(name), ord(name)))
    second = now.offset(first, 2)
    assert [Path(one.path).name for one in now.partitions(first, second, WANTED)] == ["b", "c"]
    assert [*now.offset(second, 2)][-1].endswith("d")
    path.write_bytes(pcap(FRAMES[:4]))
    third = now.offset(second)
    assert landing.offset(second)[str(path)] == second[str(path)]  # it may change yet
    assert Partition(str(path), fault=CHANGED) in now.partitions(second, third, WANTED)
    path.unlink()
    assert str(path) not in now.offset(third)


# ---- filters -------------------------------------------------------------------------------------


class Given:
    """A filter as pyspark has it, which may be missing here."""

    def __init__(self, name: str, column: str = "", value: Any = None, child: Any = None) -> None:
        self.attribute, self.value, self.child = (column,), value, child
        self.__class__ = type(name, (Given,), {})


FILTERS = [
    (Given("EqualTo", "method", "it's"), "method = 'it''s'"),
    (Given("LessThan", "status", 200), "status < 200"),
    (Given("Not", child=Given("EqualTo", "is_request", True)), "not (is_request = true)"),
    (Given("In", "status", (1, 2)), "(status = 1 or status = 2)"),
    (Given("IsNull", "sdp_codecs"), "sdp_codecs is null"),
    (Given("EqualNullSafe", "status"), "status is null"),
    (Given("StringContains", "uri", "a'b"), "uri like '%a''b%'"),
    *[
        (Given(name, "time", datetime(2024, 3, 12, 8, 30, 0, 999_999, timezone.utc)), condition)
        for name, condition in (
            ("GreaterThan", "time >= '2024-03-12 08:30:01.000000'"),
            ("GreaterThanOrEqual", "time >= '2024-03-12 08:30:00.999999'"),
            ("LessThan", "time < '2024-03-12 08:30:00.999999'"),
            ("LessThanOrEqual", "time < '2024-03-12 08:30:01.000000'"),
        )
    ],
    (Given("StringContains", "uri", "a_b"), None),
    (Given("StringStartsWith", "status", "4"), None),
    (Given("EqualTo", "status", 1.5), None),
    (Given("EqualTo", "status", True), None),
    (Given("EqualTo", "sdp_codecs", ["PCMA"]), None),
    (Given("EqualTo", "nowhere", 1), None),
    (Given("EqualTo", "header:a'b", "x"), None),
    (Given("LessThan", "is_request", True), None),
    (Given("In", "status", tuple(range(2000))), None),
    (Given("EqualTo", "uri", "\ud800"), None),
    (Given("EqualTo", "time", datetime.max.replace(tzinfo=timezone.utc)), None),
    (Given("Unknown", "status", 1), None),
]


@pytest.mark.parametrize(("given", "condition"), FILTERS, ids=lambda one: type(one).__name__)
def test_a_filter_becomes_a_condition_or_stays(given: Any, condition: str | None) -> None:
    assert condition_of(given) == condition
