"""``sipfast export``: every format, what is chosen, and the files that it leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from capture_files import frame, pcap
from command import ROOT, error_line, output, process, request, run
from exported import CALLS, CAPTURES, TABLES, payloads, rows, text

import sipfast
from sipfast._install import how_to_get
from sipfast.capture import Writer
from sipfast.cli.commands.export import split
from sipfast.cli.commands.export.sinks import FORMATS
from sipfast.cli.rows.csv import harmless

COLUMNS = "packet,time,source_address,source_port,is_request,method,status,call_id,sdp_codecs"


@pytest.mark.parametrize("pure", [False, True], ids=["native", "pure"])
@pytest.mark.parametrize("format", TABLES)
def test_a_table(tmp_path: Path, format: str, pure: bool) -> None:
    out = tmp_path / f"out.{format}"
    done = process("export", CALLS, "-o", out, "--columns", COLUMNS, pure=pure)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    expected = sipfast.scan(CALLS, COLUMNS.split(",")).to_arrow().to_pylist()
    for row in expected:
        row["time"] = row["time"].value
    assert len(expected) == 162
    assert rows(out) == [
        {name: text(name, value) for name, value in row.items()} for row in expected
    ]
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("pure", [False, True], ids=["native", "pure"])
@pytest.mark.parametrize("format", CAPTURES)
def test_a_capture(tmp_path: Path, format: str, pure: bool) -> None:
    out = tmp_path / f"out.{format}"
    done = process("export", CALLS, "-o", out, pure=pure)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert payloads(out) == payloads(CALLS)
    assert sipfast.open(out).format == ("messages" if format == "sip" else format)
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("split_by", [(), ("--split-by", "call")])
def test_times_that_the_format_cannot_hold_are_told(
    tmp_path: Path, split_by: tuple[str, ...]
) -> None:
    late = tmp_path / "late.pcapng"
    with Writer(late) as writer:
        for record in sipfast.open(CALLS):
            writer.write(record._replace(time_ns=2**32 * 10**9))
    assert writer.untimed == 0
    result = run("export", late, "-o", tmp_path / "out.pcap", *split_by)
    assert result.exit_code == 0
    assert result.stderr == (
        "sipfast: 162 messages without a time: it is before 1970, or too late for pcap\n"
    )
    assert output("export", late, "-o", tmp_path / "out.pcapng", *split_by) == ""


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    "filters",
    [
        ("--status", "4xx"),
        ("--where", "status >= 400 and status < 500"),
        ("-n", "10-100", "--method", "INVITE", "--where", "from_user is not null"),
        ("--where", "call_id = 'none'"),
    ],
)
def test_what_is_chosen(tmp_path: Path, format: str, filters: tuple[str, ...]) -> None:
    out = tmp_path / f"out.{format}"
    assert output("export", CALLS, "-o", out, *filters) == ""
    where = filters[filters.index("--where") + 1] if "--where" in filters else None
    held = {row["packet"] for row in sipfast.scan(CALLS, ["packet"], where).to_arrow().to_pylist()}
    others = [part for part in filters if part not in ("--where", where)]
    listed = [json.loads(line) for line in output("list", CALLS, "--json", *others).splitlines()]
    packets = [one["packet"] for one in listed if one["packet"] in held]
    assert (len(packets) > 0) == ("none" not in (where or ""))
    if format in TABLES:
        assert [int(row["packet"]) for row in rows(out)] == packets
    elif packets:
        by_packet = {record.packet: bytes(record.data) for record in sipfast.open(CALLS)}
        assert payloads(out) == [by_packet[packet].rstrip(b"\r\n") for packet in packets]


def test_several_files_of_which_one_is_unreadable(tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.write_bytes(b"\0")
    for format in FORMATS:
        out = tmp_path / f"out.{format}"
        done = run("export", CALLS, bad, CALLS, "-o", out)
        assert done.exit_code == 1
        assert done.stderr.startswith(f"sipfast: {bad}: neither a capture")
        count = len(rows(out) if format in TABLES else payloads(out))
        assert count == 2 * 162
        assert run("export", bad, "-o", tmp_path / f"none.{format}").exit_code == 1
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted(
        ["bad", *(f"out.{format}" for format in FORMATS)]
    )


def test_what_is_not_read_is_said(tmp_path: Path) -> None:
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(CALLS.read_bytes()[:10_000])
    for format in ("csv", "pcap"):
        done = run("export", cut, "-o", tmp_path / f"out.{format}")
        assert done.exit_code == 0
        assert "SIP may be in what was not read: 1 truncated record" in done.stderr


def test_malformed_messages_are_rows_and_packets(tmp_path: Path) -> None:
    source = tmp_path / "in.pcap"
    bad = b"OPTIONS sip:a SIP/2.0\r\nmalformed\r\n\r\n"
    source.write_bytes(pcap(frame(), frame(bad)))
    output("export", source, "-o", tmp_path / "out.csv", "--columns", "method,error")
    assert [row["error"] != "" for row in rows(tmp_path / "out.csv")] == [False, True]
    output("export", source, "-o", tmp_path / "out.pcap")
    assert payloads(tmp_path / "out.pcap")[1] == bad.rstrip()


def test_hostile_texts_stay_in_their_cells(tmp_path: Path) -> None:
    source = tmp_path / "in.sip"
    value = 'a,"b";\x1b[31m é \udcff'
    source.write_bytes(request("OPTIONS", f"User-Agent: {value}"))
    for format in TABLES:
        output("export", source, "-o", tmp_path / f"out.{format}", "--columns", "user_agent,method")
        found = rows(tmp_path / f"out.{format}")
        assert found == [{"user_agent": value.replace("\udcff", "\ufffd"), "method": "OPTIONS"}]


@pytest.mark.parametrize("with_pyarrow", [True, False])
def test_no_formula_in_csv(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_pyarrow: bool
) -> None:
    texts = ["=cmd|' /C calc'!A0", "@sum(1)", "+1-2", "-x", "\uff1d1", "\uff0b1\uff0d2", "+", "a=1"]
    numbers = ["+442079460123", "-1.5", "1", "+1.2.3"]
    cells = texts + numbers
    source = tmp_path / "in.sip"
    source.write_bytes(b"".join([request("OPTIONS", f"Subject: {cell}") for cell in cells]))
    if not with_pyarrow:
        monkeypatch.setitem(sys.modules, "pyarrow", None)
    out = tmp_path / "out.csv"
    output("export", source, "-o", out, "--columns", "header:Subject,headers:Subject,method")
    found = rows(out)
    assert [row["header:Subject"] for row in found] == [*map(harmless, cells)]
    assert [row["headers:Subject"] for row in found] == [*map(harmless, cells)]
    assert [cell for cell in cells if harmless(cell) == cell] == ["a=1", *numbers[:3]]
    output("export", source, "-o", tmp_path / "out.jsonl", "--columns", "header:Subject")
    found = rows(tmp_path / "out.jsonl")
    assert [row["header:Subject"] for row in found] == cells


def test_csv_is_the_same_with_and_without_pyarrow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "in.pcap"
    texts = ['"', "a,b", "a\tb", "", "\u20ac\udcff", "'", ";", "=1", "+1", "-1;2"]
    odd = [request("OPTIONS", f"User-Agent: {one}", f"Subject: {one}") for one in texts]
    malformed = b"OPTIONS sip:a SIP/2.0\r\nmalformed\r\n\r\n"
    source.write_bytes(pcap(*map(frame, [*odd, malformed])))
    names = ",".join([*sipfast.columns.COLUMNS, "header:Subject", "headers:Via"])
    options = ("--columns", names, "--split-by", "hour")
    for folder in ("with", "without"):
        (tmp_path / folder).mkdir()
        output("export", CALLS, source, "-o", tmp_path / folder / "out.csv", *options[:2])
        output("export", CALLS, source, "-o", tmp_path / folder / "out.csv", *options)
        monkeypatch.setitem(sys.modules, "pyarrow", None)
    made = {path.name: path.read_bytes() for path in (tmp_path / "with").iterdir()}
    assert len(made) > 2
    assert b'"opus;G722;PCMA;telephone-event"' in made["out.csv"]
    assert made == {path.name: path.read_bytes() for path in (tmp_path / "without").iterdir()}


def test_standard_output(tmp_path: Path) -> None:
    for format in FORMATS:
        whole = tmp_path / f"out.{format}"
        output("export", CALLS, "-o", whole)
        done = subprocess.run(
            [sys.executable, "-m", "sipfast", "export", CALLS, "-o", "-", "--format", format],
            cwd=ROOT,
            capture_output=True,
            timeout=60,
        )
        assert done.stderr == b""
        assert done.stdout == whole.read_bytes().replace(str(CALLS).encode(), str(CALLS).encode())


# ---- wrong usage ----


def test_the_place_of_a_fault_in_an_expression(tmp_path: Path) -> None:
    done = run(
        "export", CALLS, "-o", tmp_path / "out.csv", "--where", "status >= 400 and metod = 'x'"
    )
    assert done.exit_code == 2
    first, expression, arrow = done.stderr.splitlines()
    assert first.startswith("sipfast: --where: ")
    assert "method" in first  # a near name
    assert expression == "sipfast:   status >= 400 and metod = 'x'"
    assert expression[arrow.index("^") :].startswith("metod")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-o", "out.txt"), "out.txt: the suffix must be one of parquet, csv, jsonl"),
        (("-o", "-"), "-: the suffix must be one of parquet"),
        (("-o", "out.pcap", "--columns", "method"), "--columns goes with tables, not pcap"),
        (("-o", "out.csv", "--columns", "metod"), "--columns: "),
        (("-o", "out.csv", "--columns", "method,method"), "--columns: "),
        (
            ("-o", "-", "--format", "csv", "--split-by", "call"),
            "--split-by needs a file, not standard output",
        ),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], said: str) -> None:
    assert error_line("export", CALLS, *arguments, exit_code=2).startswith(said)


def test_a_package_that_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for format in ("parquet", "arrow"):
        said = error_line("export", CALLS, "-o", tmp_path / f"out.{format}", exit_code=1)
        assert said == f"{format} needs the extra arrow: {how_to_get('arrow')}"
    for format in ("csv", "jsonl", *CAPTURES):
        output("export", CALLS, "-o", tmp_path / f"out.{format}")


# ---- the file ----


@pytest.mark.parametrize("format", FORMATS)
def test_only_force_overwrites(tmp_path: Path, format: str) -> None:
    out = tmp_path / f"out.{format}"
    out.write_bytes(b"kept")
    said = error_line("export", CALLS, "-o", out, exit_code=1)
    assert said == f"{out} exists; --force overwrites it"
    assert out.read_bytes() == b"kept"
    output("export", CALLS, "-o", out, "--force")
    assert out.stat().st_size > 10_000
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("split_by", [None, "call"])
def test_a_full_disk_leaves_nothing(
    tmp_path: Path, format: str, split_by: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / f"out.{format}"
    options = () if split_by is None else ("--split-by", split_by)
    opened = os.open

    def full(path: Any, *rest: Any) -> int:
        if ".part" in str(path):
            return opened("/dev/full", os.O_WRONLY)
        return opened(path, *rest)

    if split_by is None:
        monkeypatch.setattr("sipfast.capture.beside.os.open", full)
    monkeypatch.setattr(split, "open", lambda *_: os.fdopen(full(".part"), "wb"), raising=False)
    said = error_line("export", CALLS, "-o", out, *options, exit_code=1)
    assert said == "cannot write the output: No space left on device"
    monkeypatch.undo()
    assert not list(tmp_path.iterdir())


# nohup and the background jobs of a shell ignore some signals, and so would the command, rightly.
HEEDING = """
import runpy, signal, sys
number = signal.Signals[sys.argv.pop(1)]
ours = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
signal.signal(number, ours)
runpy.run_module("sipfast", run_name="__main__", alter_sys=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("options", [(), ("--split-by", "hour"), ("--split-by", "call")])
@pytest.mark.parametrize(
    ("format", "number", "exit_code"),
    [
        ("csv", "SIGTERM", 143),
        ("parquet", "SIGHUP", 129),
        ("arrow", "SIGINT", 130),
        ("pcap", "SIGINT", 130),
    ],
)
def test_an_interrupted_export_leaves_nothing(
    tmp_path: Path, format: str, number: str, exit_code: int, options: tuple[str, ...]
) -> None:
    source, folder = tmp_path / "in.pcap", tmp_path / "out"
    folder.mkdir()
    source.write_bytes(pcap(*[frame(request()) for _ in range(200_000)]))
    arguments = [sys.executable, "-c", HEEDING, number, "export", str(source)]
    done = subprocess.Popen(
        [*arguments, "-o", str(folder / f"out.{format}"), *options],
        cwd=ROOT,
        env={**os.environ, "SIPFAST_PURE": "1"},
        stderr=subprocess.PIPE,
    )
    try:
        end = time.monotonic() + 60
        while not list(folder.iterdir()) and done.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(0.2)
        assert [one.name.startswith(".out.") for one in folder.iterdir()] == [True]
        done.send_signal(getattr(signal, number))
        _, stderr = done.communicate(timeout=60)
    finally:
        done.kill()
        done.communicate()
    assert (done.returncode, stderr) == (exit_code, b"sipfast: interrupted\n")
    assert not list(folder.iterdir())
