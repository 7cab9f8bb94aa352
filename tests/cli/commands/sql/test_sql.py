"""``sipfast sql``: queries, forms of their results, faults, and queries of strangers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import capture_files as made
import pyarrow.parquet
import pytest
from command import ROOT, error_line, output, process, run

from sipfast._install import how_to_get
from sipfast.cli.querying import LOCKED
from sipfast.cli.rows import forms
from sipfast.cli.rows.csv import harmless
from sipfast.columns import COLUMNS
from sipfast.sql import VIEWS, query

CALLS = ROOT / "bench_data" / "calls.pcap"
TOP = "select method, count(*) as n from messages where method > '' group by 1 order by 2 desc, 1"
HOSTILE = '\x1b[31m\u202e<script>"><img onerror>]]>\'"; drop table messages --'


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    path = tmp_path / "\x1b[1mhostile"
    names = (HOSTILE, "=cmd|' /C calc'!A0", "+1-2", "-x", "@sum(1)", "+442079460123", "\uff1d1")
    path.write_bytes(
        b"".join(
            b"OPTIONS sip:a@h SIP/2.0\r\nSubject: %s\r\nContent-Length: 0\r\n\r\n" % name.encode()
            for name in names
        )
    )
    return path


SUBJECTS = ("--headers", "Subject")
SUBJECT = 'select "header:Subject" as s from messages order by packet'


# ---- forms ---------------------------------------------------------------------------------------


def test_a_table() -> None:
    assert output("sql", f"{TOP} limit 3", CALLS).splitlines() == [
        "method   n",
        "ACK     18",
        "INVITE  18",
        "BYE     10",
    ]


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_table_fits_the_terminal(width: int) -> None:
    for text in ("select call_id, from_user, user_agent, status from messages", "from calls"):
        lines = output("sql", f"{text} limit 5", CALLS, terminal=width).splitlines()
        assert max(map(len, lines)) <= width
        # A number is never broken.
        statuses = [line.split()[-1] for line in lines if line.split() and "status" in line]
        assert statuses


def test_a_wide_result_is_a_record_a_row() -> None:
    text = output("sql", "from calls order by start limit 2", CALLS, terminal=80)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines[0] == "row 1"
    assert "result answered" in lines
    assert "row 2" in lines
    assert "第 1 行" in output("sql", "from calls limit 1", CALLS, "--lang", "zh", terminal=80)


def test_all_columns_are_there_on_no_terminal() -> None:
    lines = output("sql", "from messages limit 1", CALLS).splitlines()
    assert len(lines) == 2
    assert lines[0].split() == list(COLUMNS)


def test_a_long_table_ends_with_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "MOST_ROWS", 3)
    done = run("sql", "select packet from messages", CALLS)
    assert (done.exit_code, len(done.stdout.splitlines())) == (0, 4)
    assert done.stderr == "sipfast: the first 3 rows are shown; -o OUT.csv writes all\n"


VALUES = {
    "status": ("", None),
    "time": ('"2024-03-12T08:30:00.000000000Z"', "2024-03-12T08:30:00.000000000Z"),
    "is_request": ("true", True),
    "packet": ("1", 1),
    "sdp_codecs[1:2]": ('"opus;G722"', ["opus", "G722"]),
    "1.25": ("1.25", 1.25),
    "'nan'::double": ("nan", None),
    "{'a': 1, 'b': ['x']}": ('"{""a"": 1, ""b"": [""x""]}"', {"a": 1, "b": ["x"]}),
    "map {'k': 2}": ('"[""k"", 2]"', [["k", 2]]),
    "123456789012345678901234567890::hugeint": (
        "123456789012345678901234567890",
        123456789012345678901234567890,
    ),
    "interval '2 days 3 seconds'": ('"2 days 3 seconds"', "2 days 3 seconds"),
    "date '2024-02-29'": ('"2024-02-29"', "2024-02-29"),
    "date '9999-12-31' + 1": ('"10000-01-01"', "10000-01-01"),
    "date '0001-01-01' - 1": ('"0001-12-31 (BC)"', "0001-12-31 (BC)"),
    "'infinity'::date": ('"infinity"', "infinity"),
    "[date '-9999-03-01', null]": ('"10000-03-01 (BC);"', ["10000-03-01 (BC)", None]),
    "{'a': date '12000-02-29'}": ('"{""a"": ""12000-02-29""}"', {"a": "12000-02-29"}),
    "union_value(a := '-infinity'::date)": ('"\'-infinity"', "-infinity"),
    "timestamp '12345-01-02 03:04:05.6'": (
        '"12345-01-02T03:04:05.600000Z"',
        "12345-01-02T03:04:05.600000Z",
    ),
    "interval '-100000 years -1.000001 seconds'": (
        '"\'-1200000 months -1.000001 seconds"',
        "-1200000 months -1.000001 seconds",
    ),
    "time '24:00:00'": ('"24:00:00.000000"', "24:00:00.000000"),
    "time '01:02:03'": ('"01:02:03.000000"', "01:02:03.000000"),
    "'\\x00a'::blob": ('"\\x00a"', "\\x00a"),
    "'infinity'::timestamp": ('"infinity"', "infinity"),
    "timestamp_s '1900-01-01'": ('"1900-01-01T00:00:00Z"', "1900-01-01T00:00:00Z"),
    "'say \"so\"'": ('"say ""so"""', 'say "so"'),
    "''": ('""', ""),
    "'é'": ('"é"', "é"),
}


@pytest.mark.parametrize("value", VALUES)
def test_a_value_in_csv_and_json(value: str) -> None:
    in_csv, in_json = VALUES[value]
    text = f"select {value} as x from messages where packet = 1"
    assert output("sql", text, CALLS, "--format", "csv") == f'"x"\n{in_csv}\n'
    (line,) = output("sql", text, CALLS, "--format", "jsonl").splitlines()
    assert line.isascii()
    assert json.loads(line) == {"x": in_json}
    assert len(output("sql", text, CALLS).splitlines()) <= 2


def test_files(tmp_path: Path) -> None:
    for suffix in ("csv", "jsonl", "parquet"):
        out = tmp_path / f"out.{suffix}"
        assert output("sql", TOP, CALLS, "-o", out) == ""
    assert (tmp_path / "out.csv").read_text() == output("sql", TOP, CALLS, "--format", "csv")
    assert (tmp_path / "out.jsonl").read_text() == output("sql", TOP, CALLS, "--format", "jsonl")
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert pyarrow.parquet.read_table(tmp_path / "out.parquet").to_pylist() == rows
    before = out.read_bytes()
    assert "exists; --force" in error_line("sql", TOP, CALLS, "-o", out, exit_code=1)
    assert out.read_bytes() == before
    assert output("sql", "select 1 as x", CALLS, "-o", out, "--force") == ""
    assert pyarrow.parquet.read_table(out).to_pylist() == [{"x": 1}]
    # A query that fails while it writes leaves nothing.
    bad = "select error('no') from messages"
    assert run("sql", bad, CALLS, "-o", tmp_path / "bad.csv").exit_code == 2
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize("value", ["interval '1 day'", "[interval '1 day']", "union_value(a := 1)"])
def test_parquet_lacks_some_types(tmp_path: Path, value: str) -> None:
    out = tmp_path / "out.parquet"
    line = error_line("sql", f"select {value} as x", CALLS, "-o", out, exit_code=2)
    assert "Parquet has no such type" in line
    assert not list(tmp_path.iterdir())


# ---- queries -------------------------------------------------------------------------------------


def test_a_query_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "top.sql"
    path.write_text(f"\ufeff-- Methods.\n{TOP}\nlimit 1;\n", encoding="utf-8")
    assert output("sql", "--file", path, CALLS) == "method   n\nACK     18\n"
    path.write_bytes(b"select '\xff'")
    assert "not UTF-8" in error_line("sql", "--file", path, CALLS, exit_code=1)
    assert "No such file" in error_line("sql", "--file", tmp_path / "no", CALLS, exit_code=1)


@pytest.mark.parametrize("name", VIEWS)
def test_a_shipped_query(name: str) -> None:
    found = output("sql", "--file", name, CALLS, "--format", "jsonl").splitlines()
    again = output("sql", f"from {name}", CALLS, "--format", "jsonl").splitlines()
    assert sorted(found) == sorted(again) != []
    assert output("sql", "--file", name, "--list") == query(name)
    assert f"\n{name} " in "\n" + output("sql", "--list")


def test_shipped_queries_have_an_order() -> None:
    """Which threads do not change: a table of them begins with what was first."""
    for name in VIEWS:
        rows = [
            json.loads(line)
            for line in output("sql", "--file", name, "--format", "jsonl", CALLS).splitlines()
        ]
        if name == "metrics":
            keys = [(row["scope"], -row["messages"], row["host"] or "") for row in rows]
        else:
            keys = [(row["start"], row["call_id"], "") for row in rows]
        assert len(keys) > 1, name
        assert keys == sorted(keys), name


def test_equal_names_lose_nothing(tmp_path: Path) -> None:
    query = "select 1 as a, 2 as a_1, 3 as a, 4 as a"
    assert json.loads(output("sql", query, "--format", "jsonl", CALLS)) == {
        "a": 1,
        "a_1": 2,
        "a_2": 3,
        "a_3": 4,
    }
    out = tmp_path / "equal.parquet"
    output("sql", query, "-o", out, CALLS)
    assert pyarrow.parquet.read_table(out).to_pydict() == {
        "a": [1],
        "a_1": [2],
        "a_2": [3],
        "a_3": [4],
    }


@pytest.mark.parametrize(
    "text",
    [
        "{} -- x",
        "{} --",
        "{} -- it's (",
        "{}; -- x",
        "{} /* x */",
        "-- x\n{}",
        "--x\n{}",
        "--\n\n--lang\n{} -- x",
        "/* x */ {}",
    ],
)
@pytest.mark.parametrize("form", ["table", "csv"])
def test_comments_around_a_query(text: str, form: str, tmp_path: Path) -> None:
    """Before it, too, where two hyphens could begin an option."""
    query = text.format("select count(*) as n from messages")
    wanted = ['"n"' if form == "csv" else "n", "162"]
    assert output("sql", "--format", form, query, CALLS).split() == wanted
    file = tmp_path / "query.sql"
    file.write_text(query, "utf-8")
    assert output("sql", "--format", form, "--file", file, CALLS).split() == wanted


@pytest.mark.parametrize("command", ["calls", "registrations"])
@pytest.mark.parametrize("comment", ["-- x", "--", "-- it's (", "/* x */"])
def test_a_comment_may_end_a_condition(command: str, comment: str) -> None:
    condition = "start is not null and source_address like '192.%'"
    listed = output(command, "--where", condition, CALLS)
    assert 0 < len(listed) < len(output(command, CALLS))
    assert output(command, "--where", f"{condition} {comment}", CALLS) == listed


@pytest.mark.parametrize("name", VIEWS)
def test_a_shipped_query_is_a_query(name: str) -> None:
    """With the comment that it begins with."""
    assert output("sql", query(name), CALLS, "--format", "jsonl")


def test_several_statements() -> None:
    text = "create table t as select method from messages; select count(*) as n from t"
    assert output("sql", text, CALLS) == "  n\n162\n"


def test_headers() -> None:
    text = 'select count("header:Max-Forwards") as n, count("header:X-No") from messages'
    found = output("sql", text, CALLS, "--headers", "Max-Forwards, X-No", "--format", "csv")
    assert found.splitlines()[1] == "72,0"


@pytest.mark.parametrize(
    ("arguments", "exit_code", "text"),
    [
        (["sql"], 2, "an SQL query comes before the files"),
        (["sql", "select 1"], 2, "files come after the query"),
        (["sql", "select 1", "--file", "calls"], 1, "select 1: No such file"),
        (["sql", "", str(CALLS)], 2, "no result"),
        (["sql", "select 1", "none"], 1, "nothing was read"),
        (["sql", "select 1", str(CALLS), "-o", "x.txt"], 2, "the suffix must be one of csv"),
        (["sql", "select 1", str(CALLS), "--headers", "a b"], 2, "unknown column"),
        (["sql", "select 1", str(CALLS), "--memory-limit", "much"], 2, "--memory-limit: "),
        (["sql", "--list", "--file", "x"], 2, "transactions, calls"),
    ],
)
def test_wrong_usage(arguments: list[str], exit_code: int, text: str) -> None:
    done = run(*arguments)
    assert (done.exit_code, done.stdout) == (exit_code, "")
    assert text in done.stderr
    assert "Traceback" not in done.stderr


def test_an_error_has_its_place() -> None:
    done = run("sql", "select method,\n  stauts from messages", CALLS)
    assert done.exit_code == 2
    first, *rest = done.stderr.splitlines()
    assert "stauts" in first
    assert first.endswith("(line 2)")
    assert rest == ["sipfast:     stauts from messages", "sipfast:     ^"]


def test_without_duckdb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    assert how_to_get("duckdb") in error_line("sql", "select 1", CALLS, exit_code=1)


# ---- what was not read ---------------------------------------------------------------------------


def test_files_that_are_not_read(tmp_path: Path) -> None:
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(made.pcap(made.frame(), made.frame())[:-7])
    notes = tmp_path / "notes"
    notes.write_bytes(b"# Notes")
    count = "select count(*) as n from messages"
    done = run("sql", count, cut)
    assert (done.exit_code, done.stdout) == (0, "n\n1\n")
    assert done.stderr == f"sipfast: {cut}: SIP may be in what was not read: 1 truncated record\n"
    done = run("sql", count, cut, notes, tmp_path / "none", CALLS)
    assert (done.exit_code, done.stdout) == (1, "  n\n163\n")
    missing, neither, unread = done.stderr.splitlines()
    assert missing == f"sipfast: {tmp_path / 'none'}: No such file or directory"
    assert neither.startswith(f"sipfast: {notes}: neither a capture nor SIP messages")
    assert unread == "sipfast: 3 files: SIP may be in what was not read: 1 truncated record"
    done = run("sql", count, notes)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.splitlines()[1:] == ["sipfast: nothing was read"]


@pytest.mark.parametrize("pure", [False, True], ids=["native", "pure"])
def test_standard_input(pure: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sipfast", "sql", "select count(*) from calls, messages", "-"],
        input=CALLS.read_bytes(),
        capture_output=True,
        check=True,
        env=os.environ | ({"SIPFAST_PURE": "1"} if pure else {}),
        cwd=ROOT,
    )
    assert done.stdout.split() == [b"count_star()", b"2430"]


# ---- queries and messages of strangers -----------------------------------------------------------

FORBIDDEN = (
    "select * from read_text('/etc/hostname')",
    "select * from read_csv('/etc/passwd')",
    "select * from '/etc/passwd'",
    "select * from glob('/*')",
    "copy (select 1) to '{folder}/x.csv'",
    "copy messages to '{folder}/x.parquet'",
    "attach '{folder}/x.db'",
    "export database '{folder}/x'",
    "install httpfs",
    "load httpfs",
    "set enable_external_access = true",
    "set memory_limit = '1TB'",
    "set temp_directory = '{folder}/x'",
    "reset lock_configuration",
    "select getenv('HOME')",
    "select * from CALLS",
    "select * from duckdb_secrets(); create persistent secret s (type s3)",
)


@pytest.mark.parametrize("text", FORBIDDEN)
def test_a_query_reads_and_writes_nothing_else(text: str, tmp_path: Path) -> None:
    text = text.format(folder=tmp_path)
    if text == "select * from CALLS":  # a name of Python: no table of this name is made of it
        text = "select * from FORBIDDEN"
    done = run("sql", text, CALLS)
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_lock_is_what_forbids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert LOCKED[-1] == "set lock_configuration = true"
    monkeypatch.setattr("sipfast.cli.querying.LOCKED", ())
    run("sql", f"copy (select 1) to '{tmp_path}/x.csv'", CALLS)
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


def test_hostile_text_is_visible(hostile: Path) -> None:
    for terminal in (0, 40, 80):
        text = output("sql", f"{SUBJECT} limit 1", hostile, *SUBJECTS, terminal=terminal)
        text = "".join([line.strip() for line in text.splitlines()[1:]])
        assert "\\x1b[31m\\u202e<script>" in text.replace(" ", "")
        assert text.isprintable()
    names = f'select 1 as "{chr(27)}[2J", file, ["header:Subject"] as l from messages limit 1'
    text = output("sql", names, hostile, *SUBJECTS)
    assert all(char.isprintable() or char == "\n" for char in text)
    done = run("sql", f'select "{HOSTILE.replace(chr(34), "")}" from messages', hostile)
    assert all(char.isprintable() or char == "\n" for char in done.output)


def test_no_formula_in_csv(hostile: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert output("sql", SUBJECT, hostile, *SUBJECTS, "-o", out) == ""
    cells = out.read_text("utf-8").splitlines()[1:]
    assert cells[0] == '"' + HOSTILE.replace('"', '""') + '"'
    assert cells[1:] == [
        "\"'=cmd|' /C calc'!A0\"",
        '"\'+1-2"',
        '"\'-x"',
        '"\'@sum(1)"',
        '"+442079460123"',
        '"\'\uff1d1"',
    ]
    listed = f"select [{'s'}] from ({SUBJECT}) where s like '=%'"
    text = output("sql", listed, hostile, *SUBJECTS, "--format", "csv")
    assert text.splitlines()[1].startswith("\"'=cmd")
    assert [*map(harmless, ("\ta", "\r", "a=1", "-1.5", "+", ""))] == [
        *("'\ta", "'\r", "a=1", "-1.5", "'+", "")
    ]


def test_surrogates_and_malformed_bytes(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"\xff.sip")
    path.write_bytes(b"OPTIONS sip:a@h SIP/2.0\r\nSubject: \xff\r\nContent-Length: 0\r\n\r\n")
    for form in ("table", "csv", "jsonl"):
        assert output("sql", SUBJECT, path, *SUBJECTS, "--format", form)
        assert output("sql", "select file from messages", path, "--format", form)


# ---- ends ----------------------------------------------------------------------------------------

ENDLESS = "select count(*) from messages a, messages b, messages c, messages d, messages e"


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_query_at_once(number: signal.Signals, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    with subprocess.Popen(
        [sys.executable, "-m", "sipfast", "sql", ENDLESS, CALLS, "-o", out],
        stderr=subprocess.PIPE,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        cwd=ROOT,
        text=True,
    ) as running:
        until = time.monotonic() + 30
        while not list(tmp_path.glob("sipfast-*")) and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.5)
        begun = time.monotonic()
        running.send_signal(number)
        _, errors = running.communicate(timeout=30)
        took = time.monotonic() - begun
    assert errors == "sipfast: interrupted\n"
    assert running.returncode == (130 if number == signal.SIGINT else 143)
    assert took < 5
    assert list(tmp_path.iterdir()) == []


def test_a_closed_pipe() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "sipfast", "sql", "from messages", CALLS, "--format", "csv"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 0


@pytest.mark.parametrize("pure", [False, True], ids=["native", "pure"])
def test_the_rows_of_both_engines(pure: bool) -> None:
    done = process("sql", "select * from calls order by 1", CALLS, "--format", "jsonl", pure=pure)
    assert (done.returncode, done.stderr) == (0, "")
    rows: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == 15
    assert {row["result"] for row in rows} >= {"answered", "busy", "cancelled"}
