"""The build: it writes the Python tables as C, and compiles the native engine with Cython.

If that fails, the build warns and installs the pure engine.  ``SIPFAST_REQUIRE_NATIVE=1`` makes the
failure an error; ``SIPFAST_PURE=1`` skips the compilation; ``SIPFAST_DEBUG=1`` keeps symbols for
debuggers and profilers.  pyproject.toml has everything else about the package.
"""

from __future__ import annotations

import ast
import os
import re
import runpy
import shutil
import sys
import sysconfig
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py
from setuptools.errors import LinkError, PlatformError

CORE = Path("sipfast", "_core")
"""The source of both engines: interpreted directly, and compiled as `sipfast._native`."""
TWINS = (
    *("wire.tokenizer", "wire.table", "wire.lines", "wire.text", "wire.slices"),
    *("wire.splice", "wire.mac", "wire.frame", "wire.arrow", "wire.packets", "wire.columns"),
    *("wire.repeats", "wire.counting", "wire.runs"),
    *(("wire.maps",) if sys.platform != "win32" else ()),
    *(("wire.datagrams",) if sys.platform == "linux" else ()),
)
CHECKED_FIRST = ("message.forward",)
"""Modules that refuse None where callers give it, and so have no check wherever it is used."""
TABLES_MAKER = CORE / "wire" / "make_tables.py"
MARKS = CORE / "defects" / "marks.py"
"""Numbers that are constants of C in the native engine, and no module."""
INTERPRETED = {
    "message",  # the package itself: its __init__.py
    "message.dialog",
    "message.fresh",
    "message.received",
    "message.retry",
    "message.transaction",
    "sdp",
    "sdp.writing",
    "values",
    "wire",
    "wire.conditions",
    *(() if sys.platform == "linux" else ("wire.datagrams",)),  # its twin is of calls of Linux
    *(("wire.maps",) if sys.platform == "win32" else ()),  # its twin is of signals
}
"""Modules that seldom run: both engines interpret them (`sipfast/_native/__init__.py`)."""
NOT_COMPILED = (TABLES_MAKER, CORE / "wire" / "patterns.py", MARKS)
"""Modules without a native form."""
IMPORT_OF_MARKS = re.compile(r"^from \.marks import \(.*?^\)\n", re.MULTILINE | re.DOTALL)
SHARED = "_shared"
"""The module of Cython's utility code, compiled once for all modules."""

# A copy of the source under the name of the compiled package, so that relative imports and cimports
# resolve to compiled modules, and each .pxd is next to its module, where Cython looks for it.
MIRROR = Path("build", "mirror")
NATIVE = MIRROR / "sipfast" / "_native"
GENERATED = Path("build", "generated")
TABLES = GENERATED / "tables.h"

PACKAGE = Path("sipfast", "_native")
HOLDER = PACKAGE / "_modules.c"
ENGINE = Extension(f"sipfast._native.{HOLDER.stem}", [str(HOLDER)])
"""All compiled modules: one file for each would be a third larger, and slower to import."""
ROWS = GENERATED / "modules.h"
"""The list of these modules, for `HOLDER`."""

DIRECTIVES = {
    "language_level": 3,
    "annotation_typing": False,
    "auto_pickle": False,  # classes define their pickling; generated pickling is unsafe
    "wraparound": False,
    "cdivision": True,
    "initializedcheck": False,
    # Python checks the type of `self` for C methods, but not for Cython's bound functions.
    # `inspect` finds the signature of a C method in its doc.
    "binding": False,
    "embedsignature": True,
    "embedsignature.format": "clinic",
}
# No C++ exception passes through, and debuggers have their own tables (SIPFAST_DEBUG).  The
# functions of Python are called without stubs; Python calls no function of a module by its name.
OPTIMIZE = [
    *("-Wno-unused-function", "-fno-asynchronous-unwind-tables", "-fno-plt"),
    *("-fvisibility=hidden", "-Wno-ignored-optimization-argument"),  # clang ignores some of GCC's
    *(["-ffunction-sections"] if sys.platform == "linux" else []),  # for `FOLDED`
]
# Modules have copies of the same functions of Cython: gold keeps one of each, which makes the wheel
# smaller.  It folds only functions whose address is not taken.  Other linkers keep all of them.
FOLDED = ["-fuse-ld=gold", "-Wl,--icf=safe", "-Wl,--gc-sections"]
# No page of padding between code and data, which gold does not make.
NOT_FOLDED = ["-Wl,-z,noseparate-code"]
# Modules in which every message is read, for which faster but larger code pays off.
HOT = re.compile(r"wire\.(tokenizer|table)")
# Modules for what is usual.  All others are for what is odd, rare or built: smaller code pays off.
USUAL = re.compile(
    r"_shared|wire(?!\.(counting|datagrams|maps|runs))|shapes|value$|lists|items"
    r"|message\.(fields|forward|headers|parsing)|values\.(address|sequence|tokens|via)"
)
# Instructions in the order of the source repeat each other more often, and so pack better.  Bound
# methods are called by Python, and not taken apart at each call.
SMALL = ["-Os", "-fno-schedule-insns2", "-DCYTHON_UNPACK_METHODS=0"]
# GCC clears objects with `rep stos`, whose startup takes longer than clearing small objects.
TWINS_ONLY = ["-fno-builtin-memset"]
# GCC's SLP vectorizer turns the tokenizer's few stores into many shuffles.
TOKENIZER_ONLY = ["-fno-tree-slp-vectorize"]

# Public functions must check for None and indices; the twins' loops need no checks.
ALL_CHECKS = {"nonecheck": True, "boundscheck": True}
OF_INDICES = {"nonecheck": False, "boundscheck": True}
NO_CHECKS = {"nonecheck": False, "boundscheck": False}

NOT_BUILT = f"""\
{"=" * 88}
sipfast: the native engine was NOT BUILT; the pure engine runs instead, many times slower.
    reason:  {{reason}}
    remedy:  apt-get install gcc libc6-dev python3-dev   (on Debian), then build again
{"=" * 88}"""


def flag(name: str) -> bool:
    return os.environ.get(name, "").strip().lower() not in ("", "0", "false", "no", "off")


def modules() -> dict[str, Path]:
    """Every module below `CORE`: its name in the engine, and its path."""
    found = {}
    for path in sorted(CORE.rglob("*.py")):
        if path not in NOT_COMPILED:
            inside = path.relative_to(CORE)
            name = ".".join(inside.with_suffix("").parts).removesuffix(".__init__")
            found[name] = inside.with_suffix(".pyx") if name in TWINS else inside
    del found["__init__"]  # the native package has its own
    return {name: path for name, path in found.items() if name not in INTERPRETED}


def extensions() -> list[Extension]:
    """The modules of `sipfast._native`, as Cython compiles them."""
    sources = modules() | {SHARED: Path(f"{SHARED}.c")}
    return [
        Extension(f"sipfast._native.{name}", [str(NATIVE / inside)])
        for name, inside in sources.items()
    ]


def options(name: str) -> list[str]:
    """The compiler options of a module."""
    return [
        *OPTIMIZE,
        *(["-O3"] if HOT.match(name) else ["-O2"] if USUAL.match(name) else SMALL),
        "-g" if flag("SIPFAST_DEBUG") else "-g0",
        *(TWINS_ONLY if name in TWINS else []),
        *(TOKENIZER_ONLY if name == "wire.tokenizer" else []),
    ]


def checks_of(name: str) -> dict[str, bool]:
    """What the C of a module checks."""
    return NO_CHECKS if name in TWINS else OF_INDICES if name in CHECKED_FIRST else ALL_CHECKS


def module_of(extension: Extension) -> str:
    return str(extension.name).removeprefix("sipfast._native.")


def init_of(name: str) -> str:
    """The function that initializes a module, by a name that no other module has."""
    return f"PyInit_{name.replace('.', '_')}"


def macros(name: str) -> list[tuple[str, str | None]]:
    """The macros by which the C of a module is compiled as part of the extension."""
    last = name.rpartition(".")[2]
    return [
        ("CYTHON_NO_PYINIT_EXPORT", None),
        (f"PyInit_{last}", init_of(name)),
        ("PyInit___init__", f"{init_of(name)}___init__"),  # packages have this one too
        # Cython would compress the strings of each module by itself: the wheel packs all of them
        # together, and better, and the import has nothing to unpack.
        ("CYTHON_COMPRESS_STRINGS", "0"),
    ]


def mirror() -> None:
    """Update the mirror; unchanged files keep their time, and so are not rebuilt."""
    texts = {
        path.relative_to(CORE): path.read_text("utf-8")
        for kind in ("*.py", "*.pyx", "*.pxd", "*.h")
        for path in CORE.rglob(kind)
    }
    for name in TWINS:  # their .pyx is compiled instead
        del texts[Path(*name.split(".")).with_suffix(".py")]
    for path in NOT_COMPILED:
        del texts[path.relative_to(CORE)]
    texts[MARKS.relative_to(CORE).with_suffix(".pxd")] = constants_of(MARKS)
    for inside, text in texts.items():
        copy = NATIVE / inside
        if inside.suffix == ".py":
            declarations = (CORE / inside).with_suffix(".pxd")
            text = with_signatures(IMPORT_OF_MARKS.sub("", text), extension_types(declarations))
        if not copy.exists() or copy.read_text("utf-8") != text:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(text, "utf-8")
    for copy in NATIVE.rglob("*.p*"):
        if copy.relative_to(NATIVE) not in texts:
            copy.unlink()
    known = {inside.with_suffix(".c") for inside in (*modules().values(), Path(f"{SHARED}.c"))}
    for copy in NATIVE.rglob("*.c"):
        # The C of a removed module stays older than this file, and so would rebuild everything.
        if copy.relative_to(NATIVE) not in known:
            copy.unlink()
    (MIRROR / "sipfast" / "__init__.py").touch()


def constants_of(path: Path) -> str:
    """The numbers of a module, declared as constants of C."""
    numbers = {name: value for name, value in runpy.run_path(str(path)).items() if name.isupper()}
    return "cdef enum:\n" + "".join(f"    {name} = {value}\n" for name, value in numbers.items())


def extension_types(declarations: Path) -> set[str]:
    """The classes that a .pxd, if there is one, declares as extension types."""
    text = declarations.read_text("utf-8") if declarations.exists() else ""
    return set(re.findall(r"^cdef class (\w+)", text, re.MULTILINE))


def with_signatures(text: str, names: set[str]) -> str:
    """A module's text with the signature of the constructor first in the docstrings of classes.

    Python finds the signature of an extension type there.  Line numbers are unchanged.
    """
    lines = text.split("\n")
    for cls in ast.parse(text).body:
        made = [one for one in getattr(cls, "body", ()) if getattr(one, "name", "") == "__init__"]
        if not (isinstance(cls, ast.ClassDef) and made and ast.get_docstring(cls)):
            continue
        if cls.name not in names:
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


def headers_of(source: Path) -> set[Path]:
    """This project's C headers that a C file includes, directly or through others."""
    found: set[Path] = set()
    for name in set(re.findall(r'^#include [<"](\w+\.h)[">]', source.read_text("utf-8"), re.M)):
        for path in (GENERATED / name, NATIVE / "wire" / name):
            if path.exists():
                found |= {path, *headers_of(path)}
    return found


class BuildPython(build_py):
    """Excludes the build scripts from the installation."""

    def find_package_modules(self, package: str, package_dir: str) -> list[tuple[str, str, str]]:
        found = super().find_package_modules(package, package_dir)  # type: ignore[no-untyped-call]
        return [module for module in found if Path(module[2]) != TABLES_MAKER]


class BuildEngine(build_ext):
    """Builds all modules of the engine or none: an incomplete engine is useless."""

    def finalize_options(self) -> None:
        super().finalize_options()
        self.parallel = self.parallel or os.cpu_count()

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
            print(NOT_BUILT.format(reason=shortened(error)), file=sys.stderr, flush=True)

    def build_extensions(self) -> None:
        self.check_tools()
        write_tables()
        mirror()
        write_rows()
        self.remove_built(inplace=True, keep=HOLDER.stem)  # there was one file for each module
        self.modules = self.write_c()
        super().build_extensions()

    def build_extension(self, extension: Extension) -> None:
        """Compile the changed modules, and link all."""
        with ThreadPoolExecutor(self.parallel) as pool:
            objects = list(pool.map(self.compiled, [HOLDER, *self.modules]))
        path = Path(self.get_ext_fullpath(extension.name))
        if not (self.force or is_older(path, objects)):
            return
        if sys.platform != "linux" or flag("SIPFAST_DEBUG"):
            self.link(extension, objects, path, [])
            return
        if shutil.which("ld.gold"):
            try:
                self.link(extension, objects, path, ["-s", *FOLDED])
            except LinkError:  # it is of another compiler or processor
                pass
            else:
                return
        self.link(extension, objects, path, ["-s", *NOT_FOLDED])

    def link(
        self, extension: Extension, objects: Iterable[Path], path: Path, arguments: list[str]
    ) -> None:
        """Link the modules; without symbols if `arguments` say so."""
        self.compiler.link_shared_object(
            [str(made) for made in objects],
            str(path),
            libraries=self.get_libraries(extension),
            export_symbols=self.get_export_symbols(extension),  # type: ignore[no-untyped-call]
            extra_postargs=arguments,
            debug=self.debug,
            build_temp=self.build_temp,
            target_lang="c",
        )

    def compiled(self, source: Path) -> Path:
        """The object file of a C file, compiled if it has changed."""
        name = self.modules.get(source, "")
        (made,) = self.compiler.object_filenames([str(source)], output_dir=self.build_temp)
        if self.force or is_older(Path(made), [source, Path(__file__), *headers_of(source)]):
            self.compiler.compile(
                [str(source)],
                output_dir=self.build_temp,
                macros=macros(name) if name else [],
                include_dirs=[str(GENERATED), str(NATIVE / "wire")],
                debug=self.debug,
                extra_postargs=options(name) if self.compiler.compiler_type != "msvc" else [],
            )
        return Path(made)

    def check_tools(self) -> None:
        """Raise PlatformError if a requirement of the compilation is missing."""
        if sysconfig.get_config_var("Py_GIL_DISABLED"):
            raise PlatformError("it requires a Python with the GIL (docs/building.md)")
        command = getattr(self.compiler, "compiler_so", None)  # set for Unix compilers
        if command and not shutil.which(command[0]):
            raise PlatformError(f"no C compiler: {command[0]} is not installed")
        if not Path(sysconfig.get_path("include"), "Python.h").exists():
            raise PlatformError("no Python.h: the headers of Python are not installed")

    def write_c(self) -> dict[Path, str]:
        """Run Cython on the changed modules, and on the users of changed declarations.

        Return the module of each C file.
        """
        from Cython.Build import cythonize

        written = {}
        for checks in (ALL_CHECKS, OF_INDICES, NO_CHECKS):
            made = cythonize(
                [one for one in extensions() if checks_of(module_of(one)) is checks],
                compiler_directives={**DIRECTIVES, **checks},
                include_path=[str(MIRROR)],
                shared_utility_qualified_name=f"sipfast._native.{SHARED}",
                force=older_than_this_file(),
                nthreads=os.cpu_count() or 1,
                quiet=self.verbose < 1,
            )
            written.update({Path(one.sources[0]): module_of(one) for one in made})
        return dict(sorted(written.items()))

    def remove_built(self, inplace: bool, keep: str = "") -> None:
        """Remove built modules, old ones too: they would be taken for this source's engine."""
        suffix = sysconfig.get_config_var("EXT_SUFFIX")
        for root in (Path(self.build_lib, PACKAGE), *([PACKAGE] if inplace else [])):
            for built in root.rglob(f"*{suffix}"):
                if built != root / f"{keep}{suffix}":
                    built.unlink()


def shortened(error: Exception) -> str:
    """An error's text on one line, shortened in the middle: compiler commands are long."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 160 else f"{text[:80]} ... {text[-75:]}"


def take_any_compiler() -> None:
    """Compile with `cc` if the compiler that Python was built with is not installed."""
    usual = (sysconfig.get_config_var("CC") or "").split()
    if usual and not shutil.which(usual[0]) and shutil.which("cc"):
        os.environ.setdefault("CC", "cc")


def write_tables() -> None:
    """Write the header fields, methods and faults of the Python tables as C."""
    GENERATED.mkdir(parents=True, exist_ok=True)
    runpy.run_path(str(TABLES_MAKER))["main"](TABLES)


def write_rows() -> None:
    """Write the list of the modules that the extension holds."""
    rows = "".join(
        f'MODULE("sipfast._native.{name}", {path.stem == "__init__":d}, {init_of(name)})\n'
        for name, path in {**modules(), SHARED: HOLDER}.items()
    )
    if not ROWS.exists() or ROWS.read_text("utf-8") != rows:
        ROWS.write_text(rows, "utf-8")


def is_older(made: Path, sources: Iterable[Path]) -> bool:
    """Whether a file is absent, or older than what it is made from."""
    return not made.exists() or made.stat().st_mtime < max(one.stat().st_mtime for one in sources)


def older_than_this_file() -> bool:
    """Whether the generated C is older than this file."""
    written = [path.stat().st_mtime for path in NATIVE.rglob("*.c")]
    return Path(__file__).stat().st_mtime > min(written, default=0.0)


setup(
    ext_modules=[] if flag("SIPFAST_PURE") else [ENGINE],
    cmdclass={"build_ext": BuildEngine, "build_py": BuildPython},
)
