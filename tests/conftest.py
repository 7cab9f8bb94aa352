"""The engines as fixtures, the data of others as a fixture, and no skip that goes unseen.

A test that takes `engine` runs twice, on native and on pure. `--no-native` leaves the native runs
out; where the native engine is not built they are skipped, or they fail if SIPFAST_REQUIRE_NATIVE
is set.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sipfast import _engine
from sipfast._engine import Engine


@dataclass(frozen=True)
class EngineChoice:
    """An engine to test with, not loaded before a test asks for it."""

    name: str

    def load(self) -> Engine:
        try:
            return _engine.load(self.name)
        except ModuleNotFoundError as error:
            absent = (error.name or "").startswith("sipfast._native")
            if not absent or os.environ.get("SIPFAST_REQUIRE_NATIVE", "") not in ("", "0"):
                raise
            pytest.skip("the native engine is not built here (make build)")


NATIVE = EngineChoice("native")
PURE = EngineChoice("pure")


@pytest.fixture(scope="session", params=[NATIVE, PURE], ids=["native", "pure"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn."""
    choice: EngineChoice = request.param
    return choice.load()


@pytest.fixture(scope="session")
def native() -> Engine:
    """The native engine, for tests that hold it against the pure one."""
    return NATIVE.load()


@pytest.fixture(scope="session")
def pure() -> Engine:
    """The pure engine."""
    return PURE.load()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with captures and messages of others."""
    folder = os.environ.get("SIPFAST_SHARED")
    if not folder:
        pytest.skip("SIPFAST_SHARED is not set")
    return Path(folder)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--no-native", action="store_true", help="leave out what runs on the native engine"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--no-native"):
        left_out = [item for item in items if _takes_native(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _takes_native(item: pytest.Item) -> bool:
    call: Any = getattr(item, "callspec", None)
    chosen = call.params.get("engine") if call else None
    return chosen == NATIVE or "native" in getattr(item, "fixturenames", ())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name every test that was skipped, under its reason."""
    names: dict[str, list[str]] = {}
    for report in terminalreporter.stats.get("skipped", ()):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        names.setdefault(reason.removeprefix("Skipped: "), []).append(report.nodeid)
    for reason, skipped in names.items():
        terminalreporter.section(f"not run: {reason}")
        for name in sorted(skipped):
            terminalreporter.line(name)
