"""docs/follow.md: the metrics."""

from __future__ import annotations

from pathlib import Path

from sipfast.live.metrics import METRICS

PAGE = Path(__file__).parents[2] / "docs" / "follow.md"
BEGIN, END = "<!-- metrics begin -->", "<!-- metrics end -->"
HEAD = ("metric", "kind", "label", "meaning")


def page() -> str:
    """The page with its table made anew."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    rows = [HEAD, ("---",) * len(HEAD)]
    for metric in METRICS:
        labels = ", ".join(f"`{label}`" for label in metric.labels)
        rows.append((f"`{metric.full_name}`", metric.kind, labels, metric.text))
    table = "".join(f"| {' | '.join(cells)} |\n" for cells in rows)
    return f"{before}{BEGIN}\n{table}{END}{after}"
