"""Extras: a missing one is named, and the tests need no others than those of `make test`.

`make test` installs the extra `test`, and the one that builds the engine.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sipfast._install import how_to_get

ROOT = Path(__file__).parents[2]
ROOTS = (ROOT, ROOT / "tests")
OURS = ("sipfast", "benchmarks", "bench_data", "fuzz")
AT_RUN_TIME = {"fuzz_harness"}
"""Built on demand, and imported within a `try`."""


def extra(name: str) -> set[str]:
    """The packages of an extra of pyproject.toml, as they are imported, with those it refers to."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (listed,) = re.findall(rf"^{name} = \[(.*?)\]$", text, re.MULTILINE | re.DOTALL)
    found = set()
    for wanted in re.findall(r'"(sipfast\[[\w,]+\]|[\w-]+)', listed):
        _, _, extras = wanted.partition("[")
        found |= set().union(*map(extra, extras[:-1].split(","))) if extras else {wanted.lower()}
    return found


def imported(path: Path) -> Iterator[str]:
    """The full names of a module's imports at import time, without those in its functions."""
    todo: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    for node in todo:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            todo.extend(node.orelse)
        else:
            todo.extend(ast.iter_child_nodes(node))


def source(name: str) -> Path | None:
    """The file of a module of this checkout."""
    for root in ROOTS:
        path = root.joinpath(*name.split("."))
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if file.is_file():
                return file
    return None


def foreign(files: list[Path]) -> dict[str, str]:
    """The packages of others that the files need, each with a file that imports it."""
    todo, found = list(files), {}
    for path in todo:
        for name in imported(path):
            file = source(name)
            top = name.partition(".")[0]
            if file is not None:
                if file not in todo:
                    todo.append(file)
            elif top not in sys.stdlib_module_names and not is_ours(top):
                found[top.lower()] = str(path.relative_to(ROOT))
    return found


def is_ours(top: str) -> bool:
    return top in OURS or source(top) is not None or (ROOT / "tests" / top).is_dir()


# Runs a statement where a package is missing, and prints the error.
WITHOUT = """
import sys
missing, statement = sys.argv[1:]
sys.modules[missing] = None
import sipfast
try:
    exec(statement)
except ImportError as error:
    print(error.name, error)
"""


@pytest.mark.parametrize(
    ("package", "extra_name", "statement"),
    [
        ("duckdb", "duckdb", "sipfast.connect(b'')"),
        ("pyarrow", "duckdb", "sipfast.connect(b'')"),
        ("pyarrow", "arrow", "sipfast.scan(b'').to_arrow()"),
        ("pyarrow", "spark", "import sipfast.spark"),
        ("pyspark", "spark", "import sipfast.spark; sipfast.spark.SipDataSource"),
        ("pyspark", "spark", "import sipfast.spark; sipfast.spark.register(None)"),
        (
            *("prometheus_client", "follow"),
            "from sipfast.live import metrics; metrics.Exporter(None, '127.0.0.1', 0)",
        ),
        ("rich", "cli", "import sipfast.ladder.draw_text"),
        ("wsproto", "websocket", "import sipfast.websocket"),
    ],
)
def test_a_missing_package_is_named_with_what_installs_it(
    package: str, extra_name: str, statement: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, package, statement],
        cwd=ROOT,
        check=True,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert f"needs {package}: {how_to_get(extra_name)}" in done.stdout


def test_tests_import_only_what_the_extra_has() -> None:
    needed = foreign(sorted((ROOT / "tests").rglob("*.py")))
    assert {"pytest", "hypothesis", "rich"} <= needed.keys()
    allowed = extra("test") | extra("native") | AT_RUN_TIME
    assert {name: path for name, path in needed.items() if name not in allowed} == {}


def test_what_the_tests_do_not_have_is_found() -> None:
    assert foreign([ROOT / "benchmarks" / "compare.py"])["setuptools"] == "benchmarks/compiled.py"
    assert {"pytest", "hypothesis", "click", "rich"} <= extra("test")
    assert "setuptools" not in extra("test")
