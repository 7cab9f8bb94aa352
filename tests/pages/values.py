"""docs/values.md: each header field's property and type, from the properties of a message."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from sipfast._core.message import properties
from sipfast.registry.header_names import HEADER_NAMES, header_name

PAGE = Path(__file__).parents[2] / "docs" / "values.md"
BEGIN, END = "<!-- properties begin -->", "<!-- properties end -->"
COLUMNS = ("header field", "property", "type", "may be empty", "source")
OF_THE_TOKENIZER = (("Content-Length", "content_length", "int | None"),)
"""What is not read by a descriptor, for it frames the message."""


def page() -> str:
    """The page with its table made anew."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    rows = [COLUMNS, ("---",) * len(COLUMNS), *sorted(map(row, fields()), key=order)]
    table = "".join(f"| {' | '.join(cells)} |\n" for cells in rows)
    return f"{before}{BEGIN}\n{table}{END}{after}"


def fields() -> Iterator[tuple[str, str, str]]:
    """Header field, property and annotation of each, from the class that has a line for each."""
    tree = ast.parse(Path(properties.__file__).read_text(encoding="utf-8"))
    (typed,) = [node for node in tree.body if getattr(node, "name", "") == "Typed"]
    assert isinstance(typed, ast.ClassDef)
    for node in typed.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
            header_id = vars(properties.Typed)[name].header_id
            yield HEADER_NAMES[header_id - 1].name, name, ast.unparse(node.annotation)
    yield from OF_THE_TOKENIZER


def row(field: tuple[str, str, str]) -> tuple[str, ...]:
    name, attribute, annotation = field
    header = header_name(name)
    assert header is not None
    empty = "yes" if header.may_be_empty else "no"
    return name, f"`{attribute}`", kind(annotation), empty, header.rfc


def order(cells: tuple[str, ...]) -> tuple[str, ...]:
    """By header field, without regard to case."""
    return cells[0].lower(), cells[1]


def kind(annotation: str) -> str:
    """A type as people read it: of one value, or of several."""
    several = re.fullmatch(r"tuple\[(\w+), \.\.\.\]", annotation)
    return f"tuple of `{several[1]}`" if several else f"`{annotation.removesuffix(' | None')}`"
