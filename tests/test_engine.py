"""The chooser: which engine runs, that the user can see it, and that both are there for tests."""

from __future__ import annotations

import doctest
import importlib
import math
import os
import shutil
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from samples import OPTIONS, sample

import sipfast
from sipfast import _engine
from sipfast._engine import Engine

PURE = ["pure", "None", "sipfast._core.message.parsing"]
SHOW = "import sipfast; print(sipfast.engine, sipfast.kernel, sipfast.parse.__module__)"
# As where no compiler was: there is a package _native, but nothing compiled in it.
WITHOUT_NATIVE = """
import sys

class NotBuilt:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("sipfast._native."):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, NotBuilt())
"""
BROKEN_NATIVE = WITHOUT_NATIVE.replace(
    'ModuleNotFoundError(f"No module named {name!r}", name=name)',
    'ImportError("undefined symbol: PyFoo", name=name)',
)
BROKEN_DEPENDENCY = WITHOUT_NATIVE.replace("name=name)", 'name="sipfast.header_names")')


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run code in a new interpreter with no variables of the choice except `environment`."""
    free = {name: value for name, value in os.environ.items() if not name.startswith("SIPFAST_")}
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**free, **environment},
        timeout=60,
        check=False,
    )


def shown(code: str, **environment: str) -> list[str]:
    done = run(code, **environment)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


# ---- the choice ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("native")
@pytest.mark.parametrize("value", [None, "", "0", "no", "false", "False", "off"])
def test_the_native_engine_runs_where_it_is_built(value: str | None) -> None:
    environment = {} if value is None else {"SIPFAST_PURE": value}
    engine, kernel, module = shown(SHOW, **environment)
    assert (engine, module) == ("native", "sipfast._native.message.parsing")
    assert kernel in ("avx512", "avx2", "sse2", "neon", "scalar")


@pytest.mark.parametrize("value", ["1", "yes", "on", "true"])
def test_the_pure_engine_can_be_asked_for(value: str) -> None:
    assert shown(SHOW, SIPFAST_PURE=value) == PURE


def test_the_pure_engine_imports_nothing_native() -> None:
    code = (
        "import sys, sipfast; print(*[n for n in sys.modules if n.startswith('sipfast._native')])"
    )
    assert shown(code, SIPFAST_PURE="1") == []


def test_a_checkout_that_was_not_built_says_so_once() -> None:
    done = run(WITHOUT_NATIVE + SHOW + "\nimport sipfast.values, sipfast.capture")
    assert done.stdout.split() == PURE
    warning = "<string>:10: RuntimeWarning: sipfast runs on the pure engine"
    assert done.stderr.splitlines()[0] == f"{warning}: this checkout is not built: make build"
    assert done.stderr.count("RuntimeWarning") == 1


def test_a_checkout_that_is_asked_for_the_pure_engine_says_nothing() -> None:
    assert shown(WITHOUT_NATIVE + SHOW, SIPFAST_PURE="1") == PURE


def test_an_installed_package_without_the_native_engine_says_nothing(tmp_path: Path) -> None:
    """As a wheel that was made without a compiler: it has no scripts of the build."""
    package = Path(sipfast.__file__).parent
    ignored = shutil.ignore_patterns("*.so", "make_tables.py", "__pycache__")
    shutil.copytree(package, tmp_path / "sipfast", ignore=ignored)
    assert shown(f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{SHOW}") == PURE


def test_the_native_engine_is_refused_without_the_gil() -> None:
    without = "import sysconfig; sysconfig.get_config_vars()['Py_GIL_DISABLED'] = 1\n"
    done = run(without + SHOW)
    assert done.stdout.split() == PURE
    assert "the native engine needs a Python with the GIL" in done.stderr


def test_a_broken_build_is_told_of() -> None:
    done = run(BROKEN_NATIVE + SHOW)
    assert done.stdout.split() == PURE
    assert "RuntimeWarning: sipfast runs on the pure engine: undefined symbol: PyFoo" in done.stderr
    assert done.returncode == 0


def test_a_missing_module_of_another_kind_is_an_error() -> None:
    done = run(BROKEN_DEPENDENCY + SHOW)
    assert done.returncode == 1
    assert "ModuleNotFoundError" in done.stderr


def test_an_unknown_engine_cannot_be_loaded() -> None:
    with pytest.raises(ImportError):
        _engine.load("quantum")


# ---- the modules of the extension ----------------------------------------------------------------


@pytest.mark.usefixtures("native")
def test_modules_of_the_extension_look_as_others_do() -> None:
    extension: Any = importlib.import_module("sipfast._native._modules")
    names = list(extension.MODULES)
    assert {"sipfast._native.values.uri", "sipfast._native.defects"} < set(names)
    for name in names:
        module = importlib.import_module(name)
        assert module is sys.modules[name]
        assert module.__name__ == name
        assert module.__file__ == extension.__file__
        assert module.__spec__ is not None
        assert module.__spec__.origin == extension.__file__
        is_package = any(other.startswith(f"{name}.") for other in names)
        assert extension.MODULES[name] is is_package is hasattr(module, "__path__")
        assert module.__package__ == (name if is_package else name.rpartition(".")[0])
        assert importlib.reload(module) is module


@pytest.mark.usefixtures("native")
def test_the_extension_runs_only_its_own_modules() -> None:
    extension: Any = importlib.import_module("sipfast._native._modules")
    with pytest.raises(ImportError, match="other is not in the extension"):
        extension.create(ModuleSpec("other", None))
    with pytest.raises(TypeError):
        extension.create(SimpleNamespace(name=1))
    with pytest.raises(AttributeError):
        extension.create(None)
    for other in (None, ModuleType("sipfast._native.limits"), math, extension):
        with pytest.raises(TypeError):
            extension.execute(other)
    again = extension.create(ModuleSpec("sipfast._native.limits", None))
    assert again is importlib.import_module("sipfast._native.limits")
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("sipfast._native.values.other")


# ---- the facade ---------------------------------------------------------------------------------


def test_the_facade_shows_the_engine_in_use() -> None:
    chosen = _engine.ENGINE
    assert (sipfast.engine, sipfast.kernel) == (chosen.name, chosen.kernel)
    for name in ("parse", "Message", "Request", "Response", "Headers", "Limits"):
        assert getattr(sipfast, name) is getattr(chosen, name)


def test_what_is_public_is_there() -> None:
    for name in sipfast.__all__:
        assert hasattr(sipfast, name)
    assert sorted(sipfast.__all__, key=str.lower) == sorted(set(sipfast.__all__), key=str.lower)


def test_the_example_of_the_package_works() -> None:
    assert doctest.testmod(sipfast).failed == 0
    assert doctest.testmod(sipfast).attempted > 0


def test_docstrings_are_there_on_both_engines(engine: Engine) -> None:
    for thing in (engine.parse, engine.Message, engine.Request, engine.Response, engine.Headers):
        assert thing.__doc__
    for kind in (engine.Request, engine.Response, engine.Headers, engine.Limits):
        for name in dir(kind):
            if not name.startswith("_"):
                assert getattr(kind, name).__doc__, name


# ---- both at once -------------------------------------------------------------------------------


def test_both_engines_live_in_one_process(native: Engine, pure: Engine) -> None:
    assert (native.name, pure.name) == ("native", "pure")
    assert pure.kernel is None
    data = sample(OPTIONS, b"X:\r\n y", body=b"\0")
    one, other = native.parse(data), pure.parse(data)
    assert type(one) is not type(other)
    assert one._dump() == other._dump()
    assert one.defects == other.defects
    assert repr(one) == repr(other)
    assert [*one.headers.items()] == [*other.headers.items()]


def test_both_engines_have_the_same_public_names(native: Engine, pure: Engine) -> None:
    for kind in ("Message", "Request", "Response", "Headers", "Limits"):
        names = [
            {name for name in dir(getattr(engine, kind)) if not name.startswith("_")}
            for engine in (native, pure)
        ]
        assert names[0] == names[1]


def test_limits_of_one_engine_are_not_taken_by_the_other(native: Engine, pure: Engine) -> None:
    with pytest.raises(TypeError):
        native.parse(sample(), limits=pure.Limits())
    with pytest.raises(TypeError):
        pure.parse(sample(), limits=native.Limits())
