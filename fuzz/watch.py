"""Run pytest in a process of its own, and detect if that process ends early.

A sanitizer aborts the process at once, within a test, and pytest then prints nothing.  So a plugin
records the start and end of each test, and the record is compared with the collected tests.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fuzz.names import ROOT

if TYPE_CHECKING:
    import pytest

RECORD = "FUZZ_WATCH_RECORD"
"""The variable with the path of the plugin's record."""

FAULT = "SUMMARY: "
"""The mark of a fault in a report."""

COLLECTED, BEGUN, ENDED, DONE = "collected", "begun", "ended", "done"
STOPPING = ("-x", "--exitfirst", "--maxfail", "--stepwise", "--sw")
"""Options of pytest that skip tests after a failure, which pytest reports itself."""


# ---- the plugin, in the process with the tests ---------------------------------------------------


def _note(what: str, name: str = "") -> None:
    with open(os.environ[RECORD], "a") as record:
        record.write(f"{what} {name}\n")


def pytest_collection_finish(session: pytest.Session) -> None:
    _note(COLLECTED, str(len(session.items)))


def pytest_runtest_logstart(nodeid: str) -> None:
    _note(BEGUN, ascii(nodeid))


def pytest_runtest_logfinish(nodeid: str) -> None:
    _note(ENDED, ascii(nodeid))


def pytest_unconfigure() -> None:
    _note(DONE)


# ---- the watching process ------------------------------------------------------------------------


@dataclass
class Record:
    """The progress of a run of pytest."""

    collected: int | None = None
    ended: int = 0
    running: str | None = None
    done: bool = False
    reports: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, folder: Path) -> Record:
        """Read the files of the plugin and the sanitizers in a folder."""
        record = cls()
        written = folder / "record"
        for line in written.read_text().splitlines() if written.exists() else ():
            what, _, name = line.partition(" ")
            if what == COLLECTED:
                record.collected = int(name)
            elif what == BEGUN:
                record.running = name
            elif what == ENDED:
                record.running, record.ended = None, record.ended + 1
            else:
                record.done = True
        written_by = [path.read_text() for path in sorted(folder.glob("report.*"))]
        record.reports = [text for text in written_by if FAULT in text]  # others are warnings
        return record

    def faults(self) -> list[str]:
        """The reasons why the run was incomplete, one per line."""
        found = []
        if self.running is not None:
            found.append(f"FAILED {self.running}: the process ended in the middle of this test")
        elif not self.done:
            found.append("FAILED: the process ended before pytest was done")
        if self.collected is None and not self.done:
            found.append("no test was collected")
        elif self.collected is not None and self.ended < self.collected:
            found.append(f"{self.ended:,} of {self.collected:,} tests were run")
        return found


def watch(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str] = os.environ
) -> int:
    """Run pytest, and return its exit code; nonzero too if tests are missing, or for a report.

    A sanitizer's reports are printed at the end: within a test, pytest would hide them.
    """
    with tempfile.TemporaryDirectory() as written:
        log = f"log_path={written}/report:abort_on_error=1"
        joined = {
            name: ":".join(filter(None, (environment.get(name), log)))
            for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS")
        }
        path = os.pathsep.join(filter(None, (environment.get("PYTHONPATH"), str(ROOT))))
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "fuzz.watch", *arguments],
            check=False,
            cwd=folder,
            env={**environment, **joined, "PYTHONPATH": path, RECORD: f"{written}/record"},
        )
        record = Record.read(Path(written))
    stopped = any(option.startswith(STOPPING) for option in arguments) and done.returncode == 1
    faults = [] if stopped and record.done else record.faults()
    for report in record.reports:
        print(report, file=sys.stderr)
    for fault in faults:
        print(fault, file=sys.stderr)
    if record.reports and not faults and done.returncode == 0:
        print("FAILED: a sanitizer reported a fault in a process of a test", file=sys.stderr)
    return done.returncode or int(bool(faults or record.reports))
