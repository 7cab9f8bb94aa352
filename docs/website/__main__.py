"""`make site`: stages the sources of the site in build/pages, and has mkdocs build it from them.

The README and its fellows at the top are pages too, in English and Chinese; so are the tables of
the registry, and the reference, which mkdocstrings makes of the docstrings.  See mkdocs.yml.
"""

from __future__ import annotations

import os
import posixpath
import re
import shutil
import subprocess
import sys
from pathlib import Path

from . import reference, tables

ROOT = Path(__file__).parents[2]
STAGED = ROOT / "build" / "pages"

OF_THE_TREE = {
    "README.md": "index.md",
    "README.zh-CN.md": "index.zh.md",
    "CHANGES.md": "changes.md",
    "CONTRIBUTING.md": "contributing.md",
    "LICENSE": "license.md",
    "THREAT_MODEL.md": "threat-model.md",
    "benchmarks/RESULTS.md": "results.md",
    "benchmarks/results.svg": "results.svg",
    "bench_data/README.md": "bench-data.md",
    "examples/proxy/README.md": "example-proxy.md",
    "fuzz/README.md": "fuzz.md",
}
"""Files outside of docs/, and their places in the site."""

_OTHER_LANGUAGE = re.compile(r"^\[\S+\]\(README\S*\)\n\n", re.MULTILINE)
"""The READMEs' links to each other; each page of the site has its own."""
_LINK = re.compile(r"(\]\()([^)\s#:]+)([)#])")


def sources() -> dict[str, str]:
    """The pages of the site by their places, each with the text of its source."""
    files = dict(OF_THE_TREE)
    files |= {f"docs/{path.name}": path.name for path in sorted((ROOT / "docs").glob("*.*"))}
    read = {
        place: led((ROOT / name).read_text(encoding="utf-8"), name, files)
        for name, place in files.items()
    }
    return read | tables.pages() | reference.pages()


def led(text: str, name: str, files: dict[str, str]) -> str:
    """The text of a file with its links, which are those of the tree, leading to the pages."""
    folder = posixpath.dirname(name)

    def target(link: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(folder, link[2]))
        if path.startswith("docs/pictures/"):
            return f"{link[1]}{path.removeprefix('docs/')}{link[3]}"
        return f"{link[1]}{files[path]}{link[3]}"

    return _LINK.sub(target, _OTHER_LANGUAGE.sub("", text))


def stage() -> None:
    """Write the sources of all pages."""
    shutil.rmtree(STAGED, ignore_errors=True)
    for place, text in sources().items():
        path = STAGED / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "docs" / "pictures", STAGED / "pictures")


def build() -> int:
    """Stage the sources and build the site; returns the status of mkdocs."""
    stage()
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict"]
    return subprocess.call(command, cwd=ROOT, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"})


if __name__ == "__main__":
    sys.exit(build())
