"""Files given to the commands: unreadable ones, and long ones with a progress bar."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import capture_files as made
import pytest
from command import BAD_TO, ROOT, TERMINAL, document, error_line, output, request, run

from sipfast.cli.screen.text import file_size, visible


def test_one_bad_file_does_not_keep_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.sip").write_bytes(request())
    (tmp_path / "empty").write_bytes(b"")
    result = run("stats", tmp_path / "empty", tmp_path / "a.sip", tmp_path / "none")
    assert result.exit_code == 1
    assert "1 message: 1 request" in result.stdout
    assert result.stderr.splitlines() == [
        f"sipfast: {tmp_path / 'empty'}: the file is empty",
        f"sipfast: {tmp_path / 'none'}: No such file or directory",
    ]
    result = run("stats", "--json", tmp_path / "empty", tmp_path / "a.sip")
    assert result.exit_code == 1
    parsed = json.loads(result.stdout)
    assert parsed["failed"] == [{"file": str(tmp_path / "empty"), "reason": "the file is empty"}]
    assert parsed["total"]["messages"] == 1


@pytest.mark.parametrize("command", ["stats", "show"])
def test_bad_files(command: str, tmp_path: Path) -> None:
    (tmp_path / "picture").write_bytes(b"\x89PNG\r\n\x1a\n\x1b[31m")
    (tmp_path / "packed").write_bytes(b"\x1f\x8b\x08\0\0\0")
    for name, reason in (
        ("picture", "neither a capture nor SIP messages: it begins with b'\\x89PNG"),
        ("packed", "compressed with gzip, with a fault at its beginning"),
        ("missing", "No such file or directory"),
        (".", "neither a file nor a pipe"),
    ):
        line = error_line(command, f"{tmp_path}/{name}", exit_code=1)
        assert line.startswith(visible(f"{tmp_path}/{name}: ") + reason)
        assert line.isprintable()


def test_a_file_that_may_not_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: str) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("sipfast.capture.open", refuse)
    assert error_line("stats", "a.sip", exit_code=1) == "a.sip: Permission denied"


def test_a_capture_without_sip_is_no_bad_file(tmp_path: Path) -> None:
    file = tmp_path / "a.pcap"
    file.write_bytes(made.pcap(*[made.frame(b"not SIP at all", 9, 9)] * 3))
    text = output("stats", file)
    assert "No SIP here; 3 packets of other kinds skipped.\n" in text
    assert text.endswith("Packets skipped\n  3  not SIP\n")
    assert document(file)["total"]["skipped"] == {"not SIP": 3}
    empty = tmp_path / "empty.pcap"
    empty.write_bytes(made.pcap())
    assert "No packets here.\n" in output("stats", empty)


def test_progress_is_shown_for_a_long_file_on_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "\x1b[31ma.sip"
    file.write_bytes(request() * 500)
    assert TERMINAL["FORCE_COLOR"]
    assert run("stats", file, terminal=80).stderr == ""  # not long
    monkeypatch.setattr("sipfast.cli.files.LONG", 1)
    assert run("stats", file).stderr == ""  # no terminal
    shown = run("stats", file, terminal=80)
    assert shown.exit_code == 0
    assert f"% of {file_size(file.stat().st_size)}" in shown.stderr
    assert "\\x1b[31ma.sip" in shown.stderr
    assert "\x1b[31ma" not in shown.stderr
    assert "% of" not in shown.stdout


def test_a_list_of_all_messages_needs_no_bar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.sip"
    file.write_bytes(request() * 50)
    monkeypatch.setattr("sipfast.cli.files.LONG", 1)
    assert run("list", file, terminal=80).stderr == ""
    assert "% of" in run("list", file, "--call-id", "none", terminal=80).stderr


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
@pytest.mark.parametrize("command", ["list", "show", "check"])
def test_a_progress_bar_leaves_the_output_alone(command: str, tmp_path: Path) -> None:
    """With standard error on a terminal, and standard output in a pipe."""
    import pty

    file = tmp_path / "a.sip"
    file.write_bytes(BAD_TO + request("BYE"))
    leader, follower = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-c", LONG, command, str(file)],
        stdout=subprocess.PIPE,
        stderr=follower,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "300"},
        cwd=ROOT,
        check=False,
        timeout=60,
    )
    os.close(follower)
    os.close(leader)
    assert done.stdout.decode() == run(command, file).stdout != ""


LONG = """
from sipfast.cli import files, main
files.LONG = 1
main()
"""
