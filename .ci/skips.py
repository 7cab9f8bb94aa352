"""A pytest plugin: a test may be skipped only if skips.txt names it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

SKIPS = Path(__file__).with_name("skips.txt")

skipped: list[str] = []


def allowed() -> Iterator[str]:
    """The patterns of skips.txt, without those whose variable is set."""
    for line in SKIPS.read_text(encoding="utf-8").splitlines():
        pattern, _, variable = line.partition("#")[0].strip().partition(" unless ")
        if pattern and not os.environ.get(variable):
            yield pattern.replace("[", "[[]")


def unlisted() -> list[str]:
    patterns = list(allowed())
    return [name for name in skipped if not any(fnmatchcase(name, one) for one in patterns)]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        skipped.append(report.nodeid)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.skipped:
        skipped.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if unlisted() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section("skipped tests")
    terminalreporter.line(f"{len(skipped)} skipped, {len(unlisted())} of them not in {SKIPS.name}")
    for name in unlisted():
        terminalreporter.line(f"not in {SKIPS.name}: {name}")
