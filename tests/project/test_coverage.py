"""`docs/coverage.md`: what sipfast was asked to cover, each with what was found of it.

With UPDATE=1 in the environment, the test writes the page instead of comparing it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from advice import Advice, lacking
from covered import GROUPS, Explained, Item

from sipfast import ParseError
from sipfast._engine import Engine

PAGE = Path(__file__).parents[2] / "docs" / "coverage.md"
ITEMS = [item for items in GROUPS.values() for item in items]

CODES = """
100 180 181 182 183 200 202 300 301 302 305 380 400 401 402 403 404 405 406 407 408 410 413 414 415
416 420 421 423 480 481 482 483 484 485 486 487 488 491 493 500 501 502 503 504 505 513 600 603 604
606
"""
METHODS = """
INVITE ACK BYE CANCEL REGISTER OPTIONS INFO UPDATE PRACK REFER SUBSCRIBE NOTIFY MESSAGE PUBLISH
"""
HEADERS = """
Call-ID From To CSeq Via Max-Forwards Contact Allow Expires Authorization Content-Type
Content-Length Event Allow-Events User-Agent
"""

INTRODUCTION = """\
# What sipfast was asked to cover

Methods, status codes, header fields and whole dialogues, each with messages that show it. A cell
names the engines, or the languages, of which a test found that:

- parsed: `sipfast.parse` takes the messages apart and finds no defect
- typed: the properties of the messages have the values that they must have
- explained: the tables of `sipfast.registry` (`status`, `methods`, `header_names`) say
  what it means, and the advice on a status code or a method has the words that it must have
- built back: start line, header fields and session description, each written from what was read,
  make the same bytes again

The messages and their values are in `tests/covered.py`, those of the dialogues in
`bench_data/dialogues/`, the words of the advice in `tests/advice.py`.

A test writes this page and compares it: `UPDATE=1 python -m pytest tests/project/test_coverage.py`.
"""
COLUMNS = ("", "shown by", "parsed", "typed", "explained", "built back")

# ---- what can be found of an item: the faults, none if all is well -------------------------------


def unparsed(engine: Engine, item: Item) -> list[str]:
    return [str(defect) for data in item.messages for defect in engine.parse(data).defects]


def untyped(engine: Engine, item: Item) -> list[str]:
    messages = [engine.parse(data) for data in item.messages]
    subject = messages if len(messages) > 1 else messages[0]
    found = {path: follow(subject, path) for path in item.facts}
    faults = [
        f"{path} is {found[path]!r}, not {fact!r}"
        for path, fact in item.facts.items()
        if found[path] != fact
    ]
    return faults + [proof.__name__ for proof in item.proofs if not proof(messages)]


def follow(value: Any, path: str) -> Any:
    """What stands at the end of a path from `value`."""
    for step in path.split("."):
        if step.isdecimal():
            value = value[int(step)]
        else:
            value = getattr(value, step) if hasattr(type(value), step) else value[step]
    return value


def unexplained(language: str, item: Item) -> list[str]:
    faults = []
    for one in item.explained:
        text = one.en if language == "en" else one.zh
        words = one.advice.en if language == "en" else one.advice.zh
        faults += lacking(words, text) if text.strip() else ["no text"]
    return faults


def not_built_back(engine: Engine, item: Item) -> list[str]:
    return [repr(data[:40]) for data in item.messages if built_back(engine, data) != data]


def built_back(engine: Engine, data: bytes) -> bytes:
    """A message written anew, from what was read of `data`."""
    message = engine.parse(data)
    lines = [start_line(message)]
    for name, text in message.headers.items():
        value = engine.parse_header(name, text)
        lines.append(f"{name}: {engine.format_header(value)}")
    body = message.body if message.sdp is None else bytes(message.sdp)
    return "\r\n".join([*lines, "", ""]).encode() + body


def start_line(message: Any) -> str:
    if hasattr(message, "method"):
        return f"{message.method} {message.uri_text} {message.version}"
    return f"{message.version} {message.status} {message.reason}"


ON_ENGINES: Mapping[str, Callable[[Engine, Item], list[str]]] = {
    "parsed": unparsed,
    "typed": untyped,
    "built back": not_built_back,
}


def ticks(faults_of: Callable[[Any, Item], list[str]], item: Item, over: Mapping[str, Any]) -> str:
    """The names, among those of `over`, for which no fault is found; a dash where there is none."""
    return ", ".join(name for name, one in over.items() if not _found(faults_of, one, item)) or "–"


def _found(faults_of: Callable[[Any, Item], list[str]], one: Any, item: Item) -> list[str]:
    try:
        return faults_of(one, item)
    except ParseError as error:
        return [str(error)]


# ---- the page ------------------------------------------------------------------------------------


def page(groups: Mapping[str, tuple[Item, ...]], native: Engine, pure: Engine) -> str:
    """The whole of docs/coverage.md."""
    engines = {"native": native, "pure": pure}
    parts = [INTRODUCTION]
    for heading, items in groups.items():
        rows = [COLUMNS, ("---",) * len(COLUMNS), *(row(item, engines) for item in items)]
        table = "".join(f"| {' | '.join(cells)} |\n" for cells in rows).replace("|  |", "| |")
        parts.append(f"\n## {heading}\n\n{table}")
    return "".join(parts)


def row(item: Item, engines: Mapping[str, Engine]) -> tuple[str, ...]:
    return (
        item.name,
        f"`{item.shown}`",
        ticks(unparsed, item, engines),
        ticks(untyped, item, engines),
        ticks(unexplained, item, {"en": "en", "zh": "zh"}),
        ticks(not_built_back, item, engines),
    )


def test_the_page_is_up_to_date(native: Engine, pure: Engine) -> None:
    text = page(GROUPS, native, pure)
    if os.environ.get("UPDATE") == "1":
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text


# ---- the findings --------------------------------------------------------------------------------


@pytest.mark.parametrize("finding", ON_ENGINES)
@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.name.replace(" ", "-"))
def test_an_item_is_covered(engine: Engine, item: Item, finding: str) -> None:
    assert ON_ENGINES[finding](engine, item) == []


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.name.replace(" ", "-"))
def test_an_item_is_explained(item: Item, language: str) -> None:
    assert unexplained(language, item) == []


def test_all_that_was_asked_for_is_there() -> None:
    names = {heading: [item.name for item in items] for heading, items in GROUPS.items()}
    assert names["Methods"] == METHODS.split()
    assert names["Status codes"] == CODES.split()
    assert {name.partition(" ")[0] for name in names["Header fields"]} == set(HEADERS.split())
    assert {"From with `epid`", "Contact with `methods`"} <= set(names["Header fields"])
    asked = {"call", "cancelled", "register", "register-digest", "options", "info-dtmf", "message"}
    assert asked | {"update"} <= set(names["Dialogues"])


# ---- a finding is no foregone conclusion ---------------------------------------------------------

WELL = GROUPS["Header fields"][0]


@pytest.mark.parametrize(
    ("old", "new", "missed"),
    [
        (b"77-pears", b"78-pears", {"typed"}),
        (b"CSeq: 63104", b"CSeq: x", {"parsed", "typed", "built back"}),
        (b"Max-Forwards: 70", b"Max-Forwards:70", {"built back"}),
        (b";branch", b";;branch", {"parsed"}),
    ],
)
def test_a_fault_leaves_no_tick(
    native: Engine, pure: Engine, old: bytes, new: bytes, missed: set[str]
) -> None:
    facts = {**WELL.facts, "cseq.number": 63104}
    item = WELL._replace(messages=(WELL.messages[0].replace(old, new),), facts=facts)
    engines = {"native": native, "pure": pure}
    cells = dict(zip(COLUMNS, row(item, engines), strict=True))
    assert {name for name in ON_ENGINES if cells[name] == "–"} == missed
    assert {cells[name] for name in ON_ENGINES.keys() - missed} <= {"native, pure"}


def test_a_text_that_lacks_a_word_leaves_no_tick() -> None:
    advice = Advice(("Retry-After",), ("重试",))
    item = WELL._replace(explained=(Explained("See Retry-After.", "稍后再试。", advice),))
    assert unexplained("en", item) == []
    assert unexplained("zh", item) == ["重试"]
    assert unexplained("en", WELL._replace(explained=(Explained("", "", advice),))) == ["no text"]
