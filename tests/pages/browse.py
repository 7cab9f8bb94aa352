"""docs/browse.md: the keys."""

from __future__ import annotations

from pathlib import Path

from sipfast.cli.commands.browse.keys import PLACES, keys_of

PAGE = Path(__file__).parents[2] / "docs" / "browse.md"
BEGIN, END = "<!-- keys begin -->", "<!-- keys end -->"


def page() -> str:
    """The page with its tables made anew."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{_tables()}{END}{after}"


def _tables() -> str:
    tables = []
    for place, (name, _) in PLACES.items():
        rows = [("keys", "what they do", "sngrep"), ("---",) * 3]
        for key in keys_of(place):
            shown = ", ".join(f"`{one}`" for one in key.shown.split(", "))
            rows.append((shown, key.en, "same" if key.sngrep else ""))
        table = "".join(f"| {' | '.join(cells)} |\n" for cells in rows)
        tables.append(f"### {name}\n\n{table}")
    return "\n".join(tables)
