"""Charts as SVG to stand within a page: drawn by matplotlib, coloured by the page.

The texts of a chart are numbers and times alone, so that it serves every language. Its colours are
variables of the page, and thus follow the light and the dark form.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["EDGES", "VARIABLES", "histogram", "traffic"]

EDGES = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)
"""The edges of a histogram's bins in each decade: bin 0 begins at 1 second, bin 6 at 10."""

VARIABLES = ("quiet", "line", "request", "response", "failure", "bar")
"""The variables of the page for colours."""

# matplotlib takes no variable for a colour: each is a number of its own until the end.
_COLOUR = {name: f"#{at:02x}{at:02x}{at:02x}" for at, name in enumerate(VARIABLES, 1)}
_NUMBERED = {number: f"var(--{name})" for name, number in _COLOUR.items()}
_STYLE: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": _COLOUR["line"],
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": "none",
    "font.size": 11,
    "grid.color": _COLOUR["line"],
    "grid.linewidth": 0.75,
    "svg.fonttype": "none",  # text stays text
    "xtick.bottom": False,
    "xtick.labelcolor": _COLOUR["quiet"],
    "ytick.left": False,
    "ytick.labelcolor": _COLOUR["quiet"],
}
_COLOURS = re.compile(r"#(0\d)\1\1")
_FAMILY = re.compile(r"font-family:[^;]*;?|font: ")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_SVG = "http://www.w3.org/2000/svg"


def traffic(
    edges: Sequence[int],
    requests: Sequence[int],
    responses: Sequence[int],
    failures: Sequence[int],
    *,
    width: int,
    height: int,
) -> str:
    """Messages over time, one kind upon the other; `edges` are seconds since 1970."""
    with _drawing(width, height) as (figure, axes):
        below = [0.0] * len(requests)
        for counts, name in (
            (requests, "request"),
            (responses, "response"),
            (failures, "failure"),
        ):
            top = [count + under for count, under in zip(counts, below, strict=True)]
            axes.stairs(top, edges, baseline=below, fill=True, color=_COLOUR[name], lw=0)
            below = top
        ticks = _times(edges[0], edges[-1], most=width // 110)
        axes.set_xticks(list(ticks), list(ticks.values()))
        axes.set_xlim(edges[0], edges[-1])
        axes.set_ylim(0, max(*below, 1) * 1.05)
        return _finished(figure, axes)


_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_TICKS = (
    *(1, 2, 5, 10, 15, 30),
    *(_MINUTE * count for count in (1, 2, 5, 10, 15, 30)),
    *(_HOUR * count for count in (1, 2, 3, 6, 12)),
    *(_DAY * count for count in (1, 2, 7, 14, 30, 60, 120, 365)),
)
"""The seconds between two ticks; beyond, years."""


def _times(first: int, last: int, *, most: int) -> dict[int, str]:
    """Ticks with their texts, at most so many: digits, which every language reads."""
    years = math.ceil((last - first) / (most * 365 * _DAY))
    step = next((step for step in _TICKS if last - first < step * most), 365 * _DAY * years)
    texts = {}
    for second in range(math.ceil(first / step) * step, last + 1, step):
        if step >= 60 * _DAY:
            form = "%Y-%m"
        elif second % _DAY == 0:
            form = "%m-%d"
        else:
            form = "%H:%M" if step >= _MINUTE else "%H:%M:%S"
        texts[second] = (_EPOCH + timedelta(seconds=second)).strftime(form)
    return texts


def histogram(counts: Mapping[int, int], *, width: int, height: int) -> str:
    """Delays on a logarithmic scale: how many there are in each bin, by its number."""
    first, last = min(counts), max(counts)
    spare = max(0, len(EDGES) - (last - first + 1))  # a decade at the least
    first, last = first - (spare + 1) // 2, last + spare // 2
    with _drawing(width, height) as (figure, axes):
        numbers = range(first, last + 1)
        values = [counts.get(number, 0) for number in numbers]
        axes.bar(numbers, values, width=0.9, align="edge", color=_COLOUR["bar"])
        room = width // 60
        step = next(step for step in _STEPS if len(numbers) // step <= room)
        ticks = [number for number in range(first, last + 2) if number % step == 0]
        axes.set_xticks(ticks, [_edge(number) for number in ticks])
        axes.set_xlim(first - 0.1, last + 1.1)
        axes.set_ylim(0, max(values) * 1.05)
        return _finished(figure, axes)


_STEPS = (2, 6, 12, 18, 36, 72, 600)
"""Of ticks: 1, 2, 5 and 10; or each decade, or every second one."""


def _edge(number: int) -> str:
    """Where a bin begins: ``20 ms``."""
    decade, at = divmod(number, len(EDGES))
    third = decade // 3 if decade < 0 else 0
    unit = {0: "s", -1: "ms", -2: "µs"}.get(third, "")
    return f"{EDGES[at] * 10.0 ** (decade - 3 * third):,g} {unit}"


@contextmanager
def _drawing(width: int, height: int) -> Iterator[tuple[Figure, Axes]]:
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # whatever the user has in a matplotlibrc
        matplotlib.rcParams.update(_STYLE)
        figure = Figure(figsize=(width / 72, height / 72))
        yield figure, figure.add_subplot()


def _finished(figure: Figure, axes: Axes) -> str:
    """The element `svg`, without what would reach beyond it: ids, styles of all elements."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:,.0f}"))
    axes.tick_params(length=0)
    axes.tick_params(axis="x", pad=7)
    figure.tight_layout(pad=0.3)
    file = io.BytesIO()
    figure.savefig(
        file, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type"))
    )
    root = ElementTree.fromstring(file.getvalue())
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == f"{{{_SVG}}}defs" or child.get("style") == "fill: none":
                parent.remove(child)
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{_SVG}}}")
        element.text, element.tail = (element.text or "").strip(), ""
        for name in ("id", "clip-path"):
            element.attrib.pop(name, None)
        style = element.get("style")
        if style is not None:
            style = _FAMILY.sub("", style)
            style = _COLOURS.sub(lambda found: _NUMBERED[found[0]], style)
            element.set("style", style.strip("; "))
        if element.tag == "path":
            element.set("d", " ".join(element.get("d", "").split()))
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.set("aria-hidden", "true")
    return ElementTree.tostring(root, encoding="unicode")
