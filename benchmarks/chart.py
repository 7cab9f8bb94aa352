"""The chart of RESULTS.md: the time per message of each contender, on a logarithmic scale."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import matplotlib
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from benchmarks import report
from benchmarks.lineup import Kind, Lineup
from benchmarks.timing import Timing

COLOURS = {
    Kind.OURS: "#0b7a75",
    Kind.PYTHON: "#d98324",
    Kind.C: "#5b6c8f",
    Kind.LIMIT: "#b9bec7",
}
INK, FAINT = "#1f2430", "#8a909c"


class Row(NamedTuple):
    """One bar of the chart."""

    name: str
    kind: Kind
    mixed: float
    """Median ns per message over the mixed corpus."""
    large: float | None
    """The same over 100,000 distinct messages."""


def draw_chart(
    lineup: Lineup, mixed: dict[str, Timing], large: dict[str, Timing], path: Path
) -> None:
    """Draw all timings as SVG."""
    rows = [
        Row(
            contender.name,
            contender.kind,
            mixed[contender.name].median,
            large[contender.name].median if contender.name in large else None,
        )
        for contender in lineup.contenders
    ]
    caption = f"Median over 2,000 distinct messages. {report.machine()}, one core."
    _draw(rows, lineup.contenders[0].name, caption, path)


def _draw(rows: Sequence[Row], ours: str, caption: str, path: Path) -> None:
    """Write the chart as SVG. `ours` is the row to which ratios refer."""
    ordered = sorted(rows, key=lambda row: row.mixed, reverse=True)
    unit = next(row.mixed for row in rows if row.name == ours)
    style = matplotlib.rc_context(
        {
            "font.family": "DejaVu Sans",
            "font.size": 10,
            "svg.hashsalt": "sipfast",  # equal figures give equal files
            "text.color": INK,
            "xtick.color": FAINT,
            "ytick.color": INK,
        }
    )
    with style:
        figure = Figure(figsize=(9, 1.5 + 0.36 * len(ordered)), layout="constrained")
        axes = figure.add_subplot()
        places = range(len(ordered))
        axes.barh(
            places,
            [row.mixed for row in ordered],
            height=0.66,
            color=[COLOURS[row.kind] for row in ordered],
        )
        for place, row in zip(places, ordered, strict=True):
            far = max(row.mixed, row.large or 0)
            axes.text(far * 1.08, place, _label(row, unit), va="center", fontsize=9)
            if row.large is not None:
                axes.plot([row.large], [place], "|", color=INK, markersize=11)
        axes.set_yticks(places, [row.name for row in ordered])
        axes.get_yticklabels()[[row.name for row in ordered].index(ours)].set_fontweight("bold")
        axes.set_xscale("log")
        axes.set_xlim(min(row.mixed for row in rows) / 2, max(row.mixed for row in rows) * 4)
        axes.xaxis.set_major_formatter(lambda ns, _: f"{ns:,.0f} ns")
        axes.grid(axis="x", color="#e6e8ec", linewidth=0.8)
        axes.set_axisbelow(True)
        axes.tick_params(length=0, which="both")
        axes.spines[:].set_visible(False)
        figure.suptitle(
            "Time to parse one SIP message", x=0.01, ha="left", fontsize=14, fontweight="bold"
        )
        figure.supxlabel(caption, x=0.01, ha="left", fontsize=9, color=FAINT)
        axes.legend(
            handles=_legend(ordered), loc="upper right", fontsize=8, frameon=True, edgecolor="none"
        )
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})


def _label(row: Row, unit: float) -> str:
    times = row.mixed / unit
    share = f"{times:.1f}x" if times < 10 else f"{times:.0f}x"
    return f"{row.mixed:,.0f} ns  ·  {share}"


def _legend(rows: Sequence[Row]) -> list[Patch | Line2D]:
    kinds = [kind for kind in Kind if any(row.kind is kind for row in rows)]
    handles: list[Patch | Line2D] = [Patch(color=COLOURS[kind], label=kind.value) for kind in kinds]
    if any(row.large is not None for row in rows):
        label = "100,000 distinct messages"
        handles.append(
            Line2D([], [], marker="|", linestyle="none", color=INK, markersize=9, label=label)
        )
    return handles
