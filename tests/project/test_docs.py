"""The documents: their examples work on both engines, and their links have targets."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

import sipfast
from sipfast._engine import Engine
from sipfast.cli.app import COMMANDS
from sipfast.cli.app import sipfast as group

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for folder in (ROOT, ROOT / "docs", ROOT / "bench_data", ROOT / "benchmarks", ROOT / "fuzz")
    for path in sorted(folder.glob("*.md"))
}
WITH_PYTHON = [name for name, text in DOCUMENTS.items() if "```python" in text]

# Runs a document's examples on the named engine, or reports that it is missing.
RUN = """
import doctest, sys
import sipfast
if sipfast.engine != sys.argv[2]:
    sys.exit(f"the engine is {sipfast.engine}, not {sys.argv[2]}")
failed, tried = doctest.testfile(sys.argv[1], module_relative=False, encoding="utf-8")
sys.exit(failed or not tried)
"""


def examples(text: str) -> str:
    """A document's Python, each line where it was, and all else left empty."""
    lines, inside = [], False
    for line in text.splitlines():
        fence = line.startswith("```")
        inside = line.strip() == "```python" if fence else inside
        lines.append(line if inside and not fence else "")
    return "\n".join(lines) + "\n"


def test_the_readmes_have_examples() -> None:
    assert {"README.md", "README.zh-CN.md"} <= set(WITH_PYTHON)


@pytest.mark.parametrize("name", WITH_PYTHON)
def test_examples(name: str, engine: Engine, tmp_path: Path) -> None:
    document = tmp_path / Path(name).name
    document.write_text(examples(DOCUMENTS[name]), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN, str(document), engine.name],
        cwd=ROOT,
        env=os.environ | {"SIPFAST_PURE": "1" if engine.name == "pure" else "", "PYTHONUTF8": "1"},
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    targets = re.findall(r"\]\(([^)\s#]+)", DOCUMENTS[name])
    local = [target for target in targets if "://" not in target]
    missing = [target for target in local if not (ROOT / name).parent.joinpath(target).exists()]
    assert not missing


@pytest.mark.parametrize("name", DOCUMENTS)
def test_files_that_are_named_exist(name: str) -> None:
    folders = "sipfast|tests|benchmarks|fuzz|bench_data"
    named = re.findall(rf"`((?:{folders})/[\w/-]+\.[a-z]+)`", DOCUMENTS[name])
    assert not [path for path in named if not (ROOT / path).exists()]


def test_public_names_are_on_some_page() -> None:
    names = {*sipfast.__all__, *dir(sipfast.Request), *dir(sipfast.Response)}
    pages = "\n".join(DOCUMENTS.values())
    public = [name for name in sorted(names) if not name.startswith("_")]
    assert not [name for name in public if not re.search(rf"\b{name}\b", pages)]


def test_the_site_leads_to_every_page_and_every_public_module() -> None:
    listed = set(re.findall(r": (\S+)\.md$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE))
    assert {path.stem for path in (ROOT / "docs").glob("*.md")} <= listed
    package = ROOT / "sipfast"
    folders = {path.parent.name for path in package.glob("*/__init__.py")}
    folders -= {"cli", "registry", "report"}  # the last is for the command alone
    modules = {path.stem for path in package.glob("*.py")} | folders
    reference = (ROOT / "docs/website/reference.py").read_text()
    named = re.findall(r'^    "sipfast\.([\w.]*)",$', reference, re.MULTILINE)
    assert {name for name in modules if not name.startswith("_")} <= set(named)
    assert {f"reference/{name}" for name in named} <= listed


@pytest.mark.parametrize("name", DOCUMENTS)
def test_make_targets_exist(name: str) -> None:
    defined = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)", DOCUMENTS[name]))
    named |= set(re.findall(r"^make ([a-z-]+)(?: [A-Z]+=\S+)?(?: +#.*)?$", DOCUMENTS[name], re.M))
    assert named <= defined


def test_the_links_of_all_pages_lead_to_pages_of_the_site() -> None:
    """`make site` needs that; what mkdocs makes of the pages is up to CI."""
    code = "import sys; sys.path[:0] = ['docs', 'tests', '.']; from website.__main__ import sources"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; print(len(sources()))"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 60


COMMAND_PAGES = {"registrations": "calls"} | {
    name: name for name in ("browse", "calls", "follow", "ladder", "redact", "sql")
}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_on_its_page(name: str) -> None:
    page = DOCUMENTS[f"docs/{COMMAND_PAGES.get(name, 'command')}.md"]
    text = (
        page
        + DOCUMENTS["docs/command.md"].partition("## Choosing messages")[2].partition("\n## ")[0]
    )
    with click.Context(group) as context:
        command = group.get_command(context, name)
    assert command is not None
    options = {max(part.opts, key=len) for part in command.params if isinstance(part, click.Option)}
    missing = {option for option in options - {"--lang"} if not re.search(rf"{option}\b", text)}
    assert missing == set()
    assert name in ("code", "header", "method") or len(options) > 2
