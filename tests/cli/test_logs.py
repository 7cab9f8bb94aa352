"""Text logs in every command."""

from __future__ import annotations

import json
from pathlib import Path

import log_files as made
import pytest
from command import output, run
from log_files import LOGS, MESSAGES, NOISE

# Of Sofia-SIP, each message of TCP is in three reads.
TOLD = [name for name in LOGS if name != "Sofia-SIP dump of TCP"]


def written(folder: Path, name: str) -> Path:
    file = folder / "log"
    file.write_bytes(made.log(LOGS[name], LOGS[name].messages, NOISE))
    return file


@pytest.mark.parametrize("name", TOLD)
def test_list(tmp_path: Path, name: str) -> None:
    written_as = LOGS[name]
    file = written(tmp_path, name)
    rows = [json.loads(line) for line in output("list", "--json", file).splitlines()]
    assert [row["size"] for row in rows] == [len(message) for message in written_as.messages]
    assert [row["packet"] for row in rows] == list(range(1, len(rows) + 1))
    for row in rows:
        assert row["transport"] == written_as.transport
        assert row["direction"] == written_as.direction
        assert set(written_as.lost) <= set(row["lost"])
        assert row["parsed"]
        assert not row["cut"]


@pytest.mark.parametrize("name", ["FreeSWITCH", "sngrep", "Oracle SBC"])
def test_faults_are_those_of_the_messages(tmp_path: Path, name: str) -> None:
    """The CRs that the log dropped make no difference."""
    plain = tmp_path / "plain"
    plain.write_bytes(b"".join(MESSAGES))

    def faults(file: Path) -> list[tuple[int, str, int]]:
        lines = run("check", "--json", file).stdout.splitlines()
        rows = [json.loads(line) for line in lines]
        return [(row["message"], row["code"], row["byte"]) for row in rows if "code" in row]

    assert faults(written(tmp_path, name)) == faults(plain) != []


def test_a_fault_has_no_line_of_the_message_as_that_of_the_log(tmp_path: Path) -> None:
    result = run("check", "--format", "github", written(tmp_path, "sngrep"))
    assert "line=" not in result.stdout


def test_stats_count_what_is_no_message(tmp_path: Path) -> None:
    file = written(tmp_path, "Asterisk PJSIP")
    file.write_bytes(file.read_bytes() + made._pjsip(b"", 0) + made._pjsip(b"\r\n\r\n", 0))
    result = run("stats", file)
    assert f"{len(MESSAGES)} messages: " in result.stdout
    assert "  log (asterisk-pjsip), " in result.stdout
    assert "  1  no message" in result.stdout
    assert "  1  keep-alive" in result.stdout
    assert "SIP may be in what was not read: 1 no message" in run("check", file).stderr


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("FreeSWITCH", "UDP 192.0.2.1:5060 → ?"),
        ("sngrep", "? 192.0.2.1:5060 → 192.0.2.2:5062"),
        ("SIPp", "TCP ? → ?"),
        ("FreeSWITCH, sent", "TLS ? → [2001:db8::2]:5062"),
    ],
)
def test_show_says_what_is_unknown(tmp_path: Path, name: str, facts: str) -> None:
    text = output("show", written(tmp_path, name), "-n", "3")
    assert facts in text
    assert "lost by the log: " in text


def test_show_in_chinese(tmp_path: Path) -> None:
    text = output("--lang", "zh", "show", written(tmp_path, "FreeSWITCH"))
    assert "日志中缺失：目的地址, 日期, 换行符" in text
