"""The build: without a working compiler it warns and leaves the pure engine, or fails."""

from __future__ import annotations

import ast
import importlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest
from modules import MODULES
from setuptools import Extension

ROOT = Path(__file__).resolve().parents[2]

pytest.importorskip("Cython", reason="Cython is not installed (pip install sipfast[native])")

NO_COMPILER = {"CC": "no-such-compiler"}
COMPILER_FAILS = {"CC": "false"}


def build(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Build the package into `folder`, as a wheel would hold it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SIPFAST_")}
    command = ["build", "--build-lib", str(folder), "--build-temp", str(folder.parent / "temp")]
    return subprocess.run(
        [sys.executable, "setup.py", "-q", *command],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=kept | environment,
        timeout=300,
    )


def engine(folder: Path) -> str:
    """The engine that the package in `folder` runs on."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import sipfast; print(sipfast.engine)"],
        check=True,
        capture_output=True,
        text=True,
        cwd=folder,
        env={name: value for name, value in os.environ.items() if not name.startswith("SIPFAST_")},
    )
    return done.stdout.strip()


def compiled(folder: Path) -> list[str]:
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    return [path.name for path in folder.rglob(f"*{suffix}")]


@pytest.mark.parametrize(
    ("environment", "reason"),
    [(NO_COMPILER, "no C compiler"), (COMPILER_FAILS, "exit status|no Python.h")],
    ids=["no compiler", "compiler fails"],
)
def test_without_a_compiler_it_warns_and_leaves_the_pure_engine(
    environment: dict[str, str], reason: str, tmp_path: Path
) -> None:
    folder = tmp_path / "lib"
    stale = folder / "sipfast" / "_native" / f"limits{sysconfig.get_config_var('EXT_SUFFIX')}"
    stale.parent.mkdir(parents=True)
    stale.write_bytes(b"of an earlier build")
    done = build(folder, **environment)
    assert done.returncode == 0, done.stderr
    warning = done.stderr.partition("=\n")[2].partition("\n=")[0].splitlines()
    assert "NOT BUILT" in warning[0]
    assert re.search(reason, warning[1])
    assert "apt-get install gcc" in warning[2]
    assert not compiled(folder)
    assert engine(folder) == "pure"


def test_without_a_compiler_it_fails_where_the_native_engine_is_required(tmp_path: Path) -> None:
    done = build(tmp_path / "lib", SIPFAST_REQUIRE_NATIVE="1", **NO_COMPILER)
    assert done.returncode != 0
    assert "no C compiler" in done.stderr


def test_asked_for_the_pure_engine_it_does_not_try(tmp_path: Path) -> None:
    done = build(tmp_path / "lib", SIPFAST_PURE="1", **NO_COMPILER)
    assert done.returncode == 0, done.stderr
    assert "NOT BUILT" not in done.stderr
    assert engine(tmp_path / "lib") == "pure"


def test_package_holds_both_texts_and_says_that_it_is_typed(tmp_path: Path) -> None:
    assert build(tmp_path / "lib", SIPFAST_PURE="1").returncode == 0
    package = tmp_path / "lib" / "sipfast"
    assert (package / "py.typed").is_file()
    assert (package / "_core" / "message" / "message.py").is_file()
    sources = (".pyx", ".pxd", ".h", ".c")
    assert not [path.name for path in package.rglob("*") if path.suffix in sources]
    assert not list(package.rglob("make_tables.py"))


@pytest.mark.parametrize("value", ["1", "yes", "on"])
def test_values_that_ask_for_the_pure_engine(value: str) -> None:
    assert setup_says(value) == "True"


@pytest.mark.parametrize("value", ["", "0", "no", "No", "false", "FALSE", "off"])
def test_values_that_do_not(value: str) -> None:
    assert setup_says(value) == "False"


def setup_says(value: str) -> str:
    """Whether `setup.py` takes a variable of this value for a yes."""
    code = """
import setuptools
setuptools.setup = lambda **_: None
import setup
print(setup.flag("X"))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "X": value, "SIPFAST_PURE": "1"},
    )
    return done.stdout.split()[-1]


def test_without_the_gil_it_is_not_built(tmp_path: Path) -> None:
    hook = tmp_path / "sitecustomize.py"
    hook.write_text("import sysconfig\nsysconfig.get_config_vars()['Py_GIL_DISABLED'] = 1\n")
    done = build(tmp_path / "lib", PYTHONPATH=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "it requires a Python with the GIL" in done.stderr
    assert not compiled(tmp_path / "lib")


# ---- rebuilding ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("native")
def test_what_was_built_is_small() -> None:
    """The size of the built modules: with debug information it would be six times as large."""
    sizes = [path.stat().st_size for path in (ROOT / "sipfast" / "_native").rglob("*.so")]
    assert sum(sizes) < 5_000_000


@pytest.mark.usefixtures("native")
def test_both_engines_interpret_exactly_the_modules_that_setup_names() -> None:
    """A module that was left out of the build would otherwise run, and be slow, unnoticed."""
    source = (ROOT / "setup.py").read_text()
    named = next(
        eval(ast.unparse(line.value), {"sys": sys})  # one module depends on the platform
        for line in ast.parse(source).body
        if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "INTERPRETED"
    )
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    modules = {name: importlib.import_module(f"sipfast._native.{name}") for name in MODULES}
    files = {name: str(module.__file__) for name, module in modules.items()}
    assert {name for name, file in files.items() if not file.endswith(suffix)} == named
    assert {Path(files[name]).parents[1] for name in named} == {ROOT / "sipfast" / "_core"}


def test_a_declaration_is_known_to_what_uses_it(tmp_path: Path) -> None:
    """A changed `.pxd` makes Cython repeat exactly the modules that cimport it."""
    shutil.copy(ROOT / "setup.py", tmp_path)
    shutil.copytree(ROOT / "sipfast", tmp_path / "sipfast", ignore=NOT_BUILT)
    first = depending(tmp_path, "")
    assert "values.uri" in first  # all modules, for no C exists yet
    assert "_core" not in "".join(first)
    assert depending(tmp_path, "values/privacy.pxd") == {"values.privacy"}
    assert depending(tmp_path, "sdp/lines.pxd") == {
        "sdp.lines",
        "sdp.records",
        "sdp.defects",
        "sdp.description",
    }
    assert depending(tmp_path, "comments.py") == {"comments"}
    assert {"values.via", "message.message"} <= depending(tmp_path, "wire/tokenizer.pxd")


@pytest.mark.parametrize("module", ["wire.tokenizer", "wire.lines", "message.draft"])
def test_the_options_are_for_clang_too(module: str, tmp_path: Path) -> None:
    clang = shutil.which("clang")
    if clang is None:
        pytest.skip("clang is not installed (apt-get install clang)")
    code = "import setuptools; setuptools.setup = lambda **_: None; import setup\n"
    said = subprocess.run(
        [sys.executable, "-c", f"{code}print(*setup.options({module!r}))"],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    source = tmp_path / "empty.c"
    source.touch()
    done = subprocess.run(
        [
            clang,
            "-Werror",
            *said.stdout.split(),
            "-c",
            str(source),
            "-o",
            str(tmp_path / "empty.o"),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_what_is_left_of_a_removed_module_is_removed(tmp_path: Path) -> None:
    """Its C, older than `setup.py` for good, would have all modules built each time."""
    shutil.copy(ROOT / "setup.py", tmp_path)
    shutil.copytree(ROOT / "sipfast", tmp_path / "sipfast", ignore=NOT_BUILT)
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    inside = tmp_path / "sipfast" / "_native"
    (inside / "wire").mkdir(exist_ok=True)
    mirror = tmp_path / "build" / "mirror" / "sipfast" / "_native" / "wire"
    mirror.mkdir(parents=True)
    gone = [inside / "wire" / f"table{suffix}", mirror / "splitters.c", mirror / "splitters.pyx"]
    kept = [inside / f"_modules{suffix}", mirror / "table.c", mirror.parent / "_shared.c"]
    for path in (*gone, *kept):
        path.write_bytes(b"of an earlier build")
    code = """
import setuptools
setuptools.setup = lambda **_: None
import setup
setup.mirror()
command = setup.BuildEngine(setuptools.Distribution({"ext_modules": [setup.ENGINE]}))
command.ensure_finalized()
command.remove_built(inplace=True, keep=setup.HOLDER.stem)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert [path.name for path in gone if path.exists()] == []
    assert [path.name for path in kept if not path.exists()] == []


def test_a_module_depends_on_the_headers_that_its_c_includes(tmp_path: Path) -> None:
    shutil.copy(ROOT / "setup.py", tmp_path)
    (tmp_path / "sipfast" / "_core").mkdir(parents=True)
    (tmp_path / "sipfast" / "_core" / "__init__.py").touch()
    wire = tmp_path / "build" / "mirror" / "sipfast" / "_native" / "wire"
    wire.mkdir(parents=True)
    (tmp_path / "build" / "generated").mkdir()
    (tmp_path / "build" / "generated" / "tables.h").write_text('#include "names.h"\n')
    (wire / "names.h").write_text('#include <stdint.h>\n#include "kernels.h"\n')
    (wire / "kernels.h").write_text("")
    (wire / "texts.h").write_text("")
    (wire / "one.c").write_text("#include <Python.h>\n#include <tables.h>\n")
    code = """
import setuptools
setuptools.setup = lambda **_: None
import setup
print(*sorted(path.name for path in setup.headers_of(setup.NATIVE / "wire" / "one.c")))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=tmp_path
    )
    assert done.stdout.split() == ["kernels.h", "names.h", "tables.h"]


COMPILE = """
import os
import sys
from pathlib import Path
import setuptools
setuptools.setup = lambda **_: None
import setup

class Compiler:
    compiler_type = "unix"

    def object_filenames(self, sources, output_dir):
        return [str(Path(output_dir, source).with_suffix(".o")) for source in sources]

    def compile(self, sources, output_dir, **_):
        for made in self.object_filenames(sources, output_dir):
            Path(made).parent.mkdir(parents=True, exist_ok=True)
            Path(made).write_text(made)
            print("compiled", Path(made).stem)

    def link_shared_object(self, objects, path, *, extra_postargs, **_):
        if linker := os.environ.get("LINKER"):
            is_gold = "-fuse-ld=gold" in extra_postargs
            if is_gold and linker == "broken gold":
                raise setup.LinkError("cannot find 'ld'")
            print("with gold" if is_gold else "without gold")
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(*objects[:1])
        print("linked", *(Path(made).stem for made in objects))

command = setup.BuildEngine(setuptools.Distribution({"ext_modules": [setup.ENGINE]}))
command.build_temp, command.build_lib, command.parallel = "temp", "lib", 1
command.ensure_finalized()
command.compiler = Compiler()
command.modules = {setup.NATIVE / f"{name}.c": name for name in ("one", "other")}
command.build_extension(setup.ENGINE)
"""


def test_a_rebuild_compiles_what_has_changed_and_links(tmp_path: Path) -> None:
    shutil.copy(ROOT / "setup.py", tmp_path)
    sources = {
        name: tmp_path / "build" / "mirror" / "sipfast" / "_native" / f"{name}.c"
        for name in ("one", "other")
    }
    sources["_modules"] = tmp_path / "sipfast" / "_native" / "_modules.c"
    header = tmp_path / "build" / "generated" / "tables.h"
    for path in (*sources.values(), header):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    sources["other"].write_text("#include <tables.h>\n")

    def built() -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", COMPILE],
            check=False,
            capture_output=True,
            text=True,
            cwd=tmp_path,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    link = "linked _modules one other"
    assert built() == ["compiled _modules", "compiled one", "compiled other", link]
    assert built() == []
    old = [*sources.values(), header, tmp_path / "setup.py"]
    for path in old:
        os.utime(path, (1, 1))
    for changed, path in (("one", sources["one"]), ("other", header)):
        later = time.time() + 5
        os.utime(path, (later, later))
        assert built() == [f"compiled {changed}", link]
        os.utime(path, (1, 1))
        assert built() == []


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other linkers")
@pytest.mark.parametrize("linker", ["gold", "broken gold", "another"])
def test_any_linker_links(linker: str, tmp_path: Path) -> None:
    shutil.copy(ROOT / "setup.py", tmp_path)
    native, package = tmp_path / "build/mirror/sipfast/_native", tmp_path / "sipfast/_native"
    for path in (native / "one.c", native / "other.c", package / "_modules.c"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    (tmp_path / "bin").mkdir()
    if "gold" in linker:
        gold = tmp_path / "bin" / "ld.gold"
        gold.touch(0o755)
    done = subprocess.run(
        [sys.executable, "-c", COMPILE],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PATH": str(tmp_path / "bin"), "LINKER": linker, "SIPFAST_DEBUG": "0"},
    )
    assert done.stdout.splitlines()[-2:] == [
        "with gold" if linker == "gold" else "without gold",
        "linked _modules one other",
    ]


NOT_BUILT = shutil.ignore_patterns("*.so", "__pycache__")
# Cython's own check is used without compiling; each C file that it would write is touched.
ASK_CYTHON = """
import sys, time
from pathlib import Path
import setuptools
setuptools.setup = lambda **_: None
import setup
from Cython.Build import Dependencies
from Cython.Compiler.Options import CompilationOptions, default_options
from Cython.Compiler.Main import Context

changed = sys.argv[1]
if changed:
    path = setup.CORE / changed
    path.write_text(path.read_text() + "\\n")
setup.mirror()
written = Path("written")
seen = written.stat().st_mtime if written.exists() else 0
ctx = Context.from_options(CompilationOptions(default_options, include_path=[str(setup.MIRROR)]))
tree = Dependencies.create_dependency_tree(ctx, quiet=True)
for extension in setup.extensions():
    source = extension.sources[0]
    if not source.endswith(".c") and tree.newest_dependency(source)[0] > seen:
        print(setup.module_of(extension))
time.sleep(0.02)
written.touch()
"""


def depending(folder: Path, changed: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", ASK_CYTHON, changed],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env={name: value for name, value in os.environ.items() if not name.startswith("SIPFAST_")},
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_cython_has_no_warning_for_class_bodies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from Cython.Build import cythonize

    (directives,) = [
        ast.literal_eval(line.value)
        for line in ast.parse((ROOT / "setup.py").read_text()).body
        if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "DIRECTIVES"
    ]
    compiled_as = tmp_path / "sipfast" / "_native"
    shutil.copytree(ROOT / "sipfast" / "_core", compiled_as)
    for twin in compiled_as.rglob("*.pyx"):
        twin.with_suffix(".py").unlink()
    (compiled_as.parent / "__init__.py").touch()
    monkeypatch.chdir(tmp_path)
    for name in ("message.properties", "values.auth"):  # their annotations are not for instances
        source = Path("sipfast", "_native", *name.split(".")).with_suffix(".py")
        cythonize(
            [Extension(f"sipfast._native.{name}", [str(source)])],
            include_path=[str(tmp_path)],
            compiler_directives=directives,
            force=True,
            quiet=True,
        )
    assert capfd.readouterr() == ("", "")
