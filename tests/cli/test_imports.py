"""What a command imports before it begins: each module takes time at every start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import capture_files as made
import pytest
from command import ROOT, request

from sipfast.cli.app import COMMANDS, sipfast
from sipfast.cli.screen.console import SipfastGroup
from sipfast.cli.screen.words import WORDS

IMPORTED = """
import sys
sys.path[:] = {path!r}
sys.argv[:] = ["sipfast", *sys.argv[1:]]
from sipfast.cli import main
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended
print(*sys.modules, file=sys.stderr)
"""

HEAVY = {
    *("asyncio", "concurrent", "logging.handlers", "multiprocessing", "secrets", "socketserver"),
    *("ssl", "tempfile", "unittest", "urllib.request", "duckdb", "jinja2", "matplotlib"),
    *("numpy", "pandas", "polars", "prometheus_client", "pyarrow", "pyspark", "textual"),
}
"""Modules that no start needs."""
NOT_READING = {"rich", "sipfast.capture", "sipfast.columns", "sipfast.cli.commands"}
"""What a command needs that reads files or draws."""
NOT_DRAWING = {"rich.live", "rich.progress_bar", "rich.traceback"}


def imported(*arguments: str | Path) -> set[str]:
    """The modules that a command imports, and the packages that they are in."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", IMPORTED.format(path=sys.path), *map(str, arguments)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    found = set(done.stderr.split())
    parts = (name.split(".") for name in found)
    return {".".join(name[:end]) for name in parts for end in range(1, len(name) + 1)}


@pytest.fixture
def pcap(tmp_path: Path) -> Path:
    path = tmp_path / "a.pcap"
    path.write_bytes(made.pcap(made.frame(request(), 5060, 5060)))
    return path


@pytest.mark.parametrize("asked", [["--version"], ["--help"], ["-h", "--lang", "en"]])
def test_the_list_of_commands_imports_none_of_them(asked: list[str]) -> None:
    assert not imported(*asked) & (HEAVY | NOT_READING)


def test_the_list_in_chinese_needs_only_the_widths_of_characters() -> None:
    found = imported("--help", "--lang", "zh")
    assert not found & (HEAVY | NOT_READING - {"rich"} | {"rich.console", "rich.text"})


@pytest.mark.parametrize("command", ["list", "stats", "show", "check"])
def test_a_command_imports_what_it_needs(command: str, pcap: Path) -> None:
    asked = {"check": ["--quiet", "--select", "body-too-short"]}.get(command, [])
    found = imported(command, pcap, *asked)
    assert "sipfast.capture" in found
    assert not found & (HEAVY | NOT_DRAWING)
    # A capture takes neither the patterns of text logs nor the writer of captures.
    assert not found & {"sipfast.capture.logs", "sipfast.capture.writer"}
    others = {f"sipfast.cli.commands.{row.module}" for row in COMMANDS.values()} & found
    assert others == {f"sipfast.cli.commands.{command}"}


def test_a_summary_is_the_beginning_of_the_help() -> None:
    assert isinstance(sipfast, SipfastGroup)
    for name, (_, english, chinese) in COMMANDS.items():
        command = sipfast.get_command(sipfast.make_context("sipfast", ["code", "486"]), name)
        assert command is not None
        assert " ".join((command.help or "").partition("\n\n")[0].split()) == english
        assert WORDS["zh"].help(english) == chinese
