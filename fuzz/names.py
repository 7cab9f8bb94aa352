"""The C headers that a program needs to include the kernels and the name tables alone."""

from __future__ import annotations

import runpy
from collections.abc import Mapping
from pathlib import Path

from sipfast.registry.header_names import HEADER_IDS
from sipfast.registry.methods import METHODS

ROOT = Path(__file__).resolve().parent.parent
WIRE = ROOT / "sipfast" / "_core" / "wire"


def write_headers(folder: Path) -> list[str]:
    """Write `tables.h` and `known_names.h`; return the compiler's options to include them.

    `known_names.h` has the data of `tables.h` as plain text, made without `make_tables.py`: each
    checks the other.
    """
    folder.mkdir(parents=True, exist_ok=True)
    runpy.run_path(str(WIRE / "make_tables.py"))["main"](folder / "tables.h")
    methods = {name: number for number, name in enumerate(METHODS, 1)}
    text = _define("KNOWN_HEADERS", HEADER_IDS) + _define("KNOWN_METHODS", methods)
    (folder / "known_names.h").write_text(text)
    return [f"-I{folder}", f"-I{WIRE}", f"-I{ROOT / 'tests' / 'core' / 'wire'}"]


def _define(macro: str, ids: Mapping[str, int]) -> str:
    rows = ", ".join(f'{{"{name}", {number}}}' for name, number in ids.items())
    return f"#define {macro} {rows}\n"
