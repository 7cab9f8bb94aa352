"""The instructions of parsing a message, counted by callgrind: repeatable in every run.

The count depends on the machine's software, but not on its load, so changes of 0.1 % are visible.
It does not show how fast the processor runs the instructions: the timings do.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.corpora import CORPORA, FOLDER

ROOT = Path(__file__).resolve().parent.parent
METER = Path(__file__).with_name("callgrind.c")
WORK = [
    Path(__file__).parent / f"{name}.py"
    for name in ("alike", "counted", "scanning/ours", "typed", "values")
]

MESSAGES = 2000
"""The number of messages: enough to keep the overhead below one instruction per message."""
USES, PURE_USES = 400, 100
"""The number of messages of a typical use, with the native and the pure engine."""
SCANNED = 4000
"""The number of messages of a scan by the native engine: more, because it begins with some work."""
ARRANGEMENTS, WARM = 3, 50
"""The number of arrangements of the type cache to count; the messages that fill it."""

Counts = dict[str, float]
"""Instructions per message by row: a kernel and a corpus, as in ``"avx2 mixed"``, or a use and a
corpus, as in ``"typed mixed"`` and ``"pure defects mixed"``; ``"by hand: ..."`` is without sipfast.
"""

_ROW = re.compile(r"^desc: Trigger: Client Request: (\d+) (.+)$", re.MULTILINE)
_TOTAL = re.compile(r"^totals: (\d+)$", re.MULTILINE)


class CannotCountError(Exception):
    """Something is missing or fails; the text has the reason."""


def build(tree: Path, folder: Path) -> Path:
    """Build the package whose `setup.py` is in `tree`; return the folder to import it from.

    Builds only changed modules if `folder` was used before.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SIPFAST_")}
    command = [sys.executable, "setup.py", "-q", "build"]
    folders = ["--build-lib", str(folder / "lib"), "--build-temp", str(folder / "temp")]
    _run([*command, *folders], cwd=tree, env={**kept, "SIPFAST_REQUIRE_NATIVE": "1"})
    return folder / "lib"


def count(package: Path, scratch: Path, corpora: Sequence[str] = CORPORA) -> Counts:
    """Count with the `sipfast` in the folder `package`; `scratch` is an empty folder.

    Kernels that valgrind cannot run are skipped.  Raises `CannotCountError`.
    """
    meter = _build_meter(scratch)
    command = [
        _tool("valgrind"),
        "--tool=callgrind",
        "--instr-atstart=no",
        f"--callgrind-out-file={scratch / 'counts'}",
        sys.executable,
        *("-m", "benchmarks.counted", str(meter), str(package), *corpora),
    ]
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join([str(package), str(ROOT)]),
    }
    print(_run(command, cwd=scratch, env=environment), end="")
    counts: Counts = {}
    for row, instructions in _rows(scratch):
        counts[row] = min(instructions, counts.get(row, instructions))
    return dict(sorted(counts.items()))


def environment() -> dict[str, str]:
    """The environment that a count depends on."""
    return {
        "compiler": _run([_compiler(), "--version"]).splitlines()[0],
        "cython": _run([sys.executable, "-c", "import Cython; print(Cython.__version__)"]).strip(),
        "flags": _digest(_flags().encode()),
        "libc": " ".join(platform.libc_ver()),
        "machine": _machine(),
        "python": " ".join(sys.version.split()),
        "valgrind": _run([_tool("valgrind"), "--version"]).strip(),
        "work": _digest(*(path.read_bytes() for path in _work())),
    }


def _machine() -> str:
    """The architecture, and the one extension on which the kernel under valgrind depends."""
    cpu = Path("/proc/cpuinfo")
    features = cpu.read_text().split() if cpu.exists() else []
    return f"{platform.machine()} avx2" if "avx2" in features else platform.machine()


def _compiler() -> str:
    """The compiler of `setup.py`: the requested one, else Python's own, else cc."""
    asked = os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc"
    return shutil.which(shlex.split(asked)[0]) or _tool("cc")


def _flags() -> str:
    names = ("CFLAGS", "CCSHARED", "LDSHARED")
    told = [os.environ.get(name, "") for name in (*names, "CPPFLAGS", "LDFLAGS")]
    return "\n".join([*(str(sysconfig.get_config_var(name)) for name in names), *told])


def _work() -> list[Path]:
    return [*WORK, *(FOLDER / f"{name}.sip" for name in CORPORA)]


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def _build_meter(folder: Path) -> Path:
    built = folder / "meter.so"
    _run([_tool("cc"), "-O2", "-shared", "-fPIC", "-o", str(built), str(METER)])
    return built


def _rows(folder: Path) -> Iterator[tuple[str, float]]:
    for path in folder.glob("counts.*"):
        text = path.read_text(errors="replace")
        row, total = _ROW.search(text), _TOTAL.search(text)
        if row and total:
            yield row[2], round(int(total[1]) / int(row[1]), 1)


def _tool(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        package = {"cc": "gcc"}.get(name, name)
        raise CannotCountError(f"{name} is not installed (on Debian: apt-get install {package})")
    return path


def _run(
    command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> str:
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=cwd, env=env, timeout=900
    )
    if done.returncode != 0:
        said = "\n".join(done.stderr.strip().splitlines()[-20:])
        raise CannotCountError(f"{shlex.join(command[:4])} ... failed:\n{said}")
    return done.stdout
