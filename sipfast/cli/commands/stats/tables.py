"""A report on the screen: tables without lines, numbers aligned, little colour."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence

from rich.console import Console, ConsoleRenderable, Group
from rich.padding import Padding
from rich.segment import Segment, Segments
from rich.table import Table
from rich.text import Text

from .... import engine, kernel
from ....errors import FAULTS
from ....registry.methods import METHODS
from ....registry.status import status
from ...screen.text import counted, file_size, visible
from ...screen.words import CLASSES
from .counts import Stats
from .report import FileReport, Report

__all__ = ["render"]

_BAR_CELLS = 16
_EIGHTHS = " ▏▎▍▌▋▊▉"
_SIDE_BY_SIDE = 100
_CODES_PER_CLASS = 8
_ENOUGH_FOR_A_RATE = 1000


def render(report: Report, screen: Console, *, top: int) -> None:
    """Print the report."""
    names = _Names([file.path for file in report.files])
    stats, skipped = report.total.stats, report.total.skipped
    blocks: list[ConsoleRenderable] = [_summary(report, names)]
    if len(report.files) > 1:
        blocks.append(_section("Files", _files(report.files, names)))
    if stats.messages:
        blocks += _traffic(stats, screen.width, top)
        blocks.append(_section("User agents", _agents(stats, top)))
    if stats.defects:
        blocks.append(_section("Defects", _defects(stats, names)))
    if stats.faults:
        blocks.append(_section("Cannot be parsed", _faults(stats, names)))
    if skipped:
        blocks.append(_section("Packets skipped", _skipped(skipped)))
    for number, block in enumerate(blocks):
        _print(screen, Group(Text(), block) if number else block)


class _Names:
    """How files are called where there are several: by what tells them apart."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.several = len(paths) > 1
        folders = {os.path.dirname(path) for path in paths}
        self.folder = folders.pop() if len(folders) == 1 else ""

    def __call__(self, path: str) -> Text:
        return Text(visible(os.path.basename(path) if self.folder else path), overflow="fold")


def _print(screen: Console, block: ConsoleRenderable) -> None:
    """Print without the blanks with which tables fill their lines."""
    for line in Segment.split_lines(screen.render(block)):
        while line and not line[-1].text.strip(" "):
            line.pop()
        if line:
            text, style, _ = line[-1]
            line[-1] = Segment(text.rstrip(" "), style)
        screen.print(Segments([*line, Segment.line()]), end="")


# ---- what it is all about ----


def _summary(report: Report, names: _Names) -> Group:
    stats, skipped = report.total.stats, report.total.skipped
    lines = [_title(report, names)]
    if stats.messages or stats.faults:
        lines += [_counts(stats), _speed(stats)]
    elif skipped:
        packets = counted(sum(skipped.values()), "packet")
        lines.append(Text(f"No SIP over UDP here; {packets} of other kinds skipped."))
    else:
        lines.append(Text("No packets here."))
    return Group(*lines, _engine())


def _title(report: Report, names: _Names) -> Text:
    size = file_size(report.total.size)
    if not names.several:
        file = report.files[0]
        title = Text(visible(file.path), style="title", overflow="fold")
        return title.append(f"  {file.format}, {size}", style="quiet")
    place = f" in {visible(names.folder)}" if names.folder else ""
    title = Text(counted(len(report.files), "file") + place, style="title", overflow="fold")
    return title.append(f"  {size}", style="quiet")


def _counts(stats: Stats) -> Text:
    line = Text.assemble(
        (counted(stats.messages, "message"), "title"),
        f": {counted(stats.requests, 'request')}, {counted(stats.responses, 'response')}; ",
    )
    if stats.defective:
        line.append(f"{stats.defective:,} with defects", style="defect")
    else:
        line.append("no defects", style="good")
    if stats.faults:
        line.append("; ")
        line.append(f"{stats.unparsed:,} more unparsable", style="error")
    return line


def _speed(stats: Stats) -> Text:
    tried = stats.messages + stats.unparsed
    if tried < _ENOUGH_FOR_A_RATE or not stats.parse_seconds:
        milliseconds = f"{stats.seconds * 1000:,.1f} ms"
        return Text(f"Done in {milliseconds}: too few messages to tell a speed by.", "quiet")
    overall, parsing = (_rate(tried / spent) for spent in (stats.seconds, stats.parse_seconds))
    return Text(f"{overall} messages a second in all, {parsing} in parsing alone.", "quiet")


def _rate(rate: float) -> str:
    """Two significant digits: a single pass tells no more."""
    if rate >= 995_000:
        return f"{rate / 1e6:.{0 if rate >= 9_950_000 else 1}f} million"
    unit = 10 ** max(0, len(str(int(rate))) - 2)
    return f"{round(rate / unit) * unit:,}"


def _engine() -> Text:
    if engine == "native":
        return Text(f"Engine native, kernel {kernel}.", "quiet")
    return Text("Engine pure: Python alone, many times slower than the native one.", "defect")


# ---- the sections ----


def _section(heading: str, content: ConsoleRenderable) -> Group:
    return Group(Text(heading, style="heading"), Padding(content, (0, 0, 0, 2), expand=False))


def _grid(*columns: str, heads: Sequence[str] = ()) -> Table:
    """A table of columns: a ``number``, a ``short`` text, a ``name`` that may be cut, ``text``."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    for column in columns:
        if column == "number":
            grid.add_column(justify="right", no_wrap=True)
        elif column == "short":
            grid.add_column(no_wrap=True)
        elif column == "name":
            grid.add_column(no_wrap=True, overflow="ellipsis")
        else:
            grid.add_column(overflow="fold")
    if heads:
        grid.add_row(*(Text(head, style="quiet") for head in heads))
    return grid


_FILE_COLUMNS: tuple[tuple[str, str, Callable[[FileReport], int]], ...] = (
    ("requests", "", lambda file: file.stats.requests),
    ("responses", "", lambda file: file.stats.responses),
    ("defective", "defect", lambda file: file.stats.defective),
    ("unparsable", "error", lambda file: file.stats.unparsed),
    ("skipped", "quiet", lambda file: sum(file.skipped.values())),
)


def _files(files: Iterable[FileReport], names: _Names) -> Table:
    files = list(files)
    columns = [column for column in _FILE_COLUMNS if any(map(column[2], files))]
    heads = ["", *(head for head, _, _ in columns)]
    grid = _grid("text", *("number" for _ in columns), heads=heads)
    for file in files:
        numbers = (_number(count(file), style) for _, style, count in columns)
        grid.add_row(names(file.path), *numbers)
    return grid


def _number(number: int, style: str = "") -> Text:
    return Text(f"{number:,}", style) if number else Text("-", "quiet")


def _traffic(stats: Stats, width: int, top: int) -> list[ConsoleRenderable]:
    sections: list[ConsoleRenderable] = []
    if stats.requests:
        sections.append(_section("Requests", _methods(stats, top)))
    if stats.responses:
        sections.append(_section("Responses", _responses(stats)))
    if len(sections) < 2 or width < _SIDE_BY_SIDE:
        return sections
    pair = Table.grid(padding=(0, 6, 0, 0))
    pair.add_row(*sections)
    return [pair]


def _methods(stats: Stats, top: int) -> Table:
    grid = _grid("name", "number", "number", "text")
    ordered = stats.methods.ordered()
    most = ordered[0][1]
    # What senders made up comes last, so that it cannot push the real ones off the screen.
    made_up = [item for item in ordered if item[0] not in METHODS]
    for name, count in ordered:
        if name in METHODS:
            _bar_row(grid, Text(name, "name"), count, stats.requests, most)
    for name, count in made_up[:top]:
        _bar_row(grid, Text(visible(name), "defect"), count, stats.requests, most)
    if made_up[top:]:
        grid.add_row(Text(f"{len(made_up) - top:,} more, not registered", "quiet"))
    return grid


def _responses(stats: Stats) -> Table:
    grid = _grid("name", "number", "number", "text")
    classes = stats.status_classes
    for digit, count in classes.items():
        meaning = CLASSES[digit][0] if digit in CLASSES else "no class of SIP"
        label = Text.assemble((f"{digit}xx", "name"), f" {meaning}")
        _bar_row(grid, label, count, stats.responses, max(classes.values()))
        codes = [item for item in stats.statuses.items() if item[0] // 100 == digit]
        codes.sort(key=lambda item: -item[1])
        for code, times in codes[:_CODES_PER_CLASS]:
            _quiet_row(grid, f"  {code:03} {_phrase(code)}", f"{times:,}")
        if codes[_CODES_PER_CLASS:]:
            _quiet_row(grid, f"  {len(codes) - _CODES_PER_CLASS} more codes")
    return grid


def _phrase(code: int) -> str:
    return status(code).phrase if 100 <= code <= 699 else ""


def _bar_row(grid: Table, label: Text, count: int, whole: int, most: int) -> None:
    full, rest = divmod(count * _BAR_CELLS * 8 // most, 8)
    bar = "█" * full + _EIGHTHS[rest].strip()
    grid.add_row(label, f"{count:,}", Text(f"{count / whole:.1%}", "quiet"), Text(bar, "bar"))


def _quiet_row(grid: Table, *cells: str) -> None:
    grid.add_row(*(Text(cell, "quiet") for cell in cells))


def _agents(stats: Stats, top: int) -> Table:
    grid = _grid("number", "name")
    ordered = stats.agents.ordered()
    listed = ordered if len(ordered) == top + 1 else ordered[:top]  # one more takes no more room
    for name, count in listed:
        grid.add_row(f"{count:,}", Text(visible(name)))
    others = ordered[len(listed) :]
    if others:
        _quiet_row(grid, f"{sum(count for _, count in others):,}", f"{len(others):,} others")
    if stats.without_agent:
        _quiet_row(grid, f"{stats.without_agent:,}", "do not say")
    if stats.agents.shortfall:
        _quiet_row(grid, "", f"any count may be too low by up to {stats.agents.shortfall:,}")
    return grid


def _defects(stats: Stats, names: _Names) -> Table:
    if names.several:
        return _defects_of_several(stats, names)
    heads = ("", "", "", "first in", "byte")
    grid = _grid("number", "text", "short", "number", "number", heads=heads)
    for row in stats.defects:
        count, rfc = Text(f"{row.count:,}", "defect"), Text(row.rfc, "quiet")
        grid.add_row(count, row.text, rfc, f"{row.first.message:,}", f"{row.first.offset:,}")
    return grid


def _defects_of_several(stats: Stats, names: _Names) -> Table:
    grid = _grid("number", "text")
    for row in stats.defects:
        what = Text.assemble(row.text, (f"  {row.rfc}", "quiet"))
        first = Text(f"first in message {row.first.message:,} of ", "quiet", overflow="fold")
        grid.add_row(Text(f"{row.count:,}", "defect"), what)
        grid.add_row("", first.append_text(names(row.first.file)))
    return grid


def _faults(stats: Stats, names: _Names) -> Group:
    parts: list[ConsoleRenderable] = []
    if stats.unparsable:
        listed = _grid("number", "number", "text", heads=("message", "byte"))
        for item in stats.unparsable:
            what = Text(item.text, "error")
            if names.several:
                what.append("  ").append_text(names(item.place.file))
            listed.add_row(f"{item.place.message:,}", f"{item.place.offset:,}", what)
        parts.append(listed)
    if stats.unparsed > len(stats.unparsable):
        sums = _grid("number", "text", "short")
        for code, count in stats.faults.items():
            fault = FAULTS[code]
            sums.add_row(Text(f"{count:,}", "error"), fault.text, Text(fault.rfc, "quiet"))
        parts += [Text("in all", "quiet"), sums] if parts else [sums]
    return Group(*parts)


def _skipped(skipped: Mapping[str, int]) -> Table:
    grid = _grid("number", "text")
    for reason, count in skipped.items():
        grid.add_row(f"{count:,}", Text(visible(reason)))
    return grid
