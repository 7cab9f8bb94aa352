"""``sipfast list``: a line for each message."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import capture_files as made
import pytest
from command import BAD_TO, HOSTILE, UNSEEN, broken, message, output, request, response, run, shell
from rich.cells import cell_len
from rich.console import Console

from sipfast.cli.commands.list import list_messages
from sipfast.cli.reading import ANY
from sipfast.cli.screen.words import WORDS

TIME = 1_710_232_205


def captured(folder: Path, *payloads: bytes) -> Path:
    file = folder / "a.pcap"
    records = [made.pcap_record(made.frame(payload), TIME, 123456) for payload in payloads]
    file.write_bytes(made.pcap_header() + b"".join(records))
    return file


# ---- in a pipe ----


def test_a_line_for_each_message(tmp_path: Path) -> None:
    agent = "User-Agent: Phone/1 (a b)"
    file = captured(tmp_path, request("INVITE", agent), response(180, "Ringing", "Server: S"))
    at = "2024-03-12T08:30:05.123456Z"
    parties = "alice@example.org → bob@example.com"
    assert output("list", file).splitlines() == [
        f"1\t{at}\t{parties}\tINVITE\t1@192.0.2.1\t7 INVITE\tPhone/1 (a b)",
        f"2\t{at}\t{parties}\t180\t1@192.0.2.1\t7 OPTIONS\tS",
    ]


def test_what_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "a.sip"
    file.write_bytes(message("OPTIONS tel:+1 SIP/2.0", "Subject: x"))
    assert output("list", file) == "1\t-\t- → -\tOPTIONS\t-\t-\t-\n"


def test_unparsable_messages_are_listed_as_far_as_they_go(tmp_path: Path) -> None:
    file = tmp_path / "a.sip"
    damaged = request().replace(b"Max-Forwards:", b"Max Forwards")
    file.write_bytes(request() + damaged + BAD_TO)
    lines = output("list", file).splitlines()
    assert lines[1] == (
        "2\t-\talice@example.org → bob@example.com\tOPTIONS\t1@192.0.2.1\t7 OPTIONS\t-"
        "\theader-without-colon"
    )
    assert lines[2].split("\t")[2] == 'alice@example.org → "Bob <sip:bob@example.com>'


def test_several_files(tmp_path: Path) -> None:
    one, other = tmp_path / "a.sip", tmp_path / "b.sip"
    one.write_bytes(request() * 2)
    other.write_bytes(request())
    numbers = [line.split("\t")[0] for line in output("list", one, other).splitlines()]
    assert numbers == [f"{one}:1", f"{one}:2", f"{other}:1"]


def test_unreadable_files(tmp_path: Path) -> None:
    (tmp_path / "a.sip").write_bytes(request())
    result = run("list", tmp_path / "none", tmp_path / "a.sip")
    assert result.exit_code == 1
    assert result.stderr == f"sipfast: {tmp_path / 'none'}: No such file or directory\n"
    assert len(result.stdout.splitlines()) == 1


def test_the_numbers_are_those_of_show(tmp_path: Path) -> None:
    file = captured(tmp_path, b"\r\n", request(), response(486, "Busy"))
    number = output("list", file, "--status", "486").partition("\t")[0]
    assert output("show", file, "-n", number).startswith("486 Busy Here")


# ---- on a terminal ----


@pytest.mark.parametrize("width", [20, 30, 40, 60, 80, 100, 132, 200])
def test_lines_fit_the_terminal(width: int, tmp_path: Path) -> None:
    long = "长" * 200
    file = captured(
        tmp_path,
        request("INVITE", f"User-Agent: {long}").replace(b"1@192.0.2.1", b"x" * 300),
        request("M" * 60).replace(b"alice", "长".encode() * 90),
        broken(),
    )
    lines = output("list", file, terminal=width).splitlines()
    assert len(lines) == 4
    assert lines[0].split()[:1] == ["number"]
    assert max(map(cell_len, lines)) <= width
    assert [line.split()[0] for line in lines[1:]] == ["1", "2", "3"]
    if width >= 80:
        assert lines[1].split()[1] == "08:30:05.123"
        assert "INVITE" in lines[1]
        assert "content-" in lines[3]  # in place of the user agent


def test_in_chinese(tmp_path: Path) -> None:
    (tmp_path / "a.sip").write_bytes(request())
    assert (
        "主叫" in output("list", tmp_path / "a.sip", "--lang", "zh", terminal=100).splitlines()[0]
    )


@pytest.mark.parametrize("terminal", [0, 100])
def test_nothing_hostile_reaches_the_terminal(terminal: int, tmp_path: Path) -> None:
    file = tmp_path / "a\x1b[31m.sip"
    hostile = request("OPTIONS", f"User-Agent: {HOSTILE}")
    hostile = hostile.replace(
        b"Call-ID: 1", f"Call-ID: {HOSTILE}".encode("utf-8", "surrogateescape")
    )
    file.write_bytes(hostile + BAD_TO.replace(b'"Bob', b'"\x1b[31m\xff'))
    text = output("list", file, file, terminal=terminal)
    assert not (UNSEEN - {0x09}) & set(map(ord, text))
    assert {line.count("\t") for line in text.splitlines()} == ({6} if not terminal else {0})


# ---- JSON ----


def test_json(tmp_path: Path) -> None:
    file = captured(tmp_path, b"\r\n", request("INVITE", "User-Agent: \udcff"), response(486, "x"))
    rows = [json.loads(line) for line in output("list", "--json", file).splitlines()]
    assert [[*row] for row in rows] == [[*rows[0]]] * 2
    asked, answered = rows
    assert asked == {
        "file": str(file),
        "message": 1,
        "packet": 2,
        "offset": file.read_bytes().index(b"INVITE"),
        "size": len(request("INVITE", "User-Agent: \udcff")),
        "time": "2024-03-12T08:30:05.123456Z",
        "timestamp_ns": TIME * 10**9 + 123_456_000,
        "source": "192.0.2.1",
        "source_port": 5060,
        "destination": "192.0.2.2",
        "destination_port": 5060,
        "transport": "UDP",
        "direction": None,
        "lost": [],
        "from": "alice@example.org",
        "to": "bob@example.com",
        "method": "INVITE",
        "uri": "sip:bob@example.com",
        "status": None,
        "reason": None,
        "call_id": "1@192.0.2.1",
        "cseq": "7 INVITE",
        "user_agent": "\\xff",
        "parsed": True,
        "cut": False,
        "fault": None,
    }
    assert (answered["method"], answered["status"], answered["reason"]) == (None, 486, "x")
    page = (Path(__file__).parents[3] / "docs" / "command.md").read_text(encoding="utf-8")
    section = page.split("## `sipfast list`")[1].split("\n## ")[0]
    assert [key for key in asked if f"`{key}`" not in section] == []


def test_json_of_an_unparsable_message(tmp_path: Path) -> None:
    (tmp_path / "a.sip").write_bytes(broken())
    (row,) = [
        json.loads(line) for line in output("list", "--json", tmp_path / "a.sip").splitlines()
    ]
    assert (row["parsed"], row["fault"]) == (False, "content-length-not-a-number")
    assert (row["method"], row["call_id"], row["time"]) == ("OPTIONS", "1@192.0.2.1", None)


# ---- streaming ----


def test_memory_does_not_grow_with_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def peak(times: int) -> int:
        file = tmp_path / str(times)
        file.write_bytes((request() + broken()) * times)
        tracemalloc.start()
        with capsys.disabled(), open("/dev/null", "w") as nowhere:
            screen = Console(file=nowhere)
            import sys

            kept, sys.stdout = sys.stdout, nowhere
            try:
                assert list_messages([str(file)], ANY, WORDS["en"], screen, as_json=False)
            finally:
                sys.stdout = kept
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(10)
    assert peak(3000) < peak(300) + 20_000


def test_a_closed_pipe_counts_as_success(tmp_path: Path) -> None:
    (tmp_path / "a.sip").write_bytes(request() * 20_000)
    done = shell(f"list {tmp_path / 'a.sip'} | head -n 1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("1\t")
