"""The fuzzer's command, tested with the target that builds in seconds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

if shutil.which("clang") is None:
    pytest.skip("fuzzing needs clang", allow_module_level=True)

ROOT = Path(__file__).parents[2]


ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
"""Under a sanitizer, these tests must not pass its settings to the compiler."""


def test_a_target_says_what_it_did() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fuzz", "--target", "kernels", "--seconds", "2"],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**ENVIRONMENT, "PYTHONPATH": str(ROOT)},
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    last = done.stdout.splitlines()[-1].replace(",", "").split()
    assert last[0] == "kernels:"
    assert int(last[1]) > 1000  # executions
    assert int(last[9]) > 100  # branches
