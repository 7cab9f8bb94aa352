"""A report as one page of HTML that needs nothing else: no script, no file, no network.

Every text of a message is escaped twice: `visible` writes control characters and marks of writing
direction out, and the template, filled by jinja2 with autoescape, leaves no text as markup. The
pages have a bounded size for any capture.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from .. import __version__
from .._visible import shortened, visible
from ..registry import results
from ..registry.q850 import cause_text
from . import charts
from .figures import Busiest, Figures, Groups, Metrics
from .words import (
    METRICS,
    OF_GROUPS,
    Language,
    counted,
    percent,
    phrase,
    seconds,
    shown,
    texts,
)

__all__ = ["Counts", "FileLine", "Report", "Rows", "page"]

Rows = Sequence[tuple[int, str]]
"""Counts with what they are of, the most frequent first."""

_WIDE, _NARROW = 900, 420
_HALF = 650
"""Pixels of a ladder that can still be read in one of two columns, on paper too."""
_MOST_FILES = 12
_MOST_CODES = 14
_LONGEST_TEXT = 120


class FileLine(NamedTuple):
    """A file that was read."""

    path: str
    format: str
    size: str


class Counts(NamedTuple):
    """The counts of ``sipfast stats``; its texts are in the language of the page."""

    files: Sequence[FileLine]
    messages: int
    requests: int
    responses: int
    unparsable: int
    defective: int | None
    """None if nobody looked for defects."""
    erroneous: int
    retransmissions: int
    retransmission_share: float
    methods: Rows
    statuses: Mapping[int, int]
    agents: Rows
    defects: Sequence[tuple[int, str, str, str]]
    """Count, severity, text and section of an RFC."""
    faults: Sequence[tuple[int, str, str]]
    """Count, text and section of an RFC."""
    unread: Rows
    skipped: Rows


class Report(NamedTuple):
    """All that is on a page."""

    counts: Counts
    metrics: Metrics
    busiest: Busiest | None
    figures: Figures
    groups: Sequence[Groups]
    ladders: Mapping[str, str]
    """SVG pictures of calls by Call-ID."""
    top: int = 10
    """The most rows of a list."""


def page(report: Report, language: Language) -> str:
    """The page of a report."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters |= _FILTERS
    environment.filters["counted"] = partial(counted, language=language)
    words = texts(language)
    figures = report.figures
    return environment.get_template("report.html").render(
        language="zh-CN" if language == "zh" else "en",
        version=__version__,
        t=words,
        report=report,
        counts=report.counts,
        figures=figures,
        files=report.counts.files[:_MOST_FILES],
        more_files=len(report.counts.files[_MOST_FILES:]),
        tiles=_tiles(report, language),
        traffic=_traffic(figures),
        metrics=_metrics(report.metrics, language),
        group_columns=OF_GROUPS,
        names=METRICS,
        results=_results(figures, language),
        methods=_methods(report.counts.methods, report.top),
        codes=_codes(report.counts.statuses, language),
        delays=[
            (delay, charts.histogram(delay.bins, width=_NARROW, height=190))
            for delay in figures.delays
        ],
        failures=_failures(report, language),
    )


# ---- texts


def _shown(value: Any) -> Any:
    """What a text becomes where it stands in the page; markup of our own stays as it is."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return visible(shortened(value, _LONGEST_TEXT))
    return value


def _number(count: int) -> str:
    return f"{count:,}"


def _share(count: int, whole: int) -> str:
    return percent(100 * count / whole if whole else None)


def _span(seconds: int) -> str:
    """The length of a bin: ``5 min``."""
    for unit, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds % unit == 0:
            return f"{seconds // unit:,} {name}"
    return f"{seconds} s"


def _moment(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S")


_FILTERS: dict[str, Callable[..., str]] = {
    "number": _number,
    "percent": percent,
    "share": _share,
    "seconds": seconds,
    "span": _span,
    "moment": _moment,
    "metric": shown,
}


# ---- parts of the page


def _tiles(report: Report, language: Language) -> list[tuple[str, str, str, str]]:
    """The headline figures: a label, a value, what more there is to say, and a style."""
    counts, metrics, t = report.counts, report.metrics, texts(language)
    both = t["comma"].join(
        [
            counted(counts.requests, "requests", language),
            counted(counts.responses, "responses", language),
        ]
    )
    tiles = [(t["messages"], _number(counts.messages), both, "")]
    if metrics.attempts:
        answered = t["calls_answered"].format(_number(metrics.answers))
        tiles.append((t["calls"], _number(metrics.attempts), answered, ""))
        tiles.append(("ASR", percent(metrics.asr), f"NER {percent(metrics.ner)}", ""))
        tiles.append(("SER", percent(metrics.ser), f"SEER {percent(metrics.seer)}", ""))
    if metrics.srd_successful is not None:
        failed = f"SDD {seconds(metrics.sdd)}"
        tiles.append(("SRD", seconds(metrics.srd_successful), failed, ""))
    if metrics.registrations:
        rrd = f"RRD {seconds(metrics.rrd)}"
        tiles.append((t["registrations"], _number(metrics.registrations), rrd, ""))
    if report.busiest:
        at = report.busiest.start.strftime("%m-%d %H:%M:%S")
        tiles.append((t["busiest"], _number(report.busiest.messages), at, ""))
    share = t["of_messages"].format(percent(100 * counts.retransmission_share))
    tiles.append((t["retransmissions"], _number(counts.retransmissions), share, ""))
    if counts.defective is not None:
        errors = t["with_errors"].format(_number(counts.erroneous))
        style = "bad" if counts.erroneous else ""
        tiles.append((t["with_defects"], _number(counts.defective), errors, style))
    if counts.unparsable:
        share = t["of_messages"].format(
            _share(counts.unparsable, counts.unparsable + counts.messages)
        )
        tiles.append((t["unparsable"], _number(counts.unparsable), share, "bad"))
    return tiles


def _traffic(figures: Figures) -> tuple[str, str] | None:
    """The chart for wide windows, and that for narrow ones."""
    if figures.traffic is None:
        return None
    wide, narrow = [
        charts.traffic(*figures.traffic, width=width, height=height)
        for width, height in ((_WIDE, 200), (_NARROW, 200))
    ]
    return wide, narrow


class _MetricLine(NamedTuple):
    short: str
    name: str
    value: str
    text: str
    source: str


def _metrics(metrics: Metrics, language: Language) -> list[_MetricLine]:
    at = language == "zh"
    rows = []
    for column, words in METRICS.items():
        if getattr(metrics, column) is not None:
            value = shown(metrics, column)
            rows.append(
                _MetricLine(words.short, words.name[at], value, words.text[at], words.source)
            )
    return rows


class _Bar(NamedTuple):
    """A row of a list with bars: `part` of the longest one, in percent."""

    label: str
    text: str
    number: int
    part: float
    style: str


def _bars(rows: Sequence[tuple[str, str, int, str]]) -> list[_Bar]:
    most = max([count for _, _, count, _ in rows], default=1)
    return [
        _Bar(label, text, count, 100 * count / most, style) for label, text, count, style in rows
    ]


def _results(figures: Figures, language: Language) -> list[_Bar]:
    rows = []
    for name, count in figures.results.items():
        style = "good" if name == "answered" else "bad" if name == "failed" else ""
        rows.append(("", results.CALLS[name] if language == "zh" else name, count, style))
    return _bars(rows)


class _List(NamedTuple):
    rows: list[_Bar]
    more: int


def _methods(methods: Rows, top: int) -> _List:
    rows = [("", name, count, "") for count, name in methods[:top]]
    return _List(_bars(rows), len(methods[top:]))


def _codes(statuses: Mapping[int, int], language: Language) -> _List:
    """The most frequent status codes, by code."""
    ordered = sorted(statuses.items(), key=lambda item: (-item[1], item[0]))
    rows = [
        (f"{code:03}", phrase(code, language), count, "bad" if code >= 400 else "")
        for code, count in sorted(ordered[:_MOST_CODES])
    ]
    return _List(_bars(rows), len(ordered[_MOST_CODES:]))


class _Failed(NamedTuple):
    status: str
    text: str
    notes: list[str]
    calls: int
    call_id: str | None
    ladder: str | None
    """The address of a picture: the data themselves."""
    is_broad: bool
    """Whether half of the page is too narrow for the picture."""


def _failures(report: Report, language: Language) -> list[_Failed]:
    t = texts(language)
    found = []
    for row in report.figures.failures:
        text = t["without_final"] if row.status is None else phrase(row.status, language)
        notes = []
        if row.reason and row.reason != text:
            notes.append(f"“{row.reason}”")
        if row.cause is not None:
            meaning = cause_text(row.cause, chinese=language == "zh")
            kind = "Q.850" if row.cause < 128 else "SIP"
            notes.append(f"{kind} {row.cause} {meaning}".rstrip())
        if row.trunk:
            notes.append(t["mostly_between"].format(row.trunk))
        drawn = report.ladders.get(row.call_id or "")
        found.append(
            _Failed(
                "" if row.status is None else f"{row.status:03}",
                text,
                notes,
                row.calls,
                row.call_id,
                drawn and _address(drawn),
                drawn is not None and _width_of(drawn) > _HALF,
            )
        )
    return found


def _width_of(svg: str) -> float:
    """The width of a picture, in pixels."""
    found = re.search(r' width="([0-9.]+)"', svg)
    return float(found[1]) if found else 0


def _address(svg: str) -> str:
    """A picture as an address of its own: what is in it stays apart from the page."""
    content = base64.b64encode(svg.encode("utf-8", "replace")).decode("ascii")
    return f"data:image/svg+xml;base64,{content}"
