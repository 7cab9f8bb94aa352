"""The tests on the sanitized engine, in one process with the sanitizers' runtime.

python -m fuzz.tests [ARGUMENT OF PYTEST]...
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

from fuzz.build import PACKAGE, CannotBuild, build_package, clang, python_environment
from fuzz.names import ROOT

MEASURING = ("test_linear.py", "test_memory.py")


def runtime() -> str:
    """Where clang's runtime is for a program that was not built with sanitizers, as Python."""
    name = f"libclang_rt.asan-{platform.machine()}.so"
    command = [clang(), f"-print-file-name={name}"]
    path = Path(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())
    if not path.is_file():
        raise CannotBuild(f"clang has no {name} (on Debian: apt-get install libclang-rt-dev)")
    return str(path)


def main() -> int:
    """Run pytest and return its exit code; 2 when something is missing."""
    try:
        environment = {**os.environ, **python_environment(), "LD_PRELOAD": runtime()}
        build_package()
    except CannotBuild as problem:
        print(problem, file=sys.stderr)
        return 2
    environment.pop("PYTHONHOME")  # this is no embedded interpreter: it finds its own packages
    command = [
        *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider"),
        # Not the folder of the source: its own engine would be imported.
        *("-c", str(ROOT / "pyproject.toml"), "-o", f"pythonpath={PACKAGE}"),
        *(f"--ignore={ROOT / 'tests' / name}" for name in MEASURING),
        *(str(ROOT / "tests"), *sys.argv[1:]),
    ]
    return subprocess.run(command, check=False, cwd=PACKAGE, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
