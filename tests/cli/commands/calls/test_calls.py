"""``sipfast calls``: lines, conditions, legs, JSON and CSV, faults, and messages of strangers."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from random import Random

import pytest
from call_flows import Flow, Sent, written
from command import ROOT, error_line, output, run
from failed_calls import call, capture
from rich.cells import cell_len

import sipfast
from sipfast.registry.results import CALLS as RESULTS
from sipfast.registry.results import FAILED_CALLS
from sipfast.report.figures import figures_of, metrics_of, prepare
from sipfast.sql.tables import CALLS as COLUMNS

pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")

CALLS = ROOT / "bench_data" / "calls.pcap"
HOSTILE = "\x1b[31m\u202e<script>=cmd';drop table calls--"


def objects(*arguments: str | Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in output("calls", "--json", *arguments).splitlines()]


def test_lines_on_a_terminal() -> None:
    first, *lines, last = output("calls", CALLS, terminal=80).splitlines()
    assert first.split() == [
        "time",
        "from",
        "to",
        "result",
        "status",
        "delay",
        "duration",
        "codecs",
    ]
    assert len(lines) == 15
    assert (
        lines[0] == "08:30:00  marta.one…  gw8         answered       200   0.196      0:27  PCMA"
    )
    assert lines[10].split() == ["08:30:12", "helpdesk", "marta.one…", "busy", "486", "0.639"]
    assert last == "15 calls: 10 answered, 3 busy, 2 cancelled"


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200, 300])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_line_fits(width: int, language: str) -> None:
    lines = output("calls", "--lang", language, CALLS, terminal=width).splitlines()
    assert len(lines) == 17
    assert max(map(cell_len, lines[:-1])) <= width


def test_the_chinese_list() -> None:
    first, *_, last = output("calls", "--lang", "zh", CALLS, terminal=80).splitlines()
    assert first.split()[:4] == ["时间", "主叫", "被叫", "结果"]
    assert last == "15 个呼叫：10 个已应答；3 个忙；2 个主叫取消"
    wide = output("calls", "--lang", "zh", CALLS, terminal=240)
    assert "正常释放" in wide


def test_a_pipe_gets_every_column() -> None:
    lines = output("calls", CALLS).splitlines()
    assert len(lines) == 15
    assert {line.count("\t") for line in lines} == {15}
    assert lines[0].split("\t")[:4] == [
        "2024-03-12T08:30:00.000000000Z",
        "marta.oneill",
        "gw8",
        "answered",
    ]
    assert "16 Normal call clearing" in lines[0].split("\t")


def test_json_has_the_columns_of_the_table() -> None:
    found = objects(CALLS)
    assert len(found) == 15
    assert list(found[0]) == [*(column.name for column in COLUMNS), "cause_text"]
    assert found[0]["cause"] == 16
    assert found[0]["cause_text"] == "Normal call clearing"


def test_csv() -> None:
    found = list(csv.DictReader(io.StringIO(output("calls", "--csv", CALLS))))
    assert [row["call_id"] for row in found] == [row["call_id"] for row in objects(CALLS)]
    assert found[0]["codecs"] == "PCMA,telephone-event"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--failed",), 5),
        (("--slow", "0.88"), 3),
        (("--user", "4100"), 2),
        (("--user", "MARTA*"), 2),
        (("--user", "+44 20 7946-0*"), 0),
        (("--user", "+44*"), 1),
        (("--user", "4100", "--user", "lina"), 3),
        (("--user", "4100", "--failed"), 0),
        (("--user", "_100"), 0),
        (("--user", "%"), 0),
        (("--call-id", "5d41a665-*"), 1),
        (("--call-id", "5D41a665-*"), 0),
        (("--where", "duration > 30"), 2),
        (("--where", "hangup = 'callee' and duration > 30"), 1),
        (("--where", "call_id in (select call_id from messages where status = 486)"), 3),
    ],
)
def test_conditions(options: tuple[str, ...], expected: int) -> None:
    assert len(objects(*options, CALLS)) == expected


def test_failed_has_one_meaning(tmp_path: Path) -> None:
    """For this command, for live traffic, for reports, and in SER (RFC 6076 4.6)."""
    statuses = (200, 200, 302, 401, 480, 486, 487, 503, 603, None)
    path = tmp_path / "a.pcap"
    path.write_bytes(
        capture(*[call(status, call_id=str(at), at=at) for at, status in enumerate(statuses)])
    )
    every = objects(path)
    assert len(every) == len(statuses)
    assert {row["result"] for row in every} == {*RESULTS}
    failed = {row["call_id"]: row["result"] for row in objects("--failed", path)}
    assert failed == {
        row["call_id"]: row["result"] for row in every if row["result"] in FAILED_CALLS
    }
    assert {*RESULTS} - {*failed.values()} == {"answered", "redirected"}

    followed = run("follow", path, "--calls", "--json", "--duration", "0.5").stdout.splitlines()
    *told, end = map(json.loads, followed)
    # The last two have not ended at the end of the run.
    assert {row["call_id"]: row["result"] for row in told} == {
        call_id: result
        for call_id, result in failed.items()
        if result not in ("challenged", "unfinished")
    }
    assert end["failed_calls"] == len(told) == 5

    with sipfast.connect(path) as connection:
        prepare(connection)
        (metrics, _), figures = metrics_of(connection), figures_of(connection)
    assert sum(row.calls for row in figures.failures) == len(failed)
    assert metrics.ser == pytest.approx(100 * (1 - len(failed) / (len(every) - 1)))


@pytest.mark.parametrize(
    ("user", "found"),
    [
        ("+1-202-555.0199", True),
        ("+12025550199", True),
        ("+1 (202) 555-0199", True),
        ("+1202*", True),
        ("+1-202*", True),
        ("*0199", True),
        ("12025550199", False),
        ("ab", False),
        ("a.b", True),
    ],
)
def test_a_telephone_number_is_found_in_any_form(user: str, found: bool, tmp_path: Path) -> None:
    """By the rule of the options that choose messages."""
    flow = Flow(Random(3), 3, 1_700_000_000_000_000)
    flow.user = "a.b" if user in ("ab", "a.b") else "+1-202-555.0199"
    flow.reply(486, "INVITE", flow.request("INVITE"), to_tag="x")
    path = tmp_path / "numbers.pcap"
    path.write_bytes(written(flow.sent))
    assert len(objects("--user", user, path)) == found
    assert bool(output("list", "--user", user, path)) == found


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "1=1; drop view calls",
        "true) or (true",
        "true, false",
        "stauts = 486",
        "true union select * from calls",
        "exists (select * from read_csv('/etc/passwd'))",
        "exists (select * from 'bench_data/calls.pcap')",
    ],
)
def test_a_condition_is_one_expression_over_the_messages(condition: str) -> None:
    assert error_line("calls", "--where", condition, CALLS, exit_code=2)


def test_several_files_and_one_that_is_missing(tmp_path: Path) -> None:
    result = run("calls", "--json", CALLS, tmp_path / "none.pcap")
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 15
    assert "none.pcap" in result.stderr
    result = run("calls", tmp_path / "none.pcap")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == "sipfast: nothing was read"


def test_no_calls(tmp_path: Path) -> None:
    path = tmp_path / "a.sip"
    path.write_bytes(b"OPTIONS sip:h SIP/2.0\r\nContent-Length: 0\r\n\r\n")
    assert output("calls", path) == ""
    assert output("calls", path, terminal=80) == "no calls\n"


def test_json_contradicts_csv() -> None:
    assert "--csv" in error_line("calls", "--json", "--csv", CALLS, exit_code=2)


# ---- legs


def capture_of(sent: list[Sent], path: Path) -> Path:
    path.write_bytes(written(sorted(sent, key=lambda one: one.time)))
    return path


def leg(number: int, begin: int, *fields: str) -> Flow:
    flow = Flow(Random(number), number, 1_700_000_000_000_000 + begin)
    flow.proxy = None
    flow.random = Random(1)
    branches = flow.request("INVITE", more=fields)
    flow.reply(486, "INVITE", branches, to_tag="b")
    return flow


@pytest.mark.parametrize("header", ["X-CID", "Replaces"])
def test_legs_are_below_each_other(tmp_path: Path, header: str) -> None:
    first, other = leg(1, 0), leg(2, 1_000_000)
    tags = ";to-tag=1;from-tag=2" if header == "Replaces" else ""
    second = leg(3, 2_000_000, f"{header}: {first.call_id}{tags}")
    path = capture_of([*first.sent, *other.sent, *second.sent], tmp_path / "legs.pcap")
    found = objects("--correlate", f"header:{header}", path)
    assert [row["call_id"] for row in found] == [first.call_id, second.call_id, other.call_id]
    assert [row["legs"] for row in found] == [2, 2, 1]
    assert [row["correlation"] for row in found] == [first.call_id, first.call_id, other.call_id]
    lines = output("calls", "--correlate", f"header:{header}", path, terminal=80).splitlines()
    assert [" ↳ " in line for line in lines[1:4]] == [False, True, False]
    assert [row["legs"] for row in objects(path)] == [1, 1, 1]


def test_an_unknown_correlation() -> None:
    assert "unknown column" in error_line("calls", "--correlate", "X CID", CALLS, exit_code=2)
    line = error_line("calls", "--correlate", "headers:X-CID", CALLS, exit_code=2)
    assert "headers:X-CID is a list" in line


# ---- strangers


def test_hostile_texts(tmp_path: Path) -> None:
    flow = leg(1, 0)
    data = [
        one._replace(
            data=one.data.replace(b"<sip:bob@", f'"{HOSTILE}" <sip:=cmd%1b@'.encode())
            .replace(b"sip:bob@b", b"sip:=cmd@b")
            .replace(b"Call-ID: 1", f"Call-ID: {HOSTILE}".encode())
            .replace(b"486 Reason 486", f"486 {HOSTILE}".encode())
        )
        for one in flow.sent
    ]
    path = capture_of(data, tmp_path / "hostile.pcap")
    for terminal in (0, 80, 250):
        shown = output("calls", path, terminal=terminal)
        assert "\x1b" not in shown
        assert "\u202e" not in shown
    assert output("calls", "--json", path).isascii()
    (row,) = csv.DictReader(io.StringIO(output("calls", "--csv", path)))
    assert row["callee"] == "'=cmd"
    found = objects("--call-id", str(objects(path)[0]["call_id"]), path)
    assert len(found) == 1
