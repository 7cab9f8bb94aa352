"""``sipfast stats --metrics`` and ``--by``: the calls of files, in tables and in the document."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest
from command import UNSEEN, document, error_line, output, request, run
from failed_calls import NASTY, call, capture
from rich.cells import cell_len

from sipfast.cli.commands.stats.measured import BY, OF_PAGE
from sipfast.report import figures

CALLS = "bench_data/calls.pcap"
SECTION = "Calls (RFC 6076)\n"


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    """Five calls on two trunks: answered, busy twice, failed, and without an end."""
    path = tmp_path / "a.pcap"
    path.write_bytes(
        capture(
            call(200, "OK", call_id="1", at=0, ring=0.25, final=3),
            call(486, "Busy", call_id="2", at=10, ring=0.5, source="192.0.2.7", agent="Other/2"),
            call(486, "Busy", call_id="3", at=20, ring=1),
            call(503, "Full", call_id="4", at=30, ring=None, final=1.5),
            call(None, call_id="5", at=31, ring=None),
        )
    )
    return path


def section(text: str, heading: str) -> list[list[str]]:
    """The cells of the lines of a section."""
    lines = text.split(f"{heading}\n")[1].split("\n\n")[0].splitlines()
    return [line.split() for line in lines]


def test_the_metrics(calls: Path) -> None:
    lines = section(output("stats", calls, "--metrics"), SECTION.strip())
    values = {(cells[0], cells[-1]): " ".join(cells[1:-2]) for cells in lines[:-1]}
    found = {name: text for (name, _), text in values.items() if name != "SRD"}
    assert found["ASR"].startswith("20.0% ")  # one of five
    assert found["NER"].startswith("60.0% ")  # and two that were busy
    assert found["SER"].startswith("20.0% ")
    assert found["SEER"].startswith("60.0% ")
    assert found["ISA"].startswith("20.0% ")  # the 503
    assert values["SRD", "4.3.1"].startswith("250 ms ")
    assert values["SRD", "4.3.2"].startswith("1.00 s ")  # of 0.5, 1 and 1.5
    # The 503, its ACK, and the INVITE that is left alone.
    assert " ".join(lines[-1]) == ("busiest second: 3 messages, at 2023-11-14 22:13:51 UTC")


@pytest.mark.parametrize("options", [["--metrics"], ["--html", "-"]])
def test_a_folder_is_no_file(options: list[str], calls: Path) -> None:
    result = run("stats", calls, calls.parent, *options)
    assert result.exit_code == 1
    assert result.stderr == f"sipfast: {calls.parent}: neither a file nor a pipe\n"
    assert "ASR" in result.stdout


def test_without_an_option_nothing_is_measured(calls: Path) -> None:
    assert "RFC 6076" not in output("stats", calls)
    assert "metrics" not in document(calls)


def test_the_metrics_in_the_document(calls: Path) -> None:
    found = document(calls, "--metrics")
    metrics = found["metrics"]
    assert (metrics["attempts"], metrics["answers"], metrics["asr"]) == (5, 1, 20)
    assert metrics["srd_failed"] == pytest.approx(1)
    assert metrics["rrd"] is None
    assert metrics["busiest_second"] == {"time": "2023-11-14T22:13:51+00:00", "messages": 3}
    assert found["groups"] is None


def test_groups(calls: Path) -> None:
    text = output("stats", calls, "--by", "trunk")
    head, first, second = section(text, "Trunks")
    assert head == ["calls", "ASR", "NER", "SER", "ISA", "SRD", "SDT", "registrations", "messages"]
    assert " ".join(first) == "192.0.2.1 → 192.0.2.2 4 25.0% 50.0% 25.0% 25.0% 250 ms – - 12"
    assert " ".join(second) == "192.0.2.7 → 192.0.2.2 1 0% 100% 0% 0% – – - 4"
    assert SECTION in text
    one = section(output("stats", calls, "--by", "trunk", "--top", "1"), "Trunks")
    assert one[2] == ["1", "others"]
    found = document(calls, "--by", "agent", "--top", "1")["groups"]
    assert (found["by"], found["number"]) == ("agent", 2)
    (row,) = found["first"]
    assert (row["name"], row["attempts"], row["asr"]) == ("Phone/1", 4, 25)
    assert row.keys() == {"name", *document(calls, "--metrics")["metrics"]} - {"busiest_second"}


@pytest.mark.parametrize(
    ("by", "heading", "names"),
    [
        ("source", "Sources", ["192.0.2.1", "192.0.2.7"]),
        ("destination", "Destinations", ["192.0.2.2"]),
        ("host", "Hosts", ["192.0.2.2", "192.0.2.1", "192.0.2.7"]),
        ("domain", "Domains", ["example.org"]),
        ("agent", "User agents of calls", ["Phone/1", "Other/2"]),
    ],
)
def test_what_groups_are_by(by: str, heading: str, names: list[str], calls: Path) -> None:
    rows = section(output("stats", calls, "--by", by), heading)
    assert [row[0] for row in rows[1:]] == names


def test_in_chinese(calls: Path) -> None:
    text = output("stats", calls, "--by", "host", "--lang", "zh")
    assert "呼叫（RFC 6076）\n" in text
    assert "应答占用比" in text
    assert "最繁忙的一秒：3 条消息，时间 2023-11-14 22:13:51 UTC" in text
    assert "主机\n" in text


def test_without_calls_and_without_times(tmp_path: Path) -> None:
    file = tmp_path / "a.sip"
    file.write_bytes(request())
    text = output("stats", file, "--metrics")
    assert section(text, SECTION.strip()) == [
        ["No", "calls", "and", "no", "registrations", "here."]
    ]
    assert document(file, "--by", "host")["groups"] == {"by": "host", "number": 0, "first": []}


@pytest.mark.parametrize("width", [30, 60, 80, 120])
def test_lines_fit_the_terminal(width: int, tmp_path: Path) -> None:
    file = tmp_path / "a.pcap"
    file.write_bytes(capture(call(486, agent=f"电话 {NASTY} {'x' * 300}", host="h" * 300)))
    for by in ("agent", "domain", "trunk"):
        text = output("stats", file, "--by", by, terminal=width)
        assert max(map(cell_len, text.splitlines())) <= width
        assert not UNSEEN & set(map(ord, text))


def test_hostile_names_in_the_document(tmp_path: Path) -> None:
    file = tmp_path / "a.pcap"
    file.write_bytes(capture(call(486, agent=NASTY)))
    (row,) = document(file, "--by", "agent")["groups"]["first"]
    assert row["name"].startswith('"><img src=x onerror=alert(1)>')
    assert row["name"].encode()  # no lone surrogate


def test_several_files_count_together(tmp_path: Path) -> None:
    paths = [tmp_path / f"{n}.pcap" for n in range(3)]
    for n, path in enumerate(paths):
        path.write_bytes(capture(call(200 if n else 486, call_id=str(n), at=n)))
    assert document(*paths, "--metrics")["metrics"]["attempts"] == 3
    result = run("stats", *paths, tmp_path / "none", "--metrics", "--json")
    assert result.exit_code == 1
    assert '"attempts": 3' in result.stdout


def test_the_keys_of_groups_are_those_of_the_figures() -> None:
    assert tuple(figures.BY) == BY
    assert set(OF_PAGE) < set(BY)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_read_once(tmp_path: Path, calls: Path) -> None:
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    writer = threading.Thread(target=lambda: fifo.write_bytes(calls.read_bytes()))
    writer.start()
    found = document(fifo, "--metrics")
    writer.join()
    assert found["metrics"]["attempts"] == 5
    assert found["files"][0]["file"] == str(fifo)


@pytest.mark.parametrize("asked", [["--metrics"], ["--by", "trunk"]])
def test_whole_files_are_measured(asked: list[str], calls: Path) -> None:
    for chosen in (["--method", "INVITE"], ["-n", "1"], ["--user", "alice"]):
        result = run("stats", calls, *asked, *chosen)
        assert result.exit_code == 2
        assert "count whole files" in result.stderr


@pytest.mark.parametrize("module", ["duckdb", "pyarrow"])
@pytest.mark.parametrize("asked", [["--metrics"], ["--by", "trunk"]])
def test_a_missing_library_is_named(
    asked: list[str], module: str, calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    line = error_line("stats", calls, *asked, exit_code=1)
    assert line.startswith(f"{asked[0]} needs the extra duckdb: pip install ")
    assert "5 requests" not in line
    assert output("stats", calls).startswith(str(calls))  # the counts need neither
