"""The sanitized builds: the engine's modules, and the two targets that libFuzzer drives."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from fuzz.names import ROOT, write_headers

BUILD = Path(__file__).parent / ".build"
PACKAGE = BUILD / "lib"
"""Where the sanitized `sipfast` is: first on the path, it is the one that is imported."""

SANITIZE = "address,undefined"
INSTRUMENT = ["-g", "-fno-omit-frame-pointer", f"-fno-sanitize-recover={SANITIZE}"]


class CannotBuild(Exception):
    """Something is missing here; the text says what."""


def clang() -> str:
    """Where clang is, which has libFuzzer and the sanitizers."""
    path = shutil.which("clang")
    if path is None:
        raise CannotBuild("fuzzing needs clang (on Debian: apt-get install clang)")
    return path


def build_package() -> Path:
    """Build `sipfast` with sanitizers and branch counters, and return the folder to import it from.

    What has not changed is not built again.
    """
    flags = ["-O1", *INSTRUMENT, f"-fsanitize=fuzzer-no-link,{SANITIZE}"]
    environment = {
        **os.environ,
        "CC": clang(),
        "CFLAGS": shlex.join(flags),
        "LDSHARED": shlex.join([clang(), "-shared", *flags]),
        "SIPFAST_DEBUG": "1",
        "SIPFAST_REQUIRE_NATIVE": "1",
    }
    command = [sys.executable, "setup.py", "-q", "build"]
    folders = ["--build-lib", str(PACKAGE), "--build-temp", str(BUILD / "temp")]
    _run([*command, *folders], cwd=ROOT, env=environment)
    return PACKAGE


def build_kernels_target() -> Path:
    """Build the target over `kernels.h` and `names.h` alone."""
    includes = write_headers(BUILD / "include")
    return _link("kernels", [*includes, str(ROOT / "fuzz" / "kernels.c")])


def build_engine_target() -> Path:
    """Build the target that runs `fuzz.engine`: needs Python's headers and library."""
    paths = sysconfig.get_paths()
    library = sysconfig.get_config_var("LIBDIR")
    version = sysconfig.get_config_var("LDVERSION")
    needed = f"{sysconfig.get_config_var('LIBS')} {sysconfig.get_config_var('SYSLIBS')}"
    return _link(
        "engine",
        [
            f"-I{paths['include']}",
            f"-I{paths['platinclude']}",
            str(ROOT / "fuzz" / "engine.c"),
            "-rdynamic",
            f"-L{library}",
            f"-L{sysconfig.get_config_var('LIBPL')}",
            f"-Wl,-rpath,{library}",
            f"-lpython{version}",
            *shlex.split(needed),
        ],
    )


def python_environment() -> dict[str, str]:
    """The environment in which a process imports the sanitized `sipfast` and no other.

    Python's own allocator goes, so that the sanitizer sees every object.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SIPFAST_")}
    return {
        **kept,
        "PYTHONHOME": sys.base_prefix,
        "PYTHONPATH": os.pathsep.join([str(PACKAGE), str(ROOT)]),
        "PYTHONMALLOC": "malloc",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        # Python frees little of what it made when it ends.
        "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1",
        "UBSAN_OPTIONS": "print_stacktrace=1",
    }


def _link(name: str, arguments: list[str]) -> Path:
    BUILD.mkdir(parents=True, exist_ok=True)
    output = BUILD / name
    flags = ["-O2", *INSTRUMENT, f"-fsanitize=fuzzer,{SANITIZE}", "-Wall", "-Wextra", "-Werror"]
    _run([clang(), *flags, *arguments, "-o", str(output)])
    return output


def _run(command: list[str], **options: object) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True, **options)  # type: ignore[call-overload]
    if done.returncode != 0:
        raise CannotBuild(f"{shlex.join(command[:4])} ... failed:\n{done.stderr.strip()}")
