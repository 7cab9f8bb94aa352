"""A report on the screen: tables without lines, numbers aligned, little colour."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from .... import engine, kernel
from ....errors import FAULTS
from ....registry.methods import METHODS
from ....registry.status import status
from ....report.words import METRICS, OF_GROUPS, shown, texts
from ...screen.faults import text_of
from ...screen.grid import Grid, Kind, beside, wrapped_lines
from ...screen.text import file_size, shortened, visible
from ...screen.words import CLASSES
from .report import FileReport, Report, retransmission_share
from .words import StatsWords

if TYPE_CHECKING:
    from ....report.figures import Groups, Metrics
    from .measured import Measured

__all__ = ["Tables"]

_BAR_CELLS = 16
_EIGHTHS = " ▏▎▍▌▋▊▉"
_SIDE_BY_SIDE = 100
_BETWEEN = 6
_MARGIN = 2
_UNWRAPPED = 1_000_000
_CODES_PER_CLASS = 8
_ENOUGH_FOR_A_RATE = 1000

Lines = list[Text]


class _Names:
    """The names of files, shortened to the differing part."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.several = len(paths) > 1
        folders = {os.path.dirname(path) for path in paths}
        self.folder = folders.pop() if len(folders) == 1 else ""

    def __call__(self, path: str) -> str:
        return visible(os.path.basename(path) if self.folder else path)


class Tables:
    """The report in one language, for a screen of one width."""

    def __init__(
        self,
        report: Report,
        words: StatsWords,
        screen: Console,
        *,
        top: int,
        measures: Measured | None = None,
    ) -> None:
        self.measures = measures
        self.report = report
        self.stats = report.total.stats
        self.words = words
        self.screen = screen
        self.top = top
        self.names = _Names([file.path for file in report.files])
        self.chinese = words.language == "zh"
        self.texts = texts("zh" if self.chinese else "en")

        # Output to a file or to another program keeps its lines unwrapped.
        self.width = screen.width if screen.is_terminal else _UNWRAPPED

    def print(self) -> None:
        """Print the report."""
        for number, block in enumerate(self._blocks()):
            lines = [Text(), *block] if number else block
            for line in lines:
                self.screen.print(line, soft_wrap=True)

    def _blocks(self) -> list[Lines]:
        words, stats, total = self.words, self.stats, self.report.total
        blocks = [self._summary()]
        if len(self.report.files) > 1:
            blocks.append(self._section(words.of_files, self._files()))
        if stats.messages:
            blocks += self._traffic()
            blocks.append(self._section(words.of_agents, self._agents()))
        if self.measures is not None:
            blocks += self._calls(self.measures)
        if stats.defects:
            blocks.append(self._section(words.of_defects, *self._defects()))
        if stats.faults:
            blocks.append(self._section(words.of_unparsable, *self._faults()))
        others = {what: count for what, count in total.skipped.items() if what not in total.unread}
        for heading, packets in ((words.of_unread, total.unread), (words.of_skipped, others)):
            if packets:
                grid = Grid("number", "text")
                for reason, count in packets.items():
                    grid.row(f"{count:,}", visible(words.skipped(reason)))
                blocks.append(self._section(heading, grid))
        return blocks

    def _section(self, heading: str, *parts: Grid | Text) -> Lines:
        lines = [Text(heading, "heading")]
        for part in parts:
            inside = (
                [part] if isinstance(part, Text) else part.lines(self.screen, self.width - _MARGIN)
            )
            lines += [Text(" " * _MARGIN).append_text(line) for line in inside]
        return lines

    # ---- the summary ----

    def _summary(self) -> Lines:
        words, stats, skipped = self.words, self.stats, self.report.total.skipped
        lines = [self._title()]
        if stats.messages or stats.faults:
            lines += [self._counts(), *self._repeats(), self._speed()]
        elif skipped:
            packets = words.packets(sum(skipped.values()))
            lines.append(Text(words.no_sip_here.format(packets)))
        else:
            lines.append(Text(words.no_packets_here))
        if engine == "native":
            lines.append(Text(words.native.format(kernel), "quiet"))
        else:
            lines.append(Text(words.pure, "defect"))
        return [part for line in lines for part in wrapped_lines(line, self.screen, self.width)]

    def _title(self) -> Text:
        words, files = self.words, self.report.files
        size = file_size(self.report.total.size)
        if not self.names.several:
            title = Text(visible(files[0].path), "title")
            of = f" ({files[0].log})" if files[0].log else ""
            return title.append(f"  {files[0].format}{of}, {size}", "quiet")
        count = words.files(len(files))
        if self.names.folder:
            count = words.in_folder.format(count, visible(self.names.folder))
        return Text(count, "title").append(f"  {size}", "quiet")

    def _counts(self) -> Text:
        words, stats = self.words, self.stats
        line = Text.assemble(
            (words.messages(stats.messages), "title"),
            words.colon,
            words.and_these.join(
                [words.requests(stats.requests), words.responses(stats.responses)]
            ),
        )
        if stats.defective:
            line.append(words.then).append(
                words.with_defects.format(f"{stats.defective:,}"), "defect"
            )
            if stats.erroneous:
                line.append(words.and_these)
                line.append(words.with_errors.format(f"{stats.erroneous:,}"), "error")
        elif stats.wish.defects:
            line.append(words.then).append(words.without_defects, "good")
        if stats.faults:
            line.append(words.then)
            line.append(words.more_unparsable.format(f"{stats.unparsed:,}"), "error")
        if stats.cut:
            line.append(words.and_cut.format(f"{stats.cut:,}"))
        return line

    def _repeats(self) -> Lines:
        """The repeated messages, if there are any."""
        words, stats = self.words, self.stats
        both = (
            (stats.retransmissions, words.retransmissions),
            (stats.duplicates, words.duplicates),
        )
        parts = [count(number) for number, count in both if number]
        if stats.retransmissions:
            share = f"{retransmission_share(stats):.1%}"
            parts[0] = words.parenthesis.format(parts[0], share)
        if not parts:
            return []
        text = words.counted_too if stats.wish.repeats else words.left_out
        return [Text(text.format(words.and_these.join(parts)))]

    def _speed(self) -> Text:
        words, stats = self.words, self.stats
        tried = stats.messages + stats.unparsed
        if tried < _ENOUGH_FOR_A_RATE or not stats.parse_seconds:
            return Text(words.too_few.format(f"{stats.seconds * 1000:,.1f}"), "quiet")
        rates = (self._rate(tried / spent) for spent in (stats.seconds, stats.parse_seconds))
        return Text(words.rates.format(*rates), "quiet")

    def _rate(self, rate: float) -> str:
        """Two significant digits, the precision of a single pass."""
        if rate >= 995_000:
            return self.words.million.format(f"{rate / 1e6:.{0 if rate >= 9_950_000 else 1}f}")
        unit = 10 ** max(0, len(str(int(rate))) - 2)
        return f"{round(rate / unit) * unit:,}"

    # ---- the sections ----

    def _files(self) -> Grid:
        files = self.report.files
        columns = [column for column in _FILE_COLUMNS if any(map(column[2], files))]
        heads = ["", *(self.words.heads(head) for head, _, _ in columns)]
        numbers: list[Kind] = ["number"] * len(columns)
        grid = Grid("text", *numbers, heads=heads)
        for file in files:
            counts = (_number(count(file), style) for _, style, count in columns)
            grid.row(self.names(file.path), *counts)
        return grid

    def _traffic(self) -> list[Lines]:
        sections = []
        if self.stats.requests:
            sections.append(self._section(self.words.of_requests, self._methods()))
        if self.stats.responses:
            sections.append(self._section(self.words.of_responses, self._responses()))
        if len(sections) < 2 or not _SIDE_BY_SIDE <= self.width < _UNWRAPPED:
            return sections
        pair = beside(sections[0], sections[1], _BETWEEN)
        return [pair] if max(line.cell_len for line in pair) <= self.width else sections

    def _methods(self) -> Grid:
        grid = Grid("text", "number", "number", "bar")
        ordered = self.stats.methods.ordered()
        whole, most = self.stats.requests, ordered[0][1]
        # Unregistered names come last, so that they cannot push the registered ones off the screen.
        made_up = [item for item in ordered if item[0] not in METHODS]
        for name, count in ordered:
            if name in METHODS:
                _bar_row(grid, Text(name, "name"), count, whole, most)
        for name, count in made_up[: self.top]:
            _bar_row(grid, Text(visible(name), "defect"), count, whole, most)
        if made_up[self.top :]:
            more = self.words.more_unregistered.format(f"{len(made_up) - self.top:,}")
            grid.row(more, style="quiet")
        return grid

    def _responses(self) -> Grid:
        stats, words = self.stats, self.words
        grid = Grid("text", "number", "number", "bar")
        classes = stats.status_classes
        for digit, count in classes.items():
            meaning = CLASSES[digit][self.chinese] if digit in CLASSES else words.no_class
            label = Text.assemble((f"{digit}xx", "name"), f" {meaning}")
            _bar_row(grid, label, count, stats.responses, max(classes.values()))
            codes = [item for item in stats.statuses.items() if item[0] // 100 == digit]
            codes.sort(key=lambda item: -item[1])
            for code, times in codes[:_CODES_PER_CLASS]:
                grid.row(f"  {code:03} {self._phrase(code)}", f"{times:,}", style="quiet")
            if codes[_CODES_PER_CLASS:]:
                more = words.more_codes.format(len(codes) - _CODES_PER_CLASS)
                grid.row(f"  {more}", style="quiet")
        return grid

    def _phrase(self, code: int) -> str:
        if not 100 <= code <= 699:
            return ""
        row = status(code)
        return row.phrase_zh if self.chinese else row.phrase

    def _agents(self) -> Grid:
        stats, words, top = self.stats, self.words, self.top
        grid = Grid("number", "text")
        ordered = stats.agents.ordered()
        # The line about the others takes the room of one name.
        listed = ordered if len(ordered) == top + 1 else ordered[:top]
        for name, count in listed:
            grid.row(f"{count:,}", visible(name))
        others = ordered[len(listed) :]
        if others:
            count = sum(count for _, count in others)
            grid.row(f"{count:,}", words.others.format(f"{len(others):,}"), style="quiet")
        if stats.without_agent:
            grid.row(f"{stats.without_agent:,}", words.nameless, style="quiet")
        if stats.agents.shortfall:
            grid.row("", words.too_low_by.format(f"{stats.agents.shortfall:,}"), style="quiet")
        return grid

    def _calls(self, measures: Measured) -> list[Lines]:
        """The metrics of all calls, and a section for the groups."""
        words, metrics = self.words, measures.metrics
        parts: list[Grid | Text] = []
        if metrics.attempts or metrics.registrations:
            parts.append(self._metrics(metrics))
        else:
            parts += self._wrapped(Text(words.no_calls, "quiet"))
        if measures.busiest is not None:
            second = measures.busiest
            at = f"{second.start:%Y-%m-%d %H:%M:%S}"
            parts += self._wrapped(Text(words.busiest.format(f"{second.messages:,}", at)))
        blocks = [self._section(words.of_metrics, *parts)]
        blocks += [
            self._section(self.texts["by_" + groups.by], self._groups(groups))
            for groups in measures.groups
            if groups.first
        ]
        return blocks

    def _wrapped(self, line: Text) -> Lines:
        return wrapped_lines(line, self.screen, self.width - _MARGIN)

    def _metrics(self, metrics: Metrics) -> Grid:
        grid = Grid("short", "number", "text", "short")
        for column, about in METRICS.items():
            if getattr(metrics, column) is not None:
                value = shown(metrics, column)
                source = Text(about.source, "quiet")
                grid.row(Text(about.short, "name"), value, about.name[self.chinese], source)
        return grid

    def _groups(self, groups: Groups) -> Grid:
        words = self.words
        heads = [words.group_heads(head) for head in ("calls", "registrations", "messages")]
        shorts = [METRICS[column].short for column in OF_GROUPS]
        numbers: list[Kind] = ["number"] * (len(heads) + len(shorts))
        grid = Grid("text", *numbers, heads=["", heads[0], *shorts, *heads[1:]])
        for name, metrics in groups.first:
            label = Text(self.texts["none"], "quiet") if name is None else visible(shortened(name))
            grid.row(
                label,
                _number(metrics.attempts),
                *[shown(metrics, column) for column in OF_GROUPS],
                _number(metrics.registrations),
                _number(metrics.messages),
            )
        if groups.number > len(groups.first):
            more = words.others.format(f"{groups.number - len(groups.first):,}")
            grid.row(more, style="quiet")
        return grid

    def _defects(self) -> list[Grid]:
        words, several = self.words, self.names.several
        heads = ("", "", "", "", *map(words.heads, ("first in", "byte")))
        kinds: tuple[Kind, ...] = ("number", "short", "text", "short", "number", "number")
        grid = Grid("number", "short", "text") if several else Grid(*kinds, heads=heads)
        for row in self.stats.defects:
            style = "error" if row.severity == "error" else "defect"
            what = visible(shortened(text_of(row, words)))
            count = Text(f"{row.count:,}", style)
            severity = Text(words.severity(row.severity), style)
            if several:
                grid.row(count, severity, Text.assemble(what, (f"  {row.rfc}", "quiet")))
                first = words.first_in_message.format(f"{row.first.message:,}")
                grid.row("", "", f"{first}{self.names(row.first.file)}", style="quiet")
            else:
                place = f"{row.first.message:,}", f"{row.first.offset:,}"
                grid.row(count, severity, what, Text(row.rfc, "quiet"), *place)
        return [grid]

    def _faults(self) -> list[Grid | Text]:
        words, stats = self.words, self.stats
        parts: list[Grid | Text] = []
        if stats.unparsable:
            heads = (*map(words.heads, ("message", "byte")), "")
            listed = Grid("number", "number", "text", heads=heads)
            for item in stats.unparsable:
                what = Text(item.text_zh if self.chinese else item.text, "error")
                if self.names.several:
                    what.append(f"  {self.names(item.place.file)}", "")
                listed.row(f"{item.place.message:,}", f"{item.place.offset:,}", what)
            parts.append(listed)
        if stats.unparsed > len(stats.unparsable):
            sums = Grid("number", "text", "short")
            for code, count in stats.faults.items():
                fault = FAULTS[code]
                text = fault.text_zh if self.chinese else fault.text
                sums.row(Text(f"{count:,}", "error"), text, Text(fault.rfc, "quiet"))
            parts += [Text(words.in_all, "quiet"), sums] if parts else [sums]
        return parts


_FILE_COLUMNS: tuple[tuple[str, str, Callable[[FileReport], int]], ...] = (
    ("requests", "", lambda file: file.stats.requests),
    ("responses", "", lambda file: file.stats.responses),
    ("defective", "defect", lambda file: file.stats.defective),
    ("unparsable", "error", lambda file: file.stats.unparsed),
    ("skipped", "quiet", lambda file: sum(file.skipped.values())),
)


def _number(number: int, style: str = "") -> Text:
    return Text(f"{number:,}", style) if number else Text("-", "quiet")


def _bar_row(grid: Grid, label: Text, count: int, whole: int, most: int) -> None:
    full, rest = divmod(count * _BAR_CELLS * 8 // most, 8)
    bar = "█" * full + _EIGHTHS[rest].strip()
    grid.row(label, f"{count:,}", Text(f"{count / whole:.1%}", "quiet"), Text(bar, "bar"))
