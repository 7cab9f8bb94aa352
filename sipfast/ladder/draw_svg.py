"""A ladder as an SVG picture, which stands alone and follows the reader's theme.

ElementTree escapes all text, and `visible` has replaced what XML cannot hold.
"""

from __future__ import annotations

import unicodedata
from typing import Literal
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from .model import Arrow, Ladder
from .words import Language, caption, clock, legend, legs, marked, meanings, say, since

__all__ = ["Theme", "colours", "drawn", "element", "rules"]

Theme = Literal["auto", "light", "dark"]

_MARGIN = 24
_ROW = 38
_NARROWEST, _WIDEST = 168, 320
_TIME = 108
_DELTA = 72
_LEG = 30
_HEAD = 34
_TIP = 8
_LOOP = 30
_CHARACTER = 7.3
_BOLD = 8.6
"""The widths of most characters in pixels: a little more than those of a font of 13 pixels."""
_MOST_LEGS = 12
_LEG_COLOURS = 6

_LIGHT = {
    "paper": "#ffffff",
    "ink": "#1f2328",
    "quiet": "#59636e",
    "line": "#c8d1da",
    "box": "#f3f5f8",
    "request": "#0550ae",
    "provisional": "#59636e",
    "success": "#116329",
    "redirection": "#7d4e00",
    "failure": "#b3141d",
    "unparsable": "#b3141d",
    "leg0": "#0969da",
    "leg1": "#bc4c00",
    "leg2": "#1a7f37",
    "leg3": "#8250df",
    "leg4": "#bf3989",
    "leg5": "#4d6b00",
}
_DARK = {
    "paper": "#0d1117",
    "ink": "#e6edf3",
    "quiet": "#9198a1",
    "line": "#3d444d",
    "box": "#161b22",
    "request": "#79c0ff",
    "provisional": "#9198a1",
    "success": "#56d364",
    "redirection": "#e3b341",
    "failure": "#ff7b72",
    "unparsable": "#ff7b72",
    "leg0": "#58a6ff",
    "leg1": "#f0883e",
    "leg2": "#3fb950",
    "leg3": "#bc8cff",
    "leg4": "#f778ba",
    "leg5": "#a5c261",
}
_KINDS = ("request", "provisional", "success", "redirection", "failure", "unparsable")


# JupyterLab and Visual Studio Code have themes of their own.
_IN_LIGHT = ('[data-jp-theme-light="true"]', ".vscode-light")
_IN_DARK = ('[data-jp-theme-light="false"]', ".vscode-dark")


def colours(scope: str, theme: Literal["auto", "light", "dark", "notebook"]) -> str:
    """The colours as variables of CSS; "notebook" follows the theme of a notebook."""
    light = f"{scope}{{{_variables(_LIGHT)}}}"
    dark = f"{scope}{{{_variables(_DARK)}}}"
    if theme == "auto" or theme == "notebook":
        both = f"{light}@media (prefers-color-scheme:dark){{{dark}}}"
        if theme == "auto":
            return both
        ways = ((_LIGHT, _IN_LIGHT), (_DARK, _IN_DARK))
        return both + "".join(
            [
                f"{place} {scope}{{{_variables(table)}}}"
                for table, places in ways
                for place in places
            ]
        )
    return f"{light if theme == 'light' else dark}{scope}{{color-scheme:{theme}}}"


def _variables(table: dict[str, str]) -> str:
    return ";".join([f"--{name}:{colour}" for name, colour in table.items()])


def rules(scope: str) -> str:
    kinds = "".join([f"{scope} .{kind}{{--own:var(--{kind})}}" for kind in _KINDS])
    numbers = range(_LEG_COLOURS)
    dots = "".join([f"{scope} .leg{number}{{fill:var(--leg{number})}}" for number in numbers])
    fonts = (
        "system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Noto Sans CJK SC',"
        "'PingFang SC','Microsoft YaHei',sans-serif"
    )
    return (
        f"{scope} text{{font:13px {fonts};fill:var(--ink)}}"
        f"{scope} .paper{{fill:var(--paper)}}"
        f"{scope} .title{{font-weight:600;font-size:14px}}"
        f"{scope} .quiet{{fill:var(--quiet)}}"
        f"{scope} .time{{fill:var(--quiet);font-variant-numeric:tabular-nums;font-size:12px}}"
        f"{scope} .box{{fill:var(--box);stroke:var(--line)}}"
        f"{scope} .host{{font-weight:600;text-anchor:middle}}"
        f"{scope} .life{{stroke:var(--line)}}"
        f"{scope} .shaft{{stroke:var(--own);stroke-width:1.5;fill:none}}"
        f"{scope} .again .shaft{{stroke-dasharray:5 4}}"
        f"{scope} .tip{{fill:var(--own)}}"
        f"{scope} .label{{fill:var(--own);text-anchor:middle;paint-order:stroke;"
        "stroke:var(--paper);stroke-width:5px;stroke-linejoin:round}"
        f"{scope} .label.right{{text-anchor:start}}"
        f"{scope} .end{{text-anchor:end}}"
        f"{scope} .leg{{font-weight:600;font-size:11px;text-anchor:middle;fill:var(--paper)}}"
        f"{scope} .hit{{fill:transparent}}"
        f"{kinds}{dots}"
    )


def drawn(ladder: Ladder, theme: Theme, language: Language) -> str:
    """The picture as text of XML."""
    return ElementTree.tostring(element(ladder, theme, language), encoding="unicode")


def element(
    ladder: Ladder,
    theme: Theme,
    language: Language,
    *,
    links: tuple[str, ...] = (),
    styled: bool = True,
) -> Element:
    """The picture, with its style unless it is part of a page that has it.

    With `links`, the arrows lead to these, as far as there are so many.
    """
    if theme not in ("auto", "light", "dark"):
        raise ValueError(f"theme must be 'auto', 'light' or 'dark', not {theme!r}")
    svg = _Picture(ladder, language, links).element()
    if styled:
        style = Element("style")
        style.text = colours(".sipfast-ladder", theme) + rules(".sipfast-ladder")
        svg.insert(2, style)  # after title and desc
    return svg


def _width(text: str, each: float = _CHARACTER) -> float:
    """About the width of a text in pixels."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return (len(text) - wide) * each + wide * 13.5


def _cut(text: str, width: float, each: float = _CHARACTER) -> str:
    if _width(text, each) <= width:
        return text
    used = _width("…", each)
    for at, char in enumerate(text):
        used += _width(char, each)
        if used > width:
            return text[:at].rstrip() + "…"
    return text


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


class _Picture:
    def __init__(self, ladder: Ladder, language: Language, links: tuple[str, ...]) -> None:
        self._ladder = ladder
        self._language = language
        self._links = links
        arrows = ladder.arrows
        self._has_times = any(arrow.time_ns is not None for arrow in arrows)
        self._has_deltas = any(arrow.delta is not None for arrow in arrows)
        self._has_legs = len(ladder.call.call_ids) > 1
        self._left = _MARGIN + (_TIME if self._has_times else _LEG)
        self._left += _DELTA if self._has_deltas else 0
        self._left += _LEG if self._has_legs else 0
        self._labels = [host.label for host in ladder.hosts]
        self._spacing = self._needed()
        self._places: list[float] = []

    def _needed(self) -> float:
        """The distance of two lifelines, for the widest host and for the widest arrow."""
        needed = max((_width(label, _BOLD) + 34 for label in self._labels), default=0.0)
        for arrow in self._ladder.arrows:
            far = abs(arrow.source - arrow.target)
            if far:
                needed = max(needed, (_width(marked(arrow)) + 40) / far)
            elif arrow.source < len(self._labels) - 1:
                needed = max(needed, _width(marked(arrow)) + _LOOP + 20)
        return min(max(needed, _NARROWEST), _WIDEST)

    def element(self) -> Element:
        ladder, language = self._ladder, self._language
        count = len(self._labels)
        half = self._spacing / 2
        self._places = [self._left + half + index * self._spacing for index in range(count)]
        headings = list(legs(ladder, language, _MOST_LEGS))
        marks = legend(ladder.arrows, language)
        top = _MARGIN + 22 * len(headings) + 22 + 14
        rows = top + _HEAD + 10
        bottom = rows + _ROW * len(ladder.arrows) + 10
        height = bottom + (28 if marks else 0) + _MARGIN - 10
        width = max(self._left + count * self._spacing, 420) + _MARGIN + self._overhang()
        size = f"0 0 {_number(width)} {_number(height)}"
        name = say(language, "ladder", f"Call-ID {headings[0][1]}")
        svg = Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "class": "sipfast-ladder",
                "viewBox": size,
                "width": _number(width),
                "height": _number(height),
                "role": "group" if self._links else "img",
                "aria-label": name,
                "lang": "zh-CN" if language == "zh" else "en",
            },
        )
        SubElement(svg, "title").text = name
        SubElement(svg, "desc").text = f"{caption(ladder, language)}: {', '.join(self._labels)}"
        SubElement(svg, "rect", {"class": "paper", "width": "100%", "height": "100%"})
        self._heading(svg, headings, width)
        for place, label in zip(self._places, self._labels, strict=True):
            self._host(svg, place, label, top, bottom)
        for index, arrow in enumerate(ladder.arrows):
            self._arrow(svg, index, arrow, rows + _ROW * index + _ROW / 2)
        if marks:
            self._text(svg, _MARGIN, bottom + 22, "    ".join(marks), "quiet")
        return svg

    def _overhang(self) -> float:
        """The room that the label of a loop at the last host needs."""
        last = len(self._labels) - 1
        return max(
            (
                min(_width(marked(arrow)), _WIDEST) + _LOOP + 8 - self._spacing / 2
                for arrow in self._ladder.arrows
                if arrow.source == arrow.target == last
            ),
            default=0.0,
        )

    def _text(self, parent: Element, x: float, y: float, text: str, kind: str) -> Element:
        place = {"class": kind, "x": _number(x), "y": _number(y)}
        element = SubElement(parent, "text", {"xml:space": "preserve", **place})
        element.text = text
        return element

    def _heading(self, svg: Element, headings: list[tuple[str, str]], width: float) -> None:
        y = float(_MARGIN + 8)
        for number, (label, text) in enumerate(headings):
            x = float(_MARGIN)
            if self._has_legs and label:
                self._leg(svg, x + 9, y - 5, number)
                x += 26
            self._text(
                svg, x, y, _cut(text, width - x - _MARGIN, _BOLD), "title" if label else "quiet"
            )
            y += 22
        self._text(svg, _MARGIN, y, caption(self._ladder, self._language), "quiet")

    def _leg(self, svg: Element, x: float, y: float, leg: int) -> None:
        colour = f"leg{leg % _LEG_COLOURS}"
        dot = {"class": colour, "cx": _number(x), "cy": _number(y), "r": "9"}
        SubElement(svg, "circle", dot)
        self._text(svg, x, y + 4, str(leg + 1), "leg")

    def _host(self, svg: Element, place: float, label: str, top: float, bottom: float) -> None:
        line = {"class": "life", "x1": _number(place), "x2": _number(place)}
        SubElement(svg, "line", {**line, "y1": _number(top + _HEAD), "y2": _number(bottom)})
        shown = _cut(label, self._spacing - 24, _BOLD)
        width = max(_width(shown, _BOLD) + 18, 60)
        group = SubElement(svg, "g")
        SubElement(group, "title").text = label
        box = {"x": _number(place - width / 2), "y": _number(top), "width": _number(width)}
        SubElement(group, "rect", {"class": "box", **box, "height": str(_HEAD), "rx": "6"})
        self._text(group, place, top + 22, shown, "host")

    def _arrow(self, svg: Element, index: int, arrow: Arrow, y: float) -> None:
        again = " again" if arrow.is_retransmission or arrow.is_duplicate else ""
        group = SubElement(svg, "g", {"class": f"arrow {arrow.kind}{again}"})
        if index < len(self._links):
            link = {"href": f"#{self._links[index]}", "class": "pick", "draggable": "false"}
            group = SubElement(group, "a", link)
            hit = {"class": "hit", "x": "0", "y": _number(y - _ROW / 2), "width": "100%"}
            SubElement(group, "rect", {**hit, "height": str(_ROW), "rx": "4"})
        SubElement(group, "title").text = self._described(arrow)
        x = float(_MARGIN)
        if self._has_times:
            self._text(group, x, y + 9, clock(arrow.time_ns), "time")
            x += _TIME
        else:
            self._text(group, x, y + 9, str(arrow.message + 1), "time")
            x += _LEG
        if self._has_deltas:
            self._text(group, x + _DELTA - 16, y + 9, since(arrow.delta), "time end")
            x += _DELTA
        if self._has_legs:
            self._leg(group, x + 6, y + 5, arrow.leg)
        if arrow.source == arrow.target:
            self._loop(group, arrow, self._places[arrow.source], y)
        else:
            self._shaft(group, arrow, self._places[arrow.source], self._places[arrow.target], y)

    def _shaft(self, group: Element, arrow: Arrow, source: float, target: float, y: float) -> None:
        ahead = 1 if target > source else -1
        below = y + 8
        ends = {"x1": _number(source), "x2": _number(target - ahead * _TIP)}
        level = {"y1": _number(below), "y2": _number(below)}
        SubElement(group, "line", {"class": "shaft", **ends, **level})
        self._tip(group, target, below, ahead)
        label = self._label(arrow, abs(target - source) - 16)
        self._text(group, (source + target) / 2, y + 1, label, "label")

    def _tip(self, group: Element, x: float, y: float, ahead: int) -> None:
        back = x - ahead * (_TIP + 2)
        path = f"M{_number(x)} {_number(y)}L{_number(back)} {_number(y - 5)}V{_number(y + 5)}Z"
        SubElement(group, "path", {"class": "tip", "d": path})

    def _loop(self, group: Element, arrow: Arrow, x: float, y: float) -> None:
        path = f"M{_number(x)} {_number(y - 6)}h{_LOOP - 8}q8 0 8 8t-8 8H{_number(x + _TIP)}"
        SubElement(group, "path", {"class": "shaft", "d": path})
        self._tip(group, x, y + 10, -1)
        room = _WIDEST if arrow.source == len(self._places) - 1 else self._spacing - _LOOP - 12
        self._text(group, x + _LOOP + 8, y + 6, self._label(arrow, room), "label right")

    def _label(self, arrow: Arrow, room: float) -> str:
        label = marked(arrow)
        if _width(label) <= room:
            return label
        marks = label[len(arrow.text) :]
        return _cut(arrow.text, room - _width(marks)) + marks

    def _described(self, arrow: Arrow) -> str:
        path = f"{self._labels[arrow.source]} → {self._labels[arrow.target]}"
        return "\n".join([arrow.text, path, *meanings(arrow, self._language)])
