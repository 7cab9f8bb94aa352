"""The pages of docs/ that are generated are as they are generated now."""

from __future__ import annotations

from pathlib import Path

import pages
import pytest
from pages import DOCS, OF_OTHERS, PAGES
from pages.values import BEGIN, END, kind

from sipfast._engine import Engine


@pytest.mark.parametrize("name", [name for name in PAGES if name not in OF_OTHERS])
def test_a_page_is_current(name: str, native: Engine) -> None:
    current = (DOCS / name).read_text(encoding="utf-8") == PAGES[name]()
    assert current, f"docs/{name} is not what its tables say: make docs"


def test_what_becomes_of_the_torture_messages_is_current(shared: Path, native: Engine) -> None:
    for name in OF_OTHERS:
        current = (DOCS / name).read_text(encoding="utf-8") == PAGES[name]()
        assert current, f"docs/{name} is not what the engines answer: make docs"


def test_pages_are_written_where_they_differ(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pages, "DOCS", tmp_path)
    monkeypatch.setattr(
        pages, "PAGES", {"a.md": lambda: "new", "b.md": lambda: "b", "conformance.md": lambda: "c"}
    )
    monkeypatch.delenv("SIPFAST_SHARED", raising=False)
    for name in ("a.md", "b.md", "conformance.md"):
        (tmp_path / name).write_text(name[0])
    pages.write()
    assert [(tmp_path / name).read_text() for name in ("a.md", "b.md")] == ["new", "b"]
    assert capsys.readouterr().out.splitlines() == [
        "docs/a.md: written",
        "docs/conformance.md: left as it is, for SIPFAST_SHARED is not set",
    ]


def test_every_typed_property_is_in_the_table(native: Engine) -> None:
    text = PAGES["values.md"]()
    table = text[text.index(BEGIN) : text.index(END)]
    typed = vars(native.module("message.properties").Typed)
    names = [name for name, field in typed.items() if hasattr(field, "header_id")]
    assert len(names) > 90
    assert [name for name in names if f"| `{name}` |" not in table] == []
    assert "| Via | `vias` | tuple of `Via` | no | RFC 3261 20.42 |\n" in table


def test_types_are_said_in_words() -> None:
    assert kind("Via | None") == "`Via`"
    assert kind("tuple[str, ...]") == "tuple of `str`"
