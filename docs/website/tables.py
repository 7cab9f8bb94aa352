"""The tables of the registry and of the faults as pages of the site, in English and in Chinese."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pages import defects
from pages.defects import markdown

from sipfast.registry.header_names import HEADER_NAMES
from sipfast.registry.methods import METHODS
from sipfast.registry.status import STATUSES

WORDS = {
    "status.md": ("Status codes", "code", "reason phrase", "meaning", "advice", "section"),
    "status.zh.md": ("状态码", "状态码", "原因短语", "含义", "处理建议", "出处"),
    "methods.md": ("Methods", "method", "meaning", "advice", "section"),
    "methods.zh.md": ("方法", "方法", "含义", "处理建议", "出处"),
    "header-fields.md": ("Header fields", "name", "compact", "meaning", "section"),
    "header-fields.zh.md": ("头字段", "名称", "缩写", "含义", "出处"),
}
"""The title and the columns of each page."""


def pages() -> dict[str, str]:
    """The text of each page."""
    rows: dict[str, Iterable[Sequence[str]]] = {
        "status.md": [(str(s.code), s.phrase, s.en, s.action, s.rfc) for s in STATUSES.values()],
        "status.zh.md": [
            (str(s.code), f"{s.phrase} {s.phrase_zh}", s.zh, s.action_zh, s.rfc)
            for s in STATUSES.values()
        ],
        "methods.md": [(m.name, m.en, m.action, m.rfc) for m in METHODS.values()],
        "methods.zh.md": [(m.name, m.zh, m.action_zh, m.rfc) for m in METHODS.values()],
        "header-fields.md": [(h.name, h.compact, h.en, h.rfc) for h in HEADER_NAMES],
        "header-fields.zh.md": [(h.name, h.compact, h.zh, h.rfc) for h in HEADER_NAMES],
    }
    made = {name: _page(WORDS[name], found) for name, found in rows.items()}
    return made | {"defects.zh.md": defects.page(language="zh")}


def _page(words: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    title, *columns = words
    lines = [columns, ["---"] * len(columns), *[[markdown(cell) for cell in row] for row in rows]]
    return f"# {title}\n\n" + "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
