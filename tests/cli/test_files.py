"""Files given to the commands: unreadable ones, and long ones with a progress bar."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import capture_files as made
import pytest
from command import BAD_TO, ROOT, document, error_line, output, request, run

import sipfast
from sipfast._engine import Engine
from sipfast.cli import files
from sipfast.cli.screen import progress
from sipfast.cli.screen.terminal import Screen
from sipfast.cli.screen.text import file_size, visible
from sipfast.cli.screen.words import WORDS
from sipfast.columns import Scan


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


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Progress from the first moment on: the readers wait until it was drawn."""
    drawn = threading.Event()
    line_of = progress._Line.of

    def drawing(line: progress._Line, reached: progress.Reached | None) -> object:
        if reached is not None and reached.size:
            drawn.set()
        return line_of(line, reached)

    def waiting(data: memoryview, *, lenient: bool = False, datagram: bool = False) -> object:
        assert drawn.wait(10)
        return sipfast.parse(data, lenient=lenient, datagram=datagram)

    monkeypatch.setattr(progress, "AFTER", 0)
    monkeypatch.setattr(progress, "_EVERY", 0.001)
    monkeypatch.setattr(progress._Line, "of", drawing)
    monkeypatch.setattr("sipfast.calls.reading.parse", waiting)


def test_what_takes_less_than_a_second_shows_no_progress(tmp_path: Path) -> None:
    (tmp_path / "a.sip").write_bytes(request() * 5)
    assert progress.AFTER == 1
    assert run("check", tmp_path / "a.sip", "--quiet", terminal=80).stderr == ""


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("check", "--quiet"), r"\d+% of "),
        (("show", "-n", "400"), r"\d+% of "),
        (("check", "--quiet", "--lang", "zh"), r"\d+%，共 "),
    ],
)
def test_progress_is_shown_on_a_terminal(
    tmp_path: Path, command: tuple[str, ...], words: str
) -> None:
    file = tmp_path / "\x1b[31ma.sip"
    file.write_bytes(request() * 500)
    shown = run(*command, file, terminal=80)
    assert shown.exit_code == 0
    assert re.search(words + re.escape(file_size(file.stat().st_size)), shown.stderr)
    assert "\\x1b[31ma.sip" in shown.stderr
    assert "\x1b[31ma" not in shown.stderr
    assert not re.search(words, shown.stdout)


@pytest.mark.usefixtures("at_once")
def test_a_list_of_some_messages_has_a_bar(tmp_path: Path) -> None:
    file = tmp_path / "a.sip"
    file.write_bytes(request() * 50)
    assert "% of" in run("list", file, "--call-id", "none", terminal=80).stderr


def test_a_list_of_all_messages_needs_no_bar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.sip"
    file.write_bytes(request() * 50)
    monkeypatch.setattr(progress, "AFTER", 0)
    assert run("list", file, terminal=80).stderr == ""


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
from sipfast.cli import main
from sipfast.cli.screen import progress
progress.AFTER = 0
main()
"""


@pytest.mark.parametrize("threads", [1, 2])
def test_the_progress_of_a_scan(
    engine: Engine, threads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which source is read, and how far; between passes, that there is work on the rows."""
    paths = [tmp_path / name for name in ("a.pcap", "b.pcap")]
    for path in paths:
        path.write_bytes(made.pcap(*[made.frame(request(), 5060, 5060)] * 50))
    seen: list[progress.Reached | None] = []
    with watching(monkeypatch) as reached:
        scan = Scan(paths, ["method"], batch_rows=10, threads=threads, engine=engine)
        assert scan.reading is None
        with files.watched_scan(scan, WORDS["en"]) as watched:
            assert watched is scan
            rows = 0
            for batch in scan:
                rows += len(batch)
                seen.append(reached())
            assert reached() is None
    assert rows == 100
    sizes = {str(path): path.stat().st_size for path in paths}
    read = [one for one in seen if one is not None]
    assert [one.path for one in read] == sorted(one.path for one in read)
    assert {one.path for one in read} == set(sizes)
    for one in read:
        assert 0 < one.position <= one.size == sizes[one.path]


@contextlib.contextmanager
def watching(
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[[], progress.Reached | None]]:
    """What a command would show, at any moment."""
    asked: list[Callable[[], progress.Reached | None]] = []

    @contextlib.contextmanager
    def shown(reached: Callable[[], progress.Reached | None], _words: object) -> Iterator[None]:
        asked.append(reached)
        yield

    monkeypatch.setattr(files, "shown", shown)
    yield lambda: asked[-1]()


def test_the_line_of_progress() -> None:
    line = progress._Line(WORDS["en"], 0.0)
    for reached, text in (
        (None, "working, "),
        (progress.Reached("x/a.gz"), "a.gz  opening, "),
        (progress.Reached("x/a.gz", 0, 100), "0% of 100 bytes"),
        (progress.Reached("x/a.gz", 50, 100), "50% of 100 bytes, "),
    ):
        drawn = io.StringIO()
        Screen(file=drawn, stderr=False).print(line.of(reached))
        assert text in drawn.getvalue()


def test_the_rate_and_the_time_left() -> None:
    pace = progress._Line(WORDS["en"], 0.0)._pace
    size = 100_000_000
    assert pace(progress.Reached("", 0, size), 10) == "0% of 100.0 MB"
    half = progress.Reached("", size // 2, size)
    assert pace(half, 0) == "50% of 100.0 MB"
    assert pace(half, 10) == "50% of 100.0 MB, 5.0 MB/s, -0:10"
    much = progress.Reached("", 1_000_000, 3_700_000_000)
    assert pace(much, 1).endswith(", 1.0 MB/s, -1:01:39")
