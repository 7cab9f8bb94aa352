"""What takes its engine from the process runs on the pure one, too."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import sipfast

ROOT = Path(__file__).parents[2]
FOLDERS = (
    *("tests/calls", "tests/ladder", "tests/live", "tests/spark/test_plan.py"),
    *(f"tests/capture/test_{name}.py" for name in ("continued", "find", "once")),
)
LEFT_OUT = ("week", "growth", "cost", "browser", "less_time", "pure_engine", "calls_of_a_capture")
"""What takes long, or holds the engines against each other."""


@pytest.mark.parametrize("folder", FOLDERS)
def test_on_the_pure_engine(folder: str) -> None:
    if sipfast.engine == "pure":
        pytest.skip("this is the pure engine")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"),
            *("--no-native", "-k", f"not ({' or '.join(LEFT_OUT)})", folder),
        ],
        cwd=ROOT,
        env=os.environ | {"SIPFAST_PURE": "1", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, done.stdout
