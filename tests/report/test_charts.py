"""Charts: what they show, and that a page can hold them."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import matplotlib
import pytest

from sipfast.report.charts import EDGES, VARIABLES, histogram, traffic


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter("text")]


def filled(svg: str, name: str) -> list[list[tuple[float, float]]]:
    """The corners of the shapes with this colour."""
    shapes = []
    for path in ElementTree.fromstring(svg).iter("path"):
        if path.get("style", "").startswith(f"fill: var(--{name})"):
            numbers = [float(n) for n in re.findall(r"-?[\d.]+", path.get("d", ""))]
            shapes.append(list(zip(numbers[::2], numbers[1::2], strict=True)))
    return shapes


def heights(svg: str) -> list[float]:
    return [
        max(y for _, y in corners) - min(y for _, y in corners) for corners in filled(svg, "bar")
    ]


def test_a_histogram_has_a_bar_for_each_bin() -> None:
    chart = histogram({0: 1, 1: 2, 5: 4}, width=400, height=200)
    bars = heights(chart)
    assert [round(4 * bar / max(bars)) for bar in bars] == [1, 2, 0, 0, 0, 4]
    assert {"1 s", "2 s", "5 s", "10 s"} <= set(texts(chart))


@pytest.mark.parametrize(
    ("bins", "shown"),
    [
        ({-18: 1}, ["1 ms", "2 ms"]),
        ({-19: 1, -17: 3}, ["1 ms"]),
        ({-36: 1}, ["1 µs"]),
        ({6: 1, 18: 1}, ["10 s", "1,000 s"]),
        ({-36: 1, 40: 1}, ["1 µs", "100 µs", "10 ms", "1 s", "100 s"]),
        ({-36: 1, 500: 1}, ["1 s"]),
    ],
)
def test_the_ticks_of_a_histogram(bins: dict[int, int], shown: list[str]) -> None:
    found = texts(histogram(bins, width=400, height=200))
    assert [text for text in shown if text not in found] == []
    assert len(found) < 20


def test_the_edges_of_bins_are_those_of_decades() -> None:
    assert EDGES[0] == 1
    assert list(EDGES) == sorted(set(EDGES))
    assert EDGES[-1] < 10


def test_traffic_stacks_its_kinds() -> None:
    chart = traffic([0, 10, 20], [1, 3], [2, 0], [1, 1], width=600, height=200)
    tops = {}
    for name in ("request", "response", "failure"):
        (corners,) = filled(chart, name)
        tops[name] = min(y for _, y in corners)
    floor = max(y for corners in filled(chart, "request") for _, y in corners)
    # 4 messages in both bins: requests reach 3 of 4, and failures the top.
    whole = floor - tops["failure"]
    assert (floor - tops["request"]) / whole == pytest.approx(3 / 4)
    assert (floor - tops["response"]) / whole == pytest.approx(3 / 4)


@pytest.mark.parametrize(
    ("begin", "step", "sample"),
    [
        (1_710_232_200, 1, ["08:30:00", "08:30:10", "08:31:00"]),
        (1_710_232_200, 300, ["09:00", "10:00", "13:00"]),
        (1_710_232_200, 1800, ["12:00", "03-13", "12:00"]),
        (1_710_232_200, 43_200, ["03-14", "04-04"]),
        (0, 86_400 * 60, ["1970-01", "1972-01"]),
        (0, 86_400 * 1700, ["1970-01"]),
    ],
)
def test_the_times_of_traffic(begin: int, step: int, sample: list[str]) -> None:
    edges = [begin + at * step for at in range(61)]
    found = texts(traffic(edges, [1] * 60, [1] * 60, [1] * 60, width=900, height=200))
    assert [text for text in sample if text not in found] == []


@pytest.mark.parametrize("width", [420, 900])
def test_the_times_of_traffic_are_few_digits(width: int) -> None:
    step = 1
    while 60 * step < 86_400 * 365 * 292:
        edges = [1_710_232_217 % (60 * step) + at * step for at in range(61)]
        chart = traffic(edges, [1] * 60, [1] * 60, [1] * 60, width=width, height=200)
        times = [text for text in texts(chart) if "-" in text or ":" in text]
        assert 1 <= len(times) <= width // 110 + 1
        assert all(re.fullmatch(r"(\d\d)?\d\d-\d\d|[\d:]+", text) for text in times)
        step = step * 3 // 2 + 1


CHARTS = [
    histogram({-3: 3, 0: 1}, width=400, height=190),
    traffic([0, 1, 2], [1, 3], [2, 0], [1, 1], width=900, height=200),
]


@pytest.mark.parametrize("chart", CHARTS)
def test_a_chart_stays_within_its_place(chart: str) -> None:
    root = ElementTree.fromstring(chart)
    assert root.get("viewBox")
    for element in root.iter():
        assert element.tag in ("svg", "g", "path", "text")
        assert set(element.attrib) <= {
            *("viewBox", "aria-hidden", "d", "style", "x", "y", "transform", "xmlns")
        }
        style = element.get("style", "")
        assert "url(" not in style
        assert "font-family" not in style
        assert not re.search("#[0-9a-f]{6}", style)
        assert set(re.findall(r"var\(--(\w+)\)", style)) <= set(VARIABLES)
    assert not {"id", "width", "height"} & set(root.attrib)


def test_a_chart_is_the_same_each_time_and_whatever_the_user_prefers() -> None:
    preferred = {"font.size": 30, "axes.grid": False, "ytick.labelsize": 30}
    with matplotlib.rc_context(preferred):
        assert histogram({-3: 3, 0: 1}, width=400, height=190) == CHARTS[0]
        assert matplotlib.rcParams["font.size"] == 30
