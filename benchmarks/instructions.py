"""Instructions that it takes to parse a message, counted by callgrind: the same in every run.

The count depends on the machine's software but not on its load, so a change of one part in a
thousand shows.  What it cannot show is what the processor makes of the instructions; for that
there are the timings.
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
WORK = [Path(__file__).with_name(f"{name}.py") for name in ("alike", "counted", "typed", "values")]

MESSAGES = 2000
"""How many are parsed: so many that what surrounds them is less than one instruction for each."""
USES, PURE_USES = 400, 100
"""How many are used as users do, after parsing, with the native and the pure engine."""
ARRANGEMENTS, WARM = 3, 50
"""In how many arrangements of the interpreter's cache that is counted; messages that fill it."""

Counts = dict[str, float]
"""Instructions per message by row: a kernel and a corpus, as in ``"avx2 mixed"``, or a use and a
corpus, as in ``"typed mixed"`` and ``"pure defects mixed"``; ``"by hand: ..."`` is what others do.
"""

_ROW = re.compile(r"^desc: Trigger: Client Request: (\d+) (.+)$", re.MULTILINE)
_TOTAL = re.compile(r"^totals: (\d+)$", re.MULTILINE)


class CannotCountError(Exception):
    """Something is missing or fails here; the text says what."""


def build(tree: Path, folder: Path) -> Path:
    """Build the package whose `setup.py` is in `tree`; return the folder to import it from.

    Builds only what has changed since `folder` was last used.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SIPFAST_")}
    command = [sys.executable, "setup.py", "-q", "build"]
    folders = ["--build-lib", str(folder / "lib"), "--build-temp", str(folder / "temp")]
    _run([*command, *folders], cwd=tree, env={**kept, "SIPFAST_REQUIRE_NATIVE": "1"})
    return folder / "lib"


def count(package: Path, scratch: Path, corpora: Sequence[str] = CORPORA) -> Counts:
    """Count with the `sipfast` that lies in the folder `package`; `scratch` is an empty folder.

    Kernels that valgrind cannot run are left out.  Raises `CannotCountError`.
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
    """What a count depends on besides the code that is counted."""
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
    """The architecture, and the one extension that valgrind knows and kernels are chosen by."""
    cpu = Path("/proc/cpuinfo")
    features = cpu.read_text().split() if cpu.exists() else []
    return f"{platform.machine()} avx2" if "avx2" in features else platform.machine()


def _compiler() -> str:
    """The compiler that `setup.py` takes: the one that is asked for, else Python's own, else cc."""
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
        raise CannotCountError(f"there is no {name} here (on Debian: apt-get install {package})")
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
