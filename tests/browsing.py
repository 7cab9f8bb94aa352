"""Driving `sipfast browse` in tests, through the pilot of Textual."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from textual.pilot import Pilot

from sipfast.cli.commands.browse.app import Browser
from sipfast.cli.commands.browse.store import LEGS, Store
from sipfast.cli.commands.browse.words import BrowseWords

__all__ = ["Drive", "browse", "press", "screen_of", "settled"]

Drive = Callable[["Pilot[None]", Browser], Awaitable[None]]

_TEXT = re.compile(r"<text[^>]*>([^<]*)</text>")


def browse(
    *files: str | Path,
    drive: Drive,
    size: tuple[int, int] = (100, 30),
    language: str = "en",
    text: str = "",
    legs: Sequence[str] = LEGS,
    is_dark: bool = True,
) -> None:
    """Open files, and drive the program once all is read."""
    words = BrowseWords(language)
    store = Store([str(file) for file in files], words, legs)
    app = Browser(store, words, text=text, legs=legs, is_dark=is_dark)

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            await drive(pilot, app)

    try:
        asyncio.run(run())
    finally:
        store.close()


async def settled(pilot: Pilot[None]) -> None:
    """Wait for the threads of the program, and for what they draw."""
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, each when all that the one before began has ended."""
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


def screen_of(app: Browser) -> list[str]:
    """The lines of the screen, as text."""
    height = app.size.height
    return [
        "".join([segment.text for segment in strip])
        for strip in app.screen._compositor.render_strips()[:height]
    ]
