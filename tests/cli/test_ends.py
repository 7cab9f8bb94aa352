"""How commands end at what no file should be: one clear line, its exit code, and no traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command import ROOT, UNSEEN, bound_by_permissions, run

CALLS = ROOT / "bench_data" / "calls.pcap"
CALL_ID = "1245702684-0742@192.0.2.21"
NAME = "a\n[red]<b>\x1b[1m\u202e.pcap"
posix = pytest.mark.skipif(sys.platform == "win32", reason="this is of POSIX")

READERS = {
    "calls": ("calls", "{}"),
    "check": ("check", "-q", "{}"),
    "export": ("export", "{}", "-o", "{folder}/out.csv"),
    "follow": ("follow", "{}", "--duration", "0.2"),
    "ladder": ("ladder", CALL_ID, "{}"),
    "list": ("list", "{}"),
    "redact": ("redact", "{}", "{folder}/out.pcap", "--key-file", "{folder}/key"),
    "registrations": ("registrations", "{}"),
    "show": ("show", "{}"),
    "sql": ("sql", "select count(*) from messages", "{}"),
    "stats": ("stats", "--no-defects", "{}"),
}
"""What reads a file, each with its arguments."""

WRITERS = {
    name: READERS[name]
    for name in ("calls", "check", "ladder", "list", "registrations", "show", "sql", "stats")
} | {
    "export": ("export", "{}", "-o", "-", "--format", "csv"),
    "follow": ("follow", "{}", "--duration", "0.2", "--json"),
    "redact": ("redact", "{}", "-", "--format", "sip", "--key-file", "{folder}/key"),
    "sql of rows": ("sql", "from messages a, messages b", "{}", "--format", "csv"),
}
"""The same, to standard output."""

OVERWRITERS = {
    "export": ("export", "{}", "-o", "{out}", "--format", "csv", "--force"),
    "ladder": ("ladder", CALL_ID, "{}", "-o", "{out}", "--format", "svg", "--force"),
    "redact": ("redact", "{}", "{out}", "--key-file", "{folder}/key", "--force"),
    "sql": ("sql", "from messages", "{}", "-o", "{out}", "--format", "csv", "--force"),
    "stats": ("stats", "{}", "--html", "{out}", "--force"),
}
"""What writes a file."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    key = tmp_path / "key"
    key.write_bytes(b"0123456789abcdef")
    key.chmod(0o600)
    return tmp_path


def test_all_commands_are_here() -> None:
    from sipfast.cli.app import COMMANDS

    assert {*READERS} == {*COMMANDS} - {"browse", "code", "header", "method"}
    assert {name.partition(" ")[0] for name in WRITERS} == {*READERS}


def line_of(
    row: tuple[str, ...], file: Path | str, folder: Path, out: Path | str = ""
) -> list[str]:
    return [part.format(file, folder=folder, out=out) for part in row]


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("empty", "the file is empty"),
        ("folder", "neither a file nor a pipe"),
        ("missing", "No such file or directory"),
    ],
)
def test_no_file(name: str, kind: str, why: str, folder: Path) -> None:
    file = folder / kind
    if kind == "empty":
        file.touch()
    elif kind == "folder":
        file.mkdir()
    result = run(*line_of(READERS[name], file, folder))
    if name == "follow" and kind == "empty":  # which may grow
        assert (result.exit_code, result.stdout) == (0, "")
        return
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"sipfast: {file}: {why}" in result.stderr.splitlines()
    assert not [*folder.glob("out*")]


@posix
@pytest.mark.parametrize("name", [*READERS, "browse"])
def test_a_file_without_permission(name: str, folder: Path) -> None:
    file = folder / "forbidden"
    file.write_bytes(CALLS.read_bytes())
    file.chmod(0)
    row = READERS.get(name, ("browse", "{}"))
    done = subprocess.run(
        [*bound_by_permissions(), sys.executable, "-c", ON_A_TERMINAL, *line_of(row, file, folder)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert f"sipfast: {file}: Permission denied" in done.stderr.splitlines()


ON_A_TERMINAL = """
import sys
from sipfast.cli import main
if sys.argv[1] == "browse":
    sys.stdin.isatty = sys.stdout.isatty = lambda: True
main()
"""


@pytest.mark.parametrize("name", READERS)
def test_a_hostile_name(name: str, folder: Path) -> None:
    file = folder / NAME
    file.write_bytes(CALLS.read_bytes())
    result = run(*line_of(READERS[name], file, folder))
    assert result.exit_code in (0, 1), result.output
    assert "Traceback" not in result.output
    assert not UNSEEN - {ord("\t")} & set(map(ord, result.output))
    file.write_bytes(b"")
    result = run(*line_of(READERS[name], file, folder))
    assert not UNSEEN & set(map(ord, result.output))
    assert all(line.startswith("sipfast: ") for line in result.output.splitlines())


def process(row: tuple[str, ...], folder: Path, redirection: str) -> tuple[int, str]:
    """The exit code and standard error of a command whose output goes elsewhere."""
    code = f'"$@" {redirection}; exit $?'
    if redirection.startswith("|"):
        code = f'{{ "$@"; echo $? > "{folder}/code"; }} {redirection}'
    done = subprocess.run(
        ["sh", "-c", code, "sh", sys.executable, "-m", "sipfast", *line_of(row, CALLS, folder)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    if redirection.startswith("|"):
        return int((folder / "code").read_text()), done.stderr
    return done.returncode, done.stderr


@posix
@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk(name: str, folder: Path) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    code, errors = process(WRITERS[name], folder, "> /dev/full")
    if name == "check":  # which is quiet here, and found faults
        assert code == 1
        return
    assert (code, errors) == (1, "sipfast: cannot write the output: No space left on device\n")


@posix
@pytest.mark.parametrize("name", OVERWRITERS)
def test_a_full_disk_of_a_file(name: str, folder: Path) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    formats = ("--format", "sip") if name == "redact" else ()
    result = run(*line_of((*OVERWRITERS[name], *formats), CALLS, folder, "/dev/full"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "sipfast: cannot write the output: No space left on device\n"


@posix
@pytest.mark.parametrize("name", WRITERS)
def test_a_reader_that_needs_no_more(name: str, folder: Path) -> None:
    code, errors = process(WRITERS[name], folder, "| head -c 1 > /dev/null")
    # The faults that `check` found make 1, if the pipe took all of its lines before it closed.
    assert code == 0 or (name == "check" and code == 1), errors
    assert "Traceback" not in errors
    assert "Broken pipe" not in errors


@pytest.mark.parametrize("name", OVERWRITERS)
@pytest.mark.parametrize("way", ["path", "link"])
def test_an_input_that_is_the_output(name: str, way: str, folder: Path) -> None:
    """It is not overwritten, with --force too."""
    file, out = folder / "a.pcap", folder / "a.pcap"
    file.write_bytes(CALLS.read_bytes())
    if way == "link":
        out = folder / "b.pcap"
        out.symlink_to(file)
    before = sorted(folder.iterdir())
    result = run(*line_of(OVERWRITERS[name], file, folder, out))
    assert (result.exit_code, result.stdout) == (2, "")
    named = "IN" if name == "redact" else file
    assert result.stderr == f"sipfast: OUT is the same file as {named}\n"
    assert sorted(folder.iterdir()) == before
    assert file.read_bytes() == CALLS.read_bytes()


@posix
@pytest.mark.parametrize("name", READERS)
def test_interrupted(name: str, folder: Path) -> None:
    """While it waits for a pipe that nobody writes to."""
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    row = tuple(part for part in READERS[name] if part not in ("--duration", "0.2"))
    child = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, *line_of(row, pipe, folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        encoding="utf-8",
    )
    with child, pipe.open("wb"):  # returns when the command has opened it
        time.sleep(0.3)
        child.send_signal(signal.SIGINT)
        written, errors = child.communicate(timeout=60)
    assert written == ""
    if name == "follow":
        assert child.returncode == 0
        assert errors.startswith("sipfast: 0 messages in ")
    else:
        assert (child.returncode, errors) == (130, "sipfast: interrupted\n")
    assert not [*folder.glob(".*")]
    assert not [*folder.glob("out*")]


INTERRUPTIBLE = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job of a shell ignores it
from sipfast.cli import main
main()
"""
