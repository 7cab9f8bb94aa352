"""docs/capture.md: the reasons for skipping a packet."""

from __future__ import annotations

from pathlib import Path

from sipfast.capture import REASONS

PAGE = Path(__file__).parents[2] / "docs" / "capture.md"
BEGIN, END = "<!-- reasons begin -->", "<!-- reasons end -->"
COLUMNS = ("reason", "unread", "meaning")
NUMBERED = {"link type", "IP protocol"}


def page() -> str:
    """The page with its table made anew."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    rows = [COLUMNS, ("---",) * len(COLUMNS)]
    for name, is_unread, text, _ in REASONS.values():
        shown = f"{name} N" if name in NUMBERED else name
        rows.append((f'"{shown}"', "yes" if is_unread else "", text))
    table = "".join(f"| {' | '.join(cells)} |\n" for cells in rows)
    return f"{before}{BEGIN}\n{table}{END}{after}"
