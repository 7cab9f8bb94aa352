"""The benchmark of whole commands runs, and has a bar for each of its cases."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks import desk
from sipfast.cli.app import COMMANDS

ROOT = Path(__file__).resolve().parents[2]


def test_it_runs_each_command() -> None:
    before = desk.RESULTS.read_bytes()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.desk", "--quick"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for name in (*(case.name for case in desk.CASES), *desk.STARTS):
        assert name in done.stdout
    assert desk.RESULTS.read_bytes() == before


def test_its_commands_exist() -> None:
    for command in (*(case.command for case in desk.CASES), *desk.STARTS.values()):
        assert command[0] in {*COMMANDS, "--version", "--help"}
    for case in desk.CASES:
        assert case.file in desk.MESSAGES
        assert "FILE" in case.command
