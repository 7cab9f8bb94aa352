"""Processes of a test: SIPp, Kamailio and the example proxy, on loopback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.calling.processes import Processes, program

PACKAGES = {"sipp": "sip-tester", "kamailio": "kamailio"}


def need(name: str) -> None:
    """Skip a test where a program is missing."""
    if program(name) is None:
        pytest.skip(f"{name} is not installed here (Debian: {PACKAGES[name]})")


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    """What a test starts, and what ends with it."""
    if sys.platform != "linux":
        pytest.skip("these tests read /proc")
    with Processes(tmp_path) as started:
        yield started


@pytest.fixture
def sipp(processes: Processes) -> Processes:
    """The same, where SIPp is installed."""
    need("sipp")
    return processes


@pytest.fixture
def kamailio(sipp: Processes) -> Processes:
    """The same, where Kamailio is installed too."""
    need("kamailio")
    return sipp
