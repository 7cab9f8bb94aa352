"""Every key of the table does something, in the place that the table names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from browsing import browse, press, screen_of
from textual.pilot import Pilot

from sipfast.cli.commands.browse.app import Browser
from sipfast.cli.commands.browse.keys import KEYS, PLACES, Key

CALLS = Path(__file__).parents[4] / "bench_data" / "calls.pcap"

#: What is pressed before a key, for it to have an effect.
BEFORE = {
    ("lines", "up"): ("down",),
    ("lines", "page_up"): ("end",),
    ("lines", "half_up"): ("end",),
    ("lines", "first"): ("end",),
    ("list", "clear"): ("space", "i"),
    ("flow", "compress"): (),
    ("flow", "reset"): ("9",),
}
INTO = {"lines": (), "list": (), "flow": ("enter",), "page": ("enter", "enter")}

Seen = tuple[list[str], str, object, list[str]]


def seen(app: Browser) -> Seen:
    """What a user sees of the program, with its colours."""
    screen = app.screen
    strips = screen._compositor.render_strips()
    styles = [f"{segment.text}{segment.style}" for strip in strips for segment in strip]
    return screen_of(app), type(screen).__name__, app.return_code, styles


@pytest.mark.parametrize("key", KEYS, ids=lambda key: f"{key.place}-{key.action}")
def test_a_key_does_something(key: Key) -> None:
    before = (*INTO[key.place], *BEFORE.get((key.place, key.action), ()))
    effects: list[tuple[str, bool]] = []

    def trial(name: str) -> Callable[[Pilot[None], Browser], Awaitable[None]]:
        async def drive(pilot: Pilot[None], app: Browser) -> None:
            await press(pilot, *before)
            then = seen(app)
            await press(pilot, name)
            has_ended = app._exit
            effects.append((name, has_ended or seen(app) != then))

        return drive

    for name in key.keys:
        browse(CALLS, drive=trial(name), size=(100, 24))
    assert [name for name, has_effect in effects if not has_effect] == []


def test_a_key_has_one_meaning_in_a_place() -> None:
    for place in PLACES:
        names = [name for key in KEYS if key.place in (place, "lines") for name in key.keys]
        assert len(names) == len(set(names)), place


def test_keys_are_written_as_people_write_them() -> None:
    shown = {key.shown for key in KEYS}
    assert {"F2, s", "F3, /, Tab", "PgUp, Ctrl-B", "Esc, q", "D", "<", "F1, h, ?"} <= shown


def test_the_help_has_every_key_in_both_languages() -> None:
    for language in ("en", "zh"):
        lines: list[str] = []

        async def drive(pilot: Pilot[None], app: Browser, lines: list[str] = lines) -> None:
            await press(pilot, "f1")
            lines += screen_of(app)

        browse(CALLS, drive=drive, size=(140, 80), language=language)
        text = "\n".join(lines)
        for key in KEYS:
            assert key.shown in text
            assert (key.zh if language == "zh" else key.en) in text
