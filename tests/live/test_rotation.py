"""Captures of live traffic: named by time, complete or absent, the oldest removed."""

from __future__ import annotations

import os
import re
from datetime import datetime, timezone
from pathlib import Path

import pytest
from capture_files import OPTIONS

import sipfast
from sipfast.capture import Record
from sipfast.live import Rotation
from sipfast.live.rotation import _order

RECORD = Record(memoryview(OPTIONS), 0, 1, 10**18, "192.0.2.1", 5060, "192.0.2.2", 5060, "UDP")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_complete_or_absent(tmp_path: Path) -> None:
    rotation = Rotation(str(tmp_path / "calls.pcapng"))
    rotation.write(RECORD, 0)
    rotation.write(RECORD, 0)
    rotation.tick(1)
    (name,) = names(tmp_path)
    assert name.endswith(".part")
    assert (tmp_path / name).stat().st_size > 2 * len(OPTIONS)  # flushed
    rotation.close()
    (name,) = names(tmp_path)
    assert re.fullmatch(r"calls-\d{8}-\d{6}\.pcapng", name)
    assert len([*sipfast.open(tmp_path / name)]) == 2
    assert (rotation.written, rotation.files) == (2, 1)


def test_nothing_is_written_without_a_record(tmp_path: Path) -> None:
    rotation = Rotation(str(tmp_path / "calls.pcap"))
    rotation.tick(0)
    rotation.close()
    assert names(tmp_path) == []


def test_by_size(tmp_path: Path) -> None:
    rotation = Rotation(str(tmp_path / "calls.pcap"), size=1_000)
    for _ in range(20):
        rotation.write(RECORD, 0)
    rotation.close()
    sizes = [path.stat().st_size for path in tmp_path.iterdir()]
    assert len(sizes) == rotation.files > 3
    assert max(sizes) < 1_000 + 2 * len(OPTIONS)
    assert sum(len([*sipfast.open(path)]) for path in tmp_path.iterdir()) == 20


def test_times_that_the_format_cannot_hold_are_counted(tmp_path: Path) -> None:
    rotation = Rotation(str(tmp_path / "calls.pcap"), size=1)
    for time_ns in (None, 0, 2**32 * 10**9, 2**63):
        rotation.write(RECORD._replace(time_ns=time_ns), 0)
    rotation.close()
    assert (rotation.files, rotation.untimed) == (4, 2)


def test_by_time(tmp_path: Path) -> None:
    rotation = Rotation(str(tmp_path / "calls.pcap"), seconds=60)
    for now in range(0, 150, 10):
        rotation.tick(now)
        rotation.write(RECORD, now)
    rotation.close()
    assert rotation.files == 3


def test_the_newest_stay_of_many_in_a_second_and_when_the_clock_goes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clock:
        hour = 12

        @classmethod
        def now(cls, zone: timezone) -> datetime:
            return datetime(2026, 1, 31, cls.hour, tzinfo=zone)

    monkeypatch.setattr("sipfast.live.rotation.datetime", Clock)
    rotation = Rotation(str(tmp_path / "calls.pcap"), size=1, keep=2)
    for at in range(1_100):
        rotation.write(RECORD._replace(time_ns=at * 10**9), 0)
        Clock.hour = 11 if at == 1_000 else Clock.hour
    rotation.close()
    found = sorted(names(tmp_path), key=_order)
    times = [record.time_ns for name in found for record in sipfast.open(tmp_path / name)]
    assert times == [1_098 * 10**9, 1_099 * 10**9]


def test_a_file_that_someone_else_removed_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = ["calls-20200101-000000.pcap", "calls-20200102-000000.pcap"]
    listed = os.listdir
    rotation = Rotation(str(tmp_path / "calls.pcap"), size=1, keep=1)
    with monkeypatch.context() as patch:
        patch.setattr("sipfast.live.rotation.os.listdir", lambda path: [*gone, *listed(path)])
        rotation.write(RECORD, 0)
        rotation.close()
    assert len(names(tmp_path)) == 1


def test_the_oldest_are_removed_and_nothing_else(tmp_path: Path) -> None:
    kept = [
        "calls.pcap",
        "calls-20200101-000000.pcapng",
        "calls-x.pcap",
        "other-20200101-000000.pcap",
    ]
    for name in (*kept, "calls-20200101-000000.pcap", "calls-20200101-000000-2.pcap"):
        (tmp_path / name).touch()
    rotation = Rotation(str(tmp_path / "calls.pcap"), size=1, keep=3)
    for _ in range(12):
        rotation.write(RECORD, 0)
    rotation.close()
    found = set(names(tmp_path)) - set(kept)
    assert set(kept) <= set(names(tmp_path))
    assert len(found) == 3
    assert not any("2020" in name for name in found)


def test_the_order_of_the_files_of_one_second() -> None:
    names = [f"calls-20260101-000000{number}.pcap" for number in ("-2", "-10", "", "-9")]
    assert sorted(names, key=_order) == [
        f"calls-20260101-000000{number}.pcap" for number in ("", "-2", "-9", "-10")
    ]


@pytest.mark.parametrize("name", ["calls.txt", "calls", "calls.pcap.gz"])
def test_another_suffix_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="suffix"):
        Rotation(str(tmp_path / name))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Rotation(str(tmp_path / "no" / "calls.pcap"))
