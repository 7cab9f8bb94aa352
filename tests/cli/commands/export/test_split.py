"""``sipfast export --split-by``: a file for each call or hour, with names that are safe."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from capture_files import frame, pcap
from command import output, request, run
from exported import CALLS, TABLES, payloads, rows
from hypothesis import given
from hypothesis import strategies as st

import sipfast
from sipfast.capture import Record, Writer
from sipfast.cli.commands.export import FORMATS, split
from sipfast.cli.commands.export.split import name_of


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("most", [1, 20_000, 64 << 20])
def test_a_file_for_each_call(
    tmp_path: Path, format: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(split, "_MOST_BYTES", most)
    out = tmp_path / f"out.{format}"
    options = ("--columns", "call_id,packet") if format in TABLES else ()
    output("export", CALLS, "-o", out, "--split-by", "call", *options)
    expected: dict[str, list[tuple[int, bytes]]] = {}
    for record in sipfast.open(CALLS):
        call_id = sipfast.parse(record.data, lenient=True).call_id
        name = f"out-{name_of(call_id) if call_id else 'no-call-id'}.{format}"
        expected.setdefault(name, []).append((record.packet, bytes(record.data).rstrip(b"\r\n")))
    assert len(expected) > 10
    assert {path.name for path in tmp_path.iterdir()} == set(expected)
    for name, records in expected.items():
        path = tmp_path / name
        if format in TABLES:
            assert [int(row["packet"]) for row in rows(path)] == [at for at, _ in records]
        else:
            assert payloads(path) == [data for _, data in records]
    before = (tmp_path / name).read_bytes()
    kept = run("export", CALLS, "-o", out, "--split-by", "call", *options)
    assert kept.exit_code == 1
    assert "--force overwrites it" in kept.stderr
    output("export", CALLS, "-o", out, "--split-by", "call", *options, "--force")
    assert (tmp_path / name).read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == set(expected)


def test_a_file_for_each_hour(tmp_path: Path) -> None:
    source = tmp_path / "in.pcap"
    hour = 3600 * 10**9
    times = [0, hour - 1, hour, 5 * hour, 10_000_000 * hour, None]
    with Writer(source.with_suffix(".pcapng")) as writer:
        for number, time_ns in enumerate(times):
            data = memoryview(request("OPTIONS", f"X-Number: {number}"))
            writer.write(Record(data, 0, 1, time_ns))
    out = tmp_path / "out.csv"
    where = ("--where", "packet != 4", "--columns", "packet")
    output("export", source.with_suffix(".pcapng"), "-o", out, "--split-by", "hour", *where)
    assert {
        path.name: [int(row["packet"]) for row in rows(path)] for path in tmp_path.glob("*.csv")
    } == {
        "out-1970-01-01T00Z.csv": [1, 2],
        "out-1970-01-01T01Z.csv": [3],
        "out-no-time.csv": [5, 6],
    }


CALL_IDS = st.text(max_size=300) | st.text(alphabet="aAbB.-/\\0\0\n é", max_size=12)


@given(st.lists(CALL_IDS, min_size=1, max_size=20, unique=True))
def test_names_of_files_are_safe_and_differ(call_ids: list[str]) -> None:
    names = [name_of(call_id) for call_id in call_ids]
    names += [name_of(name) for name in names if name not in call_ids]
    assert not [name for name in names if not re.fullmatch("[A-Za-z0-9@._+=-]{1,99}", name)]
    counted = Counter(name.casefold() for name in [*names, "no-call-id"])
    assert max(counted.values()) == 1


@pytest.mark.parametrize(
    ("call_id", "name"),
    [
        ("a84b4c76e66710@pc33.example.com", "a84b4c76e66710@pc33.example.com"),
        ("../../etc/passwd", ".._.._etc_passwd-"),
        ("A", "A-"),
        ("no-call-id", "no-call-id-"),
        ("a.", "a."),
        ("\x1b]0;x\x07", "_0_x_-"),
        ("x" * 99, "x" * 99),
        ("x" * 101, "x" * 60 + "-"),
        ("a-0123456789abcdef", "a-0123456789abcdef-"),
        ("", "-"),
    ],
)
def test_the_name_of_a_call(call_id: str, name: str) -> None:
    found = name_of(call_id)
    assert found == name or (
        name.endswith("-") and found.startswith(name) and len(found) == len(name) + 16
    )


def test_hostile_call_ids(tmp_path: Path) -> None:
    source, folder = tmp_path / "in.pcap", tmp_path / "out"
    folder.mkdir()
    names = ["../../x", "..", "a/b", "a\\b", "A", "a", "\x01\x02", "é" * 200, "con", "x" * 5000]
    messages = [request().replace(b"1@192.0.2.1", name.encode()) for name in names]
    source.write_bytes(pcap(*map(frame, messages)))
    output("export", source, "-o", folder / "out.pcap", "--split-by", "call")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["in.pcap", "out"]
    found = [payloads(path) for path in folder.iterdir()]
    assert sorted(data for (data,) in found) == sorted(one.rstrip() for one in messages)


@pytest.mark.parametrize("format", FORMATS)
def test_expressions_see_the_messages_in_their_order(
    tmp_path: Path, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whether one is a retransmission depends on those before, which other files hold, or another
    # part of this one.
    monkeypatch.setattr(split, "_MOST_BYTES", 1)
    source = tmp_path / "in.pcapng"
    hour = 3600 * 10**9
    with Writer(source) as writer:
        for time_ns in (hour - 10**9, hour - 1, hour + 10**9, 2 * hour):
            writer.write(Record(memoryview(request()), 0, 1, time_ns, "192.0.2.1", 5060))
    out = tmp_path / f"out.{format}"
    where = ("--where", "retransmission = false")
    output("export", source, "-o", out, "--split-by", "hour", *where)
    found = {path.name for path in tmp_path.glob("out*")}
    assert found == {f"out-1970-01-01T0{at}Z.{format}" for at in (0, 2)}
    first = tmp_path / f"out-1970-01-01T00Z.{format}"
    assert len(rows(first) if format in TABLES else payloads(first)) == 1
