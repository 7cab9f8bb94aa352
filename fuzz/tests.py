"""The tests on the sanitized engine, in one process with the sanitizers' runtime.

python -m fuzz.tests [--memory] [ARGUMENT OF PYTEST]...

Files among the arguments replace the default of all tests; `--memory` means the tests that concern
memory most.  A run that a sanitizer ends early fails, with the test's name and the report.
"""

from __future__ import annotations

import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from fuzz.build import PACKAGE, CannotBuild, build_package, clang, python_environment
from fuzz.names import ROOT
from fuzz.watch import watch

TESTS = ROOT / "tests"
MEASURING = ("core/test_linear.py", "core/test_memory.py")
LEAKING = "tests/columns/test_arrow_memory.py::test_nothing_leaks"
"""It measures the memory of the process, in which a sanitizer keeps what was freed."""
MEMORY = (
    "capture/test_walk.py",
    "cli/test_counting.py",
    "columns/test_arrow.py",
    "columns/test_arrow_memory.py",
    "columns/test_conditions.py",
    "core/message/test_headers.py",
    "core/message/test_message.py",
    "core/message/test_properties.py",
    "core/test_agreement.py",
    "core/test_attributes.py",
    "core/test_fuzz_found.py",
    "core/test_page_edge.py",
    "core/test_parameters.py",
    "core/test_replacing.py",
    "core/test_lists.py",
    "core/test_shapes.py",
    "core/test_value.py",
    "core/values/test_uri.py",
    "core/wire/test_counting.py",
    "core/wire/test_repeats.py",
    "core/wire/test_text.py",
    "core/wire/test_tokenizer.py",
)
"""The tests of `--memory`, which take some minutes."""


def runtime() -> str:
    """The path of clang's runtime for a program built without sanitizers, such as Python."""
    name = f"libclang_rt.asan-{platform.machine()}.so"
    command = [clang(), f"-print-file-name={name}"]
    path = Path(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())
    if not path.is_file():
        raise CannotBuild(f"clang has no {name} (on Debian: apt-get install libclang-rt-dev)")
    return str(path)


def chosen(arguments: Sequence[str]) -> list[str]:
    """The arguments with absolute paths, and with all tests if they name none."""
    found, options = [], []
    for argument in arguments:
        path, mark, test = argument.partition("::")
        if argument == "--memory":
            found += [str(TESTS / name) for name in MEMORY]
        elif not argument.startswith("-") and Path(path).exists():
            found.append(f"{Path(path).resolve()}{mark}{test}")
        else:
            options.append(argument)
    return [*options, *(found or [str(TESTS)])]


def main() -> int:
    """Run pytest and return its exit code; 2 if a tool is missing."""
    try:
        environment = {**os.environ, **python_environment(), "LD_PRELOAD": runtime()}
        build_package()
    except CannotBuild as problem:
        print(problem, file=sys.stderr)
        return 2
    environment.pop("PYTHONHOME")  # this interpreter finds its own packages
    arguments = [
        *("-p", "no:cacheprovider"),
        # The source folder would import its own engine.
        *(
            "-c",
            str(ROOT / "pyproject.toml"),
            "-o",
            f"pythonpath={shlex.join(map(str, (PACKAGE, TESTS)))}",
        ),
        *(f"--ignore={TESTS / name}" for name in MEASURING),
        f"--deselect={LEAKING}",
        *chosen(sys.argv[1:]),
    ]
    return watch(arguments, PACKAGE, environment)


if __name__ == "__main__":
    sys.exit(main())
