"""The table in docs/uri.md of the characters of each component of a URI."""

from __future__ import annotations

from pathlib import Path

from sipfast.registry.uri_components import COMPONENTS, Component

from .defects import markdown

PAGE = Path(__file__).parents[2] / "docs" / "uri.md"
BEGIN, END = "<!-- components begin -->", "<!-- components end -->"
COLUMNS = ("scheme", "component", "rule", "characters", "%HH", "empty", "section", "fault")
RANGES = {
    "A-Za-z0-9": "letters, digits",
    "0-9": "digits",
    "0-9A-Fa-f": "hexadecimal digits",
}


def page() -> str:
    """The page with its table made anew."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    rows = [COLUMNS, ("---",) * len(COLUMNS), *map(row, COMPONENTS.values())]
    table = "".join(f"| {' | '.join(cells)} |\n" for cells in rows)
    return f"{before}{BEGIN}\n{table}{END}{after}"


def row(one: Component) -> tuple[str, ...]:
    marks = " ".join(map(markdown, one.marks))
    return (
        "sip, sips" if one.scheme == "sip" else one.scheme,
        one.name,
        one.rule,
        f"{RANGES[one.ranges]}, {marks}" if marks else RANGES[one.ranges],
        "yes" if one.escapes else "no",
        "yes" if one.may_be_empty else "no",
        one.rfc,
        f"`{one.fault}`",
    )
