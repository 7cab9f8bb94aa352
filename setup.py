"""The build: the Python tables become C, Cython makes the engine; without a compiler, the fallback.

A build that fails warns and still installs the pure engine.  ``SIPFAST_REQUIRE_NATIVE=1`` makes it
an error; ``SIPFAST_PURE=1`` does not try.  All else about the package stands in pyproject.toml.
"""

from __future__ import annotations

import os
import runpy
import shutil
import sys
import sysconfig
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.errors import PlatformError

NATIVE = Path("sipfast", "_native")
PURE = Path("sipfast", "_pure")
TWINS = ("tokenizer", "splitters")
ONE_TEXT = sorted(
    path.stem
    for path in NATIVE.glob("*.pxd")
    if path.stem not in (*TWINS, "__init__") and (PURE / f"{path.stem}.py").exists()
)

GENERATED = Path("build", "generated")
TABLES = GENERATED / "tables.h"

DIRECTIVES = {
    "language_level": 3,
    "annotation_typing": False,
    "auto_pickle": False,  # classes that pickle say how; what is made up for the others is not safe
    "wraparound": False,
    "cdivision": True,
    "initializedcheck": False,
    # A bound function of Cython's takes any object for `self`, unchecked.  One of C has its type
    # checked by Python; what it takes is then said in its doc, where `inspect` finds it.
    "binding": False,
    "embedsignature": True,
    "embedsignature.format": "clinic",
}
OPTIMIZE = ["-O3", "-Wno-unused-function"]
# GCC clears an object with an instruction that takes longer to begin than all the rest of it takes.
TWINS_ONLY = ["-fno-builtin-memset"]
# GCC's vectorizer of straight-line code turns the tokenizer's few stores into many shuffles.
TOKENIZER_ONLY = ["-fno-tree-slp-vectorize"]

NOT_BUILT = f"""\
{"=" * 88}
sipfast: the native engine was NOT BUILT; the pure engine runs instead, many times slower.
    because  {{reason}}
    to mend  apt-get install gcc libc6-dev python3-dev   (on Debian), then build again
{"=" * 88}"""


def flag(name: str) -> bool:
    return os.environ.get(name, "") not in ("", "0")


def extensions() -> list[Extension]:
    """The twins of `_pure`, and its other modules compiled under `_native` with their `.pxd`."""
    sources = {name: NATIVE / f"{name}.pyx" for name in TWINS}
    sources |= {name: PURE / f"{name}.py" for name in ONE_TEXT}
    depends = [*NATIVE.glob("*.pxd"), *NATIVE.glob("*.h"), TABLES]
    return [
        Extension(
            f"sipfast._native.{name}",
            [str(source)],
            include_dirs=[str(GENERATED), str(NATIVE)],
            depends=sorted(map(str, depends)),
        )
        for name, source in sources.items()
    ]


def options(name: str) -> list[str]:
    """How a module is compiled."""
    return [
        *OPTIMIZE,
        *(TWINS_ONLY if name in TWINS else []),
        *(TOKENIZER_ONLY if name == "tokenizer" else []),
    ]


def module_of(extension: Extension) -> str:
    return str(extension.name).rpartition(".")[2]


class BuildEngine(build_ext):
    """Builds all modules of the engine or none: a part of it would be of no use."""

    def finalize_options(self) -> None:
        super().finalize_options()
        self.parallel = self.parallel or True  # as many at once as there are cores

    def run(self) -> None:
        inplace = self.inplace
        take_any_compiler()
        try:
            super().run()
        except Exception as error:
            if flag("SIPFAST_REQUIRE_NATIVE"):
                raise
            self.remove_built(inplace)
            self.extensions = []
            print(NOT_BUILT.format(reason=in_short(error)), file=sys.stderr, flush=True)

    def build_extensions(self) -> None:
        self.check_tools()
        write_tables()
        self.write_c()
        if self.compiler.compiler_type != "msvc":
            for extension in self.extensions:
                extension.extra_compile_args = options(module_of(extension))
        super().build_extensions()

    def check_tools(self) -> None:
        """Raise PlatformError where it is plain that nothing can be compiled."""
        command = getattr(self.compiler, "compiler_so", None)  # compilers of Unix have it
        if command and not shutil.which(command[0]):
            raise PlatformError(f"there is no C compiler: {command[0]} is not installed")
        if not Path(sysconfig.get_path("include"), "Python.h").exists():
            raise PlatformError("Python's own headers are not installed: there is no Python.h")

    def write_c(self) -> None:
        """Run Cython, below build/."""
        from Cython.Build import cythonize

        folder = Path("build", "cython")
        changed = declarations_changed(folder)
        for extension in self.extensions:
            # What a user calls may be given None, and any index; the loops of the twins are not.
            checked = module_of(extension) not in TWINS
            (made,) = cythonize(
                [extension],
                build_dir=str(folder),
                compiler_directives={**DIRECTIVES, "nonecheck": checked, "boundscheck": checked},
                force=changed,
                quiet=self.verbose < 1,
            )
            extension.sources = made.sources

    def remove_built(self, inplace: bool) -> None:
        """Remove what was built, now or before: it would pass for the engine of this source."""
        for self.inplace in (False, inplace):  # setuptools builds aside and then copies
            for extension in self.extensions:
                Path(self.get_ext_fullpath(extension.name)).unlink(missing_ok=True)


def in_short(error: Exception) -> str:
    """What an error says, on one line: both ends of it, for a compiler's command line is long."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 160 else f"{text[:80]} ... {text[-75:]}"


def take_any_compiler() -> None:
    """Compile with `cc` where the compiler that Python was built with is not installed."""
    usual = (sysconfig.get_config_var("CC") or "").split()
    if usual and not shutil.which(usual[0]) and shutil.which("cc"):
        os.environ.setdefault("CC", "cc")


def write_tables() -> None:
    """Write the header fields, methods and faults of the Python tables as C."""
    GENERATED.mkdir(parents=True, exist_ok=True)
    runpy.run_path(str(NATIVE / "make_tables.py"))["main"](TABLES)


def declarations_changed(folder: Path) -> bool:
    """Whether a .pxd or this file is newer than generated C: Cython does not always see it."""
    written = [path.stat().st_mtime for path in folder.rglob("*.c")]
    declared = [path.stat().st_mtime for path in (Path(__file__), *NATIVE.glob("*.pxd"))]
    return max(declared) > min(written, default=0.0)


setup(
    ext_modules=[] if flag("SIPFAST_PURE") else extensions(),
    cmdclass={"build_ext": BuildEngine},
)
