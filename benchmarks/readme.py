"""The tables of figures in README.md and README.zh-CN.md, from the bars of one run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks import bars
from benchmarks.bar import Bar

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- bars -->", "<!-- /bars -->"


class Row(NamedTuple):
    """A row: the bar of its figure, and its text in both languages."""

    bar: str
    en: str
    zh: str


ALIKE = (
    Row(
        bars.NINE_LOOK_UPS,
        "nine header fields by name and the body: a split by hand into a dict of lists",
        "按名称读取九个头字段和消息体：手工拆分成列表字典",
    ),
    Row(
        bars.PARTS_ALIKE,
        "19 typed properties, every part of every value: sipmessage",
        "19 个带类型的属性，每个值的每一部分：sipmessage",
    ),
    Row(
        bars.FIELDS_ALIKE,
        "every header field that has a type: sofia-sip's `msg_make`, in C",
        "每个有类型的头字段：sofia-sip 的 `msg_make`（C）",
    ),
)
LAZY = (
    Row(
        bars.TYPED,
        "19 typed properties, their parts unread: sipmessage, all parts read",
        "19 个带类型的属性，其各部分未读：sipmessage，各部分均已读",
    ),
    Row(
        bars.lazy("by hand: split"),
        "`parse`: a split by hand into a dict of lists",
        "`parse`：手工拆分成列表字典",
    ),
    Row(
        bars.lazy("sipmessage"),
        "`parse`: sipmessage's `Message.parse`",
        "`parse`：sipmessage 的 `Message.parse`",
    ),
    Row(bars.lazy("libosip2"), "`parse`: libosip2, in C", "`parse`：libosip2（C）"),
    Row(bars.lazy("sofia-sip"), "`parse`: sofia-sip, in C", "`parse`：sofia-sip（C）"),
)
COSTS = (
    Row(
        bars.CHECKED,
        "`parse` and `defects`, against `parse` and 19 typed properties",
        "`parse` 加 `defects`，相对于 `parse` 加 19 个带类型的属性",
    ),
    Row(
        bars.TOKENIZER,
        "the tokenizer alone, in C, against `memchr` from line end to line end",
        "仅分词器（C），相对于逐行 `memchr`",
    ),
    Row(
        bars.worst_block("native"),
        "the worst hostile header block found, per byte, against these messages",
        "找到的最坏恶意头部，按每字节计，相对于这些消息",
    ),
    Row(
        bars.PURE_BY_HAND,
        "the pure engine's `parse`, against a split by hand",
        "纯 Python 引擎的 `parse`，相对于手工拆分",
    ),
)


class Language(NamedTuple):
    """The texts around the figures in a language."""

    file: str
    row: int
    """The index of the row's field with its text."""
    tables: tuple[str, str, str]
    """The headings of the three tables."""
    faster: str
    slower: str
    open: str
    """A target that is not reached."""
    exceeded: str
    """A maximum that is exceeded."""
    unmeasured: str
    lazily: str


ENGLISH = Language(
    "README.md",
    1,
    (
        "| read alike on both sides | sipfast is | target |",
        "| lazy: left to be read on sipfast's side | sipfast is | target |",
        "| what it costs | ratio | at most |",
    ),
    "{:.{}f}x faster",
    "{:.{}f}x",
    "{}, open",
    "{}, exceeded",
    "not measured",
    "`parse` only records spans and reads nothing: alone, it does less than its rivals.",
)
CHINESE = Language(
    "README.zh-CN.md",
    2,
    (
        "| 双方读取的内容相同 | sipfast | 目标 |",
        "| 惰性：sipfast 一方有未读的内容 | sipfast | 目标 |",
        "| 开销 | 比值 | 至多 |",
    ),
    "快 {:.{}f} 倍",
    "{:.{}f} 倍",
    "{}，未达到",
    "{}，已超出",
    "未测量",
    "`parse` 只记下各部分的位置而不读取内容，因此单独来看，它做的事比对手少。",
)


def write_tables(found: Iterable[Bar], folder: Path = ROOT) -> None:
    """Put the tables between the markers of both READMEs. ValueError if there are no markers."""
    by_promise = {bar.promise: bar for bar in found}
    for language in (ENGLISH, CHINESE):
        path = folder / language.file
        before, begin, rest = path.read_text(encoding="utf-8").partition(BEGIN)
        _, end, after = rest.partition(END)
        if not (begin and end):
            raise ValueError(f"{path} has no line {BEGIN!r} before a line {END!r}")
        text = f"{before}{begin}\n{tables(by_promise, language)}\n{end}{after}"
        path.write_text(text, encoding="utf-8")


def tables(found: Mapping[str, Bar], language: Language) -> str:
    """Return the three tables."""
    alike, lazy, costs = (
        "\n".join([head, "| --- | ---: | ---: |", *(_row(found, row, language) for row in rows)])
        for head, rows in zip(language.tables, (ALIKE, LAZY, COSTS), strict=True)
    )
    return f"{alike}\n\n{language.lazily}\n\n{lazy}\n\n{costs}"


def _row(found: Mapping[str, Bar], row: Row, language: Language) -> str:
    bar = found.get(row.bar)
    if bar is None or bar.measured is None:
        return f"| {row[language.row]} | {language.unmeasured} | - |"
    phrase = language.faster if bar.at_least else language.slower
    figure = phrase.format(bar.measured, 1 if bar.measured < 100 else 0)
    target = language.slower.format(bar.wanted, 0 if bar.wanted == int(bar.wanted) else 1)
    if not bar.met:
        target = (language.open if bar.at_least else language.exceeded).format(target)
    return f"| {row[language.row]} | {figure} | {target} |"
