"""The sanitized builds: the engine's modules, and the targets that libFuzzer drives.

Builds are kept, and repeated only if their sources or commands change.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from fuzz.names import ROOT, WIRE, write_headers
from fuzz.words import write_words

BUILD = Path(__file__).parent / ".build"
PACKAGE = BUILD / "lib"
"""The folder of the sanitized `sipfast`, put first on the path."""

CHANGING = BUILD / "lib-changing"
"""The same for `fuzz.changing`, where the twins also report their loads from memory."""

INCLUDE = BUILD / "include"
TWINS = ("tokenizer", "table", "text", "slices", "splice", "mac", "frame")

SANITIZE = "address,undefined"
COUNTING = [
    f"-fsanitize={SANITIZE}",
    # Like -fsanitize=fuzzer-no-link without tracing comparisons: fuzz/words.py has the words.
    "-fsanitize-coverage=inline-8bit-counters,pc-table",
]
IGNORE = ROOT / "fuzz" / "ignore.txt"
INSTRUMENT = [
    *("-g", "-fno-omit-frame-pointer", f"-fno-sanitize-recover={SANITIZE}"),
    f"-fsanitize-ignorelist={IGNORE}",
]


OPTIONS = ["-O1", *INSTRUMENT]
TEMP = BUILD / "temp"
"""The object files of `PACKAGE`."""


class CannotBuild(Exception):
    """A tool is missing or a build failed; the text has the reason."""


def clang() -> str:
    """The path of clang, which has libFuzzer and the sanitizers."""
    path = shutil.which("clang")
    if path is None:
        raise CannotBuild("fuzzing needs clang (on Debian: apt-get install clang)")
    return path


def compiler() -> str:
    """clang, through ccache if that is installed, so that another clone compiles only new code."""
    cache = shutil.which("ccache")
    return f"{cache} {clang()}" if cache else clang()


def build_package() -> Path:
    """Build `sipfast` with sanitizers and branch counters, and return the folder to import it from.

    Only changed modules are built again.
    """
    flags = [*OPTIONS, *COUNTING]
    made_of = _digest([clang(), *flags], [IGNORE])
    note = BUILD / "made" / "lib"
    if not note.exists() or note.read_text() != made_of:  # setup.py ignores it
        shutil.rmtree(TEMP, ignore_errors=True)
    _setup(PACKAGE, TEMP, flags)
    note.parent.mkdir(exist_ok=True)
    note.write_text(made_of)
    return PACKAGE


def build_changing_package() -> Path:
    """The same package, with twins that report their loads from memory."""
    build_package()
    header = ROOT / "fuzz" / "changing.h"
    flags = [*OPTIONS, *COUNTING, "-fsanitize-coverage=trace-loads", "-w", "-include", str(header)]
    made_of = _digest([clang(), *flags], [IGNORE, header])
    note = BUILD / "made" / "lib-changing"
    temp = BUILD / "temp-changing"
    if not note.exists() or note.read_text() != made_of:
        shutil.rmtree(temp, ignore_errors=True)
    # All but the twins are compiled already.
    twins = [
        str(TEMP / "build" / "mirror" / "sipfast" / "_native" / "wire" / f"{n}.o") for n in TWINS
    ]
    shutil.copytree(
        TEMP,
        temp,
        dirs_exist_ok=True,
        ignore=lambda folder, names: [n for n in names if str(Path(folder, n)) in twins],
    )
    _setup(CHANGING, temp, flags)
    note.write_text(made_of)
    return CHANGING


def build_kernels_target() -> Path:
    """Build the target over `kernels.h` and `names.h` alone."""
    includes = write_headers(INCLUDE)
    sources = [*ROOT.glob("fuzz/*.c"), *ROOT.glob("tests/core/wire/*.h"), *WIRE.glob("*.h")]
    arguments = [*includes, str(ROOT / "fuzz" / "kernels.c")]
    return _link("kernels", arguments, [*sources, *INCLUDE.glob("*.h")])


def build_engine_target() -> Path:
    """Build the program that runs a Python module; needs Python's headers and library."""
    write_words(INCLUDE)
    paths = sysconfig.get_paths()
    library = sysconfig.get_config_var("LIBDIR")
    version = sysconfig.get_config_var("LDVERSION")
    needed = f"{sysconfig.get_config_var('LIBS')} {sysconfig.get_config_var('SYSLIBS')}"
    return _link(
        "engine",
        [
            f"-I{paths['include']}",
            f"-I{paths['platinclude']}",
            f"-I{INCLUDE}",
            str(ROOT / "fuzz" / "engine.c"),
            "-rdynamic",
            f"-L{library}",
            f"-L{sysconfig.get_config_var('LIBPL')}",
            f"-Wl,-rpath,{library}",
            f"-lpython{version}",
            *shlex.split(needed),
        ],
        [ROOT / "fuzz" / "engine.c", ROOT / "fuzz" / "mutate.h", INCLUDE / "words.h"],
    )


def python_environment(package: Path = PACKAGE) -> dict[str, str]:
    """The environment in which a process imports the sanitized `sipfast` and no other.

    Python's own allocator is disabled, so that the sanitizer sees every object.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SIPFAST_")}
    here = sysconfig.get_paths()["purelib"]  # packages of this environment only
    return {
        **kept,
        "PYTHONHOME": sys.base_prefix,
        "PYTHONPATH": os.pathsep.join([str(package), str(ROOT), here]),
        "PYTHONMALLOC": "malloc",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        # Python frees few of its objects at exit.
        "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1",
        "UBSAN_OPTIONS": "print_stacktrace=1",
    }


def _setup(package: Path, temp: Path, flags: list[str]) -> None:
    """Build `sipfast` into the folder `package` with these options of clang."""
    environment = {
        **os.environ,
        "CC": compiler(),
        "CFLAGS": shlex.join(flags),
        "LDSHARED": shlex.join([clang(), "-shared", *OPTIONS, *COUNTING]),
        "SIPFAST_DEBUG": "1",
        "SIPFAST_REQUIRE_NATIVE": "1",
    }
    command = [sys.executable, "setup.py", "-q", "build"]
    folders = ["--build-lib", str(package), "--build-temp", str(temp)]
    _run([*command, *folders], cwd=ROOT, env=environment)


def _link(name: str, arguments: list[str], sources: list[Path]) -> Path:
    flags = ["-O2", *INSTRUMENT, f"-fsanitize=fuzzer,{SANITIZE}", "-Wall", "-Wextra", "-Werror"]
    return _build(BUILD / name, [*flags, *arguments], sources)


def _build(output: Path, arguments: list[str], sources: list[Path]) -> Path:
    """Run clang, unless the output was made from the same sources and command."""
    output.parent.mkdir(parents=True, exist_ok=True)
    made_of = _digest([clang(), *arguments], [*sources, IGNORE])
    note = BUILD / "made" / output.relative_to(BUILD).as_posix().replace("/", "-")
    if not (output.exists() and note.exists() and note.read_text() == made_of):
        _run([clang(), *arguments, "-o", str(output)])
        note.parent.mkdir(exist_ok=True)
        note.write_text(made_of)
    return output


def _digest(command: list[str], sources: list[Path]) -> str:
    """A hash of the command and the sources."""
    made_of = hashlib.sha256(shlex.join(command).encode())
    for source in sorted(sources):
        made_of.update(source.read_bytes())
    return made_of.hexdigest()


def _run(command: list[str], **options: object) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True, **options)  # type: ignore[call-overload]
    if done.returncode != 0:
        raise CannotBuild(f"{shlex.join(command[:4])} ... failed:\n{done.stderr.strip()}")
