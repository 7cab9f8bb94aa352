"""The command as a whole: its exit codes, signals, pipes, help, and installation."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command import PIPE, ROOT, broken, error_line, output, process, request, run, shell

import sipfast
from sipfast._install import EXTRAS

# ---- how it ends ----


def test_wrong_usage() -> None:
    for arguments in (
        ["stats"],
        ["show"],
        ["shwo"],
        ["show", "x", "-n", "0"],
        ["code", "--lang=fr", "1"],
    ):
        result = run(*arguments)
        assert result.exit_code == 2
        assert "Error: " in result.stderr
        assert result.stdout == ""


def test_usage_errors_do_not_reach_the_terminal_as_they_are() -> None:
    for arguments in (["--\x1b[31m"], ["stats", "-\x1b]0;x\x07"], ["\x1b[31m"]):
        result = run(*arguments)
        assert result.exit_code == 2
        assert "\x1b" not in result.stderr


def test_help_names_the_exit_codes() -> None:
    assert "Exit codes: 0 success; 1 an unreadable file" in " ".join(output("--help").split())


@pytest.mark.parametrize("asked", ["-h", "--help"])
def test_help(asked: str) -> None:
    text = output(asked)
    assert text.startswith("Usage: sipfast [OPTIONS] COMMAND [ARGS]...\n")
    assert re.search(r"\n  stats +Count methods, responses", text)


def test_without_arguments_the_help_goes_to_standard_error() -> None:
    done = process()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == process("--help").stdout


def test_version_names_the_engine() -> None:
    engine = f"engine {sipfast.engine}, kernel {sipfast.kernel or 'none'}"
    assert output("--version") == f"sipfast {sipfast.__version__}, {engine}\n"


def test_interrupted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def interrupt(_data: object, **_: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / "a.sip").write_bytes(request())
    monkeypatch.setattr("sipfast.calls.reading.parse", interrupt)
    assert error_line("stats", tmp_path / "a.sip", exit_code=130) == "interrupted"


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_interrupted_from_outside(tmp_path: Path) -> None:
    (tmp_path / "long.sip").write_bytes(request() * 200_000)
    child = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED_WITHIN, "stats", str(tmp_path / "long.sip")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        cwd=ROOT,
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == "begun\n"
        child.send_signal(signal.SIGINT)
        output, errors = child.communicate(timeout=60)
    assert (child.returncode, output, errors) == (130, "", "sipfast: interrupted\n")


# Reports the beginning of parsing.
INTERRUPTED_WITHIN = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job of a shell ignores it
import sipfast.calls.reading as reading
from sipfast.cli import main
parse = reading.parse
def begun(data, **how):
    reading.parse = parse
    print("begun", flush=True)
    return parse(data, **how)
reading.parse = begun
main()
"""


@pytest.mark.parametrize(
    "module", ["sipfast._engine", "sipfast._late", "click", "rich.console", "sipfast.cli.app"]
)
@pytest.mark.parametrize("script", ["/usr/bin/sipfast", "sipfast.exe", "-m"])
def test_interrupted_while_it_loads(module: str, script: str) -> None:
    """Without a traceback, whichever module is being imported."""
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_AT, module, script],
        cwd=ROOT,
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "sipfast: interrupted\n")


# As the script and `python -m` begin.
INTERRUPTED_AT = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job of a shell ignores it
module, script = sys.argv[1:]
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == module:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
sys.argv[:] = [script, "code", "486"]
sys.orig_argv[:] = ["python", "-m", "sipfast", "code", "486"]
from sipfast.__main__ import main
main()
"""


def test_a_program_that_imports_sipfast_keeps_its_interrupts() -> None:
    code = (
        "import signal; before = signal.getsignal(2); import sipfast; "
        "assert signal.getsignal(2) is before; raise KeyboardInterrupt"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert "Traceback" in done.stderr
    assert done.stderr.endswith("KeyboardInterrupt\n")


def test_an_interrupt_that_became_another_exception(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As expat does, which calls the handler of an end after that of a beginning has failed."""

    def interrupt(_data: object, **_: object) -> None:
        try:
            raise KeyboardInterrupt
        finally:
            raise AssertionError("end tag mismatch")

    (tmp_path / "a.sip").write_bytes(request())
    monkeypatch.setattr("sipfast.calls.reading.parse", interrupt)
    assert error_line("check", tmp_path / "a.sip", exit_code=130) == "interrupted"


def test_interrupted_within_the_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("click.Group.parse_args", interrupt)
    assert error_line("code", "486", exit_code=130) == "interrupted"


@pytest.mark.parametrize("arguments", [("stats",), ("stats", "--json"), ("show",), ("list",)])
def test_a_closed_pipe_counts_as_success(arguments: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "a.sip").write_bytes(request())
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "sipfast", *arguments, str(tmp_path / "a.sip")],
            cwd=ROOT,
            check=False,
            stdout=closed,
            stderr=subprocess.PIPE,
            timeout=60,
        )
    assert (done.returncode, done.stderr) == (0, b"")


CLOSED = (
    "code 486",
    "header Via",
    "stats bench_data/small.sip",
    "stats --json bench_data/small.sip",
    "show bench_data/small.sip",
    "list bench_data/small.sip",
    "--help",
    "--version",
)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("arguments", [("stats",), ("stats", "--json"), ("show",)])
def test_a_full_disk_gives_one_line(arguments: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "a.sip").write_bytes(request())
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "sipfast", *arguments, str(tmp_path / "a.sip")],
            cwd=ROOT,
            check=False,
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            timeout=60,
        )
    assert done.returncode == 1
    assert done.stderr == "sipfast: cannot write the output: No space left on device\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("asked", ["--help", "--version", "stats --help", "check --list"])
def test_a_full_disk_gives_one_line_for_help_too(asked: str) -> None:
    done = shell(f"{asked} >/dev/full")
    assert done.returncode == 1
    assert done.stderr == "sipfast: cannot write the output: No space left on device\n"


@pytest.mark.skipif(sys.platform == "win32", reason="the shell is POSIX")
@pytest.mark.parametrize("arguments", CLOSED)
def test_a_closed_output_gives_one_line(arguments: str) -> None:
    done = shell(f"{arguments} >&-")
    assert done.returncode == 1
    assert done.stderr == "sipfast: cannot write the output: standard output is closed\n"
    assert shell(f"{arguments} >&- 2>&-").returncode == 1


@pytest.mark.skipif(sys.platform == "win32", reason="the shell is POSIX")
def test_closed_standard_error_keeps_the_exit_code() -> None:
    for arguments in CLOSED:
        done = shell(f"{arguments} 2>&-")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout
    for arguments, exit_code in (
        ("", 2),
        ("shwo", 2),
        ("code 999", 2),
        ("method X", 1),
        ("show none", 1),
        ("stats none", 1),
    ):
        done = shell(f"{arguments} 2>&-")
        assert (done.returncode, done.stdout, done.stderr) == (exit_code, "", "")


def test_an_output_without_unicode(tmp_path: Path) -> None:
    (tmp_path / "a.sip").write_bytes(request("OPTIONS", "Subject: ünï → 长"))
    stats = process("stats", tmp_path / "a.sip", PYTHONIOENCODING="ascii")
    assert (stats.returncode, stats.stderr) == (0, "")
    assert "OPTIONS  1  100.0%  ################\n" in stats.stdout
    several = process("stats", "bench_data/mixed.sip", PYTHONIOENCODING="ascii")
    assert several.stdout.isascii()
    assert "\\" not in several.stdout
    show = process("show", tmp_path / "a.sip", PYTHONIOENCODING="ascii")
    assert (show.returncode, show.stderr) == (0, "")
    assert "  Subject: \\xfcn\\xef > \\u957f\n" in show.stdout


def test_messages_have_the_encoding_of_standard_error(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sipfast", "stats", "--lang", "zh", "./nowhere"]
    for encoding, text in (("gbk", "文件不存在"), ("ascii", "\\u6587\\u4ef6")):
        done = subprocess.run(
            command,
            cwd=ROOT,
            check=False,
            capture_output=True,
            env={**os.environ, "PYTHONIOENCODING": encoding},
            timeout=60,
        )
        assert done.returncode == 1
        assert text in done.stderr.decode(encoding)


# ---- what is installed ----

WITHOUT = """
import sys
sys.modules[sys.argv.pop(1)] = None
import sipfast, sipfast.capture, sipfast.cli
sipfast.parse(b"OPTIONS sip:a SIP/2.0\\n\\n")
import runpy
runpy.run_module("sipfast", run_name="__main__")
"""


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_the_extra(missing: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, missing, "code", "486"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        f"sipfast: the command needs {missing}: pip install 'click>=8.1' 'rich>=13'\n"
    )


def test_the_advice_names_the_packages_of_each_extra() -> None:
    """Pip can follow it wherever sipfast came from."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for extra, packages in EXTRAS.items():
        listed = re.search(rf"^{extra} = \[(.*)\]$", text, re.MULTILINE)
        assert listed is not None
        assert tuple(json.loads(f"[{listed[1]}]")) == packages


@pytest.mark.parametrize("pure", [False, True], ids=["as chosen", "pure"])
def test_as_a_process(pure: bool, tmp_path: Path) -> None:
    (tmp_path / "a.sip").write_bytes(request() + broken())
    done = process("stats", tmp_path / "a.sip", pure=pure)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 message: 1 request, 0 responses; no defects; 1 more unparsable\n" in done.stdout
    assert ("Engine pure" in done.stdout) == (pure or sipfast.engine == "pure")


def test_a_pipe_gets_no_colour(tmp_path: Path) -> None:
    (tmp_path / "a.sip").write_bytes(request())
    assert set(PIPE.values()) == {None}
    for arguments in (("stats", tmp_path / "a.sip"), ("show", tmp_path / "a.sip"), ("code", "486")):
        assert "\x1b" not in run(*arguments).stdout
        assert "\x1b[" in run(*arguments, terminal=80).stdout
