"""Saving dialogs: as a capture for other tools, as text, or as a ladder."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from typing import Any

from rich.console import Console

from ....calls import Call
from ....capture import Record, Writer
from ....capture.beside import Beside
from ...messages.page import Page
from ...screen.terminal import THEME
from .messages import Found
from .words import BrowseWords

__all__ = [
    "CAPTURES",
    "FORMATS",
    "LADDERS",
    "MOST_OF_LADDER",
    "format_of",
    "save_captures",
    "save_ladder",
    "save_text",
]

CAPTURES = ("pcap", "pcapng", "sip")
LADDERS = ("svg", "html", "mmd")
FORMATS = (*CAPTURES, "txt", *LADDERS)
"""The suffixes of files that are saved: captures, text as `sipfast show` has it, ladders."""

MOST_OF_LADDER = 20
"""The dialogs of one ladder."""


def format_of(path: str) -> str | None:
    """The format of a file by its suffix; None for another suffix."""
    suffix = os.path.splitext(path)[1].lower().removeprefix(".")
    return suffix if suffix in FORMATS else None


def save_captures(
    found: Iterable[Record], path: str, form: str, *, overwrite: bool
) -> tuple[int, int]:
    """Write records as a capture; their number, and that of those without their time."""
    with Beside(path, overwrite=overwrite) as place:
        writer = Writer(place.file, format=form)  # type: ignore[arg-type]
        for record in found:
            writer.write(record)
        writer.close()
        return writer.written, writer.untimed


def save_text(found: Iterable[Found], path: str, words: BrowseWords, *, overwrite: bool) -> int:
    """Write messages with their meanings and defects, as ``sipfast show`` does to a pipe."""
    count = 0
    with Beside(path, overwrite=overwrite) as place:
        text = io.TextIOWrapper(place.file, "utf-8", "backslashreplace", write_through=True)
        screen = Console(file=text, markup=False, highlight=False, emoji=False, theme=THEME)
        page = Page(screen, words)
        for source, one in found:
            if count:
                page.gap()
            page.message(source, one.number, one.record)
            count += 1
        text.flush()
        text.detach()
    return count


def save_ladder(call: Call, path: str, form: str, words: BrowseWords, *, overwrite: bool) -> int:
    """Write the ladder of a call, and return the number of its messages."""
    ladder = call.ladder()
    language: Any = words.language
    if form == "svg":
        text = ladder.svg("auto", language)
    elif form == "html":
        text = ladder.html(language)
    else:
        text = ladder.mermaid()
    with Beside(path, overwrite=overwrite) as place:
        place.file.write(text.encode("utf-8", "backslashreplace"))
    return len(call.messages)
