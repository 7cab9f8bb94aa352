"""The costs of installation: size, build time and import time.

`python -m benchmarks.house` builds a wheel of the committed files in a folder of its own, without a
compiler cache, imports the package from it, and writes a table into RESULTS.md. All times are CPU
time of the processes, user and system.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.bar import Bar
from benchmarks.instructions import ROOT
from benchmarks.report import Sheet, machine, write_results

RESULTS = Path(__file__).with_name("RESULTS.md")
IMPORTS = 21
"""The number of processes that import each engine, in turns."""
MB = 1e6

IMPORT = """
import time
begin = time.process_time_ns()
import sipfast
print((time.process_time_ns() - begin) / 1e6, sipfast.engine)
"""


def built(folder: Path) -> tuple[Path, float]:
    """Build a wheel; return its path, and the CPU seconds of the build."""
    tree, wheels = folder / "tree", folder / "wheels"
    tree.mkdir()
    archive = folder / "tree.tar"
    run(["git", "-C", str(ROOT), "archive", "--format=tar", f"--output={archive}", "HEAD"])
    run(["tar", "-xf", str(archive), "-C", str(tree)])
    before = children()
    run(
        [sys.executable, "setup.py", "-q", "bdist_wheel", "-d", str(wheels)],
        cwd=tree,
        SIPFAST_REQUIRE_NATIVE="1",
        CCACHE_DISABLE="1",
    )
    (wheel,) = wheels.glob("*.whl")
    return wheel, children() - before


def children() -> float:
    """Return the CPU seconds of all finished child processes."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def import_ms(package: Path) -> dict[str, float]:
    """Return the CPU milliseconds of `import sipfast` by engine: the median of many processes."""
    variables = {"native": "", "pure": "1"}
    taken: dict[str, list[float]] = {engine: [] for engine in variables}
    for turn in range(IMPORTS + 1):
        for engine, pure in variables.items():
            said = run(
                [sys.executable, "-c", IMPORT],
                cwd=package.parent,
                PYTHONPATH=str(package),
                SIPFAST_PURE=pure,
            ).split()
            if said[1] != engine:
                raise SystemExit(f"the engine is {said[1]}, not {engine}")
            if turn:  # the first one writes Python's bytecode
                taken[engine].append(float(said[0]))
    return {engine: statistics.median(ms) for engine, ms in taken.items()}


def run(command: Sequence[str], cwd: Path = ROOT, **variables: str) -> str:
    """Run a command, which must succeed, and return its output."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SIPFAST_")}
    environment: Mapping[str, str] = {**kept, **variables}
    done = subprocess.run(
        command, cwd=cwd, env=environment, check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command[:4])} failed:\n{done.stderr}")
    return done.stdout


def measure(folder: Path) -> tuple[list[Bar], float]:
    """Build, unpack and import; return the bars, and the import time of the pure engine."""
    wheel, build_seconds = built(folder)
    package = folder / "package"
    with zipfile.ZipFile(wheel) as file:
        file.extractall(package)
    modules = [path.stat().st_size for path in package.rglob("*.so")]
    whole = [path.stat().st_size for path in package.rglob("*") if path.is_file()]
    imports = import_ms(package)
    return [
        Bar("built modules", 5, sum(modules) / MB, unit="MB"),
        Bar("wheel", 2.5, wheel.stat().st_size / MB, unit="MB", note=f"{sum(whole) / MB:.1f} MB"),
        Bar("build, from nothing", 100, build_seconds, unit="s of CPU"),
        Bar("import sipfast, native", 30, imports["native"], unit="ms of CPU"),
    ], imports["pure"]


def sheet(bars: Sequence[Bar], pure_import: float) -> Sheet:
    """Return the table of the results."""
    rows = [[bar.promise, bar.figure, bar.limit, bar.verdict, bar.note] for bar in bars]
    rows.append(["import sipfast, pure", f"{pure_import:.0f} ms of CPU", "-", "", ""])
    return Sheet("The house", ["", "measured", "wanted", "", "unpacked"], rows)


def main() -> None:
    """Measure, print, and write the table into RESULTS.md."""
    with tempfile.TemporaryDirectory(prefix="sipfast-house-") as name:
        found = sheet(*measure(Path(name)))
    found.print(Console(width=None if sys.stdout.isatty() else 120))
    body = f"`python -m benchmarks.house`, on {machine()}\n\n{found.markdown()}"
    write_results(RESULTS, body, "house")


if __name__ == "__main__":
    main()
