"""``sipfast registrations``: lines, conditions, JSON and CSV, and messages of strangers."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from random import Random

import pytest
from call_flows import Flow, Sent, written
from command import ROOT, error_line, output
from rich.cells import cell_len

from sipfast.sql.tables import REGISTRATIONS as COLUMNS

pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")

CALLS = ROOT / "bench_data" / "calls.pcap"


def objects(*arguments: str | Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in output("registrations", "--json", *arguments).splitlines()]


def registered(number: int, *statuses: int) -> list[Sent]:
    """REGISTERs with these answers; 0 is none."""
    flow = Flow(Random(number), number, 1_700_000_000_000_000 + number * 1_000_000)
    flow.proxy = None
    flow.random = Random(1)
    for status in statuses:
        branches = flow.request("REGISTER", more=("Contact: <sip:bob@10.0.0.1>;expires=60",))
        if status:
            flow.reply(status, "REGISTER", branches, to_tag="r", more=("Expires: 55",))
        flow.cseq += 1
    return flow.sent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    sent = [*registered(1, 401, 200, 401, 200), *registered(2, 401, 403), *registered(3, 0)]
    sent += registered(4, 401, 401)
    path = tmp_path / "registrations.pcap"
    path.write_bytes(written(sorted(sent, key=lambda one: one.time)))
    return path


def test_lines_on_a_terminal() -> None:
    first, *lines, last = output("registrations", CALLS, terminal=80).splitlines()
    assert first.split() == ["time", "who", "from", "result", "status", "expires", "delay"]
    assert len(lines) == 5
    assert (
        lines[0]
        == "08:30:20  2000@pbx.branc…  192.0.2.25:5060  registered     200     5:00   0.161"
    )
    assert last == "5 registrations: 5 registered"


@pytest.mark.parametrize("width", [40, 80, 120, 240])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_line_fits(path: Path, width: int, language: str) -> None:
    lines = output("registrations", "--lang", language, path, terminal=width).splitlines()
    assert len(lines) == 6
    assert max(map(cell_len, lines[:-1])) <= width


def test_what_became_of_them(path: Path) -> None:
    found = objects(path)
    assert list(found[0]) == [column.name for column in COLUMNS]
    assert [row["result"] for row in found] == ["registered", "refused", "unanswered", "challenged"]
    assert [row["refreshes"] for row in found] == [1, 0, 0, 0]
    assert [row["attempts"] for row in found] == [2, 1, 1, 1]
    assert [row["expires"] for row in found] == [55, None, None, None]
    wide = output("registrations", path, terminal=240)
    assert "Reason 403" in wide


def test_a_late_answer_is_a_new_attempt(tmp_path: Path) -> None:
    """A device with a wrong password tries again and again; what it waits for is no delay."""
    flow = Flow(Random(7), 7, 1_700_000_000_000_000)
    flow.proxy = None
    flow.random = Random(1)
    for status, pause in ((401, 0), (401, 33), (401, 0), (200, 0)):
        flow.reply(status, "REGISTER", flow.request("REGISTER"), to_tag="r")
        flow.cseq += 1
        flow.now += pause * 1_000_000
    path = tmp_path / "late.pcap"
    path.write_bytes(written(flow.sent))
    (row,) = objects(path)
    assert (row["attempts"], row["accepted"], row["challenges"]) == (2, 1, 3)
    delay = row["delay"]
    assert isinstance(delay, float)
    assert 0 < delay < 1


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--failed",), 3),
        (("--user", "bob"), 4),
        (("--user", "b?b"), 0),
        (("--slow", "100"), 0),
        (("--where", "challenges > 1"), 2),
        (("--call-id", "3-*"), 1),
    ],
)
def test_conditions(path: Path, options: tuple[str, ...], expected: int) -> None:
    assert len(objects(*options, path)) == expected


def test_a_condition_is_one_expression(path: Path) -> None:
    assert error_line("registrations", "--where", "true; select 1", path, exit_code=2)


def test_csv(path: Path) -> None:
    found = list(csv.DictReader(io.StringIO(output("registrations", "--csv", path))))
    assert [row["result"] for row in found] == ["registered", "refused", "unanswered", "challenged"]


def test_hostile_texts(tmp_path: Path) -> None:
    sent = [
        one._replace(
            data=one.data.replace(b"<sip:bob@b.example>", "<sip:%1b%5B=\u202e@h>".encode())
        )
        for one in registered(1, 403)
    ]
    path = tmp_path / "hostile.pcap"
    path.write_bytes(written(sent))
    for terminal in (0, 80, 250):
        shown = output("registrations", path, terminal=terminal)
        assert "\x1b" not in shown
        assert "\u202e" not in shown
