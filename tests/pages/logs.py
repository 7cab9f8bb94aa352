"""docs/logs.md: the formats of text logs, and what they lose."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from log_files import LOGS, Written

from sipfast.capture import logs
from sipfast.capture.logs.formats import FORMATS, Format
from sipfast.capture.logs.heads import header_line

PAGE = Path(__file__).parents[2] / "docs" / "logs.md"
FORMAT_COLUMNS = ("format", "log", "a header line", "mark of the end", "length", "CRs", "may lose")
LOST_COLUMNS = ("lost", "meaning")
OF_FORMAT = {"length", "line ends"}
"""What has a column of its own."""


def page() -> str:
    """The page with its tables made anew."""
    text = PAGE.read_text(encoding="utf-8")
    text = _with_table(text, "formats", [FORMAT_COLUMNS, *map(_row, FORMATS)])
    return _with_table(text, "lost", [LOST_COLUMNS, *logs.LOST.items()])


def _with_table(text: str, name: str, rows: Iterable[tuple[str, ...]]) -> str:
    begin, end = f"<!-- {name} begin -->", f"<!-- {name} end -->"
    before, _, rest = text.partition(begin)
    head, *others = rows
    lines = [head, ("---",) * len(head), *others]
    table = "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
    return f"{before}{begin}\n{table}{end}{rest.partition(end)[2]}"


def _row(format: Format) -> tuple[str, ...]:
    written = [written for written in LOGS.values() if written.format == format.name]
    content = written[0].write(written[0].messages[0], 1)
    line = _code(header_line(content, format).strip().decode())
    ends = list(dict.fromkeys(_shown(end) for end in format.ends))
    length = {"message": "yes", "read": "of a read", "": ""}[format.counts]
    lost = {name for form in written for name in form.lost} - OF_FORMAT
    if _is_of_own(written):
        lost -= {"source", "destination"}
    names = ["the own address" if _is_of_own(written) else ""]
    names += [name for name in logs.LOST if name in lost]
    shown = ", ".join(name for name in names if name)
    return f'"{format.name}"', format.title, line, ", ".join(ends), length, format.line_ends, shown


def _is_of_own(written: list[Written]) -> bool:
    """Whether the log shows one side only: the other one is the program's own."""
    return all((form.source is None) != (form.destination is None) for form in written)


def _shown(end: bytes) -> str:
    text = end.strip(b" \r\n").decode()
    if text == "\v":
        return "VT, LF"
    return _code(text) if text else "a blank line"


def _code(text: str) -> str:
    escaped = text.replace("|", "\\|")
    return f"`{escaped}`"
