"""The pages for those who come from other programs: what they say to type runs, and does it."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import command
import pytest

import sipfast
from sipfast.cli.app import sipfast as group

ROOT = Path(__file__).parents[2]
PAGES = {
    name: (ROOT / "docs" / f"from-{name}.md").read_text(encoding="utf-8")
    for name in ("sngrep", "tshark", "pyshark")
}
CALLS = ROOT / "bench_data/calls.pcap"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
PROGRAMS = ("sipfast", "tshark", "sngrep")
WIDTH = 100

with_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")


def rows(page: str) -> Iterator[list[str]]:
    for line in BLOCK.sub("", page).splitlines():
        if line.startswith("|") and not line.startswith("| ---"):
            yield [cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def table(page: str, heading: str) -> list[list[list[str]]]:
    """The code in each row of the table below the heading."""
    section = page.split(f"## {heading}\n")[1].split("\n## ")[0]
    found = [[SPAN.findall(cell) for cell in row] for row in rows(section)]
    return [cells for cells in found if cells[0]]


def typed(page: str, program: str) -> list[str]:
    """The commands of a program in the text, in tables and in blocks, each once."""
    text = BLOCK.sub("", page).replace(r"\|", "|")
    found = [span for span in SPAN.findall(text) if span.startswith(f"{program} ")]
    for language, block in BLOCK.findall(page):
        if language in ("sh", "console"):
            lines = [line.removeprefix("$ ") for line in block.splitlines()]
            found += [line for line in lines if line.startswith(f"{program} ")]
    return list(dict.fromkeys(found))


def piped(page: str) -> list[str]:
    blocks = "".join(block for language, block in BLOCK.findall(page) if language == "sh")
    return [line.split(" | ")[1] for line in blocks.splitlines() if line.startswith("tcpdump ")]


def is_whole(line: str) -> bool:
    """Whether a command has its file, and ends by itself."""
    words = shlex.split(line)
    return any(word.endswith((".pcap", "-")) for word in words[2:]) and words[1] != "browse"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("trace.pcap", "other.pcap"):
        shutil.copy(CALLS, tmp_path / name)
    return tmp_path


COMMANDS = [(name, line) for name, page in PAGES.items() for line in typed(page, "sipfast")]


def test_there_are_many() -> None:
    assert len(COMMANDS) > 40
    assert sum(is_whole(line) for _, line in COMMANDS) > 30
    assert [len(piped(page)) for page in PAGES.values()] == [4, 4, 0]


@pytest.mark.parametrize("line", dict.fromkeys(line for _, line in COMMANDS if is_whole(line)))
def test_a_command_runs(line: str, folder: Path) -> None:
    done = command.run(*shlex.split(line)[1:])
    assert done.exit_code == (1 if " check " in line else 0), done.output
    written = re.findall(r"(?:-o|--html) (\S+\.\w+)", line)
    assert done.stdout or written or "redact" in line
    assert all((folder / name).stat().st_size for name in written)


@pytest.mark.parametrize("line", dict.fromkeys(line for _, line in COMMANDS if not is_whole(line)))
def test_the_options_of_other_commands_exist(line: str, folder: Path) -> None:
    _, name, *arguments = shlex.split(line)
    (folder / "hep.pcap").touch()
    with click.Context(group) as context:
        found = group.get_command(context, name)
        assert found is not None
        options = {option for part in found.params for option in part.opts + part.secondary_opts}
        assert {word for word in arguments if word.startswith("-")} <= options
        if any(word.endswith(".pcap") for word in arguments):
            found.make_context(name, arguments, parent=context)


@pytest.mark.parametrize(
    "line", dict.fromkeys(line for page in PAGES.values() for line in piped(page))
)
def test_what_takes_the_pipe_of_tcpdump(line: str, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *shlex.split(line)],
        input=CALLS.read_bytes(),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout or list(folder.glob("ring*.pcapng"))


@pytest.mark.parametrize("name", PAGES)
def test_what_commands_print(name: str, folder: Path) -> None:
    for language, block in BLOCK.findall(PAGES[name]):
        if language == "console":
            line, _, shown = block.partition("\n")
            printed = command.output(*shlex.split(line)[2:], terminal=WIDTH)
            assert [part.rstrip() for part in printed.splitlines()] == shown.splitlines(), line


def tshark(*arguments: str) -> list[list[str]]:
    done = subprocess.run(
        ["tshark", "-r", str(CALLS), *arguments],
        env={"TZ": "UTC", "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"},
        capture_output=True,
        check=True,
        encoding="utf-8",
        timeout=60,
    )
    return [line.split("\t") for line in done.stdout.splitlines()]


@with_tshark
@pytest.mark.parametrize("program", PROGRAMS[1:])
def test_the_other_commands_run(program: str, folder: Path) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    lines = [line for page in PAGES.values() for line in typed(page, program)]
    batch = [line for line in lines if " -r trace.pcap" in line or " -N " in line]
    assert len(batch) >= 2
    for line in batch:
        done = subprocess.run(
            shlex.split(line),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, (line, done.stderr)


@with_tshark
def test_a_field_of_tshark_is_a_column() -> None:
    listed = table(PAGES["tshark"], "One field per message")
    pairs = [(fields, columns[0]) for fields, columns in listed]
    names = [name for fields, _ in pairs for name in fields]
    theirs = {}
    options = [part for name in names for part in ("-e", name)]
    for values in tshark("-Y", "sip", "-T", "fields", "-E", "occurrence=f", *options):
        row = dict(zip(names, values, strict=True))
        theirs[int(row["frame.number"])] = [
            next((row[name] for name in fields if row[name]), None) for fields, _ in pairs
        ]
    columns = [column for _, column in pairs]
    scan = sipfast.scan(CALLS, columns, "error is null")
    ours = {
        row["packet"]: [None if row[name] is None else str(row[name]) for name in columns]
        for row in scan.to_arrow().to_pylist()
    }
    assert len(columns) > 20
    assert len(ours) > 150
    different = {
        (packet, name, mine, other)
        for packet, values in ours.items()
        for name, mine, other in zip(columns, values, theirs[packet], strict=True)
        if mine != other
    }
    assert different == set()
    assert all(any(values) for values in zip(*ours.values(), strict=True))


FILTERS = table(PAGES["tshark"], "Display filters")[1:]


@with_tshark
@pytest.mark.parametrize(("shown", "where"), [(left[0], right[0]) for left, right in FILTERS])
def test_a_display_filter_and_its_where_choose_the_same(shown: str, where: str) -> None:
    theirs = {
        int(number) for (number,) in tshark("-Y", shown, "-T", "fields", "-e", "frame.number")
    }
    scan = sipfast.scan(CALLS, ["packet"], f"({where}) and error is null")
    ours = set(scan.to_arrow()["packet"].to_pylist())
    malformed = sipfast.scan(CALLS, ["packet"], "error is not null").to_arrow()["packet"]
    assert ours == theirs - set(malformed.to_pylist())
    assert ours
