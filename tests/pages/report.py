"""docs/report.md: the metrics."""

from __future__ import annotations

from pathlib import Path

from sipfast.report.words import METRICS

PAGE = Path(__file__).parents[2] / "docs" / "report.md"
BEGIN, END = "<!-- metrics begin -->", "<!-- metrics end -->"
HEAD = ("name", "column", "defined in", "meaning")


def page() -> str:
    """The page with its table made anew."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    rows = [HEAD, ("---",) * len(HEAD)]
    for column, words in METRICS.items():
        meaning = f"{words.name[0]}: {words.text[0]}"
        rows.append((words.short, f"`{column}`", words.source, meaning))
    table = "".join(f"| {' | '.join(cells)} |\n" for cells in rows)
    return f"{before}{BEGIN}\n{table}{END}{after}"
