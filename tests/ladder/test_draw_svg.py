"""Ladders as SVG: well-formed, readable, and without anything that a message brought."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from ladders import BOB, INVITE, PROXY, UNSEEN, call_of, capture, hostile_call, sip

import sipfast
from sipfast.ladder import Ladder

SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {"svg", "title", "desc", "style", "rect", "line", "path", "circle", "g", "text"}
ATTRIBUTES = {
    *("class", "viewBox", "width", "height", "role", "aria-label", "lang", "x", "y", "rx"),
    *("x1", "x2", "y1", "y2", "d", "cx", "cy", "r", "{http://www.w3.org/XML/1998/namespace}space"),
}


def parsed(text: str) -> ElementTree.Element:
    """The picture, in which there is nothing but what the drawing has."""
    svg = ElementTree.fromstring(text)
    for element in svg.iter():
        assert element.tag.removeprefix(SVG) in ELEMENTS
        assert set(element.attrib) <= ATTRIBUTES
    assert not UNSEEN - {"\n"} & {*text}
    return svg


def texts(svg: ElementTree.Element, kind: str) -> list[str]:
    return [
        element.text or "" for element in svg.iter(f"{SVG}text") if element.get("class") == kind
    ]


def merged() -> Ladder:
    data = capture(
        (0.0, PROXY, BOB, sip(INVITE)),
        (0.1, BOB, PROXY, sip("SIP/2.0 200 OK", call_id="b@x")),
    )
    return sipfast.Call.merged(sipfast.read_calls(data, ["a@x", "b@x"]).values()).ladder()


def test_hosts_arrows_and_times_are_text() -> None:
    svg = parsed(call_of().ladder().svg())
    assert texts(svg, "host") == ["192.0.2.1:5060", "192.0.2.2:5060", "192.0.2.3:5062"]
    labels = texts(svg, "label")
    assert labels[:2] == ["INVITE (SDP)", "INVITE (SDP) ↻"]
    assert labels[-3:] == ["BYE", "200 OK (BYE)", "NOTIFY !3"]
    assert texts(svg, "time")[:2] == ["00:00:00.000", "00:00:00.500"]
    assert texts(svg, "time end")[1:3] == ["+0.500", "+0.001"]
    assert texts(svg, "title") == ["a@x"]


def test_readers_of_screens_get_titles() -> None:
    svg = parsed(call_of().ladder().svg(language="zh"))
    assert (svg.get("role"), svg.get("lang")) == ("img", "zh-CN")
    assert svg.findtext(f"{SVG}title") == svg.get("aria-label") == "Call-ID a@x 的时序图"
    assert "192.0.2.3:5062" in (svg.findtext(f"{SVG}desc") or "")
    titles = [group.findtext(f"{SVG}title") for group in svg.iter(f"{SVG}g")]
    assert "INVITE (SDP)\n192.0.2.1:5060 → 192.0.2.2:5060\n重传" in titles


def test_arrows_lie_between_their_hosts() -> None:
    ladder = call_of().ladder()
    svg = parsed(ladder.svg())
    places = [
        float(line.get("x1", "")) for line in svg.iter(f"{SVG}line") if line.get("class") == "life"
    ]
    shafts = [line for line in svg.iter(f"{SVG}line") if line.get("class") == "shaft"]
    for arrow, shaft in zip(ladder.arrows, shafts, strict=True):
        assert float(shaft.get("x1", "")) == places[arrow.source]
        assert abs(float(shaft.get("x2", "")) - places[arrow.target]) <= 8
    width, height = map(float, (svg.get("viewBox") or "").split()[2:])
    for element in svg.iter():
        for name in ("x", "x1", "x2", "cx"):
            assert 0 <= float(element.get(name, "0")) <= width
        for name in ("y", "y1", "y2", "cy"):
            assert 0 <= float(element.get(name, "0")) <= height


def test_an_arrow_from_a_host_to_itself_is_a_loop() -> None:
    inside = capture((0.0, BOB, (BOB[0], 1), sip(INVITE)))
    svg = parsed(call_of(inside).ladder(merge=True).svg())
    assert texts(svg, "label right") == ["INVITE"]


def test_themes() -> None:
    ladder = call_of().ladder()
    auto, light, dark = (ladder.svg(theme) for theme in ("auto", "light", "dark"))
    assert "@media (prefers-color-scheme:dark)" in auto
    assert "@media" not in light + dark
    assert "--paper:#ffffff" in light
    assert "--paper:#ffffff" not in dark
    with pytest.raises(ValueError, match="theme must be"):
        ladder.svg("blue")  # type: ignore[arg-type]


def test_legs_have_colours_and_numbers() -> None:
    svg = parsed(merged().svg())
    assert texts(svg, "title") == ["a@x", "b@x"]
    assert texts(svg, "leg") == ["1", "2", "1", "2"]
    assert [dot.get("class") for dot in svg.iter(f"{SVG}circle")] == [
        "leg0",
        "leg1",
        "leg0",
        "leg1",
    ]


def test_hostile_texts_are_texts() -> None:
    ladder = hostile_call().ladder()
    svg = parsed(ladder.svg())
    assert any("<script>alert(1)</script>" in text for text in map(str, svg.itertext()))
    assert "<script" not in ladder.svg()
    assert "<img" not in ladder.svg()


def test_a_picture_needs_nothing_from_elsewhere() -> None:
    text = call_of().ladder().svg().replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|url\(|@import|<image|href", text)
