"""docs/calls.md: the tables of SQL."""

from __future__ import annotations

from pathlib import Path

from sipfast.sql.tables import TABLES

PAGE = Path(__file__).parents[2] / "docs" / "calls.md"
HEAD = ("column", "type", "from", "meaning")


def page() -> str:
    """The page with its tables made anew."""
    text = PAGE.read_text(encoding="utf-8")
    for name, columns in TABLES.items():
        begin, end = f"<!-- {name} begin -->", f"<!-- {name} end -->"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        rows = [HEAD, ("---",) * len(HEAD)]
        rows += [
            (f"`{column.name}`", column.type, column.source, column.text) for column in columns
        ]
        table = "".join(f"| {' | '.join(cells)} |\n" for cells in rows)
        text = f"{before}{begin}\n{table}{end}{after}"
    return text
