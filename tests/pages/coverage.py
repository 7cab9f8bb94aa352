"""docs/coverage.md: what sipfast was asked to cover, each with what is found of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from covered import GROUPS, Item

from sipfast import ParseError
from sipfast._engine import Engine, load

INTRODUCTION = """\
# Coverage

Methods, status codes, header fields and whole dialogues, each with messages that show it. A cell
names the engines, or the languages, for which a test found that:

- parsed: `sipfast.parse` accepts the messages, and they have no defect
- typed: the properties of the messages have the expected values
- explained: the tables of `sipfast.registry` (`status`, `methods`, `header_names`) explain it
- built back: start line, header fields and session description, written anew from the values read,
  are the same bytes

The messages and their values are in `tests/covered.py`, those of the dialogues in
`bench_data/dialogues/`. `make docs` writes this page, and a test compares it.
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
    texts = [one.en if language == "en" else one.zh for one in item.explained]
    return ["no text" for text in texts if not text.strip()]


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


def page() -> str:
    """The whole of docs/coverage.md."""
    engines = {"native": load("native"), "pure": load("pure")}
    parts = [INTRODUCTION]
    for heading, items in GROUPS.items():
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
