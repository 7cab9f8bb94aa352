"""The pages of docs/ that are made from tables and from what the engines answer.

`make docs` writes them; `tests/project/test_pages.py` compares them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from . import (
    browse,
    calls,
    capture,
    columns,
    conformance,
    coverage,
    defects,
    follow,
    logs,
    parameters,
    redact,
    report,
    uri,
    values,
)

DOCS = Path(__file__).parents[2] / "docs"

PAGES: dict[str, Callable[[], str]] = {
    "browse.md": browse.page,
    "calls.md": calls.page,
    "capture.md": capture.page,
    "columns.md": columns.page,
    "conformance.md": conformance.page,
    "coverage.md": coverage.page,
    "defects.md": defects.page,
    "follow.md": follow.page,
    "logs.md": logs.page,
    "parameters.md": parameters.page,
    "redact.md": redact.page,
    "report.md": report.page,
    "uri.md": uri.page,
    "values.md": values.page,
}
OF_OTHERS = {"conformance.md"}
"""Made of messages that are in the folder which `SIPFAST_SHARED` names."""


def write() -> None:
    """Write the pages, and name those that changed or cannot be made."""
    for name, page in PAGES.items():
        path = DOCS / name
        if name in OF_OTHERS and not os.environ.get("SIPFAST_SHARED"):
            print(f"docs/{name}: left as it is, for SIPFAST_SHARED is not set")
            continue
        text = page()
        if path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"docs/{name}: written")
