"""docs/columns.md: the columns."""

from __future__ import annotations

from pathlib import Path

from sipfast.columns import COLUMNS

PAGE = Path(__file__).parents[2] / "docs" / "columns.md"
BEGIN, END = "<!-- columns begin -->", "<!-- columns end -->"
HEAD = ("column", "type", "from", "meaning")


def page() -> str:
    """The page with its table made anew."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    rows = [HEAD, ("---",) * len(HEAD)]
    for column in COLUMNS.values():
        asked = "" if column.usual else "; by name"
        source = "capture" if column.source == "Record" else column.source
        rows.append((f"`{column.name}`", column.type_name, source, column.text + asked))
    table = "".join(f"| {' | '.join(cells)} |\n" for cells in rows)
    return f"{before}{BEGIN}\n{table}{END}{after}"
