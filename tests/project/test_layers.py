"""The layers: no import leads upward, at once or later; and the tests lie as the package does."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sipfast import _late

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "sipfast"

# From below: a module knows those of its own line, unless they know it, and of the lines before.
LAYERS = """
    keepalive next_hop
    errors keys nonces registry uri_parts _uris _install _interrupted _characters _lenient _visible
    _moment
    _rebuild _late
    _core.comments _core.folds _core.limits _core.octets
    _core.wire
    _core.multimapping
    _core.shapes
    _core.lists
    _core.value
    _core.parameters _core.building _core.items
    _core.values
    _core.sdp
    _core.message.fresh _core.message.spans
    _core.message.fields _core.message.properties _core.message.headers _core.message.identify
    _core.defects
    _core.message.message
    _core.message.parsing
    _core.message.received _core.message.writing _core.message.hop
    _core.message.draft _core.message.forward
    _core.message.retry _core.message.reply
    _core.message.dialog
    _core.message.transaction
    _core.message.stream
    _engine
    bodies values auth text
    .
    websocket
    transactions.machines transactions.queues
    transactions.events
    transactions.transaction
    transactions.layer
    transactions.context
    transactions
    proxy.counters proxy.deadlines proxy.guard proxy.loop proxy.names proxy.tls
    proxy.connection proxy.pump
    proxy.connections
    proxy.endpoint
    proxy
    capture.base capture.reasons capture.recognise capture.ip
    capture.link capture.streams capture.fragments capture.hep
    capture.tunnels capture.exported capture.tcp capture.sctp
    capture.packets
    capture.files
    capture
    columns.names
    columns.values columns.where
    columns.scan
    columns
    sql
    calls
    ladder
    report redact live spark
    cli.screen
    cli.aside cli.files cli.places cli.reading
    cli.filters cli.options cli.querying
    cli.messages cli.rows
    cli.commands
    cli
    __main__
"""
RANKS = {name: rank for rank, line in enumerate(LAYERS.split("\n")) for name in line.split()}

CIMPORT = re.compile(r"^\s*from\s+(\.*)([\w.]*)\s+(?:cimport|import)\s+\(?([^#)]*)", re.MULTILINE)


def modules() -> dict[str, list[Path]]:
    """Every module below `sipfast`, and its files: a package is named as its folder is."""
    found: dict[str, list[Path]] = {}
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in (".py", ".pyx", ".pxd") and path.name != "make_tables.py":
            parts = path.relative_to(PACKAGE).with_suffix("").parts
            if parts[-1] == "__init__":
                parts = parts[:-1]
            found.setdefault(".".join(parts) or ".", []).append(path)
    return found


MODULES = modules()


def rank(module: str) -> int | None:
    """The layer of a module or of the package that it is in; None for a package without text."""
    name = module
    while name not in RANKS:
        name = name.rpartition(".")[0]
        if not name:
            return None
    return RANKS[name]


def imports(module: str, path: Path) -> Iterator[str]:
    """The modules below `sipfast` that one file imports, wherever in it that is."""
    text = path.read_text(encoding="utf-8")
    is_package = path.stem == "__init__"
    found = list(_python(text) if path.suffix == ".py" else _cython(text))
    for level, base, names in found:
        if level:
            inside = [] if module == "." else module.split(".")
            kept = inside[: len(inside) - level + is_package]
            target = ".".join([*kept, *filter(None, [base])])
        elif base == "sipfast" or base.startswith("sipfast."):
            target = base.removeprefix("sipfast").removeprefix(".")
        else:
            continue
        for name in names:
            member = f"{target}.{name}" if target else name
            yield member if member in MODULES else target or "."


def _python(text: str) -> Iterator[tuple[int, str, list[str]]]:
    for node in _run(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            yield node.level, node.module or "", [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            yield from ((0, alias.name, [""]) for alias in node.names)


def _run(node: ast.AST) -> Iterator[ast.AST]:
    """All code that can run, without the code for type checkers only."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            for other in child.orelse:
                yield from _run(other)
            continue
        yield child
        yield from _run(child)


def _cython(text: str) -> Iterator[tuple[int, str, list[str]]]:
    for dots, base, names in CIMPORT.findall(text):
        yield len(dots), base, [name.strip() for name in names.split(",") if name.strip()]


EDGES = {
    (module, target)
    for module, paths in MODULES.items()
    for path in paths
    for target in imports(module, path)
    if target != module
}


def test_every_module_has_a_layer() -> None:
    assert [name for name in MODULES if rank(name) is None] == ["_core", "_core.message", "_native"]
    assert not [name for name in RANKS if not any(f"{m}.".startswith(f"{name}.") for m in MODULES)]


def test_nothing_imports_upward() -> None:
    # A package without a layer of its own may know the lowest one.
    upward = [(one, other) for one, other in EDGES if (rank(one) or 1) < (rank(other) or 0)]
    assert sorted(upward) == []


def command(module: str) -> str | None:
    """The command that a module is of; None below and above the commands."""
    return module.split(".")[2] if module.startswith("cli.commands.") else None


def test_no_command_imports_another() -> None:
    # What several share lies below them: in `cli.rows`, `cli.messages` and so on.
    across = [edge for edge in EDGES if len({*map(command, edge)} - {None}) > 1]
    assert sorted(across) == []
    assert len({command(one) for one, _ in EDGES}) > 10


def test_nothing_imports_what_imports_it() -> None:
    # A package imports its parts, and they import their siblings, which python finds in it.
    below: dict[str, set[str]] = {}
    for one, other in EDGES:
        below.setdefault(one, set()).add(other)
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, (*path, module)
        if module not in done:
            for other in sorted(below.get(module, ())):
                visit(other, (*path, module))
            done.add(module)

    for module in MODULES:
        visit(module, ())


def test_the_tests_mirror_the_package() -> None:
    rooms = {path.parent.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py")}
    tests = ROOT / "tests"
    tested = {path.parent.relative_to(tests).as_posix() for path in tests.rglob("test_*.py")}
    apart = {"project", "examples", "sipp"}
    assert {room.replace("_core", "core") for room in rooms - {"_native"}} == tested - apart


def test_the_one_text_names_neither_engine() -> None:
    for module, paths in MODULES.items():
        for path in paths:
            if module.startswith("_core"):
                text = path.read_text(encoding="utf-8")
                assert not re.search(r"\bsipfast\._(core|native|engine)\b", text), path


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("def f():\n    from sipfast.cli import app", "cli.app"),
        ("def f():\n    import sipfast.bodies", "bodies"),
        ("from ...capture.source import open", "capture.source"),
        ("from ... import capture", "capture"),
    ],
)
def test_an_import_is_found_wherever_it_is(text: str, target: str, tmp_path: Path) -> None:
    path = tmp_path / "uri.py"
    path.write_text(text)
    assert list(imports("_core.values.uri", path)) == [target]
    if not text.startswith("def"):
        path.with_suffix(".pxd").write_text(text.replace("import", "cimport"))
        assert list(imports("_core.values.uri", path.with_suffix(".pxd"))) == [target]


ABOVE_THE_ENGINE = ("calls", "capture", "columns", "ladder", "sql")


def test_what_is_loaded_late_lies_below_who_asks_for_it() -> None:
    for name in _late.MODULES.values():
        above = ("sipfast.bodies.", *(f"sipfast.{one}" for one in ABOVE_THE_ENGINE))
        if name.startswith("sipfast.") and not name.startswith(above):
            assert rank(name.removeprefix("sipfast.")) == RANKS["errors"]
    asked = RANKS["_core.message.message"]
    assert all((rank(f"_core{name}") or asked) < asked for name in _late.OF_ENGINE)
