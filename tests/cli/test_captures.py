"""``sipfast stats`` over captures of other projects, from the folder `SIPFAST_SHARED`.

Their counts are in ``captures.tsv``; ``SIPFAST_WRITE_CAPTURES=1`` writes it anew.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from command import process, run

SHARED = os.environ.get("SIPFAST_SHARED")
WRITE = os.environ.get("SIPFAST_WRITE_CAPTURES", "") not in ("", "0")

pytestmark = pytest.mark.skipif(not SHARED, reason="SIPFAST_SHARED is not set")

CAPTURES = Path(SHARED or "") / "captures"
FILES = sorted(path for path in CAPTURES.glob("*/*") if path.is_file())
TABLE = Path(__file__).parent / "captures.tsv"


class Row(NamedTuple):
    """A line of the table: "-" means an unknown format, or zero packets."""

    file: str
    format: str
    messages: str
    requests: str
    responses: str
    unparsable: str
    skipped: str


def rows_of(document: dict[str, Any]) -> Iterator[Row]:
    for numbers in document["files"]:
        skipped = [f"{count} {reason}" for reason, count in sorted(numbers["skipped"].items())]
        yield Row(
            file=relative(numbers["file"]),
            format=numbers["format"],
            messages=str(numbers["messages"]),
            requests=str(numbers["requests"]),
            responses=str(numbers["responses"]),
            unparsable=str(numbers["unparsable"]),
            skipped=", ".join(skipped) or "-",
        )
    for failed in document["failed"]:
        yield Row(relative(failed["file"]), "-", "0", "0", "0", "0", "-")


def relative(file: str) -> str:
    return Path(file).relative_to(CAPTURES).as_posix()


def kept() -> dict[str, Row]:
    head, *lines = TABLE.read_text(encoding="utf-8").splitlines()
    assert head.split("\t") == list(Row._fields)
    return {row.file: row for row in (Row(*line.split("\t")) for line in lines)}


@pytest.fixture(scope="module", autouse=True)
def _write() -> None:
    if not WRITE:
        return
    found = json.loads(run("stats", "--json", *FILES).stdout)
    lines = ["\t".join(row) for row in (Row._fields, *sorted(rows_of(found)))]
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_every_capture_is_in_the_table() -> None:
    assert FILES
    assert sorted(kept()) == [relative(str(file)) for file in FILES]


@pytest.mark.parametrize("file", FILES, ids=[relative(str(file)) for file in FILES])
def test_counts(file: Path) -> None:
    known = kept()[relative(str(file))]
    result = run("stats", "--json", file)
    found = json.loads(result.stdout)
    assert list(rows_of(found)) == [known]
    assert result.exit_code == (1 if known.format == "-" else 0)
    assert len(result.stderr.splitlines()) == result.exit_code + unread_in(found)


def unread_in(found: dict[str, Any]) -> int:
    """The number of files with packets that may hold SIP and were not read."""
    return sum(bool(numbers["unread"]) for numbers in found["files"])


@pytest.mark.parametrize("file", FILES, ids=[relative(str(file)) for file in FILES])
def test_tables_and_messages(file: Path) -> None:
    """Each is shown without a traceback, and the first and the last message of it too."""
    known = kept()[relative(str(file))]
    result = run("stats", file, terminal=80)
    assert result.exit_code == (1 if known.format == "-" else 0)
    count = int(known.messages) + int(known.unparsable)
    if known.format != "-" and not count:
        assert "No SIP here; " in result.stdout
        assert run("show", file).exit_code == 1
    for number in {1, count} if count else set():
        shown = run("show", file, "-n", str(number), terminal=120)
        assert (shown.exit_code, shown.stderr) == (0, "")
        assert shown.stdout.count("\n") > 5


@pytest.mark.parametrize("pure", [False, True], ids=["as chosen", "pure"])
def test_all_at_once_as_a_process(pure: bool) -> None:
    done = process("stats", "--json", *FILES, pure=pure)
    assert "Traceback" not in done.stderr
    document = json.loads(done.stdout)
    assert done.returncode == bool(document["failed"])
    assert sorted(rows_of(document)) == sorted(kept().values())
    assert len(done.stderr.splitlines()) == len(document["failed"]) + unread_in(document)
    assert document["total"]["messages"] == sum(int(row.messages) for row in kept().values())
