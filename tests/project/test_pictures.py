"""The pictures of the documents: each is made by a command, is there, and is shown."""

from __future__ import annotations

import re

import pytest
from pages.pictures import FOLDER, PICTURES

SHOWN = re.compile(r"!\[([^\]]+)\]\(pictures/([^)]+)\)")
MOST_BYTES = 300_000


def test_pages_show_the_pictures_that_are_there() -> None:
    shown = {
        name
        for page in FOLDER.parent.glob("*.md")
        for _, name in SHOWN.findall(page.read_text(encoding="utf-8"))
    }
    assert shown == {path.name for path in FOLDER.iterdir()} == set(PICTURES)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_small(name: str) -> None:
    assert (FOLDER / name).stat().st_size < MOST_BYTES
    begin = {"png": b"\x89PNG", "svg": b"<svg"}[name.rpartition(".")[2]]
    assert (FOLDER / name).read_bytes().startswith(begin)


def test_pictures_in_svg_are_current() -> None:
    for name, picture in PICTURES.items():
        if name.endswith(".svg"):
            assert (FOLDER / name).read_bytes() == picture(), f"{name}: make pictures"
