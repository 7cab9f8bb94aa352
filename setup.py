"""The build: the Python tables become C, Cython makes the engine; without a compiler, the fallback.

A build that fails warns and still installs the pure engine.  ``SIPFAST_REQUIRE_NATIVE=1`` makes it
an error; ``SIPFAST_PURE=1`` does not try; ``SIPFAST_DEBUG=1`` keeps what debuggers and profilers
read.  All else about the package stands in pyproject.toml.
"""

from __future__ import annotations

import ast
import os
import re
import runpy
import shutil
import sys
import sysconfig
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py
from setuptools.errors import PlatformError

CORE = Path("sipfast", "_core")
"""The one text of both engines: interpreted as it stands, and compiled as `sipfast._native`."""
TWINS = ("wire.tokenizer", "wire.table", "wire.lines", "wire.text", "wire.slices")
TABLES_MAKER = CORE / "wire" / "make_tables.py"
NOT_COMPILED = (TABLES_MAKER, CORE / "wire" / "patterns.py")
"""What the native engine has no module of."""
SHARED = "_shared"
"""What all modules need of Cython's own functions and classes, compiled once."""

# The text again, below the name that it is compiled under: so relative imports and cimports reach
# what is compiled, and a declaration lies beside its module, where Cython looks for it.
MIRROR = Path("build", "mirror")
NATIVE = MIRROR / "sipfast" / "_native"
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
OPTIMIZE = ["-O2", "-Wno-unused-function"]
# What is read of every message is worth the larger code; the rest is not.
HOT = re.compile(r"wire|shapes|value|lists|message|parameters|items|limits")
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
    return os.environ.get(name, "").strip().lower() not in ("", "0", "false", "no", "off")


def modules() -> dict[str, Path]:
    """Every module of the one text, by its name in the engine, and where it lies below `CORE`."""
    found = {}
    for path in sorted(CORE.rglob("*.py")):
        if path not in NOT_COMPILED:
            inside = path.relative_to(CORE)
            name = ".".join(inside.with_suffix("").parts)
            found[name] = inside.with_suffix(".pyx") if name in TWINS else inside
    del found["__init__"]  # the engine's package has one of its own
    return found


def extensions() -> list[Extension]:
    """The modules of the one text, each compiled under `sipfast._native`."""
    sources = modules() | {SHARED: Path(f"{SHARED}.c")}
    return [
        Extension(
            f"sipfast._native.{name}",
            [str(NATIVE / inside)],
            include_dirs=[str(GENERATED), str(NATIVE / "wire")],
        )
        for name, inside in sources.items()
    ]


def options(name: str) -> list[str]:
    """How a module is compiled."""
    return [
        *OPTIMIZE,
        *(["-O3"] if HOT.match(name) else []),
        "-g" if flag("SIPFAST_DEBUG") else "-g0",
        *(TWINS_ONLY if name in TWINS else []),
        *(TOKENIZER_ONLY if name == "wire.tokenizer" else []),
    ]


def module_of(extension: Extension) -> str:
    return str(extension.name).removeprefix("sipfast._native.")


def mirror() -> None:
    """Bring the mirror up to date; what has not changed keeps its time, so that it is not built."""
    texts = {
        path.relative_to(CORE): path
        for kind in ("*.py", "*.pyx", "*.pxd", "*.h")
        for path in CORE.rglob(kind)
    }
    for name in TWINS:  # of which the .pyx is compiled
        del texts[Path(*name.split(".")).with_suffix(".py")]
    for path in NOT_COMPILED:
        del texts[path.relative_to(CORE)]
    for inside, path in texts.items():
        copy = NATIVE / inside
        text = path.read_text("utf-8")
        if path.suffix == ".py":
            text = with_signatures(text)
        if not copy.exists() or copy.read_text("utf-8") != text:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(text, "utf-8")
    for copy in NATIVE.rglob("*.p*"):
        if copy.relative_to(NATIVE) not in texts:
            copy.unlink()
    known = {inside.with_suffix(".c") for inside in (*modules().values(), Path(f"{SHARED}.c"))}
    for copy in NATIVE.rglob("*.c"):
        # That of a module that was removed stays older than this file, which has all built again.
        if copy.relative_to(NATIVE) not in known:
            copy.unlink()
    (MIRROR / "sipfast" / "__init__.py").touch()


def with_signatures(text: str) -> str:
    """A module's text where the doc of each class begins with the signature of its constructor.

    That is where Python finds the signature of a class that is compiled.  No line moves.
    """
    lines = text.split("\n")
    for cls in ast.parse(text).body:
        made = [one for one in getattr(cls, "body", ()) if getattr(one, "name", "") == "__init__"]
        if not (isinstance(cls, ast.ClassDef) and made and ast.get_docstring(cls)):
            continue
        assert isinstance(made[0], ast.FunctionDef)
        takes = made[0].args
        del takes.args[0]
        for argument in (*takes.args, *takes.kwonlyargs, takes.vararg, takes.kwarg):
            if argument is not None:
                argument.annotation = None
        at = cls.body[0].lineno - 1
        head = f'"""{cls.name}({ast.unparse(takes)})\\n--\\n\\n'
        lines[at] = lines[at].replace('"""', head, 1)
    return "\n".join(lines)


class BuildPython(build_py):
    """Leaves the scripts of the build out of what is installed."""

    def find_package_modules(self, package: str, package_dir: str) -> list[tuple[str, str, str]]:
        found = super().find_package_modules(package, package_dir)  # type: ignore[no-untyped-call]
        return [module for module in found if Path(module[2]) != TABLES_MAKER]


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
        mirror()
        self.remove_strangers()
        self.write_c()
        if self.compiler.compiler_type != "msvc":
            for extension in self.extensions:
                extension.extra_compile_args = options(module_of(extension))
                if sys.platform == "linux" and not flag("SIPFAST_DEBUG"):
                    # No names of what nobody links to, and no page for the code alone.
                    extension.extra_link_args = ["-s", "-Wl,-z,noseparate-code"]
        super().build_extensions()

    def check_tools(self) -> None:
        """Raise PlatformError where it is plain that nothing can be compiled."""
        if sysconfig.get_config_var("Py_GIL_DISABLED"):
            raise PlatformError("it needs a Python with the GIL (docs/building.md)")
        command = getattr(self.compiler, "compiler_so", None)  # compilers of Unix have it
        if command and not shutil.which(command[0]):
            raise PlatformError(f"there is no C compiler: {command[0]} is not installed")
        if not Path(sysconfig.get_path("include"), "Python.h").exists():
            raise PlatformError("Python's own headers are not installed: there is no Python.h")

    def write_c(self) -> None:
        """Run Cython on what changed, or on what a declaration that changed is used by."""
        from Cython.Build import cythonize

        for twin in (False, True):
            made = cythonize(
                [one for one in self.extensions if (module_of(one) in TWINS) is twin],
                # What a user calls may be given None and any index; the loops of the twins are not.
                compiler_directives={**DIRECTIVES, "nonecheck": not twin, "boundscheck": not twin},
                include_path=[str(MIRROR)],
                shared_utility_qualified_name=f"sipfast._native.{SHARED}",
                force=older_than_this_file(),
                nthreads=os.cpu_count() or 1,
                quiet=self.verbose < 1,
            )
            for extension in made:
                self.ext_map[extension.name].sources = extension.sources

    def copy_extensions_to_source(self) -> None:
        for extension in self.extensions:  # the rooms are folders only once they are built
            Path(*extension.name.split(".")).parent.mkdir(parents=True, exist_ok=True)
        super().copy_extensions_to_source()

    def remove_strangers(self) -> None:
        """Remove the modules, built before, of a text that is no longer there."""
        suffix = sysconfig.get_config_var("EXT_SUFFIX")
        known = {Path(*one.name.split(".")[2:]).as_posix() for one in self.extensions}
        for root in (Path("sipfast", "_native"), Path(self.build_lib, "sipfast", "_native")):
            for built in root.rglob(f"*{suffix}"):
                if built.relative_to(root).as_posix().removesuffix(suffix) not in known:
                    built.unlink()

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
    runpy.run_path(str(TABLES_MAKER))["main"](TABLES)


def older_than_this_file() -> bool:
    """Whether C was written before this file said how."""
    written = [path.stat().st_mtime for path in NATIVE.rglob("*.c")]
    return Path(__file__).stat().st_mtime > min(written, default=0.0)


setup(
    ext_modules=[] if flag("SIPFAST_PURE") else extensions(),
    cmdclass={"build_ext": BuildEngine, "build_py": BuildPython},
)
