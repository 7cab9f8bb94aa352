"""Hostile bytes never reach the terminal as they are."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from command import HOSTILE, UNSEEN, broken, message, output

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("terminal", [0, 80])
@pytest.mark.parametrize("command", ["stats", "show"])
def test_hostile_bytes_do_not_reach_the_terminal(
    command: str, terminal: int, tmp_path: Path
) -> None:
    folder = tmp_path / "\x1b[31m [red]\u202e"
    folder.mkdir()
    file = folder / "x\x07.sip"
    file.write_bytes(
        message(
            f"OPTIONS sip:{HOSTILE} SIP/2.0",
            f"User-Agent: {HOSTILE}",
            f"From: {HOSTILE} <sip:{HOSTILE}>",
            f'To: "{HOSTILE}',
            f"CSeq: {HOSTILE}",
            f"Content-Type: {HOSTILE}",
            "Content-Length: 20",
            body=b"\x1b[31m\x9b \xe2\x80\xae text",
        )
        + broken(HOSTILE)
    )
    text = output(command, file, terminal=terminal)
    assert not UNSEEN & set(map(ord, text))
    text = text.replace("\n    ↳ ", "")
    assert "\\x1b[31mred\\x1b]0;title\\x07\\x9b5m\\x08\\x7f [bold]b[/bold] [lin" in text
    if command == "show":
        assert "[link=x]l[/link] :smile: \\u202eright to left\\u2066\\u200f\\ufeff" in text
        assert "\\U000e0041 \\xff\\x80" in text


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
@pytest.mark.parametrize(
    "command",
    [
        ("export", "--format", "csv", "-o", "-"),
        ("export", "--format", "sip", "-o", "-"),
        ("calls", "--csv"),
        ("sql", "select user_agent from messages", "--format", "csv"),
    ],
    ids=" ".join,
)
def test_files_that_go_to_a_terminal_are_text(command: tuple[str, ...], tmp_path: Path) -> None:
    """What a pipe gets as it is, a terminal gets with escapes."""
    import pty

    if command[0] != "export":
        pytest.importorskip("duckdb")
    file = tmp_path / "a.sip"
    agent = "Fön 张 \x1b]0;title\x07\u202e\x9b5m"
    invite = "INVITE sip:bob@example.com SIP/2.0"
    file.write_bytes(message(invite, "Call-ID: a", "CSeq: 1 INVITE", f"User-Agent: {agent}"))
    words = [sys.executable, "-m", "sipfast", *command, str(file)]
    piped = subprocess.run(words, capture_output=True, check=True, cwd=ROOT).stdout.decode()
    assert agent in piped

    leader, follower = pty.openpty()
    with subprocess.Popen(words, stdout=follower, cwd=ROOT) as child:
        os.close(follower)
        terminal = b""
        with contextlib.suppress(OSError):  # the terminal is closed
            while some := os.read(leader, 65536):
                terminal += some
    os.close(leader)
    shown = terminal.decode().replace("\r\n", "\n")
    assert child.returncode == 0
    assert not UNSEEN & set(map(ord, shown))
    assert "Fön 张 \\x1b]0;title\\x07\\u202e\\x9b5m" in shown
